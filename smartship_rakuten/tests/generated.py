"""Random valid orders, computed forward from RMS API section 4.

Forward means from prices, coupons and points to the totals that Rakuten would show, so nothing here
knows how the module works them out backward.
"""

from collections import Counter
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

from hypothesis import strategies as st

from .common import item, order, package

TEN = Decimal("0.1")
RATES = (TEN, Decimal("0.08"), Decimal(0))
#: How shops may round tax (切り捨て, 切り上げ, 四捨五入). Odoo does as the first.
ROUNDINGS = (ROUND_HALF_UP, ROUND_DOWN, ROUND_UP)
PRODUCTS = {"item-1": "CODE-A", "item-2": "CODE-B"}


def rounded(value, rounding):
    """A Fraction as whole yen."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return int(exact.quantize(Decimal(1), rounding=rounding))


def tax_inside(amount, rate, rounding=ROUND_HALF_UP):
    """Consumption tax that a tax-included amount of a rate contains."""
    return rounded(amount * Fraction(rate) / (1 + Fraction(rate)), rounding)


def shares(amount, weights):
    """A coupon over the rates in proportion, the remainder to the largest that have room for it."""
    total = sum(weights.values())
    split = {key: amount * weight // total for key, weight in weights.items()}
    for key in sorted(weights, key=weights.get, reverse=True):
        split[key] += min(amount - sum(split.values()), weights[key] - split[key])
    return split


@st.composite
def _items(draw, detail, rounding):
    """(ItemModel, amount, rate)."""
    name = draw(st.sampled_from(sorted(PRODUCTS)))
    rate = draw(st.sampled_from(RATES))
    included = draw(st.booleans())
    price = draw(st.integers(0, 50_000))
    with_tax = price if included else rounded(price * (1 + Fraction(rate)), rounding)
    units = draw(st.integers(1, 20))
    model = item(
        str(detail),
        PRODUCTS[name],
        price,
        units,
        float(rate),
        manageNumber=name,
        priceTaxIncl=with_tax,
        includeTaxFlag=int(included),
    )
    return model, with_tax * units, rate


@st.composite
def _wrappings(draw, rounding):
    """(WrappingModel, amount, rate), or nothing."""
    if not draw(st.booleans()):
        return None
    rate, price = draw(st.sampled_from(RATES)), draw(st.integers(0, 500))
    included = draw(st.booleans())
    with_tax = price if included else rounded(price * (1 + Fraction(rate)), rounding)
    model = {
        "title": 1,
        "name": "包装",
        "price": price,
        "includeTaxFlag": int(included),
        "deleteWrappingFlag": 0,
        "taxRate": float(rate),
        # Filled in both cases (section 3.5).
        "taxPrice": tax_inside(with_tax, rate, rounding) if included else with_tax - price,
    }
    return model, with_tax, rate


def _fees(draw, *amounts):
    """(amount, its tax rate)."""
    return draw(st.sampled_from(amounts)), draw(st.sampled_from(RATES))


def _coupon(capital, amount, units=1, detail=0):
    return {
        "couponCode": f"SAMPLE{capital}",
        "couponCapitalCode": capital,
        "couponPrice": amount // units,
        "couponUnit": units,
        "couponTotalPrice": amount,
        "itemDetailId": detail,
    }


@st.composite
def orders(draw, sequence=None, rounding=None):
    """(payload, facts): facts has what a correct sale order shows.

    ``total``: yen; ``coupons``: the shop's coupons by rate; ``decidable``: whether RMS tells enough
    to know that split, which it does not where the shop and Rakuten both fund order-level
    coupons; ``sales``: yen by rate that the shop sells for, its own coupons off;
    ``summaries``: TaxSummaryModelList; ``rakuten``: Rakuten's coupons by rate; ``fee``: (rate,
    yen) of the fee that the summary leaves out
    """
    rounding = rounding or draw(st.sampled_from(ROUNDINGS))
    by_rate, charges = Counter(), Counter()
    packages, lines = [], []
    for basket in range(1, draw(st.integers(1, 3)) + 1):
        models = []
        for _line in range(draw(st.integers(1, 4))):
            model, amount, rate = draw(_items(len(lines) + 1, rounding))
            lines.append((model, amount, rate))
            models.append(model)
            by_rate[rate] += amount
        postage, postage_rate = _fees(draw, 0, 0, 500, 1234)
        cod, cod_rate = _fees(draw, 0, 0, 330)
        by_rate[postage_rate] += postage
        charges[cod_rate] += cod
        rates = {"postageTaxRate": float(postage_rate), "deliveryTaxRate": float(cod_rate)}
        packages.append(package(7000 + basket, models, postage=postage, cod=cod, **rates))
    wrappings = {}
    # Charged once, or for each destination.
    wrapped = draw(st.sampled_from((1, len(packages))))
    for slot in ("WrappingModel1", "WrappingModel2"):
        found = draw(_wrappings(rounding))
        wrappings[slot] = found and found[0]
        if found:
            by_rate[found[2]] += found[1] * wrapped
    total = by_rate.total()
    charge, charge_rate = _fees(draw, 0, 0, 220)
    charges[charge_rate] += charge
    fee = draw(st.sampled_from((0, 0, 250)))

    coupons, split = _draw_coupons(draw, lines, by_rate)
    shop, rakuten = split["shop"].total(), split["rakuten"].total()
    sales = total + charges.total() + fee
    payable = sales - shop - rakuten
    points = draw(st.integers(0, payable)) if draw(st.booleans()) else 0
    summaries = []
    for rate in by_rate | charges:
        coupon = split["shop"][rate] + split["rakuten"][rate]
        request = by_rate[rate] + charges[rate] - coupon
        summaries.append(
            {
                "taxRate": float(rate),
                "totalPrice": by_rate[rate],
                "paymentCharge": charges[rate],
                "couponPrice": coupon,
                "point": 0,
                "reqPrice": request,
                "reqPriceTax": tax_inside(request, rate, rounding),
            }
        )
    payload = order(
        sequence if sequence is not None else draw(st.integers(1, 10**9)),
        packages,
        total=total,
        request=payable - points,
        paymentCharge=charge,
        paymentChargeTaxRate=float(charge_rate),
        additionalFeeOccurAmountToUser=fee,
        couponShopPrice=shop,
        couponOtherPrice=rakuten,
        couponAllTotalPrice=shop + rakuten,
        CouponModelList=coupons or None,
        PointModel={"usedPoint": points},
        TaxSummaryModelList=summaries,
        **wrappings,
    )
    sold = by_rate + charges
    sold[charge_rate] += fee
    sold.subtract(split["shop"])
    return payload, {
        "total": sales - shop,
        "coupons": dict(+split["shop"]),
        "decidable": split["decidable"],
        "sales": sold,
        "summaries": summaries,
        "rakuten": split["rakuten"],
        "fee": (charge_rate, fee),
    }


def _draw_coupons(draw, lines, by_rate):
    """Coupons for items and for the order, of the shop (1), of makers (2) and of Rakuten (3).

    :return: (CouponModelList, dict with ``shop`` and ``rakuten``: yen by rate, ``decidable``)
    """
    funds = {1: "shop", 2: "rakuten", 3: "rakuten"}
    coupons, for_order = [], set()
    split = {"shop": Counter(), "rakuten": Counter()}
    for model, amount, rate in lines:
        if amount and draw(st.integers(0, 5)) == 0:
            capital, units = draw(st.sampled_from((1, 2, 3))), model["units"]
            off = draw(st.integers(0, amount // units)) * units
            coupons.append(_coupon(capital, off, units, model["itemDetailId"]))
            split[funds[capital]][rate] += off
    for capital in (1, 2, 3):
        free = by_rate - split["shop"] - split["rakuten"]
        if not free or not draw(st.booleans()):
            continue
        amount = draw(st.integers(1, free.total()))
        coupons.append(_coupon(capital, amount))
        split[funds[capital]].update(shares(amount, free))
        for_order.add(funds[capital])
    return coupons, split | {"decidable": len(for_order) < 2}
