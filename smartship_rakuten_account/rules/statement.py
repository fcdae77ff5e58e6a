"""The 店舗別内訳書CSV of 楽天BillPay: totals per 品目 and period, no order numbers.

It is read strictly, by position and by heading: where Rakuten changes the file, reading stops and
names the heading.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from odoo.addons.smartship_rakuten.rules.waybill_file import fold_header, read_file

#: Headings by position; where two forms are known, both.
HEADINGS = (
    ("発行日",),
    ("精算書No",),
    ("店舗別内訳書No", "店舗別仕訳書No"),
    ("店舗別ID",),
    ("ＵＲＬ",),
    ("店舗名",),
    ("支払（税込額）",),
    ("請求（税抜額）",),
    ("請求（税額）",),
    ("支払/請求分類", "支払/相殺区分"),
    ("集約科目",),
    ("品目",),
    ("精算対象期間開始日",),
    ("精算対象期間終了日",),
    ("金額",),
    ("うち消費税",),
    ("税率",),
)
#: What a row is, by 支払/請求分類.
SIDES = {"支払": "paid", "請求": "charged", "相殺": "charged", "支払控除": "charged"}
#: More rows than a statement has.
ROWS = 100_000
#: Yen that an amount may have; a longer one is no amount.
_YEN = re.compile(r"[-−▲△]?[¥\\]?\d{1,3}(,\d{3}){0,3}|[-−▲△]?[¥\\]?\d{1,12}", re.ASCII)
_DATE = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})", re.ASCII)
#: Kind of a row that is paid, by what its 品目 or 集約科目 has in it; what has none is 決済.
PAID_KINDS = (("points", "ポイント"), ("coupon", "クーポン"))
#: Kind of a row that is charged, by what its 品目 has in it; the first that is found.
CHARGED_KINDS = (
    ("refund", r"返金"),
    ("own", r"ショップクーポン"),
    ("tax", r"^消費税"),
    ("points", r"ポイント(付与|原資)"),
    ("affiliate", r"アフィリエイト"),
    ("payment", r"楽天ペイ利用料"),
    ("system", r"システム利用料"),
    ("advertising", r"広告|RPP|compass"),
)
#: What is taken off what Rakuten pays, and is nothing that the shop buys.
TAKEN_OFF = ("refund", "own")


class StatementError(ValueError):
    """Why a file cannot be read.

    :ivar str code: ``not_text``, ``empty``, ``headings``, ``columns``, ``value`` or ``several``
    :ivar dict details: what is wrong where: ``row`` and ``column`` from 1, ``found``, ``expected``
    """

    def __init__(self, code, **details):
        super().__init__(code)
        self.code = code
        self.details = details


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a statement; whole yen.

    ``side`` is ``paid`` or ``charged``, ``kind`` of a payment ``settled``, ``points`` or
    ``coupon``, of a charge one of :data:`CHARGED_KINDS`, '' where nothing tells it. ``amount`` is
    without tax once the totals have told whether it was in it.
    """

    row: int
    side: str
    kind: str
    account: str
    item: str
    first: date | None
    last: date | None
    amount: int
    tax: int
    rate: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of one shop; whole yen, days in Japan.

    ``paid``, ``charged`` (without tax) and ``tax`` are what the file says in total. ``off`` are the
    yen by which its rows differ from that: paid, charged, tax; all 0 where they add up.
    """

    issued: date
    number: str
    detail_number: str
    shop_number: str
    shop_url: str
    shop_name: str
    rows: tuple
    paid: int
    charged: int
    tax: int
    off: tuple

    @property
    def payout(self):
        """What Rakuten transfers; below 0 what the shop has to pay."""
        return self.paid - self.charged - self.tax

    @property
    def adds_up(self):
        return not any(self.off)

    def sum(self, side, *kinds):
        """Yen with tax of the rows of these kinds, None where there is no such row."""
        found = [r.amount + r.tax for r in self.rows if r.side == side and r.kind in kinds]
        return sum(found) if found else None

    @property
    def period(self):
        """First and last day of the payments, None where nothing is paid."""
        paid = [row for row in self.rows if row.side == "paid" and row.first and row.last]
        if not paid:
            return None
        return min(row.first for row in paid), max(row.last for row in paid)


def plain(text):
    """A name as it is compared: width and blanks do not matter."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def kind_of(side, account, item):
    """What a row is about, '' where nothing tells it."""
    if side == "paid":
        names = plain(item) + plain(account)
        return next((kind for kind, word in PAID_KINDS if word in names), "settled")
    names = (plain(item), plain(account))
    return next(
        (
            kind
            for name in names
            for kind, words in CHARGED_KINDS
            if re.search(words, name, re.IGNORECASE)
        ),
        "",
    )


