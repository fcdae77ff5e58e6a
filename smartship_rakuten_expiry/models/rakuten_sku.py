from datetime import date

from odoo import api, models


class RakutenSku(models.Model):
    _inherit = "rakuten.sku"

    @api.model
    def _claim_due(self, shop, everything, marked_all):
        """Override of `smartship_rakuten` to look at the SKUs of lots whose removal date has come
        since the last run: nobody writes anything then."""
        # The day by which Odoo leaves lots out.
        today, seen = date.today(), shop.removals_seen_on
        if seen != today:
            come = [("removal_date", "<=", today), ("quantity", ">", 0)]
            if seen:
                come.append(("removal_date", ">", seen))
            rows = self.env["stock.quant"]._read_group(come, ["product_id"])
            products = self.env["product.product"].union(*(product for (product,) in rows))
            self.env["rakuten.stock.change"]._mark(products)
            shop.removals_seen_on = today
        return super()._claim_due(shop, everything, marked_all)
