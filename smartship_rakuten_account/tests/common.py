"""A shop whose accounting is set up."""

from collections import Counter
from datetime import date, datetime

from odoo.addons.smartship_rakuten.tests.common import RakutenCase, item, order, package

CARD = {"settlementMethodCode": 1, "settlementMethod": "クレジットカード", "rpaySettlementFlag": 1}
COD = {"settlementMethodCode": 2, "settlementMethod": "代金引換", "rpaySettlementFlag": 0}
#: 2026-01-12 at noon in Japan.
SHIPPED = datetime(2026, 1, 12, 3)


def summary(rate, price, tax, coupons=0):
    """One TaxSummaryModel."""
    return {"taxRate": rate, "reqPrice": price, "reqPriceTax": tax, "couponPrice": coupons}


def simple(number, price, tax, rate=0.1, **values):
    """An order of one item, paid by card."""
    return order(
        number,
        [package(7000 + number, [item(price=price, rate=rate)])],
        total=price,
        **{
            "SettlementModel": CARD,
            "TaxSummaryModelList": [summary(rate, price, tax)],
            **values,
        },
    )


class AccountCase(RakutenCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop.action_set_up_accounting()
        cls.shop.write({"billing": "posted", "bill_from": date(2026, 1, 1)})
        cls.payer = cls.shop.payer_id
        # What this moves in the books is another matter.
        (cls.product_a | cls.product_b).is_storable = True

    def shipped(self, *payloads, left=SHIPPED):
        """Import orders and ship all of them."""
        records = self.import_orders(*payloads)
        self.assertEqual(set(records.mapped("state")), {"done"}, records.mapped("problem"))
        with self.freeze(left):
            for picking in records.sale_order_id.picking_ids:
                self.ship(picking, f"4000000{picking.id:05d}")
        return records

    def billed(self, *payloads):
        """:return: the invoices of orders that have left"""
        records = self.shipped(*payloads)
        self.shop.action_bill()
        return [self.moves(record) for record in records]

    def moves(self, record):
        return self.env["account.move"].search(
            [("rakuten_order_id", "=", record.id), ("move_type", "!=", "entry")], order="id"
        )

    def books(self, moves):
        """:return: dict of (account, partner's name where it is owed, rate) to yen"""
        found = Counter()
        for line in moves.line_ids:
            owed = line.account_id.account_type in ("asset_receivable", "liability_payable")
            rate = line.tax_ids[:1].amount if line.tax_ids else None
            who = line.partner_id.name if owed else rate
            found[line.account_id.code, who] += line.balance
        return {key: int(balance) for key, balance in found.items() if balance}
