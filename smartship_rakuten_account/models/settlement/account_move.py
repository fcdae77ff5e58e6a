from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        """Override of `account` to clear a statement's bill with what the statement has kept."""
        posted = super()._post(soft)
        bills = posted.filtered(lambda move: move.move_type == "in_invoice")
        if bills:
            self.env["rakuten.settlement"].sudo().search(
                [("bill_id", "in", bills.ids), ("move_id", "!=", False)]
            )._clear_charges()
        return posted
