"""Payloads that are not what RMS documents, and what the tests of money look at."""

import random
from decimal import Decimal

from .common import ADDRESS, item, order, package

#: Takes a place away instead of filling it.
REMOVED = object()

_RANDOM = random.Random("a long text")
#: Too long for any index of the database, and not to be compressed.
LONG = "".join(chr(_RANDOM.randrange(0x4E00, 0x9FA0)) for _char in range(6000))

#: Values that a field may take: null, other types, the sentinel, too large, not storable.
NOISE = (
    REMOVED,
    None,
    True,
    -1,
    -9999,
    "-9999",
    0,
    7,
    0.5,
    1e308,
    10**30,
    "",
    "x",
    "９９",
    "1_0",
    "\x00",
    "\ud83d",
    LONG,
    [],
    [None],
    [[]],
    {},
    {"x": []},
)


#: What the rich order below totals, whatever is broken in it: 1100 + 2 x 540 + 880, postage 500
#: and 700, COD fee 330, paper 220 and ribbon 110, charge 220, fee 250, less the shop's 300.
TOTAL = 5090


def rich():
    """An order with everything that RMS API section 3 knows."""
    return order(
        1,
        [
            package(
                7001,
                [
                    item(
                        price=1000,
                        priceTaxIncl=1100,
                        includeTaxFlag=0,
                        selectedChoice="名入れ:見本",
                    ),
                    item("2", "CODE-B", 540, 2, 0.08, itemId=20000002),
                    item("3", "CODE-B", 300, deleteItemFlag=1),
                ],
                postage=500,
                cod=330,
                # 1000 + 2 x 540, and 200 and 110 of wrapping; 100 and 20 of tax, 500 of postage
                goodsPrice=2390,
                totalPrice=3010,
                noshi="御祝",
                dropOffFlag=1,
                dropOffLocation="玄関前",
                defaultDeliveryCompanyCode="1001",
                DeliveryCvsModel={"cvsCode": 50, "storeName": "見本店", "storeZip": "100-0001"},
                SocialGiftModel={"inputFlag": 1, "inputDueDate": "2026-01-20"},
            ),
            package(
                7002,
                [item("4", price=880, SkuModelList=[])],
                postage=700,
                goodsPrice=880,
                totalPrice=1580,
                SenderModel={**ADDRESS, "familyName": "例題", "isolatedIslandFlag": 1},
                ShippingModelList=[],
            ),
        ],
        # 1100 + 1080 + 880 + 500 + 700 + 220 + 110
        total=4590,
        goodsPrice=3270,
        postagePrice=1200,
        paymentCharge=220,
        additionalFeeOccurAmountToUser=250,
        additionalFeeOccurAmountToShop=100,
        couponShopPrice=300,
        couponOtherPrice=200,
        couponAllTotalPrice=500,
        # 4590 + 330 + 220 + 250 - 500 - 100
        request=4790,
        PointModel={"usedPoint": 100},
        WrappingModel1=wrapping(200, 0, 20),
        WrappingModel2=wrapping(110, 1, 10),
        CouponModelList=[
            {
                "couponCode": "SAMPLE",
                "couponCapitalCode": capital,
                "couponPrice": price,
                "couponUnit": 1,
                "couponTotalPrice": price,
                "itemDetailId": detail,
            }
            for capital, price, detail in ((1, 100, 2), (1, 200, 0), (3, 200, 0))
        ],
        TaxSummaryModelList=[
            {
                "taxRate": rate,
                "totalPrice": total,
                "paymentCharge": charge,
                "couponPrice": coupon,
                "point": 0,
                "reqPrice": request,
                "reqPriceTax": tax,
            }
            for rate, total, charge, coupon, request, tax in (
                (0.1, 3510, 550, 300, 3760, 342),
                (0.08, 1080, 0, 200, 880, 65),
            )
        ],
        remarks="[備考:]\n見本です",
        deliveryDate="2026-01-20",
        shippingTerm=1416,
        giftCheckFlag=1,
        orderType=4,
        reserveNumber="123456-00000001-r",
        SettlementModel={"settlementMethodCode": 2, "settlementMethod": "代金引換"},
        DeliveryModel={"deliveryName": "宅配便", "deliveryClass": 1},
        DueDateModelList=[{"dueDateType": 0, "dueDate": "2026-01-20"}],
        ChangeReasonModelList=[{"changeId": 1, "changeType": 8}],
    )


def wrapping(price, included, tax):
    return {
        "title": 1,
        "name": "包装",
        "price": price,
        "includeTaxFlag": included,
        "deleteWrappingFlag": 0,
        "taxRate": 0.1,
        "taxPrice": tax,
    }


def paths(value, prefix=()):
    """Every place in a JSON value."""
    if prefix:
        yield prefix
    entries = ()
    if isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list):
        entries = enumerate(value)
    for key, entry in entries:
        yield from paths(entry, (*prefix, key))


def mutated(payload, path, value):
    """A copy with another value at a place; the same where the place is gone already."""
    if not path:
        return value
    key, *rest = path
    if isinstance(payload, dict):
        present = key in payload
    else:
        present = isinstance(payload, list) and isinstance(key, int) and key < len(payload)
    if not present:
        return payload
    copy = payload.copy()
    if rest:
        copy[key] = mutated(payload[key], rest, value)
    elif value is REMOVED:
        del copy[key]
    else:
        copy[key] = value
    return copy


def tax_by_rate(document):
    """What Odoo shows below a sale order or invoice: dict of Decimal rate to whole yen."""
    found = {}
    taxes = document.env["account.tax"]
    for subtotal in document.tax_totals["subtotals"]:
        for group in subtotal["tax_groups"]:
            (rate,) = set(taxes.browse(group["involved_tax_ids"]).mapped("amount"))
            found[Decimal(str(rate)) / 100] = group["tax_amount"]
    return found
