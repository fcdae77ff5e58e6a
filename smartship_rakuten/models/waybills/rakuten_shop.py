from odoo import fields, models


class RakutenShop(models.Model):
    """What stands on the waybills of a shop."""

    _inherit = "rakuten.shop"

    waybill_sender_id = fields.Many2one(
        "res.partner",
        string="Sender on Waybills",
        check_company=True,
        help="ご依頼主. Empty: the shop's name with the address of its warehouse.",
    )
    waybill_buyer_sends = fields.Boolean(
        string="Buyer as Sender of Gifts",
        help="The buyer stands as ご依頼主 where the recipient is somebody else.",
    )
    waybill_contents = fields.Char(
        string="Contents on Waybills",
        help="品名 on every label, e.g. 雑貨. Empty: the names of the goods.",
    )
