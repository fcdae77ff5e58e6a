from odoo import models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def write(self, vals):
        """Override of `product` to send the stock of what is archived, comes back or is counted
        otherwise."""
        result = super().write(vals)
        if not {"active", "is_storable", "type"}.isdisjoint(vals):
            variants = self.with_context(active_test=False).product_variant_ids
            self.env["rakuten.stock.change"]._mark(variants)
        return result
