from odoo import fields

from ...rules import japan


def in_zone_of(user, moment):
    """A moment (naive UTC) as a user's clock shows it; Japan's for who has chosen no time zone.

    :rtype: aware datetime
    """
    return fields.Datetime.context_timestamp(
        user.with_context(tz=user.tz or japan.TIME_ZONE), moment
    )
