# Part of smartship_rakuten. See LICENSE file for full copyright and licensing details.
"""Every operation against every fault: what is raised, and how often RMS was called.

The table is the contract of the client: a write that may have been applied is always
OutcomeUnknown after exactly one call, a write that was certainly not applied never is.
"""

import gc
import json
import logging
import ssl
import traceback
from datetime import date, datetime

import requests
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rms import (
    CredentialsRejected,
    FunctionNotEnabled,
    MalformedAnswer,
    OutcomeUnknown,
    RequestRefused,
    RmsError,
    TemporarilyUnavailable,
)

from .rms_fixtures import (
    BUYER,
    ESA,
    HTML,
    JSON,
    KEY,
    SECRET,
    XML,
    RmsMockCase,
    get_order_answer,
    message,
    number,
    order,
    shop_xml,
)

START, END = datetime(2026, 1, 1), datetime(2026, 1, 2)
ROWS = [{"basketId": 1, "ShippingModelList": [{"deliveryCompany": "1001"}]}]
ENTRY = {"manageNumber": "sample-item", "variantId": "sku-1", "quantity": 1}


def through_error(results):
    """Runs an iterator of chunk results; the error of its only chunk is raised."""
    (result,) = results
    if result.error:
        raise result.error
    return result


ORDER_READS = {
    "searchOrder": lambda c: list(c.search_order(start=START, end=END)),
    "getOrder": lambda c: list(c.get_order([number(1)])),
    "getResultUpdateOrderShippingAsync": lambda c: c.get_result_update_order_shipping_async("x"),
    "getSubStatusList": lambda c: c.get_sub_status_list(),
    "simulateCouponAmount": lambda c: c.simulate_coupon_amount(number(1), {}),
    "getPayment": lambda c: c.get_payment(number(1)),
}
ORDER_WRITES = {
    "confirmOrder": lambda c: through_error(c.confirm_order([number(1)])),
    "updateOrderShipping": lambda c: c.update_order_shipping(number(1), ROWS),
    "updateOrderShippingAsync": lambda c: c.update_order_shipping_async({number(1): ROWS}),
    "updateOrderSubStatus": lambda c: through_error(c.update_order_sub_status(1, [number(1)])),
    "updateOrderMemo": lambda c: c.update_order_memo(number(1), memo="x"),
    "updateOrderRemarks": lambda c: c.update_order_remarks(number(1), remarks="x"),
    "updateOrderSender": lambda c: c.update_order_sender(number(1), {}),
    "updateOrderSenderAfterShipping": lambda c: c.update_order_sender_after_shipping(number(1), {}),
    "cancelOrder": lambda c: c.cancel_order(number(1), 0, 8),
    "cancelOrderAfterShipping": lambda c: c.cancel_order_after_shipping(number(1), 0, 8),
    "updateOrderOrderer": lambda c: c.update_order_orderer(number(1), {}),
    "updateOrderDelivery": lambda c: c.update_order_delivery(number(1), "x"),
}
DAY = date(2026, 1, 10)
REST_READS = {
    "inventories.variants.get": lambda c: c.inventories_variants_get("sample-item", "sku-1"),
    "inventories.bulk.get": lambda c: list(c.inventories_bulk_get([("sample-item", "sku-1")])),
    "inventories.bulk.get.range": lambda c: c.inventories_bulk_get_range(0, 5),
    "inventories.variant-lists.get": lambda c: c.inventories_variant_lists_get("sample-item"),
    "items.get": lambda c: c.items_get("sample-item"),
    "items.search": lambda c: list(c.items_search()),
    "items.bulk.get": lambda c: list(c.items_bulk_get(["sample-item"])),
    "license.expiryDate.get": lambda c: c.license_expiry_date(),
    "reserve.infoList.get": lambda c: list(c.reserve_info_list(start=DAY, end=DAY)),
}
REST_WRITES = {
    "inventories.variants.upsert": lambda c: c.inventories_variants_upsert("item", "sku", 1),
    "inventories.variants.delete": lambda c: c.inventories_variants_delete("item", "sku"),
    "inventories.bulk.upsert": lambda c: through_error(c.inventories_bulk_upsert([ENTRY])),
}
XML_READS = {
    "shopCalendar": lambda c: c.shop_calendar(date(2026, 1, 10)),
    "shopMaster": lambda c: c.shop_master(),
    "shop.shopStatus.get": lambda c: c.shop_status(),
}
READS = {**ORDER_READS, **REST_READS, **XML_READS}
WRITES = {**ORDER_WRITES, **REST_WRITES}

