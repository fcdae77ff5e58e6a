"""Personal data are kept as long as the shop says; amounts stay."""

import copy
import json
from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rules.payload import OrderProblem

from .common import ADDRESS, RakutenCase, item, order, package

#: The builders' orders were placed on 2026-01-10.
LATER = "2026-03-01 00:00:00"
PERSONAL = ("見本", "太郎", "花子", "千代田", "0000", "1234", "sample@relay", "名入れ", "急ぎ")


@tagged("post_install", "-at_install")
class TestRetention(RakutenCase):
    def setUp(self):
        super().setUp()
        self.shop.retention_days = 30
        sender = {**ADDRESS, "firstName": "花子"}
        entry = order(
            1,
            [package(7001, [item(selectedChoice="名入れ:見本")], SenderModel=sender, noshi="見本")],
            remarks="急ぎです 見本",
            SettlementModel={"settlementMethodCode": 1, "cardOwner": "MIHON"},
        )
        entry["PackageModelList"][0]["ItemModelList"][0]["itemName"] = "商品"
        (self.record,) = self.import_orders(entry)
        self.sale_order = self.record.sale_order_id

    def forget(self, at=LATER):
        with freeze_time(at):
            self.env["rakuten.shop"]._cron_run("anonymise")

    def ship_it(self, at="2026-01-12 03:00:00", *, report=True):
        with freeze_time(at):
            self.ship(self.sale_order.picking_ids, "400000000007")
            if report:
                self.shop._run("export")

    def said_beside(self, records):
        """How many activities, messages and attachments there are."""
        return sum(
            self.env[model]
            .with_context(active_test=False)
            .search_count([(field, "=", records._name), ("res_id", "in", records.ids)])
            for model, field in (
                ("mail.activity", "res_model"),
                ("mail.message", "model"),
                ("ir.attachment", "res_model"),
            )
        )

    def test_archived_shop(self):
        self.ship_it()
        self.shop.active = False
        self.forget()
        self.assertTrue(self.record.personal_data_removed)

    def test_names_and_addresses_go_and_amounts_stay(self):
        self.ship_it()
        self.record._warn("見本 太郎")
        self.record.activity_ids.action_feedback()
        buyer, recipient = self.sale_order.partner_id, self.sale_order.partner_shipping_id
        self.forget()
        self.assertTrue(self.record.personal_data_removed)
        text = json.dumps(self.record.payload, ensure_ascii=False)
        for piece in PERSONAL[:4] + PERSONAL[6:]:
            self.assertNotIn(piece, text)
        self.assertEqual(self.record.payload["totalPrice"], 1100)
        self.assertEqual(self.record.payload["OrdererModel"]["prefecture"], "東京都")
        self.assertFalse(self.record.buyer_name)
        for partner in (buyer, recipient):
            self.assertNotIn("見本", partner.name)
            for name in ("street", "city", "zip", "phone", "rakuten_kana", "rakuten_identity"):
                self.assertFalse(partner.sudo()[name])
            self.assertEqual(partner.state_id.code, "JP-13")
        self.assertNotIn("名入れ", self.sale_order.order_line.name)
        self.assertEqual(self.sale_order.amount_total, 1100)
        self.assertEqual(self.sale_order.picking_ids.carrier_tracking_ref, "400000000007")
        self.assertFalse(self.said_beside(self.record))
        self.assertEqual(self.shop.kept_count, 0)

    def test_what_was_said_and_attached_goes(self):
        self.ship_it()
        transfer = self.sale_order.picking_ids
        contacts = self.sale_order.partner_id | self.sale_order.partner_shipping_id
        transfer.note = self.sale_order.note = "見本 太郎 様"
        for records in (self.sale_order, transfer, contacts):
            for record in records:
                record.message_post(body="見本 太郎 様に電話", attachments=[("見本.txt", b"x")])
            self.assertTrue(self.said_beside(records))
        self.forget()
        for records in (self.sale_order, transfer, contacts):
            self.assertFalse(self.said_beside(records), records)
        self.assertFalse(transfer.note or self.sale_order.note)

    def test_locked_sale_order(self):
        """As every one is with Lock Confirmed Sales: the buyer's choices go all the same."""
        (other,) = self.import_orders(order(7))
        with freeze_time("2026-01-12 03:00:00"):
            self.ship(other.sale_order_id.picking_ids, "400000000008")
        self.sale_order.action_lock()
        self.ship_it()
        self.forget()
        for record in self.record | other:
            self.assertTrue(record.personal_data_removed)
            self.assertNotIn("太郎", record.sale_order_id.partner_id.name)
        self.assertNotIn("名入れ", self.sale_order.order_line.name)

    def test_order_that_cannot_be_forgotten_keeps_its_mark(self):
        """The others of its batch are, and it comes again on the next day."""
        (other,) = self.import_orders(order(7))
        with freeze_time("2026-01-12 03:00:00"):
            self.ship(other.sale_order_id.picking_ids, "400000000008")
        self.ship_it()
        forget = type(self.record)._anonymise

        def fails(orders):
            forget(orders)
            if self.record in orders:
                raise UserError(self.record.name)

        with patch.object(type(self.record), "_anonymise", fails):
            self.forget()
        self.assertTrue(other.personal_data_removed)
        self.assertFalse(self.record.personal_data_removed)
        self.assertIn("名入れ", self.sale_order.order_line.name)
        self.forget()
        self.assertTrue(self.record.personal_data_removed)

    def test_receipt_that_was_bought_for_it_is_none_of_its_transfers(self):
        self.ship_it()
        warehouse = self.shop.warehouse_id
        receipt = self.env["stock.picking"].create(
            {
                "picking_type_id": warehouse.in_type_id.id,
                "note": "見本",
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.product_a.id,
                            "product_uom_qty": 1,
                            "location_id": self.env.ref("stock.stock_location_suppliers").id,
                            "location_dest_id": warehouse.lot_stock_id.id,
                            "reference_ids": [(6, 0, self.sale_order.stock_reference_ids.ids)],
                        },
                    )
                ],
            }
        )
        self.assertIn(self.sale_order, receipt.reference_ids.sale_ids)
        receipt.message_post(body="見本")
        self.forget()
        self.assertTrue(self.record.personal_data_removed)
        self.assertTrue(receipt.note)
        self.assertTrue(self.said_beside(receipt))

    def test_shop_that_is_opened_again(self):
        """An order that was forgotten before it was shipped can be shipped then."""
        (waiting,) = self.import_orders(order(8, [package(7008, [item("9", "NOBODY")])]))
        self.shop.active = False
        self.forget()
        self.assertTrue(waiting.personal_data_removed)
        self.shop.active = True
        self.product_b.rakuten_sku_code = "NOBODY"
        self.shop._run("refresh")
        self.assertEqual(waiting.state, "done")
        self.assertEqual(waiting.sale_order_id.partner_id.name, "見本 太郎")
        self.assertFalse(waiting.personal_data_removed)

    def test_contact_of_an_invoice_that_is_cancelled_later(self):
        self.product_a.invoice_policy = "order"
        invoice = self.sale_order._create_invoices()
        self.ship_it()
        self.forget()
        self.assertEqual(self.sale_order.partner_id.name, "見本 太郎")
        invoice.button_cancel()
        self.forget(at="2099-01-01 00:00:00")
        self.assertNotIn("見本", self.sale_order.partner_id.name)

    def test_contacts_of_invoices_are_not_looked_at_each_day(self):
        self.product_a.invoice_policy = "order"
        self.sale_order._create_invoices().action_post()
        self.ship_it()
        self.forget()
        strays = self.env["res.partner"]._rakuten_unused_contacts(
            self.company, datetime(2099, 1, 1)
        )
        self.assertFalse(
            strays & (self.sale_order.partner_id | self.sale_order.partner_shipping_id)
        )

    def test_counts_from_the_shipment(self):
        """A pre-order that left weeks after the purchase."""
        self.ship_it(at="2026-02-20 03:00:00")
        self.forget()
        self.assertFalse(self.record.personal_data_removed)
        self.forget(at="2026-03-23 00:00:00")
        self.assertTrue(self.record.personal_data_removed)

    def test_waits_for_the_report(self):
        self.ship_it(report=False)
        self.forget()
        self.assertFalse(self.record.personal_data_removed)
        self.shop._run("export")
        self.forget()
        self.assertTrue(self.record.personal_data_removed)

    def test_contacts_that_a_change_has_replaced(self):
        old = self.sale_order.partner_id | self.sale_order.partner_shipping_id
        moved = {**ADDRESS, "subAddress": "千代田9-9-9"}
        entry = copy.deepcopy(self.record.payload)
        entry["OrdererModel"] = {**moved, "emailAddress": "sample@relay.example.com"}
        entry["PackageModelList"][0]["SenderModel"] = {**moved, "isolatedIslandFlag": 0}
        self.rms.put(entry)
        self.shop._run("refresh")
        self.assertFalse(old & self.sale_order.partner_id)
        # A transfer that somebody has cancelled, and the one that took its place.
        replaced = self.sale_order.picking_ids
        replaced.rakuten_label_name = "見本"
        replaced.action_cancel()
        self.env["rakuten.order"]._check_will_ship(self.shop)
        self.record.action_ship_again()
        # The contacts are as old as the test, the order is older.
        self.forget(at="2099-01-01 00:00:00")
        self.assertFalse(self.record.personal_data_removed, "it has not left")
        for partner in old:
            self.assertNotIn("見本", partner.name)
        self.assertIn("太郎", self.sale_order.partner_id.name)
        self.ship(self.sale_order.picking_ids - replaced, "400000000007")
        self.shop._run("export")
        self.forget(at="2099-01-01 00:00:00")
        self.assertTrue(self.record.personal_data_removed)
        self.assertFalse(replaced.rakuten_label_name)

    def test_replaced_recipient_of_a_buyer_with_an_invoice(self):
        """No invoice names the address that the goods did not go to."""
        old = self.sale_order.partner_shipping_id
        self.assertEqual(old.parent_id, self.sale_order.partner_id)
        entry = copy.deepcopy(self.record.payload)
        entry["PackageModelList"][0]["SenderModel"]["subAddress"] = "千代田9-9-9"
        self.rms.put(entry)
        self.shop._run("refresh")
        new = self.sale_order.partner_shipping_id
        self.assertNotEqual(new, old)
        self.product_a.invoice_policy = "order"
        self.sale_order._create_invoices().action_post()
        self.forget(at="2099-01-01 00:00:00")
        self.assertNotIn("見本", old.name)
        self.assertIn("見本", new.name)

    def test_stray_contact_of_a_shop_that_keeps_for_ever(self):
        self.env["rakuten.shop"].create(
            {"name": "もう一つ", "shop_number": "654321", "company_id": self.company.id}
        )
        stray = self.sale_order.partner_id.copy({"rakuten_buyer": True, "street": "千代田"})
        self.forget(at="2099-01-01 00:00:00")
        self.assertEqual(stray.street, "千代田")

    def test_order_that_could_never_be_read(self):
        record = self.Order.create({"shop_id": self.shop.id, "name": "123456-20260110-0000000099"})
        record._block(OrderProblem("malformed", field="OrderModelList"))
        record._attach_text("見本 太郎")
        self.forget(at="2099-01-01 00:00:00")
        self.assertTrue(record.personal_data_removed)
        self.assertFalse(self.said_beside(record))

    def test_memo_is_not_written_any_more(self):
        """It would be the forgotten payload's, without what stands there at Rakuten."""
        self.shop.memo_left = "出荷済み"
        self.ship_it()
        self.record.memo_due = "left"
        self.forget()
        self.shop._run("memos")
        self.assertNotIn("update_order_memo", self.rms.names())

    def test_not_before_its_time(self):
        self.ship_it()
        self.forget(at="2026-02-08 00:00:00")
        self.assertFalse(self.record.personal_data_removed)
        self.assertEqual(self.shop.kept_count, 1)

    def test_for_ever(self):
        self.ship_it()
        self.shop.retention_days = 0
        self.forget()
        self.assertFalse(self.record.personal_data_removed)

    def test_open_orders_keep_what_the_parcel_needs(self):
        self.forget()
        self.assertFalse(self.record.personal_data_removed)

    def test_quotation_keeps_what_the_parcel_needs(self):
        """Without Automatic Fulfilment there is no transfer yet, and nothing has left."""
        self.shop.auto_fulfil = False
        (quotation,) = self.import_orders(order(9))
        self.assertFalse(quotation.sale_order_id.picking_ids)
        self.forget()
        self.assertFalse(quotation.personal_data_removed)
        quotation.sale_order_id._action_cancel()
        self.forget()
        self.assertTrue(quotation.personal_data_removed)

    def test_shipped_by_somebody_else_is_finished(self):
        row = {"shippingDetailId": 1, "shippingNumber": "400000000007"}
        (record,) = self.import_orders(order(8, [package(7008, [item()], ShippingModelList=[row])]))
        record.action_labels_have_left()
        self.forget()
        self.assertTrue(record.personal_data_removed)

    def test_contact_of_a_younger_order_stays(self):
        self.ship_it()
        (younger,) = self.import_orders(order(2, orderDatetime="2026-02-20T09:15:02+0900"))
        self.assertEqual(younger.sale_order_id.partner_id, self.sale_order.partner_id)
        self.forget()
        self.assertTrue(self.record.personal_data_removed)
        self.assertEqual(self.sale_order.partner_id.name, "見本 太郎")
        self.assertNotIn("見本", self.sale_order.partner_shipping_id.name)

    def test_contact_of_a_sale_without_rakuten_stays(self):
        """A replacement that the shop keeper has entered by hand."""
        self.ship_it()
        self.env["sale.order"].create(
            {"partner_id": self.sale_order.partner_id.id, "company_id": self.company.id}
        )
        self.forget()
        self.assertTrue(self.record.personal_data_removed)
        self.assertEqual(self.sale_order.partner_id.name, "見本 太郎")

    def test_contact_of_an_invoice_stays(self):
        self.product_a.invoice_policy = "order"
        self.sale_order._create_invoices().action_post()
        self.ship_it()
        self.forget()
        self.assertEqual(self.sale_order.partner_id.name, "見本 太郎")

    def test_contact_of_a_cancelled_invoice_goes(self):
        self.product_a.invoice_policy = "order"
        self.sale_order._create_invoices().button_cancel()
        self.ship_it()
        self.forget()
        self.assertNotIn("見本", self.sale_order.partner_id.name)

    def test_contact_of_another_open_transfer_stays(self):
        """Goods sent to the buyer without a sale order."""
        self.ship_it()
        self.env["stock.picking"].create(
            {
                "partner_id": self.sale_order.partner_id.id,
                "picking_type_id": self.sale_order.picking_ids.picking_type_id.id,
            }
        )
        self.forget()
        self.assertTrue(self.record.personal_data_removed)
        self.assertEqual(self.sale_order.partner_id.name, "見本 太郎")

    def test_reading_it_again_brings_nothing_back(self):
        self.ship_it()
        self.forget()
        self.shop._run("refresh")
        self.record.action_retry()
        self.assertNotIn("太郎", json.dumps(self.record.payload, ensure_ascii=False))

    def test_broken_payloads(self):
        broken = {
            "OrdererModel": "見本",
            "PackageModelList": [
                None,
                "見本",
                {"SenderModel": ["見本"], "ItemModelList": ["見本"]},
            ],
        }
        for payload in (None, [], broken, {"PackageModelList": "見本", "SettlementModel": "見本"}):
            record = self.Order.create(
                {
                    "shop_id": self.shop.id,
                    "name": f"123456-{payload}",
                    "payload": payload,
                    "order_date": "2026-01-01",
                    "state": "ignored",
                }
            )
            self.forget()
            self.assertTrue(record.personal_data_removed)
            self.assertNotIn("見本", json.dumps(record.payload, ensure_ascii=False))
