import logging
import time
from datetime import timedelta

from odoo import api, fields, models

from ..rms import MalformedAnswer, OutcomeUnknown, RequestRefused, RmsError
from .rakuten_order import CANCELLED_PROGRESS

_logger = logging.getLogger(__name__)

#: Orders of one updateOrderShippingAsync call (RMS API section 2.7).
BATCH = 100
#: Seconds between two looks at an asynchronous result, and looks within one run.
POLL_SECONDS = 2.0
POLLS = 5
#: An absent row proves nothing before RMS had this long to apply the report, and only when it is
#: absent twice, this long apart.
APPLY_TIME = timedelta(minutes=3)


class RakutenParcel(models.Model):
    """The outbox of shipment reports: one row per parcel.

    Reports are not idempotent at Rakuten, so a row is committed as ``sent`` before the call that
    reports it. Whatever happens then, an unclear outcome is settled by reading the order.
    """

    _name = "rakuten.parcel"
    _description = "Rakuten Parcel"
    _order = "id"
    _rec_name = "tracking_number"

    picking_id = fields.Many2one("stock.picking", required=True, index=True, ondelete="restrict")
    rakuten_order_id = fields.Many2one(
        "rakuten.order", required=True, index=True, ondelete="restrict"
    )
    shop_id = fields.Many2one(related="rakuten_order_id.shop_id", store=True, index=True)
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    basket_id = fields.Char(required=True, help="basketId: the destination at Rakuten.")
    company_code = fields.Char(string="Rakuten Carrier Code", required=True)
    tracking_number = fields.Char(required=True)
    shipping_date = fields.Date(required=True, help="Date in Japan on which the parcel left.")
    shipping_detail_id = fields.Char(readonly=True, help="The row's id at Rakuten.")
    request_id = fields.Char(readonly=True, help="Id of the asynchronous report.")
    sent_at = fields.Datetime(readonly=True)
    absent_at = fields.Datetime(
        readonly=True, help="When the row was looked for at Rakuten and not found."
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
    error = fields.Char(readonly=True)

    _parcel_uniq = models.Constraint(
        "UNIQUE(picking_id, rakuten_order_id, basket_id, tracking_number)",
        "This tracking number is on the transfer already.",
    )

    # === ACTIONS === #

    def action_retry(self):
        """Report again what failed. What Rakuten has already is found there and not doubled."""
        self.filtered(lambda parcel: parcel.state == "failed").sudo().write(
            {"state": "pending", "error": False, "request_id": False}
        )

    # === BUSINESS METHODS === #

    @api.model
    def _export(self, shop):
        """Report what has left, and settle what was sent before.

        :return: a sentence on what was reported
        """
        client = shop._client()
        self._collect(shop, client)
        self._settle(shop, client)
        reported = self.search_count([("shop_id", "=", shop.id), ("state", "=", "reported")])
        ids = self._ready(shop).rakuten_order_id.ids
        for index in range(0, len(ids), BATCH):
            orders = self.env["rakuten.order"].browse(ids[index : index + BATCH])
            self._report(shop, client, orders)
        self._wait_for_results(shop, client)
        reported = (
            self.search_count([("shop_id", "=", shop.id), ("state", "=", "reported")]) - reported
        )
        return self.env._("%(count)s parcels reported to Rakuten.", count=reported)

    @api.model
    def _ready(self, shop):
        """Parcels to report now, as the shop's policy says."""
        parcels = self.search([("shop_id", "=", shop.id), ("state", "=", "pending")])
        if shop.report_policy == "each":
            return parcels
        # An order whose rows are all complete becomes 発送済 at midnight: wait for its last parcel.
        return parcels.filtered(lambda parcel: parcel.rakuten_order_id._has_left())

    @api.model
    def _report(self, shop, client, orders):
        """Report the pending parcels of at most 100 orders in one call.

        The orders are read first: rows that Rakuten has already are adopted, and a cancelled
        order is not reported.
        """
        shop._fetch(client, orders.mapped("name"))
        parcels = self.search(
            [("rakuten_order_id", "in", orders.ids), ("state", "=", "pending")]
        ).try_lock_for_update()
        parcels._adopt()
        # What Rakuten is changing or has no payment for is reported when it is in 300 again.
        pending = parcels.filtered(
            lambda parcel: (
                parcel.state == "pending"
                and parcel.rakuten_order_id.progress not in ("100", "200", "400")
            )
        )
        for order in pending.rakuten_order_id:
            if order.progress in CANCELLED_PROGRESS:
                rows = pending.filtered(
                    lambda parcel, order=order: parcel.rakuten_order_id == order
                )
                note = self.env._("The order was cancelled at Rakuten: nothing was reported.")
                rows.write({"state": "failed", "error": note})
                order._warn(note)
                pending -= rows
        if not pending:
            shop._commit()
            return
        pending.write(
            {
                "state": "sent",
                "sent_at": fields.Datetime.now(),
                "request_id": False,
                "absent_at": False,
                "error": False,
            }
        )
        shop._commit()
        try:
            request_id = client.update_order_shipping_async(pending._prepare_report())
        except RequestRefused as error:
            pending._refuse(error)
        except OutcomeUnknown as error:
            # Settled by reading the orders, in this run or the next.
            _logger.warning("Outcome of a shipment report is unknown: %s", error)
        except RmsError:
            # Certainly not applied: the next run sends it.
            pending.write({"state": "pending", "sent_at": False})
            shop._commit()
            raise
        else:
            pending.request_id = request_id
        shop._commit()

    def _prepare_report(self):
        """OrderShippingModelList of these parcels (RMS API section 2.7)."""
        return [
            {
                "orderNumber": order.name,
                "BasketidModelList": [
                    {
                        "basketId": basket_id,
                        "ShippingModelList": [
                            {
                                "deliveryCompany": parcel.company_code,
                                "shippingNumber": parcel.tracking_number,
                                "shippingDate": fields.Date.to_string(parcel.shipping_date),
                            }
                            for parcel in rows
                        ],
                    }
                    for basket_id, rows in parcels.grouped("basket_id").items()
                ],
            }
            for order, parcels in self.grouped("rakuten_order_id").items()
        ]

    def _refuse(self, error):
        """Mark what Rakuten refused; nothing of the call was applied, so the others go again."""
        self.write({"state": "pending", "sent_at": False})
        refused = {message.order_number: message for message in error.messages}
        named = self.filtered(lambda parcel: parcel.rakuten_order_id.name in refused) or self
        for parcel in named:
            message = refused.get(parcel.rakuten_order_id.name)
            parcel.write({"state": "failed", "error": message.text if message else error.sentence})

    # === BUSINESS METHODS - Outcomes === #

    @api.model
    def _wait_for_results(self, shop, client):
        """Look for results a few times; what is not there yet is left to the next run."""
        for _attempt in range(POLLS):
            if not self._collect(shop, client):
                return
            # Nothing is locked here: the last step was committed.
            time.sleep(POLL_SECONDS)

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
            except (RequestRefused, MalformedAnswer) as error:
                # No result to be had: the orders themselves will tell.
                _logger.warning("Result of shipment report %s: %s", request_id, error)
                rows.request_id = False
                continue
            if results is None:
                missing = True
                continue
            for order, order_rows in rows.grouped("rakuten_order_id").items():
                order_rows._apply_result(results.get(order.name))
            shop._commit()
        return missing

    def _apply_result(self, messages):
        """:param messages: RMS's messages for the order of these parcels, None when it has none"""
        errors = [message for message in messages or () if not message.ok]
        if errors:
            self.write({"state": "failed", "error": errors[0].text or errors[0].sentence})
        elif messages:
            self.write({"state": "reported", "error": False})
            if len(messages) == len(self):
                for parcel, message in zip(self, messages, strict=True):
                    parcel.shipping_detail_id = message.shipping_detail_id
        else:
            # Accepted, yet not named in the result: settled by reading the order.
            self.write({"request_id": False})

    @api.model
    def _settle(self, shop, client):
        """Find out, by reading, what became of reports whose outcome is unclear.

        A row that is there was applied. One that is absent may still come: only when it is absent
        twice, long enough after the call, is it sent again.
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
        shop._fetch(client, parcels.rakuten_order_id.mapped("name"))
        parcels._adopt()
        for parcel in parcels.filtered(lambda parcel: parcel.state == "sent"):
            if now - parcel.sent_at < APPLY_TIME:
                continue
            if not parcel.absent_at:
                parcel.absent_at = now
            elif now - parcel.absent_at >= APPLY_TIME:
                parcel.write({"state": "pending", "request_id": False, "absent_at": False})
        shop._commit()

    def _adopt(self):
        """Recognise parcels among the shipping rows that Rakuten has (section 3.10)."""
        for order, parcels in self.grouped("rakuten_order_id").items():
            rows = order._shipping_rows()
            for parcel in parcels:
                detail_id = rows.get((parcel.basket_id, parcel.tracking_number))
                if detail_id:
                    parcel.write(
                        {"state": "reported", "shipping_detail_id": detail_id, "error": False}
                    )
