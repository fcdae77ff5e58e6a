# Part of smartship_rakuten. See LICENSE file for full copyright and licensing details.
"""Dates, pace and codes of the RMS client."""

import ast
import re
import threading
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rms import (
    JST,
    MEANINGS,
    LocalPacer,
    RequestRefused,
    RmsClient,
    codes,
    format_date,
    format_datetime,
    parse_date,
    parse_datetime,
    plain_code,
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
class TestCodes(RmsCase):
    def test_known_codes(self):
        prefix = "ORDER_EXT_API_"
        cases = {
            prefix + "CONFIRM_ORDER_ERROR_105": "CONFIRM_ORDER_ERROR_105",
            prefix + "UPDATE_ORDERSHIPPING_ERROR_102": "UPDATE_ORDERSHIPPING_ERROR_102",
            prefix + "UPDATE_ORDERSHIPPING_ASYNC_ERROR_102": "UPDATE_ORDERSHIPPING_ERROR_102",
            prefix + "UPDATE_ORDERMEMO_ERROR_009": "missing_value",
            prefix + "UPDATE_ORDERSHIPPING_ASYNC_ERROR_011": "invalid_value",
            "IE0001": "missing_value",
            "IE0004": "invalid_value",
            "HTTP_404": "GE0007",
            "GK0003": "ES04-03",
        }
        for code, plain in cases.items():
            with self.subTest(code):
                self.assertEqual(plain_code(code), plain)
                self.assertIn(plain, MEANINGS)

    def test_unknown_codes_stay(self):
        code = "UPDATE_ORDERSHIPPING_ASYNC_ERROR_107"
        self.assertEqual(plain_code(f"ORDER_EXT_API_{code}"), code)
        self.assertEqual((plain_code(""), plain_code(None), plain_code("買主")), ("", "", ""))

    def test_the_log_says_what_a_code_means(self):
        refused = RequestRefused(
            code="ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_102", operation="updateOrderShipping"
        )
        self.assertEqual(
            str(refused),
            "refused, order cancelled [updateOrderShipping, "
            "ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_102]",
        )
        self.assertEqual(str(RequestRefused(code="X", field="買主")), "refused [X]")


@tagged("post_install", "-at_install")
class TestImports(RmsCase):
    def test_no_circle(self):
        """Also none that an import inside a function hides."""
        for folder, (user, used) in {
            "rms": ("messages", "codes"),
            "rules": ("amounts", "payload"),
        }.items():
            with self.subTest(folder):
                imports = imports_of(Path(codes.__file__).parents[1] / folder)
                self.assertIn(used, imports[user])
                self.assertEqual(circle(imports), set())

    def test_operations_that_nothing_calls_are_documented(self):
        """They are there for others; whoever begins or ends to call one says so in docs/."""
        module = Path(codes.__file__).parents[1]
        page = module.parent / "docs" / "architecture.md"
        if not page.exists():
            self.skipTest("the documentation is not beside the module")
        calls = set()
        for folder in ("models", "wizards", "reports"):
            for path in (module / folder).rglob("*.py"):
                for node in ast.walk(ast.parse(path.read_text())):
                    if isinstance(node, ast.Attribute):
                        calls.add(node.attr)
        chapter = page.read_text().split("## Operations that nothing here calls")[1]
        listed = re.findall(r"(?<=`)[a-z_]+(?=`)", chapter.split("\n## ")[0])
        unused = operations() - calls
        self.assertIn("get_order", operations() & calls)
        self.assertEqual(sorted(listed), sorted(unused))

    def test_a_circle_is_found(self):
        imports = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}
        self.assertEqual(circle(imports), {"a", "b", "c"})


def operations():
    """What the client does at RMS: the methods of its parts, each for one API."""
    return {
        name
        for part in RmsClient.__bases__
        for name, value in vars(part).items()
        if not name.startswith("_") and callable(value)
    }


def imports_of(folder):
    """{module: modules of the same folder that it imports}"""
    imports = {path.stem: set() for path in folder.glob("*.py")}
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                names = [node.module] if node.module else [a.name for a in node.names]
                imports[path.stem] |= {name.split(".")[0] for name in names}
    return imports


def circle(imports):
    """The modules that are in a circle, or lead into one."""
    while leaves := {name for name, used in imports.items() if not used & imports.keys()}:
        imports = {name: used for name, used in imports.items() if name not in leaves}
    return set(imports)
