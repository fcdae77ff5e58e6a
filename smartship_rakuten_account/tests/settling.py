"""What the tests of statements share: a shop whose orders are billed to Rakuten, statements'
files."""

import base64
from datetime import date, datetime

from odoo import Command

from odoo.addons.smartship_rakuten.rules import japan
from odoo.addons.smartship_rakuten.rules.waybill_file import write_file
from odoo.addons.smartship_rakuten.tests.common import RakutenCase, order
from odoo.addons.smartship_rakuten.tests.fake_rms import FakeRms
from odoo.addons.smartship_rakuten_account.rules.statement import HEADINGS

TITLE = [known[0] for known in HEADINGS]
PERIOD = ["2026/01/26", "2026/02/10"]
DECEMBER = ["2025/12/01", "2025/12/31"]
#: A day of the period.
FIXED = date(2026, 2, 3)


class SettlingRms(FakeRms):
    """Rakuten that fixes payments, too."""

    def __init__(self):
        super().__init__()
        self.fixed = {}
        self.payments = {}

    def search_order(self, *, start, end, date_type=1, order_progress_list=None):
        if date_type != 6:
            return super().search_order(
                start=start, end=end, date_type=date_type, order_progress_list=order_progress_list
            )
        self._call("search_order", date_type)
        days = (japan.day(start), japan.day(end))
        return iter([number for number, day in self.fixed.items() if days[0] <= day <= days[1]])

    def get_payment(self, number):
        self._call("get_payment", number)
        return {
            "orderNumber": number,
            "PaymentModelList": [
                {
                    "paymentStatus": 30600,
                    "paymentAmount": self.orders[number]["requestPrice"],
                    "paymentFixDatetime": f"{self.fixed[number]}T10:00:00+0900",
                    "RefundModelList": [],
                }
            ],
        }


def payload(sequence, request, points=0, coupon=0, own=0, fee=0, method=1, **values):
    """An order that has been shipped; the amounts are the caller's."""
    total = request + points + coupon + own - fee
    return order(
        sequence,
        total=total,
        request=request,
        progress=values.pop("progress", 600),
        PointModel={"usedPoint": points},
        couponOtherPrice=coupon,
        couponShopPrice=own,
        couponAllTotalPrice=coupon + own,
        additionalFeeOccurAmountToUser=fee,
        SettlementModel={
            "settlementMethodCode": method,
            "settlementMethod": "クレジットカード",
            "rpaySettlementFlag": 0 if method == 2 else 1,
        },
        **values,
    )


def paid(amount, account="楽天ペイ決済金", item="ﾌﾟﾗﾝ共通_楽天ﾍﾟｲ決済金"):
    return ["支払", account, item, *PERIOD, f"{amount:,}", "-", "対象外"]


def points_row(amount):
    return paid(amount, "ポイント利用額", "ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ利用額")


def coupon_row(amount):
    return paid(amount, "クーポン利用額", "ﾌﾟﾗﾝ共通_ｸｰﾎﾟﾝ利用額")


def charged(item, amount, tax=0, account="", period=DECEMBER):
    """A charge: the amount is with its tax."""
    rate = "10%" if tax else "対象外"
    return ["請求", account, item, *period, f"{amount:,}", f"{tax:,}" if tax else "-", rate]


def refunded(amount):
    return charged("ﾌﾟﾗﾝ共通_ﾕｰｻﾞ返金_店舗様負担分", amount, account="返金", period=PERIOD)


#: The charges of example 8: 2,510 and 240 of tax.
CHARGES = (
    charged("ｼｽﾃﾑ利用料_PC", 1320, 120),
    charged("ﾌﾟﾗﾝ共通_楽天ﾍﾟｲ利用料", 990, 90),
    charged("ｽｰﾊﾟｰｱﾌｨﾘｴｲﾄ_成果報酬原資", 330, 30),
    charged("ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ付与料_PC", 110),
)


def yen(text):
    """0 for what is no number."""
    digits = text.replace(",", "")
    return int(digits) if digits.isdigit() else 0


def statement_file(*rows, number="20260220123456", issued="2026/02/20", shop="123456", **stated):
    """A 店舗別内訳書CSV; ``stated`` replaces its totals ``paid``, ``net`` and ``tax``."""
    taken = [row for row in rows if row[0] == "請求"]
    tax = sum(yen(row[6]) for row in taken)
    totals = {
        "paid": sum(yen(row[5]) for row in rows if row[0] == "支払"),
        "net": sum(yen(row[5]) for row in taken) - tax,
        "tax": tax,
    } | stated
    head = [issued, number, f"{number}01", shop, "sample-shop", "見本ショップ"]
    head += [f"{amount:,}" if amount else "-" for amount in totals.values()]
    return write_file([TITLE, *([*head, *row] for row in rows)])


class SettlingCase(RakutenCase):
    """The shop's accounting is set up, and nothing is billed by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop.with_company(cls.company).action_set_up_accounting()
        cls.payer = cls.shop.payer_id
        cls.sales = cls.env["account.account"].search(
            [("code", "=", "410000"), ("company_ids", "in", cls.company.ids)], limit=1
        )
        cls.Settlement = cls.env["rakuten.settlement"]

    def setUp(self):
        super().setUp()
        self.rms = SettlingRms()

    def put(self, *payloads, fixed=FIXED):
        """Orders that Rakuten has paid and Odoo knows, in the same order."""
        numbers = self.rms.put(*payloads)
        self.rms.fixed |= dict.fromkeys(numbers, fixed)
        self.Order._store(self.shop, list(payloads), asked_for=True)
        found = self.Order.search([("shop_id", "=", self.shop.id), ("name", "in", numbers)])
        by_name = {record.name: record for record in found}
        return [by_name[number] for number in numbers]

    def bill(self, record, amount, kind="out_invoice", day=date(2026, 1, 20), post=True):
        """An invoice or credit note of an order to Rakuten, its receivable in one line."""
        move = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": self.payer.id,
                "company_id": self.company.id,
                "invoice_date": day,
                "rakuten_order_id": record.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": record.name,
                            "price_unit": amount,
                            "account_id": self.sales.id,
                            "tax_ids": [],
                        }
                    )
                ],
            }
        )
        if post:
            move.action_post()
        return move

    def billed(self, *payloads, fixed=FIXED):
        """Orders that are billed as they are."""
        records = self.put(*payloads, fixed=fixed)
        for record, values in zip(records, payloads, strict=True):
            amount = values["requestPrice"] + values["PointModel"]["usedPoint"]
            self.bill(record, amount + values["couponOtherPrice"])
        return records

    def settlement(self, *rows, **values):
        """A statement that is read and matched."""
        found = self.Settlement.create(
            {
                "shop_id": self.shop.id,
                "data": base64.b64encode(statement_file(*rows, **values)),
                "filename": "statement.csv",
            }
        )
        with self.freeze(datetime(2026, 2, 20, 3)):
            found.action_read()
        return found

    def entry(self, move):
        """[(code of the account, debit - credit)] in the order of the entry."""
        return [
            (item.account_id.with_company(self.company).code, round(item.balance))
            for item in move.line_ids.sorted("id")
        ]

    def open_with_rakuten(self):
        """What is open on the payer's receivable."""
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.payer.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return round(sum(items.mapped("amount_residual")))

    def findings(self, settlement):
        """{order number: (outcome, reason, yen)}"""
        return {
            line.name: (line.outcome, line.reason, round(line.explains))
            for line in settlement.finding_ids
        }
