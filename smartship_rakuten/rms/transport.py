"""HTTP to RMS: credentials, time-outs, bounds, retries, and one record for every attempt.

The rules, all of them about not doing a thing twice:

* A read is repeated (back-off with full jitter) while RMS is unavailable, once when its answer is
  unreadable.
* A write goes out once. It is repeated only when it is certain that nothing was applied: the
  connection could not be made, or RMS throttled it (429).
* A write is never sent over a connection that has been idle: RMS may have closed it meanwhile, and
  a closed connection looks the same as a lost answer.
* 503 on a write is :class:`OutcomeUnknown`. RMS documents it as "overloaded or under maintenance",
  and a proxy that gives up on a server that is still working answers 503, too. Only a body with a
  maintenance code proves that nothing was applied.
* Redirects are not followed and urllib3's own retries are off.
* Waits beyond :data:`MAX_SLEEP` are not slept through but handed to the caller as ``retry_after``.
* An exchange has one deadline, from the connection to the last byte of the body, and what arrives
  is bounded (:mod:`.bounds`).
* RMS is reached through the proxy that the environment names for https (``HTTPS_PROXY``,
  ``NO_PROXY``), which sees nothing but RMS's name. Without TLS a proxy would see the keys: an
  address with ``http://``, which only a sandbox has, is reached without one.
"""

import base64
import json
import logging
import random as _random
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from .answers import Answer, error_of, interpret
from .bounds import Allowance, BodyTooLarge, UnknownEncoding, pool_classes, read_body
from .errors import (
    CredentialsRejected,
    MalformedAnswer,
    OutcomeUnknown,
    RequestRefused,
    RmsError,
    TemporarilyUnavailable,
    WritesPaused,
)
from .pace import MAX_BACK_OFF, LocalPacer

_logger = logging.getLogger(__name__)

DEFAULT_BASE_URL = "https://api.rms.rakuten.co.jp"
#: Seconds that a retry may sleep; longer waits are the caller's to schedule.
MAX_SLEEP = 30.0
FIRST_BACK_OFF = 2.0
#: An exchange may take this many times the read time-out as a whole: an answer that trickles in, a
#: byte now and then, would otherwise hold a worker for ever. Odoo ends one after 120 seconds.
_WHOLE_EXCHANGE = 1.5
_MAX_UNREADABLE = 2
_NEVER_SENT = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    requests.exceptions.ConnectTimeout,
    ssl.SSLCertVerificationError,
)
_BAD_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
)


@dataclass(frozen=True)
class CallRecord:
    """One HTTP attempt, for a log. It holds no body, no parameter and no header.

    :ivar str operation: RMS's name of the operation
    :ivar datetime started_at: aware UTC
    :ivar float duration: seconds
    :ivar int | None status: HTTP status, None when no answer came
    :ivar str | None request_id: RMS's id of the exchange
    :ivar str outcome: ``ok`` or the name of the error class
    :ivar int attempt: 1 for the first
    """

    operation: str
    started_at: datetime
    duration: float
    status: int | None
    request_id: str | None
    outcome: str
    attempt: int


class EsaAuth(requests.auth.AuthBase):
    """``Authorization: ESA base64(serviceSecret:licenseKey)`` (RMS API section 1.1).

    An auth object rather than a header of the session: requests would let a ``.netrc`` entry
    replace the header.
    """

    def __init__(self, service_secret, license_key):
        pair = f"{service_secret}:{license_key}".encode()
        self._value = "ESA " + base64.b64encode(pair).decode("ascii")

    def __call__(self, request):
        request.headers["Authorization"] = self._value
        return request

    def __repr__(self):
        return "<EsaAuth>"


