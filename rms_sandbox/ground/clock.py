"""Japanese time and the clock of the sandbox.

Inside the sandbox a moment is an int: whole seconds since 1970-01-01 UTC. On the wire it
is RMS's form in Japan Standard Time (RMS API sections 2.3, 3 and 6.2).
"""

import re
import time
from datetime import date, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9))
MINUTE = 60
HOUR = 3600
DAY = 86400
_RMS_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0900", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _format(epoch, form):
    return datetime.fromtimestamp(epoch, JST).strftime(form)


def rms_datetime(epoch):
    """Epoch seconds -> ``2026-01-10T09:15:02+0900`` (order API)."""
    return _format(epoch, "%Y-%m-%dT%H:%M:%S+0900")


def iso_datetime(epoch):
    """Epoch seconds -> ``2026-01-10T09:15:02+09:00`` (inventory and item API)."""
    return _format(epoch, "%Y-%m-%dT%H:%M:%S+09:00")


def plain_datetime(epoch):
    """Epoch seconds -> ``2026-01-10T09:15:02`` in JST without a zone (licence API)."""
    return _format(epoch, "%Y-%m-%dT%H:%M:%S")


def jst_date(epoch):
    """Epoch seconds -> ``2026-01-10``, the day in Japan."""
    return _format(epoch, "%Y-%m-%d")


def midnight(epoch):
    """The start of the Japanese day that holds this moment."""
    return (epoch + 9 * HOUR) // DAY * DAY - 9 * HOUR


def parse_rms_datetime(text):
    """The strict form of the order API; None for everything else (RMS API section 2.3)."""
    if not isinstance(text, str) or not _RMS_DATETIME.fullmatch(text):
        return None
    try:
        return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp())
    except ValueError:
        return None


def parse_date(text):
    """``YYYY-MM-DD`` -> start of that day in Japan; None for everything else."""
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return int(datetime(day.year, day.month, day.day, tzinfo=JST).timestamp())


def parse_loose(value):
    """A moment as the control endpoints take it: RMS form, ISO 8601 or epoch seconds.

    Without a zone it is Japanese time. Raises ValueError.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value)
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=JST)
    return int(moment.timestamp())


class Clock:
    """Real time plus an offset that the tests move."""

    def __init__(self, now=None):
        self.offset = 0.0
        if now is not None:
            self.set(now)

    def exact(self):
        """Seconds with their fraction, for delays shorter than a second."""
        return time.time() + self.offset

    def now(self):
        return int(self.exact())

    def set(self, epoch):
        self.offset = epoch - time.time()

    def advance(self, seconds):
        self.offset += seconds
