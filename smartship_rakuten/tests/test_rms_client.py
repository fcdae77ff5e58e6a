# Part of smartship_rakuten. See LICENSE file for full copyright and licensing details.
"""What the RMS client sends and how it reads what comes back."""

import json
from datetime import date, datetime, timedelta, timezone

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rms import (
    CredentialsRejected,
    MalformedAnswer,
    OutcomeUnknown,
    RequestRefused,
    RmsClient,
    RmsError,
    TemporarilyUnavailable,
    plain_code,
)

from .rms_fixtures import (
    ESA,
    KEY,
    SECRET,
    XML,
    RmsMockCase,
    get_order_answer,
    message,
    number,
    order,
    search_answer,
    shop_xml,
)

ORDER = "/es/2.0/order/"
START = datetime(2026, 1, 1, 0, 0, 0)
END = datetime(2026, 1, 10, 14, 59, 59)


@tagged("post_install", "-at_install")
class TestRequests(RmsMockCase):
    def test_header_known_vector(self):
        self.answer(ORDER + "getSubStatusList/", {"MessageModelList": [], "StatusModelList": []})
        RmsClient("Secret", "Key", pacer=self.pacer).get_sub_status_list()
        self.assertEqual(self.requests[0].headers["Authorization"], "ESA U2VjcmV0OktleQ==")

    def test_blanks_around_the_keys_are_dropped(self):
        self.answer(ORDER + "getSubStatusList/", {"MessageModelList": [], "StatusModelList": []})
        client = RmsClient(f" {SECRET}\n", f"\t{KEY} ", pacer=self.pacer)
        client.get_sub_status_list()
        self.assertEqual(self.requests[0].headers["Authorization"], f"ESA {ESA}")

    def test_empty_keys(self):
        for secret, key in (("", KEY), (SECRET, "  "), (None, KEY), (SECRET, None)):
            with self.subTest(secret=secret), self.assertRaises(CredentialsRejected) as caught:
                RmsClient(secret, key)
            self.assertEqual(caught.exception.code, "missing_key")
            self.assertEqual(caught.exception.code, "missing_key")

    def test_operation_without_parameters_has_a_json_body(self):
        self.answer(ORDER + "getSubStatusList/", {"MessageModelList": [], "StatusModelList": []})
        self.client().get_sub_status_list()
        self.assertEqual(self.requests[0].body, b"{}")
        self.assertEqual(
            self.requests[0].headers["Content-Type"], "application/json; charset=utf-8"
        )

    def test_japanese_goes_out_as_utf8(self):
        info = message("UPDATE_ORDERMEMO_INFO_101", orderNumber=number(1))
        self.answer(ORDER + "updateOrderMemo/", {"MessageModelList": [info]})
        self.client().update_order_memo(number(1), memo="見本メモ")
        self.assertIn("見本メモ".encode(), self.requests[0].body)

    def test_a_body_that_is_no_json_is_never_sent(self):
        for value in (float("nan"), "\ud800", object()):
            with self.subTest(value=repr(value)), self.assertRaises(RequestRefused) as caught:
                self.client().update_order_sender(number(1), {"price": value})
            self.assertEqual(caught.exception.code, "unwritable")
        self.assertFalse(self.http.calls)

    def test_base_url(self):
        self.http.post(
            "http://localhost:8070/rms/es/2.0/order/getSubStatusList/",
            json={"MessageModelList": [], "StatusModelList": []},
        )
        self.client(base_url=" http://localhost:8070/rms/ ").get_sub_status_list()
        self.assertEqual(len(self.http.calls), 1)

    def test_base_url_that_is_none(self):
        wrong = (
            "",
            None,
            "api.rms.rakuten.co.jp",
            "ftp://rms.example",
            "https://",
            "https://user:word@rms.example",
            "https://rms.example/?x=1",
            "https://rms.example:port",
            "https://[rms.example",
        )
        for base_url in wrong:
            with self.subTest(base_url=base_url), self.assertRaises(RequestRefused) as caught:
                self.client(base_url=base_url)
            self.assertEqual(caught.exception.code, "address")

    def test_time_outs_are_always_set(self):
        self.answer(ORDER + "searchOrder/", search_answer([]))
        list(self.client(timeout=(3, 17)).search_order(start=START, end=END))
        self.assertEqual(self.requests[0].req_kwargs["timeout"], (3, 17))

    def test_connections_are_not_redirected(self):
        self.answer(ORDER + "searchOrder/", search_answer([]))
        list(self.client().search_order(start=START, end=END))
        self.assertTrue(self.requests[0].req_kwargs["stream"])
        self.assertTrue(self.requests[0].req_kwargs["verify"])

    def test_paced_before_every_call(self):
        self.answer(ORDER + "searchOrder/", search_answer([]))
        self.answer("/es/2.0/items/search", {"results": []}, method="GET")
        self.answer("/es/2.0/inventories/bulk-get", {"inventories": []})
        client = self.client()
        list(client.search_order(start=START, end=END))
        list(client.items_search())
        list(client.inventories_bulk_get([("sample-item", "sample-sku")]))
        self.assertEqual(self.pacer.families, ["order", "item", "inventory"])

    def test_records(self):
        self.answer(
            ORDER + "getSubStatusList/",
            {"MessageModelList": [], "StatusModelList": []},
            headers={"RequestId": "00000000-sample-1"},
        )
        self.client().get_sub_status_list()
        (record,) = self.records
        self.assertEqual(record.operation, "getSubStatusList")
        self.assertEqual(record.status, 200)
        self.assertEqual(record.request_id, "00000000-sample-1")
        self.assertEqual(record.outcome, "ok")
        self.assertEqual(record.attempt, 1)
        self.assertEqual(record.started_at.tzinfo, timezone.utc)
        self.assertGreaterEqual(record.duration, 0.0)

    def test_record_of_a_refusal_inside_http_200(self):
        error = message("SEARCH_ORDER_ERROR_011", text="startDatetimeの書式が不正です。")
        self.answer(ORDER + "searchOrder/", {"MessageModelList": [error], "orderNumberList": None})
        with self.assertRaises(RequestRefused) as caught:
            list(self.client().search_order(start=START, end=END))
        self.assertEqual(caught.exception.field, "startDatetime")
        self.assertEqual(self.records[0].outcome, "RequestRefused")

    def test_a_recorder_that_fails_does_not_hide_a_confirmation(self):
        info = message("CONFIRM_ORDER_INFO_101", orderNumber=number(1))
        self.answer(ORDER + "confirmOrder/", {"MessageModelList": [info]})

        def fail(_record):
            raise RuntimeError

        with self.assertLogs("odoo.addons.smartship_rakuten.rms", "ERROR"):
            (result,) = self.client(on_call=fail).confirm_order([number(1)])
        self.assertTrue(result[number(1)].ok)

    def test_unusual_request_ids_are_not_recorded(self):
        self.answer(
            ORDER + "getSubStatusList/",
            {"MessageModelList": [], "StatusModelList": []},
            headers={"RequestId": "two words"},
        )
        self.client().get_sub_status_list()
        self.assertIsNone(self.records[0].request_id)


