from odoo import api, models


class RakutenOrder(models.Model):
    """What was a reservation before it became an order."""

    _inherit = "rakuten.order"

    @api.model
    def _store(self, shop, payloads, **how):
        orders = super()._store(shop, payloads, **how)
        self.env["rakuten.reservation"]._close_fixed(shop, payloads, orders)
        return orders
