"""Shipment reports (RMS API sections 2.6 and 2.7).

A call without shippingDetailId adds a row: sending it twice makes two parcels.
"""

import uuid
from dataclasses import replace

from ..ground.clock import DAY, plain_datetime
from ..ground.gateway import JSON_ORDER, json_response
from ..ground.shape import Date, Field, Flag, Number, Object, Objects, Text
from ..ground.values import as_int, dicts
from . import lifecycle
from .messages import answer, error, field_message, info, order_call, plain_characters
from .orders import EXAMPLE_NUMBER, ORDER_NUMBER

OP = "UPDATE_ORDERSHIPPING"
OP_ASYNC = "UPDATE_ORDERSHIPPING_ASYNC"
OP_RESULT = "GET_RESULT_UPDATEORDERSHIPPING_ASYNC"
ROWS_MAX = 20
ORDERS_MAX = 100
RESULT_LIFE = 30 * DAY
REPORTABLE = (100, 300, 500, 600, 700)
CARRIERS = dict(
    enumerate(
        (
            "その他,ヤマト運輸,佐川急便,日本郵便,西濃運輸,セイノースーパーエクスプレス,福山通運,"
            "名鉄運輸,トナミ運輸,第一貨物,新潟運輸,中越運送,岡山県貨物運送,久留米運送,"
            "山陽自動車運送,NXトランスポート,エコ配,EMS,DHL,FedEx,UPS,日本通運,TNT,OCS,USPS,"
            "SFエクスプレス,Aramex,SGHグローバル・ジャパン,Rakuten EXPRESS,"
            "日本郵便 楽天倉庫出荷,ヤマト運輸 クロネコゆうパケット,名鉄NX運輸"
        ).split(","),
        1000,
    )
)
CARRIERS = {str(code): name for code, name in CARRIERS.items()}


NO_NUMBER = "-"  # what tools write that have none


def empty_row(world):
    """A new ShippingModel that says nothing yet."""
    return {
        "shippingDetailId": next(world.shipping_ids),
        "shippingNumber": None,
        "deliveryCompany": None,
        "deliveryCompanyName": None,
        "shippingDate": None,
    }


def fill_row(target, row):
    """Write what is given of number, company and date; an empty value deletes."""
    if "deliveryCompany" in row:
        target["deliveryCompany"] = str(row["deliveryCompany"])
        target["deliveryCompanyName"] = CARRIERS[target["deliveryCompany"]]
    if "shippingNumber" in row:
        number = row["shippingNumber"]
        target["shippingNumber"] = str(number) if number not in (None, "") else None
    if "shippingDate" in row:
        target["shippingDate"] = row["shippingDate"] or None


def label_number(row):
    """The number on the label of that row: twelve digits, the last one the rest by seven."""
    digits = row["shippingDetailId"] % 10_000_000
    return f"{digits:011d}{digits % 7}"


def shipping_row(world, day, company="1001"):
    """A complete ShippingModel, as somebody would have registered it on the day ``day``."""
    row = empty_row(world)
    number = label_number(row)
    fill_row(row, {"deliveryCompany": company, "shippingNumber": number, "shippingDate": day})
    return row


def open_row(world, package):
    """The row of a destination that has no number yet; a new one where all have theirs."""
    rows = package.setdefault("ShippingModelList", [])
    for row in rows:
        if row.get("shippingNumber") in (None, "", NO_NUMBER):
            return row
    rows.append(empty_row(world))
    return rows[-1]


def flat_rows(body):
    """[(basket id, row, dataNumber)]: dataNumber counts through all destinations."""
    rows = [
        (as_int(basket.get("basketId")), row)
        for basket in dicts(body.get("BasketidModelList"))
        for row in dicts(basket.get("ShippingModelList"))
    ]
    return [(basket, row, place) for place, (basket, row) in enumerate(rows, 1)]


def needs_row(row):
    """What is to be deleted has to be named."""
    deletes = as_int(row.get("shippingDeleteFlag")) == 1
    return "shippingDetailId" if deletes and row.get("shippingDetailId") is None else None


