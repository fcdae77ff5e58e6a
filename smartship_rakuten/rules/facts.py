"""What a getOrder order says of itself, as plain values to search, group and decide by.

An order has them from the moment it is stored, in 100 already, and also where it cannot be
imported: they are read leniently, and what is missing or of a strange form is "", 0, False or None.
"""

from dataclasses import dataclass
from datetime import date

from . import display
from .carriers import RAKUTEN_COMPANIES
from .payload import LENIENT, MAX_CODE, MAX_ID, MAX_NAMED, cut
from .shipping import CASH_ON_DELIVERY, payment_code

#: settlementMethodCode of what Rakuten collects (共通決済, RMS API section 3.4), where an order has
#: no flag that tells.
COMMON_METHODS = frozenset({1, 8, 9, 12, 13, 14, 16, 17, 21, 27})
#: dueDateType (section 3.15): 支払期限.
PAYMENT_DUE = 0
#: cardInstallmentDesc (section 3.4): 103 for three payments.
_INSTALMENTS = {code: code - 100 for code in (103, 105, 106, 110, 112, 115, 118, 120, 124)}
_COMPANIES = dict(RAKUTEN_COMPANIES)


@dataclass(frozen=True, slots=True)
class Facts:
    """One order. The names are those of the fields of ``rakuten.order``; codes are digits as text,
    "" where the order tells none that is known.

    :ivar str payment_code: settlementMethodCode, known or not
    :ivar str payment_name: 支払方法, as RMS calls it in this order
    :ivar bool collected_by_rakuten: 共通決済
    :ivar str card_payment: cardPayType
    :ivar int instalments: payments of a card (分割), 0 where it is not paid in instalments
    :ivar date payment_due: 支払期限 of what is paid before the shipment, in Japan
    :ivar str delivery_name: 配送方法
    :ivar str delivery_class: deliveryClass, "" for 0 as well
    :ivar str delivery_company_code: defaultDeliveryCompanyCode, where all destinations have the
        same
    """

    payment_code: str
    payment_name: str
    collected_by_rakuten: bool
    cash_on_delivery: bool
    card_payment: str
    instalments: int
    payment_due: date | None
    delivery_name: str
    delivery_class: str
    delivery_company_code: str
    order_type: str


def read_facts(payload):
    """
    :param payload: a getOrder order (RMS API section 3), maybe a broken one
    :rtype: Facts
    """
    return Facts(**_payment(payload), **_delivery(payload), order_type=_order_type(payload))


def _payment(payload):
    data = LENIENT.object(payload, "SettlementModel")
    code = payment_code(payload)
    name = LENIENT.text(data, "settlementMethod") or display.SETTLEMENT.get(code, "")
    dues = [
        LENIENT.day(entry, "dueDate")
        for entry in LENIENT.objects(payload, "DueDateModelList")
        if LENIENT.whole(entry, "dueDateType") == PAYMENT_DUE
    ]
    return {
        "payment_code": "" if code is None else str(code)[:MAX_ID],
        "payment_name": cut(name, MAX_NAMED),
        "collected_by_rakuten": LENIENT.flag(
            data, "rpaySettlementFlag", default=code in COMMON_METHODS
        ),
        "cash_on_delivery": code == CASH_ON_DELIVERY,
        "card_payment": _known(display.CARD_PAYMENTS, data, "cardPayType"),
        "instalments": _INSTALMENTS.get(LENIENT.whole(data, "cardInstallmentDesc"), 0),
        # A new one is added to those before it.
        "payment_due": next(filter(None, reversed(dues)), None),
    }


def _delivery(payload):
    data = LENIENT.object(payload, "DeliveryModel")
    companies = {
        LENIENT.text(package, "defaultDeliveryCompanyCode") for package in LENIENT.packages(payload)
    }
    company = companies.pop() if len(companies) == 1 else ""
    return {
        "delivery_name": cut(LENIENT.text(data, "deliveryName"), MAX_CODE),
        "delivery_class": _known(display.DELIVERY_CLASSES, data, "deliveryClass"),
        "delivery_company_code": company if company in _COMPANIES else "",
    }


def _order_type(payload):
    return _known(display.ORDER_TYPES, payload, "orderType")


def _known(names, data, key):
    """A code of RMS as text, "" for one that is not known."""
    code = LENIENT.whole(data, key)
    return str(code) if code in names else ""
