from odoo import api, fields, models

from ..shop.on_write import write_with_consequences


class StockMove(models.Model):
    _name = "stock.move"
    _inherit = ["stock.move", "rakuten.system.fields"]

    # Whoever splits, returns or explodes a move hands its destination on.
    _rakuten_handed_on = frozenset({"rakuten_basket_id"})

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
                    move.sudo().rakuten_basket_id = basket_id
        return moves

    def write(self, vals):
        """Override of `stock` to add what the topics declare, see :mod:`..shop.on_write`."""
        return write_with_consequences(self, vals, lambda records, values: super().write(values))

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
        """Override of `stock` to keep the goods of two destinations apart, and those of one line
        together, whatever day they were promised for: else what a buyer orders less would be
        planned as goods that come back."""
        names = super()._prepare_merge_moves_distinct_fields()
        if self and all(move.rakuten_basket_id for move in self):
            names = [name for name in names if name != "date_deadline"]
        return [*names, "rakuten_basket_id"]
