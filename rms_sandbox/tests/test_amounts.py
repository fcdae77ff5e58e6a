"""Amounts against values worked out by hand from RMS API section 4."""

import atexit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rms_sandbox.ground.world import World
from rms_sandbox.items.catalogue import Catalogue, jan_code, put_on_sale
from rms_sandbox.orders.amounts import amounts_of, price_with_tax, split, tax_inside
from rms_sandbox.purchases import generate
from rms_sandbox.purchases.kinds import KINDS


@pytest.mark.parametrize("rounding, expected", [("floor", 1710), ("ceil", 1711), ("round", 1711)])
def test_price_without_tax_is_rounded(rounding, expected):
    # 1555 x 1.1 = 1710.5
    assert price_with_tax(1555, 0.1, 0, rounding) == expected
    assert price_with_tax(1555, 0.1, 1, rounding) == 1555


def test_no_float_creeps_in():
    # 0.1 and 1.1 are no exact floats: 3000 x 1.1 gives 3300.0000000000005 there.
    assert price_with_tax(3000, 0.1, 0, "ceil") == 3300
    assert price_with_tax(999, 0.08, 0, "floor") == 1078  # 1078.92


@pytest.mark.parametrize(
    "amount, rounding, expected",
    [(2150, "floor", 195), (2150, "round", 195), (8235, "round", 749), (8235, "floor", 748)],
)
def test_tax_inside(amount, rounding, expected):
    assert tax_inside(amount, 0.1, rounding) == expected


def test_split_gives_the_remainder_to_the_largest():
    assert split(100, [2000, 1000]) == [67, 33]
    assert split(300, [1000, 1000, 1000]) == [100, 100, 100]
    assert split(0, [0, 0]) == [0, 0]


def line(price, units, rate, included=1):
    return {"price": price, "units": units, "taxRate": rate, "includeTaxFlag": included}


def order(items, postage=0, delivery=0, **more):
    package = {
        "postagePrice": postage,
        "postageTaxRate": 0.1,
        "deliveryPrice": delivery,
        "deliveryTaxRate": 0.1,
        "ItemModelList": items,
    }
    return {
        "PackageModelList": [package],
        "paymentCharge": 0,
        "paymentChargeTaxRate": 0.1,
        "additionalFeeOccurAmountToUser": 0,
        "PointModel": {"usedPoint": 0},
    } | more


def test_tax_excluded_goods_enter_without_tax():
    # 1500 without tax and 500 postage: 1500 x 1.1 + 500 = 2150 (section 4.1)
    result = amounts_of(order([line(1500, 1, 0.1, 0)], postage=500))
    assert (result["goodsPrice"], result["totalPrice"], result["goodsTax"]) == (1500, 2150, 150)
    assert result["requestPrice"] == 2150
    assert result["TaxSummaryModelList"] == [
        {
            "taxRate": 0.1,
            "reqPrice": 2150,
            "reqPriceTax": 195,
            "totalPrice": 2150,
            "paymentCharge": 0,
            "couponPrice": 0,
            "point": 0,
        }
    ]


def test_points_lower_the_bill_but_not_the_tax_summary():
    result = amounts_of(order([line(1500, 1, 0.1, 0)], 500, PointModel={"usedPoint": 2150}))
    assert result["requestPrice"] == 0
    assert result["TaxSummaryModelList"][0]["reqPrice"] == 2150


def test_cod_fee_stands_beside_the_total():
    result = amounts_of(order([line(100, 1, 0.1)], delivery=120))
    assert (result["totalPrice"], result["requestPrice"]) == (100, 220)
    assert result["TaxSummaryModelList"][0]["paymentCharge"] == 120


def test_coupon_is_split_by_rate():
    coupons = [
        {"couponTotalPrice": 100, "couponCapitalCode": 1},
        {"couponTotalPrice": 50, "couponCapitalCode": 2},
    ]
    items = [line(1000, 2, 0.1), line(1000, 1, 0.08)]
    result = amounts_of(order(items, CouponModelList=coupons))
    assert (result["couponShopPrice"], result["couponOtherPrice"]) == (100, 50)
    assert result["requestPrice"] == 2850
    high, low = result["TaxSummaryModelList"]
    assert (high["couponPrice"], high["reqPrice"], high["reqPriceTax"]) == (100, 1900, 172)
    assert (low["couponPrice"], low["reqPrice"], low["reqPriceTax"]) == (50, 950, 70)


def test_undetermined_postage_spoils_the_sums():
    result = amounts_of(order([line(49800, 1, 0.1)], postage=-9999))
    assert result["goodsPrice"] == 49800
    assert result["postagePrice"] == result["totalPrice"] == result["requestPrice"] == -9999
    summary = result["TaxSummaryModelList"][0]
    assert summary["reqPrice"] == summary["reqPriceTax"] == summary["totalPrice"] == -9999


def test_jan_has_a_valid_check_digit():
    for number in (0, 1, 42, 9999):
        code = jan_code(number)
        odd, even = sum(map(int, code[:12:2])), sum(map(int, code[1:12:2]))
        assert len(code) == 13 and 20 <= int(code[:2]) <= 29
        assert (odd + 3 * even + int(code[12])) % 10 == 0


WORLD = World()
atexit.register(WORLD.close)
put_on_sale(WORLD, {"count": 20})


def check_identities(names, rounding):
    WORLD.config["rounding"] = rounding
    _number, made, _meta = generate.build(WORLD, Catalogue(WORLD), names, None, None, 14400)
    if made["totalPrice"] == -9999:
        assert made["requestPrice"] == made["postagePrice"] == -9999
        return
    fees = made["deliveryPrice"] + made["paymentCharge"] + made["additionalFeeOccurAmountToUser"]
    points = made["PointModel"]["usedPoint"]
    sales = made["totalPrice"] + fees - made["couponShopPrice"]
    assert sales == made["requestPrice"] + points + made["couponOtherPrice"]
    coupons = sum(c["couponTotalPrice"] for c in made["CouponModelList"] or [])
    assert made["couponAllTotalPrice"] == coupons
    assert made["requestPrice"] >= 0
    packages, summary = made["PackageModelList"], made["TaxSummaryModelList"]
    for key in ("goodsPrice", "totalPrice", "postagePrice", "deliveryPrice"):
        assert sum(package[key] for package in packages) == made[key]
    assert sum(model["totalPrice"] for model in summary) == made["totalPrice"]
    assert sum(model["couponPrice"] for model in summary) == coupons
    bill = made["requestPrice"] - made["additionalFeeOccurAmountToUser"]
    assert sum(model["reqPrice"] for model in summary) - points == bill


ORDERS = given(
    names=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3, unique=True),
    rounding=st.sampled_from(("floor", "ceil", "round")),
)


@settings(max_examples=60, derandomize=True, database=None, deadline=None)
@ORDERS
def test_identities_hold_for_all_kinds_and_their_combinations(names, rounding):
    check_identities(names, rounding)


@pytest.mark.slow
@settings(max_examples=2500, database=None, deadline=None)
@ORDERS
def test_identities_hold_for_thousands_of_orders(names, rounding):
    check_identities(names, rounding)
