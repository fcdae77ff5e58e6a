"""Who may do what: every role on every model, two companies; what is kept and logged of persons."""

import logging
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import RakutenCase, order

OPERATIONS = ("read", "write", "create", "unlink")
#: Groups of each role.
ROLES = {
    "plain": "base.group_user",
    "sales": "sales_team.group_sale_salesman",
    "stock": "stock.group_stock_user",
    "accountant": "account.group_account_invoice",
    "user": "smartship_rakuten.group_user",
    "manager": "smartship_rakuten.group_manager",
}
#: What each role may do: r(ead), w(rite), c(reate), u(nlink).
RIGHTS = {
    #                          plain sales stock accountant user manager
    "rakuten.shop":             ("r", "r", "r", "r", "r", "rwcu"),
    "rakuten.order":            ("", "r", "r", "r", "rw", "rw"),
    "rakuten.tax.summary":      ("", "r", "", "r", "r", "r"),
    "rakuten.sku":              ("r", "r", "r", "r", "rwcu", "rwcu"),
    "rakuten.sku.component":    ("r", "r", "r", "r", "rwcu", "rwcu"),
    "rakuten.option":           ("", "", "", "", "rwcu", "rwcu"),
    "rakuten.parcel":           ("r", "r", "r", "r", "r", "r"),
    "rakuten.call":             ("", "", "", "", "r", "r"),
    "rakuten.pace":             ("", "", "", "", "", ""),
    "rakuten.transit":          ("r", "r", "r", "r", "r", "rwcu"),
    "rakuten.rule":             ("r", "r", "r", "r", "r", "rwcu"),
    "rakuten.rule.trial":       ("", "", "", "", "rwcu", "rwcu"),
    "rakuten.rule.trial.line":  ("", "", "", "", "rwcu", "rwcu"),
    "rakuten.delivery.method":  ("r", "r", "r", "r", "rwcu", "rwcu"),
    "rakuten.payment.method":   ("r", "r", "r", "r", "rw", "rw"),
    "rakuten.bundle":           ("r", "r", "r", "r", "r", "r"),
    "rakuten.sub.status":       ("", "", "", "", "r", "r"),
    "rakuten.reservation":      ("", "", "", "", "r", "r"),
    "rakuten.order.import":     ("", "", "", "", "rwcu", "rwcu"),
    "rakuten.order.import.line": ("", "", "", "", "rwcu", "rwcu"),
    "rakuten.order.cancel":     ("", "", "", "", "rwcu", "rwcu"),
    "rakuten.onboarding":       ("", "", "", "", "", "rwcu"),
    "rakuten.onboarding.line":  ("", "", "", "", "", "rwcu"),
    "rakuten.job":              ("", "", "", "", "r", "r"),
    "rakuten.reconciliation":   ("", "", "", "", "r", "r"),
    "rakuten.reconciliation.line": ("", "", "", "", "r", "r"),
    "rakuten.order.report":     ("", "", "", "", "r", "r"),
    "rakuten.label.shipment":   ("", "", "", "", "r", "r"),
    "rakuten.label.month":      ("", "", "", "", "r", "r"),
    "rakuten.order.demand":     ("", "", "", "", "r", "r"),
    "rakuten.stock.change":     ("", "", "", "", "", ""),
    "rakuten.stock.push":       ("", "", "", "", "r", "r"),
    "rakuten.waybill.format":   ("r", "r", "r", "r", "rwcu", "rwcu"),
    "rakuten.waybill.column":   ("r", "r", "r", "r", "rwcu", "rwcu"),
    "rakuten.waybill.slot":     ("r", "r", "r", "r", "rwcu", "rwcu"),
    "rakuten.waybill":          ("r", "r", "r", "r", "r", "r"),
    "rakuten.waybill.export":   ("", "", "rwcu", "", "", ""),
    "rakuten.waybill.export.line": ("", "", "rwcu", "", "", ""),
    "rakuten.waybill.export.file": ("", "", "rwcu", "", "", ""),
    "rakuten.tracking.import":  ("", "", "rwcu", "", "", ""),
    "rakuten.tracking.import.line": ("", "", "rwcu", "", "", ""),
    "rakuten.ship.unnumbered":  ("", "", "rwcu", "", "", ""),
}  # fmt: skip


