from odoo import api, fields, models


class StockMove(models.Model):
    _inherit = "stock.move"

    # Follows the goods through every step, so that one picking serves one destination.
    rakuten_basket_id = fields.Char(string="Rakuten Destination", readonly=True, help="basketId")

    def _prepare_procurement_values(self):
        values = super()._prepare_procurement_values()
        if self.rakuten_basket_id:
            values["rakuten_basket_id"] = self.rakuten_basket_id
        return values

    def _key_assign_picking(self):
        return (*super()._key_assign_picking(), self.rakuten_basket_id or False)

    def _search_picking_for_assignation_domain(self):
        domain = super()._search_picking_for_assignation_domain()
        if self.rakuten_basket_id:
            domain += [("rakuten_basket_id", "=", self.rakuten_basket_id)]
        return domain

    @api.model
    def _prepare_merge_moves_distinct_fields(self):
        return [*super()._prepare_merge_moves_distinct_fields(), "rakuten_basket_id"]
