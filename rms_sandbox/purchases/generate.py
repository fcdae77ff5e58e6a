"""Placing orders: the raw getOrder order (RMS API section 3, version 10) of each kind."""

from ..ground.clock import DAY, HOUR, MINUTE, jst_date, midnight, parse_loose, rms_datetime
from ..ground.values import as_int
from ..items.catalogue import Catalogue
from ..orders import lifecycle
from ..orders.amounts import UNDETERMINED, amounts_of, apply_amounts
from ..orders.payment import SETTLEMENT_NAMES, SHOP_COLLECTED
from ..orders.shipping import shipping_row
from .kinds import KINDS, default_kind
from .people import orderer, recipient

ROWS_PER_INSERT = 1000


class Draft:
    """An order in the making. Kinds change it; ``finish`` computes the rest."""

    def __init__(self, world, catalogue):
        self.world = world
        self.rng = world.random
        self.catalogue = catalogue
        self.status = 300
        self.order_at = None
        self.fix_at = None
        self.points = 0
        self.off_catalogue = False
        person = recipient(self.rng)
        self.order = base_order(self.rng, person)
        self.add_package(person)

    @property
    def package(self):
        return self.order["PackageModelList"][0]

    @property
    def lines(self):
        return [i for p in self.order["PackageModelList"] for i in p["ItemModelList"]]

    def add_package(self, person, postage=0):
        package = base_package(person, postage, self.rng.choice(("1001", "1002", "1003")))
        self.order["PackageModelList"].append(package)
        return package

    def add_line(self, package=None, sku=None, units=None, wanted=None):
        units = units or (2 if self.rng.random() < 0.2 else 1)
        sku = sku or self.catalogue.pick(self.rng, units, wanted)
        line = base_line(sku, units, next(self.world.detail_ids))
        (package or self.package)["ItemModelList"].append(line)
        if not self.off_catalogue:
            self.catalogue.sell((sku.manage_number, sku.variant_id), units)
        return line

    def goods(self):
        """Goods including tax of the lines so far, whole yen."""
        return amounts_of(self.order, self.world.rounding())["totalPrice"]

    def settle(self, code):
        model = self.order["SettlementModel"]
        card = code == 1
        model.update(
            settlementMethodCode=code,
            settlementMethod=SETTLEMENT_NAMES[code],
            rpaySettlementFlag=0 if code in SHOP_COLLECTED else 1,
            cardName="VISA" if card else None,
            cardNumber="XXXX-XXXX-XXXX-0000" if card else None,
            cardOwner="TARO MIHON" if card else None,
            cardYm="2033-11" if card else None,
            cardPayType=0 if card else None,
        )


def base_order(rng, person):
    """All keys of OrderModel, in the order of the specification."""
    nothing = dict.fromkeys
    settlement = nothing(
        "settlementMethodCode settlementMethod rpaySettlementFlag cardName cardNumber cardOwner"
        " cardYm cardPayType cardInstallmentDesc".split()
    )
    settlement.update(
        settlementMethodCode=1,
        settlementMethod="クレジットカード",
        rpaySettlementFlag=1,
        cardName="VISA",
        cardNumber="XXXX-XXXX-XXXX-0000",
        cardOwner="TARO MIHON",
        cardYm="2033-11",
        cardPayType=0,
    )
    return {
        "orderNumber": None,
        "orderProgress": 300,
        "subStatusId": None,
        "subStatusName": None,
        **nothing(
            "orderDatetime shopOrderCfmDatetime orderFixDatetime shippingInstDatetime"
            " shippingCmplRptDatetime cancelDueDate deliveryDate shippingTerm".split()
        ),
        "remarks": "[配送日時指定:]\n",
        "giftCheckFlag": 0,
        "socialGiftFlag": 0,
        "severalSenderFlag": 0,
        "equalSenderFlag": 1,
        "isolatedIslandFlag": 0,
        "rakutenMemberFlag": 1,
        "carrierCode": rng.choice((0, 11, 11, 12, 21)),
        "emailCarrierCode": 0,
        "orderType": 1,
        "reserveNumber": None,
        "reserveDeliveryCount": None,
        "cautionDisplayType": 0,
        "cautionDisplayDetailType": None,
        "rakutenConfirmFlag": 0,
        "goodsPrice": 0,
        "postagePrice": 0,
        "deliveryPrice": 0,
        "paymentCharge": 0,
        "paymentChargeTaxRate": 0.1,
        "totalPrice": 0,
        "requestPrice": 0,
        "couponAllTotalPrice": 0,
        "couponShopPrice": 0,
        "couponOtherPrice": 0,
        "additionalFeeOccurAmountToUser": 0,
        "additionalFeeOccurAmountToShop": 0,
        "asurakuFlag": 0,
        "drugFlag": 0,
        "dealFlag": 0,
        "deliveryCertPrgFlag": 0,
        "oneDayOperationFlag": 0,
        "membershipType": 0,
        "memo": None,
        "operator": None,
        "mailPlugSentence": None,
        "modifyFlag": 0,
        "receiptIssueCount": 0,
        "receiptIssueHistoryList": [],
        "OrdererModel": orderer(rng, person),
        "SettlementModel": settlement,
        "DeliveryModel": {"deliveryName": "宅配便", "deliveryClass": 0},
        "PointModel": {"usedPoint": 0},
        "WrappingModel1": None,
        "WrappingModel2": None,
        "PackageModelList": [],
        "CouponModelList": None,
        "ChangeReasonModelList": [],
        "TaxSummaryModelList": [],
        "DueDateModelList": [],
    }


