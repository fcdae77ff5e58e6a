"""The table of operations. A new one is a handler and a line here."""

import re
from dataclasses import dataclass

from ..inventory import inventories
from ..items import items
from ..orders import details, edit, orders, payment, search, shipping
from ..shop import shop


@dataclass(frozen=True)
class Operation:
    """One RMS operation. ``function`` is the name that a shop ticks (RMS API section 1.2)."""

    name: str
    family: str
    method: str
    pattern: re.Pattern
    handler: object
    function: str


def _order(name, handler):
    pattern = re.compile(rf"^/es/2\.0/order/{name}/?$")
    return Operation(name, "order", "POST", pattern, handler, f"rpay.order.{name}")


def _rest(name, family, method, path, handler, function):
    return Operation(name, family, method, re.compile(f"^{path}$"), handler, function)


def _inventory(name, method, path, handler):
    base = r"/es/(?P<version>2\.[01])/inventories"
    function = f"inventoryapi_2.0.{name}"
    return _rest(name, "inventory", method, base + path, handler, function)


def _item(name, method, path, handler):
    return _rest(name, "item", method, "/es/2.0/items" + path, handler, f"itemapi_2.0.{name}")


_PAIR = r"/manage-numbers/(?P<manage>[^/]+)/variants/(?P<variant>[^/]+)"
_LICENCE = "/es/1.0/license-management/license-key/expiry-date"
_ONLY_21 = r"/es/(?P<version>2\.1)/inventories/variant-lists/manage-numbers/(?P<manage>[^/]+)"

OPERATIONS = (
    _order("searchOrder", search.search_order),
    _order("getOrder", orders.get_order),
    _order("confirmOrder", orders.confirm_order),
    _order("updateOrderShipping", shipping.update_shipping),
    _order("updateOrderShippingAsync", shipping.update_shipping_async),
    _order("getResultUpdateOrderShippingAsync", shipping.get_result_async),
    _order("getSubStatusList", orders.get_sub_status_list),
    _order("updateOrderSubStatus", orders.update_sub_status),
    _order("updateOrderMemo", orders.update_memo),
    _order("updateOrderRemarks", orders.update_remarks),
    _order("updateOrderSender", edit.update_sender),
    _order("updateOrderSenderAfterShipping", edit.update_sender_after_shipping),
    _order("updateOrderOrderer", details.update_orderer),
    _order("updateOrderDelivery", details.update_delivery),
    _order("simulateCouponAmount", edit.simulate_coupon_amount),
    _order("getPayment", payment.get_payment),
    _order("cancelOrder", orders.cancel_order),
    _order("cancelOrderAfterShipping", orders.cancel_after_shipping),
    _inventory("inventories.bulk.get", "POST", "/bulk-get", inventories.bulk_get),
    _inventory("inventories.bulk.get.range", "GET", "/bulk-get/range", inventories.bulk_get_range),
    _inventory("inventories.bulk.upsert", "POST", "/bulk-upsert", inventories.bulk_upsert),
    _inventory("inventories.variants.get", "GET", _PAIR, inventories.variant_get),
    _inventory("inventories.variants.upsert", "PUT", _PAIR, inventories.variant_upsert),
    _inventory("inventories.variants.delete", "DELETE", _PAIR, inventories.variant_delete),
    _rest(
        "inventories.variant-lists.get",
        "inventory",
        "GET",
        _ONLY_21,
        inventories.variant_list,
        "inventoryapi_2.1.inventories.variant-lists.get",
    ),
    _item("items.search", "GET", "/search", items.search),
    _item("items.bulk.get", "POST", "/bulk-get", items.bulk_get),
    _item("items.get", "GET", "/manage-numbers/(?P<manage>[^/]+)", items.get),
    _rest(
        "license.expiryDate.get",
        "license",
        "GET",
        re.escape(_LICENCE),
        shop.expiry_date,
        "license.expiryDate.get",
    ),
    _rest(
        "shop.shopMaster",
        "shop",
        "GET",
        "/es/1.0/shop/shopMaster",
        shop.shop_master,
        "shop.shopMaster",
    ),
    _rest(
        "shop.shopStatus",
        "shop",
        "GET",
        "/es/1.0/shop/shopStatus/(?P<key>[^/]+)",
        shop.shop_status,
        "shop.shopStatus",
    ),
)
NAMES = tuple(operation.name for operation in OPERATIONS)


def find(method, path):
    """(operation, path parameters), or the operations of that path with other methods."""
    others = []
    for operation in OPERATIONS:
        match = operation.pattern.match(path)
        if match and operation.method == method:
            return operation, match.groupdict(), others
        if match:
            others.append(operation)
    return None, {}, others
