"""Licence management and ShopAPI (RMS API section 8)."""

from datetime import date, timedelta
from xml.sax.saxutils import escape

from ..ground.clock import jst_date, plain_datetime
from ..ground.errors import api_error, fail, refuse_values
from ..ground.gateway import XML, Response, json_response
from ..ground.operation import Operation
from ..ground.shape import Object, Text

NAMESPACE = "http://rakuten.co.jp/rms/mall/shop/biz/api/model/resource"
MESSAGES = {"N000": "Succeeded.", "C003": "Requested resource is not found."}

#: 休業日, 受注・お問い合わせ業務のみ, 発送業務のみ; so many days unless it is said, and at most.
CALENDAR_KINDS = ("businessHoliday", "shippingHoliday", "shippingOnly")
CALENDAR_DAYS, CALENDAR_DAYS_MAX = 90, 180
EXPIRY_PATH = "/es/1.0/license-management/license-key/expiry-date"


def shop_call(name, path, family="shop", **options):
    """Declare the decorated function as the handler of a call of this room."""

    def declare(handler):
        return Operation(name, family, "GET", path, name, "8", handler, refuse_values, **options)

    return declare


@shop_call(
    "license.expiryDate.get",
    EXPIRY_PATH,
    "license",
    query=Object("", Text("licenseKey", required=True)),
    examples={"query": {"licenseKey": "SL123456_sandboxLicense001"}},
    statuses=(400, 404),
)
def expiry_date(world, request):
    """End of the licence key, Japanese time without a zone."""
    if request.query["licenseKey"] != world.config["license_key"]:
        fail(api_error("GE0014", "Not found for inputs; licenseKey"), 404)
    return json_response({"expiryDate": plain_datetime(world.license_expiry)})


def envelope(code, model="", content=""):
    """The ShopAPI envelope: a namespaced root with children without a namespace."""
    result = ""
    if model:
        result = (
            '<result xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            f' xsi:type="shopbiz:{model}">{content}</result>'
        )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<shopbiz:shopBizApiResponse xmlns:shopbiz="{NAMESPACE}">'
        f"<resultCode>{code}</resultCode><resultMessageList><resultMessage><code>{code}</code>"
        f"<message>{MESSAGES[code]}</message></resultMessage></resultMessageList>"
        f"{result}</shopbiz:shopBizApiResponse>"
    )
    return Response(200, text.encode(), XML)


@shop_call("shop.shopMaster", "/es/1.0/shop/shopMaster")
def shop_master(world, request):
    """Data of the shop (XML)."""
    fields = {
        "shopName": world.config["shop_name"],
        "url": world.config["shop_url"],
        "companyName": "株式会社見本",
        "presidentName": "見本太郎",
        "addressZip": "100-0001",
        "addressPrefecture": "東京都",
        "addressCity": "千代田区",
        "addressStreet": "千代田99-99",
        "companyTel": "03-0000-0000",
        "companyFax": "03-0000-0001",
        "tantouName": "試験花子",
    }
    content = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items())
    return envelope("N000", "shopMasterBizModel", f"<shopMaster>{content}</shopMaster>")


@shop_call(
    "shop.shopStatus",
    "/es/1.0/shop/shopStatus/{key}",
    params=Object("", Text("key", required=True)),
    examples={"params": {"key": "socialGiftParticipation"}},
)
def shop_status(world, request):
    """One status of the shop (XML)."""
    if request.params["key"] != "socialGiftParticipation":
        return envelope("C003")
    content = (
        "<shopStatus><statusKey>socialGiftParticipation</statusKey>"
        "<statusValue>IN_USE</statusValue></shopStatus>"
    )
    return envelope("N000", "shopStatusBizModel", content)


@shop_call(
    "shop.shopCalendar",
    "/es/1.0/shop/shopCalendar",
    query=Object("", Text("fromDate"), Text("period")),
    examples={"query": {"fromDate": "2026-01-10", "period": "90"}},
)
def shop_calendar(world, request):
    """Business days of the shop (XML); single days within the period that is asked for."""
    start = request.query.get("fromDate") or jst_date(world.now())
    try:
        first = date.fromisoformat(start)
        last = first + timedelta(days=int(request.query.get("period") or CALENDAR_DAYS))
    except ValueError:
        return envelope("C003")
    if last - first > timedelta(days=CALENDAR_DAYS_MAX):
        return envelope("C003")
    content = ""
    for kind in CALENDAR_KINDS:
        days = (world.config["calendar"] or {}).get(kind) or {}
        weekdays = "".join(
            f"<weekday>{escape(day)}</weekday>" for day in days.get("regularSchedule", ())
        )
        dates = "".join(
            f"<eventDate>{day.replace('-', '')}</eventDate>"
            for day in days.get("eventDates", ())
            if first.isoformat() <= day <= last.isoformat()
        )
        content += (
            f"<{kind}><regularSchedule>{weekdays}</regularSchedule>"
            f"<eventDates>{dates}</eventDates></{kind}>"
        )
    return envelope("N000", "shopCalendarBizModel", f"<shopCalendar>{content}</shopCalendar>")


OPERATIONS = (expiry_date, shop_master, shop_status, shop_calendar)
