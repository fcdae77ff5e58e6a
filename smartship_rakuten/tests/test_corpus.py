"""Every kind of order that Rakuten knows, with the sale order that it becomes.

Lines, taxes and totals are written by hand from RMS API sections 3 and 4; tax is what the
tax-included amount of a rate contains, rounded once per rate.
"""

from datetime import date, datetime
from decimal import Decimal

from odoo.tests import tagged

from .common import ADDRESS, RakutenCase, item, order, package
from .mutations import TOTAL, mutated, rich, tax_by_rate

TEN, EIGHT = Decimal("0.1"), Decimal("0.08")
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
        [("CODE-A", 1, 500, 0)],
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
    "each charge at its own rate": (
        {
            "packages": [
                package(
                    7001,
                    [item()],
                    postage=540,
                    postageTaxRate=0.08,
                    cod=324,
                    deliveryTaxRate=0.08,
                )
            ],
            # 1100 + 540 + 108 + 110
            "total": 1858,
            "WrappingModel1": wrapping(108, rate=0.08, tax=8),
            "WrappingModel2": wrapping(110, title=2, tax=10),
            "paymentCharge": 216,
            "paymentChargeTaxRate": 0.08,
            "request": 2398,
            "TaxSummaryModelList": [
                summary(0.1, reqPrice=1210, reqPriceTax=110),
                summary(0.08, reqPrice=1188, reqPriceTax=88),
            ],
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("postage", 1, 540, EIGHT),
            ("cod_fee", 1, 324, EIGHT),
            ("wrapping", 1, 108, EIGHT),
            ("wrapping", 1, 110, TEN),
            ("payment_charge", 1, 216, EIGHT),
        ],
        # 1210 / 11; (540 + 324 + 108 + 216) * 8 / 108
        {TEN: 110, EIGHT: 88},
    ),
    "tax-excluded items of both rates, rounded down for each unit": (
        {
            "packages": [
                package(
                    7001,
                    [
                        item(price=333, priceTaxIncl=366, includeTaxFlag=0, units=3),
                        # 333 * 1.08 = 359.64
                        item("2", "CODE-B", 333, 2, 0.08, priceTaxIncl=359, includeTaxFlag=0),
                    ],
                )
            ],
            "total": 1816,
            "goodsPrice": 1665,
            "TaxSummaryModelList": [
                summary(0.1, reqPrice=1098, reqPriceTax=100),
                summary(0.08, reqPrice=718, reqPriceTax=53),
            ],
        },
        [("CODE-A", 3, 366, TEN), ("CODE-B", 2, 359, EIGHT)],
        # 1098 / 11 = 99.8; 718 * 8 / 108 = 53.2
        {TEN: 100, EIGHT: 53},
    ),
    "item and wrapping without tax": (
        {
            "packages": one(price=1000, priceTaxIncl=1100, includeTaxFlag=0),
            # 255 * 1.1 = 280.5, rounded down
            "WrappingModel2": wrapping(255, title=2, included=0, tax=25),
            "total": 1380,
            "goodsPrice": 1255,
        },
        [*PLAIN, ("wrapping", 1, 280, TEN)],
        # 1380 / 11 = 125.45
        {TEN: 125},
    ),
    "one product at both rates": (
        {
            "packages": [
                package(7001, [item(), item("2", price=1080, rate=0.08, manageNumber="item-1")])
            ],
            "total": 2180,
        },
        [("CODE-A", 1, 1100, TEN), ("CODE-A", 1, 1080, EIGHT)],
        {TEN: 100, EIGHT: 80},
    ),
    "cash on delivery, coupon and points": (
        {
            "packages": [package(7001, [item(price=3300)], cod=330)],
            "total": 3300,
            "couponShopPrice": 300,
            "couponAllTotalPrice": 300,
            "CouponModelList": [coupon(300)],
            "PointModel": {"usedPoint": 500},
            # 3300 + 330 - 300 - 500
            "request": 2830,
            "TaxSummaryModelList": [summary(0.1, 300, reqPrice=3330, reqPriceTax=303)],
        },
        [("CODE-A", 1, 3300, TEN), ("cod_fee", 1, 330, TEN), ("coupon", 1, -300, TEN)],
        # 3330 / 11 = 302.7
        {TEN: 303},
    ),
    "shop coupon for three units of an item": (
        {
            "packages": one(units=3),
            "total": 3300,
            "couponShopPrice": 300,
            "couponAllTotalPrice": 300,
            "request": 3000,
            "CouponModelList": [coupon(300, units=3, detail=1)],
            "TaxSummaryModelList": [summary(0.1, 300, reqPrice=3000, reqPriceTax=273)],
        },
        [("CODE-A", 3, 1100, TEN), ("coupon", 1, -300, TEN)],
        # 3000 / 11 = 272.7
        {TEN: 273},
    ),
    "shop coupons for items of both rates": (
        {
            "packages": [package(7001, [item(), item("2", "CODE-B", 540, 2, 0.08)])],
            "total": 2180,
            "couponShopPrice": 154,
            "couponAllTotalPrice": 154,
            "request": 2026,
            "CouponModelList": [coupon(100, detail=1), coupon(54, detail="2")],
            "TaxSummaryModelList": [
                summary(0.1, 100, reqPrice=1000, reqPriceTax=91),
                summary(0.08, 54, reqPrice=1026, reqPriceTax=76),
            ],
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 2, 540, EIGHT),
            ("coupon", 1, -100, TEN),
            ("coupon", 1, -54, EIGHT),
        ],
        # 1000 / 11 = 90.9; 1026 * 8 / 108
        {TEN: 91, EIGHT: 76},
    ),
    "shop coupon for an item that the summary shares out": (
        {
            "packages": [package(7001, [item(), item("2", "CODE-B", 1080, rate=0.08)])],
            "total": 2180,
            "couponShopPrice": 200,
            "couponAllTotalPrice": 200,
            "request": 1980,
            "CouponModelList": [coupon(200, detail=2)],
            "TaxSummaryModelList": [
                summary(0.1, 101, reqPrice=999, reqPriceTax=91),
                summary(0.08, 99, reqPrice=981, reqPriceTax=73),
            ],
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 1, 1080, EIGHT),
            ("coupon", 1, -101, TEN),
            ("coupon", 1, -99, EIGHT),
        ],
        # The summary is what is invoiced: 999 / 11 = 90.8; 981 * 8 / 108 = 72.7
        {TEN: 91, EIGHT: 73},
    ),
    "coupons of both for the whole order": (
        {
            "packages": [package(7001, [item(), item("2", "CODE-B", 1080, rate=0.08)])],
            "total": 2180,
            "couponShopPrice": 100,
            "couponOtherPrice": 300,
            "couponAllTotalPrice": 400,
            "request": 1780,
            "CouponModelList": [coupon(100), coupon(300, capital=3)],
            "TaxSummaryModelList": [summary(0.1, 200), summary(0.08, 200)],
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 1, 1080, EIGHT),
            ("coupon", 1, -50, TEN),
            ("coupon", 1, -50, EIGHT),
        ],
        # 1050 / 11 = 95.45; 1030 * 8 / 108 = 76.3
        {TEN: 95, EIGHT: 76},
    ),
    "shop coupon that the summary does not account for": (
        {
            "packages": [package(7001, [item(), item("2", "CODE-B", 3300, rate=0.08)])],
            "total": 4400,
            "couponShopPrice": 400,
            "couponAllTotalPrice": 400,
            "request": 4000,
            "CouponModelList": [coupon(400)],
            "TaxSummaryModelList": [summary(0.1, 100), summary(0.08)],
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 1, 3300, EIGHT),
            ("coupon", 1, -100, TEN),
            ("coupon", 1, -300, EIGHT),
        ],
        # By what was bought: 1000 / 11 = 90.9; 3000 * 8 / 108 = 222.2
        {TEN: 91, EIGHT: 222},
    ),
    "coupons and summary in texts": (
        {
            "packages": [package(7001, [item(), item("2", "CODE-B", 1080, rate=0.08)])],
            "total": 2180,
            "couponShopPrice": "400",
            "couponOtherPrice": "0",
            "couponAllTotalPrice": "400",
            "request": 1780,
            "CouponModelList": [
                {"couponCapitalCode": "1", "couponTotalPrice": "400", "itemDetailId": "0"}
            ],
            "TaxSummaryModelList": [summary("0.1", "150"), summary("0.08", "250")],
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 1, 1080, EIGHT),
            ("coupon", 1, -150, TEN),
            ("coupon", 1, -250, EIGHT),
        ],
        {TEN: 86, EIGHT: 61},
    ),
    "coupon for an item that was deleted": (
        {
            "packages": [
                package(7001, [item(), item("2", "CODE-B", 540, rate=0.08, deleteItemFlag=1)])
            ],
            "couponShopPrice": 100,
            "couponAllTotalPrice": 100,
            "request": 1000,
            "CouponModelList": [coupon(100, detail=2)],
        },
        [*PLAIN, ("coupon", 1, -100, TEN)],
        {TEN: 91},
    ),
    "shop coupon that pays everything": (
        {
            "couponShopPrice": 1100,
            "couponAllTotalPrice": 1100,
            "request": 0,
            "CouponModelList": [coupon(1100)],
            "TaxSummaryModelList": [summary(0.1, 1100, reqPrice=0, reqPriceTax=0)],
        },
        [*PLAIN, ("coupon", 1, -1100, TEN)],
        {},
    ),
    "maker's coupon": (
        {
            "couponOtherPrice": 110,
            "couponAllTotalPrice": 110,
            "request": 990,
            "CouponModelList": [coupon(110, capital=2, detail=1)],
            "TaxSummaryModelList": [summary(0.1, 110, reqPrice=990, reqPriceTax=90)],
        },
        PLAIN,
        # Rakuten's 90 and what is in the 110 that the maker pays
        {TEN: 100},
    ),
    "paid with Rakuten's coupon and points": (
        {
            "couponOtherPrice": 600,
            "couponAllTotalPrice": 600,
            "PointModel": {"usedPoint": 500},
            "request": 0,
            "CouponModelList": [coupon(600, capital=3)],
        },
        PLAIN,
        {TEN: 100},
    ),
    "destination that nothing is left for": (
        {
            "packages": [
                package(7001, [item()]),
                package(
                    7002,
                    [item("2", "CODE-B", deleteItemFlag=1)],
                    postage=500,
                    SenderModel={"familyName": None},
                ),
            ],
            "total": 1600,
        },
        [*PLAIN, ("postage", 1, 500, TEN)],
        {TEN: 145},
    ),
    "three destinations, paper, COD fee for one of them": (
        {
            "packages": [
                package(7001, [item()], postage=500, cod=330),
                package(7002, [item("2", units=2, manageNumber="item-1")]),
                package(7003, [item("3", "CODE-B", 1080, rate=0.08)], postage=700),
            ],
            # 1100 + 2200 + 1080 + 500 + 700 + 220
            "total": 5800,
            "WrappingModel1": wrapping(220, tax=20),
            "request": 6130,
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-A", 2, 1100, TEN),
            ("CODE-B", 1, 1080, EIGHT),
            ("postage", 1, 500, TEN),
            ("cod_fee", 1, 330, TEN),
            ("postage", 1, 700, TEN),
            ("wrapping", 1, 220, TEN),
        ],
        # (3300 + 500 + 330 + 700 + 220) / 11 = 459.1
        {TEN: 459, EIGHT: 80},
    ),
    "paper and ribbon for each of two destinations": (
        {
            "packages": [
                package(7001, [item()], postage=500),
                package(7002, [item("2", "CODE-B", 1080, rate=0.08)], postage=500),
            ],
            # 1100 + 1080 + 1000 + twice 110 and 220
            "total": 3840,
            "WrappingModel1": wrapping(110, tax=10),
            "WrappingModel2": wrapping(200, title=2, included=0, tax=20),
        },
        [
            ("CODE-A", 1, 1100, TEN),
            ("CODE-B", 1, 1080, EIGHT),
            ("postage", 1, 500, TEN),
            ("postage", 1, 500, TEN),
            ("wrapping", 1, 110, TEN),
            ("wrapping", 1, 220, TEN),
            ("wrapping", 1, 110, TEN),
            ("wrapping", 1, 220, TEN),
        ],
        # 2760 / 11 = 250.9
        {TEN: 251, EIGHT: 80},
    ),
    "before the SKU migration, with an empty SKU": (
        {"packages": one(**sku(None, "", None), selectedChoice="色:赤")},
        PLAIN,
        {TEN: 100},
    ),
    "before the SKU migration, null": (
        {"packages": one(SkuModelList=None)},
        PLAIN,
        {TEN: 100},
    ),
    "post code of Yamagata": (
        {"packages": sender(zipCode1="999", zipCode2="3301", prefecture="山形県", city="山形市")},
        PLAIN,
        {TEN: 100},
    ),
    "social gift with its address": (
        {
            "socialGiftFlag": 1,
            "packages": [package(7001, [item()], SocialGiftModel={"inputFlag": 1})],
        },
        PLAIN,
        {TEN: 100},
    ),
    "ten digits": (
        {"packages": one(price=9_999_999_999), "total": 9_999_999_999},
        [("CODE-A", 1, 9_999_999_999, TEN)],
        {TEN: 909_090_909},
    ),
    "as many units as RMS takes": (
        {"packages": one(price=1, units=999_999_999), "total": 999_999_999},
        [("CODE-A", 999_999_999, 1, TEN)],
        # 999,999,999 / 11 = 90,909,090.8
        {TEN: 90_909_091},
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
    "item that nobody knows": ({"packages": one(number="9", code="NOBODY")}, "unmapped_sku"),
    "negative price": ({"packages": one(price=-1)}, "malformed"),
    "no units": ({"packages": one(units=0)}, "malformed"),
    "no item": ({"packages": [package(7001, [])]}, "malformed"),
    "no tax rate": ({"packages": one(rate=None)}, "malformed"),
    "rate of 110 %": ({"packages": one(rate=1.1)}, "malformed"),
    "half a yen": ({"total": 1100.5, "request": 1100}, "malformed"),
    "social gift whose receiver has not answered": (
        {"packages": [package(7001, [item()], SocialGiftModel={"inputFlag": 0})]},
        "recipient_incomplete",
    ),
    "one dummy among several destinations": (
        {
            "packages": [
                package(7001, [item()]),
                package(7002, [item("2")], SenderModel={**ADDRESS, "city": "入力待ち"}),
            ],
            "total": 2200,
        },
        "recipient_incomplete",
    ),
    "tax-excluded price without its taxed price": (
        {"packages": one(price=1000, priceTaxIncl=None, includeTaxFlag=0)},
        "amount_mismatch",
    ),
    "COD fee that no destination has": ({"deliveryPrice": 330, "request": 1430}, "amount_mismatch"),
    "same destination twice": (
        {"packages": [package(7001, [item()]), package(7001, [item("2")])], "total": 2200},
        "malformed",
    ),
    "shipping rows that are none": (
        {"packages": [package(7001, [item()], ShippingModelList="x")]},
        "malformed",
    ),
    "delivery date that is none": ({"deliveryDate": "2026-02-30"}, "malformed"),
    "eleven digits": ({"packages": one(price=10**10), "total": 10**10}, "malformed"),
    "too many units": ({"packages": one(price=0, units=10**9), "total": 0}, "malformed"),
    "paper that is counted three times": (
        {
            "packages": [package(7001, [item()]), package(7002, [item("2")])],
            "total": 2530,
            "WrappingModel1": wrapping(110, tax=10),
        },
        "amount_mismatch",
    ),
    "full-width digits": ({"total": "１１００", "request": 1100}, "malformed"),
    "postage without a rate": (
        {"packages": [package(7001, [item()], postage=500, postageTaxRate=None)], "total": 1600},
        "malformed",
    ),
    "no package list": ({"PackageModelList": None}, "malformed"),
    "no recipient": ({"packages": [package(7001, [item()], SenderModel=None)]}, "malformed"),
    "no buyer": ({"OrdererModel": None}, "malformed"),
    "no date": ({"orderDatetime": None}, "malformed"),
    "item that is none": ({"packages": [package(7001, [None])]}, "malformed"),
}

