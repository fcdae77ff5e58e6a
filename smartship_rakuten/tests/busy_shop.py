"""A shop in the middle of its day: every screen has something to show, also what goes wrong."""

from datetime import timedelta

from odoo import fields

from odoo.addons.smartship_rakuten.models.shop.sentences import columns

from .sandbox import SandboxCase

KINDS = """
    simple several_lines mixed_tax cod wrapping shop_coupon points several_destinations noshi gift
    delivery_date remote_island multi_sku free_option long_remarks unmapped_sku social_gift
""".split()


class BusyShopCase(SandboxCase):
    def open_busy_shop(self, name):
        """:param str name: what the keys end in"""
        self.shop = self.open_shop(name, items=8, seed=5)

    def play(self):
        """Something to see on every screen."""
        self.sandbox.control("orders", count=len(KINDS), kinds=KINDS)
        self.shop.action_test_connection()
        self.shop.action_import_skus()
        self.shop.action_import_orders()
        self.sandbox.control("reservations", count=1)
        self.shop.action_read_reservations()
        self.shop.sync_inventory = True
        self.shop.action_sync_inventory()
        self.orders = self.env["rakuten.order"].search([("shop_id", "=", self.shop.id)])
        pickings = self.orders.sale_order_id.picking_ids
        self.done, self.waiting = pickings[:3], pickings[3:]
        for number, picking in enumerate(self.done):
            picking.move_ids.picked = True
            picking.carrier_tracking_ref = f"40000000{number:04d}"
            picking.button_validate()
        self.shop.action_export_shipments()
        self.env["rakuten.rule"].create(
            {
                "shop_id": self.shop.id,
                "name": "見本",
                "domain": "[('total_price', '>', 1)]",
                "hold": True,
                "state": "on",
            }
        )
        self.invoice = self.done.sale_id[:1]._create_invoices()
        self.invoice.action_post()
        self.shop.action_reconcile()
        self.trouble()

    def trouble(self):
        """What is red or yellow when it is not all well."""
        self.shop.license_expiry = fields.Datetime.now() + timedelta(days=2)
        sku, other = self.env["rakuten.sku"].search([("product_id", "!=", False)], limit=2)
        sku.write({**columns("stock_error", "見本"), "stock_due": False})
        other.product_id = False
        self.env["rakuten.parcel"].search([], limit=1).write(
            {"state": "failed", **columns("error", "見本")}
        )
        # Whatever is set aside is grey.
        self.orders.filtered(lambda order: order.state == "blocked")[:1].action_ignore()
        self.waiting[:2].scheduled_date = fields.Datetime.now() - timedelta(days=3)
        failing = {
            "failed_at": fields.Datetime.now(),
            "failing_since": fields.Datetime.now(),
            **columns("error", "見本"),
            "error_kind": "refused",
        }
        self.env["rakuten.job"].search([("job", "=", "export")]).write(failing)
        package = self.env["stock.package"].create({"name": "見本"})
        self.done[:1].move_line_ids.result_package_id = package
