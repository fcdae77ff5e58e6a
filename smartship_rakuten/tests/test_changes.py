"""What happens at Rakuten after the import: applied while nobody has worked on it, else held."""

from datetime import datetime

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.smartship_rakuten.rms import OrderOutcome, OutcomeUnknown

from .common import ADDRESS, RakutenCase, item, order, package


@tagged("post_install", "-at_install")
class TestChanges(RakutenCase):
    def setUp(self):
        super().setUp()
        (self.record,) = self.import_orders(order(1))
        self.sale_order = self.record.sale_order_id
        self.picking = self.sale_order.picking_ids

    def change(self, *, progress=300, packages=None, total=1100, **values):
        """Change the order at Rakuten and read it again."""
        self.rms.put(order(1, packages, total=total, progress=progress, **values))
        self.shop._run("refresh")

    def open_pickings(self):
        return self.sale_order.picking_ids.filtered(lambda picking: picking.state != "cancel")

    def work_begins(self):
        self.picking.carrier_tracking_ref = "400000000007"

    # === Applied === #

    def test_quantity_is_applied(self):
        number = self.sale_order.name
        self.change(packages=[package(7001, [item(units=3)])], total=3300)
        self.assertFalse(self.record.changed)
        self.assertEqual(self.record.state, "done")
        self.assertEqual(self.sale_order.name, number)
        self.assertEqual(self.sale_order.state, "sale")
        self.assertEqual(self.sale_order.amount_total, 3300)
        self.assertEqual(self.sale_order.rakuten_request_price, 3300)
        self.assertEqual(self.open_pickings().move_ids.product_uom_qty, 3)
        self.assertEqual(self.open_pickings().rakuten_basket_id, "7001")
        text = self.record.message_ids[0].body
        self.assertIn("quantity of 見本商品1: 1 → 3", text)
        self.assertIn("total: 1,100 → 3,300", text)
        self.assertFalse(self.record.activity_ids)

    def test_address_is_applied_and_the_old_one_kept(self):
        old = self.picking.partner_id
        sender = {**ADDRESS, "city": "港区", "isolatedIslandFlag": 0}
        self.change(packages=[package(7001, [item()], SenderModel=sender)])
        self.assertFalse(self.record.changed)
        self.assertEqual(self.open_pickings().partner_id.city, "港区")
        self.assertEqual(old.city, "千代田区")

    def test_item_added_and_removed(self):
        self.change(
            packages=[package(7001, [item("2", "CODE-B", price=500, rate=0.08)])], total=500
        )
        self.assertEqual(self.sale_order.order_line.product_id, self.product_b)
        self.assertEqual(self.sale_order.amount_total, 500)
        self.assertEqual(self.open_pickings().move_ids.product_id, self.product_b)
        self.assertIn("new item 見本商品2", self.record.message_ids[0].body)

    def test_what_the_company_decided_stays(self):
        carrier = self.env.ref("smartship_rakuten.delivery_carrier_sagawa")
        self.sale_order.write({"carrier_id": carrier.id, "user_id": self.env.user.id})
        placed = self.sale_order.date_order
        self.change(packages=[package(7001, [item(units=3)])], total=3300)
        self.assertEqual(self.sale_order.amount_total, 3300)
        self.assertEqual(self.sale_order.carrier_id, carrier)
        self.assertEqual(self.sale_order.user_id, self.env.user)
        self.assertEqual(self.sale_order.date_order, placed)

    def test_quotation_stays_a_quotation(self):
        self.shop.auto_fulfil = False
        (record,) = self.import_orders(order(2))
        self.rms.put(order(2, [package(7001, [item(units=2)])], total=2200))
        self.shop._run("refresh")
        self.assertEqual(record.sale_order_id.state, "draft")
        self.assertEqual(record.sale_order_id.amount_total, 2200)

    def test_change_in_two_steps_is_not_lost(self):
        """In 400 the new contents are there already; they count once the order is back in 300."""
        self.change(progress=400, packages=[package(7001, [item(units=2)])], total=2200)
        self.assertIn("1 → 2", self.record.changed)
        self.assertEqual(self.sale_order.amount_total, 1100)
        self.assertFalse(self.record.activity_ids, "Rakuten has not settled it yet")
        self.change(packages=[package(7001, [item(units=2)])], total=2200)
        self.assertFalse(self.record.changed)
        self.assertEqual(self.sale_order.amount_total, 2200)

    def test_change_that_is_taken_back_leaves_nothing(self):
        self.change(progress=400, packages=[package(7001, [item(units=2)])], total=2200)
        self.change()
        self.assertFalse(self.record.changed)
        self.assertEqual(self.open_pickings(), self.picking)

    def test_remarks_and_delivery_date_change_no_line(self):
        self.change(deliveryDate="2026-02-01", remarks="急ぎません")
        self.assertFalse(self.record.changed)
        self.assertEqual(str(self.record.delivery_date), "2026-02-01")
        self.assertEqual(self.sale_order.amount_total, 1100)

    def test_status_alone_is_no_change(self):
        self.change(progress=400)
        self.change()
        self.assertFalse(self.record.changed)
        self.assertEqual(self.open_pickings(), self.picking)

    # === Held === #

    def test_begun_work_holds(self):
        mails = self.env["mail.mail"].search_count([])
        self.work_begins()
        self.change(packages=[package(7001, [item(units=3)])], total=3300)
        self.assertIn("quantity of 見本商品1: 1 → 3", self.record.changed)
        self.assertEqual(self.sale_order.amount_total, 1100)
        self.assertEqual(len(self.record.activity_ids), 1)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        with self.assertRaisesRegex(UserError, "1 → 3"):
            self.picking.button_validate()
        self.shop._run("refresh")
        self.assertEqual(len(self.record.activity_ids), 1)
        self.record.action_release()
        self.assertFalse(self.record.changed)
        self.ship(self.picking, "400000000007")
        self.assertEqual(self.picking.state, "done")

    def test_what_a_person_corrected_is_not_overwritten(self):
        self.sale_order.order_line.price_unit = 900
        self.change(packages=[package(7001, [item(units=3)])], total=3300)
        self.assertTrue(self.record.changed)
        self.assertEqual(self.sale_order.order_line.price_unit, 900)

    def test_printed_transfer_holds(self):
        self.picking.printed = True
        self.change(packages=[package(7001, [item(units=3)])], total=3300)
        self.assertTrue(self.record.changed)

    def test_invoiced_order_holds(self):
        self.product_a.invoice_policy = "order"
        self.sale_order._create_invoices()
        self.change(packages=[package(7001, [item(units=3)])], total=3300)
        self.assertTrue(self.record.changed)

    def test_what_staff_decided_for_the_transfer_holds(self):
        """Its successor would have the sale order's carrier and Rakuten's address."""
        sagawa = self.env.ref("smartship_rakuten.delivery_carrier_sagawa")
        for sequence, vals in (
            (21, {"carrier_id": sagawa.id}),
            (22, {"rakuten_label_building": "見本ビル"}),
        ):
            (record,) = self.import_orders(order(sequence))
            record.sale_order_id.picking_ids.write(vals)
            self.rms.put(order(sequence, [package(7001, [item(units=3)])], total=3300))
            self.shop._run("refresh")
            self.assertIn("1 → 3", record.changed)
            self.assertEqual(record.sale_order_id.amount_total, 1100)

    def test_present_of_the_staff_holds(self):
        salesperson = new_test_user(
            self.env,
            "rakuten-sales",
            "sales_team.group_sale_salesman",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        present = {"product_id": self.product_b.id, "price_unit": 0}
        self.sale_order.with_user(salesperson).sudo().write({"order_line": [(0, 0, present)]})
        self.change(packages=[package(7001, [item(units=3)])], total=3300)
        self.assertIn("1 → 3", self.record.changed)
        self.assertEqual(self.sale_order.order_line.product_id, self.product_a | self.product_b)

    def test_product_that_the_staff_replaced_holds(self):
        self.shop.auto_fulfil = False
        (record,) = self.import_orders(order(31))
        line = record.sale_order_id.order_line
        line.write({"product_id": self.product_b.id, "price_unit": 1100, "tax_ids": line.tax_ids})
        self.assertEqual(record.sale_order_id.amount_total, 1100)
        self.rms.put(order(31, [package(7001, [item(units=3)])], total=3300))
        self.shop._run("refresh")
        self.assertIn("1 → 3", record.changed)
        self.assertEqual(line.product_id, self.product_b)

    def test_waybill_that_was_made_holds(self):
        """The label has the old address."""
        self.env["rakuten.waybill"]._of({self.picking: 1})[self.picking].exported_on = datetime(
            2026, 1, 10
        )
        sender = {**ADDRESS, "city": "港区", "isolatedIslandFlag": 0}
        self.change(packages=[package(7001, [item()], SenderModel=sender)])
        self.assertTrue(self.record.changed)
        self.assertEqual(self.open_pickings(), self.picking)

    def test_cancelled_with_a_posted_invoice(self):
        self.product_a.invoice_policy = "order"
        invoice = self.sale_order._create_invoices()
        invoice.action_post()
        self.change(progress=900)
        self.assertEqual(self.record.state, "cancelled")
        self.assertIn(f"credit {invoice.name}", self.record.activity_ids.summary)

    def test_unmapped_new_item_holds(self):
        self.change(packages=[package(7001, [item(), item("9", "NOBODY", price=10)])], total=1110)
        self.assertIn("new item 見本商品9", self.record.changed)
        self.assertEqual(self.sale_order.amount_total, 1100)

    def test_amount_that_became_undetermined_holds(self):
        self.change(total=-9999, request=-9999)
        self.assertEqual(self.record.changed, "amounts or form")

    # === Field cases === #

    def another_street(self):
        sender = {**ADDRESS, "subAddress": "千代田9-9-9", "isolatedIslandFlag": 0}
        self.change(packages=[package(7001, [item()], SenderModel=sender)])

    def test_field_case_2_pricelist_in_dollars(self):
        """A corrected address of the buyer makes no other customer of him: no other currency, no
        other pricelist, team or warehouse."""
        self.make_dollar_pricelist()
        for sequence, auto_fulfil in ((41, False), (42, True)):
            self.shop.auto_fulfil = auto_fulfil
            (record,) = self.import_orders(order(sequence))
            sale_order = record.sale_order_id
            names = ("currency_id", "pricelist_id", "team_id", "warehouse_id", "amount_total")
            before = [sale_order[name] for name in names]
            payload = order(sequence)
            payload["OrdererModel"]["city"] = "港区"
            self.rms.put(payload)
            self.shop._run("refresh")
            self.assertFalse(record.changed)
            self.assertEqual([sale_order[name] for name in names], before)
            self.assertEqual(sale_order.currency_id.name, "JPY")
            self.assertFalse(sale_order.pricelist_id)
            self.assertEqual(sale_order.partner_id.city, "港区")

    def test_field_case_8_what_staff_have_written(self):
        """Note, star, day, owner and analytic account stay: the transfer has a note, so somebody
        is told of the address instead."""
        account = self.make_analytic_account()
        day = datetime(2026, 3, 1, 9)
        self.sale_order.order_line.analytic_distribution = {str(account.id): 100}
        owner = self.env["res.partner"].create({"name": "Consignor"})
        self.picking.write({"priority": "1", "scheduled_date": day, "owner_id": owner.id})
        self.another_street()
        self.assertEqual(self.open_pickings().partner_id.street, "千代田9-9-9")
        self.assertFalse(self.record.changed)
        self.picking.note = "<p>保冷剤</p>"
        self.change()
        self.assertIn("address", self.record.changed)
        transfer = self.open_pickings()
        self.assertEqual(transfer, self.picking)
        self.assertIn("保冷剤", transfer.note)
        self.assertEqual(transfer.priority, "1")
        self.assertEqual(transfer.scheduled_date, day)
        self.assertEqual(transfer.owner_id, owner)
        self.assertEqual(self.sale_order.order_line.analytic_distribution, {str(account.id): 100})

    def test_field_case_13_locked_by_the_settings(self):
        self.lock_what_is_confirmed()
        (record,) = self.import_orders(order(43))
        sale_order = record.sale_order_id
        self.assertTrue(sale_order.locked)
        sender = {**ADDRESS, "subAddress": "千代田9-9-9", "isolatedIslandFlag": 0}
        self.rms.put(order(43, [package(7001, [item(units=2)], SenderModel=sender)], total=2200))
        self.shop._run("refresh")
        self.assertFalse(record.changed)
        self.assertEqual(sale_order.picking_ids.partner_id.street, "千代田9-9-9")
        self.assertEqual(sale_order.picking_ids.move_ids.product_uom_qty, 2)
        self.assertTrue(sale_order.locked)

    def test_address_that_somebody_has_changed_holds(self):
        """No contact is written, and no decision of a person's."""
        other = self.env["res.partner"].create({"name": "Neighbour"})
        self.picking.partner_id = other
        self.another_street()
        self.assertIn("address", self.record.changed)
        self.assertEqual(self.picking.partner_id, other)

    def test_less_of_it_whatever_day_it_was_promised_for(self):
        """Nothing is planned to come back that has not left."""
        (record,) = self.import_orders(order(44, [package(7001, [item(units=5)])], total=5500))
        transfer = record.sale_order_id.picking_ids
        transfer.move_ids.date_deadline = datetime(2026, 4, 1)
        self.rms.put(order(44, [package(7001, [item(units=2)])], total=2200))
        self.shop._run("refresh")
        self.assertFalse(record.changed)
        self.assertEqual(record.sale_order_id.picking_ids, transfer)
        self.assertEqual(transfer.move_ids.product_uom_qty, 2)
        self.assertEqual(transfer.move_ids.quantity, 2)

    def test_another_destination_in_place_of_the_first(self):
        """Its transfer is given up; what is sold there no more stays with it, at nothing."""
        sender = {**ADDRESS, "familyName": "受取", "isolatedIslandFlag": 0}
        self.change(packages=[package(7002, [item()], SenderModel=sender)])
        self.assertFalse(self.record.changed)
        self.assertEqual(self.sale_order.amount_total, 1100)
        self.assertEqual(self.sale_order.partner_shipping_id.name, "受取 太郎")
        self.assertEqual(self.picking.state, "cancel")
        transfer = self.open_pickings()
        self.assertEqual(transfer.rakuten_basket_id, "7002")
        self.assertEqual(transfer.partner_id.name, "受取 太郎")
        self.assertEqual(transfer.move_ids.product_uom_qty, 1)
        self.assertEqual(self.sale_order.order_line.mapped("product_uom_qty"), [0, 1])

    def test_what_has_left_is_named(self):
        """Part of the goods is on its way."""
        (record,) = self.import_orders(order(45, [package(7001, [item(units=2)])], total=2200))
        transfer = record.sale_order_id.picking_ids
        transfer.move_ids.quantity = 1
        transfer.move_ids.picked = True
        transfer.carrier_tracking_ref = "400000000007"
        transfer.with_context(skip_backorder=True).button_validate()
        self.assertEqual(transfer.state, "done")
        self.rms.put(order(45, [package(7001, [item(units=3)])], total=3300))
        self.shop._run("refresh")
        self.assertIn(f"{transfer.name} hang on it", record.changed)
        self.assertEqual(len(record.activity_ids), 1)
        # What hangs on it becomes more; the change is the same, and is told once.
        self.product_a.invoice_policy = "order"
        invoice = record.sale_order_id._create_invoices()
        record._hold_change(record._difference(record.imported_payload, record.payload)[0])
        self.assertIn(f"{transfer.name}, {invoice.display_name} hang on it", record.changed)
        self.assertEqual(len(record.activity_ids), 1)

    def test_goods_that_were_picked_for_a_cancelled_order(self):
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        (record,) = self.import_orders(order(46))
        transfer = record.sale_order_id.picking_ids
        transfer.move_ids.picked = True
        transfer.button_validate()
        self.rms.put(order(46, progress=900))
        self.shop._run("refresh")
        self.assertEqual(record.state, "cancelled")
        self.assertIn(f"{transfer.name} have moved goods", record.activity_ids.summary)

    # === Cancelled in Odoo, then at Rakuten === #

    def wizard(self, reason="8", restore="1"):
        action = self.sale_order.action_cancel()
        self.assertEqual(action["res_model"], "rakuten.order.cancel")
        return (
            self.env["rakuten.order.cancel"]
            .with_context(**action["context"])
            .create({"reason": reason, "restore": restore})
        )

    def test_cancelled_at_rakuten_after_a_question(self):
        wizard = self.wizard()
        self.assertEqual(self.sale_order.state, "cancel")
        self.assertNotIn("cancel_order", self.rms.names(), "nobody has answered yet")
        wizard.action_cancel_at_rakuten()
        self.assertIn(("cancel_order", (self.record.name, 1, 8)), self.rms.calls)
        self.assertEqual(self.record.progress, "800")
        self.assertEqual(self.record.state, "cancelled")

    def test_cancelled_at_rakuten_cancels_in_odoo(self):
        self.record.action_cancel_at_rakuten()
        self.env["rakuten.order.cancel"].create(
            {"order_id": self.record.id, "reason": "1"}
        ).action_cancel_at_rakuten()
        self.assertEqual(self.sale_order.state, "cancel")
        self.assertEqual(self.picking.state, "cancel")

    def test_refusal_is_a_sentence_and_changes_nothing(self):
        self.rms.failures["cancel_order"] = OrderOutcome(
            False, "X_ERROR_101", "発送日が登録済みです"
        )
        wizard = self.env["rakuten.order.cancel"].create(
            {"order_id": self.record.id, "reason": "1"}
        )
        with self.assertRaisesRegex(UserError, "発送日が登録済みです"):
            wizard.action_cancel_at_rakuten()
        self.assertEqual(self.sale_order.state, "sale")

    def test_accepted_but_not_shown_yet(self):
        """Rakuten has taken the request; it need not show at once, and is not made again."""
        accepted = OrderOutcome(True, "ORDER_EXT_API_CANCEL_ORDER_INFO_101", "")
        self.rms.failures["cancel_order"] = accepted
        self.env["rakuten.order.cancel"].create(
            {"order_id": self.record.id, "reason": "1"}
        ).action_cancel_at_rakuten()
        self.assertEqual(self.record.progress, "300")
        self.assertEqual(self.sale_order.state, "cancel")
        self.assertEqual(self.record.state, "cancelled")

    def test_unknown_outcome_is_read_back_and_not_repeated(self):
        failure = OutcomeUnknown(operation="cancelOrder")
        failure.applied = True
        self.rms.failures["cancel_order"] = failure
        self.env["rakuten.order.cancel"].create(
            {"order_id": self.record.id, "reason": "1"}
        ).action_cancel_at_rakuten()
        self.assertEqual(self.record.state, "cancelled")
        self.assertEqual(self.rms.names().count("cancel_order"), 1)

    def test_salesperson_without_rakuten_role_is_not_asked(self):
        user = self.env["res.users"].create(
            {
                "name": "Sales",
                "login": "rakuten-sales-only",
                "group_ids": [(6, 0, [self.env.ref("sales_team.group_sale_manager").id])],
                "company_ids": [(6, 0, self.company.ids)],
                "company_id": self.company.id,
            }
        )
        self.assertEqual(self.sale_order.with_user(user).action_cancel(), True)
        self.assertEqual(self.sale_order.state, "cancel")
