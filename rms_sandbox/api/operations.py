"""The table of operations. A new one is declared at its handler and has a line here."""

from ..inventory import inventories
from ..items import items
from ..orders import details, edit, orders, payment, search, shipping
from ..reservations import reservations
from ..shop import shop

OPERATIONS = (
    search.search_order,
    orders.get_order,
    orders.confirm_order,
    shipping.update_shipping,
    shipping.update_shipping_async,
    shipping.get_result_async,
    orders.get_sub_status_list,
    orders.update_sub_status,
    orders.update_memo,
    orders.update_remarks,
    edit.update_sender,
    edit.update_sender_after_shipping,
    details.update_orderer,
    details.update_delivery,
    edit.simulate_coupon_amount,
    payment.get_payment,
    orders.cancel_order,
    orders.cancel_after_shipping,
    *inventories.OPERATIONS,
    *items.OPERATIONS,
    *shop.OPERATIONS,
    *reservations.OPERATIONS,
)
NAMES = tuple(dict.fromkeys(operation.name for operation in OPERATIONS))


def find(method, path):
    """(operation, path parameters, []), or (None, {}, operations of that path by other methods)."""
    others = []
    for operation in OPERATIONS:
        match = operation.pattern.fullmatch(path)
        if match and operation.method == method:
            return operation, match.groupdict(), others
        if match:
            others.append(operation)
    return None, {}, others
