"""Which orders in 100 (注文確認待ち) are confirmed by themselves, and which wait for a person.

A confirmation cannot be undone at Rakuten (RMS API section 2.5), so a shop may hold what somebody
should look at first.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from . import order as rules
from . import shipping
from .payload import LENIENT, STRICT, OrderProblem

#: A block of remarks that repeats the delivery wish, which is a field of its own (section 3.1).
_DELIVERY_BLOCK = re.compile(r"^\[配送日時指定:\].*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^\[[^\]\n]*:?\]\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ConfirmationRules:
    """What a shop holds back.

    :ivar int max_price: hold what is billed above it, whole yen; 0 is no limit
    :ivar timedelta delay: cooling-off time after the purchase, in which buyers cancel
    """

    remarks: bool = False
    caution: bool = False
    gift: bool = False
    delivery_wish: bool = False
    island: bool = False
    max_price: int = 0
    delay: timedelta = timedelta()


def remarks_of_buyer(payload):
    """What the buyer wrote in 備考, without the shop's headings and the delivery wish's block."""
    text = LENIENT.text(payload, "remarks")
    return _HEADING.sub("", _DELIVERY_BLOCK.sub("", text)).strip()


def holds(payload, confirmation, now):
    """Why an order in 100 is not confirmed by itself.

    Rakuten's own check and amounts that nobody has determined always hold, and so does what is of a
    form that nobody knows: all that decides is read strictly.

    :param dict payload: a getOrder order
    :param ConfirmationRules confirmation: of the shop
    :param datetime now: naive UTC
    :return: list of ``unreadable``, ``undetermined``, ``rakuten_check``, ``remarks``, ``caution``,
        ``gift``, ``delivery_wish``, ``island``, ``price``, ``cooling_off``
    """
    try:
        reasons = _reasons(payload, confirmation, now)
    except OrderProblem as problem:
        return ["undetermined" if problem.code == "amount_undetermined" else "unreadable"]
    return [code for code, held in reasons.items() if held]


def _reasons(payload, confirmation, now):
    plan = rules.parse_order(payload)
    return {
        "rakuten_check": STRICT.flag(payload, "rakutenConfirmFlag"),
        "remarks": confirmation.remarks and remarks_of_buyer(payload),
        "caution": confirmation.caution and STRICT.whole(payload, "cautionDisplayType", default=0),
        "gift": confirmation.gift and is_gift(payload),
        "delivery_wish": confirmation.delivery_wish and has_delivery_wish(payload),
        "island": confirmation.island and STRICT.flag(payload, "isolatedIslandFlag"),
        "price": 0 < confirmation.max_price < plan.request_price,
        "cooling_off": now < plan.placed_at + confirmation.delay,
    }


def is_gift(payload):
    """ギフト配送希望, ソーシャルギフト or のし."""
    return shipping.is_gift(payload, STRICT) or any(
        STRICT.text(package, "noshi") for package in STRICT.packages(payload, deleted=True)
    )


def has_delivery_wish(payload):
    """お届け日指定 or お届け時間帯; a time slot of 0 is none (section 3.1)."""
    return bool(
        STRICT.day(payload, "deliveryDate") or STRICT.whole(payload, "shippingTerm", default=0)
    )
