from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import groupby

from ...rules import tracking
from ...rules.carriers import OTHER_COMPANY, RAKUTEN_COMPANIES
from ...rules.order import SHIPPED_PROGRESS
from ...rules.rows import labels, shipping_rows
from ..shop.one_by_one import one_by_one


class RakutenOrder(models.Model):
    """What left the warehouse for an order, beside the shipping rows that Rakuten has."""

    _inherit = "rakuten.order"

    parcel_ids = fields.One2many(
        "rakuten.parcel", "rakuten_order_id", string="Parcels", readonly=True
    )
    accepted_rows = fields.Char(
        readonly=True,
        help="Ids of shipping rows of somebody else at Rakuten beside which a person wants to "
        "ship from Odoo all the same.",
    )

    # === BUSINESS METHODS - What has left === #

    def _deliveries(self):
        """Transfers that take goods of these orders out of the house, or have."""
        return self.sale_order_id.picking_ids.filtered(
            lambda picking: picking._is_rakuten_delivery() and picking.state != "cancel"
        )

    def _has_left(self):
        """Whether every parcel of the order is known: nothing is still to leave, and no delivery
        lacks a number."""
        self.ensure_one()
        deliveries = self._deliveries().filtered(lambda p: not p._is_rakuten_returned())
        return (
            bool(deliveries)
            and self._is_all_out()
            and all(
                picking._rakuten_parcels() and not picking._rakuten_unnumbered_packages()
                for picking in deliveries
            )
        )

    def _is_all_out(self):
        """Whether nothing of the order is still to leave.

        An open move in an earlier step counts: the delivery that follows a pick is made only when
        the pick is done.
        """
        self.ensure_one()
        return (
            all(picking.state == "done" for picking in self._deliveries())
            # For example dropshipped, and the supplier's order is not confirmed yet.
            and all(line.move_ids for line in self._goods())
            and not self._open_moves()
        )

    def _goods(self):
        """The lines of what has to leave."""
        return self.sale_order_id.order_line.filtered(
            lambda line: line.product_id.type == "consu" and line.product_uom_qty > 0
        )

    def _open_moves(self):
        """Moves of what is still to leave, in whatever step."""
        return self._goods().move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and not move.origin_returned_move_id
                and move.picking_code != "incoming"
            )
        )

    def _sync_parcels(self):
        """Bring the outbox in line with what has left, in the transaction that changes it.

        A number that was replaced by another changes its parcel; a number that is gone, or whose
        goods came back before Rakuten closed the shipment, takes its parcel back.
        """
        parcels = (
            self.env["rakuten.parcel"]
            .sudo()
            .with_context(active_test=False)
            .search([("rakuten_order_id", "in", self.ids)])
            .grouped(lambda parcel: (parcel.rakuten_order_id, parcel.basket_id))
        )
        to_create = []
        for order in self:
            wanted, returned = order._parcels_left()
            known = {basket for other, basket in parcels if other == order}
            for basket_id in sorted(known | wanted.keys()):
                to_create += order._sync_basket(
                    parcels.get((order, basket_id), self.env["rakuten.parcel"].sudo()),
                    wanted.get(basket_id, {}),
                    returned,
                )
        self.env["stock.picking"].browse(
            [vals["picking_id"] for vals in to_create if not vals["company_code"]]
        )._check_rakuten_carrier()
        new = self.env["rakuten.parcel"].sudo().create(to_create)
        new.rakuten_order_id.reported_at = False
        self._after_goods_moved()
        self.env["rakuten.shop"]._trigger_job("export")

    def _after_goods_moved(self):
        """Hook: goods of these orders have left, come back, or do not have to leave any more."""

    def _after_adoption(self):
        """What has left counts as shipped. It is reported once it has a number, or found among
        the rows that Rakuten has already."""
        result = super()._after_adoption()
        left = self._deliveries().filtered(lambda picking: picking.state == "done")
        left._note_rakuten_packages()
        if len(left) == 1 and not left._rakuten_numbers():
            # The numbers of packages go with the module, and Rakuten may have them.
            rows = [row for row in self._shipping_rows() if row.basket_id == left.rakuten_basket_id]
            numbers = dict.fromkeys(row.number for row in rows if row.has_number)
            if numbers:
                left.carrier_tracking_ref = ",".join(numbers)
        self._sync_parcels()
        return result

    def _parcels_left(self):
        """What has left for good.

        Once Rakuten has closed the shipment, a return is no correction of the report.

        :return: dict of basket id to dict of plain tracking number to values of a parcel, and the
            plain numbers whose goods came back
        """
        self.ensure_one()
        wanted, returned = {}, set()
        closed = self.progress in SHIPPED_PROGRESS
        for picking in self._deliveries().filtered(lambda p: p.state == "done").sorted("id"):
            back = set() if closed else picking._rakuten_returned_numbers()
            returned |= back
            for basket_id in picking._rakuten_baskets():
                # A number that a backorder shares with the first transfer is one parcel.
                for number, vals in picking._prepare_parcels(basket_id).items():
                    if number not in back:
                        wanted.setdefault(basket_id, {}).setdefault(number, vals)
        return wanted, returned

    def _sync_basket(self, parcels, wanted, returned):
        """Bring the parcels of one destination in line.

        :param parcels: rakuten.parcel, those that were taken back included
        :param dict wanted: plain number to values
        :param set returned: plain numbers whose goods came back
        :return: values of the parcels to create
        """
        by_number = {tracking.plain_number(p.tracking_number): p for p in parcels.sorted("active")}
        new = [vals for number, vals in wanted.items() if number not in by_number]
        gone = [
            (number, parcel)
            for number, parcel in by_number.items()
            if number not in wanted and parcel.active and not parcel.removal
        ]
        for number, vals in wanted.items():
            if number in by_number:
                by_number[number]._update_from_transfer(vals)
        # What came back was no wrong number: its parcel goes, and the next one is a new one.
        corrected = [parcel for number, parcel in gone if number not in returned]
        for parcel, vals in zip(corrected, new, strict=False):
            parcel._update_from_transfer(vals)
        for parcel in corrected[len(new) :]:
            parcel._remove("corrected")
        for number, parcel in gone:
            if number in returned:
                parcel._remove("returned")
        return new[len(corrected) :]

    # === BUSINESS METHODS - What Rakuten has === #

    def _shipping_rows(self):
        """:rtype: list[..rules.rows.ShippingRow]"""
        self.ensure_one()
        return shipping_rows(self.payload)

    def _accept_rows(self, rows):
        """Ship although these rows are there, because a person says so."""
        self.ensure_one()
        known = (self.accepted_rows or "").split(",")
        ids = [row.detail_id for row in rows]
        if ids:
            self.accepted_rows = ",".join(dict.fromkeys(filter(None, (*known, *ids))))

    def _replaced_rows(self):
        """Ids of rows whose labels nobody uses: what leaves from here is reported in them."""
        self.ensure_one()
        return (self.accepted_rows or "").split(",") if self.label_decision == "replace" else ()

    def _after_label_decision(self, rows):
        """Rows that were decided on hold nothing any more."""
        result = super()._after_label_decision(rows)
        if self.label_decision == "take_over":
            for _basket_id, basket_rows in groupby(rows, lambda row: row.basket_id):
                self._label_carrier(basket_rows)
        self._accept_rows(rows)
        return result

    def _prepare_label_vals(self, basket_id):
        """Values of a delivery that leaves with labels that Rakuten knows of already; {} where a
        person has not taken any over.

        :param str basket_id:
        """
        if self.label_decision != "take_over":
            return {}
        accepted = (self.accepted_rows or "").split(",")
        rows = [
            row
            for row in labels(self.payload)
            if row.detail_id in accepted and row.basket_id == basket_id
        ]
        return self._label_vals(rows) if rows else {}

    def _label_vals(self, rows):
        """Values of a delivery with these labels of one destination.

        :param list rows: ..rules.rows.ShippingRow, each with a number
        :raises UserError: see :meth:`_label_carrier`
        """
        carrier = self._label_carrier(rows)
        numbers = dict.fromkeys(row.number for row in rows)
        return {
            "carrier_tracking_ref": ",".join(numbers),
            **({"carrier_id": carrier.id} if carrier else {}),
        }

    def _label_carrier(self, rows):
        """The delivery method of labels; none where they do not say whose they are.

        :raises UserError: where they are of several carriers, or of one that Odoo has no delivery
            method for: another one would be reported in its place
        """
        codes = {row.company_code for row in rows} - {"", OTHER_COMPANY}
        if not codes:
            return self.env["delivery.carrier"]
        names = dict(RAKUTEN_COMPANIES)
        told = ", ".join(sorted(names.get(code, code) for code in codes))
        if len(codes) > 1:
            raise UserError(
                self.env._(
                    "Its labels are of several carriers (%(carriers)s). Enter the numbers on the "
                    "transfer's packages yourself.",
                    carriers=told,
                )
            )
        carriers = self.shop_id.label_carrier_ids.filtered(
            lambda carrier: carrier.rakuten_company_code in codes
        )
        own = (self.sale_order_id.carrier_id | self.delivery_carrier_id) & carriers
        if not carriers:
            raise UserError(
                self.env._(
                    "No delivery method has the Rakuten carrier %(carriers)s. Set it on one, then "
                    "take the number over.",
                    carriers=told,
                )
            )
        return (own or carriers)[0]

    def _match_rows(self):
        """Recognise the parcels among the rows of the payload, each row for one parcel.

        A row is found by its id, else by its number; a parcel that Rakuten has nothing of takes a
        row that somebody has left without a number, or whose label a person does not use.
        """
        for order in self:
            parcels = order.parcel_ids
            unused = order._replaced_rows()
            free = {row.detail_id: row for row in order._shipping_rows()}
            found = {
                parcel: free.pop(parcel.shipping_detail_id)
                for parcel in parcels
                if parcel.shipping_detail_id in free
            }
            for parcel in parcels - parcels.browse([p.id for p in found]):
                match = next((r for r in free.values() if parcel._is_row(r)), None)
                if not match and parcel.state == "pending" and not parcel.removal:
                    match = next(
                        (
                            row
                            for row in free.values()
                            if row.basket_id == parcel.basket_id
                            and (not row.has_number or row.detail_id in unused)
                        ),
                        None,
                    )
                if match:
                    found[parcel] = free.pop(match.detail_id)
            for parcel in parcels:
                parcel._note_row(found.get(parcel))

    def action_ship_anyway(self):
        """Make transfers for orders that were imported for reference only."""
        self.check_access("write")
        references = self.sudo().filtered("sale_order_id.rakuten_reference")
        return one_by_one(references, lambda order: order._ship_anyway())

    def _ship_anyway(self):
        self.ensure_one()
        self.message_post(body=self.env._("Shipped from Odoo although Rakuten has a parcel."))
        self._accept_rows(self._shipping_rows())
        self.sale_order_id._rakuten_ship_anyway()
