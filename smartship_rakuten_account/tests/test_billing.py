"""What left is billed to who pays, account by account."""

from datetime import date, datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.smartship_rakuten.tests.common import item, open_return, order, package

from ..rules.billing import difference, tax_due
from .common import CARD, COD, AccountCase, simple, summary

RAKUTEN = "楽天グループ株式会社"


class TestBillingRules(TransactionCase):
    def parts(self, price, tax, rate, *parts):
        """Taxes of invoices one after the other."""
        before, taxes = (0, 0), []
        for part in parts:
            due = tax_due(price, tax, rate, before, part)
            before = before[0] + part, before[1] + due
            taxes.append(due)
        return taxes

    def test_parts_add_up(self):
        # 1706 / 11 = 155.09; 500 / 11 = 45.45; 1000 / 11 = 90.9
        self.assertEqual(self.parts(1706, 155, 10, 1706), [155])
        self.assertEqual(self.parts(1706, 155, 10, 500, 500, 706), [45, 45, 65])
        self.assertEqual(self.parts(1706, 156, 10, 500, 500, 706), [46, 45, 65])
        self.assertEqual(self.parts(8420, 623, 8.0, 840, 7580), [62, 561])
        # One is taken back in between.
        self.assertEqual(self.parts(1706, 155, 10, 500, -500, 1706), [45, -45, 155])

    def test_no_part_is_a_yen_off(self):
        for price, rate in ((1706, 10), (8420, 8), (997, 8), (12345, 10)):
            exact = price * rate / (100 + rate)
            for tax in {int(exact), int(exact) + 1}:
                for first in range(1, price, 37):
                    taxes = self.parts(price, tax, rate, first, price - first)
                    self.assertEqual(sum(taxes), tax)
                    for part, due in zip((first, price - first), taxes, strict=True):
                        self.assertLess(abs(due - part * rate / (100 + rate)), 1)

    def test_difference(self):
        self.assertEqual(
            difference(
                {8.0: (8420, 623), "coupon": (200, 0)}, {8.0: (7580, 561), "coupon": (200, 0)}
            ),
            {8.0: (840, 62)},
        )
        self.assertEqual(difference({8.0: (8420, 623)}, {}), {8.0: (8420, 623)})


