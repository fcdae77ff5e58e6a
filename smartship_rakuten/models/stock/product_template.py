from odoo import models

from ..shop.on_write import on_write


class ProductTemplate(models.Model):
    _inherit = "product.template"

    @on_write("active", "is_storable", "type")
    def _rakuten_on_write_stock(self, vals):
        """Send the stock of what is archived, comes back or is counted otherwise."""
        yield
        variants = self.with_context(active_test=False).product_variant_ids
        self.env["rakuten.stock.change"]._mark(variants)
