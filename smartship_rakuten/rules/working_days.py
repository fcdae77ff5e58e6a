"""The days on which a shop ships, and how deadlines count them. Days and hours are Japan's.

None in place of :class:`WorkingDays` is a shop that ships on every day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

#: A shop that is closed for longer has no working days to count by.
CLOSED_MAX = 366


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A week, or two that take turns, and when the shop is away.

    :ivar dict hours: (week, weekday) to (opens, closes), hours of the day. ``week`` is 0 or 1 as
        :func:`week_of` tells, None for every week; ``weekday`` is 0 on Monday. A weekday that is
        not there is closed
    :ivar tuple away: (begin, end) of closures, naive local datetimes
    """

    hours: Mapping[tuple[int | None, int], tuple[float, float]]
    away: tuple[tuple[datetime, datetime], ...] = field(default=())

    def closing(self, day):
        """The hour at which a day's work ends, None on a day that is closed."""
        hours = self.hours.get((None, day.weekday())) or self.hours.get(
            (week_of(day), day.weekday())
        )
        if not hours:
            return None
        opens, closes = (datetime.combine(day, time.min) + timedelta(hours=hour) for hour in hours)
        # A closure that leaves an hour of the day leaves the day.
        if any(begin <= opens and closes <= end for begin, end in self.away):
            return None
        return hours[1]


def closures(calendar, days):
    """What the shop's calendar in RMS says of the days that follow.

    A weekday that is closed every week is no working day; what is closed besides is a closing day.
    Where such a weekday is open for once, its other days are closing days.

    :param ..rms.shop.ShopCalendar calendar:
    :param list days: the days that it was asked for, in order
    :return: (set of the weekdays that are worked on, list of closing days)
    """
    closed = [day for day in days if _is_closed(calendar, day)]
    opened = {day.weekday() for day in set(days) - set(closed)}
    return opened, [day for day in closed if day.weekday() in opened]


def _is_closed(calendar, day):
    """Whether nothing is shipped: 休業日 or 受注のみ, unless it is a day of 発送のみ."""

    def holds(kind):
        return day in kind.dates or day.weekday() in kind.weekdays

    closed = holds(calendar.business_holiday) or holds(calendar.shipping_holiday)
    return closed and not holds(calendar.shipping_only)


def closes_on_national_holidays(calendar):
    """Whether nothing is shipped on 祝日, which RMS does not name.

    :param ..rms.shop.ShopCalendar calendar:
    """
    closed = calendar.business_holiday, calendar.shipping_holiday
    return any(kind.national_holidays for kind in closed)


def week_of(day):
    """Which of two weeks that take turns a day lies in, counted as Odoo's calendars do."""
    return (day.toordinal() - 1) // 7 % 2


def after(working, day, count):
    """The ``count``-th working day after a day; for 0 the day itself, or the next working day.

    :rtype: date
    """
    if working is None:
        return day + timedelta(days=count)
    found = _next(working, day, 1) if count == 0 else day
    for _step in range(count):
        found = _next(working, found + timedelta(days=1), 1)
    return found


def last_until(working, day):
    """The last working day until a day, itself included.

    :rtype: date
    """
    return day if working is None else _next(working, day, -1)


def before(working, day, count):
    """The ``count``-th working day before a day.

    :rtype: date
    """
    if working is None:
        return day - timedelta(days=count)
    for _step in range(count):
        day = _next(working, day - timedelta(days=1), -1)
    return day


def _next(working, day: date, step):
    """The first working day from a day on, forth or back; the day itself if there is none."""
    for days in range(CLOSED_MAX):
        try:
            found = day + timedelta(days=step * days)
        except OverflowError:
            break
        if working.closing(found) is not None:
            return found
    return day
