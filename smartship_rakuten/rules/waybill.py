"""Waybill files (送り状データ) of the carriers: what a cell may hold and how a text is made to fit.

A text is never cut silently: an address or a name that does not fit, or has a letter that the
carrier's program cannot read, and a number that is none, stop their parcel with a finding; contents
and remarks, which no delivery depends on, are cut with one.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from itertools import combinations, pairwise

from . import address

#: Letters outside CP932, and look-alikes that change on the way there and back, with what carriers
#: print for them. Whatever is neither here nor in CP932 stops the parcel.
REPLACED = {
    "𠮷": "吉",
    "𠮟": "叱",
    "繫": "繋",
    "鷗": "鴎",
    "噓": "嘘",
    "俠": "侠",
    "剝": "剥",
    "瘦": "痩",
    "巢": "巣",
    "姸": "妍",
    "\ufa30": "侮",
    "㍿": "株式会社",
    "ゔ": "ヴ",
    "\u00a0": " ",
    "—": "－",
    "–": "-",
    "‑": "-",
    "‐": "-",
    "·": "・",
    "¥": "￥",
    "⋯": "…",
    "〜": "～",
    "−": "－",
    "‖": "∥",
    "¢": "￠",
    "£": "￡",
    "¬": "￢",
}
#: What stands for one thing in each of the carriers' files; the rest are texts that may be cut.
WHOLE = frozenset(
    "key phone zip address building name sender_phone sender_zip sender_address sender_building "
    "sender_name cash cash_tax order_number".split()
)
#: What begins a formula in a spreadsheet, in full width too; staff open these files in one.
FORMULA = "=+-@＝＋－＠"
_FORMULA_HEAD = re.compile(rf"\s*[{re.escape(FORMULA)}][\s{re.escape(FORMULA)}]*")
#: Sources that several columns share, as address_1, address_2 and so on.
SHARED = frozenset("address name sender_address sender_name contents seal".split())
#: Written in the width that the carrier counts in, where the column wants that.
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
#: What must not be torn apart: house numbers, words in Latin letters; no later line begins as a
#: formula does.
_TOKEN = re.compile(
    rf"(?:[{address.KANJI_NUMERALS}]+|"
    rf"[0-9０-９A-Za-zＡ-Ｚａ-ｚ]+(?:[-－][0-9０-９A-Za-zＡ-Ｚａ-ｚ]+)*|.)[{re.escape(FORMULA)}]*",
    re.DOTALL,
)
#: A number in kanji is one where a house is counted by it: 二丁目, but neither 三田 nor 三番町.
_KANJI = rf"[{address.KANJI_NUMERALS}]{{1,8}}"
_COUNTED = rf"(?:\d+|{_KANJI}(?=\s*(?:丁目|番(?![町丁])|号|の(?:\d|{_KANJI}(?:号|$|\s)))))"
_HOUSE = re.compile(
    rf"{_COUNTED}(?:\s*(?:-[A-Za-z]*|丁目|番地の|番地|番|号|の)\s*{_COUNTED}"
    rf"|(?:番地)?の{_KANJI}(?=$|\s))*"
    r"(?:-?(?:丁目|番地|番|号室|号棟|号館|号))?"
)
#: They choose between shapes of one letter, and no carrier's program knows them.
_VARIATION = re.compile("(.)[\ufe00-\ufe0f\U000e0100-\U000e01ef]+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a carrier's file.

    ``source`` is what stands in it (a key of the values that :func:`fill` takes; a shared one has
    its number behind it), ``text`` what stands there for ``fixed``; ``limit`` counts bytes of CP932
    or, with ``counts`` = ``chars``, characters; 0 is no limit. ``wide`` turns half-width into
    full-width letters.
    """

    name: str
    source: str = ""
    text: str = ""
    limit: int = 0
    counts: str = "bytes"
    wide: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What a person should know of a cell: ``code`` is ``missing``, ``too_long``, ``unprintable``,
    ``no_number``, ``cut``, ``replaced``, ``formula`` or ``rare``; the first four stop the parcel.
    """

    column: str
    code: str
    detail: str = ""

    @property
    def stops(self):
        return self.code in ("missing", "too_long", "unprintable", "no_number")


# === Letters === #


def printable(text):
    """A text in letters that CP932 has, on one line.

    :return: (text, dict of replaced letter to replacement, letters that cannot be written)
    """
    # Composed, but for the ideographs that NFC would exchange for others.
    text = re.sub(r"[^\uf900-\ufaff]+", lambda m: unicodedata.normalize("NFC", m[0]), text or "")
    text = re.sub(r"[\x00-\x1f\x7f\s]+", " ", text).strip()
    replaced = {found[0]: found[1] for found in _VARIATION.finditer(text)}
    text = _VARIATION.sub(r"\1", text)
    replaced |= {char: REPLACED[char] for char in text if char in REPLACED}
    text = "".join(REPLACED.get(char, char) for char in text)
    return text, replaced, "".join(dict.fromkeys(char for char in text if not _has(char, "cp932")))


def rare(text):
    """Letters of CP932 that are beyond JIS X 0208, such as 髙 and ①: ヤマト運輸's program and
    日本郵便's newer one say that they take none."""
    return "".join(
        dict.fromkeys(
            char
            for char in text
            if not "\uff61" <= char <= "\uff9f" and not _has(char, "iso2022_jp")
        )
    )


