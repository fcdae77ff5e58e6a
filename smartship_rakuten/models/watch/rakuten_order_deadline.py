from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ...rules import deadlines, japan
from ...rules.order import OPEN_PROGRESS, SHIPPED_PROGRESS
from ..shop.rakuten_guard import unmarked
from ..shop.sentences import declare_sentences

_lt = LazyTranslate(__name__)

declare_sentences({"step.deadlines": _lt("Checking the deadlines")})

#: Somebody is asked to act on these order by order and ahead of time. Goods that have to leave are
#: the transfers' business: on their day one reminder stands for all, and what is late is told.
ACTED_ON_AHEAD = ("confirm", "authorisation")
ACTIVITY = "smartship_rakuten.mail_activity_deadline"
#: When more orders of a shop than this come near a deadline at once, one activity stands for all.
ACTIVITIES_MAX = 20
ACTIVITY_MANY = "smartship_rakuten.mail_activity_deadlines"
ACTIVITY_GOODS = "smartship_rakuten.mail_activity_goods"
#: The hour in Japan from which goods that have not left are at risk, wherever the cut-off is.
LATEST_REMINDER_HOUR = 15.0


class RakutenOrder(models.Model):
    """By when something has to happen to an order."""

    _inherit = "rakuten.order"

    deadline_date = fields.Date(
        string="Deadline",
        compute="_compute_deadline",
        store=True,
        index="btree_not_null",
        help="The last day in Japan on which it is in time.",
    )
    deadline_kind = fields.Selection(
        [
            ("confirm", "Confirm the Order"),
            ("authorisation", "Card Authorisation Ends"),
            ("wish", "Leave for the Delivery Wish"),
            ("same_day", "Same-Day Shipment"),
            ("next_day", "Next-Day Delivery"),
            ("asuraku", "Asuraku"),
        ],
        string="Deadline For",
        compute="_compute_deadline",
        store=True,
        help="注文確認 (Rakuten cancels after 14 days), カードの与信 (30 days), お届け日指定, "
        "当日出荷, 最強翌日配送, あす楽.",
    )
    confirm_by = fields.Date(
        compute="_compute_deadline",
        store=True,
        help="The day on which Rakuten cancels the order if nobody has confirmed it.",
    )
    authorised_until = fields.Date(
        string="Card Authorised Until",
        compute="_compute_deadline",
        store=True,
        help="The day until which Rakuten has to know of the shipment.",
    )
    leave_by = fields.Date(
        compute="_compute_deadline",
        store=True,
        help="The day on which goods have to leave for what the buyer wishes or was promised.",
    )
    deadline_warn = fields.Date(
        string="Attention From",
        compute="_compute_deadline",
        store=True,
        index="btree_not_null",
        help="The day from which a deadline of this order deserves attention.",
    )
    deadline_told = fields.Date(
        readonly=True, copy=False, help="The deadline that somebody has been asked to act on."
    )
    deadline_state = fields.Selection(
        [("soon", "At Risk"), ("late", "Missed")],
        compute="_compute_deadline_state",
        search="_search_deadline_state",
        help="By the day in Japan, wherever the reader is.",
    )
    deadline_text = fields.Char(
        string="Deadlines",
        compute="_compute_deadline_text",
        compute_sudo=True,
        help="All deadlines of the order, in the reader's language.",
    )

    ordered_today = fields.Boolean(
        compute="_compute_ordered_today",
        search="_search_ordered_today",
        help="By the day in Japan, wherever the reader is.",
    )

    # === COMPUTE === #

    @api.depends("order_date")
    def _compute_ordered_today(self):
        start = japan.begin(japan.today())
        for order in self:
            order.ordered_today = bool(order.order_date and order.order_date >= start)

    @api.model
    def _search_ordered_today(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = Domain("order_date", ">=", japan.begin(japan.today()))
        return Domain.OR(today if wanted else ~today for wanted in value)

    @api.depends(
        "payload",
        "progress",
        "state",
        "sale_order_id.rakuten_reference",
        "parcel_ids.active",
        "parcel_ids.removal",
        "parcel_ids.state",
    )
    def _compute_deadline(self):
        """The shop's days are no dependency: all orders that ever came would be looked at when they
        change (see ``_on_write_deadline_days``). Nor are the transfers' states, which change often
        until something leaves: what leaves looks at them."""
        for order in self:
            found = order._deadlines()
            order.deadline_date = found[0].day if found else False
            order.deadline_kind = found[0].kind if found else False
            order.deadline_warn = min((entry.warn_from for entry in found), default=False)
            days = {"confirm": False, "authorisation": False, "goods": False}
            for entry in reversed(found):
                days[entry.kind if entry.kind in days else "goods"] = entry.day
            order.confirm_by = days["confirm"]
            order.authorised_until = days["authorisation"]
            order.leave_by = days["goods"]

    @api.depends("deadline_date", "deadline_warn")
    def _compute_deadline_state(self):
        today = japan.today()
        for order in self:
            late = order.deadline_date and order.deadline_date < today
            soon = order.deadline_warn and order.deadline_warn <= today
            order.deadline_state = "late" if late else "soon" if soon else False

    @api.model
    def _search_deadline_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = japan.today()
        late, near = Domain("deadline_date", "<", today), Domain("deadline_warn", "<=", today)
        domains = {"late": late, "soon": near & ~late, False: ~late & ~near}
        return Domain.OR(domains[state] for state in value)

    @api.depends("deadline_date", "deadline_warn")
    @api.depends_context("lang")
    def _compute_deadline_text(self):
        """Apart from the state, which lists show without reading the payloads."""
        labels = dict(self._fields["deadline_kind"]._description_selection(self.env))
        for order in self:
            order.deadline_text = ", ".join(
                f"{labels[entry.kind]}: {fields.Date.to_string(entry.day)}"
                for entry in (order._deadlines() if order.deadline_date else ())
            )

    # === BUSINESS METHODS === #

    @api.model
    def _check_deadlines(self):
        """Ask somebody to act on what is near, once, and close what is settled; one shop's trouble
        never stops the next."""
        shops = self.env["rakuten.shop"].with_context(active_test=False)
        shops = shops.search([("goods_told", "!=", False)])
        shops |= self.search(self._deadline_domain() | Domain("deadline_told", "!=", False)).shop_id
        for shop in shops:
            shop._guard(
                shop,
                lambda shop: self._schedule_ship_today(shop),
                step="step.deadlines",
                mark=unmarked,
            )
            self._check_deadlines_of(shop)

    @api.model
    def _check_deadlines_of(self, shop):
        def guarded(orders, work):
            return shop._guard(orders, work, step="step.deadlines", mark=unmarked)

        due = self.search(self._deadline_domain() & Domain("shop_id", "=", shop.id))
        looked = guarded(due, lambda part: {order: order._last_warning() for order in part})
        last = {order: warn for _part, found in looked for order, warn in found.items() if warn}
        new = due.filtered(lambda order: order in last and order.deadline_told != last[order])
        each = len(new) <= ACTIVITIES_MAX
        user = shop._first_responsible()
        if not each:
            every = due.filtered(last.__contains__)
            guarded(shop, lambda _part: every._schedule_one_activity(user))

        def tell(part):
            if each:
                part._schedule_activities(user)
            for warn, orders in part.grouped(last.get).items():
                orders.deadline_told = warn

        def settle(part):
            part.activity_unlink([ACTIVITY])
            part.deadline_told = False

        guarded(new, tell)
        known = due.browse().union(*(part for part, _found in looked))
        told = self.search([("shop_id", "=", shop.id), ("deadline_told", "!=", False)])
        # Nobody knows about what could not be looked at.
        settled = told - known.filtered(last.__contains__) - (due - known)
        guarded(settled, settle)
        if settled and not last:
            guarded(shop, lambda part: part.activity_unlink([ACTIVITY_MANY]))

    def _schedule_activities(self, user):
        """An activity for each order; no mail: what there is to do comes in one digest a day."""
        self.activity_unlink([ACTIVITY])
        for order in self._for_activities(user):
            order.activity_schedule(
                ACTIVITY,
                date_deadline=order.deadline_date,
                user_id=user.id,
                summary=order.deadline_text,
            )

    def _schedule_one_activity(self, user):
        """One activity at their shop instead of the one before, for all of the shop's orders."""
        orders = self._for_activities(user)
        orders.shop_id.activity_unlink([ACTIVITY_MANY])
        orders.shop_id.activity_schedule(
            ACTIVITY_MANY,
            date_deadline=orders[0].deadline_date,
            user_id=user.id,
            summary=orders.env._(
                "%(count)s orders have a deadline that is near or missed: see the filters of the "
                "orders.",
                count=len(orders),
            ),
        )

    @api.model
    def _schedule_ship_today(self, shop):
        """From a shop's cut-off on, one activity for all that has to leave today and has not. It
        goes when that has left."""
        now = fields.Datetime.now()
        today, hour = japan.day(now), japan.hour(now)
        count = self.search_count(
            self._deadline_domain()
            & Domain("shop_id", "=", shop.id)
            & Domain("leave_by", "=", today)
        )
        if shop.goods_told and (shop.goods_told != today or not count):
            shop.activity_unlink([ACTIVITY_GOODS])
            # What comes later in the day is told again.
            shop.goods_told = False
        reminded = shop.goods_told or hour < min(shop.cutoff_hour, LATEST_REMINDER_HOUR)
        if not count or reminded:
            return
        user = shop._first_responsible()
        localized = shop.with_context(lang=user.lang, mail_activity_quick_update=True)
        localized.activity_schedule(
            ACTIVITY_GOODS,
            date_deadline=today,
            user_id=user.id,
            summary=localized.env._(
                "%(count)s orders have to leave today for a delivery wish or promise and have "
                "not: see the filters of the orders.",
                count=count,
            ),
        )
        shop.goods_told = today

    def _for_activities(self, user):
        """These orders by deadline, in the user's language, without a mail for each activity."""
        context = {"lang": user.lang, "mail_activity_quick_update": True}
        return self.with_context(**context).sorted("deadline_date")

    @api.model
    def _deadline_domain(self):
        """Orders of which a deadline is near or missed, in shops that are still looked after."""
        return (
            Domain("state", "not in", ("cancelled", "ignored"))
            & Domain("shop_id.active", "=", True)
            & Domain("deadline_state", "!=", False)
        )

    def _last_warning(self):
        """Since when somebody has to act: ahead of time where the shop keeper has to, once it is
        late where the goods have to leave; by the last of the order's deadlines that has come so
        far, since one that was missed does not stand for the next.

        :rtype: date | None
        """
        today = japan.today()
        return max(
            (
                entry.warn_from
                for entry in self._deadlines()
                if (entry.warn_from <= today and entry.kind in ACTED_ON_AHEAD) or entry.day < today
            ),
            default=None,
        )

    def _deadlines(self):
        """:rtype: list[..rules.deadlines.Deadline]"""
        self.ensure_one()
        if self.state in ("cancelled", "ignored") or self.reference:
            return []
        parcels = self.parcel_ids.filtered(lambda parcel: not parcel.removal)
        begun = set(parcels.mapped("basket_id"))
        # A backorder still has to leave.
        staying = begun and begun & set(self._open_moves().mapped("rakuten_basket_id"))
        left = begun - staying
        untold = parcels.filtered(lambda parcel: parcel.state != "reported")
        return deadlines.deadlines(
            self.payload,
            self.progress,
            **self.shop_id._shipping_days(),
            left=left,
            reported=left - set(untold.mapped("basket_id")),
            here=self.progress in SHIPPED_PROGRESS and bool(self._open_moves()),
        )

    @api.model
    def _recompute_open_deadlines(self, shops):
        """After the shop's days have changed."""
        orders = self.search([("shop_id", "in", shops.ids), ("progress", "in", OPEN_PROGRESS)])
        orders._recompute_deadlines()

    def _after_goods_moved(self):
        result = super()._after_goods_moved()
        self._recompute_deadlines()
        return result

    def _recompute_deadlines(self):
        for field in self.pool.field_computed[self._fields["deadline_date"]]:
            self.env.add_to_compute(field, self)
