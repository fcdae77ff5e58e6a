from odoo import api, fields, models

from ...rules.facts import read_facts


class RakutenOrder(models.Model):
    """What a shop has set up for the delivery and payment methods of its orders."""

    _inherit = "rakuten.order"

    delivery_method_id = fields.Many2one(
        "rakuten.delivery.method",
        string="Line of the Delivery Methods",
        compute="_compute_delivery_carrier_id",
        compute_sudo=True,
        help="The line that has decided; empty where none has.",
    )
    delivery_carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        compute="_compute_delivery_carrier_id",
        compute_sudo=True,
        help="What the shop's settings choose for the order.",
    )

    delivery_unknown = fields.Boolean(
        compute="_compute_delivery_carrier_id",
        compute_sudo=True,
        help="Its 配送方法 has no delivery method: the shop's default counts.",
    )

    @api.depends(
        "delivery_name",
        "delivery_class",
        "delivery_company_code",
        "cash_on_delivery",
        "shop_id.carrier_id",
        "shop_id.delivery_method_ids.active",
        "shop_id.delivery_method_ids.name",
        "shop_id.delivery_method_ids.delivery_class",
        "shop_id.delivery_method_ids.cash_on_delivery",
        "shop_id.delivery_method_ids.carrier_id",
    )
    def _compute_delivery_carrier_id(self):
        for shop, orders in self.grouped("shop_id").items():
            choices = shop._choose_delivery(orders)
            for order, (method, carrier, is_default) in zip(orders, choices, strict=True):
                order.delivery_method_id = method
                order.delivery_carrier_id = carrier
                order.delivery_unknown = bool(order.delivery_name) and is_default

    def _prepare_payment_vals(self, facts=None):
        """Values of the sale order that the payment method decides.

        :param facts: ..rules.facts.Facts, by default those of this order
        """
        self.ensure_one()
        code = (facts or self).payment_code
        methods = self.shop_id.payment_method_ids.filtered(lambda method: method.code == code)
        return methods[:1]._prepare_sale_vals()

    # === BUSINESS METHODS - After the import === #

    def _follow_methods(self, base):
        """Bring an untouched order's delivery and payment method in line with Rakuten, where they
        are what the shop's settings chose for it before.

        :param dict base: the payload that the sale order was made from
        """
        self.ensure_one()
        facts, sale_order = read_facts(base), self.sale_order_id
        ((_method, carrier, _is_default),) = self.shop_id._choose_delivery([facts])
        if (
            sale_order.carrier_id == carrier != self.delivery_carrier_id
            and carrier not in self.shop_id._rules().carrier_id
        ):
            self._set_delivery_carrier()
        was, now = self._prepare_payment_vals(facts), self._prepare_payment_vals()
        vals = {
            name: now.get(name, False)
            for name in was | now
            if was.get(name) != now.get(name)
            and (name not in was or sale_order[name].id == was[name])
        }
        if vals:
            sale_order.write(vals)

    def _set_delivery_carrier(self):
        """The sale order and its open transfers go as the shop's settings say."""
        self.ensure_one()
        sale_order = self.sale_order_id
        transfers = sale_order.picking_ids.filtered(
            lambda picking: (
                picking.state not in ("done", "cancel")
                and (picking.carrier_id or picking._is_rakuten_delivery())
            )
        )
        sale_order.carrier_id = self.delivery_carrier_id
        transfers.write({"carrier_id": self.delivery_carrier_id.id})

    def _apply_delivery_carrier(self):
        """Orders on which nobody has worked get what the shop's settings choose for them by now.

        :return: those that had something else
        """
        by_rule = {shop: shop._rules().carrier_id for shop in self.shop_id}
        changed = self.filtered(
            lambda order: (
                order.sale_order_id.state in ("draft", "sent", "sale")
                and not order.reference
                and not order.changed
                # What one of the shop's rules may have chosen stays.
                and not order.sale_order_id.carrier_id & by_rule[order.shop_id]
                and order.sale_order_id.carrier_id != order.delivery_carrier_id
                and all(
                    picking._is_rakuten_untouched()
                    for picking in order.sale_order_id.picking_ids
                    if picking.state != "cancel"
                )
            )
        )
        for order in changed:
            order._set_delivery_carrier()
        return changed
