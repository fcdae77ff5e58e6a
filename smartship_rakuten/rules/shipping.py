"""What the warehouse needs of an order: how each destination is to be shipped (RMS API sections
3.1, 3.3, 3.5 and 3.6).

Whatever is missing or of a strange form is left out: nothing here fails. What transfers show,
collect, wait for and print is read here once, as :class:`ShippingFacts`.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest

from . import address, display, japan, waybill, working_days
from .payload import LENIENT, MAX_FACT, cut

#: RMS takes this many rows for one destination (section 2.6) …
PARCELS_MAX = 20
#: … and this many characters of a number.
NUMBER_MAX = 120
#: Parcels to these places are on the way a day longer.
FAR_PREFECTURES = frozenset("JP-01 JP-47".split())
COOL = {2: "冷蔵", 3: "冷凍"}
CASH_ON_DELIVERY = 2
_HEADING = re.compile(r"\s*\[[^\]]*:\]\s*")
#: A block of remarks that repeats the delivery wish, which is a field of its own (section 3.1).
_DELIVERY_BLOCK = re.compile(r"^\[配送日時指定:\].*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_BUYERS_HEADING = re.compile(r"^\[[^\]\n]*:?\]\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ShippingFacts:
    """How one destination is to be shipped; texts in RMS's own words, '' for none.

    ``delivery_slot`` is 午前中 or 14時～16時, ``cool`` 冷蔵 or 冷凍, ``drop_off`` the place of
    置き配, ``store`` the shop or post office that keeps the parcel for the recipient; ``cash`` is
    what the carrier collects in whole yen, None where nothing is; ``gift`` tells that no prices go
    into the parcel: a gift wish, or a recipient who is not the buyer. ``to_another`` is the latter.
    ``checked`` tells that Rakuten looks into the order (楽天確認中): it waits (section 5.1).

    ``slot_key`` is the delivery wish's time as waybill files have it (:func:`.waybill.slot_key`),
    ``promise`` what the shop has promised besides: ``same_day`` (当日出荷), ``next_day``
    (最強翌日配送), ``asuraku`` (あす楽) or ''. ``let_go_at`` is when Rakuten let the order go, else
    when it was placed, naive UTC. Of the whole order are ``total_price`` (totalPrice), ``cash_tax``
    (the tax in what the buyer pays, as Rakuten's tax summary has it, section 4.4), both whole yen
    and None where they are not known, and ``destinations``, how many it has. ``person`` and
    ``orderer`` are SenderModel and OrdererModel.
    """

    recipient: str
    kana: str
    zip_code: str
    address: str
    phone: str
    delivery_date: date | None
    delivery_slot: str
    delivery_name: str
    cool: str
    noshi: str
    wrapping: str
    gift: bool
    to_another: bool
    drop_off: str
    store: str
    remarks: str
    remote_island: bool
    cash: int | None
    cash_tax: int | None
    total_price: int | None
    complete: bool
    checked: bool
    slot_key: str
    promise: str
    let_go_at: datetime | None
    destinations: int
    person: dict
    orderer: dict


def _place(person):
    return address.normalize(address.place(person))


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


def remarks(payload):
    """備考 as staff read it."""
    return _fact(filled_remarks(LENIENT.text(payload, "remarks")))


def remarks_of_buyer(payload):
    """What the buyer wrote in 備考, without the shop's headings and the delivery wish's block."""
    text = LENIENT.text(payload, "remarks")
    return _BUYERS_HEADING.sub("", _DELIVERY_BLOCK.sub("", text)).strip()


def filled_remarks(text):
    """Remarks without the headings that nothing stands under, as ``[配送日時指定:]`` mostly is
    (section 9.25)."""
    lines = text.splitlines()
    return "\n".join(
        line
        for line, following in zip_longest(lines, lines[1:], fillvalue="")
        if not (_HEADING.fullmatch(line) and (not following or _HEADING.fullmatch(following)))
    ).strip()


def _slot(payload):
    """shippingTerm as staff write it on a label: 午前中, 14時～16時."""
    shown = display.time_slot(payload)
    return {"午前": "午前中", "その他": ""}.get(shown, shown)


def wrapping(payload):
    """Both wrappings of an order in one line: ``包装紙: 花柄、リボン: 赤``."""
    return "、".join(
        ": ".join(
            filter(
                None,
                (
                    display.WRAPPINGS.get(LENIENT.whole(data, "title"), ""),
                    LENIENT.text(data, "name"),
                ),
            )
        )
        for data in (LENIENT.object(payload, key) for key in ("WrappingModel1", "WrappingModel2"))
        if data and not LENIENT.is_deleted(data)
    )


def stores(payload):
    """Where the parcels of an order are kept for their recipients; '' where they are delivered."""
    return "、".join(filter(None, map(display.store, LENIENT.packages(payload, deleted=True))))


def delivery_method(payload):
    """配送方法 and the way of delivery: ``クール便 冷蔵``."""
    delivery = LENIENT.object(payload, "DeliveryModel")
    kind = display.DELIVERY_CLASSES.get(LENIENT.whole(delivery, "deliveryClass"), "")
    return " ".join(filter(None, (LENIENT.text(delivery, "deliveryName"), kind)))


def payment_code(payload):
    """settlementMethodCode (section 3.4), which decides what the carrier collects; None for none.

    :rtype: int | None
    """
    return LENIENT.whole(LENIENT.object(payload, "SettlementModel"), "settlementMethodCode")


def payment_method(payload):
    """支払方法 by its code."""
    return display.SETTLEMENT.get(payment_code(payload), "")


def _cash(payload):
    cash = payment_code(payload) == CASH_ON_DELIVERY
    return LENIENT.yen(payload, "requestPrice") if cash else None


def _cash_tax(payload):
    taxes = [
        LENIENT.yen(entry, "reqPriceTax")
        for entry in LENIENT.objects(payload, "TaxSummaryModelList")
    ]
    return sum(taxes) if taxes and None not in taxes else None


def is_checked(payload):
    """Whether Rakuten looks into the order (楽天確認中, section 5.1)."""
    return LENIENT.flag(payload, "rakutenConfirmFlag")


def is_gift(payload, reader=LENIENT):
    """ギフト配送希望 or ソーシャルギフト."""
    return any([reader.flag(payload, key) for key in ("giftCheckFlag", "socialGiftFlag")])


def promise(payload):
    """What the shop has promised besides a delivery wish: to ship on the day of the order.

    :return: see :class:`ShippingFacts`
    """
    flags = {
        "same_day": "oneDayOperationFlag",
        "next_day": "deliveryCertPrgFlag",
        "asuraku": "asurakuFlag",
    }
    return next((kind for kind, key in flags.items() if LENIENT.flag(payload, key)), "")


def _released_at(payload):
    fixed = LENIENT.text(payload, "orderFixDatetime")
    return LENIENT.moment(payload, "orderFixDatetime" if fixed else "orderDatetime")


def _fact(text):
    """A text as transfers, papers and labels have it: longer ones are cut, which can be seen."""
    return cut(text, MAX_FACT)


def shipping_facts(payload, basket_id):
    """What the warehouse needs to know of one destination.

    :param dict payload: a getOrder order, maybe a broken one
    :param str basket_id: basketId of the destination
    :rtype: ShippingFacts
    """
    package = LENIENT.package(payload, basket_id)
    person = LENIENT.person(package, "SenderModel")
    orderer = LENIENT.person(payload, "OrdererModel")
    delivery = LENIENT.object(payload, "DeliveryModel")
    to_another = (_place(person), address.full_name(person)) != (
        _place(orderer),
        address.full_name(orderer),
    )
    return ShippingFacts(
        recipient=address.full_name(person),
        kana=address.kana(person),
        zip_code=address.zip_code(person),
        address=address.place(person, " "),
        phone=address.phone(person),
        delivery_date=LENIENT.day(payload, "deliveryDate"),
        delivery_slot=_slot(payload),
        delivery_name=_fact(LENIENT.text(delivery, "deliveryName")),
        cool=COOL.get(LENIENT.whole(delivery, "deliveryClass"), ""),
        noshi=_fact(LENIENT.text(package, "noshi")),
        wrapping=_fact(wrapping(payload)),
        gift=is_gift(payload) or to_another,
        to_another=to_another,
        drop_off=_fact(LENIENT.text(package, "dropOffLocation"))
        if LENIENT.flag(package, "dropOffFlag")
        else "",
        store=_fact(display.store(package)),
        remarks=remarks(payload),
        remote_island=LENIENT.flag(person, "isolatedIslandFlag"),
        cash=_cash(payload),
        cash_tax=_cash_tax(payload),
        total_price=LENIENT.yen(payload, "totalPrice"),
        complete=address.is_complete(person),
        checked=is_checked(payload),
        slot_key=waybill.slot_key(LENIENT.text(payload, "shippingTerm")),
        promise=promise(payload),
        let_go_at=_released_at(payload),
        destinations=len(LENIENT.packages(payload)),
        person=person,
        orderer=orderer,
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


def label(person):
    """:param dict person: SenderModel, or OrdererModel for a buyer who stands as the sender
    :rtype: Label
    """
    prefecture, city, rest = address.folded(person)
    street, building = waybill.split_street(rest)
    return Label(
        name=address.full_name(person),
        zip_code=address.zip_code(person),
        region=address.carrier_text(prefecture + city),
        street=street,
        building=building,
        phone=address.phone(person),
    )


def ship_by(facts, ship_days, transit_days, cutoff=24.0, prefecture_days=None, working=None):
    """The day in Japan on which a parcel has to leave (発送期限).

    A delivery wish counts back by the days on the way, and on to the last working day before;
    without one it is so many working days after Rakuten let the order go (orderFixDatetime), the
    same day where that is promised, the next one from the cut-off time on. 当日出荷 has the
    earliest day as its wish (section 3.1), so the earlier of both counts there.

    :param ShippingFacts facts: of the parcel's destination
    :param int ship_days: days that the shop takes to ship
    :param int transit_days, dict prefecture_days: see :func:`days_on_the_way`
    :param float cutoff: hour of the day in Japan from which a promise counts from the next day
    :param ..working_days.WorkingDays working: the days on which the shop ships, None for all
    :rtype: date | None
    """
    wish = facts.delivery_date
    if not wish:
        return _ship_by_release(facts, ship_days, cutoff, working)
    way = timedelta(days=days_on_the_way(facts, transit_days, prefecture_days))
    wished = working_days.last_until(working, wish - way)
    if facts.promise != "same_day":
        return wished
    released = _ship_by_release(facts, ship_days, cutoff, working)
    return min(filter(None, (wished, released)))


def arrive_by(facts, leaves_on, transit_days, prefecture_days=None):
    """The day in Japan on which a parcel has to arrive: the delivery wish, else the days on the way
    after it leaves; carriers deliver every day.

    :param date leaves_on: of :func:`ship_by`, None where it is not known
    :rtype: date | None
    """
    if facts.delivery_date or not leaves_on:
        return facts.delivery_date
    return leaves_on + timedelta(days=days_on_the_way(facts, transit_days, prefecture_days))


def days_on_the_way(facts, transit_days, prefecture_days=None):
    """How many days a parcel is on its way.

    :param int transit_days: where the table says nothing; one more to 北海道 and 沖縄
    :param dict prefecture_days: the shop's table, ``JP-13`` to days
    :return: one more to a remote island of any prefecture
    """
    prefecture = address.prefecture_code(facts.person)
    known = (prefecture_days or {}).get(prefecture)
    if known is not None:
        return known + facts.remote_island
    return transit_days + (facts.remote_island or prefecture in FAR_PREFECTURES)


def _ship_by_release(facts, ship_days, cutoff, working):
    """The day on which an order has to leave by the moment when Rakuten let it go."""
    if not facts.let_go_at:
        return None
    day, hour = japan.day(facts.let_go_at), japan.hour(facts.let_go_at)
    days = 0 if facts.promise else ship_days
    closing = working.closing(day) if working else None
    if facts.promise and hour >= cutoff or not days and closing is not None and hour >= closing:
        days = max(days, 1)
    return working_days.after(working, day, days)


def basket_ids(payload):
    """The destinations of an order that were not deleted.

    :rtype: list[str]
    """
    return [LENIENT.text(package, "basketId") for package in LENIENT.packages(payload)]


def recipients(payload):
    """SenderModel of each destination that was not deleted.

    :rtype: list[dict]
    """
    return [LENIENT.person(package, "SenderModel") for package in LENIENT.packages(payload)]
