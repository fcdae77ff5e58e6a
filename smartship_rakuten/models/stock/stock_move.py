from odoo import models

from ..shop.on_write import on_write

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

    @on_write(*_STOCK_FIELDS)
    def _rakuten_on_write_stock(self, vals):
        """Send the stock that changes."""
        yield
        self.env["rakuten.stock.change"]._mark(self.product_id)
