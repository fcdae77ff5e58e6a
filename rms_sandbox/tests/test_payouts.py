"""Payments are fixed, and statements say what is paid out and charged, to the yen."""

import csv
import io

import pytest

DAY = 86400
#: On which payments of the statement of 20 February 2026 are fixed.
FIXED = "2026-02-03T10:00:00+0900"
TITLE = (
    "発行日,精算書No,店舗別内訳書No,店舗別ID,ＵＲＬ,店舗名,支払（税込額）,請求（税抜額）,請求（税額）,"
    "支払/請求分類,集約科目,品目,精算対象期間開始日,精算対象期間終了日,金額,うち消費税,税率"
)


def raw(
    number, request, *, points=0, coupon=0, own=0, method=1, by_rakuten=1, progress=600, **more
):
    return {
        "orderNumber": f"123456-20260110-{number:010d}",
        "orderProgress": progress,
        "orderDatetime": "2026-01-10T10:00:00+0900",
        "shippingCmplRptDatetime": "2026-02-01T00:05:00+0900",
        "requestPrice": request,
        "couponOtherPrice": coupon,
        "couponShopPrice": own,
        "PointModel": {"usedPoint": points},
        "SettlementModel": {"settlementMethodCode": method, "rpaySettlementFlag": by_rakuten},
        "carrierCode": 0,
        **more,
    }


@pytest.fixture
def shop(box):
    box.control("clock", {"now": "2026-02-01T12:00:00+0900"})
    return box


def rows(data):
    """The cells of a CSV file."""
    assert not data.startswith(b"\xef\xbb\xbf") and b"\n" not in data.replace(b"\r\n", b"")
    return list(csv.reader(io.StringIO(data.decode("cp932"))))


def amounts(found):
    return {row[11]: row[14] for row in rows(found["detail"])[1:]}


def place(box, *orders):
    return box.control("orders", {"orders": orders})["order_numbers"]


def test_payments_are_found_by_the_day_they_are_fixed(shop, client):
    one, two, cash = place(
        shop, raw(1, 11220), raw(2, 8490), raw(3, 8590, method=2, by_rakuten=0, progress=500)
    )
    assert shop.fix_payments(one, at="2026-02-10T23:59:59+0900") == [one]
    assert shop.fix_payments(at="2026-02-11T00:00:00+0900") == [two, cash]
    assert shop.fix_payments() == []
    day = {"startDatetime": "2026-02-10T00:00:00+0900", "endDatetime": "2026-02-10T23:59:59+0900"}
    assert client.search(dateType=6, **day).json()["orderNumberList"] == [one]
    payment = client.order("getPayment", {"orderNumber": one, "version": 4}).json()
    (model,) = payment["OrderModel"]["PaymentModelList"]
    assert (model["paymentAmount"], model["paymentStatus"]) == (11220, 30600)
    assert model["paymentFixDatetime"] == "2026-02-10T23:59:59+0900"
    assert model["payExpectDate"] == "2026-02-28"
    # The status that comes by itself does not fix it again.
    shop.advance(30 * DAY)
    assert client.search(dateType=6, **day).json()["orderNumberList"] == [one]


def test_what_has_not_left_is_not_fixed(shop):
    (number,) = place(shop, raw(1, 11220, progress=300))
    assert shop.fix_payments() == []
    with pytest.raises(ValueError, match="is not shipped"):
        shop.fix_payments(number)


def test_statement_of_the_fifth_charges_nothing(shop):
    numbers = place(shop, raw(1, 11220), raw(2, 8490, points=380, coupon=200, own=300))
    place(shop, raw(3, 8590, method=2, by_rakuten=0))
    shop.fix_payments(at="2026-02-25T23:59:59+0900")
    found = shop.statement("2026-03-05")
    assert (found["paid"], found["charged"], found["tax"]) == (20290, 0, 0)
    assert found["numbers"] == numbers
    title, *lines = rows(found["detail"])
    assert ",".join(title) == TITLE
    head = ["2026/03/05", "20260305123456", "2026030512345601", "123456", "sample-shop"]
    head += ["見本ショップ", "20,290", "-", "-", "支払"]
    period = ["2026/02/11", "2026/02/25"]
    assert lines == [
        [*head, "楽天ペイ決済金", "ﾌﾟﾗﾝ共通_楽天ﾍﾟｲ決済金", *period, "19,710", "-", "対象外"],
        [*head, "ポイント利用額", "ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ利用額", *period, "380", "-", "対象外"],
        [*head, "クーポン利用額", "ﾌﾟﾗﾝ共通_ｸｰﾎﾟﾝ利用額", *period, "200", "-", "対象外"],
    ]
    assert rows(found["display"])[2] == [
        *["9123456", "見本ショップ", "123456", "sample-shop", "2026/03/05"],
        *["0", "-", "20290", "2026/02/25", "20290", "2026/03/15", "-"],
    ]
    assert shop.statement("2026-02-20")["numbers"] == []


