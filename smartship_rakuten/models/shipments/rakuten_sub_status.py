from odoo import fields, models


class RakutenSubStatus(models.Model):
    """A sub-status that the shop has set up in RMS (getSubStatusList, RMS API section 2.8)."""

    _name = "rakuten.sub.status"
    _description = "Rakuten Sub-Status"
    _inherit = "rakuten.system.fields"
    _order = "progress, sequence, id"

    shop_id = fields.Many2one("rakuten.shop", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id", store=True)
    progress = fields.Char(required=True, readonly=True, help="The status that it belongs to.")
    sub_status_id = fields.Char(required=True, readonly=True, help="subStatusId")
    name = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(readonly=True)

    _sub_status_uniq = models.Constraint(
        "UNIQUE(shop_id, sub_status_id)", "A sub-status occurs once in a shop."
    )
