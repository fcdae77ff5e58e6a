from odoo import models


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _get_custom_move_fields(self):
        return [*super()._get_custom_move_fields(), "rakuten_basket_id"]

    def _make_po_get_domain(self, company_id, values, partner):
        """Of Purchase: a supplier's order for each destination, since he sends all of an order to
        one address."""
        domain = super()._make_po_get_domain(company_id, values, partner)
        if values.get("rakuten_basket_id") and self.picking_type_id.code == "dropship":
            domain += (("dest_address_id", "=", values.get("partner_id")),)
        return domain
