"""Kinds of orders. Each one is a function that changes a Draft; the docstring describes it.

Several kinds can be combined with a plus sign: ``cod+gift``.
"""

import random

from ..ground.clock import DAY, HOUR, MINUTE, jst_date, midnight, rms_datetime
from ..items.catalogue import SINGLE, Sku
from ..orders.shipping import (
    CARRIERS,
    NO_NUMBER,
    empty_row,
    fill_row,
    label_number,
    open_row,
    shipping_row,
)
from .people import FAMILY_NAMES, FIRST_NAMES, ISLAND, orderer, recipient, waiting_recipient

KINDS = {}
FOOD = 0.08


def kind(function):
    KINDS[function.__name__] = function
    return function


def is_multi(sku):
    return sku.info is not None


def first_line(draft, **options):
    """The first line, made when no kind before has made one."""
    return draft.lines[0] if draft.lines else draft.add_line(**options)


@kind
def simple(draft):
    """one line, one destination, card, everything included"""
    first_line(draft)


@kind
def several_lines(draft):
    """three lines"""
    while len(draft.lines) < 3:
        draft.add_line()


@kind
def mixed_tax(draft):
    """a line with 10 % and a line with 8 %"""
    draft.add_line(wanted=lambda sku: sku.tax_rate == 0.1)
    draft.add_line(wanted=lambda sku: sku.tax_rate == FOOD)


def exclude_tax(line, yen):
    # A price that does not divide by ten, so that rounding shows.
    line.update(price=yen, includeTaxFlag=0)


@kind
def tax_excluded(draft):
    """two lines of prices without tax (税別), postage 550"""
    exclude_tax(draft.add_line(), 1555)
    exclude_tax(draft.add_line(units=3), 327)
    draft.package["postagePrice"] = 550


@kind
def mixed_tax_included_excluded(draft):
    """10 % with and 8 % without tax in one order"""
    draft.add_line(wanted=lambda sku: sku.tax_rate == 0.1)
    exclude_tax(draft.add_line(wanted=lambda sku: sku.tax_rate == FOOD, units=3), 999)


@kind
def postage(draft):
    """postage 660"""
    first_line(draft)["includePostageFlag"] = 0
    draft.package["postagePrice"] = 660


@kind
def cod(draft):
    """cash on delivery, fee 330 in deliveryPrice"""
    first_line(draft)
    draft.settle(2)
    draft.package["deliveryPrice"] = 330


@kind
def payment_charge(draft):
    """paymentCharge 275, paid in a convenience store beforehand"""
    first_line(draft)
    draft.settle(14)
    draft.order["paymentCharge"] = 275


@kind
def additional_fee(draft):
    """post-pay (後払い決済) with a fee of 250 for the buyer"""
    first_line(draft)
    draft.settle(21)
    draft.order["additionalFeeOccurAmountToUser"] = 250
    draft.order["additionalFeeOccurAmountToShop"] = 100


def wrap(draft, slot, title, name, price, tax_included=1):
    draft.order[f"WrappingModel{slot}"] = {
        "title": title,
        "name": name,
        "price": price,
        "includeTaxFlag": tax_included,
        "deleteWrappingFlag": 0,
        "taxRate": 0.1,
        "taxPrice": 0,
    }


@kind
def wrapping(draft):
    """wrapping paper 300"""
    first_line(draft)
    wrap(draft, 1, 1, "見本包装紙", 300)


@kind
def wrapping_two(draft):
    """wrapping paper 300 and ribbon 150"""
    wrapping(draft)
    wrap(draft, 2, 2, "見本リボン", 150)


@kind
def wrapping_tax_excluded(draft):
    """wrapping paper 255 without tax"""
    first_line(draft)
    wrap(draft, 1, 1, "見本包装紙", 255, tax_included=0)


