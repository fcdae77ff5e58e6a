from odoo import models


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _push_prepare_move_copy_values(self, move_to_copy, new_date):
        """Override of `stock` to plan the next step by the day on which Rakuten's goods have to
        leave, not for the moment when the step before was done."""
        values = super()._push_prepare_move_copy_values(move_to_copy, new_date)
        picking = move_to_copy.picking_id
        # What is bought or made for the order is put away as Odoo has it.
        leaves = move_to_copy.rakuten_basket_id and not move_to_copy._is_incoming()
        if leaves and picking.rakuten_order_id:
            values["date"], _deadline = picking._rakuten_plan()
        return values
