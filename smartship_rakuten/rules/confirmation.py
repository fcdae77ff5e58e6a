"""Which orders in 100 (注文確認待ち) nobody confirms but a person, whatever a shop's rules say.

A confirmation cannot be undone at Rakuten (RMS API section 2.5), so all that decides is read
strictly. What else is held back the shop says by its rules (:mod:`.conditions`).
"""

from datetime import timedelta

from . import order as rules
from .conditions import unreadable
from .payload import STRICT, OrderProblem


def holds(payload, conditions, minutes, now):
    """Why an order in 100 is not confirmed by itself, before any rule is asked.

    Rakuten's own check and amounts that nobody has determined always hold, and so does what is of a
    form that nobody knows.

    :param dict payload: a getOrder order
    :param conditions: names of the conditions by which the shop's rules hold orders back
    :param int minutes: cooling-off time after the purchase, in which buyers cancel
    :param datetime now: naive UTC
    :return: list of ``unreadable``, ``undetermined``, ``rakuten_check``, ``cooling_off``
    """
    try:
        plan = rules.parse_order(payload)
        checked = STRICT.flag(payload, "rakutenConfirmFlag")
    except OrderProblem as problem:
        return ["undetermined" if problem.code == "amount_undetermined" else "unreadable"]
    if unreadable(payload, conditions):
        return ["unreadable"]
    reasons = {
        "rakuten_check": checked,
        "cooling_off": now < plan.placed_at + timedelta(minutes=minutes),
    }
    return [code for code, held in reasons.items() if held]