IDENTITY_FIELDS = frozenset(
    """
    totalPrice deliveryPrice paymentCharge additionalFeeOccurAmountToUser couponShopPrice
    requestPrice couponOtherPrice
    """.split()
)

#: Every amount that RMS API section 3.16 names, and those of the coupons' and taxes' sums.
AMOUNT_PATHS = [
    *(
        (name,)
        for name in """
            goodsPrice goodsTax postagePrice deliveryPrice paymentCharge totalPrice requestPrice
            couponAllTotalPrice couponShopPrice couponOtherPrice additionalFeeOccurAmountToUser
            additionalFeeOccurAmountToShop
        """.split()
    ),
    *(
        ("PackageModelList", 1, name)
        for name in "goodsPrice goodsTax totalPrice postagePrice deliveryPrice".split()
    ),
    ("WrappingModel1", "price"),
    ("WrappingModel1", "taxPrice"),
    ("WrappingModel2", "price"),
    ("CouponModelList", 2, "couponPrice"),
    ("CouponModelList", 2, "couponTotalPrice"),
    *(
        ("TaxSummaryModelList", 1, name)
        for name in "totalPrice paymentCharge couponPrice reqPrice reqPriceTax point".split()
    ),
    ("PointModel", "usedPoint"),
    ("PackageModelList", 1, "ItemModelList", 0, "price"),
    ("PackageModelList", 1, "ItemModelList", 0, "priceTaxIncl"),
]

