from collections import Counter
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from ...rules import japan


class RakutenReservation(models.Model):
    """What is held back for deliveries that Rakuten has not made orders of."""

    _inherit = "rakuten.reservation"

    def _after_reading(self):
        result = super()._after_reading()
        counting = self.filtered("shop_id.reservation_days")
        products = [product for sku in counting.sku_id for product, _units in sku._components()]
        self.env["rakuten.stock.change"]._mark(self.env["product.product"].union(*products))
        return result

    @api.model
    def _open_demand(self, shops, products):
        """Units of products in deliveries that come within the days that each shop says. Those of
        which the day has passed still count: Rakuten has not made an order of them, nor taken them
        from the list.

        :return: Counter of product to units
        """
        demand = Counter()
        for shop in shops.filtered("reservation_days"):
            until = japan.today() + timedelta(days=shop.reservation_days)
            rows = self.search(
                Domain("shop_id", "=", shop.id)
                & Domain("state", "=", "open")
                & (Domain("delivery_date", "<=", until) | Domain("delivery_date", "=", False))
                & (
                    Domain("sku_id.product_id", "in", products.ids)
                    | Domain("sku_id.component_ids.product_id", "in", products.ids)
                )
            )
            for row in rows:
                for product, units in row.sku_id._components():
                    demand[product] += row.units * units
        return demand
