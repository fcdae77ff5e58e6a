"""Where a shop finds its keys in RMS, which functions it ticks for them, and what stops without
each (RMS API sections 1.2 and 1.7).

The one place of these facts in the module; ``docs/manual/en/keys.md`` and its Japanese tell them at
length. A function that is not ticked is refused by itself: the key is good, and the rest goes on.
"""

from contextlib import contextmanager
from dataclasses import dataclass

from markupsafe import Markup

from odoo.tools import LazyTranslate

from ...rms import CredentialsRejected, FunctionNotEnabled
from .sentences import declare_sentences, declare_words, say

_lt = LazyTranslate(__name__)

MENU = "店舗様向け情報・サービス > WEB APIサービス"
#: Both keys, behind the tick ロボットではありません.
KEYS_PAGE = "WEB APIサービス > 2-1 アプリ一覧 > 店舗様 > 詳細"
FUNCTIONS_PAGE = f"{KEYS_PAGE} > 利用機能編集"
declare_words({"menu": MENU, "keys_page": KEYS_PAGE, "functions_page": FUNCTIONS_PAGE})

#: The families of functions, as RMS's screen groups them.
ORDERS, STOCK, ITEMS = "楽天ペイ受注API", "在庫API 2.0", "商品API 2.0"
LICENCE, SHOP = "ライセンス管理API", "店舗API"
RESERVATIONS = "購入申込API"


@dataclass(frozen=True)
class Function:
    """A function of RMS that the module calls.

    :ivar str ticked: its name in RMS's list of functions
    :ivar str family: the group that it stands in
    :ivar use: what it is for
    :ivar stops: what does not go on without it
    """

    ticked: str
    family: str
    use: object
    stops: object


def _orders(name, use, stops):
    return Function(f"rpay.order.{name}", ORDERS, use, stops)


_NO_ORDERS = _lt("No order is imported, and no stock is sent.")
#: By the name of the operation, in the order in which they are told.
FUNCTIONS = {
    "searchOrder": _orders("searchOrder", _lt("Finding orders"), _NO_ORDERS),
    "getOrder": _orders("getOrder", _lt("Reading orders"), _NO_ORDERS),
    "confirmOrder": _orders(
        "confirmOrder",
        _lt("Confirming orders"),
        _lt("Orders in 注文確認待ち stay there until they are confirmed in RMS."),
    ),
    "updateOrderShipping": _orders(
        "updateOrderShipping",
        _lt("Reporting a shipment"),
        _lt("The shipment of a single order is not reported."),
    ),
    "updateOrderShippingAsync": _orders(
        "updateOrderShippingAsync",
        _lt("Reporting shipments"),
        _lt("The shipments of several orders are not reported."),
    ),
    "getResultUpdateOrderShippingAsync": _orders(
        "getResultUpdateOrderShippingAsync",
        _lt("Result of shipment reports"),
        _lt("What became of a report is known only when the orders are read again."),
    ),
    "getSubStatusList": _orders(
        "getSubStatusList", _lt("Reading sub-statuses"), _lt("Sub-statuses cannot be chosen.")
    ),
    "updateOrderSubStatus": _orders(
        "updateOrderSubStatus", _lt("Setting sub-statuses"), _lt("Sub-statuses are not set.")
    ),
    "updateOrderMemo": _orders(
        "updateOrderMemo", _lt("Writing ひとことメモ"), _lt("Nothing is written into ひとことメモ.")
    ),
    "cancelOrder": _orders(
        "cancelOrder",
        _lt("Cancelling orders before they are shipped"),
        _lt("Orders that are not shipped have to be cancelled in RMS."),
    ),
    "cancelOrderAfterShipping": _orders(
        "cancelOrderAfterShipping",
        _lt("Cancelling orders after they are shipped"),
        _lt("Orders that are shipped have to be cancelled in RMS."),
    ),
    "inventories.bulk.get": Function(
        "inventories.bulk.get",
        STOCK,
        _lt("Comparing stock"),
        _lt("No stock is sent, because what Rakuten holds cannot be read."),
    ),
    "inventories.bulk.upsert": Function(
        "inventories.bulk.upsert", STOCK, _lt("Sending stock"), _lt("No stock is sent.")
    ),
    "items.search": Function(
        "itemapi_2.0.items.search",
        ITEMS,
        _lt("Reading items and SKUs"),
        _lt("SKUs are not read, so they are mapped from orders only and no stock is sent."),
    ),
    "license.expiryDate.get": Function(
        "license.expiryDate.get",
        LICENCE,
        _lt("End of the licence key"),
        _lt("The end of the key has to be typed in, so that Odoo can remind you."),
    ),
    "reserve.infoList.get": Function(
        "reserve.infoList.get",
        RESERVATIONS,
        _lt("Reading reservations and subscriptions"),
        _lt("Reservations and subscriptions are not listed before they become orders."),
    ),
    "shopMaster": Function(
        "shopMaster",
        SHOP,
        _lt("Verifying the Shop URL Name"),
        _lt("The Shop URL Name cannot be verified."),
    ),
    "shopCalendar": Function(
        "shopCalendar",
        SHOP,
        _lt("Reading the closing days"),
        _lt("The closing days have to be entered in Odoo."),
    ),
}
declare_sentences({f"without.{name}": entry.stops for name, entry in FUNCTIONS.items()})

