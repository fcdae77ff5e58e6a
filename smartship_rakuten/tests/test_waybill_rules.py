"""Cells of waybill files, numbers that come back, check digits: pure rules.

Limits, codes and spellings are those of the carriers' file descriptions; numbers are made up.
"""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import TransactionCase, tagged

from odoo.addons.smartship_rakuten.rules import tracking, waybill, waybill_file
from odoo.addons.smartship_rakuten.rules.waybill import Column, Finding

from .test_properties import examples

#: Files as carriers' programs, RMS and spreadsheets give them back; people and numbers are made up.
RETURNED = Path(__file__).with_name("returned")
LINES = [
    Column(f"住所{n}", f"address_{n}", limit=16, counts="chars", wide=True, required=n == 1)
    for n in (1, 2, 3)
]


@tagged("post_install", "-at_install")
class TestFileNames(TransactionCase):
    def test_names_that_stand_in_one_folder(self):
        for names, expected in (
            (["a.csv", "b.csv"], ["a.csv", "b.csv"]),
            (["a.csv", "A.csv", "a.csv"], ["a.csv", "A (2).csv", "a (3).csv"]),
            (["a (2).csv", "a.csv", "a.csv"], ["a (2).csv", "a.csv", "a (3).csv"]),
            (["送り状/宅配:便?.csv"], ["送り状_宅配_便_.csv"]),
            ([], []),
        ):
            with self.subTest(names=names):
                self.assertEqual(waybill_file.file_names(names), expected)


@tagged("post_install", "-at_install")
class TestTracking(TransactionCase):
    def test_check_digits(self):
        for number, carrier, expected in (
            ("123456789013", "1001", ""),
            ("1234-5678-9013", "1001", ""),
            ("１２３４５６７８９０１３", "1002", ""),
            ("a123456789013a", "1002", ""),
            ("400000000002", "1003", ""),
            ("620000000001", "1003", ""),
            ("123456789014", "1001", "check"),
            ("123456789014", "1030", "check"),
            ("12345678901", "1001", "form"),
            # 書留: eleven digits, the last is the first ten modulo 7 (1234567890 % 7 = 3).
            ("12345678903", "1003", ""),
            ("12345678904", "1003", "check"),
            ("EF123456785JP", "1003", ""),
            ("EF123456784JP", "1003", "check"),
            ("WH/OUT/00012", "1001", "form"),
            # Nothing is known of other carriers' numbers.
            ("12345", "1004", ""),
            ("12345", "", ""),
        ):
            with self.subTest(number=number, carrier=carrier):
                self.assertEqual(tracking.doubt(number, carrier), expected)

    def test_damaged(self):
        for text in ("8.11E+11", "4E+11", "8.11e+11 "):
            self.assertTrue(tracking.is_damaged(text), text)
        for text in ("811000000000", "EF123456785JP", "", None, "8.11"):
            self.assertFalse(tracking.is_damaged(text), text)


