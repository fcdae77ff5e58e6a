from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def write(self, vals):
        """Override of `product` to send the stock of what is archived or comes back."""
        result = super().write(vals)
        if "active" in vals:
            self.env["rakuten.stock.change"]._mark(self)
        return result
