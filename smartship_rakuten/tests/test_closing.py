"""Reported is not closed: what others have left at Rakuten keeps an order in 発送待ち."""

from datetime import datetime

from freezegun import freeze_time

from odoo.tests import BaseCase, tagged

from odoo.addons.smartship_rakuten.rms import OutcomeUnknown, RequestRefused
from odoo.addons.smartship_rakuten.rules.rows import open_rows

from .common import item, order, package
from .sandbox import SandboxCase
from .test_parcels import ParcelCase

EMPTY = {
    "shippingDetailId": 5_000_000_001,
    "deliveryCompany": "1000",
    "shippingNumber": None,
    "shippingDate": None,
}
OURS = {
    "shippingDetailId": 5_000_000_009,
    "deliveryCompany": "1001",
    "shippingNumber": "400000000099",
    "shippingDate": "2026-01-12",
}
THEIRS = {**OURS, "shippingDetailId": 5_000_000_003, "shippingNumber": "500000000003"}
#: Noon in Japan, and one o'clock in each of the nights after.
SHIPPED = datetime(2026, 1, 12, 3, 0)
MORNING = datetime(2026, 1, 12, 23, 0)
NIGHT_BEFORE_BATCH = datetime(2026, 1, 12, 15, 30)


@tagged("post_install", "-at_install")
class TestOpenRows(BaseCase):
    """What RMS API section 2.6 says keeps an order open."""

    def lacking(self, *rows, **values):
        payload = order(1, [package(7001, [item()], ShippingModelList=list(rows), **values)])
        return [row.detail_id for row in open_rows(payload)]

    def test_rows(self):
        self.assertEqual(self.lacking(OURS), [])
        self.assertEqual(self.lacking(OURS, EMPTY), ["5000000001"])
        for key in ("deliveryCompany", "shippingNumber", "shippingDate"):
            self.assertEqual(self.lacking({**OURS, key: None}), ["5000000009"])
            self.assertEqual(self.lacking({**OURS, key: ""}), ["5000000009"])

    def test_hyphen_is_a_number_to_rms(self):
        self.assertEqual(self.lacking({**OURS, "shippingNumber": "-"}), [])

    def test_destination_without_a_row(self):
        self.assertEqual(self.lacking(), [""])

    def test_deleted_destination(self):
        payload = order(
            1,
            [
                package(7001, [item("1")], ShippingModelList=[OURS]),
                package(7002, [item("2")], ShippingModelList=[EMPTY], packageDeleteFlag=1),
            ],
        )
        self.assertEqual(open_rows(payload), [])


