import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import LazyTranslate, split_every

from ...rms import (
    ORDERS_PER_CALL,
    CredentialsRejected,
    MalformedAnswer,
    OutcomeUnknown,
    RequestRefused,
    RmsError,
)
from ...rules.carriers import OTHER_COMPANY, RAKUTEN_COMPANIES
from ...rules.halving import halves
from ...rules.order import CANCELLED, SHIPPED_PROGRESS
from ...rules.shipping import PARCELS_MAX
from ...rules.tracking import plain_number
from ..jobs.rakuten_shop import COME_BACK
from ..shop.clock import is_since
from ..shop.rakuten_shop import ONE_CALL
from ..shop.refusals import refusal
from ..shop.sentences import (
    columns,
    declare_sentences,
    find,
    identity,
    read,
    said_by,
    say,
    together,
)

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

#: Seconds between two looks at an asynchronous result, and looks within one run.
POLL_SECONDS = 2.0
POLLS = 5
#: An absent row proves nothing before RMS had this long to apply the report, and only when it is
#: absent twice, this long apart.
APPLY_TIME = timedelta(minutes=3)
#: キャンセル確定待ち: somebody asks to cancel, and Rakuten has not yet.
CANCELLING = "800"
#: Rakuten is changing these or has no payment yet, or somebody asks to cancel them: reported when
#: they are in 300 again.
UNREPORTABLE_PROGRESS = ("100", "200", "400", CANCELLING)
DELETION = {"shippingDeleteFlag": 1}
#: What activities of an order are about its parcels: what RMS refused, and what kept one back.
PARCEL_CODES = ("rms.", "parcel.")

declare_sentences(
    {
        "parcel.cancelled": _lt("The order was cancelled at Rakuten: nothing was reported."),
        "parcel.cancelling": _lt(
            "A cancellation waits at Rakuten (キャンセル確定待ち), and goods have left: call the "
            "parcel back if you can. It is reported if the cancellation is withdrawn."
        ),
        "parcel.too_many": _lt("Rakuten takes %(count)s parcels for one destination at most."),
        "step.report": _lt("Reporting the shipment"),
        "step.report_note": _lt("Noting the report of the shipment"),
        "parcel.reported": _lt("%(count)s parcels reported to Rakuten."),
    }
)