def read_yen(text):
    """Whole yen, ``-`` or nothing for none. :raises ValueError: for anything else"""
    text = text.strip()
    if text in ("", "-", "－", "−"):
        return 0
    text = unicodedata.normalize("NFKC", text)
    if not _YEN.fullmatch(text):
        raise ValueError(text)
    amount = int(re.sub(r"\D", "", text))
    return -amount if text[0] in "-−▲△" else amount


def read_date(text):
    """A day, None for ``-`` or nothing. :raises ValueError: for anything else"""
    text = text.strip()
    if text in ("", "-"):
        return None
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(text)
    return date(*map(int, found.groups()))


def read_statement(data):
    """Read a 店舗別内訳書CSV.

    :param bytes data: the file, CP932 as Rakuten writes it, or UTF-8 where it was saved again
    :rtype: Statement
    :raises StatementError: where it is none
    """
    try:
        lines = read_file(data)
    except ValueError:
        raise StatementError("not_text") from None
    if not lines:
        raise StatementError("empty")
    _check_headings(lines[0])
    if len(lines) == 1 or len(lines) > ROWS:
        raise StatementError("empty")
    heads, rows, stated = set(), [], []
    for place, cells in enumerate(lines[1:], 2):
        if len(cells) != len(HEADINGS):
            raise StatementError("columns", row=place, found=len(cells), expected=len(HEADINGS))
        heads.add(tuple(cell.strip() for cell in cells[:6]))
        stated.append(tuple(_read(read_yen, cells, place, column) for column in (7, 8, 9)))
        rows.append(_read_row(cells, place))
    if len(heads) > 1:
        raise StatementError("several")
    (head,) = heads
    issued = _read(read_date, lines[1], 2, 1)
    if not issued or not head[1]:
        raise StatementError("value", row=2, column=1 if not issued else 2, found="")
    rows, totals, off = _settle_tax(rows, stated)
    return Statement(issued, *head[1:], tuple(rows), *totals, off)


def _check_headings(cells):
    for column, known in enumerate(HEADINGS, 1):
        found = cells[column - 1].strip() if column <= len(cells) else ""
        if fold_header(found) not in map(fold_header, known):
            raise StatementError("headings", column=column, found=found, expected=known[0])
    if len(cells) > len(HEADINGS):
        column = len(HEADINGS) + 1
        raise StatementError("headings", column=column, found=cells[column - 1], expected="")


def _read(reader, cells, place, column):
    try:
        return reader(cells[column - 1])
    except ValueError:
        raise StatementError(
            "value", row=place, column=column, found=cells[column - 1][:40]
        ) from None


def _read_row(cells, place):
    side = SIDES.get(plain(cells[9]))
    if not side:
        raise StatementError("value", row=place, column=10, found=cells[9][:40])
    account, item = cells[10].strip(), cells[11].strip()
    return Row(
        row=place,
        side=side,
        kind=kind_of(side, account, item),
        account=account,
        item=item,
        first=_read(read_date, cells, place, 13),
        last=_read(read_date, cells, place, 14),
        amount=_read(read_yen, cells, place, 15),
        tax=_read(read_yen, cells, place, 16),
        rate=cells[16].strip(),
    )


def _settle_tax(rows, stated):
    """Take the tax out of the charges, as the totals say.

    金額 may be with tax (うち消費税) or without, and the tax may have a row of its own; columns 7
    to 9 may be totals, the same in each row, or the row's own.

    :param list stated: columns 7 to 9 of each row
    :return: (rows, (paid, charged, tax), what they are off)
    """
    paid = sum(row.amount for row in rows if row.side == "paid")
    charged = [row for row in rows if row.side == "charged" and row.kind != "tax"]
    apart = sum(row.amount for row in rows if row.kind == "tax")
    gross, inside = sum(row.amount for row in charged), sum(row.tax for row in charged)
    if len(set(stated)) == 1:
        totals = stated[0]
    else:
        totals = tuple(map(sum, zip(*stated, strict=True)))
    with_tax = not apart and abs(gross - totals[1] - totals[2]) <= abs(gross - totals[1])
    if with_tax:
        rows = [
            replace(row, amount=row.amount - row.tax) if row.side == "charged" else row
            for row in rows
        ]
        gross -= inside
    off = (paid - totals[0], gross - totals[1], inside + apart - totals[2])
    return rows, totals, off
