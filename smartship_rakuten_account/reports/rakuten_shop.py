from odoo import fields, models

from ..models.setup.rakuten_shop import ACCOUNTANTS


class RakutenShop(models.Model):
    _inherit = "rakuten.shop"

    open_with_rakuten = fields.Monetary(
        compute="_compute_open_with_rakuten",
        compute_sudo=True,
        groups=ACCOUNTANTS,
        help="Billed and not paid: what buyers pay to Rakuten, points used and Rakuten's coupons.",
    )

    def _compute_open_with_rakuten(self):
        amounts = dict(
            self.env["rakuten.open.report"]._read_group(
                [("shop_id", "in", self.ids), ("from_rakuten", "=", True)],
                ["shop_id"],
                ["amount:sum"],
            )
        )
        for shop in self:
            shop.open_with_rakuten = amounts.get(shop, 0)
