"""Japan's time, in which RMS and its shops live: UTC+9 all year, without a summer time.

Odoo stores moments as naive UTC. What is asked here is which day and hour that is in Japan.
"""

from datetime import datetime, time, timedelta, timezone

from ..rms.dates import JST, as_utc

#: The name that Odoo knows the zone by, where users have chosen none.
TIME_ZONE = "Asia/Tokyo"


def local(moment):
    """A moment, naive UTC or aware, as an aware datetime in Japan."""
    return as_utc(moment).astimezone(JST)


def day(moment):
    """The day in Japan of a moment, naive UTC or aware.

    :rtype: date
    """
    return local(moment).date()


def today():
    """The day that it is in Japan.

    :rtype: date
    """
    return day(datetime.now(timezone.utc))


def hour(moment):
    """The time of the day in Japan in hours: 13.5 is half past one in the afternoon."""
    clock = local(moment)
    return clock.hour + clock.minute / 60


def begin(day_in_japan):
    """The moment, as naive UTC, at which a day begins in Japan."""
    midnight = datetime.combine(day_in_japan, time.min, JST)
    return midnight.astimezone(timezone.utc).replace(tzinfo=None)


def end(day_in_japan):
    """The last second, as naive UTC, of a day in Japan."""
    return begin(day_in_japan) + timedelta(days=1, seconds=-1)
