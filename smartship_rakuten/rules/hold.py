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


def price_above(facts, limit):
    """Whether the order's total (totalPrice, whole yen) is above a limit.

    :param ..shipping.ShippingFacts facts:
    """
    return facts.total_price is not None and facts.total_price > limit


def is_watched(facts, words):
    """Whether buyer or recipient is on a list of names, addresses and phone numbers.

    :param ..shipping.ShippingFacts facts:
    """
    return any(
        has_word(read(person), words)
        for person in (facts.orderer, facts.person)
        for read in (address.full_name, address.kana, address.place, address.phone)
    )
