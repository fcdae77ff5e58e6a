from collections import Counter

from odoo import api, fields, models
from odoo.fields import Command

from ...rules import order as rules
from ...rules import postcode
from ...rules.conditions import conditions
from ...rules.confirmation import holds
from ...rules.payload import OrderProblem


class RakutenOrder(models.Model):
    """What the rules of a shop may ask about an order.

    Stored, and of the order alone: before its confirmation nothing else exists. Other conditions
    are stored fields as well, whoever adds them.
    """

    _inherit = "rakuten.order"

    # As words are looked for: with one width and case, without blanks and hyphens.
    remarks = fields.Text(
        compute="_compute_conditions",
        store=True,
        precompute=True,
        groups="smartship_rakuten.group_user",
        help="備考, folded: width, case, blanks and hyphens do not matter.",
    )
    has_remarks = fields.Boolean(
        string="Buyer Wrote Remarks",
        compute="_compute_conditions",
        store=True,
        precompute=True,
        help="備考 besides the shop's headings and the delivery wish.",
    )
    persons = fields.Text(
        string="Buyer and Recipients",
        compute="_compute_conditions",
        store=True,
        precompute=True,
        groups="smartship_rakuten.group_user",
        help="Names, addresses and phone numbers, folded: width, case, blanks and hyphens do not "
        "matter.",
    )
    addresses = fields.Text(
        string="Recipient's Address",
        compute="_compute_conditions",
        store=True,
        precompute=True,
        groups="smartship_rakuten.group_user",
        help="Folded: width, case, blanks and hyphens do not matter.",
    )
    address_length = fields.Integer(
        string="Length of the Address",
        compute="_compute_conditions",
        store=True,
        precompute=True,
        help="Characters of the recipient's address, without blanks.",
    )
    area = fields.Selection(
        [
            ("hokkaido", "Hokkaido"),
            ("tohoku", "Tohoku"),
            ("kanto", "Kanto"),
            ("shinetsu", "Shin'etsu"),
            ("hokuriku", "Hokuriku"),
            ("chubu", "Chubu"),
            ("kansai", "Kansai"),
            ("chugoku", "Chugoku"),
            ("shikoku", "Shikoku"),
            ("kyushu", "Kyushu"),
            ("okinawa", "Okinawa"),
        ],
        compute="_compute_conditions",
        store=True,
        precompute=True,
        help="地帯 of the first destination, as carriers divide Japan.",
    )
    remote_island = fields.Boolean(
        compute="_compute_conditions", store=True, precompute=True, help="離島"
    )
    address_doubtful = fields.Boolean(
        string="Doubtful Address",
        compute="_compute_conditions",
        store=True,
        precompute=True,
        help="What the address warning says, remote islands left out.",
    )
    caution = fields.Boolean(
        string="Caution Display",
        compute="_compute_conditions",
        store=True,
        precompute=True,
        help="顧客・配送対応注意表示",
    )
    gift = fields.Boolean(
        compute="_compute_conditions",
        store=True,
        precompute=True,
        help="ギフト配送希望, ソーシャルギフト or のし",
    )
    delivery_wish = fields.Boolean(
        string="Delivery Date or Time Wished",
        compute="_compute_conditions",
        store=True,
        precompute=True,
        help="お届け日指定 or お届け時間帯",
    )
    total_price = fields.Monetary(
        string="Order Total",
        compute="_compute_conditions",
        store=True,
        precompute=True,
        help="totalPrice",
    )
    quantity = fields.Integer(
        string="Units",
        compute="_compute_conditions",
        store=True,
        precompute=True,
        help="How many units of its SKUs the order is for.",
    )
    product_ids = fields.Many2many(
        "product.product",
        "rakuten_order_product_rel",
        string="Products",
        readonly=True,
        copy=False,
        help="The products of the order, as far as its SKUs are known.",
    )
    weight = fields.Float(
        readonly=True,
        copy=False,
        help="Of the products that are known, in the unit of the products' weights.",
    )

    @api.depends("payload")
    def _compute_conditions(self):
        with postcode.directory() as places:
            for order in self:
                order.update(conditions(order.payload, places))

    def _note_goods(self, goods):
        """Keep what orders consist of.

        :param dict goods: order to a dict of product to quantity
        """
        values = {
            order: (
                frozenset(product.id for product in found),
                sum(product.weight * quantity for product, quantity in found.items()),
            )
            for order, found in goods.items()
        }
        for (ids, weight), orders in self.grouped(values.get).items():
            new = orders.filtered(
                lambda order, ids=ids, weight=weight: (
                    frozenset(order.product_ids.ids) != ids or order.weight != weight
                )
            )
            new.write({"product_ids": [Command.set(sorted(ids))], "weight": weight})

    def _look_up_goods(self):
        """Keep what orders of one shop consist of that have no sale order yet."""
        items = {}
        for order in self:
            try:
                items[order] = rules.parse_order(order.payload).items
            except OrderProblem:
                # It waits for a person anyway.
                items[order] = []
        every = [item for found in items.values() for item in found]
        goods = self.env["rakuten.sku"]._goods_of(self.shop_id, every) if every else {}
        self._note_goods(
            {
                order: self._count_goods((item, goods.get(item, ())) for item in found)
                for order, found in items.items()
            }
        )

    @api.model
    def _count_goods(self, entries):
        """:param entries: iterable of (Item, list of (product, units))
        :return: Counter of products
        """
        found = Counter()
        for item, components in entries:
            for product, units in components:
                found[product] += units * item.units
        return found

    def _hold_confirmation(self, rules, now):
        """Say why orders of one shop are not confirmed by themselves, each that is not.

        :param rules: rakuten.rule, those that are switched on
        :param datetime now: UTC
        :return: those that may be confirmed
        """
        self._look_up_goods()
        applied, broken = rules._saying("confirm", "cooling_off")._applied(self)
        names, held = rules.filtered("confirm")._names(), {}
        for order in self:
            codes, holding = order._confirmation_holds(names, applied, broken, now)
            held[order] = (",".join(codes), holding)
        for (codes, holding), orders in self.grouped(held.get).items():
            orders.filtered(
                lambda order, codes=codes, holding=holding: (
                    (order.confirm_holds or "") != codes or order.confirm_rule_ids != holding
                )
            ).write(
                {"confirm_holds": codes or False, "confirm_rule_ids": [Command.set(holding.ids)]}
            )
        return self.filtered(lambda order: not held[order][0])

    def _confirmation_holds(self, names, applied, broken, now):
        """
        :param names: of the conditions by which rules decide about confirmations
        :param dict applied: of ``rakuten.rule._applied``, as ``broken``
        :return: (codes of why this order is not confirmed by itself, the rules that leave it to
        a person)
        """
        self.ensure_one()
        mine = applied[self]
        minutes = (mine - broken)._first("cooling_off")
        codes = holds(self.payload, names, minutes, now)
        holding = mine._holding_confirmation(broken)
        return [*codes, *(["rule"] if holding else [])], holding
