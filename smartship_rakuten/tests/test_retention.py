"""Personal data are kept as long as the shop says; amounts stay."""

import json

from freezegun import freeze_time

from odoo.tests import tagged

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
            self.env["rakuten.shop"]._cron_forget_persons()

    def ship_it(self):
        self.ship(self.sale_order.picking_ids, "400000000007")

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
        for model, field in (("mail.activity", "res_model"), ("mail.message", "model")):
            left = (
                self.env[model]
                .with_context(active_test=False)
                .search_count([(field, "=", "rakuten.order"), ("res_id", "=", self.record.id)])
            )
            self.assertFalse(left, model)
        self.assertEqual(self.shop.kept_count, 0)

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

    def test_reading_it_again_brings_nothing_back(self):
        self.ship_it()
        self.forget()
        self.shop._run("refresh")
        self.record.action_retry()
        self.assertNotIn("太郎", json.dumps(self.record.payload, ensure_ascii=False))

    def test_broken_payloads(self):
        for payload in (None, [], {"PackageModelList": [None, 5, {"ItemModelList": [1]}]}):
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
