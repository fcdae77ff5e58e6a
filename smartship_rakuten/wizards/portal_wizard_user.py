from odoo import models
from odoo.exceptions import UserError


class PortalWizardUser(models.TransientModel):
    _inherit = "portal.wizard.user"

    def action_grant_access(self):
        """Override of `portal` to invite no Rakuten buyer."""
        self._rakuten_refuse()
        return super().action_grant_access()

    def action_invite_again(self):
        """Override of `portal` to invite no Rakuten buyer."""
        self._rakuten_refuse()
        return super().action_invite_again()

    def _rakuten_refuse(self):
        buyers, _addresses = self.partner_id._rakuten_strike("email_normalized")
        if buyers:
            raise UserError(
                self.env._(
                    "%(name)s is a buyer on Rakuten: Odoo must not invite Rakuten's buyers.",
                    name=", ".join(buyers.mapped("name")),
                )
            )
