from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, LazyTranslate, float_is_zero

from odoo.addons.smartship_rakuten.models.orders.rakuten_order_import import CHARGE_PRODUCTS
from odoo.addons.smartship_rakuten.models.shop.sentences import (
    columns,
    declare_sentences,
    read,
    say,
)
from odoo.addons.smartship_rakuten.rules import japan
from odoo.addons.smartship_rakuten.rules.amounts import split

from ...rules.billing import difference, tax_due

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "bill.payer": _lt(
            "Nobody has said who pays %(method)s: choose a payer in the payment methods."
        ),
        "bill.locked": _lt(
            "The period of %(date)s is closed. Bill in the open period, or open the period."
        ),
    }
)

#: Progress of orders that are cancelled at Rakuten, or are about to be.
CANCELLED = ("800", "900")


class SaleOrder(models.Model):
    """What of an order is billed to whom, and what is taken back."""

    _inherit = "sale.order"

    rakuten_hold_code = fields.Char(readonly=True, copy=False)
    rakuten_hold_details = fields.Json(readonly=True, copy=False)
    rakuten_hold = fields.Char(string="Not Billed Because", compute="_compute_rakuten_hold")

    @api.depends("rakuten_hold_code", "rakuten_hold_details")
    @api.depends_context("lang")
    def _compute_rakuten_hold(self):
        for order in self:
            order.rakuten_hold = read(order, "rakuten_hold")

    # === What is to be billed === #

    @api.model
    def _rakuten_left_domain(self, shops=None):
        """Domain of the orders of which something has left that is not billed."""
        self.env["sale.order.line"].flush_model(["qty_delivered", "qty_invoiced", "order_id"])

        def left(_model, alias, _query):
            return SQL(
                """EXISTS (
                    SELECT FROM sale_order_line line
                    WHERE line.order_id = %s AND line.rakuten_item_detail_id IS NOT NULL
                        AND line.qty_delivered > line.qty_invoiced
                )""",
                SQL.identifier(alias, "id"),
            )

        domain = (
            Domain("rakuten_order_id", "!=", False)
            & Domain("state", "=", "sale")
            & Domain("rakuten_order_id.progress", "not in", CANCELLED)
        )
        if shops is not None:
            domain &= Domain("rakuten_shop_id", "in", shops.ids)
        return domain & Domain.custom(to_sql=left)

    @api.model
    def _rakuten_to_bill_domain(self):
        """Override of `smartship_rakuten` to bill what has left, where a shop's accounting is set
        up, whatever the product says."""
        shops = self.env["rakuten.shop"].sudo().search([("payer_id", "!=", False)])
        others = super()._rakuten_to_bill_domain() & Domain("rakuten_shop_id", "not in", shops.ids)
        return others | self._rakuten_left_domain(shops)

    def action_rakuten_bill(self):
        """Override of `smartship_rakuten` to bill as the shop's accounting is set up."""
        ours = self.filtered(lambda order: order.rakuten_shop_id.sudo().payer_id)
        if not ours:
            return super().action_rakuten_bill()
        if not self.env.su and not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Only who may invoice bills orders."))
        self.check_access("read")
        invoices = self.env["account.move"]
        for shop, orders in ours.sudo().grouped("rakuten_shop_id").items():
            for _part, made in shop._as_system()._guard_bill(orders):
                invoices |= made
        invoices = invoices.with_env(self.env)
        if self - ours:
            invoices |= (self - ours)._create_invoices(grouped=True, final=True)
        if not invoices:
            reasons = {reason for reason in ours.sudo().mapped("rakuten_hold") if reason}
            raise UserError(" ".join(sorted(reasons)) or self.env._("There is nothing to bill."))
        return self.action_view_invoice(invoices=invoices)

    def action_rakuten_bill_open_period(self):
        """Bill what the lock of a period holds, dated today."""
        return self.with_context(rakuten_open_period=True).action_rakuten_bill()

    # === Billing === #

    def _rakuten_bill(self):
        """Bill what has left of these orders of one shop.

        :return: the invoices; those that are good are posted where the shop wants that
        """
        shop = self.rakuten_shop_id.sudo()
        orders = self.try_lock_for_update()
        orders.invalidate_recordset(["invoice_ids", "invoice_count"])
        orders.order_line.invalidate_recordset(["qty_invoiced"])
        amounts = orders._rakuten_moves()._rakuten_amounts()
        vals_list = []
        for order in orders:
            quantities = order._rakuten_quantities()
            if not quantities:
                continue
            payer, date, hold = order._rakuten_terms()
            if hold:
                order.write(columns("rakuten_hold", hold))
                continue
            billed = amounts.get(order.rakuten_order_id, {})
            vals_list.append(order._rakuten_invoice_vals(shop, payer, date, quantities, billed))
            if order.rakuten_hold_code:
                order.write(columns("rakuten_hold", None))
        invoices = self.env["account.move"].create(vals_list)
        good = invoices._rakuten_check()
        if shop.billing == "posted":
            good._post(soft=False)
        return invoices

    def _rakuten_moves(self):
        """Invoices and credit notes of these orders, but for cancelled ones."""
        return (
            self.env["account.move"]
            .sudo()
            .search(
                [
                    ("rakuten_order_id", "in", self.rakuten_order_id.ids),
                    ("move_type", "in", ("out_invoice", "out_refund")),
                    ("state", "!=", "cancel"),
                ]
            )
        )

    def _rakuten_quantities(self):
        """:return: dict of sale.order.line to how much of it is billed now"""
        self.ensure_one()
        goods, charges = {}, {}
        for line in self.order_line:
            if line.display_type or line.is_downpayment:
                continue
            if line._is_rakuten_charge():
                quantity = line.product_uom_qty - line.qty_invoiced
                if not float_is_zero(quantity, precision_digits=6):
                    charges[line] = quantity
            elif line.qty_delivered > line.qty_invoiced:
                goods[line] = line.qty_delivered - line.qty_invoiced
        if not goods:
            return {}
        # Charges and coupons go with the first goods that carry them.
        worth = sum(line.price_unit * quantity for line, quantity in (goods | charges).items())
        waiting = any(
            line.product_uom_qty > line.qty_delivered
            for line in self.order_line
            if line.rakuten_item_detail_id
        )
        return goods | charges if worth >= 0 or not waiting else goods

    def _rakuten_terms(self):
        """:return: (debtor, date of the invoice, Sentence on why it is not billed or None)"""
        self.ensure_one()
        shop = self.rakuten_shop_id.sudo()
        payer = shop.payer_id
        if not self.rakuten_collected:
            method = shop.payment_method_ids.filtered(
                lambda method: method.code == self.rakuten_payment_code
            )
            payer = method.payer_id
            if not payer:
                name = self.rakuten_payment_name or self.env._("without a method")
                return payer, None, say(self.env, "bill.payer", method=name)
        today = japan.today()
        if self.env.context.get("rakuten_open_period"):
            return payer, today, None
        date = self._rakuten_left_on() or today
        locked = self.company_id._get_violated_lock_dates(date, True, self._rakuten_journal())
        if locked:
            return payer, date, say(self.env, "bill.locked", date=str(date))
        return payer, date, None

    def _rakuten_left_on(self):
        """Day in Japan on which the newest goods have left, None where no transfer tells."""
        left = [
            picking.date_done
            for picking in self.sudo().picking_ids
            if picking.state == "done"
            and picking.picking_type_code == "outgoing"
            and picking.date_done
        ]
        return japan.day(max(left)) if left else None

    def _rakuten_journal(self):
        shop = self.rakuten_shop_id.sudo()
        method = shop.payment_method_ids.filtered(
            lambda method: method.code == self.rakuten_payment_code
        )
        return method.journal_id or shop.sale_journal_id

    def _rakuten_coupons(self):
        """Rakuten's coupons by rate, as its bill takes them off; {} where the shop taxes them.

        :return: dict of percent to positive yen
        """
        total = round(self.rakuten_coupon_rakuten)
        if not total or self.rakuten_shop_id.sudo().coupon_tax != "rakuten":
            return {}
        of_shop, sold = Counter(), Counter()
        for line in self.order_line.filtered(lambda line: not line.display_type):
            if line.product_id == self.env.ref(CHARGE_PRODUCTS["coupon"]):
                of_shop[_rate(line)] -= round(line.price_total)
            sold[_rate(line)] += round(line.price_total)
        room = Counter()
        for row in self.rakuten_order_id.sudo().tax_summary or ():
            room[row["rate"]] += (row["coupon_price"] or 0) - of_shop[row["rate"]]
        if room.total() == total and min(room.values(), default=0) >= 0:
            return {rate: amount for rate, amount in room.items() if amount}
        return split(total, {rate: amount for rate, amount in sold.items() if amount > 0})

    def _rakuten_fee_apart(self):
        """Whether the fee of 後払い is not in what Rakuten bills (RMS API section 4.4)."""
        fee = self.order_line.filtered(self._rakuten_is_fee)
        told = [price for price, _tax in self._rakuten_taxes().values()]
        paid = self.rakuten_request_price + self.rakuten_used_point
        return bool(fee) and (not told or sum(told) + sum(fee.mapped("price_total")) == paid)

    def _rakuten_is_fee(self, line):
        return line.product_id == self.env.ref(CHARGE_PRODUCTS["additional_fee"])

    def _rakuten_prices(self):
        """What Rakuten bills of the whole order by rate, as the sale order has it.

        :return: dict of percent to yen with tax
        """
        apart = self._rakuten_fee_apart()
        prices = Counter()
        for line in self.order_line.filtered(lambda line: not line.display_type):
            if not (apart and self._rakuten_is_fee(line)):
                prices[_rate(line)] += line.price_unit * line.product_uom_qty
        prices.subtract(self._rakuten_coupons())
        return {rate: round(price, 2) for rate, price in prices.items()}

    def _rakuten_is_billed(self):
        """Whether nothing of the order is left to bill."""
        return all(
            float_is_zero(line.product_uom_qty - line.qty_invoiced, precision_digits=6)
            for line in self.order_line
            if not line.display_type and (line.price_unit or line.rakuten_item_detail_id)
        )

    def _rakuten_invoice_vals(self, shop, payer, date, quantities, billed):
        """Values of the invoice of some of this order.

        :param dict quantities: of :meth:`_rakuten_quantities`
        :param dict billed: key to (price, tax) of the invoices so far
        """
        self.ensure_one()
        order = self.with_context(lang=payer.lang or self.env.lang).with_company(self.company_id)
        apart = self._rakuten_fee_apart()
        with_charges = any(line._is_rakuten_charge() for line in quantities) or not billed
        coupons = {}
        if with_charges and shop.coupon_account_id not in billed:
            coupons = self._rakuten_coupons()
        lines, now = [], defaultdict(float)
        for line in self.order_line:
            if line not in quantities:
                continue
            vals = line.with_env(order.env)._prepare_invoice_line(quantity=quantities[line])
            # What a buyer wanted to have written on it is nothing for the books.
            vals["name"] = (line.name or "").split("\n")[0]
            if apart and self._rakuten_is_fee(line):
                vals.update(account_id=shop.deposit_account_id.id, tax_ids=[Command.clear()])
            else:
                now[_rate(line)] += line.price_unit * quantities[line]
            lines.append(vals)
        taxes = {_rate(line): line.tax_ids for line in self.order_line if line.tax_ids}
        for rate, amount in coupons.items():
            now[rate] -= amount
            lines.append(
                {
                    "product_id": self.env.ref(CHARGE_PRODUCTS["coupon"]).id,
                    "name": order.env._("Rakuten's coupon"),
                    "quantity": 1,
                    "price_unit": -amount,
                    "tax_ids": [Command.set(taxes[rate].ids)],
                }
            )
        if coupons:
            lines.append(
                {
                    "name": order.env._("Rakuten's coupon, paid by Rakuten"),
                    "account_id": shop.coupon_account_id.id,
                    "quantity": 1,
                    "price_unit": sum(coupons.values()),
                    "tax_ids": [Command.clear()],
                }
            )
        for sequence, vals in enumerate(lines, start=1):
            vals["sequence"] = sequence
            if shop.analytic_account_id:
                vals["analytic_distribution"] = {str(shop.analytic_account_id.id): 100}
        points = 0
        if payer != shop.payer_id and not billed:
            points = self.rakuten_used_point + self.rakuten_coupon_rakuten
        return {
            **order._prepare_invoice(),
            "partner_id": payer.id,
            # Not the buyer, whose contact could not be forgotten otherwise.
            "partner_shipping_id": payer.id,
            "fiscal_position_id": False,
            "invoice_payment_term_id": self.payment_term_id.id,
            "invoice_date": date,
            "date": date,
            "narration": False,
            "journal_id": self._rakuten_journal().id,
            "invoice_line_ids": [Command.create(vals) for vals in lines],
            "rakuten_told": self._rakuten_tell(now, billed),
            "rakuten_by_rakuten": points,
        }

    def _rakuten_tell(self, now, billed, sign=1):
        """The tax of a document by rate, where Rakuten taxes what the sale order sells.

        :param dict now: percent to price of the document
        :param dict billed: key to (price, tax) so far
        :param int sign: -1 for a credit note
        :return: as ``rakuten_told``
        """
        sold = self._rakuten_prices()
        told = {}
        for rate, (price, tax) in self._rakuten_taxes().items():
            part = round(now.get(rate, 0), 2)
            if rate in now and price == sold.get(rate, 0):
                before = billed.get(rate, (0, 0))
                due = tax_due(price, tax, rate, before, sign * part)
                told[f"{rate:g}"] = [part, sign * due]
        return told

    # === Taking back === #

    def _rakuten_credit_all(self, reason):
        """Draft credit notes of all that is billed; what is a draft itself is given up.

        :param ..Sentence reason:
        """
        for order in self:
            moves = order._rakuten_moves()
            drafts = moves.filtered(lambda move: move.state == "draft")
            drafts.button_cancel()
            posted = moves - drafts
            if posted and all(move.move_type == "out_invoice" for move in posted):
                credits = posted._reverse_moves(
                    [order._rakuten_credit_head(move) for move in posted]
                )
                for credit in credits:
                    credit.sudo().write(columns("rakuten_reason", reason))
            else:
                order._rakuten_credit_to({}, reason)

    def _rakuten_credit_head(self, invoice):
        today = japan.today()
        return {
            "invoice_date": today,
            "date": today,
            "ref": invoice.ref,
            "rakuten_by_rakuten": 0,
        }

    def _rakuten_credit_to(self, target, reason):
        """A draft credit note that leaves the target of what is billed.

        :param dict target: key to (price, tax)
        :return: account.move, empty where nothing is to be taken back
        """
        self.ensure_one()
        moves = self._rakuten_moves()
        posted = moves.filtered(lambda move: move.state == "posted")
        billed = moves._rakuten_amounts().get(self.rakuten_order_id, {})
        less = difference(billed, target)
        if not posted or sum(price for price, _tax in less.values()) <= 0:
            return self.env["account.move"]
        invoice = posted.filtered(lambda move: move.move_type == "out_invoice")[:1]
        known = posted.invoice_line_ids.filtered("tax_ids")
        accounts = {_rate(line): (line.account_id, line.tax_ids) for line in known}
        lines = []
        for key, (price, _tax) in less.items():
            # What has no tax is kept by its account.
            account, taxes = accounts.get(key, (key, self.env["account.tax"]))
            lines.append(
                {
                    "name": self.env._("Refund"),
                    "account_id": account.id,
                    "quantity": 1,
                    "price_unit": price,
                    "tax_ids": [Command.set(taxes.ids)],
                    "analytic_distribution": invoice.invoice_line_ids[:1].analytic_distribution,
                }
            )
        told = {f"{key:g}": list(pair) for key, pair in less.items() if isinstance(key, float)}
        return self._rakuten_make_credit(invoice, lines, told, reason)

    def _rakuten_make_credit(self, invoice, lines, told, reason):
        vals = {
            **self._rakuten_credit_head(invoice),
            "move_type": "out_refund",
            "partner_id": invoice.partner_id.id,
            "partner_shipping_id": invoice.partner_shipping_id.id,
            "journal_id": invoice.journal_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "reversed_entry_id": invoice.id,
            "invoice_origin": self.name,
            "rakuten_order_id": self.rakuten_order_id.id,
            "rakuten_told": told,
            "invoice_line_ids": [Command.create(line) for line in lines],
            **columns("rakuten_reason", reason),
        }
        return self.env["account.move"].sudo().create(vals)

    def _rakuten_credit_change(self):
        """A draft credit note of what Rakuten bills less than what is billed here."""
        for order in self:
            record = order.rakuten_order_id.sudo()
            if order._rakuten_moves() and record.tax_summary:
                order._rakuten_credit_to(
                    order._rakuten_target(record), say(self.env, "credit.changed")
                )

    def _rakuten_target(self, record):
        """What is left of the bill by Rakuten's present tax summary, what has no tax included."""
        target = {rate: pair for rate, pair in self._rakuten_taxes().items() if pair[0]}
        shop = record.shop_id.sudo()
        billed = self._rakuten_moves()._rakuten_amounts().get(self.rakuten_order_id, {})
        for account in (shop.coupon_account_id, shop.deposit_account_id):
            if account in billed:
                target[account] = billed[account]
        return target

    def _rakuten_credit_returned(self, transfers):
        """A draft credit note of what is billed and has come back."""
        for order in self:
            lines, now = [], defaultdict(float)
            moves = order._rakuten_moves()
            invoice = moves.filtered(
                lambda move: move.state == "posted" and move.move_type == "out_invoice"
            )[:1]
            if not invoice or order._rakuten_credited(moves):
                continue
            for line in order.order_line.filtered("rakuten_item_detail_id"):
                back = line.qty_invoiced - line.qty_delivered
                if back > 0:
                    vals = line._prepare_invoice_line(quantity=back)
                    vals["name"] = (line.name or "").split("\n")[0]
                    lines.append(vals)
                    now[_rate(line)] += line.price_unit * back
            if lines:
                billed = moves._rakuten_amounts().get(order.rakuten_order_id, {})
                told = order._rakuten_tell(now, billed, sign=-1)
                reason = say(self.env, "credit.returned", transfers=transfers)
                order._rakuten_make_credit(invoice, lines, told, reason)

    def _rakuten_credited(self, moves):
        """Whether a refund at Rakuten has been credited, which is what the return is about."""
        return any(
            move.rakuten_reason_code == "credit.changed"
            for move in moves
            if move.move_type == "out_refund"
        )


def _rate(line):
    """Percent of the tax of a line, 0.0 for none."""
    return round(line.tax_ids[:1].amount, 4)
