"""Each module becomes a wheel that holds all of it, and that Odoo finds once it is installed."""

import ast
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(path.parent.name for path in ROOT.glob("smartship_rakuten*/__manifest__.py"))
#: Says where Odoo finds each module that is named, and the files that its manifest names.
LOOK = """
import importlib, json, sys
from odoo.modules import Manifest
found = {}
for name in sys.argv[1:]:
    manifest = Manifest.for_addon(name)
    found[name] = (importlib.util.find_spec(f"odoo.addons.{name}").origin, manifest.path)
import odoo.addons.smartship_rakuten.rules.tracking  # what a module of the package is
print(json.dumps(found))
"""


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """The wheels, by module."""
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run([ROOT / "dev/wheels", folder], check=True)
    return {name: next(folder.glob(f"odoo_addon_{name}-*.whl"), None) for name in MODULES}


def held(wheel):
    with zipfile.ZipFile(wheel) as file:
        return set(file.namelist())


def lacking(module, names):
    """Files of the repository that a wheel has not.

    :param set names: of the wheel's files
    """
    tracked = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", ROOT, "ls-files", "-z", "--", module],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return {
        name
        for name in tracked
        if name and f"odoo/addons/{name}" not in names and not name.endswith("/pyproject.toml")
    }


def test_there_is_a_wheel_for_each_module(wheels):
    assert "smartship_rakuten" in MODULES and len(MODULES) >= 7
    assert [name for name, wheel in wheels.items() if not wheel] == []


@pytest.mark.parametrize("name", MODULES)
def test_a_wheel_holds_the_whole_module(wheels, name):
    names = held(wheels[name])
    assert lacking(name, names) == set()
    manifest = ast.literal_eval((ROOT / name / "__manifest__.py").read_text())
    for file in [*manifest.get("data", ()), *manifest.get("demo", ()), *manifest.get("images", ())]:
        assert f"odoo/addons/{name}/{file}" in names
    # What is taken out is missed.
    assert lacking(name, names - {f"odoo/addons/{name}/__manifest__.py"})


def test_what_a_wheel_needs_is_what_its_manifest_says(wheels):
    with zipfile.ZipFile(wheels["smartship_rakuten_sms"]) as file:
        metadata = next(name for name in file.namelist() if name.endswith("/METADATA"))
        text = file.read(metadata).decode()
    assert "Name: odoo-addon-smartship_rakuten_sms\n" in text
    assert "Requires-Dist: odoo-addon-smartship_rakuten==19.0.*\n" in text
    assert "Requires-Dist: odoo==19.0.*\n" in text


def test_odoo_finds_what_is_installed(wheels, tmp_path):
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"),
            *("--no-index", "--no-deps", "--no-compile", "--target", tmp_path / "site"),
            *wheels.values(),
        ],
        check=True,
    )
    # Odoo with its own addons alone: the repository is on no path of it.
    environment = {key: value for key, value in os.environ.items() if key != "ODOO_RC"}
    environment |= {"PYTHONPATH": str(tmp_path / "site"), "HOME": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOOK, *MODULES],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    site = tmp_path / "site/odoo/addons"
    assert json.loads(answer.stdout) == {
        name: [str(site / name / "__init__.py"), str(site / name)] for name in MODULES
    }
