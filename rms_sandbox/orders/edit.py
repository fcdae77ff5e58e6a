"""Changes of an order: updateOrderSender before and after shipping, simulateCouponAmount.

RMS API sections 2.9 and 2.12. A request is checked completely, then written into a copy; the
copy replaces the order only when nothing is wrong with it.
"""

import copy

from ..ground.shape import EMPTY, Amount, Field, Flag, Number, Object, Objects, Rate, Text
from ..ground.values import as_int, dicts
from . import lifecycle
from .amounts import UNDETERMINED, apply_amounts, items_of, packages_of
from .messages import answer, error, info, malformed, missing, order_call, refuse
from .orders import EXAMPLE_NUMBER, ORDER_NUMBER, REASONS, not_found, one_order
from .payment import REFUSED, SETTLEMENT_NAMES, SHOP_COLLECTED, payment_status

BEFORE_SHIPPING = (100, 200, 300)
AFTER_SHIPPING = (500, 600, 700)
CHANGEABLE = (2, 4, 5, 6, 7, 9, 13, 14, 27)  # afterSettlementMethodCode
COD = 2
COUPON_UNITS_MAX = 10_000
NO_DROP_OFF = "利用しない"
DROP_OFF = (NO_DROP_OFF, "宅配ボックス", "玄関前", "玄関前鍵付容器", "メーターボックス")
DROP_OFF += ("物置", "車庫")
PREFECTURES = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都"
    " 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府"
    " 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県"
    " 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県 国外"
).split()
NAMES = ("familyName", "firstName", "familyNameKana", "firstNameKana")
ADDRESS = ("zipCode1", "zipCode2", "prefecture", "city", "subAddress")
PHONE = ("phoneNumber1", "phoneNumber2", "phoneNumber3")
WRAPPINGS = ("WrappingModel1", "WrappingModel2")


def blank(value):
    """Absent, null, empty text and empty list all count as not given."""
    return value in EMPTY


# The request alone -----------------------------------------------------------------------


def wrapping_shape(name):
    return Object(
        name,
        Number("title", (1, 2), required=True, empty=(), about="1 paper, 2 ribbon"),
        Text("name", 125),
        Amount("price"),
        Rate("taxRate"),
        Flag("includeTaxFlag"),
        Flag("deleteWrappingFlag"),
        key="title",
        about="Has to be restated when the order has it.",
    )


def texts(names, *, required=(), length=None, **options):
    """Text fields; those that are not required may be null."""
    return [
        Text(name, length, required=name in required, null=name not in required, **options)
        for name in names
    ]