@tagged("post_install", "-at_install")
class TestSearchOrder(RmsMockCase):
    path = ORDER + "searchOrder/"

    def search(self, start=START, end=END, **options):
        return list(self.client().search_order(start=start, end=end, **options))

    def test_one_page_is_one_call(self):
        self.answer(self.path, search_answer([number(1), number(2)]))
        self.assertEqual(self.search(order_progress_list=[300]), [number(1), number(2)])
        self.assertEqual(
            self.bodies,
            [
                {
                    "dateType": 1,
                    "startDatetime": "2026-01-01T09:00:00+0900",
                    "endDatetime": "2026-01-10T23:59:59+0900",
                    "orderProgressList": [300],
                    "PaginationRequestModel": {
                        "requestRecordsAmount": 1000,
                        "requestPage": 1,
                        "SortModelList": [{"sortColumn": 1, "sortDirection": 1}],
                    },
                }
            ],
        )

    def test_no_hits(self):
        self.answer(self.path, search_answer([]))
        self.assertEqual(self.search(), [])

    def test_exactly_63_days_is_one_call(self):
        self.answer(self.path, search_answer([]))
        end = datetime(2026, 3, 5, 1, 2, 3, 999999)
        self.search(start=end - timedelta(days=63), end=end)
        self.assertEqual(
            [(body["startDatetime"], body["endDatetime"]) for body in self.bodies],
            [("2026-01-01T10:02:03+0900", "2026-03-05T10:02:03+0900")],
        )

    def test_long_spans_are_cut(self):
        self.answer(self.path, search_answer([number(1)]))
        self.answer(self.path, search_answer([number(1), number(2)]))
        self.answer(self.path, search_answer([number(3)]))
        found = self.search(start=datetime(2026, 1, 1), end=datetime(2026, 5, 8))
        self.assertEqual(found, [number(1), number(2), number(3)])
        self.assertEqual(
            [(body["startDatetime"], body["endDatetime"]) for body in self.bodies],
            [
                ("2026-01-01T09:00:00+0900", "2026-03-05T09:00:00+0900"),
                ("2026-03-05T09:00:00+0900", "2026-05-07T09:00:00+0900"),
                ("2026-05-07T09:00:00+0900", "2026-05-08T09:00:00+0900"),
            ],
        )

    def test_aware_datetimes(self):
        self.answer(self.path, search_answer([]))
        tokyo = timezone(timedelta(hours=9))
        self.search(datetime(2026, 1, 10, 0, 0, tzinfo=tokyo), datetime(2026, 1, 10, 23, 0, 59))
        self.assertEqual(self.bodies[0]["startDatetime"], "2026-01-10T00:00:00+0900")
        self.assertEqual(self.bodies[0]["endDatetime"], "2026-01-11T08:00:59+0900")

    def test_pages_are_streamed(self):
        self.answer(self.path, search_answer([number(1)], total=3, pages=3))
        self.answer(self.path, search_answer([number(2)], total=3, pages=3))
        self.answer(self.path, search_answer([number(3)], total=3, pages=3))
        numbers = self.client().search_order(start=START, end=END)
        self.assertFalse(self.http.calls)
        self.assertEqual(next(numbers), number(1))
        self.assertEqual(len(self.http.calls), 1)
        self.assertEqual(list(numbers), [number(2), number(3)])
        pages = [body["PaginationRequestModel"]["requestPage"] for body in self.bodies]
        self.assertEqual(pages, [1, 2, 3])

    def test_hits_that_leave_between_two_pages_do_not_hide_others(self):
        # number 2 slips from the second page to the first when number 1 leaves the search
        self.answer(self.path, search_answer([number(1)], total=3, pages=3))
        self.answer(self.path, search_answer([number(3)], total=2, pages=2))
        self.answer(self.path, search_answer([number(2)], total=2, pages=2))
        self.answer(self.path, search_answer([number(3)], total=2, pages=2))
        self.assertEqual(self.search(), [number(1), number(3), number(2)])
        pages = [body["PaginationRequestModel"]["requestPage"] for body in self.bodies]
        self.assertEqual(pages, [1, 2, 1, 2])

    def test_more_than_15000_hits_halve_the_window(self):
        self.answer(self.path, search_answer([number(9)], total=15_001, pages=16))
        self.answer(self.path, search_answer([number(1), number(2)]))
        self.answer(self.path, search_answer([number(2), number(3)]))
        start = datetime(2026, 1, 1)
        found = self.search(start=start, end=start + timedelta(seconds=60))
        self.assertEqual(found, [number(1), number(2), number(3)])
        self.assertEqual(
            [(body["startDatetime"], body["endDatetime"]) for body in self.bodies],
            [
                ("2026-01-01T09:00:00+0900", "2026-01-01T09:01:00+0900"),
                ("2026-01-01T09:00:00+0900", "2026-01-01T09:00:30+0900"),
                ("2026-01-01T09:00:30+0900", "2026-01-01T09:01:00+0900"),
            ],
        )

    def test_15000_hits_are_read(self):
        self.answer(self.path, search_answer([number(1)], total=15_000, pages=1))
        self.assertEqual(self.search(), [number(1)])

    def test_a_second_that_is_too_full_is_said(self):
        self.answer(self.path, search_answer([number(1)], total=15_001, pages=16))
        with self.assertRaises(RequestRefused) as caught:
            self.search(start=START, end=START + timedelta(seconds=5))
        self.assertEqual(caught.exception.code, "search_limit")
        self.assertLess(len(self.http.calls), 20)

    def test_filters(self):
        self.answer(self.path, search_answer([]))
        self.search(date_type=3, sub_status_id_list=[-1], orderTypeList=[1, 4], drug_flag=None)
        self.assertEqual(self.bodies[0]["dateType"], 3)
        self.assertEqual(self.bodies[0]["subStatusIdList"], [-1])
        self.assertEqual(self.bodies[0]["orderTypeList"], [1, 4])
        self.assertNotIn("drugFlag", self.bodies[0])

    def test_wrong_arguments(self):
        with self.assertRaises(TypeError):
            self.search(last_modified=1)
        with self.assertRaises(ValueError):
            self.search(start=END, end=START)
        self.assertFalse(self.http.calls)

    def test_numbers_may_come_as_texts(self):
        answer = search_answer([number(1)])
        answer["PaginationResponseModel"] |= {"totalRecordsAmount": "1", "totalPages": "1"}
        self.answer(self.path, answer)
        self.assertEqual(self.search(), [number(1)])

    def test_a_broken_number_does_not_stop_its_neighbours(self):
        self.answer(self.path, search_answer([number(1), None, 7, "", number(2)]))
        with self.assertLogs("odoo.addons.smartship_rakuten.rms", "WARNING"):
            self.assertEqual(self.search(), [number(1), number(2)])

    def test_malformed(self):
        good = search_answer([number(1)])
        cases = [
            ("orderNumberList", {**good, "orderNumberList": None}),
            ("orderNumberList", {**good, "orderNumberList": "x"}),
            ("orderNumberList", {**good, "orderNumberList": [None]}),
            ("orderNumberList", search_answer([], total=5)),
            ("PaginationResponseModel", {**good, "PaginationResponseModel": []}),
            ("PaginationResponseModel", {**good, "PaginationResponseModel": None}),
            (
                "PaginationResponseModel",
                {**good, "PaginationResponseModel": {"totalRecordsAmount": 1}},
            ),
            ("MessageModelList", {**good, "MessageModelList": None}),
            ("MessageModelList", {"orderNumberList": [], "PaginationResponseModel": None}),
        ]
        for field, body in cases:
            self.http.reset()
            self.answer(self.path, body)
            with self.subTest(body=body), self.assertRaises(MalformedAnswer) as caught:
                self.search()
            self.assertEqual(caught.exception.field, field)
            self.assertEqual(caught.exception.operation, "searchOrder")

    def test_count(self):
        self.answer(self.path, search_answer([number(1)], total=79, pages=79))
        self.assertEqual(self.client().search_order_count(start=START, end=END), 79)
        self.assertEqual(self.bodies[0]["PaginationRequestModel"]["requestRecordsAmount"], 1)


