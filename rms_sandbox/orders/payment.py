"""getPayment (RMS API section 2.11). No real answer is known; the model follows a client's."""

from datetime import date, timedelta

from ..ground.clock import jst_date, rms_datetime
from ..ground.shape import Number, Object
from ..ground.values import as_int, dicts
from .lifecycle import PREPAYMENT
from .messages import answer, error, info, order_call
from .orders import EXAMPLE_NUMBER, ORDER_NUMBER, one_order

OP = "GET_PAYMENT"
VERSIONS = (1, 2, 3, 4)
SETTLEMENT_NAMES = {
    1: "クレジットカード",
    2: "代金引換",
    4: "ショッピングクレジット／ローン",
    5: "オートローン",
    6: "リース",
    7: "請求書払い",
    9: "銀行振込",
    12: "Apple Pay",
    13: "セブンイレブン（前払）",
    14: "ファミリーマート、ローソン等（前払）",
    21: "後払い決済",
    27: "Alipay（支付宝）",
}
SHOP_COLLECTED = (2, 4, 5, 6, 7)  # 選択制決済: the shop or its carrier collects the money
NOTHING, REFUSED, FIXED, GIVEN_BACK = 30000, 30400, 30600, 31500
STATUS = {100: 30100, 200: 30200, 300: 30300, 400: 30200, 500: 30500, 600: 30500, 700: 30600}
STATUS |= {800: 31100, 900: 31200}
_CARD = ("cardName", "cardYm", "cardOwner", "cardNumber", "cardPayType", "cardInstallmentDesc")
_TIMES = (
    "paymentProcReqDatetime paymentProcNgDatetime paymentProcCmplDatetime paymentProcCancelNgDate"
    " paymentProcCancelCmplDatetime paymentReqDatetime paymentNgDatetime paymentFixDatetime"
    " paymentCancelNgDatetime paymentCancelCmplDatetime paymentCancelFixDatetime payExpectDate"
    " minusPayExpectDate"
).split()


def settlement(order):
    return (dicts([order.get("SettlementModel")]) or [{}])[0]


def payment_status(order, meta):
    """The stage of the payment; it follows the status of the order."""
    method = as_int(settlement(order).get("settlementMethodCode"))
    if method in SHOP_COLLECTED or order.get("requestPrice") == 0:
        return NOTHING
    if meta.get("payment_refused"):
        return REFUSED
    progress = as_int(order.get("orderProgress"))
    if meta.get("pay_at") and progress in (500, 600, 700):
        return FIXED
    return STATUS.get(progress, NOTHING)


def payout_day(epoch):
    """Fixed from the 11th to the 25th: the 15th of the next month, otherwise the 30th."""
    fixed = date.fromisoformat(jst_date(epoch))
    month = fixed.replace(day=1)
    following = (month + timedelta(days=31)).replace(day=1)
    if 11 <= fixed.day <= 25:
        return following.replace(day=15).isoformat()
    first = month if fixed.day <= 10 else following
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return last.replace(day=min(30, last.day)).isoformat()


def times(order, meta, status):
    found = dict.fromkeys(_TIMES)
    if status == NOTHING:
        return found
    found["paymentProcReqDatetime"] = order.get("shopOrderCfmDatetime")
    found["paymentProcCmplDatetime"] = order.get("orderFixDatetime")
    found["paymentReqDatetime"] = order.get("shippingCmplRptDatetime")
    if meta.get("payment_refused"):
        found["paymentProcNgDatetime"] = rms_datetime(meta["payment_refused"])
    if meta.get("pay_at"):
        found["paymentFixDatetime"] = rms_datetime(meta["pay_at"])
        found["payExpectDate"] = payout_day(meta["pay_at"])
    if status == 31200:
        found["paymentProcCancelCmplDatetime"] = rms_datetime(meta["since"])
    return found


def fees(order):
    """AdditionalFeeModelList: the fee of post-pay (後払い手数料) for orderer and shop."""
    pairs = ((1, "additionalFeeOccurAmountToUser"), (2, "additionalFeeOccurAmountToShop"))
    due = [(payer, order.get(field)) for payer, field in pairs if order.get(field)]
    return [
        {
            "additionalFeeId": place,
            "additionalFeeType": 1,
            "payFrom": payer,
            "additionalFeeOccurDatetime": order.get("orderDatetime"),
            "additionalFeeOccurAmount": amount,
            "additionalFeeTaxRate": 0.1,
        }
        for place, (payer, amount) in enumerate(due, 1)
    ]


def refund_models(meta):
    """What was given back of the payment once it was fixed."""
    return [
        {
            "paymentAmount": refund["amount"],
            "paymentStatus": GIVEN_BACK,
            "paymentProcCmplDatetime": rms_datetime(refund["at"]),
            "paymentReqDatetime": rms_datetime(refund["at"]),
            "paymentFixDatetime": rms_datetime(refund["at"]),
            "payExpectDate": None,
        }
        for refund in meta.get("refunds", ())
    ]


def payment_model(number, order, meta):
    model = settlement(order)
    method, status = as_int(model.get("settlementMethodCode")), payment_status(order, meta)
    bank = {"transferDate": None, "transferNameKana": None}
    return {
        "orderPaymentNumber": f"{number}-1",
        "paymentMethod": method,
        "paymentAmount": order.get("requestPrice"),
        "paymentCharge": order.get("paymentCharge"),
        "paymentStatus": status,
        **times(order, meta, status),
        "paymentOrganizationLinkageNumberList": [],
        "PaymentCardModel": {key: model.get(key) for key in _CARD} if method == 1 else None,
        "PaymentMultiModel": None,
        "PaymentBankModel": bank if method in PREPAYMENT else None,
        "PaymentPayAfterModel": None,
        "RefundModelList": refund_models(meta),
        "AdditionalFeeModelList": fees(order),
        "PaymentPaypalModel": None,
    }


@order_call(
    "getPayment",
    OP,
    "2.11",
    Object("", ORDER_NUMBER, Number("version", VERSIONS, required=True)),
    {"orderNumber": EXAMPLE_NUMBER, "version": VERSIONS[-1]},
)
def get_payment(world, request):
    """Payment and payout day."""
    number, found = one_order(world, request.body)
    if not found:
        text = "指定された注文番号は存在しませんでした。"
        return answer([error(OP, 101, text, orderNumber=number)], OrderModel=None)
    model = {"orderNumber": number, "PaymentModelList": [payment_model(number, *found)]}
    message = info(OP, 101, "決済情報取得に成功しました。", orderNumber=number)
    return answer([message], OrderModel=model)
