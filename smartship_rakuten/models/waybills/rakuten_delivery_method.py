from odoo import fields, models


class RakutenDeliveryMethod(models.Model):
    """Which waybill a 配送方法 has, where it is not the one of its delivery method."""

    _inherit = "rakuten.delivery.method"

    waybill_format_id = fields.Many2one(
        "rakuten.waybill.format",
        check_company=True,
        help="送り状ファイル. Empty: that of the delivery method.",
    )
    waybill_service = fields.Char(
        help="送り状種類, e.g. A for ネコポス. Empty: that of the delivery method, else of the "
        "format.",
    )
