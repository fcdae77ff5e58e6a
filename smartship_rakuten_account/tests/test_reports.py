"""What is expected from Rakuten, and what was sold; values by hand."""

from datetime import date

from odoo import Command
from odoo.tests import new_test_user, tagged

from .settling import SettlingCase, paid, payload


@tagged("post_install", "-at_install")
class TestReports(SettlingCase):
    def billed_on(self, sequence, day, amount):
        (record,) = self.put(payload(sequence, amount))
        self.bill(record, amount, day=day)
        return record

    def test_expected_by_day(self):
        days = {
            date(2026, 1, 10): date(2026, 1, 30),
            date(2026, 1, 11): date(2026, 2, 15),
            date(2026, 1, 25): date(2026, 2, 15),
            date(2026, 1, 26): date(2026, 2, 28),
            date(2026, 2, 10): date(2026, 2, 28),
            date(2026, 12, 26): date(2027, 1, 30),
            date(2026, 12, 11): date(2027, 1, 15),
        }
        records = [
            self.billed_on(sequence, day, 1000 + sequence)
            for sequence, day in enumerate(days, start=1)
        ]
        rows = self.env["rakuten.open.report"].search([("shop_id", "=", self.shop.id)])
        found = {row.order_id: (row.date, row.expected_on, row.amount) for row in rows}
        self.assertEqual(
            found,
            {
                record: (day, expected, 1000 + sequence)
                for sequence, (record, (day, expected)) in enumerate(
                    zip(records, days.items(), strict=True), start=1
                )
            },
        )
        self.assertEqual(set(rows.mapped("from_rakuten")), {True})
        self.assertEqual(self.shop.open_with_rakuten, 7028)

    def test_what_is_paid_is_not_open(self):
        """Σ(requestPrice + points + Rakuten's coupons) of what is billed and not paid."""
        self.billed(payload(1, 11220), payload(2, 8490, points=380, coupon=200, own=300))
        self.shop.invalidate_recordset(["open_with_rakuten"])
        self.assertEqual(self.shop.open_with_rakuten, 20290)
        found = self.settlement(paid(20290))
        found.action_post()
        self.shop.invalidate_recordset(["open_with_rakuten"])
        self.assertEqual(self.shop.open_with_rakuten, 0)

    def test_sales(self):
        (record,) = self.put(payload(1, 3300))
        tax = self.env["account.tax"].search(
            [
                ("type_tax_use", "=", "sale"),
                ("amount", "=", 10),
                ("company_id", "=", self.company.id),
                ("price_include_override", "!=", "tax_included"),
            ],
            limit=1,
        )
        for kind, price in (("out_invoice", 3000), ("out_refund", 1000)):
            move = self.bill(record, price, kind, post=False)
            move.invoice_line_ids.tax_ids = [Command.set(tax.ids)]
            move.action_post()
        rows = self.env["rakuten.sales.report"].search([("shop_id", "=", self.shop.id)])
        self.assertEqual(
            sorted((row.move_type, row.rate, row.untaxed, row.tax, row.amount) for row in rows),
            [
                ("out_invoice", "10 %", 3000, 300, 3300),
                ("out_refund", "10 %", -1000, -100, -1100),
            ],
        )
        self.assertEqual(set(rows.mapped("payment_name")), {"クレジットカード"})
        by_rate = self.env["rakuten.sales.report"]._read_group(
            [("shop_id", "=", self.shop.id)], ["rate"], ["amount:sum", "order_count:count_distinct"]
        )
        self.assertEqual(by_rate, [("10 %", 2200, 1)])

    def test_who_sees_it(self):
        keeper, accountant = (
            new_test_user(
                self.env,
                name,
                f"smartship_rakuten.group_user,{groups}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for name, groups in (
                ("keeper", "smartship_rakuten.group_manager"),
                ("both", "account.group_account_invoice"),
            )
        )
        view = "smartship_rakuten.view_rakuten_shop_dashboard"
        archs = [
            self.env["rakuten.shop"].with_user(user).get_view(self.env.ref(view).id)["arch"]
            for user in (keeper, accountant)
        ]
        self.assertEqual(["open_with_rakuten" in arch for arch in archs], [False, True])
