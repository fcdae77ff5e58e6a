from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        """Override of `stock` to credit what is billed and comes back."""
        result = super()._action_done()
        back = self.filtered(
            lambda picking: (
                picking.state == "done"
                and picking.picking_type_code == "incoming"
                and picking.sale_id.rakuten_order_id
            )
        )
        for order, pickings in back.grouped("sale_id").items():
            order.sudo()._rakuten_credit_returned(", ".join(pickings.mapped("name")))
        return result
