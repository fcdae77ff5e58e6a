"""The order API except search and shipping (RMS API sections 2.4, 2.5, 2.8 and 2.10)."""

import json

from ..ground.gateway import JSON_ORDER, Response
from ..ground.shape import Date, Flag, Number, Object, Text, Texts
from ..ground.store import shipping_rows
from ..ground.values import as_int, dump
from . import lifecycle
from .messages import answer, error, info, order_call, refuse_fields
from .search import STATUSES, oldest
from .versions import NEWEST, OLDEST, as_version

REASONS = (1, 2, 3, 4, 5, 6, 8, 10, 13, 14, 15)  # RMS API section 2.9
CANCELLED = (800, 900)
EXAMPLE_NUMBER = "123456-20260110-0000000001"
#: Fields of many requests. An order number that is no list entry is blank when it is "".
ORDER_NUMBER = Text("orderNumber", required=True)
ORDER_NUMBERS = Texts("orderNumberList", 100, blanks=False, required=True, empty=(None, []))
# Shop-defined sub-statuses (RMS API section 2.8): {orderProgress: [(id, name)]}.
SUB_STATUSES = {
    100: [(1101, "01.確認中"), (1102, "02.問合せ中")],
    200: [(2101, "01.入金待ち")],
    300: [(3101, "01.出荷準備"), (3102, "02.倉庫連携済"), (3103, "03.取寄せ中")],
    500: [(5101, "01.発送後確認")],
}


def numbers_of(body):
    """The order numbers of a sound request, each once."""
    return list(dict.fromkeys(body["orderNumberList"]))


@order_call(
    "getOrder",
    "GET_ORDER",
    "2.4",
    Object("", ORDER_NUMBERS, Number("version", range(OLDEST, NEWEST + 1), required=True)),
    {"orderNumberList": [EXAMPLE_NUMBER], "version": NEWEST},
    refuse_fields(OrderModelList=[]),
)
def get_order(world, request):
    """Orders in full."""
    op = "GET_ORDER"
    numbers, version = numbers_of(request.body), as_int(request.body["version"])
    texts = world.store.order_texts(numbers, oldest(world.now()))
    messages = []
    if texts:
        text = f"受注情報取得に成功しました。(取得件数{len(texts)}件)"
        messages.append(info(op, 101, text))
    for number in numbers:
        if number not in texts:
            messages.append(info(op, 102, "受注情報が取得できませんでした。", orderNumber=number))
    parts = list(texts.values())
    if version < NEWEST:
        rounding = world.rounding()
        parts = [dump(as_version(json.loads(text), version, rounding)) for text in parts]
    # The stored texts are joined as they are: no parsing of a hundred orders in each call.
    head = f'"version":{version},' if version >= 6 else ""
    body = f'{{{head}"MessageModelList":{dump(messages)},"OrderModelList":[{",".join(parts)}]}}'
    return Response(200, body.encode(), JSON_ORDER)


def undetermined(order):
    fields = ("postagePrice", "deliveryPrice", "goodsPrice", "totalPrice", "requestPrice")
    return any(order.get(field) == -9999 for field in fields)


@order_call(
    "confirmOrder",
    "CONFIRM_ORDER",
    "2.5",
    Object("", ORDER_NUMBERS),
    {"orderNumberList": [EXAMPLE_NUMBER]},
)
def confirm_order(world, request):
    """100 to 200."""
    numbers = numbers_of(request.body)
    return answer([confirm_one(world, "CONFIRM_ORDER", number) for number in numbers])


def confirm_one(world, op, number):
    found = world.store.order(number)
    if not found:
        return error(op, 101, "指定された注文番号は存在しませんでした。", orderNumber=number)
    order, meta = found
    progress = as_int(order.get("orderProgress"))
    if progress in CANCELLED:
        return error(op, 102, "既にキャンセルされています。", orderNumber=number)
    if progress != 100:
        return error(op, 103, "既に別のステータスに移動しています。", orderNumber=number)
    if undetermined(order):
        return error(op, 105, "未確定の金額があります。", orderNumber=number)
    lifecycle.confirm(world, order, meta, world.now())
    lifecycle.save(world, number, order, meta)
    return info(op, 101, "注文確認に成功しました。", orderNumber=number)