ROW = Object(
    "",
    Number("shippingDetailId", empty=(None,), null=True, about="Absent or null adds a row."),
    Text(
        "deliveryCompany",
        choices=CARRIERS,
        numbers=True,
        empty=(),
        about="Not empty when the key is there.",
    ),
    Text(
        "shippingNumber",
        120,
        form=plain_characters,
        numbers=True,
        null=True,
        about="No machine-dependent characters.",
    ),
    Date("shippingDate", null=True),
    Flag("shippingDeleteFlag", about="1 needs the shippingDetailId."),
    rule=needs_row,
)
BASKET = Object(
    "",
    Number("basketId", required=True, empty=(None,)),
    Objects("ShippingModelList", ROW, most=ROWS_MAX, required=True, empty=(None, [])),
)
SHIPMENT = Object(
    "",
    ORDER_NUMBER,
    Objects("BasketidModelList", BASKET, required=True, empty=(None, [])),
)
SHIPMENTS = Objects(
    "OrderShippingModelList",
    SHIPMENT,
    most=ORDERS_MAX,
    blamed="orderNumber",
    same=lambda body: str(body.get("orderNumber")),
    required=True,
    empty=(None, []),
)
EXAMPLE = {
    "orderNumber": EXAMPLE_NUMBER,
    "BasketidModelList": [
        {
            "basketId": 20000001,
            "ShippingModelList": [
                {
                    "deliveryCompany": "1001",
                    "shippingNumber": "000011112222",
                    "shippingDate": "2026-01-10",
                }
            ],
        }
    ],
}
# The path of a problem in a row: BasketidModelList, 0, ShippingModelList, 0, name of the field.
_IN_ROW = 5


def shipment_messages(code, body, problems, **extra):
    """Problems of one shipment: the frame around the rows, otherwise one for each bad row.

    :param problems: whose paths begin in the shipment
    """
    frame = [problem for problem in problems if len(problem.path) < _IN_ROW]
    if frame:
        return [field_message(code, problem, **extra) for problem in frame]
    places = [
        (basket, row)
        for basket, model in enumerate(body["BasketidModelList"])
        for row in range(len(model["ShippingModelList"]))
    ]
    first = {}
    for problem in problems:
        first.setdefault((problem.path[1], problem.path[3]), problem)
    messages = []
    for (basket, index), problem in first.items():
        row = body["BasketidModelList"][basket]["ShippingModelList"][index]
        place = places.index((basket, index)) + 1
        detail = as_int(row.get("shippingDetailId"))
        messages.append(
            field_message(code, problem, **extra, dataNumber=place, shippingDetailId=detail)
        )
    return messages


def business_problem(found):
    """(message number, text) why the whole order cannot be reported, or None."""
    if not found:
        return 101, "指定された注文番号は存在しませんでした。"
    progress = as_int(found[0].get("orderProgress"))
    if progress in (800, 900):
        return 102, "既にキャンセルされているため、発送情報を更新できません。"
    if progress not in REPORTABLE:
        return 101, "発送情報を更新できるステータスではありません。"
    return None


def find_row(package, detail):
    rows = dicts(package.get("ShippingModelList"))
    return next((row for row in rows if as_int(row.get("shippingDetailId")) == detail), None)


def unknown_rows(order, rows):
    """Messages for rows whose destination or shippingDetailId the order does not have."""
    packages = {as_int(p.get("basketId")): p for p in dicts(order.get("PackageModelList"))}
    messages = []
    added, seen = {}, set()
    for basket, row, place in rows:
        detail = as_int(row.get("shippingDetailId"))
        package = packages.get(basket)
        text = None
        if package is None:
            text = "指定された送付先は存在しませんでした。"
        elif detail is not None and (find_row(package, detail) is None or detail in seen):
            text = "指定された発送明細は存在しませんでした。"
        elif detail is None:
            added[basket] = added.get(basket, 0) + 1
            if len(dicts(package.get("ShippingModelList"))) + added[basket] > ROWS_MAX:
                text = "発送明細の上限を超えています。"
        seen.add(detail)
        if text:
            messages.append(error(OP, 101, text, dataNumber=place, shippingDetailId=detail))
    return messages


def write_row(world, package, row):
    """Add, change or delete one row; (message number, text, shippingDetailId)."""
    detail = as_int(row.get("shippingDetailId"))
    if as_int(row.get("shippingDeleteFlag") or 0) == 1:
        package["ShippingModelList"].remove(find_row(package, detail))
        return 103, "発送情報の削除設定が完了しました。", detail
    if detail is None:
        target = empty_row(world)
        if not isinstance(package.get("ShippingModelList"), list):
            package["ShippingModelList"] = []
        package["ShippingModelList"].append(target)
        result = 101, "発送情報の追加設定が完了しました。", target["shippingDetailId"]
    else:
        target = find_row(package, detail)
        result = 102, "発送情報の更新設定が完了しました。", detail
    fill_row(target, row)
    return result


