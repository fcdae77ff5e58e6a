"""searchOrder (RMS API section 2.3)."""

import json
import zlib

from ..ground.clock import DAY, midnight, parse_rms_datetime
from ..ground.shape import Flag, Number, Numbers, Object, Objects, Text, Trimmed
from ..ground.values import dicts
from .messages import (
    answer,
    info,
    malformed,
    missing,
    order_call,
    plain_characters,
    refuse,
    refuse_fields,
)

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
NO_HITS = {"orderNumberList": None, "PaginationResponseModel": None}


class Moment(Text):
    """``YYYY-MM-DDThh:mm:ss+0900``, nothing else."""

    def __init__(self, name):
        about = "YYYY-MM-DDThh:mm:ss+0900"
        super().__init__(name, required=True, form=parse_rms_datetime, about=about)

    def read(self, value):
        return parse_rms_datetime(value)


SORT = Object("", Number("sortColumn", (1,)), Number("sortDirection", (1, 2), default=2))
PAGES = Object(
    "PaginationRequestModel",
    Number("requestRecordsAmount", range(1, PAGE_MAX + 1), required=True),
    Number("requestPage", range(1, 10**9), required=True),
    Objects("SortModelList", SORT),
    empty=(None,),
)
REQUEST = Object(
    "",
    Numbers("orderProgressList", STATUSES),
    Numbers("subStatusIdList", about="-1 alone: orders without; needs orderProgressList."),
    Number("dateType", tuple(DATE_COLUMNS), required=True),
    Moment("startDatetime"),
    Moment("endDatetime"),
    Numbers("orderTypeList", ORDER_TYPES),
    Number("settlementMethod", SETTLEMENTS),
    Trimmed("deliveryName", 192),
    Flag("shippingDateBlankFlag"),
    Flag("shippingNumberBlankFlag"),
    Number("searchKeywordType", range(10), default=0),
    Trimmed(
        "searchKeyword",
        about="Needed with a type, whose length counts; no machine-dependent characters.",
    ),
    Number("mailSendType", (0, 1, 2)),
    Trimmed("ordererMailAddress", 256),
    Number("phoneNumberType", (1, 2), default=1),
    Trimmed("phoneNumber", 36, form=lambda text: not text.strip() or text.strip().isdigit()),
    Trimmed("reserveNumber", 64),
    Number("purchaseSiteType", range(5)),
    *map(Flag, ("asurakuFlag", "couponUseFlag", "drugFlag", "overseasFlag", "oneDayOperationFlag")),
    PAGES,
)
EXAMPLE = {
    "dateType": 1,
    "startDatetime": "2026-01-01T00:00:00+0900",
    "endDatetime": "2026-01-31T23:59:59+0900",
}


def oldest(now):
    """The start of the first day that can still be asked for."""
    return midnight(now) - HORIZON


def keyword_problem(found):
    """The message about a keyword that its type asks for, or None."""
    keyword_type, keyword = found["searchKeywordType"], found["searchKeyword"]
    if not keyword_type:
        return None
    if keyword is None:
        return missing(OP, "searchKeyword")
    if len(keyword) > KEYWORD_LENGTH[keyword_type] or not plain_characters(keyword):
        return malformed(OP, "searchKeyword")
    return None


def contradictions(found, now):
    """Messages about fields that are sound, but not together or not now."""
    messages = []
    if found["subStatusIdList"] == [-1] and not found["orderProgressList"]:
        messages.append(missing(OP, "orderProgressList"))
    if found["startDatetime"] < oldest(now):
        messages.append(malformed(OP, "startDatetime"))
    if not 0 <= found["endDatetime"] - found["startDatetime"] <= WINDOW:
        messages.append(malformed(OP, "endDatetime"))
    messages += filter(None, [keyword_problem(found)])
    return messages


def where(found):
    """The SQL condition and its values."""
    column = DATE_COLUMNS[found["dateType"]]
    parts, values = [f"{column} BETWEEN ? AND ?"], [found["startDatetime"], found["endDatetime"]]

    def among(name, choices):
        parts.append(f"{name} IN ({', '.join('?' * len(choices))})")
        values.extend(choices)

    if found["orderProgressList"]:
        among("progress", found["orderProgressList"])
    if found["subStatusIdList"] == [-1]:
        parts.append("sub_status IS NULL")
    elif found["subStatusIdList"]:
        among("sub_status", found["subStatusIdList"])
    if found["orderTypeList"]:
        among("order_type", found["orderTypeList"])
    if found["purchaseSiteType"]:
        among("device", DEVICES[found["purchaseSiteType"]])
    for name, value in (
        ("settlement", found["settlementMethod"]),
        ("delivery_name", found["deliveryName"]),
        ("reserve_number", found["reserveNumber"]),
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
    if found["searchKeywordType"] and found["searchKeyword"]:
        texts = keyword_texts(order, found["searchKeywordType"])
        if not any(found["searchKeyword"] in text for text in texts):
            return False
    if found["ordererMailAddress"]:
        orderer = order.get("OrdererModel")
        mail = orderer.get("emailAddress") if isinstance(orderer, dict) else None
        if mail != found["ordererMailAddress"]:
            return False
    wanted = found["phoneNumber"]
    return not wanted or wanted in phones(order, found["phoneNumberType"])


def run_query(store, found, amount, page, ascending):
    """(order numbers of the page, number of hits)."""
    condition, values = where(found)
    direction = "ASC" if ascending else "DESC"
    tail = f"FROM orders WHERE {condition}"
    order_by = f"ORDER BY order_at {direction}, id {direction}"
    offset = (page - 1) * amount
    size = max(0, min(amount, CAP - offset))
    if found["searchKeywordType"] or found["ordererMailAddress"] or found["phoneNumber"]:
        rows = store.db.execute(f"SELECT number, payload {tail} {order_by}", values)
        hits = [n for n, blob in rows if matches(json.loads(zlib.decompress(blob)), found)]
        return hits[offset : offset + size], len(hits)
    total = store.db.execute(f"SELECT count(*) {tail}", values).fetchone()[0]
    rows = store.db.execute(
        f"SELECT number {tail} {order_by} LIMIT ? OFFSET ?", [*values, size, offset]
    )
    return [row[0] for row in rows], total


def pages_of(found):
    """(records in a page, page, ascending)."""
    model = found["PaginationRequestModel"]
    if model is None:
        return PAGE, 1, False
    pages = PAGES.read(model)
    directions = [SORT.read(sort)["sortDirection"] for sort in pages["SortModelList"]]
    return pages["requestRecordsAmount"], pages["requestPage"], directions[-1:] == [1]


@order_call("searchOrder", "SEARCH_ORDER", "2.3", REQUEST, EXAMPLE, refuse_fields(**NO_HITS))
def search_order(world, request):
    """Order numbers of a period."""
    found = REQUEST.read(request.body)
    messages = contradictions(found, world.now())
    if messages:
        refuse(messages, **NO_HITS)
    amount, page, ascending = pages_of(found)
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
