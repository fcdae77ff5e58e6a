"""Reading the 店舗別内訳書, and what its rows are: values written by hand."""

import time
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.smartship_rakuten.rules.waybill_file import write_file
from odoo.addons.smartship_rakuten_account.rules.statement import (
    HEADINGS,
    StatementError,
    kind_of,
    read_statement,
    read_yen,
)

TITLE = [known[0] for known in HEADINGS]
HEAD = ["2026/02/20", "20260220123456", "2026022012345601", "123456", "sample-shop", "見本ショップ"]
PERIOD = ["2026/01/26", "2026/02/10"]
DECEMBER = ["2025/12/01", "2025/12/31"]
PAID = ["支払", "楽天ペイ決済金", "ﾌﾟﾗﾝ共通_楽天ﾍﾟｲ決済金", *PERIOD]
POINTS = ["支払", "ポイント利用額", "ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ利用額", *PERIOD]
SYSTEM = ["請求", "システム利用料", "ｼｽﾃﾑ利用料_PC", *DECEMBER]
PAY_FEE = ["請求", "楽天ペイ利用料", "ﾌﾟﾗﾝ共通_楽天ﾍﾟｲ利用料", *DECEMBER]
AFFILIATE = ["請求", "アフィリエイト", "ｽｰﾊﾟｰｱﾌｨﾘｴｲﾄ_成果報酬原資", *DECEMBER]
GRANTED = ["請求", "ポイント原資", "ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ付与料_PC", *DECEMBER]
#: Example 8 of the entries: paid 29,095, charged 2,510 and 240.
TOTALS = ["29,095", "2,510", "240"]
EXAMPLE = [
    [*HEAD, *TOTALS, *PAID, "28,715", "-", "対象外"],
    [*HEAD, *TOTALS, *POINTS, "380", "-", "対象外"],
    [*HEAD, *TOTALS, *SYSTEM, "1,320", "120", "10%"],
    [*HEAD, *TOTALS, *PAY_FEE, "990", "90", "10%"],
    [*HEAD, *TOTALS, *AFFILIATE, "330", "30", "10%"],
    [*HEAD, *TOTALS, *GRANTED, "110", "-", "対象外"],
]


def csv_of(*rows, title=TITLE):
    return write_file([title, *rows])


def changed(place, value, rows=EXAMPLE):
    """These rows with another value in one column of the first."""
    return [[*rows[0][:place], value, *rows[0][place + 1 :]], *rows[1:]]


def error_of(data):
    try:
        found = read_statement(data)
    except StatementError as error:
        return error.code, error.details
    raise AssertionError(f"read: {found}")


_CELL = st.one_of(
    st.sampled_from(["支払", "請求", "-", "2026/02/20", "0000/00/00", "1,234", "９９９", "-0"]),
    st.text('支払請求ﾎﾟ楽,/-0129 "\n', max_size=12),
)


