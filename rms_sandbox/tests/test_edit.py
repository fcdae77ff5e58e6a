"""Changes of orders and the payment (RMS API sections 2.8, 2.9, 2.11 and 2.12)."""

import pytest

from rms_sandbox.orders.payment import payout_day

from .conftest import codes

DAY = 86400
ITEM = (
    "itemDetailId itemName itemNumber price taxRate units includePostageFlag includeTaxFlag"
    " includeCashOnDeliveryPostageFlag selectedChoice restoreInventoryFlag deleteItemFlag"
).split()
PACKAGE = "basketId postagePrice postageTaxRate deliveryPrice deliveryTaxRate noshi".split()
LINE = {"manageNumber": "item-00001", "variantId": "normal-inventory"}


def restated(order):
    """The request that leaves an order as it is."""
    packages = []
    for package in order["PackageModelList"]:
        model = {key: package[key] for key in PACKAGE}
        sender = dict(package["SenderModel"])
        sender.pop("isolatedIslandFlag")
        items = [
            {key: item[key] for key in ITEM} | {"SkuModelList": item["SkuModelList"]}
            for item in package["ItemModelList"]
        ]
        packages.append(model | {"SenderModel": sender, "ItemModelList": items})
    coupons = [
        {key: coupon[key] for key in ("couponCode", "couponPrice", "couponUnit", "itemId")}
        for coupon in order["CouponModelList"] or ()
    ]
    body = {"orderNumber": order["orderNumber"], "PackageModelList": packages}
    body |= {"CouponModelList": coupons} if coupons else {}
    wrappings = ("WrappingModel1", "WrappingModel2")
    return body | {key: order[key] for key in wrappings if order[key]}


def place(client, box, kind="simple", price=1000, units=2, **options):
    """An order of one kind whose first line costs ``price``, and its restating request."""
    number = box.orders(count=1, kinds=[kind], **options)[0]
    body = restated(client.one(number))
    body["PackageModelList"][0]["ItemModelList"][0].update(price=price, units=units)
    return number, body


def first_item(body):
    return body["PackageModelList"][0]["ItemModelList"][0]


def state_of(client, number):
    return client.one(number)["orderProgress"]


def sender(client, body, after=""):
    return client.order(f"updateOrderSender{after}", body)


def test_a_change_passes_400_and_recomputes(client, box):
    number, body = place(client, box, "tax_excluded")
    items = body["PackageModelList"][0]["ItemModelList"]
    items[0].update(price=1555, units=1)
    items[1].update(deleteItemFlag=1)
    body["PackageModelList"][0]["postagePrice"] = "700"  # numbers are taken as text, too
    refused = sender(client, body)
    assert refused.status_code == 400
    assert codes(refused) == ["UPDATE_ORDERSENDER_ERROR_009"]
    assert "reductionReason" in refused.json()["MessageModelList"][0]["message"]
    assert state_of(client, number) == 300
    answer = sender(client, body | {"reductionReason": 8})
    assert answer.status_code == 200 and codes(answer) == ["UPDATE_ORDERSENDER_INFO_101"]
    message = answer.json()["MessageModelList"][0]
    assert message["message"] == "送付先情報の更新設定が完了しました。"
    order = client.one(number)
    # 1555 x 1.1 = 1710.5 -> 1710; + 700 postage = 2410; tax inside 2410 x 0.1 / 1.1 = 219.09
    assert order["orderProgress"] == 400
    assert (order["goodsPrice"], order["postagePrice"]) == (1555, 700)
    assert (order["totalPrice"], order["requestPrice"]) == (2410, 2410)
    assert order["TaxSummaryModelList"][0]["reqPrice"] == 2410
    assert order["TaxSummaryModelList"][0]["reqPriceTax"] == 219
    change = order["ChangeReasonModelList"][-1]
    assert (change["changeType"], change["changeTypeDetail"]) == (4, 0)
    assert (change["changeReason"], change["changeReasonDetail"]) == (0, 8)
    assert change["changeCmplDatetime"] is None
    again = sender(client, body)
    assert codes(again) == ["UPDATE_ORDERSENDER_ERROR_114"]
    box.advance(600)
    order = client.one(number)
    assert order["orderProgress"] == 300 and order["totalPrice"] == 2410
    change = order["ChangeReasonModelList"][-1]
    assert (change["changeType"], change["changeReasonDetail"]) == (6, 8)
    assert change["changeCmplDatetime"] is not None


