from odoo import api, models
from odoo.fields import Domain


class RakutenOrder(models.Model):
    """Orders that waited for a product or a tax, once somebody has mended it."""

    _inherit = "rakuten.order"

    @api.model
    def _after_mending(self, codes, concerns=None):
        """Have orders tried again at once, whether or not their shop imports by itself: somebody
        has tried before. Nothing happens for those that another process is working on; it looks
        again at what they lacked.

        :param codes: values of ``problem_code`` of the orders that may be helped
        :param concerns: callable(rakuten.order): whether it may be; by default all of them
        """
        orders = self.sudo().search(
            Domain("state", "=", "blocked")
            & Domain("problem_code", "in", codes)
            & Domain("queued", "=", False)
            & Domain("shop_id.state", "=", "connected")
            & self._may_become_sale()
        )
        if concerns:
            orders = orders.filtered(concerns)
        if orders - orders._queue():
            self.env["rakuten.shop"]._trigger_job("orders")