def base_package(person, postage, company):
    return {
        "basketId": None,
        "postagePrice": postage,
        "postageTaxRate": 0.1,
        "deliveryPrice": 0,
        "deliveryTaxRate": 0.1,
        "goodsPrice": 0,
        "totalPrice": 0,
        "noshi": None,
        "packageDeleteFlag": 0,
        "SenderModel": dict(person),
        "ItemModelList": [],
        "ShippingModelList": [],
        "DeliveryCvsModel": None,
        "defaultDeliveryCompanyCode": company,
        "dropOffFlag": 0,
        "dropOffLocation": None,
        "SocialGiftModel": None,
    }


def base_line(sku, units, detail_id):
    return {
        "itemDetailId": detail_id,
        "itemName": sku.title,
        "itemId": sku.item_id,
        "itemNumber": sku.item_number,
        "manageNumber": sku.manage_number,
        "price": sku.price,
        "units": units,
        "includePostageFlag": 1 if sku.postage_included else 0,
        "includeTaxFlag": 1,
        "includeCashOnDeliveryPostageFlag": 0,
        "selectedChoice": None,
        "pointRate": 1,
        "pointType": 0,
        "inventoryType": 2 if sku.info else 1,
        "delvdateInfo": None,
        "restoreInventoryFlag": 0,
        "dealFlag": 0,
        "drugFlag": 0,
        "deleteItemFlag": 0,
        "taxRate": sku.tax_rate,
        "priceTaxIncl": sku.price,
        "isSingleItemShipping": 0,
        "SkuModelList": [
            {
                "variantId": sku.variant_id,
                "merchantDefinedSkuId": sku.merchant_sku,
                "skuInfo": sku.info,
            }
        ],
    }


# The finished order ------------------------------------------------------------------------


def placed_at(rng, now, status, spread):
    """When an order in this status was placed, so that all of its past lies before now."""
    days = {500: 2, 600: 5, 700: 12}.get(status, 0)
    if status == 200:  # confirmed a moment ago: the three minutes are not over
        return now - rng.randint(90, 150)
    low = 2 * MINUTE if status == 100 else 35 * MINUTE
    return now - days * DAY - rng.randint(low, max(low + 1, spread))


def finish(draft, number, status, at):
    """Times, ids, points and amounts; (order, meta)."""
    world, order = draft.world, draft.order
    now = world.now()
    confirmed = min(at + 11, now)
    fixed = min(confirmed + draft.rng.randint(3 * MINUTE, 30 * MINUTE), now)
    fixed = draft.fix_at or fixed
    meta = {"placed_at": at, "since": at, "sold": not draft.off_catalogue}
    order.update(orderNumber=number, orderProgress=status, orderDatetime=rms_datetime(at))
    if status == 100:
        order["cancelDueDate"] = jst_date(at + 14 * DAY)
    else:
        lifecycle.confirm(world, order, meta, confirmed)
    if status >= 300:
        lifecycle.fix(order, meta, fixed)
    if status in (500, 600, 700):
        ship(draft, meta, fixed, status)
    elif status == 400:
        meta.update(since=now, back_to=300)
        lifecycle.add_change(world, order, lifecycle.EDIT_REQUEST, now, 0, 10, 1)
    elif status in (800, 900):
        change = lifecycle.CANCEL_REQUEST
        lifecycle.add_change(world, order, change, now, lifecycle.BY_BUYER, 1)
        meta.update(since=now, cancel_by=lifecycle.BY_BUYER, reason=1, restore_type=0)
    order["orderProgress"] = status
    for package in order["PackageModelList"]:
        package["basketId"] = package["ItemModelList"][0]["itemDetailId"]
    apply_points(draft)
    apply_amounts(order, world.rounding())
    return order, meta


