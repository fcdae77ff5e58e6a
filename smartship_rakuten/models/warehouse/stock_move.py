from odoo import models

from ..shop.on_write import on_write


class StockMove(models.Model):
    _inherit = "stock.move"

    def _get_new_picking_values(self):
        """Override of `stock` to note for when a transfer of Rakuten was planned: somebody may
        plan it for another day."""
        values = super()._get_new_picking_values()
        if any(self.mapped("rakuten_basket_id")):
            values["rakuten_planned_at"] = min(self.mapped("date"))
        return values

    @on_write("sale_line_id")
    def _rakuten_on_write_sale_line(self, vals):
        """Without its sale line nothing ties goods to Rakuten, and nothing holds them: that is for
        whom the button serves, as with the transfer's sale order."""
        if not self.env.su:
            sold = self.sudo().filtered("sale_line_id.order_id.rakuten_order_id")
            if sold.filtered(lambda move: move.sale_line_id.id != vals["sale_line_id"]):
                self.env["stock.picking"]._check_rakuten_releaser()
        yield