@tagged("post_install", "-at_install")
class TestBilling(AccountCase):
    # === The entries of an order === #

    def test_card(self):
        (invoice,) = self.billed(simple(1, 11220, 1020))
        self.assertEqual(
            self.books(invoice),
            {("126000", RAKUTEN): 11220, ("410000", 10.0): -10200, ("330800", None): -1020},
        )
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.invoice_date, date(2026, 1, 12))
        self.assertEqual(invoice.partner_shipping_id.name, RAKUTEN)
        self.assertEqual(invoice.ref, "123456-20260110-0000000001")

    def test_points_and_coupons_of_both(self):
        payload = order(
            1,
            [package(7001, [item(price=3000), item("2", "CODE-B", 6370, rate=0.08)])],
            total=9370,
            request=8490,
            PointModel={"usedPoint": 380},
            couponShopPrice=300,
            couponOtherPrice=200,
            couponAllTotalPrice=500,
            SettlementModel=CARD,
            # 3000 - 141 and 6370 - 359, 切り捨て: 259.9 and 445.3
            TaxSummaryModelList=[summary(0.1, 2859, 259, 141), summary(0.08, 6011, 445, 359)],
        )
        (invoice,) = self.billed(payload)
        self.assertEqual(
            self.books(invoice),
            {
                ("126000", RAKUTEN): 9070,
                ("410000", 10.0): -2600,
                ("410000", 8.0): -5566,
                ("330800", None): -704,
                ("410100", None): -200,
            },
        )
        self.assertEqual(invoice._rakuten_amounts()[invoice.rakuten_order_id][10.0], (2859, 259))
        self.assertEqual(invoice.state, "posted")

    def carrier(self):
        carrier = self.env["res.partner"].create({"name": "見本運輸", "is_company": True})
        self.shop._note_methods(self.Order.search([("shop_id", "=", self.shop.id)]))
        method = self.shop.payment_method_ids.filtered(lambda method: method.code == "2")
        method.payer_id = carrier
        return carrier

    def cod(self, number, **values):
        return order(
            number,
            [package(7000 + number, [item(price=8260)], cod=330)],
            total=8260,
            SettlementModel=COD,
            TaxSummaryModelList=[summary(0.1, 8590, 780)],
            **values,
        )

    def test_cash_on_delivery(self):
        plain, points = self.shipped(
            self.cod(1), self.cod(2, request=8090, PointModel={"usedPoint": 500})
        )
        # Nobody has said who pays: held, not guessed.
        self.shop.action_bill()
        self.assertFalse(self.moves(plain))
        self.assertEqual(
            plain.sale_order_id.rakuten_hold,
            "Nobody has said who pays 代金引換: choose a payer in the payment methods.",
        )
        self.carrier()
        self.shop.action_bill()
        self.assertFalse(plain.sale_order_id.rakuten_hold)
        invoice = self.moves(plain)
        self.assertEqual(
            self.books(invoice),
            {("126000", "見本運輸"): 8590, ("410000", 10.0): -7810, ("330800", None): -780},
        )
        self.assertFalse(invoice.rakuten_transfer_id)
        invoice = self.moves(points)
        self.assertEqual(self.books(invoice)["126000", "見本運輸"], 8590)
        self.assertEqual(
            self.books(invoice.rakuten_transfer_id),
            {("126000", RAKUTEN): 500, ("126000", "見本運輸"): -500},
        )
        self.assertEqual(invoice.amount_residual, 8090)

    def test_post_pay(self):
        (invoice,) = self.billed(
            simple(1, 7090, 644, request=7340, additionalFeeOccurAmountToUser=250)
        )
        self.assertEqual(
            self.books(invoice),
            {
                ("126000", RAKUTEN): 7340,
                ("410000", 10.0): -6446,
                ("330800", None): -644,
                ("330500", None): -250,
            },
        )

    # === Which orders, and when === #

    def test_only_what_left(self):
        (record,) = self.import_orders(simple(1, 11220, 1020))
        record.sale_order_id.order_line.product_id.invoice_policy = "order"
        self.shop.action_bill()
        self.assertFalse(self.moves(record))
        self.ship(record.sale_order_id.picking_ids, "400000000001")
        self.shop.bill_from = date(2026, 1, 11)
        self.shop.action_bill()
        self.assertFalse(self.moves(record), "placed before the first day")
        self.shop.bill_from = date(2026, 1, 10)
        self.shop.action_bill()
        self.assertEqual(len(self.moves(record)), 1)
        self.shop.action_bill()
        self.assertEqual(len(self.moves(record)), 1, "once")

    def test_drafts(self):
        self.shop.billing = "draft"
        (invoice,) = self.billed(simple(1, 11220, 1020))
        self.assertEqual((invoice.state, invoice.rakuten_reason), ("draft", False))

    def test_partial_shipments(self):
        """Postage and coupon with the first goods; together Rakuten's tax, for 切り上げ as well."""
        packages = [
            package(7001, [item(price=1000)], postage=106),
            package(7002, [item("2", "CODE-B", 300)]),
            package(7003, [item("3", "CODE-A", 400)]),
        ]
        for number, tax in ((1, 155), (2, 156)):
            (record,) = self.import_orders(
                order(
                    number,
                    packages,
                    total=1806,
                    request=1706,
                    postagePrice=106,
                    couponShopPrice=100,
                    couponAllTotalPrice=100,
                    SettlementModel=CARD,
                    # 1706 / 11 = 155.09
                    TaxSummaryModelList=[summary(0.1, 1706, tax, 100)],
                )
            )
            pickings = record.sale_order_id.picking_ids.sorted("rakuten_basket_id")
            for day, picking in enumerate(pickings, start=12):
                with self.freeze(datetime(2026, 1, day, 3)):
                    self.ship(picking, f"40000000{number}{day}")
                self.shop.action_bill()
            invoices = self.moves(record)
            self.assertEqual(invoices.mapped("amount_total"), [1006, 300, 400])
            self.assertEqual(
                invoices.mapped("invoice_date"),
                [date(2026, 1, 12), date(2026, 1, 13), date(2026, 1, 14)],
            )
            self.assertEqual(sum(invoices.mapped("amount_tax")), tax)
            self.assertEqual(set(invoices.mapped("state")), {"posted"})

    def test_locked_period(self):
        (record,) = self.shipped(simple(1, 11220, 1020))
        self.company.sale_lock_date = date(2026, 1, 31)
        self.shop.action_bill()
        self.assertFalse(self.moves(record))
        self.assertIn("The period of 2026-01-12 is closed.", record.sale_order_id.rakuten_hold)
        with self.freeze(datetime(2026, 2, 2, 3)):
            record.sale_order_id.action_rakuten_bill_open_period()
        invoice = self.moves(record)
        self.assertEqual((invoice.invoice_date, invoice.date), (date(2026, 2, 2), date(2026, 2, 2)))
        self.assertEqual(invoice.state, "posted")
        self.assertFalse(record.sale_order_id.rakuten_hold)

    def test_what_disagrees_stays_a_draft(self):
        good, tax, price = self.shipped(
            simple(1, 11220, 1020),
            simple(2, 1100, 103),
            simple(3, 1100, 99, TaxSummaryModelList=[summary(0.1, 1090, 99)]),
        )
        self.shop.action_bill()
        self.assertEqual(self.moves(good).state, "posted")
        self.assertEqual(self.moves(tax).state, "draft")
        self.assertEqual(
            self.moves(tax).rakuten_reason,
            "At 10 % the tax is 100 yen, at Rakuten it is 103 yen.",
        )
        self.assertEqual(self.moves(price).state, "draft")
        self.assertEqual(
            self.moves(price).rakuten_reason,
            "At 10 % Rakuten bills 1,090 yen, the sale order sells for 1,100 yen.",
        )

    def test_not_set_up(self):
        self.shop.payer_id = False
        with self.assertRaisesRegex(UserError, "Press Set Up Accounting on the shop"):
            self.shop.action_bill()

    def test_analytic_account_of_the_shop(self):
        plan = self.env["account.analytic.plan"].create({"name": "Shops"})
        account = self.env["account.analytic.account"].create(
            {"name": "Shop", "plan_id": plan.id, "company_id": self.company.id}
        )
        self.shop.analytic_account_id = account
        (invoice,) = self.billed(simple(1, 11220, 1020))
        self.assertEqual(invoice.invoice_line_ids.analytic_distribution, {str(account.id): 100})

    def test_buyers_can_be_forgotten(self):
        (record,) = self.shipped(simple(1, 11220, 1020))
        self.shop.action_bill()
        self.shop.action_export_shipments()
        buyer = record.sale_order_id.partner_id
        record._anonymise()
        self.assertTrue(record.personal_data_removed)
        self.assertNotIn("見本", buyer.name)
        self.assertEqual(self.moves(record).amount_tax, 1020)

    def test_queries_do_not_grow_with_the_batch(self):
        few = self.shipped(*(simple(number, 1100, 100) for number in range(1, 4)))
        self.shop.action_bill()
        counts = []
        for start, count in ((10, 5), (20, 10)):
            self.shipped(*(simple(number, 1100, 100) for number in range(start, start + count)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.shop.action_bill()
            self.env.flush_all()
            counts.append((self.cr.sql_log_count - before) / count)
        self.assertEqual(len(few), 3)
        self.assertLess(counts[1], counts[0], counts)
        self.assertLess(counts[1], 40, counts)

    # === Who may === #

    def test_roles(self):
        (record,) = self.shipped(simple(1, 11220, 1020))
        users = {
            name: new_test_user(
                self.env,
                name,
                groups,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for name, groups in (
                ("keeper", "smartship_rakuten.group_manager"),
                ("accountant", "account.group_account_invoice"),
            )
        }
        with self.assertRaises(AccessError):
            self.shop.with_user(users["keeper"]).action_bill()
        sale = record.sale_order_id.with_user(users["accountant"])
        to_bill = [("rakuten_to_bill", "=", True), ("rakuten_shop_id", "=", self.shop.id)]
        found = sale.search(to_bill)
        self.assertEqual(found, sale)
        action = found.action_rakuten_bill()
        invoice = self.env["account.move"].browse(action["res_id"])
        self.assertEqual((invoice.state, invoice.amount_total), ("posted", 11220))
        self.assertFalse(sale.search(to_bill))

    # === Taking back === #

    def test_cancelled_before_billing(self):
        (record,) = self.import_orders(simple(1, 11220, 1020))
        self.rms.orders[record.name]["orderProgress"] = 900
        self.shop._run("refresh")
        self.shop.action_bill()
        self.assertFalse(self.moves(record))

    def test_cancelled_after_billing(self):
        (record,) = self.shipped(simple(1, 11221, 1021))
        self.shop.action_bill()
        invoice = self.moves(record)
        # 11221 / 11 = 1020.09
        self.assertEqual((invoice.state, invoice.amount_tax), ("posted", 1021))
        self.rms.orders[record.name]["orderProgress"] = 900
        self.shop._run("refresh")
        credit = self.moves(record) - invoice
        self.assertEqual((credit.move_type, credit.state), ("out_refund", "draft"))
        self.assertEqual((credit.amount_total, credit.amount_tax), (11221, 1021))
        self.assertEqual(credit.rakuten_reason, "The order was cancelled at Rakuten.")
        credit.action_post()
        self.assertEqual((credit.payment_state, invoice.payment_state), ("paid", "reversed"))
        self.shop._run("refresh")
        self.shop.action_bill()
        self.assertEqual(len(self.moves(record)), 2)

    def test_cancelled_with_points_of_a_carrier_s_invoice(self):
        (record,) = self.shipped(self.cod(1, request=8090, PointModel={"usedPoint": 500}))
        self.carrier()
        self.shop.action_bill()
        invoice = self.moves(record)
        transfer = invoice.rakuten_transfer_id
        self.rms.orders[record.name]["orderProgress"] = 900
        self.shop._run("refresh")
        credit = self.moves(record) - invoice
        credit.action_post()
        entries = invoice | credit | transfer | transfer.reversal_move_ids
        owed = entries.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        self.assertEqual(len(entries), 4)
        self.assertEqual(set(owed.mapped("amount_residual")), {0})

    def test_partial_refund(self):
        (record,) = self.shipped(simple(1, 8420, 623, rate=0.08))
        self.shop.action_bill()
        invoice = self.moves(record)
        at_rakuten = self.rms.orders[record.name]
        progress = at_rakuten["orderProgress"]
        at_rakuten.update({**simple(1, 7580, 561, rate=0.08), "orderProgress": progress})
        self.shop._run("refresh")
        credit = self.moves(record) - invoice
        self.assertEqual(
            self.books(credit),
            {("126000", RAKUTEN): -840, ("410000", 8.0): 778, ("330800", None): 62},
        )
        self.assertEqual((credit.state, credit.reversed_entry_id), ("draft", invoice))
        self.assertEqual(credit.rakuten_reason, "Rakuten bills the buyer less than before.")
        self.shop._run("refresh")
        self.assertEqual(len(self.moves(record)), 2, "once")
        credit.action_post()
        self.assertEqual(invoice.amount_residual, 7580)

    def test_returned(self):
        (record,) = self.shipped(
            order(
                1,
                [package(7001, [item(price=853, units=2)])],
                total=1706,
                SettlementModel=CARD,
                # 1706 / 11 = 155.09, 853 / 11 = 77.5
                TaxSummaryModelList=[summary(0.1, 1706, 156)],
            )
        )
        self.shop.action_bill()
        invoice = self.moves(record)
        back = open_return(record.sale_order_id.picking_ids, lambda move: 1)
        back.move_ids.picked = True
        back.button_validate()
        credit = self.moves(record) - invoice
        self.assertEqual((credit.state, credit.amount_total, credit.amount_tax), ("draft", 853, 78))
        self.assertIn("Goods have come back", credit.rakuten_reason)
        credit.action_post()
        self.assertEqual(invoice.amount_residual, 853)
        self.shop.action_bill()
        self.assertEqual(len(self.moves(record)), 2)
