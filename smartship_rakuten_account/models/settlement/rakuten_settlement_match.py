from collections import defaultdict
from dataclasses import asdict
from datetime import timedelta

from odoo import api, models
from odoo.tools.misc import split_every

from odoo.addons.smartship_rakuten.rms import RmsError
from odoo.addons.smartship_rakuten.rules import japan
from odoo.addons.smartship_rakuten.rules.payload import LENIENT

from ...rules.matching import (
    Combination,
    Owed,
    Paid,
    is_rakuten_s,
    match,
    owed_of,
    sums,
    suspects,
    told,
)

#: searchOrder by 決済確定日 (RMS API section 2.3).
PAYMENT_FIXED = 6
DAY = timedelta(days=1)
#: Orders whose payloads are held in memory at a time.
BATCH = 500
#: So many orders are asked for their payment: a call each.
PAYMENTS = 20


class RakutenSettlement(models.Model):
    """The orders of a statement, and whether it adds up with them."""

    _inherit = "rakuten.settlement"

    # === BUSINESS METHODS - The orders that it is about === #

    def _fetch_set(self, client):
        """Ask Rakuten for the orders whose payment was fixed in the period: a call a day, each
        kept at once.

        :return: whether all days were asked for
        """
        self.ensure_one()
        day = self.read_until + DAY if self.read_until else self.date_from
        while day and day <= self.date_to:
            self._add_orders(day, self._fixed_on(client, day))
            self.read_until = day
            day += DAY
            if not self.shop_id._commit() and day <= self.date_to:
                return False
        return True

    @api.model
    def _fixed_on(self, client, day):
        """Numbers of the orders whose payment was fixed on a day in Japan (RMS API section 2.3)."""
        return list(
            client.search_order(start=japan.begin(day), end=japan.end(day), date_type=PAYMENT_FIXED)
        )

    def _orders_of(self, numbers):
        """:return: dict of number to rakuten.order of this shop"""
        orders = self.env["rakuten.order"].search(
            [("shop_id", "=", self.shop_id.id), ("name", "in", list(numbers))]
        )
        return {order.name: order for order in orders}

    def _add_orders(self, day, numbers):
        known = set(self.line_ids.mapped("name"))
        orders = self._orders_of(numbers)
        self.env["rakuten.settlement.line"].create(
            [
                {
                    "settlement_id": self.id,
                    "name": number,
                    "order_id": orders[number].id if number in orders else False,
                    "fixed_on": day,
                }
                for number in numbers
                if number not in known
            ]
        )

    @api.model
    def _owed(self, orders):
        """What Rakuten owes for these orders, without those that it does not collect.

        :return: dict of number to Owed
        """
        found = {}
        for ids in split_every(BATCH, orders.ids, tuple):
            part = orders.browse(ids)
            for order in part:
                if order.collected_by_rakuten:
                    found[order.name] = owed_of(order.name, order.payload)
            part.invalidate_recordset(["payload"])
        return found

    def _owed_unknown(self, client, numbers):
        """The same of orders that Odoo lacks, by what Rakuten says of them now; a number that it
        does not tell is owed nothing."""
        found = {}
        for result in client.get_order(numbers):
            for payload in result.orders:
                number = LENIENT.text(payload, "orderNumber")
                if is_rakuten_s(payload):
                    found[number] = owed_of(number, payload)
            for number in result.missing:
                found[number] = Owed(number, 0)
        return found

    # === BUSINESS METHODS - What is open in the books === #

    def _receivable_domain(self):
        return [
            ("company_id", "=", self.company_id.id),
            ("account_type", "=", "asset_receivable"),
            ("partner_id", "=", self.shop_id.payer_id.commercial_partner_id.id),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
        ]

    def _open_items(self, orders):
        """Open journal items of what Rakuten owes for orders, also what statements have paid too
        much for them.

        :return: dict of order to account.move.line
        """
        Item = self.env["account.move.line"]
        found = defaultdict(Item.browse)
        if not orders:
            return found
        domain = self._receivable_domain()
        for item in Item.search([*domain, ("move_id.rakuten_order_id", "in", orders.ids)]):
            found[item.move_id.rakuten_order_id] += item
        lines = self.env["rakuten.settlement.line"].search(
            [("order_id", "in", orders.ids), ("move_line_id", "!=", False)]
        )
        still = lines.move_line_id.filtered_domain(domain)
        for line in lines:
            found[line.order_id] |= line.move_line_id & still
        return found

    def _billed(self, orders):
        """:return: dict of order to the yen that posted credit notes to Rakuten took off; orders
        that are not billed to it are not in it"""
        billed = {}
        groups = self.env["account.move"]._read_group(
            [
                ("rakuten_order_id", "in", orders.ids),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_refund")),
                (
                    "commercial_partner_id",
                    "=",
                    self.shop_id.payer_id.commercial_partner_id.id,
                ),
            ],
            ["rakuten_order_id", "move_type"],
            ["amount_total:sum"],
        )
        for order, kind, amount in groups:
            billed.setdefault(order, 0)
            if kind == "out_refund":
                billed[order] = round(amount)
        return billed

    def _credits(self, without):
        """Open credits of orders of this shop that earlier statements have paid.

        :param without: rakuten.order of this statement
        :return: dict of order to yen above 0, the oldest first
        """
        Item = self.env["account.move.line"]
        domain = [*self._receivable_domain(), ("balance", "<", 0)]
        orders = Item.search(
            [*domain, ("move_id.rakuten_order_id.shop_id", "=", self.shop_id.id)]
        ).move_id.rakuten_order_id
        paid_too_much = self.env["rakuten.settlement.line"].search(
            [
                ("settlement_id.shop_id", "=", self.shop_id.id),
                ("move_line_id.reconciled", "=", False),
                ("move_line_id.balance", "<", 0),
                ("move_line_id.parent_state", "=", "posted"),
            ]
        )
        orders = (orders | paid_too_much.order_id) - without
        items = self._open_items(orders)
        found = {}
        for order in orders.sorted("id"):
            amount = -round(sum(items[order].mapped("amount_residual")))
            if amount > 0:
                found[order] = amount
        return found

    # === BUSINESS METHODS - Matching === #

    def _paid(self):
        """What the rows pay and take off.

        :rtype: Paid
        """
        amounts = {}
        for row in self.row_ids:
            if row.side == "paid" or row.kind in ("own", "refund"):
                amount = amounts.get(row.kind) or 0
                amounts[row.kind] = amount + round(row.amount + row.tax)
        return Paid(**amounts)

    def _match(self, client):
        """Compare what the statement pays with its orders and with the books, and name what is
        behind a difference."""
        self.ensure_one()
        orders = self.line_ids.order_id
        owed = self._owed(orders)
        unknown = self.line_ids.filtered(lambda line: not line.order_id).mapped("name")
        if unknown:
            owed |= self._owed_unknown(client, unknown)
        self.line_ids.filtered(lambda line: line.name not in owed).unlink()
        items, billed = self._open_items(orders), self._billed(orders)
        found = {
            line.name: self._outcome(line, owed[line.name], items, billed) for line in self.line_ids
        }
        later = {
            line.name: max(
                billed.get(line.order_id, 0), found[line.name][1] - owed[line.name].total
            )
            for line in self.line_ids
            if line.order_id in billed
        }
        credits = self._credits(orders)
        remembered = self.shop_id._settlement_combination()
        result = match(
            self._paid(),
            list(owed.values()),
            {order.name: amount for order, amount in credits.items()},
            {number: amount for number, amount in later.items() if amount > 0},
            remembered,
        )
        self._note(result, owed, found, credits)
        combination = result.combination and asdict(
            told(sums(owed.values()), result.combination, remembered)
        )
        doubtful = self.line_ids.filtered(lambda line: line.outcome not in ("agrees", "refund"))
        difference = result.difference + sum(
            round(line.expected - (line.fee if result.kept else 0)) for line in doubtful
        )
        self.write(
            {
                "combination": combination or False,
                "fee_kept": result.kept,
                "expected": self._paid().net - difference,
                "difference": difference,
                "state": "differs" if difference or self.off else "matched",
                "reading": False,
            }
        )
        if result.difference:
            self._suspect(client, result.difference, owed, credits)
        self._read_payments(client)

    @api.model
    def _outcome(self, line, owed, items, billed):
        """:return: (outcome, open yen)"""
        amount = round(sum(items[line.order_id].mapped("amount_residual"))) if line.order_id else 0
        if not line.order_id:
            return "missing", amount
        if amount == owed.total:
            return "agrees", amount
        if line.order_id not in billed:
            return "unbilled", amount
        if line.order_id.progress in ("800", "900"):
            return "cancelled", amount
        return ("changed" if amount else "cleared"), amount

    def _note(self, result, owed, found, credits):
        """Write down what became of each order."""
        for line in self.line_ids:
            order, (outcome, amount) = owed[line.name], found[line.name]
            clears = order.total + (result.before or {}).get(line.name, 0)
            if outcome in ("changed", "cancelled") and clears == amount:
                # Paid as it was billed; what it has become since comes with a later statement.
                outcome = "agrees"
            agrees = outcome == "agrees"
            line.write(
                {
                    "settled": order.settled,
                    "points": order.points,
                    "coupon": order.coupon,
                    "fee": order.fee,
                    "expected": order.total,
                    "open_amount": amount,
                    "cleared": clears if agrees else 0,
                    "outcome": outcome,
                    "reason": False,
                    "explains": 0 if agrees else order.total,
                }
            )
        by_number = {order.name: order for order in credits}
        self.env["rakuten.settlement.line"].create(
            [
                {
                    "settlement_id": self.id,
                    "name": number,
                    "order_id": by_number[number].id,
                    "open_amount": -credits[by_number[number]],
                    "cleared": -amount,
                    "outcome": "refund",
                }
                for number, amount in (result.refunds or {}).items()
            ]
        )

    def _suspect(self, client, difference, owed, credits):
        """Name the orders that may explain what the statement pays otherwise than its orders say.

        :param int difference: yen
        """
        edges, days = {}, {}
        if self.date_from:
            for day in (self.date_from - DAY, self.date_to + DAY):
                numbers = [n for n in self._fixed_on(client, day) if n not in owed]
                days |= dict.fromkeys(numbers, day)
            orders = self._orders_of(days)
            edges = self._owed(self.env["rakuten.order"].union(*orders.values()))
        doubtful = {line.name for line in self.line_ids if line.outcome != "agrees"}
        named = suspects(
            difference,
            [order for number, order in owed.items() if number not in doubtful],
            list(edges.values()),
            {order.name: amount for order, amount in credits.items()},
        )
        lines = {line.name: line for line in self.line_ids}
        known = {order.name: order for order in credits} | self._orders_of(edges)
        for suspect in named:
            vals = {"outcome": "suspect", "reason": suspect.reason, "explains": suspect.amount}
            if suspect.number in lines:
                lines[suspect.number].write(vals)
                continue
            order = edges.get(suspect.number)
            self.env["rakuten.settlement.line"].create(
                {
                    **vals,
                    "settlement_id": self.id,
                    "name": suspect.number,
                    "order_id": known[suspect.number].id,
                    "fixed_on": days.get(suspect.number),
                    "expected": order.total if order else 0,
                }
            )

    def _read_payments(self, client):
        """Ask for the payments of the few orders that somebody has to look at (RMS API section
        2.11). Who does not answer is left."""
        for line in self.finding_ids[:PAYMENTS]:
            try:
                answer = client.get_payment(line.name)
            except RmsError:
                continue
            line.payment = self._payment_text(answer)

    @api.model
    def _payment_text(self, answer):
        """What getPayment says of an order, in short: status, day, amount, what was given back."""
        parts = []
        for payment in LENIENT.objects(answer, "PaymentModelList"):
            fixed = LENIENT.text(payment, "paymentFixDatetime")[:10]
            amount = LENIENT.whole(payment, "paymentAmount")
            status = LENIENT.text(payment, "paymentStatus")
            parts += [status, fixed, f"{amount:,}" if amount is not None else ""]
            for refund in LENIENT.objects(payment, "RefundModelList"):
                back = LENIENT.whole(refund, "paymentAmount")
                if back:
                    parts.append(f"-{back:,}")
        return " ".join(filter(None, parts))

    @api.model
    def _remembered(self, values):
        """A combination from what is stored of it."""
        return Combination(**values) if values else None