def test_a_larger_bill_needs_no_reason(client, box):
    number, body = place(client, box, price=999_999, units=3)
    assert codes(sender(client, body)) == ["UPDATE_ORDERSENDER_INFO_101"]
    order = client.one(number)
    assert order["requestPrice"] == 2_999_997
    change = order["ChangeReasonModelList"][-1]
    assert (change["changeTypeDetail"], change["changeReasonDetail"]) == (1, None)
    number, body = place(client, box, price=1, units=1)
    sender(client, body | {"reductionReason": 1})
    change = client.one(number)["ChangeReasonModelList"][-1]
    assert (change["changeReason"], change["changeReasonDetail"]) == (1, 1)


def test_undetermined_postage_is_repaired(client, box):
    number = box.orders(count=1, kinds=["postage_undetermined"], status=100)[0]
    confirm = {"orderNumberList": [number]}
    assert state_of(client, number) == 100
    assert codes(client.order("confirmOrder", confirm)) == ["CONFIRM_ORDER_ERROR_105"]
    body = restated(client.one(number))
    assert codes(sender(client, body)) == ["UPDATE_ORDERSENDER_INFO_101"]
    assert client.one(number)["totalPrice"] == -9999
    first_item(body).update(price=1000, units=2)
    body["PackageModelList"][0]["postagePrice"] = 880
    assert codes(sender(client, body)) == ["UPDATE_ORDERSENDER_INFO_101"]
    order = client.one(number)
    assert (order["totalPrice"], order["requestPrice"]) == (2880, 2880)
    assert order["orderProgress"] == 100 and order["ChangeReasonModelList"] == []
    assert codes(client.order("confirmOrder", confirm)) == ["CONFIRM_ORDER_INFO_101"]
    assert state_of(client, number) == 200


def test_undetermined_postage_is_in_300_by_default(client, box):
    number = box.orders(count=1, kinds=["postage_undetermined+points"])[0]
    order = client.one(number)
    assert order["orderProgress"] == 300 and order["requestPrice"] == -9999
    assert order["PointModel"]["usedPoint"] == 0


def test_after_shipping(client, box):
    number, body = place(client, box, "shipped", price=1, units=1)
    assert codes(sender(client, body)) == ["UPDATE_ORDERSENDER_ERROR_114"]
    answer = sender(client, body | {"reductionReason": 15}, "AfterShipping")
    assert codes(answer) == ["UPDATE_ORDERSENDER_AFTER_SHIPPING_INFO_101"]
    assert state_of(client, number) == 400
    box.advance(600)
    order = client.one(number)
    assert order["orderProgress"] == 500 and order["requestPrice"] == 1
    early, body = place(client, box)
    answer = sender(client, body, "AfterShipping")
    assert codes(answer) == ["UPDATE_ORDERSENDER_AFTER_SHIPPING_ERROR_114"]
    late, body = place(client, box, "shipped", price=10**6)
    body["afterSettlementMethodCode"] = 9
    answer = sender(client, body, "AfterShipping")
    assert codes(answer) == ["UPDATE_ORDERSENDER_AFTER_SHIPPING_ERROR_114"]


def test_recipient_noshi_and_drop_off(client, box):
    number, body = place(client, box, price=10**6)
    package = body["PackageModelList"][0]
    package["SenderModel"].update(familyName="例題", city="見本市", prefecture="国外")
    package.update(noshi="御祝", dropOffLocation="玄関前")
    sender(client, body)
    order = client.one(number)
    package = order["PackageModelList"][0]
    assert package["SenderModel"]["city"] == "見本市" and package["noshi"] == "御祝"
    assert (package["dropOffFlag"], package["dropOffLocation"]) == (1, "玄関前")
    assert order["equalSenderFlag"] == 0
    box.advance(600)
    body["PackageModelList"][0].update(noshi=None, dropOffLocation="利用しない")
    sender(client, body)
    package = client.one(number)["PackageModelList"][0]
    assert (package["noshi"], package["dropOffFlag"]) == (None, 0)


