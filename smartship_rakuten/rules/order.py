"""Reading of one getOrder order, version 3 to 10 (RMS API section 3).

A payload that cannot be read, or money that is not decided yet, raises :class:`OrderProblem`;
whoever gets an :class:`Order` can rely on its types.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

#: "Not determined yet" in every amount (RMS API section 3.16).
UNDETERMINED = -9999
#: Amounts of the order and of its parts that carry it.
AMOUNTS = frozenset(
    """
    goodsPrice goodsTax postagePrice deliveryPrice paymentCharge totalPrice requestPrice
    couponAllTotalPrice couponShopPrice couponOtherPrice additionalFeeOccurAmountToUser
    additionalFeeOccurAmountToShop usedPoint price priceTaxIncl taxPrice couponPrice
    couponTotalPrice reqPrice reqPriceTax point
    """.split()
)
_PARTS = (
    "PackageModelList",
    "ItemModelList",
    "WrappingModel1",
    "WrappingModel2",
    "CouponModelList",
    "TaxSummaryModelList",
    "PointModel",
)
_DELETED_FLAGS = ("packageDeleteFlag", "deleteItemFlag", "deleteWrappingFlag")

#: Number(10) of an amount, and the most units that RMS takes (sections 3.8 and 9.32).
MAX_YEN = 10**10 - 1
MAX_UNITS = 999_999_999
#: Longest texts that are taken for what they say; RMS's own are far shorter (sections 3.2, 3.8).
MAX_ID = 30
MAX_CODE = 255
MAX_PERSON = 382
MAX_TEXT = 32767

PROGRESS = {
    100: "注文確認待ち",
    200: "楽天処理中",
    300: "発送待ち",
    400: "変更確定待ち",
    500: "発送済",
    600: "支払手続き中",
    700: "支払手続き済",
    800: "キャンセル確定待ち",
    900: "キャンセル確定",
}
#: The same codes as the orders keep them, by what may be done (section 3.1).
SHIPPABLE_PROGRESS = "300"
OPEN_PROGRESS = ("100", "200", "300", "400", "800")
#: Shipped already: imported only for reference, when a person asks for it.
SHIPPED_PROGRESS = ("500", "600", "700")
CANCELLED = "900"
CANCELLED_PROGRESS = ("800", CANCELLED)
#: What cancelOrder takes before the shipment (section 2.10).
CANCELLABLE_PROGRESS = ("100", "200", "300")


_WHOLE = re.compile(r"\s*-?\d{1,20}\s*", re.ASCII)


class OrderProblem(Exception):
    """An order that must wait for a person.

    :ivar str code: one of the ``problem_code`` values of ``rakuten.order``
    :ivar dict details: named values for the sentence that explains it
    """

    def __init__(self, code, **details):
        super().__init__(code, details)
        self.code = code
        self.details = details


@dataclass(frozen=True, slots=True)
class Item:
    """One row of ItemModelList (section 3.8) with its SKU (section 3.9).

    ``price`` is the unit price including tax in whole yen, whatever includeTaxFlag says;
    ``is_single`` tells a product without options, whose 商品番号 names the SKU.
    """

    basket_id: str
    item_detail_id: str
    name: str
    manage_number: str
    item_number: str
    variant_id: str
    merchant_sku: str
    option_text: str
    choice: str
    units: int
    price: int
    tax_rate: Decimal
    is_single: bool

    @property
    def key(self):
        """(商品管理番号, SKU管理番号) without blanks around them; "" for what is missing."""
        return self.manage_number.strip(), self.variant_id.strip()


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that is not an item: postage, fees, wrapping; whole yen including tax.

    ``kind`` is ``postage``, ``cod_fee``, ``payment_charge``, ``additional_fee`` or ``wrapping``.
    """

    kind: str
    amount: int
    tax_rate: Decimal
    basket_id: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Coupon:
    """One row of CouponModelList (section 3.13): whole yen of all its units.

    ``item_detail_id`` is that of no item where the coupon is for the whole order.
    """

    item_detail_id: str
    of_shop: bool
    amount: int


