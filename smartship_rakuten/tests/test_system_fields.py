"""What is readonly on the screen is readonly by any other way: every role, every model, each field;
and a wizard tells nothing of another company's records."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import tagged

from .common import open_return, order
from .test_roles import ROLES, RolesCase

#: Groups of the roles that work on Odoo's own documents, beside those of the table of rights.
OFFICE = {
    **ROLES,
    "sales_manager": "sales_team.group_sale_manager",
    "stock_manager": "stock.group_stock_manager",
    "system": "base.group_system",
    "all": "smartship_rakuten.group_manager,stock.group_stock_manager,"
    "sales_team.group_sale_manager,account.group_account_manager,base.group_system",
}
#: How many fields of a model are guarded at least.
FIELDS = {
    "account.move": 2,
    "mail.activity": 2,
    "rakuten.call": 7,
    "rakuten.job": 11,
    "rakuten.order": 49,
    "rakuten.parcel": 20,
    "rakuten.payment.method": 4,
    "rakuten.reconciliation": 16,
    "rakuten.shop": 18,
    "rakuten.sku": 13,
    "rakuten.stock.push": 8,
    "rakuten.sub.status": 5,
    "rakuten.waybill": 9,
    "res.partner": 2,
    "sale.order": 11,
    "sale.order.line": 4,
    "stock.move": 1,
    "stock.package": 1,
    "stock.picking": 16,
}
#: Refused to a role that may write the model, so by nothing but the guard.
BY_THE_GUARD = {"write": 400, "create": 260, "load": 250}
#: Whoever copies or splits a record hands these on; changing them is refused.
HANDED_ON = {
    ("account.move", "rakuten_order_id"),
    ("stock.move", "rakuten_basket_id"),
    ("rakuten.waybill.format", "option_1_label"),
    ("rakuten.waybill.format", "option_2_label"),
}


class SystemFieldsCase(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            role: cls.new_user(f"rakuten-guard-{role}", groups, cls.company)
            for role, groups in OFFICE.items()
        }

    def guarded(self):
        """:return: dict of model name to names of its guarded fields, found by their definitions"""
        found = {}
        for name, model in self.env.registry.items():
            if model._abstract or model._transient or not model._auto:
                continue
            own = [
                field.name
                for field in model._fields.values()
                if field.store
                and field.readonly
                and field.name not in MAGIC_COLUMNS
                and (name.startswith("rakuten.") or field.name.startswith("rakuten_"))
            ]
            if own:
                found[name] = own
        return found


@tagged("post_install", "-at_install")
class TestSystemFields(SystemFieldsCase):
    def setUp(self):
        super().setUp()
        of_shop = self.records_of(self.shop)
        (self.record,) = self.import_orders(order(1))
        self.sale_order = self.record.sale_order_id
        self.product_a.invoice_policy = "order"
        self.picking = self.sale_order.picking_ids
        self.package = self.env["stock.package"].create({"name": "見本の箱"})
        activity = self.record.activity_schedule("mail.mail_activity_data_warning")
        invoice = self.sale_order._create_invoices()
        records = [
            invoice,
            self.sale_order,
            self.sale_order.order_line[:1],
            self.picking,
            self.picking.move_ids[:1],
            self.package,
            self.sale_order.partner_id,
            activity,
        ]
        self.records = {
            **of_shop,
            "rakuten.order": self.record,
            **{record._name: record for record in records},
        }
        self.env.flush_all()

    def cases(self, operation):
        """(user's record, role, values to write): a field each where the role has the right on the
        model, so that only the field is what refuses; all fields at once where it has none."""
        for model, names in self.guarded().items():
            record = self.records[model]
            values = {}
            for name in names:
                value = record._fields[name].convert_to_write(record[name], record)
                values[name] = [Command.set([])] if isinstance(value, list) else value
            for role, user in self.people.items():
                theirs = record.with_user(user).with_context(
                    allowed_company_ids=user.company_ids.ids
                )
                if not theirs.has_access(operation):
                    # Odoo's models add to what they are given.
                    yield theirs, role, dict(values)
                    continue
                for name, value in values.items():
                    yield theirs, role, {name: value}

    def test_every_model_has_its_fields(self):
        counts = {model: len(names) for model, names in self.guarded().items()}
        self.assertEqual(
            {model: count for model, count in FIELDS.items() if counts.get(model, 0) < count}, {}
        )
        self.assertLessEqual(set(counts), set(self.records))

    def test_nobody_writes_them(self):
        by_the_guard = 0
        for theirs, role, vals in self.cases("write"):
            with self.subTest(role=role, model=theirs._name, fields=list(vals)):
                with self.assertRaises(AccessError):
                    theirs.write(vals)
                by_the_guard += theirs.has_access("write")
        self.assertGreaterEqual(by_the_guard, BY_THE_GUARD["write"])

    def test_nobody_creates_with_them(self):
        """Neither by a value nor by a default in the context."""
        by_the_guard = 0
        for theirs, role, vals in self.cases("create"):
            model = theirs.browse()
            if any((model._name, name) in HANDED_ON for name in vals):
                continue
            with self.subTest(role=role, model=model._name, fields=list(vals)):
                with self.assertRaises(AccessError):
                    model.create(vals)
                defaults = {f"default_{name}": value for name, value in vals.items()}
                with self.assertRaises(AccessError):
                    model.with_context(**defaults).create({})
                by_the_guard += model.has_access("create")
        self.assertGreaterEqual(by_the_guard, BY_THE_GUARD["create"])

    def test_nobody_imports_them(self):
        texts = {
            "boolean": "1",
            "char": "x",
            "date": "2026-01-10",
            "datetime": "2026-01-10 00:00:00",
            "float": "1",
            "integer": "1",
            "monetary": "1",
            "text": "x",
        }
        by_the_guard = 0
        for theirs, role, vals in self.cases("write"):
            if not theirs.has_access("write"):
                continue
            (name,) = vals
            field = theirs._fields[name]
            text = texts.get(field.type)
            if field.type == "selection":
                text = field.get_values(self.env)[0]
            elif field.type == "many2one":
                linked = self.env[field.comodel_name].search([], limit=1)
                name, text = f"{name}/.id", str(linked.id)
                if not linked.with_user(theirs.env.user).has_access("read"):
                    continue
            if not text:
                continue
            with self.subTest(role=role, field=str(field)):
                result = theirs.browse().load([".id", name], [[str(theirs.id), text]])
                self.assertFalse(result["ids"])
                refused = result["messages"][0]["message"]
                # What a role may not even read is refused for that.
                hidden = field.groups and not theirs.env.user.has_groups(field.groups)
                self.assertIn("enough rights" if hidden else "by the system only", refused)
                by_the_guard += not hidden
        self.assertGreaterEqual(by_the_guard, BY_THE_GUARD["load"])

    def test_of_an_order_nothing_is_left_to_write(self):
        """Buttons do the work; what is left is Odoo's own chatter."""
        fields = self.env["rakuten.order"]._fields.values()
        chatter = self.env["mail.thread"]._fields.keys() | self.env["mail.activity.mixin"]._fields
        open_ones = {field.name for field in fields if field.store and not field.readonly}
        self.assertEqual(open_ones - chatter, set())

    def test_the_system_writes_them(self):
        written = 0
        for model in ("rakuten.order", "rakuten.sku", "sale.order", "rakuten.parcel"):
            record = self.records[model].with_user(self.people["plain"]).sudo()
            for name in self.guarded()[model]:
                value = record._fields[name].convert_to_write(record[name], record)
                if record._fields[name].type != "one2many":
                    record.write({name: value})
                    written += 1
        self.assertGreaterEqual(written, 70)

    def test_a_default_of_one_s_own_counts_for_nothing(self):
        salesperson = self.people["sales"]
        env = self.as_user(self.sale_order, salesperson).env
        env["ir.default"].set("sale.order", "rakuten_order_id", self.record.id, user_id=True)
        env["ir.default"].set("sale.order", "client_order_ref", "mine", user_id=True)
        mine = env["sale.order"].create({"partner_id": self.sale_order.partner_id.id})
        self.assertEqual(mine.client_order_ref, "mine")
        self.assertFalse(mine.rakuten_order_id)

    def test_a_context_goes_along_to_the_system_in_vain(self):
        keeper = self.as_user(self.shop, self.people["user"])
        self.rms.put(order(2))
        keeper.with_context(
            default_personal_data_removed=True, default_asked_for=True
        ).action_import_orders()
        record = self.Order.search([("name", "like", "%0000000002")])
        self.assertEqual(record.state, "done")
        self.assertFalse(record.personal_data_removed or record.asked_for)

    def test_copies_take_nothing_along(self):
        """Who may create may copy: what is guarded is left out, or handed on by name."""
        copied = {
            (model, name)
            for model, names in self.guarded().items()
            for name in names
            if self.env[model]._fields[name].copy
            and any(self.env[model].with_user(u).has_access("create") for u in self.people.values())
        }
        self.assertEqual(copied, HANDED_ON)

    def test_a_sale_order_of_rakuten_is_not_deleted(self):
        self.sale_order.user_id = self.people["sales_manager"]
        theirs = self.as_user(self.sale_order, self.people["sales_manager"])
        self.sale_order.with_context(disable_cancel_warning=True)._action_cancel()
        with self.assertRaisesRegex(
            UserError, "cancel a sale order of Rakuten instead of deleting"
        ):
            theirs.unlink()
        mine = theirs.create({"partner_id": self.sale_order.partner_id.id})
        mine.unlink()
        self.assertFalse(mine.exists())

    def test_links_stay_in_the_company(self):
        other = self.env(
            context={**self.env.context, "allowed_company_ids": self.other_company.ids}
        )
        partner = other["res.partner"].create({"name": "Buyer"})
        foreign = other["sale.order"].create({"partner_id": partner.id})
        with self.assertRaises(UserError):
            self.record.sale_order_id = foreign
        with self.assertRaises(UserError):
            foreign.rakuten_order_id = self.record

    def test_a_shop_is_not_said_to_be_connected(self):
        manager = self.as_user(self.shop, self.people["manager"])
        for vals in (
            {"state": "connected"},
            {"state": "connected", "license_key": "SL123456_new"},
            {"state": "connected", "api_url": "https://api.example.com"},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                manager.write(vals)
        manager.license_key = "SL123456_new"
        self.assertEqual(self.shop.state, "draft")

    def test_warehouse_work_hands_the_destination_on(self):
        """A backorder and a return of one's own, and the destination is there."""
        stocker = self.people["stock"]
        self.picking.move_ids.product_uom_qty = 2
        theirs = self.as_user(self.picking, stocker)
        theirs.carrier_tracking_ref = "400000000007"
        theirs.move_ids.quantity = 1
        theirs.move_ids.picked = True
        theirs.with_context(skip_backorder=True).button_validate()
        backorder = self.env["stock.picking"].search([("backorder_id", "=", self.picking.id)])
        self.assertEqual(self.picking.state, "done")
        self.assertEqual(backorder.rakuten_basket_id, self.picking.rakuten_basket_id)
        self.assertTrue(backorder.rakuten_basket_id)
        with self.assertRaises(AccessError):
            self.as_user(backorder.move_ids, stocker).rakuten_basket_id = "1"
        with self.assertRaises(AccessError):
            self.as_user(backorder.move_ids, stocker).sale_line_id = False


@tagged("post_install", "-at_install")
class TestWorkGoesOn(SystemFieldsCase):
    """What people do writes what they may not write themselves."""

    def test_a_keeper_maps_skus(self):
        skus = self.as_user(self.env["rakuten.sku"], self.people["user"])
        sku = skus.create(
            {
                "shop_id": self.shop.id,
                "manage_number": " item-9 ",
                "variant_id": "a",
                "product_id": self.product_a.id,
            }
        )
        self.assertEqual((sku.manage_number, sku.found_by), ("item-9", "manual"))
        sku.sudo().write({"found_by": "barcode", "stock_due": False})
        self.assertEqual(sku.mapping_state, "proposed")
        sku.action_accept()
        self.assertTrue(sku.reviewed)
        sku.product_id = self.product_b
        self.assertEqual((sku.found_by, sku.reviewed, sku.stock_due), ("manual", False, True))
        sku.sudo().stock_due = False
        component = sku.component_ids.create({"sku_id": sku.id, "product_id": self.product_a.id})
        self.assertTrue(sku.stock_due)
        sku.sudo().stock_due = False
        component.quantity = 2
        self.assertTrue(sku.stock_due)

    def test_the_warehouse_makes_waybills(self):
        """By the wizards' own steps; of another company's transfers nobody does."""
        picking = self.import_orders(order(7)).sale_order_id.picking_ids
        theirs = self.as_user(picking, self.people["stock"])
        (parcel,) = theirs.env["rakuten.waybill"]._of({theirs: 1})[theirs]
        parcel._note(tracking_numbers="400000000007")
        self.assertEqual(picking.rakuten_waybill_ids.tracking_numbers, "400000000007")
        self.assertFalse(parcel.env.su)
        for role in ("plain", "user"):
            others = self.as_user(picking, self.people[role])
            with self.subTest(role=role), self.assertRaises(AccessError):
                others.env["rakuten.waybill"]._of({others: 2})
            with self.subTest(role=role), self.assertRaises(AccessError):
                parcel.with_env(others.env)._note(tracking_numbers="1")
        elsewhere = theirs.with_user(self.new_user("elsewhere", ROLES["stock"], self.other_company))
        elsewhere = elsewhere.with_context(allowed_company_ids=self.other_company.ids)
        with self.assertRaises(AccessError):
            elsewhere.env["rakuten.waybill"]._of({elsewhere: 2})
        with self.assertRaises(AccessError):
            parcel.with_env(elsewhere.env)._note(tracking_numbers="1")

    def test_a_keeper_imports_a_file(self):
        skus = self.as_user(self.env["rakuten.sku"], self.people["user"])
        skus = skus.with_context(import_file=True)
        names = ["shop_id/.id", "manage_number", "variant_id", "product_code"]
        for code, product in (("CODE-A", self.product_a), ("CODE-B", self.product_b)):
            result = skus.load(names, [[str(self.shop.id), "item-8", "a", code]])
            self.assertFalse(result["messages"])
            self.assertEqual(skus.browse(result["ids"]).product_id, product)

    def test_a_keeper_and_an_order(self):
        entry = order(1)
        (record,) = self.import_orders(entry)
        record.write({"changed_code": "change.form", "imported_payload": entry})
        theirs = self.as_user(record, self.people["user"])
        theirs.action_release()
        self.assertFalse(record.changed_code or record.imported_payload)

    def test_the_warehouse_bundles_and_releases(self):
        records = self.import_orders(order(1), order(2))
        pickings = self.as_user(records.sale_order_id.picking_ids, self.people["stock_manager"])
        pickings.action_rakuten_bundle()
        self.assertEqual(len(pickings.rakuten_bundle_id), 1)
        pickings.action_rakuten_unbundle()
        self.assertFalse(pickings.rakuten_bundle_id)
        self.env["rakuten.rule"].create(
            {
                "shop_id": self.shop.id,
                "name": "高額",
                "domain": "[('total_price', '>', 500)]",
                "hold": True,
                "state": "on",
            }
        )
        pickings = self.as_user(pickings, self.people["stock_manager"])
        self.assertTrue(all(pickings.mapped("rakuten_held")))
        pickings.action_rakuten_release()
        self.assertFalse(any(pickings.mapped("rakuten_held")))
        pickings[:1].rakuten_cash_amount = 0
        self.assertTrue(pickings[:1].rakuten_cash_decided)

    def test_the_warehouse_adds_goods_and_takes_them_back(self):
        """A move that somebody adds goes where its line goes; a return knows the destination."""
        (record,) = self.import_orders(order(1))
        picking = self.as_user(record.sale_order_id.picking_ids, self.people["stock"])
        line = record.sale_order_id.order_line[:1]
        move = picking.move_ids.create(
            {
                "picking_id": picking.id,
                "product_id": line.product_id.id,
                "product_uom_qty": 1,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
                "sale_line_id": line.id,
            }
        )
        self.assertEqual(move.rakuten_basket_id, line.rakuten_basket_id)
        self.ship(picking, "400000000007")
        back = open_return(picking, lambda moved: moved.quantity)
        self.assertEqual(back.rakuten_basket_id, picking.rakuten_basket_id)

    def test_a_number_on_a_package(self):
        (record,) = self.import_orders(order(1))
        picking = self.as_user(record.sale_order_id.picking_ids, self.people["stock"])
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        box = picking.move_line_ids.result_package_id.create({"name": "見本の箱"})
        picking.move_line_ids.result_package_id = box
        box.rakuten_tracking_number = "400000000007"
        picking.button_validate()
        self.assertEqual(box.rakuten_picking_ids, picking)
        self.assertEqual(record.parcel_ids.mapped("tracking_number"), ["400000000007"])

    def test_an_administrator_sets_a_shop_up(self):
        env = self.as_user(self.env["rakuten.shop"], self.people["manager"]).env
        wizard = env["rakuten.onboarding"].create(
            {"company_id": self.company.id, "shop_number": "654321", "shop_url": "another"}
        )
        wizard.action_next()
        wizard.action_next()
        shop = wizard.shop_id
        self.assertEqual((shop.create_uid, shop.state), (env.user, "draft"))
        shop.write({"service_secret": "SP654321_x", "license_key": "SL654321_x"})
        self.assertTrue(shop.key_entered_at)
        shop.license_expiry = "2026-04-01 00:00:00"
        shop.sync_inventory = True
        self.assertFalse(shop.is_other_api)
        shop.api_url = "https://api.example.com"
        self.assertTrue(shop.is_other_api)

    def test_shared_formats_are_nobody_s(self):
        form = self.env.ref("smartship_rakuten.waybill_format_yamato")
        self.assertFalse(form.company_id)
        for role in ("stock_manager", "user", "manager"):
            theirs = self.as_user(form, self.people[role])
            column, slot = theirs.column_ids[:1], theirs.slot_ids[:1]
            for change in (
                lambda f=theirs: f.write({"encoding": "utf-8-sig"}),
                lambda f=theirs: f.write({"company_id": f.env.company.id}),
                lambda f=theirs: f.write({"column_ids": [Command.clear()]}),
                lambda f=theirs: f.create({"name": "x", "company_id": False}),
                lambda c=column: c.write({"name": "x"}),
                lambda c=column: c.unlink(),
                lambda c=column: c.create({"format_id": c.format_id.id, "name": "x"}),
                lambda s=slot: s.write({"code": "x"}),
                lambda s=slot: s.unlink(),
            ):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    change()
            theirs.customer_code = "0300001234"
            copy = theirs.copy()
            self.assertEqual(copy.company_id, self.company)
            self.assertEqual(copy.option_1_label, form.option_1_label)
            copy.write({"encoding": "utf-8-sig"})
            copy.column_ids[:1].name = "見本"
            with self.subTest(role=role), self.assertRaises(AccessError):
                copy.company_id = False
            self.assertTrue(theirs.create({"name": "x"}).company_id)
        everything = self.as_user(form, self.people["all"])
        everything.date_format = "%Y-%m-%d"
        everything.column_ids[:1].name = "見本"
        self.assertEqual(form.date_format, "%Y-%m-%d")


@tagged("post_install", "-at_install")
class TestWizardsTellNothing(SystemFieldsCase):
    """``onchange`` is called with the id of another company's record."""

    def setUp(self):
        super().setUp()
        other = self.env(
            context={**self.env.context, "allowed_company_ids": self.other_company.ids}
        )
        shop = other["rakuten.shop"].create(
            {
                "name": "別の見本ショップ",
                "shop_number": "654321",
                "company_id": self.other_company.id,
                "api_interval": 0,
            }
        )
        self.foreign = {**self.records_of(shop), "res.company": self.other_company}
        record = self.foreign["rakuten.order"]
        record.write({"payload": order(9), "progress": "300", "state": "done"})
        partner = other["res.partner"].create({"name": "Buyer"})
        sale_order = other["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": self.other_company.id,
                "rakuten_order_id": record.id,
                "rakuten_shop_id": shop.id,
                "order_line": [
                    Command.create({"product_id": self.product_a.id, "rakuten_basket_id": "7001"})
                ],
            }
        )
        record.sale_order_id = sale_order
        sale_order.action_confirm()
        self.foreign["stock.picking"] = sale_order.picking_ids
        self.foreign["rakuten.waybill"] = other["rakuten.waybill"].create(
            {"picking_id": sale_order.picking_ids.id}
        )
        self.env.flush_all()

    def wizards(self):
        return [
            name
            for name, model in self.env.registry.items()
            if model._transient and name.startswith("rakuten.")
        ]

    def links(self):
        """(wizard, its many2one) to what another company may have"""
        for name in self.wizards():
            for field in self.env[name]._fields.values():
                if field.type == "many2one" and field.comodel_name in self.foreign:
                    yield name, field

    def all_fields(self, model):
        return {name: {} for name in self.env[model]._fields if name not in MAGIC_COLUMNS}

    def test_what_there_is_to_tell(self):
        """The transfer has an address, so that silence proves something."""
        picking = self.foreign["stock.picking"]
        self.assertIn("見本", picking.rakuten_recipient)
        self.assertIn("千代田", picking.rakuten_address)

    def test_onchange(self):
        asked = 0
        roles = ("stock", "stock_manager", "user", "manager", "all")
        for name, field in self.links():
            foreign = self.foreign[field.comodel_name]
            for role in roles:
                wizard = self.as_user(self.env[name], self.people[role])
                if not wizard.has_access("create") or foreign.with_env(wizard.env).has_access(
                    "read"
                ):
                    continue
                spec = self.all_fields(name)
                for call in (
                    lambda w=wizard, f=field, r=foreign, s=spec: w.onchange(
                        {f.name: r.id}, [f.name], s
                    ),
                    lambda w=wizard, f=field, r=foreign, s=spec: w.onchange({f.name: r.id}, [], s),
                    lambda w=wizard, f=field, r=foreign, s=spec: w.with_context(
                        **{f"default_{f.name}": r.id}
                    ).onchange({}, [], s),
                ):
                    with self.subTest(field=str(field), role=role), self.assertRaises(AccessError):
                        call()
                    asked += 1
        self.assertGreaterEqual(asked, 60)

    def test_onchange_of_lines(self):
        picking = self.foreign["stock.picking"]
        for name in ("rakuten.waybill.export", "rakuten.tracking.import"):
            wizard = self.as_user(self.env[name], self.people["stock"])
            lines = wizard._fields["line_ids"].comodel_name
            with self.subTest(wizard=name), self.assertRaises(AccessError):
                wizard.onchange(
                    {"line_ids": [(0, "virtual_1", {"picking_id": picking.id})]},
                    ["line_ids"],
                    {"line_ids": {"fields": self.all_fields(lines)}},
                )

    def test_one_s_own_are_shown(self):
        (record,) = self.import_orders(order(1))
        line = self.as_user(self.env["rakuten.waybill.export.line"], self.people["stock"])
        picking = record.sale_order_id.picking_ids
        shown = line.onchange(
            {"picking_id": picking.id}, ["picking_id"], self.all_fields(line._name)
        )["value"]
        self.assertIn("見本", shown["recipient"])

    def test_a_transfer_s_own_form(self):
        """A transfer that was never saved names any order, its sale order, or a line of it."""
        picking = self.as_user(self.env["stock.picking"], self.people["stock"])
        foreign = self.foreign["stock.picking"]
        line = foreign.move_ids.sale_line_id
        spec = {"rakuten_recipient": {}, "rakuten_address": {}, "rakuten_changed": {}}
        for values, context in (
            ({"rakuten_order_id": foreign.rakuten_order_id.id, "rakuten_basket_id": "7001"}, {}),
            ({"sale_id": foreign.sale_id.id}, {}),
            ({"sale_id": {"id": foreign.sale_id.id}}, {}),
            ({"move_ids": [(0, "virtual_1", {"sale_line_id": line.id})]}, {}),
            ({}, {"default_sale_id": foreign.sale_id.id}),
        ):
            with self.subTest(values=values, context=context), self.assertRaises(AccessError):
                picking.with_context(**context).onchange(dict(values), list(values), spec)
        (record,) = self.import_orders(order(1))
        own = record.sale_order_id.picking_ids
        shown = self.as_user(own, self.people["stock"]).onchange({"note": "x"}, ["note"], spec)
        self.assertFalse(shown.get("warning"))
        # Of one's own company a form says nothing of an address before it is saved either.
        shown = picking.onchange({"sale_id": own.sale_id.id}, ["sale_id"], spec)
        self.assertFalse((shown.get("value") or {}).get("rakuten_address"))