def _has(char, codec):
    """Whether a codec has a letter, and gives the same one back."""
    try:
        return char.encode(codec).decode(codec) == char
    except UnicodeError:
        return False


def widen(text):
    """Half-width letters, digits and kana in full width."""
    kana = re.sub(r"[\uff61-\uff9f]+", lambda m: unicodedata.normalize("NFKC", m[0]), text)
    return kana.translate(_FULL_WIDTH)


def length(text, counts):
    """Bytes of CP932, or characters."""
    return len(text) if counts == "chars" else len(text.encode("cp932", "replace"))


# === Addresses, names and wishes === #


def split_street(text):
    """House number and building of what follows the city, parted once and never inside a number.

    ``千代田1-2-3サンプルビル101`` becomes ``千代田1-2-3`` and ``サンプルビル101``. Where nothing
    tells where the building begins, all of it is the street.

    :return: (street, building)
    """
    text = address.carrier_text(text).strip()
    numbers = list(_HOUSE.finditer(text))
    joined = [found for found in numbers if re.search(r"\d\D+\d|丁目|番|号", found[0])]
    for found in joined or numbers[:1]:
        street, building = text[: found.end()], text[found.end() :]
        # A number in front of a letter is no house number: 第3ビル, 2F.
        if joined or not building or building[0].isspace():
            return street.strip(), building.strip()
    return text, ""


def phone(text):
    """A phone number in digits and hyphens, +81 as 0.

    :raises ValueError: when there is anything else in it
    """
    plain = address.carrier_text(text).strip()
    plain = re.sub(r"^(\+81|0081)\s*-?\s*(\(0\)|0)?", "0", plain)
    plain = re.sub(r"[\s().]", "", plain)
    if not re.fullmatch(r"(?:[0-9]+(?:-[0-9]+)*)?", plain):
        raise ValueError(text)
    return plain


def zip_code(text):
    """A Japanese post code, with its hyphen where there was one.

    :raises ValueError: when it has not seven digits, or anything else in it
    """
    plain = re.sub(r"[\s〒]", "", address.carrier_text(text))
    if not re.fullmatch(r"(?:[0-9]{3}-?[0-9]{4})?", plain):
        raise ValueError(text)
    return plain


def amount(text):
    """Whole yen in digits.

    :raises ValueError: when it is anything else
    """
    if not re.fullmatch(r"[0-9]*", text):
        raise ValueError(text)
    return text


#: What are numbers, and how they are written. Nothing of them is left out silently: a parcel goes
#: by them.
NUMBERS = {
    "phone": phone,
    "sender_phone": phone,
    "zip": zip_code,
    "sender_zip": zip_code,
    "cash": amount,
    "cash_tax": amount,
}


def slot_key(term):
    """shippingTerm (RMS API section 3.1) as the slots of a file are kept: '' for none, ``am``,
    ``pm``, ``other`` or the hours, ``1416``.

    A wish that ends at twelve is a morning, whenever it begins.
    """
    try:
        value = int(term or 0)
    except (TypeError, ValueError):
        return "other"
    if value in (0, 1, 2, 9):
        return {0: "", 1: "am", 2: "pm", 9: "other"}[value]
    return "am" if value % 100 == 12 else f"{value:04d}"


# === Cells === #


def fill(columns, values, *, jis_only=False):
    """One row of a file.

    :param columns: list of Column
    :param dict values: text by source; for a shared source the list of its parts
    :param bool jis_only: the carrier's program says that it takes no letters beyond JIS X 0208
    :return: (list of cells, list of Finding)
    """
    findings = []
    shared = {
        source: _spread(source, values.get(source) or [], columns, findings)
        for source in sorted(SHARED)
    }
    cells = []
    for column in columns:
        source, _, number = column.source.rpartition("_")
        if column.source == "fixed":
            cell = column.text
        elif source in SHARED and number.isdecimal():
            cell = shared[source].get(column.source, "")
        else:
            cell = _cell(column, column.source, values.get(column.source), findings)
        if column.source != "fixed":
            cell = _harmless(column, cell, findings)
        told = any(finding.column == column.name and finding.stops for finding in findings)
        if column.required and not cell and not told:
            findings.append(Finding(column.name, "missing"))
        odd = rare(cell) if jis_only else ""
        if odd:
            findings.append(Finding(column.name, "rare", odd))
        cells.append(cell)
    return cells, findings


