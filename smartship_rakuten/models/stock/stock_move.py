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

    def _rakuten_units_off(self, kind, is_counted):
        """How many units this move has taken off one of Odoo's figures.

        :param str kind: ``stock_kind`` of a shop: which figure
        :param is_counted: callable(stock.location): whether the figure counts what lies there
        :return: units of the product
        """
        self.ensure_one()
        if self.state in ("draft", "cancel") or not is_counted(self.location_id):
            return 0
        if kind == "forecast" and self.state != "done":
            # As Odoo counts what is to go out.
            stays = is_counted(self.location_final_id or self.location_dest_id)
            return 0 if stays else self.product_qty
        # What is reserved is not free; what was moved within is there as before.
        off = not is_counted(self.location_dest_id) if self.state == "done" else kind == "free"
        if not off:
            return 0
        return self[UNIT]._compute_quantity(self.quantity, self.product_id.uom_id, round=False)
