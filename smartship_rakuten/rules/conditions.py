"""What a shop's rules may ask about an order (RMS API sections 3.1, 3.2, 3.6 and 3.8).

All of it is in the order itself: before its confirmation nothing else exists. Nothing here fails on
a strange payload; :func:`unreadable` says what was left out because of that.
"""

from . import address, postcode, shipping
from .payload import LENIENT, STRICT, OrderProblem

#: 地帯 as carriers divide Japan, each with the number of its first prefectures (JIS).
AREAS = {
    "hokkaido": [1],
    "tohoku": range(2, 8),
    "kanto": [*range(8, 15), 19],
    "shinetsu": [15, 20],
    "hokuriku": range(16, 19),
    "chubu": range(21, 25),
    "kansai": range(25, 31),
    "chugoku": range(31, 36),
    "shikoku": range(36, 40),
    "kyushu": range(40, 47),
    "okinawa": [47],
}
_AREA_OF = {f"JP-{number:02d}": area for area, numbers in AREAS.items() for number in numbers}
#: What a database's whole number holds.
MAX_UNITS = 2**31 - 1
#: What is no doubt, but known.
_KNOWN = {"island"}


def fold(text):
    """As people mean it: width, case, blanks and hyphens do not matter."""
    return address.normalize(text).replace("-", "")


def is_gift(payload, reader=LENIENT):
    """ギフト配送希望, ソーシャルギフト or のし."""
    return shipping.is_gift(payload, reader) or any(
        reader.text(package, "noshi") for package in reader.packages(payload, deleted=True)
    )


def has_delivery_wish(payload, reader=LENIENT):
    """お届け日指定 or お届け時間帯; a time slot of 0 is none (section 3.1)."""
    return bool(
        reader.day(payload, "deliveryDate") or reader.whole(payload, "shippingTerm", default=0)
    )


def has_caution(payload, reader=LENIENT):
    """顧客・配送対応注意表示."""
    return bool(reader.whole(payload, "cautionDisplayType", default=0))


def is_remote(payload, reader=LENIENT):
    """離島: the order says so, or one of its recipients."""
    persons = [LENIENT.person(package, "SenderModel") for package in LENIENT.packages(payload)]
    return any([reader.flag(data, "isolatedIslandFlag") for data in (payload, *persons)])


#: What RMS says by flags and codes. One of a form that nobody knows counts as not set, but it
#: confirms nothing.
FLAGS = {
    "caution": has_caution,
    "gift": is_gift,
    "delivery_wish": has_delivery_wish,
    "remote_island": is_remote,
}
#: Codes that :mod:`.facts` reads: field to the object that has it ("" for the order) and its key.
_CODES = {
    "payment_code": ("SettlementModel", "settlementMethodCode"),
    "payment_name": ("SettlementModel", "settlementMethodCode"),
    "cash_on_delivery": ("SettlementModel", "settlementMethodCode"),
    "collected_by_rakuten": ("SettlementModel", "settlementMethodCode"),
    "card_payment": ("SettlementModel", "cardPayType"),
    "delivery_class": ("DeliveryModel", "deliveryClass"),
    "order_type": ("", "orderType"),
}


def _read_strictly(payload, name):
    if name in FLAGS:
        return FLAGS[name](payload, STRICT)
    place, key = _CODES[name]
    return STRICT.whole(LENIENT.object(payload, place) if place else payload, key, default=0)


def unreadable(payload, names):
    """Which of these conditions cannot be decided, because RMS's value is of an unknown form.

    :param dict payload: a getOrder order
    :param names: of fields of ``rakuten.order``
    :rtype: set[str]
    """
    found = set()
    for name in (FLAGS.keys() | _CODES.keys()) & set(names):
        try:
            _read_strictly(payload, name)
        except OrderProblem:
            found.add(name)
    return found


def _persons(payload, recipients):
    """Names, readings, addresses and phone numbers, a line each."""
    orderer = LENIENT.person(payload, "OrdererModel")
    return "\n".join(
        fold(read(person))
        for person in (orderer, *recipients)
        for read in (address.full_name, address.kana, address.place, address.phone)
    )


def _units(payload):
    units = [
        LENIENT.whole(item, "units", default=0)
        for package in LENIENT.packages(payload)
        for item in LENIENT.objects(package, "ItemModelList")
        if not LENIENT.is_deleted(item)
    ]
    return min(max(sum(units), 0), MAX_UNITS)


def conditions(payload, places=None):
    """What the conditions of rules look at.

    ``remarks``, ``persons`` and ``addresses`` are folded as words are that are looked for in them
    (:func:`fold`); ``address_length`` is the longest address in characters, without blanks;
    ``total_price`` is totalPrice in whole yen, 0 where it is not known.

    :param dict payload: a getOrder order, maybe a broken one
    :param places: of :func:`.postcode.directory`
    :return: dict of the fields of ``rakuten.order`` that are read here
    """
    recipients = shipping.recipients(payload)
    lines = [address.place(person) for person in recipients]
    doubts = {doubt for person in recipients for doubt in postcode.doubts(person, places)}
    return {
        "remarks": fold(shipping.remarks(payload)),
        "has_remarks": bool(shipping.remarks_of_buyer(payload)),
        "persons": _persons(payload, recipients),
        "addresses": "\n".join(map(fold, lines)),
        "address_length": max((len("".join(line.split())) for line in lines), default=0),
        "area": next((_AREA_OF.get(address.prefecture_code(p), False) for p in recipients), False),
        "address_doubtful": bool(doubts - _KNOWN),
        "total_price": LENIENT.yen(payload, "totalPrice", default=0),
        "quantity": _units(payload),
        **{name: read(payload) for name, read in FLAGS.items()},
    }


def of_destination(payload, basket_id):
    """An order as if it had this destination only: so the conditions are those of a transfer.

    :param dict payload: a getOrder order
    :param str basket_id: basketId; an order without such a destination stays as it is
    """
    package = LENIENT.package(payload, basket_id)
    if not package or len(LENIENT.packages(payload)) < 2:
        return payload
    person = LENIENT.person(package, "SenderModel")
    flag = person.get("isolatedIslandFlag", payload.get("isolatedIslandFlag"))
    return {**payload, "PackageModelList": [package], "isolatedIslandFlag": flag}
