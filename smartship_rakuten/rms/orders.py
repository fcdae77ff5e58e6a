"""Rakuten Pay Order API (RMS API section 2)."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

from . import dates
from .answers import Operation, take
from .errors import MalformedAnswer, OutcomeUnknown, RequestRefused, RmsError
from .harmless import load_verbatim
from .messages import (
    Message,
    OrderOutcome,
    RowResult,
    as_int,
    as_row,
    outcome_of,
    parse_messages,
    refusal,
)

_logger = logging.getLogger(__name__)

#: Limits of RMS API sections 2.3 to 2.7.
SEARCH_PAGE = 1000
SEARCH_LIMIT = 15_000
SEARCH_PAGES = SEARCH_LIMIT // SEARCH_PAGE
ORDERS_PER_CALL = 100
GET_ORDER_VERSION = 10
GET_PAYMENT_VERSION = 4
#: A window whose hits go away while it is paged is read again, this often at most.
_SEARCH_PASSES = 3


def _operation(name, **options):
    return Operation(name, "POST", f"/es/2.0/order/{name}/", "order", **options)


SEARCH_ORDER = _operation("searchOrder")
GET_ORDER = _operation("getOrder")
CONFIRM_ORDER = _operation("confirmOrder", write=True, per_order=True)
UPDATE_ORDER_SHIPPING = _operation("updateOrderShipping", write=True)
UPDATE_ORDER_SHIPPING_ASYNC = _operation("updateOrderShippingAsync", write=True)
GET_RESULT_ASYNC = _operation("getResultUpdateOrderShippingAsync")
GET_SUB_STATUS_LIST = _operation("getSubStatusList")
UPDATE_ORDER_SUB_STATUS = _operation("updateOrderSubStatus", write=True, per_order=True)
UPDATE_ORDER_MEMO = _operation("updateOrderMemo", write=True)
UPDATE_ORDER_REMARKS = _operation("updateOrderRemarks", write=True)
UPDATE_ORDER_SENDER = _operation("updateOrderSender", write=True)
UPDATE_ORDER_SENDER_AFTER_SHIPPING = _operation("updateOrderSenderAfterShipping", write=True)
CANCEL_ORDER = _operation("cancelOrder", write=True)
CANCEL_ORDER_AFTER_SHIPPING = _operation("cancelOrderAfterShipping", write=True)
UPDATE_ORDER_ORDERER = _operation("updateOrderOrderer", write=True)
UPDATE_ORDER_DELIVERY = _operation("updateOrderDelivery", write=True)
SIMULATE_COUPON_AMOUNT = _operation("simulateCouponAmount")
GET_PAYMENT = _operation("getPayment")

#: Filters of searchOrder next to its dates, status list and paging.
SEARCH_FILTERS = frozenset(
    """
    subStatusIdList orderTypeList settlementMethod deliveryName shippingDateBlankFlag
    shippingNumberBlankFlag searchKeywordType searchKeyword mailSendType ordererMailAddress
    phoneNumberType phoneNumber reserveNumber purchaseSiteType asurakuFlag couponUseFlag drugFlag
    overseasFlag oneDayOperationFlag
    """.split()
)
MEMO_FIELDS = frozenset(
    "subStatusId deliveryClass deliveryDate shippingTerm memo operator mailPlugSentence".split()
)


@dataclass(frozen=True)
class GetOrderResult:
    """One getOrder answer, at most 100 orders.

    :ivar list[dict] orders: orders as RMS sent them (RMS API section 3), each one asked for, each
        once; amounts are whole yen, tax rates floats, times JST texts
    :ivar list[str] missing: asked for, but RMS has none (INFO_102) or left it out. Beware when
        ``broken`` is not empty: one of these may be such an order
    :ivar list broken: elements that are no order, without a number, or not asked for
    :ivar str raw_text: the whole answer as text
    :ivar dict[str, str] raw: by order number, JSON of the orders in which something was replaced
        (:mod:`.harmless`), as RMS sent it
    :ivar dict[str, Message] refused: asked for and answered with an ERROR message
    :ivar list[Message] messages: all messages
    """

    orders: list[dict] = field(repr=False)
    missing: list[str]
    broken: list[Any] = field(repr=False)
    raw_text: str = field(repr=False)
    refused: dict[str, Message] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list, repr=False)
    raw: dict[str, str] = field(default_factory=dict, repr=False)


class WriteResult(dict):
    """One chunk of a bulk write: ``{order number: OrderOutcome}``, each order of the chunk once.

    :ivar RmsError | None error: RequestRefused or OutcomeUnknown when it hit the chunk as a whole;
        None otherwise, although single outcomes may be failures
    """

    def __init__(self, outcomes: Mapping[str, OrderOutcome], error: RmsError | None = None):
        super().__init__(outcomes)
        self.error = error


_NUMBERS_MISSING = {
    "code": "missing",
    "field": "orderNumberList",
    "operation": SEARCH_ORDER.name,
}


class OrderApi:
    """The order operations of :class:`~.client.RmsClient`. All raise :class:`RmsError`s.

    Order numbers are texts ``123456-20260110-0000000001``; datetimes may be naive UTC or aware.
    """

    # === READING === #

    def search_order(
        self, *, start, end, date_type=1, order_progress_list=None, **filters
    ) -> Iterator[str]:
        """Order numbers, oldest first, each once; fetched as they are consumed (section 2.3).

        Cuts the span into windows of at most 63 days, reads pages of 1,000, and halves a window
        with more than 15,000 hits. A span that fits one page costs one call, a window at most 15 a
        pass, however many pages RMS says.

        :param datetime start, end: both included; RMS refuses a start before 730 days ago
        :param int date_type: 1 order date, 2 confirmation, 3 fixed, 4 shipping, 5 completion
            report, 6 payment fixed
        :param list[int] order_progress_list: statuses 100 to 900, None for all
        :param filters: further RMS filters, ``subStatusIdList=…`` or ``sub_status_id_list=…``
        :raise TypeError: unknown filter
        :raise ValueError: end before start
        """
        query = {"dateType": date_type}
        if order_progress_list is not None:
            query["orderProgressList"] = list(order_progress_list)
        query |= rms_keys(filters, SEARCH_FILTERS, "search_order")
        spans = dates.windows(start, end)
        return self._search_all(query, spans)

    def _search_all(self, query, spans):
        seen = set()
        for span in spans:
            for number in self._search_window(query, *span):
                if number not in seen:
                    seen.add(number)
                    yield number

    def _search_window(self, query, start, end):
        """Numbers of one window; may repeat itself."""
        for _pass in range(_SEARCH_PASSES):
            number = pages = 1
            most, shrunk, found = 0, False, set()
            while number <= min(pages, SEARCH_PAGES):
                page = self._search_page(query, start, end, number)
                if page.total > SEARCH_LIMIT:
                    yield from self._search_halves(query, start, end)
                    return
                if not page.numbers and number <= page.pages:
                    raise MalformedAnswer(**_NUMBERS_MISSING)
                yield from page.numbers
                found.update(page.numbers)
                shrunk = shrunk or page.total < most
                most, pages, number = max(most, page.total), page.pages, number + 1
            if pages > SEARCH_PAGES and len(found) < most:
                raise MalformedAnswer(**_NUMBERS_MISSING)
            if not shrunk:
                return
            # Hits that leave the search while it is paged pull the rest forward, over the edge of
            # a page that has been read already: read again, what was seen is dropped.

    def _search_halves(self, query, start, end):
        seconds = int((end - start).total_seconds())
        if not seconds:
            raise RequestRefused(code="search_limit", operation=SEARCH_ORDER.name)
        middle = start + timedelta(seconds=seconds // 2)
        # The halves share a second, as all windows do, unless they could not get shorter.
        later = middle if seconds > 2 else middle + timedelta(seconds=1)
        yield from self._search_window(query, start, middle)
        yield from self._search_window(query, later, end)

    def _search_page(self, query, start, end, number, size=SEARCH_PAGE, max_attempts=None):
        body = {
            **query,
            "startDatetime": dates.format_datetime(start),
            "endDatetime": dates.format_datetime(end),
            "PaginationRequestModel": {
                "requestRecordsAmount": size,
                "requestPage": number,
                "SortModelList": [{"sortColumn": 1, "sortDirection": 1}],
            },
        }
        return self._transport.call(
            SEARCH_ORDER, body=body, parse=_parse_search, max_attempts=max_attempts
        )

    def search_order_count(
        self, *, start, end, date_type=1, order_progress_list=None, **filters
    ) -> int:
        """Number of hits of a search, one call for each window of 63 days.

        An order on the second where two windows meet counts twice.
        """
        query = {"dateType": date_type}
        if order_progress_list is not None:
            query["orderProgressList"] = list(order_progress_list)
        query |= rms_keys(filters, SEARCH_FILTERS, "search_order_count")
        return sum(
            self._search_page(query, *span, 1, size=1).total for span in dates.windows(start, end)
        )

    def get_order(
        self, order_numbers, version=GET_ORDER_VERSION, *, chunk_size=ORDERS_PER_CALL
    ) -> Iterator[GetOrderResult]:
        """Orders by number, one result for each call of up to 100 (section 2.4).

        :param order_numbers: any iterable; consumed as needed, duplicates are dropped
        :param int version: 3 to 10
        :param int chunk_size: fewer orders a call, to single out one that breaks the answer
        """
        for chunk in chunks(unique(order_numbers), min(chunk_size, ORDERS_PER_CALL)):
            yield self._transport.call(
                GET_ORDER,
                body={"orderNumberList": chunk, "version": version},
                parse=lambda answer, asked=chunk: parse_get_order(answer, asked),
            )

    def get_sub_status_list(self) -> list[dict]:
        """The shop's sub-statuses (section 2.8): ``[{orderProgress, SubStatusModelList: […]}]``."""
        return self._transport.call(GET_SUB_STATUS_LIST, body={}, parse=parse_sub_statuses)

    def get_payment(self, order_number, version=GET_PAYMENT_VERSION) -> dict:
        """Payments of an order (section 2.11): ``{orderNumber, PaymentModelList: […]}``."""

        def parse(answer):
            _refuse_errors(answer)
            return take(answer.data, "OrderModel", dict)

        body = {"orderNumber": order_number, "version": version}
        return self._transport.call(GET_PAYMENT, body=body, parse=parse)

    def simulate_coupon_amount(self, order_number, changes: Mapping) -> dict:
        """What a change by :meth:`update_order_sender` would do to the coupons (section 2.12).

        Changes nothing. Its exact answer is not documented: the whole body is returned.
        """

        def parse(answer):
            _refuse_errors(answer)
            return answer.data

        body = {**changes, "orderNumber": order_number}
        return self._transport.call(SIMULATE_COUPON_AMOUNT, body=body, parse=parse)

    # === CONFIRMING, CANCELLING === #

    def confirm_order(self, order_numbers) -> Iterator[WriteResult]:
        """Confirm orders in status 100; there is no way back (section 2.5).

        One result for each call of up to 100 orders, sent as the iterator is consumed. A chunk that
        was refused or whose outcome is unknown is reported as such and the next one goes on.

        :raise CredentialsRejected, FunctionNotEnabled, TemporarilyUnavailable: nothing of the
            current chunk was applied, and nothing after it was sent
        """
        return self._write_orders(CONFIRM_ORDER, order_numbers, {})

    def update_order_sub_status(self, sub_status_id, order_numbers) -> Iterator[WriteResult]:
        """Set the sub-status, None to clear it (section 2.8). Results as :meth:`confirm_order`."""
        body = {"subStatusId": None if sub_status_id is None else number_id(sub_status_id)}
        return self._write_orders(UPDATE_ORDER_SUB_STATUS, order_numbers, body)

    def _write_orders(self, operation, order_numbers, body):
        for chunk in chunks(unique(order_numbers), ORDERS_PER_CALL):
            try:
                outcomes = self._transport.call(
                    operation,
                    body={**body, "orderNumberList": chunk},
                    parse=lambda answer, asked=chunk: parse_outcomes(answer, asked),
                )
                result = WriteResult(outcomes)
            except (RequestRefused, OutcomeUnknown) as error:
                result = WriteResult(_outcomes_of_error(chunk, error), error)
            yield result

    def cancel_order(self, order_number, inventory_restore_type, reason) -> OrderOutcome:
        """Ask for the cancellation of an order in 100, 200 or 300 (section 2.10).

        :param int inventory_restore_type: 0 as set on the item, 1 put stock back, 2 do not
        :param int reason: buyer's side 1 to 6, shop's side 8, 10, 13, 14, 15 (section 2.9)
        """
        return self._cancel(CANCEL_ORDER, order_number, inventory_restore_type, reason)

    def cancel_order_after_shipping(
        self, order_number, inventory_restore_type, reason
    ) -> OrderOutcome:
        """Cancel an order in 500 to 800, in one go; only when the goods are back (section 2.10)."""
        return self._cancel(
            CANCEL_ORDER_AFTER_SHIPPING, order_number, inventory_restore_type, reason
        )

    def _cancel(self, operation, order_number, inventory_restore_type, reason):
        body = {
            "inventoryRestoreType": inventory_restore_type,
            "changeReasonDetailApply": reason,
        }
        return self._write_order(operation, order_number, body)

    # === REPORTING SHIPMENTS === #

    def update_order_shipping(self, order_number, baskets) -> list[RowResult]:
        """Add, change or delete shipping rows of one order at once (section 2.6).

        Not idempotent: a row without ``shippingDetailId`` is added each time. After an
        OutcomeUnknown read the order back.

        :param list[dict] baskets: ``[{"basketId": …, "ShippingModelList": [{"shippingDetailId",
            "deliveryCompany", "shippingNumber", "shippingDate", "shippingDeleteFlag"}]}]``. Keys
            left out stay unchanged at RMS. Ids may be texts of digits, dates may be dates.
        :return: one result for each row, in the order of the request; rows may fail one by one
        :raise RequestRefused: RMS wrote nothing; ``rows`` has the rows that it complained about
        :raise OutcomeUnknown: also when the answer does not say what became of every row
        :raise ValueError: no rows, or an id that is none; nothing was sent
        """
        models = basket_models(baskets)
        count = sum(len(model["ShippingModelList"]) for model in models)
        return self._transport.call(
            UPDATE_ORDER_SHIPPING,
            body={"orderNumber": order_number, "BasketidModelList": models},
            parse=lambda answer: parse_rows(answer, count),
        )

    def update_order_shipping_async(self, orders) -> str:
        """Hand in shipping rows of up to 100 orders (section 2.7).

        :param orders: ``{order number: baskets}``, pairs of these, or RMS's own
            ``[{"orderNumber": …, "BasketidModelList": baskets}]``; baskets as in
            :meth:`update_order_shipping`
        :return: the request id for :meth:`get_result_update_order_shipping_async`. It proves that
            the rows were accepted for processing, not that they were applied
        :raise RequestRefused: nothing was accepted; ``rows`` names order, row and reason
        :raise OutcomeUnknown: perhaps accepted, but without a usable request id
        :raise ValueError: no or more than 100 orders, one twice, no rows; nothing was sent
        """
        models = shipping_models(orders)
        return self._transport.call(
            UPDATE_ORDER_SHIPPING_ASYNC,
            body={"OrderShippingModelList": models},
            parse=parse_accepted,
        )

    def get_result_update_order_shipping_async(self, request_id) -> dict[str, list[Message]] | None:
        """Results of an asynchronous report by order number (section 2.7).

        An order's rows were applied when its messages are not empty and all of them are ``ok``.
        Orders that RMS did not name are absent: nothing is known of them.

        :return: None for "no result": still running, unknown or older than 30 days, RMS does not
            say which
        """
        body = {"requestId": request_id}
        return self._transport.call(GET_RESULT_ASYNC, body=body, parse=parse_async_results)

    # === CHANGING === #

    def update_order_memo(self, order_number, **fields) -> OrderOutcome:
        """Change memo fields (section 2.8); fields left out stay, an explicit None clears.

        :param fields: sub_status_id, delivery_class 0-8, delivery_date, shipping_term,
            memo (<= 1000 characters), operator (<= 6), mail_plug_sentence (<= 1024)
        """
        body = rms_keys(fields, MEMO_FIELDS, "update_order_memo", keep_none=True)
        if isinstance(body.get("deliveryDate"), date):
            body["deliveryDate"] = dates.format_date(body["deliveryDate"])
        return self._write_order(UPDATE_ORDER_MEMO, order_number, body)

    def update_order_remarks(self, order_number, *, gift_check=None, remarks=None) -> OrderOutcome:
        """Change gift wish and remarks (<= 4000 characters), at least one (section 2.8)."""
        body = {}
        if gift_check is not None:
            body["giftCheck"] = int(gift_check)
        if remarks is not None:
            body["remarks"] = remarks
        if not body:
            raise ValueError("give gift_check or remarks")
        return self._write_order(UPDATE_ORDER_REMARKS, order_number, body)

    def update_order_sender(self, order_number, changes: Mapping) -> OrderOutcome:
        """Restate the packages of an order in 100, 200 or 300 (section 2.9).

        :param changes: RMS's own keys: PackageModelList and, as needed, reductionReason,
            WrappingModel1/2, CouponModelList, afterSettlementMethodCode
        """
        return self._write_order(UPDATE_ORDER_SENDER, order_number, changes)

    def update_order_sender_after_shipping(self, order_number, changes: Mapping) -> OrderOutcome:
        """As :meth:`update_order_sender`, for an order in 500, 600 or 700 (section 2.9)."""
        return self._write_order(UPDATE_ORDER_SENDER_AFTER_SHIPPING, order_number, changes)

    def update_order_orderer(
        self, order_number, orderer: Mapping, reduction_reason=None
    ) -> OrderOutcome:
        """Replace the orderer (section 2.8).

        :param orderer: OrdererModel with all its fields (section 3.2)
        :param int reduction_reason: needed when the amount goes down
        """
        body = {"OrdererModel": dict(orderer)}
        if reduction_reason is not None:
            body["reductionReason"] = reduction_reason
        return self._write_order(UPDATE_ORDER_ORDERER, order_number, body)

    def update_order_delivery(self, order_number, delivery_name) -> OrderOutcome:
        """Change the delivery method to one that the shop has set up in RMS (section 2.8)."""
        return self._write_order(
            UPDATE_ORDER_DELIVERY, order_number, {"deliveryName": delivery_name}
        )

    def _write_order(self, operation, order_number, body):
        """Change one order. The outcome is always ``ok``: the rest is raised.

        :raise RequestRefused: nothing was changed
        :raise OutcomeUnknown: perhaps changed
        """
        return self._transport.call(
            operation,
            body={**body, "orderNumber": order_number},
            parse=lambda answer: parse_single(answer, order_number),
        )


