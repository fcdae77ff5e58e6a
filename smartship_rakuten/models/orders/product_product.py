from odoo import api, models

from ..shop.on_write import on_write
from .rakuten_order_import import LACKING_PRODUCT


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `product` to import what waits for these products."""
        products = super().create(vals_list)
        if any(
            product.rakuten_sku_code or product.default_code or product.barcode
            for product in products
        ):
            self.env["rakuten.order"]._after_mending(LACKING_PRODUCT)
        return products

    # What rules find products by, and what makes one usable.
    @on_write("rakuten_sku_code", "default_code", "barcode", "active")
    def _rakuten_on_write_import_waiting(self, vals):
        yield
        self.env["rakuten.order"]._after_mending(LACKING_PRODUCT)
