"""A carrier's file names orders: told once, compared, posted; values by hand."""

import base64
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.smartship_rakuten.rules.waybill_file import write_file

from .settling import SettlingCase, payload

HEADINGS = ["ご注文番号", "代引金額", "手数料"]


@tagged("post_install", "-at_install")
class TestRemittance(SettlingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.env["res.partner"].create({"name": "見本運輸", "is_company": True})

    def setUp(self):
        super().setUp()
        self.payer = self.carrier

    def tell(self):
        return self.env["rakuten.remittance.format"].create(
            {
                "name": "見本運輸",
                "order_heading": HEADINGS[0],
                "amount_heading": HEADINGS[1],
                "fee_heading": HEADINGS[2],
                "payer_id": self.carrier.id,
                "company_id": self.company.id,
            }
        )

    def file(self, *rows):
        return self.env["rakuten.remittance"].create(
            {
                "shop_id": self.shop.id,
                "data": base64.b64encode(write_file([["お支払明細"], HEADINGS, *rows])),
                "filename": "remittance.csv",
                "date": date(2026, 2, 20),
            }
        )

    def cash(self, *amounts):
        """Orders that a carrier collects for, billed to it."""
        return self.billed(
            *(payload(n, amount, method=2) for n, amount in enumerate(amounts, start=1))
        )

    def outcomes(self, found):
        return {
            line.name: (line.outcome, round(line.amount), round(line.off))
            for line in found.line_ids
        }

    def test_columns_are_told_once(self):
        (one,) = self.cash(8590)
        found = self.file([one.name, "8,590", "330"])
        found.action_read()
        self.assertEqual((found.state, found.format_id.id), ("draft", False))
        self.assertIn("代引金額", found.preview)
        self.assertEqual(found.action_add_format()["res_model"], "rakuten.remittance.format")
        form = self.tell()
        found.action_read()
        self.assertEqual((found.state, found.format_id, found.preview), ("matched", form, False))
        self.assertEqual(found.payer_id, self.carrier)

    def test_example_3_and_undo(self):
        """The carrier pays 8,590 and 4,000 less 330 each."""
        self.tell()
        one, two = self.cash(8590, 4000)
        found = self.file([one.name, "8,590", "330"], [two.name, "4000", "330"])
        found.action_read()
        self.assertEqual((found.state, found.total, found.fees), ("matched", 12590, 660))
        found.action_post()
        self.assertEqual(
            self.entry(found.move_id),
            [("123800", 11930), ("512400", 660), ("126000", -8590), ("126000", -4000)],
        )
        self.assertEqual((found.state, self.open_with_rakuten()), ("posted", 0))
        with self.assertRaisesRegex(UserError, "posted already"):
            found.action_read()
        with self.assertRaisesRegex(UserError, "Undo the payment file"):
            found.unlink()
        found.action_undo()
        self.assertEqual((found.state, self.open_with_rakuten()), ("matched", 12590))

    def test_each_outcome(self):
        self.tell()
        one, two, three, four = self.cash(8590, 4000, 1200, 2500)
        found = self.file(
            [one.name, "8,590", "330"],
            [two.name, "3,900", ""],
            [three.name, "1200", ""],
            [three.name, "1200", ""],
            ["123456-20260110-0000000099", "100", ""],
            ["", "-500", ""],
        )
        found.action_read()
        self.assertEqual(
            [(line.name, line.outcome, line.amount, line.off) for line in found.line_ids],
            [
                (one.name, "agrees", 8590, 0),
                (two.name, "differs", 3900, -100),
                (three.name, "agrees", 1200, 0),
                (three.name, "twice", 1200, 0),
                ("123456-20260110-0000000099", "unknown", 100, 100),
                ("", "charge", -500, -500),
                (four.name, "missing", 0, -2500),
            ],
        )
        self.assertEqual((found.state, found.difference), ("differs", 4700))
        with self.assertRaisesRegex(UserError, "say why"):
            found.action_post()
        found.reason = "Asked the carrier"
        found.action_post()
        self.assertEqual(
            self.entry(found.move_id),
            [
                ("123800", 14160),
                ("512400", 330),
                ("330600", -4700),
                ("126000", -8590),
                ("126000", -1200),
            ],
        )
        self.assertEqual(self.open_with_rakuten(), 6500)

    def test_same_file_and_no_file(self):
        self.tell()
        (one,) = self.cash(8590)
        self.file([one.name, "8,590", ""]).action_read()
        with self.assertRaisesRegex(UserError, "there already"):
            self.file([one.name, "8,590", ""]).action_read()
        with self.assertRaisesRegex(UserError, "Row 3: “8.590” is no amount"):
            self.file([one.name, "8.590", ""]).action_read()
        picture = self.file()
        picture.data = base64.b64encode(b"\x89PNG\x00\xff")
        with self.assertRaisesRegex(UserError, "no CSV file"):
            picture.action_read()

    def test_locked_period_and_who_may(self):
        self.tell()
        (one,) = self.cash(8590)
        found = self.file([one.name, "8,590", ""])
        users = {
            name: new_test_user(
                self.env,
                name,
                groups,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for name, groups in {
                "keeper": "smartship_rakuten.group_manager",
                "accountant": "account.group_account_invoice",
            }.items()
        }
        with self.assertRaises(AccessError):
            found.with_user(users["keeper"]).action_read()
        own = found.with_user(users["accountant"])
        own.action_read()
        self.company.fiscalyear_lock_date = date(2026, 2, 28)
        with self.assertRaisesRegex(UserError, "locked until"):
            own.action_post()
        self.company.fiscalyear_lock_date = False
        own.action_post()
        self.assertEqual(self.open_with_rakuten(), 0)