def test_a_destination_goes(client, box):
    number = box.orders(count=1, kinds=["several_destinations"])[0]
    body = restated(client.one(number)) | {"reductionReason": 6}
    body["PackageModelList"][1]["packageDeleteFlag"] = 1
    first_item(body).update(price=500, units=1)
    sender(client, body)
    order = client.one(number)
    assert order["severalSenderFlag"] == 0
    assert order["totalPrice"] == 500 + 550
    box.advance(600)
    body["PackageModelList"][0]["packageDeleteFlag"] = 1
    assert codes(sender(client, body)) == ["UPDATE_ORDERSENDER_ERROR_011"]


def test_wrapping_and_coupons_have_to_be_restated(client, box):
    number, body = place(client, box, "wrapping+shop_coupon", price=3000, units=1)
    missing = {k: v for k, v in body.items() if k not in ("WrappingModel1", "CouponModelList")}
    assert codes(sender(client, missing)) == ["UPDATE_ORDERSENDER_ERROR_009"] * 2
    body["CouponModelList"][0]["couponUnit"] = 2
    assert codes(sender(client, body)) == ["UPDATE_ORDERSENDER_ERROR_011"]
    body["CouponModelList"][0]["couponUnit"] = 1
    body["WrappingModel1"]["deleteWrappingFlag"] = 1
    sender(client, body | {"reductionReason": 10})
    order = client.one(number)
    assert (order["goodsPrice"], order["requestPrice"]) == (3000, 2700)
    assert order["couponShopPrice"] == 300


def test_points_beyond_the_bill_go_back(client, box):
    number, body = place(client, box, "points_all", price=100, units=1)
    assert client.one(number)["PointModel"]["usedPoint"] > 100
    sender(client, body | {"reductionReason": 8})
    order = client.one(number)
    assert (order["PointModel"]["usedPoint"], order["requestPrice"]) == (100, 0)


@pytest.mark.parametrize(
    "change, field",
    [
        (lambda b: b.update(reductionReason=7), "reductionReason"),
        (lambda b: b.update(afterSettlementMethodCode=16), "afterSettlementMethodCode"),
        (lambda b: first_item(b).update(price=-1), "price"),
        (lambda b: first_item(b).update(taxRate=0.05), "taxRate"),
        (lambda b: first_item(b).update(itemName="x" * 1001), "itemName"),
        (lambda b: b["PackageModelList"][0].update(dropOffLocation="屋上"), "dropOffLocation"),
        (lambda b: b["PackageModelList"][0]["SenderModel"].update(prefecture="東京"), "prefecture"),
        (lambda b: b["PackageModelList"].append(b["PackageModelList"][0]), "basketId"),
        (lambda b: first_item(b).update(deleteItemFlag=1), "deleteItemFlag"),
        (lambda b: b.update(WrappingModel1={"title": 3}), "WrappingModel1"),
        (lambda b: b.update(PackageModelList=[1]), "PackageModelList"),
        (lambda b: b.update(CouponModelList=[{"couponCode": [1]}]), "couponCode"),
    ],
)
def test_formats(client, box, change, field):
    number, body = place(client, box)
    before = client.one(number)
    change(body)
    answer = sender(client, body)
    assert answer.status_code == 400
    assert codes(answer) == ["UPDATE_ORDERSENDER_ERROR_011"]
    assert answer.json()["MessageModelList"][0]["message"] == f"{field}の書式が不正です。"
    assert client.one(number) == before


