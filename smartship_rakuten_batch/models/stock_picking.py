from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _is_rakuten_untouched(self):
        """Override of `smartship_rakuten` to count a confirmed batch, in which somebody picks this
        transfer together with others, as work on it."""
        batch = self.sudo().batch_id
        return super()._is_rakuten_untouched() and (not batch or batch.state == "draft")
