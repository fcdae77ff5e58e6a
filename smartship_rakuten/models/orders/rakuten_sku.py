from odoo import api, fields, models

from ..shop.on_write import on_write
from .rakuten_order_import import LACKING_PRODUCT


class RakutenSku(models.Model):
    """Which orders wait for a SKU."""

    _inherit = "rakuten.sku"

    waiting_order_count = fields.Integer(
        string="Orders Waiting",
        compute="_compute_waiting_order_count",
        compute_sudo=True,
        help="Orders that need this SKU's product before they can be imported.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        skus = super().create(vals_list)
        skus._import_waiting()
        return skus

    @on_write("product_code", "product_id", "manage_number", "variant_id", "name", "option_text")
    def _on_write_import_waiting(self, vals):
        yield
        self._import_waiting()

    def _import_waiting(self):
        """Import the orders that wait for these SKUs, as far as they have products."""
        mapped = self.sudo().filtered(lambda sku: sku.mapping_state != "unmapped")
        if not mapped:
            return
        keys = {
            (sku.shop_id.id, sku.manage_number, sku.variant_id)
            for sku in mapped
            if sku.manage_number and sku.variant_id
        }
        # Without a key they are found by name, of which an order that waits says nothing.
        by_name = mapped.filtered(lambda sku: not (sku.manage_number and sku.variant_id)).shop_id

        def concerns(order):
            waiting = (order.problem_details or {}).get("keys", ())
            return order.shop_id in by_name or any(
                (order.shop_id.id, *key) in keys for key in waiting
            )

        self.env["rakuten.order"]._after_mending(LACKING_PRODUCT, concerns)

    def _compute_waiting_order_count(self):
        waiting = self.env["rakuten.order"]._waiting_for_skus(self.shop_id)
        for sku in self:
            key = sku.shop_id.id, sku.manage_number or "", sku.variant_id or ""
            sku.waiting_order_count = waiting[key]
