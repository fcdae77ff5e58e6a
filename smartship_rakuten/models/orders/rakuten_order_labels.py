from odoo import fields, models

from ...rules.order import SHIPPABLE_PROGRESS
from ...rules.rows import labels
from ..shop.one_by_one import one_by_one

LABEL_DECISIONS = [
    ("take_over", "Leaves from here with this number"),
    ("replace", "Leaves from here with another number"),
    ("left", "Has left already"),
]


class RakutenOrder(models.Model):
    """Orders that wait for shipment while Rakuten has a tracking number of them already: the
    carrier's program, staff in RMS or a fulfilment house has written it (RMS API section 5.4).
    The parcel may lie in the house or have left, and only a person knows."""

    _inherit = "rakuten.order"

    label_decision = fields.Selection(
        LABEL_DECISIONS,
        readonly=True,
        copy=False,
        help="What a person said of the tracking number that Rakuten had before anything left.",
    )

    # === ACTIONS === #

    def action_take_over_labels(self):
        """Import orders whose labels lie ready: their transfers get the numbers, which are not
        reported a second time."""
        return self._decide_labels("take_over")

    def action_replace_labels(self):
        """Import orders whose labels are not used: what leaves is reported in their rows."""
        return self._decide_labels("replace")

    def action_labels_have_left(self):
        """Import orders that have left for reference: with a sale order, without a transfer."""
        return self._decide_labels("left")

    # === BUSINESS METHODS === #

    def _decide_labels(self, decision):
        """Note what a person says of labels that Rakuten has, and import these orders.

        What cannot be decided so stops no other.

        :param str decision: a value of ``label_decision``
        :raises UserError: where none of them can
        """
        self.check_access("write")
        orders = self.filtered(lambda order: order.problem_code == "label_exists")

        def decide(order):
            order.label_decision = decision
            order._after_label_decision(labels(order.payload))

        return one_by_one(
            orders.sudo(), decide, then=lambda decided: decided.with_env(self.env).action_retry()
        )

    def _after_label_decision(self, rows):
        """Hook: a person has decided on labels that Rakuten has of this order.

        :param list rows: ..rules.rows.ShippingRow
        """

    def _find_undecided_labels(self, plans):
        """Labels that Rakuten has of orders that wait for shipment, and nobody has decided on.

        :param dict plans: rakuten.order to ..rules.order.Order
        :return: dict of rakuten.order to list of numbers
        """
        return {
            order: list(plan.labels)
            for order, plan in plans.items()
            if plan.labels
            and not order.label_decision
            and (order.progress == SHIPPABLE_PROGRESS or order.problem_code == "label_exists")
        }