def test_points_and_coupons_inside_or_apart(shop):
    place(shop, raw(1, 8490, points=380, coupon=200, own=300))
    shop.fix_payments(at=FIXED)
    settled, points = "ﾌﾟﾗﾝ共通_楽天ﾍﾟｲ決済金", "ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ利用額"
    coupons, own = "ﾌﾟﾗﾝ共通_ｸｰﾎﾟﾝ利用額", "ﾌﾟﾗﾝ共通_ｼｮｯﾌﾟｸｰﾎﾟﾝ"
    for options, expected in (
        ({}, {settled: "8,490", points: "380", coupons: "200"}),
        ({"points": "inside"}, {settled: "8,870", coupons: "200"}),
        ({"coupons": "inside"}, {settled: "8,690", points: "380"}),
        ({"points": "inside", "coupons": "inside"}, {settled: "9,070"}),
        (
            {"shop_coupons": True},
            {settled: "8,790", points: "380", coupons: "200", own: "300"},
        ),
    ):
        assert amounts(shop.statement("2026-02-20", **options)) == expected


def test_the_twentieth_charges_fees_of_two_months_ago(shop):
    place(
        shop,
        raw(1, 100_000, shippingCmplRptDatetime="2025-12-01T00:00:00+0900"),
        raw(2, 50_000, shippingCmplRptDatetime="2025-12-31T23:59:59+0900", carrierCode=11),
        raw(3, 70_000, shippingCmplRptDatetime="2026-01-01T00:00:00+0900"),
    )
    found = shop.statement("2026-02-20", charges=[{"item": "compass", "amount": 5000, "tax": 500}])
    # Fees include their tax: 4 % of 100,000 are 4,000 and 400.
    assert amounts(found) == {
        "ﾌﾟﾗﾝ共通_楽天ﾍﾟｲ決済金": "-",
        "compass": "5,500",
        "ｼｽﾃﾑ利用料_PC": "4,400",
        "ｼｽﾃﾑ利用料_ﾓﾊﾞｲﾙ": "2,200",
        "ﾌﾟﾗﾝ共通_楽天ﾍﾟｲ利用料": "4,950",
        "ﾌﾟﾗﾝ共通_ﾓｰﾙにおける取引の安全性･利便性向上のためのｼｽﾃﾑ利用料": "165",
        "ｽｰﾊﾟｰｱﾌｨﾘｴｲﾄ_成果報酬原資": "1,650",
        "ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ付与料_PC": "1,000",
        "ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ付与料_ﾓﾊﾞｲﾙ": "500",
    }
    assert (found["paid"], found["charged"], found["tax"]) == (0, 18_650, 1_715)
    assert rows(found["detail"])[3][12:] == ["2025/12/01", "2025/12/31", "4,400", "400", "10%"]
    # More is charged than paid: the shop has to pay.
    assert rows(found["display"])[2][5:] == [
        *["20365", "2025/12/31", "0", "2026/02/10", "-20365", "-", "2026/02/28"]
    ]


def test_second_form_of_the_file(shop):
    place(shop, raw(1, 20_000, shippingCmplRptDatetime="2025-12-10T00:05:00+0900"))
    shop.fix_payments(at=FIXED)
    found = shop.statement("2026-02-20", other_headings=True)
    title, *lines = rows(found["detail"])
    assert (title[2], title[9]) == ("店舗別仕訳書No", "支払/相殺区分")
    by_item = {row[11]: row[14:16] for row in lines}
    assert by_item["ｼｽﾃﾑ利用料_PC"] == ["800", "-"]
    assert by_item["消費税"] == ["162", "-"]  # of 800, 600, 20 and 200


def test_what_is_given_back_is_charged(shop, client):
    numbers = shop.orders(count=3, kinds=["simple"], status=500, at="2026-01-30T10:00:00+0900")
    assert shop.fix_payments(at=FIXED) == numbers
    bills = [client.one(number)["requestPrice"] for number in numbers]
    shop.control("clock", {"now": "2026-02-06T10:00:00+0900"})
    cancelled = {
        "orderNumber": numbers[0],
        "inventoryRestoreType": 0,
        "changeReasonDetailApply": 10,
    }
    client.order("cancelOrderAfterShipping", cancelled)
    assert client.one(numbers[0])["orderProgress"] == 900
    found = shop.statement("2026-02-20")
    refund = "ﾌﾟﾗﾝ共通_ﾕｰｻﾞ返金_店舗様負担分"
    # It is paid out as it was fixed, and charged.
    assert found["paid"] == sum(bills)
    assert amounts(found)[refund] == f"{bills[0]:,}"
    payment = client.order("getPayment", {"orderNumber": numbers[0], "version": 4}).json()
    (back,) = payment["OrderModel"]["PaymentModelList"][0]["RefundModelList"]
    assert (back["paymentAmount"], back["paymentStatus"]) == (bills[0], 31500)
    assert refund not in amounts(shop.statement("2026-03-20"))


def test_days_of_statements(shop):
    with pytest.raises(ValueError, match="on the 5th and on the 20th"):
        shop.statement("2026-02-21")
