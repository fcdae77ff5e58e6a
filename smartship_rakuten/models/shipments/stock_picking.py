from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ...rules import japan
from ...rules.shipping import NUMBER_MAX, PARCELS_MAX
from ...rules.tracking import plain_number, split_numbers
from ..shop.on_write import on_write
from ..shop.sentences import declare_sentences, say
from ..stock.stock_move import UNIT

_lt = LazyTranslate(__name__)

declare_sentences({"transfer.validating": _lt("Validating %(transfers)s")})


class StockPicking(models.Model):
    """A transfer's parcels: what is reported of it."""

    _inherit = "stock.picking"

    rakuten_parcel_ids = fields.One2many(
        "rakuten.parcel", "picking_id", string="Rakuten Parcels", readonly=True
    )
    rakuten_report_state = fields.Selection(
        [
            ("none", "Nothing to Report"),
            ("pending", "To Report"),
            ("sent", "Sent"),
            ("reported", "Reported"),
            ("failed", "Failed"),
        ],
        string="Report to Rakuten",
        compute="_compute_rakuten_report_state",
        store=True,
        help="送り状番号 at Rakuten. To Report also stands for a tracking number that is missing.",
    )
    rakuten_report_error = fields.Char(compute="_compute_rakuten_report_error", compute_sudo=True)

    @api.depends(
        "state",
        "rakuten_order_id",
        "rakuten_parcel_ids.state",
        "rakuten_order_id.parcel_ids.state",
        "carrier_tracking_ref",
        "move_ids.returned_move_ids.state",
    )
    def _compute_rakuten_report_state(self):
        for picking in self:
            states = set(picking._rakuten_parcels().mapped("state"))
            silent = not picking._is_rakuten_delivery() or picking.state != "done"
            if silent or (not states and picking._is_rakuten_returned()):
                picking.rakuten_report_state = "none"
            else:
                # The one that needs most attention speaks for the transfer.
                picking.rakuten_report_state = next(
                    (
                        state
                        for state in ("failed", "pending", "sent", "reported")
                        if state in states
                    ),
                    "pending",
                )

    @api.depends(
        "rakuten_report_state",
        "rakuten_parcel_ids.error",
        "carrier_tracking_ref",
        "move_line_ids.result_package_id.rakuten_tracking_number",
    )
    @api.depends_context("lang")
    def _compute_rakuten_report_error(self):
        for picking in self:
            parcels = picking._rakuten_parcels()
            error = next((parcel.error for parcel in parcels if parcel.error), False)
            if not error and picking.rakuten_report_state == "pending" and not parcels:
                error = self.env._("Enter the tracking number: Rakuten cannot be told without one.")
            lacking = picking._rakuten_unnumbered_packages()
            if not error and lacking and picking.state == "done":
                error = self.env._(
                    "Enter the tracking number of %(packages)s too: other packages have theirs.",
                    packages=", ".join(lacking.mapped("name")),
                )
            picking.rakuten_report_error = error

    @on_write("carrier_tracking_ref", "carrier_id", "date_done")
    def _rakuten_on_write_shipment(self, vals):
        yield
        done = self.filtered(lambda picking: picking.state == "done")
        if "carrier_id" in vals:
            done._check_rakuten_carrier()
        done._sync_rakuten_parcels()

    @on_write("carrier_tracking_ref")
    def _rakuten_on_write_step(self, vals):
        before = [(picking, split_numbers(picking.carrier_tracking_ref)) for picking in self]
        yield
        for picking, numbers in before:
            picking._rakuten_hand_on_numbers(numbers)

    def _rakuten_hand_on_numbers(self, before=()):
        """Give the next step the numbers of this one: on which of several steps a label is made is
        the house's business, and what leaves is the last. What a person has entered there stays.

        :param before: numbers that this transfer had until now
        """
        for picking in self._rakuten_next_steps():
            if picking.state in ("done", "cancel"):
                continue
            steps = picking.move_ids.move_orig_ids.picking_id.filtered(
                lambda step, picking=picking: picking in step._rakuten_next_steps()
            )
            handed = [n for step in steps for n in split_numbers(step.carrier_tracking_ref)]
            known = set(map(plain_number, [*handed, *before]))
            mine = split_numbers(picking.carrier_tracking_ref)
            if known.issuperset(map(plain_number, mine)) and mine != handed:
                picking.carrier_tracking_ref = ",".join(dict.fromkeys(handed)) or False

    def _rakuten_next_steps(self):
        """Transfers that take the goods of this one further to the same destination."""
        self.ensure_one()
        if not self.rakuten_order_id or self._is_rakuten_delivery():
            return self.browse()
        return self._get_next_transfers().filtered(
            lambda picking: (
                picking.rakuten_order_id == self.rakuten_order_id
                and picking.rakuten_basket_id == self.rakuten_basket_id
            )
        )

    def action_rakuten_retry(self):
        """Report again what failed."""
        self.check_access("write")
        parcels = self.env["rakuten.parcel"].union(*(p._rakuten_parcels() for p in self))
        parcels.action_retry()

    def _is_rakuten_returned(self):
        """Whether everything that left with this transfer came back."""
        self.ensure_one()
        moves = self.move_ids.filtered(lambda move: move.state == "done" and move.quantity)
        return bool(moves) and all(
            sum(
                back[UNIT]._compute_quantity(back.quantity, move[UNIT])
                for back in move.returned_move_ids
                if back.state == "done"
            )
            >= move.quantity
            for move in moves
        )

    def _rakuten_baskets(self):
        """Destinations that the goods of this transfer go to; more than one when dropshipped."""
        self.ensure_one()
        moves = self.move_ids.filtered(lambda move: move.state != "cancel")
        return list(dict.fromkeys(moves.filtered("rakuten_basket_id").mapped("rakuten_basket_id")))

    def _rakuten_numbers(self):
        """Tracking numbers of this transfer: those of its packages, then those of its own field.

        :return: dict of number to stock.package, maybe an empty one
        """
        self.ensure_one()
        found = [
            (number, package)
            for package in self._rakuten_packages().sorted("id")
            for number in self._rakuten_package_numbers(package)
        ]
        found += [
            (number, self.env["stock.package"])
            for number in split_numbers(self.carrier_tracking_ref)
        ]
        # The same number with and without hyphens is one parcel, and the package's counts.
        numbers = {plain_number(number): (number, package) for number, package in reversed(found)}
        return dict(reversed(numbers.values()))

    def _rakuten_parcels(self):
        """Parcels with this transfer's goods, one that it shares with a backorder included."""
        self.ensure_one()
        shared = self.rakuten_order_id.parcel_ids - self.rakuten_parcel_ids
        if not shared:
            return self.rakuten_parcel_ids
        numbers = set(map(plain_number, self._rakuten_numbers()))
        baskets = self._rakuten_baskets()
        return self.rakuten_parcel_ids | shared.filtered(
            lambda parcel: (
                parcel.basket_id in baskets and plain_number(parcel.tracking_number) in numbers
            )
        )

    def _rakuten_company_code(self):
        """deliveryCompany to report: the carrier's, else the shop's default; '' for neither."""
        self.ensure_one()
        shop = self.sudo().rakuten_shop_id
        return self.sudo().carrier_id.rakuten_company_code or shop.company_code or ""

    def _prepare_parcels(self, basket_id):
        """:return: dict of plain tracking number to values of a rakuten.parcel"""
        self.ensure_one()
        left_on = japan.day(self.date_done or fields.Datetime.now())
        return {
            plain_number(number): {
                "picking_id": self.id,
                "package_id": package.id,
                "rakuten_order_id": self.sudo().rakuten_order_id.id,
                "basket_id": basket_id,
                "company_code": self._rakuten_company_code(),
                "tracking_number": number,
                "shipping_date": left_on,
            }
            for number, package in self._rakuten_numbers().items()
        }

    def _sync_rakuten_parcels(self):
        """Bring the outbox in line with what these transfers say.

        :raises UserError: when it is not known which carrier to report for a new parcel
        """
        deliveries = self.filtered(lambda picking: picking._is_rakuten_delivery())
        if deliveries:
            deliveries.sudo().rakuten_order_id._sync_parcels()

    def _check_rakuten_carrier(self):
        """Ask for the carrier while it can still be chosen.

        :raises UserError:
        """
        lacking = self.filtered(
            lambda p: (
                p._is_rakuten_delivery()
                and not p._rakuten_company_code()
                and not p._is_rakuten_returned()
            )
        )
        if lacking:
            carriers = lacking.carrier_id.mapped("name")
            raise UserError(
                self.env._(
                    "%(transfers)s: which carrier shall be reported to Rakuten? Choose a carrier "
                    "with a Rakuten carrier code%(carriers)s, or set the shop's default.",
                    transfers=", ".join(lacking.mapped("name")),
                    carriers=f" ({', '.join(carriers)})" if carriers else "",
                )
            )

    def _check_rakuten_numbers(self):
        """Refuse what Rakuten would refuse: more parcels or longer numbers than it takes.

        :raises UserError:
        """
        for picking in self:
            numbers = picking._rakuten_numbers()
            if len(numbers) > PARCELS_MAX or any(len(number) > NUMBER_MAX for number in numbers):
                raise UserError(
                    self.env._(
                        "%(transfer)s: Rakuten takes %(count)s parcels for one destination at "
                        "most, and numbers of %(length)s characters.",
                        transfer=picking.name,
                        count=PARCELS_MAX,
                        length=NUMBER_MAX,
                    )
                )

    def _add_delivery_cost_to_so(self):
        """Override of `stock_delivery` to leave Rakuten's orders as they are: what the buyer pays
        for postage is settled, whatever the carrier costs."""
        if self.rakuten_order_id:
            return None
        return super()._add_delivery_cost_to_so()

    def _action_done(self):
        """Override of `stock` to put what leaves into the outbox, in the transaction that
        validates the transfer."""
        orders = self.filtered("rakuten_order_id").sudo().sale_id
        names = ", ".join(self.filtered("rakuten_order_id").mapped("name"))
        with orders._rakuten_keeps_total(say(self.env, "transfer.validating", transfers=names)):
            result = super()._action_done()
        done = self.filtered(lambda picking: picking.state == "done")
        for picking in done:
            # The next step may have come into being just now.
            picking._rakuten_hand_on_numbers()
        done._note_rakuten_packages()
        # A return takes parcels of the delivery back.
        (done | done.move_ids.origin_returned_move_id.picking_id)._sync_rakuten_parcels()
        return result