def report(world, body):
    """Write the rows of one order; one message for each row. All rows or none."""
    number, rows = body["orderNumber"], flat_rows(body)
    found = world.store.order(number)
    problem = business_problem(found)
    if problem:
        code, text = problem
        return [
            error(
                OP,
                code,
                text,
                dataNumber=place,
                shippingDetailId=as_int(row.get("shippingDetailId")),
            )
            for _basket, row, place in rows
        ]
    order, meta = found
    messages = unknown_rows(order, rows)
    if messages:
        return messages
    packages = {as_int(p.get("basketId")): p for p in dicts(order.get("PackageModelList"))}
    for basket, row, place in rows:
        code, text, detail = write_row(world, packages[basket], row)
        messages.append(info(OP, code, text, dataNumber=place, shippingDetailId=detail))
    lifecycle.note_rows(order, meta, world.now())
    lifecycle.save(world, number, order, meta)
    return messages


def refuse_shipment(operation, request, problems, _in_body):
    return answer(shipment_messages(operation.code, request.body, problems), 400)


@order_call("updateOrderShipping", OP, "2.6", SHIPMENT, EXAMPLE, refuse_shipment)
def update_shipping(world, request):
    """Report of a shipment; not idempotent."""
    return answer(report(world, request.body))


def refuse_shipments(operation, request, problems, _in_body):
    """Format errors come with HTTP 200; those of an order with its number."""
    code, models = operation.code, request.body.get(SHIPMENTS.name)
    if any(len(problem.path) == 1 for problem in problems):
        return answer([field_message(code, problem) for problem in problems])
    messages = []
    for index, body in enumerate(models):
        number = body.get("orderNumber")
        extra = {"orderNumber": number if isinstance(number, str) else None}
        own = [problem for problem in problems if problem.path[1] == index]
        twice = [problem for problem in own if problem.kind == "duplicate"]
        messages += [field_message(code, problem, **extra) for problem in twice]
        inside = [
            replace(problem, path=problem.path[2:]) for problem in own if problem not in twice
        ]
        if inside:
            messages += shipment_messages(code, body, inside, **extra)
    for message in messages:
        message.setdefault("dataNumber", None)
        message.setdefault("shippingDetailId", None)
    return answer(messages)


@order_call(
    "updateOrderShippingAsync",
    OP_ASYNC,
    "2.7",
    Object("", SHIPMENTS),
    {SHIPMENTS.name: [EXAMPLE]},
    refuse_shipments,
)
def update_shipping_async(world, request):
    """Reports of up to 100 orders, carried out ``async_seconds`` later."""
    now = world.now()
    stamp = plain_datetime(now).replace("-", "").replace(":", "").replace("T", "")
    request_id = f"{uuid.UUID(int=world.random.getrandbits(128), version=4)}_{stamp}"
    world.jobs[request_id] = {
        "due": world.clock.exact() + world.config["async_seconds"],
        "models": request.body[SHIPMENTS.name],
        "result": None,
    }
    text = "発送情報の更新を受付けました。"
    extra = {"requestId": request_id, "dataNumber": None, "shippingDetailId": None}
    return answer([info(OP_ASYNC, 101, text, **extra)])


def run_jobs(world):
    """Write the accepted reports whose time has come; forget results after 30 days."""
    now = world.clock.exact()
    for request_id, job in list(world.jobs.items()):
        if now >= job["due"] + RESULT_LIFE:
            del world.jobs[request_id]
        elif job["result"] is None and now >= job["due"]:
            job["result"] = [
                {"orderNumber": body["orderNumber"], "MessageModelList": report(world, body)}
                for body in job["models"]
            ]
            job["models"] = None


def refuse_result(operation, _request, problems, _in_body):
    messages = [field_message(operation.code, problem) for problem in problems]
    return _result([{"MessageModelList": messages}], 400)


@order_call(
    "getResultUpdateOrderShippingAsync",
    OP_RESULT,
    "2.7",
    Object("", Field("requestId", required=True, empty=(None, ""))),
    {"requestId": "00000000-0000-4000-8000-000000000000_20260110120000"},
    refuse_result,
)
def get_result_async(world, request):
    """Result of an asynchronous report; none while it runs, or for an unknown id."""
    request_id = request.body["requestId"]
    job = world.jobs.get(request_id) if isinstance(request_id, str) else None
    if not job or job["result"] is None:
        text = "指定されたリクエストIDの処理結果は存在しませんでした。"
        return _result([{"MessageModelList": [info(OP_RESULT, 101, text)]}])
    return _result(job["result"])


def _result(models, status=200):
    return json_response({"ResultShippingModelList": models}, status, JSON_ORDER)
