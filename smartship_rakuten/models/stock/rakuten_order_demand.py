from collections import Counter

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from ...rules import order as rules
from ...rules.order import count_lines
from ...rules.payload import OrderProblem
from ..shop.on_write import on_write
from ..shop.sentences import declare_sentences

_lt = LazyTranslate(__name__)

declare_sentences({"step.demand": _lt("Counting what the order needs")})

#: Rakuten has taken the goods off its stock, and Odoo has no sale order that shows it.
OPEN_STATES = ("waiting", "todo", "blocked")
#: Orders whose payloads are held at a time.
ORDERS_IN_MEMORY = 100


class RakutenOrderDemand(models.Model):
    """Units that an order of Rakuten without a sale order needs.

    Counted once, when the order comes or changes, so that a stock push adds up a few rows instead
    of reading payloads. What a SKU consists of is looked up when it is added up, so a mapping may
    change meanwhile.
    """

    _name = "rakuten.order.demand"
    _description = "Rakuten Demand"
    _inherit = "rakuten.system.fields"
    _log_access = False

    order_id = fields.Many2one("rakuten.order", required=True, index=True, ondelete="cascade")
    sku_id = fields.Many2one("rakuten.sku", index=True, ondelete="cascade")
    product_id = fields.Many2one(
        "product.product",
        index=True,
        ondelete="cascade",
        help="What a free option (項目選択肢) brings, or an item in its form from before the SKU "
        "migration.",
    )
    units = fields.Integer(required=True)

    def _by_product(self):
        """:return: Counter of product to units"""
        demand = Counter()
        for row in self:
            parts = row.sku_id._components() if row.sku_id else [(row.product_id, 1)]
            for product, units in parts:
                demand[product] += row.units * units
        return demand


