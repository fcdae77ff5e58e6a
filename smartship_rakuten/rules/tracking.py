"""Tracking numbers as people scan and type them, and the carriers' check digits."""

import re
import unicodedata

#: Carriers whose 12-digit numbers end in the first eleven modulo 7 (deliveryCompany codes).
MODULO_7 = frozenset("1001 1002 1003 1030".split())
JAPAN_POST = "1003"
#: No carrier has shorter numbers.
SHORTEST = 8
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def plain_number(number):
    """A tracking number as it is compared: without hyphens and blanks, in upper case, without the
    letters that frame a Codabar label (``a…a``)."""
    text = unicodedata.normalize("NFKC", number or "")
    text = re.sub(r"[-‐−ー－\s]", "", text).upper()
    framed = re.fullmatch(r"[A-D](\d{6,})[A-D]", text)
    return framed[1] if framed else text


def split_numbers(text):
    """Tracking numbers of one field, in order, each once.

    Commas, semicolons and lines divide them; blanks only where each part is long enough to be a
    number of its own, because labels print ``1234 5678 9012``.
    """
    numbers = []
    for part in re.split(r"[,、，;；\n]+", text or ""):
        words = part.split()
        whole = all(len(plain_number(word)) >= SHORTEST for word in words)
        numbers += words if whole else ["".join(words)]
    return list(dict.fromkeys(numbers))


def spellings(number):
    """A plain number as it may have been written down: as it is, and in fours as on labels."""
    return {number, "-".join(re.findall(r"\d{1,4}", number))} if number.isdigit() else {number}


def is_damaged(text):
    """Whether a spreadsheet has written a number in scientific notation: ``8.11E+11``."""
    return bool(re.fullmatch(r"\d(\.\d+)?E\+?\d+", (text or "").strip(), re.IGNORECASE))


def doubt(number, company_code):
    """What is wrong with a tracking number by the carrier's own rule.

    ヤマト運輸, 佐川急便 and ゆうパック number their parcels with 12 digits of which the last is the
    first eleven modulo 7; 日本郵便 also has 11 digits (書留, modulo 7 of the first ten) and the
    international form of two letters, nine digits and two letters (UPU S10). Other carriers have
    no rule that we know.

    :param str number: as it was typed or scanned
    :param str company_code: deliveryCompany (RMS API section 3.12)
    :return: ``form`` or ``check``; '' where nothing is wrong or nothing is known
    """
    if company_code not in MODULO_7:
        return ""
    plain = plain_number(number)
    if company_code == JAPAN_POST and re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", plain):
        return "" if _s10_digit(plain[2:10]) == int(plain[10]) else "check"
    lengths = (11, 12) if company_code == JAPAN_POST else (12,)
    if not (plain.isascii() and plain.isdigit()) or len(plain) not in lengths:
        return "form"
    return "" if int(plain[:-1]) % 7 == int(plain[-1]) else "check"


def _s10_digit(digits):
    """Check digit of eight digits, by UPU standard S10."""
    rest = 11 - sum(w * int(d) for w, d in zip(_S10_WEIGHTS, digits, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)
