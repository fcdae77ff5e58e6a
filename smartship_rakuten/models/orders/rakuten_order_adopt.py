from collections import Counter

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ...rules import amounts
from ...rules.payload import OrderProblem
from ..shop.one_by_one import one_by_one
from ..shop.sentences import declare_sentences, say

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "order.existing_not_cancelled": _lt(
            "Cancelled at Rakuten, but %(sale_orders)s has its number and is not cancelled in "
            "Odoo: do not ship it."
        ),
    }
)


class RakutenOrder(models.Model):
    """Orders that Odoo has a sale order for that did not come with this module: of another
    program, a file, or from before the module was installed anew. Nothing is shipped twice."""

    _inherit = "rakuten.order"

    # === ACTIONS === #

    def action_adopt(self):
        """Make the sale orders that have these orders' numbers theirs, where they agree.

        :raises UserError: where none of them can be adopted: what differs
        """
        self.check_access("write")
        orders = self.filtered(lambda order: order.problem_code == "exists_already")
        if not orders:
            raise UserError(self.env._("None of these orders has a sale order to adopt."))
        return one_by_one(
            orders.sudo(),
            lambda order: order._adopt(),
            done=lambda count: self.env._("%(count)s adopted.", count=count),
        )

    def action_import_anyway(self):
        """Import orders although a sale order has their number, because a person says so."""
        self.check_access("write")
        orders = self.filtered(lambda order: order.problem_code == "exists_already")
        orders.sudo().import_anyway = True
        return orders.action_retry()

    def action_view_existing(self):
        """The sale orders that have this order's number."""
        sale_orders = self._existing_sale_orders()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale.action_orders")
        if len(sale_orders) == 1:
            return {**action, "res_id": sale_orders.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", sale_orders.ids)], "context": {}}

    # === BUSINESS METHODS - Sale orders that exist already === #

    @api.model
    def _find_existing(self, plans):
        """Sale orders of somebody else that have the numbers of orders of one shop.

        :param dict plans: rakuten.order to ..rules.order.Order
        :return: dict of rakuten.order to sale.order
        """
        orders = {
            plan.number: order
            for order, plan in plans.items()
            if not order.sale_order_id and not order.import_anyway
        }
        company = next(iter(plans)).company_id if plans else self.env["res.company"]
        found = self.env["sale.order"]._rakuten_find_by_number(company, orders)
        return {orders[number]: sale_orders for number, sale_orders in found.items()}

    def _existing_sale_orders(self):
        """Sale orders of somebody else that have this order's number."""
        self.ensure_one()
        SaleOrder = self.env["sale.order"]
        found = SaleOrder._rakuten_find_by_number(self.company_id, [self.name])
        return found.get(self.name, SaleOrder)

    def _adopt(self):
        """Make the one sale order that has this order's number its own.

        It stays as it is: who confirmed it, and what was done of it, counts.

        :raises UserError: where it is not certain that both are the same sale
        """
        self.ensure_one()
        try:
            plan = self._plan()
            matches, rows = self.env["rakuten.sku"]._match_in_list(self.shop_id, plan.items)
            problem = self._find_lacking_product(plan, matches, rows)
            if problem:
                raise problem
        except OrderProblem as problem:
            raise UserError(self._problem_sentence(problem)) from problem
        sale_order = self._existing_sale_orders()
        if not sale_order:
            raise UserError(self.env._("No sale order has this number any more. Press Try Again."))
        if len(sale_order) > 1:
            raise UserError(
                self.env._(
                    "Several sale orders have this number: %(sale_orders)s. Cancel those that are "
                    "wrong.",
                    sale_orders=", ".join(sale_order.mapped("name")),
                )
            )
        if len(plan.baskets) > 1:
            raise UserError(
                self.env._(
                    "It goes to several destinations, and %(sale_order)s does not say which goods "
                    "go where. Ship and report it without Odoo's help and set the Rakuten order "
                    "aside, or cancel %(sale_order)s and try again.",
                    sale_order=sale_order.name,
                )
            )
        differences = self._differences_from(sale_order, plan, matches)
        if differences:
            raise UserError(
                self.env._(
                    "%(sale_order)s differs from the order at Rakuten: %(differences)s.",
                    sale_order=sale_order.name,
                    differences="; ".join(differences),
                )
            )
        self._link(sale_order, plan, matches)

    def _differences_from(self, sale_order, plan, matches):
        """What a sale order sells otherwise than Rakuten.

        :return: list of texts
        """
        texts = []
        currency, total = self.shop_id.currency_id, amounts.expected_total(plan)
        if sale_order.currency_id != currency or currency.compare_amounts(
            sale_order.amount_total, total
        ):
            texts.append(
                self.env._(
                    "total %(there)s at Rakuten, %(here)s in Odoo",
                    there=currency.format(total),
                    here=sale_order.currency_id.format(sale_order.amount_total),
                )
            )
        there, here = self._goods_sold(plan, matches), Counter()
        for line in sale_order.order_line.filtered("product_id"):
            # Postage and fees are what others call them: the total has them.
            if line.product_id.type != "service" or line.product_id in there:
                here[line.product_id] += line.product_uom_id._compute_quantity(
                    line.product_uom_qty, line.product_id.uom_id, round=False
                )
        texts += [
            self.env._(
                "%(product)s: %(there)s at Rakuten, %(here)s in Odoo",
                product=product.display_name,
                there=f"{there[product]:g}",
                here=f"{here[product]:g}",
            )
            for product in {**there, **here}
            if product.uom_id.compare(there[product], here[product])
        ]
        return texts

    def _goods_sold(self, plan, matches):
        """:return: Counter of product to quantity, the products of chosen options included"""
        options = self.shop_id._options()
        goods = Counter()
        for item in plan.items:
            for product, units in matches[item]._components():
                goods[product] += item.units * units
            for option in self._chosen(item, options):
                goods[option.product_id] += item.units * option.quantity
        return goods

    def _link(self, sale_order, plan, matches):
        """Make a sale order, its lines and its transfers those of this order."""
        (basket,) = plan.baskets
        moves = sale_order.order_line.move_ids | sale_order.picking_ids.move_ids
        moves.rakuten_basket_id = basket.basket_id
        items = {}
        for item in plan.items:
            for product, _units in matches[item]._components():
                items.setdefault(product, []).append(item)
        for line in sale_order.order_line.filtered("product_id"):
            vals = {
                "rakuten_basket_id": basket.basket_id,
                "rakuten_recipient_id": sale_order.partner_shipping_id.id,
            }
            if line.product_id in items:
                sold = items[line.product_id]
                item = sold.pop(0) if len(sold) > 1 else sold[0]
                vals["rakuten_item_detail_id"] = item.item_detail_id
                vals["rakuten_sku_id"] = matches[item]._origin.id
            if line.product_id.type != "service" or line.product_id in items:
                line.write(vals)
        sale_order.write(self._prepare_link_vals(self.shop_id, plan))
        contacts = sale_order.partner_id | sale_order.partner_shipping_id
        contacts._rakuten_adopt(self.shop_id, plan)
        if self._is_reference() and not moves:
            # Somebody else has shipped it, as at the import.
            sale_order.rakuten_reference = True
            if sale_order.state == "sale":
                sale_order._rakuten_count_as_delivered()
        self.write(
            {
                "sale_order_id": sale_order.id,
                "state": "done",
                "address_warnings": self._address_warnings([plan])[self.name],
                "problem_code": False,
                "problem_details": False,
            }
        )
        self.message_post(body=self.env._("%(name)s was adopted.", name=sale_order.name))
        sale_order.message_post(
            body=self.env._("Is the sale order of Rakuten order %(number)s now.", number=self.name)
        )
        self._after_adoption()

    def _warn_of_existing(self):
        """Say that this order is cancelled at Rakuten, while a sale order that nobody has adopted
        would be shipped."""
        sale_orders = self._existing_sale_orders()
        if sale_orders:
            names = ", ".join(sale_orders.mapped("name"))
            self._warn(say(self.env, "order.existing_not_cancelled", sale_orders=names))

    def _after_adoption(self):
        """Hook for what was done of a sale order before it was this order's."""