# === REQUESTS === #


def camel(name):
    """RMS's key for a Python name: ``sub_status_id_list`` is ``subStatusIdList``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def rms_keys(values, allowed, function, keep_none=False):
    """Keyword arguments under RMS's keys.

    :raise TypeError: for a key that is not allowed
    """
    keys = {}
    for name, value in values.items():
        key = camel(name)
        if key not in allowed:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")
        if value is not None or keep_none:
            keys[key] = value
    return keys


def unique(values: Iterable) -> Iterator[str]:
    """Texts without blanks around them, each once, empty ones dropped."""
    if isinstance(values, str):
        values = [values]
    seen = set()
    for value in values:
        value = str(value).strip()
        if value and value not in seen:
            seen.add(value)
            yield value


def chunks(values: Iterable, size: int) -> Iterator[list]:
    """Lists of up to ``size`` values: Odoo's ``split_every`` for a package without Odoo."""
    values = iter(values)
    while chunk := list(islice(values, size)):
        yield chunk


def number_id(value):
    """An id as the JSON number that RMS expects.

    :raise ValueError: when it is none
    """
    number = as_int(value.strip() if isinstance(value, str) else value)
    if number is None:
        raise ValueError("an RMS id consists of digits")
    return number


def basket_models(baskets):
    """``BasketidModelList`` of a request; ids become numbers, dates become texts."""
    models = []
    for basket in baskets:
        rows = [_shipping_model(row) for row in basket["ShippingModelList"]]
        if not rows:
            raise ValueError("a basket without shipping rows")
        models.append({"basketId": number_id(basket["basketId"]), "ShippingModelList": rows})
    if not models:
        raise ValueError("no baskets to report")
    return models


