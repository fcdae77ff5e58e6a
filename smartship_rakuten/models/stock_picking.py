import re
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError

from .rakuten_order import SHIPPABLE_PROGRESS, SHIPPED_PROGRESS

JAPAN = ZoneInfo("Asia/Tokyo")
#: "その他": what is reported for a carrier whose code at Rakuten nobody has set.
OTHER_COMPANY = "1000"


class StockPicking(models.Model):
    _inherit = "stock.picking"

    rakuten_order_id = fields.Many2one(
        related="sale_id.rakuten_order_id", store=True, index="btree_not_null"
    )
    rakuten_shop_id = fields.Many2one(
        related="sale_id.rakuten_shop_id", store=True, index="btree_not_null"
    )
    rakuten_order_number = fields.Char(
        related="sale_id.rakuten_order_number", store=True, string="Rakuten Order Number"
    )
    rakuten_basket_id = fields.Char(
        string="Rakuten Destination",
        compute="_compute_rakuten_basket_id",
        store=True,
        help="basketId",
    )
    rakuten_progress = fields.Selection(
        related="rakuten_order_id.progress", string="Status at Rakuten"
    )
    rakuten_changed = fields.Char(related="rakuten_order_id.changed", string="Changed at Rakuten")
    rakuten_address_warning = fields.Char(
        related="rakuten_order_id.address_warning", string="Address Warning"
    )
    rakuten_parcel_ids = fields.One2many("rakuten.parcel", "picking_id", string="Rakuten Parcels")
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
    rakuten_report_error = fields.Char(compute="_compute_rakuten_report_error")

    # === COMPUTE === #

    @api.depends("move_ids.rakuten_basket_id")
    def _compute_rakuten_basket_id(self):
        for picking in self:
            picking.rakuten_basket_id = next(
                (move.rakuten_basket_id for move in picking.move_ids if move.rakuten_basket_id),
                False,
            )

    @api.depends("state", "rakuten_order_id", "rakuten_parcel_ids.state")
    def _compute_rakuten_report_state(self):
        for picking in self:
            states = set(picking.rakuten_parcel_ids.mapped("state"))
            if not picking._is_rakuten_delivery() or picking.state != "done":
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

    @api.depends("rakuten_report_state", "rakuten_parcel_ids.error")
    def _compute_rakuten_report_error(self):
        for picking in self:
            error = next((p.error for p in picking.rakuten_parcel_ids if p.error), False)
            if (
                not error
                and picking.rakuten_report_state == "pending"
                and not (picking.rakuten_parcel_ids)
            ):
                error = self.env._("Enter the tracking number: Rakuten cannot be told without one.")
            picking.rakuten_report_error = error

    # === OVERRIDES === #

    def write(self, vals):
        result = super().write(vals)
        if {"carrier_tracking_ref", "carrier_id"} & vals.keys():
            done = self.filtered(lambda picking: picking.state == "done")
            done._correct_rakuten_parcels()
            done._make_rakuten_parcels()
        return result

    def button_validate(self):
        self._check_rakuten_shippable()
        return super().button_validate()

    def _action_done(self):
        result = super()._action_done()
        self.filtered(lambda picking: picking.state == "done")._make_rakuten_parcels()
        return result

    def _send_confirmation_email(self):
        """Ship as Odoo does, but write to nobody: Rakuten forbids mail besides its own."""
        rakuten = self.filtered("rakuten_order_id")
        super(StockPicking, self - rakuten)._send_confirmation_email()
        return super(
            StockPicking, rakuten.with_context(rakuten_no_message=True)
        )._send_confirmation_email()

    def message_post_with_source(self, *args, **kwargs):
        if self.env.context.get("rakuten_no_message"):
            return self.env["mail.message"]
        return super().message_post_with_source(*args, **kwargs)

    def _message_sms_with_template(self, *args, **kwargs):
        if self.env.context.get("rakuten_no_message"):
            return None
        return super()._message_sms_with_template(*args, **kwargs)

    # === ACTIONS === #

    def action_rakuten_retry(self):
        """Report again what failed."""
        self.check_access("write")
        self.rakuten_parcel_ids.action_retry()

    # === BUSINESS METHODS === #

    def _is_rakuten_delivery(self):
        """Whether this transfer takes goods of a Rakuten order out of the house."""
        self.ensure_one()
        return bool(self.rakuten_order_id) and self.picking_type_code == "outgoing"

    def _is_rakuten_held(self):
        """Whether Rakuten's side forbids to ship: not in 300, changed after the import, or
        reported there already by somebody else."""
        self.ensure_one()
        order = self.rakuten_order_id
        if order.progress in SHIPPED_PROGRESS:
            return not order.sale_order_id.picking_ids.rakuten_parcel_ids
        return bool(order.changed) or order.progress != SHIPPABLE_PROGRESS

    def _is_rakuten_untouched(self):
        """Whether nobody in the warehouse has begun to work on this transfer."""
        self.ensure_one()
        return (
            self.state in ("draft", "waiting", "confirmed", "assigned")
            and not self.printed
            and not self.carrier_tracking_ref
            and not any(self.move_ids.mapped("picked"))
        )

    def _check_rakuten_shippable(self):
        """Refuse to ship what Rakuten has cancelled, is changing or has no payment for.

        :raises UserError: naming the transfers and their status
        """
        held = self.filtered(
            lambda picking: picking._is_rakuten_delivery() and picking.sudo()._is_rakuten_held()
        )
        if held:
            statuses = dict(self.env["rakuten.order"]._fields["progress"].selection)
            raise UserError(
                self.env._(
                    "Do not ship: %(transfers)s. Only unchanged orders in status %(shippable)s "
                    "leave the warehouse.",
                    transfers=", ".join(
                        f"{picking.name} ({order.changed or statuses[order.progress]})"
                        for picking in held
                        for order in picking.sudo().rakuten_order_id
                    ),
                    shippable=statuses[SHIPPABLE_PROGRESS],
                )
            )

    def _correct_rakuten_parcels(self):
        """Follow a corrected number or carrier as long as it has not been sent."""
        pending = self.sudo().rakuten_parcel_ids.filtered(lambda p: p.state == "pending")
        for parcel in pending:
            picking = parcel.picking_id
            if parcel.tracking_number not in split_tracking(picking.carrier_tracking_ref):
                parcel.unlink()
            else:
                parcel.company_code = picking.carrier_id.rakuten_company_code or OTHER_COMPANY

    def _make_rakuten_parcels(self):
        """Put what left into the outbox, in the transaction that validates the transfer.

        Several numbers in the tracking field, divided by comma or blank, are several parcels.
        """
        to_create = []
        for picking in self.filtered(lambda p: p._is_rakuten_delivery() and p.rakuten_basket_id):
            # A number that a backorder shares with the first transfer is one parcel.
            siblings = picking.sudo().sale_id.picking_ids.rakuten_parcel_ids.filtered(
                lambda parcel, basket=picking.rakuten_basket_id: parcel.basket_id == basket
            )
            known = set(siblings.mapped("tracking_number"))
            left_at = (picking.date_done or fields.Datetime.now()).replace(tzinfo=ZoneInfo("UTC"))
            to_create += [
                {
                    "picking_id": picking.id,
                    "rakuten_order_id": picking.sudo().rakuten_order_id.id,
                    "basket_id": picking.rakuten_basket_id,
                    "company_code": picking.carrier_id.rakuten_company_code or OTHER_COMPANY,
                    "tracking_number": number,
                    "shipping_date": left_at.astimezone(JAPAN).date(),
                }
                for number in split_tracking(picking.carrier_tracking_ref)
                if number not in known
            ]
        if to_create:
            self.env["rakuten.parcel"].sudo().create(to_create)
            self.env.ref("smartship_rakuten.ir_cron_export_shipments").sudo()._trigger()


def split_tracking(reference):
    """Tracking numbers of a tracking field, in its order, each once."""
    return list(dict.fromkeys(part for part in re.split(r"[,、;\s]+", reference or "") if part))
