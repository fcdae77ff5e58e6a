"""Waybill files as they are written, and as the carriers' programs give them back with numbers.

A file is written by position, because the programs read it so, and read by its headings, because
each account chooses the columns that it gets back.
"""

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


def fold_header(text):
    """A column's heading as it is compared: width, dots and blanks do not matter."""
    return re.sub(r"[\s.．・]", "", unicodedata.normalize("NFKC", text or "")).casefold()


def read_file(data):
    """A file that a carrier's program gave back, in UTF-8 or CP932, divided by commas or tabs.

    :param bytes data:
    :return: list of rows, lists of text; empty rows are left out
    :raises ValueError: when it is no text
    """
    for encoding in ("utf-8-sig", "cp932"):
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

#: Headings as the carriers' programs write them, folded by :func:`fold_header`.
KEY_HEADERS = frozenset(
    map(
        fold_header,
        (
            "お客様管理番号",
            "お客様管理ナンバー",
            "お客様側管理番号",
            "お客さま管理番号",
            "お客さま管理番号（受注番号等）",
        ),
    )
)
#: Not 代表お問い合わせ番号, which is the number of the first parcel of several.
NUMBER_HEADERS = frozenset(
    map(
        fold_header,
        (
            "伝票番号",
            "送り状番号",
            "お問い合せ送り状No.",
            "お問合せ送り状№",
            "お問い合わせ送り状No.",
            "お問い合せ番号",
            "お問い合わせ番号",
        ),
    )
)
#: The headings stand in one of so many rows.
HEAD_ROWS = 5
DELETED_HEADERS = frozenset(map(fold_header, ("削除区分",)))
SERVICE_HEADERS = frozenset(map(fold_header, ("送り状種類", "送り状種別", "郵便種別")))


@dataclass(frozen=True, slots=True)
class Returned:
    """A row of a file that came back: key and number as they stand there."""

    row: int
    key: str
    number: str
    service: str = ""
    deleted: bool = False


def read_numbers(data, *, key_headers=(), number_headers=()):
    """The numbers in a file of a carrier's program, found by the headings, wherever they stand.

    :param bytes data:
    :param key_headers: further headings of the key; number_headers: of the number
    :return: list of Returned; rows without a key are left out
    :raises ValueError: ``not a text file``, or ``heading`` when no row names both columns
    """
    rows = read_file(data)
    keys = KEY_HEADERS | {fold_header(text) for text in key_headers if text}
    numbers = NUMBER_HEADERS | {fold_header(text) for text in number_headers if text}
    heads = ([fold_header(cell) for cell in row] for row in rows[:HEAD_ROWS])
    start, folded = next(
        (
            (line, head)
            for line, head in enumerate(heads, start=1)
            if keys.intersection(head) and numbers.intersection(head)
        ),
        (0, []),
    )
    if not folded:
        raise ValueError("heading")
    key = next(i for i, text in enumerate(folded) if text in keys)
    number = next(i for i, text in enumerate(folded) if text in numbers)
    deleted = next((i for i, text in enumerate(folded) if text in DELETED_HEADERS), None)
    service = next((i for i, text in enumerate(folded) if text in SERVICE_HEADERS), None)

    def cell(row, index):
        return row[index].strip() if index is not None and index < len(row) else ""

    return [
        Returned(
            row=line,
            key=cell(row, key),
            number=cell(row, number).strip("'\"="),
            service=cell(row, service),
            deleted=cell(row, deleted) not in ("", "0"),
        )
        for line, row in enumerate(rows[start:], start=start + 1)
        if cell(row, key)
    ]