ITEM = Object(
    "",
    Number("itemDetailId", required=True),
    Text("itemName", 1000, required=True),
    Text("itemNumber", 125, null=True),
    Amount("price", required=True),
    Rate("taxRate", required=True),
    Amount("units", required=True, about=f"With coupons at most {COUPON_UNITS_MAX}."),
    *map(Flag, ("includePostageFlag", "includeTaxFlag", "includeCashOnDeliveryPostageFlag")),
    Text("selectedChoice", 4000, null=True),
    Number("restoreInventoryFlag", (0, 1, 2)),
    Flag("deleteItemFlag"),
    Objects(
        "SkuModelList",
        Object("", Field("variantId"), Field("merchantDefinedSkuId"), Field("skuInfo")),
        about="Needed when the order has skuInfo; the variantId cannot change.",
    ),
)
SENDER = Object(
    "SenderModel",
    *texts(("zipCode1", "zipCode2", "city", "subAddress"), required=ADDRESS, numbers=True),
    Text("prefecture", choices=PREFECTURES, required=True),
    *texts(NAMES, required=("familyName",), length=127),
    *texts(PHONE, numbers=True),
    required=True,
    together={("zipCode1", "zipCode2"): 20, PHONE: 32},
)
PACKAGE = Object(
    "",
    Number("basketId", required=True),
    Amount("postagePrice", also=UNDETERMINED),
    Rate("postageTaxRate", required=True),
    Amount("deliveryPrice", also=UNDETERMINED, about="Fee of cash on delivery."),
    Rate("deliveryTaxRate"),
    Field("noshi"),
    Flag("packageDeleteFlag"),
    Text("dropOffLocation", choices=DROP_OFF, null=True),
    SENDER,
    Objects("ItemModelList", ITEM, required=True, blamed="itemDetailId"),
)
COUPON = Object(
    "",
    Text("couponCode", required=True, empty=()),
    Field("couponPrice", about="May be lowered."),
    Field("couponUnit", about="May be lowered."),
    Field("itemId"),
)
CHANGE = Object(
    "",
    ORDER_NUMBER,
    Number("reductionReason", REASONS, about="Needed when the bill gets smaller."),
    *map(wrapping_shape, WRAPPINGS),
    Objects("PackageModelList", PACKAGE, required=True, blamed="basketId"),
    Objects("CouponModelList", COUPON, about="Has to be restated when the order has coupons."),
    Number("afterSettlementMethodCode", CHANGEABLE),
)
PERSON_EXAMPLE = {
    "zipCode1": "100",
    "zipCode2": "0001",
    "prefecture": "東京都",
    "city": "千代田区",
    "subAddress": "千代田99-99",
    "familyName": "見本",
    "firstName": "太郎",
}
EXAMPLE = {
    "orderNumber": EXAMPLE_NUMBER,
    "reductionReason": 10,
    "PackageModelList": [
        {
            "basketId": 20000001,
            "postagePrice": 660,
            "postageTaxRate": 0.1,
            "SenderModel": PERSON_EXAMPLE,
            "ItemModelList": [
                {
                    "itemDetailId": 20000001,
                    "itemName": "見本",
                    "price": 1000,
                    "taxRate": 0.1,
                    "units": 1,
                }
            ],
        }
    ],
}


# The request against the order -----------------------------------------------------------


class Check:
    """Collects the messages of one request that its order contradicts."""

    def __init__(self, op):
        self.op = op
        self.messages = []

    def missing(self, field):
        self.messages.append(missing(self.op, field))

    def bad(self, field):
        self.messages.append(malformed(self.op, field))


def packages_by_id(order):
    return {as_int(p.get("basketId")): p for p in dicts(order.get("PackageModelList"))}


def items_by_id(package):
    return {as_int(i.get("itemDetailId")): i for i in dicts(package.get("ItemModelList"))}


def settlement_code(order):
    return as_int((dicts([order.get("SettlementModel")]) or [{}])[0].get("settlementMethodCode"))


def unknown_ids(op, order, body):
    """115: a destination or a line that the order does not have."""
    messages, keys = [], {"orderNumber": body["orderNumber"]}
    stored = packages_by_id(order)
    for package in body["PackageModelList"]:
        own = stored.get(as_int(package["basketId"]))
        if own is None:
            messages.append(error(op, 115, "指定された送付先IDは存在しません。", **keys))
            continue
        items = items_by_id(own)
        if any(as_int(item["itemDetailId"]) not in items for item in package["ItemModelList"]):
            messages.append(error(op, 115, "指定された商品明細IDは存在しません。", **keys))
    return messages


def check_against(check, order, body):
    """What has to be restated because the order has it; coupons; SKU information."""
    for field in WRAPPINGS:
        model = order.get(field)
        if model and not model.get("deleteWrappingFlag") and blank(body.get(field)):
            check.missing(field)
    coupons = {c.get("couponCode"): c for c in dicts(order.get("CouponModelList"))}
    if coupons and blank(body.get("CouponModelList")):
        check.missing("CouponModelList")
    for coupon in body.get("CouponModelList") or ():
        check_coupon(check, coupons.get(coupon.get("couponCode")), coupon)
    stored = packages_by_id(order)
    for package in body["PackageModelList"]:
        own = items_by_id(stored[as_int(package["basketId"])])
        for item in package["ItemModelList"]:
            if lacks_sku_info(own[as_int(item["itemDetailId"])], item):
                text = "マルチSKUの場合、SKU情報は必須です。"
                check.messages.append(error(check.op, 139, text))
            if coupons and as_int(item["units"]) > COUPON_UNITS_MAX:
                check.bad("units")
    check_cod(check, order, body)