def add_coupon(draft, capital, name, price, line=None, units=1):
    coupons = draft.order["CouponModelList"] or []
    coupons.append(
        {
            "couponCode": f"SAMP-{draft.rng.getrandbits(32):08X}",
            "itemId": line["itemId"] if line else 0,
            "couponName": name,
            "couponSummary": f"定額割引 {price}円",
            "couponCapital": "ショップ" if capital == 1 else "サービス",
            "couponCapitalCode": capital,
            "expiryDate": jst_date(draft.world.now() + 30 * DAY),
            "couponPrice": price,
            "couponUnit": units,
            "couponTotalPrice": price * units,
            "itemDetailId": line["itemDetailId"] if line else 0,
        }
    )
    draft.order["CouponModelList"] = coupons


@kind
def shop_coupon(draft):
    """coupon of 300 on the order that the shop pays"""
    first_line(draft)
    add_coupon(draft, 1, "見本ショップクーポン", 300)


@kind
def shop_coupon_item(draft):
    """coupon of 100 for each unit of one line that the shop pays"""
    line = draft.add_line(units=2)
    draft.add_line()
    add_coupon(draft, 1, "見本商品クーポン", 100, line, 2)


@kind
def rakuten_coupon(draft):
    """coupon of 200 that Rakuten pays"""
    first_line(draft)
    add_coupon(draft, 3, "見本サービスクーポン", 200)


@kind
def points(draft):
    """some points used"""
    first_line(draft)
    draft.points = draft.rng.randint(10, 400)


@kind
def points_all(draft):
    """everything paid with points, requestPrice 0"""
    first_line(draft)
    draft.points = "all"


@kind
def free_item(draft):
    """a second line with price 0"""
    first_line(draft)
    line = draft.add_line(units=1)
    line.update(price=0, itemName=f"【プレゼント】{line['itemName']}")


@kind
def several_destinations(draft):
    """two destinations with a line each, postage 550 and 770"""
    first_line(draft)
    package = draft.add_package(recipient(draft.rng), 770)
    draft.add_line(package)
    draft.package["postagePrice"] = 550
    draft.order.update(severalSenderFlag=1, equalSenderFlag=0)


@kind
def noshi(draft):
    """noshi text for the destination"""
    first_line(draft)
    draft.package["noshi"] = "御中元　見本太郎"


@kind
def gift(draft):
    """gift to somebody else"""
    first_line(draft)
    draft.order.update(giftCheckFlag=1, equalSenderFlag=0)
    draft.package["SenderModel"] = recipient(draft.rng)


@kind
def drop_off(draft):
    """drop-off (置き配) in the delivery box"""
    first_line(draft)
    draft.package.update(dropOffFlag=1, dropOffLocation="宅配ボックス")


@kind
def convenience_store(draft):
    """pick-up in a convenience store"""
    first_line(draft)
    draft.order["DeliveryModel"]["deliveryName"] = "コンビニ受取"
    draft.package["DeliveryCvsModel"] = {
        "cvsCode": 50,
        "storeGenreCode": "0000",
        "storeCode": "00001",
        "storeName": "見本受取店",
        "storeZip": "160-0023",
        "storePrefecture": "東京都",
        "storeAddress": "新宿区西新宿99-99",
        "areaCode": "01",
        "depo": "01",
        "openTime": "00:00",
        "closeTime": "24:00",
        "cvsRemarks": None,
    }


@kind
def delivery_date(draft):
    """delivery wished in five days between 14 and 16 h"""
    first_line(draft)
    day = jst_date(draft.world.now() + 5 * DAY)
    draft.order.update(deliveryDate=day, shippingTerm=1416)
    draft.order["remarks"] = f"[配送日時指定:]\n{day}\n14:00〜16:00"


def reserve(draft, order_type, count):
    first_line(draft)
    number = f"{draft.world.config['shop_number']}-{draft.rng.randint(1, 99999999):08d}-r"
    draft.order.update(orderType=order_type, reserveNumber=number, reserveDeliveryCount=count)


@kind
def subscription(draft):
    """orderType 4, second delivery"""
    reserve(draft, 4, 2)


