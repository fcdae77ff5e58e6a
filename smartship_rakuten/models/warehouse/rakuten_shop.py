import base64
import logging
from datetime import timedelta

from odoo import fields, models
from odoo.tools.image import image_process

from ...rms.shop import CALENDAR_DAYS_MAX
from ...rules import japan, shipping, working_days
from ..jobs.job import job
from ..shop.on_write import on_write
from ..shop.rakuten_shop import PATIENCE

_logger = logging.getLogger(__name__)


class RakutenShop(models.Model):
    """By when goods have to leave, which transfers are held, what stands on the papers."""

    _inherit = "rakuten.shop"

    take_over_labels = fields.Boolean(
        string="Take Over Tracking Numbers",
        help="A number that appears at Rakuten while the transfer waits, of the carrier that it "
        "leaves with, is that of its label: the carrier's program writes it when the label is "
        "printed. Without this option such a transfer is held until somebody takes it over.",
    )
    ask_number = fields.Boolean(
        string="Ask Before Shipping Without a Number",
        default=True,
        help="Who validates a transfer that has no tracking number is asked first: Rakuten is told "
        "of a shipment by its number only. A number can still be entered later.",
    )
    ship_days = fields.Integer(
        string="Days to Ship",
        default=1,
        help="From the day on which Rakuten lets an order go to the day on which it leaves.",
    )
    transit_days = fields.Integer(
        string="Days on the Way",
        default=1,
        help="Counted back from a delivery wish; one more to 北海道, 沖縄 and remote islands.",
    )
    cutoff_hour = fields.Float(
        string="Same-Day Orders Until",
        default=12.0,
        help="締め時刻 in Japan: an order with 当日出荷, 最強翌日配送 or あす楽 that Rakuten lets "
        "go later leaves on the next day.",
    )
    shipping_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Shipping Days",
        check_company=True,
        help="営業日: the days on which goods leave, and the closing days. With it every deadline "
        "counts working days; nothing leaves on a day after its working hours. Without it every "
        "day counts.",
    )
    transit_ids = fields.One2many(
        "rakuten.transit",
        "shop_id",
        string="Days on the Way by Prefecture",
        help="Where a prefecture is not in the table, Days on the Way count.",
    )
    slip_logo = fields.Image(
        string="Logo on Delivery Slips", max_width=600, max_height=200, help="納品書の店舗ロゴ"
    )
    slip_message = fields.Text(
        string="Message on Delivery Slips",
        help="備考 for the buyer: opening hours, returns, thanks. Not on gifts.",
    )
    slip_tax = fields.Boolean(
        string="Tax on Delivery Slips",
        help="Prints the registration number (登録番号) and Rakuten's figures for each tax rate. "
        "Rakuten issues the qualified invoice (適格請求書) of its orders itself, so without this a "
        "line says where the buyer finds it. A second one with other figures is the shop's risk.",
    )

    @on_write("ship_days", "transit_days", "cutoff_hour", "shipping_calendar_id")
    def _on_write_ship_by_days(self, vals):
        yield
        self._after_days_changed()

    def _after_days_changed(self):
        """What has not left is due by other days, and planned by them."""
        transfers = self._recompute_open_transfers(["rakuten_order_id"])
        # No word in a thousand chatters: who has changed the days knows.
        transfers.with_context(tracking_disable=True)._rakuten_plan_again()

    def action_fill_shipping_calendar(self):
        return self._run_action("shipping_calendar", self.env._("Closing days read."))

    @job("shipping_calendar", patience=PATIENCE)
    def _fill_shipping_calendar(self):
        """Take the closing days over from RMS (RMS API section 8.4), as far as RMS tells them."""
        today = japan.today()
        found = self._client().shop_calendar(today, CALENDAR_DAYS_MAX)
        days = [today + timedelta(days=ahead) for ahead in range(CALENDAR_DAYS_MAX)]
        weekdays, closed = working_days.closures(found, days)
        if not self.shipping_calendar_id:
            self.shipping_calendar_id = self.env["resource.calendar"].create(
                {
                    "name": self.env._("Shipping days of %(shop)s", shop=self.name),
                    "company_id": self.company_id.id,
                    "tz": japan.TIME_ZONE,
                }
            )
        self.shipping_calendar_id._rakuten_fill(weekdays, closed, today)
        parts = [
            self.env._(
                "%(count)s closing days until %(until)s read from RMS.",
                count=len(closed),
                until=fields.Date.to_string(days[-1]),
            )
        ]
        if working_days.closes_on_national_holidays(found):
            parts.append(
                self.env._(
                    "RMS says that nothing is shipped on national holidays (祝日), and does not "
                    "name them: enter them as closing days."
                )
            )
        return " ".join(parts)

    def _shipping_days(self):
        """By which days the shop ships: options of :func:`..rules.shipping.ship_by`."""
        # Who looks at a transfer need not see the shop's calendar.
        shop = self.sudo()
        return {
            "ship_days": shop.ship_days,
            "transit_days": shop.transit_days,
            "cutoff": shop.cutoff_hour,
            "prefecture_days": {
                f"JP-{(transit.state_id.code or '')[-2:]}": transit.transit_days
                for transit in shop.transit_ids
            },
            "working": shop.shipping_calendar_id._rakuten_working_days(),
        }

    def _plan(self, facts):
        """When goods are to leave for a destination, never before now, and when to arrive.

        A day is over when it ends in Japan: until then nothing is late. Where the books of the
        planned day are closed, it is the first day after.

        :param ..rules.shipping.ShippingFacts facts: of the destination
        :return: (planned, deadline), naive UTC; the latter None where Rakuten says nothing
        """
        days = self._shipping_days()
        leaves_on = shipping.ship_by(facts, **days)
        arrives_on = shipping.arrive_by(
            facts, leaves_on, days["transit_days"], days["prefecture_days"]
        )
        planned = fields.Datetime.now()
        if leaves_on:
            planned = max(planned, japan.end(leaves_on))
        return self._first_open_moment(planned), arrives_on and japan.end(arrives_on)

    def _first_open_moment(self, moment):
        """A moment, naive UTC, or the end of the first day in Japan after it whose books are open.
        Sales and taxes may be closed: Odoo asks for neither when goods move."""
        company = self.company_id
        day = first = japan.day(moment)
        while locks := company._get_lock_date_violations(
            day, sale=False, purchase=False, tax=False
        ):
            day = max(lock for lock, _name in locks) + timedelta(days=1)
        return moment if day == first else japan.end(day)

    def _slip_logo(self):
        """The logo for paper, as a data URI of a kind that every printing program knows; '' for
        none, and for a picture that cannot be read."""
        self.ensure_one()
        if not self.slip_logo:
            return ""
        try:
            png = image_process(base64.b64decode(self.slip_logo), output_format="PNG")
        except Exception:
            # Whatever it is: the goods have to leave.
            _logger.warning("The logo of %s cannot be printed", self.name, exc_info=True)
            return ""
        return f"data:image/png;base64,{base64.b64encode(png).decode()}"

    def _apply_rules(self):
        result = super()._apply_rules()
        self._recompute_open_transfers(["rakuten_shop_id"])
        return result

    def _recompute_open_transfers(self, names):
        """Compute again what depends on these fields of the open transfers. Only of those: a
        depends on the shop itself would look at all that ever left, too."""
        pickings = (
            self.env["stock.picking"]
            .sudo()
            .search([("rakuten_shop_id", "in", self.ids), ("state", "not in", ("done", "cancel"))])
        )
        pickings.modified(names)
        return pickings
