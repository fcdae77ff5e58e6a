"""RMS's codes: which of them are known, and what they mean in few words.

RMS API section 2.2 (order API), 1.5 and 6 (the others). The words are for logs; what a person reads
about a code is made elsewhere, in his language.
"""

import re

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_FIELD = re.compile(r"[A-Za-z0-9_.\[\]-]{1,128}")
_PREFIX = "ORDER_EXT_API_"

#: The codes whose meaning is known, as :func:`plain_code` spells them. In lower case: the client's.
MEANINGS = {
    "CONFIRM_ORDER_ERROR_102": "already cancelled",
    "CONFIRM_ORDER_ERROR_103": "already confirmed",
    "CONFIRM_ORDER_ERROR_105": "amount not decided",
    "UPDATE_ORDERSHIPPING_ERROR_101": "order unknown or in the wrong status",
    "UPDATE_ORDERSHIPPING_ERROR_102": "order cancelled",
    "UPDATE_ORDERSUBSTATUS_ERROR_101": "order cancelled",
    "UPDATE_ORDERSUBSTATUS_ERROR_102": "sub-status not allowed",
    "UPDATE_ORDERSENDER_ERROR_136": "cash on delivery without its fee",
    "UPDATE_ORDERSENDER_ERROR_139": "SKU information missing",
    "CE0001": "busy with another change",
    "GE0007": "address unknown",
    "GE0011": "request empty",
    "GE0014": "item or SKU unknown",
    "GE0017": "read-only for maintenance",
    "GE0019": "status of the shop",
    "IE0105": "range of quantities missing",
    "IE0113": "range of quantities reversed",
    "IE0116": "too many SKUs match",
    "IE0117": "quantity out of range",
    "IE0118": "lead time or shipping origin not set up",
    "IE0121": "too many SKUs of an item",
    "IE0500": "no stock record",
    "IE1102": "SKU sent twice",
    "IE1105": "shop not migrated to SKUs",
    "IE1106": "state of the SKU migration",
    "ES04-03": "form of the request",
    "C003": "unknown name",
    "missing_value": "value missing",
    "invalid_value": "value not accepted",
    "address": "API address not valid",
    "unwritable": "character that cannot be sent",
    "search_limit": "too many orders in one second",
}
#: Codes that mean the same as another one.
_SAME = {
    "HTTP_404": "GE0007",
    "GK0003": "ES04-03",
    "GE0012": "ES04-03",
    "IE0001": "missing_value",
    "IE0002": "invalid_value",
    "IE0003": "invalid_value",
    "IE0004": "invalid_value",
    "IE0007": "invalid_value",
}


def clean_code(value):
    """A code as RMS sent it, or '' where it is not one (never free text)."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def clean_field(value):
    """A field name or property path as RMS sent it, or '' where it is not one."""
    return value if isinstance(value, str) and _FIELD.fullmatch(value) else ""


def plain_code(code):
    """The code under which RMS's code is known in :data:`MEANINGS`; itself, without the order API's
    prefix, where it is not.

    :param str code: RMS's code, with or without ``ORDER_EXT_API_``
    """
    # The asynchronous operation repeats the codes of the synchronous one.
    plain = clean_code(code).removeprefix(_PREFIX).replace("SHIPPING_ASYNC_", "SHIPPING_")
    if plain in MEANINGS:
        return plain
    if plain.endswith("_ERROR_009"):
        return "missing_value"
    if plain.endswith("_ERROR_011"):
        return "invalid_value"
    return _SAME.get(plain, clean_code(code).removeprefix(_PREFIX))


def meaning_of(code):
    """What a code means, in few words for logs; '' where it is not known."""
    return MEANINGS.get(plain_code(code), "")
