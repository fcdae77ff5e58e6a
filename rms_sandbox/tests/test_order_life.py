"""Status by status: confirm, ship, cancel, memo (RMS API sections 2.5 to 2.10 and 5)."""

import re

import pytest

from .conftest import codes

HOUR, DAY = 3600, 86400


def progress(client, number):
    return client.one(number)["orderProgress"]


def test_confirm_and_what_follows(client, box):
    number = box.orders(count=1, kinds=["unconfirmed"])[0]
    assert client.one(number)["cancelDueDate"] == "2026-01-24"
    answer = client.order("confirmOrder", {"orderNumberList": [number]})
    assert answer.status_code == 200 and codes(answer) == ["CONFIRM_ORDER_INFO_101"]
    order = client.one(number)
    assert order["orderProgress"] == 200 and order["orderFixDatetime"] is None
    assert order["ChangeReasonModelList"][0]["changeType"] == 8
    box.advance(179 - 60)
    assert progress(client, number) == 200
    box.advance(61 + 2)
    order = client.one(number)
    assert order["orderProgress"] == 300
    assert order["orderFixDatetime"] == order["shippingInstDatetime"]


def test_confirm_says_why_not(client, box):
    box_numbers = box.orders(count=2, kinds=["simple", "cancelled"])
    odd = box.orders(count=1, kinds=["postage_undetermined"], status=100)
    numbers = [*box_numbers, *odd, "123456-20260101-0"]
    answer = client.order("confirmOrder", {"orderNumberList": numbers})
    assert answer.status_code == 200
    assert codes(answer) == [f"CONFIRM_ORDER_ERROR_{n}" for n in (103, 102, 105, 101)]
    assert [m["orderNumber"] for m in answer.json()["MessageModelList"]] == numbers
    assert client.order("confirmOrder", {}).status_code == 400


def test_unconfirmed_is_cancelled_after_14_days(client, box):
    number = box.orders(count=1, kinds=["unconfirmed"])[0]
    box.advance(14 * DAY - 5 * HOUR)
    assert progress(client, number) == 100
    box.advance(5 * HOUR)
    assert progress(client, number) == 900


def test_prepayment_waits_for_the_money(client, box):
    number = box.orders(count=1, kinds=["prepayment"])[0]
    box.advance(5 * DAY)
    assert progress(client, number) == 200
    box.event(number, "payment_received")
    assert progress(client, number) == 300


def test_ship_and_the_night_batch(client, box):
    number = box.orders(count=1, kinds=["several_destinations"])[0]
    answer = client.ship(number)
    assert answer.status_code == 200
    assert codes(answer) == ["UPDATE_ORDERSHIPPING_INFO_101"] * 2
    assert [m["dataNumber"] for m in answer.json()["MessageModelList"]] == [1, 2]
    first, second = client.one(number)["PackageModelList"]
    row = first["ShippingModelList"][0]
    assert row["deliveryCompanyName"] == "ヤマト運輸"
    assert row["shippingDetailId"] != second["ShippingModelList"][0]["shippingDetailId"]
    box.control("clock", {"now": "2026-01-11T00:04:00+0900"})
    assert progress(client, number) == 300
    box.advance(70)
    order = client.one(number)
    assert order["orderProgress"] == 500
    assert order["shippingCmplRptDatetime"] == "2026-01-11T00:05:00+0900"
    box.advance(3 * DAY)
    assert progress(client, number) == 600
    box.advance(7 * DAY)
    assert progress(client, number) == 700


def test_one_empty_row_blocks_the_report(client, box):
    number = box.orders(count=1, kinds=["simple"])[0]
    client.ship(number)
    client.ship(number, deliveryCompany="1001")
    box.advance(2 * DAY)
    assert progress(client, number) == 300
    empty = client.one(number)["PackageModelList"][0]["ShippingModelList"][1]
    detail = empty["shippingDetailId"]
    answer = client.ship(number, shippingDetailId=detail, shippingDeleteFlag=1)
    assert codes(answer) == ["UPDATE_ORDERSHIPPING_INFO_103"]
    box.advance(DAY)
    assert progress(client, number) == 500


def test_adding_is_not_idempotent_but_updating_is(client, box):
    number = box.orders(count=1, kinds=["simple"])[0]
    first = client.ship(number).json()["MessageModelList"][0]["shippingDetailId"]
    client.ship(number)
    assert len(box.state("shipping")["shipping"]) == 2
    answer = client.ship(number, shippingDetailId=str(first), shippingNumber="X1")
    assert codes(answer) == ["UPDATE_ORDERSHIPPING_INFO_102"]
    rows = {row["shippingDetailId"]: row for row in box.state("shipping")["shipping"]}
    assert rows[first]["shippingNumber"] == "X1" and rows[first]["deliveryCompany"] == "1001"
    client.ship(number, shippingDetailId=first, shippingNumber="")
    assert (
        client.one(number)["PackageModelList"][0]["ShippingModelList"][0]["shippingNumber"] is None
    )


