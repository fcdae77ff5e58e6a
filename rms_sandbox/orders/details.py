"""updateOrderDelivery and updateOrderOrderer (RMS API section 2.8): no money moves."""

from ..ground.shape import Number, Object, Text
from ..ground.values import as_int
from . import lifecycle
from .edit import PERSON_EXAMPLE, PREFECTURES, blank
from .messages import answer, error, info, missing, order_call
from .orders import CANCELLED, EXAMPLE_NUMBER, ORDER_NUMBER, REASONS, not_found, one_order
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


@order_call(
    "updateOrderDelivery",
    "UPDATE_ORDERDELIVERY",
    "2.8",
    Object("", ORDER_NUMBER, Text("deliveryName", 192, required=True)),
    {"orderNumber": EXAMPLE_NUMBER, "deliveryName": DELIVERY_NAMES[0]},
)
def update_delivery(world, request):
    """Change of the delivery method."""
    op, body = "UPDATE_ORDERDELIVERY", request.body
    number, found = one_order(world, body)
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


_TEXTS = [Text(name, 382, required=name in NEEDED) for name in TEXTS if name != "prefecture"]
_ORDERER = Object(
    "",
    ORDER_NUMBER,
    Number("reductionReason", REASONS, about="Needed for post-pay after shipping."),
    Object(
        "OrdererModel",
        *_TEXTS,
        Text("prefecture", choices=PREFECTURES, required=True),
        *[Number(name, range(10_000)) for name in BIRTH],
        required=True,
    ),
)


@order_call(
    "updateOrderOrderer",
    "UPDATE_ORDERORDERER",
    "2.8",
    _ORDERER,
    {"orderNumber": EXAMPLE_NUMBER, "OrdererModel": PERSON_EXAMPLE},
)
def update_orderer(world, request):
    """Change of the orderer."""
    op, body = "UPDATE_ORDERORDERER", request.body
    number, found = one_order(world, body)
    if not found:
        return not_found(op, number)
    order, meta = found
    progress = as_int(order.get("orderProgress"), 0)
    if progress in CANCELLED:
        return one_error(op, 33, "指定された注文番号は既にキャンセルされています。", number)
    late = settlement(order).get("settlementMethodCode") == PAY_LATER and progress >= 500
    if late and blank(body.get("reductionReason")):
        return answer([missing(op, "reductionReason")], 400)
    model = body["OrdererModel"]
    changes = {field: model[field] for field in TEXTS if field in model}
    changes |= {field: as_int(model[field]) for field in BIRTH if field in model}
    if not isinstance(order.get("OrdererModel"), dict):
        order["OrdererModel"] = {}
    order["OrdererModel"].update(changes)
    lifecycle.save(world, number, order, meta)
    return answer([info(op, 101, "注文者情報の更新設定が完了しました。", orderNumber=number)])