class RolesCase(RakutenCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: cls.new_user(f"rakuten-role-{role}", groups, cls.company)
            for role, groups in ROLES.items()
        }
        cls.other_company = cls.env["res.company"].create(
            {"name": "Other Company", "currency_id": cls.env.ref("base.JPY").id}
        )
        cls.stranger = cls.new_user(
            "rakuten-stranger", "smartship_rakuten.group_manager", cls.other_company
        )

    @classmethod
    def new_user(cls, login, groups, company):
        return new_test_user(
            cls.env,
            login,
            groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def as_user(self, records, user):
        """Records as a request of that user sees them: nothing read before."""
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)

    def records_of(self, shop):
        """One record of each model that belongs to a shop."""
        env = shop.env
        record = env["rakuten.order"].create({"shop_id": shop.id, "name": "123456-1"})
        sku = env["rakuten.sku"].create(
            {"shop_id": shop.id, "manage_number": "item-1", "variant_id": "normal-inventory"}
        )
        product = env["product.product"].create({"name": "Part", "company_id": False})
        picking = env["stock.picking"].create(
            {
                "picking_type_id": shop.warehouse_id.out_type_id.id,
                "location_id": shop.warehouse_id.lot_stock_id.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
            }
        )
        of_shop = {"shop_id": shop.id}
        records = [
            shop,
            record,
            sku,
            env["rakuten.sku.component"].create({"sku_id": sku.id, "product_id": product.id}),
            env["rakuten.option"].create(
                {**of_shop, "name": "ラッピング", "value": "あり", "product_id": product.id}
            ),
            env["rakuten.parcel"].create(
                {
                    "picking_id": picking.id,
                    "rakuten_order_id": record.id,
                    "basket_id": "1",
                    "company_code": "1001",
                    "tracking_number": "400000000007",
                    "shipping_date": "2026-01-10",
                }
            ),
            env["rakuten.call"].create(
                {**of_shop, "operation": "getOrder", "started_at": "2026-01-10"}
            ),
            env["rakuten.transit"].create(
                {**of_shop, "state_id": env.ref("base.state_jp_jp-13").id}
            ),
            env["rakuten.rule"].create({**of_shop, "name": "Look", "hold": True}),
            env["rakuten.delivery.method"].create({**of_shop, "name": "宅配便"}),
            env["rakuten.payment.method"].create(
                {**of_shop, "code": "1", "name": "クレジットカード"}
            ),
            env["rakuten.sub.status"].create(
                {**of_shop, "progress": "300", "sub_status_id": "1", "name": "作業中"}
            ),
            env["rakuten.bundle"].create({"company_id": shop.company_id.id}),
            env["rakuten.reservation"].create(
                {**of_shop, "name": "123456-20260110-000001-r", "delivery": 1, "sku_id": sku.id}
            ),
            env["rakuten.job"].create({**of_shop, "job": "import"}),
            env["rakuten.stock.push"].create(
                {**of_shop, "sku_id": sku.id, "date": "2026-01-10", "outcome": "sent"}
            ),
            env["rakuten.order.demand"].create(
                {"order_id": record.id, "sku_id": sku.id, "units": 1}
            ),
            env["rakuten.waybill"].create({"picking_id": picking.id}),
        ]
        comparison = env["rakuten.reconciliation"].create(
            {**of_shop, "date": "2026-01-10", "state": "different"}
        )
        form = env["rakuten.waybill.format"].create(
            {"name": "見本運輸", "company_id": shop.company_id.id}
        )
        records += [
            comparison,
            env["rakuten.reconciliation.line"].create(
                {"reconciliation_id": comparison.id, "name": "123456-1", "kind": "missing"}
            ),
            form,
            env["rakuten.waybill.column"].create(
                {"format_id": form.id, "name": "キー", "source": "key"}
            ),
            env["rakuten.waybill.slot"].create({"format_id": form.id, "term": "am", "code": "01"}),
        ]
        return {record._name: record for record in records}