class _Adapter(HTTPAdapter):
    """No retries of its own, a connect time-out next to the read time-out, bounded connections."""

    def __init__(self, connect_timeout, allowance):
        self._connect_timeout = connect_timeout
        self._pools = pool_classes(allowance)
        super().__init__(max_retries=urllib3.Retry(0, read=False, redirect=False))

    def init_poolmanager(self, *args, **kwargs):
        result = super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools
        return result

    def proxy_manager_for(self, proxy, **kwargs):
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):  # has pools of its own, which speak SOCKS
            manager.pool_classes_by_scheme = self._pools
        return manager

    def send(self, request, stream=False, timeout=None, **kwargs):
        if isinstance(timeout, int | float):
            timeout = (min(self._connect_timeout, timeout), timeout)
        if request.url.startswith("http://"):
            kwargs["proxies"] = None
        return super().send(request, stream=stream, timeout=timeout, **kwargs)


class _MaskLicenseKey(logging.Filter):
    """urllib3 logs addresses (paths at level DEBUG, whole ones when a header is broken); that of
    the expiry call has the licence key in its query."""

    _pattern = re.compile(r"(licenseKey=)[^&\s'\"]+")

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(
                self._pattern.sub(r"\1***", str(arg)) if "licenseKey=" in str(arg) else arg
                for arg in record.args
            )
        return True


for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_MaskLicenseKey())


@dataclass(frozen=True)
class _Head:
    """What is known of an answer before its body has been read."""

    status: int
    request_id: str | None
    content_type: str
    retry_after: float | None


