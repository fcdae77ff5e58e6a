from odoo import api, fields, models
from odoo.exceptions import UserError

from ...rules.tracking import split_numbers
from ..shop.on_write import on_write

#: What is said of one transfer of a bundle is said of all.
SHARED_FIELDS = ("carrier_tracking_ref", "carrier_id")


class StockPicking(models.Model):
    """同梱: several orders to one address in one parcel."""

    _inherit = "stock.picking"

    rakuten_bundle_id = fields.Many2one(
        "rakuten.bundle",
        string="In One Parcel",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="同梱: transfers that share one parcel and its tracking number.",
    )
    # Not a One2many of transfers: Odoo's forms would open the transfer's form within itself.
    rakuten_bundled_ids = fields.Many2many(
        "stock.picking",
        compute="_compute_rakuten_bundled_ids",
        compute_sudo=True,
        string="In the Same Parcel",
    )
    rakuten_candidate_ids = fields.Many2many(
        "stock.picking",
        compute="_compute_rakuten_candidate_ids",
        string="To the Same Address",
        help="Open transfers of other Rakuten orders that one parcel could take along (同梱).",
    )

    # === COMPUTE === #

    @api.depends("rakuten_bundle_id.picking_ids")
    def _compute_rakuten_bundled_ids(self):
        for picking in self:
            picking.rakuten_bundled_ids = picking.rakuten_bundle_id.picking_ids

    @api.depends("rakuten_address_key", "state", "rakuten_bundle_id")
    def _compute_rakuten_candidate_ids(self):
        self.rakuten_candidate_ids = False
        open_pickings = self.filtered(lambda picking: picking._is_rakuten_bundlable())
        if not open_pickings:
            return
        others = self.search(
            [
                ("rakuten_address_key", "in", open_pickings.mapped("rakuten_address_key")),
                ("state", "not in", ("done", "cancel")),
                ("picking_type_code", "=", "outgoing"),
            ]
        ).grouped(lambda picking: picking._rakuten_bundle_key())
        for picking in open_pickings:
            same = others.get(picking._rakuten_bundle_key(), self.browse())
            picking.rakuten_candidate_ids = same.filtered(
                lambda p, own=picking: (
                    p != own._origin
                    and (not p.rakuten_bundle_id or p.rakuten_bundle_id != own.rakuten_bundle_id)
                )
            )

    # === OVERRIDES === #

    @on_write(*SHARED_FIELDS)
    def _rakuten_on_write_shared(self, vals):
        """One parcel has one number and one carrier: what is said of one transfer holds for all."""
        yield
        if self.env.context.get("rakuten_bundle_written"):
            return
        others = self.rakuten_bundle_id.picking_ids - self
        if set(self.mapped("state")) != {"done"}:
            # What has left already has left under its own number.
            others = others.filtered(lambda picking: picking.state != "done")
        if others:
            shared = {key: vals[key] for key in SHARED_FIELDS if key in vals}
            others.with_context(rakuten_bundle_written=True).write(shared)

    # === ACTIONS === #

    def action_rakuten_bundle(self):
        """Put these transfers, or one and all its candidates, into one parcel.

        :raises UserError: when they cannot leave together
        """
        pickings = self | self.rakuten_candidate_ids if len(self) == 1 else self
        pickings |= pickings.rakuten_bundle_id.picking_ids
        if len(pickings) < 2:
            raise UserError(self.env._("No other open transfer goes to this address."))
        if not all(picking._is_rakuten_bundlable() for picking in pickings) or (
            len({picking._rakuten_bundle_key() for picking in pickings}) > 1
        ):
            raise UserError(
                self.env._(
                    "Only open deliveries of Rakuten orders from one warehouse to one address fit "
                    "into one parcel: %(transfers)s.",
                    transfers=", ".join(pickings.mapped("name")),
                )
            )
        numbers = {picking.carrier_tracking_ref for picking in pickings} - {False}
        if len(numbers) > 1:
            raise UserError(
                self.env._(
                    "These transfers have different tracking numbers already: %(numbers)s.",
                    numbers=", ".join(sorted(numbers)),
                )
            )
        self.check_access("write")
        bundle = self.env["rakuten.bundle"].sudo().create({"company_id": pickings.company_id.id})
        emptied = pickings.sudo().rakuten_bundle_id
        pickings.sudo().rakuten_bundle_id = bundle
        emptied.unlink()
        if numbers:
            pickings.write({"carrier_tracking_ref": numbers.pop()})
        carrier = self[:1].carrier_id or pickings.carrier_id[:1]
        pickings.filtered(lambda p: p.carrier_id != carrier).write({"carrier_id": carrier.id})
        for picking in pickings:
            picking.message_post(
                body=self.env._(
                    "In one parcel with %(transfers)s.",
                    transfers=", ".join((pickings - picking).mapped("name")),
                )
            )

    def action_rakuten_unbundle(self):
        """Undo: each transfer leaves in a parcel of its own again.

        What has left keeps the number it left with; what has not gets a number of its own.
        """
        self.check_access("write")
        bundles = self.rakuten_bundle_id
        pickings = bundles.picking_ids
        pickings.sudo().rakuten_bundle_id = False
        left = pickings.filtered(lambda picking: picking.state == "done")
        shared = {number for p in left for number in split_numbers(p.carrier_tracking_ref)}
        for picking in pickings - left:
            if not left or shared & set(split_numbers(picking.carrier_tracking_ref)):
                picking.carrier_tracking_ref = False
        for picking in pickings:
            picking.message_post(body=self.env._("In a parcel of its own again."))
        bundles.sudo().unlink()

    # === BUSINESS METHODS === #

    def _rakuten_together(self, others):
        return super()._rakuten_together(others) or bool(
            self.rakuten_bundle_id & others.rakuten_bundle_id
        )

    def _is_rakuten_bundlable(self):
        self.ensure_one()
        return (
            self._is_rakuten_delivery()
            and bool(self.rakuten_address_key)
            and self.state not in ("done", "cancel")
        )

    def _rakuten_bundle_key(self):
        """What transfers must have in common to leave in one parcel: one place, one time, one way
        of delivery, and money to collect for all of them or for none."""
        self.ensure_one()
        facts = self._rakuten_facts()
        return (
            self.rakuten_address_key,
            self.picking_type_id,
            facts.cool,
            facts.store,
            facts.drop_off,
            facts.delivery_date,
            facts.delivery_slot,
            facts.cash is None,
        )

    def _rakuten_bundle_reasons(self):
        """A parcel waits for all that goes into it."""
        self.ensure_one()
        if self.state in ("done", "cancel"):
            return []
        held = (self.rakuten_bundle_id.picking_ids - self).filtered("rakuten_held")
        return [
            self.env._("in one parcel with %(transfer)s, which is held", transfer=picking.name)
            for picking in held
        ]
