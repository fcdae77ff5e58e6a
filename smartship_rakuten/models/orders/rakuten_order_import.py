from odoo import api, models
from odoo.fields import Command
from odoo.tools import LazyTranslate

from ...rules import address, amounts, postcode
from ...rules import order as rules
from ...rules.order import SHIPPABLE_PROGRESS, SHIPPED_PROGRESS
from ...rules.payload import MAX_NAMED, OrderProblem, cut
from ..shop.sentences import declare_sentences, say
from ..shop.text import storable
from .batch import CONTEXT, Batch

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "order.not_to_ship": _lt(
            "At Rakuten the order is in status %(status)s and is not shipped yet or any more."
        ),
        "step.import": _lt("Making the sale order"),
    }
)

#: Problems that a product mends, in the order in which an order has them.
LACKING_PRODUCT = ("unmapped_sku", "ambiguous_sku", "combo_sku")
#: Letters of an item's name in the sentence of a problem: the code behind it is to be read, too.
MAX_ITEM_NAME = 40

CHARGE_PRODUCTS = {
    "postage": "smartship_rakuten.product_postage",
    "cod_fee": "smartship_rakuten.product_cod_fee",
    "payment_charge": "smartship_rakuten.product_payment_charge",
    "additional_fee": "smartship_rakuten.product_additional_fee",
    "wrapping": "smartship_rakuten.product_wrapping",
    "coupon": "smartship_rakuten.product_coupon",
}