@tagged("post_install", "-at_install")
class TestRoles(RolesCase):
    def test_every_model_is_in_the_table(self):
        # What is abstract has no rows that anybody could touch.
        models = {
            name
            for name in self.env
            if name.startswith("rakuten.") and not self.env[name]._abstract
        }
        self.assertEqual(models, set(RIGHTS))

    def test_rights(self):
        for model, rights in RIGHTS.items():
            for role, letters in zip(ROLES, rights, strict=True):
                records = self.as_user(self.env[model], self.users[role])
                found = "".join(name[0] for name in OPERATIONS if records.has_access(name))
                with self.subTest(model=model, role=role):
                    self.assertEqual(found, letters)

    def test_rights_of_auditors_and_inventory_administrators(self):
        """As accountants and stock users, but for what stands here."""
        forms = dict.fromkeys(
            ("rakuten.waybill.format", "rakuten.waybill.column", "rakuten.waybill.slot"), "rwcu"
        )
        roles = list(ROLES)
        for group, like, own in (
            ("account.group_account_readonly", "accountant", {}),
            ("stock.group_stock_manager", "stock", forms),
        ):
            user = self.new_user(f"rakuten-{group}", group, self.company)
            for model, rights in RIGHTS.items():
                records = self.as_user(self.env[model], user)
                found = "".join(name[0] for name in OPERATIONS if records.has_access(name))
                with self.subTest(model=model, group=group):
                    self.assertEqual(found, own.get(model, rights[roles.index(like)]))

    def test_rights_on_what_the_module_adds_to(self):
        """No role of Rakuten's opens a document of Odoo's own for writing."""
        for model in ("stock.picking", "sale.order", "account.move", "res.partner"):
            for role in ("user", "manager"):
                records = self.as_user(self.env[model], self.users[role])
                with self.subTest(model=model, role=role):
                    self.assertFalse(records.has_access("write"))
        product = self.as_user(self.product_a, self.users["plain"])
        with self.assertRaises(AccessError):
            product.rakuten_sku_code = "X"

    def test_what_salespeople_stock_users_and_accountants_see(self):
        (record,) = self.import_orders(order(1))
        for role in ("sales", "stock", "accountant"):
            theirs = self.as_user(record, self.users[role])
            with self.subTest(role=role):
                self.assertEqual(theirs.progress, "300")
                for name in ("payload", "imported_payload", "details"):
                    self.assertNotIn(name, theirs.fields_get())
                    with self.assertRaises(AccessError):
                        theirs.read([name])

    def test_their_own_documents(self):
        (record,) = self.import_orders(order(1))
        sale_order = record.sale_order_id
        sale_order.user_id = self.users["sales"]
        theirs = self.as_user(sale_order, self.users["sales"])
        self.assertEqual(theirs.rakuten_order_number, record.name)
        self.assertEqual(theirs.rakuten_request_price, 1100)
        picking = self.as_user(sale_order.picking_ids, self.users["stock"])
        self.assertEqual(picking.rakuten_order_number, record.name)
        self.assertEqual(picking.rakuten_report_state, "none")

    def test_wizards_are_of_whoever_opened_them(self):
        """Numbers, waybill files and previews have addresses in them."""
        (record,) = self.import_orders(order(1))
        picking = record.sale_order_id.picking_ids
        files = self.env["rakuten.waybill.export"].browse(
            self.as_user(picking, self.users["stock"]).action_rakuten_waybills()["res_id"]
        )
        self.assertTrue(self.as_user(files.line_ids, self.users["stock"]).has_access("read"))
        colleague = self.new_user("rakuten-colleague", "stock.group_stock_user", self.company)
        for records in (files, files.line_ids):
            theirs = self.as_user(records, colleague)
            self.assertFalse(theirs.has_access("read"))
            self.assertFalse(theirs.search([]))
        elsewhere = self.new_user("rakuten-elsewhere", "stock.group_stock_user", self.other_company)
        lines = self.as_user(self.env["rakuten.waybill.export.line"], elsewhere)
        own = self.as_user(self.env["rakuten.waybill.export"], elsewhere).create({})
        with self.assertRaises(AccessError):
            lines.create({"wizard_id": own.id, "picking_id": picking.id})

    def test_reporting_again_takes_the_right_to_ship(self):
        (record,) = self.import_orders(order(1))
        self.ship(record.sale_order_id.picking_ids, "400000000007")
        parcel = record.parcel_ids
        parcel.state = "failed"
        with self.assertRaises(AccessError):
            self.as_user(parcel, self.users["plain"]).action_retry()
        self.assertEqual(parcel.state, "failed")
        self.as_user(parcel, self.users["stock"]).action_retry()
        self.assertEqual(parcel.state, "pending")

    def test_portal_and_public_see_nothing(self):
        portal = new_test_user(self.env, "rakuten-portal", "base.group_portal")
        for user in (portal, self.env.ref("base.public_user")):
            for model in RIGHTS:
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(self.env[model].with_user(user).has_access("read"))

    def test_buttons_of_the_shop(self):
        """What a user may start, and what is the administrators'."""
        self.import_orders(order(1))
        for role in ("plain", "sales", "stock", "accountant"):
            shop = self.as_user(self.shop, self.users[role])
            for name in (
                "action_import_orders",
                "action_export_shipments",
                "action_sync_inventory",
                "action_import_skus",
                "action_test_connection",
                "action_confirm_database",
                "action_preview_import",
            ):
                with self.subTest(role=role, action=name), self.assertRaises(AccessError):
                    getattr(shop, name)()
        shop = self.as_user(self.shop, self.users["user"])
        shop.action_import_orders()
        with self.assertRaises(AccessError):
            shop.action_test_connection()

    def test_buttons_of_orders_and_lists(self):
        """They work as the system: whoever presses them needs the right on the record."""
        (record,) = self.import_orders(order(1))
        sku = self.env["rakuten.sku"].search([("shop_id", "=", self.shop.id)])
        self.shop._run("reconcile", True)
        report = self.env["rakuten.reconciliation"].search([("shop_id", "=", self.shop.id)])
        calls = len(self.rms.calls)
        people = [self.users[role] for role in ("plain", "sales", "stock", "accountant")]
        for user in [*people, self.stranger]:
            for records, names in (
                (
                    record,
                    "action_retry action_ignore action_unignore action_release "
                    "action_confirm_at_rakuten action_ship_anyway action_create_tax",
                ),
                (sku, "action_accept action_accept_rule"),
                (report, "action_repair"),
                (self.shop, "action_reconcile action_import_sub_statuses"),
            ):
                for name in names.split():
                    theirs = self.as_user(records, user)
                    with (
                        self.subTest(user=user.login, action=name),
                        self.assertRaises(AccessError),
                    ):
                        getattr(theirs, name)()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                wizard = self.as_user(self.env["rakuten.order.cancel"], user).create(
                    {"order_id": record.id, "reason": "1"}
                )
                wizard.action_cancel_at_rakuten()
        self.assertEqual(len(self.rms.calls), calls)

    def test_an_administrator_can_choose_what_a_shop_needs(self):
        """Without any other role: what the shop's form and the wizard let him pick."""
        for model in (
            "res.company",
            "stock.warehouse",
            "crm.team",
            "res.users",
            "delivery.carrier",
            "crm.tag",
            "account.tax",
            "product.product",
        ):
            records = self.as_user(self.env[model], self.users["manager"])
            with self.subTest(model=model):
                self.assertIsNotNone(records.search([], limit=1).mapped("display_name"))

    def test_a_user_opens_the_waybill_formats(self):
        """Without any right to sell or to ship, with the carriers that stand in the list."""
        forms = self.as_user(self.env["rakuten.waybill.format"], self.users["user"])
        yamato = forms.browse(self.env.ref("smartship_rakuten.waybill_format_yamato").id)
        (shown,) = yamato.web_read({"carrier_ids": {"fields": {"display_name": {}}}})
        self.assertTrue(shown["carrier_ids"])

    def test_the_watch_list_is_not_for_everybody(self):
        domain = "[('persons', 'ilike', '見本花子')]"
        rule = self.env["rakuten.rule"].create(
            {"shop_id": self.shop.id, "name": "Look", "domain": domain, "hold": True}
        )
        for role in ("plain", "stock"):
            theirs = self.as_user(rule, self.users[role])
            with self.subTest(role=role), self.assertRaises(AccessError):
                theirs.read(["domain"])
            # What they meet on a transfer they may read.
            self.assertEqual((theirs.name, theirs.actions), ("Look", "hold the transfer"))
        self.assertEqual(self.as_user(rule, self.users["user"]).domain, domain)

    def test_what_rules_read_of_persons_is_not_for_everybody(self):
        (record,) = self.import_orders(order(1))
        for role in ("sales", "stock", "accountant"):
            for name in ("remarks", "persons", "addresses"):
                theirs = self.as_user(record, self.users[role])
                with self.subTest(role=role, name=name):
                    with self.assertRaises(AccessError):
                        theirs.read([name])
                    with self.assertRaises(AccessError):
                        theirs.search([(name, "ilike", "見本")])

    def test_who_decides_tries_and_switches_on(self):
        self.import_orders(order(1))
        rule = self.env["rakuten.rule"].create(
            {"shop_id": self.shop.id, "name": "Look", "hold": True}
        )
        theirs = self.as_user(rule, self.users["user"])
        trial = self.as_user(
            self.env["rakuten.rule.trial"].browse(theirs.action_try()["res_id"]),
            self.users["user"],
        )
        self.assertEqual((trial.tried, trial.found), (1, 1))
        with self.assertRaises(AccessError):
            trial.action_switch_on()
        with self.assertRaises(AccessError):
            theirs.write({"domain": "[]"})
        self.as_user(trial, self.users["manager"]).action_switch_on()
        self.assertEqual(rule.state, "on")

    def test_raw_text_of_an_order(self):
        """What Rakuten sent holds names: it does not follow the order's read access."""
        (record,) = self.import_orders(order(1, remarks="a\x00b"))
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "rakuten.order"), ("res_id", "=", record.id)]
        )
        self.assertEqual(len(attachment), 1)
        for role in ("plain", "sales", "stock", "accountant"):
            theirs = self.as_user(attachment, self.users[role])
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    theirs.read(["raw"])
                # What a download asks.
                self.assertFalse(theirs.has_access("read") or theirs.has_access("write"))
                for domain in (
                    [("id", "=", attachment.id)],
                    [("res_model", "=", "rakuten.order")],
                    [("index_content", "ilike", "太郎")],
                    [("res_model", "in", ["rakuten.order", "res.partner"])],
                ):
                    self.assertNotIn(attachment, theirs.search(domain))
        self.assertIn(b"u0000", self.as_user(attachment, self.users["user"]).raw)
        # Other attachments are what they were.
        mine = self.env["ir.attachment"].create(
            {
                "name": "product.txt",
                "raw": b"x",
                "res_model": "product.product",
                "res_id": self.product_a.id,
            }
        )
        self.assertEqual(self.as_user(mine, self.users["stock"]).raw, b"x")


