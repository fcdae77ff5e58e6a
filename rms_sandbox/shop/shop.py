"""Licence management and ShopAPI (RMS API section 8)."""

from xml.sax.saxutils import escape

from ..ground.clock import plain_datetime
from ..ground.gateway import XML, Response, api_error, fail, json_response

NAMESPACE = "http://rakuten.co.jp/rms/mall/shop/biz/api/model/resource"
MESSAGES = {"N000": "Succeeded.", "C003": "Requested resource is not found."}


def expiry_date(world, request):
    """The end of the licence key, Japanese time without a zone."""
    key = request.query.get("licenseKey")
    if not key:
        fail(api_error("IE0001", "licenseKey is mandatory."))
    if key != world.config["license_key"]:
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


def shop_master(world, request):
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


def shop_status(world, request):
    if request.params["key"] != "socialGiftParticipation":
        return envelope("C003")
    content = (
        "<shopStatus><statusKey>socialGiftParticipation</statusKey>"
        "<statusValue>IN_USE</statusValue></shopStatus>"
    )
    return envelope("N000", "shopStatusBizModel", content)
