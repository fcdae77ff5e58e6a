import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate, groupby, split_every

from ...rms import ORDERS_PER_CALL, OutcomeUnknown, RequestRefused
from ...rules import japan
from ...rules.carriers import RAKUTEN_COMPANIES
from ...rules.order import SHIPPABLE_PROGRESS
from ...rules.rows import open_rows
from ..shop.clock import is_since
from ..shop.on_write import on_write
from ..shop.rakuten_guard import unmarked
from ..shop.rakuten_shop import ONE_CALL
from ..shop.refusals import refusal
from ..shop.sentences import declare_sentences, say
from .rakuten_parcel import DELETION

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

#: RMS closes orders within half an hour after midnight (RMS API section 5.2).
NIGHT_BATCH = timedelta(hours=1)
#: Orders of one run whose rows are deleted: a call for each.
DELETIONS_PER_RUN = 30

declare_sentences(
    {
        "step.close": _lt("Looking whether Rakuten can close the order"),
        "closing.other_numbers": _lt(
            "Odoo has reported all parcels, and Rakuten shows others besides: %(rows)s. The buyer "
            "sees them too. Delete them in RMS if no such parcel has left; Odoo never changes them."
        ),
        "closing.not_deleted": _lt(
            "Empty shipping rows keep the order in 発送待ち, and Rakuten did not delete them: "
            "%(reason)s Delete them in RMS."
        ),
        "closing.open_rows": _lt(
            "Odoo has reported all parcels, and Rakuten keeps the order in 発送待ち, so it is not "
            "paid: these shipping rows are not complete: %(rows)s. Delete or fill them in RMS."
        ),
        "closing.stays": _lt(
            "All parcels are reported and complete at Rakuten, and after the night the order was "
            "still 発送待ち, so it is not paid. Look at it in RMS."
        ),
    }
)


