import json
from collections import Counter, defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ...rules import japan
from ...rules.order import OPEN_PROGRESS
from ..jobs.job import job
from ..keys.rakuten_shop import NOTICE_DAYS
from ..shop.clock import in_zone_of
from ..shop.rakuten_guard import unmarked
from ..shop.rakuten_shop import PATIENCE
from ..shop.sentences import declare_sentences, say, together

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "step.digest": _lt("Sending the digest"),
        "reconcile.complete": _lt("%(count)s orders compared with Rakuten, nothing is missing."),
        "reconcile.different": _lt(
            "%(count)s orders compared with Rakuten: %(missing)s missing, %(surplus)s not at "
            "Rakuten, %(different)s different."
        ),
        "reconcile.older": _lt(
            "%(count)s orders from before the start date are open at Rakuten; Preview Import "
            "shows them."
        ),
    }
)

#: As the filter of the orders.
BY_HAND = (
    Domain("progress", "=", "100")
    & Domain("state", "=", "waiting")
    # That of the cooling-off alone goes by itself.
    & Domain("confirm_holds", "not in", (False, "cooling_off"))
)
#: As the transfers' filters.
HELD_TRANSFERS = Domain("rakuten_held", "=", True) & Domain("state", "not in", ("done", "cancel"))
UNNUMBERED = (
    Domain("rakuten_report_state", "=", "pending")
    & Domain("rakuten_parcel_ids", "=", False)
    & Domain("carrier_tracking_ref", "in", (False, ""))
    # Once Rakuten has closed the order, somebody has told it.
    & Domain("rakuten_order_id.progress", "in", OPEN_PROGRESS)
)
#: The comparison of stock runs once a day.
LATELY_DRIFTED = Domain("outcome", "=", "drift") & Domain("date", ">=", "now -1d")
#: So does that of the orders.
COMPARED_LATELY = timedelta(hours=36)
#: Days of the card's line.
GRAPH_DAYS = 14
#: The numbers of a shop's card that are worth a line in the digest.
DIGEST_COUNTS = (
    "unshipped_count",
    "warning_count",
    "by_hand_count",
    "deadline_count",
    "late_count",
    "held_count",
    "unnumbered_count",
    "failed_count",
    "unmapped_count",
    "stock_error_count",
    "drift_count",
)


