"""From validated transfers to shipping rows at Rakuten: each parcel once."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.smartship_rakuten.rms import (
    OutcomeUnknown,
    RequestRefused,
    TemporarilyUnavailable,
)

from .common import RakutenCase, item, order, package


@tagged("post_install", "-at_install")
class TestShipping(RakutenCase):
    def rows(self, record):
        """What Rakuten has: (basket, carrier, number, date) of each row."""
        return [
            (
                entry["basketId"],
                row["deliveryCompany"],
                row["shippingNumber"],
                row["shippingDate"],
            )
            for entry in self.rms.orders[record.name]["PackageModelList"]
            for row in entry["ShippingModelList"]
        ]

    def reports(self):
        """What was sent to Rakuten: by the single and by the asynchronous call."""
        return [value for name, value in self.rms.calls if name.startswith("update_order_shipping")]

    def test_report(self):
        (record,) = self.import_orders(order(1))
        picking = record.sale_order_id.picking_ids
        self.assertEqual(picking.rakuten_order_number, record.name)
        self.assertEqual(picking.rakuten_report_state, "none")
        # 15:30 on the 12th in UTC is already the 13th in Japan.
        with freeze_time("2026-01-12 15:30:00"):
            self.ship(picking, "111122223333")
        parcel = picking.rakuten_parcel_ids
        self.assertEqual(parcel.shipping_date, date(2026, 1, 13))
        self.assertEqual(picking.rakuten_report_state, "pending")
        self.shop.action_export_shipments()
        self.assertEqual(picking.rakuten_report_state, "reported")
        self.assertEqual(self.rows(record), [(7001, "1001", "111122223333", "2026-01-13")])
        self.shop.action_export_shipments()
        self.assertEqual(len(self.reports()), 1)

    def test_several_numbers_are_several_parcels(self):
        (record,) = self.import_orders(order(2))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "111122223333, 444455556666")
        self.shop.action_export_shipments()
        self.assertEqual([row[2] for row in self.rows(record)], ["111122223333", "444455556666"])
        self.assertEqual(picking.rakuten_parcel_ids.mapped("state"), ["reported", "reported"])

    def test_number_entered_after_the_validation(self):
        (record,) = self.import_orders(order(3))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, False)
        self.assertEqual(picking.rakuten_report_state, "pending")
        self.assertIn("tracking number", picking.rakuten_report_error)
        self.shop.action_export_shipments()
        self.assertEqual(self.rows(record), [])
        picking.carrier_tracking_ref = "111122223333"
        self.shop.action_export_shipments()
        self.assertEqual([row[2] for row in self.rows(record)], ["111122223333"])

    def two_destinations(self, sequence):
        (record,) = self.import_orders(
            order(
                sequence,
                [package(7100, [item("1")]), package(7101, [item("2", "CODE-B")])],
                total=2200,
            )
        )
        return record, record.sale_order_id.picking_ids.sorted("rakuten_basket_id")

    def test_policy_complete_waits_for_the_last_parcel(self):
        record, (first, second) = self.two_destinations(4)
        self.ship(first, "111122223333")
        self.shop.action_export_shipments()
        self.assertEqual(self.rows(record), [])
        self.ship(second, "444455556666")
        self.shop.action_export_shipments()
        self.assertEqual(
            [(row[0], row[2]) for row in self.rows(record)],
            [(7100, "111122223333"), (7101, "444455556666")],
        )
        self.assertEqual(len(self.reports()), 1)

    def test_policy_each_reports_at_once(self):
        self.shop.report_policy = "each"
        record, (first, _second) = self.two_destinations(5)
        self.ship(first, "111122223333")
        self.shop.action_export_shipments()
        self.assertEqual([row[0] for row in self.rows(record)], [7100])

    def test_row_that_rakuten_has_is_adopted(self):
        (record,) = self.import_orders(order(6))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "111122223333")
        self.rms.orders[record.name]["PackageModelList"][0]["ShippingModelList"] = [
            {
                "shippingDetailId": 991,
                "shippingNumber": "111122223333",
                "deliveryCompany": "1001",
                "shippingDate": "2026-01-12",
            }
        ]
        self.shop.action_export_shipments()
        self.assertEqual(self.reports(), [])
        self.assertEqual(picking.rakuten_report_state, "reported")
        self.assertEqual(picking.rakuten_parcel_ids.shipping_detail_id, "991")

    def test_cancelled_order_is_not_reported(self):
        cancelled, other = self.import_orders(order(7), order(8))
        self.ship(
            cancelled.sale_order_id.picking_ids + other.sale_order_id.picking_ids,
            "111122223333",
            "444455556666",
        )
        self.rms.orders[cancelled.name]["orderProgress"] = 900
        self.shop.action_export_shipments()
        self.assertEqual(self.rows(cancelled), [])
        self.assertEqual(len(self.rows(other)), 1)
        picking = cancelled.sale_order_id.picking_ids
        self.assertEqual(picking.rakuten_report_state, "failed")
        self.assertIn("cancelled at Rakuten", picking.rakuten_report_error)
        self.assertTrue(cancelled.activity_ids)

    def unknown(self, *, applied):
        error = OutcomeUnknown()
        error.applied = applied
        return error

    def test_unknown_outcome_that_was_applied(self):
        (record,) = self.import_orders(order(9))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "111122223333")
        self.rms.failures["update_order_shipping"] = self.unknown(applied=True)
        self.shop.action_export_shipments()
        self.assertEqual(picking.rakuten_report_state, "sent")
        self.shop.action_export_shipments()
        self.assertEqual(picking.rakuten_report_state, "reported")
        self.assertEqual(len(self.rows(record)), 1)

    def test_unknown_outcome_that_was_not_applied(self):
        """Sent again only when it was absent twice, long enough after the call."""
        (record,) = self.import_orders(order(10))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "111122223333")
        start = datetime(2026, 1, 12, 3, 0)
        self.rms.failures["update_order_shipping"] = self.unknown(applied=False)
        for minutes, calls in ((0, 1), (1, 1), (4, 1), (5, 1), (8, 2)):
            with self.subTest(minutes=minutes), freeze_time(start + timedelta(minutes=minutes)):
                self.shop.action_export_shipments()
                self.assertEqual(len(self.reports()), calls)
        self.assertEqual(picking.rakuten_report_state, "reported")
        self.assertEqual(len(self.rows(record)), 1)

    def test_certainly_not_applied_is_sent_at_the_next_run(self):
        (record,) = self.import_orders(order(11))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "111122223333")
        error = TemporarilyUnavailable()
        error.applied = False
        self.rms.failures["update_order_shipping"] = error
        # Not assertRaises: its savepoint would take the state back.
        said = ""
        try:
            self.shop.action_export_shipments()
        except UserError as trouble:
            said = str(trouble)
        self.assertTrue(said)
        self.assertEqual(picking.rakuten_report_state, "pending")
        self.shop.action_export_shipments()
        self.assertEqual(len(self.rows(record)), 1)

    def test_refusal_is_shown_and_can_be_retried(self):
        (record,) = self.import_orders(order(12))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "111122223333")
        error = RequestRefused(code="ORDER_EXT_API_UPDATE_ORDERSHIPPING_ASYNC_ERROR_011")
        error.applied = False
        self.rms.failures["update_order_shipping"] = error
        self.shop.action_export_shipments()
        self.assertEqual(picking.rakuten_report_state, "failed")
        self.assertTrue(picking.rakuten_report_error)
        picking.action_rakuten_retry()
        self.shop.action_export_shipments()
        self.assertEqual(picking.rakuten_report_state, "reported")

    def test_one_call_for_many_orders(self):
        records = self.import_orders(*(order(number) for number in range(20, 45)))
        pickings = records.sale_order_id.picking_ids
        self.ship(pickings, *(f"1111{number:08d}" for number in range(len(pickings))))
        self.rms.calls.clear()
        self.shop.action_export_shipments()
        self.assertEqual(
            self.rms.names(), ["get_order", "update_order_shipping_async", "get_result"]
        )
        self.assertEqual(set(pickings.mapped("rakuten_report_state")), {"reported"})

    def test_stock_user_validates_and_the_parcel_is_there(self):
        """A warehouse user has no right of Rakuten's and needs none."""
        (record,) = self.import_orders(order(50))
        user = new_test_user(
            self.env,
            "rakuten-warehouse",
            "stock.group_stock_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.env.flush_all()
        picking = record.sale_order_id.picking_ids.with_user(user)
        picking.move_ids.picked = True
        picking.carrier_tracking_ref = "111122223333"
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.rakuten_parcel_ids.tracking_number, "111122223333")

    def test_correction_before_the_report(self):
        (record,) = self.import_orders(order(52))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "111122223333")
        picking.write(
            {
                "carrier_tracking_ref": "444455556666",
                "carrier_id": self.env.ref("smartship_rakuten.delivery_carrier_sagawa").id,
            }
        )
        self.shop.action_export_shipments()
        self.assertEqual([row[1:3] for row in self.rows(record)], [("1002", "444455556666")])

    def test_order_in_change_is_reported_later(self):
        (record,) = self.import_orders(order(53))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "111122223333")
        self.rms.orders[record.name]["orderProgress"] = 400
        self.shop.action_export_shipments()
        self.assertEqual(picking.rakuten_report_state, "pending")
        self.rms.orders[record.name]["orderProgress"] = 300
        self.shop.action_export_shipments()
        self.assertEqual(picking.rakuten_report_state, "reported")

    def test_nobody_writes_to_the_buyer(self):
        self.company.stock_move_email_validation = True
        (record,) = self.import_orders(order(54))
        picking = record.sale_order_id.picking_ids
        messages = len(picking.message_ids)
        self.ship(picking, "111122223333")
        self.assertFalse(
            picking.message_ids[: len(picking.message_ids) - messages].filtered("partner_ids")
        )
        self.assertFalse(self.env["mail.mail"].search([("model", "=", "stock.picking")]))
        record.sale_order_id._send_order_confirmation_mail()
        self.assertFalse(self.env["mail.mail"].search([("model", "=", "sale.order")]))

    def test_carrier_without_code_is_asked_for(self):
        """Before the transfer is done; the shop's default is the way out."""
        (record,) = self.import_orders(order(51))
        picking = record.sale_order_id.picking_ids
        picking.carrier_id.rakuten_company_code = False
        with self.assertRaisesRegex(UserError, "which carrier"):
            self.ship(picking, "111122223333")
        self.assertNotEqual(picking.state, "done")
        self.shop.company_code = "1000"
        self.ship(picking, "111122223333")
        self.assertEqual(picking.rakuten_parcel_ids.company_code, "1000")
