"""Stock over the wire: which version is called, what happens to lead times and to unknown SKUs."""

import base64
from unittest.mock import patch

import requests

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.rms import RmsClient

from .sandbox import SandboxCase

KEYS = {
    "shop_number": "123456",
    "service_secret": "SP123456_wire",
    "license_key": "SL123456_wire",
}
LEAD = {"normalDeliveryTimeId": 1, "backOrderDeliveryTimeId": 2}


@tagged("post_install", "-at_install")
class TestStockWire(SandboxCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(
            patch(
                "odoo.addons.smartship_rakuten.models.stock.rakuten_sku_stock.READ_BACK_SECONDS", 0
            )
        )
        client = RmsClient(
            KEYS["service_secret"],
            KEYS["license_key"],
            self.sandbox.url,
            sleep=lambda seconds: None,
            timeout=(5, 5),
        )
        self.startPatcher(
            patch.object(type(self.env["rakuten.shop"]), "_client", lambda shop: client)
        )
        self.sandbox.control("reset", **KEYS, seed=3)
        self.sandbox.control(
            "items",
            items=[
                {
                    "manageNumber": name,
                    "itemNumber": f"CODE-{name}",
                    "title": f"見本 {name}",
                    "variants": {"v": {"standardPrice": 1100, "quantity": 3}},
                }
                for name in ("one", "two")
            ],
        )
        self.products = self.env["product.product"].create(
            [
                {"name": name, "default_code": f"CODE-{name}", "is_storable": True}
                for name in ("one", "two", "gone")
            ]
        )
        self.shop = self.env["rakuten.shop"].create(
            {
                **KEYS,
                "name": "見本ショップ",
                "api_url": self.sandbox.url,
                "api_interval": 0,
                "company_id": self.company.id,
                "stock_buffer": 1,
            }
        )
        for product in self.products:
            self.env["stock.quant"]._update_available_quantity(
                product, self.shop.warehouse_id.lot_stock_id, 8
            )
        self.shop.action_import_skus()
        self.lost = self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "gone",
                "variant_id": "v",
                "product_id": self.products[2].id,
            }
        )

    def stock(self):
        return self.sandbox.get("state?parts=stock,orphans")

    def lead_times(self, method, **arguments):
        """Call version 2.1, which knows lead times, as somebody else might."""
        key = base64.b64encode(f"{KEYS['service_secret']}:{KEYS['license_key']}".encode()).decode()
        answer = requests.request(
            method,
            f"{self.sandbox.url}/es/2.1/inventories/manage-numbers/one/variants/v",
            headers={"Authorization": f"ESA {key}"},
            timeout=10,
            **arguments,
        )
        answer.raise_for_status()
        return answer

    def test_version_without_lead_times_leaves_them_alone(self):
        self.lead_times("PUT", json={"mode": "ABSOLUTE", "quantity": 3, "operationLeadTime": LEAD})
        self.shop.action_sync_inventory()
        kept = self.lead_times("GET").json()
        self.assertEqual((kept["quantity"], kept["operationLeadTime"]), (7, LEAD))
        paths = {
            call["path"]
            for call in self.sandbox.get("calls")["calls"]
            if call["operation"].startswith("inventories.bulk")
        }
        self.assertEqual(paths, {"/es/2.0/inventories/bulk-get", "/es/2.0/inventories/bulk-upsert"})

    def test_unknown_skus_get_no_stock(self):
        """Rakuten would take it without an error and make an orphan of it."""
        self.shop.action_sync_inventory()
        state = self.stock()
        self.assertEqual(state["stock"], {"one/v": 7, "two/v": 7})
        self.assertEqual(state["orphans"], [])
        self.assertIn("Import SKUs", self.lost.stock_reason)

    def test_lost_answers(self):
        self.shop.action_sync_inventory()
        for kind, lands in (
            ("reset_after_write", True),
            ("timeout_after_write", True),
            ("reset_before_write", False),
        ):
            with self.subTest(kind=kind):
                self.env["stock.quant"]._update_available_quantity(
                    self.products[0], self.shop.warehouse_id.lot_stock_id, 5
                )
                self.sandbox.control(
                    "faults", operation="inventories.bulk.upsert", kind=kind, times=1, seconds=0
                )
                before = self.sandbox.calls("inventories.bulk.upsert")
                try:
                    self.shop.action_sync_inventory()
                except UserError:
                    self.assertFalse(lands)
                    self.assertEqual(self.sandbox.calls("inventories.bulk.upsert"), before + 1)
                    self.shop.action_sync_inventory()
                sku = self.env["rakuten.sku"].search([("product_id", "=", self.products[0].id)])
                self.assertEqual(self.stock()["stock"]["one/v"], sku.stock_odoo)
                self.assertFalse(sku.stock_error)
                sku.invalidate_recordset()

    @mute_logger("odoo.addons.smartship_rakuten.models.shop.rakuten_shop")
    def test_maintenance(self):
        """Nothing is raised while the newest orders are unknown; afterwards all is caught up."""
        self.shop.sync_inventory = True
        self.shop.action_sync_inventory()
        location = self.shop.warehouse_id.lot_stock_id
        quants = self.env["stock.quant"]
        quants._update_available_quantity(self.products[0], location, 5)
        quants._update_available_quantity(self.products[1], location, -5)
        self.sandbox.control("faults", operation="searchOrder", kind="503", times=20)
        self.env["rakuten.shop"]._cron_run("inventory")
        self.assertEqual(self.stock()["stock"], {"one/v": 7, "two/v": 2})
        self.sandbox.control("faults", clear=True)
        self.env["rakuten.shop"]._cron_run("inventory")
        self.assertEqual(self.stock()["stock"], {"one/v": 12, "two/v": 2})