class RakutenShop(models.Model):
    """What tells a person of a shop: its card on the dashboard, the digest, the deadlines, and the
    comparison with Rakuten.

    All numbers of all shops come from one grouped query each, and are what the list behind shows.
    """

    _inherit = "rakuten.shop"

    label_in_time_min = fields.Float(
        string="Shipped in Time (%)",
        default=96.0,
        help="納期遵守率: the share that Rakuten asks for. Odoo counts by the day on which goods "
        "leave and 発送期限; Rakuten counts by the day on which they arrive.",
    )
    label_days = fields.Integer(
        string="Shipped Within (Days)",
        default=6,
        help="Days from the order to the shipment. Rakuten counts to the day on which it arrives.",
    )
    label_quick_min = fields.Float(
        string="Shipped Within These Days (%)",
        default=80.0,
        help="The share that Rakuten asks for.",
    )
    label_shipments_min = fields.Integer(
        string="Shipments a Month", default=100, help="So many that Rakuten asks for."
    )
    today_count = fields.Integer(
        string="Orders Today",
        compute="_compute_dashboard",
        compute_sudo=True,
        help="By the day in Japan, without those that were cancelled.",
    )
    today_amount = fields.Integer(
        string="Billed Today",
        compute="_compute_dashboard",
        compute_sudo=True,
        help="請求金額 of the orders of today, in yen.",
    )
    orders_graph = fields.Text(
        string="Orders of Two Weeks",
        compute="_compute_dashboard",
        compute_sudo=True,
        help="Orders of each day in Japan, for the line on the card.",
    )
    to_confirm_count = fields.Integer(
        string="To Confirm", compute="_compute_dashboard", compute_sudo=True, help="注文確認待ち"
    )
    waiting_count = fields.Integer(
        string="Waiting at Rakuten", compute="_compute_dashboard", compute_sudo=True
    )
    by_hand_count = fields.Integer(
        string="To Confirm by Hand",
        compute="_compute_dashboard",
        compute_sudo=True,
        help="What the rules of the automatic confirmation have left to a person.",
    )
    warning_count = fields.Integer(
        string="Changes and Cancellations to Look At",
        compute="_compute_dashboard",
        compute_sudo=True,
        help="Orders that were changed or cancelled at Rakuten in a way that needs a person.",
    )
    unshipped_count = fields.Integer(
        string="Orders That Nothing Ships",
        compute="_compute_dashboard",
        compute_sudo=True,
        help="Orders in 発送待ち without an open transfer for a destination, of which nothing else "
        "says why they wait. Looked for each morning.",
    )
    deadline_count = fields.Integer(
        string="Deadlines Near", compute="_compute_dashboard", compute_sudo=True
    )
    to_ship_count = fields.Integer(
        string="To Ship Today", compute="_compute_dashboard", compute_sudo=True
    )
    late_count = fields.Integer(string="Late", compute="_compute_dashboard", compute_sudo=True)
    held_count = fields.Integer(
        string="Held",
        compute="_compute_dashboard",
        compute_sudo=True,
        help="Transfers that must not be shipped as things are at Rakuten, or by a hold rule.",
    )
    unnumbered_count = fields.Integer(
        string="Number Missing",
        compute="_compute_dashboard",
        compute_sudo=True,
        help="Transfers that have left without a tracking number: Rakuten cannot be told of them.",
    )
    unreported_count = fields.Integer(
        string="Not Reported", compute="_compute_dashboard", compute_sudo=True
    )
    failed_count = fields.Integer(
        string="Failed Reports", compute="_compute_dashboard", compute_sudo=True
    )
    stock_error_count = fields.Integer(
        string="Stock Refused", compute="_compute_dashboard", compute_sudo=True
    )
    drift_count = fields.Integer(
        string="Stock Drift",
        compute="_compute_dashboard",
        compute_sudo=True,
        help="SKUs whose stock at Rakuten nothing explained, by the comparisons of the last day.",
    )
    unknown_delivery_count = fields.Integer(
        string="Delivery Methods to Choose",
        compute="_compute_dashboard",
        compute_sudo=True,
        help="配送方法 for which nobody has chosen a delivery method.",
    )
    dashboard = fields.Json(
        compute="_compute_dashboard",
        compute_sudo=True,
        help="Blocked orders by reason, the jobs and the last comparison, for the card.",
    )
    reconcile_days = fields.Integer(
        string="Compare Orders of the Last Days",
        default=7,
        required=True,
        help="Once a day Rakuten's orders of so many days are compared with Odoo's.",
    )
    reconciliation_ids = fields.One2many("rakuten.reconciliation", "shop_id", readonly=True)
    _reconcile_days_range = models.Constraint(
        "CHECK(reconcile_days BETWEEN 1 AND 60)",
        "The days whose orders are compared must be between 1 and 60.",
    )
    goods_told = fields.Date(
        readonly=True,
        copy=False,
        help="The day on which somebody was last told of goods that had not left.",
    )

    # === COMPUTE === #

    @api.depends_context("lang", "tz", "uid")
    def _compute_dashboard(self):
        today = japan.today()
        orders = self._count_orders()
        deadlines = self._count_by_shop("rakuten.order", Domain("deadline_state", "!=", False))
        unshipped = self._count_by_shop("rakuten.order", Domain("unshipped_code", "!=", False))
        by_hand = self._count_by_shop("rakuten.order", BY_HAND)
        # Without the query by which env.ref makes sure.
        warning = self.env["ir.model.data"]._xmlid_to_res_id("mail.mail_activity_data_warning")
        warnings = self._count_by_shop(
            "rakuten.order", Domain("activity_ids.activity_type_id", "=", warning)
        )
        recent = self._count_recent_orders()
        due = self._count_due_transfers()
        held = self._count_transfers(HELD_TRANSFERS)
        unnumbered = self._count_transfers(UNNUMBERED)
        parcels = self._count_by_shop_and(
            "rakuten.parcel", Domain("state", "in", ("pending", "sent", "failed")), "state"
        )
        stock = self._count_refused_stock()
        drifts = self._count_by_shop("rakuten.stock.push", LATELY_DRIFTED)
        unknown = self._count_by_shop("rakuten.delivery.method", Domain("carrier_id", "=", False))
        jobs = self._job_lines()
        compared = self._last_reconciliations()
        for shop in self:
            states = orders[shop.id]
            shop.to_confirm_count = states["to_confirm"]
            shop.waiting_count = states["waiting"]
            shop.by_hand_count = by_hand[shop.id]
            shop.warning_count = warnings[shop.id]
            shop.unshipped_count = unshipped[shop.id]
            shop.deadline_count = deadlines[shop.id]
            counts, amounts = recent[shop.id]
            shop.today_count = counts[today]
            shop.today_amount = amounts[today]
            shop.orders_graph = json.dumps([shop._line_of_days(counts, today)])
            shop.to_ship_count = due[shop.id, "late"] + due[shop.id, "today"]
            shop.late_count = due[shop.id, "late"]
            shop.held_count = held[shop.id]
            shop.unnumbered_count = unnumbered[shop.id]
            shop.failed_count = parcels[shop.id, "failed"]
            shop.unreported_count = sum(
                parcels[shop.id, state] for state in ("pending", "sent", "failed")
            )
            shop.stock_error_count = stock[shop.id]
            shop.drift_count = drifts[shop.id]
            shop.unknown_delivery_count = unknown[shop.id]
            shop.dashboard = {
                "blocked": {
                    code: count
                    for code, count in states.items()
                    if code not in ("waiting", "to_confirm")
                },
                "jobs": jobs[shop.id],
                "running": not any(job["state"] == "stopped" for job in jobs[shop.id]),
                "key": shop._key_line(),
                "compared": compared.get(shop.id),
            }

    def _count_orders(self):
        """:return: dict of shop id to Counter of ``waiting``, ``to_confirm`` and problem codes"""
        counts = defaultdict(Counter)
        groups = self.env["rakuten.order"]._read_group(
            [("shop_id", "in", self.ids), ("state", "in", ("waiting", "blocked"))],
            ["shop_id", "state", "progress", "problem_code"],
            ["__count"],
        )
        for shop, state, progress, code, count in groups:
            if state == "blocked":
                counts[shop.id][code or "other"] += count
            else:
                counts[shop.id]["waiting"] += count
                counts[shop.id]["to_confirm"] += count if progress == "100" else 0
        return counts

    def _count_recent_orders(self):
        """:return: dict of shop id to (Counter, Counter): orders and yen of each day in Japan"""
        first = japan.today() - timedelta(days=GRAPH_DAYS - 1)
        groups = (
            self.env["rakuten.order"]
            .with_context(tz=japan.TIME_ZONE)
            ._read_group(
                [
                    ("shop_id", "in", self.ids),
                    ("order_date", ">=", japan.begin(first)),
                    ("state", "!=", "cancelled"),
                ],
                ["shop_id", "order_date:day"],
                ["__count", "request_price:sum"],
            )
        )
        found = defaultdict(lambda: (Counter(), Counter()))
        for shop, day, count, amount in groups:
            counts, amounts = found[shop.id]
            counts[day.date()] += count
            amounts[day.date()] += amount
        return found

    def _line_of_days(self, counts, today):
        """What Odoo's widget draws of the orders of the last days.

        :param Counter counts: orders by day
        :param date today: in Japan
        """
        days = [today - timedelta(days=ago) for ago in reversed(range(GRAPH_DAYS))]
        return {
            "key": self.env._("Orders"),
            "values": [{"x": f"{day.month}/{day.day}", "y": counts[day]} for day in days],
        }

    def _count_due_transfers(self):
        """:return: Counter of (shop id, ``today`` or ``late``)"""
        today = japan.today()
        groups = self.env["stock.picking"]._read_group(
            Domain("rakuten_shop_id", "in", self.ids)
            & Domain("rakuten_due", "in", ("today", "late")),
            ["rakuten_shop_id", "rakuten_ship_by:day"],
            ["__count"],
        )
        due = Counter()
        for shop, day, count in groups:
            due[shop.id, "late" if day < today else "today"] += count
        return due

    def _count_by_shop(self, model, domain, shop_field="shop_id"):
        """:return: Counter of shop id"""
        groups = self.env[model]._read_group(
            Domain(shop_field, "in", self.ids) & domain, [shop_field], ["__count"]
        )
        return Counter({shop.id: count for shop, count in groups})

    def _count_transfers(self, domain):
        return self._count_by_shop("stock.picking", domain, "rakuten_shop_id")

    def _count_by_shop_and(self, model, domain, field):
        """:return: Counter of (shop id, value)"""
        groups = self.env[model]._read_group(
            Domain("shop_id", "in", self.ids) & domain, ["shop_id", field], ["__count"]
        )
        return Counter({(shop.id, value): count for shop, value, count in groups})

    def _count_refused_stock(self):
        """SKUs whose stock Rakuten did not take; what only waits for it to answer is none.

        :return: Counter of shop id
        """
        refused = Domain("stock_error_code", "!=", False) & Domain("stock_due", "=", False)
        return self._count_by_shop("rakuten.sku", refused)

    def _key_line(self):
        """What the card says of the licence key."""
        self.ensure_one()
        if not self.license_expiry:
            return {"known": False}
        days = self.license_days_left
        return {
            "known": True,
            "ended": self.license_expiry <= fields.Datetime.now(),
            "days": days,
            "urgent": days <= NOTICE_DAYS,
        }

    def _last_reconciliations(self):
        """:return: dict of shop id to values of the last comparison for the card"""
        groups = self.env["rakuten.reconciliation"]._read_group(
            [("shop_id", "in", self.ids)], ["shop_id"], ["id:max"]
        )
        reports = self.env["rakuten.reconciliation"].browse([last for _shop, last in groups])
        return {
            report.shop_id.id: {
                "ok": report.state == "ok",
                "old": report.date < fields.Datetime.now() - COMPARED_LATELY,
                "at": self._moment(report.date),
                "count": report.rakuten_count,
                "older": report.older_count,
                "differences": report.missing_count + report.surplus_count + report.different_count,
            }
            for report in reports
        }

    def _job_lines(self):
        """What the card says of each job that runs by itself.

        :return: dict of shop id to list of dict
        """
        lines = self.env["rakuten.job"]._of_shops(self)
        stopped = self.env["rakuten.job"]._stopped_unlogged()
        labels = dict(self.env["rakuten.job"]._fields["state"]._description_selection(self.env))
        names = dict(self.env["rakuten.job"]._fields["job"]._description_selection(self.env))
        return {
            shop.id: [
                {
                    "job": row.job,
                    "name": names[row.job],
                    "state": state,
                    "label": labels[state],
                    "at": self._moment(row.ended_at),
                    "error": row.error if row.failing_since else "",
                }
                for row, state in (lines[shop] if shop.state == "connected" else ())
            ]
            + [
                {
                    "job": f"cron_{cron.id}",
                    "name": cron.name.partition(": ")[2] or cron.name,
                    "state": "stopped",
                    "label": labels["stopped"],
                    "at": self._moment(cron.lastcall),
                    "error": "",
                }
                for job, cron in stopped.items()
                if shop._has_unlogged_work(job)
            ]
            for shop in self
        }

    def _has_unlogged_work(self, job):
        """Whether a shop has work for a job of which it has no row. A connected shop has rows of
        all but those that look after all shops at once."""
        if self.state == "connected":
            return job.at_once
        return bool(job.beyond) and self in getattr(self, job.beyond)()

    def _moment(self, moment):
        """A short time in the reader's zone, '' for none."""
        if not moment:
            return ""
        local = in_zone_of(self.env.user, moment)
        today = in_zone_of(self.env.user, fields.Datetime.now())
        return local.strftime("%H:%M" if local.date() == today.date() else "%m-%d %H:%M")

    # === ACTIONS === #

    def action_view_card(self):
        """The card of one shop of several."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "smartship_rakuten.action_rakuten_dashboard"
        )
        return {**action, "name": self.name, "domain": [("id", "=", self.id)]}

    def action_view_pickings(self):
        """The transfers of the shop's orders, those to ship today first of all."""
        action = self._view("stock.action_picking_tree_all")
        action["domain"] = [("rakuten_shop_id", "in", self.ids)]
        action["context"] = {
            "search_default_rakuten_today": True,
            "contact_display": "partner_address",
        }
        return action

    def action_view_unreported(self):
        return self._view("smartship_rakuten.action_rakuten_parcel", {"search_default_todo": True})

    def action_open_last_reconciliation(self):
        self.ensure_one()
        reports = self.env["rakuten.reconciliation"]
        return reports.search([("shop_id", "=", self.id)], limit=1)._open()

    def action_view_jobs(self):
        return self._view("smartship_rakuten.action_rakuten_job")

    def action_reconcile(self):
        """Compare with Rakuten now and show the report."""
        self.ensure_one()
        self._check_may_work()
        self._run("reconcile", True)
        return self.action_open_last_reconciliation()

    def action_view_reconciliations(self):
        return self._view("smartship_rakuten.action_rakuten_reconciliation")

    @job(
        "reconcile",
        label=_lt("Compare Orders"),
        sequence=80,
        cron="smartship_rakuten.ir_cron_reconcile",
    )
    def _reconcile(self, everything=False):
        """See ``rakuten.reconciliation._compare``. Before Rakuten is asked, Odoo looks whether
        every order will ship.

        :return: a sentence on what was found
        """
        unshipped = self.env["rakuten.order"]._check_will_ship(self)
        told = say(self.env, "unshipped.found", count=unshipped) if unshipped else ""
        return together(self.env, self._compare_orders(everything), told)

    def _compare_orders(self, everything):
        report = self.env["rakuten.reconciliation"]._compare(self, everything=everything)
        if not report:
            return say(self.env, "job.goes_on")
        if report.state == "ok":
            result = say(self.env, "reconcile.complete", count=report.rakuten_count)
        else:
            result = say(
                self.env,
                "reconcile.different",
                count=report.rakuten_count,
                missing=report.missing_count,
                surplus=report.surplus_count,
                different=report.different_count,
            )
        older = report.older_count
        return together(
            self.env, result, say(self.env, "reconcile.older", count=older) if older else ""
        )

    @job("repair", alone=False)
    def _repair(self, missing, different):
        """Read orders again, import what can be imported, and compare again.

        :param list missing: numbers of orders that Odoo lacks; those that were shipped without it
            are imported for reference
        :param list different: numbers of orders that Odoo has otherwise
        :return: the new report
        """
        client = self._client()
        with self._exclusive(PATIENCE):
            self._fetch(client, missing, asked_for=True)
        self._fetch(client, different)
        orders = self.env["rakuten.order"].search(
            [("shop_id", "=", self.id), ("name", "in", [*missing, *different])]
        )
        self._process_orders(orders.filtered(lambda order: order.state in ("todo", "blocked")))
        return self.env["rakuten.reconciliation"]._compare(self, everything=True)

    def _after_days_changed(self):
        result = super()._after_days_changed()
        self.env["rakuten.order"].sudo()._recompute_open_deadlines(self)
        return result

    @api.model
    @job("deadlines", cron="smartship_rakuten.ir_cron_check_deadlines", sequence=110, at_once=True)
    def _check_deadlines(self):
        self.env["rakuten.order"]._check_deadlines()
        # What was found in the morning may have been mended.
        shops = self.search([("order_ids.unshipped_code", "!=", False)])
        self.env["rakuten.order"]._check_will_ship(shops, told=True)

    @api.model
    @job("digest", cron="smartship_rakuten.ir_cron_send_digest", sequence=120, at_once=True)
    def _send_digests(self):
        """Tell each responsible what needs attention in his shops; nobody is told of nothing."""
        shops = self.search(["|", ("state", "!=", "draft"), ("database_uuid", "!=", False)])
        # The responsible, else one of Rakuten's administrators.
        readers = shops.grouped(lambda shop: shop._responsible()[:1])

        def send(part):
            for user, mine in part:
                mine.with_context(lang=user.lang, tz=user.tz)._send_digest(user)

        self._guard(
            [(user, mine) for user, mine in readers.items() if user],
            send,
            step="step.digest",
            mark=unmarked,
            name=lambda entry: entry[0].display_name,
            most=1,
        )

    def _send_digest(self, user):
        """Send the digest of these shops to an internal user, by mail or inbox as he likes it."""
        found = [(shop, lines) for shop in self if (lines := shop._digest_lines())]
        if not found:
            return
        body = self.env["ir.qweb"]._render(
            "smartship_rakuten.digest", {"found": found, "url": self[:1].get_base_url()}
        )
        found[0][0].message_notify(
            partner_ids=user.partner_id.ids,
            subject=self.env._(
                "Rakuten: what needs attention in %(shops)s",
                shops=", ".join(shop.name for shop, _lines in found),
            ),
            body=body,
        )

    def _digest_lines(self):
        """What needs attention in this shop.

        :return: list of (text, number or '')
        """
        self.ensure_one()
        card = self.dashboard
        problems = self.env["rakuten.order"]._fields["problem_code"]
        reasons = dict(problems._description_selection(self.env))
        lines = []
        if self.is_copy:
            lines.append((self._copy_sentence(), ""))
        if self.state == "key_rejected":
            lines.append((self.env._("Rakuten does not accept the key: nothing is done."), ""))
        elif self.state == "draft":
            lines.append(
                (self.env._("The shop is not connected any more: test the connection."), "")
            )
        elif card["key"].get("ended"):
            lines.append((self._end_sentence(), ""))
        elif card["key"].get("urgent"):
            lines.append((self.env._("Days until the licence key ends"), card["key"]["days"]))
        lines += [
            (self.env._("Not imported: %(reason)s", reason=reasons[code]), count)
            for code, count in sorted(card["blocked"].items())
        ]
        labels = self.fields_get(DIGEST_COUNTS, ["string"])
        lines += [(labels[name]["string"], self[name]) for name in DIGEST_COUNTS if self[name]]
        lines += [
            (f"{job['name']}: {job['error'] or job['label']}", "")
            for job in card["jobs"]
            if job["state"] in ("failing", "stopped")
        ]
        if card["compared"] and not card["compared"]["ok"]:
            lines.append(
                (
                    self.env._("Differences between Rakuten and Odoo"),
                    card["compared"]["differences"],
                )
            )
        if card["compared"] and card["compared"]["older"]:
            lines.append(
                (
                    self.env._("Open at Rakuten from before the start date"),
                    card["compared"]["older"],
                )
            )
        return lines
