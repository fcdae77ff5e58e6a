"""Faults that a test orders for the next calls of an operation."""

import json
from dataclasses import dataclass, field

from ..ground import gateway
from ..ground.values import dump
from ..orders.messages import info
from .operations import NAMES

HUGE = 64 * 1024 * 1024
BLANKS_PER_CHUNK = 1024 * 1024


class Reset(Exception):
    """Close the connection with a TCP reset."""


class Hang(Exception):
    """Say nothing for a while, then close the connection."""

    def __init__(self, seconds):
        super().__init__(seconds)
        self.seconds = seconds


@dataclass
class Fault:
    operation: str
    kind: str
    times: int = 1
    options: dict = field(default_factory=dict)


KINDS = {
    "401": "401 GA0001, the cause is left open",
    "401_expired": "401 GA0001, the licence key has expired",
    "401_wrong": "401 GA0001, secret or key are wrong",
    "401_not_ticked": "401 GA0001, the function is not ticked",
    "401_old_gateway": "401 with the older envelope, ES01-01",
    "429": "429; option retry_after adds the header Retry-After",
    "503": "503, maintenance or overload, an HTML page",
    "500": "500, an HTML page",
    "reset_before_write": "TCP reset, nothing is written",
    "reset_after_write": "the call is carried out, then TCP reset instead of the answer",
    "timeout": "nothing for `seconds` (120), then closed; nothing is written",
    "timeout_after_write": "carried out, then nothing for `seconds` (120), then closed",
    "slow": "carried out after `seconds` (5), then the normal answer",
    "truncated_json": "carried out; the answer ends in the middle of the JSON",
    "wrong_content_type": "carried out; the JSON comes as text/html",
    "duplicate_numbers": "every entry of the answer's lists comes twice",
    "vanish": "the last entry of the answer's list is missing, as if it had just gone",
    "left_out": "getOrder leaves out `order_numbers`, or the last order, without a message",
    "huge_body": "the answer is padded with blanks to `bytes` (64 MiB)",
    "wrong_types": "carried out; parts of the answer have wrong types",
    "missing_keys": "carried out; required keys of the answer are missing",
}
OPTIONS = ("seconds", "retry_after", "bytes", "order_numbers")
INSTEAD = {
    "401": gateway.unauthorised,
    "401_expired": gateway.unauthorised,
    "401_wrong": gateway.unauthorised,
    "401_not_ticked": gateway.unauthorised,
    "401_old_gateway": gateway.old_unauthorised,
    "503": lambda: gateway.html_error(503, "Service Unavailable"),
    "500": lambda: gateway.html_error(500, "Internal Server Error"),
}


def add(world, body):
    """Order a fault; raises ValueError for what is not known."""
    operation, kind = str(body.get("operation", "*")), str(body.get("kind"))
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; known: {', '.join(KINDS)}")
    if operation != "*" and operation not in NAMES:
        raise ValueError(f"unknown operation {operation!r}; known: {', '.join(NAMES)}")
    options = {
        k: body[k] for k in ("seconds", "retry_after", "bytes", "order_numbers") if k in body
    }
    fault = Fault(operation, kind, int(body.get("times", 1)), options)
    world.faults.append(fault)
    return fault


def take(world, operation):
    """The first ordered fault of this operation, one call used up; or None."""
    for fault in world.faults:
        if fault.operation in ("*", operation) and fault.times > 0:
            fault.times -= 1
            world.faults = [f for f in world.faults if f.times > 0]
            return fault
    return None


def before(fault):
    """The answer instead of the call, or an exception, or None to carry the call out."""
    if fault.kind == "429":
        return gateway.too_many(fault.options.get("retry_after"))
    if fault.kind in INSTEAD:
        return INSTEAD[fault.kind]()
    if fault.kind == "reset_before_write":
        raise Reset
    if fault.kind == "timeout":
        raise Hang(float(fault.options.get("seconds", 120)))
    return None


def after(fault, response):
    """The changed answer of a call that was carried out, or an exception."""
    if fault.kind == "reset_after_write":
        raise Reset
    if fault.kind == "timeout_after_write":
        raise Hang(float(fault.options.get("seconds", 120)))
    if fault.kind == "truncated_json":
        response.body = response.body[: len(response.body) // 2]
    elif fault.kind == "wrong_content_type":
        response.content_type = gateway.HTML
    elif fault.kind in CHANGES:
        try:
            value = json.loads(response.body)
        except ValueError:  # XML and empty answers stay as they are
            return response
        response.body = dump(CHANGES[fault.kind](value, **fault.options)).encode()
    return response


def duplicate_numbers(value, **_options):
    """Each entry of every list twice, side by side, except the messages."""
    return {
        key: [entry for entry in part for _twice in (1, 2)]
        if isinstance(part, list) and key != "MessageModelList"
        else part
        for key, part in value.items()
    }


def vanish(value, **_options):
    """Drop the last entry; getOrder then says that this number was not found."""
    for key, part in value.items():
        if not isinstance(part, list) or not part or key == "MessageModelList":
            continue
        gone = part.pop()
        if key == "OrderModelList":
            _not_found(value, gone, len(part))
    return value


def _found(count):
    return info("GET_ORDER", 101, f"受注情報取得に成功しました。(取得件数{count}件)")


def _not_found(value, order, count):
    messages = value["MessageModelList"]
    messages[:] = [m for m in messages if not m["messageCode"].endswith("GET_ORDER_INFO_101")]
    if count:
        messages.insert(0, _found(count))
    text = "受注情報が取得できませんでした。"
    messages.append(info("GET_ORDER", 102, text, orderNumber=order.get("orderNumber")))


def left_out(value, order_numbers=None, **_options):
    """Drop orders and say nothing (RMS API section 2.4); the count tells of those that are left."""
    orders, messages = value["OrderModelList"], value["MessageModelList"]
    if order_numbers is None:
        orders[-1:] = []
    orders[:] = [o for o in orders if o.get("orderNumber") not in (order_numbers or ())]
    messages[:] = [m for m in messages if not m["messageCode"].endswith("GET_ORDER_INFO_101")]
    if orders:
        messages.insert(0, _found(len(orders)))
    return value


def wrong_types(value, **_options):
    orders = value.get("OrderModelList")
    if orders:
        orders[0].update(totalPrice="未定", orderDatetime=0, PackageModelList={"basketId": "x"})
        return value
    return {key: str(part) if isinstance(part, list) else part for key, part in value.items()}


def missing_keys(value, **_options):
    orders = value.get("OrderModelList")
    if orders:
        for key in ("requestPrice", "orderDatetime", "PackageModelList"):
            orders[0].pop(key, None)
        return value
    return {key: part for key, part in value.items() if not isinstance(part, list | dict)}


CHANGES = {
    "duplicate_numbers": duplicate_numbers,
    "vanish": vanish,
    "left_out": left_out,
    "wrong_types": wrong_types,
    "missing_keys": missing_keys,
}


def padded(body, size):
    """The body and blanks up to that size, in pieces. Trailing blanks keep the JSON valid."""
    yield body
    left = max(0, size - len(body))
    blanks = b" " * BLANKS_PER_CHUNK
    while left > 0:
        yield blanks[: min(left, BLANKS_PER_CHUNK)]
        left -= BLANKS_PER_CHUNK
