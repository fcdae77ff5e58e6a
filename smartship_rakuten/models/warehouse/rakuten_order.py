from odoo import fields, models


class RakutenOrder(models.Model):
    _inherit = "rakuten.order"

    # What depends on an order's other transfers goes this way, not by the sale order: then Odoo
    # would read the transfers of every sale order in the midst of making them, and keep them in
    # another sequence.
    picking_ids = fields.One2many(
        "stock.picking", "rakuten_order_id", string="Transfers", readonly=True
    )

    def _update_imported(self, vals):
        """Numbers that appear while a transfer waits are taken over, where the shop says so and the
        carrier is the one that the transfer leaves with anyway."""
        super()._update_imported(vals)
        if "payload" not in vals or not self.shop_id.take_over_labels or self.state != "done":
            return
        for picking in self.picking_ids:
            rows = (
                picking.state not in ("done", "cancel")
                and picking._is_rakuten_delivery()
                and picking._rakuten_foreign_rows()
            )
            if rows and {row.company_code for row in rows} == {picking._rakuten_company_code()}:
                picking._rakuten_take_over(rows)

    def _after_change(self):
        result = super()._after_change()
        self.picking_ids._rakuten_plan_again()
        return result
