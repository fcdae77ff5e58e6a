"""Preview, import by number and by period, and orders that somebody has shipped already."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import RakutenCase, item, order, package

ROW = {"shippingDetailId": 1, "shippingNumber": "400000000007", "deliveryCompany": "1001"}


@tagged("post_install", "-at_install")
class TestWizards(RakutenCase):
    def wizard(self, **values):
        return self.env["rakuten.order.import"].create({"shop_id": self.shop.id, **values})

    def outcomes(self, wizard):
        return {line.name[-2:]: line.outcome for line in wizard.line_ids}

    def counts(self):
        models = "rakuten.order", "sale.order", "res.partner", "rakuten.sku", "account.tax"
        return [self.env[model].search_count([]) for model in models]

    # === Preview === #

    def test_preview_of_the_automatic_import(self):
        (known,) = self.import_orders(order(1))
        self.rms.put(
            order(2),
            order(3, [package(7003, [item("3", "NOBODY")])]),
            order(4, total=-9999, request=-9999),
            order(5, progress=100),
            order(6, [package(7006, [item()], ShippingModelList=[ROW])]),
            order(7, orderDatetime="2025-11-30T09:15:02+0900"),
            order(8, [package(7008, [item(rate=0.05)])]),
        )
        before = self.counts()
        self.rms.calls.clear()
        self.shop.action_preview_import()
        (read,) = [numbers for name, numbers in self.rms.calls if name == "get_order"]
        self.assertNotIn(known.name, read, "what is imported is not read for a preview")
        wizard = self.env["rakuten.order.import"].search([], limit=1, order="id desc")
        self.assertEqual(
            self.outcomes(wizard),
            {
                "01": "known",
                "02": "import",
                "03": "hold",
                "04": "hold",
                "05": "waiting",
                "06": "label",
                "07": "too_old",
                "08": "hold",
            },
        )
        reasons = {line.name[-2:]: line.reason for line in wizard.line_ids}
        self.assertIn("No product is known for 見本商品3", reasons["03"])
        self.assertIn("5 %", reasons["08"])
        self.assertFalse(reasons["02"])
        self.env.invalidate_all()
        self.assertEqual(self.counts(), before, "a preview keeps nothing")
        self.assertEqual(known.state, "done")

    def test_import_after_the_preview(self):
        numbers = self.rms.put(order(2))
        wizard = self.wizard()
        wizard.action_preview()
        wizard.action_import()
        self.assertEqual(self.Order.search([("name", "in", numbers)]).state, "done")

    # === By number === #

    def test_by_number_in_any_status(self):
        numbers = self.rms.put(
            order(10, orderDatetime="2025-06-01T09:15:02+0900"),
            order(11, progress=500),
            order(12, progress=100),
            order(13, progress=900),
            order(14, progress=700),
        )
        wizard = self.wizard(mode="numbers", numbers=" \n".join(numbers))
        wizard.action_preview()
        self.assertEqual(
            self.outcomes(wizard),
            {
                "10": "import",
                "11": "reference",
                "12": "waiting",
                "13": "cancelled",
                "14": "reference",
            },
        )
        wizard.action_import()
        by_number = {
            record.name[-2:]: record for record in self.Order.search([("name", "in", numbers)])
        }
        states = {number: record.state for number, record in by_number.items()}
        self.assertEqual(
            states,
            {"10": "done", "11": "done", "12": "waiting", "13": "cancelled", "14": "done"},
        )
        self.assertEqual(len(by_number["10"].sale_order_id.picking_ids), 1)
        for number in ("11", "14"):
            sale_order = by_number[number].sale_order_id
            self.assertEqual(sale_order.state, "sale")
            self.assertEqual(sale_order.amount_total, 1100)
            self.assertFalse(sale_order.picking_ids)
            self.assertEqual(sale_order.order_line.qty_delivered, 1, "it can be invoiced")

    def test_order_set_aside_is_taken_up_by_number(self):
        (record,) = self.import_orders(order(15, progress=100))
        self.rms.put(order(15, progress=500))
        self.shop._run("refresh")
        self.assertEqual(record.state, "ignored")
        self.wizard(mode="numbers", numbers=record.name).action_import()
        self.assertEqual(record.state, "done")
        self.assertFalse(record.sale_order_id.picking_ids)

    def test_held_by_number_and_mended_later(self):
        (number,) = self.rms.put(order(16, [package(7016, [item("6", "LATER")])], progress=600))
        self.wizard(mode="numbers", numbers=number).action_import()
        record = self.Order.search([("name", "=", number)])
        self.assertEqual(record.problem_code, "unmapped_sku")
        self.product_b.default_code = "LATER"
        self.shop.action_import_orders()
        self.assertEqual(record.state, "done")
        self.assertFalse(record.sale_order_id.picking_ids)

    def test_unknown_numbers_are_named(self):
        (number,) = self.rms.put(order(17))
        nobody = "123456-20260110-0000000099"
        with self.assertRaisesRegex(UserError, "0000000099"):
            self.wizard(mode="numbers", numbers=nobody).action_import()
        action = self.wizard(mode="numbers", numbers=f"{number},{nobody}").action_import()
        self.assertIn("0000000099", action["params"]["message"])
        self.assertEqual(self.Order.search([("name", "=", number)]).state, "done")

    def test_numbers_of_another_shop_are_refused(self):
        with self.assertRaisesRegex(UserError, "begin with 123456-"):
            self.wizard(mode="numbers", numbers="999999-20260110-0000000001").action_preview()
        with self.assertRaisesRegex(UserError, "at least one"):
            self.wizard(mode="numbers", numbers=" ").action_preview()

    # === By period === #

    def test_period(self):
        numbers = self.rms.put(order(20), order(21, progress=500))
        wizard = self.wizard(mode="window", date_from="2026-01-01", date_to="2026-01-31")
        wizard.action_import()
        self.assertEqual(self.Order.search([("name", "in", numbers)]).mapped("name"), [numbers[0]])
        wizard.all_statuses = True
        wizard.action_import()
        self.assertEqual(
            set(self.Order.search([("name", "in", numbers)]).mapped("state")), {"done"}
        )

    def test_period_is_63_days_at_most(self):
        with self.assertRaisesRegex(UserError, "63 days"):
            self.wizard(
                mode="window", date_from="2026-01-01", date_to="2026-03-05"
            ).action_preview()
        with self.assertRaisesRegex(UserError, "last day"):
            self.wizard(
                mode="window", date_from="2026-01-02", date_to="2026-01-01"
            ).action_preview()

    # === Shipped by somebody else === #

    def test_shipped_order_is_not_shipped_again(self):
        (record,) = self.import_orders(
            order(30, [package(7030, [item(units=2)], ShippingModelList=[ROW])], total=2200)
        )
        record.action_labels_have_left()
        sale_order = record.sale_order_id
        self.assertTrue(record.reference)
        self.assertEqual(sale_order.state, "sale")
        self.assertFalse(sale_order.picking_ids)
        self.assertEqual(sale_order.order_line.qty_delivered, 2)
        record.action_ship_anyway()
        self.assertEqual(sale_order.picking_ids.move_ids.product_uom_qty, 2)
        self.assertEqual(sale_order.order_line.qty_delivered, 0)

    def test_carrier_alone_is_no_parcel(self):
        row = {"shippingDetailId": 1, "deliveryCompany": "1001"}
        (record,) = self.import_orders(
            order(31, [package(7031, [item()], ShippingModelList=[row])])
        )
        self.assertFalse(record.reference)
        self.assertEqual(len(record.sale_order_id.picking_ids), 1)

    def test_quotation_for_reference_makes_no_transfer_when_confirmed(self):
        self.shop.auto_fulfil = False
        (record,) = self.import_orders(
            order(32, [package(7032, [item()], ShippingModelList=[ROW])])
        )
        record.action_labels_have_left()
        self.assertEqual(record.sale_order_id.state, "draft")
        record.sale_order_id.action_confirm()
        self.assertFalse(record.sale_order_id.picking_ids)
