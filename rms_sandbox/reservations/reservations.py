"""ReserveAPI, reading (RMS API section 8.3)."""

from ..ground.clock import DAY, jst_date, parse_date, parse_rms_datetime, rms_datetime
from ..ground.errors import refuse_values
from ..ground.gateway import json_response
from ..ground.operation import Operation
from ..ground.shape import Date, Number, Object, Text
from ..ground.values import as_int, dicts

LIMIT, LIMIT_MAX, OFFSET_MAX = 100, 1000, 1_000_000
APPLIED, DELIVERED, FIXED = 1, 2, 3
WELL, NONE, BACKWARDS, TOO_LONG = "N00-000", "N00-001", "E01-005", "E01-006"
MESSAGES = {
    WELL: "正常終了しました",
    NONE: "検索結果が0件です",
    BACKWARDS: "期間指定の終了日は開始日より前になっています",
    TOO_LONG: "期間指定が検索可能な期間を超えています",
}
#: RMS counts its answers: well, nothing found, refused.
KINDS = {WELL: 0, NONE: 1}


def details_of(reservation):
    return dicts(reservation.get("reserveDetails"))


def answer(world, code, found=(), page=(), limit=0, offset=0):
    return json_response(
        {
            "resultCodeInt": KINDS.get(code, 2),
            "resultCode": code,
            "resultMessage": MESSAGES[code],
            "responseDatetime": rms_datetime(world.now()),
            "totalCount": len(found),
            "resultCount": len(page),
            "limit": limit,
            "offset": offset,
            "publicReserveModelList": list(page) or None,
        }
    )


def days(reservation, date_type):
    """The days of an application that a search looks at, as moments of their beginning."""
    if date_type == APPLIED:
        applied = parse_rms_datetime(reservation.get("reserveDatetime"))
        return [parse_date(jst_date(applied))] if applied is not None else []
    key = "shippingDate" if date_type == DELIVERED else "commitDate"
    found = [parse_date(detail.get(key)) for detail in details_of(reservation)]
    return [day for day in found if day is not None]


def info_list(world, request):
    """Applications that are not fixed yet, the newest first."""
    query = QUERY.read(request.query)
    today = parse_date(jst_date(world.now()))
    start = today if query["startDate"] is None else parse_date(query["startDate"])
    end = today if query["endDate"] is None else parse_date(query["endDate"])
    if end < start:
        return answer(world, BACKWARDS)
    if start < today - 366 * DAY or end > today + 365 * DAY:
        return answer(world, TOO_LONG)
    found = [
        reservation
        for reservation in world.reservations.values()
        if (query["reserveType"] in (None, as_int(reservation.get("reserveType"))))
        and any(start <= day <= end for day in days(reservation, query["dateType"]))
    ]
    found.sort(
        key=lambda one: (str(one.get("reserveDatetime")), str(one.get("reserveNumber"))),
        reverse=True,
    )
    page = found[query["offset"] :][: query["limit"]]
    return answer(world, WELL if found else NONE, found, page, query["limit"], query["offset"])


QUERY = Object(
    "",
    Number("dateType", (APPLIED, DELIVERED, FIXED), required=True),
    Number("reserveType", (1, 2, 3), about="RMS takes several; one is enough here."),
    Date("startDate"),
    Date("endDate"),
    Number("limit", range(1, LIMIT_MAX + 1), default=LIMIT),
    Number("offset", range(OFFSET_MAX + 1), default=0),
    Text("keyword"),
)

INFO_LIST = Operation(
    "reserve.infoList.get",
    "reserve",
    "GET",
    "/es/1.0/reserve/reserveInfoList",
    "reserve.infoList.get",
    "8.3",
    info_list,
    refuse_values,
    query=QUERY,
    examples={"query": {"dateType": "2", "startDate": "2026-01-10", "endDate": "2026-12-31"}},
)
OPERATIONS = (INFO_LIST,)
