"""RMS's messages: the order API's ``MessageModelList``.

RMS API section 2.2. RMS's own texts are Japanese and "not to be parsed"; success is "no ERROR
message for this order", whatever the HTTP status.
"""

import dataclasses
import re
from dataclasses import dataclass

from .codes import clean_code
from .errors import RequestRefused

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


def outcome_of(messages):
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
