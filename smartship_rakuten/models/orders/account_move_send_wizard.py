from odoo import models


class AccountMoveSendWizard(models.TransientModel):
    _inherit = "account.move.send.wizard"

    def _compute_sending_method_checkboxes(self):
        """Override of `account` to offer neither mail nor post for an invoice of Rakuten's."""
        rakuten = self.filtered("move_id.rakuten_order_id")
        rakuten.sending_method_checkboxes = {}
        return super(AccountMoveSendWizard, self - rakuten)._compute_sending_method_checkboxes()
