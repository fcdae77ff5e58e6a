"""What a pair of RMS keys and the name of their shop look like (RMS API section 1.1).

serviceSecret begins with SP, licenseKey with SL, each followed by the digits of the shop's ID, an
underscore and random text.

The shapes come from clients, not from Rakuten's own pages, so they are a hint and no rule.
"""

import re

_KEY = re.compile(r"(SP|SL)(\d*)_[^\s]+", re.ASCII)
_SHOP_ADDRESS = re.compile(
    r"^(?:https?://)?(?:(?:www|item)\.)?rakuten\.(?:ne|co)\.jp/(?:gold/)?", re.I
)


def key_hint(service_secret, license_key, shop_number=""):
    """What is odd about a pair of pasted keys.

    :return: ``swapped`` (certainly the wrong way round), ``service_secret`` or ``license_key``
        (has not the shape of one), ``other_shop`` (names another shop's ID), or ''
    """
    secret = _KEY.fullmatch((service_secret or "").strip())
    license_ = _KEY.fullmatch((license_key or "").strip())
    if secret and license_ and (secret[1], license_[1]) == ("SL", "SP"):
        return "swapped"
    if service_secret and not (secret and secret[1] == "SP"):
        return "service_secret"
    if license_key and not (license_ and license_[1] == "SL"):
        return "license_key"
    for key in (secret, license_):
        if key and key[2] and shop_number and key[2] != shop_number:
            return "other_shop"
    return ""


def shop_code(address):
    """The Shop URL Name in what somebody pasted: the whole address, or the name alone."""
    return re.split(r"[/?#]", _SHOP_ADDRESS.sub("", (address or "").strip()).lstrip("/"))[0]


def due_notice(days_left, told, steps=(14, 7, 3, 1)):
    """Which notice of a key's end is due.

    :param int days_left: whole days until the key ends
    :param int told: the step that was told last, 0 for none
    :return: the step to tell of now, or 0: each step is told once, and one that was missed is not
        told after a later one
    """
    step = min((step for step in steps if days_left <= step), default=0)
    return step if step and (not told or step < told) else 0
