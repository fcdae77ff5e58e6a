from odoo import api, models


class RakutenOption(models.Model):
    """A choice that brings another product changes what waiting orders ask for."""

    _inherit = "rakuten.option"

    @api.model_create_multi
    def create(self, vals_list):
        options = super().create(vals_list)
        options.shop_id._recount_demand()
        return options

    def write(self, vals):
        shops = self.shop_id
        result = super().write(vals)
        (shops | self.shop_id)._recount_demand()
        return result

    def unlink(self):
        self.shop_id._recount_demand()
        return super().unlink()
