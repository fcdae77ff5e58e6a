"""What the warehouse needs of an order: how each destination is to be shipped, and the shipping
rows that Rakuten has (RMS API sections 3.1, 3.3, 3.5, 3.6 and 3.10).

Whatever is missing or of a strange form is left out: nothing here fails.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest

from . import address, display, waybill
from .order import OrderProblem, parse_date, parse_datetime

#: RMS takes this many rows for one destination (section 2.6) …
PARCELS_MAX = 20
#: … and this many characters of a number.
NUMBER_MAX = 120
#: Japan's time is UTC+9 all year.
JAPAN = timedelta(hours=9)
#: Parcels to these places are on the way a day longer.
FAR_PREFECTURES = frozenset("JP-01 JP-47".split())
COOL = {2: "冷蔵", 3: "冷凍"}
CASH_ON_DELIVERY = 2
_HEADING = re.compile(r"\s*\[[^\]]*:\]\s*")


@dataclass(frozen=True, slots=True)
class ShippingFacts:
    """How one destination is to be shipped; texts in RMS's own words, '' for none.

    ``delivery_slot`` is 午前中 or 14時～16時, ``cool`` 冷蔵 or 冷凍, ``drop_off`` the place of
    置き配, ``store`` the shop or post office that keeps the parcel for the recipient; ``cash`` is
    what the carrier collects in whole yen, None where nothing is; ``gift`` tells that no prices go
    into the parcel: a gift wish, or a recipient who is not the buyer. ``to_another`` is the latter.
    ``checked`` tells that Rakuten looks into the order (楽天確認中): it waits (section 5.1).
    """

    recipient: str = ""
    kana: str = ""
    zip_code: str = ""
    address: str = ""
    phone: str = ""
    delivery_date: date | None = None
    delivery_slot: str = ""
    delivery_name: str = ""
    cool: str = ""
    noshi: str = ""
    wrapping: str = ""
    gift: bool = False
    to_another: bool = False
    drop_off: str = ""
    store: str = ""
    remarks: str = ""
    remote_island: bool = False
    same_day: bool = False
    cash: int | None = None
    complete: bool = False
    checked: bool = False


@dataclass(frozen=True, slots=True)
class ShippingRow:
    """A shipping row of Rakuten (section 3.10); texts, '' for what is not filled."""

    basket_id: str
    detail_id: str
    company_code: str
    number: str
    date: str


def _dict(data, key):
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _dicts(data, key):
    value = data.get(key) if isinstance(data, dict) else None
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(data, key):
    value = data.get(key)
    return str(value).strip() if isinstance(value, str | int) else ""


def _number(data, key):
    value = data.get(key)
    if isinstance(value, str) and not value.isdecimal():
        return None
    return int(value) if isinstance(value, str | int) else None


def _flag(data, key):
    return data.get(key) in (1, "1")


def _package(payload, basket_id):
    return next(
        (
            package
            for package in _dicts(payload, "PackageModelList")
            if str(package.get("basketId")) == basket_id
        ),
        {},
    )


def _place(person):
    return address.normalize(
        "".join(_text(person, key) for key in ("prefecture", "city", "subAddress"))
    )


def address_digest(facts):
    """A digest that destinations share when one parcel can reach them: of post code and address,
    however they are typed. '' where there is no address.

    :param ShippingFacts facts:
    """
    place = address.normalize(facts.address)
    if not place or not facts.complete:
        return ""
    text = f"{address.normalize(facts.zip_code).replace('-', '')}|{place}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def filled_remarks(text):
    """Remarks without the headings that nothing stands under, as ``[配送日時指定:]`` mostly is
    (section 9.25)."""
    lines = text.splitlines()
    return "\n".join(
        line
        for line, following in zip_longest(lines, lines[1:], fillvalue="")
        if not (_HEADING.fullmatch(line) and (not following or _HEADING.fullmatch(following)))
    ).strip()


def slot(term):
    """shippingTerm as staff write it on a label: 午前中, 14時～16時."""
    return {"午前": "午前中", "その他": ""}.get(display.time_slot(term), display.time_slot(term))


def wrapping(payload):
    """Both wrappings of an order in one line: ``包装紙: 花柄、リボン: 赤``."""
    return "、".join(
        ": ".join(
            filter(None, (display.WRAPPINGS.get(_number(data, "title"), ""), _text(data, "name")))
        )
        for data in (_dict(payload, "WrappingModel1"), _dict(payload, "WrappingModel2"))
        if data and not _flag(data, "deleteWrappingFlag")
    )


def _store(package):
    store = _dict(package, "DeliveryCvsModel")
    chain = display.CONVENIENCE_STORES.get(_number(store, "cvsCode"), "")
    place = "".join(_text(store, key) for key in ("storePrefecture", "storeAddress"))
    return " ".join(filter(None, (chain, _text(store, "storeName"), place)))


def stores(payload):
    """Where the parcels of an order are kept for their recipients; '' where they are delivered."""
    return "、".join(filter(None, map(_store, _dicts(payload, "PackageModelList"))))


def delivery_method(payload):
    """配送方法 and the way of delivery: ``クール便 冷蔵``."""
    delivery = _dict(payload, "DeliveryModel")
    kind = display.DELIVERY_CLASSES.get(_number(delivery, "deliveryClass"), "")
    return " ".join(filter(None, (_text(delivery, "deliveryName"), kind)))


def payment_method(payload):
    """支払方法 by its code, which decides what the carrier collects."""
    code = _number(_dict(payload, "SettlementModel"), "settlementMethodCode")
    return display.SETTLEMENT.get(code, "") if code else ""


def _cash(payload):
    settlement = _dict(payload, "SettlementModel")
    price = payload.get("requestPrice")
    if _number(settlement, "settlementMethodCode") != CASH_ON_DELIVERY:
        return None
    return price if isinstance(price, int) and price >= 0 else None


def is_checked(payload):
    """Whether Rakuten looks into the order (楽天確認中, section 5.1)."""
    return isinstance(payload, dict) and _flag(payload, "rakutenConfirmFlag")


def shipping_facts(payload, basket_id):
    """What the warehouse needs to know of one destination.

    :param dict payload: a getOrder order, maybe a broken one
    :param str basket_id: basketId of the destination
    :rtype: ShippingFacts
    """
    if not isinstance(payload, dict):
        return ShippingFacts()
    package = _package(payload, basket_id)
    person = _dict(package, "SenderModel")
    orderer = _dict(payload, "OrdererModel")
    delivery = _dict(payload, "DeliveryModel")
    to_another = (_place(person), address.full_name(person)) != (
        _place(orderer),
        address.full_name(orderer),
    )
    return ShippingFacts(
        recipient=address.full_name(person),
        kana=address.kana(person),
        zip_code=address.zip_code(person),
        address=" ".join(
            filter(None, (_text(person, key) for key in ("prefecture", "city", "subAddress")))
        ),
        phone=address.phone(person),
        delivery_date=parse_date(payload.get("deliveryDate")),
        delivery_slot=slot(payload.get("shippingTerm")),
        delivery_name=_text(delivery, "deliveryName"),
        cool=COOL.get(_number(delivery, "deliveryClass"), ""),
        noshi=_text(package, "noshi"),
        wrapping=wrapping(payload),
        gift=_flag(payload, "giftCheckFlag") or _flag(payload, "socialGiftFlag") or to_another,
        to_another=to_another,
        drop_off=_text(package, "dropOffLocation") if _flag(package, "dropOffFlag") else "",
        store=_store(package),
        remarks=filled_remarks(_text(payload, "remarks")),
        remote_island=_flag(person, "isolatedIslandFlag"),
        same_day=_flag(payload, "oneDayOperationFlag"),
        cash=_cash(payload),
        complete=address.is_complete(person),
        checked=is_checked(payload),
    )


@dataclass(frozen=True, slots=True)
class Label:
    """A person and a place as a waybill takes them; ``region`` is prefecture and city."""

    name: str = ""
    zip_code: str = ""
    region: str = ""
    street: str = ""
    building: str = ""
    phone: str = ""


def _label(person):
    street, building = waybill.split_street(_text(person, "subAddress"))
    return Label(
        name=address.full_name(person),
        zip_code=address.zip_code(person),
        region=address.carrier_text(_text(person, "prefecture") + _text(person, "city")),
        street=street,
        building=building,
        phone=waybill.phone(address.phone(person)),
    )


def recipient_label(payload, basket_id):
    """:rtype: Label"""
    return _label(_dict(_package(payload, basket_id), "SenderModel"))


def buyer_label(payload):
    """The buyer, who stands as the sender on a gift's waybill where the shop wants that.

    :rtype: Label
    """
    return _label(_dict(payload, "OrdererModel"))


def destination_count(payload):
    """How many destinations the order has that are not deleted."""
    return sum(
        not _flag(package, "packageDeleteFlag") for package in _dicts(payload, "PackageModelList")
    )


def cash_tax(payload):
    """The tax in what the buyer pays, in whole yen as Rakuten's tax summary has it (section 4.4);
    None where it is not known."""
    taxes = [entry.get("reqPriceTax") for entry in _dicts(payload, "TaxSummaryModelList")]
    known = taxes and all(isinstance(tax, int) and tax >= 0 for tax in taxes)
    return sum(taxes) if known else None


def promise(payload):
    """What the shop has promised besides a delivery wish: to ship on the day of the order.

    :return: ``same_day`` (当日出荷), ``next_day`` (最強翌日配送), ``asuraku`` (あす楽) or ''
    """
    flags = {
        "same_day": "oneDayOperationFlag",
        "next_day": "deliveryCertPrgFlag",
        "asuraku": "asurakuFlag",
    }
    return next((kind for kind, key in flags.items() if _flag(payload, key)), "")


def ship_by(payload, basket_id, ship_days, transit_days, cutoff=24.0):
    """The day in Japan on which a parcel has to leave.

    A delivery wish counts back by the days on the way, one more to 北海道, 沖縄 and remote islands;
    without one it is so many days after Rakuten let the order go (orderFixDatetime), the same day
    where that is promised, the next one from the cut-off time on. 当日出荷 has the earliest day as
    its wish (section 3.1), so the earlier of both counts there.

    :param int ship_days: days that the shop takes to ship
    :param int transit_days: days that a parcel is on its way
    :param float cutoff: hour of the day in Japan from which a promise counts from the next day
    :rtype: date | None
    """
    if not isinstance(payload, dict):
        return None
    wish = parse_date(payload.get("deliveryDate"))
    if wish:
        person = _dict(_package(payload, basket_id), "SenderModel")
        far = _flag(person, "isolatedIslandFlag") or (
            address.prefecture_code(person) in FAR_PREFECTURES
        )
        wished = wish - timedelta(days=transit_days + far)
        if promise(payload) != "same_day":
            return wished
        return min(filter(None, (wished, _let_go_by(payload, ship_days, cutoff))))
    return _let_go_by(payload, ship_days, cutoff)


def _let_go_by(payload, ship_days, cutoff):
    """The day on which an order has to leave by the moment when Rakuten let it go."""
    try:
        fixed = parse_datetime(payload.get("orderFixDatetime") or payload.get("orderDatetime"))
    except OrderProblem:
        return None
    fixed += JAPAN
    days = ship_days
    if promise(payload):
        days = int(fixed.hour + fixed.minute / 60 >= cutoff)
    return fixed.date() + timedelta(days=days)


def _live_packages(payload):
    return [
        package
        for package in _dicts(payload, "PackageModelList")
        if not _flag(package, "packageDeleteFlag")
    ]


def basket_ids(payload):
    """The destinations of an order that were not deleted.

    :rtype: list[str]
    """
    return [_text(package, "basketId") for package in _live_packages(payload)]


def recipients(payload):
    """SenderModel of each destination that was not deleted.

    :rtype: list[dict]
    """
    return [_dict(package, "SenderModel") for package in _live_packages(payload)]


def shipping_rows(payload):
    """The shipping rows that Rakuten has of an order, filled or not.

    :rtype: list[ShippingRow]
    """
    return [
        ShippingRow(
            basket_id=_text(package, "basketId"),
            detail_id=_text(row, "shippingDetailId"),
            company_code=_text(row, "deliveryCompany"),
            number=_text(row, "shippingNumber"),
            date=_text(row, "shippingDate"),
        )
        for package in _dicts(payload, "PackageModelList")
        for row in _dicts(package, "ShippingModelList")
    ]
