from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import LazyTranslate

from ...rules import amounts, japan, reconcile
from ...rules import order as rules
from ...rules.order import CANCELLED, CANCELLED_PROGRESS, SHIPPED_PROGRESS, placed_on
from ...rules.payload import OrderProblem
from ...rules.rows import open_rows
from ..shop.clock import in_zone_of, is_since
from ..shop.rakuten_guard import unmarked
from ..shop.sentences import declare_sentences

_lt = LazyTranslate(__name__)

declare_sentences({"step.reconcile": _lt("Comparing the order")})

#: Reports are kept so long.
KEEP_DAYS = 90
#: Orders that young may not have been imported yet, which is nobody's fault.
IMPORT_GRACE = timedelta(minutes=30)
#: What was read so lately was compared, and corrected, when it was read.
COMPARED_FOR = timedelta(hours=2)
#: What is open from before the start date is searched so seldom.
OLDER_FOR = timedelta(days=7)
#: Differences of the sale order alone, which reading the order again does not mend.
OF_SALE_ORDER = ("saleOrder", "currency")
#: Orders whose payloads are held at a time; after them Odoo is asked whether there is time left.
ORDERS_IN_MEMORY = 1000
#: Fields of a report that add up what is found order by order.
SUMS = (
    "rakuten_count",
    "odoo_count",
    "rakuten_total",
    "odoo_total",
    "read_count",
    "closed_count",
    "held_count",
)


@dataclass(frozen=True, slots=True)
class Known:
    """What Odoo has of an order."""

    order_id: int
    essence: reconcile.Essence
    last_read: datetime | None
    is_final: bool
    is_held: bool
    lacks_sale: bool
    closes: bool
    sale_difference: list


