from odoo import models


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _get_custom_move_fields(self):
        """Override of `stock` to pass the destination on to the moves of a rule."""
        return [*super()._get_custom_move_fields(), "rakuten_basket_id"]
