"""Every kind of order that Rakuten knows, with the sale order that it becomes.

Lines, taxes and totals are written by hand from sections 3 and 4 of the RMS API; tax is what the
tax-included amount of a rate contains, rounded once per rate.
"""

from datetime import datetime

from odoo.tests import tagged

from .common import ADDRESS, RakutenCase, item, order, package

TEN, EIGHT = 10.0, 8.0
NOTHING = object()


def sku(merchant_sku=None, variant_id="normal-inventory", info=None):
    return {
        "SkuModelList": [
            {"variantId": variant_id, "merchantDefinedSkuId": merchant_sku, "skuInfo": info}
        ]
    }


def wrapping(price, *, title=1, rate=0.1, included=1, tax=0, **values):
    return {
        "title": title,
        "name": "包装",
        "price": price,
        "includeTaxFlag": included,
        "deleteWrappingFlag": 0,
        "taxRate": rate,
        "taxPrice": tax,
        **values,
    }


def coupon(total, *, capital=1, units=1, detail=0):
    return {
        "couponCode": "SAMPLE",
        "itemId": 0,
        "couponName": "見本クーポン",
        "couponCapitalCode": capital,
        "couponPrice": total // units,
        "couponUnit": units,
        "couponTotalPrice": total,
        "itemDetailId": detail,
    }


def summary(rate, coupons=0, **values):
    return {"taxRate": rate, "couponPrice": coupons, **values}


def one(**values):
    """A package with one item of 1,100 yen."""
    return [package(7001, [item(**values)])]


def sender(**values):
    return [package(7001, [item()], SenderModel={**ADDRESS, "isolatedIslandFlag": 0, **values})]


#: What a plain item of 1,100 yen at 10 % becomes.
PLAIN = [("CODE-A", 1, 1100, TEN)]

