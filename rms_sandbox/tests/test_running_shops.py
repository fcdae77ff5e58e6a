"""What shops really have (RMS API sections 1.2, 2.3, 2.4, 3.17 and 5.4)."""

import pytest

from .conftest import codes

DAY = 86400
ROW = ("deliveryCompany", "shippingNumber", "shippingDate")


def rows(client, number):
    """(company, number, date) of the rows of each destination, in one list."""
    packages = client.one(number)["PackageModelList"]
    return [tuple(row[key] for key in ROW) for p in packages for row in p["ShippingModelList"]]


def progress(client, number):
    return client.one(number)["orderProgress"]


@pytest.mark.parametrize(
    "kind, company, number, day",
    [
        ("planned_date", None, None, "2026-01-11"),
        ("carrier_only", "1000", None, None),
        ("planned_shipping", "1001", None, "2026-01-11"),
        ("dash_number", "1000", "-", None),
        # The first row of the seed, 発送明細ID 300000050001: 50001 is 7 x 7143.
        ("label_number_only", "1001", "000000500010", None),
    ],
)
@pytest.mark.parametrize("status", [100, 300])
def test_a_row_that_is_not_complete_stays(client, box, kind, company, number, day, status):
    order = box.orders(kinds=[kind], status=status)[0]
    assert rows(client, order) == [(company, number, day)]
    box.advance(3 * DAY)
    assert progress(client, order) == status


def test_rows_of_a_former_system_keep_an_order_open(client, box):
    """A parcel is reported in the first row: the second holds the order until it is deleted."""
    (number,) = box.orders(kinds=["former_system"])
    assert rows(client, number) == [("1000", None, None)] * 2
    package = client.one(number)["PackageModelList"][0]
    first, second = [row["shippingDetailId"] for row in package["ShippingModelList"]]
    report = client.shipment(number)
    report["BasketidModelList"][0]["ShippingModelList"][0]["shippingDetailId"] = first
    assert codes(client.order("updateOrderShipping", report)) == ["UPDATE_ORDERSHIPPING_INFO_102"]
    box.advance(2 * DAY)
    assert progress(client, number) == 300
    deletion = {"shippingDetailId": second, "shippingDeleteFlag": 1}
    assert codes(client.ship(number, **deletion)) == ["UPDATE_ORDERSHIPPING_INFO_103"]
    assert rows(client, number) == [("1001", "000011112222", "2026-01-10")]
    assert progress(client, number) == 300
    box.advance(DAY)
    assert progress(client, number) == 500


def test_midnight_moves_a_label_though_the_goods_are_here(client, box):
    label, new = box.orders(kinds=["label_printed", "label_printed+unconfirmed"])
    (company, number, day), *more = rows(client, label)
    assert (company, len(number), day, more) == ("1001", 12, "2026-01-11", [])
    box.control("clock", {"now": "2026-01-11T00:04:50+0900"})
    assert [progress(client, n) for n in (label, new)] == [300, 100]
    box.advance(20)
    assert [progress(client, n) for n in (label, new)] == [500, 100]
    client.order("confirmOrder", {"orderNumberList": [new]})
    box.advance(600)
    assert progress(client, new) == 300  # it waits for the night, though its row is a day old
    box.advance(DAY)
    assert progress(client, new) == 500


def test_a_report_is_taken_in_100(client, box):
    number, other = box.orders(kinds=["unconfirmed"], count=2)
    answer = client.ship(number, deliveryCompany="1001", shippingDate="2026-01-12")
    assert codes(answer) == ["UPDATE_ORDERSHIPPING_INFO_101"]
    assert rows(client, number) == [("1001", None, "2026-01-12")]
    body = {"OrderShippingModelList": [client.shipment(other)]}
    client.order("updateOrderShippingAsync", body)
    box.advance(2)
    assert rows(client, other) == [("1001", "000011112222", "2026-01-10")]
    assert [progress(client, n) for n in (number, other)] == [100, 100]