@tagged("post_install", "-at_install")
class TestTwoCompanies(RolesCase):
    def setUp(self):
        super().setUp()
        self.ours = self.records_of(self.shop)
        other = self.env(
            context={**self.env.context, "allowed_company_ids": self.other_company.ids}
        )
        shop = other["rakuten.shop"].create(
            {
                "name": "別の見本ショップ",
                "shop_number": "123456",
                "company_id": self.other_company.id,
                "service_secret": "SP123456_other",
                "license_key": "SL123456_other",
                "api_interval": 0,
            }
        )
        self.theirs = self.records_of(shop)

    def test_every_model_is_here(self):
        # The system's own tables, and views over orders and transfers.
        others = {
            "rakuten.pace",
            "rakuten.stock.change",
            "rakuten.order.report",
            "rakuten.tax.summary",
            "rakuten.label.shipment",
            "rakuten.label.month",
        }
        stored = {name for name in RIGHTS if not self.env[name]._transient} - others
        self.assertEqual(stored, set(self.ours))

    def test_each_sees_his_own(self):
        manager = self.users["manager"]
        for model in self.ours:
            ours, theirs = self.ours[model], self.theirs[model]
            for user, seen, hidden in (
                (manager, ours, theirs),
                (self.stranger, theirs, ours),
            ):
                with self.subTest(model=model, user=user.login):
                    found = self.as_user(self.env[model], user).search([])
                    self.assertIn(seen, found)
                    self.assertNotIn(hidden, found)
                    record = self.as_user(hidden, user)
                    with self.assertRaises(AccessError):
                        record.read(["id", "display_name"])
                    for operation in ("read", "write", "unlink"):
                        self.assertFalse(record.has_access(operation), operation)

    def test_both_for_who_works_in_both(self):
        user = self.users["manager"]
        user.company_ids += self.other_company
        for model in self.ours:
            found = self.as_user(self.env[model], user).search([])
            with self.subTest(model=model):
                self.assertLessEqual(self.ours[model] | self.theirs[model], found)

    def test_nothing_is_made_for_the_other_s_shop(self):
        for model, vals in (
            ("rakuten.sku", {"manage_number": "x", "variant_id": "y"}),
            ("rakuten.option", {"name": "x", "value": "y", "product_id": self.product_a.id}),
            ("rakuten.rule", {"name": "x", "hold": True}),
            ("rakuten.delivery.method", {"name": "x"}),
            ("rakuten.order.import", {}),
            ("rakuten.onboarding", {}),
        ):
            with self.subTest(model=model), self.assertRaises(AccessError):
                wizard = self.as_user(self.env[model], self.stranger).create(
                    {"shop_id": self.shop.id, **vals}
                )
                wizard.action_preview()
        form, sku = self.ours["rakuten.waybill.format"], self.ours["rakuten.sku"]
        for model, vals in (
            ("rakuten.waybill.format", {"name": "x", "company_id": self.company.id}),
            ("rakuten.waybill.column", {"format_id": form.id, "name": "x"}),
            ("rakuten.waybill.slot", {"format_id": form.id, "term": "pm", "code": "1"}),
            ("rakuten.sku.component", {"sku_id": sku.id, "product_id": self.product_a.id}),
        ):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.as_user(self.env[model], self.stranger).create(vals)

    def test_the_other_s_buttons(self):
        shop = self.as_user(self.shop, self.stranger)
        for name in (
            "action_import_orders",
            "action_export_shipments",
            "action_sync_inventory",
            "action_import_skus",
            "action_test_connection",
            "action_confirm_database",
            "action_preview_import",
        ):
            with self.subTest(action=name), self.assertRaises(AccessError):
                getattr(shop, name)()
        self.assertEqual(self.rms.calls, [])