@tagged("post_install", "-at_install")
class TestText(TransactionCase):
    def test_letters(self):
        for text, expected, replaced, strange in (
            ("𠮷田 太郎", "吉田 太郎", {"𠮷": "吉"}, ""),
            ("波～線〜", "波～線～", {"〜": "～"}, ""),
            # Decomposed kana are composed, line breaks and tabs are blanks.
            ("カ\u3099ス\n会社\t東京", "ガス 会社 東京", {}, ""),
            ("髙﨑㈱①Ⅱ", "髙﨑㈱①Ⅱ", {}, ""),
            ("\ufa19田", "\ufa19田", {}, ""),
            ("♡店😀", "♡店😀", {}, "♡😀"),
            # Which shape of a letter is meant is left out, and told.
            ("葛\U000e0100城 辻\ufe00", "葛城 辻", {"葛\U000e0100": "葛", "辻\ufe00": "辻"}, ""),
            (None, "", {}, ""),
        ):
            with self.subTest(text=text):
                self.assertEqual(waybill.printable(text), (expected, replaced, strange))
        self.assertEqual(waybill.rare("髙橋①郎ﾀﾛｳ"), "髙①")

    def test_street_and_building(self):
        for text, street, building in (
            ("千代田1-2-3サンプルビル101", "千代田1-2-3", "サンプルビル101"),
            ("千代田１−２ー３　サンプルビル１０１", "千代田1-2-3", "サンプルビル101"),
            ("5丁目12番3号コーポA202", "5丁目12番3号", "コーポA202"),
            ("第3工業団地1-2-3", "第3工業団地1-2-3", ""),
            ("大字山田123 第2マンション305", "大字山田123", "第2マンション305"),
            ("字山田123番地", "字山田123番地", ""),
            ("1-2-3-101号室", "1-2-3-101号室", ""),
            ("北1条西2丁目3-4 ビル5F", "北1条西2丁目3-4", "ビル5F"),
            ("大手町2番地の3 6階", "大手町2番地の3", "6階"),
            ("字見本", "字見本", ""),
            ("", "", ""),
            (
                "大手町二丁目九十九番九号試験ビル2301号室",
                "大手町二丁目九十九番九号",
                "試験ビル2301号室",
            ),
            ("二丁目九番地の三 試験荘", "二丁目九番地の三", "試験荘"),
            ("北一条西二丁目3-4ビル5F", "北一条西二丁目3-4", "ビル5F"),
            ("三田二丁目1-2三田ビル", "三田二丁目1-2", "三田ビル"),
            ("三番町1-2-3四谷ハイツ", "三番町1-2-3", "四谷ハイツ"),
            ("十番一号", "十番一号", ""),
            ("二丁目三田ビル", "二丁目", "三田ビル"),
        ):
            with self.subTest(text=text):
                self.assertEqual(waybill.split_street(text), (street, building))

    def test_kanji_numerals_are_not_torn(self):
        """For B2, whose building has a column, and for e飛伝Ⅲ, which has three lines."""
        street, building = waybill.split_street("大手町二丁目九十九番九号試験ビル2301号室")
        region = "東京都千代田区"
        columns = [Column("住所", "address_1", limit=64), Column("建物", "building", limit=32)]
        values = {"address": [region + street], "building": building}
        self.assertEqual(
            waybill.fill(columns, values),
            (["東京都千代田区大手町二丁目九十九番九号", "試験ビル2301号室"], []),
        )
        cells, findings = waybill.fill(LINES, {"address": [region, street, building]})
        self.assertEqual(
            cells, ["東京都千代田区", "大手町二丁目九十九番九号", "試験ビル２３０１号室"]
        )
        self.assertEqual(findings, [])
        for limits in ([13, 16, 16], [14, 16, 16], [15, 16, 16]):
            for line in waybill.pack([region + "大手町二丁目九十九番九号"], limits, LINES[0]):
                self.assertFalse(line.startswith(("十九", "九番")), limits)

    def test_phone(self):
        for text, expected in (
            ("03-0000-1234", "03-0000-1234"),
            ("+81 90-0000-0000", "090-0000-0000"),
            ("+81(0)3-0000-1234", "03-0000-1234"),
            ("０３－００００－１２３４", "03-0000-1234"),
            ("03(0000)1234", "0300001234"),
            ("", ""),
        ):
            with self.subTest(text=text):
                self.assertEqual(waybill.phone(text), expected)

    def test_numbers_that_are_none_stop_the_parcel(self):
        """None of their signs is left out: the rest would be another number."""
        columns = [
            Column("電話", "phone", limit=15, required=True),
            Column("郵便", "zip", limit=8),
            Column("代引", "cash", limit=7),
        ]
        good = {"phone": "03-0000-1234", "zip": "100-0001", "cash": 8590}
        self.assertEqual(waybill.fill(columns, good), (["03-0000-1234", "100-0001", "8590"], []))
        for source, column, text in (
            ("phone", "電話", "03-0000-12E4"),
            ("phone", "電話", "03-0000-1234 内線12"),
            ("phone", "電話", "-03-0000-1234"),
            ("phone", "電話", "=1+1"),
            ("zip", "郵便", "100-001"),
            ("zip", "郵便", "-1000001"),
            ("zip", "郵便", "@SUM(A1)"),
            ("zip", "郵便", "SW1A 1AA"),
            ("cash", "代引", "-8590"),
            ("cash", "代引", "8.5E3"),
        ):
            with self.subTest(source=source, text=text):
                cells, findings = waybill.fill(columns, {**good, source: text})
                self.assertEqual(cells[[c.source for c in columns].index(source)], "")
                self.assertEqual(findings, [Finding(column, "no_number", text)])
                self.assertTrue(findings[0].stops)
        for text, written in (("〒１００−０００１", "100-0001"), ("1000001", "1000001")):
            self.assertEqual(waybill.fill(columns, {**good, "zip": text})[0][1], written)

    def test_no_cell_begins_a_formula(self):
        """Nothing visible takes the place of what would begin one, and it is told."""
        columns = [
            Column("住所1", "address_1", limit=16),
            Column("住所2", "address_2", limit=16),
            Column("建物", "building", limit=32),
            Column("名", "name_1", limit=32, wide=True),
            Column("品名", "contents_1", limit=50),
            Column("記事", "note", limit=44),
            Column("固定", "fixed", text="-1"),
        ]
        values = {
            "address": ["=HYPERLINK(1)", " \t＋1-2"],
            "building": "\r@SUM(A1)",
            "name": ["　＝1+1"],
            "contents": ["-cmd"],
            "note": "＠－ 置き配",
        }
        cells, findings = waybill.fill(columns, values)
        self.assertEqual(cells, ["HYPERLINK(1)", "1-2", "SUM(A1)", "１＋１", "cmd", "置き配", "-1"])
        self.assertCountEqual(
            findings,
            [
                Finding("住所1", "formula", "="),
                Finding("住所2", "formula", "＋"),
                Finding("建物", "formula", "@"),
                Finding("名", "formula", "＝"),
                Finding("品名", "formula", "-"),
                Finding("記事", "formula", "＠－ "),
            ],
        )
        self.assertFalse(any(finding.stops for finding in findings))
        # No line begins with the hyphen at which another one ends.
        cells, findings = waybill.fill(columns[:2], {"address": ["あいうえおかきコ-ポ見本"]})
        self.assertEqual((cells, findings), (["あいうえおかき", "コ-ポ見本"], []))
        # A name of nothing else is none.
        _cells, findings = waybill.fill([Column("名", "name_1", required=True)], {"name": ["--"]})
        self.assertEqual(findings[-1], Finding("名", "missing"))

    def test_slots(self):
        for term, expected in (
            (None, ""),
            (0, ""),
            (1, "am"),
            (2, "pm"),
            (9, "other"),
            (812, "am"),
            ("912", "am"),
            (1214, "1214"),
            (1416, "1416"),
            (708, "0708"),
            ("x", "other"),
        ):
            with self.subTest(term=term):
                self.assertEqual(waybill.slot_key(term), expected)


