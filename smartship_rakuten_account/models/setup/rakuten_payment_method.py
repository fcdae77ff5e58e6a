from odoo import fields, models

from .rakuten_shop import ACCOUNTANTS


class RakutenPaymentMethod(models.Model):
    """Who owes what Rakuten does not collect."""

    _inherit = "rakuten.payment.method"

    payer_id = fields.Many2one(
        "res.partner",
        check_company=True,
        ondelete="restrict",
        groups=ACCOUNTANTS,
        help="Who pays the shop where Rakuten does not: of 代引 the carrier. An order whose payer "
        "nobody has named is not billed.",
    )