@tagged("post_install", "-at_install")
class TestGetOrder(RmsMockCase):
    path = ORDER + "getOrder/"

    def test_request(self):
        self.answer(self.path, get_order_answer([order(1)]))
        (result,) = self.client().get_order([number(1)])
        self.assertEqual(self.bodies, [{"orderNumberList": [number(1)], "version": 10}])
        self.assertEqual(result.orders, [{"orderNumber": number(1), "orderProgress": 300}])
        self.assertEqual((result.missing, result.broken, result.refused), ([], [], {}))

    def test_chunks_of_100_without_duplicates_as_consumed(self):
        def numbers():
            for sequence in range(101):
                yield number(sequence)
                yield number(sequence)

        self.answer(self.path, get_order_answer([order(sequence) for sequence in range(100)]))
        self.answer(self.path, get_order_answer([order(100)]))
        results = self.client().get_order(numbers(), version=9)
        self.assertEqual(len(next(results).orders), 100)
        self.assertEqual(len(self.http.calls), 1)
        self.assertEqual(len(next(results).orders), 1)
        self.assertEqual([len(body["orderNumberList"]) for body in self.bodies], [100, 1])
        self.assertEqual(self.bodies[1], {"orderNumberList": [number(100)], "version": 9})
        self.assertEqual(list(results), [])

    def test_nothing_to_get(self):
        self.assertEqual(list(self.client().get_order([])), [])
        self.assertFalse(self.http.calls)

    def test_missing(self):
        self.answer(self.path, get_order_answer([order(2)], missing=[number(1)]))
        (result,) = self.client().get_order([number(1), number(2)])
        self.assertEqual(result.missing, [number(1)])
        self.assertEqual([found["orderNumber"] for found in result.orders], [number(2)])

    def test_none_found(self):
        for elements in ([], None):
            self.http.reset()
            body = get_order_answer([], missing=[number(1)])
            self.answer(self.path, {**body, "OrderModelList": elements})
            (result,) = self.client().get_order([number(1)])
            self.assertEqual((result.orders, result.missing), ([], [number(1)]))

    def test_broken_elements_do_not_stop_their_neighbours(self):
        broken = [None, "x", {"orderProgress": 300}, {"orderNumber": 5}, order(77)]
        self.answer(self.path, get_order_answer([*broken[:3], order(1), *broken[3:]]))
        (result,) = self.client().get_order([number(1)])
        self.assertEqual(result.orders, [order(1)])
        self.assertEqual(result.broken, broken)

    def test_error_for_one_order(self):
        body = get_order_answer([order(1)])
        body["MessageModelList"].append(message("GET_ORDER_ERROR_150", orderNumber=number(2)))
        self.answer(self.path, body)
        (result,) = self.client().get_order([number(1), number(2)])
        self.assertEqual(result.orders, [order(1)])
        self.assertEqual(list(result.refused), [number(2)])
        self.assertEqual(result.missing, [])

    def test_refused_as_a_whole(self):
        text = "orderNumberListの項目を指定して下さい。"
        body = {"MessageModelList": [message("GET_ORDER_ERROR_009", text=text)]}
        for status in (200, 400):
            self.http.reset()
            self.answer(self.path, {**body, "OrderModelList": []}, status=status)
            with self.subTest(status=status), self.assertRaises(RequestRefused) as caught:
                list(self.client().get_order([number(1)]))
            self.assertEqual(caught.exception.code, "ORDER_EXT_API_GET_ORDER_ERROR_009")
            self.assertEqual(caught.exception.field, "orderNumberList")
            self.assertEqual(caught.exception.rms_text, text)

    def test_malformed(self):
        for body in ({"MessageModelList": []}, {"MessageModelList": [], "OrderModelList": {}}):
            self.http.reset()
            self.answer(self.path, body)
            with self.subTest(body=body), self.assertRaises(MalformedAnswer) as caught:
                list(self.client().get_order([number(1)]))
            self.assertEqual(caught.exception.field, "OrderModelList")

    def test_odd_characters_and_numbers(self):
        text = (
            '{"MessageModelList": [], "OrderModelList": [{"orderNumber": "NUMBER", "remarks": '
            '"a\\u0000b\\ud83dc", "big": 12345678901234567890, "rate": 0.08, "many": 1e999, '
            '"none": NaN}]}'
        ).replace("NUMBER", number(1))
        self.answer(self.path, "\ufeff" + text)
        (result,) = self.client().get_order([number(1)])
        (found,) = result.orders
        self.assertEqual(found["remarks"], "a\ufffdb\ufffdc")
        self.assertEqual(found["big"], "12345678901234567890")
        self.assertIsInstance(found["rate"], float)
        self.assertEqual(found["rate"], 0.08)
        self.assertIsNone(found["many"])
        self.assertIsNone(found["none"])
        self.assertEqual(result.raw_text, text)

    def test_the_original_of_what_was_replaced_is_kept(self):
        """Of the orders in which something was replaced, and of those alone."""
        orders = [order(1, memo="a\0b"), order(2, memo="\U0001f381"), order(3, memo="\ud83d")]
        body = json.dumps(get_order_answer(orders)).replace('"version": 10', '"version": 1e400')
        self.answer(self.path, body)
        (result,) = self.client().get_order(number(sequence) for sequence in (1, 2, 3))
        memos = [found["memo"] for found in result.orders]
        self.assertEqual(memos, ["a\ufffdb", "\U0001f381", "\ufffd"])
        self.assertEqual(set(result.raw), {number(1), number(3)})
        self.assertIn(r'"memo": "a\u0000b"', result.raw[number(1)])
        self.assertIn(r'"memo": "\ud83d"', result.raw[number(3)])

    def test_numbers_without_end(self):
        digits = "9" * 5000
        numbers = f"[{digits}, -{digits}, {2**63 - 1}, -{2**63}, {2**63}]"
        self.answer(
            self.path,
            json.dumps(get_order_answer([order(1, x=0)])).replace('"x": 0', f'"x": {numbers}'),
        )
        (result,) = self.client().get_order([number(1)])
        limits = [9223372036854775807, -9223372036854775808, "9223372036854775808"]
        self.assertEqual(result.orders[0]["x"], [digits, f"-{digits}", *limits])

    def test_depth(self):
        """A hundred objects and lists within each other, the answer itself and its list counted."""
        for depth, readable in ((98, True), (99, False), (500, False), (100_000, False)):
            nested = "[" * (depth - 1) + "]" * (depth - 1)
            self.http.reset()
            body = json.dumps(get_order_answer([order(1, x=0)]))
            self.answer(self.path, body.replace('"x": 0', f'"x": {nested}'))
            with self.subTest(depth):
                if readable:
                    (result,) = self.client(max_attempts=1).get_order([number(1)])
                    self.assertEqual(result.orders[0]["orderNumber"], number(1))
                    continue
                with self.assertRaises(MalformedAnswer) as caught:
                    list(self.client(max_attempts=1).get_order([number(1)]))
                self.assertEqual(caught.exception.code, "unreadable")

    def test_refusal_with_a_nul(self):
        refused = message("GET_ORDER_ERROR_009", text="a\0b\ud800")
        self.answer(self.path, json.dumps({"MessageModelList": [refused], "OrderModelList": []}))
        with self.assertRaises(RequestRefused) as caught:
            list(self.client().get_order([number(1)]))
        self.assertEqual(caught.exception.rms_text, "a\ufffdb\ufffd")

    def test_bytes_that_are_no_utf8(self):
        body = (
            b'{"MessageModelList": [], "OrderModelList": [{"orderNumber": "%s", "memo": "\xff"}]}'
        )
        self.answer(self.path, body % number(1).encode())
        (result,) = self.client().get_order([number(1)])
        self.assertEqual(result.orders[0]["memo"], "\ufffd")

    def test_smaller_chunks(self):
        self.answer(self.path, get_order_answer([order(1)]))
        self.answer(self.path, get_order_answer([order(2)]))
        results = list(self.client().get_order([number(1), number(2)], chunk_size=1))
        self.assertEqual([result.orders for result in results], [[order(1)], [order(2)]])


