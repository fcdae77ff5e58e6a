from odoo import fields, models

KINDS = [
    ("settled", "Payments"),
    ("points", "Points"),
    ("coupon", "Rakuten's Coupons"),
    ("refund", "Given Back to Buyers"),
    ("own", "The Shop's Coupons"),
    ("system", "System Fee"),
    ("payment", "Payment Fee"),
    ("affiliate", "Affiliates"),
    ("advertising", "Advertising"),
    ("tax", "Consumption Tax"),
    ("bill", "Other Charge"),
    ("none", "Without Category"),
]


class RakutenSettlementRow(models.Model):
    """A row of a statement's file: a total per 品目 and period."""

    _name = "rakuten.settlement.row"
    _description = "Row of a Rakuten Statement"
    _order = "settlement_id, row, id"

    settlement_id = fields.Many2one(
        "rakuten.settlement", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    row = fields.Integer(readonly=True)
    side = fields.Selection([("paid", "Paid"), ("charged", "Charged")], readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    group = fields.Char(string="Account (集約科目)", readonly=True)
    item = fields.Char(string="Item (品目)", readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    amount = fields.Monetary(string="Without Tax", readonly=True)
    tax = fields.Monetary(readonly=True)
    rate = fields.Char(string="Tax Rate", readonly=True)