class RakutenOrder(models.Model):
    """What the orders need that Odoo has no sale order for."""

    _inherit = "rakuten.order"

    demand_ids = fields.One2many("rakuten.order.demand", "order_id", readonly=True)
    demand_counted = fields.Boolean(
        readonly=True,
        copy=False,
        help="The products of this payload are counted for the stock, as far as they are known.",
    )
    demand_lacks_product = fields.Boolean(
        readonly=True, copy=False, help="An item was not counted, because it has no product yet."
    )

    _open_by_shop = models.Index("(shop_id) WHERE state IN ('waiting', 'todo', 'blocked')")

    @on_write("payload")
    def _on_write_demand(self, vals):
        yield {"demand_counted": False, **vals}

    @on_write("problem_code")
    def _on_write_demand_taken(self, vals):
        """What a sale order of somebody else takes counts once as long as the order is held for it,
        see :meth:`_taken_demand`."""
        held = self.filtered(lambda order: order.problem_code == "exists_already")
        yield
        holding = self.filtered(lambda order: order.problem_code == "exists_already")
        changed = ((held | holding) - (held & holding)).demand_ids
        self.env["rakuten.stock.change"]._mark(
            self.env["product.product"].union(*changed._by_product())
        )

    @api.model
    def _count_demand(self, shop, *, again=False):
        """Bring the demand of a shop up to date: count what is new or has changed, forget what has
        become a sale order or was cancelled, and mark the products that are concerned.

        Whoever calls works for this shop alone.

        :param bool again: count orders with an item that nobody knew a product for once more, as
            it may have been mapped since
        """
        stale = Domain("demand_counted", "=", False)
        if again:
            stale |= Domain("demand_lacks_product", "=", True)
        # Each half begins with a few rows. Said as one condition with an "or", PostgreSQL reads all
        # orders that the shop ever had, and looks for the demand of each.
        counting = self._search(
            Domain("shop_id", "=", shop.id) & Domain("state", "in", OPEN_STATES) & stale
        )
        closed = self.env["rakuten.order.demand"]._search(
            [("order_id.shop_id", "=", shop.id), ("order_id.state", "not in", OPEN_STATES)]
        )
        halves = SQL(
            "%s UNION %s",
            counting.select(),
            closed.select(SQL.identifier(closed.table, "order_id")),
        )
        concerned = self.search(
            Domain.custom(
                to_sql=lambda _model, alias, _query: SQL(
                    "%s IN (%s)", SQL.identifier(alias, "id"), halves
                )
            )
        )
        if not concerned:
            return
        shop._guard(
            concerned,
            lambda part: part._update_demand(shop),
            step="step.demand",
            mark=type(concerned)._mark_failure,
            weigh=lambda order: count_lines(order.payload),
            most=ORDERS_IN_MEMORY,
        )

    def _update_demand(self, shop):
        """Count these orders of a shop, whose demand was counted before or is not any more."""
        orders = self.filtered(lambda order: order.state in OPEN_STATES)
        gone = self.demand_ids
        before = gone._by_product()
        gone.unlink()
        # Whoever is taken up again is counted again.
        (self - orders).demand_counted = False
        after = orders._count(shop)._by_product()
        products = {p for p in before.keys() | after.keys() if before[p] != after[p]}
        self.env["rakuten.stock.change"]._mark(self.env["product.product"].union(*products))

    def _count(self, shop):
        """:return: rakuten.order.demand of these orders of a shop"""
        items, lacking = {}, self.browse()
        for order in self:
            try:
                items[order] = rules.parse_items(order.payload)
            except OrderProblem:
                # What cannot be read cannot be counted; the order is shown as unreadable.
                continue
        every = [item for order_items in items.values() for item in order_items]
        matches = self.env["rakuten.sku"]._match(shop, every) if every else {}
        options = shop._options() if any(item.choice for item in every) else {}
        rows = []
        for order, order_items in items.items():
            for item in order_items:
                rows += order._prepare_demand(item, matches[item], options)
            if any(isinstance(matches[item], str) for item in order_items):
                lacking |= order
        lacking.demand_lacks_product = True
        (self - lacking).filtered("demand_lacks_product").demand_lacks_product = False
        self.demand_counted = True
        return self.env["rakuten.order.demand"].create(rows)

    def _prepare_demand(self, item, sku, options):
        """:return: list of values of ``rakuten.order.demand``"""
        rows = []
        if not isinstance(sku, str):
            if sku.id:
                rows.append({"sku_id": sku.id, "units": item.units})
            else:
                # Found by a rule that is not kept: before the SKU migration.
                rows += [
                    {"product_id": product.id, "units": item.units * units}
                    for product, units in sku._components()
                ]
        rows += [
            {"product_id": option.product_id.id, "units": item.units * option.quantity}
            for option in self._chosen(item, options)
        ]
        return [{**row, "order_id": self.id} for row in rows]

    @api.model
    def _open_demand(self, shops, products):
        """Units of products in orders that Rakuten has taken and Odoo has no sale order for.

        :return: Counter of product to units
        """
        rows = self.env["rakuten.order.demand"].search(
            [
                ("order_id.shop_id", "in", shops.ids),
                ("order_id.state", "in", OPEN_STATES),
                "|",
                "|",
                ("product_id", "in", products.ids),
                ("sku_id.product_id", "in", products.ids),
                ("sku_id.component_ids.product_id", "in", products.ids),
            ]
        )
        return rows._by_product()

    @api.model
    def _taken_demand(self, shop, shops):
        """Units of the open demand that a figure of Odoo's does not show any more: they are for
        orders that a sale order of somebody else was made for, which has reserved or shipped them.

        :param shop: whose figure it is
        :param shops: rakuten.shop whose orders count
        :return: Counter of product to units, the parts of kits instead of the kits
        """
        taken = Counter()
        held = self.search(
            [
                ("shop_id", "in", shops.ids),
                ("state", "=", "blocked"),
                ("problem_code", "=", "exists_already"),
                ("demand_ids", "!=", False),
            ]
        )
        for company, orders in held.grouped("company_id").items():
            is_counted = shop._counts_stock_in()
            found = self.env["sale.order"]._rakuten_find_by_number(company, orders.mapped("name"))
            for order in orders.filtered(lambda order, found=found: order.name in found):
                demand, needs, gone = order.demand_ids._by_product(), Counter(), Counter()
                parts = self.env["product.product"].union(*demand)._rakuten_parts(company)
                for product, units in demand.items():
                    for part, number in parts[product]:
                        needs[part] += units * number
                for move in found[order.name].order_line.move_ids:
                    gone[move.product_id] += move._rakuten_units_off(shop.stock_kind, is_counted)
                taken += needs & gone
        return taken
