"""The whole story against the sandbox, over real HTTP."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .sandbox import SandboxCase

KINDS = """
    simple several_lines mixed_tax tax_excluded mixed_tax_included_excluded postage cod
    payment_charge additional_fee wrapping wrapping_two wrapping_tax_excluded shop_coupon
    shop_coupon_item rakuten_coupon points points_all free_item several_destinations noshi gift
    drop_off convenience_store delivery_date subscription buying_club reservation midnight
    missing_first_name missing_kana missing_phone_part emoji half_width_kana long_remarks
    remote_island multi_sku free_option
""".split()


@tagged("post_install", "-at_install")
class TestEndToEnd(SandboxCase):
    def setUp(self):
        super().setUp()
        self.shop = self.open_shop("endtoend", items=20, seed=3)

    def orders(self):
        return self.env["rakuten.order"].search([("shop_id", "=", self.shop.id)])

    def ship(self, pickings):
        for number, picking in enumerate(pickings):
            picking.move_ids.picked = True
            picking.carrier_tracking_ref = f"40000000{number:04d}"
            picking.button_validate()

    def test_story(self):
        self.sandbox.control("orders", count=len(KINDS), kinds=KINDS)
        bad = ["unmapped_sku", "postage_undetermined", "social_gift"]
        self.sandbox.control("orders", count=len(bad), kinds=bad)
        self.shop.action_test_connection()
        self.assertEqual(self.shop.state, "connected")
        self.shop.action_import_skus()
        self.shop.action_import_orders()
        orders = self.orders()
        self.assertEqual(len(orders), len(KINDS) + len(bad))
        blocked = orders.filtered(lambda order: order.state == "blocked")
        self.assertEqual(
            sorted(blocked.mapped("problem_code")),
            ["amount_undetermined", "recipient_incomplete", "unmapped_sku"],
        )
        done = orders - blocked
        self.assertEqual(set(done.mapped("state")), {"done"})
        self.check_money(done)
        pickings = done.sale_order_id.picking_ids
        baskets = {
            (order.name, str(package["basketId"]))
            for order in done
            for package in order.payload["PackageModelList"]
        }
        self.assertEqual({(p.rakuten_order_number, p.rakuten_basket_id) for p in pickings}, baskets)
        self.ship(pickings)
        self.shop.action_export_shipments()
        self.assertEqual(set(pickings.mapped("rakuten_report_state")), {"reported"})
        rows = self.sandbox.get("state")["shipping"]
        self.assertEqual(
            sorted(
                (row["orderNumber"], str(row["basketId"]), row["shippingNumber"]) for row in rows
            ),
            sorted(
                (p.rakuten_order_number, p.rakuten_basket_id, p.carrier_tracking_ref)
                for p in pickings
            ),
        )
        # The carrier that Rakuten names for all destinations of an order, else the shop's.
        expected = {}
        for order in done:
            packages = order.payload["PackageModelList"]
            codes = {package["defaultDeliveryCompanyCode"] for package in packages}
            company = codes.pop() if len(codes) == 1 else "1002"
            expected |= dict.fromkeys([str(package["basketId"]) for package in packages], company)
        self.assertEqual(set(expected.values()), {"1001", "1002", "1003"})
        self.assertEqual({str(row["basketId"]): row["deliveryCompany"] for row in rows}, expected)
        self.assertEqual(self.sandbox.calls("updateOrderShippingAsync"), 1)
        self.shop.action_sync_inventory()
        stock = self.sandbox.get("state")["stock"]
        skus = self.env["rakuten.sku"].search([("shop_id", "=", self.shop.id)])
        for sku in skus.filtered("product_id"):
            key = f"{sku.manage_number}/{sku.variant_id}"
            self.assertEqual(stock[key], sku.stock_sent, key)

    def check_money(self, orders):
        for order in orders:
            entry, sale_order = order.payload, order.sale_order_id
            with self.subTest(order=order.name):
                self.assertEqual(
                    sale_order.amount_total,
                    entry["totalPrice"]
                    + entry["deliveryPrice"]
                    + entry["paymentCharge"]
                    + entry["additionalFeeOccurAmountToUser"]
                    - entry["couponShopPrice"],
                )
                self.assertEqual(
                    sale_order.amount_total,
                    entry["requestPrice"]
                    + entry["PointModel"]["usedPoint"]
                    + entry["couponOtherPrice"],
                )

    def test_thousand_waiting_orders(self):
        """1,000 orders: two searches, ten reads; again with nothing new: two searches."""
        self.sandbox.control("orders", count=1000, kinds=["processing"])
        self.shop.action_test_connection()
        before = {name: self.sandbox.calls(name) for name in ("searchOrder", "getOrder")}
        self.shop.action_import_orders()
        self.assertEqual(set(self.orders().mapped("state")), {"waiting"})
        self.assertEqual(len(self.orders()), 1000)
        self.assertEqual(self.sandbox.calls("searchOrder") - before["searchOrder"], 2)
        self.assertEqual(self.sandbox.calls("getOrder") - before["getOrder"], 10)
        self.shop.action_import_orders()
        self.assertEqual(self.sandbox.calls("searchOrder") - before["searchOrder"], 4)
        self.assertEqual(self.sandbox.calls("getOrder") - before["getOrder"], 10)

    def test_calls_are_kept_without_contents(self):
        self.sandbox.control("orders", count=1, kinds=["simple"])
        self.sandbox.control("faults", operation="searchOrder", kind="429", times=1)
        self.shop.action_import_orders()
        calls = self.env["rakuten.call"].search([("shop_id", "=", self.shop.id)])
        served = [call["operation"] for call in self.sandbox.get("calls")["calls"]]
        self.assertEqual(len(calls), len(served))
        throttled = calls.filtered(lambda call: call.status == 429)
        self.assertEqual(throttled.mapped("outcome"), ["TemporarilyUnavailable"])
        self.assertTrue(all(calls.mapped("request_id")))
        calls.started_at = "2020-01-01 00:00:00"
        self.env["rakuten.call"]._gc_calls()
        self.assertFalse(calls.exists())

    def test_call_counts(self):
        """250 orders: two searches, three reads; then nothing new: two searches."""
        self.sandbox.control("orders", count=250, kinds=["simple"])
        self.shop.action_test_connection()
        before = {name: self.sandbox.calls(name) for name in ("searchOrder", "getOrder")}
        self.shop.action_import_orders()
        self.assertEqual(len(self.orders().filtered("sale_order_id")), 250)
        self.assertEqual(self.sandbox.calls("searchOrder") - before["searchOrder"], 2)
        self.assertEqual(self.sandbox.calls("getOrder") - before["getOrder"], 3)
        self.shop.action_import_orders()
        self.assertEqual(self.sandbox.calls("searchOrder") - before["searchOrder"], 4)
        self.assertEqual(self.sandbox.calls("getOrder") - before["getOrder"], 3)

    def test_reset_after_the_report_was_applied(self):
        """The connection dies after Rakuten took the report: no second parcel."""
        self.sandbox.control("orders", count=3, kinds=["simple"])
        self.shop.action_import_orders()
        pickings = self.orders().sale_order_id.picking_ids
        self.ship(pickings)
        self.sandbox.control(
            "faults", operation="updateOrderShippingAsync", kind="reset_after_write", times=1
        )
        self.shop.action_export_shipments()
        self.shop.action_export_shipments()
        self.shop.action_export_shipments()
        self.assertEqual(set(pickings.mapped("rakuten_report_state")), {"reported"})
        self.assertEqual(len(self.sandbox.get("state")["shipping"]), 3)

    def test_order_cancelled_before_it_ships(self):
        number = self.sandbox.control("orders", count=1, kinds=["simple"])["order_numbers"][0]
        self.shop.action_import_orders()
        self.sandbox.control("events", order_number=number, event="buyer_cancel")
        self.shop.action_import_orders()
        picking = self.orders().sale_order_id.picking_ids
        self.assertEqual(self.orders().progress, "800")
        with self.assertRaisesRegex(UserError, "800 キャンセル確定待ち"):
            picking.button_validate()
        self.sandbox.control("clock", advance_seconds=3600)
        self.shop.action_import_orders()
        self.assertEqual(self.orders().state, "cancelled")
        self.assertEqual(self.orders().sale_order_id.picking_ids.state, "cancel")

    def test_confirmation(self):
        self.sandbox.control("orders", count=2, kinds=["unconfirmed"])
        self.shop.auto_confirm = True
        self.shop.action_import_orders()
        self.assertEqual(set(self.orders().mapped("state")), {"waiting"})
        self.sandbox.control("clock", advance_seconds=1800)
        self.shop.action_import_orders()
        self.assertEqual(set(self.orders().mapped("state")), {"done"})

    def test_expired_key(self):
        self.sandbox.control("faults", operation="*", kind="401_expired", times=20)
        self.addCleanup(self.sandbox.control, "faults", clear=True)
        said = ""
        try:
            self.shop.action_test_connection()
        except UserError as error:
            said = str(error)
        self.assertIn("does not accept the keys of 見本ショップ", said)
        self.assertEqual(self.shop.state, "key_rejected")
        self.sandbox.control("faults", clear=True)
        self.shop.action_import_orders()
        self.assertEqual(self.shop.state, "connected")

    def test_calls_of_a_big_report(self):
        """300 transfers: three reads, three reports, and a look or two at each result."""
        self.sandbox.control("orders", count=300, kinds=["simple"])
        self.shop.action_import_orders()
        # A test is one transaction, which autovacuum does not see.
        self.env.cr.execute("ANALYZE")
        pickings = self.orders().sale_order_id.picking_ids
        self.assertEqual(len(pickings), 300)
        for number, picking in enumerate(pickings):
            picking.carrier_tracking_ref = f"40000000{number:04d}"
        pickings.move_ids.picked = True
        pickings.button_validate()
        names = ("getOrder", "updateOrderShipping", "updateOrderShippingAsync")
        before = {name: self.sandbox.calls(name) for name in names}
        self.shop.action_export_shipments()
        self.assertEqual(set(pickings.mapped("rakuten_report_state")), {"reported"})
        self.assertEqual(
            {name: self.sandbox.calls(name) - before[name] for name in names},
            {"getOrder": 3, "updateOrderShipping": 0, "updateOrderShippingAsync": 3},
        )
        self.assertEqual(len(self.sandbox.get("state?parts=shipping")["shipping"]), 300)