@tagged("post_install", "-at_install")
class TestBulkOrderWrites(RmsMockCase):
    path = ORDER + "confirmOrder/"

    def confirm(self, *sequences):
        return list(self.client().confirm_order(number(sequence) for sequence in sequences))

    def test_each_order_has_its_own_outcome(self):
        codes = ["CONFIRM_ORDER_INFO_101"] + [f"CONFIRM_ORDER_ERROR_{n}" for n in (102, 103, 105)]
        messages = [message(code, orderNumber=number(n)) for n, code in enumerate(codes, 1)]
        for status in (200, 400):
            self.http.reset()
            self.answer(self.path, {"MessageModelList": messages}, status=status)
            with self.subTest(status=status):
                (result,) = self.confirm(1, 2, 3, 4)
                self.assertEqual(
                    self.bodies, [{"orderNumberList": [number(n) for n in (1, 2, 3, 4)]}]
                )
                self.assertIsNone(result.error)
                self.assertEqual(
                    [(outcome.ok, outcome.known) for outcome in result.values()],
                    [(True, True), (False, True), (False, True), (False, True)],
                )
                self.assertEqual(result[number(4)].code, "ORDER_EXT_API_CONFIRM_ORDER_ERROR_105")
                self.assertEqual(plain_code(result[number(4)].code), "CONFIRM_ORDER_ERROR_105")

    def test_an_order_that_is_not_named_is_unknown(self):
        info = message("CONFIRM_ORDER_INFO_101", orderNumber=number(1))
        cases = {
            "silence": [info],
            "a done for nobody": [info, message("CONFIRM_ORDER_INFO_101")],
            "both": [
                info,
                message("CONFIRM_ORDER_INFO_101", orderNumber=number(2)),
                message("CONFIRM_ORDER_ERROR_103", orderNumber=number(2)),
            ],
            "a type nobody knows": [
                info,
                {"messageType": "NOTE", "messageCode": "X", "orderNumber": number(2)},
            ],
        }
        for name, messages in cases.items():
            self.http.reset()
            self.answer(self.path, {"MessageModelList": messages})
            with self.subTest(name):
                (result,) = self.confirm(1, 2)
                self.assertTrue(result[number(1)].ok)
                self.assertFalse(result[number(2)].ok)
                self.assertFalse(result[number(2)].known)

    def test_one_order_needs_no_number_in_the_message(self):
        self.answer(self.path, {"MessageModelList": [message("CONFIRM_ORDER_INFO_101")]})
        (result,) = self.confirm(1)
        self.assertTrue(result[number(1)].ok)

    def test_a_refused_chunk_does_not_stop_the_next(self):
        error = message("CONFIRM_ORDER_ERROR_011", text="orderNumberListの書式が不正です。")
        self.answer(self.path, {"MessageModelList": [error]}, status=400)
        info = message("CONFIRM_ORDER_INFO_101", orderNumber=number(100))
        self.answer(self.path, {"MessageModelList": [info]})
        refused, confirmed = self.confirm(*range(101))
        self.assertIsInstance(refused.error, RequestRefused)
        self.assertEqual(len(refused), 100)
        self.assertTrue(all(o.known and not o.ok for o in refused.values()))
        self.assertTrue(confirmed[number(100)].ok)

    def test_an_unknown_chunk_does_not_stop_the_next(self):
        self.answer(self.path, "<html>", status=502, content_type="text/html")
        info = message("CONFIRM_ORDER_INFO_101", orderNumber=number(100))
        self.answer(self.path, {"MessageModelList": [info]})
        unknown, confirmed = self.confirm(*range(101))
        self.assertIsInstance(unknown.error, OutcomeUnknown)
        self.assertFalse(any(o.known or o.ok for o in unknown.values()))
        self.assertTrue(confirmed[number(100)].ok)

    def test_a_rejected_key_stops(self):
        self.answer(self.path, {"errors": [{"code": "GA0001", "message": "x"}]}, status=401)
        with self.assertRaises(CredentialsRejected):
            self.confirm(*range(101))
        self.assertEqual(len(self.http.calls), 1)

    def test_sub_status(self):
        path = ORDER + "updateOrderSubStatus/"
        messages = [
            message("UPDATE_ORDERSUBSTATUS_INFO_101", orderNumber=number(1)),
            message("UPDATE_ORDERSUBSTATUS_ERROR_102", orderNumber=number(2)),
        ]
        self.answer(path, {"MessageModelList": messages})
        (result,) = self.client().update_order_sub_status("3423", [number(1), number(2)])
        self.assertEqual([outcome.ok for outcome in result.values()], [True, False])
        list(self.client().update_order_sub_status(None, [number(1), number(2)]))
        self.assertEqual([body["subStatusId"] for body in self.bodies], [3423, None])