@kind
def buying_club(draft):
    """orderType 5, third delivery"""
    reserve(draft, 5, 3)


@kind
def reservation(draft):
    """orderType 6"""
    reserve(draft, 6, 1)


@kind
def before_sku_migration(draft):
    """itemNumber with child numbers, choices in selectedChoice, no SKU fields"""
    line = draft.add_line(wanted=is_multi)
    sku = line["SkuModelList"][0]
    line["selectedChoice"] = sku["skuInfo"]
    line["itemNumber"] = f"{line['itemNumber']}{sku['variantId']}"
    line["SkuModelList"] = [{"variantId": "", "merchantDefinedSkuId": None, "skuInfo": None}]


@kind
def midnight_order(draft):
    """placed at 23:59:58, fixed after midnight"""
    first_line(draft)
    now = draft.world.now()
    start = midnight(now) if now - midnight(now) > 3600 else midnight(now) - DAY
    draft.order_at = start - 2


KINDS["midnight"] = KINDS.pop("midnight_order")


@kind
def overseas(draft):
    """recipient abroad (国外), name and address in Latin letters"""
    first_line(draft)
    draft.order["DeliveryModel"]["deliveryName"] = "国際配送"
    draft.order["equalSenderFlag"] = 0
    draft.package["SenderModel"].update(
        prefecture="国外",
        city="Singapore",
        subAddress="99 Sample Street, Singapore 000000",
        familyName="Sample",
        firstName="Taro",
        zipCode1="000",
        zipCode2="0000",
    )


@kind
def missing_first_name(draft):
    """recipient without first name"""
    first_line(draft)
    draft.package["SenderModel"].update(firstName=None, firstNameKana=None)
    draft.order["equalSenderFlag"] = 0


@kind
def missing_kana(draft):
    """no kana at all"""
    first_line(draft)
    for person in (draft.package["SenderModel"], draft.order["OrdererModel"]):
        person.update(familyNameKana=None, firstNameKana=None)


@kind
def missing_phone_part(draft):
    """one of the three parts of the phone number is null"""
    first_line(draft)
    for person in (draft.package["SenderModel"], draft.order["OrdererModel"]):
        person["phoneNumber1"] = None


@kind
def emoji(draft):
    """emoji and rare kanji in name, remarks and item name"""
    line = first_line(draft)
    line["itemName"] = f"🎁{line['itemName']}🎀"
    draft.package["SenderModel"]["familyName"] = "𠮷見本"
    draft.order["equalSenderFlag"] = 0
    draft.order["remarks"] = "[備考:]\n楽しみにしています😊👨‍👩‍👧"


@kind
def half_width_kana(draft):
    """half-width kana and mixed dashes in the address"""
    first_line(draft)
    draft.package["SenderModel"].update(
        familyNameKana="ﾐﾎﾝ", firstNameKana="ﾀﾛｳ", subAddress="見本町９９−９９ー１ ﾐﾎﾝﾊｲﾂ１０１号"
    )
    draft.order["equalSenderFlag"] = 0


@kind
def long_remarks(draft):
    """remarks of several thousand characters with headings"""
    first_line(draft)
    text = "これは長い備考の見本です。"
    draft.order["remarks"] = f"[配送日時指定:]\n\n[備考:]\n{text * 300}\n[確認:]\n了承しました"


@kind
def remote_island(draft):
    """recipient on a remote island"""
    first_line(draft)
    person = recipient(draft.rng, ISLAND)
    draft.package["SenderModel"] = person
    draft.order["OrdererModel"] = orderer(draft.rng, person)
    draft.order["isolatedIslandFlag"] = 1


@kind
def postage_undetermined(draft):
    """postage -9999, total and bill not determined"""
    first_line(draft)
    draft.package["postagePrice"] = -9999


@kind
def unconfirmed(draft):
    """status 100"""
    first_line(draft)
    draft.status = 100


@kind
def processing(draft):
    """status 200, goes on to 300 by itself"""
    first_line(draft)
    draft.status = 200


