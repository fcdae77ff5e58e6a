"""How the rows of a statement add up with the orders that it is about; whole yen throughout.

A statement tells totals. What Rakuten owes for an order is requestPrice, the points used and its
own coupons (RMS API section 4.3). Whether points and coupons stand inside 決済 or apart, whether
the shop's coupons are paid and charged again, and whether Rakuten keeps the fee of 後払い, is not
known: the combination that adds up to the yen is taken.
"""

from dataclasses import dataclass, fields
from itertools import product

from odoo.addons.smartship_rakuten.rules.payload import LENIENT

CANCELLED = 900
#: Subset sums that are looked at, at most.
SUMS = 20_000


@dataclass(frozen=True, slots=True)
class Owed:
    """What Rakuten owes for an order, by the order's own fields.

    ``own`` are coupons at the shop's cost, ``fee`` is the fee of 後払い that the buyer bears; it is
    in ``settled``.
    """

    number: str
    settled: int
    points: int = 0
    coupon: int = 0
    own: int = 0
    fee: int = 0

    @property
    def total(self):
        return self.settled + self.points + self.coupon


def owed_of(number, payload):
    """What Rakuten owes for an order (RMS API section 4.3); nothing for one in 900, whose amounts
    say what it was.

    :param dict payload: of getOrder
    :rtype: Owed
    """
    if LENIENT.whole(payload, "orderProgress") == CANCELLED:
        return Owed(number, 0)

    def yen(data, key):
        return LENIENT.yen(data, key, default=0)

    return Owed(
        number,
        settled=yen(payload, "requestPrice"),
        points=yen(LENIENT.object(payload, "PointModel"), "usedPoint"),
        coupon=yen(payload, "couponOtherPrice"),
        own=yen(payload, "couponShopPrice"),
        fee=yen(payload, "additionalFeeOccurAmountToUser"),
    )


def is_rakuten_s(payload):
    """Whether Rakuten collects the money of an order (共通決済)."""
    settlement = LENIENT.object(payload, "SettlementModel")
    return LENIENT.flag(settlement, "rpaySettlementFlag")


@dataclass(frozen=True, slots=True)
class Paid:
    """What a statement pays and takes off again; None for what has no row."""

    settled: int = 0
    points: int | None = None
    coupon: int | None = None
    own: int | None = None
    refund: int | None = None

    @property
    def net(self):
        """What it clears of what Rakuten owes."""
        paid = self.settled + (self.points or 0) + (self.coupon or 0)
        return paid - (self.own or 0) - (self.refund or 0)


@dataclass(frozen=True, slots=True)
class Combination:
    """What stands inside 決済: points, Rakuten's coupons, the shop's coupons (charged again); and
    whether the fee of 後払い is kept by Rakuten."""

    points: bool = False
    coupon: bool = False
    own: bool = False
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Match:
    """How a statement and its orders meet.

    ``difference`` is what is paid beyond what the orders say. ``refunds`` are orders of earlier
    statements whose credit it takes off, ``before`` orders of this one that it pays as they were
    before a later credit: both {number: yen}. ``combination`` is None where the total adds up and
    its kinds do not.
    """

    difference: int
    combination: Combination | None
    kept: bool = True
    refunds: dict | None = None
    before: dict | None = None


def sums(orders):
    """The sum of each part over many orders.

    :param orders: iterable of Owed
    :return: Owed without number
    """
    parts = [field.name for field in fields(Owed)][1:]
    totals = dict.fromkeys(parts, 0)
    for order in orders:
        for part in parts:
            totals[part] += getattr(order, part)
    return Owed("", **totals)


def combine(paid, owed, remembered=None, less=0):
    """The combination by which each row is what its orders say.

    :param Paid paid:
    :param Owed owed: sums of the orders
    :param Combination remembered: of the shop, which is tried first
    :param int less: what was given back of 決済 of these orders since
    :rtype: Combination | None
    """
    first = remembered or Combination()
    choices = product(*((value, not value) for value in _values(first)))
    found = (Combination(*choice) for choice in choices)
    return next((choice for choice in found if _fits(paid, owed, choice, less)), None)


def _values(combination):
    return [getattr(combination, field.name) for field in fields(Combination)]


