"""Statements are matched with their orders and posted, account by account; values by hand."""

import base64
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .settling import (
    CHARGES,
    SettlingCase,
    charged,
    coupon_row,
    paid,
    payload,
    points_row,
    refunded,
    statement_file,
)

CARD = {"sequence": 1, "request": 11220}
MIXED = {"sequence": 2, "request": 8490, "points": 380, "coupon": 200, "own": 300}
PLAIN = {"sequence": 3, "request": 8805}
#: The orders of example 8: 29,095 in all, 28,515 of it 決済.
EXAMPLE = (CARD, MIXED, PLAIN)
EXAMPLE_ROWS = (paid(28515), points_row(380), coupon_row(200), *CHARGES)


@tagged("post_install", "-at_install")
class TestMatching(SettlingCase):
    def example(self, *others):
        return self.billed(*(payload(**values) for values in (*EXAMPLE, *others)))

    def test_agrees(self):
        self.example()
        found = self.settlement(*EXAMPLE_ROWS)
        self.assertEqual((found.state, found.difference), ("matched", 0))
        self.assertEqual(
            (found.paid, found.charged, found.payout, found.expected), (29095, 2750, 26345, 29095)
        )
        self.assertEqual(found.name, "20260220123456")
        self.assertEqual((found.date_from, found.date_to), (date(2026, 1, 26), date(2026, 2, 10)))
        self.assertEqual(set(found.line_ids.mapped("outcome")), {"agrees"})
        self.assertFalse(found.finding_ids)
        self.assertEqual(
            found.combination, {"points": False, "coupon": False, "own": False, "kept": True}
        )
        # A call for each of the 16 days, and none for payments.
        self.assertEqual(self.rms.names().count("search_order"), 16)
        self.assertNotIn("get_payment", self.rms.names())

    def test_points_inside_and_shop_coupons(self):
        self.example()
        found = self.settlement(
            paid(29395), charged("ﾌﾟﾗﾝ共通_ｼｮｯﾌﾟｸｰﾎﾟﾝ", 300), number="20260220000001"
        )
        self.assertEqual(found.state, "matched")
        self.assertEqual(
            found.combination, {"points": True, "coupon": True, "own": True, "kept": True}
        )
        found.action_post()
        self.assertEqual(self.shop.settlement_combination, found.combination)
        self.assertFalse(found.bill_id)
        self.assertEqual(found.payout, 29095)

    def test_cash_on_delivery_is_left_out(self):
        self.example({"sequence": 4, "request": 8590, "method": 2})
        found = self.settlement(*EXAMPLE_ROWS)
        self.assertEqual(found.state, "matched")
        self.assertEqual(len(found.line_ids), 3)

    def test_what_differs_is_named_and_nothing_else(self):
        records = self.example()
        missing = payload(11, 5000)
        (missing_number,) = self.rms.put(missing)
        self.rms.fixed[missing_number] = date(2026, 2, 10)
        (unbilled,) = self.put(payload(12, 3000))
        (changed,) = self.put(payload(13, 7580))
        self.bill(changed, 8420)
        found = self.settlement(paid(28515 + 5000 + 3000 + 7580), points_row(380), coupon_row(200))
        self.assertEqual((found.state, found.difference), ("differs", 15580))
        self.assertEqual(
            self.findings(found),
            {
                missing_number: ("missing", False, 5000),
                unbilled.name: ("unbilled", False, 3000),
                changed.name: ("changed", False, 7580),
            },
        )
        line = found.finding_ids.filtered(lambda line: line.name == changed.name)
        self.assertEqual((line.expected, line.open_amount), (7580, 8420))
        self.assertEqual(line.payment, "30600 2026-02-03 7,580")
        self.assertEqual(self.rms.names().count("get_payment"), 3)
        with self.assertRaisesRegex(UserError, r"\+15,580 yen"):
            found.action_post()
        with self.assertRaisesRegex(UserError, "Say why"):
            found.action_post_difference()
        found.reason = "Billed next month"
        found.action_post_difference()
        self.assertEqual(
            self.entry(found.move_id),
            [("123800", 44675), ("330600", -15580), ("126000", -11220), ("126000", -9070)]
            + [("126000", -8805)],
        )
        self.assertEqual(found.move_id.line_ids.sorted("id")[1].name, "Billed next month")
        for record in records:
            invoice = self.env["account.move"].search([("rakuten_order_id", "=", record.id)])
            self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self.open_with_rakuten(), 8420)

    def test_unpaid_order_and_edge(self):
        self.example()
        found = self.settlement(paid(28515 - 8805), points_row(380), coupon_row(200))
        self.assertEqual((found.state, found.difference), ("differs", -8805))
        number = found.line_ids.sorted("name")[2].name
        self.assertEqual(self.findings(found), {number: ("suspect", "unpaid", 8805)})
        (edge,) = self.billed(payload(21, 4321), fixed=date(2026, 2, 11))
        again = self.settlement(
            *(paid(28515 + 4321), points_row(380), coupon_row(200)), number="20260220000002"
        )
        self.assertEqual(again.difference, 4321)
        self.assertEqual(self.findings(again), {edge.name: ("suspect", "edge", 4321)})
        again.reason = "A day late"
        again.action_post_difference()
        # What may explain it is not cleared, what agrees is.
        self.assertEqual(self.open_with_rakuten(), 4321)

    def test_cleared_by_an_earlier_statement(self):
        self.example()
        self.settlement(*EXAMPLE_ROWS).action_post()
        again = self.settlement(*EXAMPLE_ROWS[:3], number="20260305123456", issued="2026/03/05")
        self.assertEqual(again.difference, 29095)
        self.assertEqual(set(again.line_ids.mapped("outcome")), {"cleared"})

    def test_same_file_and_same_number(self):
        self.example()
        first = self.settlement(*EXAMPLE_ROWS)
        with self.assertRaisesRegex(UserError, "is there already"):
            self.settlement(*EXAMPLE_ROWS)
        with self.assertRaisesRegex(UserError, "20260220123456 .* is there already"):
            self.settlement(paid(1))
        first.action_read()
        self.assertEqual(first.state, "matched")

    def test_other_shop(self):
        with self.assertRaisesRegex(UserError, "of the shop 999999, not of 見本ショップ"):
            self.settlement(paid(1), shop="999999")

    def test_sentences_about_the_file(self):
        def read(data):
            found = self.Settlement.create(
                {"shop_id": self.shop.id, "data": base64.b64encode(data)}
            )
            with self.assertRaises(UserError) as caught:
                found.action_read()
            return caught.exception.args[0]

        good = statement_file(paid(1))
        self.assertIn(
            "column 12 is headed “商品” where “品目” was expected",
            read(good.replace("品目".encode("cp932"), "商品".encode("cp932"))),
        )
        self.assertIn(
            "“1.5” in the column 金額",
            read(statement_file([*paid(1)[:5], "1.5", "-", ""], paid=1)),
        )
        self.assertIn("no CSV file", read(b"\x89PNG\x00\x00\xff"))
        self.assertIn("no rows", read(b"\r\n"))

    def test_rows_that_do_not_add_up(self):
        self.example()
        found = self.settlement(*EXAMPLE_ROWS, paid=29096)
        self.assertEqual((found.state, found.off), ("differs", True))
        with self.assertRaisesRegex(UserError, "do not make the total"):
            found.action_post()
        found.reason = "Never mind"
        with self.assertRaisesRegex(UserError, "do not make the total"):
            found.action_post_difference()

    def test_charge_without_category(self):
        self.example()
        new = charged("新しい品目", 550, 50)
        found = self.settlement(*EXAMPLE_ROWS, new)
        self.assertEqual(found.state, "matched")
        with self.assertRaisesRegex(UserError, "新しい品目"):
            found.action_post()
        account = self.env["account.account"].create(
            {"code": "519999", "name": "Other", "account_type": "expense"}
        )
        self.env["rakuten.charge.category"].create(
            {"item": "新しい 品目", "account_id": account.id, "company_id": self.company.id}
        )
        found.action_read()
        found.action_post()
        line = found.bill_id.invoice_line_ids.filtered(lambda line: "新しい品目" in line.name)
        self.assertEqual((line.account_id, line.price_subtotal), (account, 500))
        self.assertEqual(found.bill_id.amount_total, 3300)


