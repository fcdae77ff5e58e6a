"""Values that any database, screen and calculation can hold: made so once, where an answer is read.

What is replaced is replaced by something that can be seen: a character by U+FFFD, a number of more
than 64 bits by the text of its digits. What is no number at all (NaN, beyond a float) is None.
"""

import json
import math
import re

#: RMS's own answers are seven objects and lists deep.
MAX_DEPTH = 100
_WHOLE_NUMBERS = range(-(2**63), 2**63)
_LONGEST_WHOLE = len(str(_WHOLE_NUMBERS[0]))
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
#: How what is replaced looks in JSON; also of some texts that are harmless.
_SUSPECT = re.compile(r"\\u0000|\\u[dD][89a-fA-F]|[0-9]{19}|[eE]\+?[0-9]{3}|NaN|Infinity")


def replaced(text):
    """A text without what no database holds: NUL and halves of surrogate pairs become U+FFFD."""
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("\ufffd", text)


def load(text):
    """JSON as harmless values.

    :raise ValueError: no JSON, or nested more than 100 deep
    """
    try:
        data = json.loads(
            text, parse_constant=lambda _name: None, parse_float=_finite, parse_int=_whole
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return _harmless(data, MAX_DEPTH)


def load_verbatim(text):
    """JSON as it was sent, to be kept beside what :func:`load` makes of it.

    Where nothing was replaced it may be None, which is found out faster.
    """
    if not _SUSPECT.search(text):
        return None
    return json.loads(text, parse_int=_whole)


def _whole(digits):
    # longer ones first: Python refuses to calculate with more than 4,300 digits
    if len(digits) > _LONGEST_WHOLE or int(digits) not in _WHOLE_NUMBERS:
        return digits
    return int(digits)


def _finite(digits):
    number = float(digits)
    return number if math.isfinite(number) else None


def _harmless(value, depth):
    if isinstance(value, str):
        return replaced(value)
    if not isinstance(value, list | dict):
        return value
    if not depth:
        raise ValueError("nested too deeply")
    if isinstance(value, list):
        return [_harmless(entry, depth - 1) for entry in value]
    return {replaced(key): _harmless(entry, depth - 1) for key, entry in value.items()}
