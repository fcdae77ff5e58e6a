from odoo import models
from odoo.exceptions import UserError

from ..rules import amounts
from ..rules import order as rules
from ..rules.order import OrderProblem


class RakutenOrder(models.Model):
    """What happens at Rakuten after the import."""

    _inherit = "rakuten.order"  # pylint: disable=consider-merging-classes-inherited

    # === BUSINESS METHODS - Changes after the import === #

    def _difference(self, payload):
        """What a new payload changes for the warehouse and the accountant, in words."""
        try:
            old, new = rules.parse_order(self.payload), rules.parse_order(payload)
        except OrderProblem:
            # Not comparable, for example because an amount became undetermined: say so.
            return self.env._("amounts or form")
        aspects = {
            self.env._("items"): lambda plan: plan.items,
            self.env._("recipient"): lambda plan: [basket.sender for basket in plan.baskets],
            self.env._("amounts"): lambda plan: (amounts.expected_total(plan), plan.charges),
            self.env._("delivery date"): lambda plan: plan.delivery_date,
        }
        return ", ".join(name for name, get in aspects.items() if get(old) != get(new))

    def _cancel_in_odoo(self):
        """Follow a cancellation at Rakuten: unshipped goods stay, shipped ones need a person."""
        for order in self:
            sale_order = order.sale_order_id
            if sale_order.state == "cancel":
                order.state = "cancelled"
            elif any(
                picking.state == "done" and picking._is_rakuten_delivery()
                for picking in sale_order.picking_ids
            ):
                order._warn(
                    self.env._(
                        "Cancelled at Rakuten after goods have left: call the parcel back or "
                        "take the goods back, then credit the order."
                    )
                )
            else:
                order._cancel_sale_order()

    def _cancel_sale_order(self):
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self.sale_order_id._action_cancel()
                self.state = "cancelled"
        except UserError as error:
            self.env.invalidate_all()
            self._warn(
                self.env._(
                    "Cancelled at Rakuten, but Odoo cannot cancel the sale order: %(reason)s",
                    reason=error,
                )
            )

    def _warn(self, note):
        """Raise one activity for the shop's responsible, not one per run."""
        self.ensure_one()
        if note not in self.activity_ids.mapped("summary"):
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=self.shop_id.user_id.id or self.env.uid,
                summary=note,
            )

    # === BUSINESS METHODS - Shipments === #

    def _has_left(self):
        """Whether every parcel of the order is known: no delivery is open, none lacks a number."""
        self.ensure_one()
        deliveries = self.sale_order_id.picking_ids.filtered(
            lambda picking: picking._is_rakuten_delivery() and picking.state != "cancel"
        )
        return bool(deliveries) and all(
            picking.state == "done" and picking.rakuten_parcel_ids for picking in deliveries
        )

    def _shipping_rows(self):
        """Shipping rows that Rakuten has of this order (RMS API section 3.10).

        :return: dict of (basket id, tracking number) to shippingDetailId, all text
        """
        self.ensure_one()
        return rules.shipping_rows(self.payload)
