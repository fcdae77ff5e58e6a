from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    rakuten_shop_id = fields.Many2one(
        "rakuten.shop", readonly=True, copy=False, index="btree_not_null"
    )
    rakuten_order_id = fields.Many2one(
        "rakuten.order", readonly=True, copy=False, index="btree_not_null"
    )
    rakuten_order_number = fields.Char(
        related="rakuten_order_id.name", string="Rakuten Order Number", store=True, index="trigram"
    )
    rakuten_request_price = fields.Monetary(
        string="Billed to Buyer",
        readonly=True,
        copy=False,
        help="請求金額 (requestPrice): what the buyer pays.",
    )
    rakuten_used_point = fields.Monetary(
        string="Points Used",
        readonly=True,
        copy=False,
        help="利用ポイント: paid to the shop by Rakuten.",
    )
    rakuten_coupon_shop = fields.Monetary(
        string="Shop Coupons",
        readonly=True,
        copy=False,
        help="店舗原資クーポン: the shop's own discount, part of the order's total.",
    )
    rakuten_coupon_rakuten = fields.Monetary(
        string="Rakuten Coupons",
        readonly=True,
        copy=False,
        help="楽天原資クーポン: paid to the shop by Rakuten.",
    )

    def action_confirm(self):
        """Confirm Rakuten's orders apart, because they keep the time of purchase."""
        rakuten = self.filtered("rakuten_order_id")
        others = self - rakuten
        if rakuten:
            result = super(SaleOrder, rakuten).action_confirm()
        if others or not rakuten:
            result = super(SaleOrder, others).action_confirm()
        return result

    def _prepare_confirmation_values(self):
        values = super()._prepare_confirmation_values()
        if self.rakuten_order_id:
            values.pop("date_order", None)
        return values

    def _send_order_notification_mail(self, mail_template, *args, **kwargs):
        """Rakuten forbids mail to its buyers besides its own."""
        if self.rakuten_order_id:
            return None
        return super()._send_order_notification_mail(mail_template, *args, **kwargs)

    def action_open_rakuten_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "rakuten.order",
            "res_id": self.rakuten_order_id.id,
            "view_mode": "form",
        }
