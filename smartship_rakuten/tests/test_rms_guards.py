# Part of smartship_rakuten. See LICENSE file for full copyright and licensing details.
"""Rare cases of the RMS client in which orders, quantities or secrets would get lost."""

import json
import logging
import os
import time
from datetime import datetime
from unittest import skipUnless

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rms import (
    DEFAULT_BASE_URL,
    JST,
    MalformedAnswer,
    RequestRefused,
    format_datetime,
    windows,
)
from odoo.addons.smartship_rakuten.rms.answers import Operation

from .rms_fixtures import BUYER, JSON, KEY, XML, RmsCase, RmsMockCase, message, number

MISSING_NUMBERS = ("missing", "orderNumberList")
SPAN = {"start": datetime(2026, 1, 1), "end": datetime(2026, 1, 2)}


@tagged("post_install", "-at_install")
class TestSearchLosesNothing(RmsMockCase):
    def serve(self, page_of):
        """RMS answers what ``page_of(page, start, end)`` returns: (numbers, total, pages)."""

        def answer(request):
            body = json.loads(request.body)
            requested = body["PaginationRequestModel"]["requestPage"]
            numbers, total, pages = page_of(requested, body["startDatetime"], body["endDatetime"])
            paging = {
                "totalRecordsAmount": total,
                "totalPages": pages,
                "requestPage": requested,
            }
            found = {
                "orderNumberList": numbers,
                "MessageModelList": [message("SEARCH_ORDER_INFO_101")],
                "PaginationResponseModel": paging,
            }
            return 200, {}, json.dumps(found)

        self.http.add_callback(
            "POST",
            f"{DEFAULT_BASE_URL}/es/2.0/order/searchOrder/",
            callback=answer,
            content_type=JSON,
        )

    @property
    def pages(self):
        return [body["PaginationRequestModel"]["requestPage"] for body in self.bodies]

    def test_a_result_that_shrinks_all_the_time_is_read_to_its_end(self):
        total = iter(range(3000, 2000, -1))
        self.serve(
            lambda page, *_span: ([number(page * 1000 + i) for i in range(900)], next(total), 3)
        )
        self.assertEqual(len(set(self.client().search_order(**SPAN))), 2700)
        self.assertEqual(self.pages, [1, 2, 3] * 3)

    def test_more_hits_than_pages(self):
        names = [number(index) for index in range(2500)]
        self.serve(lambda page, *_span: (names[(page - 1) * 1000 : page * 1000], 2500, 1))
        self.assertEqual(list(self.client().search_order(**SPAN)), names)
        self.assertEqual(self.pages, [1, 2, 3])

    def test_fifteen_pages_at_most(self):
        """However many RMS says: all hits are on them, or the answer contradicts itself."""
        names = [number(index) for index in range(3000)]
        self.serve(lambda page, *_span: (names[(page - 1) * 200 : page * 200], 3000, 10**9))
        self.assertEqual(list(self.client().search_order(**SPAN)), names)
        self.assertEqual(self.pages, list(range(1, 16)))
        self.http.reset()
        self.serve(lambda page, *_span: ([number(page % 3)], 1000, 10**9))
        with self.assertRaises(MalformedAnswer) as caught:
            list(self.client().search_order(**SPAN))
        self.assertEqual((caught.exception.code, caught.exception.field), MISSING_NUMBERS)
        self.assertEqual(self.pages, list(range(1, 16)))

    def test_an_item_search_that_finds_nothing_more_ends(self):
        """A cursor that is another one each time, behind a page without hits."""
        cursors = (f"cursor-{index}" for index in range(100))

        def answer(request):
            hits = [{"item": {"manageNumber": "a"}}] if "cursorMark=%2A" in request.url else []
            return 200, {}, json.dumps({"results": hits, "nextCursorMark": next(cursors)})

        self.http.add_callback(
            "GET", f"{DEFAULT_BASE_URL}/es/2.0/items/search", callback=answer, content_type=JSON
        )
        found = [item["manageNumber"] for item in self.client().items_search()]
        self.assertEqual(found, ["a"])
        self.assertEqual(len(self.requests), 2)

    def test_neighbouring_seconds_are_told_apart(self):
        seconds = {"2026-01-01T09:00:00+0900": 8000, "2026-01-01T09:00:01+0900": 8000}

        def page_of(page, start, end):
            names = [
                number(count * 10_000 + index)
                for count, (second, orders) in enumerate(seconds.items())
                for index in range(orders)
                if start <= second <= end
            ]
            return names[(page - 1) * 1000 : page * 1000], len(names), -(-len(names) // 1000)

        self.serve(page_of)
        span = {"start": datetime(2026, 1, 1), "end": datetime(2026, 1, 1, 0, 0, 1)}
        wanted = [number(index) for index in (*range(8000), *range(10_000, 18_000))]
        self.assertEqual(list(self.client().search_order(**span)), wanted)


@tagged("post_install", "-at_install")
class TestValues(RmsMockCase):
    def test_quantities_as_texts(self):
        rows = [
            {"manageNumber": "item", "variantId": "a", "quantity": "7"},
            {"manageNumber": "item", "variantId": "b", "quantity": 0},
        ]
        self.answer("/es/2.0/inventories/bulk-get", {"inventories": rows})
        found = self.client().inventories_bulk_get([("item", "a"), ("item", "b")])
        self.assertEqual([row["quantity"] for row in found], [7, 0])

    def test_rows_that_cannot_be_read_are_told(self):
        rows = [
            {"manageNumber": "item", "variantId": "a", "quantity": "many"},
            {"manageNumber": "item", "variantId": "c", "quantity": 2147483648},
            {"manageNumber": "item", "variantId": "d", "quantity": "9" * 5000},
            {"manageNumber": "item", "variantId": "b", "quantity": 2147483647},
        ]
        self.answer("/es/2.0/inventories/bulk-get", {"inventories": rows})
        with self.assertLogs("odoo.addons.smartship_rakuten.rms.inventory", "WARNING") as logs:
            found = list(self.client().inventories_bulk_get([("item", "a"), ("item", "b")]))
        self.assertEqual(
            [(row["variantId"], row["quantity"]) for row in found], [("b", 2147483647)]
        )
        self.assertIn("3 unusable rows", logs.output[0])

    def test_what_cannot_be_read_is_kept(self):
        """Nested too deeply, or no JSON: the text is for a person to look at, not for a log."""
        number_of_it = number(1)
        for body in (f'{{"OrderModelList": {"[" * 500}"{BUYER}"{"]" * 500}}}', f"<html>{BUYER}"):
            with self.subTest(body=body[:20]):
                self.http.reset()
                self.answer("/es/2.0/order/getOrder/", body)
                with self.assertRaises(MalformedAnswer) as caught:
                    list(self.client().get_order([number_of_it]))
                self.assertEqual(caught.exception.raw_text, body)
                self.assertNotIn(BUYER, f"{caught.exception} {caught.exception!r}")

    def test_stock_that_cannot_be_read_is_named(self):
        rows = [{"manageNumber": "item", "variantId": "a", "quantity": 2**31}]
        self.answer("/es/2.0/inventories/bulk-get", {"inventories": rows})
        lost = set()
        with self.assertLogs("odoo.addons.smartship_rakuten.rms.inventory", "WARNING"):
            found = list(self.client().inventories_bulk_get([("item", "a")], unreadable=lost))
        self.assertEqual((found, lost), ([], {("item", "a")}))

    def test_xml_with_comments_and_another_declaration(self):
        body = (
            '<?xml version="1.0" encoding="Shift_JIS"?><!-- x --><r><resultCode>N000</resultCode>'
            "<!-- y --><?z z?><result><shopMaster><shopName>見本</shopName><!-- y --><url>u</url>"
            "</shopMaster></result></r>"
        )
        self.answer("/es/1.0/shop/shopMaster", body, method="GET", content_type=XML)
        shop = self.client().shop_master()
        self.assertEqual((shop.shop_name, shop.url, shop.company_name), ("見本", "u", ""))

    @skipUnless(hasattr(time, "tzset"), "needs tzset")
    def test_naive_datetimes_are_utc_wherever_the_server_is(self):
        zone = os.environ.get("TZ")

        def restore():
            os.environ.pop("TZ", None) if zone is None else os.environ.update(TZ=zone)
            time.tzset()

        self.addCleanup(restore)
        os.environ["TZ"] = "America/New_York"
        time.tzset()
        midnight = datetime(2026, 7, 1, 15)
        self.assertEqual(format_datetime(midnight), "2026-07-02T00:00:00+0900")
        ((start, end),) = windows(midnight, midnight)
        self.assertEqual(start.astimezone(JST).isoformat(), "2026-07-02T00:00:00+09:00")
        self.assertEqual(end, start)


class _Head:
    status = 200
    content_type = JSON
    request_id = None
    retry_after = None


@tagged("post_install", "-at_install")
class TestNothingLeaks(RmsCase):
    def test_a_parser_s_error_takes_nothing_along(self):
        def parse(_answer):
            try:
                raise ValueError(BUYER)
            except ValueError as error:
                raise RequestRefused(code="X") from error

        client = self.client()
        client._transport._exchange = lambda *_request: (_Head(), "{}")
        with self.assertRaises(RequestRefused) as caught:
            client._transport.call(Operation("x", "GET", "/x", "shop"), parse=parse)
        self.assertIsNone(caught.exception.__cause__)
        self.assertIsNone(caught.exception.__context__)

    def test_urllib3_may_log_addresses(self):
        address = f"https://rms.test/expiry-date?licenseKey={KEY}"
        for name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
            logger = f"urllib3.{name}"
            with self.subTest(name), self.assertLogs(logger, "WARNING") as logs:
                logging.getLogger(logger).warning("broken header (url=%s): %s", address, "x")
            self.assertIn("licenseKey=***", logs.output[0])
            self.assertNotIn(KEY, logs.output[0])