def _harmless(column, text, findings):
    """A cell from outside that no spreadsheet takes for a formula: what would begin one is left
    out, and told. A quote before it would be printed on the label, and full-width letters begin a
    formula in Japanese spreadsheets as well."""
    found = _FORMULA_HEAD.match(text)
    if not found:
        return text
    findings.append(Finding(column.name, "formula", found[0]))
    return text[found.end() :]


def _cell(column, source, text, findings):
    """A text as it stands in one column, if it fits."""
    text = _clean(column, source, text, findings)
    if not column.limit or length(text, column.counts) <= column.limit:
        return text
    if source in WHOLE:
        findings.append(Finding(column.name, "too_long", text))
        return ""
    findings.append(Finding(column.name, "cut", text))
    # No letter is shorter than none: what is cut off grows letter by letter.
    fits = bisect_right(
        range(len(text)), column.limit, key=lambda end: length(text[: end + 1], column.counts)
    )
    return text[:fits]


def _clean(column, source, text, findings):
    text, replaced, strange = printable(str(text or ""))
    if replaced:
        pairs = "、".join(f"{old}→{new}" for old, new in replaced.items() if old.strip())
        if pairs:
            findings.append(Finding(column.name, "replaced", pairs))
    if strange and source in WHOLE:
        findings.append(Finding(column.name, "unprintable", strange))
        return ""
    if strange:
        text = "".join(char for char in text if char not in strange)
        findings.append(Finding(column.name, "cut", strange))
    if source in NUMBERS:
        try:
            text = NUMBERS[source](text)
        except ValueError:
            findings.append(Finding(column.name, "no_number", text))
            return ""
    return widen(text) if column.wide else text


def _spread(source, pieces, columns, findings):
    """Spread the parts of a text over the columns that share it.

    :return: dict of column source to cell
    """
    mine = [column for column in columns if re.fullmatch(rf"{source}_\d+", column.source)]
    pieces = [piece for piece in pieces if piece]
    if not mine or not pieces:
        return {}
    mine.sort(key=lambda column: column.source)
    first = mine[0]
    if source not in WHOLE:
        # Goods and seals stand one a column; a last column takes no leftovers.
        if len(pieces) > len(mine):
            findings.append(Finding(first.name, "cut", "、".join(pieces[len(mine) :])))
        return {
            column.source: _cell(column, source, piece, findings)
            for column, piece in zip(mine, pieces, strict=False)
        }
    pieces = [_clean(first, source, piece, findings) for piece in pieces]
    pieces = [piece for piece in pieces if piece]
    if not pieces:
        return {}
    lines = pack(pieces, [column.limit for column in mine], first)
    if lines is None:
        findings.append(Finding(first.name, "too_long", "".join(pieces)))
        return {}
    return {column.source: line for column, line in zip(mine, lines, strict=True)}


def pack(pieces, limits, column):
    """Lay the parts of an address into lines: each part on lines of its own or, where there are not
    enough, one behind the other. Numbers and words stay whole.

    :param list limits: of the lines; 0 for none
    :return: as many lines as limits, or None where it does not fit
    """
    for groups in _groupings(pieces):
        lines = [""]
        for number, group in enumerate(groups):
            if number:
                lines.append("")
            for token in _TOKEN.findall("".join(group)):
                room = limits[len(lines) - 1] if len(lines) <= len(limits) else 0
                if lines[-1] and room and length(lines[-1] + token, column.counts) > room:
                    lines.append("")
                lines[-1] += token
        if len(lines) <= len(limits) and all(
            not limit or length(line, column.counts) <= limit
            for line, limit in zip(lines, limits, strict=False)
        ):
            return lines + [""] * (len(limits) - len(lines))
    return None


def _groupings(pieces):
    """Ways to put neighbouring parts together: the least joined first, and of those the ones that
    leave the last part, the building, to itself."""
    gaps = range(1, len(pieces))
    for count in range(len(pieces) - 1, -1, -1):
        for cuts in reversed(list(combinations(gaps, count))):
            edges = (0, *cuts, len(pieces))
            yield [pieces[start:end] for start, end in pairwise(edges)]
