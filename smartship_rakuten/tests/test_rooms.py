"""The rooms of models/ and views/: what a room uses lies in it or below it.

Read from the registry: which class of which room defines a model, a field or a method. Looked for
in the sources: imports, model names, field and method names, and what views show. A name that Odoo
or the rules have as well says nothing about rooms, and is left out.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

from lxml import etree

from odoo.orm.model_classes import is_model_definition
from odoo.tests import TransactionCase, tagged

MODULE = Path(__file__).resolve().parents[1]
PACKAGE = "odoo.addons.smartship_rakuten"
#: From the ground up, as models/__init__.py has them.
ROOMS = re.findall(r"^from \. import (\w+)$", (MODULE / "models/__init__.py").read_text(), re.M)
#: The rooms of the wizards, which lie in a folder of their own as Odoo's do.
WIZARDS = {
    "portal_wizard_user": "privacy",
    "rakuten_onboarding": ROOMS[-1],
    "rakuten_order_cancel": "orders",
    "rakuten_order_import": "orders",
    "rakuten_tracking_import": "waybills",
    "rakuten_waybill_export": "waybills",
}
#: What points upwards all the same: (room, name) and why it must.
ALLOWED = {}


def level(room):
    return ROOMS.index(room)


def room_of(module):
    """The room of a class by its Python module, None outside the rooms."""
    parts = module.removeprefix(PACKAGE).split(".")
    if not module.startswith(PACKAGE + "."):
        return None
    if parts[1] == "models" and len(parts) > 3:
        return parts[2]
    return WIZARDS.get(parts[2]) if parts[1] == "wizards" and len(parts) > 2 else None


def sources():
    """(path, room) of the Python files of the rooms"""
    for room in ROOMS:
        for path in sorted((MODULE / "models" / room).glob("*.py")):
            yield path, room
    for name, room in WIZARDS.items():
        yield MODULE / "wizards" / f"{name}.py", room


def documents():
    """(path, room) of the XML files of the rooms"""
    for room in ROOMS:
        for path in sorted((MODULE / "views" / room).glob("*.xml")):
            yield path, room
    for name, room in WIZARDS.items():
        path = MODULE / "wizards" / f"{name}_views.xml"
        if path.exists():
            yield path, room


def plain_names():
    """Names of the rules and of the client: attributes of what they return."""
    names = set()
    for folder in ("rules", "rms"):
        for path in (MODULE / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    names.add(node.name)
                elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    names.add(node.target.id)
                elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    names.add(node.attr)
    return names


@tagged("post_install", "-at_install")
class TestRooms(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        #: model name to the room that defines it
        cls.models = {}
        #: (model, field or method) to the lowest room that defines it
        cls.members = {}
        #: (model, room) to the classes that extend it there
        cls.extensions = defaultdict(list)
        foreign = plain_names() | set(dir(object)) | set(dir(dict)) | set(dir(str))
        for name, model in cls.env.registry.items():
            for base in filter(is_model_definition, model.mro()):
                if base._name != name:
                    # What it inherits as a mixin is the mixin's.
                    continue
                room = room_of(base.__module__)
                own = {field.name for field in base._field_definitions}
                own |= {key for key, value in vars(base).items() if callable(value)}
                if room is None:
                    foreign |= own
                    continue
                if model._original_module == "smartship_rakuten":
                    known = cls.models.get(name, room)
                    cls.models[name] = min(known, room, key=level)
                cls.extensions[name, room].append(base)
                for member in own:
                    known = cls.members.get((name, member), room)
                    cls.members[name, member] = min(known, room, key=level)
        #: name to the lowest room that defines it on any model, where only rooms define it
        cls.names = {}
        for (_model, member), room in cls.members.items():
            if member in foreign or member.startswith("__"):
                continue
            cls.names[member] = min(cls.names.get(member, room), room, key=level)
        cls.used = set()

    def _above(self, room, found, name, where):
        """A finding, if a name is defined above a room and that is not allowed."""
        if found is None or level(found) <= level(room):
            return []
        if (room, name) in ALLOWED:
            self.used.add((room, name))
            return []
        return [f"{where}: {name} is defined in {found}, above {room}"]

    def test_python_points_downwards(self):
        """Imports, model names, and names of fields and methods."""
        findings = []
        for path, room in sources():
            for node in ast.walk(ast.parse(path.read_text())):
                where = f"{path.relative_to(MODULE)}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, ast.ImportFrom) and node.level:
                    parts = (node.module or "").split(".")
                    if parts[0] == "models" or parts[0] in ROOMS:
                        target = parts[parts[0] == "models"]
                        findings += self._above(room, target, target, where)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    text = node.value
                    findings += self._above(room, self.models.get(text), text, where)
                    if re.fullmatch(r"\w+([.,:]\w+)*", text) and text not in self.models:
                        # One plain word may be a key or a value of anything.
                        for name in filter(re.compile("_").search, re.split(r"[.,:]", text)):
                            findings += self._above(room, self.names.get(name), name, where)
                elif isinstance(node, ast.Attribute):
                    findings += self._above(room, self.names.get(node.attr), node.attr, where)
        self.assertFalse(findings, "\n" + "\n".join(findings))

    def test_views_point_downwards(self):
        """Fields and buttons that a view shows, and what it inherits or refers to."""
        records = {}
        for path, room in documents():
            for record in etree.parse(str(path)).getroot().iter("record", "template"):
                records.setdefault(record.get("id"), room)
        findings = []
        for path, room in documents():
            root = etree.parse(str(path)).getroot()
            text = path.read_text()
            for xmlid in re.findall(r"(?:ref=\"|ref\('|%\()(?:smartship_rakuten\.)?(\w+)", text):
                findings += self._above(room, records.get(xmlid), xmlid, path.name)
            for record in root.iter("record"):
                model = record.findtext("field[@name='model']")
                arch = record.find("field[@name='arch']")
                if record.get("model") == "ir.ui.view" and model in self.env and arch is not None:
                    findings += self._view(arch, model, room, path.name)
        self.assertFalse(findings, "\n" + "\n".join(findings))

    def _view(self, element, model, room, where):
        findings = []
        for child in element.iterchildren(etree.Element):
            inner = model
            place = f"{where}:{child.sourceline}"
            if child.tag in ("field", "button"):
                name = child.get("name")
                findings += self._above(room, self.members.get((model, name)), name, place)
                field = self.env[model]._fields.get(name)
                if field is not None and field.relational:
                    inner = field.comodel_name
            for key, value in child.attrib.items():
                if key in ("domain", "context", "invisible", "readonly", "required") or (
                    key.startswith("decoration-") or key == "column_invisible"
                ):
                    for name in re.findall(r"[a-z]\w+", value):
                        found = self.members.get((model, name))
                        findings += self._above(room, found, name, place)
            findings += self._view(child, inner, room, where)
        return findings

    def test_the_shop_is_extended_once_in_a_room(self):
        for room in ROOMS:
            classes = self.extensions["rakuten.shop", room]
            self.assertLessEqual(len(classes), 1, (room, classes))

    def test_files_bear_the_name_of_the_model_that_they_extend(self):
        for (name, room), classes in self.extensions.items():
            for base in classes:
                if name in base._inherit:
                    file = base.__module__.rpartition(".")[2]
                    self.assertTrue(file.startswith(name.replace(".", "_")), (name, room, file))

    def test_what_is_allowed_is_needed(self):
        self.test_python_points_downwards()
        self.test_views_point_downwards()
        self.assertEqual(self.used, set(ALLOWED))
