from odoo import fields, models

from ...rules.remittance import Columns, fits


class RakutenRemittanceFormat(models.Model):
    """Which columns of a file have order number, amount and fee: told once for a kind of file."""

    _name = "rakuten.remittance.format"
    _description = "Format of a Payment File"
    _check_company_auto = True
    _order = "sequence, name, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    order_heading = fields.Char(
        string="Order Number Column", required=True, help="The heading as it stands in the file."
    )
    amount_heading = fields.Char(
        string="Amount Column", required=True, help="What was paid for the order, before fees."
    )
    fee_heading = fields.Char(
        string="Fee Column", help="What was taken off for it; empty where the file has none."
    )
    payer_id = fields.Many2one(
        "res.partner",
        string="Paid By",
        check_company=True,
        ondelete="restrict",
        help="Who sends the file: the carrier, or Rakuten.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )

    def _columns(self):
        return Columns(self.order_heading, self.amount_heading, self.fee_heading or "")

    def _fitting(self, rows):
        """The first of these formats whose headings a file has."""
        return next((form for form in self if fits(rows, form._columns()) is not None), self[:0])
