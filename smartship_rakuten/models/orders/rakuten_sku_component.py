from odoo import api, models

from ..shop.on_write import on_write


class RakutenSkuComponent(models.Model):
    _inherit = "rakuten.sku.component"

    @api.model_create_multi
    def create(self, vals_list):
        components = super().create(vals_list)
        components.sku_id._import_waiting()
        return components

    @on_write("product_id", "sku_id")
    def _on_write_import_waiting(self, vals):
        yield
        self.sku_id._import_waiting()