def test_required_fields_and_unknown_ids(client, box):
    answer = sender(client, {})
    assert codes(answer) == ["UPDATE_ORDERSENDER_ERROR_009"] * 2
    number, body = place(client, box)
    body["PackageModelList"][0]["SenderModel"].pop("familyName")
    first_item(body).pop("units")
    answer = sender(client, body)
    assert codes(answer) == ["UPDATE_ORDERSENDER_ERROR_009"] * 2
    number, body = place(client, box)
    first_item(body)["itemDetailId"] = 1
    assert codes(sender(client, body)) == ["UPDATE_ORDERSENDER_ERROR_115"]
    answer = sender(client, body | {"orderNumber": "123456-20260101-0"})
    assert codes(answer) == ["UPDATE_ORDERSENDER_ERROR_101"]


def test_sku_information(client, box):
    box.items(count=20)
    number, body = place(client, box, "multi_sku", price=10**6)
    first_item(body)["SkuModelList"] = []
    answer = sender(client, body)
    assert answer.status_code == 400 and codes(answer) == ["UPDATE_ORDERSENDER_ERROR_139"]
    sku = {"variantId": "other", "merchantDefinedSkuId": "new", "skuInfo": "色:青"}
    first_item(body)["SkuModelList"] = [sku]
    assert sender(client, body).status_code == 200
    stored = client.one(number)["PackageModelList"][0]["ItemModelList"][0]["SkuModelList"][0]
    assert (stored["merchantDefinedSkuId"], stored["skuInfo"]) == ("new", "色:青")
    assert stored["variantId"] != "other"


def test_stock_follows_the_units(client, box):
    before = box.items(count=1)[0]["skus"][0]["quantity"]
    number = box.orders(buy=[LINE | {"units": 3}])[0]

    def left():
        return box.state("stock")["stock"]["item-00001/normal-inventory"]

    body = restated(client.one(number))
    first_item(body).update(units=1, restoreInventoryFlag=1)
    sender(client, body | {"reductionReason": 8})
    assert left() == before - 1
    box.advance(600)
    first_item(body).update(units=4)
    sender(client, body)
    assert left() == before - 4
    box.advance(600)
    cancel = {"orderNumber": number, "inventoryRestoreType": 1, "changeReasonDetailApply": 8}
    client.order("cancelOrder", cancel)
    box.advance(600)
    assert left() == before


def test_change_of_payment(client, box):
    number, body = place(client, box, "unconfirmed", price=1000, units=1)
    body |= {"reductionReason": 10, "afterSettlementMethodCode": 2}
    body["PackageModelList"][0].pop("deliveryPrice")
    answer = sender(client, body)
    assert answer.status_code == 400 and codes(answer) == ["UPDATE_ORDERSENDER_ERROR_136"]
    body["PackageModelList"][0].update(deliveryPrice=330, deliveryTaxRate=0.1)
    assert codes(sender(client, body)) == ["UPDATE_ORDERSENDER_INFO_101"]
    order = client.one(number)
    assert order["SettlementModel"]["settlementMethod"] == "代金引換"
    assert order["SettlementModel"]["rpaySettlementFlag"] == 0
    assert order["SettlementModel"]["cardNumber"] is None
    assert (order["totalPrice"], order["requestPrice"]) == (1000, 1330)
    number, body = place(client, box, "processing")
    body["afterSettlementMethodCode"] = 9
    assert codes(sender(client, body)) == ["UPDATE_ORDERSENDER_ERROR_114"]


def test_a_refused_payment(client, box):
    number = box.orders(count=1, kinds=["processing"])[0]
    box.event(number, "payment_failed")
    box.advance(DAY)
    assert state_of(client, number) == 200
    assert payment(client, number)["paymentStatus"] == 30400
    body = restated(client.one(number)) | {"afterSettlementMethodCode": 9}
    body["PackageModelList"][0]["postagePrice"] += 100
    assert codes(sender(client, body)) == ["UPDATE_ORDERSENDER_ERROR_114"]
    body["PackageModelList"][0]["postagePrice"] -= 100
    assert codes(sender(client, body)) == ["UPDATE_ORDERSENDER_INFO_101"]
    assert client.one(number)["ChangeReasonModelList"][-1]["changeTypeDetail"] == 10
    box.advance(DAY)
    assert state_of(client, number) == 200
    box.event(number, "payment_received")
    assert state_of(client, number) == 300


