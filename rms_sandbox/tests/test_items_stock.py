"""Item, inventory, licence and shop calls (RMS API sections 6 to 8)."""

import xml.etree.ElementTree as ElementTree

import pytest

from .conftest import KEY, NOW, SECRET

BASE = "/es/2.0/inventories"
PAIR = {"manageNumber": "item-00001", "variantId": "normal-inventory"}


def first_code(answer):
    return answer.status_code, answer.json()["errors"][0]["code"]


def upsert(client, *entries, version="2.0"):
    path = f"/es/{version}/inventories/bulk-upsert"
    return client.call("POST", path, json={"inventories": list(entries)})


def entry(quantity, mode="ABSOLUTE", **more):
    return PAIR | {"mode": mode, "quantity": quantity} | more


def test_bulk_get_and_upsert(client, box):
    box.items(count=4)
    assert upsert(client, entry(7)).status_code == 204
    assert upsert(client, entry(-2, "RELATIVE")).content == b""
    pairs = [PAIR, PAIR | {"manageNumber": "item-nowhere"}]
    answer = client.call("POST", f"{BASE}/bulk-get", json={"inventories": pairs}).json()
    assert len(answer["inventories"]) == 1
    record = answer["inventories"][0]
    assert record["quantity"] == 5 and record["updated"].endswith("+09:00")


@pytest.mark.parametrize(
    "entries, code",
    [
        ([entry("a")], "IE0002"),
        ([entry(100_000)], "IE0003"),
        ([entry(-1)], "IE0003"),
        ([entry(1, "OTHER")], "IE0002"),
        ([entry(1, extra=1)], "IE0002"),
        ([entry(1, manageNumber="a" * 33)], "IE0004"),
        ([entry(1, variantId=None)], "IE0001"),
        ([entry(1), entry(2)], "IE1102"),
        ([entry(1, manageNumber=f"x-{n}") for n in range(401)], "IE1101"),
        ([entry(1, "RELATIVE", manageNumber="x-1")], "IE0500"),
        ([entry(-99_999, "RELATIVE")], "IE0117"),
        ([], "IE0001"),
    ],
)
def test_upsert_refuses_and_writes_nothing(client, box, entries, code):
    box.items(count=1)
    before = box.state("stock")["stock"]
    good = [entry(3, variantId="another")] if entries and len(entries) < 400 else []
    assert first_code(upsert(client, *good, *entries)) == (400, code)
    assert box.state("stock")["stock"] == before


def test_limits_of_bulk_calls(client):
    fine = [entry(1, manageNumber=f"x-{n}") for n in range(400)]
    assert upsert(client, *fine).status_code == 204
    pairs = [{"manageNumber": f"x-{n}", "variantId": "v"} for n in range(1001)]
    answer = client.call("POST", f"{BASE}/bulk-get", json={"inventories": pairs[:1000]})
    assert answer.json() == {"inventories": []}
    answer = client.call("POST", f"{BASE}/bulk-get", json={"inventories": pairs})
    assert first_code(answer) == (400, "IE1101")
    assert first_code(client.call("POST", f"{BASE}/bulk-get")) == (400, "GE0011")


def test_orphans_live_24_hours(client, box):
    box.items(count=1)
    assert upsert(client, entry(5, manageNumber="typo")).status_code == 204
    assert box.state("orphans")["orphans"] == ["typo/normal-inventory"]
    box.advance(86_400)
    state = box.state("orphans,stock")
    assert state["orphans"] == [] and list(state["stock"]) == ["item-00001/normal-inventory"]


def test_range(client, box):
    box.items(count=3)
    upsert(client, entry(3))
    answer = client.call("GET", f"{BASE}/bulk-get/range?maxQuantity=5").json()
    assert [r["manageNumber"] for r in answer["inventories"]] == ["item-00001"]
    assert first_code(client.call("GET", f"{BASE}/bulk-get/range")) == (400, "IE0105")
    path = f"{BASE}/bulk-get/range?minQuantity=5&maxQuantity=1"
    assert first_code(client.call("GET", path)) == (400, "IE0113")
    path = f"{BASE}/bulk-get/range?minQuantity=100000"
    assert first_code(client.call("GET", path)) == (400, "IE0003")