class RakutenOrder(models.Model):
    """From payload to sale order."""

    _inherit = "rakuten.order"

    # === BUSINESS METHODS - From payload to sale order === #

    def _process_queued(self):
        """Make sale orders of those of these orders that nobody else works on or has made.

        :return: how many were made
        """
        mine = self.try_lock_for_update()
        # Somebody may have made them before this transaction began.
        mine.invalidate_recordset()
        return mine.filtered("queued")._process()

    def _process(self):
        """Make sale orders of orders of one shop; those that lack something say what.

        Everything is looked up and created for the whole set at once.

        :return: how many were made
        :raises Exception: what a single one of them provokes; nothing was made
        """
        resolved, problems = self._examine()
        for order, problem in problems.items():
            order._block(problem)
        if resolved:
            orders = self.browse([order.id for order in resolved])
            orders.with_context(**{CONTEXT: Batch()})._create_batch(self.shop_id, resolved)
        return len(resolved)

    def _examine(self):
        """Read orders of one shop, check their amounts and find their products and taxes.

        :return: (dict of order to (Order, dict of Item to rakuten.sku, dict of rate to
            account.tax), dict of order to OrderProblem)
        """
        plans, problems = {}, {}
        for order in self:
            try:
                plans[order] = order._plan()
            except OrderProblem as problem:
                problems[order] = problem
        for order, sale_orders in self._find_existing(plans).items():
            names = ", ".join(sale_orders.mapped("name"))
            problems[order] = OrderProblem("exists_already", sale_orders=names)
            del plans[order]
        for order, labels in self._find_undecided_labels(plans).items():
            problems[order] = OrderProblem("label_exists", numbers=", ".join(labels))
            del plans[order]
        items = [item for plan in plans.values() for item in plan.items]
        Sku = self.env["rakuten.sku"]
        matches, rows = Sku._match_in_list(self.shop_id, items) if items else ({}, {})
        rates = {rate for plan in plans.values() for rate in amounts.amounts_by_rate(plan)}
        taxes = self.shop_id._get_taxes(rates) if rates else {}
        resolved = {}
        for order, plan in plans.items():
            problem = self._find_lack(plan, matches, taxes, rows)
            if problem:
                problems[order] = problem
            else:
                resolved[order] = (plan, matches, taxes)
        return resolved, problems

    def _plan(self):
        """Read and check the payload, without looking at Odoo.

        :rtype: ..rules.order.Order
        :raises OrderProblem:
        """
        self.ensure_one()
        plan = rules.parse_order(self.payload)
        self.shop_id._check_own_number(plan.number)
        progress = str(plan.progress)
        decided = self.asked_for or self.label_decision
        if progress != SHIPPABLE_PROGRESS and not (decided and progress in SHIPPED_PROGRESS):
            reason = say(self.env, "order.not_to_ship", status=rules.PROGRESS[plan.progress])
            raise OrderProblem("other", reason=reason.said)
        for basket in plan.baskets:
            if basket.is_awaited or not address.is_complete(basket.sender):
                raise OrderProblem("recipient_incomplete")
        amounts.check(plan)
        return plan

    @api.model
    def _find_lack(self, plan, matches, taxes, rows):
        """:return: OrderProblem for a product or a tax that the order lacks, None if it has all"""
        problem = self._find_lacking_product(plan, matches, rows)
        unknown = amounts.amounts_by_rate(plan).keys() - taxes.keys()
        if not problem and unknown:
            rates = ", ".join(map(amounts.percent, sorted(unknown)))
            return OrderProblem("unknown_tax", rates=rates)
        return problem

    @api.model
    def _find_lacking_product(self, plan, matches, rows):
        """
        :param dict rows: of ``rakuten.sku._match_in_list``
        :return: OrderProblem for a product that the order lacks, None if it has all
        """
        for code in LACKING_PRODUCT:
            lacking = [
                item
                for item in plan.items
                if isinstance(matches[item], str) and matches[item] == code
            ]
            if lacking:
                names = {self._name_with_code(item, rows.get(item)) for item in lacking}
                return OrderProblem(
                    code,
                    skus=cut("、".join(sorted(names)), MAX_NAMED),
                    sku_ids=sorted({rows[item].id for item in lacking if item in rows}),
                )
        return None

    @api.model
    def _name_with_code(self, item, sku):
        """How a person knows an item again: by its name and, as in the list, by its code."""
        code = sku.display_name if sku else item.item_number or item.manage_number
        name = cut(item.name, MAX_ITEM_NAME)
        return f"{name} ({code})" if name and code and code != item.name else name or code

    def _preview(self):
        """What :meth:`_process` would make of these orders of one shop, without making it.

        :return: list of values of ``rakuten.order.import.line``
        """
        candidates = self.filtered(lambda order: order.state in ("todo", "blocked"))
        readable = candidates.filtered(lambda order: order.problem_code != "malformed")
        resolved, problems = readable._examine()
        rows = []
        for order in self:
            reason, unknown = order.problem, False
            if order in resolved:
                outcome, reason = "reference" if order._is_reference() else "import", False
                unknown = outcome == "import" and order.delivery_unknown
            elif order in problems:
                outcome = "label" if problems[order].code == "label_exists" else "hold"
                reason = order._problem_sentence(problems[order])
            elif order.state == "blocked":
                outcome = "hold"
            else:
                outcome = "known" if order.sale_order_id else order.state
            rows.append(
                {
                    "name": order.name,
                    "order_date": order.order_date,
                    "progress": order.progress,
                    "buyer_name": order.buyer_name,
                    "request_price": order.request_price,
                    "outcome": outcome,
                    "reason": order._unknown_delivery_sentence() if unknown else reason,
                    "delivery_name": order.delivery_name,
                    "carrier_name": order.delivery_carrier_id.name,
                    "delivery_unknown": unknown,
                }
            )
        return rows

    def _unknown_delivery_sentence(self):
        self.ensure_one()
        if not self.delivery_carrier_id:
            return self.env._(
                "Nobody has chosen a delivery method for %(name)s.", name=self.delivery_name
            )
        return self.env._(
            "Nobody has chosen a delivery method for %(name)s: the shop's default is taken.",
            name=self.delivery_name,
        )

    def _is_reference(self):
        """Whether somebody has shipped the order already, so that Odoo must not ship it again. Only
        a person says so: of one that has a label, or by asking for one that is past 発送待ち."""
        self.ensure_one()
        if self.label_decision:
            return self.label_decision == "left"
        return self.progress in SHIPPED_PROGRESS

    def _create_batch(self, shop, resolved):
        """Create the sale orders of a batch.

        :param dict resolved: of :meth:`_examine`
        :raises OrderProblem: a total that is not Rakuten's to the yen is never kept, nor an order
            that Odoo does not confirm
        :raises UserError: something in Odoo has made another order of it
        """
        partners = self.env["res.partner"]._rakuten_partners(
            shop, [resolved[order][0] for order in self]
        )
        options = shop._options()
        decided = self._decide(shop, resolved, options)
        vals_list = [
            {
                **order._prepare_sale_order_vals(shop, *resolved[order], partners, options),
                **decided[order],
            }
            for order in self
        ]
        sale_orders = self.env["sale.order"].create(vals_list)
        warnings = self._address_warnings([resolved[order][0] for order in self])
        totals = [amounts.expected_total(resolved[order][0]) for order in self]
        for order, sale_order, expected in zip(self, sale_orders, totals, strict=True):
            if sale_order.amount_total != expected:
                raise OrderProblem(
                    "amount_mismatch", expected=expected, found=int(sale_order.amount_total)
                )
            order.write(
                {
                    "sale_order_id": sale_order.id,
                    "state": "done",
                    "address_warnings": warnings[order.name],
                    "problem_code": False,
                    "problem_details": False,
                }
            )
        if shop.auto_fulfil:
            confirmed = self.filtered(lambda order: not order.as_quotation).sale_order_id
            confirmed._rakuten_confirm()
        for sale_order, vals, expected in zip(sale_orders, vals_list, totals, strict=True):
            sale_order._rakuten_check_head(vals, expected)

    def _decide(self, shop, resolved, options):
        """What the shop's rules put into the sale orders of these orders.

        :param dict resolved: of :meth:`_examine`
        :param dict options: of ``rakuten.shop._options``
        :return: dict of order to values of its sale order
        """
        goods = {}
        for order in self:
            plan, matches, _taxes = resolved[order]
            goods[order] = self._count_goods(
                (item, matches[item]._components()) for item in plan.items
            ) + self._count_goods(
                (item, [(option.product_id, option.quantity)])
                for item in plan.items
                for option in self._chosen(item, options)
            )
        self._note_goods(goods)
        rules = shop._rules()._saying("tag_ids", "carrier_id", "warehouse_id")
        applied, broken = rules._applied(self)
        return {order: (applied[order] - broken)._sale_order_vals() for order in self}

    def _address_warnings(self, plans):
        """What is doubtful about where orders go.

        :param list plans: ..rules.order.Order
        :return: dict of order number to codes joined by a comma, False for none
        """
        with postcode.directory() as places:
            return {
                plan.number: ",".join(
                    dict.fromkeys(
                        code
                        for basket in plan.baskets
                        for code in postcode.doubts(basket.sender, places)
                    )
                )
                or False
                for plan in plans
            }

    def _prepare_sale_order_vals(self, shop, plan, matches, taxes, partners, options):
        """Values of the sale order of this order.

        :param plan: ..rules.order.Order
        :param matches: dict of Item to rakuten.sku
        :param taxes: dict of rate to account.tax
        :param partners: dict of (order number, basket id or '') to res.partner
        :param options: of ``rakuten.shop._options``
        """
        self.ensure_one()
        buyer = partners[plan.number, ""]
        # The buyer reads the lines, whoever imports them.
        self = self.with_context(lang=buyer.lang or self.env.lang)
        tolerance = 0.4 / sum(len(matches[item]._components()) for item in plan.items)
        lines = []
        for basket in plan.baskets:
            recipient = partners[plan.number, basket.basket_id]
            for item in basket.items:
                lines += self._prepare_item_lines(item, matches[item], taxes, recipient, tolerance)
                lines += self._prepare_option_lines(item, options, taxes, recipient)
        lines += [self._prepare_charge_line(charge, taxes) for charge in plan.charges]
        lines += [
            self._prepare_line("coupon", -amount, taxes[rate])
            for rate, amount in amounts.shop_coupon_by_rate(plan).items()
        ]
        for sequence, line in enumerate(lines, start=1):
            line["sequence"] = sequence
        return {
            "partner_id": buyer.id,
            "partner_invoice_id": buyer.id,
            "partner_shipping_id": partners[plan.number, plan.baskets[0].basket_id].id,
            "company_id": shop.company_id.id,
            "warehouse_id": shop.warehouse_id.id,
            "team_id": shop.team_id.id,
            "carrier_id": self.delivery_carrier_id.id,
            **self._prepare_payment_vals(),
            "user_id": shop.user_id.id,
            # In yen and at Rakuten's prices, whatever pricelist the company gives by default.
            "pricelist_id": False,
            "currency_id": shop.currency_id.id,
            "fiscal_position_id": False,
            "date_order": plan.placed_at,
            "client_order_ref": plan.number,
            "origin": plan.number,
            "require_signature": False,
            "require_payment": False,
            "note": False,
            **self._prepare_link_vals(shop, plan),
            "rakuten_reference": self._is_reference(),
            "order_line": [Command.create(line) for line in lines],
        }

    def _prepare_link_vals(self, shop, plan):
        """Values that make a sale order the one of this order."""
        return {
            "rakuten_order_id": self.id,
            "rakuten_shop_id": shop.id,
            "rakuten_request_price": plan.request_price,
            "rakuten_used_point": plan.used_point,
            "rakuten_coupon_shop": plan.coupon_shop,
            "rakuten_coupon_rakuten": plan.coupon_rakuten,
        }

    def _prepare_item_lines(self, item, sku, taxes, recipient, tolerance):
        """Values of the lines of one item: one for each product of its SKU.

        The price of a set is split by the products' list prices so that the parts are whole yen
        and add up to what the item costs.
        """
        name = item.name
        for extra in dict.fromkeys((item.option_text, item.choice)):
            name = f"{name}\n{extra}" if extra else name
        components = sku._components()
        total = item.price * item.units
        weights = {product: int(product.lst_price * units * 100) for product, units in components}
        if not any(weights.values()):
            weights = dict.fromkeys(weights, 1)
        shares = amounts.split(total, weights)
        lines = []
        for product, units in components:
            label = name
            if len(components) > 1:
                label = f"{name}\n{product.with_context(lang=self.env.lang).display_name}"
            for quantity, price in self._split_price(
                shares.get(product, 0), item.units * units, tolerance
            ):
                lines.append(
                    {
                        **self._prepare_goods(item, product, quantity, taxes, recipient),
                        "name": storable(label),
                        "price_unit": price,
                        "rakuten_item_detail_id": item.item_detail_id,
                        "rakuten_sku_id": sku._origin.id,
                    }
                )
        return lines

    def _prepare_option_lines(self, item, options, taxes, recipient):
        """Values of a line for each free option (項目選択肢) that brings a product, at no price.

        :param dict options: of ``rakuten.shop._options``
        """
        return [
            {
                **self._prepare_goods(
                    item, option.product_id, option.quantity * item.units, taxes, recipient
                ),
                "name": storable(f"{option.name}:{option.value}"),
                "price_unit": 0,
            }
            for option in self._chosen(item, options)
        ]

    @api.model
    def _chosen(self, item, options):
        """:return: list of the rakuten.option that the buyer of an item has chosen"""
        return [
            option
            for choice in item.choice.splitlines()
            for option in options.get(tuple(choice.split(":", 1)), ())
        ]

    def _prepare_goods(self, item, product, quantity, taxes, recipient):
        return {
            "product_id": product.id,
            "product_uom_qty": quantity,
            "discount": 0.0,
            "tax_ids": [Command.set(taxes[item.tax_rate].ids)],
            "rakuten_basket_id": item.basket_id,
            "rakuten_recipient_id": recipient.id,
        }

    def _split_price(self, total, quantity, tolerance):
        """Unit prices at which a quantity costs a whole amount exactly.

        :param int total: yen
        :param float tolerance: what the decimals of a unit price may lose on this line, so that
            the lines of an order together do not lose a yen
        :return: list of (quantity, unit price): one pair, or two where the decimals of a unit
            price cannot express the amount
        """
        digits = self.env["decimal.precision"].precision_get("Product Price")
        price = round(total / quantity, digits)
        if abs(price * quantity - total) < tolerance:
            return [(quantity, price)]
        low, dearer = divmod(total, quantity)
        return [(quantity - dearer, low), (dearer, low + 1)]

    def _prepare_charge_line(self, charge, taxes):
        line = self._prepare_line(charge.kind, charge.amount, taxes[charge.tax_rate])
        if charge.label:
            line["name"] = storable(f"{line['name']}: {charge.label}")
        if charge.basket_id:
            line["rakuten_basket_id"] = charge.basket_id
        return line

    def _prepare_line(self, kind, amount, tax):
        product = self.env.ref(CHARGE_PRODUCTS[kind])
        return {
            "product_id": product.id,
            "name": product.name,
            "product_uom_qty": 1,
            "price_unit": amount,
            "discount": 0.0,
            "tax_ids": [Command.set(tax.ids)],
        }
