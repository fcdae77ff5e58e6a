"""Shipment reports (RMS API sections 2.6 and 2.7).

A call without shippingDetailId adds a row: sending it twice makes two parcels.
"""

import uuid

from ..ground.clock import DAY, parse_date, plain_datetime
from ..ground.gateway import JSON_ORDER, json_response
from ..ground.values import as_int, dicts
from . import lifecycle
from .messages import answer, error, info, malformed, missing, plain_characters, refuse

OP = "UPDATE_ORDERSHIPPING"
OP_ASYNC = "UPDATE_ORDERSHIPPING_ASYNC"
OP_RESULT = "GET_RESULT_UPDATEORDERSHIPPING_ASYNC"
ROWS_MAX = 20
ORDERS_MAX = 100
RESULT_LIFE = 30 * DAY
REPORTABLE = (300, 500, 600, 700)
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


def shipping_row(world, day, company="1001"):
    """A complete ShippingModel, as somebody would have registered it on the day ``day``."""
    detail_id = next(world.shipping_ids)
    return {
        "shippingDetailId": detail_id,
        "shippingNumber": f"0000{detail_id:08d}",
        "deliveryCompany": company,
        "deliveryCompanyName": CARRIERS[company],
        "shippingDate": day,
    }


def flat_rows(body):
    """[(basket id, row, dataNumber)]: dataNumber counts through all destinations."""
    rows = [
        (as_int(basket.get("basketId")), row)
        for basket in dicts(body.get("BasketidModelList"))
        for row in dicts(basket.get("ShippingModelList"))
    ]
    return [(basket, row, place) for place, (basket, row) in enumerate(rows, 1)]


def frame_problems(body, op, **extra):
    """Problems of the frame around the rows, one message for each field."""
    messages = []
    if not body.get("orderNumber"):
        messages.append(missing(op, "orderNumber", **extra))
    elif not isinstance(body["orderNumber"], str):
        messages.append(malformed(op, "orderNumber", **extra))
    baskets = body.get("BasketidModelList")
    if baskets is None or baskets == []:
        return [*messages, missing(op, "BasketidModelList", **extra)]
    if not isinstance(baskets, list) or len(dicts(baskets)) != len(baskets):
        return [*messages, malformed(op, "BasketidModelList", **extra)]
    for basket in baskets:
        if basket.get("basketId") is None:
            messages.append(missing(op, "basketId", **extra))
        elif as_int(basket["basketId"]) is None:
            messages.append(malformed(op, "basketId", **extra))
        rows = basket.get("ShippingModelList")
        if rows is None or rows == []:
            messages.append(missing(op, "ShippingModelList", **extra))
        elif not isinstance(rows, list) or len(dicts(rows)) != len(rows) or len(rows) > ROWS_MAX:
            messages.append(malformed(op, "ShippingModelList", **extra))
    return messages


def valid_number(number):
    """Up to 120 characters, none of them machine-dependent."""
    if not isinstance(number, str | int) or isinstance(number, bool):
        return False
    return len(str(number)) <= 120 and plain_characters(str(number))


def row_problem(row):
    """The name of the first field with a wrong format, or None."""
    detail = row.get("shippingDetailId")
    if detail is not None and as_int(detail) is None:
        return "shippingDetailId"
    if "deliveryCompany" in row and str(row["deliveryCompany"] or "") not in CARRIERS:
        return "deliveryCompany"  # must not be empty when the key is present
    number = row.get("shippingNumber")
    if number is not None and not valid_number(number):
        return "shippingNumber"
    day = row.get("shippingDate")
    if day not in (None, "") and parse_date(day) is None:
        return "shippingDate"
    if as_int(row.get("shippingDeleteFlag", 0) or 0) not in (0, 1):
        return "shippingDeleteFlag"
    if as_int(row.get("shippingDeleteFlag") or 0) == 1 and detail is None:
        return "shippingDetailId"
    return None


def format_problems(body, op, **extra):
    """One 011 message for each bad row; the frame is looked at first."""
    messages = frame_problems(body, op, **extra)
    if messages:
        return messages
    for _basket, row, place in flat_rows(body):
        field = row_problem(row)
        if field:
            detail = as_int(row.get("shippingDetailId"))
            messages.append(
                malformed(op, field, **extra, dataNumber=place, shippingDetailId=detail)
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
        target = {
            "shippingDetailId": next(world.shipping_ids),
            "shippingNumber": None,
            "deliveryCompany": None,
            "deliveryCompanyName": None,
            "shippingDate": None,
        }
        if not isinstance(package.get("ShippingModelList"), list):
            package["ShippingModelList"] = []
        package["ShippingModelList"].append(target)
        result = 101, "発送情報の追加設定が完了しました。", target["shippingDetailId"]
    else:
        target = find_row(package, detail)
        result = 102, "発送情報の更新設定が完了しました。", detail
    if "deliveryCompany" in row:
        target["deliveryCompany"] = str(row["deliveryCompany"])
        target["deliveryCompanyName"] = CARRIERS[target["deliveryCompany"]]
    if "shippingNumber" in row:
        number = row["shippingNumber"]
        target["shippingNumber"] = str(number) if number not in (None, "") else None
    if "shippingDate" in row:
        target["shippingDate"] = row["shippingDate"] or None
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


def update_shipping(world, request):
    messages = format_problems(request.body, OP)
    if messages:
        refuse(messages)
    return answer(report(world, request.body))


def async_problems(models):
    """Format problems of an asynchronous call, and order numbers that come twice."""
    messages, seen = [], set()
    for body in models:
        number = body.get("orderNumber")
        extra = {"orderNumber": number if isinstance(number, str) else None}
        if extra["orderNumber"] in seen:
            messages.append(malformed(OP_ASYNC, "orderNumber", **extra))
        seen.add(extra["orderNumber"])
        messages += format_problems(body, OP_ASYNC, **extra)
    for message in messages:
        message.setdefault("dataNumber", None)
        message.setdefault("shippingDetailId", None)
    return messages


def update_shipping_async(world, request):
    """Accept now, write ``async_seconds`` later. Format errors come with HTTP 200."""
    models = request.body.get("OrderShippingModelList")
    if models is None or models == []:
        return answer([missing(OP_ASYNC, "OrderShippingModelList")])
    if (
        not isinstance(models, list)
        or len(dicts(models)) != len(models)
        or len(models) > ORDERS_MAX
    ):
        return answer([malformed(OP_ASYNC, "OrderShippingModelList")])
    messages = async_problems(models)
    if messages:
        return answer(messages)
    now = world.now()
    stamp = plain_datetime(now).replace("-", "").replace(":", "").replace("T", "")
    request_id = f"{uuid.UUID(int=world.random.getrandbits(128), version=4)}_{stamp}"
    world.jobs[request_id] = {
        "due": world.clock.exact() + world.config["async_seconds"],
        "models": models,
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


def get_result_async(world, request):
    request_id = request.body.get("requestId")
    if request_id is None or request_id == "":
        messages = [missing(OP_RESULT, "requestId")]
        return _result([{"MessageModelList": messages}], 400)
    job = world.jobs.get(request_id) if isinstance(request_id, str) else None
    if not job or job["result"] is None:
        text = "指定されたリクエストIDの処理結果は存在しませんでした。"
        return _result([{"MessageModelList": [info(OP_RESULT, 101, text)]}])
    return _result(job["result"])


def _result(models, status=200):
    return json_response({"ResultShippingModelList": models}, status, JSON_ORDER)
