"""searchOrder and getOrder (RMS API sections 2.3, 2.4 and 3.0)."""

import pytest

from .conftest import auth, codes

ALL = [f"2026-01-{day:02d}T12:00:00+0900" for day in (10, 9)]


def test_zero_hits_have_nulls(client):
    answer = client.search()
    assert answer.status_code == 200
    assert codes(answer) == ["SEARCH_ORDER_INFO_102"]
    assert answer.json()["orderNumberList"] == []
    assert answer.json()["PaginationResponseModel"] == {
        "totalRecordsAmount": None,
        "totalPages": None,
        "requestPage": None,
    }


def test_missing_and_malformed_fields_in_their_order(client):
    answer = client.order("searchOrder", {"startDatetime": "x", "endDatetime": ALL[0]})
    assert answer.status_code == 400
    body = answer.json()
    assert body["orderNumberList"] is None and body["PaginationResponseModel"] is None
    assert [m["message"] for m in body["MessageModelList"]] == [
        "dateTypeの項目を指定して下さい。",
        "startDatetimeの書式が不正です。",
    ]
    assert codes(answer) == ["SEARCH_ORDER_ERROR_009", "SEARCH_ORDER_ERROR_011"]


@pytest.mark.parametrize(
    "start",
    [
        "2026-01-09T00:00:00+09:00",
        "2026-01-09T00:00:00Z",
        "2026-01-09T00:00:00.000+0900",
        "2026-01-09T00:00:00",
        "2026-02-30T00:00:00+0900",
        "2024-01-10T23:59:59+0900",  # 731 days before the sandbox's day
    ],
)
def test_refused_start(client, start):
    answer = client.search(startDatetime=start, endDatetime=start)
    assert answer.status_code == 400
    assert "startDatetimeの書式が不正です。" in answer.text


def test_window_of_63_days(client):
    start = "2026-01-01T00:00:00+0900"
    answer = client.search(startDatetime=start, endDatetime="2026-03-05T00:00:00+0900")
    assert answer.status_code == 200
    answer = client.search(startDatetime=start, endDatetime="2026-03-05T00:00:01+0900")
    assert codes(answer) == ["SEARCH_ORDER_ERROR_011"]
    oldest = "2024-01-11T00:00:00+0900"  # 730 days before 2026-01-10
    assert client.search(startDatetime=oldest, endDatetime=oldest).status_code == 200


@pytest.mark.parametrize("amount, status", [(1, 200), (1000, 200), (0, 400), (1001, 400)])
def test_page_size(client, amount, status):
    pages = {"requestRecordsAmount": amount, "requestPage": 1}
    assert client.search(PaginationRequestModel=pages).status_code == status


def test_pages_and_sorting(client, box):
    numbers = box.orders(count=7, kinds=["simple"])
    seen = []
    for page in (1, 2, 3):
        pages = {
            "requestRecordsAmount": "3",
            "requestPage": page,
            "SortModelList": [{"sortColumn": 1, "sortDirection": 1}],
        }
        answer = client.search(PaginationRequestModel=pages, orderProgressList=["300"]).json()
        assert answer["PaginationResponseModel"] == {
            "totalRecordsAmount": 7,
            "totalPages": 3,
            "requestPage": page,
        }
        seen += answer["orderNumberList"]
    assert sorted(seen) == sorted(numbers)
    times = [client.one(number)["orderDatetime"] for number in seen]
    assert times == sorted(times)


def test_filters(client, box):
    kinds = ["simple", "cod", "shop_coupon", "subscription", "already_shipped", "unconfirmed"]
    placed = dict(zip(kinds, box.orders(count=6, kinds=kinds), strict=True))

    def found(**options):
        return set(client.search(**options).json()["orderNumberList"])

    assert found(orderProgressList=[100]) == {placed["unconfirmed"]}
    assert found(settlementMethod=2) == {placed["cod"]}
    assert found(couponUseFlag=1) == {placed["shop_coupon"]}
    assert found(orderTypeList=[4]) == {placed["subscription"]}
    unshipped = set(placed.values()) - {placed["already_shipped"]}
    assert found(shippingNumberBlankFlag=1) == unshipped
    assert found(shippingDateBlankFlag=1) == unshipped
    assert found(dateType=4) == {placed["already_shipped"]}
    assert placed["unconfirmed"] not in found(dateType=3)
    order = client.one(placed["cod"])
    line = order["PackageModelList"][0]["ItemModelList"][0]
    hits = found(searchKeywordType=1, searchKeyword=f" {line['itemName']} ")
    assert placed["cod"] in hits
    assert found(ordererMailAddress=order["OrdererModel"]["emailAddress"]) == {placed["cod"]}


def test_sub_status_without_needs_the_progress(client):
    answer = client.search(subStatusIdList=[-1])
    assert answer.status_code == 400 and "orderProgressList" in answer.text


