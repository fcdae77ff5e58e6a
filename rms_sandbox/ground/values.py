"""Values as they stand in JSON: written, read leniently."""

import json


def dump(value):
    """JSON text as RMS sends it: raw UTF-8, except where UTF-8 cannot hold the text."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate that a test stored
        return json.dumps(value, separators=(",", ":"))
    return text


def as_int(value, default=None):
    """A whole number, also one written as text; never a bool, never a fraction."""
    if isinstance(value, bool):
        return default
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return default
    return default


def dicts(value):
    """The dicts of a list; an empty list for anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
