"""Which orders in 100 (注文確認待ち) are confirmed by themselves, and which wait for a person.

A confirmation cannot be undone at Rakuten (RMS API section 2.5), so a shop may hold what somebody
should look at first.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from . import order as rules

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
    text = payload.get("remarks")
    if not isinstance(text, str):
        return ""
    return _HEADING.sub("", _DELIVERY_BLOCK.sub("", text)).strip()


def holds(payload, confirmation, now):
    """Why an order in 100 is not confirmed by itself.

    Rakuten's own check and amounts that nobody has determined always hold.

    :param dict payload: a getOrder order
    :param ConfirmationRules confirmation: of the shop
    :param datetime now: naive UTC
    :return: list of ``unreadable``, ``undetermined``, ``rakuten_check``, ``remarks``, ``caution``,
        ``gift``, ``delivery_wish``, ``island``, ``price``, ``cooling_off``
    """
    try:
        plan = rules.parse_order(payload)
    except rules.OrderProblem as problem:
        return ["undetermined" if problem.code == "amount_undetermined" else "unreadable"]
    reasons = {
        "rakuten_check": _flag(payload, "rakutenConfirmFlag"),
        "remarks": confirmation.remarks and remarks_of_buyer(payload),
        "caution": confirmation.caution and _flag(payload, "cautionDisplayType"),
        "gift": confirmation.gift and is_gift(payload),
        "delivery_wish": confirmation.delivery_wish and has_delivery_wish(payload),
        "island": confirmation.island and _flag(payload, "isolatedIslandFlag"),
        "price": 0 < confirmation.max_price < plan.request_price,
        "cooling_off": now < plan.placed_at + confirmation.delay,
    }
    return [code for code, held in reasons.items() if held]


def is_gift(payload):
    """ギフト配送希望, ソーシャルギフト or のし."""
    packages = payload.get("PackageModelList")
    return (
        _flag(payload, "giftCheckFlag")
        or _flag(payload, "socialGiftFlag")
        or any(isinstance(package, dict) and package.get("noshi") for package in packages or ())
    )


def has_delivery_wish(payload):
    """お届け日指定 or お届け時間帯; a time slot of 0 is none (section 3.1)."""
    return bool(payload.get("deliveryDate")) or _flag(payload, "shippingTerm")


def _flag(payload, key):
    return payload.get(key) not in (None, "", 0, "0")
