"""Stock of mapped SKUs to Rakuten, and the catalogue it needs."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rms import OutcomeUnknown

from .common import RakutenCase, item, order, package


@tagged("post_install", "-at_install")
class TestInventory(RakutenCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sku_a, cls.sku_b = cls.env["rakuten.sku"].create(
            [
                {
                    "shop_id": cls.shop.id,
                    "manage_number": manage_number,
                    "variant_id": "normal-inventory",
                    "product_id": product.id,
                    "quantity": quantity,
                    "in_catalogue": True,
                }
                for manage_number, product, quantity in (
                    ("item-1", cls.product_a, 1),
                    ("item-2", cls.product_b, 3),
                )
            ]
        )

    def sent(self):
        return {
            (entry["manageNumber"], entry["variantId"]): entry["quantity"]
            for entry in self.rms.upserts
        }

    def test_free_stock_by_units_minus_buffer(self):
        self.shop.stock_buffer = 2
        self.shop.action_sync_inventory()
        # 50 - 2; floor(50 / 3) - 2
        self.assertEqual(
            self.sent(),
            {("item-1", "normal-inventory"): 48, ("item-2", "normal-inventory"): 14},
        )
        self.assertEqual(self.rms.upserts[0]["mode"], "ABSOLUTE")
        self.assertEqual(self.sku_a.stock_sent, 48)

    def test_only_differences_are_sent(self):
        self.shop.action_sync_inventory()
        self.rms.upserts.clear()
        self.rms.calls.clear()
        self.shop.action_sync_inventory()
        self.assertEqual(self.rms.names(), [])
        self.env["stock.quant"]._update_available_quantity(
            self.product_a, self.shop.warehouse_id.lot_stock_id, 5
        )
        self.shop.action_sync_inventory()
        self.assertEqual(self.sent(), {("item-1", "normal-inventory"): 55})

    def test_never_below_zero(self):
        self.shop.stock_buffer = 100
        self.shop.action_sync_inventory()
        self.assertEqual(set(self.sent().values()), {0})

    def test_what_is_ordered_at_rakuten_is_not_offered_again(self):
        waiting = order(1, [package(7001, [item(units=4)])], total=4400, progress=200)
        blocked = order(2, [package(7002, [item(units=3)])], total=9999)
        shipped_soon = order(3, [package(7003, [item(units=2)])], total=2200)
        records = self.import_orders(waiting, blocked, shipped_soon)
        self.assertEqual(records.mapped("state"), ["waiting", "blocked", "done"])
        self.shop.action_sync_inventory()
        # 50 - 4 waiting - 3 blocked - 2 reserved by the transfer
        self.assertEqual(self.sent()["item-1", "normal-inventory"], 41)

    def test_quotation_and_unreserved_order_count(self):
        self.shop.auto_fulfil = False
        self.import_orders(order(4, [package(7004, [item(units=4)])], total=4400))
        self.shop.auto_fulfil = True
        (short,) = self.import_orders(
            order(5, [package(7005, [item("2", "CODE-B", units=20)])], total=22000)
        )
        self.assertEqual(short.sale_order_id.order_line.product_uom_qty, 60)
        self.shop.action_sync_inventory()
        self.assertEqual(
            self.sent(),
            {("item-1", "normal-inventory"): 46, ("item-2", "normal-inventory"): 0},
        )

    def test_unknown_outcome_is_sent_again(self):
        """An absolute number may be repeated: it says the same twice."""
        self.rms.failures["bulk_upsert"] = OutcomeUnknown()
        with self.assertRaises(UserError):
            self.shop.action_sync_inventory()
        self.shop.action_sync_inventory()
        self.assertEqual(len(self.sent()), 2)
        self.assertFalse(self.sku_a.stock_error)

    def test_unseen_sku_gets_no_stock(self):
        self.sku_a.in_catalogue = False
        self.shop.action_sync_inventory()
        self.assertEqual(set(self.sent()), {("item-2", "normal-inventory")})

    def test_catalogue(self):
        self.rms.items = [
            {
                "manageNumber": "single",
                "itemNumber": "CODE-A",
                "title": "見本商品",
                "variants": {"normal-inventory": {"standardPrice": "6,220"}},
            },
            {
                "manageNumber": "shirt",
                "itemNumber": "CODE-A",
                "title": "見本シャツ",
                "variantSelectors": [{"key": "c", "displayName": "色", "values": []}],
                "variants": {
                    "red": {"merchantDefinedSkuId": "CODE-B", "selectorValues": {"c": "赤"}},
                    "blue": {"selectorValues": {"c": "青"}},
                },
            },
            {"manageNumber": "deleted"},
        ]
        for _again in range(2):
            self.shop.action_import_skus()
            skus = self.env["rakuten.sku"].search(
                [("shop_id", "=", self.shop.id), ("manage_number", "in", ("single", "shirt"))]
            )
            found = {
                (sku.manage_number, sku.variant_id): (sku.product_id, sku.option_text or "")
                for sku in skus
            }
            self.assertEqual(
                found,
                {
                    ("single", "normal-inventory"): (self.product_a, ""),
                    ("shirt", "red"): (self.product_b, "色:赤"),
                    # 商品番号 names the item, not one of its variants.
                    ("shirt", "blue"): (self.env["product.product"], "色:青"),
                },
            )