@tagged("post_install", "-at_install")
class TestPersonalDataInLogs(RakutenCase):
    """No name, address, phone number or mail in a line of the log, whatever goes wrong."""

    PERSONAL = ("見本", "太郎", "千代田", "sample@relay", "急ぎです")

    def logged(self, work):
        """What the module writes at any level, and the database's errors."""
        module = "odoo.addons.smartship_rakuten"
        with (
            self.assertLogs(module, "DEBUG") as ours,
            self.assertLogs("odoo.sql_db", "ERROR") as database,
        ):
            logging.getLogger(module).info("begin")
            logging.getLogger("odoo.sql_db").error("begin")
            work()
        return "\n".join(
            record.getMessage() + (str(record.exc_info[1]) if record.exc_info else "")
            for record in ours.records + database.records
        )

    def assert_masked(self, text):
        for piece in self.PERSONAL:
            self.assertNotIn(piece, text)

    def test_import_and_report(self):
        self.shop.name = "Sample"

        def work():
            (record,) = self.import_orders(order(1, remarks="急ぎです"))
            self.ship(record.sale_order_id.picking_ids, "400000000007")
            self.shop.action_export_shipments()
            self.shop._cron_run("refresh")

        self.assert_masked(self.logged(work))

    def test_what_the_database_refuses(self):
        self.shop.name = "Sample"
        Partner = type(self.env["res.partner"])
        plain = Partner._rakuten_vals

        def refused(partner, *args):
            vals = plain(partner, *args)
            partner.env.cr.execute("SELECT %s::int", [vals["name"]])
            return vals

        def work():
            with patch.object(Partner, "_rakuten_vals", refused):
                (record,) = self.import_orders(order(2))
            self.assertEqual(record.state, "blocked")

        text = self.logged(work)
        self.assertIn("bad query", text)
        self.assertIn("step.import, 123456-20260110-0000000002: InvalidTextRepresentation", text)
        self.assert_masked(text)

    def test_calls_hold_no_contents(self):
        stored = {
            name for name, field in self.env["rakuten.call"]._fields.items() if field.store
        } - {"id"}
        self.assertEqual(
            stored,
            {
                "shop_id",
                "operation",
                "started_at",
                "duration",
                "status",
                "request_id",
                "outcome",
                "attempt",
            },
        )