@dataclass(frozen=True, slots=True)
class Basket:
    """One destination that something is sent to (PackageModel, section 3.6).

    ``is_awaited`` tells a social gift whose receiver has not entered an address yet.
    """

    basket_id: str
    sender: dict
    items: tuple
    is_awaited: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What the import needs of one order. Amounts are whole yen, ``placed_at`` naive UTC.

    ``coupon_summary`` is couponPrice of TaxSummaryModelList, all funds together: pairs of rate
    and yen.
    """

    number: str
    progress: int
    placed_at: datetime
    delivery_date: date | None
    orderer: dict
    baskets: tuple
    charges: tuple
    coupons: tuple
    coupon_summary: tuple
    total_price: int
    cod_fee: int
    payment_charge: int
    additional_fee: int
    request_price: int
    used_point: int
    coupon_shop: int
    coupon_rakuten: int

    @property
    def items(self):
        return tuple(item for basket in self.baskets for item in basket.items)


# === Readers of single values: the payload's type is never trusted === #


def _malformed(field):
    return OrderProblem("malformed", field=field)


def _whole(data, key, field, *, default=None):
    """A whole number; digits in a string are accepted (RMS mixes both, section 9.5)."""
    value = data.get(key)
    if value is None and default is not None:
        return default
    if isinstance(value, bool):
        raise _malformed(field)
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    raise _malformed(field)


def _yen(data, key, field, *, default=None):
    amount = _whole(data, key, field, default=default)
    if amount == UNDETERMINED:
        raise OrderProblem("amount_undetermined", field=field)
    if not 0 <= amount <= MAX_YEN:
        raise _malformed(field)
    return amount


def _rate(data, key, field, *, default=None):
    value = data.get(key)
    if value is None and default is not None:
        return default
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        with suppress(InvalidOperation):
            rate = Decimal(str(value))
            # Finer than any consumption tax, and than Odoo's taxes can tell apart.
            if rate.is_finite() and 0 <= rate < 1 and rate == round(rate, 4):
                return rate
    raise _malformed(field)


def _text(data, key, limit=MAX_TEXT):
    value = data.get(key)
    if value is None:
        return ""
    if isinstance(value, bool | list | dict) or len(str(value)) > limit:
        raise _malformed(key)
    return str(value)


def _code(data, key):
    return _text(data, key, MAX_CODE)


def _id(data, key, field):
    """A numeric id, kept as text: it may outgrow 32 bits."""
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _malformed(field)
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_ID):
        raise _malformed(field)
    return text


def _object(data, key, field):
    value = data.get(key)
    if not isinstance(value, dict):
        raise _malformed(field)
    return value


def _person(data, key):
    """OrdererModel or SenderModel with texts only, numbers written as texts."""
    person = _object(data, key, key)
    for name, value in person.items():
        if isinstance(value, list | dict) or len(str(value)) > MAX_PERSON:
            raise _malformed(f"{key}: {name}")
    return {
        name: value if value is None or isinstance(value, str) else str(value)
        for name, value in person.items()
    }


def _list(data, key, field, *, required=False):
    value = data.get(key)
    if value is None and not required:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise _malformed(field)
    return value


def parse_datetime(value, field="orderDatetime"):
    """``2026-01-10T09:15:02+0900`` as naive UTC.

    :raises OrderProblem: malformed
    """
    try:
        moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z")
        return (moment - moment.utcoffset()).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError):
        raise _malformed(field) from None


def parse_date(value, field="deliveryDate"):
    """``2026-01-10`` as a date, None where there is none.

    :raises OrderProblem: malformed
    """
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _malformed(field) from None


# === Header: what is recorded of every order, even of one that cannot be imported === #


def read_number(payload):
    """The order number, or '' where there is none."""
    number = payload.get("orderNumber")
    return number.strip() if isinstance(number, str) else ""


def read_progress(payload):
    """orderProgress as one of the known codes.

    :raises OrderProblem: malformed
    """
    progress = _whole(payload, "orderProgress", "orderProgress")
    if progress not in PROGRESS:
        raise _malformed("orderProgress")
    return progress


def read_request_price(payload):
    """What the buyer pays, whole yen.

    :raises OrderProblem: ``malformed`` or ``amount_undetermined``
    """
    return _yen(payload, "requestPrice", "requestPrice")


# === The whole order === #


def _is_deleted(data):
    return any(data.get(flag) in (1, "1") for flag in _DELETED_FLAGS)


def _check_determined(data):
    """:raises OrderProblem: ``amount_undetermined`` for -9999 anywhere in the money"""
    if not isinstance(data, dict) or _is_deleted(data):
        return
    for key, value in data.items():
        if key in AMOUNTS and value in (UNDETERMINED, str(UNDETERMINED)):
            raise OrderProblem("amount_undetermined", field=key)
    for key in _PARTS:
        part = data.get(key)
        for entry in part if isinstance(part, list) else [part]:
            _check_determined(entry)


def _parse_item(data, basket_id):
    field = f"ItemModelList of basket {basket_id}"
    skus = _list(data, "SkuModelList", f"{field}: SkuModelList")
    sku = skus[0] if skus else {}
    variant_id = _code(sku, "variantId")
    sku_info = _text(sku, "skuInfo")
    choice = _text(data, "selectedChoice")
    price = _yen(data, "price", f"{field}: price")
    units = _whole(data, "units", f"{field}: units")
    if not 0 < units <= MAX_UNITS:
        raise _malformed(f"{field}: units")
    rate = _rate(data, "taxRate", f"{field}: taxRate")
    return Item(
        basket_id=basket_id,
        item_detail_id=_id(data, "itemDetailId", f"{field}: itemDetailId"),
        name=_text(data, "itemName"),
        manage_number=_code(data, "manageNumber"),
        item_number=_code(data, "itemNumber"),
        variant_id=variant_id,
        merchant_sku=_code(sku, "merchantDefinedSkuId"),
        # Before the SKU migration the axis choices stood in selectedChoice.
        option_text=sku_info if variant_id else choice,
        choice=choice,
        units=units,
        # With includeTaxFlag 1 price and priceTaxIncl are the same; with 0 Rakuten's own rounding
        # of the taxed price is the one that counts.
        price=_yen(data, "priceTaxIncl", f"{field}: priceTaxIncl", default=price),
        tax_rate=rate,
        is_single=not sku_info,
    )


def _parse_basket(data):
    basket_id = _id(data, "basketId", "basketId")
    items = tuple(
        _parse_item(item, basket_id)
        for item in _list(data, "ItemModelList", "ItemModelList", required=True)
        if not _is_deleted(item)
    )
    gift = data.get("SocialGiftModel")
    is_awaited = isinstance(gift, dict) and gift.get("inputFlag") in (0, "0")
    return Basket(basket_id, _person(data, "SenderModel"), items, is_awaited)


def _parse_package_charges(data, basket_id):
    postage = _yen(data, "postagePrice", "postagePrice", default=0)
    if postage:
        yield Charge("postage", postage, _rate(data, "postageTaxRate", "postageTaxRate"), basket_id)
    cod_fee = _yen(data, "deliveryPrice", "deliveryPrice", default=0)
    if cod_fee:
        rate = _rate(data, "deliveryTaxRate", "deliveryTaxRate")
        yield Charge("cod_fee", cod_fee, rate, basket_id)


def _parse_wrappings(payload):
    for key in ("WrappingModel1", "WrappingModel2"):
        data = payload.get(key)
        if not isinstance(data, dict) or _is_deleted(data):
            continue
        amount = _yen(data, "price", f"{key}: price", default=0)
        if data.get("includeTaxFlag") in (0, "0"):
            amount += _yen(data, "taxPrice", f"{key}: taxPrice", default=0)
        if amount:
            rate = _rate(data, "taxRate", f"{key}: taxRate")
            yield Charge("wrapping", amount, rate, label=_text(data, "name"))


def _spread_wrappings(wrappings, baskets, other, total):
    """Wrapping is charged once, or once for each destination (section 4.1): the total tells.

    :param int other: yen of goods and postage
    :param int total: totalPrice
    """
    each = sum(charge.amount for charge in wrappings)
    if len(baskets) > 1 and other + each * len(baskets) == total:
        return [
            replace(charge, basket_id=basket.basket_id)
            for basket in baskets
            for charge in wrappings
        ]
    return wrappings


def _parse_order_charges(payload):
    rate = _rate(payload, "paymentChargeTaxRate", "paymentChargeTaxRate", default=Decimal("0.1"))
    for kind, key in (
        ("payment_charge", "paymentCharge"),
        ("additional_fee", "additionalFeeOccurAmountToUser"),
    ):
        amount = _yen(payload, key, key, default=0)
        if amount:
            yield Charge(kind, amount, rate)


def _parse_coupons(payload):
    for data in _list(payload, "CouponModelList", "CouponModelList"):
        capital = data.get("couponCapitalCode")
        of_shop = str(capital) == "1" or (
            capital is None and data.get("couponCapital") == "ショップ"
        )
        amount = _yen(data, "couponTotalPrice", "couponTotalPrice", default=0)
        yield Coupon(_text(data, "itemDetailId"), of_shop, amount)


def _parse_coupon_summary(payload):
    for data in _list(payload, "TaxSummaryModelList", "TaxSummaryModelList"):
        amount = _yen(data, "couponPrice", "TaxSummaryModelList: couponPrice", default=0)
        if amount:
            yield _rate(data, "taxRate", "TaxSummaryModelList: taxRate"), amount


def _packages(payload):
    """(PackageModel, Basket) of each destination that was not deleted."""
    return [
        (package, _parse_basket(package))
        for package in _list(payload, "PackageModelList", "PackageModelList", required=True)
        if not _is_deleted(package)
    ]


def parse_items(payload):
    """The items alone, also of an order whose amounts are not determined yet.

    :rtype: list[Item]
    :raises OrderProblem: malformed
    """
    if not isinstance(payload, dict):
        raise _malformed("OrderModelList")
    return [item for _package, basket in _packages(payload) for item in basket.items]


def parse_order(payload):
    """Read one order of getOrder.

    :param dict payload: one element of OrderModelList
    :rtype: Order
    :raises OrderProblem: ``malformed`` or ``amount_undetermined``, with the field
    """
    if not isinstance(payload, dict):
        raise _malformed("OrderModelList")
    _check_determined(payload)
    packages = _packages(payload)
    baskets = tuple(basket for _package, basket in packages if basket.items)
    if not baskets:
        raise _malformed("PackageModelList")
    if len({basket.basket_id for _package, basket in packages}) < len(packages):
        # Whose goods are whose could not be told.
        raise _malformed("basketId")
    charges = []
    for package, basket in packages:
        charges += _parse_package_charges(package, basket.basket_id)
        _list(package, "ShippingModelList", "ShippingModelList")
    total_price = _yen(payload, "totalPrice", "totalPrice")
    goods = sum(item.price * item.units for basket in baskets for item in basket.items)
    postage = sum(charge.amount for charge in charges if charge.kind == "postage")
    charges += _spread_wrappings(
        list(_parse_wrappings(payload)), baskets, goods + postage, total_price
    )
    charges += _parse_order_charges(payload)
    number = read_number(payload)
    if not number:
        raise _malformed("orderNumber")
    points = _object(payload, "PointModel", "PointModel") if payload.get("PointModel") else {}
    return Order(
        number=number,
        progress=read_progress(payload),
        placed_at=parse_datetime(payload.get("orderDatetime")),
        delivery_date=parse_date(payload.get("deliveryDate")),
        orderer=_person(payload, "OrdererModel"),
        baskets=baskets,
        charges=tuple(charges),
        coupons=tuple(_parse_coupons(payload)),
        coupon_summary=tuple(_parse_coupon_summary(payload)),
        total_price=total_price,
        cod_fee=_yen(payload, "deliveryPrice", "deliveryPrice", default=0),
        payment_charge=_yen(payload, "paymentCharge", "paymentCharge", default=0),
        additional_fee=_yen(
            payload,
            "additionalFeeOccurAmountToUser",
            "additionalFeeOccurAmountToUser",
            default=0,
        ),
        request_price=read_request_price(payload),
        used_point=_yen(points, "usedPoint", "usedPoint", default=0),
        coupon_shop=_yen(payload, "couponShopPrice", "couponShopPrice", default=0),
        coupon_rakuten=_yen(payload, "couponOtherPrice", "couponOtherPrice", default=0),
    )


def has_shipping(payload):
    """Whether Rakuten holds a parcel of the order: a row with a number or a shipping date.

    A row with a carrier alone says only how it shall be shipped.
    """
    with suppress(OrderProblem):
        return any(
            _text(row, "shippingNumber") or _text(row, "shippingDate")
            for package in _list(payload or {}, "PackageModelList", "PackageModelList")
            for row in _list(package, "ShippingModelList", "ShippingModelList")
        )
    return False
