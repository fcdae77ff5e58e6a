from odoo import api, models

from ..shop.on_write import on_write


class RakutenSkuComponent(models.Model):
    """What a set consists of decides its stock."""

    _inherit = "rakuten.sku.component"

    @api.model_create_multi
    def create(self, vals_list):
        components = super().create(vals_list)
        components.sku_id._mark_composition()
        return components

    @on_write("product_id", "quantity", "sku_id")
    def _on_write_composition(self, vals):
        self.sku_id._mark_composition()
        yield
        self.sku_id._mark_composition()

    def unlink(self):
        skus = self.sku_id
        skus._mark_composition()
        result = super().unlink()
        skus._mark_composition()
        return result