@tagged("post_install", "-at_install")
class TestKept(RakutenCase):
    """The report of what is kept."""

    def test_report(self):
        self.shop.retention_days = 30
        first, second, third = self.import_orders(
            order(1, orderDatetime="2026-01-10T09:15:02+0900"),
            order(2, [{**order(2)["PackageModelList"][0], "basketId": 7002}], remarks="a\x00b"),
            order(3, orderDatetime="2026-01-05T23:30:00+0900"),
        )
        self.shop.invalidate_recordset()
        self.assertEqual(self.shop.kept_count, 3)
        self.assertEqual(str(self.shop.kept_since), "2026-01-05 14:30:00")
        self.assertEqual(self.shop.kept_attachments, 1)
        # Buyer and recipient are one person with one address.
        self.assertEqual(self.shop.kept_contacts, 1)
        self.assertEqual(str(self.shop.next_removal), "2026-02-04")
        action = self.shop.action_view_kept()
        self.assertEqual(self.Order.search(action["domain"]), first | second | third)
        self.shop.retention_days = 0
        self.assertFalse(self.shop.next_removal)

    def test_nothing_kept(self):
        self.shop.invalidate_recordset()
        self.assertEqual(self.shop.kept_count + self.shop.kept_contacts, 0)
        self.assertFalse(self.shop.next_removal or self.shop.kept_since)

    def test_after_the_removal(self):
        self.shop.retention_days = 30
        (record,) = self.import_orders(order(1, remarks="a\x00b"))
        with freeze_time("2026-01-12 03:00:00"):
            self.ship(record.sale_order_id.picking_ids, "400000000007")
            self.shop._run("export")
        with freeze_time("2026-03-01 00:00:00"):
            self.env["rakuten.shop"]._cron_run("anonymise")
        self.shop.invalidate_recordset()
        self.assertEqual(
            [self.shop.kept_count, self.shop.kept_contacts, self.shop.kept_attachments], [0, 0, 0]
        )
