"""Who ships without a tracking number is asked first, and only who presses a button."""

from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .common import RakutenCase, item, order, package

PRESSED = {"rakuten_ask_number": True}


@tagged("post_install", "-at_install")
class TestUnnumbered(RakutenCase):
    def setUp(self):
        super().setUp()
        self.user = new_test_user(
            self.env,
            "rakuten-asked",
            "stock.group_stock_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def transfer(self, sequence, units=1):
        packages = [package(7001, [item(units=units)])]
        (record,) = self.import_orders(order(sequence, packages, total=1100 * units))
        picking = record.sale_order_id.picking_ids.with_user(self.user)
        picking.move_ids.picked = True
        return picking

    def asked(self, action):
        """The wizard that asks, as its dialog calls it."""
        self.assertEqual(action["res_model"], "rakuten.ship.unnumbered")
        wizards = self.env["rakuten.ship.unnumbered"].with_user(self.user)
        return wizards.with_context(**action["context"]).browse(action["res_id"])

    def press(self, pickings):
        return pickings.with_context(**PRESSED).button_validate()

    def test_button_of_the_form_asks(self):
        for view in ("stock.view_picking_form",):
            arch = self.env["stock.picking"].get_view(self.env.ref(view).id, "form")["arch"]
            self.assertEqual(arch.count('name="button_validate"'), 2)
            self.assertEqual(arch.count("{'rakuten_ask_number': True}"), 2)
        picking = self.transfer(1)
        wizard = self.asked(self.press(picking))
        self.assertEqual(wizard.unnumbered_ids, picking)
        self.assertEqual(picking.state, "assigned")
        wizard.action_ship()
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.rakuten_report_state, "pending")
        # The number may come later.
        picking.carrier_tracking_ref = "123456789013"
        self.assertEqual(picking.rakuten_parcel_ids.tracking_number, "123456789013")

    def test_number_entered_in_the_question(self):
        picking = self.transfer(2)
        wizard = self.asked(self.press(picking))
        with self.assertRaisesRegex(UserError, "Enter the tracking number"):
            wizard.action_ship_numbered()
        wizard.number = "123456789013"
        wizard.action_ship_numbered()
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.rakuten_parcel_ids.tracking_number, "123456789013")

    def test_action_of_the_list_asks_for_all_at_once(self):
        first, second, numbered = (self.transfer(n) for n in (3, 4, 5))
        numbered.carrier_tracking_ref = "123456789013"
        chosen = first | second | numbered
        action = self.env.ref("stock.action_validate_picking").with_user(self.user)
        result = action.with_context(
            active_model="stock.picking", active_ids=chosen.ids, active_id=chosen.ids[0]
        ).run()
        wizard = self.asked(result)
        self.assertEqual(wizard.unnumbered_ids, first | second)
        self.assertEqual(chosen.mapped("state"), ["assigned"] * 3)
        wizard.action_ship()
        self.assertEqual(chosen.mapped("state"), ["done"] * 3)

    def test_backorder_is_asked_for_after_that_and_no_more(self):
        picking = self.transfer(6, units=2)
        picking.move_ids.quantity = 1
        wizard = self.asked(self.press(picking))
        action = wizard.action_ship()
        self.assertEqual(action["res_model"], "stock.backorder.confirmation")
        backorder = Form.from_action(self.env(user=self.user), action).save()
        backorder.with_context(**action["context"]).process()
        self.assertEqual(picking.state, "done")

    def test_nobody_is_asked_who_presses_no_button(self):
        picking = self.transfer(7)
        self.assertIs(picking.button_validate(), True)
        self.assertEqual(picking.state, "done")

    def test_shop_that_does_not_want_it(self):
        self.shop.ask_number = False
        picking = self.transfer(8)
        self.assertIs(self.press(picking), True)
        self.assertEqual(picking.state, "done")

    def test_nobody_is_asked_for_what_has_a_number_or_is_of_no_order(self):
        picking = self.transfer(9)
        box = self.env["stock.package"].create(
            {"name": "PACK1", "rakuten_tracking_number": "123456789013"}
        )
        picking.move_line_ids.result_package_id = box
        self.assertIs(self.press(picking), True)
        other = self.transfer(10)
        other.sudo().sale_id = False
        self.assertFalse(other.rakuten_order_id)
        self.assertIs(self.press(other), True)

    def test_held_is_said_before_anything_is_asked(self):
        picking = self.transfer(11)
        self.rms.orders[picking.rakuten_order_number]["orderProgress"] = 400
        picking.action_rakuten_check()
        with self.assertRaisesRegex(Exception, "Do not ship"):
            self.press(picking)