@tagged("post_install", "-at_install")
class TestShipping(RmsMockCase):
    path = ORDER + "updateOrderShipping/"
    path_async = ORDER + "updateOrderShippingAsync/"
    path_result = ORDER + "getResultUpdateOrderShippingAsync/"
    row = {"deliveryCompany": "1001", "shippingNumber": "SAMPLE-1", "shippingDate": "2026-01-12"}

    def baskets(self, rows=1):
        return [{"basketId": "9007199254740993", "ShippingModelList": [self.row] * rows}]

    def report(self, rows=1):
        return self.client().update_order_shipping(number(1), self.baskets(rows))

    def test_request(self):
        rows = [{"dataNumber": n, "shippingDetailId": 15000 + n} for n in (1, 2, 3)]
        codes = ("INFO_102", "INFO_101", "INFO_103")
        messages = [
            message(f"UPDATE_ORDERSHIPPING_{code}", **row)
            for code, row in zip(codes, rows, strict=True)
        ]
        self.answer(self.path, {"MessageModelList": messages})
        update = {"shippingDetailId": "15001", "shippingDate": date(2026, 1, 12)}
        add = {"shippingDetailId": None, "deliveryCompany": 1001}
        delete = {"shippingDetailId": 15003, "shippingDeleteFlag": 1}
        baskets = [
            {"basketId": "9007199254740993", "ShippingModelList": [update, add]},
            {"basketId": 7, "ShippingModelList": [delete]},
        ]
        result = self.client().update_order_shipping(number(1), baskets)
        self.assertEqual(
            self.bodies,
            [
                {
                    "orderNumber": number(1),
                    "BasketidModelList": [
                        {
                            "basketId": 9007199254740993,
                            "ShippingModelList": [
                                {"shippingDetailId": 15001, "shippingDate": "2026-01-12"},
                                {"shippingDetailId": None, "deliveryCompany": "1001"},
                            ],
                        },
                        {
                            "basketId": 7,
                            "ShippingModelList": [
                                {"shippingDetailId": 15003, "shippingDeleteFlag": 1}
                            ],
                        },
                    ],
                }
            ],
        )
        self.assertEqual(
            [(row.data_number, row.shipping_detail_id, row.ok) for row in result],
            [(1, "15001", True), (2, "15002", True), (3, "15003", True)],
        )
        # what the caller gave is not changed
        self.assertEqual(update["shippingDetailId"], "15001")

    def test_one_row_fails(self):
        messages = [
            message("UPDATE_ORDERSHIPPING_ERROR_102", dataNumber=2, shippingDetailId=None),
            message("UPDATE_ORDERSHIPPING_INFO_101", dataNumber=1, shippingDetailId=15001),
        ]
        self.answer(self.path, {"MessageModelList": messages})
        first, second = self.report(rows=2)
        self.assertTrue(first.ok)
        self.assertFalse(second.ok)
        self.assertEqual(second.code, "ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_102")
        self.assertEqual(plain_code(second.code), "UPDATE_ORDERSHIPPING_ERROR_102")

    def test_one_row_needs_no_data_number(self):
        info = message("UPDATE_ORDERSHIPPING_INFO_101", shippingDetailId=15001)
        self.answer(self.path, {"MessageModelList": [info]})
        (row,) = self.report()
        self.assertEqual((row.data_number, row.shipping_detail_id, row.ok), (1, "15001", True))

    def test_bad_rows_refuse_everything(self):
        error = message(
            "UPDATE_ORDERSHIPPING_ERROR_011",
            text="shippingDateの書式が不正です。",
            dataNumber=2,
            shippingDetailId=15002,
        )
        self.answer(self.path, {"MessageModelList": [error]}, status=400)
        with self.assertRaises(RequestRefused) as caught:
            self.report(rows=2)
        (row,) = caught.exception.rows
        self.assertEqual((row.data_number, row.shipping_detail_id, row.ok), (2, "15002", False))
        self.assertEqual(caught.exception.field, "shippingDate")

    def test_the_order_is_refused(self):
        self.answer(
            self.path,
            {
                "MessageModelList": [
                    message("UPDATE_ORDERSHIPPING_ERROR_102", orderNumber=number(1))
                ]
            },
        )
        with self.assertRaises(RequestRefused) as caught:
            self.report(rows=2)
        self.assertIn("cancelled", str(caught.exception))

    def test_rows_that_are_not_answered_are_unknown(self):
        def info(data_number):
            return message("UPDATE_ORDERSHIPPING_INFO_101", dataNumber=data_number)

        error = message("UPDATE_ORDERSHIPPING_ERROR_102", dataNumber=1)
        cases = {
            "none": [],
            "one of two": [info(1)],
            "the second is missing": [error],
            "three of two": [info(1), info(2), info(3)],
            "counted from 0": [info(0), info(1)],
            "without numbers": [info(None), info(None)],
            "done and not done": [info(1), info(2), error],
        }
        for name, messages in cases.items():
            self.http.reset()
            self.answer(self.path, {"MessageModelList": messages})
            with self.subTest(name), self.assertRaises(OutcomeUnknown):
                self.report(rows=2)
            self.assertEqual(len(self.http.calls), 1)

    def test_done_and_refused_at_once_is_unknown(self):
        messages = [
            message("UPDATE_ORDERSHIPPING_INFO_101", dataNumber=1),
            message("UPDATE_ORDERSHIPPING_ERROR_011", dataNumber=2),
        ]
        self.answer(self.path, {"MessageModelList": messages}, status=400)
        with self.assertRaises(OutcomeUnknown):
            self.report(rows=2)

    def test_ids_that_are_none_are_never_sent(self):
        wrong = [
            [{"basketId": "B1", "ShippingModelList": [self.row]}],
            [{"basketId": None, "ShippingModelList": [self.row]}],
            [{"basketId": True, "ShippingModelList": [self.row]}],
            [{"basketId": 1, "ShippingModelList": [{"shippingDetailId": "x"}]}],
            [{"basketId": 1, "ShippingModelList": []}],
            [],
        ]
        for baskets in wrong:
            with self.subTest(baskets=baskets), self.assertRaises(ValueError):
                self.client().update_order_shipping(number(1), baskets)
        self.assertFalse(self.http.calls)

    def test_async_accepted(self):
        request_id = "00000000-0000-4000-8000-000000000000_20260112120000"
        info = message(
            "UPDATE_ORDERSHIPPING_ASYNC_INFO_101",
            requestId=request_id,
            dataNumber=None,
            shippingDetailId=None,
        )
        self.answer(self.path_async, {"MessageModelList": [info]})
        models = [{"orderNumber": number(1), "BasketidModelList": self.baskets()}]
        client = self.client()
        self.assertEqual(client.update_order_shipping_async(models), request_id)
        self.assertEqual(
            client.update_order_shipping_async({number(1): self.baskets()}), request_id
        )
        expected = {
            "OrderShippingModelList": [
                {
                    "orderNumber": number(1),
                    "BasketidModelList": [
                        {"basketId": 9007199254740993, "ShippingModelList": [self.row]}
                    ],
                }
            ]
        }
        self.assertEqual(self.bodies, [expected, expected])

    def test_async_refused_with_http_200(self):
        errors = [
            message(
                "UPDATE_ORDERSHIPPING_ASYNC_ERROR_011",
                text="deliveryCompanyの書式が不正です。",
                orderNumber=number(1),
                dataNumber=2,
                shippingDetailId=None,
            )
        ]
        self.answer(self.path_async, {"MessageModelList": errors})
        with self.assertRaises(RequestRefused) as caught:
            self.client().update_order_shipping_async({number(1): self.baskets(2)})
        (row,) = caught.exception.rows
        self.assertEqual((row.order_number, row.data_number), (number(1), 2))
        self.assertEqual(caught.exception.field, "deliveryCompany")
        self.assertEqual(caught.exception.status, 200)

    def test_async_without_request_id_is_unknown(self):
        info = message("UPDATE_ORDERSHIPPING_ASYNC_INFO_101")
        error = message("UPDATE_ORDERSHIPPING_ASYNC_ERROR_011")
        accepted = {**info, "requestId": "sample-id"}
        for messages in ([], [info], [{**info, "requestId": 5}], [accepted, error]):
            self.http.reset()
            self.answer(self.path_async, {"MessageModelList": messages})
            with self.subTest(messages=messages), self.assertRaises(OutcomeUnknown):
                self.client().update_order_shipping_async({number(1): self.baskets()})

    def test_async_limits(self):
        model = {"orderNumber": number(1), "BasketidModelList": self.baskets()}
        many = {number(n): self.baskets() for n in range(101)}
        for orders in (many, [], [model, model]):
            with self.subTest(count=len(orders)), self.assertRaises(ValueError):
                self.client().update_order_shipping_async(orders)
        self.assertFalse(self.http.calls)

    def test_async_result(self):
        def entry(sequence, *messages):
            return {"orderNumber": number(sequence), "MessageModelList": list(messages)}

        info = message("UPDATE_ORDERSHIPPING_INFO_101", dataNumber=1, shippingDetailId=15001)
        error = message("UPDATE_ORDERSHIPPING_ERROR_102", dataNumber=1)
        results = [entry(1, info), "x", entry(2, error), entry(3), {"MessageModelList": [info]}]
        self.answer(self.path_result, {"ResultShippingModelList": results})
        found = self.client().get_result_update_order_shipping_async("sample-id")
        self.assertEqual(self.bodies, [{"requestId": "sample-id"}])
        self.assertEqual(list(found), [number(1), number(2), number(3)])
        self.assertTrue(found[number(1)][0].ok)
        self.assertEqual(found[number(1)][0].shipping_detail_id, "15001")
        self.assertFalse(found[number(2)][0].ok)
        self.assertEqual(plain_code(found[number(2)][0].code), "UPDATE_ORDERSHIPPING_ERROR_102")
        self.assertEqual(found[number(3)], [])

    def test_async_no_result(self):
        info = message("GET_RESULT_UPDATEORDERSHIPPING_ASYNC_INFO_101")
        for results in ([{"MessageModelList": [info]}], []):
            self.http.reset()
            self.answer(self.path_result, {"ResultShippingModelList": results})
            found = self.client().get_result_update_order_shipping_async("sample-id")
            self.assertIsNone(found)

    def test_async_result_refused(self):
        error = message(
            "GET_RESULT_UPDATEORDERSHIPPING_ASYNC_ERROR_009",
            text="requestIdの項目を指定して下さい。",
        )
        body = {"ResultShippingModelList": [{"MessageModelList": [error]}]}
        self.answer(self.path_result, body, status=400)
        with self.assertRaises(RequestRefused) as caught:
            self.client().get_result_update_order_shipping_async("")
        self.assertEqual(caught.exception.field, "requestId")


