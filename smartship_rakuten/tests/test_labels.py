"""Shipping rows that Rakuten has before anything left: plans, and labels that lie ready."""

from datetime import datetime

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import item, order, package
from .test_parcels import ParcelCase

PLANS = {
    "a day": {"deliveryCompany": None, "shippingNumber": None, "shippingDate": "2026-01-13"},
    "a carrier": {"deliveryCompany": "1003", "shippingNumber": None, "shippingDate": None},
    "both": {"deliveryCompany": "1003", "shippingNumber": "", "shippingDate": "2026-01-13"},
    "a blank": {"deliveryCompany": "1000", "shippingNumber": " ", "shippingDate": "2026-01-13"},
    "a hyphen": {"deliveryCompany": "1000", "shippingNumber": "-", "shippingDate": "2026-01-13"},
    "a wide one": {"deliveryCompany": "1000", "shippingNumber": "－", "shippingDate": None},
}
NUMBER = "400000000007"
LABEL = {
    "shippingDetailId": 5_000_000_001,
    "deliveryCompany": "1001",
    "shippingNumber": NUMBER,
    "shippingDate": "2026-01-12",
}


class LabelCase(ParcelCase):
    def labelled(self, sequence, basket=7001, **row):
        """An order that waits for shipment and of which a label exists."""
        rows = [{**LABEL, **row}]
        return order(sequence, [package(basket, [item()], ShippingModelList=rows)])

    def write_row(self, record, **row):
        """The carrier's program, or somebody in RMS, writes a row."""
        entry = self.rms.orders[record.name]["PackageModelList"][0]
        entry["ShippingModelList"] = [{**LABEL, **row}]

    def midnight(self, *records):
        """Rakuten closes what has complete rows."""
        for record in records:
            self.rms.orders[record.name]["orderProgress"] = 500
        self.shop._run("refresh")

    def reports(self):
        return [name for name in self.rms.names() if name.startswith("update_order_shipping")]


@tagged("post_install", "-at_install")
class TestPlannedRows(LabelCase):
    def test_a_plan_is_filled_when_the_goods_leave(self):
        """One row stands there afterwards, the same one."""
        for sequence, (what, row) in enumerate(PLANS.items(), start=1):
            with self.subTest(what):
                (record,) = self.import_orders(self.labelled(sequence, **row))
                picking = record.sale_order_id.picking_ids
                self.assertEqual((record.state, record.reference), ("done", False))
                self.assertEqual((len(picking), picking.rakuten_held), (1, False))
                self.ship(picking, f"40000000000{sequence}")
                self.export()
                (there,) = self.rms.orders[record.name]["PackageModelList"][0]["ShippingModelList"]
                self.assertEqual(there["shippingDetailId"], 5_000_000_001)
                self.assertEqual(there["shippingNumber"], f"40000000000{sequence}")
                self.assertEqual(there["deliveryCompany"], "1001")
                self.assertEqual(record.parcel_ids.state, "reported")

    def test_a_plan_that_comes_later_holds_nothing(self):
        (record,) = self.import_orders(order(10))
        self.write_row(record, **PLANS["a hyphen"])
        self.shop._run("refresh")
        self.assertFalse(record.sale_order_id.picking_ids.rakuten_held)

    def test_goods_have_to_leave_all_the_same(self):
        """Its deadlines are not silent."""
        with freeze_time(datetime(2026, 1, 12, 3, 0)):
            entry = self.labelled(11, **PLANS["both"])
            (record,) = self.import_orders({**entry, "deliveryDate": "2026-01-20"})
            self.assertTrue(record.leave_by)


