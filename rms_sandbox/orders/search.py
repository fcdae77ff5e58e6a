"""searchOrder (RMS API section 2.3)."""

import json
import zlib

from ..ground.clock import DAY, midnight, parse_rms_datetime
from ..ground.values import as_int, dicts
from .messages import answer, info, malformed, missing, plain_characters, refuse

OP = "SEARCH_ORDER"
STATUSES = (100, 200, 300, 400, 500, 600, 700, 800, 900)
ORDER_TYPES = (1, 4, 5, 6)
SETTLEMENTS = (1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 14, 16, 17, 21, 27)
DATE_COLUMNS = {1: "order_at", 2: "confirm_at", 3: "fix_at", 4: "ship_at", 5: "report_at"}
DATE_COLUMNS[6] = "pay_at"
WINDOW = 63 * DAY
HORIZON = 730 * DAY
CAP = 15_000
PAGE, PAGE_MAX = 30, 1000
KEYWORD_LENGTH = {1: 1024, 2: 127, 3: 1000, 4: 254, 5: 254, 6: 254, 7: 40, 8: 96, 9: 400}
DEVICES = {1: (0,), 2: (1, 2, 3, 5), 3: (11, 12, 19), 4: (21, 22, 29)}  # purchaseSiteType
FLAGS = (
    "shippingDateBlankFlag shippingNumberBlankFlag asurakuFlag couponUseFlag drugFlag"
    " overseasFlag oneDayOperationFlag"
).split()


class Checker:
    """Collects one message per bad field, in the order of the fields."""

    def __init__(self, body):
        self.body = body
        self.messages = []

    def bad(self, field):
        self.messages.append(malformed(OP, field))

    def number(self, field, choices, default=None, required=False):
        value = self.body.get(field)
        if value is None or value == "":
            if required:
                self.messages.append(missing(OP, field))
            return default
        number = as_int(value)
        if number is None or number not in choices:
            self.bad(field)
            return default
        return number

    def numbers(self, field, choices=None):
        value = self.body.get(field)
        if value is None:
            return []
        numbers = [as_int(entry) for entry in value] if isinstance(value, list) else [None]
        if None in numbers or (choices and not set(numbers) <= set(choices)):
            self.bad(field)
            return []
        return numbers

    def moment(self, field):
        value = self.body.get(field)
        if value is None or value == "":
            self.messages.append(missing(OP, field))
            return None
        moment = parse_rms_datetime(value)
        if moment is None:
            self.bad(field)
        return moment

    def text(self, field, length):
        value = self.body.get(field)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value.strip()) > length:
            self.bad(field)
            return ""
        return value.strip()


def oldest(now):
    """The start of the first day that can still be asked for."""
    return midnight(now) - HORIZON


def parse_filters(check, now):
    """The checked filters of a request; messages collect in ``check``."""
    found = {"statuses": check.numbers("orderProgressList", STATUSES)}
    found["sub_statuses"] = check.numbers("subStatusIdList")
    if found["sub_statuses"] == [-1] and not found["statuses"]:
        check.messages.append(missing(OP, "orderProgressList"))
    found["date_type"] = check.number("dateType", DATE_COLUMNS, required=True)
    start = found["start"] = check.moment("startDatetime")
    if start is not None and start < oldest(now):
        check.bad("startDatetime")
    end = found["end"] = check.moment("endDatetime")
    if start is not None and end is not None and not 0 <= end - start <= WINDOW:
        check.bad("endDatetime")
    found["order_types"] = check.numbers("orderTypeList", ORDER_TYPES)
    found["settlement"] = check.number("settlementMethod", SETTLEMENTS)
    found["delivery_name"] = check.text("deliveryName", 192)
    for flag in FLAGS:
        found[flag] = check.number(flag, (0, 1), 0)
    keyword_type = found["keyword_type"] = check.number("searchKeywordType", range(10), 0)
    found["keyword"] = ""
    if keyword_type:
        found["keyword"] = check.text("searchKeyword", KEYWORD_LENGTH[keyword_type])
        if not check.body.get("searchKeyword"):
            check.messages.append(missing(OP, "searchKeyword"))
        elif not plain_characters(found["keyword"]):
            check.bad("searchKeyword")
    check.number("mailSendType", (0, 1, 2), 0)
    found["mail"] = check.text("ordererMailAddress", 256)
    found["phone_type"] = check.number("phoneNumberType", (1, 2), 1)
    found["phone"] = check.text("phoneNumber", 36)
    if found["phone"] and not found["phone"].isdigit():
        check.bad("phoneNumber")
    found["reserve_number"] = check.text("reserveNumber", 64)
    found["device"] = check.number("purchaseSiteType", range(5), 0)
    return found


def parse_pages(check):
    """(records in a page, page, ascending)."""
    model = check.body.get("PaginationRequestModel")
    if model is None:
        return PAGE, 1, False
    if not isinstance(model, dict):
        check.bad("PaginationRequestModel")
        return PAGE, 1, False
    inner = Checker(model)
    amount = inner.number("requestRecordsAmount", range(1, PAGE_MAX + 1), required=True)
    page = inner.number("requestPage", range(1, 10**9), required=True)
    ascending = False
    for sort in dicts(model.get("SortModelList")):
        sorting = Checker(sort)
        sorting.number("sortColumn", (1,), 1)
        ascending = sorting.number("sortDirection", (1, 2), 2) == 1
        inner.messages += sorting.messages
    check.messages += inner.messages
    return amount or PAGE, page or 1, ascending


