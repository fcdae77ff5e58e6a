from odoo import fields, models


class RakutenShop(models.Model):
    _inherit = "rakuten.shop"

    removals_seen_on = fields.Date(
        readonly=True,
        copy=False,
        help="Lots whose removal date is on this day, or before, are off the numbers at Rakuten.",
    )
