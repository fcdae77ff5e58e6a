from odoo import api, fields, models

from ..shop.on_write import write_with_consequences
from .batch import batch_of


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
        batch = batch_of(self)
        if batch:
            batch.add_moves(moves.ids)
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

    def _trigger_scheduler(self):
        """Override of `stock` to look for reordering rules once a batch."""
        batch = batch_of(self)
        if not batch:
            return super()._trigger_scheduler()
        ruled = batch.once("orderpoints", self._rakuten_products_with_orderpoint)
        unknown = self.filtered(lambda move: ruled.get(move.product_id.id, True))
        return super(StockMove, unknown)._trigger_scheduler()

    def _rakuten_products_with_orderpoint(self):
        """:return: dict of id of each product of the batch to whether a rule orders it by itself"""
        products = self.browse(batch_of(self).moves).exists().product_id
        ruled = (
            self.env["stock.warehouse.orderpoint"]
            .sudo()
            .search([("product_id", "in", products.ids), ("trigger", "=", "auto")])
            .product_id
        )
        return {product.id: product in ruled for product in products}

    def _assign_picking(self):
        """Override of `stock` to make all transfers of a batch at once, when the first is due."""
        batch = batch_of(self)
        if not batch:
            return super()._assign_picking()
        self._rakuten_make_pickings(batch)
        return super(
            StockMove, self.filtered(lambda move: move.id not in batch.placed)
        )._assign_picking()

    def _rakuten_make_pickings(self, batch):
        """Make the transfers of a batch's confirmed moves, as Odoo makes one: of goods that go the
        same way for one order's destination. What goes back, or to an order that has transfers
        already, is left to Odoo.

        :param Batch batch: knows the moves; those that get their transfer here are noted there
        """
        if not batch.waiting:
            return
        unplaced = self.browse(batch.waiting).exists()
        batch.waiting = []
        unplaced = unplaced.filtered(
            lambda move: (
                move.reference_ids
                and move.state in ("confirmed", "waiting")
                and move._should_be_assigned()
                and move.product_uom_qty >= 0
            )
        )
        if not unplaced:
            return
        known = self.env["stock.picking"].search(
            [("reference_ids", "in", unplaced.reference_ids.ids)]
        )
        unplaced = unplaced.filtered(lambda move: not move.reference_ids & known.reference_ids)
        groups = unplaced.grouped(lambda move: move._key_assign_picking())
        pickings = self.env["stock.picking"].create(
            [moves._get_new_picking_values() for moves in groups.values()]
        )
        for moves, picking in zip(groups.values(), pickings, strict=True):
            moves.write({"picking_id": picking.id})
        batch.placed.update(unplaced.ids)
        for moves in groups.values():
            moves._assign_picking_post_process(new=True)
