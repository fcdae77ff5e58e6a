"""A small day of ``dev/together``: orders pour in over HTTP while people work, under an Odoo of two
workers, with limits for a machine that runs all other tests beside it. Nothing is lost or made
twice, nothing fails, no worker is killed; the campaign ``together`` tells the seconds of a large
day under Odoo's own limits.
"""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: For a machine that has much else to do.
LONGEST = 900


def test_all_is_imported_and_no_worker_is_killed():
    story = subprocess.run(
        [
            *(ROOT / "dev/together", "--orders", "20", "--transfers", "2"),
            *("--seconds", "0", "--pause", "0.2", "--patience", "6"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    said = story.stdout + story.stderr
    assert story.returncode == 0, said
    assert re.search(r"20 orders imported\W+\d+ s, all", story.stdout), said
    for nothing in ("Workers killed", "Faults"):
        assert re.search(rf"{nothing}\W+0\b", story.stdout), said