def check_coupon(check, own, coupon):
    units, price = as_int(coupon.get("couponUnit")), as_int(coupon.get("couponPrice"))
    if own is None:
        check.bad("couponCode")
    elif units is None or not 0 <= units <= own["couponUnit"]:  # may only be lowered
        check.bad("couponUnit")
    elif price is None or not 0 <= price <= own["couponPrice"]:
        check.bad("couponPrice")


def lacks_sku_info(stored, item):
    had = any(sku.get("skuInfo") for sku in dicts(stored.get("SkuModelList")))
    sent = dicts(item.get("SkuModelList"))
    return had and not (sent and all(sku.get("skuInfo") for sku in sent))


def check_cod(check, order, body):
    """A COD order needs fee and rate in each destination; 136 when it only becomes one."""
    after = as_int(body.get("afterSettlementMethodCode")) or settlement_code(order)
    if after != COD:
        return
    live = [p for p in body["PackageModelList"] if not as_int(p.get("packageDeleteFlag"))]
    if any(blank(package.get("deliveryPrice")) for package in live):
        if settlement_code(order) == COD:
            check.missing("deliveryPrice")
        else:
            text = (
                "支払方法を代金引換に変更する場合、代引料の設定が必須となります。"
                "代引料を設定し、再度リクエストを行ってください。"
            )
            check.messages.append(error(check.op, 136, text))
    elif any(blank(package.get("deliveryTaxRate")) for package in live):
        check.missing("deliveryTaxRate")


def state_problem(order, meta, body, statuses):
    """The text of 114: why the order cannot be changed (so) now, or None."""
    progress = as_int(order.get("orderProgress"))
    if progress not in statuses:
        return "指定された注文番号は、送付先情報を更新できるステータスではありません。"
    changeable = progress == 100 or (
        progress in BEFORE_SHIPPING and payment_status(order, meta) == REFUSED
    )
    if not blank(body.get("afterSettlementMethodCode")) and not changeable:
        return "支払方法を変更できるステータスではありません。"
    return None


def settlement_problem(before, after, body):
    """114: after a refused payment a change of method leaves (most) amounts alone."""
    method = as_int(body.get("afterSettlementMethodCode"))
    if method is None or before["orderProgress"] == 100:
        return None
    fields = ["goodsPrice", "couponAllTotalPrice"]
    if method not in SHOP_COLLECTED:
        fields += ["postagePrice", "deliveryPrice", "requestPrice"]
    if any(before[field] != after[field] for field in fields):
        return "支払方法の変更と同時に金額を変更することはできません。"
    return None


# Writing ---------------------------------------------------------------------------------

_ITEM_NUMBERS = ("price", "units", "includePostageFlag", "includeTaxFlag", "deleteItemFlag")
_ITEM_NUMBERS += ("includeCashOnDeliveryPostageFlag", "restoreInventoryFlag")


def rate_number(value):
    """A tax rate as the JSON number that orders carry."""
    return float(value) or 0


def write(order, body):
    """The request into the order. What it leaves out stays as it is."""
    stored = packages_by_id(order)
    was_cod = settlement_code(order) == COD
    method = as_int(body.get("afterSettlementMethodCode"))
    for package in body["PackageModelList"]:
        own = stored[as_int(package["basketId"])]
        if was_cod and method not in (None, COD) and blank(package.get("deliveryPrice")):
            own["deliveryPrice"] = 0
        write_package(own, package)
    for field in WRAPPINGS:
        if not blank(body.get(field)):
            order[field] = wrapping(body[field])
    write_coupons(order, body)
    if method is not None:
        order["SettlementModel"] = settlement_model(method)
    live = packages_of(order)
    order["severalSenderFlag"] = 1 if len(live) > 1 else 0
    order["equalSenderFlag"] = 1 if same_address(order, live) else 0


