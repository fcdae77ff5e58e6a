"""RMS's messages: the order API's ``MessageModelList`` and what its codes mean in plain English.

RMS API section 2.2. RMS's own texts are Japanese and "not to be parsed"; success is "no ERROR
message for this order", whatever the HTTP status.
"""

import dataclasses
import re
from dataclasses import dataclass

from .errors import RequestRefused, clean_code, clean_field

_PREFIX = "ORDER_EXT_API_"
# "<field>の項目を指定して下さい。" is missing, "<field>の書式が不正です。" is the format
_NAMED_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_.\[\]]{0,63})の")


@dataclass(frozen=True)
class Message:
    """One element of a ``MessageModelList``, or of ``errors[]`` (then with ``property_path``).

    ``text`` is RMS's own wording; it is left out of ``repr`` because RMS may repeat what was sent.
    Ids are text: they may outgrow 32 bits.
    """

    type: str
    code: str
    text: str = dataclasses.field(default="", repr=False)
    order_number: str | None = None
    data_number: int | None = None
    shipping_detail_id: str | None = None
    request_id: str | None = None
    property_path: str = ""

    @property
    def is_error(self):
        return self.type == "ERROR" or "_ERROR_" in self.code

    @property
    def ok(self):
        """RMS says that it was done. False for an ERROR and for a type nobody knows."""
        return self.type in ("INFO", "WARNING") and not self.is_error

    @property
    def field(self):
        """The field that a 009 (missing) or 011 (format) message names, or ''."""
        if not self.code.endswith(("_ERROR_009", "_ERROR_011")):
            return ""
        match = _NAMED_FIELD.match(self.text)
        return match[1] if match else ""

    @property
    def sentence(self):
        """The message in plain English."""
        return sentence_for(self.code, field=self.field)


@dataclass(frozen=True)
class OrderOutcome:
    """What RMS said about one order of a write.

    :ivar bool ok: RMS carried it out
    :ivar bool known: False when RMS's answer does not say what became of this order; ``ok`` is
        False then, too. Read the order back before anything is sent again.
    :ivar str message: RMS's own words
    """

    ok: bool
    code: str
    message: str = dataclasses.field(default="", repr=False)
    known: bool = True

    @property
    def sentence(self):
        if not self.known:
            return (
                "Rakuten's answer does not say what became of this order. Look at the order in "
                "RMS before it is sent again."
            )
        return "" if self.ok else sentence_for(self.code)


@dataclass(frozen=True)
class RowResult:
    """What RMS said about one shipping row. ``data_number`` counts the rows of the request from 1
    through all destinations; ``shipping_detail_id`` is the row's id at RMS as text."""

    data_number: int | None
    shipping_detail_id: str | None
    ok: bool
    code: str
    message: str = dataclasses.field(default="", repr=False)
    order_number: str | None = None

    @property
    def sentence(self):
        return "" if self.ok else sentence_for(self.code)


def as_int(value):
    """An integer that RMS may also write as a string of digits; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,30}", value):
        return int(value)
    return None


def as_id(value):
    """An id as text; None where there is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def _text(value):
    return value if isinstance(value, str) else ""


def parse_messages(elements):
    """Messages of a ``MessageModelList``; elements that are not objects are skipped."""
    if not isinstance(elements, list):
        return []
    return [_message(element) for element in elements if isinstance(element, dict)]


def _message(element):
    return Message(
        type=_text(element.get("messageType")),
        code=clean_code(element.get("messageCode")),
        text=_text(element.get("message")),
        order_number=_text(element.get("orderNumber")) or None,
        data_number=as_int(element.get("dataNumber")),
        shipping_detail_id=as_id(element.get("shippingDetailId")),
        request_id=_text(element.get("requestId")) or None,
    )


def as_row(message):
    return RowResult(
        data_number=message.data_number,
        shipping_detail_id=message.shipping_detail_id,
        code=message.code,
        ok=message.ok,
        message=message.text,
        order_number=message.order_number,
    )


def refusal(messages, status=None):
    """The RequestRefused for a call that RMS answered with ERROR messages."""
    errors = [message for message in messages if message.is_error]
    first = errors[0]
    return RequestRefused(
        code=first.code,
        field=first.field,
        status=status,
        messages=messages,
        rows=[as_row(m) for m in errors if m.data_number is not None],
    )


def judge(messages):
    """The outcome of one order (or row) from the messages about it.

    No message, a type that nobody knows, or "done" next to an ERROR: the outcome is not known.
    """
    errors = [message for message in messages if message.is_error]
    done = [message for message in messages if message.ok]
    if errors and not done:
        return OrderOutcome(False, errors[0].code, errors[0].text)
    if done and not errors:
        return OrderOutcome(True, done[0].code, done[0].text)
    first = (errors or [None])[0]
    return OrderOutcome(
        False, first.code if first else "", first.text if first else "", known=False
    )


# === SENTENCES === #

