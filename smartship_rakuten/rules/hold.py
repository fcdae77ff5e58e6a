"""What a shop's hold rules look for in an order; nothing here fails on a strange payload."""

import re

from . import address


def words_of(text):
    """Words of a field that divides them by comma or line."""
    return [word.strip() for word in re.split(r"[,、，\n]", text or "") if word.strip()]


def _fold(text):
    """As people mean it: width, case, blanks and hyphens do not matter."""
    return address.normalize(text).replace("-", "")


def has_word(text, words):
    """Whether one of the words occurs in a text, for example in remarks."""
    folded = _fold(text)
    return any(_fold(word) in folded for word in words_of(words))


def is_longer(text, limit):
    """Whether an address, without blanks, has more characters than a label takes."""
    return len("".join((text or "").split())) > limit


def price_above(payload, limit):
    """Whether the order's total (totalPrice, whole yen) is above a limit."""
    price = payload.get("totalPrice") if isinstance(payload, dict) else None
    return isinstance(price, int) and price > limit


def is_watched(payload, basket_id, words):
    """Whether buyer or recipient is on a list of names, addresses and phone numbers."""
    if not isinstance(payload, dict):
        return False
    packages = payload.get("PackageModelList")
    persons = [payload.get("OrdererModel")] + [
        package.get("SenderModel")
        for package in (packages if isinstance(packages, list) else [])
        if isinstance(package, dict) and str(package.get("basketId")) == basket_id
    ]
    return any(
        has_word(text, words)
        for person in persons
        if isinstance(person, dict)
        for text in (
            address.full_name(person),
            address.kana(person),
            "".join(str(person.get(key) or "") for key in ("prefecture", "city", "subAddress")),
            address.phone(person),
        )
    )
