from odoo import api, models


class StockQuant(models.Model):
    """Every way in which goods move ends at a quant: the SKUs' numbers at Rakuten follow it."""

    _inherit = "stock.quant"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `stock` to send the stock that changes."""
        quants = super().create(vals_list)
        self.env["rakuten.stock.change"]._mark(quants.product_id)
        return quants

    def write(self, vals):
        """Override of `stock` to send the stock that changes."""
        result = super().write(vals)
        if not {"quantity", "reserved_quantity", "location_id"}.isdisjoint(vals):
            self.env["rakuten.stock.change"]._mark(self.product_id)
        return result

    def unlink(self):
        """Override of `base` to send the stock that changes."""
        self.env["rakuten.stock.change"]._mark(self.product_id)
        return super().unlink()
