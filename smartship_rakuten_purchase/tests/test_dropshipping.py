"""Rakuten orders that suppliers send; runs where Odoo's Dropshipping is installed."""

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.tests.common import ADDRESS, item, order, package
from odoo.addons.smartship_rakuten.tests.test_parcels import ParcelCase


@tagged("post_install", "-at_install")
class TestDropshipping(ParcelCase):
    def setUp(self):
        super().setUp()
        if self.env["ir.module.module"]._get("stock_dropshipping").state != "installed":
            self.skipTest("stock_dropshipping is not installed")

    def test_dropshipping(self):
        """The destination follows the goods that a supplier sends; while his order is open, the
        report waits for them."""
        vendor = self.env["res.partner"].create({"name": "見本仕入先"})
        (self.product_a | self.product_b).write(
            {
                "route_ids": [
                    Command.link(self.env.ref("stock_dropshipping.route_drop_shipping").id)
                ],
                "seller_ids": [Command.create({"partner_id": vendor.id, "price": 100})],
            }
        )
        self.product_a.route_ids = False
        (record,) = self.import_orders(
            order(1, [package(7100, [item("1"), item("2", "CODE-B")])], total=2200)
        )
        sale_order = record.sale_order_id
        own = sale_order.picking_ids
        self.ship(own, "700000000001")
        self.export()
        self.assertEqual(self.rows(record), set())
        sale_order._get_purchase_orders().button_confirm()
        supplied = sale_order.picking_ids - own
        self.assertEqual(supplied.rakuten_basket_id, "7100")
        supplied.carrier_id = self.shop.carrier_id
        self.ship(supplied, "700000000002")
        self.export()
        self.assertEqual(
            self.rows(record), {(7100, "1001", "700000000001"), (7100, "1001", "700000000002")}
        )

    def test_dropshipped_order_that_changes(self):
        """What is bought for it is not bought once more, and a cancellation tells of it."""
        vendor = self.env["res.partner"].create({"name": "見本仕入先"})
        route = self.env.ref("stock_dropshipping.route_drop_shipping")
        self.product_a.write(
            {
                "route_ids": [Command.link(route.id)],
                "seller_ids": [Command.create({"partner_id": vendor.id, "price": 100})],
            }
        )
        (record,) = self.import_orders(order(8))
        purchases = record.sale_order_id._get_purchase_orders()
        self.assertEqual(len(purchases), 1)
        # The supplier is to be asked for it: it has no transfer yet, and will ship all the same.
        self.assertEqual(self.Order._check_will_ship(self.shop), 0)
        self.rms.put(order(8, [package(7001, [item(units=3)])], total=3300))
        self.shop._run("refresh")
        self.assertIn("1 → 3", record.changed)
        self.assertEqual(record.sale_order_id._get_purchase_orders(), purchases)
        self.rms.orders[record.name]["orderProgress"] = 900
        self.shop._run("refresh")
        self.assertEqual(record.state, "cancelled")
        told = " ".join(record.activity_ids.mapped("summary"))
        self.assertIn(f"cancel {purchases.name} with the supplier", told)

    def test_label_that_was_taken_over(self):
        """The supplier's parcel has its number: Rakuten shows no second one."""
        vendor = self.env["res.partner"].create({"name": "見本仕入先"})
        route = self.env.ref("stock_dropshipping.route_drop_shipping")
        self.product_a.write(
            {
                "route_ids": [Command.link(route.id)],
                "seller_ids": [Command.create({"partner_id": vendor.id, "price": 100})],
            }
        )
        label = {
            "shippingDetailId": 5_000_000_001,
            "deliveryCompany": "1001",
            "shippingNumber": "500000000003",
            "shippingDate": "2026-01-12",
        }
        (record,) = self.import_orders(
            order(10, [package(7001, [item()], ShippingModelList=[label])])
        )
        self.assertEqual(record.problem_code, "label_exists")
        record.action_take_over_labels()
        record.sale_order_id._get_purchase_orders().button_confirm()
        picking = record.sale_order_id.picking_ids
        self.assertEqual(picking.carrier_tracking_ref, "500000000003")
        self.ship(picking, picking.carrier_tracking_ref)
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "500000000003")})

    def test_dropshipping_to_two_destinations(self):
        """The supplier gets an order for each: he sends all of one to one address."""
        vendor = self.env["res.partner"].create({"name": "見本仕入先"})
        self.product_a.write(
            {
                "route_ids": [
                    Command.link(self.env.ref("stock_dropshipping.route_drop_shipping").id)
                ],
                "seller_ids": [Command.create({"partner_id": vendor.id, "price": 100})],
            }
        )
        other = {**ADDRESS, "familyName": "受取", "subAddress": "見本9-9", "isolatedIslandFlag": 0}
        packages = [
            package(7100, [item("1")]),
            package(7200, [item("2")], SenderModel=other),
        ]
        (record,) = self.import_orders(order(9, packages, total=2200))
        purchases = record.sale_order_id._get_purchase_orders()
        self.assertEqual(len(purchases), 2)
        purchases.button_confirm()
        pickings = record.sale_order_id.picking_ids
        self.assertEqual(
            {p.rakuten_basket_id: p.move_ids.partner_id.name for p in pickings},
            {"7100": "見本 太郎", "7200": "受取 太郎"},
        )
