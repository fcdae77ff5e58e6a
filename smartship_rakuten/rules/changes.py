"""What Rakuten changed in an order after it was imported, field by field (RMS API section 3)."""

from collections import Counter
from dataclasses import dataclass

from . import address, shipping
from . import order as rules
from .amounts import percent, shop_coupon_by_rate
from .payload import LENIENT

#: Fields of a person that a parcel or an invoice depends on.
_PERSON = {
    "name": address.full_name,
    "kana": address.kana,
    "zip": address.zip_code,
    "address": address.place,
    "phone": address.phone,
}


#: How a sale order follows a change of each aspect: by another contact, on the lines that changed,
#: by figures beside the lines. What is not here is a wish that the warehouse must know of, and no
#: part of a sale order.
WAYS = {
    "recipient": ("address",),
    "orderer": ("address",),
    "destinations": ("address", "lines"),
    **dict.fromkeys(
        "units price tax_rate sku added removed basket charge total coupon".split(),
        ("lines", "figures"),
    ),
    **dict.fromkeys("rakuten_coupon points request_price".split(), ("figures",)),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    :ivar str aspect: ``units``, ``price``, ``tax_rate``, ``sku``, ``added``, ``removed``,
        ``recipient``, ``orderer``, ``destinations``, ``charge``, ``total``, ``coupon``,
        ``rakuten_coupon``, ``points``, ``request_price``, ``basket`` or a wish: ``delivery_date``,
        ``delivery_slot``, ``remarks``, ``noshi``, ``delivery``, ``wrapping``, ``drop_off``,
        ``store``, ``gift``, ``payment``
    :ivar str subject: what it is about: an item's name, a person's field, a charge's kind
    """

    aspect: str
    subject: str
    before: str
    after: str


def differences(old, new):
    """What distinguishes two payloads of one order for the warehouse and the accountant.

    :param dict old: the getOrder order that the sale order was made from
    :param dict new: what Rakuten holds now
    :rtype: list[Change]
    :raises ..order.OrderProblem: when one of the two cannot be read
    """
    before, after = rules.parse_order(old), rules.parse_order(new)
    return [
        change
        for change in (
            *_items(before, after),
            *_recipients(before, after),
            *_person("orderer", before.orderer, after.orderer),
            *_charges(before, after),
            *_amounts(before, after),
            *_wishes(old, new),
        )
        if change.before != change.after
    ]


def ways(changes):
    """How a sale order follows some changes.

    :param iterable changes: of :func:`differences`
    :return: frozenset of the ways in ``WAYS``; empty where the sale order stays as it is
    """
    return frozenset(way for change in changes for way in WAYS.get(change.aspect, ()))


def moved(before, after):
    """Whose name, address or phone is another one now.

    :param ..order.Order before, after:
    :return: frozenset of basketId of destinations that both have, '' for the buyer
    """
    old = {basket.basket_id: basket.sender for basket in before.baskets}
    new = {basket.basket_id: basket.sender for basket in after.baskets}
    pairs = {key: (old[key], new[key]) for key in old.keys() & new.keys()}
    pairs[""] = before.orderer, after.orderer
    return frozenset(
        key
        for key, (was, now) in pairs.items()
        if any(read(was) != read(now) for read in _PERSON.values())
    )


def changed_parts(before, after):
    """Parts of an order whose lines are not the same any more.

    :param ..order.Order before, after:
    :return: frozenset of ``("item", itemDetailId)``, ``("options", basketId)`` for what the
        choices of a destination's items bring, and ``("charge", kind)``, ``coupon`` among them
    """
    old, new = _parts(before), _parts(after)
    return frozenset(part for part in old | new if old.get(part) != new.get(part))


def reworded(before, after):
    """Items of which the buyer has chosen something else.

    :param ..order.Order before, after:
    :return: frozenset of itemDetailId that both have
    """
    old = {item.item_detail_id: (item.option_text, item.choice) for item in before.items}
    return frozenset(
        item.item_detail_id
        for item in after.items
        if old.get(item.item_detail_id, (item.option_text, item.choice))
        != (item.option_text, item.choice)
    )


def _parts(plan):
    parts = {("item", item.item_detail_id): item for item in plan.items}
    for basket in plan.baskets:
        parts["options", basket.basket_id] = [(item.choice, item.units) for item in basket.items]
    for charge in plan.charges:
        parts.setdefault(("charge", charge.kind), []).append(charge)
    parts["charge", "coupon"] = shop_coupon_by_rate(plan)
    return parts


def _items(before, after):
    old = {item.item_detail_id: item for item in before.items}
    new = {item.item_detail_id: item for item in after.items}
    for key in old | new:
        if key not in new:
            yield Change("removed", old[key].name, str(old[key].units), "")
        elif key not in old:
            yield Change("added", new[key].name, "", str(new[key].units))
        else:
            was, now = old[key], new[key]
            name = now.name
            yield Change("units", name, str(was.units), str(now.units))
            yield Change("price", name, f"{was.price:,}", f"{now.price:,}")
            yield Change("tax_rate", name, percent(was.tax_rate), percent(now.tax_rate))
            yield Change("sku", name, _sku(was), _sku(now))
            yield Change("basket", name, was.basket_id, now.basket_id)


def _sku(item):
    key = "/".join(filter(None, (item.manage_number, item.variant_id)))
    return " ".join(
        filter(None, (item.merchant_sku or key, item.option_text.replace("\n", " "), item.choice))
    )


def _recipients(before, after):
    old = {basket.basket_id: basket for basket in before.baskets}
    new = {basket.basket_id: basket for basket in after.baskets}
    yield Change("destinations", "", *(_baskets(side, len(old) == len(new)) for side in (old, new)))
    for key in old.keys() & new.keys():
        yield from _person("recipient", old[key].sender, new[key].sender)


def _baskets(baskets, by_id):
    """How many destinations, or which where only that tells them apart."""
    return "、".join(sorted(baskets)) if by_id else str(len(baskets))


def _person(aspect, old, new):
    for field, read in _PERSON.items():
        yield Change(aspect, field, read(old), read(new))


def _charges(before, after):
    old, new = _by_kind(before), _by_kind(after)
    for kind, rate in old | new:
        yield Change("charge", kind, f"{old[kind, rate]:,}", f"{new[kind, rate]:,}")


def _by_kind(plan):
    sums = Counter()
    for charge in plan.charges:
        sums[charge.kind, charge.tax_rate] += charge.amount
    return sums


def _amounts(before, after):
    for aspect, field in (
        ("total", "total_price"),
        ("coupon", "coupon_shop"),
        ("rakuten_coupon", "coupon_rakuten"),
        ("points", "used_point"),
        ("request_price", "request_price"),
    ):
        yield Change(aspect, "", f"{getattr(before, field):,}", f"{getattr(after, field):,}")


def _wishes(old, new):
    for aspect, read in (
        ("delivery_date", lambda payload: LENIENT.text(payload, "deliveryDate")),
        ("delivery_slot", lambda payload: _code(payload, "shippingTerm")),
        ("remarks", lambda payload: LENIENT.text(payload, "remarks")),
        ("gift", lambda payload: "1" if LENIENT.flag(payload, "giftCheckFlag") else ""),
        ("noshi", lambda payload: _of_packages(payload, "noshi")),
        ("drop_off", lambda payload: _of_packages(payload, "dropOffLocation")),
        ("store", shipping.stores),
        ("wrapping", shipping.wrapping),
        ("delivery", shipping.delivery_method),
        ("payment", shipping.payment_method),
    ):
        yield Change(aspect, "", read(old), read(new))


def _of_packages(payload, key):
    packages = LENIENT.packages(payload, deleted=True)
    return "、".join(filter(None, (LENIENT.text(package, key) for package in packages)))


def _code(payload, key):
    """A code in digits; 0 says nothing."""
    text = LENIENT.text(payload, key)
    return "" if text == "0" else text
