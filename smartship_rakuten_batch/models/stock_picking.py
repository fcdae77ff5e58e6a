from odoo import SUPERUSER_ID, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _is_rakuten_untouched(self):
        """Override of `smartship_rakuten` to count a batch that somebody has confirmed, in which he
        picks this transfer together with others, as work on it. Those that Odoo makes and confirms
        by itself are none, until somebody takes one over."""
        batch = self.sudo().batch_id
        automatic = self.picking_type_id._is_auto_batch_grouped()
        return (
            super()._is_rakuten_untouched()
            and batch.user_id.id in (False, SUPERUSER_ID)
            and (not batch or batch.state == "draft" or automatic)
        )