@tagged("post_install", "-at_install")
class TestCells(TransactionCase):
    def address(self, *pieces):
        return waybill.fill(LINES, {"address": list(pieces)})

    def test_each_part_on_its_own_line(self):
        cells, findings = self.address("東京都千代田区", "千代田1-2-3", "サンプルビル101")
        self.assertEqual(cells, ["東京都千代田区", "千代田１－２－３", "サンプルビル１０１"])
        self.assertEqual(findings, [])

    def test_parts_flow_where_lines_are_short(self):
        """22 + 9 + 6 characters: the second part begins where the first ends, no number is torn."""
        cells, findings = self.address("あ" * 22, "い" * 6 + "1-2", "う" * 10)
        self.assertEqual(cells, ["あ" * 16, "あ" * 6 + "い" * 6 + "１－２", "う" * 10])
        self.assertEqual(findings, [])
        cells, _findings = self.address("あ" * 14, "い" * 14, "123-456", "う")
        self.assertEqual(cells, ["あ" * 14, "い" * 14, "１２３－４５６う"])

    def test_what_does_not_fit_stays_out(self):
        cells, findings = self.address("あ" * 30, "い" * 30)
        self.assertEqual(cells, ["", "", ""])
        self.assertEqual(findings, [Finding("住所1", "too_long", "あ" * 30 + "い" * 30)])
        self.assertTrue(findings[0].stops)
        # A number that is longer than a line is not torn either.
        _cells, findings = self.address("1" * 17)
        self.assertEqual([finding.code for finding in findings], ["too_long"])

    def test_missing(self):
        _cells, findings = self.address()
        self.assertEqual(findings, [Finding("住所1", "missing")])

    def test_strange_letter_in_a_name_stops(self):
        columns = [Column("名", "name_1", limit=32, required=True)]
        self.assertEqual(
            waybill.fill(columns, {"name": ["見本♡"]}), ([""], [Finding("名", "unprintable", "♡")])
        )
        self.assertEqual(
            waybill.fill(columns, {"name": ["繫 太郎"]}),
            (["繋 太郎"], [Finding("名", "replaced", "繫→繋")]),
        )
        # 17 full-width letters are 34 bytes.
        _cells, findings = waybill.fill(columns, {"name": ["あ" * 17]})
        self.assertEqual(findings, [Finding("名", "too_long", "あ" * 17)])

    def test_contents_are_cut_with_a_word(self):
        columns = [
            Column("品名１", "contents_1", limit=10),
            Column("品名２", "contents_2", limit=10),
        ]
        cells, findings = waybill.fill(columns, {"contents": ["あいうえおか", "=1+1♡", "三つ目"]})
        self.assertEqual(cells, ["あいうえお", "1+1"])
        self.assertCountEqual(
            findings,
            [
                Finding("品名１", "cut", "三つ目"),
                Finding("品名１", "cut", "あいうえおか"),
                Finding("品名２", "cut", "♡"),
                Finding("品名２", "formula", "="),
            ],
        )
        self.assertFalse(any(finding.stops for finding in findings))

    @given(
        st.lists(st.text(max_size=60), max_size=3),
        st.text(max_size=40),
        st.sampled_from(["bytes", "chars"]),
        st.booleans(),
    )
    @examples(800)
    def test_any_text(self, pieces, name, counts, wide):
        """Whatever was typed: cells that CP932 takes and that fit, or a finding that stops."""
        columns = [
            Column(f"住所{n}", f"address_{n}", limit=16, counts=counts, wide=wide)
            for n in (1, 2, 3)
        ] + [Column("名", "name_1", limit=16, counts=counts, wide=wide)]
        cells, findings = waybill.fill(columns, {"address": pieces, "name": [name]})
        for cell in cells:
            self.assertEqual(cell.encode("cp932").decode("cp932"), cell)
            self.assertLessEqual(waybill.length(cell, counts), 16)
            self.assertNotIn(cell.strip()[:1] or "x", waybill.FORMULA)
        left_out = {finding.column for finding in findings if finding.code == "formula"}
        stopped = {finding.column for finding in findings if finding.stops}
        for source, parts, written, column in (
            ("address", pieces, cells[:3], "住所1"),
            ("name", [name], cells[3:], "名"),
        ):
            if column in stopped:
                continue
            text = "".join(waybill.printable(part)[0] for part in parts if part)
            text, cells = waybill.widen(text) if wide else text, "".join(written)
            if any(name.startswith(column[:2]) for name in left_out):
                text, cells = (re.sub(r"[=+\-@＝＋－＠\s]", "", kept) for kept in (text, cells))
            self.assertEqual(cells, text, source)


