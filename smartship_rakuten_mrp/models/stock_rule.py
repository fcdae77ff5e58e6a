from odoo import models


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _make_mo_get_domain(self, procurement, bom):
        """Override of `mrp` to make what a buyer orders in addition in an order of its own: Odoo
        adds it to the one that is there, and ties no transfer to it, which then waits for ever."""
        domain = super()._make_mo_get_domain(procurement, bom)
        if procurement.values.get("rakuten_basket_id"):
            domain += (("id", "=", False),)
        return domain