def test_simulation_writes_nothing(client, box):
    number, body = place(client, box, "shop_coupon", price=2000, units=1)
    before = client.one(number)
    body["CouponModelList"][0]["couponPrice"] = 200
    answer = client.order("simulateCouponAmount", body)
    assert codes(answer) == ["SIMULATE_COUPON_AMOUNT_INFO_101"]
    result = answer.json()
    assert (result["couponAllTotalPrice"], result["couponShopPrice"]) == (200, 200)
    assert (result["totalPrice"], result["requestPrice"]) == (2000, 1800)
    assert (result["paymentChargeBefore"], result["paymentChargeAfter"]) == (0, 0)
    assert client.one(number) == before


# getPayment ------------------------------------------------------------------------------


def payment(client, number):
    answer = client.order("getPayment", {"orderNumber": number, "version": 4})
    assert codes(answer) == ["GET_PAYMENT_INFO_101"]
    model = answer.json()["OrderModel"]
    assert model["orderNumber"] == number
    return model["PaymentModelList"][0]


@pytest.mark.parametrize(
    "kind, status",
    [
        ("unconfirmed", 30100),
        ("prepayment", 30200),
        ("simple", 30300),
        ("shipped", 30500),
        ("cancelling", 31100),
        ("cancelled", 31200),
        ("cod", 30000),
        ("points_all", 30000),
    ],
)
def test_payment_status(client, box, kind, status):
    number = box.orders(count=1, kinds=[kind])[0]
    order, model = client.one(number), payment(client, number)
    assert model["paymentStatus"] == status
    assert model["orderPaymentNumber"] == f"{number}-1"
    assert model["paymentAmount"] == order["requestPrice"]
    assert model["paymentMethod"] == order["SettlementModel"]["settlementMethodCode"]
    assert (model["PaymentCardModel"] is None) == (model["paymentMethod"] != 1)


def test_payment_until_the_payout(client, box):
    number = box.orders(count=1, kinds=["shipped"])[0]
    assert payment(client, number)["payExpectDate"] is None
    box.advance(11 * DAY)
    model = payment(client, number)
    assert model["paymentStatus"] == 30600 and model["paymentFixDatetime"].startswith("2026-01-1")
    assert model["payExpectDate"] == "2026-02-15"


@pytest.mark.parametrize(
    "fixed, day",
    [
        (1768500000, "2026-02-15"),  # 16 January
        (1769500000, "2026-02-28"),  # 27 January: the 30th, but February is short
        (1767500000, "2026-01-30"),  # 4 January
    ],
)
def test_payout_days(fixed, day):
    assert payout_day(fixed) == day


def test_payment_fees_and_refusals(client, box):
    number = box.orders(count=1, kinds=["additional_fee"])[0]
    fees = payment(client, number)["AdditionalFeeModelList"]
    assert [(f["payFrom"], f["additionalFeeOccurAmount"]) for f in fees] == [(1, 250), (2, 100)]
    assert codes(client.order("getPayment", {})) == ["GET_PAYMENT_ERROR_009"] * 2
    answer = client.order("getPayment", {"orderNumber": number, "version": 5})
    assert answer.status_code == 400 and codes(answer) == ["GET_PAYMENT_ERROR_011"]
    answer = client.order("getPayment", {"orderNumber": "x", "version": 4})
    assert codes(answer) == ["GET_PAYMENT_ERROR_101"]


# Delivery method and orderer -------------------------------------------------------------


def test_delivery_method(client, box):
    number, gone = box.orders(count=2, kinds=["simple", "cancelled"])
    body = {"orderNumber": number, "deliveryName": "メール便"}
    answer = client.order("updateOrderDelivery", body)
    assert codes(answer) == ["UPDATE_ORDERDELIVERY_INFO_101"]
    order = client.one(number)
    assert order["DeliveryModel"] == {"deliveryName": "メール便", "deliveryClass": 0}
    assert client.search(deliveryName="メール便").json()["orderNumberList"] == [number]
    for change, code in (
        ({"deliveryName": "ドローン"}, 901),
        ({"orderNumber": "x"}, 902),
        ({"orderNumber": gone}, 903),
        ({"deliveryName": ""}, 9),
        ({"deliveryName": "x" * 193}, 11),
    ):
        answer = client.order("updateOrderDelivery", body | change)
        assert codes(answer) == [f"UPDATE_ORDERDELIVERY_ERROR_{code:03d}"]


