from odoo import fields, models

from ...rules.taxes import tax_by_rate


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "rakuten.system.fields"]

    #: A credit note is of the invoice's order.
    _rakuten_handed_on = frozenset({"rakuten_order_id"})

    rakuten_order_id = fields.Many2one(
        "rakuten.order", readonly=True, check_company=True, index="btree_not_null"
    )
    rakuten_order_number = fields.Char(
        related="rakuten_order_id.name", string="Rakuten Order Number", store=True, index="trigram"
    )

    def _rakuten_taxes(self):
        """What each tax rate of this document shall be, where its lines come to the same price.

        :return: dict of percent to (yen with tax, yen of tax)
        """
        self.ensure_one()
        return tax_by_rate(self.rakuten_order_id.sudo().tax_summary)

    def action_open_rakuten_order(self):
        self.ensure_one()
        return self.rakuten_order_id.get_formview_action()
