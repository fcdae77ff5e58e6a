from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_new_picking_values(self):
        """Override of `stock` to let goods leave with the label that exists, where a person has
        taken its number over."""
        vals = super()._get_new_picking_values()
        order = self.sudo().sale_line_id.order_id.rakuten_order_id
        if len(order) == 1 and self.location_dest_id.usage == "customer":
            (basket_id, *_others) = self.mapped("rakuten_basket_id")
            vals.update(order._prepare_label_vals(basket_id))
        return vals

    def _action_cancel(self):
        """Override of `stock` to look at the deadlines: what is cancelled of an order that has
        left in part does not have to leave any more."""
        result = super()._action_cancel()
        orders = self.sudo().sale_line_id.order_id.rakuten_order_id
        orders.filtered("parcel_ids")._after_goods_moved()
        return result
