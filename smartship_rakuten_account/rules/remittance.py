"""Files that name orders: a carrier's 代引 remittance, RMS's 決済 export.

Their columns are told once by a mapping, and each row is compared with what is open in the books.
Whole yen throughout.
"""

from collections import Counter
from dataclasses import dataclass

from odoo.addons.smartship_rakuten.rules.waybill_file import fold_header, read_file

from .statement import read_yen

#: The headings stand in one of so many rows.
HEAD_ROWS = 20


class RemittanceError(ValueError):
    """Why a file cannot be read.

    :ivar str code: ``not_text``, ``headings`` where the mapping does not fit, ``value``
    :ivar dict details: ``row`` from 1, ``found``
    """

    def __init__(self, code, **details):
        super().__init__(code)
        self.code = code
        self.details = details


@dataclass(frozen=True, slots=True)
class Columns:
    """The headings under which a file has order number, amount, and what is taken off; '' for
    none."""

    order: str
    amount: str
    fee: str = ""

    @property
    def headings(self):
        return [fold_header(text) for text in (self.order, self.amount, self.fee) if text]


@dataclass(frozen=True, slots=True)
class Remitted:
    """A row of a file: what is paid for an order, and what is taken off of it."""

    row: int
    number: str
    amount: int
    fee: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order: ``agrees``, ``differs`` (by ``off``), ``twice``, ``unknown`` (in the
    file only), ``missing`` (in the books only), ``refund`` or ``charge``, a row without an order.
    """

    number: str
    outcome: str
    amount: int
    fee: int
    open: int
    off: int
    row: int = 0


def rows_of(data):
    """The cells of a file. :raises RemittanceError: where it is no text"""
    try:
        return read_file(data)
    except ValueError:
        raise RemittanceError("not_text") from None


def fits(rows, columns):
    """The place of the row that has all headings of a mapping, None where none has."""
    wanted = set(columns.headings)
    for place, cells in enumerate(rows[:HEAD_ROWS]):
        if wanted and wanted <= {fold_header(cell) for cell in cells}:
            return place
    return None


def read_rows(rows, columns):
    """Read a file by a mapping.

    :param rows: of :func:`rows_of`
    :param Columns columns:
    :return: list of Remitted, without rows that say nothing
    :raises RemittanceError: ``headings`` or ``value``
    """
    place = fits(rows, columns)
    if place is None:
        raise RemittanceError("headings")
    head = [fold_header(cell) for cell in rows[place]]
    order, amount = head.index(fold_header(columns.order)), head.index(fold_header(columns.amount))
    fee = head.index(fold_header(columns.fee)) if columns.fee else None
    found = []
    for line, cells in enumerate(rows[place + 1 :], place + 2):
        cells = [*cells, *[""] * (len(head) - len(cells))]
        try:
            paid = read_yen(cells[amount])
            taken = read_yen(cells[fee]) if fee is not None else 0
        except ValueError as error:
            raise RemittanceError("value", row=line, found=str(error)[:40]) from None
        number = cells[order].strip()
        if number or paid or taken:
            found.append(Remitted(line, number, paid, abs(taken)))
    return found


def compare(rows, open_amounts, expected):
    """Compare what is paid with what is open.

    :param rows: list of Remitted
    :param dict open_amounts: {number: yen} open of the orders that the books have
    :param expected: numbers of the orders that the file should have
    :return: list of Outcome, in the order of the file, then what is missing
    """
    times = Counter(row.number for row in rows if row.number and row.amount > 0)
    seen, found = set(), []
    for row in rows:
        open_amount = open_amounts.get(row.number, 0)
        off = row.amount - open_amount
        if not row.number:
            outcome = "charge"
        elif row.number not in open_amounts:
            outcome = "unknown"
        elif row.amount < 0:
            outcome = "refund"
        elif times[row.number] > 1 and row.number in seen:
            outcome = "twice"
        else:
            outcome = "differs" if off else "agrees"
        if row.amount > 0:
            seen.add(row.number)
        found.append(Outcome(row.number, outcome, row.amount, row.fee, open_amount, off, row.row))
    named = {row.number for row in rows}
    found += [
        Outcome(number, "missing", 0, 0, open_amounts[number], -open_amounts[number])
        for number in expected
        if number not in named
    ]
    return found
