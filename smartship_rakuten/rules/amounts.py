"""The arithmetic of an order (RMS API section 4). Whole yen; rates are Decimal, never float."""

from collections import Counter, defaultdict

from .payload import OrderProblem


def percent(rate):
    """``8 %`` of a rate of 0.08."""
    return f"{(rate * 100).normalize():f} %"


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


def _item_coupons(order, *, of_shop):
    """Coupons that name an item (itemDetailId, section 3.13), at the tax rate of that item.

    None where they are more than the order's own figure, which is the one that is billed.

    :return: Counter of rate to yen
    """
    rates = {item.item_detail_id: item.tax_rate for item in order.items}
    by_rate = Counter()
    for coupon in order.coupons:
        if coupon.of_shop == of_shop and coupon.item_detail_id in rates:
            by_rate[rates[coupon.item_detail_id]] += coupon.amount
    limit = order.coupon_shop if of_shop else order.coupon_rakuten
    return by_rate if by_rate.total() <= limit else Counter()


def shop_coupon_by_rate(order):
    """The shop's coupons per tax rate, so that they agree with Rakuten's tax summary.

    The summary tells the coupons of a rate, all funds together (section 4.4). Where the shop
    funds all of them, that is the answer. Otherwise a coupon for an item is taxed as the item is,
    as far as the summary has room for it, and the rest is shared out in proportion to what the
    summary leaves. Without a summary that accounts for all coupons, what was bought takes its
    place.

    :return: dict of rate to positive yen; empty without a shop coupon
    """
    if not order.coupon_shop:
        return {}
    sold = amounts_by_rate(order)
    room = Counter()
    for rate, amount in order.coupon_summary:
        room[rate] += amount
    if room.total() != order.coupon_shop + order.coupon_rakuten or room.keys() - sold.keys():
        room = Counter(sold)
    named = _item_coupons(order, of_shop=True) & room
    free = room - named
    free -= _item_coupons(order, of_shop=False) & free
    shares = named + Counter(split(order.coupon_shop - named.total(), free))
    return {rate: shares[rate] for rate in sold if shares[rate]}


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
