"""Waybill files as they are written, and as the carriers' programs give them back with numbers.

A file is written by position, because the programs read it so, and read by its headings, because
each account chooses the columns that it gets back. Only where a known program leaves its headings
out is its file read by position, checked against the keys that it should hold.
"""

import codecs
import csv
import io
import re
import unicodedata
from dataclasses import dataclass


def write_file(rows, *, encoding="cp932", quote_all=False):
    """:param rows: lists of cells; :return: bytes of a CSV file with CRLF"""
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(out, lineterminator="\r\n", quoting=quoting).writerows(rows)
    return out.getvalue().encode(encoding)


def file_names(names):
    """Names that can stand beside each other in a folder of any system.

    :param list names: as they were made of what people call things
    :return: list of names in the same order, none of them twice
    """
    given = []
    for name in names:
        stem, dot, ending = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name).rpartition(".")
        number, fitting = 1, f"{stem}{dot}{ending}"
        while fitting.casefold() in map(str.casefold, given):
            number += 1
            fitting = f"{stem} ({number}){dot}{ending}"
        given.append(fitting)
    return given


def fold_header(text):
    """A column's heading as it is compared: width, dots and blanks do not matter."""
    return re.sub(r"[\s.．・]", "", unicodedata.normalize("NFKC", text or "")).casefold()


def read_file(data):
    """A file that a carrier's program gave back, in UTF-8, UTF-16 or CP932, divided by commas or
    tabs.

    :param bytes data:
    :return: list of rows, lists of text; empty rows are left out
    :raises ValueError: when it is no text
    """
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp932"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        head = text.partition("\n")[0]
        delimiter = "\t" if head.count("\t") > head.count(",") else ","
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            return [row for row in rows if any(cell.strip() for cell in row)]
        except csv.Error as error:
            raise ValueError(str(error)) from None
    raise ValueError("not a text file")


# === Files that come back === #


def _folded(*headings):
    return frozenset(map(fold_header, headings))


#: Headings as the carriers' programs write them, folded by :func:`fold_header`.
KEY_HEADERS = _folded(
    "お客様管理番号",
    "お客様管理ナンバー",
    "お客様側管理番号",
    "お客さま管理番号",
    "お客さま管理番号（受注番号等）",
)
#: Where ゆうプリR may hold the key in place of its own column.
SPARE_KEY_HEADERS = _folded("フリー項目０１", "フリー項目１")
#: Not 代表お問い合わせ番号, which is the number of the first parcel of several.
NUMBER_HEADERS = _folded(
    "伝票番号",
    "送り状番号",
    *(
        f"{asked}{what}"
        for asked in ("お問い合せ", "お問合せ", "お問い合わせ")
        for what in ("送り状No.", "送り状番号", "No.", "番号")
    ),
)
#: RMS's own 発送完了報告: an order and its destination are the key.
ORDER_HEADERS = _folded("注文番号")
BASKET_HEADERS = _folded("送付先ID")
COMPANY_HEADERS = _folded("配送会社")
RMS_NUMBER_HEADERS = _folded("お荷物伝票番号")
#: The headings stand in one of so many rows.
HEAD_ROWS = 5
DELETED_HEADERS = _folded("削除区分")
SERVICE_HEADERS = _folded("送り状種類", "送り状種別", "郵便種別")
#: Files without headings, as columns from 0: key, number, service. ゆうプリR's 発送履歴 with all
#: its columns; B2クラウド's 発行済データ, which has the service where the other has the number.
POSITIONS = ((0, 1, 7), (0, 3, 1))
#: A parcel key of ours.
OWN_KEY = re.compile(r"SR\d{10,}")
_MADE_DECIMAL = re.compile(r"(\d+)\.0+")


@dataclass(frozen=True, slots=True)
class Returned:
    """A row of a file that came back: key and number as they stand there.

    ``reported`` tells a row of RMS's own 発送完了報告: the key is an order number, ``basket`` and
    ``company`` are 送付先ID and 配送会社.
    """

    row: int
    key: str
    number: str
    service: str = ""
    deleted: bool = False
    basket: str = ""
    company: str = ""
    reported: bool = False


def own_keys(words):
    """Those of the words that look like parcel keys of ours."""
    return {word for word in words if OWN_KEY.fullmatch(word)}


