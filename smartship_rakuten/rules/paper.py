"""Which rows of a list go onto which sheet.

Not every wkhtmltopdf repeats the head of a table, and a sheet without an order's number ends in
another parcel. So lists are parted here, each part begins a sheet with its own head, and heights
are estimated, rather too high: a sheet that is not full does no harm.
"""

import math
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sheet:
    """Room for the rows of a list, in mm: on the first sheet and on each that follows; the height
    of a row of one line, and of each further line in it. ``columns`` has the full-width letters
    that a line of each column holds."""

    first: float
    following: float
    row: float
    line: float
    columns: tuple


DELIVERY_SLIP = Sheet(first=160, following=240, row=8.5, line=6.5, columns=(24, 30))
DELIVERY_SLIP_LABEL = Sheet(first=70, following=120, row=5.8, line=4.5, columns=(11, 14))
PACKING_LIST = Sheet(first=150, following=235, row=9.5, line=6.5, columns=(26, 32, 8))
PACKING_LIST_LABEL = Sheet(first=58, following=115, row=7, line=4.5, columns=(13, 16, 8))


def pages(rows, sheet):
    """Part a list.

    :param list rows: (row, texts of its columns); a text may have several lines
    :param Sheet sheet:
    :return: list of lists of rows, one for each sheet; one empty list where there are no rows
    """
    parts, room = [[]], sheet.first
    for row, texts in rows:
        height = _height(texts, sheet)
        if parts[-1] and height > room:
            parts.append([])
            room = sheet.following
        parts[-1].append(row)
        room -= height
    return parts


def _height(texts, sheet):
    """Of the texts of a row the first two stand below each other, the others beside them."""
    lines = [
        sum(max(1, math.ceil(_width(part) / letters)) for part in text.splitlines() if part.strip())
        for text, letters in zip(texts, sheet.columns, strict=True)
    ]
    count = max(sum(lines[:2]), *lines[2:], 1)
    return sheet.row + (count - 1) * sheet.line


def _width(text):
    """In full-width letters."""
    return sum(1 if unicodedata.east_asian_width(char) in "FWA" else 0.5 for char in text)
