from odoo import models

from ...rules import shipping


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _prepare_procurement_values(self):
        """Override of `sale_stock` to plan by the day on which the goods have to leave, each
        destination by its own; the time of purchase is for the books alone."""
        values = super()._prepare_procurement_values()
        if self.order_id.rakuten_order_id:
            planned, deadline = self._rakuten_plan()
            values["date_planned"] = planned
            # A day of delivery that somebody has agreed on in Odoo.
            values["date_deadline"] = self.order_id.commitment_date or deadline or planned
        return values

    def _expected_date(self):
        """Override of `sale` to expect the goods of Rakuten's orders by their delivery wish or the
        day on which they leave, not by the time of purchase."""
        if not self.order_id.rakuten_order_id:
            return super()._expected_date()
        planned, deadline = self._rakuten_plan()
        return deadline or planned

    def _rakuten_plan(self):
        """:return: of ``rakuten.shop._plan`` for this line's destination"""
        order = self.order_id.rakuten_order_id.sudo()
        facts = shipping.shipping_facts(order.payload, self._rakuten_destination() or "")
        return order.shop_id._plan(facts)
