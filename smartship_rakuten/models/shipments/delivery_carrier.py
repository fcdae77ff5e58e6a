from odoo import fields, models

from ...rules.carriers import RAKUTEN_COMPANIES


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    rakuten_company_code = fields.Selection(
        RAKUTEN_COMPANIES,
        string="Rakuten Carrier",
        help="配送会社: reported to Rakuten with the tracking number.",
    )
    rakuten_waybill_format_id = fields.Many2one(
        "rakuten.waybill.format",
        string="Waybill Format",
        help="送り状ファイル: the file in which the carrier's program takes waybills.",
    )
    rakuten_waybill_service = fields.Char(
        string="Waybill Service",
        help="送り状種類 of this carrier where it is not the format's own, e.g. A for ネコポス.",
    )

    def write(self, vals):
        """Override of `delivery` to correct at Rakuten what was reported with another carrier."""
        result = super().write(vals)
        if "rakuten_company_code" in vals:
            self.env["rakuten.parcel"]._follow_carriers([("picking_id.carrier_id", "in", self.ids)])
        return result