@tagged("post_install", "-at_install")
class TestClosing(ParcelCase):
    def shipped(self, sequence, *rows):
        """An order with these rows of others, of which one parcel has left."""
        entry = order(
            sequence, [package(7001, [item()], ShippingModelList=[dict(row) for row in rows])]
        )
        (record,) = self.import_orders(entry)
        if record.problem_code == "label_exists":
            record.action_replace_labels()
        self.ship(record.sale_order_id.picking_ids, "400000000099")
        return record

    def there(self, record):
        """Ids and numbers of the rows at Rakuten."""
        (basket,) = self.rms.orders[record.name]["PackageModelList"]
        return [
            (row["shippingDetailId"], row["shippingNumber"]) for row in basket["ShippingModelList"]
        ]

    def warnings(self, record):
        return record.activity_ids.mapped("rakuten_reason_code")

    def test_rows_of_a_former_system(self):
        """The first is filled, the second goes: Rakuten can close the order."""
        record = self.shipped(1, EMPTY, {**EMPTY, "shippingDetailId": 5_000_000_002})
        self.export()
        self.assertEqual(self.there(record), [(5_000_000_001, "400000000099")])
        self.assertEqual(open_rows(self.rms.orders[record.name]), [])
        self.assertTrue(record.reported_at)
        self.assertFalse(record.activity_ids)
        self.assertIn("その他 – –", record.message_ids[0].body)

    def test_a_label_that_is_printed_after_the_report(self):
        """Somebody is told of it while Rakuten has not closed the order, and after; until it is
        gone."""
        for sequence, progress in ((31, 300), (32, 500)):
            record = self.shipped(sequence)
            self.export()
            self.assertTrue(record.reported_at)
            self.assertFalse(record.activity_ids)
            entry = self.rms.orders[record.name]
            rows = entry["PackageModelList"][0]["ShippingModelList"]
            rows.append(dict(THEIRS))
            entry["orderProgress"] = progress
            with self.subTest(progress=progress):
                for _reading in range(2):
                    self.shop._run("check", record.ids)
                    self.assertEqual(self.warnings(record), ["closing.other_numbers"])
                self.assertIn("500000000003", record.activity_ids.summary)
                rows.pop()
                self.shop._run("check", record.ids)
                self.assertFalse(record.activity_ids)

    def test_read_just_before(self):
        """What somebody has filled since the report is not deleted."""
        record = self.shipped(2, EMPTY, {**EMPTY, "shippingDetailId": 5_000_000_002})
        write = self.rms.update_order_shipping

        def fill_meanwhile(number, baskets):
            result = write(number, baskets)
            rows = self.rms.orders[number]["PackageModelList"][0]["ShippingModelList"]
            rows[1].update(shippingNumber="500000000003", shippingDate="2026-01-12")
            return result

        self.patch(self.rms, "update_order_shipping", fill_meanwhile)
        self.export()
        self.assertEqual(
            self.there(record),
            [(5_000_000_001, "400000000099"), (5_000_000_002, "500000000003")],
        )
        self.assertEqual(self.warnings(record), ["closing.other_numbers"])

    def test_nothing_before_the_last_parcel(self):
        """Goods that are still to leave may mean the empty row."""
        self.shop.report_policy = "each"
        spare = {**EMPTY, "shippingDetailId": 5_000_000_002}
        entry = order(
            3, [package(7001, [item(units=2)], ShippingModelList=[{**EMPTY}, spare])], total=2200
        )
        (record,) = self.import_orders(entry)
        picking = record.sale_order_id.picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.carrier_tracking_ref = "400000000099"
        picking.with_context(skip_backorder=True).button_validate()
        self.export()
        self.assertEqual(len(self.there(record)), 2)
        self.assertFalse(record.reported_at)
        rest = record.sale_order_id.picking_ids - picking
        self.ship(rest, "400000000100")
        self.export()
        self.assertEqual(
            self.there(record),
            [(5_000_000_001, "400000000099"), (5_000_000_002, "400000000100")],
        )

    def test_a_destination_that_has_not_left(self):
        spare = {**EMPTY, "shippingDetailId": 5_000_000_002}
        baskets = [
            package(7001, [item("1")], ShippingModelList=[{**EMPTY}, spare]),
            package(7002, [item("2", "CODE-B")], ShippingModelList=[]),
        ]
        entry = order(4, baskets, total=2200)
        self.shop.report_policy = "each"
        (record,) = self.import_orders(entry)
        first, second = record.sale_order_id.picking_ids.sorted("rakuten_basket_id")
        self.ship(first, "400000000099")
        self.export()
        rows = self.rms.orders[record.name]["PackageModelList"][0]["ShippingModelList"]
        self.assertEqual(len(rows), 2)
        self.ship(second, "400000000100")
        self.export()
        rows = self.rms.orders[record.name]["PackageModelList"][0]["ShippingModelList"]
        self.assertEqual([row["shippingNumber"] for row in rows], ["400000000099"])

    def test_a_number_of_others_is_named(self):
        """Of two labels that nobody uses one is left over."""
        record = self.shipped(
            5,
            {**THEIRS, "shippingDetailId": 5_000_000_001},
            THEIRS | {"shippingNumber": "500000000004"},
        )
        self.export()
        self.assertEqual(
            self.there(record),
            [(5_000_000_001, "400000000099"), (5_000_000_003, "500000000004")],
        )
        self.assertEqual(self.warnings(record), ["closing.other_numbers"])
        self.assertIn("500000000004", record.activity_ids.summary)
        # Somebody removes it in RMS.
        self.rms.orders[record.name]["PackageModelList"][0]["ShippingModelList"].pop()
        self.shop._run("refresh")
        self.assertFalse(record.activity_ids)

    def test_released_beside_a_number_of_others(self):
        (record,) = self.import_orders(order(6))
        basket = self.rms.orders[record.name]["PackageModelList"][0]
        basket["ShippingModelList"] = [{**THEIRS}]
        self.shop._run("refresh")
        picking = record.sale_order_id.picking_ids
        picking.action_rakuten_release()
        self.ship(picking, "400000000099")
        self.export()
        self.assertEqual(len(self.there(record)), 2)
        self.assertEqual(self.there(record)[0], (5_000_000_003, "500000000003"))
        self.assertEqual(self.warnings(record), ["closing.other_numbers"])

    def test_taken_over_is_no_number_of_others(self):
        entry = order(7, [package(7001, [item()], ShippingModelList=[{**THEIRS}])])
        (record,) = self.import_orders(entry)
        record.action_take_over_labels()
        self.ship(record.sale_order_id.picking_ids, "500000000003")
        self.export()
        self.assertTrue(record.reported_at)
        self.assertFalse(record.activity_ids)

    def test_the_usual_report_costs_no_call_more(self):
        self.shipped(8)
        self.rms.calls.clear()
        self.export()
        self.export()
        self.assertEqual(self.rms.names(), ["get_order", "update_order_shipping"])

    def test_refused(self):
        record = self.shipped(9, EMPTY, {**EMPTY, "shippingDetailId": 5_000_000_002})
        write = self.rms.update_order_shipping

        def refuse_deletion(number, baskets):
            if baskets[0]["ShippingModelList"][0].get("shippingDeleteFlag"):
                raise RequestRefused()
            return write(number, baskets)

        self.patch(self.rms, "update_order_shipping", refuse_deletion)
        self.export()
        self.assertEqual(self.warnings(record), ["closing.not_deleted"])
        self.rms.calls.clear()
        self.export()
        self.assertEqual(self.rms.names(), [], "it is not tried again and again")

    def test_unknown_outcome_is_read(self):
        record = self.shipped(10, EMPTY, {**EMPTY, "shippingDetailId": 5_000_000_002})
        write = self.rms.update_order_shipping

        def lose_answer(number, baskets):
            result = write(number, baskets)
            if baskets[0]["ShippingModelList"][0].get("shippingDeleteFlag"):
                raise OutcomeUnknown()
            return result

        with self.assertLogs("odoo.addons.smartship_rakuten", "WARNING"):
            self.patch(self.rms, "update_order_shipping", lose_answer)
            self.export()
        self.assertFalse(record.reported_at)
        self.export()
        self.assertEqual(self.there(record), [(5_000_000_001, "400000000099")])
        self.assertTrue(record.reported_at)

    # === The night after === #

    def report(self, sequence, *rows):
        with freeze_time(SHIPPED):
            record = self.shipped(sequence, *rows)
            self.export()
        return record

    def look(self, moment):
        with freeze_time(moment):
            self.shop._run("refresh")
            self.export()

    def test_closed_at_midnight(self):
        record = self.report(20)
        self.rms.orders[record.name]["orderProgress"] = 500
        self.look(MORNING)
        self.assertFalse(record.activity_ids)

    def test_still_open_after_the_night(self):
        record = self.report(21)
        self.look(NIGHT_BEFORE_BATCH)
        self.assertFalse(record.activity_ids)
        self.look(MORNING)
        self.assertEqual(self.warnings(record), ["closing.stays"])
        record.activity_ids.unlink()
        self.look(MORNING)
        self.assertFalse(record.activity_ids, "told once")

    def test_a_row_that_comes_after_the_report(self):
        record = self.report(22)
        basket = self.rms.orders[record.name]["PackageModelList"][0]
        basket["ShippingModelList"].append({**EMPTY, "shippingDate": "2026-01-12"})
        self.look(MORNING)
        self.assertEqual(self.warnings(record), ["closing.open_rows"])
        self.assertIn("その他 – 2026-01-12", record.activity_ids.summary)
        # Somebody deletes it in RMS, and the next night closes the order.
        self.rms.orders[record.name]["orderProgress"] = 500
        self.look(datetime(2026, 1, 13, 23, 0))
        self.assertFalse(record.activity_ids)

    def test_not_read_since_the_night(self):
        """Nobody knows yet whether it is closed."""
        record = self.report(23)
        with freeze_time(MORNING):
            self.export()
        self.assertFalse(record.activity_ids)

    def test_a_correction_is_looked_at_again(self):
        record = self.report(24)
        with freeze_time(datetime(2026, 1, 12, 4, 0)):
            record.sale_order_id.picking_ids.carrier_tracking_ref = "400000000100"
            self.assertFalse(record.reported_at)
            basket = self.rms.orders[record.name]["PackageModelList"][0]
            basket["ShippingModelList"].append({**EMPTY})
            self.export()
        self.assertEqual([number for _id, number in self.there(record)], ["400000000100"])
        self.assertTrue(record.reported_at)


