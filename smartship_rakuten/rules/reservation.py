"""Reading of applications (申込) of 定期購入, 頒布会 and 予約 (RMS API section 8.3).

Nothing here raises: what is of no known form is left out, and the reader is told that something
was. Of the buyer, what he wrote and the shop's memo nothing is read at all.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .order import MAX_UNITS, Item
from .payload import LENIENT, MAX_CODE, cut

#: reserveType
KINDS = {"1": "定期購入", "2": "頒布会", "3": "予約"}
#: The most deliveries of an application that are believed.
MAX_DELIVERY = 9_999
MAX_NAME = 1_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery of an application that Rakuten has not made an order of.

    :ivar str number: 申込番号, as the order will name it in reserveNumber
    :ivar int delivery: お届け回, as the order will name it in reserveDeliveryCount
    :ivar str kind: a key of :data:`KINDS`, "" for one that is not known
    :ivar int amount: whole yen, None while RMS has not determined it
    :ivar date delivery_date, fix_date, release_date: お届け日, 注文確定日, 発売日 in Japan
    """

    number: str
    delivery: int
    kind: str
    status: str
    cycle: str
    applied_at: datetime | None
    delivery_date: date | None
    fix_date: date | None
    release_date: date | None
    amount: int | None
    item: Item


def read_deliveries(reservation):
    """The deliveries of one application.

    :param dict reservation: an entry of publicReserveModelList, with its reserveNumber
    :return: (list of Delivery, whether all could be read)
    """
    number = reservation["reserveNumber"].strip()
    details = LENIENT.objects(reservation, "reserveDetails")
    # A client of RMS has it with a slip of the pen.
    details = details or LENIENT.objects(reservation, "reserveDatails")
    item = _item(reservation)
    kind = str(LENIENT.whole(reservation, "reserveType"))
    found = []
    for detail in details:
        count = LENIENT.whole(detail, "detailId")
        if count is None or not 0 < count <= MAX_DELIVERY:
            continue
        found.append(
            Delivery(
                number=number,
                delivery=count,
                kind=kind if kind in KINDS else "",
                status=cut(LENIENT.text(reservation, "reserveStatusName"), MAX_NAME),
                cycle=cut(LENIENT.text(reservation, "shippingCycle"), MAX_NAME),
                applied_at=LENIENT.moment(reservation, "reserveDatetime"),
                delivery_date=LENIENT.day(detail, "shippingDate"),
                fix_date=LENIENT.day(detail, "commitDate"),
                release_date=LENIENT.day(detail, "releaseDate"),
                amount=LENIENT.yen(detail, "totalAmount"),
                item=item,
            )
        )
    readable = 0 < len(number) <= MAX_CODE and 0 < item.units <= MAX_UNITS
    return (found, len(found) == len(details) > 0) if readable else ([], False)


def fixed_delivery(payload):
    """Which delivery of which application an order is.

    :param dict payload: a getOrder order
    :return: (申込番号, お届け回), None for an order that was bought at once
    """
    number = LENIENT.text(payload, "reserveNumber")
    count = LENIENT.whole(payload, "reserveDeliveryCount")
    return (number, count) if number and count else None


def _item(reservation):
    """What is delivered, in the form of an order's item, so that the same rules find its product.

    The item's address, ``/_SHOP/MANAGE-NUMBER/``, is the only place of 商品管理番号.
    """
    data = LENIENT.object(reservation, "reserveItem")
    parts = [part for part in LENIENT.text(data, "url").split("/") if part]
    option_text = LENIENT.text(data, "skuInfo")
    return Item(
        basket_id="",
        item_detail_id="",
        name=cut(LENIENT.text(data, "itemName"), MAX_NAME),
        manage_number=cut(parts[-1], MAX_CODE) if parts else "",
        item_number=cut(LENIENT.text(data, "itemNumber"), MAX_CODE),
        variant_id=cut(LENIENT.text(data, "variantId"), MAX_CODE),
        merchant_sku=cut(LENIENT.text(data, "merchantDefinedSkuId"), MAX_CODE),
        option_text=cut(option_text, MAX_NAME),
        # Free options may hold a name to engrave.
        choice="",
        units=LENIENT.whole(data, "units", default=0),
        price=0,
        tax_rate=Decimal(0),
        is_single=not option_text,
    )
