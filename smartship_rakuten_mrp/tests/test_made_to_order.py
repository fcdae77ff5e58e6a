"""Orders of which goods are made to order, and change at Rakuten."""

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.tests.amending import LESS, ToOrderCase
from odoo.addons.smartship_rakuten.tests.common import item, order, package


@tagged("post_install", "-at_install")
class TestMadeToOrder(ToOrderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        mto = cls.env.ref("stock.route_warehouse0_mto")
        mto.active = True
        make = cls.env.ref("mrp.route_warehouse0_manufacture")
        part = cls.env["product.product"].create({"name": "Part", "is_storable": True})
        for product in cls.product_a | cls.product_b:
            product.route_ids = [Command.set((mto | make).ids)]
            cls.env["mrp.bom"].create(
                {
                    "product_tmpl_id": product.product_tmpl_id.id,
                    "company_id": cls.company.id,
                    "bom_line_ids": [Command.create({"product_id": part.id, "product_qty": 1})],
                }
            )

    def beside(self, record):
        return [record._productions()]

    def made(self, record):
        """:return: dict of product to how many are made for an order"""
        return self.quantities(record._productions(), "product_qty")

    def test_made_to_order(self):
        """More is made in addition; less holds, and names what is made already."""
        records = self.check_changes(
            held=LESS,
            touches={"sale.order.line:move_ids", "stock.picking:move_ids"},
            comes={"more": {"stock.move": 1, "mrp.production": 1}, "added": {"mrp.production": 1}},
        )
        for kind, record in records.items():
            productions = record._productions()
            if kind in LESS:
                for name in productions.mapped("name"):
                    self.assertIn(name, record.changed)
                continue
            self.assertEqual(self.made(record), self.sold(record), kind)
            for production in productions:
                self.assertEqual(production._rakuten_surplus(), 0)

    def test_cancelled_at_rakuten(self):
        productions = self.check_cancelled(lambda record: record._productions())
        self.assertEqual(len(productions), 2)

    def test_kit(self):
        """More and less of a kit is more and less of its components, in the same transfer."""
        kit = self.env["product.product"].create(
            {"name": "Kit", "default_code": "KIT", "is_storable": True}
        )
        parts = self.env["product.product"].create(
            [{"name": "One", "is_storable": True}, {"name": "Two", "is_storable": True}]
        )
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": parts[0].id, "product_qty": 2}),
                    Command.create({"product_id": parts[1].id, "product_qty": 1}),
                ],
            }
        )
        (record,) = self.import_orders(
            order(912, [package(7001, [item(code="KIT", units=2)])], total=2200)
        )
        transfer = record.sale_order_id.picking_ids
        for units in (3, 1):
            self.rms.put(
                order(912, [package(7001, [item(code="KIT", units=units)])], total=1100 * units)
            )
            self.shop._run("refresh")
            self.assertFalse(record.changed)
            self.assertEqual(record.sale_order_id.picking_ids, transfer)
            self.assertEqual(
                {move.product_id: move.product_uom_qty for move in transfer.move_ids},
                {parts[0]: 2 * units, parts[1]: units},
            )
