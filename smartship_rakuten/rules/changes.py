"""What Rakuten changed in an order after it was imported, field by field (RMS API section 3)."""

from collections import Counter
from dataclasses import dataclass

from . import address, shipping
from . import order as rules
from .amounts import percent
from .payload import LENIENT

#: Fields of a person that a parcel or an invoice depends on.
_PERSON = {
    "name": address.full_name,
    "kana": address.kana,
    "zip": address.zip_code,
    "address": address.place,
    "phone": address.phone,
}


#: Aspects that the warehouse must know of, and that are no part of a sale order.
WISHES = frozenset(
    "delivery_date delivery_slot remarks noshi delivery wrapping drop_off store gift "
    "payment".split()
)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    :ivar str aspect: ``units``, ``price``, ``tax_rate``, ``sku``, ``added``, ``removed``,
        ``recipient``, ``orderer``, ``destinations``, ``charge``, ``total``, ``coupon``,
        ``rakuten_coupon``, ``points``, ``request_price``, ``basket`` or one of ``WISHES``
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