@tagged("post_install", "-at_install")
class TestReturnedFiles(TransactionCase):
    def read_back(self, text, encoding="cp932", **headers):
        return [
            (row.key, row.number, row.service, row.deleted)
            for row in waybill_file.read_numbers(text.encode(encoding), **headers)
        ]

    def test_headings_of_the_carriers(self):
        for head, expected in (
            ("お客様管理番号,送り状種類,クール区分,伝票番号", "0"),
            ("お客様管理番号,送り状種類,クール区分,送り状番号", "0"),
            ('"お客様管理番号","x","y","お問い合せ送り状No."', ""),
            ("お客様管理ナンバー,x,y,お問合せ送り状№", ""),
            ("お客様側管理番号,x,代表お問い合わせ番号,お問い合わせ番号", ""),
            ("お客様側管理番号\tx\ty\tお問い合わせ番号", ""),
        ):
            mark = "\t" if "\t" in head else ","
            row = mark.join(("SR0000000001", "0", "999999999999", "123456789013"))
            for encoding in ("cp932", "utf-8-sig"):
                with self.subTest(head=head, encoding=encoding):
                    self.assertEqual(
                        self.read_back(f"{head}\r\n{row}\r\n", encoding),
                        [("SR0000000001", "123456789013", expected, False)],
                    )

    def test_columns_in_any_order(self):
        text = "発送日,伝票番号,氏名,お客様管理番号\n2026/1/20,1,見本,A\n,,,\n2026/1/20,2,見本,\n"
        self.assertEqual(self.read_back(text), [("A", "1", "", False)])

    def test_deleted(self):
        text = "お客様管理番号,お問い合せ送り状No.,削除区分\nA,1,1\nB,2,\nC,3,0\n"
        self.assertEqual(
            self.read_back(text),
            [("A", "1", "", True), ("B", "2", "", False), ("C", "3", "", False)],
        )

    def test_own_headings(self):
        text = "注文キー,追跡番号\nA,1\n"
        with self.assertRaisesRegex(ValueError, "heading"):
            self.read_back(text)
        self.assertEqual(
            self.read_back(text, key_headers=[False, "注文キー"], number_headers=["追跡番号"]),
            [("A", "1", "", False)],
        )

    def returned(self, name, **options):
        return waybill_file.read_numbers((RETURNED / name).read_bytes(), **options)

    def test_issued_data_without_headings(self):
        """B2クラウド's 発行済データ: the key is column 1, the number column 4."""
        rows = self.returned("b2_issued_without_headings.csv")
        self.assertEqual(
            [(row.row, row.key, row.number, row.service) for row in rows],
            [
                (1, "SR0000000001", "123456789013", "0"),
                (2, "SR0000000002", "400000000002", "A"),
                (3, "TEL-77", "620000000001", "0"),
            ],
        )

    def test_positions_are_not_guessed(self):
        for text in (
            # Nobody's keys.
            "K1,0,0,123456789013\n",
            # A key, but something else than numbers in column 4.
            "SR0000000001,0,0,123456789013\nSR0000000002,0,0,東京都\n",
            "SR0000000001,0\nSR0000000002,0,0,1234\n",
            # A day is no number, as where ゆうプリR has given none yet.
            "SR0000000001,,,20260115\n",
            "SR0000000001,,,2026-01-15\n",
        ):
            with self.subTest(text), self.assertRaisesRegex(ValueError, "heading"):
                self.read_back(text)
        text = "123456-20260110-0000000001,0,0,123456789013\nK2,0,0,\n"
        found = self.read_back(text, known=lambda words: words & {"123456-20260110-0000000001"})
        self.assertEqual([row[1] for row in found], ["123456789013", ""])

    def test_files_of_issued_data_with_headings(self):
        for name in ("inquiry_no", "slip_number", "inquiry_slip_number"):
            with self.subTest(name):
                rows = self.returned(f"b2_issued_{name}.csv")
                self.assertEqual(
                    [(row.key, row.number.replace("-", ""), row.service) for row in rows],
                    [
                        ("SR0000000001", "123456789013", "0"),
                        ("SR0000000002", "400000000002", "A"),
                    ],
                )

    def test_headings_of_issued_data(self):
        for head in ("お問い合せNo", "お問い合せ送り状番号", "お問合せＮｏ．", "送り状番号"):
            with self.subTest(head):
                text = f"お客様管理番号,x,代表お問い合せNo,{head}\nSR0000000001,x,9,123456789013\n"
                self.assertEqual(self.read_back(text)[0][1], "123456789013")

    def test_key_in_a_free_item(self):
        """ゆうプリR: each row's key is where a known one stands."""
        rows = self.returned("yuupuri_history_free_item.csv")
        self.assertEqual(
            [(row.key, row.number) for row in rows],
            [
                ("SR0000000001", "123456789013"),
                ("SR0000000002", "400000000002"),
                ("SR0000000003", "620000000001"),
                ("1004", "111111111115"),
            ],
        )
        text = "お問い合わせ番号,フリー項目０１\n1,A\n"
        self.assertEqual(self.read_back(text), [("A", "1", "", False)])

    def test_saved_by_a_spreadsheet_in_utf_16(self):
        rows = self.returned("saved_by_a_spreadsheet_utf16.csv")
        self.assertEqual(
            [(row.key, row.number) for row in rows],
            [("SR0000000001", "412345678901"), ("SR0000000002", "400000000002")],
        )
        big = "お客様管理番号,伝票番号\nA,1\n".encode("utf-16-be")
        self.assertEqual(waybill_file.read_numbers(b"\xfe\xff" + big)[0].number, "1")
        with self.assertRaises(ValueError):
            waybill_file.read_numbers(b"\xff\xfea")

    def test_report_of_rms(self):
        rows = self.returned("rms_shipping_report.csv")
        self.assertEqual(
            [(row.key, row.basket, row.number, row.company) for row in rows],
            [
                ("123456-20260110-0000000001", "4257110001", "123456789013", "1001"),
                ("123456-20260110-0000000001", "4257110002", "400000000002", "1003"),
                ("123456-20260110-0000000002", "", "", "1000"),
            ],
        )

    def test_numbers_that_are_nobodys(self):
        with self.assertRaisesRegex(ValueError, "key"):
            self.returned("clickpost_list.csv")

    def test_no_text_file(self):
        for data in (b"PK\x03\x04\x00\x00\xff\xfe", b"\x81", b""):
            with self.subTest(data=data), self.assertRaises(ValueError):
                waybill_file.read_numbers(data)

    @given(st.binary(max_size=300))
    @examples(400)
    def test_any_bytes(self, data):
        try:
            rows = waybill_file.read_numbers(data)
        except ValueError:
            return
        self.assertIsInstance(rows, list)
