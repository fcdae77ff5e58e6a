"""The RMS client of one shop: all operations, and the test of a connection."""

import random as _random
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

from .errors import (
    CredentialsRejected,
    FunctionNotEnabled,
    MalformedAnswer,
    RequestRefused,
    TemporarilyUnavailable,
)
from .inventory import INVENTORIES_BULK_GET, InventoryApi, parse_inventories
from .items import ITEMS_SEARCH, ItemApi, parse_search
from .orders import (
    GET_ORDER,
    GET_ORDER_VERSION,
    GET_RESULT_ASYNC,
    GET_SUB_STATUS_LIST,
    SEARCH_ORDER,
    OrderApi,
    parse_async_results,
    parse_get_order,
    parse_sub_statuses,
)
from .pace import Pacer
from .reservations import ReservationApi
from .shop import LICENSE_EXPIRY_DATE, SHOP_MASTER, ShopApi
from .transport import DEFAULT_BASE_URL, CallRecord, Transport

_PROBE_ATTEMPTS = 2
#: A number and a SKU that no shop has: the gateway decides before they are looked for.
_PROBE_ORDER = "000000-20000101-0000000000"
_PROBE_SKU = "smartship-connection-test"
_PROBE_REQUEST = "00000000-0000-0000-0000-000000000000"
#: Refused for the address or the form, before any function was reached.
_NOT_READ = frozenset({"GE0007", "GE0012", "GK0003", "ES04-03"})
_PROBE_RESULTS = {
    CredentialsRejected: "rejected",
    FunctionNotEnabled: "rejected",
    TemporarilyUnavailable: "unavailable",
    MalformedAnswer: "malformed",
}


class RmsClient(OrderApi, InventoryApi, ItemApi, ReservationApi, ShopApi):
    """RMS WEB SERVICE of one shop, one method for each operation.

    :param str service_secret: serviceSecret; blanks around it are dropped
    :param str license_key: licenseKey; blanks around it are dropped
    :param str base_url: where RMS is
    :param Pacer pacer: ``wait(family)`` is called before every attempt, ``back_off(family,
        seconds)`` when RMS throttles; default: one request a second and family in this client
    :param on_call: callable(CallRecord), called after every attempt. What it raises is logged and
        dropped
    :param timeout: (connect, read) seconds; read counts between two bytes of the answer, and the
        whole exchange may take half as long again
    :param int max_attempts: of a read, and of a write that was certainly not applied
    :param int max_body_bytes: longer answers are given up; default: what the operation may have
    :param sleep: callable(seconds) for the waits between attempts
    :param requests.Session session: for tests; its adapters must not retry by themselves
    :param random: callable() -> [0, 1) for the jitter
    :param bool read_only: operations that write raise WritesPaused and are not sent
    :raise CredentialsRejected: when one of the keys is empty (code ``missing_key``)
    :raise RequestRefused: when the base URL is no address (code ``address``)

    Methods that return iterators send their requests as they are consumed.
    """

    def __init__(
        self,
        service_secret: str,
        license_key: str,
        base_url: str = DEFAULT_BASE_URL,
        *,
        pacer: Pacer | None = None,
        on_call: Callable[[CallRecord], None] | None = None,
        timeout: tuple[float, float] = (10, 60),
        max_attempts: int = 4,
        max_body_bytes: int | None = None,
        sleep: Callable[[float], None] = time.sleep,
        session=None,
        random: Callable[[], float] = _random.random,
        read_only: bool = False,
    ):
        self._transport = Transport(
            service_secret,
            license_key,
            base_url,
            pacer=pacer,
            on_call=on_call,
            timeout=timeout,
            max_attempts=max_attempts,
            max_body_bytes=max_body_bytes,
            sleep=sleep,
            session=session,
            random=random,
            read_only=read_only,
        )

    def __repr__(self):
        return f"<RmsClient {urlsplit(self._transport.base_url).hostname}>"

    def close(self):
        """Close idle connections. The client stays usable."""
        self._transport.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    # === CONNECTION TEST === #

    def check_functions(self, functions=None) -> dict[str, str]:
        """Call the cheapest read of each API and say what became of it.

        RMS answers a bad key and a function that is not ticked with the same code (RMS API
        section 1.4).
        When at least one function answers the key is good, so the rejected ones are not enabled.
        Functions that write cannot be tested without writing.

        :param functions: names to test, default all: searchOrder, getOrder, getSubStatusList,
            getResultUpdateOrderShippingAsync, inventories.bulk.get, items.search,
            license.expiryDate.get, shopMaster
        :return: {RMS's name: ``ok``, ``rejected`` (the key, or the function alone when another
            one is ``ok``), ``unavailable`` or ``malformed`` (whoever answers does not speak RMS's
            API)}
        """
        probes = self._probes()
        return {name: _probe(probes[name]) for name in functions or probes}

    def _probes(self):
        call = self._transport.call
        attempts = {"max_attempts": _PROBE_ATTEMPTS}

        def search_order():
            now = datetime.now(timezone.utc)
            query, start = {"dateType": 1}, now - timedelta(minutes=1)
            self._search_page(query, start, now, 1, size=1, **attempts)

        def get_order():
            asked = [_PROBE_ORDER]
            call(
                GET_ORDER,
                body={"orderNumberList": asked, "version": GET_ORDER_VERSION},
                parse=lambda answer: parse_get_order(answer, asked),
                **attempts,
            )

        def sub_statuses():
            call(GET_SUB_STATUS_LIST, body={}, parse=parse_sub_statuses, **attempts)

        def shipping_result():
            body = {"requestId": _PROBE_REQUEST}
            call(GET_RESULT_ASYNC, body=body, parse=parse_async_results, **attempts)

        def bulk_get():
            pair = {"manageNumber": _PROBE_SKU, "variantId": _PROBE_SKU}
            call(
                INVENTORIES_BULK_GET,
                path="/es/2.0" + INVENTORIES_BULK_GET.path,
                body={"inventories": [pair]},
                parse=parse_inventories,
                **attempts,
            )

        def items_search():
            call(ITEMS_SEARCH, params={"hits": 1}, parse=parse_search, **attempts)

        return {
            SEARCH_ORDER.name: search_order,
            GET_ORDER.name: get_order,
            GET_SUB_STATUS_LIST.name: sub_statuses,
            GET_RESULT_ASYNC.name: shipping_result,
            INVENTORIES_BULK_GET.name: bulk_get,
            ITEMS_SEARCH.name: items_search,
            LICENSE_EXPIRY_DATE.name: lambda: self._license_expiry_date(**attempts),
            SHOP_MASTER.name: lambda: self._shop_master(**attempts),
        }


def _probe(call):
    try:
        call()
    except RequestRefused as error:
        # RMS read the request and found fault with it: the gateway has let the key through
        return "ok" if error.messages and error.code not in _NOT_READ else "malformed"
    except tuple(_PROBE_RESULTS) as error:
        return _PROBE_RESULTS[type(error)]
    return "ok"
