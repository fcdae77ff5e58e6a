from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_cancel(self):
        """Override of `stock` to look at the deadlines: what is cancelled of an order that has
        left in part does not have to leave any more."""
        result = super()._action_cancel()
        orders = self.sudo().sale_line_id.order_id.rakuten_order_id
        orders.filtered("parcel_ids")._after_goods_moved()
        return result