@tagged("post_install", "-at_install")
class TestStatement(BaseCase):
    """The file of 楽天BillPay."""

    def test_example(self):
        found = read_statement(csv_of(*EXAMPLE))
        assert (found.issued, found.number) == (date(2026, 2, 20), "20260220123456")
        assert (found.shop_number, found.shop_name) == ("123456", "見本ショップ")
        assert (found.paid, found.charged, found.tax, found.payout) == (29095, 2510, 240, 26345)
        assert found.adds_up
        assert found.period == (date(2026, 1, 26), date(2026, 2, 10))
        assert [(r.side, r.kind, r.amount, r.tax) for r in found.rows] == [
            ("paid", "settled", 28715, 0),
            ("paid", "points", 380, 0),
            ("charged", "system", 1200, 120),
            ("charged", "payment", 900, 90),
            ("charged", "affiliate", 300, 30),
            ("charged", "points", 110, 0),
        ]
        assert found.sum("charged", "system", "payment") == 2310
        assert found.sum("charged", "refund") is None

    def test_amounts_without_tax(self):
        rows = [
            [*HEAD, "29,095", "2,100", "210", *PAID, "29,095", "-", ""],
            [*HEAD, "29,095", "2,100", "210", *SYSTEM, "1,200", "120", "10%"],
            [*HEAD, "29,095", "2,100", "210", *PAY_FEE, "900", "90", "10%"],
        ]
        found = read_statement(csv_of(*rows))
        assert [(r.amount, r.tax) for r in found.rows[1:]] == [(1200, 120), (900, 90)]
        assert found.adds_up and found.payout == 26785

    def test_second_form(self):
        """Other headings, the tax in a row of its own, and a third kind of row."""
        title = [known[-1] for known in HEADINGS]
        assert (title[2], title[9]) == ("店舗別仕訳書No", "支払/相殺区分")
        head = [*HEAD, "29,095", "2,940", "210"]
        rows = [
            [*head, *PAID, "29,095", "-", "-"],
            [*head, "相殺", *SYSTEM[1:], "1,200", "-", "10%"],
            [*head, "相殺", *PAY_FEE[1:], "900", "-", "10%"],
            [*head, "相殺", "消費税", "消費税", *DECEMBER, "210", "-", "-"],
            [*head, "支払控除", "返金", "ﾌﾟﾗﾝ共通_ﾕｰｻﾞ返金_店舗様負担分", *PERIOD, "840", "-", "-"],
        ]
        found = read_statement(csv_of(*rows, title=title))
        assert [(r.kind, r.amount, r.tax) for r in found.rows[1:]] == [
            ("system", 1200, 0),
            ("payment", 900, 0),
            ("tax", 210, 0),
            ("refund", 840, 0),
        ]
        assert found.adds_up and found.payout == 25945

    def test_amounts_of_the_row_in_columns_7_to_9(self):
        rows = [
            [*HEAD, "29,095", "-", "-", *PAID, "29,095", "-", ""],
            [*HEAD, "-", "1,200", "120", *SYSTEM, "1,320", "120", "10%"],
            [*HEAD, "-", "110", "-", *GRANTED, "110", "-", ""],
        ]
        found = read_statement(csv_of(*rows))
        assert (found.paid, found.charged, found.tax) == (29095, 1310, 120)
        assert found.adds_up and found.payout == 27665

    def test_without_charges_and_negative(self):
        head = [*HEAD, "29,095", "-", "-"]
        assert read_statement(csv_of([*head, *PAID, "29,095", "-", "-"])).payout == 29095
        head = [*HEAD, "-", "5,000", "500"]
        found = read_statement(csv_of([*head, *SYSTEM, "5,500", "500", "10%"]))
        assert (found.payout, found.period) == (-5500, None)

    def test_totals_that_disagree(self):
        found = read_statement(csv_of(*changed(14, "28,714")))
        assert (found.adds_up, found.off) == (False, (-1, 0, 0))
        found = read_statement(csv_of(*EXAMPLE[:5]))
        assert found.off == (0, -110, 0)

    def test_changed_heading_is_named(self):
        for place in range(len(TITLE)):
            with self.subTest(place=place):
                title = [*TITLE[:place], "別の見出し", *TITLE[place + 1 :]]
                assert error_of(csv_of(*EXAMPLE, title=title)) == (
                    "headings",
                    {"column": place + 1, "found": "別の見出し", "expected": TITLE[place]},
                )

    def test_columns_that_came_or_went(self):
        code, details = error_of(csv_of(*EXAMPLE, title=[*TITLE, "新項目"]))
        assert (code, details["column"], details["found"]) == ("headings", 18, "新項目")
        code, details = error_of(csv_of(*EXAMPLE, title=TITLE[:-1]))
        assert (code, details["column"], details["expected"]) == ("headings", 17, "税率")
        assert error_of(csv_of(EXAMPLE[0], EXAMPLE[1][:-1])) == (
            "columns",
            {"row": 3, "found": 16, "expected": 17},
        )

    def test_values_that_are_none(self):
        for place, value in [
            (0, "2026/02/30"),
            (6, "約3万"),
            (9, "保留"),
            (12, "26/01/26"),
            (14, "28.715"),
            (14, "1,23"),
            (15, "1" * 13),
        ]:
            with self.subTest(place=place):
                rows = (
                    [changed(place, value, [row])[0] for row in EXAMPLE]
                    if place < 6
                    else changed(place, value)
                )
                code, details = error_of(csv_of(*rows))
                assert (code, details["row"], details["column"]) == ("value", 2, place + 1)
                assert details["found"] == value

    def test_no_statement(self):
        assert error_of(b"") == ("empty", {})
        assert error_of(b"\x89PNG\r\n\x1a\n\x00\x00")[0] == "not_text"
        assert error_of(csv_of()) == ("empty", {})
        assert error_of(csv_of(*changed(1, "20260305123456")))[0] == "several"
        assert error_of("注文番号,金額\r\n".encode("cp932"))[0] == "headings"

    def test_saved_again_by_a_spreadsheet(self):
        rows = [[cell.replace("/0", "/") for cell in row] for row in EXAMPLE]
        again = write_file([TITLE, *rows], encoding="utf-8-sig", quote_all=True)
        assert read_statement(again).period == (date(2026, 1, 26), date(2026, 2, 10))

    def test_yen(self):
        values = {
            "1,234": 1234,
            "-": 0,
            "": 0,
            "-840": -840,
            "▲1,000": -1000,
            "￥500": 500,
            "－": 0,
        }
        assert {text: read_yen(text) for text in values} == values

    def test_kinds_of_charges(self):
        kinds = {
            "ｼｽﾃﾑ利用料_PC": "system",
            "ｼｽﾃﾑ利用料_ﾓﾊﾞｲﾙ": "system",
            "ﾌﾟﾗﾝ共通_楽天ﾍﾟｲ利用料": "payment",
            "ﾌﾟﾗﾝ共通_ﾓｰﾙにおける取引の安全性･利便性向上のためのｼｽﾃﾑ利用料": "system",
            "ｽｰﾊﾟｰｱﾌｨﾘｴｲﾄ_成果報酬原資": "affiliate",
            "ｽｰﾊﾟｰｱﾌｨﾘｴｲﾄ_ｱﾌｨﾘｴｲﾄｼｽﾃﾑ利用料": "affiliate",
            "検索連動型広告(RPP)_広告掲載料": "advertising",
            "compass": "advertising",
            "ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ付与料_PC": "points",
            "ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ付与料_ﾓﾊﾞｲﾙ": "points",
            "ﾌﾟﾗﾝ共通_ﾕｰｻﾞ返金_店舗様負担分": "refund",
            "ﾌﾟﾗﾝ共通_ｼｮｯﾌﾟｸｰﾎﾟﾝ": "own",
            "消費税": "tax",
            "新しい品目": "",
        }
        assert {item: kind_of("charged", "", item) for item in kinds} == kinds
        assert kind_of("paid", "クーポン利用額", "ﾌﾟﾗﾝ共通_ｸｰﾎﾟﾝ利用額") == "coupon"
        assert kind_of("paid", "新しい科目", "新しい品目") == "settled"

    @given(st.binary(max_size=400))
    def test_any_bytes_do_no_harm(self, data):
        for content in (data, csv_of() + data):
            try:
                read_statement(content)
            except StatementError as error:
                assert error.code

    @given(st.lists(st.lists(_CELL, min_size=16, max_size=18), max_size=4))
    def test_any_cells_do_no_harm(self, rows):
        try:
            found = read_statement(csv_of(*rows))
        except StatementError as error:
            assert error.code
        else:
            assert found.number and len(found.rows) == len([row for row in rows if any(row)])

    def test_many_rows_are_read_in_no_time(self):
        """More rows than the largest file that is known of (10,857)."""
        head = [*HEAD, "10,857", "-", "-"]
        data = csv_of(*([[*head, *PAID, "1", "-", "-"]] * 10_857))
        start = time.process_time()
        assert read_statement(data).adds_up
        assert time.process_time() - start < 1.5
