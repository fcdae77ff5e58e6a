"""Reading of one getOrder order, version 3 to 10 (RMS API section 3).

A payload that cannot be read, or money that is not decided yet, raises :class:`OrderProblem`;
whoever gets an :class:`Order` can rely on its types.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from . import japan
from .payload import LENIENT, STRICT, UNDETERMINED, OrderProblem
from .rows import labels

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

#: The most units that RMS takes (section 9.32).
MAX_UNITS = 999_999_999

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
    and yen. ``labels`` are the tracking numbers that Rakuten has of it already (section 5.4).
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
    labels: tuple

    @property
    def items(self):
        return tuple(item for basket in self.baskets for item in basket.items)


# === Header: what is recorded of every order, even of one that cannot be imported === #


def read_number(payload):
    """The order number, or '' where there is none."""
    number = payload.get("orderNumber")
    return number.strip() if isinstance(number, str) else ""


def count_lines(payload):
    """How many items an order has, deleted ones as well; 1 at least. Never fails."""
    packages = LENIENT.objects(payload, "PackageModelList")
    return max(sum(len(LENIENT.objects(p, "ItemModelList")) for p in packages), 1)


def placed_on(number):
    """The beginning of the day on which an order was placed, as its number tells.

    :param str number: ``<shop id>-<yyyymmdd>-<sequence>`` (RMS API section 3.1)
    :return: naive UTC, None where the number tells none
    """
    try:
        return japan.begin(datetime.strptime(number.split("-")[1], "%Y%m%d").date())
    except (IndexError, ValueError, OverflowError):
        return None


def first_item(payload):
    """A word for what an order brings: manageNumber of its first item, '' where there is none.
    Never fails."""
    packages = LENIENT.objects(payload, "PackageModelList")
    items = (item for p in packages for item in LENIENT.objects(p, "ItemModelList"))
    return next((LENIENT.text(item, "manageNumber")[:40] for item in items), "")


def read_progress(payload):
    """orderProgress as one of the known codes.

    :raises OrderProblem: malformed
    """
    progress = STRICT.whole(payload, "orderProgress")
    if progress not in PROGRESS:
        raise OrderProblem("malformed", field="orderProgress")
    return progress


# === The whole order === #


def _check_determined(data):
    """:raises OrderProblem: ``amount_undetermined`` for -9999 anywhere in the money"""
    if not isinstance(data, dict) or STRICT.is_deleted(data):
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
    skus = STRICT.objects(data, "SkuModelList", f"{field}: SkuModelList")
    sku = skus[0] if skus else {}
    variant_id = STRICT.code(sku, "variantId")
    sku_info = STRICT.text(sku, "skuInfo")
    choice = STRICT.text(data, "selectedChoice")
    price = STRICT.yen(data, "price", f"{field}: price")
    units = STRICT.whole(data, "units", f"{field}: units")
    if not 0 < units <= MAX_UNITS:
        raise OrderProblem("malformed", field=f"{field}: units")
    rate = STRICT.rate(data, "taxRate", f"{field}: taxRate")
    return Item(
        basket_id=basket_id,
        item_detail_id=STRICT.id(data, "itemDetailId", f"{field}: itemDetailId"),
        name=STRICT.text(data, "itemName"),
        manage_number=STRICT.code(data, "manageNumber"),
        item_number=STRICT.code(data, "itemNumber"),
        variant_id=variant_id,
        merchant_sku=STRICT.code(sku, "merchantDefinedSkuId"),
        # Before the SKU migration the axis choices stood in selectedChoice.
        option_text=sku_info if variant_id else choice,
        choice=choice,
        units=units,
        # With includeTaxFlag 1 price and priceTaxIncl are the same; with 0 Rakuten's own rounding
        # of the taxed price is the one that counts.
        price=STRICT.yen(data, "priceTaxIncl", f"{field}: priceTaxIncl", default=price),
        tax_rate=rate,
        is_single=not sku_info,
    )


def _parse_basket(data):
    basket_id = STRICT.id(data, "basketId")
    items = tuple(
        _parse_item(item, basket_id)
        for item in STRICT.objects(data, "ItemModelList", required=True)
        if not STRICT.is_deleted(item)
    )
    gift = data.get("SocialGiftModel")
    is_awaited = not STRICT.flag(gift, "inputFlag", default=True)
    return Basket(basket_id, STRICT.person(data, "SenderModel"), items, is_awaited)


def _parse_package_charges(data, basket_id):
    postage = STRICT.yen(data, "postagePrice", default=0)
    if postage:
        yield Charge("postage", postage, STRICT.rate(data, "postageTaxRate"), basket_id)
    cod_fee = STRICT.yen(data, "deliveryPrice", default=0)
    if cod_fee:
        rate = STRICT.rate(data, "deliveryTaxRate")
        yield Charge("cod_fee", cod_fee, rate, basket_id)


def _parse_wrappings(payload):
    for key in ("WrappingModel1", "WrappingModel2"):
        data = payload.get(key)
        if not isinstance(data, dict) or STRICT.is_deleted(data):
            continue
        amount = STRICT.yen(data, "price", f"{key}: price", default=0)
        if not STRICT.flag(data, "includeTaxFlag", default=True):
            amount += STRICT.yen(data, "taxPrice", f"{key}: taxPrice", default=0)
        if amount:
            rate = STRICT.rate(data, "taxRate", f"{key}: taxRate")
            yield Charge("wrapping", amount, rate, label=STRICT.text(data, "name"))


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
    rate = STRICT.rate(payload, "paymentChargeTaxRate", default=Decimal("0.1"))
    for kind, key in (
        ("payment_charge", "paymentCharge"),
        ("additional_fee", "additionalFeeOccurAmountToUser"),
    ):
        amount = STRICT.yen(payload, key, default=0)
        if amount:
            yield Charge(kind, amount, rate)


def _parse_coupons(payload):
    for data in STRICT.objects(payload, "CouponModelList"):
        capital = STRICT.whole(data, "couponCapitalCode", default=0)
        of_shop = capital == 1 or (not capital and data.get("couponCapital") == "ショップ")
        amount = STRICT.yen(data, "couponTotalPrice", default=0)
        yield Coupon(STRICT.text(data, "itemDetailId"), of_shop, amount)


def _parse_coupon_summary(payload):
    for data in STRICT.objects(payload, "TaxSummaryModelList"):
        amount = STRICT.yen(data, "couponPrice", "TaxSummaryModelList: couponPrice", default=0)
        if amount:
            yield STRICT.rate(data, "taxRate", "TaxSummaryModelList: taxRate"), amount


def _packages(payload):
    """(PackageModel, Basket) of each destination that was not deleted."""
    return [(package, _parse_basket(package)) for package in STRICT.packages(payload)]


def parse_items(payload):
    """The items alone, also of an order whose amounts are not determined yet.

    :rtype: list[Item]
    :raises OrderProblem: malformed
    """
    if not isinstance(payload, dict):
        raise OrderProblem("malformed", field="OrderModelList")
    return [item for _package, basket in _packages(payload) for item in basket.items]


def parse_order(payload):
    """Read one order of getOrder.

    :param dict payload: one element of OrderModelList
    :rtype: Order
    :raises OrderProblem: ``malformed`` or ``amount_undetermined``, with the field
    """
    if not isinstance(payload, dict):
        raise OrderProblem("malformed", field="OrderModelList")
    _check_determined(payload)
    packages = _packages(payload)
    baskets = tuple(basket for _package, basket in packages if basket.items)
    if not baskets:
        raise OrderProblem("malformed", field="PackageModelList")
    if len({basket.basket_id for _package, basket in packages}) < len(packages):
        # Whose goods are whose could not be told.
        raise OrderProblem("malformed", field="basketId")
    charges = []
    for package, basket in packages:
        charges += _parse_package_charges(package, basket.basket_id)
        STRICT.objects(package, "ShippingModelList")
    total_price = STRICT.yen(payload, "totalPrice")
    goods = sum(item.price * item.units for basket in baskets for item in basket.items)
    postage = sum(charge.amount for charge in charges if charge.kind == "postage")
    charges += _spread_wrappings(
        list(_parse_wrappings(payload)), baskets, goods + postage, total_price
    )
    charges += _parse_order_charges(payload)
    number = read_number(payload)
    if not number:
        raise OrderProblem("malformed", field="orderNumber")
    points = STRICT.object(payload, "PointModel") if payload.get("PointModel") else {}
    return Order(
        number=number,
        progress=read_progress(payload),
        placed_at=STRICT.moment(payload, "orderDatetime"),
        delivery_date=STRICT.day(payload, "deliveryDate"),
        orderer=STRICT.person(payload, "OrdererModel"),
        baskets=baskets,
        charges=tuple(charges),
        coupons=tuple(_parse_coupons(payload)),
        coupon_summary=tuple(_parse_coupon_summary(payload)),
        total_price=total_price,
        cod_fee=STRICT.yen(payload, "deliveryPrice", default=0),
        payment_charge=STRICT.yen(payload, "paymentCharge", default=0),
        additional_fee=STRICT.yen(payload, "additionalFeeOccurAmountToUser", default=0),
        request_price=STRICT.yen(payload, "requestPrice"),
        used_point=STRICT.yen(points, "usedPoint", default=0),
        coupon_shop=STRICT.yen(payload, "couponShopPrice", default=0),
        coupon_rakuten=STRICT.yen(payload, "couponOtherPrice", default=0),
        labels=tuple(row.number for row in labels(payload)),
    )