def where(found):
    """The SQL condition and its values."""
    column = DATE_COLUMNS[found["date_type"]]
    parts, values = [f"{column} BETWEEN ? AND ?"], [found["start"], found["end"]]

    def among(name, choices):
        parts.append(f"{name} IN ({', '.join('?' * len(choices))})")
        values.extend(choices)

    if found["statuses"]:
        among("progress", found["statuses"])
    if found["sub_statuses"] == [-1]:
        parts.append("sub_status IS NULL")
    elif found["sub_statuses"]:
        among("sub_status", found["sub_statuses"])
    if found["order_types"]:
        among("order_type", found["order_types"])
    if found["device"]:
        among("device", DEVICES[found["device"]])
    for name, value in (
        ("settlement", found["settlement"]),
        ("delivery_name", found["delivery_name"]),
        ("reserve_number", found["reserve_number"]),
    ):
        if value:
            among(name, [value])
    for flag, condition in (
        ("shippingDateBlankFlag", "no_ship_date = 1"),
        ("shippingNumberBlankFlag", "no_ship_number = 1"),
        ("asurakuFlag", "asuraku = 1"),
        ("couponUseFlag", "coupon = 1"),
        ("drugFlag", "drug = 1"),
        ("oneDayOperationFlag", "one_day = 1"),
        ("overseasFlag", "0"),  # finds nothing for orders since 2020-06-30
    ):
        if found[flag]:
            parts.append(condition)
    return " AND ".join(parts), values


def keyword_texts(order, keyword_type):
    """The texts of an order that a keyword of that type is looked for in."""
    packages = dicts(order.get("PackageModelList"))
    items = [i for p in packages for i in dicts(p.get("ItemModelList"))]
    skus = [s for i in items for s in dicts(i.get("SkuModelList"))]

    def names(models, *keys):
        return ["".join(str(m.get(k) or "") for k in keys) for m in models]

    people = [p.get("SenderModel") for p in packages]
    orderer = dicts([order.get("OrdererModel")])
    return {
        1: lambda: names(items, "itemName"),
        2: lambda: names(items, "itemNumber"),
        3: lambda: [str(order.get("memo") or "")],
        4: lambda: names(orderer, "familyName", "firstName"),
        5: lambda: names(orderer, "familyNameKana", "firstNameKana"),
        6: lambda: names(dicts(people), "familyName", "firstName"),
        7: lambda: names(skus, "variantId"),
        8: lambda: names(skus, "merchantDefinedSkuId"),
        9: lambda: names(skus, "skuInfo"),
    }[keyword_type]()


def phones(order, phone_type):
    if phone_type == 1:
        people = [order.get("OrdererModel")]
    else:
        people = [p.get("SenderModel") for p in dicts(order.get("PackageModelList"))]
    return [
        "".join(str(person.get(f"phoneNumber{i}") or "") for i in (1, 2, 3))
        for person in dicts(people)
    ]


def matches(order, found):
    """The filters that need the whole order."""
    if found["keyword"]:
        texts = keyword_texts(order, found["keyword_type"])
        if not any(found["keyword"] in text for text in texts):
            return False
    if found["mail"]:
        orderer = order.get("OrdererModel")
        if not isinstance(orderer, dict) or orderer.get("emailAddress") != found["mail"]:
            return False
    return not found["phone"] or found["phone"] in phones(order, found["phone_type"])


def run_query(store, found, amount, page, ascending):
    """(order numbers of the page, number of hits)."""
    condition, values = where(found)
    direction = "ASC" if ascending else "DESC"
    tail = f"FROM orders WHERE {condition}"
    order_by = f"ORDER BY order_at {direction}, id {direction}"
    offset = (page - 1) * amount
    size = max(0, min(amount, CAP - offset))
    if found["keyword"] or found["mail"] or found["phone"]:
        rows = store.db.execute(f"SELECT number, payload {tail} {order_by}", values)
        hits = [n for n, blob in rows if matches(json.loads(zlib.decompress(blob)), found)]
        return hits[offset : offset + size], len(hits)
    total = store.db.execute(f"SELECT count(*) {tail}", values).fetchone()[0]
    rows = store.db.execute(
        f"SELECT number {tail} {order_by} LIMIT ? OFFSET ?", [*values, size, offset]
    )
    return [row[0] for row in rows], total


def search_order(world, request):
    check = Checker(request.body)
    found = parse_filters(check, world.now())
    amount, page, ascending = parse_pages(check)
    if check.messages:
        refuse(check.messages, orderNumberList=None, PaginationResponseModel=None)
    numbers, total = run_query(world.store, found, amount, page, ascending)
    if not total:
        empty = dict.fromkeys(("totalRecordsAmount", "totalPages", "requestPage"))
        text = "注文検索に成功しました。(検索結果０件)"
        return answer([info(OP, 102, text)], orderNumberList=[], PaginationResponseModel=empty)
    pages = {
        "totalRecordsAmount": total,
        "totalPages": -(-total // amount),
        "requestPage": page,
    }
    return answer(
        [info(OP, 101, "注文検索に成功しました。")],
        orderNumberList=numbers,
        PaginationResponseModel=pages,
    )