#: What each version of getOrder brought (section 3.0): order, package, item.
SINCE_VERSION = {
    10: ("socialGiftFlag", "SocialGiftModel", ""),
    9: ("", "dropOffFlag dropOffLocation", ""),
    8: ("deliveryCertPrgFlag oneDayOperationFlag", "", ""),
    7: ("", "", "SkuModelList"),
    6: ("cautionDisplayDetailType", "", ""),
    5: ("receiptIssueCount receiptIssueHistoryList DueDateModelList", "", ""),
    4: ("", "defaultDeliveryCompanyCode", "isSingleItemShipping"),
}


def at_version(payload, version):
    """The order as an older version of getOrder gives it."""
    packages = payload["PackageModelList"]
    items = [row for entry in packages for row in entry["ItemModelList"]]
    for since, names in SINCE_VERSION.items():
        for models, keys in zip(([payload], packages, items), names, strict=True):
            for model in models if since > version else ():
                for key in keys.split():
                    model.pop(key, None)
    if version < 8:
        payload.update(goodsTax=100, isTaxRecalc=0)
        for entry in packages:
            entry["goodsTax"] = 100
    return payload


def build(sequence, arguments):
    payload = order(sequence, **arguments)
    packages = payload["PackageModelList"]
    payload["PackageModelList"] = packages and [
        {**entry, "ItemModelList": [row and _given(row) for row in entry["ItemModelList"]]}
        for entry in packages
    ]
    return payload


