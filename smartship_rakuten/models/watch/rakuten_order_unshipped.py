from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ...rules import order as rules
from ...rules.order import SHIPPABLE_PROGRESS
from ...rules.payload import OrderProblem
from ..shop.clock import is_since
from ..shop.on_write import on_write
from ..shop.rakuten_guard import unmarked
from ..shop.sentences import columns, declare_sentences, find, read, say

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "step.will_ship": _lt("Looking whether the order will ship"),
        "unshipped.todo": _lt("It was not imported: try again."),
        "unshipped.quotation": _lt(
            "Its sale order %(sale_order)s is a quotation: confirm it, or cancel the order at "
            "Rakuten."
        ),
        "unshipped.sale_cancelled": _lt(
            "Its sale order %(sale_order)s is cancelled, at Rakuten the order is not: cancel it "
            "there, or set the sale order to quotation and confirm it."
        ),
        "unshipped.cancelled": _lt(
            "The transfer %(transfers)s was cancelled and nothing has taken its place: make the "
            "transfer again, or cancel the order at Rakuten."
        ),
        "unshipped.returned": _lt(
            "What left with %(transfers)s came back and nothing has taken its place: make the "
            "transfer again, or cancel the order at Rakuten."
        ),
        "unshipped.none": _lt(
            "No transfer takes its goods to %(count)s of %(total)s destinations: look at the "
            "products and routes of its sale order."
        ),
        "unshipped.found": _lt(
            "%(count)s orders in 発送待ち have nothing that ships them: see the dashboard."
        ),
    }
)

#: Where orders are not confirmed in Odoo by themselves, a quotation has so long.
QUOTATION_GRACE = timedelta(days=1)
#: Orders whose payloads are held at a time.
ORDERS_IN_MEMORY = 200