class RakutenReconciliation(models.Model):
    """Rakuten's orders of the last days beside Odoo's: the proof that nothing is missing."""

    _name = "rakuten.reconciliation"
    _description = "Comparison of Orders With Rakuten"
    _inherit = "rakuten.system.fields"
    _order = "id desc"

    shop_id = fields.Many2one(
        "rakuten.shop", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Datetime(string="Compared On", required=True, readonly=True, index=True)
    start = fields.Datetime(string="Orders From", readonly=True)
    end = fields.Datetime(string="Orders Until", readonly=True)
    state = fields.Selection(
        [("ok", "Complete"), ("different", "Differences")], required=True, readonly=True
    )
    rakuten_count = fields.Integer(
        string="Orders at Rakuten", readonly=True, help="Without those closed without Odoo."
    )
    odoo_count = fields.Integer(string="Orders in Odoo", readonly=True)
    rakuten_total = fields.Monetary(
        string="Billed at Rakuten", readonly=True, help="Sum of 請求金額 (requestPrice)."
    )
    odoo_total = fields.Monetary(
        string="Billed in Odoo", readonly=True, help="Sum of 請求金額 as Odoo has it."
    )
    read_count = fields.Integer(
        string="Orders Read", readonly=True, help="The others were read within the last hours."
    )
    held_count = fields.Integer(
        string="Not Imported Yet",
        readonly=True,
        help="Orders in 発送待ち that Odoo knows and has no sale order for: see Need Attention.",
    )
    closed_count = fields.Integer(
        string="Closed Without Odoo",
        readonly=True,
        help="Orders that were cancelled before Odoo imported them, or were placed before this "
        "shop was set up in Odoo and have been shipped. They are left out.",
    )
    older_count = fields.Integer(
        string="Open Before the Start Date",
        readonly=True,
        help="Orders that are open at Rakuten, were placed before the shop's start date and are "
        "left alone. Rakuten is searched for them once a week; Preview Import names them.",
    )
    missing_count = fields.Integer(string="Missing in Odoo", readonly=True)
    surplus_count = fields.Integer(string="Not at Rakuten", readonly=True)
    different_count = fields.Integer(string="Different", readonly=True)
    line_ids = fields.One2many(
        "rakuten.reconciliation.line", "reconciliation_id", string="Differences", readonly=True
    )

    is_repairable = fields.Boolean(
        compute="_compute_is_repairable", help="Reading and importing orders can mend something."
    )

    @api.depends("line_ids.kind", "line_ids.differences")
    def _compute_is_repairable(self):
        for report in self:
            report.is_repairable = any(line._is_repairable() for line in report.line_ids)

    @api.depends("shop_id", "date")
    def _compute_display_name(self):
        for report in self:
            day = in_zone_of(report.env.user, report.date)
            report.display_name = f"{report.shop_id.name} {day:%Y-%m-%d %H:%M}"

    # === ACTIONS === #

    def action_repair(self):
        """Read what is missing or different, import it, and compare again."""
        self.ensure_one()
        self.shop_id._check_may_work()
        lines = self.line_ids.filtered(lambda line: line._is_repairable())
        missing, different = (
            lines.filtered(lambda line, kind=kind: line.kind == kind).mapped("name")
            for kind in ("missing", "different")
        )
        if not (missing or different):
            raise UserError(self.env._("There is nothing to repair in this report."))
        return self.shop_id._run("repair", missing, different)._open()

    def _open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Comparison With Rakuten"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    # === BUSINESS METHODS === #

    @api.autovacuum
    def _gc_reconciliations(self):
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.sudo().search([("date", "<", limit)]).unlink()

    @api.model
    def _compare(self, shop, *, everything):
        """Compare the orders of a shop with Rakuten's, without changing one.

        searchOrder lists the numbers, 1,000 a call. getOrder, 100 a call, is asked for those that
        Odoo does not know, and for the known ones whose status or amounts may have moved unseen:
        not for those that were read in the last hours, and compared then, nor for those that Odoo
        has as cancelled, which is final.

        How many orders from before the start date are open is said as well. To look back 730 days
        takes twelve searches, so Rakuten is asked for them once a week, and each day those that
        Odoo has meanwhile are taken off.

        :param bool everything: read the fresh ones as well, up to this minute and in one go, as a
            person who asks for it expects
        :return: the report; none where Odoo had no time for all of it, then the scheduled action
            goes on
        :raises RmsError:
        """
        place = (not everything and self.env.context.get("rakuten_place")) or {}
        now = fields.Datetime.to_datetime(place.get("now")) or fields.Datetime.now()
        start, end = self._window(shop, now if everything else now - IMPORT_GRACE)
        after = place.get("after", "")
        client = shop._client()
        listed, numbers = self._numbers(shop, client, start, end, after)
        sums, lines = Counter(place.get("sums")), place.get("lines", [])
        while numbers:
            some, numbers = numbers[:ORDERS_IN_MEMORY], numbers[ORDERS_IN_MEMORY:]
            fresh = None if everything else now - COMPARED_FOR
            found, different = self._compare_some(shop, client, some, listed, fresh)
            sums.update(found)
            lines += different
            if numbers and not everything and not shop._commit():
                place = {
                    "now": fields.Datetime.to_string(now),
                    "after": some[-1],
                    "sums": sums,
                    "lines": lines,
                }
                shop._leave_to_schedule("reconcile", place=place)
                return self.browse()
        kinds = Counter(line["kind"] for line in lines)
        return self.create(
            {
                "shop_id": shop.id,
                "date": now,
                "start": start,
                "end": end,
                "state": "different" if lines else "ok",
                **{name: sums[name] for name in SUMS},
                "older_count": len(shop._older_orders(client, now, OLDER_FOR)),
                **{f"{kind}_count": kinds[kind] for kind in ("missing", "surplus", "different")},
                "line_ids": [Command.create(line) for line in lines],
            }
        )

    @api.model
    def _numbers(self, shop, client, start, end, after):
        """The orders of a period that are still to be compared.

        :param str after: what was compared ends with this number, '' for nothing
        :return: (set of those that Rakuten lists, list of all in their order: what Odoo has and
            the search has not is on the very edge of the period, the order itself tells)
        """
        placed = placed_on(after)
        if placed:
            # Numbers begin with the day; a day more, for clocks that are not the same.
            start = min(max(start, placed - timedelta(days=1)), end)
        listed = set(client.search_order(start=start, end=end))
        mine = self.env["rakuten.order"].search_fetch(
            [("shop_id", "=", shop.id), ("order_date", ">=", start), ("order_date", "<=", end)],
            ["name"],
        )
        numbers = listed.union(mine.mapped("name"))
        return listed, sorted(number for number in numbers if number > after)

    @api.model
    def _compare_some(self, shop, client, numbers, listed, fresh):
        """Compare orders, as many as Odoo holds at a time.

        :param set listed: the numbers that Rakuten lists
        :param datetime fresh: what was read since then need not be read again, None reads all
        :return: (dict of :data:`SUMS`, list of values of ``rakuten.reconciliation.line``)
        """
        known, left_out = self._known(shop, numbers)
        numbers = [number for number in numbers if number not in left_out]
        settled = {
            number
            for number, mine in known.items()
            if number in listed and (mine.is_final or (fresh and is_since(mine.last_read, fresh)))
        }
        read, closed = {}, set()
        asked = [number for number in numbers if number not in settled]
        for payload in self._read(shop, client, asked):
            number = rules.read_number(payload)
            if number not in known and reconcile.is_closed(payload, shop.create_date):
                closed.add(number)
            else:
                read[number] = reconcile.essence(payload)
        lines = []
        for number in numbers:
            mine = known.get(number)
            if number in closed:
                continue
            if not mine:
                lines.append({"name": number, "kind": "missing"})
            elif mine.lacks_sale:
                lines.append({"name": number, "order_id": mine.order_id, "kind": "missing"})
            elif number not in listed and number not in read:
                lines.append({"name": number, "order_id": mine.order_id, "kind": "surplus"})
            else:
                theirs = read.get(number, mine.essence)
                found = reconcile.differences(mine.essence, theirs, closes=mine.closes)
                found += mine.sale_difference
                if found:
                    lines.append(
                        {
                            "name": number,
                            "order_id": mine.order_id,
                            "kind": "different",
                            "differences": [list(map(str, entry)) for entry in found],
                        }
                    )
        rakuten = {number: known[number].essence for number in settled} | read
        booked = [mine for mine in known.values() if not mine.lacks_sale]
        counted = read.keys() | (listed.intersection(numbers) - closed)
        return {
            "rakuten_count": len(counted),
            "odoo_count": len(booked),
            "rakuten_total": sum(map(reconcile.billed, rakuten.values())),
            "odoo_total": sum(reconcile.billed(mine.essence) for mine in booked),
            "read_count": len(read) + len(closed),
            "closed_count": len(closed),
            "held_count": sum(mine.is_held for mine in known.values()),
        }, lines

    @api.model
    def _window(self, shop, end):
        """The last days in Japan, as far as the shop looks back.

        :return: (begin, end) in UTC
        """
        start = japan.begin(japan.day(end) - timedelta(days=shop.reconcile_days))
        return min(max(start, shop.import_from), end), end

    @api.model
    def _known(self, shop, numbers):
        """What Odoo has of orders.

        :return: (dict of order number to Known, numbers of the orders that could not be looked at)
        """
        orders = self.env["rakuten.order"].search(
            [("shop_id", "=", shop.id), ("name", "in", numbers)]
        )

        def look(part):
            facts = {order.name: self._facts(order, shop) for order in part}
            part.invalidate_recordset(["payload"], flush=False)
            return facts

        looked = shop._guard(
            orders,
            look,
            step="step.reconcile",
            mark=unmarked,
            most=ORDERS_IN_MEMORY,
        )
        known = {}
        for _part, facts in looked:
            known |= facts
        return known, set(orders.mapped("name")) - known.keys()

    @api.model
    def _facts(self, order, shop):
        """:rtype: Known"""
        return Known(
            order_id=order.id,
            # A confirmation moves the status before the order is read again.
            essence=reconcile.essence(order.payload, order.progress),
            last_read=order.last_read,
            is_final=order.progress == CANCELLED,
            is_held=order.state in ("todo", "blocked"),
            # Shipped without Odoo, and nobody has said that it is none of Odoo's business.
            lacks_sale=(
                order.state == "ignored"
                and not order.set_aside
                and order.progress in SHIPPED_PROGRESS
                and not reconcile.is_closed(order.payload, shop.create_date)
            ),
            # Reported, or with labels that Rakuten knew of before.
            closes=bool(order.reported_at) or not open_rows(order.payload),
            sale_difference=self._sale_difference(order),
        )

    @api.model
    def _read(self, shop, client, numbers):
        """:return: iterator of getOrder orders, of all that can be read"""
        for result, _unreadable in shop._read_orders(client, numbers):
            yield from result.orders if result else ()

    @api.model
    def _sale_difference(self, order):
        """A sale order whose total is not what Rakuten's figures say, or is none of yen; where only
        one side has cancelled, it counts as nothing there.

        :return: list as of ..rules.reconcile.differences
        """
        sale_order = order.sale_order_id
        if not sale_order:
            return []
        try:
            expected = amounts.expected_total(rules.parse_order(order.payload))
        except OrderProblem:
            return []
        total = int(sale_order.amount_total)
        if sale_order.state == "cancel":
            total = expected if order.progress in CANCELLED_PROGRESS else 0
        elif order.progress == CANCELLED and "done" not in sale_order.picking_ids.mapped("state"):
            # What has left the house is somebody's decision: it comes back, or it is billed.
            expected = 0
        found = [] if total == expected else [("saleOrder", total, expected)]
        currency, yen = sale_order.currency_id, order.shop_id.currency_id
        if currency != yen and sale_order.state != "cancel":
            found.append(("currency", currency.name, yen.name))
        return found


class RakutenReconciliationLine(models.Model):
    """One order that Rakuten and Odoo do not agree on."""

    _name = "rakuten.reconciliation.line"
    _description = "Difference Between Odoo and Rakuten"
    _inherit = "rakuten.system.fields"
    _order = "kind, name"
    _log_access = False

    reconciliation_id = fields.Many2one(
        "rakuten.reconciliation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="reconciliation_id.company_id")
    name = fields.Char(string="Order Number", required=True)
    order_id = fields.Many2one("rakuten.order", string="Order in Odoo", ondelete="set null")
    kind = fields.Selection(
        [
            ("missing", "Missing in Odoo"),
            ("surplus", "Not at Rakuten"),
            ("different", "Different"),
        ],
        required=True,
    )
    differences = fields.Json(help="List of [field, in Odoo, at Rakuten].")
    explanation = fields.Char(string="What Differs", compute="_compute_explanation")

    @api.depends("kind", "differences")
    @api.depends_context("lang")
    def _compute_explanation(self):
        labels = {
            "orderProgress": self.env._("status"),
            "requestPrice": self.env._("billed amount"),
            "totalPrice": self.env._("total amount"),
            "couponAllTotalPrice": self.env._("coupons"),
            "usedPoint": self.env._("points"),
            "items": self.env._("items"),
            "saleOrder": self.env._("total of the sale order"),
            "currency": self.env._("currency of the sale order"),
        }
        for line in self:
            if line.kind == "missing" and line.order_id:
                line.explanation = self.env._(
                    "It was shipped without Odoo, and there is no sale order for it."
                )
            elif line.kind == "missing":
                line.explanation = self.env._("Rakuten has this order, Odoo does not.")
            elif line.kind == "surplus":
                line.explanation = self.env._(
                    "Odoo has this order, Rakuten does not give it. Look for it in RMS, and set it "
                    "aside or cancel it here."
                )
            else:
                line.explanation = "; ".join(
                    self.env._(
                        "%(field)s: %(odoo)s in Odoo, %(rakuten)s at Rakuten",
                        field=labels.get(name, name),
                        odoo=self._readable(name, odoo),
                        rakuten=self._readable(name, rakuten),
                    )
                    for name, odoo, rakuten in line.differences or ()
                )
                if not line._is_repairable():
                    line.explanation = self.env._(
                        "%(difference)s. %(advice)s",
                        difference=line.explanation,
                        advice=line._advice(),
                    )

    def _is_repairable(self):
        """Whether reading and importing the order can mend it. A sale order that a person has
        changed or cancelled is left alone; one that only Rakuten has cancelled follows."""
        self.ensure_one()
        if self.kind != "different":
            return self.kind == "missing"
        return (
            any(name not in OF_SALE_ORDER for name, _odoo, _rakuten in self.differences or ())
            or self.order_id.progress == CANCELLED
        )

    def _advice(self):
        """What to do about a sale order that is not repaired."""
        sale_order = self.order_id.sudo().sale_order_id
        if sale_order.state == "cancel":
            return self.env._(
                "It is cancelled in Odoo only: cancel it at Rakuten as well, or set the sale order "
                "to quotation and confirm it again."
            )
        unknown = sale_order._rakuten_unknown_lines()
        if unknown:
            return self.env._(
                "Rakuten does not know of %(lines)s: correct the sale order by hand.",
                lines=", ".join(f"{line.name} ({int(line.price_total):,})" for line in unknown),
            )
        return self.env._(
            "Correct the sale order by hand: what a person has changed is not overwritten."
        )

    @api.model
    def _readable(self, name, value):
        """A value of a difference as RMS shows it."""
        if name == "orderProgress":
            return dict(self.env["rakuten.order"]._fields["progress"].selection).get(value, value)
        if name == "items" or not value.lstrip("-").isdigit():
            return value or "-"
        return f"{int(value):,}"

    def action_open_order(self):
        self.ensure_one()
        return self.order_id.get_formview_action()
