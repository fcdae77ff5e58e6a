from odoo import fields

from ...rules import japan


def is_since(moment, begin):
    """Whether a moment lies between a begin and now.

    One that lies ahead was written by a clock that was wrong, and says nothing.

    :param datetime moment: naive UTC, or nothing
    :param datetime begin: naive UTC
    """
    return bool(moment) and begin <= moment <= fields.Datetime.now()


def not_ahead(moment):
    """A moment (naive UTC), or now where it lies ahead."""
    return min(moment, fields.Datetime.now())


def in_zone_of(user, moment):
    """A moment (naive UTC) as a user's clock shows it; Japan's for who has chosen no time zone.

    :rtype: aware datetime
    """
    return fields.Datetime.context_timestamp(
        user.with_context(tz=user.tz or japan.TIME_ZONE), moment
    )