def test_single_variant_and_lead_times_of_21(client, box):
    path = "/inventories/manage-numbers/item-00001/variants/Case-1"
    body = {"mode": "ABSOLUTE", "quantity": 4, "operationLeadTime": {"normalDeliveryTimeId": 4}}
    assert first_code(client.call("PUT", "/es/2.0" + path, json=body)) == (400, "IE0002")
    assert client.call("PUT", "/es/2.1" + path, json=body).status_code == 204
    assert client.call("PUT", "/es/2.0" + path, json={"mode": "ABSOLUTE", "quantity": 9}).ok
    record = client.call("GET", "/es/2.1" + path).json()
    assert record["quantity"] == 9
    assert record["operationLeadTime"] == {"normalDeliveryTimeId": 4}
    assert "operationLeadTime" not in client.call("GET", "/es/2.0" + path).json()
    lower = path.replace("Case", "case")
    assert first_code(client.call("GET", "/es/2.0" + lower)) == (404, "GE0014")
    assert client.call("PUT", "/es/2.1" + path, json={"mode": "RELATIVE", "quantity": 1}).ok
    assert "operationLeadTime" not in client.call("GET", "/es/2.1" + path).json()
    assert client.call("DELETE", "/es/2.0" + path).status_code == 204
    assert first_code(client.call("DELETE", "/es/2.0" + path)) == (404, "GE0014")


def test_purchases_lower_the_stock_and_overselling_is_seen(box):
    sku = box.items(count=1)[0]["skus"][0]
    line = {"manageNumber": "item-00001", "variantId": sku["variantId"]}
    box.orders(buy=[line | {"units": sku["quantity"] + 2}])
    state = box.state("stock,oversold")
    key = "item-00001/normal-inventory"
    assert state["stock"][key] == 0 and state["oversold"] == {key: 2}


def test_whole_catalogue_by_cursor(client, box):
    box.items(count=25)
    seen, cursor = [], "*"
    while True:
        query = {"cursorMark": cursor, "hits": 10}
        answer = client.call("GET", "/es/2.0/items/search", params=query).json()
        seen += [result["item"]["manageNumber"] for result in answer["results"]]
        assert answer["numFound"] == 25
        if answer["nextCursorMark"] == cursor:
            break
        cursor = answer["nextCursorMark"]
    assert seen == [f"item-{n:05d}" for n in range(1, 26)]


def test_item_search_parameters(client, box):
    box.items(count=12)

    def found(**query):
        answer = client.call("GET", "/es/2.0/items/search", params=query)
        return [result["item"]["manageNumber"] for result in answer.json()["results"]]

    assert len(found()) == 10
    assert found(merchantDefinedSkuId="00004-RED") == ["item-00004"]
    assert found(manageNumber="0001", sortKey="manageNumber", sortOrder="asc", hits=2) == [
        "item-00001",
        "item-00010",
    ]
    assert found(offset=10) and not found(offset=12)
    for query, code in (
        ({"hits": 101}, "IE0003"),
        ({"itemType": "X"}, "IE0007"),
        ({"cursorMark": "*", "offset": 1}, "IE0002"),
        ({"cursorMark": "nonsense"}, "IE0002"),
    ):
        answer = client.call("GET", "/es/2.0/items/search", params=query)
        assert first_code(answer) == (400, code)


def test_items_by_code_and_deleted_items(client, box):
    box.items(count=2)
    path = "/es/2.0/items/manage-numbers/item-00001"
    item = client.call("GET", path).json()
    assert item["itemNumber"] == "SKU-00001"
    assert "quantity" not in item["variants"]["normal-inventory"]
    body = {"manageNumbers": ["item-00001", "item-none"]}
    assert len(client.call("POST", "/es/2.0/items/bulk-get", json=body).json()["results"]) == 1
    body = {"manageNumbers": [f"m{n}" for n in range(51)]}
    answer = client.call("POST", "/es/2.0/items/bulk-get", json=body)
    assert first_code(answer) == (400, "IE1101")
    box.control("items", {"delete": ["item-00001"]})
    assert first_code(client.call("GET", path)) == (404, "GE0014")
    results = client.call("GET", "/es/2.0/items/search").json()["results"]
    assert {"item": {"manageNumber": "item-00001"}} in results


