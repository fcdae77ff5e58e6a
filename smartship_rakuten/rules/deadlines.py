"""By when something has to happen to an order before Rakuten, a card company or the buyer acts.

Days are days in Japan. What is missing or of a strange form has no deadline: nothing here fails.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from . import japan, shipping, working_days
from .payload import LENIENT

#: An order in 100 is cancelled by Rakuten after so many days (RMS API section 2.5).
CONFIRM_DAYS = 14
#: A card authorisation is good for so many days.
AUTHORISATION_DAYS = 30
CARD = 1
UNCONFIRMED = "100"
#: Rakuten has the buyer's payment, or is asking for it again (sections 3.1 and 2.9).
AUTHORISED = ("300", "400")
#: Nobody has shipped yet, and nobody has cancelled.
UNSHIPPED_PROGRESS = ("100", "200", "300", "400")
#: How many days ahead somebody should know of it.
LEAD_DAYS = {
    "confirm": 3,
    "authorisation": 7,
    "wish": 0,
    "same_day": 0,
    "next_day": 0,
    "asuraku": 0,
}


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """The last day on which it is in time.

    ``kind`` is ``confirm`` (Rakuten cancels unconfirmed orders), ``authorisation`` (the card's
    ends), ``wish`` (お届け日指定: the parcel has to leave), or what was promised: ``same_day``
    (当日出荷), ``next_day`` (最強翌日配送), ``asuraku`` (あす楽).
    """

    day: date
    kind: str
    #: The day from which it deserves attention, so many working days ahead.
    warn_from: date | None = field(default=None, compare=False)


def deadlines(
    payload,
    progress,
    ship_days=1,
    transit_days=1,
    cutoff=24.0,
    left=(),
    reported=(),
    here=False,
    prefecture_days=None,
    working=None,
):
    """The deadlines of an order that is open at Rakuten, the nearest first.

    What Rakuten or a card company does comes on its day, whether or not the shop works then; the
    shop is warned so many working days ahead.

    :param dict payload: a getOrder order
    :param str progress: orderProgress; newer than the payload's after a confirmation
    :param int ship_days, transit_days: see :func:`.shipping.ship_by`
    :param float cutoff: see :func:`.shipping.ship_by`
    :param dict prefecture_days: see :func:`.shipping.days_on_the_way`
    :param .working_days.WorkingDays working: the days on which the shop ships, None for all
    :param left: basketIds of the destinations whose goods have all left
    :param reported: basketIds of those that Rakuten has been told of: it asks for the buyer's
        money then
    :param bool here: goods of it are still in the house although Rakuten has closed the shipment,
        because a number was at Rakuten before they left
    :rtype: list[Deadline]
    """
    if progress not in UNSHIPPED_PROGRESS and not here:
        return []
    found = []
    if progress == UNCONFIRMED:
        found.append((_cancel_day(payload), "confirm"))
    # Rows at Rakuten say nothing: a number is written when the label is printed.
    baskets = set(shipping.basket_ids(payload))
    if baskets - set(reported) and progress in AUTHORISED:
        found.append((_authorised_until(payload), "authorisation"))
    kind = shipping.promise(payload)
    if kind != "same_day" and LENIENT.day(payload, "deliveryDate"):
        kind = "wish"
    if kind:
        found += [
            (
                shipping.ship_by(
                    shipping.shipping_facts(payload, basket),
                    ship_days,
                    transit_days,
                    cutoff,
                    prefecture_days,
                    working,
                ),
                kind,
            )
            for basket in baskets - set(left)
        ]
    return sorted(
        Deadline(day, kind, working_days.before(working, day, LEAD_DAYS[kind]))
        for day, kind in set(found)
        if day
    )


def _cancel_day(payload):
    """キャンセル期限日, else so many days after the order."""
    placed = _day_of(payload, "orderDatetime")
    return LENIENT.day(payload, "cancelDueDate") or (
        placed and placed + timedelta(days=CONFIRM_DAYS)
    )


def _authorised_until(payload):
    """The end of a card's authorisation, which is asked for when the order is confirmed."""
    # Paid with points alone, it keeps the card as its method (section 3.4).
    if shipping.payment_code(payload) != CARD or LENIENT.yen(payload, "requestPrice") == 0:
        return None
    keys = ("orderFixDatetime", "shopOrderCfmDatetime", "orderDatetime")
    fixed = next(filter(None, (_day_of(payload, key) for key in keys)), None)
    return fixed and fixed + timedelta(days=AUTHORISATION_DAYS)


def _day_of(payload, key):
    """The day in Japan of a moment, None where there is none."""
    moment = LENIENT.moment(payload, key)
    return moment and japan.day(moment)
