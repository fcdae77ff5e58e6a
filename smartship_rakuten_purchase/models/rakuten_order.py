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
        """Override of `smartship_rakuten` to count what a supplier sends to the buyer by himself as
        work on the order: he knows its goods and its address."""
        return super()._is_untouched(base) and not self._sent_by_supplier()

    def _hanging(self):
        """Override of `smartship_rakuten` to name what is bought for these orders."""
        return [*super()._hanging(), *self._purchases().mapped("name")]

    def _upstream(self):
        """Override of `smartship_rakuten` to watch what is bought to order."""
        return [*super()._upstream(), self._purchase_lines()]

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
        """What was bought from suppliers for these orders and is not cancelled. What only restocks,
        which the sale order's own list has as well, serves others too.

        :return: purchase.order
        """
        return (self._sent_by_supplier() | self._purchase_lines()).order_id

    def _sent_by_supplier(self):
        """:return: purchase.order.line of what suppliers send to the buyers, or do for them"""
        lines = self.sale_order_id.order_line.sudo().purchase_line_ids
        return lines.filtered(lambda line: line.order_id.state != "cancel")

    def _purchase_lines(self):
        """:return: purchase.order.line of what is bought to order for the goods of these orders"""
        moves = self.sale_order_id.order_line.sudo().move_ids
        moves |= moves.browse(moves._rollup_move_origs())
        lines = moves.created_purchase_line_ids | moves.purchase_line_id
        return lines.filtered(lambda line: line.order_id.state != "cancel")