#: name: (arguments of the order, lines (product, quantity, unit price, rate), tax by rate)
KINDS = {
    "simple": ({}, PLAIN, {TEN: 100}),
    "several lines, two rates": (
        {
            "packages": [package(7001, [item(), item("2", "CODE-B", 540, 2, 0.08)])],
            "total": 2180,
        },
        [("CODE-A", 1, 1100, TEN), ("CODE-B", 2, 540, EIGHT)],
        {TEN: 100, EIGHT: 80},
    ),
    "tax is rounded once, not per line": (
        {
            "packages": [
                package(
                    7001,
                    [item(str(number), price=105, manageNumber="item-1") for number in range(1, 8)],
                )
            ],
            "total": 735,
        },
        # 735 / 11 = 66.8; line by line it would be seven times 10 (9.5) = 70
        [("CODE-A", 1, 105, TEN)] * 7,
        {TEN: 67},
    ),
    "three of one": (
        {"packages": one(price=333, units=3), "total": 999},
        [("CODE-A", 3, 333, TEN)],
        {TEN: 91},
    ),
    "one product at two prices": (
        {
            "packages": [
                package(
                    7001, [item(price=1000), item("2", price=900, units=2, manageNumber="item-1")]
                )
            ],
            "total": 2800,
        },
        [("CODE-A", 1, 1000, TEN), ("CODE-A", 2, 900, TEN)],
        {TEN: 255},
    ),
    "tax-excluded item": (
        {
            "packages": one(price=1000, priceTaxIncl=1100, includeTaxFlag=0, units=2),
            "total": 2200,
            "goodsPrice": 2000,
        },
        [("CODE-A", 2, 1100, TEN)],
        {TEN: 200},
    ),
    "tax-excluded item, rounded down by the shop": (
        {
            "packages": one(price=333, priceTaxIncl=366, includeTaxFlag=0, units=3),
            "total": 1098,
            "goodsPrice": 999,
        },
        [("CODE-A", 3, 366, TEN)],
        {TEN: 100},
    ),
    "tax-excluded beside included": (
        {
            "packages": [
                package(
                    7001,
                    [
                        item(price=1000, priceTaxIncl=1100, includeTaxFlag=0),
                        item("2", "CODE-B", 540, rate=0.08),
                    ],
                )
            ],
            "total": 1640,
        },
        [("CODE-A", 1, 1100, TEN), ("CODE-B", 1, 540, EIGHT)],
        {TEN: 100, EIGHT: 40},
    ),
    "untaxed item": (
        {"packages": one(price=500, rate=0), "total": 500},
        [("CODE-A", 1, 500, 0.0)],
        {},
    ),
    "postage": (
        {"packages": [package(7001, [item()], postage=500)], "total": 1600, "postagePrice": 500},
        [*PLAIN, ("postage", 1, 500, TEN)],
        {TEN: 145},
    ),
    "postage at the reduced rate": (
        {
            "packages": [
                package(7001, [item(price=1080, rate=0.08)], postage=540, postageTaxRate=0.08)
            ],
            "total": 1620,
        },
        [("CODE-A", 1, 1080, EIGHT), ("postage", 1, 540, EIGHT)],
        {EIGHT: 120},
    ),
    "postage included in the item": (
        {"packages": one(includePostageFlag=1)},
        PLAIN,
        {TEN: 100},
    ),
    "cash on delivery": (
        {"packages": [package(7001, [item()], cod=330)], "request": 1430},
        [*PLAIN, ("cod_fee", 1, 330, TEN)],
        {TEN: 130},
    ),
    "payment charge": (
        {"paymentCharge": 220, "request": 1320},
        [*PLAIN, ("payment_charge", 1, 220, TEN)],
        {TEN: 120},
    ),
    "fee of the buyer for paying later": (
        {"additionalFeeOccurAmountToUser": 250, "request": 1350},
        [*PLAIN, ("additional_fee", 1, 250, TEN)],
        {TEN: 123},
    ),
    "fee of the shop is not the buyer's": (
        {"additionalFeeOccurAmountToShop": 250},
        PLAIN,
        {TEN: 100},
    ),
    "wrapping": (
        {"WrappingModel1": wrapping(220, tax=20), "total": 1320},
        [*PLAIN, ("wrapping", 1, 220, TEN)],
        {TEN: 120},
    ),
    "wrapping without tax": (
        {"WrappingModel1": wrapping(200, included=0, tax=20), "total": 1320},
        [*PLAIN, ("wrapping", 1, 220, TEN)],
        {TEN: 120},
    ),
    "paper and ribbon": (
        {
            "WrappingModel1": wrapping(110, tax=10),
            "WrappingModel2": wrapping(330, title=2, tax=30),
            "total": 1540,
        },
        [*PLAIN, ("wrapping", 1, 110, TEN), ("wrapping", 1, 330, TEN)],
        {TEN: 140},
    ),
    "wrapping that was deleted": (
        {"WrappingModel1": wrapping(110, deleteWrappingFlag=1)},
        PLAIN,
        {TEN: 100},
    ),
    "wrapping for nothing": ({"WrappingModel1": wrapping(0)}, PLAIN, {TEN: 100}),
    "shop coupon": (
        {
            "couponShopPrice": 300,
            "couponAllTotalPrice": 300,
            "request": 800,
            "CouponModelList": [coupon(300)],
            "TaxSummaryModelList": [summary(0.1, 300)],
        },
        [*PLAIN, ("coupon", 1, -300, TEN)],
        {TEN: 73},
    ),
    "shop coupon over two rates": (
        {
            "packages": [package(7001, [item(), item("2", "CODE-B", 1080, rate=0.08)])],
            "total": 2180,
            "couponShopPrice": 400,
            "couponAllTotalPrice": 400,
            "request": 1780,
            "CouponModelList": [coupon(400)],
            "TaxSummaryModelList": [summary(0.1, 150), summary(0.08, 250)],
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 1, 1080, EIGHT),
            ("coupon", 1, -150, TEN),
            ("coupon", 1, -250, EIGHT),
        ],
        # (1100 - 150) / 11 = 86.4; (1080 - 250) * 8 / 108 = 61.5
        {TEN: 86, EIGHT: 61},
    ),
    "shop coupon for an item": (
        {
            "packages": [package(7001, [item(), item("2", "CODE-B", 540, 2, 0.08)])],
            "total": 2180,
            "couponShopPrice": 200,
            "couponAllTotalPrice": 200,
            "request": 1980,
            "CouponModelList": [coupon(200, units=2, detail=2)],
            "TaxSummaryModelList": [summary(0.1), summary(0.08, 200)],
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 2, 540, EIGHT),
            ("coupon", 1, -200, EIGHT),
        ],
        # 880 * 8 / 108 = 65.2
        {TEN: 100, EIGHT: 65},
    ),
    "shop coupon for an item beside Rakuten's for the order": (
        {
            "packages": [package(7001, [item(), item("2", "CODE-B", 1080, rate=0.08)])],
            "total": 2180,
            "couponShopPrice": 100,
            "couponOtherPrice": 200,
            "couponAllTotalPrice": 300,
            "request": 1880,
            "CouponModelList": [coupon(100, detail=2), coupon(200, capital=3)],
            "TaxSummaryModelList": [summary(0.1, 101), summary(0.08, 199)],
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 1, 1080, EIGHT),
            ("coupon", 1, -100, EIGHT),
        ],
        # 980 * 8 / 108 = 72.6; Rakuten pays its own 200
        {TEN: 100, EIGHT: 73},
    ),
    "shop coupon for the order beside Rakuten's for an item": (
        {
            "packages": [package(7001, [item(), item("2", "CODE-B", 1080, rate=0.08)])],
            "total": 2180,
            "couponShopPrice": 100,
            "couponOtherPrice": 80,
            "couponAllTotalPrice": 180,
            "request": 2000,
            "CouponModelList": [coupon(100), coupon(80, capital=2, detail=2)],
            "TaxSummaryModelList": [summary(0.1, 60), summary(0.08, 120)],
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 1, 1080, EIGHT),
            ("coupon", 1, -60, TEN),
            ("coupon", 1, -40, EIGHT),
        ],
        # 1040 / 11 = 94.5; 1040 * 8 / 108 = 77.04
        {TEN: 95, EIGHT: 77},
    ),
    "shop coupon without a summary": (
        {
            "packages": [package(7001, [item(), item("2", "CODE-B", 3300, rate=0.08)])],
            "total": 4400,
            "couponShopPrice": 400,
            "couponAllTotalPrice": 400,
            "request": 4000,
            "CouponModelList": [coupon(400)],
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 1, 3300, EIGHT),
            ("coupon", 1, -100, TEN),
            ("coupon", 1, -300, EIGHT),
        ],
        # 1000 / 11 = 90.9; 3000 * 8 / 108 = 222.2
        {TEN: 91, EIGHT: 222},
    ),
    "Rakuten's coupon": (
        {
            "couponOtherPrice": 500,
            "couponAllTotalPrice": 500,
            "request": 600,
            "CouponModelList": [coupon(500, capital=3)],
            "TaxSummaryModelList": [summary(0.1, 500)],
        },
        PLAIN,
        {TEN: 100},
    ),
    "points": ({"PointModel": {"usedPoint": 100}, "request": 1000}, PLAIN, {TEN: 100}),
    "paid with points alone": (
        {"PointModel": {"usedPoint": 1100}, "request": 0},
        PLAIN,
        {TEN: 100},
    ),
    "no points at all": ({"PointModel": None}, PLAIN, {TEN: 100}),
    "free gift beside an item": (
        {"packages": [package(7001, [item(), item("2", "CODE-B", 0)])]},
        [("CODE-A", 1, 1100, TEN), ("CODE-B", 1, 0, TEN)],
        {TEN: 100},
    ),
    "free sample alone": (
        {"packages": one(price=0), "total": 0},
        [("CODE-A", 1, 0, TEN)],
        {},
    ),
    "several destinations": (
        {
            "packages": [
                package(7001, [item()], postage=500),
                package(7002, [item("2", "CODE-B", 540, rate=0.08)], postage=700),
            ],
            "total": 2840,
            "severalSenderFlag": 1,
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 1, 540, EIGHT),
            ("postage", 1, 500, TEN),
            ("postage", 1, 700, TEN),
        ],
        # 2300 / 11 = 209.09
        {TEN: 209, EIGHT: 40},
    ),
    "noshi": ({"packages": [package(7001, [item()], noshi="御祝")]}, PLAIN, {TEN: 100}),
    "gift with a message": (
        {"giftCheckFlag": 1, "remarks": "[メッセージ:]\nおめでとう"},
        PLAIN,
        {TEN: 100},
    ),
    "drop-off place": (
        {"packages": [package(7001, [item()], dropOffFlag=1, dropOffLocation="宅配ボックス")]},
        PLAIN,
        {TEN: 100},
    ),
    "pick-up at a store": (
        {"packages": [package(7001, [item()], DeliveryCvsModel={"cvsCode": 50})]},
        PLAIN,
        {TEN: 100},
    ),
    "delivery date and slot": (
        {"deliveryDate": "2026-02-01", "shippingTerm": 1416},
        PLAIN,
        {TEN: 100},
    ),
    "subscription": ({"orderType": 4, "reserveNumber": "123456-1-r"}, PLAIN, {TEN: 100}),
    "buying club": ({"orderType": 5}, PLAIN, {TEN: 100}),
    "reservation": ({"orderType": 6}, PLAIN, {TEN: 100}),
    "before the SKU migration": (
        {"packages": one(SkuModelList=[], selectedChoice="色:赤")},
        PLAIN,
        {TEN: 100},
    ),
    "version 6, which knows no SKU": (
        {"packages": one(SkuModelList=NOTHING)},
        PLAIN,
        {TEN: 100},
    ),
    "SKU with its own code": (
        {"packages": one(code="no-code", **sku("CODE-B", "blue-m", "色:青\nサイズ:M"))},
        [("CODE-B", 1, 1100, TEN)],
        {TEN: 100},
    ),
    "remote island": ({"isolatedIslandFlag": 1}, PLAIN, {TEN: 100}),
    "abroad": (
        {"packages": sender(prefecture="国外", zipCode1="", zipCode2="")},
        PLAIN,
        {TEN: 100},
    ),
    "no first name": ({"packages": sender(firstName=None)}, PLAIN, {TEN: 100}),
    "no kana": (
        {"packages": sender(familyNameKana=None, firstNameKana=None)},
        PLAIN,
        {TEN: 100},
    ),
    "part of the phone number missing": (
        {"packages": sender(phoneNumber1=None)},
        PLAIN,
        {TEN: 100},
    ),
    "emoji": ({"packages": sender(subAddress="見本町1-1🎁")}, PLAIN, {TEN: 100}),
    "half-width kana": ({"packages": sender(city="ﾁﾖﾀﾞｸ")}, PLAIN, {TEN: 100}),
    "remarks of ten lines": (
        {"remarks": "\n".join(f"{line}行目" for line in range(1, 11))},
        PLAIN,
        {TEN: 100},
    ),
    "item that was deleted": (
        {"packages": [package(7001, [item(), item("2", "CODE-B", 540, deleteItemFlag=1)])]},
        PLAIN,
        {TEN: 100},
    ),
    "destination that was deleted": (
        {
            "packages": [
                package(7001, [item()]),
                package(7002, [item("2", "CODE-B")], postage=500, packageDeleteFlag=1),
            ]
        },
        PLAIN,
        {TEN: 100},
    ),
    "numbers as texts": (
        {
            "packages": one(price="1100", priceTaxIncl="1100", units="2", taxRate="0.10"),
            "total": "2200",
            "request": "2200",
        },
        [("CODE-A", 2, 1100, TEN)],
        {TEN: 200},
    ),
    "ten thousand of one": (
        {"packages": one(price=9, units=10_000), "total": 90_000},
        [("CODE-A", 10_000, 9, TEN)],
        {TEN: 8182},
    ),
    "everything at once": (
        {
            "packages": [
                package(
                    7001,
                    [
                        item(price=1000, priceTaxIncl=1100, includeTaxFlag=0),
                        item("2", "CODE-B", 540, 2, 0.08),
                    ],
                    postage=500,
                    cod=330,
                )
            ],
            # 1100 + 1080 + 500 + 220
            "total": 2900,
            "paymentCharge": 110,
            "WrappingModel1": wrapping(200, included=0, tax=20),
            "couponShopPrice": 300,
            "couponOtherPrice": 200,
            "couponAllTotalPrice": 500,
            "CouponModelList": [coupon(300), coupon(200, capital=2)],
            "TaxSummaryModelList": [summary(0.1, 350), summary(0.08, 150)],
            "PointModel": {"usedPoint": 100},
            # 2900 + 330 + 110 - 500 - 100
            "request": 2740,
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 2, 540, EIGHT),
            ("postage", 1, 500, TEN),
            ("cod_fee", 1, 330, TEN),
            ("wrapping", 1, 220, TEN),
            ("payment_charge", 1, 110, TEN),
            # 300 * 350 / 500 and 300 * 150 / 500
            ("coupon", 1, -210, TEN),
            ("coupon", 1, -90, EIGHT),
        ],
        # (1100 + 500 + 330 + 220 + 110 - 210) / 11 = 186.4; (1080 - 90) * 8 / 108 = 73.3
        {TEN: 186, EIGHT: 73},
    ),
}