@kind
def prepayment(draft):
    """status 200, bank transfer not yet received; waits for payment_received"""
    first_line(draft)
    draft.status = 200
    draft.settle(9)
    due = jst_date(draft.world.now() + 10 * DAY)
    draft.order["DueDateModelList"] = [{"dueDateType": 0, "dueDate": due}]


@kind
def store_prepayment(draft):
    """paid at セブンイレブン before its due date, which was put off: both stand in the order"""
    first_line(draft)
    draft.settle(13)
    now = draft.world.now()
    draft.order["DueDateModelList"] = [
        {"dueDateType": 0, "dueDate": jst_date(now + days * DAY)} for days in (5, 9)
    ]


@kind
def instalments(draft):
    """a card in six payments (分割)"""
    first_line(draft)
    draft.order["SettlementModel"].update(cardPayType=2, cardInstallmentDesc="106")


@kind
def revolving(draft):
    """a card, リボ"""
    first_line(draft)
    draft.order["SettlementModel"]["cardPayType"] = 1


@kind
def loan(draft):
    """ショッピングクレジット／ローン, which the shop collects (選択制)"""
    first_line(draft)
    draft.settle(4)


@kind
def car_loan(draft):
    """オートローン (選択制)"""
    first_line(draft)
    draft.settle(5)


@kind
def lease(draft):
    """リース (選択制)"""
    first_line(draft)
    draft.settle(6)


@kind
def invoice(draft):
    """請求書払い (選択制)"""
    first_line(draft)
    draft.settle(7)


@kind
def apple_pay(draft):
    """Apple Pay"""
    first_line(draft)
    draft.settle(12)


@kind
def alipay(draft):
    """Alipay（支付宝）"""
    first_line(draft)
    draft.settle(27)


@kind
def in_change(draft):
    """status 400, back to 300 after ten minutes"""
    first_line(draft)
    draft.status = 400


@kind
def cancelling(draft):
    """status 800, cancelled by the buyer"""
    first_line(draft)
    draft.status = 800


@kind
def cancelled(draft):
    """status 900"""
    first_line(draft)
    draft.status = 900


@kind
def social_gift(draft):
    """social gift, the receiver has not entered the address: dummy recipient"""
    first_line(draft)
    now = draft.world.now()
    draft.order.update(socialGiftFlag=1, giftCheckFlag=1, equalSenderFlag=0)
    draft.package["SenderModel"] = waiting_recipient()
    draft.package["SocialGiftModel"] = {
        "sgMngNumber": f"{draft.rng.randint(1, 99999999):08d}-sg",
        "inputDueDate": jst_date(now + 7 * DAY),
        "inputFlag": 0,
        "inputCompDatetime": None,
        "receiverEmailAddress": "s****@relay.example.com",
    }


@kind
def social_gift_entered(draft):
    """social gift with the receiver's address"""
    social_gift(draft)
    draft.package["SenderModel"] = recipient(draft.rng)
    moment = rms_datetime(draft.world.now() - 60)
    draft.package["SocialGiftModel"].update(inputFlag=1, inputCompDatetime=moment)


@kind
def unmapped_sku(draft):
    """an item that is not in the catalogue, codes zz-unknown-…"""
    code = f"zz-unknown-{draft.rng.randint(1, 99999):05d}"
    draft.off_catalogue = True
    draft.add_line(
        sku=Sku(
            manage_number=code,
            variant_id=SINGLE,
            item_number=code.upper(),
            item_id=99_999_999,
            title="【見本】登録のない商品",
            tax_rate=0.1,
            price=1980,
        )
    )
    draft.off_catalogue = False


@kind
def multi_sku(draft):
    """a variant of a multi-SKU item"""
    draft.add_line(wanted=is_multi)


@kind
def free_option(draft):
    """free options (項目選択肢) in selectedChoice"""
    line = first_line(draft)
    line["selectedChoice"] = "ラッピング袋:あり\nメッセージカード:おめでとう"