# Memo, remarks, sub-status ---------------------------------------------------------------


@order_call("getSubStatusList", "GET_SUBSTATUSLIST", "2.8", Object(""), {})
def get_sub_status_list(world, request):
    """Sub-statuses of the shop."""
    models = [
        {
            "orderProgress": progress,
            "SubStatusModelList": [
                {"subStatusId": number, "subStatusName": name, "orderby": place}
                for place, (number, name) in enumerate(SUB_STATUSES.get(progress, []), 1)
            ],
        }
        for progress in STATUSES
    ]
    text = "サブステータス情報の取得に成功しました。"
    return answer([info("GET_SUBSTATUSLIST", 101, text)], StatusModelList=models)


def sub_status_name(order, number):
    """The name of a sub-status that belongs to the order's status, or None."""
    return dict(SUB_STATUSES.get(as_int(order.get("orderProgress")), [])).get(number)


@order_call(
    "updateOrderSubStatus",
    "UPDATE_ORDERSUBSTATUS",
    "2.8",
    Object("", Number("subStatusId", required=True, empty=(None,), null=True), ORDER_NUMBERS),
    {"subStatusId": 3101, "orderNumberList": [EXAMPLE_NUMBER]},
)
def update_sub_status(world, request):
    """Sets or clears the sub-status."""
    sub_status, numbers = as_int(request.body["subStatusId"]), numbers_of(request.body)
    op = "UPDATE_ORDERSUBSTATUS"
    return answer([set_sub_status(world, op, number, sub_status) for number in numbers])


def set_sub_status(world, op, number, sub_status):
    found = world.store.order(number)
    if found and as_int(found[0].get("orderProgress")) in CANCELLED:
        text = "指定された注文番号は既にキャンセルされているため、更新できません。"
        return error(op, 101, text, orderNumber=number)
    name = sub_status_name(found[0], sub_status) if found else None
    if not found or (sub_status is not None and name is None):
        text = "指定された注文番号、サブステータスでは更新できません。"
        return error(op, 102, text, orderNumber=number)
    order, meta = found
    order.update(subStatusId=sub_status, subStatusName=name)
    lifecycle.save(world, number, order, meta)
    return info(op, 101, "サブステータスの更新設定が完了しました。", orderNumber=number)


def one_order(world, body):
    """(number, (order, meta) or None) of a sound single-order call."""
    return body["orderNumber"], world.store.order(body["orderNumber"])


def not_found(op, number):
    text = "指定された注文番号は存在しませんでした。"
    return answer([error(op, 101, text, orderNumber=number)])


def valid_term(term):
    """shippingTerm: 0, 1, 2, 9 or h1h2 with h1 7-24 and h2 07-24 (RMS API section 3.1)."""
    if term in (0, 1, 2, 9):
        return True
    return term is not None and 7 <= term // 100 <= 24 and 7 <= term % 100 <= 24


_MEMO = Object(
    "",
    ORDER_NUMBER,
    Number("subStatusId", empty=(None,), null=True),
    Number("deliveryClass", range(9), empty=(None,), null=True),
    Date("deliveryDate", null=True),
    Number(
        "shippingTerm",
        form=valid_term,
        empty=(None,),
        null=True,
        about="0, 1, 2, 9 or h1h2 with h1 7 to 24 and h2 07 to 24 (RMS API section 3.1).",
    ),
    Text("memo", 1000, null=True),
    Text("operator", 6, null=True),
    Text("mailPlugSentence", 1024, null=True),
)


@order_call(
    "updateOrderMemo",
    "UPDATE_ORDERMEMO",
    "2.8",
    _MEMO,
    {"orderNumber": EXAMPLE_NUMBER, "memo": "見本"},
)
def update_memo(world, request):
    """Memo, operator, delivery wish. Absent keys stay as they are; null clears."""
    op, body = "UPDATE_ORDERMEMO", request.body
    number, found = one_order(world, body)
    if not found:
        return not_found(op, number)
    order, meta = found
    if "subStatusId" in body:
        sub_status = as_int(body["subStatusId"])
        name = sub_status_name(order, sub_status)
        if sub_status is not None and name is None:
            text = "指定された注文番号、サブステータスでは更新できません。"
            return answer([error(op, 107, text, orderNumber=number)])
        order.update(subStatusId=sub_status, subStatusName=name)
    if "deliveryClass" in body and isinstance(order.get("DeliveryModel"), dict):
        order["DeliveryModel"]["deliveryClass"] = as_int(body["deliveryClass"])
    if "deliveryDate" in body:
        order["deliveryDate"] = body["deliveryDate"] or None
    if "shippingTerm" in body:
        order["shippingTerm"] = as_int(body["shippingTerm"])
    for field in ("memo", "operator", "mailPlugSentence"):
        if field in body:
            order[field] = body[field]
    lifecycle.save(world, number, order, meta)
    text = "ひとことメモ、担当者情報等の更新設定が完了しました。"
    return answer([info(op, 101, text, orderNumber=number)])


