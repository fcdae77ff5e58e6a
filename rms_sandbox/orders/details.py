"""updateOrderDelivery and updateOrderOrderer (RMS API section 2.8): no money moves."""

from ..ground.values import as_int
from . import lifecycle
from .edit import PREFECTURES, Check, blank
from .messages import answer, error, info
from .orders import CANCELLED, REASONS, not_found, one_order
from .payment import settlement

DELIVERY_NAMES = (
    "宅配便 小型宅配便 大型宅配便 クール便 メール便 国際配送 コンビニ受取 ロッカー受取 店頭受取"
    " 発送を伴わない 郵便局受取"
).split()
NEEDED = ("zipCode1", "zipCode2", "prefecture", "city", "subAddress", "familyName", "firstName")
BIRTH = ("birthYear", "birthMonth", "birthDay")
TEXTS = (
    *NEEDED,
    *("familyNameKana", "firstNameKana", "phoneNumber1", "phoneNumber2", "phoneNumber3"),
    *("emailAddress", "sex"),
)
PAY_LATER = 21


def one_error(op, code, text, number):
    return answer([error(op, code, text, orderNumber=number)])


def update_delivery(world, request):
    op, body = "UPDATE_ORDERDELIVERY", request.body
    check = Check(op)
    check.required(body, "deliveryName")
    check.text(body, "deliveryName", 192)
    number, found = one_order(world, op, body, check.messages)
    if not found:
        return one_error(op, 902, "指定された注文番号は存在しませんでした。", number)
    order, meta = found
    if body["deliveryName"] not in DELIVERY_NAMES:
        return one_error(op, 901, "指定された配送方法は設定されていません。", number)
    if as_int(order.get("orderProgress")) in CANCELLED:
        text = "指定された注文番号は、配送方法を更新できるステータスではありません。"
        return one_error(op, 903, text, number)
    if not isinstance(order.get("DeliveryModel"), dict):
        order["DeliveryModel"] = {"deliveryName": None, "deliveryClass": None}
    order["DeliveryModel"]["deliveryName"] = body["deliveryName"]
    lifecycle.save(world, number, order, meta)
    return answer([info(op, 101, "配送方法の更新設定が完了しました。", orderNumber=number)])


def check_orderer(check, body):
    check.among(body, "reductionReason", REASONS)
    model = body.get("OrdererModel")
    if blank(model):
        check.missing("OrdererModel")
    elif not isinstance(model, dict):
        check.bad("OrdererModel")
    else:
        check.required(model, *NEEDED)
        for field in TEXTS:
            check.text(model, field, 382)
        if isinstance(model.get("prefecture"), str) and model["prefecture"]:
            check_prefecture(check, model["prefecture"])
        for field in BIRTH:
            check.among(model, field, range(0, 10_000))


def check_prefecture(check, prefecture):
    if prefecture not in PREFECTURES:
        check.bad("prefecture")


def update_orderer(world, request):
    op, body = "UPDATE_ORDERORDERER", request.body
    check = Check(op)
    check_orderer(check, body)
    number, found = one_order(world, op, body, check.messages)
    if not found:
        return not_found(op, number)
    order, meta = found
    progress = as_int(order.get("orderProgress"), 0)
    if progress in CANCELLED:
        return one_error(op, 33, "指定された注文番号は既にキャンセルされています。", number)
    late = settlement(order).get("settlementMethodCode") == PAY_LATER and progress >= 500
    if late and blank(body.get("reductionReason")):
        check.missing("reductionReason")
        return answer(check.messages, 400)
    model = body["OrdererModel"]
    changes = {field: model[field] for field in TEXTS if field in model}
    changes |= {field: as_int(model[field]) for field in BIRTH if field in model}
    if not isinstance(order.get("OrdererModel"), dict):
        order["OrdererModel"] = {}
    order["OrdererModel"].update(changes)
    lifecycle.save(world, number, order, meta)
    return answer([info(op, 101, "注文者情報の更新設定が完了しました。", orderNumber=number)])