@tagged("post_install", "-at_install")
class TestLabels(LabelCase):
    def test_a_label_at_first_sight_asks(self):
        (record,) = self.import_orders(self.labelled(20))
        self.assertEqual((record.state, record.problem_code), ("blocked", "label_exists"))
        self.assertIn(NUMBER, record.problem)
        self.assertFalse(record.sale_order_id)

    def test_taken_over(self):
        """The goods leave after midnight, and nothing is reported a second time."""
        with freeze_time(datetime(2026, 1, 12, 3, 0)):
            entry = self.labelled(21, deliveryCompany="1003")
            (record,) = self.import_orders({**entry, "deliveryDate": "2026-01-20"})
            record.action_take_over_labels()
            picking = record.sale_order_id.picking_ids
            self.assertEqual((record.state, record.reference), ("done", False))
            self.assertEqual(picking.carrier_tracking_ref, NUMBER)
            self.assertEqual(picking.carrier_id.rakuten_company_code, "1003")
            self.assertFalse(picking.rakuten_held)
            self.midnight(record)
            self.assertEqual(record.progress, "500")
            self.assertFalse(picking.rakuten_held, picking.rakuten_hold_reason)
            self.assertTrue(record.leave_by, "the goods are still here")
            picking.move_ids.picked = True
            picking.button_validate()
            self.assertEqual(picking.state, "done")
            self.export()
        self.assertEqual(self.reports(), [])
        self.assertEqual(self.rows(record), {(7001, "1003", NUMBER)})
        self.assertEqual(record.parcel_ids.mapped("state"), ["reported"])
        self.assertFalse(record.leave_by)

    def test_replaced(self):
        """The row of a label that nobody uses gets the number of the parcel that leaves."""
        (record,) = self.import_orders(self.labelled(22))
        record.action_replace_labels()
        picking = record.sale_order_id.picking_ids
        self.assertFalse(picking.carrier_tracking_ref)
        self.assertFalse(picking.rakuten_held)
        self.ship(picking, "400000000099")
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "400000000099")})
        (there,) = self.rms.orders[record.name]["PackageModelList"][0]["ShippingModelList"]
        self.assertEqual(there["shippingDetailId"], 5_000_000_001)

    def test_replaced_after_midnight(self):
        """Rakuten has closed it by the label that nobody uses."""
        (record,) = self.import_orders(self.labelled(29))
        self.midnight(record)
        record.action_replace_labels()
        self.ship(record.sale_order_id.picking_ids, "400000000099")
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "400000000099")})

    def test_left_already(self):
        (record,) = self.import_orders(self.labelled(23))
        record.action_labels_have_left()
        self.assertTrue(record.reference)
        self.assertFalse(record.sale_order_id.picking_ids)
        self.assertEqual(record.sale_order_id.order_line.qty_delivered, 1)

    def test_undecided_at_midnight_is_not_forgotten(self):
        (record,) = self.import_orders(self.labelled(24))
        self.midnight(record)
        self.assertEqual(
            (record.progress, record.state, record.problem_code),
            ("500", "blocked", "label_exists"),
        )
        record.action_take_over_labels()
        picking = record.sale_order_id.picking_ids
        self.assertEqual(picking.carrier_tracking_ref, NUMBER)
        self.assertFalse(picking.rakuten_held, picking.rakuten_hold_reason)

    def test_first_seen_after_shipping_is_none_of_ours(self):
        (number,) = self.rms.put({**self.labelled(25), "orderProgress": 500})
        self.shop.action_import_orders()
        self.assertFalse(self.Order.search([("name", "=", number)]).sale_order_id)

    def test_one_decision_for_many(self):
        records = self.import_orders(*(self.labelled(n) for n in (26, 27, 28)))
        records.action_take_over_labels()
        self.assertEqual(set(records.mapped("state")), {"done"})
        pickings = records.sale_order_id.picking_ids
        self.assertEqual(pickings.mapped("carrier_tracking_ref"), [NUMBER] * 3)

    def test_one_that_cannot_be_decided_stops_no_other(self):
        good, bad, last = self.import_orders(
            self.labelled(36), self.labelled(37, deliveryCompany="1021"), self.labelled(38)
        )
        told = (good | bad | last).action_take_over_labels()
        self.assertEqual((good | last).mapped("state"), ["done", "done"])
        self.assertEqual((bad.state, bad.problem_code), ("blocked", "label_exists"))
        self.assertFalse(bad.label_decision)
        self.assertIn(bad.name, told["params"]["message"])

    def test_the_carrier_is_read_once_for_all(self):
        records = self.import_orders(*(self.labelled(n, deliveryCompany="1003") for n in range(5)))
        Carrier = self.env.registry["delivery.carrier"]
        search, asked = Carrier._search, []

        def counted(carriers, domain, *args, **kwargs):
            asked.append(domain)
            return search(carriers, domain, *args, **kwargs)

        self.patch(Carrier, "_search", counted)
        records.action_take_over_labels()
        carriers = records.sale_order_id.picking_ids.carrier_id
        self.assertEqual(carriers.mapped("rakuten_company_code"), ["1003"])
        of_labels = [domain for domain in asked if "rakuten_company_code" in str(domain)]
        self.assertEqual(len(of_labels), 1)

    def test_a_delivery_method_that_is_made_after_the_refusal(self):
        (record,) = self.import_orders(self.labelled(39, deliveryCompany="1021"))
        with self.assertRaises(UserError):
            record.action_take_over_labels()
        carrier = self.env["delivery.carrier"].search([], limit=1)
        carrier.copy({"rakuten_company_code": "1021"})
        record.action_take_over_labels()
        picking = record.sale_order_id.picking_ids
        self.assertEqual(picking.carrier_id.rakuten_company_code, "1021")

    def test_each_destination_has_its_label(self):
        baskets = [
            package(7001, [item("1")], ShippingModelList=[LABEL]),
            package(7002, [item("2", "CODE-B")], ShippingModelList=[]),
        ]
        (record,) = self.import_orders(order(29, baskets, total=2200))
        record.action_take_over_labels()
        pickings = record.sale_order_id.picking_ids.sorted("rakuten_basket_id")
        self.assertEqual(pickings.mapped("carrier_tracking_ref"), [NUMBER, False])

    def test_a_delivery_that_is_made_later(self):
        """Of two steps the second gets the number when the first is done."""
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        (record,) = self.import_orders(self.labelled(30))
        record.action_take_over_labels()
        pick = record.sale_order_id.picking_ids
        self.assertFalse(pick.rakuten_held)
        pick.move_ids.picked = True
        pick.button_validate()
        delivery = record.sale_order_id.picking_ids - pick
        self.assertEqual(delivery.carrier_tracking_ref, NUMBER)

    def test_a_carrier_that_nobody_has(self):
        """Another carrier would be reported in its place."""
        (record,) = self.import_orders(self.labelled(31, deliveryCompany="1021"))
        with self.assertRaisesRegex(UserError, "日本通運"):
            record.action_take_over_labels()

    def test_other_companies_code_says_nothing(self):
        """Other programs enter 1000 before they know the carrier: ours is reported."""
        (record,) = self.import_orders(self.labelled(32, deliveryCompany="1000"))
        record.action_take_over_labels()
        self.ship(record.sale_order_id.picking_ids, NUMBER)
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", NUMBER)})

    def test_preview_asks_once_for_all(self):
        self.rms.put(self.labelled(33), self.labelled(34), order(35))
        wizard = self.env["rakuten.order.import"].create({"shop_id": self.shop.id})
        wizard.action_preview()
        self.assertEqual(sorted(wizard.line_ids.mapped("outcome")), ["import", "label", "label"])
        self.assertTrue(wizard.has_labels)
        wizard.label_decision = "take_over"
        wizard.action_import()
        records = self.env["rakuten.order"].search([("shop_id", "=", self.shop.id)])
        self.assertEqual(records.mapped("state"), ["done"] * 3)
        self.assertEqual(len(records.sale_order_id.picking_ids), 3)


