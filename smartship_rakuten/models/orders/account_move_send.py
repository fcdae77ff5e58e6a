from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    """Rakuten gives the buyer the 適格請求書 and asks systems for no second one; and it forbids
    mail to its buyers besides its own."""

    _inherit = "account.move.send"

    @api.model
    def _get_default_sending_methods(self, move):
        """Override of `account` to send an invoice of Rakuten's by no way."""
        if move.rakuten_order_id:
            return {"manual"}
        return super()._get_default_sending_methods(move)
