"""The rooms of models/ and views/: what a room uses lies in it or below it.

Read from the registry: which class of which room defines a model, a field or a method. Looked for
in the sources: imports, model names, field and method names, and what views show. A name that Odoo
or the rules have as well says nothing about rooms, and is left out.

Reports and glue modules stand beside the rooms: they may use all of them, and no room uses them. So
do seed data, access rights and menus, which define nothing that a room could name.
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
#: Where reports and glue modules stand: above every room.
BESIDE = "beside"
#: The rooms of the wizards, which lie in a folder of their own as Odoo's do.
WIZARDS = {
    "base_partner_merge_automatic_wizard": "privacy",
    "portal_wizard_user": "privacy",
    "rakuten_onboarding": ROOMS[-1],
    "rakuten_order_cancel": "orders",
    "rakuten_order_import": "orders",
    "rakuten_rule_trial": "orders",
    "rakuten_ship_unnumbered": "warehouse",
    "rakuten_tracking_import": "waybills",
    "rakuten_waybill_export": "waybills",
}
#: Attributes of views that name fields.
EXPRESSIONS = {
    "column_invisible",
    "context",
    "domain",
    "expression",
    "filter_domain",
    "invisible",
    "readonly",
    "required",
}
#: What points upwards all the same: (room, name) and why it must.
ALLOWED = {}


def level(room):
    return len(ROOMS) if room == BESIDE else ROOMS.index(room)


def room_of(module):
    """The room of a class by its Python module, None where it is not ours."""
    if not re.match(rf"{re.escape(PACKAGE)}(_\w+)?\.", module):
        return None
    parts = module.removeprefix(PACKAGE).split(".")
    if not parts[0] and parts[1] == "models" and len(parts) > 3:
        return parts[2]
    if not parts[0] and parts[1] == "wizards" and len(parts) > 2:
        return WIZARDS[parts[2]]
    return BESIDE


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

    # === Python === #

    def _in_python(self, text, room, file):
        """What a source names from above: imports, model names, names of fields and methods."""
        findings = []
        for node in ast.walk(ast.parse(text)):
            where = f"{file}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.ImportFrom) and node.level:
                parts = (node.module or "").split(".")
                if parts[0] == "models" or parts[0] in ROOMS:
                    target = parts[parts[0] == "models"]
                    findings += self._above(room, target, target, where)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                value = node.value
                findings += self._above(room, self.models.get(value), value, where)
                if re.fullmatch(r"\w+([.,:]\w+)*", value) and value not in self.models:
                    # One plain word may be a key or a value of anything.
                    for name in filter(re.compile("_").search, re.split(r"[.,:]", value)):
                        findings += self._above(room, self.names.get(name), name, where)
            elif isinstance(node, ast.Attribute):
                findings += self._above(room, self.names.get(node.attr), node.attr, where)
        return findings

    def _in_all_python(self):
        files = list(sources())
        self.assertGreater(len(files), 100)
        return [
            finding
            for path, room in files
            for finding in self._in_python(path.read_text(), room, path.relative_to(MODULE))
        ]

    def test_python_points_downwards(self):
        self.assertGreater(len(self.names), 800)
        findings = self._in_all_python()
        self.assertFalse(findings, "\n" + "\n".join(findings))

    def test_what_python_names_is_found(self):
        """A fault of each kind, and what is none."""
        for text in (
            "from ..shipments import rakuten_parcel",
            "from ..shipments.rakuten_parcel import RakutenParcel",
            "from ...models.shipments import rakuten_parcel",
            'parcels = self.env["rakuten.parcel"]',
            'shop = fields.Many2one("rakuten.parcel")',
            "order.parcel_ids",
            "order._sync_parcels()",
            '@api.depends("name", "order_ids.parcel_ids.state")\ndef _compute(self):\n    pass',
            'columns = ["parcel_ids"]',
            'self.env["rakuten.order.report"].search([])',
        ):
            with self.subTest(text):
                self.assertEqual(len(self._in_python(text, "orders", "x.py")), 1)
                self.assertEqual(self._in_python(text, BESIDE, "x.py"), [])
        for text in (
            "from ..shop import sentences",
            'orders = self.env["rakuten.order"]',
            "order.sale_order_id.order_line",
            "reading.sender.prefecture",
        ):
            with self.subTest(text):
                self.assertEqual(self._in_python(text, "orders", "x.py"), [])

    # === Views === #

    def _in_document(self, root, room, records, file):
        """What a document shows, inherits or refers to from above.

        :param records: {xmlid: room} of all documents
        """
        findings = []
        text = etree.tostring(root, encoding="unicode")
        for xmlid in re.findall(r"(?:ref=\"|ref\('|%\()(?:smartship_rakuten\.)?(\w+)", text):
            findings += self._above(room, records.get(xmlid), xmlid, file)
        for record in root.iter("record"):
            model = record.findtext("field[@name='model']")
            arch = record.find("field[@name='arch']")
            if record.get("model") == "ir.ui.view" and model in self.env and arch is not None:
                self.views.add(record.get("id"))
                findings += self._in_view(arch, model, room, file)
        return findings

    def _in_view(self, element, model, room, file):
        findings = []
        for child in element.iterchildren(etree.Element):
            inner = model
            where = f"{file}:{child.sourceline}"
            if child.tag in ("field", "button"):
                name = child.get("name")
                findings += self._above(room, self.members.get((model, name)), name, where)
                field = self.env[model]._fields.get(name)
                if field is not None and field.relational:
                    inner = field.comodel_name
            for key, value in child.attrib.items():
                if key in EXPRESSIONS or key.startswith(("decoration-", "t-")):
                    for name in re.findall(r"[a-z]\w+", value):
                        found = self.members.get((model, name))
                        findings += self._above(room, found, name, where)
            findings += self._in_view(child, inner, room, file)
        return findings

    def _in_all_documents(self):
        roots = [(path.name, room, etree.parse(path).getroot()) for path, room in documents()]
        records = {}
        for _name, room, root in roots:
            for record in root.iter("record", "template"):
                records.setdefault(record.get("id"), room)
        self.views = set()
        findings = [
            finding
            for name, room, root in roots
            for finding in self._in_document(root, room, records, name)
        ]
        self.assertGreater(len(self.views), 75)
        return findings

    def test_views_point_downwards(self):
        findings = self._in_all_documents()
        self.assertFalse(findings, "\n" + "\n".join(findings))

    def test_what_views_name_is_found(self):
        """A fault of each kind, and what is none."""
        self.views = set()
        records = {"view_rakuten_parcel_list": "shipments", "view_rakuten_order_form": "orders"}
        view = """<odoo><record id="view" model="ir.ui.view">
            <field name="model">rakuten.order</field>{}
            <field name="arch" type="xml"><form>{}</form></field>
        </record></odoo>"""
        for head, body in (
            ('<field name="inherit_id" ref="view_rakuten_parcel_list"/>', ""),
            ("", '<button name="%(smartship_rakuten.view_rakuten_parcel_list)d" type="action"/>'),
            ("", '<field name="parcel_ids"/>'),
            ("", '<field name="shop_id" invisible="not parcel_ids"/>'),
            ("", "<filter name=\"x\" domain=\"[('parcel_ids', '=', False)]\"/>"),
            ("", "<field name=\"name\" filter_domain=\"[('parcel_ids.name', '=', self)]\"/>"),
            ("", '<t t-if="record.parcel_ids.raw_value">1</t>'),
            ("", '<t t-att-class="record.parcel_ids.raw_value"/>'),
            ("", '<field name="name" decoration-danger="parcel_ids"/>'),
        ):
            root = etree.fromstring(view.format(head, body))
            with self.subTest(head=head, body=body):
                self.assertEqual(len(self._in_document(root, "orders", records, "x.xml")), 1)
                self.assertEqual(self._in_document(root, "shipments", records, "x.xml"), [])
        body = '<field name="shop_id" invisible="not sale_order_id"/>'
        root = etree.fromstring(
            view.format('<field name="inherit_id" ref="view_rakuten_order_form"/>', body)
        )
        self.assertEqual(self._in_document(root, "orders", records, "x.xml"), [])

    # === The house === #

    def test_views_come_before_a_shop_s_own(self):
        """A view that extends one of ours has the room's place as its priority: below that of the
        views that somebody has added to the same one, which may name what it brings."""
        ours = set()
        for path in sorted(MODULE.parent.glob("smartship_rakuten*/**/*.xml")):
            root = etree.parse(str(path)).getroot()
            module = path.relative_to(MODULE.parent).parts[0]
            ours |= {f"{module}.{record.get('id')}" for record in root.iter("record")}
        rooms = {path: room for path, room in documents()}
        checked = 0
        for path in sorted(MODULE.parent.glob("smartship_rakuten*/**/*.xml")):
            module = path.relative_to(MODULE.parent).parts[0]
            for record in etree.parse(str(path)).getroot().iter("record"):
                parent = record.find("field[@name='inherit_id']")
                if record.get("model") != "ir.ui.view" or parent is None:
                    continue
                xmlid = parent.get("ref")
                xmlid = xmlid if "." in xmlid else f"{module}.{xmlid}"
                if xmlid not in ours or record.findtext("field[@name='mode']") == "primary":
                    continue
                # Modules of ours beside it come after all rooms.
                place = level(rooms.get(path, BESIDE))
                priority = record.findtext("field[@name='priority']")
                self.assertEqual(priority, str(place), f"{module}.{record.get('id')}")
                checked += 1
        default = self.env["ir.ui.view"].default_get(["priority"])["priority"]
        self.assertLess(len(ROOMS), default)
        self.assertGreaterEqual(checked, 29)

    def test_the_shop_is_extended_once_in_a_room(self):
        for room in ROOMS:
            self.assertEqual(len(self.extensions["rakuten.shop", room]), 1, room)

    def test_a_room_says_what_lives_in_it(self):
        self.assertGreaterEqual(len(ROOMS), 9)
        for room in ROOMS:
            tree = ast.parse((MODULE / "models" / room / "__init__.py").read_text())
            self.assertTrue(ast.get_docstring(tree), room)

    def test_files_bear_the_name_of_the_model_that_they_extend(self):
        seen = 0
        for (name, room), classes in self.extensions.items():
            for base in classes:
                if room != BESIDE and name in base._inherit:
                    file = base.__module__.rpartition(".")[2]
                    self.assertTrue(file.startswith(name.replace(".", "_")), (name, room, file))
                    seen += 1
        self.assertGreater(seen, 50)

    def test_what_is_allowed_is_needed(self):
        self._in_all_python()
        self._in_all_documents()
        self.assertEqual(self.used, set(ALLOWED))
