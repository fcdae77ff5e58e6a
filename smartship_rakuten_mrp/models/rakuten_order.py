from odoo import models
from odoo.tools import LazyTranslate

from odoo.addons.smartship_rakuten.models.shop.sentences import declare_sentences, say

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "order.made_then_cancelled": _lt(
            "Cancelled at Rakuten, but goods are made for it: look at %(productions)s."
        ),
    }
)


class RakutenOrder(models.Model):
    _inherit = "rakuten.order"

    def _hanging(self):
        """Override of `smartship_rakuten` to name what is made for these orders."""
        return [*super()._hanging(), *self._productions().mapped("name")]

    def _upstream(self):
        """Override of `smartship_rakuten` to watch what is made to order."""
        return [*super()._upstream(), self._productions()]

    def _after_cancellation(self):
        """Override of `smartship_rakuten` to tell of what is made for a cancelled order."""
        result = super()._after_cancellation()
        productions = self._productions()
        if productions:
            names = ", ".join(productions.mapped("name"))
            self._warn(say(self.env, "order.made_then_cancelled", productions=names))
        return result

    def _productions(self):
        """:return: mrp.production of what is made to order for these orders and is not cancelled"""
        moves = self.sale_order_id.order_line.sudo().move_ids
        moves |= moves.browse(moves._rollup_move_origs())
        productions = moves.created_production_id | moves.production_id
        return productions.filtered(lambda production: production.state != "cancel")