@tagged("post_install", "-at_install")
class TestPosting(SettlingCase):
    def posted(self, *rows, **values):
        found = self.settlement(*rows, **values)
        self.assertEqual(found.state, "matched", self.findings(found))
        found.action_post()
        self.assertEqual((found.state, found.reconciling), ("posted", False))
        return found

    def test_example_8(self):
        records = self.billed(*(payload(**values) for values in EXAMPLE))
        found = self.posted(*EXAMPLE_ROWS)
        self.assertEqual(
            self.entry(found.move_id),
            [
                ("220600", 2750),
                ("123800", 26345),
                ("126000", -11220),
                ("126000", -9070),
                ("126000", -8805),
            ],
        )
        move = found.move_id
        self.assertEqual((move.date, move.state), (date(2026, 2, 20), "posted"))
        self.assertEqual(move.journal_id, self.shop.settlement_journal_id)
        bill = found.bill_id
        self.assertEqual(
            (bill.state, bill.move_type, bill.ref), ("draft", "in_invoice", found.name)
        )
        self.assertEqual((bill.invoice_date, bill.partner_id), (date(2026, 2, 20), self.payer))
        self.assertEqual(
            (bill.amount_untaxed, bill.amount_tax, bill.amount_total), (2510, 240, 2750)
        )
        self.assertEqual(
            [
                (line.account_id.code, line.price_subtotal, line.tax_ids.mapped("amount"))
                for line in bill.invoice_line_ids
            ],
            [("512400", 1200, [10]), ("512400", 900, [10]), ("511900", 300, [10])]
            + [("511900", 110, [])],
        )
        self.assertEqual(bill.invoice_line_ids[0].name, "ｼｽﾃﾑ利用料_PC 2025/12/01 - 2025/12/31")
        self.assertEqual(self.open_with_rakuten(), 0)
        for record in records:
            invoice = self.env["account.move"].search([("rakuten_order_id", "=", record.id)])
            self.assertEqual(invoice.payment_state, "paid")
        # The bill is paid by what the statement has kept.
        bill.action_post()
        by_account = {}
        for item in bill.line_ids:
            code = item.account_id.code
            by_account[code] = by_account.get(code, 0) + round(item.balance)
        self.assertEqual(
            by_account, {"512400": 2100, "511900": 410, "123200": 240, "220600": -2750}
        )
        self.assertEqual(bill.amount_residual, 0)
        # What the bank will bring is one open line.
        waiting = move.line_ids.filtered(lambda item: item.account_id.code == "123800")
        self.assertEqual((waiting.amount_residual, waiting.reconciled), (26345, False))

    def test_the_bank_line_clears_the_payout(self):
        self.billed(*(payload(**values) for values in EXAMPLE))
        found = self.posted(*EXAMPLE_ROWS)
        waiting = found.move_id.line_ids.filtered(lambda item: item.account_id.code == "123800")
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": date(2026, 2, 28),
                "payment_ref": "ラクテングループ(カ",
                "amount": 26345,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = waiting.account_id
        (suspense | waiting).reconcile()
        self.assertTrue(waiting.reconciled)
        self.assertEqual(line.amount_residual, 0)

    def test_statement_of_the_fifth(self):
        self.billed(*(payload(**values) for values in EXAMPLE))
        found = self.posted(*EXAMPLE_ROWS[:3], issued="2026/03/05")
        self.assertFalse(found.bill_id)
        self.assertEqual(self.entry(found.move_id)[0], ("123800", 29095))

    def test_negative_statement(self):
        self.billed(payload(**CARD))
        found = self.posted(paid(11220), charged("検索連動型広告(RPP)_広告掲載料", 33000, 3000))
        self.assertEqual(found.payout, -21780)
        # What the payment covers; the rest stays owed.
        self.assertEqual(self.entry(found.move_id), [("220600", 11220), ("126000", -11220)])
        found.bill_id.action_post()
        self.assertEqual(found.bill_id.amount_residual, 21780)

    def test_charges_alone(self):
        found = self.posted(charged("compass", 5500, 500))
        self.assertEqual((found.payout, found.paid), (-5500, 0))
        self.assertFalse(found.move_id)
        self.assertEqual(found.bill_id.amount_total, 5500)

    def test_post_pay_fee(self):
        """Example 5: 7,090 are paid of 7,340, and the fee leaves 預り金."""
        self.billed(payload(5, 7340, fee=250))
        found = self.posted(paid(7090))
        self.assertEqual(
            self.entry(found.move_id), [("123800", 7090), ("330500", 250), ("126000", -7340)]
        )
        self.assertEqual(self.open_with_rakuten(), 0)

    def test_refund_of_an_order_of_this_statement(self):
        """Billed 8,420, 840 given back and credited before it is paid: one net line."""
        (record,) = self.put(payload(7, 7580))
        invoice = self.bill(record, 8420)
        credit = self.bill(record, 840, "out_refund")
        (invoice | credit).line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        ).reconcile()
        found = self.posted(paid(8420), refunded(840))
        self.assertEqual(self.entry(found.move_id), [("123800", 7580), ("126000", -7580)])
        self.assertEqual(self.open_with_rakuten(), 0)

    def test_refund_of_an_order_that_was_paid_before(self):
        (record,) = self.billed(payload(7, 8420))
        self.posted(paid(8420), number="20260205000001", issued="2026/02/05")
        self.bill(record, 840, "out_refund", day=date(2026, 2, 12))
        self.rms.fixed.clear()
        self.billed(payload(**CARD))
        found = self.posted(paid(11220), refunded(840))
        self.assertEqual(
            self.entry(found.move_id),
            [("123800", 10380), ("126000", -11220), ("126000", 840)],
        )
        self.assertEqual(
            found.line_ids.filtered(lambda line: line.outcome == "refund").name, record.name
        )
        self.assertEqual(self.open_with_rakuten(), 0)

    def test_paid_as_it_was_and_refunded_later(self):
        (record,) = self.put(payload(7, 7580))
        self.bill(record, 8420)
        self.bill(record, 840, "out_refund", day=date(2026, 2, 15))
        found = self.posted(paid(8420))
        self.assertEqual(self.entry(found.move_id), [("123800", 8420), ("126000", -8420)])
        self.assertEqual(self.open_with_rakuten(), -840)
        self.rms.fixed.clear()
        self.billed(payload(**CARD))
        later = self.posted(paid(11220), refunded(840), number="20260320000001")
        self.assertEqual(
            self.entry(later.move_id),
            [("123800", 10380), ("126000", -11220), ("126000", 840)],
        )
        self.assertEqual(self.open_with_rakuten(), 0)

    def test_undo_and_post_again(self):
        records = self.billed(*(payload(**values) for values in EXAMPLE))
        found = self.posted(*EXAMPLE_ROWS)
        entry = found.move_id
        with self.assertRaisesRegex(UserError, "Undo it to read it again"):
            found.action_read()
        with self.assertRaisesRegex(UserError, "Undo the statement"):
            found.unlink()
        found.action_undo()
        self.assertEqual(
            (found.state, found.move_id, found.bill_id.id), ("matched", entry[:0], False)
        )
        self.assertEqual(self.open_with_rakuten(), 29095)
        self.assertEqual(entry.reversal_move_ids.state, "posted")
        self.assertTrue(
            all(item.reconciled for item in entry.line_ids.filtered("account_id.reconcile"))
        )
        found.action_read()
        self.assertEqual(found.state, "matched")
        found.action_post()
        self.assertEqual(self.open_with_rakuten(), 0)
        self.assertNotEqual(found.move_id, entry)
        self.assertEqual(len(records), 3)

    def test_locked_period(self):
        self.billed(*(payload(**values) for values in EXAMPLE))
        found = self.settlement(*EXAMPLE_ROWS)
        self.company.fiscalyear_lock_date = date(2026, 2, 28)
        with self.assertRaisesRegex(UserError, "locked until"):
            found.action_post()
        self.assertFalse(found.move_id)

    def test_not_set_up(self):
        self.billed(payload(**CARD))
        found = self.settlement(paid(11220))
        self.shop.payout_account_id = False
        with self.assertRaisesRegex(UserError, "not set up: Account of Payouts"):
            found.action_post()

    def test_single_yen_of_tax(self):
        """Rakuten rounds each row: 15 and 15 of tax on 155 and 155, where Odoo would say 31."""
        self.billed(payload(**CARD))
        found = self.posted(
            *(paid(11220), charged("compass", 170, 15), charged("ｼｽﾃﾑ利用料_PC", 170, 15))
        )
        self.assertEqual((found.bill_id.amount_tax, found.bill_id.amount_total), (30, 340))
        found.bill_id.action_post()
        self.assertEqual((found.bill_id.amount_tax, found.bill_id.amount_residual), (30, 0))

    def test_clearing_goes_on_where_it_stopped(self):
        self.billed(*(payload(**values) for values in EXAMPLE))
        found = self.settlement(*EXAMPLE_ROWS)
        path = "odoo.addons.smartship_rakuten_account.models.settlement.rakuten_settlement_post"
        with (
            patch(f"{path}.PIECE", 1),
            patch.object(type(self.shop), "_commit", lambda *args, **options: 0),
            patch.object(type(self.shop), "_leave_to_schedule") as left,
        ):
            found.action_post()
        left.assert_called_once()
        self.assertEqual((found.state, found.reconciling), ("posted", True))
        self.assertEqual(self.open_with_rakuten(), 0)
        done = found.line_ids.filtered("move_line_id.reconciled")
        self.assertEqual(len(done), 1)
        self.shop._run("settlement")
        self.assertFalse(found.reconciling)
        self.assertEqual(len(found.line_ids.filtered("move_line_id.reconciled")), 3)

    def test_reading_goes_on_where_it_stopped(self):
        self.billed(*(payload(**values) for values in EXAMPLE))
        with (
            patch.object(type(self.shop), "_commit", lambda *args, **options: 0),
            patch.object(type(self.shop), "_leave_to_schedule") as left,
        ):
            found = self.settlement(*EXAMPLE_ROWS)
        left.assert_called_once()
        self.assertEqual((found.state, found.reading), ("draft", True))
        self.assertEqual(found.read_until, date(2026, 1, 26))
        with self.assertRaisesRegex(UserError, "not matched yet"):
            found.action_post()
        self.shop._run("settlement")
        self.assertEqual((found.state, found.reading), ("matched", False))
        # No day is asked for twice.
        self.assertEqual(self.rms.names().count("search_order"), 16)