@kind
def caution(draft):
    """the buyer is marked for caution (101)"""
    first_line(draft)
    draft.order.update(cautionDisplayType=1, cautionDisplayDetailType=101)


@kind
def rakuten_check(draft):
    """rakutenConfirmFlag 1: Rakuten is still checking the order"""
    first_line(draft)
    draft.order["rakutenConfirmFlag"] = 1


@kind
def modify_flag(draft):
    """the buyer has changed the order"""
    first_line(draft)
    draft.order["modifyFlag"] = 1


@kind
def already_shipped(draft):
    """status 300 with a complete shipping row that somebody has registered"""
    first_line(draft)
    today = jst_date(draft.world.now())
    for package in draft.order["PackageModelList"]:
        package["ShippingModelList"] = [shipping_row(draft.world, today)]


def write_row(draft, **values):
    """The same values on a row of every destination so far."""
    first_line(draft)
    for package in draft.order["PackageModelList"]:
        fill_row(open_row(draft.world, package), values)


def planned_day(draft):
    return jst_date(draft.world.now() + DAY)


@kind
def planned_date(draft):
    """status 300, a shipping row with a planned date for tomorrow and nothing else"""
    write_row(draft, shippingDate=planned_day(draft))


@kind
def carrier_only(draft):
    """status 300, a shipping row with company 1000 and nothing else"""
    write_row(draft, deliveryCompany="1000")


@kind
def planned_shipping(draft):
    """status 300, a shipping row with company and planned date, no number"""
    write_row(draft, deliveryCompany="1001", shippingDate=planned_day(draft))


@kind
def dash_number(draft):
    """status 300, a shipping row with number - and company 1000, no date"""
    write_row(draft, deliveryCompany="1000", shippingNumber=NO_NUMBER)


@kind
def former_system(draft):
    """status 300, two shipping rows with company 1000 that a former system has left, no number"""
    first_line(draft)
    for package in draft.order["PackageModelList"]:
        rows = [empty_row(draft.world) for _row in range(2)]
        for row in rows:
            fill_row(row, {"deliveryCompany": "1000"})
        package["ShippingModelList"] = rows


@kind
def label_number_only(draft):
    """status 300, the carrier's tool has written company and number, no date"""
    first_line(draft)
    for package in draft.order["PackageModelList"]:
        row = open_row(draft.world, package)
        fill_row(row, {"deliveryCompany": "1001", "shippingNumber": label_number(row)})


@kind
def label_printed(draft):
    """status 300, the carrier's tool has written a complete row when the label was printed; the
    goods are still here, and midnight makes it 500"""
    first_line(draft)
    for package in draft.order["PackageModelList"]:
        package["ShippingModelList"] = [shipping_row(draft.world, planned_day(draft))]


@kind
def placed_long_ago(draft):
    """placed five months ago and open since then"""
    first_line(draft)
    draft.order_at = draft.world.now() - draft.rng.randint(150 * DAY, 155 * DAY)


@kind
def released_late(draft):
    """placed five months ago, fixed within the last hours only"""
    placed_long_ago(draft)
    draft.fix_at = draft.world.now() - draft.rng.randint(10 * MINUTE, 2 * HOUR)


#: 配送方法: kind to deliveryName, deliveryClass and defaultDeliveryCompanyCode.
DELIVERIES = {
    "home_delivery": ("宅配便", 1, "1001"),
    "mail_delivery": ("メール便", 1, "1003"),
    "cool_delivery": ("クール便", 2, "1001"),
    "frozen_delivery": ("クール便", 3, "1002"),
}
DELIVERY_CLASSES = {1: "普通", 2: "冷蔵", 3: "冷凍"}


def delivery(name, delivery_class, company):
    """A kind of orders that leave by this delivery method."""

    def change(draft):
        first_line(draft)
        draft.order["DeliveryModel"].update(deliveryName=name, deliveryClass=delivery_class)
        for package in draft.order["PackageModelList"]:
            package["defaultDeliveryCompanyCode"] = company

    kind_of_class = DELIVERY_CLASSES[delivery_class]
    change.__doc__ = f"{name}, class {delivery_class} ({kind_of_class}), by {CARRIERS[company]}"
    return change


