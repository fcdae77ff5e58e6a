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
        if self.partner_id.filtered("rakuten_buyer"):
            raise UserError(
                self.env._(
                    "%(name)s is a buyer on Rakuten: Odoo must not invite Rakuten's buyers.",
                    name=", ".join(self.partner_id.mapped("name")),
                )
            )
