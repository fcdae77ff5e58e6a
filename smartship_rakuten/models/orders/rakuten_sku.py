from odoo import fields, models


class RakutenSku(models.Model):
    """Which orders wait for a SKU."""

    _inherit = "rakuten.sku"

    waiting_order_count = fields.Integer(
        string="Orders Waiting",
        compute="_compute_waiting_order_count",
        compute_sudo=True,
        help="Orders that need this SKU's product before they can be imported.",
    )

    def _compute_waiting_order_count(self):
        waiting = self.env["rakuten.order"]._waiting_for_skus(self.shop_id)
        for sku in self:
            key = sku.shop_id.id, sku.manage_number or "", sku.variant_id or ""
            sku.waiting_order_count = waiting[key]
