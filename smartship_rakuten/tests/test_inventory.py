"""Stock of mapped SKUs to Rakuten, and the catalogue it needs."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rms import TemporarilyUnavailable

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
        """What Rakuten holds of the SKUs that were sent."""
        pairs = [(entry["manageNumber"], entry["variantId"]) for entry in self.rms.upserts]
        return {pair: self.rms.stock[pair] for pair in pairs}

    def test_free_stock_by_units_minus_buffer(self):
        self.shop.stock_buffer = 2
        self.shop.action_sync_inventory()
        # 50 - 2; floor(50 / 3) - 2
        self.assertEqual(
            self.sent(),
            {("item-1", "normal-inventory"): 48, ("item-2", "normal-inventory"): 14},
        )
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

    # === What is sent === #

    def add_stock(self, product, units):
        location = self.shop.warehouse_id.lot_stock_id
        self.env["stock.quant"]._update_available_quantity(product, location, units)

    def test_modes_of_a_sku(self):
        self.shop.stock_buffer = 5
        self.sku_a.write({"stock_mode": "fixed", "stock_fixed": 7})
        self.sku_b.write({"own_buffer": True, "stock_buffer": 1})
        self.shop.action_sync_inventory()
        # floor(50 / 3) - 1
        self.assertEqual(
            self.sent(), {("item-1", "normal-inventory"): 7, ("item-2", "normal-inventory"): 15}
        )
        self.rms.upserts.clear()
        self.sku_a.stock_mode = "unlimited"
        self.sku_b.stock_mode = "none"
        self.add_stock(self.product_b, 30)
        self.shop.action_sync_inventory()
        self.assertEqual(self.sent(), {("item-1", "normal-inventory"): 99_999})

    def test_kinds_of_stock(self):
        """50 on hand, 2 reserved for an order of Rakuten, 3 for somebody else, 10 to come."""
        self.import_orders(order(1, [package(1, [item(units=2)])], total=2200))
        move = self.env["stock.move"].create(
            {
                "product_id": self.product_a.id,
                "product_uom_qty": 3,
                "location_id": self.shop.warehouse_id.lot_stock_id.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
            }
        )
        move._action_confirm()
        move._action_assign()
        self.env["stock.move"].create(
            {
                "product_id": self.product_a.id,
                "product_uom_qty": 10,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.shop.warehouse_id.lot_stock_id.id,
            }
        )._action_confirm()
        for kind, units in (("free", 45), ("on_hand", 48), ("forecast", 55)):
            with self.subTest(kind=kind):
                self.shop.stock_kind = kind
                self.assertEqual(self.sku_a._sellable(self.shop)[self.sku_a], units)

    # === Never raised blindly === #

    # === Which stock === #

    def make_location(self, name, parent):
        return self.env["stock.location"].create(
            {"name": name, "location_id": parent.id, "usage": "internal"}
        )

    def put_on(self, location, units):
        self.env["stock.quant"]._update_available_quantity(self.product_a, location, units)

    def assert_offered(self, units, kinds=("free", "on_hand", "forecast")):
        for kind in kinds:
            with self.subTest(kind=kind):
                self.shop.stock_kind = kind
                self.assertEqual(self.sku_a._sellable(self.shop), {self.sku_a: units})

    def test_shelf_beside_the_stock(self):
        """Field case 10."""
        self.shop.action_sync_inventory()
        held = self.rms.stock["item-1", "normal-inventory"]
        shelf = self.make_location("販売不可", self.shop.warehouse_id.view_location_id)
        self.put_on(shelf, 50)
        self.shop.action_sync_inventory()
        self.assertEqual((held, self.rms.stock["item-1", "normal-inventory"]), (50, 50))
        self.assert_offered(50)

    def test_goods_on_their_way_through_the_house(self):
        """What is in quality control, packing and output is not offered, and an order that takes it
        counts once."""
        warehouse = self.shop.warehouse_id
        warehouse.write({"reception_steps": "three_steps", "delivery_steps": "pick_pack_ship"})
        for location, units in (
            (warehouse.wh_input_stock_loc_id, 10),
            (warehouse.wh_qc_stock_loc_id, 20),
            (warehouse.wh_pack_stock_loc_id, 30),
            (warehouse.wh_output_stock_loc_id, 40),
        ):
            self.put_on(location, units)
        self.assert_offered(50)
        (record,) = self.import_orders(order(1, [package(7001, [item(units=2)])], total=2200))
        for step in range(4):
            self.assert_offered(48)
            pickings = record.sale_order_id.picking_ids.filtered(lambda p: p.state != "done")
            self.assertEqual(bool(pickings), step < 3)
            if pickings:
                self.ship(pickings, f"40000000000{step}")

    def test_further_and_left_out_locations(self):
        warehouse = self.shop.warehouse_id
        outside = self.make_location("Outside", warehouse.view_location_id)
        inside = self.make_location("Inside", warehouse.lot_stock_id)
        deep = self.make_location("Deep", inside)
        for location, units in ((outside, 5), (inside, 7), (deep, 11)):
            self.put_on(location, units)
        # 50 in the stock itself
        for further, left_out, offered in (
            (None, None, 68),
            (outside, None, 73),
            (outside, inside, 55),
            (outside, deep, 62),
            (outside | deep, inside, 55),
            (outside, inside | deep, 55),
            (None, warehouse.lot_stock_id, 0),
            (outside, warehouse.lot_stock_id, 5),
            (outside, warehouse.view_location_id, 0),
            (None, outside, 68),
        ):
            self.shop.stock_location_ids = further
            self.shop.stock_left_out_ids = left_out
            self.assert_offered(offered)

    def test_further_location_of_another_warehouse(self):
        """Its shop's orders count too, and its shop counts ours."""
        other = self.env["stock.warehouse"].create(
            {"name": "Second", "code": "W2", "company_id": self.company.id}
        )
        self.put_on(other.lot_stock_id, 9)
        second = self.shop.copy(
            {"name": "Second", "shop_number": "654321", "warehouse_id": other.id}
        )
        second.state = "connected"
        self.assertFalse(self.shop._neighbours())
        self.shop.stock_location_ids = other.lot_stock_id
        self.assert_offered(59)
        self.assertEqual((self.shop._neighbours(), second._neighbours()), (second, self.shop))

    def test_queries_do_not_grow_with_locations(self):
        def count():
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            (self.sku_a | self.sku_b)._sellable(self.shop)
            return self.env.cr.sql_log_count - before

        inside, outside = (
            self.env["stock.location"].union(
                *(self.make_location(f"{n}", parent) for n in range(9))
            )
            for parent in (
                self.shop.warehouse_id.lot_stock_id,
                self.shop.warehouse_id.view_location_id,
            )
        )
        self.shop.write({"stock_location_ids": outside[0], "stock_left_out_ids": inside[0]})
        count()
        few = count()
        self.shop.write({"stock_location_ids": outside, "stock_left_out_ids": inside})
        count()
        self.assertEqual(count(), few)

    def test_unread_order_is_read_before_a_number_is_raised(self):
        self.shop.action_sync_inventory()
        self.rms.put(order(1, [package(1, [item(units=4)])], total=4400, progress=100))
        self.add_stock(self.product_a, 10)
        self.shop.action_sync_inventory()
        # 60 less the 4 that were bought meanwhile
        self.assertEqual(self.sent()[("item-1", "normal-inventory")], 56)

    def test_while_orders_cannot_be_read_numbers_only_fall(self):
        self.shop.action_sync_inventory()
        self.rms.upserts.clear()
        self.add_stock(self.product_a, 10)
        self.add_stock(self.product_b, -20)
        self.rms.failures["search_order"] = TemporarilyUnavailable(operation="searchOrder")
        with self.assertRaises(UserError):
            self.shop.action_sync_inventory()
        self.assertEqual(self.sent(), {("item-2", "normal-inventory"): 10})
        self.shop.action_sync_inventory()
        self.assertEqual(self.sent()[("item-1", "normal-inventory")], 60)

    # === Compared once a day === #

    def test_drift_is_found_and_repaired(self):
        self.shop.action_sync_inventory()
        self.rms.upserts.clear()
        self.rms.stock["item-1", "normal-inventory"] = 3
        self.rms.stock["item-2", "normal-inventory"] = 16
        self.rms.calls.clear()
        message = self.shop._run("compare")
        self.assertIn("1 of them differ", message)
        self.assertEqual(self.rms.names().count("bulk_get"), 1)
        self.assertEqual(self.sent(), {("item-1", "normal-inventory"): 50})
        self.assertEqual(self.sku_a.stock_rakuten, 50)
        self.rms.stock["item-1", "normal-inventory"] = 50
        self.assertIn("0 of them differ", self.shop._run("compare"))
