"""A Rakuten SKU whose product is an Odoo kit; runs where Manufacturing is installed."""

from odoo.tests import tagged

from .common import RakutenCase, item, order, package


@tagged("post_install", "-at_install")
class TestKits(RakutenCase):
    def setUp(self):
        super().setUp()
        if "mrp.bom" not in self.env or "sale_mrp" not in self.env.registry._init_modules:
            self.skipTest("sale_mrp is not installed")
        self.kit = self.env["product.product"].create(
            {"name": "Kit", "default_code": "KIT", "is_storable": True}
        )
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    (0, 0, {"product_id": self.product_a.id, "product_qty": 2}),
                    (0, 0, {"product_id": self.product_b.id, "product_qty": 1}),
                ],
            }
        )

    def test_components_are_shipped_to_the_destination(self):
        (record,) = self.import_orders(order(1, [package(7001, [item(code="KIT")])]))
        sale_order = record.sale_order_id
        self.assertEqual(sale_order.order_line.product_id, self.kit)
        self.assertEqual(sale_order.amount_total, 1100)
        picking = sale_order.picking_ids
        self.assertEqual(
            {move.product_id: move.product_uom_qty for move in picking.move_ids},
            {self.product_a: 2, self.product_b: 1},
        )
        self.assertEqual(picking.rakuten_basket_id, "7001")
        self.ship(picking, "400000000007")
        self.assertEqual(len(picking.rakuten_parcel_ids), 1)

    def test_stock_of_a_kit_is_its_scarcest_component(self):
        sku = self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "kit",
                "variant_id": "normal-inventory",
                "product_id": self.kit.id,
                "in_catalogue": True,
            }
        )
        # 50 of each: 25 by two of A
        self.assertEqual(sku._sellable(self.shop)[sku], 25)
