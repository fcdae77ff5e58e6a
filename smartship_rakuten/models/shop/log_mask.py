"""What the database refuses is written to the log by Odoo, with all its values: keys, names and
addresses among them. The values are taken out, and the reason stays."""

import logging
import re
import traceback
from contextlib import contextmanager
from contextvars import ContextVar

_working = ContextVar("rakuten_working", default=False)
_KEY = re.compile(r"\bS[PL]\d*_[^\s'\",)]+")
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_QUOTED = re.compile(r': "[^"]*"')
_DETAIL = re.compile(r"^(DETAIL|LINE|CONTEXT).*(\n\s+\^)?$", re.M)


@contextmanager
def values_masked():
    """What runs inside handles personal data: no value of a failed statement is logged."""
    token = _working.set(True)
    try:
        yield
    finally:
        _working.reset(token)


def masked(text, *, every_value):
    """A statement or an error of the database without keys, or without any value."""
    text = _KEY.sub("***", text)
    if every_value:
        text = _QUOTED.sub(': "***"', _LITERAL.sub("'***'", text))
        text = _DETAIL.sub(r"\1: ***", text)
    return text


class _MaskValues(logging.Filter):
    def filter(self, record):
        if isinstance(record.args, tuple):
            every_value = _working.get()
            record.args = tuple(
                arg if isinstance(arg, int | float) else masked(_text(arg), every_value=every_value)
                for arg in record.args
            )
        return True


def _text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def describe(error):
    """An exception for the log: its kind and where it came from, without its words, which may name
    whatever was worked on."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{type(error).__name__}\n{frames}"


logging.getLogger("odoo.sql_db").addFilter(_MaskValues())