def write_package(own, package):
    for field in ("postagePrice", "deliveryPrice", "packageDeleteFlag"):
        if not blank(package.get(field)):
            own[field] = as_int(package[field])
    for field in ("postageTaxRate", "deliveryTaxRate"):
        if not blank(package.get(field)):
            own[field] = rate_number(package[field])
    if "noshi" in package:
        own["noshi"] = package["noshi"] or None
    if "dropOffLocation" in package:
        place = package["dropOffLocation"]
        used = not blank(place) and place != NO_DROP_OFF
        own.update(dropOffFlag=1 if used else 0, dropOffLocation=place if used else None)
    for field in (*ADDRESS, *NAMES, *PHONE):
        if field in package["SenderModel"]:
            own["SenderModel"][field] = package["SenderModel"][field]
    items = items_by_id(own)
    for item in package["ItemModelList"]:
        write_item(items[as_int(item["itemDetailId"])], item)


def write_item(own, item):
    for field in _ITEM_NUMBERS:
        if not blank(item.get(field)):
            own[field] = as_int(item[field])
    for field in ("itemName", "itemNumber", "selectedChoice"):
        if field in item:
            own[field] = item[field]
    own["taxRate"] = rate_number(item["taxRate"])
    skus = zip(dicts(own.get("SkuModelList")), dicts(item.get("SkuModelList")), strict=False)
    for sku, sent in skus:
        for field in ("merchantDefinedSkuId", "skuInfo"):  # the variantId cannot change
            if field in sent:
                sku[field] = sent[field]


def wrapping(sent):
    rate = sent.get("taxRate")
    return {
        "title": as_int(sent["title"]),
        "name": sent.get("name"),
        "price": as_int(sent.get("price"), 0),
        "includeTaxFlag": as_int(sent.get("includeTaxFlag"), 0),
        "deleteWrappingFlag": as_int(sent.get("deleteWrappingFlag"), 0),
        "taxRate": 0.1 if blank(rate) else rate_number(rate),
        "taxPrice": 0,
    }


def write_coupons(order, body):
    sent = {coupon["couponCode"]: coupon for coupon in body.get("CouponModelList") or ()}
    for coupon in dicts(order.get("CouponModelList")):
        if coupon["couponCode"] in sent:
            for field in ("couponUnit", "couponPrice"):
                coupon[field] = as_int(sent[coupon["couponCode"]][field])
            coupon["couponTotalPrice"] = coupon["couponPrice"] * coupon["couponUnit"]


def settlement_model(method):
    """SettlementModel of a method that a change may set; none of them has a card."""
    card = ("cardName", "cardNumber", "cardOwner", "cardYm", "cardPayType", "cardInstallmentDesc")
    return {
        "settlementMethodCode": method,
        "settlementMethod": SETTLEMENT_NAMES[method],
        "rpaySettlementFlag": 0 if method in SHOP_COLLECTED else 1,
        **dict.fromkeys(card),
    }


def same_address(order, packages):
    if len(packages) != 1:
        return False
    sender, orderer = packages[0]["SenderModel"], order["OrdererModel"]
    fields = (*ADDRESS, "familyName", "firstName")
    return all(sender.get(field) == orderer.get(field) for field in fields)


def recompute(order, rounding):
    """All amounts; points that the smaller bill does not need go back to the buyer."""
    apply_amounts(order, rounding)
    points = order.get("PointModel")
    bill = order["requestPrice"]
    if UNDETERMINED != bill < 0 and isinstance(points, dict):
        points["usedPoint"] = max(0, points.get("usedPoint", 0) + bill)
        apply_amounts(order, rounding)


def emptied(check, order):
    """Something has to remain: a destination, and a line in each of them."""
    packages = packages_of(order)
    if not packages:
        check.bad("packageDeleteFlag")
    elif not all(items_of(package) for package in packages):
        check.bad("deleteItemFlag")


