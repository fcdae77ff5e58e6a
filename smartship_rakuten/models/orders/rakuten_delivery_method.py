from odoo import fields, models
from odoo.exceptions import UserError

from ...rules.order import SHIPPABLE_PROGRESS


class RakutenDeliveryMethod(models.Model):
    """Which delivery method a shop's 配送方法 is.

    The names that a shop's orders bring are listed by themselves, without a delivery method. Of the
    lines of a name that have one, the most specific one decides: a class before cash on delivery,
    cash on delivery before the name alone. Where none does, the carrier that Rakuten names at the
    purchase decides, as far as exactly one delivery method is that carrier's; then the shop's
    default carrier.
    """

    _name = "rakuten.delivery.method"
    _description = "Rakuten Delivery Method"
    _inherit = "rakuten.system.fields"
    _check_company_auto = True
    _order = "shop_id, name, delivery_class, cash_on_delivery desc, id"

    shop_id = fields.Many2one(
        "rakuten.shop",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env["rakuten.shop"].search([], limit=1),
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True)
    name = fields.Char(
        string="Name at Rakuten", required=True, help="配送方法, to the letter, e.g. メール便."
    )
    delivery_class = fields.Selection(
        selection=lambda self: self.env["rakuten.order"]._fields["delivery_class"].selection,
        string="Only of Class",
        help="配送区分. Empty: any. What is chilled or frozen may need another delivery method.",
    )
    cash_on_delivery = fields.Boolean(
        string="Only Cash on Delivery", help="Only orders that are paid by 代金引換."
    )
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Set on the sale order and its transfers. Empty: nobody has said it yet.",
    )

    _condition_uniq = models.UniqueIndex(
        "(shop_id, name, COALESCE(delivery_class, ''), COALESCE(cash_on_delivery, false))",
        "A delivery method of Rakuten occurs once for each class and payment.",
    )

    def _applies(self, facts):
        """:param facts: an order, or its ..rules.facts.Facts, of this line's name"""
        self.ensure_one()
        return self.delivery_class in (False, facts.delivery_class or False) and (
            facts.cash_on_delivery or not self.cash_on_delivery
        )

    def _specificity(self):
        self.ensure_one()
        return bool(self.delivery_class), self.cash_on_delivery

    def action_apply(self):
        """Give the delivery method to orders that were imported before it was chosen, as far as
        nobody has worked on them."""
        self.check_access("write")
        if not self.filtered("carrier_id"):
            raise UserError(self.env._("Choose a delivery method first."))
        orders = (
            self.env["rakuten.order"]
            .sudo()
            .search(
                [
                    ("shop_id", "in", self.shop_id.ids),
                    ("delivery_name", "in", self.mapped("name")),
                    ("state", "=", "done"),
                    ("progress", "=", SHIPPABLE_PROGRESS),
                ]
            )
        )
        changed = orders.filtered(lambda o: o.delivery_method_id in self)._apply_delivery_carrier()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._(
                    "%(count)s open orders have their delivery method now.", count=len(changed)
                ),
                "type": "info",
            },
        }
