from odoo import api, fields, models
from odoo.exceptions import UserError

from ..rules.order import CANCELLABLE_PROGRESS, SHIPPED_PROGRESS

#: changeReasonDetailApply that a shop may give (RMS API section 2.9).
REASONS = [
    ("1", "キャンセル (customer: cancellation)"),
    ("4", "未入金 (customer: not paid)"),
    ("3", "長期不在による受取拒否 (customer: refused by absence)"),
    ("5", "代引決済の受取拒否 (customer: COD refused)"),
    ("2", "受取後の返品 (customer: returned)"),
    ("6", "その他 (customer: other)"),
    ("8", "欠品 (shop: out of stock)"),
    ("13", "発送遅延 (shop: late)"),
    ("14", "顧客・配送対応注意表示 (shop: caution display)"),
    ("15", "返品（破損・品間違い） (shop: damaged or wrong goods)"),
    ("10", "その他 (shop: other)"),
]


class RakutenOrderCancel(models.TransientModel):
    """The question before an order is cancelled at Rakuten: it cannot be taken back."""

    _name = "rakuten.order.cancel"
    _description = "Cancel a Rakuten Order"
    _inherit = "rakuten.wizard"

    order_id = fields.Many2one("rakuten.order", required=True, ondelete="cascade")
    reason = fields.Selection(REASONS, required=True)
    restore = fields.Selection(
        [
            ("0", "As set on the item"),
            ("1", "Put it back"),
            ("2", "Do not put it back"),
        ],
        string="Stock at Rakuten",
        default="0",
        required=True,
    )
    after_shipping = fields.Boolean(compute="_compute_after_shipping")

    @api.depends("order_id.progress")
    def _compute_after_shipping(self):
        for wizard in self:
            wizard.after_shipping = wizard.order_id.progress in SHIPPED_PROGRESS

    def action_cancel_at_rakuten(self):
        self.ensure_one()
        order = self.order_id
        order.check_access("write")
        if order.progress not in CANCELLABLE_PROGRESS + SHIPPED_PROGRESS:
            raise UserError(
                self.env._(
                    "Order %(number)s is in a status in which Rakuten cancels nothing.",
                    number=order.name,
                )
            )
        order.shop_id._run("cancel", order.ids, int(self.reason), int(self.restore))
        return {"type": "ir.actions.client", "tag": "soft_reload"}
