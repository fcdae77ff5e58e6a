from odoo import models


class StockLot(models.Model):
    _inherit = "stock.lot"

    def write(self, vals):
        """Override of `stock` to send the stock of lots that are to be removed at another time."""
        result = super().write(vals)
        if not {"expiration_date", "removal_date"}.isdisjoint(vals):
            self.env["rakuten.stock.change"]._mark(self.product_id)
        return result