class RakutenOrder(models.Model):
    """Reported is not closed: RMS closes an order in the night after every shipping row of every
    destination has carrier, number and date (RMS API section 2.6). Rows that a former system, RMS's
    staff or the carrier's program left behind keep it open, and its payment is never settled."""

    _inherit = "rakuten.order"

    reported_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When everything of the order was reported, and what others have left at Rakuten was "
        "looked at.",
    )
    closing_told = fields.Boolean(
        readonly=True, copy=False, help="Somebody was told of what others have left at Rakuten."
    )
    unclosed_told = fields.Boolean(
        readonly=True, copy=False, help="Somebody was told that Rakuten does not close the order."
    )

    # === BUSINESS METHODS === #

    @api.model
    def _close_reported(self, shop):
        """Look at the orders whose parcels are all reported as RMS does.

        The order as it was read before the report tells whether others have left rows: only then is
        it read again. Rows without a number go, see :meth:`_empty_rows`; a number that is not ours
        is never touched: somebody is told of it. What Rakuten has not closed in the night after is
        told as well.
        """
        if shop.is_copy:
            return
        reported = self._reported_domain(shop) & Domain("reported_at", "=", False)
        orders = self.search(reported).filtered(lambda order: order._is_reported())
        doubtful = orders.filtered(lambda order: order._others_rows())
        (orders - doubtful)._note_closing(shop)
        doubtful[:DELETIONS_PER_RUN]._clear_rows(shop)
        if doubtful[DELETIONS_PER_RUN:]:
            shop._trigger_job("export")
        self._tell_unclosed(shop)

    @api.model
    def _reported_domain(self, shop):
        """Orders that Rakuten has something of and has not closed."""
        return (
            Domain("shop_id", "=", shop.id)
            & Domain("state", "=", "done")
            & Domain("progress", "=", SHIPPABLE_PROGRESS)
            & Domain("personal_data_removed", "=", False)
            & Domain("parcel_ids.state", "=", "reported")
        )

    def _is_reported(self):
        """Whether everything has left, and Rakuten knows each parcel."""
        self.ensure_one()
        return (
            self.progress == SHIPPABLE_PROGRESS
            and bool(self.parcel_ids)
            and all(p.state == "reported" and not p.removal for p in self.parcel_ids)
            and self._has_left()
        )

    def _others_rows(self):
        """Rows at Rakuten that are none of our parcels.

        :rtype: list[..rules.rows.ShippingRow]
        """
        self.ensure_one()
        parcels = self.parcel_ids
        known = set(parcels.mapped("shipping_detail_id"))
        return [
            row
            for row in self._shipping_rows()
            if row.detail_id not in known and not any(parcel._is_row(row) for parcel in parcels)
        ]

    def _empty_rows(self, others):
        """Rows without a number, of destinations whose parcels are all reported: nobody can mean a
        parcel by them any more, and they keep the order open.

        :param list others: of :meth:`_others_rows`
        :rtype: list[..rules.rows.ShippingRow]
        """
        reported = set(self.parcel_ids.mapped("basket_id"))
        return [
            row
            for row in others
            if not row.has_number and row.detail_id and row.basket_id in reported
        ]

    def _clear_rows(self, shop):
        """Delete the empty rows of these orders at Rakuten, and name the numbers of others. After
        each whoever waits for the shop has his turn, and when there is no time left, the rest is
        for a later run."""
        if not self:
            return
        client = shop._client()
        left = self
        for batch in split_every(ORDERS_PER_CALL, self.ids, self.browse):
            started = fields.Datetime.now()
            shop._fetch(client, batch.mapped("name"))
            for order in batch.filtered(lambda o, since=started: is_since(o.last_read, since)):
                # Reading may have changed it, and what has come since is somebody's parcel.
                with shop._exclusive(ONE_CALL):
                    if order._is_reported():
                        others = order._others_rows()
                        if order._delete_empty_rows(shop, client, others):
                            order._note_closing(shop, others)
                left -= order
                if left and not shop._commit():
                    shop._leave_to_schedule("export")
                    return

    def _delete_empty_rows(self, shop, client, others):
        """Delete the rows of this order that have no number, in a call of its own. Deleting names
        the row, so an unknown outcome is settled by reading the order in the next run.

        :param list others: of :meth:`_others_rows`
        :return: whether it is known what became of them
        """
        self.ensure_one()
        rows = self._empty_rows(others)
        if not rows:
            return True
        baskets = [
            {
                "basketId": basket_id,
                "ShippingModelList": [{"shippingDetailId": r.detail_id, **DELETION} for r in part],
            }
            for basket_id, part in groupby(rows, lambda row: row.basket_id)
        ]
        reason = None
        try:
            results = client.update_order_shipping(self.name, baskets)
            reason = next((refusal(self.env, row) for row in results if not row.ok), None)
        except RequestRefused as error:
            reason = refusal(self.env, error)
        except OutcomeUnknown as error:
            _logger.warning("Outcome of deleting shipping rows is unknown: %s", error)
            return False
        body = self.env._(
            "Deleted at Rakuten: shipping rows without a number that others had left: %(rows)s",
            rows=_told(rows),
        )

        def note(order):
            if reason:
                order._warn(say(order.env, "closing.not_deleted", reason=reason))
            else:
                order.message_post(body=body)

        shop._guard(self, note, step="step.close", mark=unmarked)
        return True

    def _note_closing(self, shop, others=()):
        """Nothing is left to do for these orders but to wait for the night.

        :param others: of :meth:`_others_rows`, of a single order
        """
        numbers = [row for row in others if row.has_number]

        def note(part):
            part.reported_at = fields.Datetime.now()
            if numbers:
                part._tell_numbers(numbers)

        shop._guard(self, note, step="step.close", mark=unmarked, most=ORDERS_PER_CALL)

    def _tell_numbers(self, numbers):
        """Tell once of numbers at Rakuten that are none of ours, until they are gone.

        :param list numbers: ..rules.rows.ShippingRow
        """
        self.ensure_one()
        if numbers and not self.closing_told:
            self.closing_told = True
            self._warn(say(self.env, "closing.other_numbers", rows=_told(numbers)))
        elif self.closing_told and not numbers:
            self.closing_told = False
            self._end_warning("closing.other_numbers")

    @api.model
    def _tell_unclosed(self, shop):
        """Tell of what was wholly reported before the last night and was read in 発送待ち since."""
        today = japan.begin(japan.today())
        orders = self.search(
            self._reported_domain(shop)
            & Domain("reported_at", "<", today)
            & Domain("last_read", ">=", today + NIGHT_BATCH)
            & Domain("unclosed_told", "=", False)
        )

        def tell(part):
            for order in part:
                rows = open_rows(order.payload)
                order.unclosed_told = True
                order._warn(
                    say(order.env, "closing.open_rows", rows=_told(rows))
                    if rows
                    else say(order.env, "closing.stays")
                )

        shop._guard(orders, tell, step="step.close", mark=unmarked)

    @on_write("payload", "progress")
    def _on_write_closing(self, vals):
        """What somebody was told of is over when Rakuten shows it so; numbers that others write
        after our report are told of as well."""
        yield
        for order in self.filtered(
            lambda order: order.reported_at or order.closing_told or order.unclosed_told
        ):
            order._tell_numbers([row for row in order._others_rows() if row.has_number])
            if order.progress != SHIPPABLE_PROGRESS:
                order.unclosed_told = False
                for code in ("closing.not_deleted", "closing.open_rows", "closing.stays"):
                    order._end_warning(code)


def _told(rows):
    """Rows as a person finds them in RMS: carrier, number and date."""
    names = dict(RAKUTEN_COMPANIES)
    parts = [(names.get(row.company_code, row.company_code), row.number, row.date) for row in rows]
    return ", ".join(" ".join(part or "–" for part in row) for row in parts)