def _shipping_model(row):
    row = dict(row)
    if row.get("shippingDetailId") is not None:
        row["shippingDetailId"] = number_id(row["shippingDetailId"])
    if isinstance(row.get("deliveryCompany"), int):
        row["deliveryCompany"] = str(row["deliveryCompany"])
    if isinstance(row.get("shippingDate"), date):
        row["shippingDate"] = dates.format_date(row["shippingDate"])
    return row


def shipping_models(orders):
    """``OrderShippingModelList`` of a request.

    :raise ValueError: no or more than 100 orders, or one twice
    """
    if isinstance(orders, Mapping):
        pairs = list(orders.items())
    else:
        pairs = [
            (order["orderNumber"], order["BasketidModelList"])
            if isinstance(order, Mapping)
            else tuple(order)
            for order in orders
        ]
    if not pairs or len(pairs) > ORDERS_PER_CALL:
        raise ValueError(f"1 to {ORDERS_PER_CALL} orders can be reported in one call")
    if len({number for number, _baskets in pairs}) != len(pairs):
        raise ValueError("an order can be reported only once in one call")
    return [
        {"orderNumber": number, "BasketidModelList": basket_models(baskets)}
        for number, baskets in pairs
    ]


# === ANSWERS === #


def _messages(answer):
    return parse_messages(take(answer.data, "MessageModelList", list))


