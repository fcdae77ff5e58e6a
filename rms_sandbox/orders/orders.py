"""The order API except search and shipping (RMS API sections 2.4, 2.5, 2.8 and 2.10)."""

import json

from ..ground.clock import parse_date
from ..ground.gateway import JSON_ORDER, Response
from ..ground.store import shipping_rows
from ..ground.values import as_int, dump
from . import lifecycle
from .messages import answer, error, info, malformed, missing, refuse
from .search import STATUSES, oldest
from .versions import NEWEST, OLDEST, as_version

REASONS = (1, 2, 3, 4, 5, 6, 8, 10, 13, 14, 15)  # RMS API section 2.9
CANCELLED = (800, 900)
_LIST_MAX = 100
# Shop-defined sub-statuses (RMS API section 2.8): {orderProgress: [(id, name)]}.
SUB_STATUSES = {
    100: [(1101, "01.確認中"), (1102, "02.問合せ中")],
    200: [(2101, "01.入金待ち")],
    300: [(3101, "01.出荷準備"), (3102, "02.倉庫連携済"), (3103, "03.取寄せ中")],
    500: [(5101, "01.発送後確認")],
}


def order_numbers(body, operation, **empty):
    """The checked orderNumberList of a request; refuses the call otherwise."""
    numbers = body.get("orderNumberList")
    if numbers is None or numbers == []:
        return None, missing(operation, "orderNumberList")
    strings = isinstance(numbers, list) and all(isinstance(n, str) and n for n in numbers)
    if not strings or len(numbers) > _LIST_MAX:
        return None, malformed(operation, "orderNumberList")
    return list(dict.fromkeys(numbers)), None


def get_order(world, request):
    op = "GET_ORDER"
    numbers, problem = order_numbers(request.body, op)
    messages = [problem] if problem else []
    version = request.body.get("version")
    if version is None or version == "":
        messages.append(missing(op, "version"))
    elif as_int(version) is None or not OLDEST <= as_int(version) <= NEWEST:
        messages.append(malformed(op, "version"))
    if messages:
        refuse(messages, OrderModelList=[])
    version = as_int(version)
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


def confirm_order(world, request):
    op = "CONFIRM_ORDER"
    numbers, problem = order_numbers(request.body, op)
    if problem:
        refuse([problem])
    return answer([confirm_one(world, op, number) for number in numbers])


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


def get_sub_status_list(world, request):
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


def update_sub_status(world, request):
    op = "UPDATE_ORDERSUBSTATUS"
    body, messages = request.body, []
    sub_status = as_int(body.get("subStatusId"))
    if "subStatusId" not in body:
        messages.append(missing(op, "subStatusId"))
    elif sub_status is None and body["subStatusId"] is not None:
        messages.append(malformed(op, "subStatusId"))
    numbers, problem = order_numbers(body, op)
    if problem:
        messages.append(problem)
    if messages:
        refuse(messages)
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


def one_order(world, op, body, messages):
    """The order of a single-order call. Format messages go out first, then not found."""
    number = body.get("orderNumber")
    if number is None or number == "":
        messages.insert(0, missing(op, "orderNumber"))
    elif not isinstance(number, str):
        messages.insert(0, malformed(op, "orderNumber"))
    if messages:
        refuse(messages)
    return number, world.store.order(number)


def not_found(op, number):
    text = "指定された注文番号は存在しませんでした。"
    return answer([error(op, 101, text, orderNumber=number)])


def text_problem(body, op, field, length):
    value = body.get(field)
    if value is None or (isinstance(value, str) and len(value) <= length):
        return []
    return [malformed(op, field)]


def valid_term(term):
    """shippingTerm: 0, 1, 2, 9 or h1h2 with h1 7-24 and h2 07-24 (RMS API section 3.1)."""
    if term in (0, 1, 2, 9):
        return True
    return term is not None and 7 <= term // 100 <= 24 and 7 <= term % 100 <= 24


def memo_problems(body, op):
    messages = []
    sub_status = body.get("subStatusId")
    if sub_status is not None and as_int(sub_status) is None:
        messages.append(malformed(op, "subStatusId"))
    delivery = body.get("deliveryClass")
    if delivery is not None and as_int(delivery) not in range(9):
        messages.append(malformed(op, "deliveryClass"))
    day = body.get("deliveryDate")
    if day not in (None, "") and parse_date(day) is None:
        messages.append(malformed(op, "deliveryDate"))
    term = body.get("shippingTerm")
    if term is not None and not valid_term(as_int(term)):
        messages.append(malformed(op, "shippingTerm"))
    for field, length in (("memo", 1000), ("operator", 6), ("mailPlugSentence", 1024)):
        messages += text_problem(body, op, field, length)
    return messages


def update_memo(world, request):
    """Absent keys stay as they are; null clears."""
    op, body = "UPDATE_ORDERMEMO", request.body
    number, found = one_order(world, op, body, memo_problems(body, op))
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


def update_remarks(world, request):
    op, body = "UPDATE_ORDERREMARKS", request.body
    messages = []
    if body.get("giftCheck") is None and body.get("remarks") is None:
        messages.append(missing(op, "giftCheck"))
    elif body.get("giftCheck") is not None and as_int(body["giftCheck"]) not in (0, 1):
        messages.append(malformed(op, "giftCheck"))
    messages += text_problem(body, op, "remarks", 4000)
    number, found = one_order(world, op, body, messages)
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


def cancel_problems(body, op):
    messages = []
    for field, choices in (
        ("inventoryRestoreType", (0, 1, 2)),
        ("changeReasonDetailApply", REASONS),
    ):
        value = body.get(field)
        if value is None:
            messages.append(missing(op, field))
        elif as_int(value) not in choices:
            messages.append(malformed(op, field))
    return messages


def cancel_order(world, request):
    return _cancel(world, request.body, "CANCEL_ORDER", (100, 200, 300))


def cancel_after_shipping(world, request):
    return _cancel(world, request.body, "CANCEL_ORDER_AFTER_SHIPPING", (500, 600, 700, 800))


def _cancel(world, body, op, statuses):
    number, found = one_order(world, op, body, cancel_problems(body, op))
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
