"""A change at Rakuten touches what changed and nothing else, whatever hangs on the order."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .amending import AmendCase, base, changed


@tagged("post_install", "-at_install")
class TestAmend(AmendCase):
    """Each kind of change in each circumstance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.worker = new_test_user(
            cls.env,
            "rakuten-worker",
            "stock.group_stock_user,sales_team.group_sale_salesman",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def test_plain(self):
        self.check_changes()

    def test_quotation(self):
        self.shop.auto_fulfil = False
        self.check_changes()

    # === Settings are no work === #

    def test_locked_by_the_settings(self):
        self.lock_what_is_confirmed()
        records = self.check_changes(
            arrange=lambda record: self.assertTrue(record.sale_order_id.locked)
        )
        for record in records.values():
            self.assertTrue(record.sale_order_id.locked)

    def set_defaults(self):
        """What Odoo gives to every new customer, none of which an import takes."""
        self.make_dollar_pricelist()
        self.env["account.fiscal.position"].create(
            {
                "name": "Everybody",
                "auto_apply": True,
                "sequence": 0,
                "country_id": self.env.ref("base.jp").id,
                "company_id": self.company.id,
            }
        )
        self.env["ir.default"].set(
            "res.partner",
            "property_payment_term_id",
            self.env.ref("account.account_payment_term_30days").id,
            company_id=self.company.id,
        )

    def test_defaults_of_new_customers(self):
        self.set_defaults()
        self.check_changes()

    def test_defaults_of_new_customers_for_a_quotation(self):
        self.set_defaults()
        self.shop.auto_fulfil = False
        self.check_changes()

    # === What people have added stays === #

    def test_what_people_have_added(self):
        account = self.make_analytic_account()
        owner = self.env["res.partner"].create({"name": "Consignor"})
        day = fields.Datetime.now() + timedelta(days=90)

        def add(record):
            sale_order = record.sale_order_id
            sale_order.order_line.analytic_distribution = {str(account.id): 100}
            sale_order.write(
                {"user_id": self.worker.id, "tag_ids": [Command.create({"name": record.name})]}
            )
            sale_order.picking_ids.write(
                {
                    "priority": "1",
                    "scheduled_date": day,
                    "owner_id": owner.id,
                }
            )

        self.check_changes(arrange=add)

    def test_two_steps(self):
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        self.check_changes()

    # === What people have done holds, and all stays === #

    def check_held(self, arrange):
        """A kind of each way in which Odoo follows a change."""
        kinds = ("recipient", "buyer", "fewer", "added", "points", "date")
        self.check_changes(arrange=arrange, held=kinds, kinds=kinds)

    def test_locked_by_a_person(self):
        self.check_held(lambda record: record.sale_order_id.action_lock())

    def test_printed(self):
        self.check_held(lambda record: record.sale_order_id.picking_ids.write({"printed": True}))

    def test_picked(self):
        self.check_held(
            lambda record: record.sale_order_id.picking_ids.move_ids[0].write({"picked": True})
        )

    def test_number(self):
        self.check_held(
            lambda record: record.sale_order_id.picking_ids.write(
                {"carrier_tracking_ref": "400000000007"}
            )
        )

    def test_responsible(self):
        self.check_held(
            lambda record: record.sale_order_id.picking_ids.write({"user_id": self.worker.id})
        )

    def test_note(self):
        self.check_held(
            lambda record: record.sale_order_id.picking_ids.write({"note": "<p>保冷剤</p>"})
        )

    def test_message_at_the_order(self):
        self.check_held(
            lambda record: (
                record.sale_order_id.with_user(self.worker)
                .sudo()
                .message_post(body="電話済み", message_type="comment")
            )
        )

    def test_message_at_the_transfer(self):
        self.check_held(
            lambda record: (
                record.sale_order_id.picking_ids.with_user(self.worker)
                .sudo()
                .message_post(body="電話済み", message_type="comment")
            )
        )

    def test_picked_on_the_first_step(self):
        """The goods are out of their shelf: who holds the order reads which transfer has moved
        them, also when it is cancelled."""
        self.shop.warehouse_id.delivery_steps = "pick_ship"

        def pick(record):
            transfer = record.sale_order_id.picking_ids
            transfer.move_ids.picked = True
            transfer.button_validate()
            self.assertEqual(transfer.state, "done")

        self.check_held(pick)


@tagged("post_install", "-at_install")
class TestReadBack(AmendCase):
    """What other modules compute on the way is noticed, and nothing is left of the change."""

    def follow(self, kind, **spoiled):
        """Change an order, while something in Odoo writes other values with it.

        :return: (the rakuten.order, everything before, everything after)
        """
        type(self).sequence += 1
        (record,) = self.import_orders(base(self.sequence))
        before = self.everything(record)
        model = type(self.env["sale.order"])
        write = model.write

        def spoil(orders, vals):
            result = write(orders, vals)
            if "partner_shipping_id" in vals:
                write(orders, spoiled)
            return result

        self.rms.put(changed(self.sequence, kind))
        with patch.object(model, "write", spoil):
            self.shop._run("refresh")
        return record, before, self.everything(record)

    def test_head(self):
        warehouse = self.env["stock.warehouse"].create(
            {"name": "Second", "code": "SEC", "company_id": self.company.id}
        )
        term = self.env.ref("account.account_payment_term_30days")
        position = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "company_id": self.company.id}
        )
        team = self.env["crm.team"].create({"name": "Other", "company_id": self.company.id})
        for spoiled in (
            {"warehouse_id": warehouse.id},
            {"payment_term_id": term.id},
            {"fiscal_position_id": position.id},
            {"team_id": team.id},
            {"user_id": self.env.ref("base.user_admin").id},
        ):
            with self.subTest(spoiled=spoiled):
                record, before, after = self.follow("recipient", **spoiled)
                self.assertIn("address", record.changed)
                touched, came, went = self.differences(before, after)
                shown = {"stock.picking:rakuten_gift", "stock.picking:rakuten_address_key"}
                self.assertEqual((touched - shown, came, went), (set(), {}, {}))
                self.assertEqual(len(record.activity_ids), 1)

    def test_import(self):
        """What something in Odoo makes another order of, while it is confirmed, is none."""
        team = self.env["crm.team"].create({"name": "Other", "company_id": self.company.id})
        model = type(self.env["sale.order"])
        confirm = model._action_confirm

        def spoil(orders):
            result = confirm(orders)
            orders.filtered(lambda o: o.client_order_ref.endswith("901")).team_id = team
            return result

        with patch.object(model, "_action_confirm", spoil):
            good, bad = self.import_orders(base(900), base(901))
        self.assertEqual(good.state, "done")
        self.assertEqual((bad.state, bad.problem_code), ("blocked", "other"))
        self.assertFalse(bad.sale_order_id)
        self.assertIn("Sales Team", bad.problem)
