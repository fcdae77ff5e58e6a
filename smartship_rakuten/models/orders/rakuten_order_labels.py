from odoo import fields, models
from odoo.exceptions import UserError

from ...rules.order import SHIPPABLE_PROGRESS
from ...rules.shipping import labels

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
        decided, refusals = self.browse(), []
        for order in orders:
            try:
                with self.env.cr.savepoint():
                    order.sudo().label_decision = decision
                    order.sudo()._after_label_decision(labels(order.sudo().payload))
                decided += order
            except UserError as error:
                refusals.append(error.args[0])
        if refusals and not decided:
            raise UserError("\n".join(refusals))
        result = decided.action_retry()
        if not refusals:
            return result
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": "\n".join(refusals),
                "type": "warning",
                "sticky": True,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _after_label_decision(self, rows):
        """Hook: a person has decided on labels that Rakuten has of this order.

        :param list rows: ..rules.shipping.ShippingRow
        """

    def _find_undecided_labels(self, plans):
        """Labels that Rakuten has of orders that wait for shipment, and nobody has decided on.

        :param dict plans: rakuten.order to ..rules.order.Order
        :return: dict of rakuten.order to list of numbers
        """
        found = {
            order: [row.number for row in labels(order.payload)]
            for order in plans
            if not order.label_decision
            and (order.progress == SHIPPABLE_PROGRESS or order.problem_code == "label_exists")
        }
        return {order: numbers for order, numbers in found.items() if numbers}
