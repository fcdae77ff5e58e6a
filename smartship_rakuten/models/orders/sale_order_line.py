from odoo import api, fields, models

from .rakuten_order_import import CHARGE_PRODUCTS


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "rakuten.system.fields"]

    rakuten_item_detail_id = fields.Char(
        string="Rakuten Item Detail ID", readonly=True, copy=False, help="itemDetailId"
    )
    rakuten_sku_id = fields.Many2one(
        "rakuten.sku",
        string="Rakuten SKU",
        readonly=True,
        check_company=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="What was sold at Rakuten; of a set, on the line of each of its products.",
    )
    rakuten_basket_id = fields.Char(
        string="Rakuten Destination", readonly=True, copy=False, help="basketId"
    )
    rakuten_recipient_id = fields.Many2one(
        "res.partner",
        string="Recipient",
        readonly=True,
        check_company=True,
        copy=False,
        help="送付先",
    )

    def _is_rakuten_charge(self):
        """Whether this is a charge or a coupon of a Rakuten order, and no goods."""
        self.ensure_one()
        find = self.env["ir.model.data"]._xmlid_to_res_id
        return bool(self.order_id.rakuten_order_id) and self.product_id.id in map(
            find, CHARGE_PRODUCTS.values()
        )

    def _can_be_invoiced_alone(self):
        """Override of `sale` to bill charges and coupons together with goods only."""
        return super()._can_be_invoiced_alone() and not self._is_rakuten_charge()

    def _prepare_invoice_line(self, **optional_values):
        """Override of `sale` to name a charge as the order does, without the code of the product
        that stands for it."""
        values = super()._prepare_invoice_line(**optional_values)
        if self._is_rakuten_charge() and "name" not in optional_values:
            values["name"] = self.name
        return values

    def _get_protected_fields(self):
        """Override of `sale` to let the buyer's choices go from the name of a locked order's
        line as well, once the time of its personal data is over."""
        names = super()._get_protected_fields()
        if self.env.context.get("rakuten_anonymise"):
            return [name for name in names if name != "name"]
        return names

    @api.depends("order_id.rakuten_reference")
    def _compute_qty_delivered_method(self):
        """Override of `sale` to leave the delivered quantity to us where somebody else has
        shipped: no transfer tells it."""
        result = super()._compute_qty_delivered_method()
        self.filtered("order_id.rakuten_reference").qty_delivered_method = "manual"
        return result

    def _action_launch_stock_rule(self, **kwargs):
        """Override of `sale_stock` to make no transfer for what somebody else has shipped."""
        lines = self.filtered(lambda line: not line.order_id.rakuten_reference)
        return super(SaleOrderLine, lines)._action_launch_stock_rule(**kwargs)

    def _prepare_procurement_values(self):
        """Override of `sale_stock` to send the goods to the line's own destination: an order may
        have several."""
        values = super()._prepare_procurement_values()
        basket_id = self._rakuten_destination()
        if basket_id:
            values["rakuten_basket_id"] = basket_id
        if self.rakuten_recipient_id:
            values["partner_id"] = self.rakuten_recipient_id.id
        return values

    def _rakuten_destination(self):
        """basketId of this line; what somebody added in Odoo goes to the order's main address."""
        self.ensure_one()
        order = self.order_id
        if self.rakuten_basket_id or not order.rakuten_order_id:
            return self.rakuten_basket_id
        lines = order.order_line.filtered("rakuten_basket_id")
        main = lines.filtered(lambda line: line.rakuten_recipient_id == order.partner_shipping_id)
        return (main or lines)[:1].rakuten_basket_id