class Transport:
    """Calls operations of one shop. See :class:`~.client.RmsClient` for the parameters."""

    def __init__(
        self,
        service_secret: str,
        license_key: str,
        base_url: str = DEFAULT_BASE_URL,
        *,
        pacer=None,
        on_call: Callable[[CallRecord], None] | None = None,
        timeout: tuple[float, float] = (10, 60),
        max_attempts: int = 4,
        max_body_bytes: int | None = None,
        sleep: Callable[[float], None] = time.sleep,
        session: requests.Session | None = None,
        random: Callable[[], float] = _random.random,
        read_only: bool = False,
    ):
        service_secret = (service_secret or "").strip()
        license_key = (license_key or "").strip()
        if not service_secret or not license_key:
            raise CredentialsRejected(code="missing_key")
        self.base_url = check_base_url(base_url)
        self._auth = EsaAuth(service_secret, license_key)
        self._read_only = read_only
        self.license_key = license_key
        self._pacer = pacer if pacer is not None else LocalPacer(sleep=sleep)
        self._on_call = on_call
        connect_timeout, self._read_timeout = (
            timeout if isinstance(timeout, tuple | list) else (timeout, timeout)
        )
        self._max_attempts = max(1, max_attempts)
        self._max_body_bytes = max_body_bytes
        self._sleep = sleep
        self._random = random
        self._allowance = Allowance()
        self._session = session or self._new_session(connect_timeout, self._allowance)

    @staticmethod
    def _new_session(connect_timeout, allowance):
        session = requests.Session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(connect_timeout, allowance))
        session.headers["User-Agent"] = "smartship-rakuten"
        return session

    def close(self):
        self._session.close()

    def call(self, operation, *, path=None, params=None, body=None, parse, max_attempts=None):
        """Call an operation and return what ``parse`` makes of the answer.

        :param Operation operation: what to call
        :param str path: path with its parameters filled in, default ``operation.path``
        :param dict params: query parameters
        :param body: JSON-serialisable request body, None for none
        :param parse: callable(Answer) -> result; raises RmsError for errors inside the answer.
            It runs within the attempt, so that the call record has the true outcome
        :param int max_attempts: less than the client's own
        :raise RmsError: see the errors module
        """
        if operation.write and self._read_only:
            raise WritesPaused(operation=operation.name)
        payload = None if body is None else write_json(body)
        if body is not None and payload is None:
            raise RequestRefused(code="unwritable", operation=operation.name)
        request = {"path": path or operation.path, "params": params, "data": payload}
        attempts = min(max_attempts or self._max_attempts, self._max_attempts)
        unreadable = 0
        for attempt in range(1, attempts + 1):
            self._pacer.wait(operation.family)
            result, error = self._attempt(operation, request, parse, attempt)
            if error is None:
                return result
            unreadable += isinstance(error, MalformedAnswer)
            pause = self._pause(error, attempt)
            self._tell_pacer(operation.family, error, pause)
            if attempt == attempts or pause > MAX_SLEEP:
                break
            if not worth_repeating(operation, error) or unreadable >= _MAX_UNREADABLE:
                break
            self._sleep(pause)
        # outside of any "except", and without what led to it: requests' exceptions know the URL,
        # those of a parser know the body
        error.__cause__ = error.__context__ = error.__traceback__ = None
        raise error

    # === ONE ATTEMPT === #

    def _attempt(self, operation, request, parse, attempt):
        started_at = datetime.now(timezone.utc)
        clock = time.monotonic()
        head = answer = result = error = None
        try:
            head, text = self._exchange(operation, request)
            answer = Answer(head.status, text, head.content_type, head.request_id)
        except _BrokenBody as broken:
            head = broken.head
            error = broken.error_for(operation)
        except Exception as failure:  # whatever it is: a write may have been applied
            error = failure_error(operation, failure)
        if answer:
            result, error = self._read(operation, answer, head, parse)
        if error is not None:
            error.locate(
                operation.name, head.status if head else None, head.request_id if head else None
            )
        self._record(
            CallRecord(
                operation=operation.name,
                started_at=started_at,
                duration=time.monotonic() - clock,
                status=head.status if head else None,
                request_id=head.request_id if head else None,
                outcome=type(error).__name__ if error is not None else "ok",
                attempt=attempt,
            )
        )
        return result, error

    def _exchange(self, operation, request):
        headers = {
            "Accept": f"application/{'xml' if operation.answer == 'xml' else 'json'}",
            "Accept-Encoding": "gzip",
        }
        if request["data"] is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if operation.write:
            self._session.close()  # drops idle connections, the session stays usable
        limit = operation.max_body if self._max_body_bytes is None else self._max_body_bytes
        self._allowance.begin(_WHOLE_EXCHANGE * self._read_timeout, limit)
        response = self._session.request(
            operation.method,
            self.base_url + request["path"],
            params=request["params"],
            data=request["data"],
            headers=headers,
            auth=self._auth,
            timeout=self._read_timeout,
            allow_redirects=False,
            stream=True,
        )
        with response:
            head = _Head(
                status=response.status_code,
                request_id=clean_request_id(response.headers),
                content_type=response.headers.get("Content-Type") or "",
                retry_after=parse_retry_after(response.headers),
            )
            try:
                text = read_body(response, limit).decode("utf-8-sig", "replace")
            except Exception as failure:
                broken = _BrokenBody(head, failure)
            else:
                return head, text
        raise broken

    def _read(self, operation, answer, head, parse):
        """(result, error) of an answer that was read to its end."""
        result = None
        data, error = interpret(operation, answer, head.retry_after)
        if error is None:
            try:
                result = parse(replace(answer, data=data))
            except RmsError as found:
                error = found
            except Exception as failure:
                _logger.warning(
                    "RMS %s: the answer could not be interpreted (%s)",
                    operation.name,
                    type(failure).__name__,
                )
                error = MalformedAnswer(code="wrong_type", field="body")
        if isinstance(error, MalformedAnswer):
            error.raw_text = answer.text
            if operation.write:
                error = OutcomeUnknown(code=error.code, field=error.field)
        return result, error

    # === AFTER AN ATTEMPT === #

    def _pause(self, error, attempt):
        """Seconds to wait before a repetition."""
        ceiling = min(FIRST_BACK_OFF * 2 ** (attempt - 1), MAX_SLEEP)
        pause = self._random() * ceiling
        return max(pause, getattr(error, "retry_after", None) or 0.0)

    def _tell_pacer(self, family, error, pause):
        back_off = getattr(self._pacer, "back_off", None)
        if not back_off or error.status not in (429, 503):
            return
        try:
            back_off(family, min(max(pause, FIRST_BACK_OFF), MAX_BACK_OFF))
        except Exception as failure:  # must not take the place of the call's own outcome
            _logger.error(
                "RMS %s: the pacer did not back off (%s)", error.operation, type(failure).__name__
            )

    def _record(self, record):
        _logger.info(
            "RMS %s: %s in %.2f s (HTTP %s, RequestId %s, attempt %d)",
            record.operation,
            record.outcome,
            record.duration,
            record.status,
            record.request_id,
            record.attempt,
        )
        if not self._on_call:
            return
        try:
            self._on_call(record)
        except Exception as failure:  # the outcome of the call counts, not its bookkeeping
            _logger.error(
                "RMS %s: the call could not be recorded (%s)",
                record.operation,
                type(failure).__name__,
            )


