"""Reading the body of an answer: bounded, decoded, parsed, and which error family it is.

RMS API section 1.4 knows four families of errors and two generations of gateway. They are looked
at in this order: HTTP status, ``errors[]``, ``Results``, ``MessageModelList``; XML answers have
``resultCode``. A business failure of single orders inside HTTP 200 is no matter of this file: the
operations read their own messages.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from .codes import clean_code, clean_field
from .errors import (
    CredentialsRejected,
    FunctionNotEnabled,
    MalformedAnswer,
    OutcomeUnknown,
    RequestRefused,
    TemporarilyUnavailable,
)
from .harmless import MAX_DEPTH, load
from .messages import Message, parse_messages, refusal

#: Raised by the gateway before the API proper: the credentials are wrong in one way or another.
#: GK0003 is the media type; of the other GK codes some are seen, none is documented otherwise.
_CREDENTIAL_CODE = re.compile(r"GA0001|ES01-01|ES04-01|GK000(?!3)\d")
#: Maintenance or read-only mode; the request was turned away, not applied.
MAINTENANCE_CODES = frozenset({"ES01-02", "GE0017", "S900", "S901"})
#: Another change of the same data is under way, the request was turned away.
BUSY_CODES = frozenset({"CE0001"})
_GATEWAY_PREFIXES = ("GA", "GK", "ES")
_SHOP_API_OK = "N000"
#: An answer may have this many bytes, decoded. The longest is that of getOrder: a hundred orders of
#: a hundred lines have 12 MB. What is longer is read in smaller portions.
MAX_BODY_BYTES = 16 * 1024 * 1024
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")


@dataclass(frozen=True)
class Operation:
    """One function of RMS as the transport sees it.

    :ivar str name: RMS's name
    :ivar str family: the family that the pacer counts it in
    :ivar bool write: it changes something at RMS, so an unclear outcome is OutcomeUnknown
    :ivar str answer: ``json``, ``xml`` or ``none`` (HTTP 204 and nothing else)
    :ivar bool per_order: a bulk write whose answer says for each order what became of it
    :ivar int max_body: bytes that the decoded body may have
    """

    name: str
    method: str
    path: str
    family: str
    write: bool = False
    answer: str = "json"
    per_order: bool = False
    max_body: int = MAX_BODY_BYTES


@dataclass(frozen=True)
class Answer:
    """An HTTP answer that was read to its end."""

    status: int
    text: str = field(repr=False)
    content_type: str
    request_id: str | None
    data: Any = field(default=None, repr=False)


# === BODIES === #


def parse_json(text):
    """JSON of an answer as harmless values, see :mod:`.harmless`.

    :raise ValueError: no JSON, or nested more than 100 deep
    """
    return load(text)


def parse_xml(text):
    """The root element of an XML answer. Document types and entities are refused.

    XML has no NUL, no half of a surrogate pair and no numbers: what is left to refuse is depth.

    :raise ValueError: when the text is no such XML, or nested more than 100 deep
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("document types are not accepted")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    # the text is decoded: an encoding that the declaration names holds no longer
    text = _XML_DECLARATION.sub("", text, count=1)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.LxmlError, ValueError):
        raise ValueError("not XML") from None
    depths = {None: 0}
    for element in root.iter():
        depth = depths[element] = depths[element.getparent()] + 1
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
    return root


def local_name(element):
    return etree.QName(element).localname


def find_text(root, name):
    """Text of the first element called ``name`` in any namespace, '' when there is none."""
    for element in root.iter():
        if local_name(element) == name:
            return (element.text or "").strip()
    return ""


def parse_body(kind, text, content_type):
    """Values of a successful answer's body.

    :param str kind: ``json``, ``xml`` or ``none``
    :return: (data, None) or (None, MalformedAnswer). The error is not raised here: a JSON error
        remembers the whole text, and an exception remembers what it was raised next to
    """
    if kind == "none":
        return None, MalformedAnswer(code="unreadable")
    if content_type and kind not in content_type.lower():
        return None, MalformedAnswer(code="unreadable", field="Content-Type")
    try:
        data = parse_xml(text) if kind == "xml" else parse_json(text)
    except ValueError:
        return None, MalformedAnswer(code="unreadable")
    if kind == "json" and not isinstance(data, dict):
        return None, MalformedAnswer(code="wrong_type", field="body")
    return data, None


def peek_body(text):
    """Whatever can be made of an error's body: dict, XML element or None. Never raises."""
    start = text.lstrip()[:1]
    with suppress(ValueError):
        if start == "{":
            return parse_json(text)
        if start == "<":
            return parse_xml(text)
    return None