POOL = urllib3.HTTPSConnectionPool("rms.invalid")
SECRET_URL = f"/es/1.0/x?licenseKey={KEY}"


def errors(code):
    return json.dumps({"errors": [{"code": code, "message": BUYER}]})


def results(code):
    return json.dumps({"Results": {"errorCode": code, "message": BUYER}})


def fault(body="", status=200, kind=JSON, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"body": body, "status": status, "content_type": kind, "headers": headers}


def broken(exception):
    return {"body": exception}


def connection_error(reason):
    return broken(requests.ConnectionError(MaxRetryError(POOL, SECRET_URL, reason)))


PAGE = f"<html>{BUYER}</html>"
REJECTED = (CredentialsRejected, 1)
LATER = (TemporarilyUnavailable, 4)
NOT_NOW = (TemporarilyUnavailable, 1)
REFUSED = (RequestRefused, 1)
UNKNOWN = (OutcomeUnknown, 1)
UNREADABLE = (MalformedAnswer, 2)
UNUSABLE = (MalformedAnswer, 1)

#: name: (fault, what a read ends with, what a write ends with), each (class, number of calls)
FAULTS = {
    "401 GA0001": (fault(errors("GA0001"), 401), REJECTED, REJECTED),
    "401 ES01-01": (fault(results("ES01-01"), 401), REJECTED, REJECTED),
    "401 without a body": (fault("", 401), REJECTED, REJECTED),
    "401 HTML": (fault(PAGE, 401, HTML), REJECTED, REJECTED),
    "400 ES01-01": (fault(results("ES01-01"), 400), REJECTED, REJECTED),
    "400 ES04-01": (fault(results("ES04-01"), 400), REJECTED, REJECTED),
    "400 GK0001": (fault(errors("GK0001"), 400), REJECTED, REJECTED),
    "400 GK0005": (fault(errors("GK0005"), 400), REJECTED, REJECTED),
    "400 GK0006": (fault(errors("GK0006"), 400), REJECTED, REJECTED),
    "200 ES01-01": (fault(results("ES01-01"), 200), REJECTED, REJECTED),
    "200 ES01-01 as text": (fault(results("ES01-01"), 200, "text/plain"), REJECTED, REJECTED),
    "401 of the API itself": (
        fault(errors("GE0401"), 401),
        (FunctionNotEnabled, 1),
        (FunctionNotEnabled, 1),
    ),
    "400 GK0003 is the media type": (fault(errors("GK0003"), 400), REFUSED, REFUSED),
    "415 ES04-03": (fault(results("ES04-03"), 415), REFUSED, REFUSED),
    "400 with a code": (fault(errors("IE0002"), 400), REFUSED, REFUSED),
    "200 with a code": (fault(errors("IE0002"), 200), REFUSED, REFUSED),
    "400 HTML": (fault(PAGE, 400, HTML), REFUSED, REFUSED),
    "403": (fault(PAGE, 403, HTML), REFUSED, REFUSED),
    "404": (fault(PAGE, 404, HTML), REFUSED, REFUSED),
    "405": (fault("", 405), REFUSED, REFUSED),
    "429": (fault("", 429), LATER, LATER),
    "429 with a body": (fault(errors("GA0429"), 429), LATER, LATER),
    "429 Retry-After 5": (fault("", 429, Retry_After="5"), LATER, LATER),
    "429 Retry-After 120": (fault("", 429, Retry_After="120"), NOT_NOW, NOT_NOW),
    "409 CE0001": (fault(errors("CE0001"), 409), LATER, NOT_NOW),
    "503": (fault(PAGE, 503, HTML), LATER, UNKNOWN),
    "503 Retry-After 120": (fault(PAGE, 503, HTML, Retry_After="120"), NOT_NOW, UNKNOWN),
    "503 ES01-02": (fault(results("ES01-02"), 503), NOT_NOW, NOT_NOW),
    "400 GE0017": (fault(errors("GE0017"), 400), NOT_NOW, NOT_NOW),
    "500 S900": (fault(shop_xml("", code="S900"), 500, XML), NOT_NOW, NOT_NOW),
    "500 HTML": (fault(PAGE, 500, HTML), LATER, UNKNOWN),
    "500 X0000": (fault(errors("X0000"), 500), LATER, UNKNOWN),
    "500 CE0001": (fault(errors("CE0001"), 500), LATER, UNKNOWN),
    "502": (fault(PAGE, 502, HTML), LATER, UNKNOWN),
    "504": (fault(PAGE, 504, HTML), LATER, UNKNOWN),
    "408": (fault("", 408), LATER, UNKNOWN),
    "302": (fault("", 302, location="https://elsewhere.invalid/"), UNREADABLE, UNKNOWN),
    "connection refused": (
        connection_error(NewConnectionError(None, "refused")),
        LATER,
        LATER,
    ),
    "connect time-out": (
        broken(requests.ConnectTimeout(MaxRetryError(POOL, SECRET_URL, ConnectTimeoutError()))),
        LATER,
        LATER,
    ),
    "bare connect time-out": (broken(requests.ConnectTimeout()), LATER, LATER),
    "certificate": (
        broken(requests.exceptions.SSLError(ssl.SSLCertVerificationError("x"))),
        NOT_NOW,
        NOT_NOW,
    ),
    "TLS breaks": (broken(requests.exceptions.SSLError(ssl.SSLEOFError("x"))), LATER, UNKNOWN),
    "reset after sending": (
        broken(requests.ConnectionError(ProtocolError("aborted", ConnectionResetError(104, "x")))),
        LATER,
        UNKNOWN,
    ),
    "unexplained connection error": (broken(requests.ConnectionError()), LATER, UNKNOWN),
    "read time-out": (
        broken(requests.ReadTimeout(ReadTimeoutError(POOL, SECRET_URL, "x"))),
        LATER,
        UNKNOWN,
    ),
    "answer breaks off": (
        broken(requests.exceptions.ChunkedEncodingError(ProtocolError("x"))),
        LATER,
        UNKNOWN,
    ),
    "something unforeseen": (broken(RuntimeError(SECRET_URL)), LATER, UNKNOWN),
    "truncated": (fault('{"MessageModelList": [{"messa'), UNREADABLE, UNKNOWN),
    "200 HTML": (fault(PAGE, 200, HTML), UNREADABLE, UNKNOWN),
    "200 without a body": (fault(""), UNREADABLE, UNKNOWN),
    "200 wrong content type": (
        fault('{"MessageModelList": []}', 200, "text/plain"),
        UNREADABLE,
        UNKNOWN,
    ),
    "nested too deeply": (fault("[" * 200_000), UNREADABLE, UNKNOWN),
    "too large": (fault("{}" + " " * 1_000_000), UNUSABLE, UNKNOWN),
}
#: as above, for answers that only the JSON operations know
JSON_FAULTS = {
    "200 without keys": (fault("{}"), UNUSABLE, UNKNOWN),
    "200 array": (fault("[]"), UNUSABLE, UNKNOWN),
    "number too long": (fault("1" * 5_000), UNUSABLE, UNKNOWN),
    "200 null": (fault("null"), UNUSABLE, UNKNOWN),
    "200 wrong types": (
        fault(
            json.dumps(
                dict.fromkeys(
                    (
                        "MessageModelList",
                        "ResultShippingModelList",
                        "inventories",
                        "quantity",
                        "variantList",
                        "variants",
                        "results",
                        "expiryDate",
                    ),
                    True,
                )
            )
        ),
        UNUSABLE,
        UNKNOWN,
    ),
}
#: as above, for the order API
ORDER_FAULTS = {
    "200 with ERROR": (
        fault(json.dumps({"MessageModelList": [message("X_ERROR_011", text=BUYER)]})),
        REFUSED,
        REFUSED,
    ),
    "400 with ERROR": (
        fault(json.dumps({"MessageModelList": [message("X_ERROR_011", text=BUYER)]}), 400),
        REFUSED,
        REFUSED,
    ),
    "500 with ERROR": (
        fault(json.dumps({"MessageModelList": [message("X_ERROR_011", text=BUYER)]}), 500),
        LATER,
        UNKNOWN,
    ),
}


