"""How 19.0.1.1.0 held orders, as it was written then: what rules that were migrated have to hold.

The confirmation's options and the kinds of hold rules, in plain Python over a payload.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from odoo.addons.smartship_rakuten.rules import address
from odoo.addons.smartship_rakuten.rules import order as rules
from odoo.addons.smartship_rakuten.rules.payload import LENIENT, STRICT, OrderProblem
from odoo.addons.smartship_rakuten.rules.shipping import shipping_facts

_DELIVERY_BLOCK = re.compile(r"^\[配送日時指定:\].*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^\[[^\]\n]*:?\]\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Options:
    """Of the automatic confirmation."""

    confirm_hold_remarks: bool = False
    confirm_hold_caution: bool = False
    confirm_hold_gift: bool = False
    confirm_hold_delivery_wish: bool = False
    confirm_hold_island: bool = False
    confirm_max_price: int = 0
    confirm_delay: int = 0


def confirmation_holds(payload, options, now):
    """Codes of why an order was not confirmed by itself."""
    try:
        plan = rules.parse_order(payload)
        text = LENIENT.text(payload, "remarks")
        reasons = {
            "rakuten_check": STRICT.flag(payload, "rakutenConfirmFlag"),
            "remarks": options.confirm_hold_remarks
            and _HEADING.sub("", _DELIVERY_BLOCK.sub("", text)).strip(),
            "caution": options.confirm_hold_caution
            and STRICT.whole(payload, "cautionDisplayType", default=0),
            "gift": options.confirm_hold_gift and _is_gift(payload),
            "delivery_wish": options.confirm_hold_delivery_wish
            and (
                STRICT.day(payload, "deliveryDate")
                or STRICT.whole(payload, "shippingTerm", default=0)
            ),
            "island": options.confirm_hold_island and STRICT.flag(payload, "isolatedIslandFlag"),
            "price": 0 < options.confirm_max_price < plan.request_price,
            "cooling_off": now < plan.placed_at + timedelta(minutes=options.confirm_delay),
        }
    except OrderProblem as problem:
        return ["undetermined" if problem.code == "amount_undetermined" else "unreadable"]
    return [code for code, held in reasons.items() if held]


def _is_gift(payload):
    return any([STRICT.flag(payload, key) for key in ("giftCheckFlag", "socialGiftFlag")]) or any(
        STRICT.text(package, "noshi") for package in STRICT.packages(payload, deleted=True)
    )


def rule_applies(payload, basket_id, kind, words, limit):
    """Whether a hold rule held the transfer of a destination; of the kinds that read the order."""
    facts = shipping_facts(payload, basket_id)
    if kind == "price":
        return facts.total_price is not None and facts.total_price > limit
    if kind == "customer":
        return any(
            _has_word(read(person), words)
            for person in (facts.orderer, facts.person)
            for read in (address.full_name, address.kana, address.place, address.phone)
        )
    if kind == "address":
        return len("".join(facts.address.split())) > limit
    return _has_word(facts.remarks, words)


def _has_word(text, words):
    found = [word.strip() for word in re.split(r"[,、，\n]", words) if word.strip()]
    return any(_fold(word) in _fold(text) for word in found)


def _fold(text):
    return address.normalize(text).replace("-", "")