def _given(row):
    return {key: value for key, value in row.items() if value is not NOTHING}


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
                Decimal(str(line.tax_ids.amount)) / 100,
            )
            for line in sale_order.order_line
        ]

    def taxes(self, document):
        return {rate: tax for rate, tax in tax_by_rate(document).items() if tax}

    def test_every_kind_becomes_its_sale_order(self):
        self.assertGreaterEqual(len(KINDS), 55)
        records = self.import_orders(
            *(
                build(number, arguments)
                for number, (arguments, _l, _t) in enumerate(KINDS.values(), start=1)
            )
        )
        for record, (name, (arguments, lines, taxes)) in zip(records, KINDS.items(), strict=True):
            with self.subTest(kind=name):
                sale_order = record.sale_order_id
                self.assertEqual(record.state, "done", record.problem)
                self.assertEqual(self.lines(sale_order), lines)
                self.assertEqual(self.taxes(sale_order), taxes)
                self.check_identities(sale_order, record.payload, lines)
                self.check_summary(record.payload, taxes)
                self.assertEqual(sale_order.state, "sale")
                one_basket = name.startswith("destination that")
                baskets = 1 if one_basket else len(arguments.get("packages") or [1])
                self.assertEqual(len(sale_order.picking_ids), baskets)

    def check_identities(self, sale_order, payload, lines):
        """Both identities of the contract, and the total of the lines written by hand."""
        number = {key: int(value) for key, value in payload.items() if key in IDENTITY_FIELDS}
        total = sum(quantity * price for _code, quantity, price, _rate in lines)
        self.assertEqual(sale_order.amount_total, total)
        self.assertEqual(
            total,
            number["totalPrice"]
            + number["deliveryPrice"]
            + number["paymentCharge"]
            + number["additionalFeeOccurAmountToUser"]
            - number["couponShopPrice"],
        )
        points = (payload["PointModel"] or {}).get("usedPoint", 0)
        self.assertEqual(total, number["requestPrice"] + points + number["couponOtherPrice"])
        self.assertEqual(
            (
                sale_order.rakuten_request_price,
                sale_order.rakuten_used_point,
                sale_order.rakuten_coupon_shop,
                sale_order.rakuten_coupon_rakuten,
            ),
            (
                number["requestPrice"],
                points,
                number["couponShopPrice"],
                number["couponOtherPrice"],
            ),
        )

    def check_summary(self, payload, taxes):
        """The taxes written by hand are Rakuten's, where Rakuten pays nothing of the order."""
        for row in payload["TaxSummaryModelList"]:
            if "reqPriceTax" in row and not payload["couponOtherPrice"]:
                rate = Decimal(str(row["taxRate"]))
                self.assertEqual(row["reqPriceTax"], taxes.get(rate, 0))

    def test_lines_and_transfers_know_their_destination(self):
        arguments, _lines, _taxes = KINDS["three destinations, paper, COD fee for one of them"]
        (record,) = self.import_orders(build(1, arguments))
        sale_order = record.sale_order_id
        self.assertEqual(
            [line.rakuten_basket_id for line in sale_order.order_line],
            ["7001", "7002", "7003", "7001", "7001", "7003", False],
        )
        self.assertEqual(
            [line.rakuten_item_detail_id for line in sale_order.order_line],
            ["1", "2", "3", False, False, False, False],
        )
        moves = [
            (picking.rakuten_basket_id, move.product_id, move.product_uom_qty)
            for picking in sale_order.picking_ids.sorted("rakuten_basket_id")
            for move in picking.move_ids
        ]
        self.assertEqual(
            moves,
            [
                ("7001", self.product_a, 1),
                ("7002", self.product_a, 2),
                ("7003", self.product_b, 1),
            ],
        )

    def test_persons_are_kept_as_they_wrote_themselves(self):
        persons = {
            "no first name": ("name", "見本"),
            "part of the phone number missing": ("phone", "0000-1234"),
            "emoji": ("street", "見本町1-1🎁"),
            "half-width kana": ("city", "ﾁﾖﾀﾞｸ"),
            "abroad": ("country_id", self.env["res.country"]),
            "post code of Yamagata": ("zip", "999-3301"),
        }
        records = self.import_orders(
            *(build(number, KINDS[name][0]) for number, name in enumerate(persons, start=1))
        )
        for record, (name, (field, expected)) in zip(records, persons.items(), strict=True):
            with self.subTest(kind=name):
                self.assertEqual(record.sale_order_id.partner_shipping_id[field], expected)

    def test_wishes_are_kept(self):
        remarks, wish = self.import_orders(
            build(1, KINDS["remarks of ten lines"][0]), build(2, KINDS["delivery date and slot"][0])
        )
        self.assertEqual(len(remarks.payload["remarks"].splitlines()), 10)
        self.assertIn("10行目", remarks.details)
        self.assertEqual(wish.delivery_date, date(2026, 2, 1))

    def test_amounts_in_texts_are_shown(self):
        (record,) = self.import_orders(build(1, KINDS["numbers as texts"][0]))
        self.assertEqual(record.request_price, 2200)

    def test_every_version_of_get_order(self):
        records = self.import_orders(
            *(
                {**at_version(rich(), version), "orderNumber": f"123456-20260110-{version:08d}"}
                for version in range(3, 11)
            )
        )
        lines = self.lines(records[-1].sale_order_id)
        for version, record in enumerate(records, start=3):
            with self.subTest(version=version):
                self.assertEqual(record.state, "done", record.problem)
                self.assertEqual(record.sale_order_id.amount_total, TOTAL)
                self.assertEqual(self.lines(record.sale_order_id), lines)

    def test_undetermined_wherever_it_stands(self):
        payloads = [
            {
                # The last version with goodsTax.
                **mutated(at_version(rich(), 7), path, value),
                "orderNumber": f"123456-20260110-{number:08d}",
            }
            for number, (path, value) in enumerate(
                (path, value) for path in AMOUNT_PATHS for value in (-9999, "-9999")
            )
        ]
        records = self.import_orders(*payloads)
        for record, path in zip(records, (p for p in AMOUNT_PATHS for _ in range(2)), strict=True):
            with self.subTest(path=path):
                self.assertEqual(record.problem_code, "amount_undetermined")
                self.assertIn(path[-1], record.problem)
                self.assertFalse(record.sale_order_id)

    def test_undetermined_in_what_was_deleted_means_nothing(self):
        path = ("PackageModelList", 0, "ItemModelList", 2, "price")
        (record,) = self.import_orders(mutated(rich(), path, -9999))
        self.assertEqual(record.sale_order_id.amount_total, TOTAL)

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
        many = [item(str(number), price=105, manageNumber="item-1") for number in range(1, 101)]
        record, long = self.import_orders(
            build(1, arguments), order(2, [package(7001, many)], total=10_500)
        )
        # 10500 / 11 = 954.5; line by line it would be a hundred times 10 (9.5) = 1000
        self.assertEqual(long.sale_order_id.amount_tax, 955)
        self.assertEqual(long.sale_order_id.amount_total, 10_500)
        sale_order = record.sale_order_id
        self.assertEqual(self.lines(sale_order), lines)
        self.assertEqual(sale_order.amount_tax, 67)
        self.assertEqual(self.taxes(sale_order), taxes)
        invoice = sale_order._create_invoices()
        invoice.action_post()
        credit = invoice._reverse_moves()
        for move in (invoice, credit):
            self.assertEqual(move.amount_tax, 67)
            self.assertEqual(move.amount_total, 735)