def test_orderer(client, box):
    number, gone, later = box.orders(count=3, kinds=["simple", "cancelled", "additional_fee"])
    before = client.one(number)
    model = before["OrdererModel"] | {"familyName": "例題", "birthYear": "1980"}
    body = {"orderNumber": number, "OrdererModel": model}
    answer = client.order("updateOrderOrderer", body)
    assert codes(answer) == ["UPDATE_ORDERORDERER_INFO_101"]
    after = client.one(number)
    assert after["OrdererModel"] == model | {"birthYear": 1980}
    assert after["PackageModelList"] == before["PackageModelList"]
    answer = client.order("updateOrderOrderer", body | {"orderNumber": gone})
    assert codes(answer) == ["UPDATE_ORDERORDERER_ERROR_033"]
    bad = body | {"OrdererModel": model | {"firstName": "", "prefecture": "東京"}}
    answer = client.order("updateOrderOrderer", bad)
    assert answer.status_code == 400
    assert codes(answer) == [f"UPDATE_ORDERORDERER_ERROR_{n}" for n in ("009", "011")]
    shipped = box.orders(count=1, kinds=["additional_fee"], status=500)[0]
    body["orderNumber"] = shipped
    answer = client.order("updateOrderOrderer", body)
    assert codes(answer) == ["UPDATE_ORDERORDERER_ERROR_009"]
    answer = client.order("updateOrderOrderer", body | {"reductionReason": 6})
    assert codes(answer) == ["UPDATE_ORDERORDERER_INFO_101"]
    body["orderNumber"] = later
    assert client.order("updateOrderOrderer", body).status_code == 200


# Characters and fields -------------------------------------------------------------------


@pytest.mark.parametrize("text", ["①", "髙", "😊"])
def test_machine_dependent_characters(client, box, text):
    number = box.orders(count=1, kinds=["simple"])[0]
    answer = client.search(searchKeywordType=4, searchKeyword=text)
    assert answer.status_code == 400
    message = answer.json()["MessageModelList"][0]
    assert message["messageCode"] == "ORDER_EXT_API_SEARCH_ORDER_ERROR_011"
    assert message["message"] == "searchKeywordの書式が不正です。"
    answer = client.ship(number, shippingNumber=f"12{text}")
    assert answer.status_code == 400
    assert codes(answer) == ["UPDATE_ORDERSHIPPING_ERROR_011"]
    assert client.search(searchKeywordType=4, searchKeyword="見本～－−ｶﾅ").status_code == 200


def test_empty_report_names_every_missing_field(client, box):
    answer = client.order("updateOrderShipping", {})
    assert answer.status_code == 400
    assert [m["message"] for m in answer.json()["MessageModelList"]] == [
        "orderNumberの項目を指定して下さい。",
        "BasketidModelListの項目を指定して下さい。",
    ]
    assert codes(answer) == ["UPDATE_ORDERSHIPPING_ERROR_009"] * 2


@pytest.mark.parametrize("call", ["bulk-get", "bulk-upsert"])
def test_unknown_fields_of_bulk_calls(client, box, call):
    change = {"mode": "ABSOLUTE", "quantity": 1} if call == "bulk-upsert" else {}
    path = f"/es/2.0/inventories/{call}"
    for body, where in (
        ({"inventories": [LINE | change | {"extra": 1}]}, "inventories[0].extra"),
        ({"inventories": [LINE | change], "extra": 1}, "extra"),
    ):
        answer = client.call("POST", path, json=body)
        error = answer.json()["errors"][0]
        assert (answer.status_code, error["code"]) == (400, "IE0002")
        assert error["metadata"]["propertyPath"] == where