class RakutenParcel(models.Model):
    """The outbox of shipment reports: one row per parcel.

    A parcel says what Rakuten shall have (number, carrier, date, or nothing when ``removal`` is
    set), and remembers what Rakuten has (``rakuten_values``): what differs is added, changed or
    deleted there. Reports are not idempotent at Rakuten, so a row is committed as ``sent`` before
    the call that reports it. Whatever happens then, an unclear outcome is settled by reading the
    order.
    """

    _name = "rakuten.parcel"
    _description = "Rakuten Parcel"
    _inherit = "rakuten.system.fields"
    _check_company_auto = True
    _order = "id"
    _rec_name = "tracking_number"

    active = fields.Boolean(default=True, readonly=True, help="Taken back at Rakuten when not set.")
    picking_id = fields.Many2one(
        "stock.picking",
        required=True,
        readonly=True,
        check_company=True,
        index=True,
        ondelete="restrict",
    )
    package_id = fields.Many2one("stock.package", readonly=True, ondelete="set null")
    rakuten_order_id = fields.Many2one(
        "rakuten.order",
        required=True,
        readonly=True,
        check_company=True,
        index=True,
        ondelete="restrict",
    )
    shop_id = fields.Many2one(related="rakuten_order_id.shop_id", store=True, index=True)
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    basket_id = fields.Char(
        required=True, readonly=True, help="basketId: the destination at Rakuten."
    )
    company_code = fields.Char(string="Rakuten Carrier Code", required=True, readonly=True)
    company_name = fields.Char(string="Rakuten Carrier", compute="_compute_company_name")
    tracking_number = fields.Char(required=True, readonly=True)
    shipping_date = fields.Date(
        required=True, readonly=True, help="Date in Japan on which the parcel left."
    )
    removal = fields.Selection(
        [("corrected", "Number taken back"), ("returned", "Goods came back")],
        readonly=True,
        help="Why the row is to be deleted at Rakuten.",
    )
    shipping_detail_id = fields.Char(readonly=True, help="The row's id at Rakuten.")
    rakuten_values = fields.Json(readonly=True, help="The row as Rakuten has it.")
    sent_values = fields.Json(readonly=True, help="What the report that is under way says.")
    request_id = fields.Char(readonly=True, help="Id of the asynchronous report.")
    sent_at = fields.Datetime(readonly=True)
    absent_at = fields.Datetime(
        readonly=True, help="When the report was looked for at Rakuten and not found."
    )
    state = fields.Selection(
        [
            ("pending", "To Report"),
            ("sent", "Sent"),
            ("reported", "Reported"),
            ("failed", "Failed"),
        ],
        default="pending",
        required=True,
        readonly=True,
        index=True,
    )
    error_code = fields.Char(readonly=True)
    error_details = fields.Json(readonly=True)
    error = fields.Char(
        compute="_compute_error",
        search="_search_error",
        help="What went wrong, in the reader's language.",
    )
    warned = fields.Json(readonly=True, help="What somebody has been told of, as a code.")

    _parcel_uniq = models.Constraint(
        "UNIQUE(picking_id, rakuten_order_id, basket_id, tracking_number)",
        "This tracking number is on the transfer already.",
    )

    # === COMPUTE === #

    @api.depends("company_code")
    def _compute_company_name(self):
        names = dict(RAKUTEN_COMPANIES)
        for parcel in self:
            parcel.company_name = names.get(parcel.company_code, parcel.company_code)

    @api.depends("error_code", "error_details")
    @api.depends_context("lang")
    def _compute_error(self):
        for parcel in self:
            parcel.error = read(parcel, "error")

    @api.model
    def _search_error(self, operator, value):
        return find(self, "error", operator, value)

    # === ACTIONS === #

    def action_retry(self):
        """Report again what failed. What Rakuten has already is found there and not doubled."""
        self.picking_id.check_access("write")
        failed = self.filtered(lambda parcel: parcel.state == "failed").sudo()
        if failed:
            failed.write({"state": "pending", "request_id": False, **columns("error", None)})
            self.env["rakuten.shop"]._trigger_job("export")

    # === BUSINESS METHODS - What Rakuten shall have === #

    def _target_row(self):
        """The ShippingModel that Rakuten shall have (RMS API section 2.6), None for none."""
        self.ensure_one()
        if self.removal:
            return None
        return {
            "deliveryCompany": self.company_code,
            "shippingNumber": self.tracking_number,
            "shippingDate": fields.Date.to_string(self.shipping_date),
        }

    def _set_target(self, vals):
        """Change what Rakuten shall have; a report under way is compared when it is settled."""
        self.write(vals)
        self.filtered(lambda parcel: parcel.state != "sent")._compare()

    def _remove(self, reason):
        """Take parcels back: at once where Rakuten never heard of them, else by a deletion there.

        :param str reason: a value of ``removal``
        """
        known = self.filtered(
            lambda p: p.state == "sent" or p.rakuten_values or p.shipping_detail_id
        )
        (self - known).unlink()
        known._set_target({"removal": reason})

    def _update_from_transfer(self, vals):
        """Take over what the transfer says, and live again when taken back before.

        :param dict vals: values of a parcel
        """
        self.ensure_one()
        fixed = {"rakuten_order_id", "basket_id"}
        if not vals["company_code"]:
            # No carrier is known any more: it left with the one that it has.
            fixed.add("company_code")
        vals = {
            key: value
            for key, value in vals.items()
            if key not in fixed and self._fields[key].convert_to_write(self[key], self) != value
        }
        if not self.active:
            vals |= {"rakuten_values": False, "shipping_detail_id": False}
        if vals or self.removal:
            self._set_target({**vals, "active": True, "removal": False})

    def _compare(self):
        """Set the state by what Rakuten has and shall have."""
        settled = self.filtered(
            lambda parcel: same_row(parcel.rakuten_values, parcel._target_row())
        )
        common = {"sent_values": False, "absent_at": False, **columns("error", None)}
        removed = settled.filtered("removal")
        removed.write({**common, "state": "reported", "active": False})
        (settled - removed).write({**common, "state": "reported"})
        settled._end_warnings()
        (self - settled).write({**common, "state": "pending"})
        # What is reported again is looked at again.
        (self - settled).rakuten_order_id.reported_at = False

    def _fail(self, sentence):
        """Keep what went wrong; the shop's responsible is told once of each error."""
        self.write({"state": "failed", "sent_values": False, **columns("error", sentence)})
        self._warn(sentence)

    def _warn(self, sentence):
        """Tell the shop's responsible, once of each error.

        :param ..shop.sentences.Sentence sentence:
        """
        said = said_by(sentence)
        news = self.filtered(lambda parcel: identity(parcel.warned) != identity(said))
        news.warned = said
        for order in news.rakuten_order_id:
            order._warn(sentence)

    def _end_warnings(self):
        """Whatever somebody was told of these parcels is over: Rakuten has what it shall have."""
        told = self.sudo().filtered("warned")
        ended = [identity(parcel.warned) for parcel in told]
        told.warned = False
        for order in told.rakuten_order_id:
            lasting = [identity(parcel.warned) for parcel in order.parcel_ids]
            order.activity_ids.filtered(
                lambda activity, lasting=lasting: (
                    (said := identity(activity._rakuten_said()))
                    # A parcel remembers only the last of what was told of it.
                    and (said in ended or said["code"].startswith(PARCEL_CODES))
                    and said not in lasting
                )
            ).unlink()

    @api.model
    def _update_company_codes(self, domain):
        """Take over a carrier code that was corrected, where Rakuten was not told yet.

        :param list domain: parcels that the code concerns
        """
        parcels = self.sudo().search([("state", "!=", "reported"), *domain])
        if parcels:
            parcels.rakuten_order_id._sync_parcels()

    # === BUSINESS METHODS - Reporting === #

    @api.model
    def _export(self, shop):
        """Report what has left, and settle what was sent before.

        :return: a sentence on what was reported
        """
        client = shop._client()
        self._collect(shop, client)
        self._settle(shop, client)
        pending = self.search([("shop_id", "=", shop.id), ("state", "=", "pending")])
        ready = shop._guard(
            pending.rakuten_order_id,
            lambda part: self._ready(
                shop, pending.filtered(lambda parcel: parcel.rakuten_order_id in part)
            ),
            step="step.report",
            mark=lambda order, failure: order.parcel_ids._mark_failure(failure),
            most=ORDERS_PER_CALL,
        )
        orders = self.union(*(parcels for _orders, parcels in ready)).rakuten_order_id
        goes_on = None
        for batch in split_every(ORDERS_PER_CALL, orders.ids, orders.browse):
            with shop._exclusive(ONE_CALL):
                self._report(shop, client, batch)
            orders -= batch
            if orders and not shop._commit():
                # Neither Odoo nor a person has time left for this run.
                shop._leave_to_schedule("export")
                goes_on = say(self.env, "job.goes_on")
                break
        if not self._wait_for_results(shop, client):
            shop._leave_to_schedule("export", pause=COME_BACK)
            goes_on = say(self.env, "job.goes_on")
        reported = pending.exists().filtered(lambda parcel: parcel.state == "reported")
        return together(self.env, say(self.env, "parcel.reported", count=len(reported)), goes_on)

    @api.model
    def _ready(self, shop, parcels):
        """Parcels to report now, as the shop's policy says.

        Orders with a report under way wait for its outcome.
        """
        under_way = self.search([("shop_id", "=", shop.id), ("state", "=", "sent")])
        busy = under_way.rakuten_order_id
        parcels = parcels.filtered(lambda parcel: parcel.rakuten_order_id not in busy)
        if shop.report_policy == "each":
            return parcels
        # An order whose rows are all complete becomes 発送済 at midnight: wait for its last parcel.
        # A row that is there already is corrected at once.
        left = parcels.rakuten_order_id.filtered(lambda order: order._has_left())
        return parcels.filtered(
            lambda parcel: parcel.shipping_detail_id or parcel.rakuten_order_id in left
        )

    @api.model
    def _report(self, shop, client, orders):
        """Report the pending parcels of at most 100 orders in one call.

        The orders are read first: rows that Rakuten has already are adopted, and a cancelled
        order is not reported.
        """
        started = fields.Datetime.now()
        shop._fetch(client, orders.mapped("name"))
        read = orders.filtered(lambda order: is_since(order.last_read, started))
        prepared = shop._guard(
            read,
            lambda part: self._prepare(shop, part),
            step="step.report",
            mark=lambda order, failure: order.parcel_ids._mark_failure(failure),
            most=ORDERS_PER_CALL,
        )
        pending = self.union(*(parcels for _orders, parcels in prepared))
        if pending:
            pending._send(shop, client)

    @api.model
    def _prepare(self, shop, orders):
        """Find out what is to be reported of orders that were read just now.

        :return: the parcels
        """
        pending = self.search(
            [("rakuten_order_id", "in", orders.ids), ("state", "=", "pending")]
        ).try_lock_for_update()
        if shop.report_policy == "complete":
            # Reading may have changed the order, and a correction of one row lets no other go.
            pending = self._ready(shop, pending)
        orders._match_rows()
        # Rakuten has closed the shipment: what comes back now is a return, not a correction.
        late = pending.filtered(
            lambda p: p.removal == "returned" and p.rakuten_order_id.progress in SHIPPED_PROGRESS
        )
        late._set_target({"removal": False})
        pending._compare()
        pending = pending.filtered(lambda parcel: parcel.state == "pending")
        pending._note_cancelling()
        pending -= pending._refuse_cancelled()
        pending -= pending._refuse_excess()
        return pending.filtered(
            lambda parcel: parcel.rakuten_order_id.progress not in UNREPORTABLE_PROGRESS
        )

    def _mark_failure(self, failure):
        """Nothing could be found out about these parcels, or noted: what is to be reported of them
        is tried again in the next run.

        :param ..shop.rakuten_guard.Failure failure:
        """
        waiting = self.filtered(lambda parcel: parcel.state in ("pending", "sent"))
        waiting.write(columns("error", failure.reason))
        waiting._warn(failure.reason)

    def _refuse_cancelled(self):
        """Report nothing for cancelled orders; that goods have left is said where the order follows
        the cancellation.

        :return: the parcels of cancelled orders
        """
        cancelled = self.filtered(lambda p: p.rakuten_order_id.progress == CANCELLED)
        removed = cancelled.filtered("removal")
        removed.write({"state": "reported", "active": False})
        removed._end_warnings()
        error = columns("error", say(self.env, "parcel.cancelled"))
        (cancelled - removed).write({"state": "failed", "sent_values": False, **error})
        return cancelled

    def _note_cancelling(self):
        """キャンセル確定待ち can be withdrawn or become final: the report waits, and a person may
        call the parcel back. Once it is settled, that is no news any more.
        """
        sentence = say(self.env, "parcel.cancelling")
        waiting = self.filtered(
            lambda p: p.rakuten_order_id.progress == CANCELLING and not p.removal
        )
        waiting._warn(sentence)
        settled = (self - waiting).filtered(lambda p: identity(p.warned) == identity(sentence.said))
        settled.rakuten_order_id._end_warning(sentence.said["code"])
        settled.warned = False

    def _refuse_excess(self):
        """Keep back what RMS has no room for: 20 rows for one destination.

        :return: the parcels that were kept back
        """
        excess = self.browse()
        for order, parcels in self.grouped("rakuten_order_id").items():
            rows = order._shipping_rows()
            for basket_id, added in (
                parcels.filtered(lambda p: not p.removal and not p.shipping_detail_id)
                .grouped("basket_id")
                .items()
            ):
                there = sum(row.basket_id == basket_id for row in rows)
                excess += added[max(PARCELS_MAX - there, 0) :]
        excess._fail(say(self.env, "parcel.too_many", count=PARCELS_MAX))
        return excess

    def _send(self, shop, client):
        """Send one report for these parcels, of at most 100 orders.

        One order goes by updateOrderShipping, which answers at once; more by the asynchronous call.
        """
        noted = shop._guard(
            self.rakuten_order_id,
            lambda orders: self._note_sent(orders),
            step="step.report",
            mark=lambda order, failure: order.parcel_ids._mark_failure(failure),
            most=ORDERS_PER_CALL,
        )
        sent = self.browse().union(*(parcels for _orders, parcels in noted))
        if sent:
            sent._call(shop, client)

    def _note_sent(self, orders):
        """Remember that these parcels go out, before they do.

        :param orders: those of whose parcels it is remembered
        :return: the parcels
        """
        parcels = self.filtered(
            lambda parcel: parcel.rakuten_order_id in orders and parcel.state == "pending"
        )
        for parcel in parcels:
            parcel.write(
                {
                    "state": "sent",
                    "sent_values": parcel._target_row() or DELETION,
                    "sent_at": fields.Datetime.now(),
                    "request_id": False,
                    "absent_at": False,
                    **columns("error", None),
                }
            )
        return parcels

    def _call(self, shop, client):
        """The call that reports these parcels. Whatever happens from here on, it is not made again
        before the orders were read: only what became of it is written down."""
        report = self._prepare_report()
        try:
            if len(report) == 1:
                (entry,) = report
                results = client.update_order_shipping(
                    entry["orderNumber"], entry["BasketidModelList"]
                )
                self._note_results(shop, {entry["orderNumber"]: results})
            else:
                request_id = client.update_order_shipping_async(report)
                self._note(shop, lambda part: part.write({"request_id": request_id}))
        except RequestRefused as error:
            for parcels in self._refuse(shop, error):
                parcels._send(shop, client)
        except OutcomeUnknown as error:
            # Settled by reading the orders, in a later run.
            _logger.warning("Outcome of a shipment report is unknown: %s", error)
        except RmsError:
            # Certainly not applied: the next run sends it.
            self._note(shop, lambda part: part._reset_to_pending())
            raise

    def _note(self, shop, work):
        """Write down what became of a call, order by order.

        :param work: callable(parcels)
        """
        shop._guard(
            self.rakuten_order_id,
            lambda orders: work(self.filtered(lambda parcel: parcel.rakuten_order_id in orders)),
            step="step.report_note",
            mark=lambda order, failure: order.parcel_ids._mark_failure(failure),
            most=ORDERS_PER_CALL,
        )

    def _note_results(self, shop, results):
        """Take over what RMS says of these parcels.

        :param dict results: order number to what :meth:`_apply_result` takes
        """

        def apply(parcels):
            for order, rows in parcels.grouped("rakuten_order_id").items():
                rows._apply_result(results.get(order.name))

        self._note(shop, apply)

    def _in_request_order(self):
        return self.sorted(lambda parcel: (parcel.rakuten_order_id.id, parcel.basket_id, parcel.id))

    def _prepare_report(self):
        """OrderShippingModelList of these parcels (RMS API section 2.7)."""
        return [
            {
                "orderNumber": order.name,
                "BasketidModelList": [
                    {
                        "basketId": basket_id,
                        "ShippingModelList": [parcel._prepare_row() for parcel in rows],
                    }
                    for basket_id, rows in parcels.grouped("basket_id").items()
                ],
            }
            for order, parcels in self._in_request_order().grouped("rakuten_order_id").items()
        ]

    def _prepare_row(self):
        """ShippingModel (section 2.6): with its id a row is changed, without it one is added."""
        row = {"shippingDetailId": self.shipping_detail_id} if self.shipping_detail_id else {}
        return {**row, **self.sent_values}

    def _reset_to_pending(self):
        """The report was certainly not applied."""
        self.write({"state": "pending", "sent_values": False, "sent_at": False})

    def _refuse(self, shop, error):
        """Mark what Rakuten refused.

        Each part is noted as sent before it goes out, so the halves are no
        :func:`~.rules.halving.by_halves` of one attempt.

        :return: sets of parcels to send again: nothing of the call was applied, so those that
            Rakuten did not complain about may go, and where it names nobody, halves of them
        """
        self._note(shop, lambda part: part._reset_to_pending())
        refused = {message.order_number: message for message in error.messages}
        orders = self.rakuten_order_id
        named = orders.filtered(lambda order: order.name in refused)
        if not named and len(orders) > 1:
            return [
                self.filtered(lambda p, h=half: p.rakuten_order_id in h) for half in halves(orders)
            ]

        def fail(parcels):
            for order, rows in parcels.grouped("rakuten_order_id").items():
                rows._fail(refusal(self.env, refused.get(order.name) or error))

        self.filtered(lambda p: p.rakuten_order_id in (named or orders))._note(shop, fail)
        rest = self.filtered(lambda parcel: parcel.state == "pending")
        return [rest] if rest else []

    # === BUSINESS METHODS - Outcomes === #

    @api.model
    def _wait_for_results(self, shop, client):
        """Look for results a few times; what is not there yet is left to the next run.

        :return: False where the time for this run was over before
        """
        for _attempt in range(POLLS):
            if not self._collect(shop, client):
                return True
            if not shop._commit():
                return False
            # Nothing is locked here: the last step was committed.
            time.sleep(POLL_SECONDS)
        return True

    @api.model
    def _collect(self, shop, client):
        """Read the results of asynchronous reports.

        :return: whether some are still missing
        """
        parcels = self.search(
            [("shop_id", "=", shop.id), ("state", "=", "sent"), ("request_id", "!=", False)]
        )
        missing = False
        for request_id, rows in parcels.grouped("request_id").items():
            try:
                results = client.get_result_update_order_shipping_async(request_id)
            except (CredentialsRejected, RequestRefused, MalformedAnswer) as error:
                # No result to be had, perhaps for want of a tick: the orders themselves will tell.
                _logger.warning("Result of shipment report %s: %s", request_id, error)
                rows._note(shop, lambda part: part.write({"request_id": False}))
                continue
            if results is None:
                missing = True
                continue
            rows._note_results(shop, results)
        return missing

    def _apply_result(self, messages):
        """Take over what RMS says of the rows of one order.

        :param messages: one for each row, each with ``ok``, ``code``, ``data_number`` and
            ``shipping_detail_id``; fewer when RMS complains about some only; None or empty when it
            says nothing
        """
        rows = self._in_request_order()
        numbers = {message.data_number for message in messages or ()} - {None}
        if len(messages or ()) == len(rows) and (len(rows) == 1 or len(numbers) == len(rows)):
            # dataNumber counts the rows in the order of the request, within this order or from
            # the first one of the call on; the messages may come in another order.
            by_row = sorted(messages, key=lambda message: message.data_number or 0)
            for parcel, message in zip(rows, by_row, strict=True):
                if message.ok:
                    parcel._applied(message.shipping_detail_id)
                else:
                    parcel._fail(refusal(self.env, message))
            return
        errors = [message for message in messages or () if not message.ok]
        if errors:
            rows._fail(refusal(self.env, errors[0]))
        else:
            # Accepted, yet it is not said for which rows: settled by reading the order.
            rows.request_id = False

    def _applied(self, detail_id=None):
        """Rakuten has done what was sent; what was corrected since is to be reported again."""
        for parcel in self:
            if parcel.sent_values == DELETION:
                parcel.write({"rakuten_values": False, "shipping_detail_id": False})
            else:
                parcel.write(
                    {
                        "rakuten_values": parcel.sent_values,
                        "shipping_detail_id": detail_id or parcel.shipping_detail_id,
                    }
                )
        self._compare()

    def _is_row(self, row):
        """Whether a row without a known id is this parcel's, by destination and number.

        :param row: ..rules.rows.ShippingRow
        """
        self.ensure_one()
        numbers = {self.tracking_number}
        for values in (self.sent_values, self.rakuten_values):
            numbers.add((values or {}).get("shippingNumber") or self.tracking_number)
        return row.basket_id == self.basket_id and plain_number(row.number) in map(
            plain_number, numbers
        )

    def _note_row(self, row):
        """Remember the row that Rakuten has for this parcel.

        What is reported stays so, whatever somebody did with it in RMS since: only a new
        correction from Odoo touches it again.

        :param row: ..rules.rows.ShippingRow or None
        """
        self.ensure_one()
        if self.state == "reported":
            if row and self.shipping_detail_id != row.detail_id:
                self.shipping_detail_id = row.detail_id
            return
        if not row:
            self.write({"rakuten_values": False, "shipping_detail_id": False})
            return
        values = {
            "deliveryCompany": row.company_code,
            "shippingNumber": row.number,
            "shippingDate": row.date,
        }
        stranger = not self.shipping_detail_id and not self.sent_values and not self.rakuten_values
        complete = all(values.values()) and row.company_code != OTHER_COMPANY
        if stranger and self._is_row(row) and complete and not self.removal:
            # Somebody has reported the parcel in RMS: that is as good. With その他 it is not, which
            # other programs enter before they know the carrier.
            values = self._target_row()
        self.write({"rakuten_values": values, "shipping_detail_id": row.detail_id})

    @api.model
    def _settle(self, shop, client):
        """Find out, by reading, what became of reports whose outcome is unclear.

        What is there was applied. What is not may still come: only when it is absent twice, long
        enough after the call, is it sent again.
        """
        now = fields.Datetime.now()
        parcels = self.search(
            [
                ("shop_id", "=", shop.id),
                ("state", "=", "sent"),
                "|",
                ("request_id", "=", False),
                ("sent_at", "<", now - 10 * APPLY_TIME),
            ]
        )
        if not parcels:
            return
        orders = parcels.rakuten_order_id
        shop._fetch(client, orders.mapped("name"))
        orders = orders.filtered(lambda order: is_since(order.last_read, now))
        read = parcels.filtered(lambda parcel: parcel.rakuten_order_id in orders)
        read._note(shop, lambda part: part._settle_read(now))

    def _settle_read(self, now):
        """What became of these reports, by what their orders say now."""
        self.rakuten_order_id._match_rows()
        for parcel in self:
            sent = None if parcel.sent_values == DELETION else parcel.sent_values
            if same_row(parcel.rakuten_values, sent):
                parcel._compare()
            elif parcel.sent_at > now:
                # A clock was wrong: counted from now on.
                parcel.sent_at = now
            elif now - parcel.sent_at < APPLY_TIME:
                continue
            elif not parcel.absent_at or parcel.absent_at > now:
                parcel.absent_at = now
            elif now - parcel.absent_at >= APPLY_TIME:
                parcel.request_id = False
                parcel._compare()


def same_row(one, other):
    """Whether two ShippingModels say the same; None stands for no row."""
    if not one or not other:
        return not one and not other
    return plain_number(one["shippingNumber"]) == plain_number(other["shippingNumber"]) and all(
        one[key] == other[key] for key in ("deliveryCompany", "shippingDate")
    )
