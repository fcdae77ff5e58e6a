"""What happens to an order after it was placed, on demand of a test (control endpoint events)."""

from ..ground.clock import DAY, jst_date, rms_datetime
from ..ground.values import as_int
from ..orders import lifecycle
from ..orders.amounts import apply_amounts
from ..orders.shipping import fill_row, label_number, open_row
from .people import recipient


def event_buyer_cancel(world, order, meta, at):
    require(order, (100, 200, 300))
    lifecycle.request_cancel(world, order, meta, at, lifecycle.BY_BUYER, 1)


def event_rakuten_cancel(world, order, meta, at):
    require(order, (100, 200, 300, 400, 800))
    lifecycle.cancel_now(world, order, meta, at, lifecycle.BY_SHOP, 4)


def event_buyer_edit(world, order, meta, at):
    """The buyer changes the recipient's address in the purchase history."""
    require(order, (100, 200, 300))
    sender = order["PackageModelList"][0]["SenderModel"]
    sender["subAddress"] = f"{sender['subAddress']} 変更後見本ビル{world.random.randint(2, 9)}階"
    order.update(modifyFlag=1, equalSenderFlag=0)


def event_shop_edit(world, order, meta, at):
    """Somebody in the shop adds one unit on the RMS screen; a fixed order passes 400."""
    require(order, (100, 200, 300))
    item = order["PackageModelList"][0]["ItemModelList"][0]
    item["units"] += 1
    apply_amounts(order, world.rounding())
    if meta.get("sold"):
        world.sell(item["manageNumber"], item["SkuModelList"][0]["variantId"], 1)
    if order["orderProgress"] != 100:
        lifecycle.begin_change(world, order, meta, at, lifecycle.BY_SHOP, 10, 1)


def event_enter_gift_address(world, order, meta, at):
    """The receiver of a social gift enters the address (RMS API section 3.7)."""
    gifts = [p for p in order["PackageModelList"] if p.get("SocialGiftModel")]
    if not gifts:
        raise ValueError("this order is no social gift")
    for package in gifts:
        package["SenderModel"] = recipient(world.random)
        package["SocialGiftModel"].update(inputFlag=1, inputCompDatetime=rms_datetime(at))


def event_payment_received(world, order, meta, at):
    require(order, (100, 200))
    meta["paid"] = True
    if order["orderProgress"] == 200:
        lifecycle.fix(order, meta, at)


def event_payment_failed(world, order, meta, at):
    """The payment is refused (30400): the order stays in 200 until the method is changed."""
    require(order, (200,))
    meta["payment_refused"] = at


def write_rows(world, order, meta, at, values_of):
    """Somebody other than the API's caller writes a row of every destination."""
    require(order, (100, 200, 300))
    for package in order["PackageModelList"]:
        row = open_row(world, package)
        fill_row(row, values_of(package, row))
    lifecycle.note_rows(order, meta, at)


def event_shipping_planned(world, order, meta, at, **row):
    """A tool or somebody in the shop plans the parcel: company and day, no number."""
    plan = {"deliveryCompany": "1001", "shippingDate": jst_date(at + DAY)} | row
    write_rows(world, order, meta, at, lambda _package, _row: plan)


def event_label_printed(world, order, meta, at, **row):
    """The carrier's tool prints the label and writes its number; the goods are still here."""

    def label(_package, target):
        number = label_number(target)
        return {
            "deliveryCompany": "1001",
            "shippingNumber": number,
            "shippingDate": jst_date(at),
        } | row

    write_rows(world, order, meta, at, label)


def event_staff_ships(world, order, meta, at, **row):
    """Somebody registers on the RMS screen, or from a fulfilment house, what has left."""
    require(order, (300,))

    def parcel(package, target):
        return {
            "deliveryCompany": package["defaultDeliveryCompanyCode"],
            "shippingNumber": label_number(target),
            "shippingDate": jst_date(at),
        } | row

    write_rows(world, order, meta, at, parcel)


EVENTS = {
    "buyer_cancel": event_buyer_cancel,
    "rakuten_cancel": event_rakuten_cancel,
    "buyer_edit": event_buyer_edit,
    "shop_edit": event_shop_edit,
    "enter_gift_address": event_enter_gift_address,
    "payment_received": event_payment_received,
    "payment_failed": event_payment_failed,
    "shipping_planned": event_shipping_planned,
    "label_printed": event_label_printed,
    "staff_ships": event_staff_ships,
}


def require(order, statuses):
    if as_int(order.get("orderProgress")) not in statuses:
        raise ValueError(f"not possible in status {order.get('orderProgress')}")
