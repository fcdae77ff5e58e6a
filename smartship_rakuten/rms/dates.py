"""Dates and times as RMS writes them. RMS lives in Japan Standard Time, which has no summer time.

Order API: ``YYYY-MM-DDThh:mm:ss+0900``, exactly (RMS API section 2.3). Inventory and item API:
the zone is written ``+09:00``, some samples have ``Z`` and milliseconds (section 7.2). The licence
API gives no zone and means JST (section 8.1). Reading is therefore lenient, writing is strict.
"""

import re
from datetime import date, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")

#: A searchOrder window may be this long, ends included (RMS API section 2.3).
MAX_WINDOW = timedelta(days=63)

#: Years of a date that means anything; outside of them, counting days would leave the calendar.
YEARS = range(1900, 2200)

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ].*)?", re.ASCII | re.DOTALL)
_DATETIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-][0-2]\d:?[0-5]\d)?", re.ASCII
)


def as_utc(moment):
    """An aware UTC datetime. A naive one is taken for UTC, as Odoo stores it."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)


def format_datetime(moment):
    """``YYYY-MM-DDThh:mm:ss+0900`` of a naive-UTC or aware datetime; fractions are cut off."""
    return as_utc(moment).astimezone(JST).strftime("%Y-%m-%dT%H:%M:%S+0900")


def parse_datetime(text):
    """The naive UTC datetime of an RMS text, None for None and ''.

    :raise ValueError: on anything that is not a date and time
    """
    if text is None or text == "":
        return None
    match = _DATETIME.fullmatch(text.strip()) if isinstance(text, str) else None
    if not match:
        raise ValueError("not an RMS date and time")
    day, clock, zone = match.groups()
    moment = datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M:%S")
    try:
        return moment - _offset(zone)
    except OverflowError:
        raise ValueError("not an RMS date and time") from None


def _offset(zone):
    if zone == "Z":
        return timedelta()
    if not zone:
        return timedelta(hours=9)
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if zone[0] == "-" else offset


def format_date(day):
    """``YYYY-MM-DD`` of a date. A datetime is taken for an instant: its day in Japan."""
    if isinstance(day, datetime):
        day = as_utc(day).astimezone(JST).date()
    return day.isoformat()


def parse_date(text):
    """The date of ``YYYY-MM-DD`` (a time behind it is ignored), None for None and ''.

    :raise ValueError: on anything that is not a date
    """
    if text is None or text == "":
        return None
    match = _DATE.fullmatch(text.strip()) if isinstance(text, str) else None
    if not match:
        raise ValueError("not an RMS date")
    return date.fromisoformat(match[1])


def windows(start, end, longest=MAX_WINDOW):
    """Cut [start, end] into windows of at most ``longest``, oldest first.

    Neighbouring windows share their boundary second: whether RMS counts the last second of a
    window is not documented, and what is found twice is easier to drop than what is never found.

    :param datetime start, end: naive UTC or aware; fractions of a second are cut off
    :return: iterator of (start, end), aware UTC
    :raise ValueError: when end lies before start
    """
    start = as_utc(start).replace(microsecond=0)
    end = as_utc(end).replace(microsecond=0)
    if end < start:
        raise ValueError("the end of the search lies before its start")
    return _cut(start, end, longest)


def _cut(start, end, longest):
    while end - start > longest:
        yield start, start + longest
        start += longest
    yield start, end
