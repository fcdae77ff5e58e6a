from odoo import models


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    def _prepare_picking(self):
        """Override of `purchase_stock` to let what a supplier sends to the buyer leave with the
        label that exists, where a person has taken its number over."""
        vals = super()._prepare_picking()
        lines = self.sudo().order_line.sale_line_id
        order = lines.order_id.rakuten_order_id
        if self.picking_type_id.code == "dropship" and len(order) == 1:
            # A supplier's order is of one destination.
            (basket_id, *_others) = lines.mapped("rakuten_basket_id")
            vals.update(order._prepare_label_vals(basket_id))
        return vals