@pytest.mark.parametrize(
    "row, field",
    [
        ({"shippingDate": "2026/01/10"}, "shippingDate"),
        ({"shippingDate": "20260110"}, "shippingDate"),
        ({"deliveryCompany": "9999"}, "deliveryCompany"),
        ({"deliveryCompany": ""}, "deliveryCompany"),
        ({"shippingNumber": "1" * 121}, "shippingNumber"),
        ({"shippingDetailId": "x"}, "shippingDetailId"),
    ],
)
def test_format_errors_write_nothing(client, box, row, field):
    number = box.orders(count=1, kinds=["simple"])[0]
    body = client.shipment(number)
    body["BasketidModelList"][0]["ShippingModelList"].append(row)
    answer = client.order("updateOrderShipping", body)
    assert answer.status_code == 400
    message = answer.json()["MessageModelList"]
    assert [m["dataNumber"] for m in message] == [2]
    assert message[0]["message"] == f"{field}の書式が不正です。"
    assert box.state("shipping")["shipping"] == []


def test_cancelled_orders_cannot_be_shipped(client, box):
    gone, waiting = box.orders(count=2, kinds=["cancelled", "processing"])
    assert codes(client.ship(gone)) == ["UPDATE_ORDERSHIPPING_ERROR_102"]
    assert codes(client.ship(waiting)) == ["UPDATE_ORDERSHIPPING_ERROR_101"]


def test_asynchronous_report(client, box):
    good, gone = box.orders(count=2, kinds=["simple", "cancelled"])
    models = [client.shipment(good), client.shipment(gone)]
    answer = client.order("updateOrderShippingAsync", {"OrderShippingModelList": models})
    request_id = answer.json()["MessageModelList"][0]["requestId"]
    assert re.fullmatch(r"[0-9a-f-]{36}_20260110\d{6}", request_id)
    # An absent row right after the call proves nothing.
    assert box.state("shipping")["shipping"] == []
    result = client.order("getResultUpdateOrderShippingAsync", {"requestId": request_id})
    entry = result.json()["ResultShippingModelList"][0]
    assert "orderNumber" not in entry
    code = "ORDER_EXT_API_GET_RESULT_UPDATEORDERSHIPPING_ASYNC_INFO_101"
    assert entry["MessageModelList"][0]["messageCode"] == code
    box.advance(2)
    result = client.order("getResultUpdateOrderShippingAsync", {"requestId": request_id})
    found = {
        entry["orderNumber"]: entry["MessageModelList"][0]["messageCode"][14:]
        for entry in result.json()["ResultShippingModelList"]
    }
    assert found == {
        good: "UPDATE_ORDERSHIPPING_INFO_101",
        gone: "UPDATE_ORDERSHIPPING_ERROR_102",
    }
    box.advance(31 * DAY)
    result = client.order("getResultUpdateOrderShippingAsync", {"requestId": request_id})
    assert code in result.text
    assert client.order("getResultUpdateOrderShippingAsync", {}).status_code == 400


def test_asynchronous_format_errors_come_with_200(client, box):
    number = box.orders(count=1, kinds=["simple"])[0]
    model = client.shipment(number, deliveryCompany="x")
    answer = client.order("updateOrderShippingAsync", {"OrderShippingModelList": [model]})
    assert answer.status_code == 200
    assert codes(answer) == ["UPDATE_ORDERSHIPPING_ASYNC_ERROR_011"]
    assert answer.json()["MessageModelList"][0]["orderNumber"] == number
    twice = [client.shipment(number)] * 2
    answer = client.order("updateOrderShippingAsync", {"OrderShippingModelList": twice})
    assert codes(answer) == ["UPDATE_ORDERSHIPPING_ASYNC_ERROR_011"]
    many = [client.shipment(number) | {"orderNumber": f"n{i}"} for i in range(101)]
    answer = client.order("updateOrderShippingAsync", {"OrderShippingModelList": many})
    assert codes(answer) == ["UPDATE_ORDERSHIPPING_ASYNC_ERROR_011"]


