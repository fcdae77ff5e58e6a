from odoo import models

from ..shop.on_write import on_write
from .rakuten_order_import import LACKING_PRODUCT


class ProductTemplate(models.Model):
    _inherit = "product.template"

    # What makes a product usable; what rules find it by is its variants'.
    @on_write("company_id", "type")
    def _rakuten_on_write_import_waiting(self, vals):
        yield
        self.env["rakuten.order"]._after_mending(LACKING_PRODUCT)
