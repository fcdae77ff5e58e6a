import base64
import json
import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..rules import address, amounts
from ..rules import order as rules
from ..rules.order import OrderProblem
from .text import storable

_logger = logging.getLogger(__name__)

#: What RMS's progress means for an order that has no sale order (contract of ``state``).
STATE_BY_PROGRESS = {
    "100": "waiting",
    "200": "waiting",
    "300": "todo",
    "400": "waiting",
    "500": "ignored",
    "600": "ignored",
    "700": "ignored",
    "800": "cancelled",
    "900": "cancelled",
}
CANCELLED_PROGRESS = ("800", "900")
CANCELLED = "900"
SHIPPABLE_PROGRESS = "300"
OPEN_PROGRESS = ("100", "200", "300", "400", "800")
#: Problems that are mended in RMS, not in Odoo, and how long an order with one is left alone.
MENDED_AT_RAKUTEN = (
    "amount_undetermined",
    "amount_mismatch",
    "recipient_incomplete",
    "malformed",
)
MEND_PAUSE = timedelta(minutes=10)

CHARGE_PRODUCTS = {
    "postage": "smartship_rakuten.product_postage",
    "cod_fee": "smartship_rakuten.product_cod_fee",
    "payment_charge": "smartship_rakuten.product_payment_charge",
    "additional_fee": "smartship_rakuten.product_additional_fee",
    "wrapping": "smartship_rakuten.product_wrapping",
    "coupon": "smartship_rakuten.product_coupon",
}