class RakutenOrder(models.Model):
    """Will it ship? Every order in 発送待ち has an open transfer for every destination, or what was
    for it has left and is reported or about to be, or somebody is told why it waits."""

    _inherit = "rakuten.order"

    unshipped_code = fields.Char(readonly=True, copy=False, index="btree_not_null")
    unshipped_details = fields.Json(readonly=True, copy=False)
    unshipped = fields.Char(
        string="Nothing Ships It",
        compute="_compute_unshipped",
        search="_search_unshipped",
        help="Why nothing in Odoo ships this order, by the last check.",
    )

    @api.depends("unshipped_code", "unshipped_details")
    @api.depends_context("lang")
    def _compute_unshipped(self):
        for order in self:
            order.unshipped = read(order, "unshipped")

    @api.model
    def _search_unshipped(self, operator, value):
        return find(self, "unshipped", operator, value)

    # === ACTIONS === #

    def action_ship_again(self):
        """Have Odoo make transfers for what no transfer is for any more."""
        self.check_access("write")
        orders = self.sudo().filtered(
            lambda order: order.unshipped_code and order.sale_order_id.state == "sale"
        )
        for order in orders:
            sale_order = order.sale_order_id
            locked = sale_order.locked
            sale_order.locked = False
            sale_order.order_line._action_launch_stock_rule()
            sale_order.locked = locked
        orders._look_whether_they_ship()
        still = orders.filtered("unshipped_code")
        if still or not orders:
            raise UserError(
                self.env._(
                    "Odoo made no transfer for %(orders)s: look at the sale order.",
                    orders=", ".join((still or self).mapped("name")),
                )
            )
        return self.action_view_transfers()

    # === BUSINESS METHODS === #

    @on_write("state", "progress", "changed_code")
    def _on_write_unshipped(self, vals):
        """What is said of an order that has moved on counts no more."""
        yield
        over = self.filtered(
            lambda order: (
                order.unshipped_code
                and ("state" in vals or order.changed_code or order.progress != SHIPPABLE_PROGRESS)
            )
        )
        over.write(columns("unshipped", None))

    def _after_goods_moved(self):
        result = super()._after_goods_moved()
        self.filtered("unshipped_code")._look_whether_they_ship()
        return result

    @api.model
    def _check_will_ship(self, shops, *, told=False):
        """Look at all orders in 発送待ち of some shops, and at what was found before.

        :param bool told: only at what was found before
        :return: how many orders nothing ships
        """
        found = Domain("unshipped_code", "!=", False)
        concerned = Domain("progress", "=", SHIPPABLE_PROGRESS) & Domain(
            "state", "in", ("todo", "done")
        )
        orders = self.search(
            Domain("shop_id", "in", shops.ids) & (found if told else found | concerned)
        )

        def look(part):
            part._look_whether_they_ship()
            part.invalidate_recordset(["payload"], flush=False)

        shops._guard(
            orders,
            look,
            step="step.will_ship",
            mark=unmarked,
            most=ORDERS_IN_MEMORY,
        )
        return len(orders.filtered("unshipped_code"))

    def _look_whether_they_ship(self):
        """Write down of each order why nothing ships it, and forget what was said before."""
        # What is looked at is read for all of them at once.
        self.sale_order_id.picking_ids.mapped("state")
        self.sale_order_id.order_line.move_ids.mapped("state")
        for order in self:
            vals = columns("unshipped", order._why_unshipped())
            if order.unshipped_code or vals["unshipped_code"]:
                order.write(vals)

    def _why_unshipped(self):
        """:return: Sentence, None for an order that will ship, has left or is waiting for a person
        who knows why"""
        self.ensure_one()
        if self.progress != SHIPPABLE_PROGRESS:
            return None
        if self.state == "todo":
            return None if self.queued else say(self.env, "unshipped.todo")
        if self.state != "done" or self.changed_code or self.reference:
            return None
        sale_order = self.sale_order_id
        if sale_order.state == "cancel":
            return say(self.env, "unshipped.sale_cancelled", sale_order=sale_order.name)
        if sale_order.state != "sale":
            fresh = is_since(sale_order.create_date, fields.Datetime.now() - QUOTATION_GRACE)
            if fresh and not self.shop_id.auto_fulfil:
                return None
            return say(self.env, "unshipped.quotation", sale_order=sale_order.name)
        return self._why_stranded()

    def _why_stranded(self):
        """:return: Sentence for a confirmed order with a destination that nothing goes to, or
        None"""
        destinations = self._destinations()
        served = self._served_destinations()
        if False in served:
            # Moves that somebody has made himself, or an order that was adopted: they say nothing.
            return None
        stranded = destinations - served
        if not stranded:
            return None
        deliveries = self.sale_order_id.picking_ids.filtered(
            lambda picking: picking._is_rakuten_delivery() and picking.rakuten_basket_id in stranded
        )
        cancelled = deliveries.filtered(lambda picking: picking.state == "cancel")
        returned = deliveries.filtered(lambda picking: picking.state == "done")
        for code, transfers in (("returned", returned), ("cancelled", cancelled)):
            if transfers:
                names = ", ".join(transfers.sorted("id").mapped("name"))
                return say(self.env, f"unshipped.{code}", transfers=names)
        return say(self.env, "unshipped.none", count=len(stranded), total=len(destinations))

    def _destinations(self):
        """:return: set of basketIds that Rakuten waits for"""
        try:
            return {basket.basket_id for basket in rules.parse_order(self.payload).baskets}
        except OrderProblem:
            return set(self._goods().mapped("rakuten_basket_id"))

    def _served_destinations(self):
        """Hook: where goods of this order are on their way to, or have gone.

        :return: set of basketIds; False for goods of which nobody knows where they go
        """
        left = self._deliveries().filtered(
            lambda picking: picking.state == "done" and picking.rakuten_report_state != "none"
        )
        return set(self._open_moves().mapped("rakuten_basket_id")) | set(
            left.mapped("rakuten_basket_id")
        )
