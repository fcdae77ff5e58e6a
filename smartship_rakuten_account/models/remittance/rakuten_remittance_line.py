from odoo import fields, models

OUTCOMES = [
    ("agrees", "Agrees"),
    ("differs", "Differs"),
    ("twice", "Twice in the File"),
    ("unknown", "Only in the File"),
    ("missing", "Not in the File"),
    ("refund", "Refund"),
    ("charge", "Charge Without Order"),
]


class RakutenRemittanceLine(models.Model):
    """A row of a file that names orders, or an order that it should name and does not."""

    _name = "rakuten.remittance.line"
    _description = "Row of a Payment File"
    _order = "remittance_id, id"

    remittance_id = fields.Many2one(
        "rakuten.remittance", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="remittance_id.company_id", store=True)
    currency_id = fields.Many2one(related="remittance_id.currency_id")
    row = fields.Integer(readonly=True)
    name = fields.Char(string="Order Number", readonly=True)
    order_id = fields.Many2one(
        "rakuten.order", string="Rakuten Order", readonly=True, index="btree_not_null"
    )
    amount = fields.Monetary(string="Paid", readonly=True)
    fee = fields.Monetary(readonly=True)
    open_amount = fields.Monetary(string="Open", readonly=True)
    off = fields.Monetary(string="Differs By", readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True)
