from odoo import api, models

#: What decides where deliveries take goods from.
_SOURCE_FIELDS = {"active", "action", "procure_method", "location_src_id", "route_id"}


class StockRule(models.Model):
    _inherit = "stock.rule"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base` to send the stock of the shops whose deliveries are taken from
        elsewhere now."""
        rules = super().create(vals_list)
        self.env["rakuten.shop"]._mark_stock_of_all()
        return rules

    def write(self, vals):
        """Override of `base` to send the stock of the shops whose deliveries are taken from
        elsewhere now."""
        result = super().write(vals)
        if not _SOURCE_FIELDS.isdisjoint(vals):
            self.env["rakuten.shop"]._mark_stock_of_all()
        return result

    def unlink(self):
        """Override of `base` to send the stock of the shops whose deliveries are taken from
        elsewhere now."""
        result = super().unlink()
        self.env["rakuten.shop"]._mark_stock_of_all()
        return result
