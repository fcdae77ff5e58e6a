from odoo import fields, models


class RakutenPaymentMethod(models.Model):
    """How sale orders that are paid by one of Rakuten's methods are billed.

    The methods that a shop's orders bring are listed by themselves. Where nothing is chosen, Odoo
    decides as it does for any sale order.
    """

    _name = "rakuten.payment.method"
    _description = "Rakuten Payment Method"
    _inherit = "rakuten.system.fields"
    _check_company_auto = True
    _order = "shop_id, sequence, id"

    shop_id = fields.Many2one(
        "rakuten.shop", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, readonly=True, help="settlementMethodCode")
    name = fields.Char(string="Payment Method", required=True, readonly=True, help="支払方法")
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        ondelete="restrict",
        help="Of sale orders that are paid so. Empty: those of the customer.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Invoicing Journal",
        check_company=True,
        domain=[("type", "=", "sale")],
        ondelete="restrict",
        groups="account.group_account_readonly,account.group_account_invoice,"
        "sales_team.group_sale_salesman",
        help="Of sale orders that are paid so. Empty: the first sales journal.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE(shop_id, code)", "A payment method occurs once in a shop."
    )

    def _prepare_sale_vals(self):
        """Values of a sale order that is paid so; without what nobody has chosen."""
        vals = {"payment_term_id": self.payment_term_id.id, "journal_id": self.journal_id.id}
        return {name: value for name, value in vals.items() if value}
