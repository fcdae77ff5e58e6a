"""Applications (申込) of invented buyers, and the orders that they become."""

from ..ground.clock import DAY, jst_date, parse_date, rms_datetime
from ..ground.values import as_int, dicts
from ..items.catalogue import Catalogue
from ..orders import lifecycle
from .generate import Draft, finish, flush
from .people import orderer, recipient

#: Days from the order to the delivery.
FIX_BEFORE = 3
#: Days between two deliveries of a subscription.
CYCLE = 30
#: orderType of the order that an application of this reserveType becomes.
ORDER_TYPES = {1: 4, 2: 5, 3: 6}
CYCLES = {1: "30日ごとにお届け", 2: "毎月お届け", 3: None}


def apply_for(world, body):
    """``{"count", "type", "manageNumber", "variantId", "units", "deliveries", "delivery_date"}`` or
    ``{"reservations": [raw]}``; the numbers."""
    if body.get("reservations") is not None:
        found = [raw for raw in body["reservations"] if isinstance(raw, dict)]
        for raw in found:
            world.reservations[str(raw.get("reserveNumber"))] = raw
        return [str(raw.get("reserveNumber")) for raw in found]
    catalogue = Catalogue(world)
    numbers = []
    for _index in range(int(body.get("count", 1))):
        if body.get("manageNumber"):
            sku = catalogue.by_pair[body["manageNumber"], body["variantId"]]
        else:
            sku = catalogue.pick(world.random, 1)
        reservation = application(world, sku, body)
        world.reservations[reservation["reserveNumber"]] = reservation
        numbers.append(reservation["reserveNumber"])
    return numbers


def application(world, sku, body):
    rng, now = world.random, world.now()
    kind = as_int(body.get("type"), 3)
    person = recipient(rng)
    units = int(body.get("units", 1))
    first = parse_date(body.get("delivery_date")) or now + 30 * DAY
    count = 1 if kind == 3 else int(body.get("deliveries", 3))
    shop, day = world.config["shop_number"], jst_date(now).replace("-", "")
    return {
        "shopId": int(shop),
        "reserveNumber": f"{shop}-{day}-{next(world.sequence):06d}-r",
        "reserveStatus": 1,
        "reserveStatusName": "申込中",
        "reserveType": kind,
        "shippingCycle": CYCLES[kind],
        "rakutenMemberFlag": 1,
        "reserveDatetime": rms_datetime(now),
        "memo": None,
        "carrierCode": 0,
        "emailCarrierCode": 0,
        "reserveItem": item(world, sku, units),
        "reserveOrderer": {**orderer(rng, person), "deliveryName": "宅配便", "comment": None},
        "reserveSender": {**person, "shippingNumber": None, "isolatedIslandFlag": 0},
        "reserveDetails": [
            detail(number, first + (number - 1) * CYCLE * DAY, sku.price * units)
            for number in range(1, count + 1)
        ],
    }


def item(world, sku, units):
    return {
        "itemId": sku.item_id,
        "itemName": sku.title,
        "itemNumber": sku.item_number,
        "url": f"/_{world.config['shop_url']}/{sku.manage_number}/",
        "price": sku.price,
        "firstPrice": None,
        "lastPrice": None,
        "units": units,
        "includePostageFlag": 1,
        "includeTaxFlag": 1,
        "taxRate": sku.tax_rate,
        "includeCodFeeFlag": 0,
        "selectedChoice": None,
        "pointRate": 1,
        "pointType": 0,
        "inventoryType": 2 if sku.info else 1,
        "singleItemShippingFlag": 0,
        "variantId": sku.variant_id,
        "merchantDefinedSkuId": sku.merchant_sku,
        "skuInfo": sku.info,
    }


def detail(number, day, amount):
    return {
        "detailId": number,
        "shippingDate": jst_date(day),
        "commitDate": jst_date(day - FIX_BEFORE * DAY),
        "releaseDate": None,
        "itemDetailName": None,
        "shippingStatus": 1,
        "earlyFlag": 0,
        "totalAmount": amount,
        "reserveSettlement": {
            "settlementName": "クレジットカード",
            "cardName": "VISA",
            "cardOwner": "TARO MIHON",
            "cardInstallmentType": "0",
            "cardInstallmentDesc": None,
        },
        "reserveAmount": {"taxAmount": 0, "postageAmount": 0, "codFeeAmount": 0},
    }


def fix_due(world):
    """Make orders of the deliveries whose day has come, and take them off the list."""
    now = world.now()
    for number, reservation in list(world.reservations.items()):
        details = dicts(reservation.get("reserveDetails"))
        due = [d for d in details if (parse_date(d.get("commitDate")) or now + 1) <= now]
        for one in due:
            fix(world, reservation, one)
            reservation["reserveDetails"].remove(one)
        if due and not reservation["reserveDetails"]:
            del world.reservations[number]


def fix(world, reservation, one):
    """The order of one delivery. It bears the time of the application, and is fixed now."""
    catalogue = Catalogue(world)
    goods = reservation["reserveItem"]
    pair = (goods["url"].strip("/").rpartition("/")[2], goods["variantId"])
    draft = Draft(world, catalogue)
    draft.add_line(sku=catalogue.by_pair[pair], units=goods["units"])
    draft.fix_at = world.now()
    placed = lifecycle.parse_rms_datetime(reservation["reserveDatetime"])
    number = world.new_order_number(placed)
    draft.order.update(
        orderType=ORDER_TYPES[reservation["reserveType"]],
        reserveNumber=reservation["reserveNumber"],
        reserveDeliveryCount=one["detailId"],
        deliveryDate=one["shippingDate"],
    )
    order, meta = finish(draft, number, 300, placed)
    meta["kind"] = "reservation"
    flush(world, [lifecycle.place(world, order, meta, number)])
    catalogue.write_stock()
