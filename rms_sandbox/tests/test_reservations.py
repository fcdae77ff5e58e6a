"""Applications of the ReserveAPI, and the orders that they become (RMS API section 8.3)."""

PATH = "/es/1.0/reserve/reserveInfoList"
ALL = {"dateType": 2, "startDate": "2026-01-10", "endDate": "2027-01-09"}
PAIR = {"manageNumber": "item-00001", "variantId": "normal-inventory"}
DAY = 86_400


def listed(client, **query):
    answer = client.call("GET", PATH, params=ALL | query)
    assert answer.status_code == 200
    return answer.json()


def numbers(found):
    return [entry["reserveNumber"] for entry in found["publicReserveModelList"] or ()]


def apply_for(box, **options):
    return box.control("reservations", PAIR | options)["reserve_numbers"]


def test_nothing(client):
    found = listed(client)
    assert (found["resultCode"], found["resultCodeInt"], found["totalCount"]) == ("N00-001", 1, 0)
    assert found["publicReserveModelList"] is None


def test_one(client, box):
    box.items(count=2)
    (number,) = apply_for(box, units=3, delivery_date="2026-03-20")
    found = listed(client)
    assert (found["resultCode"], found["totalCount"], found["limit"]) == ("N00-000", 1, 100)
    (entry,) = found["publicReserveModelList"]
    assert entry["reserveNumber"] == number and number.endswith("-r")
    assert entry["reserveItem"]["url"] == "/_sample-shop/item-00001/"
    assert entry["reserveItem"]["units"] == 3
    (detail,) = entry["reserveDetails"]
    assert (detail["shippingDate"], detail["commitDate"]) == ("2026-03-20", "2026-03-17")


def test_search(client, box):
    box.items(count=2)
    (first,) = apply_for(box, delivery_date="2026-03-20")
    box.advance(60)
    (second,) = apply_for(box, type=1, delivery_date="2026-02-01", deliveries=2)
    assert numbers(listed(client)) == [second, first]
    assert numbers(listed(client, limit=1)) == [second]
    assert numbers(listed(client, limit=1, offset=1)) == [first]
    assert numbers(listed(client, reserveType=3)) == [first]
    assert numbers(listed(client, startDate="2026-03-04", endDate="2026-03-19")) == []
    assert numbers(listed(client, startDate="2026-03-03", endDate="2026-03-03")) == [second]
    assert numbers(listed(client, dateType=3, startDate="2026-03-17", endDate="2026-03-17")) == [
        first
    ]
    applied = {"dateType": 1, "startDate": "2026-01-10", "endDate": "2026-01-10"}
    assert numbers(listed(client, **applied)) == [second, first]


def test_refusals(client):
    assert listed(client, endDate="2026-01-09")["resultCode"] == "E01-005"
    assert listed(client, startDate="2024-01-01")["resultCode"] == "E01-006"
    assert client.call("GET", PATH, params={"limit": 1001, "dateType": 1}).status_code == 400
    assert client.call("GET", PATH).status_code == 400


def test_becomes_an_order(client, box):
    """Fixed three days before its day, as an order of the time when it was applied for; the stock
    goes then."""
    box.items(count=2)
    before = box.state("stock")["stock"]["item-00001/normal-inventory"]
    (number,) = apply_for(box, units=2, delivery_date="2026-03-20")
    box.control("clock", {"now": "2026-03-16T23:59:00+0900"})
    assert numbers(listed(client)) == [number]
    box.advance(120)
    assert numbers(listed(client)) == []
    (order,) = box.state("orders")["orders"].values()
    assert order["orderProgress"] == 300 and order["orderType"] == 6
    assert (order["reserveNumber"], order["reserveDeliveryCount"]) == (number, 1)
    assert order["orderDatetime"].startswith("2026-01-10T12:00:0")
    assert order["orderFixDatetime"].startswith("2026-03-17T00:01")
    line = order["PackageModelList"][0]["ItemModelList"][0]
    assert (line["manageNumber"], line["units"]) == ("item-00001", 2)
    assert box.state("stock")["stock"]["item-00001/normal-inventory"] == before - 2


def test_subscription_goes_delivery_by_delivery(client, box):
    box.items(count=2)
    (number,) = apply_for(box, type=1, deliveries=3, delivery_date="2026-02-01")
    box.control("clock", {"now": "2026-02-10T12:00:00+0900"})
    (entry,) = listed(client)["publicReserveModelList"]
    assert [detail["detailId"] for detail in entry["reserveDetails"]] == [2, 3]
    (order,) = box.state("orders")["orders"].values()
    assert (order["orderType"], order["reserveDeliveryCount"]) == (4, 1)
    box.advance(50 * DAY)
    assert numbers(listed(client)) == []
    assert len(box.state("orders")["orders"]) == 3


def test_taken_back(client, box):
    box.items(count=2)
    first, second = apply_for(box, count=2)
    box.control("reservations", {"take_back": [first]})
    assert numbers(listed(client)) == [second]
