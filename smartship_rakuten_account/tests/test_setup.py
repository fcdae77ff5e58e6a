"""What *Set Up Accounting* makes."""

from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.smartship_rakuten.tests.common import RakutenCase

CODES = {
    "payout_account_id": "123800",
    "charges_account_id": "220600",
    "coupon_account_id": "410100",
    "deposit_account_id": "330500",
    "suspense_receipt_account_id": "330600",
    "suspense_payment_account_id": "123000",
}


@tagged("post_install", "-at_install")
class TestSetUp(RakutenCase):
    def test_one_button(self):
        # 1 a.m. of the next day in Japan.
        with self.freeze(datetime(2026, 1, 31, 16)):
            self.shop.action_set_up_accounting()
        shop = self.shop.with_company(self.company)
        self.assertEqual({name: shop[name].code for name in CODES}, CODES)
        self.assertEqual(shop.payer_id.name, "楽天グループ株式会社")
        self.assertEqual(shop.payer_id.property_account_payable_id.code, "220600")
        self.assertEqual(shop.payer_id.property_account_receivable_id.code, "126000")
        self.assertEqual(
            (shop.sale_journal_id.type, shop.settlement_journal_id.type), ("sale", "general")
        )
        self.assertTrue(shop.payout_account_id.reconcile)
        self.assertEqual(str(shop.bill_from), "2026-02-01")
        self.assertEqual(shop.billing, "none")

    def test_what_is_chosen_stays(self):
        own = self.env["account.account"].create(
            {"code": "419999", "name": "Own", "account_type": "income"}
        )
        self.shop.coupon_account_id = own
        self.shop.action_set_up_accounting()
        chosen = {name: self.shop[name] for name in (*CODES, "payer_id", "sale_journal_id")}
        self.shop.action_set_up_accounting()
        self.assertEqual({name: self.shop[name] for name in chosen}, chosen)
        self.assertEqual(self.shop.coupon_account_id, own)

    def test_shops_of_a_company_share_it(self):
        other = self.shop.copy({"shop_number": "123457"})
        (self.shop | other).action_set_up_accounting()
        for name in (*CODES, "payer_id", "sale_journal_id", "settlement_journal_id"):
            self.assertTrue(self.shop[name], name)
            self.assertEqual(self.shop[name], other[name], name)

    def test_who_may(self):
        names = {
            "keeper": "smartship_rakuten.group_manager",
            "accountant": "account.group_account_invoice",
            "head": "account.group_account_manager",
        }
        users = {
            name: new_test_user(
                self.env,
                name,
                groups,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for name, groups in names.items()
        }
        for name in ("keeper", "accountant"):
            with self.assertRaises(AccessError):
                self.shop.with_user(users[name]).action_set_up_accounting()
        self.shop.with_user(users["head"]).action_set_up_accounting()
        self.assertTrue(self.shop.sale_journal_id)
        # Whoever keeps the shop and no books sees no journal and no account.
        keeper = self.shop.with_user(users["keeper"])
        for name in (*CODES, "sale_journal_id", "settlement_journal_id", "analytic_account_id"):
            with self.assertRaises(AccessError):
                keeper.read([name])
            self.assertNotIn(name, keeper.fields_get())