@tagged("post_install", "-at_install")
class TestWhoMay(SettlingCase):
    def user(self, name, groups):
        return new_test_user(
            self.env,
            name,
            groups,
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def test_accountant(self):
        self.billed(*(payload(**values) for values in EXAMPLE))
        accountant = self.user("accountant", "account.group_account_invoice")
        found = self.Settlement.with_user(accountant).create(
            {"shop_id": self.shop.id, "data": base64.b64encode(statement_file(*EXAMPLE_ROWS))}
        )
        found.action_read()
        self.assertEqual(found.state, "matched")
        found.action_post()
        self.assertEqual(self.open_with_rakuten(), 0)
        found.action_undo()
        self.assertEqual(self.open_with_rakuten(), 29095)

    def test_keeper_and_reader(self):
        found = self.Settlement.create(
            {"shop_id": self.shop.id, "data": base64.b64encode(statement_file(paid(1)))}
        )
        keeper = self.user("keeper", "smartship_rakuten.group_manager")
        with self.assertRaises(AccessError):
            found.with_user(keeper).read(["name"])
        reader = self.user("reader", "account.group_account_readonly")
        self.assertEqual(found.with_user(reader).read(["state"])[0]["state"], "draft")
        for action in ("action_read", "action_post", "action_undo"):
            with self.assertRaises(AccessError):
                getattr(found.with_user(reader), action)()

    def test_other_company(self):
        found = self.Settlement.create(
            {"shop_id": self.shop.id, "data": base64.b64encode(statement_file(paid(1)))}
        )
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "account.group_account_invoice",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        there = self.Settlement.with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(there.search([("id", "=", found.id)]))