def test_cancel_goes_through_800_and_returns_the_stock(client, box):
    item = box.items(count=1)[0]
    pair, before = f"{item['manageNumber']}/normal-inventory", item["skus"][0]["quantity"]
    lines = [{"manageNumber": "item-00001", "variantId": "normal-inventory", "units": 3}]
    number = box.orders(buy=lines)[0]
    assert box.state("stock")["stock"][pair] == before - 3
    body = {"orderNumber": number, "inventoryRestoreType": 1, "changeReasonDetailApply": 8}
    assert codes(client.order("cancelOrder", body)) == ["CANCEL_ORDER_INFO_101"]
    assert progress(client, number) == 800
    assert box.state("stock")["stock"][pair] == before - 3
    box.advance(600)
    assert progress(client, number) == 900
    assert box.state("stock")["stock"][pair] == before
    assert codes(client.order("cancelOrder", body)) == ["CANCEL_ORDER_ERROR_102"]


def test_cancel_without_restoring(client, box):
    box.items(count=1)
    lines = [{"manageNumber": "item-00001", "variantId": "normal-inventory", "units": 3}]
    number = box.orders(buy=lines, status=100)[0]
    left = box.state("stock")["stock"]
    body = {"orderNumber": number, "inventoryRestoreType": 2, "changeReasonDetailApply": 1}
    client.order("cancelOrder", body)
    assert progress(client, number) == 900
    assert box.state("stock")["stock"] == left


def test_a_shipping_date_blocks_the_cancellation(client, box):
    number, left = box.orders(count=2, kinds=["already_shipped", "shipped"])
    body = {"orderNumber": number, "inventoryRestoreType": 1, "changeReasonDetailApply": 1}
    assert codes(client.order("cancelOrder", body)) == ["CANCEL_ORDER_ERROR_104"]
    assert progress(client, number) == 300
    body["orderNumber"] = left
    assert codes(client.order("cancelOrder", body)) == ["CANCEL_ORDER_ERROR_103"]
    client.order("cancelOrderAfterShipping", body)
    assert progress(client, left) == 900


def test_events(client, box):
    numbers = box.orders(count=5, kinds=["simple"])
    box.event(numbers[0], "buyer_cancel")
    box.event(numbers[1], "rakuten_cancel")
    box.event(numbers[2], "shop_edit")
    before = client.one(numbers[3])
    box.event(numbers[3], "buyer_edit")
    states = [progress(client, number) for number in numbers]
    assert states == [800, 900, 400, 300, 300]
    after = client.one(numbers[3])
    assert after["modifyFlag"] == 1
    assert (
        after["PackageModelList"][0]["SenderModel"] != before["PackageModelList"][0]["SenderModel"]
    )
    with pytest.raises(ValueError, match="no social gift"):
        box.event(numbers[4], "enter_gift_address")
    box.advance(600)
    assert [progress(client, number) for number in numbers] == [900, 900, 300, 300, 300]


def test_social_gift(client, box):
    number = box.orders(count=1, kinds=["social_gift"])[0]
    package = client.one(number)["PackageModelList"][0]
    assert package["SenderModel"]["city"] == "入力待ち"
    assert package["SocialGiftModel"]["inputFlag"] == 0
    box.event(number, "enter_gift_address")
    package = client.one(number)["PackageModelList"][0]
    assert package["SenderModel"]["city"] != "入力待ち"
    assert package["SocialGiftModel"]["inputFlag"] == 1
    assert "SocialGiftModel" not in client.one(number, version=9)["PackageModelList"][0]


def test_memo_remarks_and_sub_status(client, box):
    number, gone = box.orders(count=2, kinds=["simple", "cancelled"])
    body = {"orderNumber": number, "memo": "棚A", "deliveryDate": "2026-01-15"}
    answer = client.order("updateOrderMemo", body | {"shippingTerm": "1416"})
    assert codes(answer) == ["UPDATE_ORDERMEMO_INFO_101"]
    client.order("updateOrderMemo", {"orderNumber": number, "deliveryDate": None})
    order = client.one(number)
    assert (order["memo"], order["deliveryDate"], order["shippingTerm"]) == ("棚A", None, 1416)
    assert codes(client.order("updateOrderMemo", {})) == ["UPDATE_ORDERMEMO_ERROR_009"]
    body = {"orderNumber": number, "operator": "1234567"}
    assert client.order("updateOrderMemo", body).status_code == 400
    client.order("updateOrderRemarks", {"orderNumber": number, "giftCheck": 1})
    assert client.one(number)["giftCheckFlag"] == 1
    answer = client.order("updateOrderRemarks", {"orderNumber": number})
    assert codes(answer) == ["UPDATE_ORDERREMARKS_ERROR_009"]
    models = client.order("getSubStatusList").json()["StatusModelList"]
    names = {m["orderProgress"]: m["SubStatusModelList"] for m in models}
    chosen = names[300][0]["subStatusId"]
    body = {"subStatusId": chosen, "orderNumberList": [number, gone]}
    codes_found = codes(client.order("updateOrderSubStatus", body))
    assert codes_found == ["UPDATE_ORDERSUBSTATUS_INFO_101", "UPDATE_ORDERSUBSTATUS_ERROR_101"]
    assert client.search(subStatusIdList=[chosen]).json()["orderNumberList"] == [number]
    body = {"subStatusId": names[100][0]["subStatusId"], "orderNumberList": [number]}
    assert codes(client.order("updateOrderSubStatus", body)) == ["UPDATE_ORDERSUBSTATUS_ERROR_102"]
    answer = client.order("updateOrderSubStatus", {})
    assert answer.status_code == 400 and len(codes(answer)) == 2


