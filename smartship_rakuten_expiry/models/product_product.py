from datetime import date

from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _rakuten_stock(self, kind, locations, left_out):
        """Override of `smartship_rakuten` to leave lots out from the day of their removal date on,
        also of what is on hand: of the other kinds of stock Odoo does so itself."""
        stock = super()._rakuten_stock(kind, locations, left_out)
        if kind == "on_hand":
            removed = self.env["stock.quant"]._read_group(
                [
                    ("product_id", "in", self.ids),
                    ("location_id", "child_of", locations.ids),
                    "!",
                    ("location_id", "child_of", left_out.ids),
                    # As Odoo says it: until the end of the day.
                    ("removal_date", "<=", date.today()),
                ],
                ["product_id"],
                ["quantity:sum", "reserved_quantity:sum"],
            )
            for product, quantity, reserved in removed:
                stock[product] -= quantity - reserved
        return stock