def ship(draft, meta, fixed, status):
    """Rows, report date and payment date of an order that has left."""
    reported = midnight(fixed) + DAY + lifecycle.NIGHT_BATCH
    draft.order["shippingCmplRptDatetime"] = rms_datetime(min(reported, draft.world.now()))
    for package in draft.order["PackageModelList"]:
        package["ShippingModelList"] = [shipping_row(draft.world, jst_date(fixed))]
    meta["since"] = min(reported, draft.world.now())
    if status == 700:
        meta["pay_at"] = reported + lifecycle.TO_PAID


def apply_points(draft):
    """Points never exceed the bill; "all" leaves nothing to pay."""
    points = draft.order["PointModel"]
    points["usedPoint"] = 0
    if draft.points:
        bill = amounts_of(draft.order, draft.world.rounding())["requestPrice"]
        if bill != UNDETERMINED:
            points["usedPoint"] = bill if draft.points == "all" else min(draft.points, bill)


def build(world, catalogue, names, status, at, spread):
    """One order of the kinds ``names`` (several are combined); (number, order, meta)."""
    draft = Draft(world, catalogue)
    for name in names:
        KINDS[name](draft)
    status = draft.status if status is None else status
    if at is None:
        at = draft.order_at or placed_at(world.random, world.now(), status, spread)
    number = world.new_order_number(at)
    order, meta = finish(draft, number, status, at)
    meta["kind"] = "+".join(names)
    return number, order, meta


def place(world, body):
    """``{"count", "kinds", "buy", "status", "at"}``; (order numbers, their kinds)."""
    wanted = body.get("kinds") or []
    for kind in wanted:
        unknown = [name for name in str(kind).split("+") if name not in KINDS]
        if unknown:
            raise ValueError(f"unknown kind {unknown[0]!r}; see GET /__sandbox__/kinds")
    status = as_int(body.get("status"))
    if status is not None and status not in range(100, 901, 100):
        raise ValueError("status is one of 100, 200 … 900")
    at = None if body.get("at") is None else parse_loose(body["at"])
    spread = int(body.get("spread_seconds", 4 * HOUR))
    catalogue = Catalogue(world)
    count = int(body.get("count", len(wanted) or 1))
    numbers, kinds, rows = [], [], []
    for index in range(count):
        kind = wanted[index % len(wanted)] if wanted else default_kind(world.random)
        if body.get("buy"):
            number, order, meta = buy(world, catalogue, body["buy"], status, at, spread)
            kind = "buy"
        else:
            number, order, meta = build(world, catalogue, kind.split("+"), status, at, spread)
        rows.append(lifecycle.place(world, order, meta, number))
        numbers.append(number)
        kinds.append(kind)
        if len(rows) >= ROWS_PER_INSERT:
            flush(world, rows)
    flush(world, rows)
    catalogue.write_stock()
    for number in numbers if status == 900 or "cancelled" in kinds else ():
        give_back(world, number)
    return numbers, kinds


def give_back(world, number):
    """An order that is placed as cancelled has returned its stock already."""
    order, meta = world.store.order(number)
    if order["orderProgress"] == 900:
        lifecycle.restore_stock(world, order, meta)
        lifecycle.save(world, number, order, meta)


def buy(world, catalogue, lines, status, at, spread):
    """A plain order of exactly these SKUs."""
    draft = Draft(world, catalogue)
    for line in lines:
        pair = (line["manageNumber"], line["variantId"])
        if pair not in catalogue.by_pair:
            raise ValueError(f"not on sale: {'/'.join(pair)}")
        draft.add_line(sku=catalogue.by_pair[pair], units=int(line.get("units", 1)))
    status = 300 if status is None else status
    if at is None:
        at = placed_at(world.random, world.now(), status, spread)
    number = world.new_order_number(at)
    order, meta = finish(draft, number, status, at)
    meta["kind"] = "buy"
    return number, order, meta


def flush(world, rows):
    if rows:
        world.store.begin()
        world.store.insert_orders(rows)
        world.store.commit()
        rows.clear()


def store_raw(world, orders):
    """Store raw orders as they are, however malformed; the keys that they are found by."""
    now = world.now()
    numbers, rows = [], []
    for order in orders:
        if not isinstance(order, dict):
            raise ValueError("an order has to be a JSON object")
        number = order.get("orderNumber")
        if not isinstance(number, str) or not number:
            number = world.new_order_number(now)
        known = world.store.order(number)
        meta = {"placed_at": now, "since": now, "sold": True, "kind": "raw"}
        if not known and as_int(order.get("orderProgress"), 0) < 800:
            for manage_number, variant_id, units, _flag in lifecycle.sold_lines(order):
                world.sell(manage_number, variant_id, units)
        rows.append(lifecycle.place(world, order, meta, number))
        numbers.append(number)
    flush(world, rows)
    return numbers