@tagged("post_install", "-at_install")
class TestSingleOrderWrites(RmsMockCase):
    def test_bodies(self):
        one = number(1)
        calls = {
            "updateOrderMemo": (
                lambda client: client.update_order_memo(
                    one, sub_status_id=3601, delivery_date=date(2026, 1, 15), shipping_term=None
                ),
                {"subStatusId": 3601, "deliveryDate": "2026-01-15", "shippingTerm": None},
            ),
            "updateOrderRemarks": (
                lambda client: client.update_order_remarks(one, gift_check=True, remarks=""),
                {"giftCheck": 1, "remarks": ""},
            ),
            "updateOrderSender": (
                lambda client: client.update_order_sender(one, {"PackageModelList": []}),
                {"PackageModelList": []},
            ),
            "updateOrderSenderAfterShipping": (
                lambda client: client.update_order_sender_after_shipping(
                    one, {"reductionReason": 8}
                ),
                {"reductionReason": 8},
            ),
            "cancelOrder": (
                lambda client: client.cancel_order(one, 2, 1),
                {"inventoryRestoreType": 2, "changeReasonDetailApply": 1},
            ),
            "cancelOrderAfterShipping": (
                lambda client: client.cancel_order_after_shipping(one, 0, 15),
                {"inventoryRestoreType": 0, "changeReasonDetailApply": 15},
            ),
            "updateOrderOrderer": (
                lambda client: client.update_order_orderer(one, {"city": "見本市"}, 10),
                {"OrdererModel": {"city": "見本市"}, "reductionReason": 10},
            ),
            "updateOrderDelivery": (
                lambda client: client.update_order_delivery(one, "宅配便"),
                {"deliveryName": "宅配便"},
            ),
        }
        info = message("SAMPLE_INFO_101", orderNumber=one)
        for operation, (call, body) in calls.items():
            self.http.reset()
            self.answer(f"{ORDER}{operation}/", {"MessageModelList": [info]})
            with self.subTest(operation):
                outcome = call(self.client())
                self.assertTrue(outcome.ok)
                self.assertEqual(self.bodies, [{"orderNumber": one, **body}])

    def test_wrong_arguments(self):
        with self.assertRaises(TypeError):
            self.client().update_order_memo(number(1), remark="x")
        with self.assertRaises(ValueError):
            self.client().update_order_remarks(number(1))
        self.assertFalse(self.http.calls)

    def test_answers(self):
        info = message("CANCEL_ORDER_INFO_101", orderNumber=number(1))
        warning = message("CANCEL_ORDER_WARNING_101", orderNumber=number(1))
        error = message("CANCEL_ORDER_ERROR_150", orderNumber=number(1))
        other = message("CANCEL_ORDER_INFO_101", orderNumber=number(2))
        cases = [
            ("done", [info], None),
            ("done, without number", [message("CANCEL_ORDER_INFO_101")], None),
            ("done, with a warning", [info, warning], None),
            ("refused", [error], RequestRefused),
            ("nothing said", [], OutcomeUnknown),
            ("another order", [other], OutcomeUnknown),
            ("another order, too", [info, other], OutcomeUnknown),
            ("both", [info, error], OutcomeUnknown),
            ("no messages at all", ["x", None], OutcomeUnknown),
        ]
        for name, messages, expected in cases:
            self.http.reset()
            self.answer(ORDER + "cancelOrder/", {"MessageModelList": messages})
            with self.subTest(name):
                if expected:
                    with self.assertRaises(expected):
                        self.client().cancel_order(number(1), 2, 1)
                else:
                    self.assertTrue(self.client().cancel_order(number(1), 2, 1).ok)

    def test_reads(self):
        info = message("GET_PAYMENT_INFO_101")
        self.answer(
            ORDER + "getPayment/",
            {"MessageModelList": [info], "OrderModel": {"PaymentModelList": []}},
        )
        self.assertEqual(self.client().get_payment(number(1)), {"PaymentModelList": []})
        self.assertEqual(self.bodies, [{"orderNumber": number(1), "version": 4}])
        self.answer(
            ORDER + "simulateCouponAmount/",
            {"MessageModelList": [info], "couponAllTotalPrice": 100},
        )
        answer = self.client().simulate_coupon_amount(number(1), {"PackageModelList": []})
        self.assertEqual(answer["couponAllTotalPrice"], 100)
        self.answer(
            ORDER + "getSubStatusList/",
            {"MessageModelList": [info], "StatusModelList": [{"orderProgress": 300}, None]},
        )
        self.assertEqual(self.client().get_sub_status_list(), [{"orderProgress": 300}])


@tagged("post_install", "-at_install")
class TestInventory(RmsMockCase):
    path = "/es/2.0/inventories/"
    pair = "/es/2.0/inventories/manage-numbers/sample-item/variants/Sku%2F1"

    def entries(self, count):
        return [
            {"manageNumber": "sample-item", "variantId": f"sku-{n}", "quantity": n}
            for n in range(count)
        ]

    def upsert(self, entries, **options):
        return list(self.client().inventories_bulk_upsert(entries, **options))

    def test_one_sku(self):
        stock = {"manageNumber": "sample-item", "variantId": "Sku/1", "quantity": 3}
        self.answer(self.pair, stock, method="GET")
        self.answer(self.pair, method="PUT", status=204)
        self.answer(self.pair, method="DELETE", status=204)
        client = self.client()
        self.assertEqual(client.inventories_variants_get("sample-item", "Sku/1"), stock)
        client.inventories_variants_upsert("sample-item", "Sku/1", 5)
        client.inventories_variants_delete("sample-item", "Sku/1")
        self.assertEqual(self.requests[1].body, b'{"mode": "ABSOLUTE", "quantity": 5}')
        self.assertIsNone(self.requests[2].body)

    def test_lead_times_need_21(self):
        self.answer(self.pair.replace("2.0", "2.1"), method="PUT", status=204)
        client = self.client()
        with self.assertRaises(ValueError):
            client.inventories_variants_upsert("sample-item", "Sku/1", 5, shipFromIds=[3])
        client.inventories_variants_upsert(
            "sample-item", "Sku/1", 5, "RELATIVE", version="2.1", shipFromIds=[3]
        )
        self.assertEqual(self.bodies, [{"mode": "RELATIVE", "quantity": 5, "shipFromIds": [3]}])

    def test_an_upsert_that_is_not_204_is_unknown(self):
        for status, body in ((200, "{}"), (200, ""), (201, "{}"), (202, "")):
            self.http.reset()
            self.answer(self.pair, body, method="PUT", status=status)
            with self.subTest(status=status), self.assertRaises(OutcomeUnknown):
                self.client().inventories_variants_upsert("sample-item", "Sku/1", 5)

    def test_unknown_pair(self):
        error = {"errors": [{"code": "GE0014", "message": "Not found for inputs"}]}
        self.answer(self.pair, error, method="GET", status=404)
        self.answer(self.pair, error, method="DELETE", status=404)
        self.assertIsNone(self.client().inventories_variants_get("sample-item", "Sku/1"))
        with self.assertRaises(RequestRefused):
            self.client().inventories_variants_delete("sample-item", "Sku/1")

    def test_path_parts_cannot_leave_their_place(self):
        for manage_number in ("", " ", ".", "..", None and "x"):
            with self.subTest(manage_number=manage_number), self.assertRaises(ValueError):
                self.client().inventories_variants_delete(manage_number or "", "sku")
        with self.assertRaises(ValueError):
            self.client().inventories_variants_get("sample-item", "sku", version="3.0")
        self.assertFalse(self.http.calls)

    def test_bulk_get(self):
        rows = [{"manageNumber": "sample-item", "variantId": "sku-1", "quantity": 0}]
        self.answer(self.path + "bulk-get", {"inventories": [*rows, None, {"quantity": 1}]})
        self.answer(self.path + "bulk-get", {"inventories": []})
        pairs = [("sample-item", f"sku-{n}") for n in range(1000)]
        pairs.append({"manageNumber": "sample-item", "variantId": "last", "quantity": 7})
        self.assertEqual(list(self.client().inventories_bulk_get(pairs)), rows)
        self.assertEqual([len(body["inventories"]) for body in self.bodies], [1000, 1])
        self.assertEqual(
            self.bodies[1]["inventories"], [{"manageNumber": "sample-item", "variantId": "last"}]
        )

    def test_bulk_get_malformed(self):
        for body in ({}, {"inventories": None}, {"inventories": [{"quantity": "many"}]}):
            self.http.reset()
            self.answer(self.path + "bulk-get", body)
            with self.subTest(body=body), self.assertRaises(MalformedAnswer):
                list(self.client().inventories_bulk_get([("sample-item", "sku-1")]))

    def test_range(self):
        self.answer(self.path + "bulk-get/range", {"inventories": []}, method="GET")
        self.client().inventories_bulk_get_range(max_quantity=0)
        self.assertEqual(self.requests[0].params, {"maxQuantity": "0"})
        with self.assertRaises(ValueError):
            self.client().inventories_bulk_get_range()

    def test_bulk_upsert_chunks(self):
        self.answer(self.path + "bulk-upsert", status=204)
        results = self.upsert(self.entries(401))
        self.assertTrue(all(result.ok for result in results))
        self.assertEqual([len(result.entries) for result in results], [400, 1])
        self.assertEqual([len(body["inventories"]) for body in self.bodies], [400, 1])
        self.assertEqual(
            self.bodies[1]["inventories"],
            [
                {
                    "mode": "ABSOLUTE",
                    "manageNumber": "sample-item",
                    "variantId": "sku-400",
                    "quantity": 400,
                }
            ],
        )

    def test_the_same_pair_twice_goes_into_two_calls(self):
        self.answer(self.path + "bulk-upsert", status=204)
        first, second = self.entries(2)
        again = {**first, "manageNumber": "SAMPLE-item", "quantity": 9}
        other_case = {**second, "variantId": "SKU-1"}
        self.upsert([first, second, other_case, again])
        self.assertEqual(
            [[row["quantity"] for row in body["inventories"]] for body in self.bodies],
            [[0, 1], [1, 9]],
        )

    def test_a_refused_chunk_names_its_element(self):
        error = {
            "code": "IE0004",
            "message": "Max length of manageNumber must be within 32 bytes.",
            "metadata": {"propertyPath": "inventories[2].manageNumber"},
        }
        self.answer(self.path + "bulk-upsert", {"errors": [error]}, status=400)
        self.answer(self.path + "bulk-upsert", status=204)
        refused, done = self.upsert(self.entries(401))
        self.assertIsInstance(refused.error, RequestRefused)
        self.assertEqual(refused.error.code, "IE0004")
        self.assertEqual(refused.error.field, "inventories[2].manageNumber")
        ((entry, named),) = refused.rejected
        self.assertEqual(entry["variantId"], "sku-2")
        self.assertIn("32 bytes", named.text)
        self.assertTrue(done.ok)

    def test_a_refused_chunk_names_its_pair(self):
        errors = [
            {"code": "IE0500", "message": "x; manageNumber=sample-item, variantId=sku-1"},
            {"code": "IE0500", "message": "x", "metadata": {"propertyPath": "inventories[9].x"}},
            {"code": "IE0500", "message": "x", "metadata": "x"},
        ]
        self.answer(self.path + "bulk-upsert", {"errors": errors}, status=400)
        (result,) = self.upsert(self.entries(3))
        self.assertEqual([entry["variantId"] for entry, _text in result.rejected], ["sku-1"])

    def test_an_unknown_chunk_is_said_so(self):
        self.answer(self.path + "bulk-upsert", "", status=500)
        self.answer(self.path + "bulk-upsert", status=204)
        unknown, done = self.upsert(self.entries(401))
        self.assertIsInstance(unknown.error, OutcomeUnknown)
        self.assertEqual(len(unknown.entries), 400)
        self.assertTrue(done.ok)

    def test_unavailable_stops(self):
        self.answer(self.path + "bulk-upsert", status=429)
        results = self.upsert(self.entries(401))
        self.assertEqual([len(result.entries) for result in results], [400, 1])
        for result in results:
            self.assertIsInstance(result.error, TemporarilyUnavailable)
        self.assertEqual(len(self.http.calls), 4)
        self.assertEqual({len(body["inventories"]) for body in self.bodies}, {400})

    def test_variant_lists(self):
        path = "/es/2.1/inventories/variant-lists/manage-numbers/sample-item"
        self.answer(path, {"manageNumber": "sample-item", "variantList": ["a"]}, method="GET")
        found = self.client().inventories_variant_lists_get("sample-item")
        self.assertEqual(found["variantList"], ["a"])


