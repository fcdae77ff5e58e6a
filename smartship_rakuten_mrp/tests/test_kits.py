"""A Rakuten SKU whose product is an Odoo kit, and stock that comes from manufacturing."""

from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.smartship_rakuten.tests.common import RakutenCase, item, order, package
from odoo.addons.smartship_rakuten.tests.test_stock import SET, A, StockCase


@tagged("post_install", "-at_install")
class TestKits(RakutenCase):
    def setUp(self):
        super().setUp()
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

    def test_delivery_slip_says_what_was_bought(self):
        """A kit is one line with its price, also when its components leave; where only some of them
        do, it is a part."""
        (record,) = self.import_orders(
            order(2, [package(7001, [item(code="KIT", units=2)])], total=2200)
        )
        picking = record.sale_order_id.picking_ids
        (slip,) = picking._prepare_rakuten_slips()
        ((row,),) = slip["goods_pages"]
        self.assertEqual((row["quantity"], row["price"], row["amount"]), (2, 1100, 2200))
        self.assertIn(("ご請求額", 2200), slip["totals"])
        ((first, second),) = slip["line_pages"]
        self.assertEqual({first["quantity"], second["quantity"]}, {4, 2})
        rest = picking.copy({"move_ids": False})
        picking.move_ids[1].picking_id = rest
        (slip,) = picking._prepare_rakuten_slips()
        ((row,),) = slip["goods_pages"]
        self.assertEqual((row["quantity"], row["amount"]), ("一部", None))
        self.assertEqual((slip["totals"], slip["part"]), ([], True))

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


@tagged("post_install", "-at_install")
class TestStockOfKits(StockCase):
    def setUp(self):
        super().setUp()
        self.sync()

    def test_kit(self):
        kit = self.env["product.product"].create({"name": "Kit", "is_storable": True})
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": self.product_a.id, "product_qty": 2})
                ],
            }
        )
        pair = ("kit", "normal-inventory")
        self.env["rakuten.sku"].create(self.sku_values(pair, product_id=kit.id))
        self.sync()
        self.assertEqual(self.rms.stock[pair], 25)
        self.add_stock(self.product_a, 10)
        self.assertIn(pair, self.sync())
        self.assertEqual(self.rms.stock[pair], 30)
        line = item("7", manageNumber="kit", units=3)
        self.rms.put(order(1, [package(1, [line])], total=3300, progress=100))
        self.shop.action_import_orders()
        self.sync()
        # six of A are ordered, three kits
        self.assertEqual((self.rms.stock[A], self.rms.stock[pair]), (54, 27))

    def test_manufacturing(self):
        form = Form(self.env["mrp.production"])
        form.product_id = self.product_a
        form.product_qty = 5
        production = form.save()
        production.action_confirm()
        production.qty_producing = 5
        production.button_mark_done()
        self.assert_marked(A, SET, item_1=55, set=25)