@tagged("post_install", "-at_install")
class TestClosingAtTheSandbox(SandboxCase):
    """The former system has left two rows その他 without a number, and one parcel leaves."""

    def test_rakuten_closes_the_order(self):
        shop = self.open_shop("closing", items=3, seed=5)
        kinds = ["former_system", "former_system+several_destinations", "simple"]
        numbers = [self.sandbox.control("orders", kinds=[kind])["order_numbers"] for kind in kinds]
        shop.action_import_orders()
        records = self.env["rakuten.order"].search([("name", "in", sum(numbers, []))])
        self.assertEqual(records.mapped("state"), ["done"] * 3)
        for picking in records.picking_ids:
            picking.carrier_tracking_ref = f"4{picking.id:011d}"
            picking.move_ids.picked = True
            picking.button_validate()
            self.assertEqual(picking.state, "done")
        shop.action_export_shipments()
        self.assertEqual(set(records.parcel_ids.mapped("state")), {"reported"})
        self.assertTrue(all(records.mapped("reported_at")))
        self.sandbox.control("clock", advance_seconds=86400)
        shop._run("refresh")
        self.assertEqual(records.mapped("progress"), ["500"] * 3)
        placed = self.sandbox.get("state?parts=orders")["orders"]
        for record in records:
            there = [
                row["shippingNumber"]
                for entry in placed[record.name]["PackageModelList"]
                for row in entry["ShippingModelList"]
            ]
            sent = record.picking_ids.mapped("carrier_tracking_ref")
            self.assertEqual(sorted(there), sorted(sent))
