from odoo import api, fields, models
from odoo.fields import Domain

from ...rules import japan, shipping
from ..orders.goods import in_few_words

#: Transfers that wait to leave the warehouse.
WAITING_STATES = ("waiting", "confirmed", "assigned")


class StockPicking(models.Model):
    """What staff have to know of a Rakuten order, beside the goods.

    What lists filter by is stored; the rest, personal data above all, is read from the order.
    """

    _inherit = "stock.picking"

    rakuten_delivery_date = fields.Date(
        string="Delivery Wish", compute="_compute_rakuten_stored", store=True, help="お届け日指定"
    )
    rakuten_delivery_slot = fields.Char(
        string="Delivery Time", compute="_compute_rakuten_stored", store=True, help="お届け時間帯"
    )
    rakuten_ship_by = fields.Date(
        string="Ship By",
        compute="_compute_rakuten_stored",
        store=True,
        index=True,
        help="Day in Japan on which the parcel has to leave, by the delivery wish or by the days "
        "that the shop takes to ship.",
    )
    rakuten_leave_date = fields.Date(
        string="To Leave By",
        compute="_compute_rakuten_leave_date",
        help="発送期限 of an order of Rakuten, the scheduled date of others.",
    )
    rakuten_goods = fields.Char(
        string="Items", compute="_compute_rakuten_goods", help="What is in it, in a few words."
    )
    rakuten_pick_list = fields.Text(
        string="To Pick",
        compute="_compute_rakuten_pick_list",
        help="Each product on a line of its own, with its place: for the first screen of a phone.",
    )
    rakuten_due = fields.Selection(
        [("today", "Today"), ("late", "Late")],
        string="Due",
        compute="_compute_rakuten_due",
        search="_search_rakuten_due",
        help="Whether an open transfer that nothing holds has to leave today, by the day in Japan, "
        "or should have left.",
    )
    rakuten_cool = fields.Char(
        string="Cool", compute="_compute_rakuten_stored", store=True, help="冷蔵 or 冷凍"
    )
    rakuten_gift = fields.Boolean(
        string="Gift",
        compute="_compute_rakuten_stored",
        store=True,
        help="A gift wish, or a recipient who is not the buyer: no prices go into the parcel.",
    )
    rakuten_remote_island = fields.Boolean(
        string="Remote Island", compute="_compute_rakuten_stored", store=True, help="離島"
    )
    rakuten_address_key = fields.Char(
        compute="_compute_rakuten_stored",
        store=True,
        index="btree_not_null",
        help="Digest of the address, equal however it was typed.",
    )
    rakuten_recipient = fields.Char(
        string="Recipient", compute="_compute_rakuten_facts", compute_sudo=True
    )
    rakuten_address = fields.Char(
        string="Recipient's Address", compute="_compute_rakuten_facts", compute_sudo=True
    )
    rakuten_noshi = fields.Char(
        string="Noshi", compute="_compute_rakuten_facts", compute_sudo=True, help="のし"
    )
    rakuten_wrapping = fields.Char(
        string="Wrapping", compute="_compute_rakuten_facts", compute_sudo=True, help="ラッピング"
    )
    rakuten_drop_off = fields.Char(
        string="Drop-Off Place", compute="_compute_rakuten_facts", compute_sudo=True, help="置き配"
    )
    rakuten_store = fields.Char(
        string="Kept at", compute="_compute_rakuten_facts", compute_sudo=True, help="受取店舗"
    )
    rakuten_delivery_name = fields.Char(
        string="Delivery Method",
        compute="_compute_rakuten_facts",
        compute_sudo=True,
        help="配送方法",
    )
    rakuten_remarks = fields.Text(
        string="Remarks", compute="_compute_rakuten_facts", compute_sudo=True, help="備考"
    )
    rakuten_cash = fields.Integer(
        string="Cash on Delivery",
        compute="_compute_rakuten_cash",
        compute_sudo=True,
        help="代引: what the carrier collects, in yen.",
    )
    rakuten_cash_decided = fields.Boolean(copy=False, readonly=True)
    rakuten_cash_amount = fields.Integer(
        string="Cash to Collect",
        copy=False,
        help="代引 of an order that leaves in several transfers: what the carrier collects with "
        "this one, in yen. Somebody has to say it, or the buyer would pay twice.",
    )
    rakuten_cash_open = fields.Boolean(
        compute="_compute_rakuten_cash",
        compute_sudo=True,
        help="Nobody has said yet what the carrier collects with this transfer.",
    )

    # === COMPUTE === #

    def _rakuten_facts(self):
        """What the order says of this transfer's destination: read once by whoever needs it, and
        handed on. Nothing for a form that names an order which the transfer was not saved with.

        :rtype: ..rules.shipping.ShippingFacts
        """
        self.ensure_one()
        picking = self._origin.sudo()
        return shipping.shipping_facts(picking.rakuten_order_id.payload, picking.rakuten_basket_id)

    @api.depends("rakuten_order_id.payload", "rakuten_basket_id", "picking_type_id")
    def _compute_rakuten_stored(self):
        """Not by the shop's days: a change of them looks at open transfers only
        (:meth:`..rakuten_shop.RakutenShop.write`)."""
        for picking in self:
            facts = picking._rakuten_facts()
            shop = picking.rakuten_shop_id
            picking.rakuten_delivery_date = facts.delivery_date
            picking.rakuten_delivery_slot = facts.delivery_slot
            # What has left was late or not by the day that it had then. What the buyer sends back
            # is in no hurry.
            if not (picking.state == "done" and picking.rakuten_ship_by):
                leaves = picking.picking_type_code != "incoming"
                picking.rakuten_ship_by = leaves and shipping.ship_by(
                    facts, **shop._shipping_days()
                )
            picking.rakuten_cool = facts.cool
            picking.rakuten_gift = facts.gift
            picking.rakuten_remote_island = facts.remote_island
            picking.rakuten_address_key = shipping.address_digest(facts) or False

    @api.depends("rakuten_ship_by", "scheduled_date")
    def _compute_rakuten_leave_date(self):
        """The scheduled date is the end of this day (:meth:`..rakuten_shop.RakutenShop._plan`)."""
        for picking in self:
            planned = picking.scheduled_date
            picking.rakuten_leave_date = picking.rakuten_ship_by or (planned and japan.day(planned))

    def _order_field_to_sql(self, alias, field_expr, direction, nulls, query):
        """Override of `base` to sort by the day by which goods have to leave as Odoo plans."""
        if field_expr == "rakuten_leave_date":
            field_expr = "scheduled_date"
        return super()._order_field_to_sql(alias, field_expr, direction, nulls, query)

    @api.depends("move_ids.product_id", "move_ids.product_uom_qty", "move_ids.state")
    @api.depends_context("lang")
    def _compute_rakuten_goods(self):
        for picking in self:
            moves = picking.move_ids.filtered(lambda move: move.state != "cancel")
            quantities = {
                product.display_name: sum(own.mapped("product_uom_qty"))
                for product, own in moves.grouped("product_id").items()
            }
            picking.rakuten_goods = in_few_words(self.env, quantities)

    @api.depends(
        "move_ids.product_id",
        "move_ids.product_uom_qty",
        "move_ids.quantity",
        "move_ids.state",
        "move_line_ids.location_id",
    )
    @api.depends_context("lang")
    def _compute_rakuten_pick_list(self):
        for picking in self:
            lines = []
            for move in picking.move_ids.filtered(lambda move: move.state != "cancel"):
                quantity = move.quantity if move.state == "done" else move.product_uom_qty
                places = move.move_line_ids.location_id or move.location_id
                lines.append(
                    f"{quantity:g} × {move.product_id.display_name}"
                    f"\n{'、'.join(places.mapped('complete_name'))}"
                )
            picking.rakuten_pick_list = "\n".join(lines)

    @api.depends("rakuten_ship_by", "rakuten_held", "state")
    def _compute_rakuten_due(self):
        today = japan.today()
        for picking in self:
            waits = picking.state in WAITING_STATES and not picking.rakuten_held
            day = waits and picking.rakuten_ship_by
            picking.rakuten_due = day and (
                "late" if day < today else "today" if day == today else False
            )

    @api.model
    def _search_rakuten_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = japan.today()
        leaving = Domain("rakuten_held", "=", False) & Domain("state", "in", WAITING_STATES)
        domains = {
            "today": leaving & Domain("rakuten_ship_by", "=", today),
            "late": leaving & Domain("rakuten_ship_by", "<", today),
            False: ~(leaving & Domain("rakuten_ship_by", "<=", today)),
        }
        return Domain.OR(domains[due] for due in value)

    @api.depends(
        "rakuten_order_id.payload",
        "rakuten_cash_decided",
        "rakuten_cash_amount",
        "rakuten_order_id.picking_ids.state",
    )
    def _compute_rakuten_cash(self):
        for picking in self:
            facts = picking._rakuten_facts()
            cash = facts.cash
            decided = picking.rakuten_cash_decided
            picking.rakuten_cash_open = (
                cash is not None and not decided and not picking._carries_rakuten_order(facts)
            )
            if decided:
                picking.rakuten_cash = picking.rakuten_cash_amount
            else:
                picking.rakuten_cash = 0 if picking.rakuten_cash_open else cash or 0

    def _carries_rakuten_order(self, facts):
        """Whether this transfer is the only one that takes the order's goods to anybody.

        :param facts: of :meth:`_rakuten_facts`
        """
        self.ensure_one()
        order = self.sudo().rakuten_order_id
        others = order._deliveries() - self if self._is_rakuten_delivery() else self.browse()
        others = others.filtered(lambda picking: not picking._is_rakuten_returned())
        return not others and facts.destinations <= 1

    @api.depends("rakuten_order_id.payload", "rakuten_basket_id")
    def _compute_rakuten_facts(self):
        for picking in self:
            facts = picking._rakuten_facts()
            picking.rakuten_recipient = facts.recipient
            picking.rakuten_address = " ".join(filter(None, (facts.zip_code, facts.address)))
            picking.rakuten_noshi = facts.noshi
            picking.rakuten_wrapping = facts.wrapping
            picking.rakuten_drop_off = facts.drop_off
            picking.rakuten_store = facts.store
            picking.rakuten_delivery_name = facts.delivery_name
            picking.rakuten_remarks = facts.remarks