def test_every_kind_is_in_its_status(client, box):
    kinds = list(box.control("kinds")["kinds"])
    placed = dict(zip(kinds, box.orders(count=len(kinds), kinds=kinds), strict=True))
    orders = client.get(*placed.values())
    special = {"unconfirmed": 100, "processing": 200, "prepayment": 200, "in_change": 400}
    special |= {"cancelling": 800, "cancelled": 900, "shipped": 500}
    now = box.control("state?parts=shop")["now"]
    for kind, number in placed.items():
        order = orders[number]
        assert order["orderProgress"] == special.get(kind, 300), kind
        times = [order[k] for k in ("orderDatetime", "shopOrderCfmDatetime", "orderFixDatetime")]
        known = [moment for moment in times if moment]
        assert known == sorted(known) and known[-1] <= now, kind
        assert len(known) == {100: 1, 200: 2}.get(order["orderProgress"], 3), kind
    late = orders[placed["midnight"]]["orderDatetime"]
    assert late.endswith("T23:59:58+0900")
    unknown = orders[placed["unmapped_sku"]]["PackageModelList"][0]["ItemModelList"][0]
    assert unknown["manageNumber"].startswith("zz-unknown-")


def test_the_seed_decides(box):
    def run():
        box.reset(seed=3, now="2026-01-10T12:00:00+0900")
        numbers = box.orders(count=30)
        orders = box.state()["orders"]
        return [(n, orders[n]["totalPrice"], orders[n]["OrdererModel"]) for n in numbers]

    assert run() == run()


def test_a_social_gift_without_an_address_is_cancelled(client, box):
    late, early, entered = box.orders(count=3, kinds=["social_gift"])
    box.event(entered, "enter_gift_address")
    gift = client.one(late)["PackageModelList"][0]["SocialGiftModel"]
    assert gift["inputDueDate"] == "2026-01-17"
    box.control("clock", {"now": "2026-01-17T23:59:50+0900"})
    box.event(early, "enter_gift_address")
    assert progress(client, late) == 300
    box.advance(15)
    assert [progress(client, n) for n in (late, early, entered)] == [900, 300, 300]
    change = client.one(late)["ChangeReasonModelList"][-1]
    assert (change["changeType"], change["changeReasonDetail"]) == (1, 16)
    assert change["changeCmplDatetime"] == "2026-01-18T00:00:00+0900"


def test_same_buyer_and_same_address(client, box):
    orders = client.get(*box.orders(count=4, kinds=["same_buyer"])).values()
    buyers = [dict(order["OrdererModel"]) for order in orders]
    mails = {buyer.pop("emailAddress") for buyer in buyers}
    assert len(mails) == 4 and all(buyer == buyers[0] for buyer in buyers)
    for order in orders:
        sender = order["PackageModelList"][0]["SenderModel"]
        assert sender["subAddress"] == buyers[0]["subAddress"]
    orders = client.get(*box.orders(count=6, kinds=["same_address"])).values()
    senders = [order["PackageModelList"][0]["SenderModel"] for order in orders]
    assert len({(s["familyName"], s["firstName"]) for s in senders}) == 6
    address = ("zipCode1", "zipCode2", "prefecture", "city", "subAddress")
    assert len({tuple(s[key] for key in address) for s in senders}) == 1


def test_kitchen_sink(client, box):
    order = client.one(box.orders(count=1, kinds=["kitchen_sink"])[0])
    assert len(order["PackageModelList"]) == 2 and len(order["CouponModelList"]) == 3
    # 300 + 30 x 2 from the shop, 200 from Rakuten
    assert (order["couponShopPrice"], order["couponOtherPrice"]) == (360, 200)
    assert order["postagePrice"] == 550 + 770 and order["paymentCharge"] == 275
    assert order["requestPrice"] == order["totalPrice"] + 275 - 560 - 123
    assert [model["taxRate"] for model in order["TaxSummaryModelList"]] == [0.1, 0.08]
    assert order["WrappingModel1"] and order["WrappingModel2"] and order["deliveryDate"]
