"""What has to be equal in an order at Rakuten and in Odoo's copy of it.

What Odoo does not follow is left out: remarks, the steps of the payment after the shipment, which
address a parcel has gone to.
"""

from dataclasses import astuple, dataclass

from .order import CANCELLED_PROGRESS, SHIPPABLE_PROGRESS, SHIPPED_PROGRESS
from .payload import LENIENT


@dataclass(frozen=True, slots=True)
class Essence:
    """The figures of an order; amounts as RMS sent them, -9999 included.

    ``items`` are (itemDetailId, units, unit price) of the rows that were not deleted.
    """

    progress: str = ""
    request_price: int | None = None
    total_price: int | None = None
    coupons: int | None = None
    points: int | None = None
    items: tuple = ()


#: RMS's names of the fields of an Essence.
NAMES = (
    "orderProgress",
    "requestPrice",
    "totalPrice",
    "couponAllTotalPrice",
    "usedPoint",
    "items",
)


def essence(payload, progress=None):
    """The figures of an order; of what cannot be read, nothing.

    :param dict payload: a getOrder order
    :param str progress: orderProgress, where something newer than the payload is known
    :rtype: Essence
    """
    progress = progress or LENIENT.text(payload, "orderProgress")
    return Essence(
        # 発送済, 支払手続き中 and 支払手続き済 are one for Odoo: shipped.
        progress=SHIPPED_PROGRESS[0] if progress in SHIPPED_PROGRESS else progress,
        request_price=LENIENT.whole(payload, "requestPrice"),
        total_price=LENIENT.whole(payload, "totalPrice"),
        coupons=LENIENT.whole(payload, "couponAllTotalPrice"),
        points=LENIENT.whole(LENIENT.object(payload, "PointModel"), "usedPoint"),
        items=tuple(
            sorted(
                tuple(LENIENT.text(item, key) for key in ("itemDetailId", "units", "price"))
                for package in LENIENT.packages(payload)
                for item in LENIENT.objects(package, "ItemModelList")
                if not LENIENT.is_deleted(item)
            )
        ),
    )


def billed(figures):
    """What the buyer pays, whole yen; 0 as long as nobody has determined it.

    :param Essence figures:
    """
    return max(figures.request_price or 0, 0)


#: What RMS does by itself in the night after every shipping row is complete (RMS API section 5.1).
NIGHT_BATCH = (SHIPPABLE_PROGRESS, SHIPPED_PROGRESS[0])


def differences(odoo, rakuten, *, closes=False):
    """What two orders do not agree on.

    :param Essence odoo, rakuten:
    :param bool closes: its shipping rows are complete, so RMS closes it at midnight, before Odoo
        reads it again
    :return: list of (RMS's name of the field, in Odoo, at Rakuten); items as what only one has
    """
    found = []
    for name, mine, theirs in zip(NAMES, astuple(odoo), astuple(rakuten), strict=True):
        if mine == theirs or (closes and name == "orderProgress" and (mine, theirs) == NIGHT_BATCH):
            continue
        if name == "items":
            mine, theirs = _only(mine, theirs), _only(theirs, mine)
        found.append((name, "" if mine is None else mine, "" if theirs is None else theirs))
    return found


def is_closed(payload, since):
    """Whether an order that Odoo does not have is none of its business: nothing is to be shipped
    any more, and nothing was to be since Odoo has looked after the shop.

    An order that was shipped without Odoo since then is missing: its sale is.

    :param dict payload: a getOrder order
    :param datetime since: when the shop was set up in Odoo, UTC
    """
    progress = LENIENT.text(payload, "orderProgress")
    placed = LENIENT.moment(payload, "orderDatetime")
    return progress in CANCELLED_PROGRESS or (
        progress in SHIPPED_PROGRESS and placed is not None and placed < since
    )


def _only(items, others):
    return ", ".join(
        f"{units} x {price}" for key, units, price in items if (key, units, price) not in others
    )
