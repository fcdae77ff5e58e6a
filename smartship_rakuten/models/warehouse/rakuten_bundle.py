from odoo import api, fields, models


class RakutenBundle(models.Model):
    """同梱: transfers of several orders that leave in one parcel.

    Only transfers are grouped: each order keeps its own amounts, and Rakuten hears the parcel's one
    number for each.
    """

    _name = "rakuten.bundle"
    _description = "Rakuten Bundle"
    _inherit = "rakuten.system.fields"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    picking_ids = fields.One2many("stock.picking", "rakuten_bundle_id", string="Transfers")
    company_id = fields.Many2one("res.company", required=True, index=True)

    @api.depends("picking_ids.name")
    def _compute_name(self):
        for bundle in self:
            bundle.name = " + ".join(bundle.picking_ids.sorted("id").mapped("name"))
