from odoo import models


class StockLocation(models.Model):
    _inherit = "stock.location"

    def write(self, vals):
        """Override of `stock` to send the stock of the shops whose locations change places."""
        result = super().write(vals)
        if "location_id" in vals:
            self.env["rakuten.shop"]._mark_stock_of_all()
        return result