def test_a_label_is_printed_later(client, box):
    planned, dash, ours = box.orders(kinds=["planned_date", "dash_number", "simple"])
    client.ship(ours)
    before = [row["shippingDetailId"] for row in box.state("shipping")["shipping"]]
    for number in (planned, dash, ours):
        box.event(number, "label_printed")
    for number in (planned, dash):  # the row that was there
        ((company, label, day),) = rows(client, number)
        assert (company, len(label), day) == ("1001", 12, "2026-01-10")
    first, second = rows(client, ours)  # a number is not overwritten
    assert first == ("1001", "000011112222", "2026-01-10") and second[1] != first[1]
    after = [row["shippingDetailId"] for row in box.state("shipping")["shipping"]]
    assert len(after) == 4 and set(before) < set(after)
    box.advance(DAY)
    assert [progress(client, n) for n in (planned, dash, ours)] == [500, 500, 500]


def test_events_write_what_they_are_told(client, box):
    number, new = box.orders(kinds=["several_destinations", "unconfirmed"])
    given = {"deliveryCompany": "1003", "shippingNumber": "000099998888"}
    box.event(number, "staff_ships", **given, shippingDate="2026-01-09")
    assert rows(client, number) == [("1003", "000099998888", "2026-01-09")] * 2
    box.event(new, "shipping_planned", shippingDate="2026-01-20")
    assert rows(client, new) == [("1001", None, "2026-01-20")]
    box.event(new, "label_printed", shippingNumber="000099997777", shippingDate="2026-01-20")
    assert rows(client, new) == [("1001", "000099997777", "2026-01-20")]
    for number, event, text in (
        (new, "staff_ships", "status 100"),
        (box.orders(kinds=["shipped"])[0], "label_printed", "status 500"),
    ):
        with pytest.raises(ValueError, match=text):
            box.event(number, event)
    with pytest.raises(ValueError, match="unexpected keyword"):
        box.event(new, "buyer_edit", **given)
    with pytest.raises(ValueError, match="deliveryCompany is"):
        box.event(new, "label_printed", deliveryCompany="9999")


def test_ids_beyond_2_to_the_31(client, box):
    number = box.orders(kinds=["label_printed"])[0]
    package = client.one(number)["PackageModelList"][0]
    detail = package["ItemModelList"][0]["itemDetailId"]
    row = package["ShippingModelList"][0]["shippingDetailId"]
    assert min(package["basketId"], detail, row) > 2**31
    assert len(str(package["basketId"])) == 10 and len(str(row)) == 12
    client.ship(number, shippingDetailId=row, shippingNumber="X1")
    assert rows(client, number)[0][1] == "X1"


def test_orders_of_five_months_ago(client, box):
    old, late, unpaid = box.orders(
        kinds=["placed_long_ago", "released_late", "prepayment+placed_long_ago"]
    )
    orders = client.get(old, late, unpaid)
    assert [orders[n]["orderProgress"] for n in (old, late, unpaid)] == [300, 300, 200]
    assert all("2025-08" in order["orderDatetime"] for order in orders.values())
    assert orders[old]["orderFixDatetime"][:7] == "2025-08"
    assert orders[late]["orderFixDatetime"][:10] == "2026-01-10"
    assert orders[unpaid]["orderFixDatetime"] is None

    def found(start, end, **options):
        moments = {"startDatetime": f"{start}T00:00:00+0900", "endDatetime": f"{end}T00:00:00+0900"}
        return set(client.search(**moments, **options).json()["orderNumberList"])

    assert found("2025-11-10", "2026-01-11") == set()
    assert found("2025-11-10", "2026-01-11", dateType=3) == {late}
    # The windows of 63 days that reach 730 days back.
    assert found("2025-07-10", "2025-09-10") == {old, late, unpaid}
    assert found("2025-07-10", "2025-09-10", dateType=3) == {old}
    box.event(unpaid, "payment_received")
    assert found("2025-11-10", "2026-01-11", dateType=3) == {late, unpaid}