class RakutenOrder(models.Model):
    """One order as Rakuten holds it, and how far Odoo has come with it.

    The payload is stored before anybody interprets it, so a bad order can be mended and tried
    again; nothing that Rakuten sent is lost.
    """

    _name = "rakuten.order"
    _description = "Rakuten Order"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "order_date desc, name desc"

    shop_id = fields.Many2one("rakuten.shop", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    name = fields.Char(string="Order Number", required=True, index=True, readonly=True)
    progress = fields.Selection(
        [(str(code), f"{code} {label}") for code, label in rules.PROGRESS.items()],
        string="Status at Rakuten",
        readonly=True,
        help="orderProgress, as last read.",
    )
    order_date = fields.Datetime(readonly=True, index=True)
    payload = fields.Json(
        readonly=True, groups="smartship_rakuten.group_user", help="The latest getOrder order."
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting at Rakuten"),
            ("todo", "To Import"),
            ("blocked", "Needs Attention"),
            ("done", "Imported"),
            ("cancelled", "Cancelled"),
            ("ignored", "Set Aside"),
        ],
        required=True,
        default="waiting",
        index=True,
        readonly=True,
    )
    problem_code = fields.Selection(
        [
            ("unmapped_sku", "SKU Without Product"),
            ("ambiguous_sku", "Several Products for a SKU"),
            ("amount_undetermined", "Amount Undetermined"),
            ("amount_mismatch", "Amounts Disagree"),
            ("recipient_incomplete", "Recipient Incomplete"),
            ("unknown_tax", "No Tax for the Rate"),
            ("malformed", "Unreadable"),
            ("other", "Other"),
        ],
        readonly=True,
        index=True,
    )
    problem_details = fields.Json(readonly=True, help="What the sentence of the problem names.")
    problem = fields.Char(
        compute="_compute_problem", help="What is wrong and what to do, in the reader's language."
    )
    sale_order_id = fields.Many2one(
        "sale.order", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    changed = fields.Char(
        readonly=True,
        tracking=True,
        help="What was changed at Rakuten after the import. Holds the transfers until released.",
    )
    buyer_name = fields.Char(string="Buyer", readonly=True)
    request_price = fields.Monetary(
        string="Billed", readonly=True, help="請求金額 (requestPrice), whole yen."
    )
    delivery_date = fields.Date(string="Delivery Wish", readonly=True, help="お届け日指定")
    last_read = fields.Datetime(readonly=True)
    rms_url = fields.Char(string="RMS Page", compute="_compute_rms_url")

    _shop_name_uniq = models.Constraint(
        "UNIQUE(shop_id, name)", "An order number occurs once in a shop."
    )

    # === COMPUTE === #

    @api.depends("problem_code", "problem_details")
    @api.depends_context("lang")
    def _compute_problem(self):
        for order in self:
            details = order.problem_details or {}
            order.problem = bool(order.problem_code or details) and order._problem_sentence(
                OrderProblem(order.problem_code, **details)
            )

    @api.depends("name")
    def _compute_rms_url(self):
        for order in self:
            order.rms_url = (
                "https://order-rp.rms.rakuten.co.jp/order-rb/individual-order-detail-sc/init"
                f"?orderNumber={order.name}"
            )

    # === ACTIONS === #

    def action_retry(self):
        """Try again now, after what blocked the orders was mended."""
        self.check_access("write")
        orders = self.filtered(lambda order: order.state in ("todo", "blocked"))
        for shop in orders.shop_id:
            shop_orders = orders.filtered(lambda order, shop=shop: order.shop_id == shop)
            shop._run_orders(shop_orders)
        return True

    def action_ignore(self):
        """Set orders aside: they are left alone until somebody takes them up again."""
        self.check_access("write")
        if self.filtered("sale_order_id"):
            raise UserError(
                self.env._("An imported order cannot be set aside; cancel its sale order.")
            )
        self.sudo().write({"state": "ignored", "problem_code": False, "problem_details": False})

    def action_unignore(self):
        self.check_access("write")
        for order in self.filtered(lambda order: order.state == "ignored"):
            state = STATE_BY_PROGRESS.get(order.progress)
            if state not in ("waiting", "todo"):
                raise UserError(
                    self.env._(
                        "Order %(number)s is not waiting for shipment at Rakuten any more.",
                        number=order.name,
                    )
                )
            order.sudo().state = state

    def action_release(self):
        """Let the transfers go after a person has looked at a change at Rakuten."""
        self.check_access("write")
        for order in self.filtered("changed"):
            order.message_post(
                body=self.env._("Released for shipment: %(change)s", change=order.changed)
            )
            order.sudo().changed = False

    def action_open_sale_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.sale_order_id.id,
            "view_mode": "form",
        }

    def action_open_rms(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.rms_url, "target": "new"}

    def action_create_tax(self):
        """Make the tax-included taxes that blocked orders lack, then try them again."""
        if not self.env.user.has_group("smartship_rakuten.group_manager"):
            raise AccessError(self.env._("Only Rakuten administrators create taxes."))
        for order in self.filtered(lambda order: order.problem_code == "unknown_tax"):
            plan = rules.parse_order(order.sudo().payload)
            order.shop_id.sudo()._make_taxes(amounts.amounts_by_rate(plan))
        return self.action_retry()

    # === BUSINESS METHODS - Keeping what Rakuten sent === #

    @api.model
    def _needing_fetch(self, shop, start, waiting, to_ship):
        """Numbers that must be read: unknown ones, those that changed sides, those that have left
        both lists, and from time to time those that wait to be mended at Rakuten.

        :param datetime start: begin of the search, UTC
        :param list waiting: numbers found in 100, 200 or 400
        :param list to_ship: numbers found in 300
        :return: list of order numbers
        """
        listed = {**dict.fromkeys(waiting, False), **dict.fromkeys(to_ship, True)}
        rows = self.search_read(
            [
                ("shop_id", "=", shop.id),
                "|",
                ("name", "in", list(listed)),
                "&",
                ("progress", "in", OPEN_PROGRESS),
                ("order_date", ">=", start),
            ],
            ["name", "progress", "problem_code", "last_read"],
        )
        known = {row["name"]: row for row in rows}
        stale = fields.Datetime.now() - MEND_PAUSE

        def changed(number):
            row = known.get(number)
            return (
                not row
                or (row["progress"] == SHIPPABLE_PROGRESS) != listed[number]
                or (
                    row["problem_code"] in MENDED_AT_RAKUTEN
                    and (not row["last_read"] or row["last_read"] < stale)
                )
            )

        gone = [name for name, row in known.items() if name not in listed and row["progress"]]
        return [number for number in listed if changed(number)] + gone

    @api.model
    def _store(self, shop, payloads):
        """Record orders as they came; new ones get a state, known ones are brought up to date.

        :param list payloads: elements of OrderModelList, each with its orderNumber
        :return: the orders
        """
        known = {
            order.name: order
            for order in self.search(
                [
                    ("shop_id", "=", shop.id),
                    ("name", "in", [rules.read_number(payload) for payload in payloads]),
                ]
            )
        }
        to_create, raw = [], {}
        for payload in payloads:
            vals = self._prepare_vals(payload)
            if vals["payload"] != payload:
                raw[vals["name"]] = payload
            order = known.get(vals["name"])
            if order:
                order._update_from(vals)
            elif not vals["order_date"] or vals["order_date"] >= shop.import_from:
                to_create.append({**vals, "shop_id": shop.id})
        created = self.create(to_create)
        created._attach_raw(raw)
        return created.union(*known.values())

    @api.model
    def _prepare_vals(self, payload):
        """Values of an order as far as they can be read; what cannot be is a problem, kept."""
        vals = {
            "name": rules.read_number(payload),
            "payload": storable(payload),
            "last_read": fields.Datetime.now(),
            "problem_code": False,
            "problem_details": False,
            "order_date": False,
        }
        try:
            vals["progress"] = str(rules.read_progress(payload))
            vals["state"] = STATE_BY_PROGRESS[vals["progress"]]
            vals["order_date"] = rules.parse_datetime(payload.get("orderDatetime"))
        except OrderProblem as problem:
            vals.update(
                state="blocked",
                problem_code=problem.code,
                problem_details=problem.details,
            )
        orderer = payload.get("OrdererModel")
        if isinstance(orderer, dict):
            vals["buyer_name"] = storable(address.full_name(orderer))
        price = payload.get("requestPrice")
        if isinstance(price, int) and 0 <= price < 10**12:
            vals["request_price"] = price
        vals["delivery_date"] = rules.parse_date(payload.get("deliveryDate"))
        return vals

    def _update_from(self, vals):
        """Bring a known order up to date with what Rakuten says now."""
        self.ensure_one()
        changed = vals["payload"] != self.payload
        state = vals.pop("state")
        if self.sale_order_id or self.state == "ignored":
            # Its sale order exists, or a person decided: only what Rakuten holds is noted.
            for key in ("problem_code", "problem_details"):
                vals.pop(key)
        elif changed or self.state != "blocked" or vals["problem_code"]:
            vals["state"] = state
        else:
            for key in ("problem_code", "problem_details"):
                vals.pop(key)
        if not changed:
            vals.pop("payload")
        difference = self._difference(vals["payload"]) if changed and self.sale_order_id else ""
        self.write(vals)
        if difference and self.state == "done":
            self.changed = difference
            self._warn(
                self.env._(
                    "Changed at Rakuten after the import: %(difference)s. Correct the sale order "
                    "and its transfers, then release the order.",
                    difference=difference,
                )
            )
        if self.state == "done" and self.progress == CANCELLED:
            self._cancel_in_odoo()

    def _difference(self, payload):
        """What a new payload changes for the warehouse and the accountant, in words."""
        try:
            old, new = rules.parse_order(self.payload), rules.parse_order(payload)
        except OrderProblem:
            # Not comparable, for example because an amount became undetermined: say so.
            return self.env._("amounts or form")
        aspects = {
            self.env._("items"): lambda plan: plan.items,
            self.env._("recipient"): lambda plan: [basket.sender for basket in plan.baskets],
            self.env._("amounts"): lambda plan: (amounts.expected_total(plan), plan.charges),
            self.env._("delivery date"): lambda plan: plan.delivery_date,
        }
        return ", ".join(name for name, get in aspects.items() if get(old) != get(new))

    def _attach_raw(self, raw):
        """Keep, word for word, a payload that the database could not hold as it was."""
        for order in self.filtered(lambda order: order.name in raw):
            order._attach_text(json.dumps(raw[order.name], indent=1))

    def _attach_text(self, text):
        self.ensure_one()
        self.env["ir.attachment"].create(
            {
                "name": f"{self.name}.txt",
                "res_model": self._name,
                "res_id": self.id,
                "datas": base64.b64encode(text.encode("utf-8", "surrogatepass")),
                "mimetype": "text/plain",
            }
        )

    @api.model
    def _store_unreadable(self, shop, numbers, raw_text):
        """Record orders of which Rakuten sent something that is no order at all."""
        known = self.search([("shop_id", "=", shop.id), ("name", "in", numbers)])
        problem = OrderProblem("malformed", field="OrderModelList")
        orders = known.filtered(lambda order: order.state not in ("done", "ignored"))
        new = self.create(
            [
                {"shop_id": shop.id, "name": number, "last_read": fields.Datetime.now()}
                for number in set(numbers) - set(known.mapped("name"))
            ]
        )
        (orders + new)._block(problem)
        for order in new if raw_text else ():
            order._attach_text(raw_text)

    @api.model
    def _store_refused(self, shop, refused):
        """Record orders that Rakuten lists but does not give.

        :param refused: dict of order number to RMS's message
        """
        known = self.search([("shop_id", "=", shop.id), ("name", "in", list(refused))])
        for number in refused.keys() - set(known.mapped("name")):
            order = self.create({"shop_id": shop.id, "name": number})
            reason = refused[number].text or refused[number].sentence
            order._block(OrderProblem("other", reason=reason))

    # === BUSINESS METHODS - Problems === #

    @api.model
    def _problem_sentence(self, problem):
        """What is wrong with an order and what to do, for the shop keeper."""
        sentences = {
            "unmapped_sku": self.env._(
                "No product is known for %(skus)s. Map the SKU, or give the product this code.",
                skus=problem.details.get("skus"),
            ),
            "ambiguous_sku": self.env._(
                "Several products have the code of %(skus)s. Choose one in the SKU mapping.",
                skus=problem.details.get("skus"),
            ),
            "amount_undetermined": self.env._(
                "An amount is not determined yet at Rakuten (%(field)s). Enter it in RMS; the "
                "order is then imported by itself.",
                field=problem.details.get("field"),
            ),
            "amount_mismatch": self.env._(
                "The amounts of the order disagree: %(expected)s yen expected, %(found)s yen "
                "found. Compare the order with RMS.",
                expected=problem.details.get("expected"),
                found=problem.details.get("found"),
            ),
            "recipient_incomplete": self.env._(
                "The recipient's address is not complete yet. It is imported when Rakuten has it."
            ),
            "unknown_tax": self.env._(
                "The company has no sale tax of %(rates)s. Create the tax-included tax with the "
                "button above.",
                rates=problem.details.get("rates"),
            ),
            "malformed": self.env._(
                "The order cannot be read: %(field)s is missing or not of the expected form. The "
                "original is kept with the order.",
                field=problem.details.get("field"),
            ),
        }
        return sentences.get(problem.code) or problem.details.get("reason") or problem.code

    def _block(self, problem):
        for order in self:
            order.write(
                {
                    "state": "blocked",
                    "problem_code": problem.code,
                    "problem_details": problem.details,
                }
            )

    # === BUSINESS METHODS - From payload to sale order === #

    def _may_confirm(self):
        """Whether the order may be confirmed at Rakuten by itself: it can be read and billed."""
        self.ensure_one()
        try:
            plan = rules.parse_order(self.payload)
        except OrderProblem as problem:
            self.problem_details = {"reason": self._problem_sentence(problem)}
            return False
        return plan.progress == 100 and not self.payload.get("rakutenConfirmFlag")

    def _process(self):
        """Make sale orders of orders of one shop; those that cannot be made say why.

        Everything is looked up and created for the whole set at once.
        """
        plans = {}
        for order in self:
            try:
                plans[order] = order._plan()
            except OrderProblem as problem:
                order._block(problem)
        shop = self.shop_id
        if not plans:
            return
        plans = self._resolve(shop, plans)
        if plans:
            self._create_sale_orders(shop, plans)

    def _plan(self):
        """Read and check the payload, without looking at Odoo.

        :rtype: ..rules.order.Order
        :raises OrderProblem:
        """
        self.ensure_one()
        plan = rules.parse_order(self.payload)
        if str(plan.progress) != SHIPPABLE_PROGRESS:
            raise OrderProblem(
                "other",
                reason=self.env._(
                    "At Rakuten the order is in status %(status)s and is not shipped yet or any "
                    "more.",
                    status=rules.PROGRESS[plan.progress],
                ),
            )
        for basket in plan.baskets:
            if not address.is_complete(basket.sender):
                raise OrderProblem("recipient_incomplete")
        amounts.check(plan)
        return plan

    def _resolve(self, shop, plans):
        """Find products and taxes of all orders; block those that lack one.

        :param dict plans: order record to Order
        :return: dict of order record to (Order, dict of Item to rakuten.sku match)
        """
        items = [item for plan in plans.values() for item in plan.items]
        matches = self.env["rakuten.sku"]._match(shop, items)
        rates = {rate for plan in plans.values() for rate in amounts.amounts_by_rate(plan)}
        taxes = shop._get_taxes(rates)
        resolved = {}
        for order, plan in plans.items():
            try:
                for code in ("unmapped_sku", "ambiguous_sku"):
                    lacking = {
                        item.name or item.manage_number
                        for item in plan.items
                        if isinstance(matches[item], str) and matches[item] == code
                    }
                    if lacking:
                        raise OrderProblem(code, skus="、".join(sorted(lacking)))
                unknown = amounts.amounts_by_rate(plan).keys() - taxes.keys()
                if unknown:
                    rates_text = ", ".join(f"{(rate * 100).normalize():f} %" for rate in unknown)
                    raise OrderProblem("unknown_tax", rates=rates_text)
            except OrderProblem as problem:
                order._block(problem)
            else:
                resolved[order] = (plan, matches, taxes)
        return resolved

    def _create_sale_orders(self, shop, resolved):
        """Create the sale orders of a batch; halve the batch until the bad order stands alone."""
        orders = self.browse([order.id for order in resolved])
        try:
            with self.env.cr.savepoint():
                orders._create_batch(shop, resolved)
        except OrderProblem as problem:
            self._halve(shop, resolved, orders, problem)
        except UserError as error:
            self._halve(shop, resolved, orders, OrderProblem("other", reason=str(error)))
        except OperationalError:
            # Another transaction was first: Odoo runs the whole again.
            raise
        except Exception as error:
            # Whatever one order provokes, its neighbours are imported.
            if len(orders) == 1:
                _logger.exception("Rakuten order %s cannot be imported", orders.name)
            reason = self.env._(
                "Odoo could not create the sale order (%(error)s). Tell your administrator.",
                error=type(error).__name__,
            )
            self._halve(shop, resolved, orders, OrderProblem("other", reason=reason))

    def _halve(self, shop, resolved, orders, problem):
        self.env.invalidate_all()
        if len(orders) == 1:
            orders._block(problem)
            return
        middle = len(orders) // 2
        for half in (orders[:middle], orders[middle:]):
            self._create_sale_orders(shop, {order: resolved[order] for order in half})

    def _create_batch(self, shop, resolved):
        partners = self.env["res.partner"]._rakuten_partners(
            shop, [plan for plan, _matches, _taxes in resolved.values()]
        )
        sale_orders = self.env["sale.order"].create(
            [order._prepare_sale_order_vals(shop, *resolved[order], partners) for order in self]
        )
        for order, sale_order in zip(self, sale_orders, strict=True):
            expected = amounts.expected_total(resolved[order][0])
            if sale_order.amount_total != expected:
                raise OrderProblem(
                    "amount_mismatch", expected=expected, found=int(sale_order.amount_total)
                )
            order.write(
                {
                    "sale_order_id": sale_order.id,
                    "state": "done",
                    "problem_code": False,
                    "problem_details": False,
                }
            )
        # Rakuten has taken these off its own stock: what it was sent last is no longer so.
        skus = {matches[item] for plan, matches, _t in resolved.values() for item in plan.items}
        self.env["rakuten.sku"].union(*skus).stock_sent = -1
        if shop.auto_fulfil:
            sale_orders.action_confirm()

    def _prepare_sale_order_vals(self, shop, plan, matches, taxes, partners):
        """Values of the sale order of this order.

        :param plan: ..rules.order.Order
        :param matches: dict of Item to rakuten.sku
        :param taxes: dict of rate to account.tax
        :param partners: dict of (order number, basket id or '') to res.partner
        """
        self.ensure_one()
        buyer = partners[plan.number, ""]
        lines = []
        for basket in plan.baskets:
            recipient = partners[plan.number, basket.basket_id]
            lines += [
                self._prepare_item_line(item, matches[item], taxes, recipient)
                for item in basket.items
            ]
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
            "carrier_id": shop.carrier_id.id,
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
            "rakuten_order_id": self.id,
            "rakuten_shop_id": shop.id,
            "rakuten_request_price": plan.request_price,
            "rakuten_used_point": plan.used_point,
            "rakuten_coupon_shop": plan.coupon_shop,
            "rakuten_coupon_rakuten": plan.coupon_rakuten,
            "note": False,
            "order_line": [Command.create(line) for line in lines],
        }

    def _prepare_item_line(self, item, sku, taxes, recipient):
        name = item.name
        for extra in dict.fromkeys((item.option_text, item.choice)):
            name = f"{name}\n{extra}" if extra else name
        quantity = item.units * sku.quantity
        return {
            "product_id": sku.product_id.id,
            "name": storable(name),
            "product_uom_qty": quantity,
            "price_unit": item.price * item.units / quantity,
            "discount": 0.0,
            "tax_ids": [Command.set(taxes[item.tax_rate].ids)],
            "rakuten_item_detail_id": item.item_detail_id,
            "rakuten_basket_id": item.basket_id,
            "rakuten_recipient_id": recipient.id,
        }

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

    @api.model
    def _open_demand(self, shops):
        """Units of products in orders that Rakuten has taken and Odoo has no sale order for.

        :return: dict of product id to units
        """
        demand = {}
        for shop in shops:
            orders = self.search(
                [("shop_id", "=", shop.id), ("state", "in", ("waiting", "todo", "blocked"))]
            )
            items = []
            for order in orders:
                try:
                    items += rules.parse_items(order.payload)
                except OrderProblem:
                    # What cannot be read cannot be counted; the order is shown as unreadable.
                    continue
            matches = self.env["rakuten.sku"]._match(shop, items) if items else {}
            for item in items:
                sku = matches[item]
                if not isinstance(sku, str):
                    key = sku.product_id.id
                    demand[key] = demand.get(key, 0) + item.units * sku.quantity
        return demand

    # === BUSINESS METHODS - Changes after the import === #

    def _cancel_in_odoo(self):
        """Follow a cancellation at Rakuten: unshipped goods stay, shipped ones need a person."""
        for order in self:
            sale_order = order.sale_order_id
            if sale_order.state == "cancel":
                order.state = "cancelled"
            elif any(
                picking.state == "done" and picking._is_rakuten_delivery()
                for picking in sale_order.picking_ids
            ):
                order._warn(
                    self.env._(
                        "Cancelled at Rakuten after goods have left: call the parcel back or "
                        "take the goods back, then credit the order."
                    )
                )
            else:
                order._cancel_sale_order()

    def _cancel_sale_order(self):
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self.sale_order_id._action_cancel()
                self.state = "cancelled"
        except UserError as error:
            self.env.invalidate_all()
            self._warn(
                self.env._(
                    "Cancelled at Rakuten, but Odoo cannot cancel the sale order: %(reason)s",
                    reason=error,
                )
            )

    def _warn(self, note):
        """Raise one activity for the shop's responsible, not one per run."""
        self.ensure_one()
        if note not in self.activity_ids.mapped("summary"):
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=self.shop_id.user_id.id or self.env.uid,
                summary=note,
            )

    # === BUSINESS METHODS - Shipments === #

    def _has_left(self):
        """Whether every parcel of the order is known: no delivery is open, none lacks a number."""
        self.ensure_one()
        deliveries = self.sale_order_id.picking_ids.filtered(
            lambda picking: picking._is_rakuten_delivery() and picking.state != "cancel"
        )
        return bool(deliveries) and all(
            picking.state == "done" and picking.rakuten_parcel_ids for picking in deliveries
        )

    def _shipping_rows(self):
        """Shipping rows that Rakuten has of this order (RMS API section 3.10).

        :return: dict of (basket id, tracking number) to shippingDetailId, all text
        """
        self.ensure_one()
        return rules.shipping_rows(self.payload)
