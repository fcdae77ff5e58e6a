"""The rooms of the sandbox: no circle of imports, nothing points upwards."""

import ast
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import rms_sandbox

HOME = Path(rms_sandbox.__file__).parent
#: What each room may import, itself aside. "" is the top: app, server, the command line.
ROOMS = {
    "ground": set(),
    "inventory": {"ground"},
    "items": {"ground"},
    "shop": {"ground"},
    "reservations": {"ground"},
    "orders": {"ground"},
    "purchases": {"ground", "items", "orders"},
    "payouts": {"ground", "orders"},
    "api": {"ground", "inventory", "items", "shop", "reservations", "orders"},
    "control": {"ground", "inventory", "items", "orders", "purchases", "payouts", "api"},
    "": {"ground", "items", "orders", "purchases", "api", "control"},
}


def modules(home=HOME):
    """{dotted name: path} of everything but the tests."""
    found = {}
    for path in home.rglob("*.py"):
        parts = path.relative_to(home).with_suffix("").parts
        if parts[0] != "tests":
            found[".".join(("rms_sandbox", *parts)).removesuffix(".__init__")] = path
    return found


def imports_of(name, path, known):
    """The modules of the package that a module imports, in functions as well."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = name.split(".")[: None if path.name == "__init__.py" else -1]
                package = package[: len(package) - node.level + 1]
                base = ".".join([*package, *filter(None, [node.module])])
            for alias in node.names:
                module = f"{base}.{alias.name}"
                found.add(module if module in known else base)
    return {module for module in found if module in known}


def graph(home=HOME):
    known = modules(home)
    return {name: imports_of(name, path, known) for name, path in known.items()}


def room_of(name):
    """The room of a module; a package's ``__init__`` belongs to the room of its name."""
    first = name.removeprefix("rms_sandbox").removeprefix(".").partition(".")[0]
    return first if first in ROOMS else ""


def circle(imports):
    """The modules of a circle, or None."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def pointing_up(imports):
    return sorted(
        f"{name} -> {target}"
        for name, targets in imports.items()
        for target in targets
        if target != "rms_sandbox" and room_of(target) not in ROOMS[room_of(name)] | {room_of(name)}
    )


def test_no_module_imports_itself_around_corners():
    assert circle(graph()) is None


def test_nothing_points_upwards():
    assert pointing_up(graph()) == []
    assert circle(ROOMS) is None


def test_every_room_is_declared_and_says_what_it_is_for():
    rooms = {path.parent.name for path in HOME.glob("*/__init__.py")} - {"tests"}
    assert rooms == set(ROOMS) - {""}
    for name in sorted(rooms):
        doc = ast.get_docstring(ast.parse((HOME / name / "__init__.py").read_text()))
        used = {other for other in ROOMS if f"``{other}``" in doc}
        missing = ROOMS[name] - used
        assert not missing, (name, missing)


def test_every_room_is_packaged():
    packages = tomllib.loads((HOME / "pyproject.toml").read_text())["tool"]["setuptools"]
    rooms = {f"rms_sandbox.{name}" for name in ROOMS if name}
    assert set(packages["packages"]) == {"rms_sandbox"} | rooms


@pytest.fixture
def house(tmp_path):
    """A package with one circle through a function, and one import from above."""
    for name, text in {
        "__init__.py": "",
        "server.py": "from .orders import edit\n",
        "ground/__init__.py": "",
        "ground/store.py": "def now():\n    from ..orders.edit import x\n    return x\n",
        "orders/__init__.py": "",
        "orders/edit.py": "from ..ground import store\nx = store\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_circles_and_arrows_upwards_are_seen(house):
    imports = graph(house)
    assert set(circle(imports)) == {"rms_sandbox.ground.store", "rms_sandbox.orders.edit"}
    assert pointing_up(imports) == ["rms_sandbox.ground.store -> rms_sandbox.orders.edit"]
