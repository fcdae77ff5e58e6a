"""A shop's month with Rakuten: two statements, as the RMS sandbox writes them, and all that happens
in between; nothing is open at the end.

In the suite a small month, as a campaign of ``dev/prove`` one of 1,000 orders.
"""

from datetime import date

from odoo import Command
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.tests.campaign import figures
from odoo.addons.smartship_rakuten.tests.sandbox import SandboxCase

#: Of a hundred orders: kinds of the sandbox.
KINDS = [
    *["simple"] * 6,
    *["points", "rakuten_coupon", "shop_coupon", "mixed_tax", "points+rakuten_coupon"],
    *["points_all", "additional_fee", "shop_coupon+points"],
]
#: What updateOrderSenderAfterShipping wants to have said again (RMS API section 2.9).
ITEM = (
    "itemDetailId itemName itemNumber price taxRate units includePostageFlag includeTaxFlag"
    " includeCashOnDeliveryPostageFlag selectedChoice restoreInventoryFlag deleteItemFlag"
    " SkuModelList"
).split()
PACKAGE = "basketId postagePrice postageTaxRate deliveryPrice deliveryTaxRate noshi".split()
GIVEN_BACK = 100


class MonthCase(SandboxCase):
    """Invoices are made by hand: one line of what Rakuten owes, without tax."""

    def setUp(self):
        super().setUp()
        self.shop = self.open_shop("month", items=20, seed=7)
        self.sandbox.control("clock", now="2026-01-12T10:00:00+0900")
        self.shop.import_from = date(2025, 12, 1)
        self.shop.action_test_connection()
        self.shop.with_company(self.company).action_set_up_accounting()
        self.sales = self.env["account.account"].search(
            [("code", "=", "410000"), ("company_ids", "in", self.company.ids)], limit=1
        )
        self.client = self.shop._client()

    def place(self, count, kinds):
        """Orders that have been shipped; Odoo does not know them."""
        return self.sandbox.control(
            "orders", count=count, kinds=kinds, status=500, at="2026-01-12T09:00:00+0900"
        )["order_numbers"]

    def fetch(self, numbers):
        """Have Odoo read these orders.

        :return: dict of number to rakuten.order
        """
        self.shop._fetch(self.client, numbers, asked_for=True)
        found = self.env["rakuten.order"].search(
            [("shop_id", "=", self.shop.id), ("name", "in", numbers)]
        )
        self.assertEqual(len(found), len(numbers))
        return {order.name: order for order in found}

    @staticmethod
    def owed(payload):
        """What Rakuten owes: the buyer's payment, points and its own coupons."""
        points = payload["PointModel"]["usedPoint"]
        return payload["requestPrice"] + points + payload["couponOtherPrice"]

    def invoices(self, amounts, kind="out_invoice", day=date(2026, 1, 13)):
        """Post an invoice or credit note for each of these orders.

        :param dict amounts: {rakuten.order: yen}
        """
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": kind,
                    "partner_id": self.shop.payer_id.id,
                    "company_id": self.company.id,
                    "invoice_date": day,
                    "rakuten_order_id": order.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": order.name,
                                "price_unit": amount,
                                "account_id": self.sales.id,
                                "tax_ids": [],
                            }
                        )
                    ],
                }
                for order, amount in amounts.items()
                if amount
            ]
        )
        moves.action_post()
        return moves

    def open_with_rakuten(self):
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.shop.payer_id.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return round(sum(items.mapped("amount_residual")))

    def statement(self, issued, **options):
        """A statement of the sandbox, read and matched."""
        found = self.sandbox.control("statements", issued=issued, **options)
        settlement = self.env["rakuten.settlement"].create(
            {"shop_id": self.shop.id, "data": found["detail"]}
        )
        settlement.action_read()
        return settlement, found

    def give_back(self, number):
        """Somebody in the shop lowers the price of the first item by 100 yen on RMS's screen."""
        (result,) = self.client.get_order([number])
        (order,) = result.orders
        packages = []
        for package in order["PackageModelList"]:
            sender = dict(package["SenderModel"])
            sender.pop("isolatedIslandFlag")
            items = [{key: item[key] for key in ITEM} for item in package["ItemModelList"]]
            model = {key: package[key] for key in PACKAGE}
            packages.append(model | {"SenderModel": sender, "ItemModelList": items})
        item = packages[0]["ItemModelList"][0]
        item["price"] -= GIVEN_BACK // item["units"] if item["units"] > 1 else GIVEN_BACK
        self.client.update_order_sender_after_shipping(
            number, {"PackageModelList": packages, "reductionReason": 15}
        )

    def month(self, count, *, cancelled, returned, refunded, cash):
        """:return: (rakuten.settlement of the 5th, of the 20th)"""
        numbers = self.place(count - cash, KINDS)
        by_hand = self.place(cash, ["cod"])
        orders = self.fetch(numbers + by_hand)
        self.invoices({orders[n]: self.owed(orders[n].payload) for n in numbers})
        # Cancelled before Rakuten has paid: credited at once, and never on a statement.
        gone, numbers = numbers[:cancelled], numbers[cancelled:]
        for number in gone:
            self.client.cancel_order_after_shipping(number, 0, 10)
        credits = self.invoices(
            {orders[n]: self.owed(orders[n].payload) for n in gone}, "out_refund"
        )
        for credit in credits:
            both = credit.rakuten_order_id.name
            self.env["account.move"].search(
                [("rakuten_order_id.name", "=", both)]
            ).line_ids.filtered(lambda item: item.account_type == "asset_receivable").reconcile()
        half = len(numbers) // 2
        first, second = numbers[:half] + by_hand, numbers[half:]
        self.sandbox.control("clock", now="2026-01-15T10:00:00+0900")
        self.sandbox.control("payments", order_numbers=first)
        fifth, found = self.statement("2026-02-05")
        self.assertEqual((fifth.state, fifth.difference), ("matched", 0))
        self.assertEqual(fifth.payout, found["paid"])
        self.assertFalse(fifth.finding_ids)
        fifth.action_post()
        # What was paid is returned, or partly given back.
        self.sandbox.control("clock", now="2026-01-28T10:00:00+0900")
        plain = [n for n in first if n not in by_hand and orders[n].payload["requestPrice"] > 1000]
        back, partly = plain[:returned], plain[returned : returned + refunded]
        before = {n: self.owed(orders[n].payload) for n in back + partly}
        for number in back:
            self.client.cancel_order_after_shipping(number, 0, 10)
        for number in partly:
            self.give_back(number)
        self.fetch(back + partly)
        for number in back:
            self.assertEqual(orders[number].progress, "900")
        lower = {n: before[n] - self.owed(orders[n].payload) for n in partly}
        self.assertTrue(all(amount > 0 for amount in lower.values()), lower)
        self.invoices(
            {orders[n]: amount for n, amount in (lower | {n: before[n] for n in back}).items()},
            "out_refund",
            date(2026, 1, 28),
        )
        twentieth = self.second_half(orders, second)
        self.assertEqual(
            twentieth.line_ids.filtered(lambda line: line.outcome == "refund").mapped("name"),
            sorted(back + partly),
        )
        return fifth, twentieth

    def second_half(self, orders, numbers):
        """The statement of the 20th, with three faults that somebody finds and mends."""
        (missing,) = self.place(1, ["simple"])
        (unbilled,) = self.place(1, ["postage"])
        orders |= self.fetch([unbilled])
        changed = next(n for n in numbers if orders[n].payload["requestPrice"] > 1000)
        self.invoices({orders[changed]: 777})
        self.sandbox.control("clock", now="2026-02-03T10:00:00+0900")
        self.sandbox.control("payments", order_numbers=[*numbers, missing, unbilled])
        settlement, _found = self.statement("2026-02-20")
        self.assertEqual(settlement.state, "differs")
        self.assertEqual(
            {line.name: line.outcome for line in settlement.finding_ids},
            {missing: "missing", unbilled: "unbilled", changed: "changed"},
        )
        line = settlement.finding_ids.filtered(lambda line: line.name == changed)
        self.assertEqual(line.open_amount - line.expected, 777)
        self.assertEqual(settlement.difference, sum(settlement.finding_ids.mapped("explains")))
        late = self.fetch([missing]) | {unbilled: orders[unbilled]}
        self.invoices({order: self.owed(order.payload) for order in late.values()})
        self.invoices({orders[changed]: 777}, "out_refund")
        settlement.action_read()
        self.assertEqual((settlement.state, settlement.difference), ("matched", 0))
        self.assertFalse(settlement.finding_ids)
        settlement.action_post()
        return settlement

    def check(self, count, **happens):
        fifth, twentieth = self.month(count, **happens)
        self.assertEqual(self.open_with_rakuten(), 0)
        for settlement in (fifth, twentieth):
            self.assertFalse(settlement.reconciling)
            waiting = settlement.move_id.line_ids.filtered(
                lambda item, s=settlement: item.account_id == s.shop_id.payout_account_id
            )
            self.assertEqual(waiting.amount_residual, settlement.payout)
        self.assertFalse(fifth.bill_id)
        bill = twentieth.bill_id
        if bill:
            bill.action_post()
            self.assertEqual(bill.amount_residual, 0)
        return fifth, twentieth


@tagged("post_install", "-at_install")
class TestMonth(MonthCase):
    def test_small_month(self):
        self.check(30, cancelled=2, returned=2, refunded=2, cash=3)


@tagged("post_install", "-at_install", "slow")
class TestLargeMonth(MonthCase):
    def test_month_of_a_thousand(self):
        fifth, twentieth = self.check(1000, cancelled=40, returned=25, refunded=15, cash=60)
        cleared = len(fifth.line_ids) + len(twentieth.line_ids)
        figures(f"1,000 orders, {cleared} lines of two statements cleared, 3 faults found, 0 open")
