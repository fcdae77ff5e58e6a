from odoo import models

#: The field of the unit in which a move's quantities are.
UNIT = "product_uom"
#: What decides how much a move takes off the stock, or brings.
_STOCK_FIELDS = {
    "state",
    "product_id",
    "product_uom_qty",
    UNIT,
    "quantity",
    "location_id",
    "location_dest_id",
    "picking_id",
}


class StockMove(models.Model):
    _inherit = "stock.move"

    def write(self, vals):
        """Override of `stock` to send the stock that changes."""
        result = super().write(vals)
        if not _STOCK_FIELDS.isdisjoint(vals):
            self.env["rakuten.stock.change"]._mark(self.product_id)
        return result
