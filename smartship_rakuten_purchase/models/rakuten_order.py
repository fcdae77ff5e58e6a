from odoo import models
from odoo.tools import LazyTranslate

from odoo.addons.smartship_rakuten.models.shop.sentences import declare_sentences, say

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "order.bought_then_cancelled": _lt(
            "Cancelled at Rakuten, but goods are bought for it: cancel %(purchases)s with the "
            "supplier."
        ),
    }
)


class RakutenOrder(models.Model):
    _inherit = "rakuten.order"

    def _is_untouched(self, base):
        """Override of `smartship_rakuten` to count what is bought for the order as work on it."""
        return super()._is_untouched(base) and not self._purchases()

    def _after_cancellation(self):
        """Override of `smartship_rakuten` to tell of what is bought for a cancelled order."""
        result = super()._after_cancellation()
        purchases = self._purchases()
        if purchases:
            names = ", ".join(purchases.mapped("name"))
            self._warn(say(self.env, "order.bought_then_cancelled", purchases=names))
        return result

    def _served_destinations(self):
        """Override of `smartship_rakuten` to count what a supplier is still to be asked for: his
        transfer is made when the purchase is confirmed."""
        asked = self._goods().filtered(
            lambda line: any(
                bought.state in ("draft", "sent", "to approve")
                for bought in line.sudo().purchase_line_ids
            )
        )
        return super()._served_destinations() | set(asked.mapped("rakuten_basket_id"))

    def _purchases(self):
        """What was bought from suppliers for these orders alone and is not cancelled: a dropshipped
        order has one or more. What only restocks, which the sale order's own list has as well,
        serves others too.

        :return: purchase.order
        """
        orders = self.sale_order_id.order_line.sudo().purchase_line_ids.order_id
        return orders.filtered(lambda order: order.state != "cancel")