_IN_RMS = "Open it in RMS and check."
_LATER = "Try again later."
#: Plain English for the codes whose meaning is known; without the order API's prefix.
SENTENCES = {
    "CONFIRM_ORDER_ERROR_102": "The order has already been cancelled, it cannot be confirmed.",
    "CONFIRM_ORDER_ERROR_103": (
        "The order no longer waits for confirmation; it has been confirmed already. Import it "
        "again to see its present status."
    ),
    "CONFIRM_ORDER_ERROR_105": (
        "An amount of the order, mostly the postage, is not decided yet. Set it in RMS, then "
        "confirm the order again."
    ),
    "UPDATE_ORDERSHIPPING_ERROR_101": (
        "Rakuten does not take a shipment for this order: it does not know the order, or its "
        f"status does not allow it. {_IN_RMS}"
    ),
    "UPDATE_ORDERSHIPPING_ERROR_102": (
        "The order has been cancelled at Rakuten, its shipment cannot be reported. Keep the "
        "parcel back, or call the buyer if it has left."
    ),
    "UPDATE_ORDERSUBSTATUS_ERROR_101": (
        "The order has been cancelled at Rakuten, its sub-status cannot be changed."
    ),
    "UPDATE_ORDERSUBSTATUS_ERROR_102": (
        "This sub-status is not allowed for the order in its present status. Choose a sub-status "
        "that belongs to the order's status."
    ),
    "UPDATE_ORDERSENDER_ERROR_136": (
        "A change to cash on delivery needs the cash-on-delivery fee. Enter the fee and send the "
        "change again."
    ),
    "UPDATE_ORDERSENDER_ERROR_139": (
        "An item with several SKUs needs its SKU information. Add it and send the change again."
    ),
    "CE0001": f"Rakuten is busy with another change of the same data. {_LATER}",
    "GE0007": (
        "Rakuten does not know the address that was called. Check the API address of the shop."
    ),
    "GE0011": "Rakuten received an empty request. Report this to your administrator.",
    "GE0014": (
        "Rakuten does not know this item or SKU. Check the item management number and the SKU "
        "number."
    ),
    "GE0017": f"Rakuten's RMS is in read-only mode for maintenance. {_LATER}",
    "GE0019": (
        "The status of the shop does not allow this call. Check in RMS that the shop is open."
    ),
    "IE0105": "Give the lowest or the highest quantity to look for.",
    "IE0113": "The lowest quantity lies above the highest quantity. Correct the two.",
    "IE0116": "More than 1,000 SKUs match. Narrow the range of quantities.",
    "IE0117": "The quantity would leave the range from 0 to 99,999. Correct the quantity.",
    "IE0118": "The lead time or the shipping origin is not set up in RMS. Set it up there first.",
    "IE0121": "The item would have more than 400 SKUs. Remove SKUs that are no longer used.",
    "IE0500": "The SKU has no stock record yet. Send an absolute quantity first.",
    "IE1102": "The same SKU was sent twice in one request. Report this to your administrator.",
    "IE1105": (
        "The shop has not been migrated to Rakuten's SKU system, this function needs it. Ask "
        "Rakuten for the migration."
    ),
    "IE1106": ("The state of the shop's SKU migration does not allow this call. Check it in RMS."),
    "ES04-03": "Rakuten does not accept the form of the request. Report it to your administrator.",
    "C003": "Rakuten does not know what was asked for. Check the name.",
    "address": "The API address of the shop is not a valid address. Correct it on the shop.",
    "unwritable": (
        "The request holds a character that cannot be sent. Look for odd characters in the values "
        "and type them again."
    ),
    "search_limit": (
        "More than 15,000 orders fall into one second of the search; Rakuten lists no more. "
        "Narrow the search."
    ),
}
SENTENCES["HTTP_404"] = SENTENCES["GE0007"]
SENTENCES["GK0003"] = SENTENCES["GE0012"] = SENTENCES["ES04-03"]


def sentence_for(code, *, field="", operation=""):
    """Plain English for an RMS code, with what to do.

    :param str code: RMS's code, with or without ``ORDER_EXT_API_``
    :param str field: the field RMS named, if it did
    """
    code = clean_code(code).removeprefix(_PREFIX)
    # the asynchronous operation repeats the codes of the synchronous one
    plain = code.replace("ORDERSHIPPING_ASYNC_", "ORDERSHIPPING_")
    if plain in SENTENCES:
        return SENTENCES[plain]
    field = clean_field(field)
    where = f" in {field}" if field else ""
    if plain.endswith("_ERROR_009") or plain == "IE0001":
        return f"A value that Rakuten requires is missing{where}. Fill it in and try again."
    if plain.endswith("_ERROR_011") or plain in ("IE0002", "IE0003", "IE0004", "IE0007"):
        return f"Rakuten does not accept a value{where}. Correct it and try again."
    what = f"Rakuten refused {operation}" if operation else "Rakuten refused the request"
    return f"{what}{where} (code {code or 'unknown'}). {_IN_RMS}"
