from odoo import fields, models


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    rakuten_waybill_format_id = fields.Many2one(
        "rakuten.waybill.format",
        string="Waybill Format",
        help="送り状ファイル: the file in which the carrier's program takes waybills.",
    )
    rakuten_waybill_service = fields.Char(
        string="Waybill Service",
        help="送り状種類 of this carrier where it is not the format's own, e.g. A for ネコポス.",
    )
