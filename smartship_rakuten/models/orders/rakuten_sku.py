import operator

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..shop.on_write import on_write
from .rakuten_order_import import LACKING_PRODUCT

#: What the number of waiting orders can be searched by.
COMPARE = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "in": lambda count, values: count in values,
}


class RakutenSku(models.Model):
    """Which orders wait for a SKU."""

    _inherit = "rakuten.sku"

    waiting_order_ids = fields.Many2many(
        "rakuten.order",
        "rakuten_order_lacking_sku_rel",
        "sku_id",
        "order_id",
        string="Orders That Wait for It",
        readonly=True,
        copy=False,
        groups="smartship_rakuten.group_user",
    )
    waiting_order_count = fields.Integer(
        string="Orders Waiting",
        compute="_compute_waiting_order_count",
        search="_search_waiting_order_count",
        compute_sudo=True,
        help="Orders that need this SKU's product before they can be imported.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        skus = super().create(vals_list)
        skus._import_waiting()
        return skus

    @on_write("product_code", "product_id", "manage_number", "variant_id", "name", "option_text")
    def _on_write_import_waiting(self, vals):
        yield
        self._import_waiting()

    def _import_waiting(self):
        """Import the orders that wait for these SKUs, as far as they have products."""
        mapped = self.sudo().filtered(lambda sku: sku.mapping_state != "unmapped")
        if not mapped:
            return
        # Without a key they are found by name, also in place of a SKU that an order waits for.
        by_name = mapped.filtered(lambda sku: not (sku.manage_number and sku.variant_id)).shop_id

        def concerns(order):
            return order.shop_id in by_name or order.lacking_sku_ids & mapped

        self.env["rakuten.order"]._after_mending(LACKING_PRODUCT, concerns)

    @api.depends("waiting_order_ids")
    def _compute_waiting_order_count(self):
        waiting = dict(
            self.env["rakuten.order"]._read_group(
                [("lacking_sku_ids", "in", self.ids)], ["lacking_sku_ids"], ["__count"]
            )
        )
        for sku in self:
            sku.waiting_order_count = waiting.get(sku._origin, 0)

    @api.model
    def _search_waiting_order_count(self, comparison, value):
        """Also for those who may not read the orders: they see the number, too."""
        if comparison not in COMPARE:
            return NotImplemented
        fits = COMPARE[comparison]
        waited_for = (
            self.env["rakuten.order"]
            .sudo()
            ._read_group([("lacking_sku_ids", "!=", False)], ["lacking_sku_ids"], ["__count"])
        )
        # What nobody waits for is not among them.
        rest = fits(0, value)
        ids = [sku.id for sku, count in waited_for if fits(count, value) != rest]
        return Domain("id", "not in" if rest else "in", ids)

    @api.model
    def _without_product(self):
        return super()._without_product() | Domain("waiting_order_count", ">", 0)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Override of `base` to put SKUs in the order of how many orders wait for them. The number
        is not stored: who works on a SKU would lock out who works on its orders."""
        if field_name != "waiting_order_count":
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        relation = self._fields["waiting_order_ids"].relation
        waiting = query.make_alias(alias, field_name)
        query.add_join(
            "LEFT JOIN",
            waiting,
            SQL(
                "(SELECT sku_id, COUNT(*) AS orders FROM %s GROUP BY sku_id)",
                SQL.identifier(relation),
            ),
            SQL("%s = %s", SQL.identifier(waiting, "sku_id"), SQL.identifier(alias, "id")),
        )
        orders = SQL("COALESCE(%s, 0)", SQL.identifier(waiting, "orders"))
        query._order_groupby.append(orders)
        return SQL("%s %s %s", orders, direction, nulls)

    # === ACTIONS === #

    def action_import_waiting(self):
        """Try the orders again whose SKUs are on the screen, whether or not all have products."""
        orders = self.env["rakuten.order"].browse(self.env.context.get("rakuten_order_ids", ()))
        return orders.exists().action_retry()