@order_call(
    "updateOrderRemarks",
    "UPDATE_ORDERREMARKS",
    "2.8",
    Object(
        "",
        ORDER_NUMBER,
        Flag("giftCheck", empty=(None,)),
        Text("remarks", 4000, empty=(None,)),
        any_of=("giftCheck", "remarks"),
    ),
    {"orderNumber": EXAMPLE_NUMBER, "giftCheck": 1},
)
def update_remarks(world, request):
    """Gift wish and remarks."""
    op, body = "UPDATE_ORDERREMARKS", request.body
    number, found = one_order(world, body)
    if not found:
        return not_found(op, number)
    order, meta = found
    if body.get("giftCheck") is not None:
        order["giftCheckFlag"] = as_int(body["giftCheck"])
    if body.get("remarks") is not None:
        order["remarks"] = body["remarks"]
    lifecycle.save(world, number, order, meta)
    return answer([info(op, 101, "備考情報の更新設定が完了しました。", orderNumber=number)])


# Cancelling ------------------------------------------------------------------------------


_CANCEL = Object(
    "",
    ORDER_NUMBER,
    Number("inventoryRestoreType", (0, 1, 2), required=True, empty=(None,)),
    Number("changeReasonDetailApply", REASONS, required=True, empty=(None,)),
)
_CANCEL_EXAMPLE = {
    "orderNumber": EXAMPLE_NUMBER,
    "inventoryRestoreType": 0,
    "changeReasonDetailApply": 1,
}


@order_call("cancelOrder", "CANCEL_ORDER", "2.10", _CANCEL, _CANCEL_EXAMPLE)
def cancel_order(world, request):
    """Cancellation before shipping."""
    return _cancel(world, request.body, "CANCEL_ORDER", (100, 200, 300))


@order_call(
    "cancelOrderAfterShipping", "CANCEL_ORDER_AFTER_SHIPPING", "2.10", _CANCEL, _CANCEL_EXAMPLE
)
def cancel_after_shipping(world, request):
    """Cancellation after shipping."""
    return _cancel(world, request.body, "CANCEL_ORDER_AFTER_SHIPPING", (500, 600, 700, 800))


def _cancel(world, body, op, statuses):
    number, found = one_order(world, body)
    if not found:
        return not_found(op, number)
    order, meta = found
    progress = as_int(order.get("orderProgress"))
    if progress == 900:
        text = "指定された注文番号は既にキャンセルされています。"
        return answer([error(op, 102, text, orderNumber=number)])
    if progress not in statuses:
        text = "指定された注文番号はキャンセルできるステータスではありません。"
        return answer([error(op, 103, text, orderNumber=number)])
    before_shipping = op == "CANCEL_ORDER"
    if before_shipping and any(row.get("shippingDate") for _p, row in shipping_rows(order)):
        text = "発送日が登録されているため、キャンセルできません。"
        return answer([error(op, 104, text, orderNumber=number)])
    reason, restore = as_int(body["changeReasonDetailApply"]), as_int(body["inventoryRestoreType"])
    by = lifecycle.BY_BUYER if reason <= 6 else lifecycle.BY_SHOP
    if before_shipping:
        lifecycle.request_cancel(world, order, meta, world.now(), by, reason, restore)
    else:
        meta["restore_type"] = restore
        lifecycle.cancel_now(world, order, meta, world.now(), by, reason)
    lifecycle.save(world, number, order, meta)
    return answer([info(op, 101, "キャンセル申請に成功しました。", orderNumber=number)])
