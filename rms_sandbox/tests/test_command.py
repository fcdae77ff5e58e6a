"""The command line and what is packaged."""

import re
import subprocess
import sys
from pathlib import Path

import rms_sandbox
from rms_sandbox.api.operations import NAMES
from rms_sandbox.ground.world import CALLS_KEPT, World
from rms_sandbox.purchases.kinds import KINDS

HOME = Path(rms_sandbox.__file__).parent


def test_one_line_at_the_start():
    command = [sys.executable, "-m", "rms_sandbox", "--port", "0", "--license-key", "SL1_x"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HOME.parent) as process:
        line = process.stdout.readline()
        process.terminate()
        rest, _nothing = process.communicate(timeout=20)
    assert re.search(r"http://127\.0\.0\.1:\d+", line) and rest == ""
    assert "123456" in line and "SP123456_sandboxSecret0001" in line and "SL1_x" in line


def test_the_log_keeps_a_hundred_thousand_calls():
    world = World()
    assert CALLS_KEPT == world.calls.maxlen == 100_000
    world.close()


def test_the_readme_knows_every_operation_and_kind():
    text = (HOME / "README.md").read_text()
    short = {"inventories.variants.upsert": "`.upsert`", "inventories.variants.delete": "`.delete`"}
    assert [name for name in NAMES if short.get(name, name) not in text] == []
    assert [name for name in KINDS if f"| `{name}` |" not in text] == []
