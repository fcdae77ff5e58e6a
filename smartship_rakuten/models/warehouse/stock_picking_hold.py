from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ...rules.conditions import of_destination
from ...rules.order import SHIPPABLE_PROGRESS, SHIPPED_PROGRESS
from ...rules.rows import labels
from ...rules.tracking import plain_number
from ..shop.on_write import on_write
from ..shop.one_by_one import one_by_one


class StockPicking(models.Model):
    """Why a transfer of a Rakuten order must wait, and how it is let go."""

    _inherit = "stock.picking"

    rakuten_applied_rule_ids = fields.Many2many(
        "rakuten.rule",
        "rakuten_rule_applied_rel",
        compute="_compute_rakuten_rule_ids",
        store=True,
        string="Rules That Apply",
    )
    rakuten_rule_ids = fields.Many2many(
        "rakuten.rule",
        "rakuten_rule_picking_rel",
        compute="_compute_rakuten_rule_ids",
        store=True,
        string="Rules That Hold",
    )
    rakuten_released_rule_ids = fields.Many2many(
        "rakuten.rule",
        "rakuten_rule_released_rel",
        readonly=True,
        copy=False,
        string="Released Rules",
    )
    rakuten_held = fields.Boolean(
        string="Held",
        compute="_compute_rakuten_held",
        store=True,
        help="Must not be shipped as things are at Rakuten, or by a rule of the shop.",
    )
    rakuten_hold_reason = fields.Char(compute="_compute_rakuten_hold_reason")

    # === COMPUTE === #

    @api.depends(
        "rakuten_shop_id", "rakuten_order_id.payload", "carrier_id", "move_ids.product_id", "state"
    )
    def _compute_rakuten_rule_ids(self):
        for shop, pickings in self.grouped("rakuten_shop_id").items():
            # As it was when the goods left.
            done = pickings.filtered(lambda picking: picking.state == "done")
            for picking in done:
                picking.rakuten_applied_rule_ids = picking.rakuten_applied_rule_ids
                picking.rakuten_rule_ids = picking.rakuten_rule_ids
            rules = shop.sudo()._rules()
            subjects = (pickings - done)._rakuten_rule_subjects(rules)
            orders = self.env["rakuten.order"].sudo().union(*subjects.values())
            applied, broken = rules._applied(orders)
            for picking in pickings - done:
                found = applied.get(subjects.get(picking), rules.browse())
                picking.rakuten_applied_rule_ids = found
                picking.rakuten_rule_ids = found._holding(picking, broken)

    def _rakuten_rule_subjects(self, rules):
        """Each transfer as an order that has its destination and its goods only: by that, rules
        judge it.

        :param rules: rakuten.rule that are to be asked
        :return: dict of transfer to a new rakuten.order
        """
        if not rules:
            return {}
        Order = self.env["rakuten.order"].sudo()
        # What depends on the payload is computed of the destination's; the rest is the order's.
        depends = self.pool.field_depends
        names = [
            name
            for name in {"shop_id", *rules._names()} - {"payload", "product_ids", "weight"}
            if name in Order._fields and depends[Order._fields[name]] != ("payload",)
        ]
        subjects = {}
        for picking in self.sudo():
            order = picking._origin.rakuten_order_id
            products = picking.move_ids.product_id | picking.move_ids.sale_line_id.product_id
            subjects[picking] = Order.new(
                {
                    **{name: order[name] for name in names},
                    "payload": of_destination(order.payload, picking._origin.rakuten_basket_id),
                    "product_ids": [Command.set(products._origin.ids)],
                    "weight": sum(
                        move.product_id.weight * move.product_qty for move in picking.move_ids
                    ),
                }
            )
        return subjects

    @api.depends(
        "state",
        "rakuten_order_id.progress",
        "rakuten_order_id.changed_code",
        "rakuten_order_id.parcel_ids",
        "rakuten_order_id.accepted_rows",
        "rakuten_order_id.check_released",
        "rakuten_rule_ids",
        "rakuten_released_rule_ids",
        "rakuten_basket_id",
        "rakuten_order_id.payload",
        "rakuten_cash_open",
        "carrier_tracking_ref",
    )
    def _compute_rakuten_held(self):
        for picking in self:
            picking.rakuten_held = bool(picking._rakuten_hold_reasons())

    @api.depends("rakuten_held", "rakuten_bundle_id.picking_ids.rakuten_held")
    @api.depends_context("lang")
    def _compute_rakuten_hold_reason(self):
        for picking in self:
            reasons = picking.sudo()._rakuten_hold_reasons() + picking._rakuten_bundle_reasons()
            picking.rakuten_hold_reason = "; ".join(reasons)

    # === OVERRIDES === #

    def do_print_picking(self):
        """Override of `stock` to look at Rakuten just before work begins; what is held is not
        begun."""
        pickings, _unchecked = self._rakuten_check_before_work()
        pickings._check_rakuten_hold()
        # The web client need not ask for the look again.
        looked = pickings.with_context(rakuten_looked=True)
        return super(StockPicking, looked).do_print_picking()

    @on_write("sale_id")
    def _rakuten_on_write_sale(self, vals):
        """Without its sale order nothing holds a transfer: that is not for whom the button does
        not serve."""
        if not self.env.su and self.sudo().rakuten_order_id:
            self._check_rakuten_releaser()
        yield

    @on_write("rakuten_cash_amount")
    def _rakuten_on_write_cash(self, vals):
        """Who says what the carrier collects has decided it, also that it is nothing."""
        yield {**vals, "rakuten_cash_decided": True}

    # === ACTIONS === #

    def action_rakuten_check(self):
        """Read the orders of these transfers again, a hundred a call, and say what is held."""
        pickings = self.filtered("rakuten_order_id")
        if not pickings:
            raise UserError(self.env._("None of these transfers is of a Rakuten order."))
        pickings = pickings._rakuten_check()
        held = pickings.filtered("rakuten_held")
        message = self.env._(
            "%(count)s transfers checked at Rakuten; none is held.", count=len(pickings)
        )
        if held:
            message = self.env._(
                "Checked at Rakuten. Do not ship: %(transfers)s.", transfers=held._hold_sentence()
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": "danger" if held else "success",
                "sticky": bool(held),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_rakuten_release(self):
        """Let transfers go that a rule or a change at Rakuten holds; who did it stays in the log.
        One that only Rakuten can let go stops no other.

        :raises AccessError: for others than Rakuten users and stock managers
        :raises UserError: when only Rakuten can let them go
        """
        self.check_access("write")
        self._check_rakuten_releaser()
        return one_by_one(self.filtered("rakuten_held"), lambda picking: picking._rakuten_release())

    # === BUSINESS METHODS - Hold === #

    def _rakuten_release(self):
        """Let one transfer go, see :meth:`action_rakuten_release`."""
        self.ensure_one()
        order = self.rakuten_order_id
        rules = self.rakuten_rule_ids - self._rakuten_released_rules()
        rows = self._rakuten_foreign_rows()
        reasons = rules.mapped("name") + [row.number or row.detail_id for row in rows]
        if self._rakuten_facts().checked:
            reasons.append(self.env._("Rakuten is checking the order"))
            order.sudo().check_released = True
        if reasons:
            self.message_post(
                body=self.env._("Released for shipment: %(reasons)s", reasons="; ".join(reasons))
            )
            self.sudo().rakuten_released_rule_ids |= rules
            order.sudo()._accept_rows(rows)
        if order.changed and self.env.user.has_group("smartship_rakuten.group_user"):
            order.action_release()
        if self.rakuten_held:
            raise UserError(
                self.env._("%(transfer)s cannot be released here.", transfer=self._hold_sentence())
            )

    @api.model
    def _check_rakuten_releaser(self):
        """:raises AccessError: for who may not let transfers go"""
        user = self.env.user
        if not user.has_group("smartship_rakuten.group_user") and not user.has_group(
            "stock.group_stock_manager"
        ):
            raise AccessError(
                self.env._("Only Rakuten users and inventory administrators release transfers.")
            )

    def _rakuten_hold_reasons(self):
        """Why this transfer must not be shipped, in the user's language; [] when it may.

        Returns are never held: what came back has to be put away. What goes out again is.
        """
        self.ensure_one()
        order = self.rakuten_order_id
        if not order or self.state in ("done", "cancel"):
            return []
        if self.move_ids.origin_returned_move_id and not self._is_rakuten_delivery():
            return []
        reasons = []
        foreign = self._rakuten_foreign_rows()
        if foreign:
            reasons.append(
                self.env._(
                    "Rakuten has another tracking number (%(numbers)s)",
                    numbers=", ".join(row.number or "–" for row in foreign),
                )
            )
        if order.progress in SHIPPED_PROGRESS:
            # Without a row nobody knows who has shipped it. With that of a label that a person has
            # decided on, Rakuten closes the shipment at midnight, before the goods leave.
            known = order.parcel_ids or order.asked_for or self._rakuten_labels()
            if not foreign and not known:
                reasons.append(self.env._("reported at Rakuten by somebody else"))
        elif order.progress != SHIPPABLE_PROGRESS:
            statuses = dict(order._fields["progress"].selection)
            reasons.append(
                self.env._("at Rakuten in status %(status)s", status=statuses[order.progress])
            )
        if order.changed:
            reasons.append(self.env._("changed after the import: %(what)s", what=order.changed))
        facts = self._rakuten_facts()
        if not facts.complete and self.rakuten_basket_id and not order.personal_data_removed:
            reasons.append(self.env._("the recipient's address is incomplete"))
        if facts.checked and not order.check_released:
            reasons.append(self.env._("Rakuten is checking the order"))
        if self.rakuten_cash_open and self._is_rakuten_delivery():
            reasons.append(
                self.env._("the order leaves in several parcels: enter the cash to collect")
            )
        for rule in self.rakuten_rule_ids - self._rakuten_released_rules():
            reasons.append(rule.problem or rule.name)
        return reasons

    def _rakuten_released_rules(self):
        """Rules that somebody has let the goods go by: here, or at another step of theirs."""
        self.ensure_one()
        steps = self.sale_id.picking_ids.filtered(
            lambda p: p.rakuten_basket_id == self.rakuten_basket_id and p.state != "cancel"
        )
        # Each for itself: a union would lose the other transfers that are read along.
        return self.rakuten_released_rule_ids | steps.rakuten_released_rule_ids

    def _rakuten_labels(self):
        """Rows at Rakuten for this destination that have a tracking number.

        :rtype: list[..rules.rows.ShippingRow]
        """
        self.ensure_one()
        rows = labels(self.sudo().rakuten_order_id.payload)
        return [row for row in rows if row.basket_id == self.rakuten_basket_id]

    def _rakuten_foreign_rows(self):
        """Rows at Rakuten for this destination that nobody here knows of: somebody has reported
        the goods by another way, and they must not leave twice.

        :rtype: list[..rules.rows.ShippingRow]
        """
        self.ensure_one()
        order, rows = self.sudo().rakuten_order_id, self._rakuten_labels()
        if not rows:
            return []
        parcels = order.with_context(active_test=False).parcel_ids
        known = set((order.accepted_rows or "").split(",")) | set(
            parcels.mapped("shipping_detail_id")
        )
        numbers = {plain_number(number) for number in parcels.mapped("tracking_number")}
        numbers |= {
            plain_number((values or {}).get("shippingNumber"))
            for parcel in parcels
            for values in (parcel.sent_values, parcel.rakuten_values)
        }
        numbers |= set(map(plain_number, self._rakuten_numbers()))
        return [
            row
            for row in rows
            if row.detail_id not in known and plain_number(row.number) not in numbers - {""}
        ]

    def _hold_sentence(self):
        return ", ".join(f"{picking.name} ({picking.rakuten_hold_reason})" for picking in self)

    def _check_rakuten_hold(self):
        """:raises UserError: naming the held transfers and the reasons"""
        held = self.filtered(lambda picking: picking.rakuten_hold_reason)
        if held:
            raise UserError(
                self.env._("Do not ship: %(transfers)s.", transfers=held._hold_sentence())
            )

    # === BUSINESS METHODS - Looking at Rakuten === #

    def _rakuten_check(self):
        """Read the orders of these transfers again.

        A change that Odoo can follow by itself replaces a transfer by a new one.

        :return: the transfers to work on
        :raises UserError: when Rakuten cannot be asked
        """
        pickings = self.filtered("rakuten_order_id").sudo()
        orders = pickings.rakuten_order_id
        places = {
            picking: (picking.sale_id, picking.rakuten_basket_id, picking.picking_type_id)
            for picking in pickings
        }
        for shop, shop_orders in orders.grouped("shop_id").items():
            shop.with_user(self.env.user)._run("check", shop_orders.ids)
        self.env.invalidate_all()
        gone = pickings.filtered(lambda picking: picking.state == "cancel")
        lost = {places[picking] for picking in gone}
        replaced = orders.sale_order_id.picking_ids.filtered(
            lambda picking: (
                picking.state not in ("done", "cancel")
                and (picking.sale_id, picking.rakuten_basket_id, picking.picking_type_id) in lost
            )
        )
        return self.browse((self - gone).ids + replaced.ids)

    def _rakuten_check_before_work(self):
        """As :meth:`_rakuten_check`, but work goes on where Rakuten cannot be asked: that is noted
        on the transfers, and the report of the shipment asks again.

        :return: (the transfers, those that Rakuten has cancelled among them; those of them that
            could not be checked)
        :raises UserError: when nothing is left but what is cancelled
        """
        begun = self.filtered(lambda p: p.rakuten_order_id and p.state not in ("done", "cancel"))
        checked, unchecked = self - begun, self.browse()
        # As it is now: what is replaced belongs to no destination afterwards.
        places = {p: (p.rakuten_order_id, p.rakuten_basket_id) for p in begun}
        for pickings in begun.grouped("rakuten_shop_id").values():
            try:
                found = pickings._rakuten_check()
            except UserError as error:
                note = self.env._(
                    "Not checked at Rakuten before the work: %(reason)s", reason=error
                )
                for picking in pickings:
                    picking.message_post(body=note)
                unchecked |= pickings
                continue
            checked |= found
            # What was not replaced is shown as cancelled, so that nobody misses it.
            known = {(p.rakuten_order_id, p.rakuten_basket_id) for p in found}
            checked |= pickings.filtered(
                lambda p, known=known: p.state == "cancel" and places[p] not in known
            )
        cancelled = begun.filtered(lambda picking: picking.state == "cancel")
        if begun and not (checked | unchecked) - cancelled:
            raise UserError(
                self.env._(
                    "Cancelled at Rakuten, do not ship: %(transfers)s.",
                    transfers=", ".join(cancelled.mapped("name")),
                )
            )
        return checked | unchecked, unchecked