def test_get_knows_and_does_not_know(client, box):
    number = box.orders(count=1, kinds=["simple"])[0]
    other = "123456-20260101-9999999999"
    body = {"orderNumberList": [number, other, number], "version": "10"}
    for slash in ("/", ""):
        answer = client.order("getOrder", body, slash)
        assert codes(answer) == ["GET_ORDER_INFO_101", "GET_ORDER_INFO_102"]
        assert answer.json()["MessageModelList"][0]["message"].endswith("(取得件数1件)")
        assert answer.json()["MessageModelList"][1]["orderNumber"] == other
        assert [o["orderNumber"] for o in answer.json()["OrderModelList"]] == [number]
        assert answer.json()["version"] == 10
        assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"


@pytest.mark.parametrize(
    "body, expected",
    [
        ({}, ["GET_ORDER_ERROR_009", "GET_ORDER_ERROR_009"]),
        ({"orderNumberList": ["a"]}, ["GET_ORDER_ERROR_009"]),
        ({"orderNumberList": ["a"], "version": 2}, ["GET_ORDER_ERROR_011"]),
        ({"orderNumberList": ["a"], "version": 11}, ["GET_ORDER_ERROR_011"]),
        ({"orderNumberList": ["a"] * 101, "version": 10}, ["GET_ORDER_ERROR_011"]),
    ],
)
def test_get_refuses(client, body, expected):
    answer = client.order("getOrder", body)
    assert answer.status_code == 400 and codes(answer) == expected
    assert answer.json()["OrderModelList"] == []


def test_versions(client, box):
    number = box.orders(count=1, kinds=["tax_excluded"])[0]
    newest = client.one(number)
    assert newest["socialGiftFlag"] == 0 and "goodsTax" not in newest
    seven = client.one(number, version=7)
    assert "goodsTax" in seven and seven["isTaxRecalc"] == 0
    # 1555 x 1.1 = 1710 (floor), 327 x 1.1 = 359: tax 155 x units + 32 x 3
    units = seven["PackageModelList"][0]["ItemModelList"][0]["units"]
    assert seven["goodsTax"] == 155 * units + 32 * 3
    assert "deliveryCertPrgFlag" not in seven and "cautionDisplayDetailType" in seven
    package = seven["PackageModelList"][0]
    assert "dropOffFlag" not in package and "SkuModelList" in package["ItemModelList"][0]
    three = client.one(number, version=3)
    package = three["PackageModelList"][0]
    assert "DueDateModelList" not in three and "defaultDeliveryCompanyCode" not in package
    assert not {"SkuModelList", "isSingleItemShipping"} & set(package["ItemModelList"][0])
    answer = client.order("getOrder", {"orderNumberList": [number], "version": 5})
    assert "version" not in answer.json()


def test_raw_orders_are_kept_as_they_are(client, box):
    raw = {"orderNumber": "123456-20260110-0000000777", "orderProgress": "300"}
    raw |= {"remarks": "a\x00b", "PackageModelList": "none", "totalPrice": {"x": 1}}
    assert box.orders(orders=[raw]) == [raw["orderNumber"]]
    assert client.one(raw["orderNumber"]) == raw
    assert client.one(raw["orderNumber"], version=4)["remarks"] == "a\x00b"
    assert box.state()["orders"][raw["orderNumber"]] == raw
    box.advance(86400 * 20)
    assert client.one(raw["orderNumber"]) == raw


def test_cap_of_15000(client, box):
    stub = {"orderProgress": 300, "orderDatetime": "2026-01-10T10:00:00+0900"}
    orders = [stub | {"orderNumber": f"123456-20260110-{n:010d}"} for n in range(15_001)]
    box.orders(orders=orders)
    for page, size in ((15, 1000), (16, 0)):
        pages = {"requestRecordsAmount": 1000, "requestPage": page}
        answer = client.search(PaginationRequestModel=pages).json()
        assert answer["PaginationResponseModel"]["totalRecordsAmount"] == 15_001
        assert len(answer["orderNumberList"]) == size


def test_gateway(client, box):
    path = "/es/2.0/order/searchOrder/"
    good = {"Content-Type": "application/json;charset=UTF-8"}
    for header in (auth(key="SL123456_other"), "Basic eA==", "ESA ???", ""):
        answer = client.call("POST", path, headers=good | {"Authorization": header}, data="{}")
        assert answer.status_code == 401
        assert answer.json() == {"errors": [{"code": "GA0001", "message": "Un-Authorised"}]}
    bare = {"Content-Type": "application/json"}
    answer = client.call("POST", path, headers=bare, data="{}")
    assert answer.status_code == 415
    assert answer.json() == {"errors": [{"code": "GK0003", "message": "Unsupported Media Type"}]}
    assert client.call("GET", path).status_code == 405
    assert client.call("POST", "/es/2.0/order/noSuch/", headers=good).status_code == 404
    assert client.call("POST", path, headers=good, data="{").status_code == 400
    answer = client.call("GET", "/es/2.0/items/nowhere")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "GE0007")


def test_function_that_is_not_ticked(client, box):
    box.reset(
        service_secret="SP123456_test",
        license_key="SL123456_test",
        functions=["rpay.order.getSubStatusList"],
    )
    assert client.order("getSubStatusList").status_code == 200
    assert client.search().status_code == 401
