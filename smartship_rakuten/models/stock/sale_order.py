from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        """Override of `sale` to count what is promised again."""
        result = super().write(vals)
        if "state" in vals:
            self.order_line._mark_rakuten_stock()
        return result
