"""Modules of the OCA from PyPI, with what they need, as a folder for Odoo's addons path.

``fetch FOLDER MODULE…`` downloads wheels to FOLDER/wheels and unpacks them to FOLDER/addons; Python
packages that they need go to FOLDER/python. ``version MODULE`` tells which version is there.
"""

import ast
import subprocess
import sys
import zipfile
from email import message_from_bytes
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADDONS = ROOT / ".dev/oca/addons"
PREFIX = "odoo/addons/"
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def fetch(folder, *modules):
    """Get modules and all that they depend on, as far as it is not there.

    :param str folder: made as described above
    :param modules: technical names
    """
    folder = Path(folder)
    wanted, seen = list(modules), set()
    while wanted:
        module = wanted.pop()
        if module in seen:
            continue
        seen.add(module)
        wheel = _wheel(folder / "wheels", module)
        with zipfile.ZipFile(wheel) as archive:
            if not (folder / "addons" / module).is_dir():
                for name in archive.namelist():
                    if name.startswith(f"{PREFIX}{module}/"):
                        _unpack(archive, name, folder / "addons")
            (metadata,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
            needs = message_from_bytes(archive.read(metadata)).get_all("Requires-Dist") or ()
        for need in needs:
            name = need.split("=")[0].split(";")[0].split(">")[0].strip()
            if name.startswith("odoo-addon-"):
                wanted.append(name.removeprefix("odoo-addon-").replace("-", "_"))
            elif name != "odoo":
                _python(folder / "python", name)


def _wheel(wheels, module):
    """The newest wheel of a module for this version of Odoo."""
    pattern = f"odoo_addon_{module}-19.0.*.whl"
    if not list(wheels.glob(pattern)):
        subprocess.run(
            (*PIP, "download", "--no-deps", "--dest", wheels, f"odoo-addon-{module}==19.0.*"),
            check=True,
        )
    return max(wheels.glob(pattern), key=lambda path: path.stat().st_mtime)


def _unpack(archive, name, addons):
    path = addons / name.removeprefix(PREFIX)
    if addons not in path.resolve().parents:
        raise ValueError(f"{name} leaves its folder")
    if not name.endswith("/"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive.read(name))


def _python(target, package):
    """A Python package that a module needs, where nobody else has brought it."""
    sys.path.append(str(target))
    if not find_spec(package.replace("-", "_")):
        subprocess.run((*PIP, "install", "--target", target, package), check=True)


def version(modules):
    """Print a module's version, ``-`` for one of ours or several."""
    manifest = ADDONS / modules / "__manifest__.py"
    print(ast.literal_eval(manifest.read_text())["version"] if manifest.exists() else "-")


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    {"fetch": fetch, "version": version}[command](*arguments)
