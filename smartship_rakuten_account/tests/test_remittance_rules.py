"""Files that name orders: values written by hand."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.smartship_rakuten.rules.waybill_file import write_file
from odoo.addons.smartship_rakuten_account.rules.remittance import (
    Columns,
    Outcome,
    RemittanceError,
    Remitted,
    compare,
    fits,
    read_rows,
    rows_of,
)

COLUMNS = Columns("ご注文番号", "代引金額", "手数料")
FILE = [
    ["代金引換 お支払明細"],
    ["No.", "ご注文番号", "代引 金額", "手数料"],
    ["1", "123456-20260110-0000000001", "8,590", "330"],
    ["2", "123456-20260110-0000000002", "4,000", "330"],
    ["", "", "", ""],
    ["", "", "-500", ""],
]
ONE, TWO, THREE = (f"123456-20260110-000000000{n}" for n in (1, 2, 3))


def error_of(call, *args):
    try:
        found = call(*args)
    except RemittanceError as error:
        return error.code, error.details
    raise AssertionError(f"read: {found}")


@tagged("post_install", "-at_install")
class TestRemittanceRules(BaseCase):
    def test_headings_are_found_wherever_they_stand(self):
        rows = rows_of(write_file(FILE))
        self.assertEqual(fits(rows, COLUMNS), 1)
        self.assertEqual(
            read_rows(rows, COLUMNS),
            [
                Remitted(3, ONE, 8590, 330),
                Remitted(4, TWO, 4000, 330),
                Remitted(5, "", -500),
            ],
        )
        self.assertIsNone(fits(rows, Columns("注文番号", "代引金額")))
        self.assertEqual(error_of(read_rows, rows, Columns("注文番号", "金額")), ("headings", {}))

    def test_what_cannot_be_read(self):
        self.assertEqual(error_of(rows_of, b"\x00\xff")[0], "not_text")
        rows = [*FILE[:2], ["1", ONE, "8.590", ""]]
        self.assertEqual(
            error_of(read_rows, rows, COLUMNS), ("value", {"row": 3, "found": "8.590"})
        )
        # A row that ends early is filled up.
        self.assertEqual(read_rows([*FILE[:2], ["1", ONE]], COLUMNS), [Remitted(3, ONE, 0)])

    def test_each_outcome(self):
        rows = [
            Remitted(1, ONE, 8590, 330),
            Remitted(2, TWO, 3900, 330),
            Remitted(3, ONE, 8590),
            Remitted(4, "other", 100),
            Remitted(5, TWO, -400),
            Remitted(6, "", -500),
        ]
        open_amounts = {ONE: 8590, TWO: 4000, THREE: 1200}
        self.assertEqual(
            compare(rows, open_amounts, [ONE, THREE]),
            [
                Outcome(ONE, "agrees", 8590, 330, 8590, 0, 1),
                Outcome(TWO, "differs", 3900, 330, 4000, -100, 2),
                Outcome(ONE, "twice", 8590, 0, 8590, 0, 3),
                Outcome("other", "unknown", 100, 0, 0, 100, 4),
                Outcome(TWO, "refund", -400, 0, 4000, -4400, 5),
                Outcome("", "charge", -500, 0, 0, -500, 6),
                Outcome(THREE, "missing", 0, 0, 1200, -1200),
            ],
        )

    @given(st.binary(max_size=200))
    def test_any_bytes_do_no_harm(self, data):
        for content in (data, write_file(FILE[:2]) + data):
            try:
                compare(read_rows(rows_of(content), COLUMNS), {ONE: 1}, [ONE])
            except RemittanceError as error:
                self.assertTrue(error.code)