@tagged("post_install", "-at_install")
class TestLabelsOfTransfers(LabelCase):
    def waiting(self, sequence, **row):
        (record,) = self.import_orders(order(sequence))
        self.write_row(record, **row)
        self.shop._run("refresh")
        return record, record.sale_order_id.picking_ids

    def test_held_until_taken_over(self):
        record, picking = self.waiting(40)
        other, second = self.waiting(41)
        self.assertEqual((picking | second).mapped("rakuten_held"), [True, True])
        self.assertEqual(picking.rakuten_label_numbers, NUMBER)
        (picking | second).action_rakuten_take_over()
        self.assertEqual((picking | second).mapped("rakuten_held"), [False, False])
        self.assertFalse(picking.rakuten_label_numbers)
        self.midnight(record, other)
        self.ship(picking, NUMBER)
        self.export()
        self.assertEqual(self.reports(), [])
        self.assertEqual(self.rows(record), {(7001, "1001", NUMBER)})
        with self.assertRaisesRegex(UserError, "no tracking number"):
            second.action_rakuten_take_over()

    def test_one_that_cannot_be_taken_over_stops_no_other(self):
        _record, first = self.waiting(57)
        _other, bad = self.waiting(58, deliveryCompany="1021")
        _third, last = self.waiting(59)
        told = (first | bad | last).action_rakuten_take_over()
        self.assertEqual((first | last).mapped("carrier_tracking_ref"), [NUMBER, NUMBER])
        self.assertFalse(bad.carrier_tracking_ref)
        self.assertTrue(bad.rakuten_held)
        self.assertIn(f"{bad.name}: ", told["params"]["message"])
        self.assertIn("日本通運", told["params"]["message"])
        with self.assertRaisesRegex(UserError, "日本通運"):
            bad.action_rakuten_take_over()

    def test_one_that_cannot_be_released_stops_no_other(self):
        _record, first = self.waiting(65)
        other, bad = self.waiting(66)
        _third, last = self.waiting(67)
        self.rms.orders[other.name]["orderProgress"] = 400
        self.shop._run("refresh")
        told = (first | bad | last).action_rakuten_release()
        self.assertEqual((first | last).mapped("rakuten_held"), [False, False])
        self.assertTrue(bad.rakuten_held)
        self.assertFalse(other.accepted_rows, "nothing of it stays half done")
        self.assertIn(bad.name, told["params"]["message"])
        self.assertNotIn(first.name, told["params"]["message"])

    def test_taken_over_by_itself(self):
        """The number of the carrier that it leaves with is that of its label."""
        self.shop.take_over_labels = True
        _record, picking = self.waiting(42)
        self.assertEqual(picking.carrier_tracking_ref, NUMBER)
        self.assertFalse(picking.rakuten_held)
        _record, other = self.waiting(43, deliveryCompany="1002")
        self.assertFalse(other.carrier_tracking_ref)
        self.assertTrue(other.rakuten_held)

    def test_labels_of_the_first_sight_ask_all_the_same(self):
        self.shop.take_over_labels = True
        (record,) = self.import_orders(self.labelled(44))
        self.assertEqual(record.problem_code, "label_exists")

    def test_released_is_shipped_after_midnight(self):
        """Who lets it go has decided; Rakuten's closing it holds it no more."""
        record, picking = self.waiting(45)
        picking.action_rakuten_release()
        self.midnight(record)
        self.assertFalse(picking.rakuten_held, picking.rakuten_hold_reason)