def test_raw_items(client, box):
    raw = {"manageNumber": "own", "title": "x", "variants": {"v": {"standardPrice": "6,220"}}}
    raw["variants"]["v"]["quantity"] = 3
    answer = box.items(items=[raw])
    sku = {"variantId": "v", "merchantDefinedSkuId": None, "price": 6220, "quantity": 3}
    assert answer[0]["skus"] == [sku]
    variant = client.call("GET", "/es/2.0/items/manage-numbers/own").json()["variants"]["v"]
    assert variant == {"standardPrice": "6,220"}


def test_licence(client, box):
    path = "/es/1.0/license-management/license-key/expiry-date"
    answer = client.call("GET", path, params={"licenseKey": "SL123456_test"})
    assert answer.json() == {"expiryDate": "2026-04-10T23:59:59"}  # 90 days after 2026-01-10
    assert "SL123456_test" not in box.calls()[-1]["path"]
    box.control("clock", {"now": "2026-04-10T23:59:58+0900"})
    assert client.search(
        startDatetime="2026-04-01T00:00:00+0900", endDatetime="2026-04-01T00:00:00+0900"
    ).ok
    box.advance(2)
    assert client.search().status_code == 401
    assert client.call("GET", path, params={"licenseKey": "SL123456_test"}).status_code == 401


def test_shop_master(client, box):
    answer = client.call("GET", "/es/1.0/shop/shopMaster")
    root = ElementTree.fromstring(answer.content)
    assert root.tag == (
        "{http://rakuten.co.jp/rms/mall/shop/biz/api/model/resource}shopBizApiResponse"
    )
    assert root.findtext("resultCode") == "N000"
    assert root.findtext("result/shopMaster/url") == "sample-shop"


def test_shop_calendar(client, box):
    box.reset(
        service_secret=SECRET,
        license_key=KEY,
        now=NOW,
        calendar={
            "businessHoliday": {
                "regularSchedule": ["SUNDAY", "HOLIDAY"],
                "eventDates": ["2026-01-09", "2026-01-12", "2026-07-10"],
            }
        },
    )
    path = "/es/1.0/shop/shopCalendar"
    params = {"fromDate": "2026-01-10", "period": "180"}
    root = ElementTree.fromstring(client.call("GET", path, params=params).content)
    (calendar,) = root.findall("result/shopCalendar")
    weekdays = calendar.findall("businessHoliday/regularSchedule/weekday")
    assert [day.text for day in weekdays] == ["SUNDAY", "HOLIDAY"]
    assert [day.text for day in calendar.findall("businessHoliday/eventDates/eventDate")] == [
        "20260112"
    ]
    assert not calendar.findall("shippingOnly/regularSchedule/weekday")
    root = ElementTree.fromstring(
        client.call("GET", path, params={**params, "period": "181"}).content
    )
    assert root.findtext("resultCode") == "C003"


def test_item_search_by_stock_and_flags(client, box):
    variant = {"standardPrice": 100, "selectorValues": {}}
    box.items(
        items=[
            {"manageNumber": "sold-out", "variants": {"a": variant | {"quantity": 0}}},
            {
                "manageNumber": "half",
                "subscription": {"basePrice": 1},
                "variants": {
                    "a": variant | {"quantity": 0, "backOrderFlag": True},
                    "b": variant | {"quantity": 3, "shipping": {"postageIncluded": True}},
                },
            },
        ]
    )

    def found(**query):
        answer = client.call("GET", "/es/2.0/items/search", params=query)
        assert answer.status_code == 200, answer.text
        return {row["item"]["manageNumber"] for row in answer.json()["results"]}

    assert found(isVariantStockout="true") == {"sold-out", "half"}
    assert found(isVariantStockout="false") == set()
    assert found(isItemStockout="true") == {"sold-out"}
    assert found(isItemStockout="false") == {"half"}
    assert found(isBackOrder="true") == {"half"}
    assert found(isPostageIncluded="true") == {"half"}
    assert found(isSubscription="false") == {"sold-out"}
    assert found(categoryId="1") == {"sold-out", "half"}
    answer = client.call("GET", "/es/2.0/items/search", params={"isItemStockout": "yes"})
    assert first_code(answer) == (400, "IE0007")
