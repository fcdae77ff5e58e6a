from odoo import models


class MrpProduction(models.Model):
    _inherit = "mrp.production"

    def _rakuten_surplus(self):
        """How much more is made than the goods that it is made for need, in the product's own
        unit."""
        self.ensure_one()
        if self.state == "cancel":
            return 0
        finished = self.move_finished_ids.filtered(lambda move: move.product_id == self.product_id)
        needing = self.move_dest_ids | finished.move_dest_ids
        needed = needing.filtered(lambda move: move.state != "cancel")
        return self.product_uom_qty - sum(needed.mapped("product_qty"))
