from odoo import fields, models


class RakutenOrder(models.Model):
    _inherit = "rakuten.order"

    # What depends on an order's other transfers goes this way, not by the sale order: then Odoo
    # would read the transfers of every sale order in the midst of making them, and keep them in
    # another sequence.
    picking_ids = fields.One2many("stock.picking", "rakuten_order_id", string="Transfers")
