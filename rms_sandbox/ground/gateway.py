"""What stands before the API proper: requests, answers, credentials, error envelopes.

RMS API sections 1.1 to 1.5.
"""

import base64
import binascii
import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .values import dump

JSON_ORDER = "application/json;charset=UTF-8"
JSON = "application/json"
XML = "application/xml; charset=UTF-8"
HTML = "text/html; charset=UTF-8"


@dataclass
class Request:
    """What a handler gets of a call: parameters of the path, query, parsed body, API version."""

    params: dict
    query: dict
    body: object = None
    version: str = ""


@dataclass
class Response:
    status: int
    body: bytes
    content_type: str = JSON
    headers: dict = field(default_factory=dict)


class ApiError(Exception):
    """An answer that ends a call early."""

    def __init__(self, response):
        super().__init__(response.status)
        self.response = response


def json_response(value, status=200, content_type=JSON):
    return Response(status, dump(value).encode(), content_type)


def gateway_error(status, code, message):
    """Family A, the generation in use since 2025-09."""
    return json_response({"errors": [{"code": code, "message": message}]}, status)


def unauthorised():
    """Wrong key, expired key and function not ticked all look the same."""
    return gateway_error(401, "GA0001", "Un-Authorised")


def old_unauthorised():
    """Family A, the older generation."""
    return json_response({"Results": {"errorCode": "ES01-01", "message": "Un-Authorised"}}, 401)


def html_error(status, title):
    text = f"<html><head><title>{status} {title}</title></head><body><h1>{status} {title}</h1>"
    return Response(status, f"{text}</body></html>".encode(), HTML)


def credentials(header):
    """``ESA base64(serviceSecret:licenseKey)`` -> (secret, key) or None."""
    scheme, _blank, token = (header or "").partition(" ")
    if scheme != "ESA":
        return None
    try:
        secret, colon, key = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (secret, key) if colon else None


def check_credentials(world, header, function):
    """Raise 401 for a wrong pair, an expired key or a function that is not ticked."""
    pair = (world.config["service_secret"], world.config["license_key"])
    functions = world.config["functions"]
    if credentials(header) != pair or world.now() > world.license_expiry:
        raise ApiError(unauthorised())
    if functions is not None and function not in functions:
        raise ApiError(unauthorised())


_ORDER_TYPE = re.compile(r"^application/json\s*;\s*charset=\"?utf-8\"?\s*$", re.IGNORECASE)
_JSON_TYPE = re.compile(r"^application/json\s*(;.*)?$", re.IGNORECASE)


def check_media_type(family, content_type, has_body):
    """Order calls need the charset; item and inventory calls only with a body."""
    if family == "order":
        if not _ORDER_TYPE.match(content_type or ""):
            raise ApiError(unsupported(family))
    elif has_body and not _JSON_TYPE.match(content_type or ""):
        raise ApiError(unsupported(family))


def unsupported(family):
    code = "GK0003" if family == "order" else "GE0012"
    return gateway_error(415, code, "Unsupported Media Type")


def check_rate(world, family, now=None):
    """429 when an optional limit (calls in one second of real time) is exceeded."""
    limits = world.config["rate_limit"]
    limit = limits.get(family) if isinstance(limits, dict) else limits
    if not limit:
        return
    now = time.monotonic() if now is None else now
    recent = [at for at in world.call_times.get(family, []) if now - at < 1.0]
    world.call_times[family] = recent
    if len(recent) >= limit:
        raise ApiError(too_many(None))
    recent.append(now)


def too_many(retry_after):
    response = json_response({"message": "Too Many Requests"}, 429)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def standard_headers():
    """Headers seen on real answers; Timestamp is UTC without a zone."""
    return {
        "RequestId": str(uuid.uuid4()),
        "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "Cache-Control": "no-cache,no-store",
        "Pragma": "no-cache",
        "X-Content-Type-Options": "nosniff",
    }
