from odoo import api, fields, models
from odoo.exceptions import UserError

from ...rules.tracking import split_numbers
from ..shop.one_by_one import one_by_one


class StockPicking(models.Model):
    """Tracking numbers that stand at Rakuten before the goods leave: the carrier's program wrote
    them when the label was printed (RMS API section 5.4)."""

    _inherit = "stock.picking"

    rakuten_label_numbers = fields.Char(
        string="Numbers at Rakuten",
        compute="_compute_rakuten_label_numbers",
        help="Tracking numbers that Rakuten has of this destination and that are not the "
        "transfer's.",
    )

    @api.depends("rakuten_held")
    def _compute_rakuten_label_numbers(self):
        for picking in self:
            # Whoever knows the numbers is not held by them.
            rows = picking.rakuten_held and picking._rakuten_foreign_rows()
            picking.rakuten_label_numbers = ", ".join(row.number for row in rows or ())

    def action_rakuten_take_over(self):
        """The goods leave with the labels that Rakuten knows of: the transfers get their numbers,
        which are not reported a second time. What cannot be taken over stops no other.

        :raises AccessError: for others than Rakuten users and stock managers
        :raises UserError: where there is nothing to take over, or nothing could be
        """
        self.check_access("write")
        self._check_rakuten_releaser()
        found = self.filtered(lambda picking: picking._rakuten_foreign_rows())
        if not found:
            raise UserError(
                self.env._("Rakuten has no tracking number that these transfers do not have.")
            )
        return one_by_one(
            found, lambda picking: picking._rakuten_take_over(picking._rakuten_foreign_rows())
        )

    def _rakuten_take_over(self, rows):
        """Take over the numbers of rows of this destination.

        :param list rows: ..rules.rows.ShippingRow
        :raises UserError: see ``rakuten.order._label_carrier``
        """
        self.ensure_one()
        order = self.sudo().rakuten_order_id
        vals = order._label_vals(rows)
        # A transfer of an earlier step has none of its own: the delivery gets it when it is made.
        delivery = self.sudo() if self._is_rakuten_delivery() else order._deliveries()
        delivery = delivery.filtered(
            lambda picking: (
                picking.state != "done" and picking.rakuten_basket_id == self.rakuten_basket_id
            )
        )[:1]
        if delivery:
            known = split_numbers(delivery.carrier_tracking_ref)
            numbers = [*known, *split_numbers(vals["carrier_tracking_ref"])]
            vals["carrier_tracking_ref"] = ",".join(dict.fromkeys(numbers))
            delivery.write(vals)
        order.label_decision = "take_over"
        order._accept_rows(rows)
        self.message_post(
            body=self.env._(
                "Tracking number taken over from Rakuten: %(numbers)s",
                numbers=", ".join(row.number for row in rows),
            )
        )
