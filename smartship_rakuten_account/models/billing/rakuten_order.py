from odoo import models

from odoo.addons.smartship_rakuten.models.shop.sentences import say


class RakutenOrder(models.Model):
    """What is billed follows what happens at Rakuten afterwards."""

    _inherit = "rakuten.order"

    def _after_cancellation(self):
        """Override of `smartship_rakuten` to credit what is billed of a cancelled order."""
        result = super()._after_cancellation()
        self.sale_order_id.sudo()._rakuten_credit_all(say(self.env, "credit.cancelled"))
        return result

    def _hold_change(self, difference):
        """Override of `smartship_rakuten` to credit what Rakuten bills less by now."""
        result = super()._hold_change(difference)
        self.sale_order_id.sudo()._rakuten_credit_change()
        return result