#: name: (arguments of the order, problem code)
HELD = {
    "total not determined": ({"total": -9999, "request": -9999}, "amount_undetermined"),
    "postage not determined": (
        {"packages": [package(7001, [item()], postage=-9999)]},
        "amount_undetermined",
    ),
    "COD fee not determined": (
        {"packages": [package(7001, [item()], cod=-9999)], "request": 1100},
        "amount_undetermined",
    ),
    "payment charge not determined": ({"paymentCharge": -9999}, "amount_undetermined"),
    "request not determined": ({"request": -9999}, "amount_undetermined"),
    "fee not determined": ({"additionalFeeOccurAmountToUser": -9999}, "amount_undetermined"),
    "shop coupon not determined": ({"couponShopPrice": -9999}, "amount_undetermined"),
    "Rakuten's coupon not determined": ({"couponOtherPrice": -9999}, "amount_undetermined"),
    "price not determined": ({"packages": one(price=-9999)}, "amount_undetermined"),
    "wrapping not determined": ({"WrappingModel1": wrapping(-9999)}, "amount_undetermined"),
    "total is another": ({"total": 1200, "request": 1200}, "amount_mismatch"),
    "request is another": ({"request": 1099}, "amount_mismatch"),
    "coupon not counted": ({"couponShopPrice": 100}, "amount_mismatch"),
    "points not counted": ({"PointModel": {"usedPoint": 1}}, "amount_mismatch"),
    "social gift": (
        {
            "socialGiftFlag": 1,
            "packages": sender(
                zipCode1="999", zipCode2="9999", prefecture="入力待ち", city="入力待ち"
            ),
        },
        "recipient_incomplete",
    ),
    "nobody's name": (
        {"packages": sender(familyName=None, firstName=None)},
        "recipient_incomplete",
    ),
    "no address": ({"packages": sender(city=None, subAddress=None)}, "recipient_incomplete"),
    "rate that nobody has": ({"packages": one(rate=0.05)}, "unknown_tax"),
    "item that nobody knows": ({"packages": one(code="NOBODY")}, "unmapped_sku"),
    "negative price": ({"packages": one(price=-1)}, "malformed"),
    "no units": ({"packages": one(units=0)}, "malformed"),
    "no item": ({"packages": [package(7001, [])]}, "malformed"),
    "no tax rate": ({"packages": one(rate=None)}, "malformed"),
    "rate of 110 %": ({"packages": one(rate=1.1)}, "malformed"),
    "half a yen": ({"total": 1100.5, "request": 1100}, "malformed"),
}