@tagged("post_install", "-at_install")
class TestItems(RmsMockCase):
    path = "/es/2.0/items/"

    def test_get(self):
        item = {"manageNumber": "sample-item", "variants": {}}
        self.answer(self.path + "manage-numbers/sample-item", item, method="GET")
        self.assertEqual(self.client().items_get("sample-item"), item)

    def test_get_without_manage_number(self):
        self.answer(self.path + "manage-numbers/sample-item", {"variants": {}}, method="GET")
        self.assertEqual(
            self.client().items_get("sample-item"),
            {"manageNumber": "sample-item", "variants": {}},
        )

    def test_get_unknown(self):
        path = self.path + "manage-numbers/sample-item"
        error = {"errors": [{"code": "GE0014", "message": "No item found"}]}
        self.answer(path, error, method="GET", status=404)
        self.assertIsNone(self.client().items_get("sample-item"))
        # an address that does not exist is not an item that does not exist
        self.http.reset()
        self.answer(path, "<html>", method="GET", status=404, content_type="text/html")
        with self.assertRaises(RequestRefused):
            self.client().items_get("sample-item")

    def hit(self, manage_number, **beside):
        return {"item": {"manageNumber": manage_number}, **beside}

    def test_search_follows_the_cursor(self):
        pages = [([self.hit("a"), self.hit("b")], "c+1=/"), ([self.hit("c")], "c2"), ([], "c2")]
        for hits, cursor in pages:
            body = {"numFound": 3, "offset": 0, "results": hits, "nextCursorMark": cursor}
            self.answer(self.path + "search", body, method="GET")
        found = list(self.client().items_search(is_hidden_item=False, updatedFrom="2026-01-01"))
        self.assertEqual([item["manageNumber"] for item in found], ["a", "b", "c"])
        filters = {"isHiddenItem": "false", "updatedFrom": "2026-01-01", "hits": "100"}
        self.assertEqual(
            [request.params for request in self.requests],
            [{**filters, "cursorMark": cursor} for cursor in ("*", "c+1=/", "c2")],
        )
        self.assertIn("cursorMark=c%2B1%3D%2F", self.requests[1].url)

    def test_search_goes_on_at_a_page(self):
        full = [self.hit(f"i{n}") for n in range(100)]
        for hits, cursor in ((full, "c2"), ([self.hit("last")], None)):
            body = {"results": hits, "nextCursorMark": cursor}
            self.answer(self.path + "search", body, method="GET")
        known = [f"i{n}" for n in range(100)]
        pages = list(self.client().items_search_pages("c1", known))
        self.assertEqual(
            [(len(items), cursor) for items, cursor in pages], [(100, "c2"), (1, None)]
        )
        self.assertEqual([r.params["cursorMark"] for r in self.requests], ["c1", "c2"])

    def test_search_that_goes_on_in_circles(self):
        """The page that was begun may be known, one more is not."""
        full = {"results": [self.hit(f"i{n}") for n in range(100)]}
        for cursor in ("c2", "c3"):
            self.answer(self.path + "search", {**full, "nextCursorMark": cursor}, method="GET")
        pages = self.client().items_search_pages("c1", [f"i{n}" for n in range(100)])
        self.assertEqual(next(pages)[1], "c2")
        with self.assertRaises(MalformedAnswer):
            next(pages)

    def test_search_never_turns_in_circles(self):
        for cursor in ("one", "two", "one", "two"):
            body = {"results": [self.hit(cursor)], "nextCursorMark": cursor}
            self.answer(self.path + "search", body, method="GET")
        self.assertEqual(len(list(self.client().items_search())), 3)

    def test_search_without_a_further_cursor(self):
        self.answer(self.path + "search", {"results": [self.hit("a")]}, method="GET")
        self.assertEqual(len(list(self.client().items_search())), 1)
        self.http.reset()
        full = {"results": [self.hit(f"i{n}") for n in range(100)]}
        self.answer(self.path + "search", full, method="GET")
        with self.assertRaises(MalformedAnswer) as caught:
            list(self.client().items_search())
        self.assertEqual(caught.exception.field, "nextCursorMark")

    def test_search_blocks_beside_the_item(self):
        hit = self.hit("a", review={"reviewCount": 1}, other=1)
        self.answer(self.path + "search", {"results": [hit]}, method="GET")
        self.assertEqual(
            list(self.client().items_search(isReviewIncluded=True)),
            [{"manageNumber": "a", "review": {"reviewCount": 1}}],
        )

    def test_broken_hits_do_not_stop_their_neighbours(self):
        hits = [None, {"item": None}, {"item": {"title": "x"}}, self.hit("a")]
        self.answer(self.path + "search", {"results": hits}, method="GET")
        with self.assertLogs("odoo.addons.smartship_rakuten.rms", "WARNING"):
            found = list(self.client().items_search())
        self.assertEqual(found, [{"manageNumber": "a"}])

    def test_search_arguments_that_paging_excludes(self):
        for name in ("sort_key", "sortOrder", "offset", "hits", "cursorMark"):
            with self.subTest(name), self.assertRaises(TypeError):
                self.client().items_search(**{name: 1})

    def test_bulk_get(self):
        item = {"manageNumber": "item-0", "variants": {}}
        self.answer(self.path + "bulk-get", {"results": [item]})
        self.answer(self.path + "bulk-get", {"results": []})
        numbers = [f"item-{n}" for n in range(51)] + ["item-0"]
        self.assertEqual(list(self.client().items_bulk_get(numbers)), [item])
        self.assertEqual([len(body["manageNumbers"]) for body in self.bodies], [50, 1])