def test_numbers_are_left_out_without_a_message(client, box):
    numbers = box.orders(count=4, kinds=["simple"])
    body = {"orderNumberList": numbers, "version": 10}
    box.fault("getOrder", "left_out")
    answer = client.order("getOrder", body)
    assert len(answer.json()["OrderModelList"]) == 3
    assert codes(answer) == ["GET_ORDER_INFO_101"]
    assert "3件" in answer.json()["MessageModelList"][0]["message"]
    box.fault("getOrder", "left_out", times=2, order_numbers=numbers[1:])
    answer = client.order("getOrder", body)
    assert [order["orderNumber"] for order in answer.json()["OrderModelList"]] == numbers[:1]
    answer = client.order("getOrder", body | {"orderNumberList": numbers[1:]})
    assert answer.json()["OrderModelList"] == [] and codes(answer) == []
    assert len(client.get(*numbers)) == 4


def test_a_function_without_a_tick_is_refused_for_itself(client, box):
    number = box.orders(kinds=["simple"])[0]
    report = {"OrderShippingModelList": [client.shipment(number)]}
    found = box.untick("updateOrderShippingAsync", "inventoryapi_2.0.inventories.bulk.get")
    assert found["rpay.order.updateOrderShippingAsync"] is False
    assert found["rpay.order.searchOrder"] is True
    for _time in (1, 2):
        answer = client.order("updateOrderShippingAsync", report)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "GA0001")
    assert client.search().ok and client.ship(number).ok
    off = [name for name, on in box.control("functions")["functions"].items() if not on]
    assert off == [
        "rpay.order.updateOrderShippingAsync",
        "inventoryapi_2.0.inventories.bulk.get",
    ]
    box.tick("updateOrderShippingAsync")
    assert client.order("updateOrderShippingAsync", report).ok
    with pytest.raises(ValueError, match="unknown function"):
        box.untick("nonsense")


def test_payment_methods(client, box):
    """Each method's code and who collects (RMS API section 3.4)."""
    expected = {
        "simple": (1, 1),
        "instalments": (1, 1),
        "revolving": (1, 1),
        "cod": (2, 0),
        "loan": (4, 0),
        "car_loan": (5, 0),
        "lease": (6, 0),
        "invoice": (7, 0),
        "prepayment": (9, 1),
        "apple_pay": (12, 1),
        "store_prepayment": (13, 1),
        "payment_charge": (14, 1),
        "additional_fee": (21, 1),
        "alipay": (27, 1),
    }
    placed = dict(zip(expected, box.orders(kinds=list(expected)), strict=True))
    orders = client.get(*placed.values())
    models = {kind: orders[number]["SettlementModel"] for kind, number in placed.items()}
    found = {
        kind: (model["settlementMethodCode"], model["rpaySettlementFlag"])
        for kind, model in models.items()
    }
    assert found == expected
    assert [
        (models[kind]["cardPayType"], models[kind]["cardInstallmentDesc"])
        for kind in ("simple", "instalments", "revolving", "loan")
    ] == [(0, None), (2, "106"), (1, None), (None, None)]
    dues = orders[placed["store_prepayment"]]["DueDateModelList"]
    assert [due["dueDateType"] for due in dues] == [0, 0]
    assert dues[0]["dueDate"] < dues[1]["dueDate"]


def test_delivery_methods(client, box):
    kinds = ["home_delivery", "mail_delivery", "cool_delivery", "frozen_delivery"]
    placed = box.orders(kinds=kinds)
    orders = client.get(*placed)
    found = [
        (
            *orders[number]["DeliveryModel"].values(),
            orders[number]["PackageModelList"][0]["defaultDeliveryCompanyCode"],
        )
        for number in placed
    ]
    assert found == [
        ("宅配便", 1, "1001"),
        ("メール便", 1, "1003"),
        ("クール便", 2, "1001"),
        ("クール便", 3, "1002"),
    ]
    answer = client.search(deliveryName="クール便").json()
    assert set(answer["orderNumberList"]) == set(placed[2:])