def build(sequence, arguments):
    payload = order(sequence, **arguments)
    for entry in payload["PackageModelList"]:
        for row in entry["ItemModelList"]:
            if row["SkuModelList"] is NOTHING:
                del row["SkuModelList"]
    return payload


@tagged("post_install", "-at_install")
class TestCorpus(RakutenCase):
    def lines(self, sale_order):
        kinds = {
            self.env.ref(f"smartship_rakuten.product_{kind}"): kind
            for kind in ("postage cod_fee payment_charge additional_fee wrapping coupon".split())
        }
        return [
            (
                kinds.get(line.product_id) or line.product_id.default_code,
                line.product_uom_qty,
                line.price_unit,
                line.tax_ids.amount,
            )
            for line in sale_order.order_line
        ]

    def taxes(self, sale_order):
        """Tax of a sale order or invoice by rate, as Odoo shows it."""
        return {
            self.env["account.tax"].browse(group["involved_tax_ids"])[0].amount: group["tax_amount"]
            for subtotal in sale_order.tax_totals["subtotals"]
            for group in subtotal["tax_groups"]
            if group["tax_amount"]
        }

    def test_every_kind_becomes_its_sale_order(self):
        records = self.import_orders(
            *(
                build(number, arguments)
                for number, (arguments, _l, _t) in enumerate(KINDS.values(), start=1)
            )
        )
        self.assertGreaterEqual(len(KINDS), 40)
        for record, (name, (arguments, lines, taxes)) in zip(records, KINDS.items(), strict=True):
            with self.subTest(kind=name):
                sale_order = record.sale_order_id
                self.assertEqual(record.state, "done", record.problem)
                self.assertEqual(self.lines(sale_order), lines)
                self.assertEqual(self.taxes(sale_order), taxes)
                total = sum(quantity * price for _code, quantity, price, _rate in lines)
                self.assertEqual(sale_order.amount_total, total)
                payload = record.payload
                paid = (
                    int(payload["requestPrice"])
                    + (payload["PointModel"] or {}).get("usedPoint", 0)
                    + payload["couponOtherPrice"]
                )
                self.assertEqual(sale_order.amount_total, paid)
                self.assertEqual(sale_order.state, "sale")
                baskets = len(arguments.get("packages") or [1])
                deleted = name == "destination that was deleted"
                self.assertEqual(len(sale_order.picking_ids), baskets - deleted)

    def test_every_held_kind_says_why(self):
        records = self.import_orders(
            *(
                build(number, arguments)
                for number, (arguments, _code) in enumerate(HELD.values(), start=1)
            ),
            order(900),
        )
        self.assertEqual(records[-1].state, "done", "a good neighbour is untouched")
        for record, (name, (_arguments, code)) in zip(records[:-1], HELD.items(), strict=True):
            with self.subTest(kind=name):
                self.assertEqual(record.state, "blocked")
                self.assertEqual(record.problem_code, code)
                self.assertTrue(record.problem.endswith("."))
                self.assertFalse(record.sale_order_id)

    def test_just_before_midnight(self):
        (record,) = self.import_orders(order(1, orderDatetime="2026-01-10T23:59:58+0900"))
        self.assertEqual(record.sale_order_id.date_order, datetime(2026, 1, 10, 14, 59, 58))

    def test_company_that_rounds_each_line(self):
        """Rakuten rounds once per rate, and so do its orders and their invoices in Odoo."""
        self.company.tax_calculation_rounding_method = "round_per_line"
        self.product_a.invoice_policy = "order"
        arguments, lines, taxes = KINDS["tax is rounded once, not per line"]
        (record,) = self.import_orders(build(1, arguments))
        sale_order = record.sale_order_id
        self.assertEqual(self.lines(sale_order), lines)
        self.assertEqual(sale_order.amount_tax, 67)
        self.assertEqual(self.taxes(sale_order), taxes)
        invoice = sale_order._create_invoices()
        self.assertEqual(invoice.amount_tax, 67)
        self.assertEqual(invoice.amount_total, 735)
