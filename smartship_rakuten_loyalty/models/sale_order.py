from collections import defaultdict

from odoo import models
from odoo.fields import Domain


class SaleOrder(models.Model):
    """Rakuten has points and coupons of its own, and what its buyer pays is settled."""

    _inherit = "sale.order"

    def _get_program_domain(self):
        """Override of `sale_loyalty` to have no program for Rakuten's orders."""
        domain = super()._get_program_domain()
        return Domain.FALSE if self.rakuten_order_id else domain

    def _get_trigger_domain(self):
        """Override of `sale_loyalty` to have no code for Rakuten's orders."""
        domain = super()._get_trigger_domain()
        return Domain.FALSE if self.rakuten_order_id else domain

    def _update_programs_and_rewards(self):
        """Override of `sale_loyalty` to give neither points nor rewards for Rakuten's orders."""
        if self.rakuten_order_id:
            return None
        return super()._update_programs_and_rewards()

    def _get_claimable_rewards(self, forced_coupons=None):
        """Override of `sale_loyalty` to let nobody claim a reward on Rakuten's orders, with a card
        that he has from elsewhere either."""
        if self.rakuten_order_id:
            return defaultdict(self.env["loyalty.reward"].browse)
        return super()._get_claimable_rewards(forced_coupons=forced_coupons)
