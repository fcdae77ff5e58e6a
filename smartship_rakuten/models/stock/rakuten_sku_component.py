from odoo import api, models


class RakutenSkuComponent(models.Model):
    """What a set consists of decides its stock."""

    _inherit = "rakuten.sku.component"

    @api.model_create_multi
    def create(self, vals_list):
        components = super().create(vals_list)
        components.sku_id._mark_composition()
        return components

    def write(self, vals):
        self.sku_id._mark_composition()
        result = super().write(vals)
        self.sku_id._mark_composition()
        return result

    def unlink(self):
        skus = self.sku_id
        skus._mark_composition()
        result = super().unlink()
        skus._mark_composition()
        return result