def _fits(paid, owed, found, less):
    settled = owed.settled + less - (owed.fee if found.kept else 0)
    settled += owed.points if found.points else 0
    settled += owed.coupon if found.coupon else 0
    settled += owed.own if found.own else 0
    return (
        paid.settled == settled
        and (paid.points or 0) == (0 if found.points else owed.points)
        and (paid.coupon or 0) == (0 if found.coupon else owed.coupon)
        and (paid.own or 0) == (owed.own if found.own else 0)
    )


def told(owed, found, remembered=None):
    """The combination as far as this statement tells it: what its orders have none of stays as it
    is remembered.

    :param Owed owed: sums of the orders
    """
    first = remembered or Combination()
    parts = {"points": "points", "coupon": "coupon", "own": "own", "kept": "fee"}
    return Combination(
        **{
            name: getattr(found if getattr(owed, part) else first, name)
            for name, part in parts.items()
        }
    )


def pick(amounts, target):
    """Some of these amounts that make the target, as few as are found first.

    :param dict amounts: {key: yen above 0}
    :return: dict of those, {} for 0, None where nothing makes it
    """
    if target <= 0:
        return {} if target == 0 else None
    if sum(amounts.values()) == target:
        return dict(amounts)
    alone = next((key for key, amount in amounts.items() if amount == target), None)
    if alone is not None:
        return {alone: target}
    reached = {0: ()}
    for key, amount in amounts.items():
        for total, keys in list(reached.items()):
            more = total + amount
            if more <= target and more not in reached:
                reached[more] = (*keys, key)
        if target in reached:
            return {key: amounts[key] for key in reached[target]}
        if len(reached) > SUMS:
            return None
    return None


def match(paid, orders, credits=None, later=None, remembered=None):
    """Match a statement with the orders that it is about.

    :param Paid paid:
    :param orders: list of Owed, as they are now
    :param dict credits: open credits of orders that earlier statements have paid, {number: yen}
    :param dict later: what became less of these orders after they were billed, {number: yen}
    :param Combination remembered: of the shop
    :rtype: Match
    """
    owed = sums(orders)
    first = (remembered or Combination()).kept
    ways = [
        (kept, paid.net - owed.total + (owed.fee if kept else 0))
        for kept in ((first, not first) if owed.fee else (first,))
    ]
    for kept, difference in ways:
        refunds = before = {}
        if difference < 0 and paid.refund:
            refunds = pick(credits or {}, -difference)
        elif difference > 0:
            before = pick(later or {}, difference)
        elif difference:
            refunds = None
        if refunds is None or before is None:
            continue
        less = (paid.refund or 0) - sum(refunds.values()) + sum(before.values())
        combination = combine(paid, owed, remembered, less)
        return Match(0, combination, kept, refunds, before)
    kept, difference = ways[0]
    return Match(difference, None, kept)


@dataclass(frozen=True, slots=True)
class Suspect:
    """An order that may explain a difference: ``reason`` and the yen that it would explain."""

    number: str
    reason: str
    amount: int


def suspects(difference, orders, edges=(), credits=None):
    """The orders that may explain what a statement pays more, or less where it is below 0, than
    its orders say. One that explains all of it is named; several only where together they do.

    :param orders: list of Owed of the statement
    :param edges: list of Owed whose payment was fixed a day before or after the period
    :param dict credits: open credits, {number: yen}
    :return: list of Suspect: ``edge``, ``unpaid``, ``points``, ``coupon``, ``own``, ``post_pay`` or
        ``refund``
    """
    if not difference:
        return []
    amount = abs(difference)
    found = []
    if difference > 0:
        at_edge = pick({order.number: order.total for order in edges if order.total > 0}, amount)
        found += [Suspect(number, "edge", yen) for number, yen in (at_edge or {}).items()]
        found += [Suspect(order.number, "own", amount) for order in orders if order.own == amount]
    else:
        given_back = pick(credits or {}, amount)
        found += [Suspect(number, "refund", yen) for number, yen in (given_back or {}).items()]
        for reason, part in (
            ("unpaid", "total"),
            ("points", "points"),
            ("coupon", "coupon"),
        ):
            found += [
                Suspect(order.number, reason, amount)
                for order in orders
                if getattr(order, part) == amount and (part == "total" or order.total != amount)
            ]
    found += [Suspect(order.number, "post_pay", amount) for order in orders if order.fee == amount]
    return found