def _refuse_errors(answer):
    messages = _messages(answer)
    if any(message.is_error for message in messages):
        raise refusal(messages)
    return messages


def _listed(answer, key):
    _refuse_errors(answer)
    return [row for row in take(answer.data, key, list) if isinstance(row, dict)]


def parse_sub_statuses(answer):
    return _listed(answer, "StatusModelList")


@dataclass(frozen=True)
class SearchPage:
    numbers: list[str]
    total: int
    pages: int


def _parse_search(answer):
    messages = _refuse_errors(answer)
    numbers = answer.data.get("orderNumberList")
    if numbers is None and any(m.code.endswith("_INFO_102") for m in messages):
        numbers = []
    elif not isinstance(numbers, list):
        raise MalformedAnswer(code="wrong_type", field="orderNumberList")
    found = [number for number in numbers if isinstance(number, str) and number]
    if len(found) != len(numbers):
        if not found:
            raise MalformedAnswer(code="wrong_type", field="orderNumberList")
        _logger.warning("RMS searchOrder: %d unusable numbers", len(numbers) - len(found))
    return SearchPage(found, *_totals(answer.data, found))


def _totals(data, found):
    paging = take(data, "PaginationResponseModel", dict | None)
    total, pages = (as_int((paging or {}).get(key)) for key in ("totalRecordsAmount", "totalPages"))
    if not found and not total:
        return 0, 0
    if total is None or pages is None or total < 0 or pages < 1:
        raise MalformedAnswer(code="wrong_type", field="PaginationResponseModel")
    # RMS's count of pages, unless its own total needs more of them
    return total, max(pages, -(-total // SEARCH_PAGE))


def parse_get_order(answer, asked):
    """A GetOrderResult; one broken element never costs the others."""
    messages = _messages(answer)
    elements = answer.data.get("OrderModelList")
    refused = {m.order_number: m for m in messages if m.is_error and m.order_number in asked}
    if elements is None and (refused or any(m.code.endswith("_INFO_102") for m in messages)):
        elements = []
    if not elements and any(m.is_error and not m.order_number for m in messages):
        raise refusal(messages)
    if not isinstance(elements, list):
        raise MalformedAnswer(code="wrong_type", field="OrderModelList")
    orders, broken = {}, []
    wanted = set(asked)
    for element in elements:
        number = element.get("orderNumber") if isinstance(element, dict) else None
        if isinstance(number, str) and number in wanted:
            orders.setdefault(number, element)
        else:
            broken.append(element)
    return GetOrderResult(
        orders=list(orders.values()),
        missing=[number for number in asked if number not in orders and number not in refused],
        refused=refused,
        broken=broken,
        messages=messages,
        raw_text=answer.text,
        raw=_raw(answer.text, orders),
    )


def _raw(text, orders):
    """JSON as it was sent of the orders that are no longer the same."""
    sent = load_verbatim(text)
    raw = {}
    for element in sent["OrderModelList"] if sent and orders else ():
        number = element.get("orderNumber") if isinstance(element, dict) else None
        if isinstance(number, str) and number in orders and element != orders[number]:
            raw.setdefault(number, json.dumps(element, indent=1))
    return raw


def parse_outcomes(answer, asked):
    """{order number: OrderOutcome} of a bulk write. Every order asked for gets one."""
    messages = _messages(answer)
    common = [message for message in messages if not message.order_number]
    if common and len(common) == len(messages) and all(m.is_error for m in messages):
        raise refusal(messages)
    outcomes = {}
    for number in asked:
        own = [message for message in messages if message.order_number == number]
        # A message about no order in particular speaks for all only when it says no, or when
        # there is only one.
        shared = common if len(asked) == 1 else [m for m in common if m.is_error]
        outcomes[number] = outcome_of(own or shared)
    return outcomes


def _outcomes_of_error(asked, error):
    messages = getattr(error, "messages", [])
    known = isinstance(error, RequestRefused)
    outcomes = {}
    for number in asked:
        own = [message for message in messages if message.order_number == number]
        if known and own:
            outcomes[number] = outcome_of(own)
        else:
            text = messages[0].text if known and messages else ""
            outcomes[number] = OrderOutcome(False, error.code, text, known=known)
    return outcomes


def parse_single(answer, order_number):
    """The ``ok`` outcome of a write to one order."""
    messages = _messages(answer)
    own = [m for m in messages if not m.order_number or m.order_number == order_number]
    outcome = outcome_of(own)
    if not outcome.known or len(own) != len(messages):
        raise OutcomeUnknown(code=outcome.code)
    if not outcome.ok:
        raise refusal(messages)
    return outcome


def parse_rows(answer, count):
    """One RowResult for each of ``count`` rows.

    :raise RequestRefused: RMS said no to the order as a whole
    :raise OutcomeUnknown: RMS did not say what became of every row
    """
    messages = _messages(answer)
    if messages and all(m.is_error and m.data_number is None for m in messages):
        raise refusal(messages)
    by_row = {}
    for message in messages:
        number = 1 if count == 1 and message.data_number is None else message.data_number
        by_row.setdefault(number, []).append(message)
    if set(by_row) != set(range(1, count + 1)):
        raise OutcomeUnknown(code="wrong_type", field="dataNumber")
    rows = []
    for number in range(1, count + 1):
        if not outcome_of(by_row[number]).known:
            raise OutcomeUnknown(code=by_row[number][0].code, field="dataNumber")
        row = as_row(by_row[number][0])
        rows.append(row if row.data_number else replace(row, data_number=number))
    return rows


def parse_accepted(answer):
    """The request id of an asynchronous report."""
    messages = _messages(answer)
    ids = [message.request_id for message in messages if message.ok and message.request_id]
    errors = [message for message in messages if message.is_error]
    if errors and not any(message.ok for message in messages):
        raise refusal(messages)
    if errors or not ids:
        raise OutcomeUnknown(code="missing", field="requestId")
    return ids[0]


def parse_async_results(answer):
    """{order number: messages} or None for "no result"."""
    results = take(answer.data, "ResultShippingModelList", list)
    by_order, common = {}, []
    for result in results:
        if not isinstance(result, dict):
            continue
        messages = parse_messages(result.get("MessageModelList"))
        number = result.get("orderNumber")
        if isinstance(number, str) and number:
            by_order.setdefault(number, []).extend(messages)
        else:
            common += messages
    if by_order:
        return by_order
    if any(message.is_error for message in common):
        raise refusal(common)
    return None