def changed(world, body, op, statuses):
    """(number, order, meta, the order after the change, None) or (…, the refusing answer)."""
    check = Check(op)
    number, found = one_order(world, body)
    if not found:
        return number, None, None, None, not_found(op, number)
    order, meta = found
    text = state_problem(order, meta, body, statuses)
    if text:
        return number, order, meta, None, answer([error(op, 114, text, orderNumber=number)])
    messages = unknown_ids(op, order, body)
    if messages:
        return number, order, meta, None, answer(messages)
    check_against(check, order, body)
    if check.messages:
        refuse(check.messages)
    after = copy.deepcopy(order)
    write(after, body)
    emptied(check, after)
    if check.messages:
        refuse(check.messages)
    recompute(after, world.rounding())
    if UNDETERMINED != after["requestPrice"] < 0:  # coupons worth more than the goods
        refuse([malformed(op, "couponUnit")])
    text = settlement_problem(order, after, body)
    if text:
        return number, order, meta, None, answer([error(op, 114, text, orderNumber=number)])
    return number, order, meta, after, None


def difference(before, after):
    """The change of the bill; 0 when one of the two is not determined."""
    old, new = before["requestPrice"], after["requestPrice"]
    return 0 if UNDETERMINED in (old, new) else new - old


def change_detail(before, after, body):
    """changeTypeDetail (RMS API section 3.14)."""
    amount = difference(before, after)
    if blank(body.get("afterSettlementMethodCode")):
        return None if not amount else 0 if amount < 0 else 1
    return 10 if not amount else 11 if amount < 0 else 12


# Operations ------------------------------------------------------------------------------


@order_call("updateOrderSender", "UPDATE_ORDERSENDER", "2.9", CHANGE, EXAMPLE)
def update_sender(world, request):
    """Change of items, amounts and recipients before shipping."""
    return _update(world, request.body, "UPDATE_ORDERSENDER", BEFORE_SHIPPING)


@order_call(
    "updateOrderSenderAfterShipping",
    "UPDATE_ORDERSENDER_AFTER_SHIPPING",
    "2.9",
    CHANGE,
    EXAMPLE,
)
def update_sender_after_shipping(world, request):
    """The same after shipping."""
    return _update(world, request.body, "UPDATE_ORDERSENDER_AFTER_SHIPPING", AFTER_SHIPPING)


def _update(world, body, op, statuses):
    number, before, meta, after, refused = changed(world, body, op, statuses)
    if refused:
        return refused
    reason = as_int(body.get("reductionReason"))
    if difference(before, after) < 0 and reason is None:
        refuse([missing(op, "reductionReason")])
    now = world.now()
    if not blank(body.get("afterSettlementMethodCode")):
        meta.pop("payment_refused", None)
    lifecycle.move_stock(world, before, after, meta)
    lifecycle.note_rows(after, meta, now)
    if before["orderProgress"] != 100:
        by = lifecycle.BY_BUYER if reason is not None and reason <= 6 else lifecycle.BY_SHOP
        detail = change_detail(before, after, body)
        lifecycle.begin_change(world, after, meta, now, by, reason, detail)
    lifecycle.save(world, number, after, meta)
    return answer([info(op, 101, "送付先情報の更新設定が完了しました。", orderNumber=number)])


_SIMULATED = (
    "goodsPrice postagePrice deliveryPrice totalPrice requestPrice couponAllTotalPrice"
    " couponShopPrice couponOtherPrice CouponModelList"
).split()


@order_call("simulateCouponAmount", "SIMULATE_COUPON_AMOUNT", "2.12", CHANGE, EXAMPLE)
def simulate_coupon_amount(world, request):
    """What a change would make of coupons and totals; nothing is written."""
    op = "SIMULATE_COUPON_AMOUNT"
    statuses = (*BEFORE_SHIPPING, *AFTER_SHIPPING)
    number, before, _meta, after, refused = changed(world, request.body, op, statuses)
    if refused:
        return refused
    return answer(
        [info(op, 101, "クーポン利用額の計算に成功しました。", orderNumber=number)],
        orderNumber=number,
        paymentChargeBefore=before["paymentCharge"],
        paymentChargeAfter=after["paymentCharge"],
        **{field: after[field] for field in _SIMULATED},
    )
