"""Random valid orders, computed forward from section 4 of the RMS API.

Forward means from prices, coupons and points to the totals that Rakuten would show, so nothing here
knows how the module works them out backward.
"""

from collections import defaultdict
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

from hypothesis import strategies as st

from .common import item, order, package

RATES = (Decimal("0.1"), Decimal("0.08"), Decimal(0))
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
    """A coupon over the rates, in proportion, the remainder to the largest."""
    total = sum(weights.values())
    split = {key: amount * weight // total for key, weight in weights.items()}
    split[max(weights, key=weights.get)] += amount - sum(split.values())
    return split


@st.composite
def lines(draw):
    name = draw(st.sampled_from(sorted(PRODUCTS)))
    rate = draw(st.sampled_from(RATES))
    included = draw(st.booleans())
    price = draw(st.integers(0, 50_000))
    with_tax = price
    if not included:
        with_tax = rounded(price * (1 + Fraction(rate)), draw(st.sampled_from(ROUNDINGS)))
    return {
        "manageNumber": name,
        "itemNumber": PRODUCTS[name],
        "price": price,
        "priceTaxIncl": with_tax,
        "includeTaxFlag": int(included),
        "units": draw(st.integers(1, 20)),
        "taxRate": float(rate),
    }


@st.composite
def orders(draw, sequence=None, rounding=None):
    """(payload, facts): facts has what a correct sale order shows.

    ``tax``: tax of the shop's sales by rate, as Rakuten computes it; ``undecidable``: whether the
    summary leaves open how an order-level coupon of the shop is split.
    """
    rounding = rounding or draw(st.sampled_from(ROUNDINGS))
    by_rate = defaultdict(int)
    detail, packages = 0, []
    for basket in range(1, draw(st.integers(1, 3)) + 1):
        rows = []
        for values in draw(st.lists(lines(), min_size=1, max_size=4)):
            detail += 1
            rows.append(item(str(detail), **{"code": values.pop("itemNumber"), **values}))
            by_rate[Decimal(str(values["taxRate"]))] += values["priceTaxIncl"] * values["units"]
        postage = draw(st.sampled_from((0, 0, 500, 880, 1234)))
        by_rate[RATES[0]] += postage
        packages.append(package(7000 + basket, rows, postage=postage))
    wrapping = draw(st.sampled_from((None, None, 110, 333)))
    by_rate[RATES[0]] += wrapping or 0
    total = sum(by_rate.values())
    cod = draw(st.sampled_from((0, 0, 330)))
    charge = draw(st.sampled_from((0, 0, 220)))
    packages[0]["deliveryPrice"] = cod
    by_rate[RATES[0]] += cod + charge
    by_rate = {rate: amount for rate, amount in by_rate.items() if amount}
    coupons, funds, split = [], {1: 0, 3: 0}, {1: defaultdict(int), 3: defaultdict(int)}
    for capital in (1, 3):
        if not by_rate or not draw(st.booleans()):
            continue
        left = sum(by_rate.values()) - sum(funds.values())
        amount = draw(st.integers(0, left // 2))
        if not amount:
            continue
        free = {rate: by_rate[rate] - split[1][rate] - split[3][rate] for rate in by_rate}
        part = shares(amount, free)
        for rate, share in part.items():
            split[capital][rate] += share
        funds[capital] = amount
        coupons.append(
            {
                "couponCode": f"SAMPLE{capital}",
                "couponCapitalCode": capital,
                "couponPrice": amount,
                "couponUnit": 1,
                "couponTotalPrice": amount,
                "itemDetailId": 0,
            }
        )
    sales = total + cod + charge
    payable = sales - sum(funds.values())
    points = draw(st.integers(0, payable)) if draw(st.booleans()) else 0
    summaries = [
        {
            "taxRate": float(rate),
            "totalPrice": amount,
            "couponPrice": split[1][rate] + split[3][rate],
            "point": 0,
            "reqPrice": amount - split[1][rate] - split[3][rate],
            "reqPriceTax": tax_inside(amount - split[1][rate] - split[3][rate], rate, rounding),
        }
        for rate, amount in by_rate.items()
    ]
    payload = order(
        sequence if sequence is not None else draw(st.integers(1, 10**9)),
        packages,
        total=total,
        request=payable - points,
        paymentCharge=charge,
        couponShopPrice=funds[1],
        couponOtherPrice=funds[3],
        couponAllTotalPrice=sum(funds.values()),
        CouponModelList=coupons or None,
        PointModel={"usedPoint": points},
        TaxSummaryModelList=summaries,
        WrappingModel1=wrapping
        and {
            "title": 1,
            "name": "包装",
            "price": wrapping,
            "includeTaxFlag": 1,
            "deleteWrappingFlag": 0,
            "taxRate": 0.1,
            "taxPrice": 0,
        },
    )
    return payload, {
        "total": sales - funds[1],
        "summaries": summaries,
        "rakuten_by_rate": dict(split[3]),
        "undecidable": bool(funds[1] and funds[3]),
    }
