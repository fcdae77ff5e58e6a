from odoo import api, models


class SaleOrderLine(models.Model):
    """What is promised to Rakuten's buyers is not offered there again."""

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale` to count what is promised again."""
        lines = super().create(vals_list)
        lines._mark_rakuten_stock()
        return lines

    def write(self, vals):
        """Override of `sale` to count what is promised again, of the goods before and after."""
        changed = {"product_id", "product_uom_qty", "product_uom_id"}
        if changed.isdisjoint(vals):
            return super().write(vals)
        self._mark_rakuten_stock()
        result = super().write(vals)
        self._mark_rakuten_stock()
        return result

    def unlink(self):
        """Override of `base` to count what is promised again."""
        self._mark_rakuten_stock()
        return super().unlink()

    def _mark_rakuten_stock(self):
        """What a quotation for Rakuten holds is not offered there again."""
        if self.env["rakuten.shop"]._stock_followed_ids():
            lines = self.filtered("order_id.rakuten_order_id")
            self.env["rakuten.stock.change"]._mark(lines.product_id)
