"""Functions of RMS that a shop has not ticked: each is refused for itself, the rest goes on."""

import re
import unittest
from pathlib import Path

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.models.shop.functions import FUNCTIONS

from .sandbox import SandboxCase

MODULE = Path(__file__).resolve().parents[1]
MANUALS = MODULE.parent / "docs/manual"
#: The client's methods that the module calls, by the operation (RMS API sections 2.1, 6.1, 7, 8).
CALLED = {
    "search_order": "searchOrder",
    "get_order": "getOrder",
    "confirm_order": "confirmOrder",
    "update_order_shipping": "updateOrderShipping",
    "update_order_shipping_async": "updateOrderShippingAsync",
    "get_result_update_order_shipping_async": "getResultUpdateOrderShippingAsync",
    "get_sub_status_list": "getSubStatusList",
    "update_order_sub_status": "updateOrderSubStatus",
    "update_order_memo": "updateOrderMemo",
    "cancel_order": "cancelOrder",
    "cancel_order_after_shipping": "cancelOrderAfterShipping",
    "inventories_bulk_get": "inventories.bulk.get",
    "inventories_bulk_upsert": "inventories.bulk.upsert",
    "items_search_pages": "items.search",
    "license_expiry_date": "license.expiryDate.get",
    "shop_master": "shopMaster",
    "shop_calendar": "shopCalendar",
    "reserve_info_list": "reserve.infoList.get",
}


class TestTable(unittest.TestCase):
    def test_every_function_that_is_called_has_its_line(self):
        found = set()
        for path in [*MODULE.glob("models/**/*.py"), *MODULE.glob("wizards/*.py")]:
            text = path.read_text()
            found |= set(re.findall(r"\b(?:client|_client\(\))\.([a-z]\w+)", text))
        self.assertEqual(found - {"check_functions"}, set(CALLED))
        self.assertEqual(set(FUNCTIONS), set(CALLED.values()))

    def test_the_manual_names_them_all_in_both_languages(self):
        if not MANUALS.exists():
            raise unittest.SkipTest("the manual is not beside the module")
        for lang in ("en", "ja"):
            text = (MANUALS / lang / "keys.md").read_text()
            named = {name for name in re.findall(r"`([\w.]+)`", text) if "." in name}
            ticked = {function.ticked for function in FUNCTIONS.values()}
            self.assertEqual(named, {name for name in ticked if "." in name}, lang)
            for name in ticked:
                self.assertIn(f"`{name}`", text)
            for family in {function.family for function in FUNCTIONS.values()}:
                self.assertIn(f"| {family} |", text)


@tagged("post_install", "-at_install")
class TestWithoutATick(SandboxCase):
    def setUp(self):
        super().setUp()
        self.shop = self.open_shop("functions", items=5, seed=3, auto_import=True)
        self.shop.action_test_connection()

    def orders(self):
        return self.env["rakuten.order"].search([("shop_id", "=", self.shop.id)])

    def job(self, name):
        return self.shop.job_ids.filtered(lambda row: row.job == name)

    def without(self, *names):
        self.sandbox.control("functions", untick=names)

    def test_reports_stop_and_nothing_else(self):
        self.sandbox.control("orders", count=2, kinds=["simple"])
        self.shop.action_import_orders()
        self.without("updateOrderShippingAsync")
        for number, picking in enumerate(self.orders().sale_order_id.picking_ids):
            picking.move_ids.picked = True
            picking.carrier_tracking_ref = f"40000000{number:04d}"
            picking.button_validate()
        parcels = self.env["rakuten.parcel"].search([("shop_id", "=", self.shop.id)])
        try:
            self.shop.action_export_shipments()
        except UserError as error:
            said = str(error)
        self.assertIn("not enabled: updateOrderShippingAsync (楽天ペイ受注API)", said)
        self.assertIn("2-1 アプリ一覧", said)
        self.assertIn("shipments of several orders are not reported", said)
        self.assertNotIn("does not accept the keys", said)
        self.assertEqual(self.shop.state, "connected")
        row = self.job("export")
        self.assertEqual((row.state, row.error_kind, row.error), ("failing", "refused", said))
        self.assertEqual(parcels.mapped("state"), ["pending"] * 2)
        self.sandbox.control("orders", count=1, kinds=["simple"])
        self.env["rakuten.shop"]._cron_run("import")
        self.assertEqual(self.orders().mapped("state"), ["done"] * 3)
        self.assertFalse(self.job("import").failing_since)
        self.sandbox.control("functions", tick=["updateOrderShippingAsync"])
        self.shop.action_export_shipments()
        self.assertEqual(parcels.mapped("state"), ["reported"] * 2)
        self.assertEqual(len(self.sandbox.get("state?parts=shipping")["shipping"]), 2)
        self.assertFalse(row.failing_since)

    def test_a_function_that_is_missing_besides_is_not_blamed(self):
        self.sandbox.control("orders", count=1, kinds=["unconfirmed"])
        self.without("shop.shopMaster", "confirmOrder")
        self.shop.auto_confirm = True
        with self.assertRaisesRegex(UserError, "not enabled: confirmOrder [(]") as caught:
            self.shop.action_import_orders()
        self.assertNotIn("shopMaster", str(caught.exception))

    def test_confirmation_stops_and_the_import_goes_on(self):
        self.sandbox.control("orders", count=2, kinds=["simple", "unconfirmed"])
        self.without("confirmOrder")
        self.shop.auto_confirm = True
        self.env["rakuten.shop"]._cron_run("import")
        self.assertEqual(sorted(self.orders().mapped("state")), ["done", "waiting"])
        row = self.job("import")
        self.assertEqual(row.error_kind, "refused")
        self.assertIn("注文確認待ち", row.error)
        self.assertEqual(self.shop.state, "connected")

    def test_reports_go_on_without_their_result(self):
        self.sandbox.control("orders", count=2, kinds=["simple"])
        self.shop.action_import_orders()
        for number, picking in enumerate(self.orders().sale_order_id.picking_ids):
            picking.move_ids.picked = True
            picking.carrier_tracking_ref = f"40000000{number:04d}"
            picking.button_validate()
        self.without("getResultUpdateOrderShippingAsync")
        self.shop.action_export_shipments()
        self.shop.action_export_shipments()
        parcels = self.env["rakuten.parcel"].search([("shop_id", "=", self.shop.id)])
        self.assertEqual(parcels.mapped("state"), ["reported"] * 2)
        self.assertEqual(len(self.sandbox.get("state?parts=shipping")["shipping"]), 2)
        self.assertEqual(self.shop.state, "connected")

    def test_when_nothing_answers_the_key_is_bad(self):
        self.sandbox.control("functions", untick=list(self.sandbox.get("functions")["functions"]))
        with self.assertRaisesRegex(UserError, "does not accept the keys"):
            self.shop.action_import_orders()
        self.assertEqual(self.shop.state, "key_rejected")