def read_numbers(data, *, key_headers=(), number_headers=(), known=own_keys):
    """The numbers in a file of a carrier's program, found by the headings, wherever they stand.

    :param bytes data:
    :param key_headers: further headings of the key; number_headers: of the number
    :param known: callable(set of words) -> those that are keys: decides between two columns of
        keys, and whether a file without headings is what its positions say
    :return: list of Returned; rows without a key are left out
    :raises ValueError: ``not a text file``; ``heading`` when nothing tells the columns; ``key``
        when there are numbers, and nothing tells whose
    """
    rows = read_file(data)
    keys = KEY_HEADERS | _folded(*filter(None, key_headers))
    numbers = NUMBER_HEADERS | _folded(*filter(None, number_headers))
    heads = [[fold_header(cell) for cell in row] for row in rows[:HEAD_ROWS]]
    for line, head in enumerate(heads, start=1):
        if ORDER_HEADERS.intersection(head) and RMS_NUMBER_HEADERS.intersection(head):
            return _read_report(rows, line, head)
        places = [i for group in (keys, SPARE_KEY_HEADERS) for i in _all(head, group)]
        if places and numbers.intersection(head):
            return _read_columns(
                rows,
                line,
                places,
                number=_first(head, numbers),
                service=_first(head, SERVICE_HEADERS),
                deleted=_first(head, DELETED_HEADERS),
                known=known,
            )
    if any((numbers | RMS_NUMBER_HEADERS).intersection(head) for head in heads):
        raise ValueError("key")
    for key, number, service in POSITIONS:
        written = {_cell(row, number) for row in rows}
        told = any(written) and all(map(_may_be_number, written))
        if told and known({_cell(row, key) for row in rows}):
            return _read_columns(rows, 0, [key], number=number, service=service, known=known)
    raise ValueError("heading")


def _read_columns(rows, start, keys, *, number, service=None, deleted=None, known):
    """Rows after ``start``, by the columns in which things stand; of several columns of keys the
    first that holds a known one, else the first that is filled."""
    body = list(enumerate(rows[start:], start=start + 1))
    found = known({_cell(row, i) for _line, row in body for i in keys}) if len(keys) > 1 else ()

    def key_of(row):
        cells = [cell for i in keys if (cell := _cell(row, i))]
        return next((cell for cell in cells if cell in found), cells[0] if cells else "")

    return [
        Returned(
            row=line,
            key=key,
            number=_number(row, number),
            service=_cell(row, service),
            deleted=_cell(row, deleted) not in ("", "0"),
        )
        for line, row in body
        if (key := key_of(row))
    ]


def _read_report(rows, start, head):
    """RMS's 発送完了報告 in which somebody has filled in the numbers."""
    order, number = _first(head, ORDER_HEADERS), _first(head, RMS_NUMBER_HEADERS)
    basket, company = _first(head, BASKET_HEADERS), _first(head, COMPANY_HEADERS)
    return [
        Returned(
            row=line,
            key=_cell(row, order),
            number=_number(row, number),
            basket=_MADE_DECIMAL.sub(r"\1", _cell(row, basket)),
            company=_MADE_DECIMAL.sub(r"\1", _cell(row, company)),
            reported=True,
        )
        for line, row in enumerate(rows[start:], start=start + 1)
        if _cell(row, order)
    ]


def _all(head, group):
    return [i for i, text in enumerate(head) if text in group]


def _first(head, group):
    return next(iter(_all(head, group)), None)


def _cell(row, index):
    return row[index].strip() if index is not None and index < len(row) else ""


def _number(row, index):
    """A number as the carrier wrote it: a spreadsheet that saves the file makes a decimal of it."""
    text = _cell(row, index).strip("'\"=")
    decimal = _MADE_DECIMAL.fullmatch(text)
    return decimal[1] if decimal else text


def _may_be_number(text):
    """Whether a cell can be a tracking number, or none; a date is shorter, with hyphens as well."""
    digits = _MADE_DECIMAL.sub(r"\1", text).replace("-", "")
    return not text or bool(re.fullmatch(r"\d{10,}|\d(\.\d+)?E\+?\d+", digits, re.IGNORECASE))
