from odoo import models


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def _rakuten_surplus(self):
        """How much more is bought than the goods that it is bought for need, in the product's own
        unit."""
        self.ensure_one()
        if self.order_id.state == "cancel":
            return 0
        needing = self.move_dest_ids | self.move_ids.move_dest_ids
        needed = needing.filtered(lambda move: move.state != "cancel")
        return self.product_uom_qty - sum(needed.mapped("product_qty"))
