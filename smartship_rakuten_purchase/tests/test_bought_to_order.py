"""Orders of which goods are bought to order, and change at Rakuten."""

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.tests.amending import LESS, TOUCHES, ToOrderCase
from odoo.addons.smartship_rakuten.tests.common import ADDRESS, item, order, package

#: What a purchase for another quantity differs in.
PURCHASE = frozenset(
    """
    purchase.order:amount_untaxed purchase.order:amount_tax purchase.order:amount_total
    purchase.order:amount_total_cc purchase.order:order_line purchase.order:origin
    purchase.order:reference_ids
    purchase.order.line:product_qty purchase.order.line:product_uom_qty
    purchase.order.line:price_subtotal purchase.order.line:price_total
    purchase.order.line:price_tax purchase.order.line:qty_to_invoice
    purchase.order.line:move_dest_ids purchase.order.line:price_total_cc
    stock.move:created_purchase_line_ids
    """.split()
)


@tagged("post_install", "-at_install")
class TestBoughtToOrder(ToOrderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vendor = cls.env["res.partner"].create({"name": "見本仕入先"})
        mto = cls.env.ref("stock.route_warehouse0_mto")
        mto.active = True
        buy = cls.env.ref("purchase_stock.route_warehouse0_buy")
        (cls.product_a | cls.product_b).write(
            {
                "route_ids": [Command.set((mto | buy).ids)],
                "seller_ids": [Command.create({"partner_id": cls.vendor.id, "price": 100})],
            }
        )

    def beside(self, record):
        purchases = record._purchases()
        return [purchases, purchases.order_line]

    def bought(self, record):
        """:return: dict of product to how many are bought for an order"""
        return self.quantities(record._purchase_lines(), "product_qty")

    def test_draft_purchase(self):
        """What a supplier has not been asked for yet follows."""
        for kind in TOUCHES:
            records = self.check_changes(kinds=(kind,), touches=PURCHASE)
            self.assertEqual(self.bought(records[kind]), self.sold(records[kind]), kind)
            # The next order is bought apart.
            records[kind]._purchases().button_confirm()

    def test_confirmed_purchase(self):
        """More is bought in addition; less holds, and names what is bought already."""
        for kind in TOUCHES:
            records = self.check_changes(
                kinds=(kind,),
                arrange=lambda record: record._purchases().button_confirm(),
                held=LESS,
                touches=PURCHASE | {"sale.order.line:move_ids", "stock.picking:move_ids"},
                comes={
                    "more": {"stock.move": 1, "purchase.order": 1, "purchase.order.line": 1},
                    "added": {"purchase.order": 1, "purchase.order.line": 1},
                },
            )
            record = records[kind]
            if kind in LESS:
                self.assertIn(f"{record._purchases().name} hang on it", record.changed)
            else:
                self.assertEqual(self.bought(record), self.sold(record), kind)

    def test_field_case_3_another_address(self):
        """Two are to be bought, whatever the address is."""
        (record,) = self.import_orders(order(901, [package(7001, [item(units=2)])], total=2200))
        sender = {**ADDRESS, "subAddress": "千代田9-9-9", "isolatedIslandFlag": 0}
        self.rms.put(order(901, [package(7001, [item(units=2)], SenderModel=sender)], total=2200))
        self.shop._run("refresh")
        self.assertFalse(record.changed)
        self.assertEqual(record.sale_order_id.picking_ids.partner_id.street, "千代田9-9-9")
        self.assertEqual(self.bought(record), {self.product_a: 2})

    def test_dropshipped(self):
        """The supplier knows goods and address: everything holds, and names his order."""
        route = self.env.ref("stock_dropshipping.route_drop_shipping")
        (self.product_a | self.product_b).route_ids = [Command.set(route.ids)]
        records = self.check_changes(held=tuple(TOUCHES))
        for record in records.values():
            self.assertIn(f"{record._purchases().name} hang on it", record.changed)

    def test_cancelled_at_rakuten(self):
        """What is bought to order is named, whether the supplier knows of it or not."""

        def buy(record):
            purchases = record._purchases()
            purchases.button_confirm()
            return purchases

        self.assertEqual(len(self.check_cancelled(buy)), 1)
