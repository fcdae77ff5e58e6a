from odoo import fields, models

OUTCOMES = [
    ("agrees", "Agrees"),
    ("refund", "Given Back"),
    ("missing", "Not in Odoo"),
    ("unbilled", "Not Billed"),
    ("cancelled", "Cancelled after Billing"),
    ("cleared", "Cleared Already"),
    ("changed", "Changed after Billing"),
    ("suspect", "May Explain the Difference"),
]
#: Why an order may explain a difference, see ``rules.matching``.
REASONS = [
    ("edge", "Settled a day before or after the period"),
    ("own", "Its coupon of the shop is that much"),
    ("unpaid", "It is that much: not paid"),
    ("points", "Its points are that much"),
    ("coupon", "Its coupon of Rakuten is that much"),
    ("post_pay", "Its post-pay fee is that much"),
    ("refund", "That much was given back"),
]


class RakutenSettlementLine(models.Model):
    """An order that a statement is about, or that may explain why it does not add up."""

    _name = "rakuten.settlement.line"
    _description = "Order of a Rakuten Statement"
    _order = "settlement_id, name, id"

    settlement_id = fields.Many2one(
        "rakuten.settlement", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="settlement_id.company_id", store=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    name = fields.Char(string="Order Number", required=True, readonly=True)
    order_id = fields.Many2one(
        "rakuten.order", string="Rakuten Order", readonly=True, index="btree_not_null"
    )
    fixed_on = fields.Date(
        string="Payment Fixed", readonly=True, help="決済確定日: the day at Rakuten."
    )
    settled = fields.Monetary(string="Payment", readonly=True)
    points = fields.Monetary(readonly=True)
    coupon = fields.Monetary(string="Rakuten's Coupon", readonly=True)
    fee = fields.Monetary(string="Post-Pay Fee", readonly=True)
    expected = fields.Monetary(
        readonly=True, help="What Rakuten owes: what the buyer pays, points and its own coupons."
    )
    open_amount = fields.Monetary(string="Open", readonly=True, help="What is open in the books.")
    cleared = fields.Monetary(
        readonly=True, help="What the statement clears of it; below 0 what it takes back."
    )
    outcome = fields.Selection(OUTCOMES, readonly=True)
    reason = fields.Selection(REASONS, readonly=True)
    explains = fields.Monetary(readonly=True, help="So much of the difference.")
    payment = fields.Char(string="Payment at Rakuten", readonly=True)
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", readonly=True, index="btree_not_null"
    )

    def action_open(self):
        """Open the order, where Odoo has it."""
        self.ensure_one()
        return self.order_id._get_records_action() if self.order_id else False