@tagged("post_install", "-at_install")
class TestFaults(RmsMockCase):
    def play(self, operation, call, answer, expected):
        """One operation against one fault."""
        self.http.reset()
        self.http.calls.reset()
        self.slept.clear()
        self.records.clear()
        self.answer_all(**answer)
        kind, count = expected
        with self.assertRaises(RmsError) as caught:
            call(self.client(max_body_bytes=500_000))
        error = caught.exception
        self.assertIs(type(error), kind)
        self.assertEqual(len(self.http.calls), count)
        self.assertEqual(error.operation, operation)
        self.assertEqual([record.attempt for record in self.records], list(range(1, count + 1)))
        self.assertEqual({record.outcome for record in self.records}, {kind.__name__})
        self.assertEqual({record.operation for record in self.records}, {operation})
        self.assertEqual(len(self.slept), count - 1)
        self.assertEqual(error.status, answer.get("status"))
        return error

    def play_table(self, faults, reads, writes):
        for name, (answer, read, write) in faults.items():
            for operation, call in reads.items():
                with self.subTest(name, operation=operation):
                    self.play(operation, call, answer, read)
            for operation, call in writes.items():
                with self.subTest(name, operation=operation):
                    self.play(operation, call, answer, write)

    def test_every_operation_is_in_the_table(self):
        self.assertEqual((len(READS), len(WRITES)), (18, 15))
        self.assertFalse(set(READS) & set(WRITES))

    def test_faults(self):
        self.play_table(FAULTS, READS, WRITES)

    def test_json_faults(self):
        self.play_table(JSON_FAULTS, {**ORDER_READS, **REST_READS}, WRITES)

    def test_order_faults(self):
        # the result of an asynchronous report has its messages elsewhere
        reads = {**ORDER_READS}
        del reads["getResultUpdateOrderShippingAsync"]
        self.play_table(ORDER_FAULTS, reads, ORDER_WRITES)

    def test_no_content_where_content_is_due(self):
        # HTTP 204 is what REST writes are answered with when all went well
        self.play_table({"204": (fault("", 204), UNREADABLE, UNKNOWN)}, READS, ORDER_WRITES)

    def test_a_write_is_never_sent_twice_when_it_may_have_been_applied(self):
        # the table itself: nothing but "certainly not applied" may have more than one call
        for name, (_answer, _read, (kind, count)) in {
            **FAULTS,
            **JSON_FAULTS,
            **ORDER_FAULTS,
        }.items():
            with self.subTest(name):
                self.assertIsNot(kind, MalformedAnswer)
                if count > 1:
                    self.assertIs(kind, TemporarilyUnavailable)

    # === RETRIES === #

    def search(self, **options):
        return ORDER_READS["searchOrder"](self.client(**options))

    def test_back_off_doubles_with_full_jitter(self):
        self.answer_all("", status=500)
        with self.assertRaises(TemporarilyUnavailable):
            self.search()
        self.assertEqual(self.slept, [2.0, 4.0, 8.0])
        self.slept.clear()
        with self.assertRaises(TemporarilyUnavailable):
            self.search(random=lambda: 0.25)
        self.assertEqual(self.slept, [0.5, 1.0, 2.0])

    def test_back_off_is_never_longer_than_30_seconds(self):
        self.answer_all("", status=500)
        with self.assertRaises(TemporarilyUnavailable):
            self.search(max_attempts=8)
        self.assertEqual(self.slept, [2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0])

    def test_max_attempts(self):
        self.answer_all("", status=500)
        for attempts in (1, 2, 0):
            self.http.calls.reset()
            with self.assertRaises(TemporarilyUnavailable):
                self.search(max_attempts=attempts)
            self.assertEqual(len(self.http.calls), max(attempts, 1))

    def test_retry_after(self):
        date = "Sat, 10 Jan 2026 00:00:00 GMT"
        cases = [
            ({"Retry-After": "7"}, 7.0, [7.0, 7.0, 8.0]),
            ({"Retry-After": "30"}, 30.0, [30.0, 30.0, 30.0]),
            ({"Retry-After": "31"}, 31.0, []),
            ({"Retry-After": "0"}, 0.0, [2.0, 4.0, 8.0]),
            ({"Retry-After": "9" * 50}, 999999999999.0, []),
            ({"Retry-After": "-5"}, None, [2.0, 4.0, 8.0]),
            ({"Retry-After": "soon"}, None, [2.0, 4.0, 8.0]),
            ({"Retry-After": "nan"}, None, [2.0, 4.0, 8.0]),
            ({"Retry-After": "Sat, 10 Jan 2026 00:00:20 GMT", "Date": date}, 20.0, [20.0] * 3),
            ({"Retry-After": "Sat, 10 Jan 2026 01:00:00 GMT", "Date": date}, 3600.0, []),
            ({"Retry-After": "Fri, 09 Jan 2026 00:00:00 GMT", "Date": date}, 0.0, [2.0, 4.0, 8.0]),
        ]
        for headers, retry_after, slept in cases:
            for status in (429, 503):
                self.http.reset()
                self.slept.clear()
                self.answer_all("", status=status, headers=headers)
                with self.subTest(headers=headers, status=status):
                    with self.assertRaises(TemporarilyUnavailable) as caught:
                        self.search()
                    self.assertEqual(caught.exception.retry_after, retry_after)
                    self.assertEqual(self.slept, slept)

    def test_the_pacer_is_told_of_throttling_only(self):
        for status, expected in (
            (429, [("order", 5.0)]),
            (503, [("order", 5.0)]),
            (500, []),
            (401, []),
        ):
            self.http.reset()
            self.pacer.backed_off.clear()
            self.answer_all("", status=status, headers={"Retry-After": "5"})
            with self.assertRaises(RmsError):
                self.search(max_attempts=1)
            self.assertEqual(self.pacer.backed_off, expected)

    def test_the_pacer_is_told_when_a_write_is_throttled(self):
        self.answer_all("", status=503, headers={"Retry-After": "4000"})
        with self.assertRaises(OutcomeUnknown):
            ORDER_WRITES["cancelOrder"](self.client())
        self.assertEqual(self.pacer.backed_off, [("order", 2.0)])

    def test_a_pacer_that_fails_does_not_hide_an_unknown_outcome(self):
        def fail(_family, _seconds):
            raise RuntimeError

        self.pacer.back_off = fail
        self.answer_all("", status=503)
        logger = "odoo.addons.smartship_rakuten.rms"
        with self.assertLogs(logger, "ERROR"), self.assertRaises(OutcomeUnknown):
            ORDER_WRITES["cancelOrder"](self.client())

    def test_a_pacer_without_back_off(self):
        class OnlyWait:
            def wait(self, family):
                pass

        self.answer_all("", status=503)
        with self.assertRaises(TemporarilyUnavailable):
            self.search(pacer=OnlyWait())

    def test_a_pacer_that_refuses_keeps_the_request_back(self):
        class Busy:
            def wait(self, family):
                raise LookupError(family)

        with self.assertRaises(LookupError):
            ORDER_WRITES["cancelOrder"](self.client(pacer=Busy()))
        self.assertFalse(self.http.calls)

    def test_every_attempt_is_paced(self):
        self.answer_all("", status=500)
        with self.assertRaises(TemporarilyUnavailable):
            self.search()
        self.assertEqual(self.pacer.families, ["order"] * 4)

    def test_reads_recover(self):
        path = "/es/2.0/order/getOrder/"
        self.answer(path, "", status=503)
        self.answer(path, requests.ReadTimeout())
        self.answer(path, '{"Message')
        self.answer(path, get_order_answer([order(1)]))
        (result,) = self.client().get_order([number(1)])
        self.assertEqual(result.orders, [order(1)])
        self.assertEqual(
            [record.outcome for record in self.records],
            ["TemporarilyUnavailable", "TemporarilyUnavailable", "MalformedAnswer", "ok"],
        )

    def test_throttled_writes_recover(self):
        path = "/es/2.0/order/cancelOrder/"
        self.answer(path, "", status=429)
        self.answer(path, requests.ConnectTimeout())
        self.answer(path, {"MessageModelList": [message("CANCEL_ORDER_INFO_101")]})
        self.assertTrue(ORDER_WRITES["cancelOrder"](self.client()).ok)
        self.assertEqual(len(self.http.calls), 3)

    def test_a_throttled_write_that_gets_lost_is_unknown(self):
        path = "/es/2.0/order/cancelOrder/"
        self.answer(path, "", status=429)
        self.answer(path, requests.ReadTimeout())
        self.answer(path, {"MessageModelList": [message("CANCEL_ORDER_INFO_101")]})
        with self.assertRaises(OutcomeUnknown):
            ORDER_WRITES["cancelOrder"](self.client())
        self.assertEqual(len(self.http.calls), 2)

    def test_maintenance_is_said(self):
        for code, maintenance in (("ES01-02", True), ("XX", False)):
            self.http.reset()
            self.answer_all(results(code), status=503)
            with self.assertRaises(TemporarilyUnavailable) as caught:
                self.search()
            self.assertIs(caught.exception.maintenance, maintenance)
            self.assertEqual(caught.exception.code, code)

    def test_request_ids(self):
        for header in ("RequestId", "x-request-id"):
            self.http.reset()
            self.answer_all("", status=401, headers={header: "sample-id"})
            with self.assertRaises(CredentialsRejected) as caught:
                self.search()
            self.assertEqual(caught.exception.request_id, "sample-id")
            self.assertIn("RequestId sample-id", str(caught.exception))

    # === WHAT LEAKS === #

    secrets = (SECRET, KEY, ESA, BUYER)

    def assert_nothing_leaks(self, text, where):
        for secret in self.secrets:
            self.assertNotIn(secret, text, where)

    def test_nothing_leaks_from_errors_and_logs(self):
        gc.disable()
        self.addCleanup(gc.enable)
        for name in ("odoo.addons.smartship_rakuten.rms", "urllib3"):
            logger = logging.getLogger(name)  # whatever level the server runs with
            self.addCleanup(logger.setLevel, logger.level)
            logger.setLevel(logging.DEBUG)
        everything = {**FAULTS, **JSON_FAULTS, **ORDER_FAULTS}
        calls = {**READS, **WRITES}
        checked = 0
        for name, (answer, _read, _write) in everything.items():
            for operation, call in calls.items():
                self.http.reset()
                self.answer_all(**answer)
                with self.subTest(name, operation=operation):
                    with self.assertLogs(level=logging.DEBUG) as logs:
                        try:
                            call(self.client(max_body_bytes=500_000))
                        except RmsError as error:
                            self.assertIsNone(error.__cause__)
                            self.assertIsNone(error.__context__)
                            for text in (
                                str(error),
                                repr(error),
                                "".join(traceback.format_exception(error)),
                                repr(getattr(error, "messages", "")),
                                repr(getattr(error, "rows", "")),
                            ):
                                self.assert_nothing_leaks(text, name)
                                checked += 1
                    self.assert_nothing_leaks("\n".join(logs.output), name)
        self.assertGreater(checked, 6_000)

    def test_nothing_leaks_from_results(self):
        body = get_order_answer([order(1, remarks=BUYER)], missing=[number(2)])
        body["OrderModelList"].append({"remarks": BUYER})
        self.answer("/es/2.0/order/getOrder/", body)
        (result,) = self.client().get_order([number(1), number(2)])
        self.assertIn(BUYER, result.raw_text)
        self.assert_nothing_leaks(repr(result), "GetOrderResult")
        info = message("CONFIRM_ORDER_INFO_101", text=BUYER, orderNumber=number(1))
        self.answer("/es/2.0/order/confirmOrder/", {"MessageModelList": [info]})
        (result,) = self.client().confirm_order([number(1)])
        self.assertEqual(result[number(1)].message, BUYER)
        self.assert_nothing_leaks(repr(result), "WriteResult")

    def test_nothing_leaks_from_the_client(self):
        client = self.client()
        self.assertEqual(repr(client), "<RmsClient api.rms.rakuten.co.jp>")
        for thing in (client, vars(client), vars(client._transport)["_auth"]):
            self.assert_nothing_leaks(repr(thing), "client")

    def test_codes_that_are_none_are_not_repeated(self):
        for code in (BUYER, f"{SECRET} {KEY}", "x" * 500, "a\nb", None, [KEY]):
            self.http.reset()
            body = {"errors": [{"code": code, "message": "x", "metadata": {"propertyPath": code}}]}
            self.answer_all(json.dumps(body), status=400)
            with self.subTest(code=code), self.assertRaises(RequestRefused) as caught:
                self.search()
            self.assertEqual((caught.exception.code, caught.exception.field), ("", ""))