class _BrokenBody(Exception):
    """The head of an answer came, its body did not."""

    def __init__(self, head, failure):
        super().__init__()
        self.head = head
        self.failure = failure

    def error_for(self, operation):
        if self.head.status in (401, 429):  # the status says enough
            return error_of(operation, self.head.status, None, self.head.retry_after)
        broken = isinstance(self.failure, BodyTooLarge | UnknownEncoding)
        if operation.write:
            return OutcomeUnknown(code=self.failure.code if broken else "connection")
        if broken:
            return MalformedAnswer(code=self.failure.code, field="body")
        return TemporarilyUnavailable(code=kind_of(self.failure))


# === PURE HELPERS === #


def write_json(body):
    """A body as UTF-8 JSON, None when it cannot be written (half a surrogate pair, NaN).

    The error is not passed on: it remembers the whole text.
    """
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (TypeError, ValueError):
        return None


def check_base_url(base_url):
    """The base URL without trailing slash.

    :raise RequestRefused: when it is no plain http(s) address
    """
    base_url = (base_url or "").strip().rstrip("/")
    try:
        parts = urlsplit(base_url)
        plain = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and "@" not in parts.netloc
            and not parts.query
            and not parts.fragment
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        plain = False
    if not plain:
        raise RequestRefused(code="address")
    return base_url


def worth_repeating(operation, error):
    """Whether the same request may go out again at once."""
    if isinstance(error, TemporarilyUnavailable):
        if operation.write and error.status not in (None, 429):  # None: there was no connection
            return False
        return not error.maintenance and error.code != "certificate"
    return isinstance(error, MalformedAnswer) and error.code == "unreadable"


def failure_error(operation, failure):
    """The exception for a request that ended without the head of an answer."""
    if isinstance(failure, _BAD_ADDRESS):
        return RequestRefused(code="address")
    if operation.write and not never_sent(failure):
        return OutcomeUnknown(code=kind_of(failure))
    return TemporarilyUnavailable(code=kind_of(failure))


def never_sent(failure):
    """True when the connection was not even made, so that RMS cannot have seen the request."""
    return any(isinstance(cause, _NEVER_SENT) for cause in causes(failure))


def kind_of(failure):
    """``certificate``, ``timeout`` or ``connection``."""
    chain = list(causes(failure))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in chain):
        return "certificate"
    if any(isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in chain):
        return "connection"  # to urllib3 a refused connection is a time-out, too
    timeouts = (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    if any(isinstance(cause, timeouts) for cause in chain):
        return "timeout"
    return "connection"


def causes(failure, depth=8):
    """The exception and those that requests and urllib3 packed into it."""
    yield failure
    if depth == 0:
        return
    packed = [getattr(failure, "reason", None), *failure.args]
    for cause in packed:
        if isinstance(cause, BaseException):
            yield from causes(cause, depth - 1)


def parse_retry_after(headers):
    """Seconds of a ``Retry-After`` header (a number or an HTTP date), None without one."""
    value = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return float(value[:12])
    moment = _http_date(value)
    if moment is None:
        return None
    now = _http_date(headers.get("Date")) or datetime.now(timezone.utc)
    return max(0.0, (moment - now).total_seconds())


def _http_date(value):
    try:
        moment = parsedate_to_datetime(value or "")
    except (TypeError, ValueError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def clean_request_id(headers):
    """``RequestId`` (order API) or ``x-request-id`` (shop API), None without a plain one."""
    for name in ("RequestId", "x-request-id"):
        value = (headers.get(name) or "").strip()
        if re.fullmatch(r"[A-Za-z0-9_.:-]{1,100}", value):
            return value
    return None
