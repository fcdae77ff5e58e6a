from odoo import models

from ..shop.on_write import on_write

#: Which figure of Odoo a shop sells from.
STOCK_KINDS = {"free": "free_qty", "on_hand": "qty_available", "forecast": "virtual_available"}


class ProductProduct(models.Model):
    _inherit = "product.product"

    @on_write("active")
    def _rakuten_on_write_stock(self, vals):
        """Send the stock of what is archived or comes back."""
        yield
        self.env["rakuten.stock.change"]._mark(self)

    def _rakuten_stock(self, kind, locations, left_out):
        """Units of these products in some locations and all below them.

        :param str kind: of stock, a value of the shop's ``stock_kind``
        :param locations: stock.location
        :param left_out: stock.location below these that does not count
        :return: dict of product to units
        """
        quantity = STOCK_KINDS[kind]
        stock = dict.fromkeys(self, 0)
        for counted, sign in ((locations, 1), (left_out, -1)):
            # Odoo takes no location for all of them.
            if counted:
                here = self.with_context(
                    location=counted.ids, warehouse_id=False, search_warehouse=False
                )
                # Reservations of this very transaction count too.
                here.invalidate_recordset([quantity])
                for product in here:
                    stock[product] += sign * product[quantity]
        return stock
