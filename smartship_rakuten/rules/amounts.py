"""The arithmetic of an order (RMS API section 4). Whole yen; rates are Decimal, never float."""

from collections import Counter, defaultdict
from contextlib import suppress
from decimal import Decimal, InvalidOperation

from .order import OrderProblem


def expected_total(order):
    """Sales amount of the shop: what the sale order must total, tax included (section 4.3).

    Points and Rakuten's coupons are paid by Rakuten, so they do not reduce it; the shop's own
    coupons do.
    """
    return (
        order.total_price
        + order.cod_fee
        + order.payment_charge
        + order.additional_fee
        - order.coupon_shop
    )


def amounts_by_rate(order):
    """Yen of items and charges per tax rate, before coupons."""
    by_rate = defaultdict(int)
    for item in order.items:
        by_rate[item.tax_rate] += item.price * item.units
    for charge in order.charges:
        by_rate[charge.tax_rate] += charge.amount
    return dict(by_rate)


def split(amount, weights):
    """Split a whole amount by weights so that the parts are whole and add up exactly.

    The yen that rounding leaves go to the largest remainders.

    :param int amount: yen
    :param dict weights: key to non-negative number
    :return: dict of key to yen
    """
    total = sum(weights.values())
    if not total:
        return {}
    shares = {key: amount * weight // total for key, weight in weights.items()}
    left = amount - sum(shares.values())
    by_remainder = sorted(
        weights, key=lambda key: (amount * weights[key] % total, weights[key]), reverse=True
    )
    for key in by_remainder[:left]:
        shares[key] += 1
    return {key: share for key, share in shares.items() if share}


def _summary_coupons(order):
    """couponPrice of TaxSummaryModelList per rate, where RMS delivers whole values.

    Rates that the order sells nothing at say nothing about its coupons.
    """
    rates = {str(rate.normalize()): rate for rate in amounts_by_rate(order)}
    weights = {}
    for summary in order.tax_summary:
        price, rate = summary.get("couponPrice"), summary.get("taxRate")
        with suppress(InvalidOperation):
            key = str(Decimal(str(rate)).normalize())
            if isinstance(price, int) and price > 0 and key in rates:
                weights[rates[key]] = price
    return weights


def _item_coupons(order):
    """Coupons that name an item (itemDetailId, section 3.13), per tax rate of that item.

    :return: (the shop's, Rakuten's): dicts of rate to yen
    """
    rates = {item.item_detail_id: item.tax_rate for item in order.items}
    by_shop, by_rakuten = defaultdict(int), defaultdict(int)
    for coupon in order.coupons:
        rate = rates.get(str(coupon.get("itemDetailId")))
        amount = coupon.get("couponTotalPrice")
        if rate is not None and isinstance(amount, int) and amount > 0:
            funds = by_shop if coupon.get("couponCapitalCode") in (1, "1") else by_rakuten
            funds[rate] += amount
    return by_shop, by_rakuten


def shop_coupon_by_rate(order):
    """The shop's coupons per tax rate, so that they agree with Rakuten's tax summary.

    A coupon for an item is taxed as the item is. RMS tells of the others only their sum per rate,
    all funds together (section 4.4): where the shop alone funds them that is the answer, otherwise
    the shop's part follows the same proportions.

    :return: dict of rate to positive yen; empty without a shop coupon
    """
    if not order.coupon_shop:
        return {}
    named, by_rakuten = _item_coupons(order)
    if sum(named.values()) > order.coupon_shop:
        # The list disagrees with the order's own figure, which is the one that is billed.
        named = {}
    rest = order.coupon_shop - sum(named.values())
    known = _summary_coupons(order) or amounts_by_rate(order)
    weights = {
        rate: max(amount - named.get(rate, 0) - by_rakuten.get(rate, 0), 0)
        for rate, amount in known.items()
    }
    if not any(weights.values()):
        weights = {rate: amount for rate, amount in amounts_by_rate(order).items() if amount > 0}
    shares = Counter(named) + Counter(split(rest, weights))
    return dict(shares)


def check(order):
    """Check both identities of an imported order against Rakuten's own figures.

    :raises OrderProblem: ``amount_mismatch`` with what was expected and found, in yen
    """
    expected = expected_total(order)
    parts = sum(amounts_by_rate(order).values()) - sum(shop_coupon_by_rate(order).values())
    paid = order.request_price + order.used_point + order.coupon_rakuten
    for found in (parts, paid):
        if found != expected:
            raise OrderProblem("amount_mismatch", expected=expected, found=found)
