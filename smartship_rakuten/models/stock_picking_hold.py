from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..rules.shipping import shipping_facts
from .rakuten_order import SHIPPABLE_PROGRESS, SHIPPED_PROGRESS


class StockPicking(models.Model):
    """Why a transfer of a Rakuten order must wait, and how it is let go."""

    _inherit = "stock.picking"  # pylint: disable=consider-merging-classes-inherited

    rakuten_rule_ids = fields.Many2many(
        "rakuten.hold.rule",
        "rakuten_hold_rule_picking_rel",
        compute="_compute_rakuten_rule_ids",
        store=True,
        string="Hold Rules That Apply",
    )
    rakuten_released_rule_ids = fields.Many2many(
        "rakuten.hold.rule",
        "rakuten_hold_rule_released_rel",
        readonly=True,
        string="Released Hold Rules",
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
            rules = self.env["rakuten.hold.rule"].search([("shop_id", "=", shop.id)])
            for picking in pickings:
                if picking.state == "done":
                    # As it was when the goods left.
                    picking.rakuten_rule_ids = picking.rakuten_rule_ids
                    continue
                picking.rakuten_rule_ids = rules.filtered(lambda r, p=picking: r._applies(p))

    @api.depends(
        "state",
        "rakuten_order_id.progress",
        "rakuten_order_id.changed",
        "rakuten_order_id.parcel_ids",
        "rakuten_rule_ids",
        "rakuten_released_rule_ids",
        "rakuten_basket_id",
        "rakuten_order_id.payload",
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
        """Look at Rakuten just before work begins; what is held is not begun."""
        pickings = self._rakuten_check_before_work()
        pickings._check_rakuten_hold()
        return super(StockPicking, pickings).do_print_picking()

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

        :raises AccessError: for others than Rakuten users and stock managers
        :raises UserError: when only Rakuten can let them go
        """
        self.check_access("write")
        user = self.env.user
        shop_keeper = user.has_group("smartship_rakuten.group_user")
        if not shop_keeper and not user.has_group("stock.group_stock_manager"):
            raise AccessError(
                self.env._("Only Rakuten users and inventory administrators release transfers.")
            )
        for picking in self.filtered("rakuten_held"):
            rules = picking.rakuten_rule_ids - picking.rakuten_released_rule_ids
            if rules:
                picking.message_post(
                    body=self.env._(
                        "Released for shipment: %(reasons)s",
                        reasons="; ".join(rules.mapped("name")),
                    )
                )
                picking.rakuten_released_rule_ids |= rules
            if shop_keeper and picking.rakuten_order_id.changed:
                picking.rakuten_order_id.action_release()
            if picking.rakuten_held:
                raise UserError(
                    self.env._(
                        "%(transfer)s cannot be released here.", transfer=picking._hold_sentence()
                    )
                )

    # === BUSINESS METHODS - Hold === #

    def _rakuten_hold_reasons(self):
        """Why this transfer must not be shipped, in the user's language; [] when it may.

        Returns are never held: what came back has to be put away.
        """
        self.ensure_one()
        order = self.rakuten_order_id
        if not order or self.state in ("done", "cancel") or self.move_ids.origin_returned_move_id:
            return []
        reasons = []
        if order.progress in SHIPPED_PROGRESS:
            if not order.parcel_ids and not order.reference and not order.asked_for:
                reasons.append(self.env._("reported at Rakuten by somebody else"))
        elif order.progress != SHIPPABLE_PROGRESS:
            statuses = dict(order._fields["progress"].selection)
            reasons.append(
                self.env._("at Rakuten in status %(status)s", status=statuses[order.progress])
            )
        if order.changed:
            reasons.append(self.env._("changed after the import: %(what)s", what=order.changed))
        facts = shipping_facts(order.sudo().payload, self.rakuten_basket_id)
        if facts.recipient and not facts.complete:
            reasons.append(self.env._("the recipient's address is incomplete"))
        for rule in self.rakuten_rule_ids - self.rakuten_released_rule_ids:
            reasons.append(rule.name)
        return reasons

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
        """As :meth:`_rakuten_check`, but work goes on when Rakuten cannot be asked: that is noted
        on the transfers, and the report of the shipment asks again."""
        begun = self.filtered(lambda p: p.rakuten_order_id and p.state not in ("done", "cancel"))
        if not begun:
            return self
        try:
            return begun._rakuten_check() | (self - begun)
        except UserError as error:
            note = self.env._("Not checked at Rakuten before the work: %(reason)s", reason=error)
            for picking in begun:
                picking.message_post(body=note)
            return self