@tagged("post_install", "-at_install")
class TestShop(RmsMockCase):
    expiry = "/es/1.0/license-management/license-key/expiry-date"

    def test_expiry(self):
        self.answer(self.expiry, {"expiryDate": "2026-03-31T23:59:59"}, method="GET")
        found = self.client().license_expiry_date()
        self.assertEqual(found, datetime(2026, 3, 31, 14, 59, 59, tzinfo=timezone.utc))
        self.assertEqual(self.requests[0].params, {"licenseKey": KEY})
        self.assertEqual(self.requests[0].headers["Authorization"], f"ESA {ESA}")
        self.assertEqual(self.pacer.families, ["license"])

    def test_expiry_malformed(self):
        for value in (None, "", "soon", 20260331, "2026-02-30T00:00:00"):
            self.http.reset()
            self.answer(self.expiry, {"expiryDate": value}, method="GET")
            with self.subTest(value=value), self.assertRaises(MalformedAnswer) as caught:
                self.client().license_expiry_date()
            self.assertEqual(caught.exception.field, "expiryDate")

    def master(self, body, **options):
        options.setdefault("content_type", XML)
        self.answer("/es/1.0/shop/shopMaster", body, method="GET", **options)
        return self.client().shop_master()

    def test_shop_master(self):
        result = (
            "<result><shopMaster><shopName>見本の店 &amp; 仲間</shopName><url>sample-shop</url>"
            "<companyName>見本商事</companyName><companyFax/></shopMaster></result>"
        )
        shop = self.master(shop_xml(result))
        self.assertEqual(shop.shop_name, "見本の店 & 仲間")
        self.assertEqual(shop.url, "sample-shop")
        self.assertEqual(shop.company_name, "見本商事")
        self.assertEqual(shop.company_fax, "")
        self.assertEqual(shop.values["url"], "sample-shop")

    def test_shop_master_errors(self):
        maintenance = shop_xml("", code="S900")
        with self.assertRaises(TemporarilyUnavailable) as caught:
            self.master(maintenance, status=500)
        self.assertTrue(caught.exception.maintenance)
        self.http.reset()
        with self.assertRaises(RequestRefused) as caught:
            self.master(shop_xml("", code="C007"))
        self.assertEqual(caught.exception.code, "C007")

    def test_xml_that_is_not_accepted(self):
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
        for body in (bomb, "<x>", "<x/>", "", shop_xml(""), shop_xml("<result/>"), "\0"):
            self.http.reset()
            with self.subTest(body=body), self.assertRaises(MalformedAnswer):
                self.master(body)

    def test_shop_status(self):
        path = "/es/1.0/shop/shopStatus/socialGiftParticipation"
        result = (
            "<result><shopStatus><statusKey>socialGiftParticipation</statusKey>"
            "<statusValue>IN_USE</statusValue></shopStatus></result>"
        )
        self.answer(path, shop_xml(result), method="GET", content_type=XML)
        self.assertEqual(self.client().shop_status(), "IN_USE")


@tagged("post_install", "-at_install")
class TestCheckFunctions(RmsMockCase):
    addresses = {
        "searchOrder": ("POST", ORDER + "searchOrder/"),
        "getOrder": ("POST", ORDER + "getOrder/"),
        "getSubStatusList": ("POST", ORDER + "getSubStatusList/"),
        "getResultUpdateOrderShippingAsync": (
            "POST",
            ORDER + "getResultUpdateOrderShippingAsync/",
        ),
        "inventories.bulk.get": ("POST", "/es/2.0/inventories/bulk-get"),
        "items.search": ("GET", "/es/2.0/items/search"),
        "license.expiryDate.get": ("GET", TestShop.expiry),
        "shopMaster": ("GET", "/es/1.0/shop/shopMaster"),
    }
    bodies_ok = {
        "searchOrder": search_answer([number(1)], total=500, pages=500),
        "getOrder": get_order_answer([], missing=["000000-20000101-0000000000"]),
        "getSubStatusList": {"MessageModelList": [], "StatusModelList": []},
        "getResultUpdateOrderShippingAsync": {
            "ResultShippingModelList": [
                {"MessageModelList": [message("GET_RESULT_UPDATEORDERSHIPPING_ASYNC_INFO_101")]}
            ]
        },
        "inventories.bulk.get": {"inventories": []},
        "items.search": {"results": [{"item": {"manageNumber": "a"}}], "numFound": 5},
        "license.expiryDate.get": {"expiryDate": "2026-03-31T23:59:59"},
        "shopMaster": shop_xml("<result><url>sample-shop</url></result>"),
    }

    def check(self, **answers):
        for name, (method, path) in self.addresses.items():
            status, body = answers.get(name, (200, self.bodies_ok[name]))
            kind = XML if isinstance(body, str) else "application/json"
            self.answer(path, body, method=method, status=status, content_type=kind)
        return self.client().check_functions()

    rejected = (401, {"errors": [{"code": "GA0001", "message": "Un-Authorised"}]})

    def test_all_well(self):
        self.assertEqual(self.check(), dict.fromkeys(self.addresses, "ok"))
        self.assertEqual(len(self.http.calls), 8)

    def test_a_function_that_is_not_ticked(self):
        found = self.check(**{"items.search": self.rejected, "shopMaster": self.rejected})
        self.assertEqual(found["items.search"], "rejected")
        self.assertEqual(found["shopMaster"], "rejected")
        self.assertEqual(found["searchOrder"], "ok")

    def test_a_key_that_is_not_accepted(self):
        found = self.check(**dict.fromkeys(self.addresses, self.rejected))
        self.assertEqual(found, dict.fromkeys(self.addresses, "rejected"))
        self.assertEqual(len(self.http.calls), 8)

    def test_other_answers(self):
        refused = {"MessageModelList": [message("GET_ORDER_ERROR_011")], "OrderModelList": []}
        found = self.check(
            **{
                "searchOrder": (503, ""),
                "getOrder": (400, refused),
                "inventories.bulk.get": (404, "<html/>"),
                "items.search": (404, {"errors": [{"code": "GE0007", "message": "x"}]}),
                "shopMaster": (200, "<html/>"),
            }
        )
        self.assertEqual(
            found,
            {
                "searchOrder": "unavailable",
                "getOrder": "ok",
                "getSubStatusList": "ok",
                "getResultUpdateOrderShippingAsync": "ok",
                "inventories.bulk.get": "malformed",
                "items.search": "malformed",
                "license.expiryDate.get": "ok",
                "shopMaster": "malformed",
            },
        )

    def test_some_functions(self):
        self.answer(TestShop.expiry, self.bodies_ok["license.expiryDate.get"], method="GET")
        found = self.client().check_functions(["license.expiryDate.get"])
        self.assertEqual(found, {"license.expiryDate.get": "ok"})

    def test_every_error_has_a_result(self):
        self.answer_all("", status=418)
        for result in self.client().check_functions().values():
            self.assertEqual(result, "malformed")
        self.assertTrue(issubclass(RequestRefused, RmsError))
