from odoo import api, fields, models

#: What decides how much a move takes off the stock, or brings.
_STOCK_FIELDS = {
    "state",
    "product_id",
    "product_uom_qty",
    "product_uom",
    "quantity",
    "location_id",
    "location_dest_id",
    "picking_id",
}


class StockMove(models.Model):
    _inherit = "stock.move"

    # Follows the goods through every step, so that one picking serves one destination.
    rakuten_basket_id = fields.Char(string="Rakuten Destination", readonly=True, help="basketId")

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `stock` to send goods of a sale line where the line goes, also where no
        stock rule passes it on."""
        moves = super().create(vals_list)
        for move in moves:
            if move.sale_line_id and not move.rakuten_basket_id:
                basket_id = move.sale_line_id._rakuten_destination()
                if basket_id:
                    move.rakuten_basket_id = basket_id
        return moves

    def write(self, vals):
        """Override of `stock` to send the stock that changes."""
        result = super().write(vals)
        if not _STOCK_FIELDS.isdisjoint(vals):
            self.env["rakuten.stock.change"]._mark(self.product_id)
        return result

    def _action_cancel(self):
        """Override of `stock` to look at the deadlines: what is cancelled of an order that has
        left in part does not have to leave any more."""
        result = super()._action_cancel()
        orders = self.sudo().sale_line_id.order_id.rakuten_order_id
        orders.filtered("parcel_ids")._look_at_deadlines()
        return result

    def _prepare_procurement_values(self):
        """Override of `stock` to pass the destination on along the route."""
        values = super()._prepare_procurement_values()
        if self.rakuten_basket_id:
            values["rakuten_basket_id"] = self.rakuten_basket_id
        return values

    def _key_assign_picking(self):
        """Override of `stock` to make one transfer for each destination."""
        return (*super()._key_assign_picking(), self.rakuten_basket_id or False)

    def _search_picking_for_assignation_domain(self):
        """Override of `stock` to add goods to the transfer of their destination only."""
        domain = super()._search_picking_for_assignation_domain()
        if self.rakuten_basket_id:
            domain += [("rakuten_basket_id", "=", self.rakuten_basket_id)]
        return domain

    @api.model
    def _prepare_merge_moves_distinct_fields(self):
        """Override of `stock` to keep the goods of two destinations apart."""
        return [*super()._prepare_merge_moves_distinct_fields(), "rakuten_basket_id"]