KINDS |= {name: delivery(*values) for name, values in DELIVERIES.items()}


@kind
def shipped(draft):
    """status 500"""
    first_line(draft)
    draft.status = 500


@kind
def same_day(draft):
    """oneDayOperationFlag 1, delivery tomorrow"""
    first_line(draft)
    day = jst_date(draft.world.now() + DAY)
    draft.order.update(oneDayOperationFlag=1, deliveryDate=day)


@kind
def best_delivery(draft):
    """deliveryCertPrgFlag 1 (最強翌日配送)"""
    first_line(draft)
    draft.order["deliveryCertPrgFlag"] = 1


def fixed_rng(draft, purpose):
    """Random numbers that are the same for every order of a seed."""
    return random.Random(f"{draft.world.config['seed']} {purpose}")


@kind
def same_buyer(draft):
    """always the same buyer, who is also the recipient; only the mail relay is new"""
    first_line(draft)
    rng = fixed_rng(draft, "same buyer")
    person = recipient(rng)
    mail = draft.order["OrdererModel"]["emailAddress"]
    draft.order["OrdererModel"] = orderer(rng, person) | {"emailAddress": mail}
    draft.package["SenderModel"] = dict(person)


@kind
def same_address(draft):
    """always the same address, but one of six names in turn"""
    first_line(draft)
    person = recipient(fixed_rng(draft, "same address"))
    turn = next(draft.world.neighbours)
    family, family_kana = FAMILY_NAMES[turn % len(FAMILY_NAMES)]
    first, first_kana, _sex = FIRST_NAMES[turn % len(FIRST_NAMES)]
    person.update(familyName=family, firstName=first)
    person.update(familyNameKana=family_kana, firstNameKana=first_kana)
    draft.order["OrdererModel"] = orderer(draft.rng, person)
    draft.package["SenderModel"] = person


@kind
def kitchen_sink(draft):
    """nearly everything at once: two destinations, both tax rates, prices with and without tax,
    wrapping, coupons, points, fee, gift, noshi, drop-off, options, delivery wish"""
    draft.add_line(wanted=lambda sku: sku.tax_rate == FOOD, units=2)
    exclude_tax(draft.add_line(wanted=lambda sku: sku.tax_rate == 0.1), 1555)
    several_destinations(draft)
    second = draft.order["PackageModelList"][-1]
    exclude_tax(draft.add_line(second, wanted=lambda sku: sku.tax_rate == FOOD, units=3), 999)
    draft.add_line(second, wanted=is_multi)
    wrapping_two(draft)
    add_coupon(draft, 1, "見本ショップクーポン", 300)
    add_coupon(draft, 1, "見本商品クーポン", 30, draft.lines[0], 2)
    add_coupon(draft, 3, "見本サービスクーポン", 200)
    draft.points = 123
    payment_charge(draft)
    delivery_date(draft)
    draft.order["giftCheckFlag"] = 1
    for decorate in (noshi, drop_off, free_option, best_delivery):
        decorate(draft)


DESCRIPTIONS = {name: " ".join(function.__doc__.split()) for name, function in KINDS.items()}
# What a shop sees on a normal day; the weights are out of 100.
_MIX = {
    "simple": 30,
    "postage": 14,
    "several_lines": 10,
    "multi_sku": 10,
    "points": 7,
    "mixed_tax": 4,
    "rakuten_coupon": 4,
    "shop_coupon": 4,
    "cod": 4,
    "delivery_date": 4,
    "drop_off": 3,
    "gift": 2,
    "several_destinations": 2,
    "wrapping": 1,
    "noshi": 1,
}


def default_kind(rng):
    return rng.choices(list(_MIX), list(_MIX.values()))[0]