#: How a shop gets its keys, step by step.
WAY = (
    _lt(
        "Log in to RMS, open %(menu)s > 2-1 アプリ一覧 and press 詳細 in the row 店舗様. Where "
        "there is no such row, register it first under 2-2 アプリ登録: agree, enter 自店舗利用 as "
        "アプリ名 and 汎用 as 概要, press 登録."
    ),
    _lt(
        "Press 利用機能編集 and tick, with 全て選択, the whole group 楽天ペイ受注API "
        "(RakutenPay_OrderAPI); further 在庫API 2.0 (stock), 商品API 2.0 (SKU import; needs "
        "商品一括登録サービス), ライセンス管理API (expiry date) and 店舗API (shop name)."
    ),
    _lt(
        "Back at 詳細, tick ロボットではありません and press 確認する: RMS shows serviceSecret and "
        "the whole licenseKey."
    ),
)
OLD_WAY = _lt(
    "Until April 2025 the way was WEB APIサービス > 申込、利用規約確認 and "
    "ライセンスキーの確認・変更; many guides still tell it."
)


def way_to_keys(env):
    """How a shop gets its keys, in the language of the environment.

    :rtype: Markup
    """
    steps = Markup()
    for step in WAY:
        text = env._(step)
        steps += Markup("<li>%s</li>") % (text % {"menu": MENU})
    old_way = env._(OLD_WAY)
    return Markup('<ol class="lh-lg">%s</ol><p class="o_rakuten_hint">%s</p>') % (steps, old_way)


def with_family(operation):
    """The name of an operation and where RMS lists it, ``searchOrder (楽天ペイ受注API)``."""
    function = FUNCTIONS.get(operation)
    return f"{operation} ({function.family})" if function else operation


def what_stops(env, operations):
    """What does not go on without these operations, each thing once.

    :return: list of Sentences
    """
    told = {}
    for name in operations:
        if name in FUNCTIONS:
            sentence = say(env, f"without.{name}")
            told.setdefault(str(sentence), sentence)
    return list(told.values())


@contextmanager
def independent_steps():
    """Parts of a job of which each may need a function of its own: where Rakuten refuses it to one
    part, the others are done all the same, and the job tells of it at its end.

    :return: a function, ``with step(): …`` for each part
    :raise CredentialsRejected, FunctionNotEnabled: the first refusal, after all parts
    """
    refused = []

    @contextmanager
    def step():
        try:
            yield
        except (CredentialsRejected, FunctionNotEnabled) as error:
            refused.append(error)

    yield step
    if refused:
        raise refused[0]
