from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import LazyTranslate

from ...rules import japan
from ...rules.reservation import fixed_delivery, read_deliveries
from ..shop.rakuten_guard import unmarked
from ..shop.sentences import declare_sentences
from ..shop.text import storable

_lt = LazyTranslate(__name__)

declare_sentences({"step.reservations": _lt("Reading the reservation")})

#: What is settled is kept so long.
KEEP_DAYS = 90
#: Fields that a reading may change.
READ = (
    "kind status cycle applied_at delivery_date fix_date release_date item_name option_text sku_id "
    "units amount state"
).split()


class RakutenReservation(models.Model):
    """A delivery of 定期購入, 頒布会 or 予約 that somebody has applied for (申込), until Rakuten
    makes an order of it (RMS API section 8.3).

    Of the buyer nothing is kept: he comes with the order.
    """

    _name = "rakuten.reservation"
    _description = "Rakuten Reservation"
    _inherit = "rakuten.system.fields"
    _order = "delivery_date, name, delivery"
    _check_company_auto = True

    shop_id = fields.Many2one(
        "rakuten.shop", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    name = fields.Char(string="Reservation Number", required=True, readonly=True, help="申込番号")
    delivery = fields.Integer(
        string="Delivery No.", required=True, readonly=True, aggregator=None, help="お届け回"
    )
    kind = fields.Selection(
        [("1", "Subscription"), ("2", "Buying Club"), ("3", "Reservation")],
        readonly=True,
        help="定期購入, 頒布会, 予約",
    )
    state = fields.Selection(
        [
            ("open", "Not Fixed Yet"),
            ("fixed", "Has Become an Order"),
            ("gone", "Not Listed Any More"),
        ],
        required=True,
        default="open",
        readonly=True,
        index=True,
        help="What is not listed any more was taken back, is on hold at Rakuten, or has become an "
        "order that was not read yet.",
    )
    status = fields.Char(
        string="Status at Rakuten", readonly=True, help="申込ステータス, as the shop calls it."
    )
    cycle = fields.Char(string="Delivery Cycle", readonly=True, help="お届けサイクル")
    applied_at = fields.Datetime(string="Applied On", readonly=True, help="申込日時")
    delivery_date = fields.Date(
        string="Expected Delivery", readonly=True, index=True, help="お届け予定日"
    )
    fix_date = fields.Date(
        string="Becomes an Order On",
        readonly=True,
        help="注文確定日: when Rakuten makes an order of it.",
    )
    release_date = fields.Date(readonly=True, help="発売日")
    item_name = fields.Char(readonly=True, help="商品名")
    option_text = fields.Text(string="Options", readonly=True, help="SKU情報")
    sku_id = fields.Many2one(
        "rakuten.sku",
        string="SKU",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
    )
    product_id = fields.Many2one(related="sku_id.product_id", store=True)
    units = fields.Integer(readonly=True, help="個数")
    amount = fields.Monetary(
        readonly=True, help="合計金額 of this delivery, whole yen; 0 while it is not determined."
    )
    order_id = fields.Many2one(
        "rakuten.order", readonly=True, check_company=True, index="btree_not_null"
    )

    _delivery_uniq = models.Constraint(
        "UNIQUE(shop_id, name, delivery)", "A delivery of a reservation is in the list once."
    )

    @api.depends("name", "delivery")
    def _compute_display_name(self):
        for reservation in self:
            reservation.display_name = f"{reservation.name} ({reservation.delivery})"

    def action_open_order(self):
        self.ensure_one()
        return self.order_id.get_formview_action()

    # === BUSINESS METHODS === #

    @api.model
    def _read_from_rakuten(self, shop, client):
        """Bring the reservations of a shop in line with what Rakuten lists.

        :return: how many deliveries are not fixed
        :raises RmsError: nothing that was known is taken for gone
        """
        listed, whole = {}, True
        # All that RMS allows, as every delivery has its expected day; a day less at either end, as
        # it may be midnight meanwhile.
        start, end = japan.today() - timedelta(days=364), japan.today() + timedelta(days=363)
        for page in client.reserve_info_list(start=start, end=end):
            whole = whole and not page.broken
            for entry in page.reservations:
                deliveries, readable = read_deliveries(entry)
                whole = whole and readable
                listed |= {(one.number, one.delivery): one for one in deliveries}
        shop._guard(
            list(listed.values()),
            lambda part: self._keep(shop, part),
            step="step.reservations",
            mark=unmarked,
            name=lambda one: one.number,
            most=200,
        )
        opened = self.search([("shop_id", "=", shop.id), ("state", "=", "open")])
        if whole:
            gone = opened.filtered(lambda row: (row.name, row.delivery) not in listed)
            gone.state = "gone"
            gone._after_reading()
        return len(opened.filtered(lambda row: row.state == "open"))

    @api.model
    def _keep(self, shop, deliveries):
        """Record deliveries as Rakuten lists them.

        :param list deliveries: ..rules.reservation.Delivery
        """
        matches = self.env["rakuten.sku"]._match(shop, {one.item for one in deliveries})
        known = {
            (row.name, row.delivery): row
            for row in self.search(
                [
                    ("shop_id", "=", shop.id),
                    ("name", "in", [one.number for one in deliveries]),
                ]
            )
        }
        to_create, changed = [], self.browse()
        for one in deliveries:
            vals = self._prepare_vals(one, matches[one.item])
            row = known.get((one.number, one.delivery))
            if not row:
                to_create.append(
                    {
                        **vals,
                        "shop_id": shop.id,
                        "name": storable(one.number),
                        "delivery": one.delivery,
                    }
                )
                continue
            now = row._convert_to_write({name: row[name] for name in READ})
            if any((now[name] or False) != (vals[name] or False) for name in READ):
                row.write(vals)
                changed |= row
        (changed | self.create(to_create))._after_reading()

    @api.model
    def _prepare_vals(self, one, sku):
        return {
            "kind": one.kind or False,
            "status": storable(one.status),
            "cycle": storable(one.cycle),
            "applied_at": one.applied_at,
            "delivery_date": one.delivery_date,
            "fix_date": one.fix_date,
            "release_date": one.release_date,
            "item_name": storable(one.item.name),
            "option_text": storable(one.item.option_text),
            "sku_id": False if isinstance(sku, str) else sku._origin.id,
            "units": one.item.units,
            "amount": one.amount or 0,
            "state": "open",
        }

    def _after_reading(self):
        """Hook: these reservations are new, have changed, or are not open any more."""

    @api.model
    def _close_fixed(self, shop, payloads, orders):
        """Reservations that have become these orders are not expected any more.

        :param list payloads: getOrder orders
        :param orders: the rakuten.order of them
        """
        fixed = {
            delivery: payload.get("orderNumber")
            for payload in payloads
            if (delivery := fixed_delivery(payload))
        }
        if not fixed:
            return
        rows = self.search(
            [
                ("shop_id", "=", shop.id),
                ("name", "in", [number for number, _delivery in fixed]),
                ("order_id", "=", False),
            ]
        )
        by_number = {order.name: order for order in orders}
        closed = self.browse()
        for row in rows:
            order = by_number.get(fixed.get((row.name, row.delivery)))
            if order:
                row.write({"state": "fixed", "order_id": order.id})
                closed |= row
        closed._after_reading()

    @api.autovacuum
    def _gc_reservations(self):
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.sudo().search([("state", "!=", "open"), ("write_date", "<", limit)]).unlink()
