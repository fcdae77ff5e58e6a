from odoo import api, models

from .batch import batch_of


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _get_custom_move_fields(self):
        """Override of `stock` to pass the destination on to the moves of a rule."""
        return [*super()._get_custom_move_fields(), "rakuten_basket_id"]

    @api.model
    def _search_rule_for_warehouses(
        self, route_ids, packaging_uom_id, product_id, warehouse_ids, domain
    ):
        """Override of `stock` to look once a batch for the rules of the same routes."""
        batch = batch_of(self)

        def search():
            return super(StockRule, self)._search_rule_for_warehouses(
                route_ids, packaging_uom_id, product_id, warehouse_ids, domain
            )

        if not batch:
            return search()
        routes = product_id.route_ids | product_id.categ_id.total_route_ids
        # Other modules leave routes of a warehouse out for some products.
        fitting = (warehouse_ids or self.env["stock.warehouse"]).route_ids.filtered(
            lambda route: self._filter_warehouse_routes(product_id, warehouse_ids, route)
        )
        question = (
            "rules",
            self.env.uid,
            self.env.su,
            tuple(route_ids.ids if route_ids else ()),
            tuple(packaging_uom_id.package_type_id.route_ids.ids if packaging_uom_id else ()),
            routes,
            fitting,
            tuple(warehouse_ids.ids if warehouse_ids else ()),
            repr(domain),
        )
        return batch.once(question, search)