def take(data, key, kind):
    """``data[key]``, which must be of the given type.

    :raise MalformedAnswer: naming the key
    """
    if key not in data:
        raise MalformedAnswer(code="missing", field=key)
    if not isinstance(data[key], kind) or isinstance(data[key], bool):
        raise MalformedAnswer(code="wrong_type", field=key)
    return data[key]


# === ERROR FAMILIES === #


@dataclass(frozen=True)
class Complaint:
    """One error of a body, whatever its family."""

    code: str
    text: str = field(default="", repr=False)
    path: str = ""

    def as_message(self):
        return Message(
            type="ERROR",
            code=clean_code(self.code),
            text=self.text,
            property_path=clean_field(self.path),
        )


def complaints(body):
    """The gateway's and REST families' errors in a body: ``errors[]``, then ``Results``, XML."""
    if etree.iselement(body):
        return _xml_complaints(body)
    if not isinstance(body, dict):
        return []
    found = []
    errors = body.get("errors")
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            metadata = error.get("metadata")
            path = metadata.get("propertyPath") if isinstance(metadata, dict) else ""
            found.append(_complaint(error.get("code"), error.get("message"), path))
    results = body.get("Results")
    if isinstance(results, dict) and results.get("errorCode"):
        found.append(_complaint(results["errorCode"], results.get("message")))
    return found


def _complaint(code, text, path=""):
    return Complaint(
        code=str(code) if isinstance(code, str | int) else "",
        text=text if isinstance(text, str) else "",
        path=path if isinstance(path, str) else "",
    )


def _xml_complaints(root):
    code = find_text(root, "resultCode") or find_text(root, "errorCode")
    if not code or code == _SHOP_API_OK:
        return []
    return [_complaint(code, find_text(root, "message"))]


def order_messages(body):
    """Messages of the order API, also those inside ``ResultShippingModelList``."""
    if not isinstance(body, dict):
        return []
    messages = parse_messages(body.get("MessageModelList"))
    results = body.get("ResultShippingModelList")
    for result in results if isinstance(results, list) else []:
        if isinstance(result, dict):
            messages += parse_messages(result.get("MessageModelList"))
    return messages


def interpret(operation, answer, retry_after=None):
    """What an answer says, before the operation looks at its content.

    :param Operation operation: what was called
    :param Answer answer: what came back
    :param float | None retry_after: seconds that RMS asked to wait
    :return: (body or None, RmsError or None)
    """
    body = broken = None
    if 200 <= answer.status < 300:
        if operation.answer == "none" and answer.status == 204:
            return None, None
        body, broken = parse_body(operation.answer, answer.text, answer.content_type)
    if body is None:
        body = peek_body(answer.text)
    return body, error_of(operation, answer.status, body, retry_after) or broken


def error_of(operation, status, body, retry_after=None):
    """The exception that a status and a body call for, None when the operation shall read it."""
    found = complaints(body)
    code = found[0].code if found else ""
    if status == 429:
        return TemporarilyUnavailable(code=code, retry_after=retry_after)
    gateway_error = _gateway_error(status, code, retry_after)
    if gateway_error:
        return gateway_error
    if status >= 500 or status == 408:
        if operation.write:
            return OutcomeUnknown(code=code)
        return TemporarilyUnavailable(code=code, retry_after=retry_after)
    if status >= 400:
        return _refused(operation, status, found, order_messages(body))
    if found:
        return _refused(operation, status, found, [])
    if not 200 <= status < 300:
        return MalformedAnswer(code="unreadable", field="status")
    return None


def _gateway_error(status, code, retry_after):
    """Turned away before anything was looked at: holds for reads and writes alike."""
    if code in MAINTENANCE_CODES:
        return TemporarilyUnavailable(code=code, retry_after=retry_after, maintenance=True)
    if code in BUSY_CODES and status < 500:
        return TemporarilyUnavailable(code=code, retry_after=retry_after)
    if _CREDENTIAL_CODE.fullmatch(code):
        return CredentialsRejected(code=code)
    if status == 401:
        if code and not code.startswith(_GATEWAY_PREFIXES):
            return FunctionNotEnabled(code=code)
        return CredentialsRejected(code=code)
    return None


def _refused(operation, status, found, messages):
    if found:
        return RequestRefused(
            code=found[0].code,
            field=found[0].path,
            messages=[complaint.as_message() for complaint in found],
        )
    done = any(message.ok for message in messages)
    if done and operation.write:
        # "not accepted" and "done" in one answer: the bulk writes tell their orders apart
        # themselves, for the others nobody can say
        return None if operation.per_order else OutcomeUnknown()
    if any(message.is_error for message in messages):
        return refusal(messages)
    return RequestRefused(code=f"HTTP_{status}", messages=messages)
