# Part of smartship_rakuten. See LICENSE file for full copyright and licensing details.
"""Dates, pace and sentences of the RMS client."""

import threading
from datetime import date, datetime, timedelta, timezone

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rms import (
    JST,
    LocalPacer,
    format_date,
    format_datetime,
    parse_date,
    parse_datetime,
    sentence_for,
    windows,
)

from .rms_fixtures import RmsCase


@tagged("post_install", "-at_install")
class TestDates(RmsCase):
    def test_format_datetime(self):
        cases = [
            (datetime(2026, 1, 10, 0, 15, 2), "2026-01-10T09:15:02+0900"),
            (datetime(2025, 12, 31, 15, 0, 0, 999999), "2026-01-01T00:00:00+0900"),
            (datetime(2026, 1, 10, 9, 15, 2, tzinfo=JST), "2026-01-10T09:15:02+0900"),
            (datetime(2026, 7, 1, 0, 0, tzinfo=timezone.utc), "2026-07-01T09:00:00+0900"),
        ]
        for moment, text in cases:
            self.assertEqual(format_datetime(moment), text)

    def test_parse_datetime(self):
        cases = [
            ("2026-01-10T09:15:02+0900", datetime(2026, 1, 10, 0, 15, 2)),
            ("2026-01-10T09:15:02+09:00", datetime(2026, 1, 10, 0, 15, 2)),
            ("2026-01-10T00:15:02.123Z", datetime(2026, 1, 10, 0, 15, 2)),
            ("2026-01-10T09:15:02", datetime(2026, 1, 10, 0, 15, 2)),
            ("2026-01-09T19:15:02-0500", datetime(2026, 1, 10, 0, 15, 2)),
            (" 2026-01-01T00:00:00+0900 ", datetime(2025, 12, 31, 15, 0)),
            (None, None),
            ("", None),
        ]
        for text, moment in cases:
            with self.subTest(text):
                self.assertEqual(parse_datetime(text), moment)

    def test_parse_datetime_refuses(self):
        wrong = ("2026-01-10", "x", 5, "2026-13-01T00:00:00", "0001-01-01T00:00:00", "２０２６", {})
        for text in wrong:
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_datetime(text)

    def test_dates(self):
        self.assertEqual(format_date(date(2026, 1, 10)), "2026-01-10")
        self.assertEqual(format_date(datetime(2026, 1, 10, 15, 0)), "2026-01-11")
        self.assertEqual(parse_date("2026-01-10"), date(2026, 1, 10))
        self.assertEqual(parse_date("2026-01-10T00:00:00"), date(2026, 1, 10))
        self.assertIsNone(parse_date(None))
        self.assertIsNone(parse_date(""))
        for text in ("2026/01/10", 20260110, "20260"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_date(text)

    def test_windows(self):
        start = datetime(2026, 1, 1, tzinfo=timezone.utc)
        days = timedelta(days=1)
        self.assertEqual(list(windows(start, start)), [(start, start)])
        self.assertEqual(list(windows(start, start + 63 * days)), [(start, start + 63 * days)])
        second = timedelta(seconds=1)
        self.assertEqual(
            list(windows(start, start + 63 * days + second)),
            [
                (start, start + 63 * days),
                (start + 63 * days, start + 63 * days + second),
            ],
        )
        naive = datetime(2026, 1, 1, 0, 0, 0, 5)
        self.assertEqual(list(windows(naive, naive)), [(start, start)])
        with self.assertRaises(ValueError):
            windows(start, start - second)


@tagged("post_install", "-at_install")
class TestLocalPacer(RmsCase):
    def pacer_with_clock(self):
        self.now = 100.0

        def sleep(seconds):
            self.slept.append(seconds)
            self.now += seconds

        return LocalPacer(1.0, clock=lambda: self.now, sleep=sleep)

    def test_one_a_second_and_family(self):
        pacer = self.pacer_with_clock()
        pacer.wait("order")
        pacer.wait("inventory")
        self.assertEqual(self.slept, [])
        pacer.wait("order")
        self.assertEqual(self.slept, [1.0])
        self.now += 0.25
        pacer.wait("order")
        self.assertEqual(self.slept, [1.0, 0.75])
        self.now += 60
        pacer.wait("order")
        self.assertEqual(self.slept, [1.0, 0.75])

    def test_quick_families(self):
        pacer = self.pacer_with_clock()
        for _call in range(3):
            pacer.wait("item")
        self.assertEqual([round(seconds, 6) for seconds in self.slept], [0.2, 0.2])
        self.slept.clear()
        fast = LocalPacer(0.1, clock=lambda: 0.0, sleep=self.slept.append)
        fast.wait("item")
        fast.wait("item")
        self.assertEqual(self.slept, [0.1])

    def test_back_off_holds_its_family(self):
        pacer = self.pacer_with_clock()
        pacer.back_off("order", 5)
        pacer.back_off("order", 2)
        pacer.wait("item")
        self.assertEqual(self.slept, [])
        pacer.wait("order")
        self.assertEqual(self.slept, [5.0])

    def test_back_off_is_bounded(self):
        pacer = self.pacer_with_clock()
        pacer.back_off("order", -5)
        pacer.wait("order")
        self.assertEqual(self.slept, [])
        pacer.back_off("order", 10**9)
        pacer.wait("order")
        self.assertEqual(self.slept, [30.0])

    def test_threads_share_the_pace(self):
        naps = []
        pacer = LocalPacer(1.0, clock=lambda: 0.0, sleep=naps.append)
        threads = [threading.Thread(target=pacer.wait, args=("order",)) for _n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(naps), [float(n) for n in range(1, 20)])


@tagged("post_install", "-at_install")
class TestSentences(RmsCase):
    def test_known_codes(self):
        prefix = "ORDER_EXT_API_"
        cases = {
            prefix + "CONFIRM_ORDER_ERROR_105": "postage",
            prefix + "UPDATE_ORDERSHIPPING_ERROR_102": "cancelled",
            prefix + "UPDATE_ORDERSHIPPING_ASYNC_ERROR_102": "cancelled",
            prefix + "UPDATE_ORDERMEMO_ERROR_009": "missing",
            prefix + "UPDATE_ORDERSHIPPING_ASYNC_ERROR_011": "does not accept a value",
            "IE0004": "does not accept a value",
            "IE1105": "SKU",
            "GE0014": "does not know",
        }
        for code, words in cases.items():
            with self.subTest(code):
                self.assertIn(words, sentence_for(code))
                self.assertNotIn(code, sentence_for(code))

    def test_unknown_codes_are_named(self):
        sentence = sentence_for("ORDER_EXT_API_UPDATE_ORDERMEMO_ERROR_107")
        self.assertIn("UPDATE_ORDERMEMO_ERROR_107", sentence)
        self.assertIn("RMS", sentence)
        self.assertIn("unknown", sentence_for(""))
        self.assertIn("unknown", sentence_for(None))

    def test_fields_are_named(self):
        code = "ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_011"
        self.assertIn("in shippingDate.", sentence_for(code, field="shippingDate"))
        self.assertNotIn("買主", sentence_for(code, field="買主"))
