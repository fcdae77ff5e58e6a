"""Item API 2.0, reading only (RMS API section 7)."""

import base64
import binascii
from decimal import Decimal, InvalidOperation

from ..ground.clock import DAY, parse_date
from ..ground.errors import api_error, fail, refuse_values
from ..ground.gateway import json_response
from ..ground.operation import Operation
from ..ground.shape import Date, Number, Object, Text, Texts
from ..ground.values import dicts

TEXT_FILTERS = (
    "title tagline manageNumber itemNumber articleNumber variantId merchantDefinedSkuId"
).split()
SORT_KEYS = (
    "updated created itemDisplaySequence manageNumber purchasablePeriodStart"
    " purchasablePeriodEnd pointCampaignStart pointCampaignEnd pointRate reviewCount"
    " reviewAverageRating"
).split()
HITS, HITS_MAX, OFFSET_MAX, BULK_MAX = 10, 100, 10_000, 50


def price_of(value):
    """standardPrice comes as number, as text and with thousands commas."""
    try:
        return Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        return None


def variants_of(item):
    """[(variantId, variant)]; a deleted item has none."""
    variants = item.get("variants")
    if not isinstance(variants, dict):
        return []
    return [(key, value) for key, value in variants.items() if isinstance(value, dict)]


def texts_of(item, name):
    """The texts of an item that a partial match looks into."""
    if name in ("title", "tagline", "manageNumber", "itemNumber"):
        return [str(item.get(name) or "")]
    if name == "variantId":
        return [key for key, _variant in variants_of(item)]
    if name == "merchantDefinedSkuId":
        return [str(variant.get(name) or "") for _key, variant in variants_of(item)]
    articles = dicts([variant.get("articleNumber") for _key, variant in variants_of(item)])
    return [str(article.get("value") or "") for article in articles]


def is_back_order(variant):
    return bool(variant.get("backOrderFlag"))


def is_postage_included(variant):
    shipping = variant.get("shipping")
    return isinstance(shipping, dict) and bool(shipping.get("postageIncluded"))


#: Filters that ask whether some SKU of the item is so.
VARIANT_FLAGS = {
    "isHiddenVariant": lambda variant: bool(variant.get("hidden")),
    "isBackOrder": is_back_order,
    "isPostageIncluded": is_postage_included,
}
#: Filters that ask whether the item is so.
ITEM_FLAGS = {
    "isHiddenItem": lambda item: bool(item.get("hideItem")),
    "isSubscription": lambda item: bool(item.get("subscription")),
}


class Day(Date):
    """A day, read as the moment of its beginning in Japan."""

    def read(self, value):
        return parse_date(value)


class Boolean(Text):
    """``true`` or ``false``."""

    def __init__(self, name):
        super().__init__(name, choices=("true", "false"))

    def read(self, value):
        return value == "true"


STOCKOUT_FLAGS = {"isVariantStockout": any, "isItemStockout": all}
QUERY = Object(
    "",
    Text("cursorMark", about="* at first; not with sortKey, sortOrder or offset."),
    Number("hits", range(1, HITS_MAX + 1), default=HITS),
    Number("offset", range(OFFSET_MAX + 1), default=0),
    Text("sortKey", choices=SORT_KEYS, default="updated"),
    Text("sortOrder", choices=("asc", "desc"), default="desc"),
    *map(Text, TEXT_FILTERS),
    Text("itemType", choices=("NORMAL", "PRE_ORDER", "BUYING_CLUB")),
    Text("genreId"),
    *map(Boolean, (*ITEM_FLAGS, *VARIANT_FLAGS, *STOCKOUT_FLAGS)),
    *[Number(name, range(1_000_000_000)) for name in ("standardPriceFrom", "standardPriceTo")],
    *map(Day, ("createdFrom", "createdTo", "updatedFrom", "updatedTo")),
)


def stockout_tests(found, stock):
    """isVariantStockout: some SKU is sold out; isItemStockout: all of them are.

    :param found: the query as :data:`QUERY` reads it
    :param stock: function of manageNumber and variantId: record with its quantity, or None
    """
    for name, combine in STOCKOUT_FLAGS.items():
        wanted = found[name]
        if wanted is not None:
            yield (
                lambda c, u, item, combine=combine, wanted=wanted: (
                    wanted
                    == combine(
                        not (stock(item["manageNumber"], key) or {}).get("quantity")
                        for key, _variant in variants_of(item)
                    )
                )
            )


def filter_tests(found):
    """A list of functions (created, updated, item) -> bool.

    :param found: the query as :data:`QUERY` reads it
    """
    tests = []
    for name in TEXT_FILTERS:
        if found[name]:
            tests.append(
                lambda c, u, item, name=name: any(found[name] in t for t in texts_of(item, name))
            )
    for name in ("itemType", "genreId"):
        if found[name]:
            tests.append(lambda c, u, item, n=name: str(item.get(n)) == found[n])
    for name, is_so in ITEM_FLAGS.items():
        if found[name] is not None:
            tests.append(lambda c, u, item, f=is_so, w=found[name]: f(item) == w)
    for name, is_so in VARIANT_FLAGS.items():
        if found[name] is not None:
            tests.append(
                lambda c, u, item, f=is_so, w=found[name]: any(
                    f(v) == w for _k, v in variants_of(item)
                )
            )
    for name, upper in (("standardPriceFrom", False), ("standardPriceTo", True)):
        if found[name] is not None:
            tests.append(price_test(found[name], upper))
    for index, name in enumerate(("created", "updated")):
        low, high = found[f"{name}From"], found[f"{name}To"]
        if low is not None:
            tests.append(lambda c, u, item, i=index, b=low: (c, u)[i] >= b)
        if high is not None:  # the bound is completed to the end of the day
            tests.append(lambda c, u, item, i=index, b=high + DAY: (c, u)[i] < b)
    return tests


def price_test(bound, upper):
    def test(_created, _updated, item):
        prices = [price_of(v.get("standardPrice")) for _key, v in variants_of(item)]
        return any(
            price is not None and (price <= bound if upper else price >= bound) for price in prices
        )

    return test


def encode_cursor(manage_number):
    """A cursor with characters that have to be encoded in a URL, as real ones have."""
    return "AoE+" + base64.b64encode(b"\x3f" + manage_number.encode()).decode() + "/="


def decode_cursor(cursor):
    """The last manageNumber that was served; "" for ``*``."""
    if cursor == "*":
        return ""
    try:
        if not (cursor.startswith("AoE+") and cursor.endswith("/=")):
            raise ValueError(cursor)
        return base64.b64decode(cursor[4:-2], validate=True)[1:].decode()
    except (ValueError, binascii.Error):
        fail(api_error("IE0002", f"cursorMark has an invalid value : {cursor}."))


def sort_value(key):
    def value(row):
        created, updated, _deleted, item = row
        values = {"created": created, "updated": updated}
        return (values.get(key, str(item.get(key, ""))), item.get("manageNumber"))

    return value


def item_call(name, method, path, **options):
    """Declare the decorated function as the handler of a call of the item API."""

    def declare(handler):
        return Operation(
            name,
            "item",
            method,
            "/es/2.0/items" + path,
            f"itemapi_2.0.{name}",
            "7",
            handler,
            refuse_values,
            **options,
        )

    return declare


@item_call(
    "items.search",
    "GET",
    "/search",
    query=QUERY,
    examples={"query": {"cursorMark": "*", "hits": "100"}},
)
def search(world, request):
    """Items, page by page or with a cursor."""
    wanted = QUERY.read(request.query)
    hits, offset, cursor = wanted["hits"], wanted["offset"], wanted["cursorMark"]
    if cursor and any(request.query.get(name) for name in ("sortKey", "sortOrder", "offset")):
        text = "cursorMark cannot be used together with sortKey, sortOrder or offset."
        fail(api_error("IE0002", text))
    tests = [*filter_tests(wanted), *stockout_tests(wanted, world.store.stock)]
    found = [
        row for row in world.store.items() if all(test(row[0], row[1], row[3]) for test in tests)
    ]
    result = {"numFound": len(found), "offset": offset}
    if cursor:
        last = decode_cursor(cursor)
        page = [row for row in found if row[3]["manageNumber"] > last][:hits]
        # The cursor stands still once nothing is left: that is how a reader sees the end.
        end = page[-1][3]["manageNumber"] if page else None
        result["nextCursorMark"] = encode_cursor(end) if end else cursor
    else:
        found.sort(key=sort_value(wanted["sortKey"]), reverse=wanted["sortOrder"] == "desc")
        page = found[offset : offset + hits]
    result["results"] = [{"item": row[3]} for row in page]
    return json_response(result)


@item_call(
    "items.bulk.get",
    "POST",
    "/bulk-get",
    body=Object("", Texts("manageNumbers", BULK_MAX, required=True)),
    examples={"body": {"manageNumbers": ["item-00001"]}},
)
def bulk_get(world, request):
    """Up to 50 items."""
    numbers = dict.fromkeys(request.body["manageNumbers"])
    items = [world.store.item(number.lower()) for number in numbers]
    return json_response({"results": [item for item in items if item]})


@item_call(
    "items.get",
    "GET",
    "/manage-numbers/{manageNumber}",
    params=Object("", Text("manageNumber", required=True)),
    examples={"params": {"manageNumber": "item-00001"}},
    statuses=(400, 404),
)
def get(world, request):
    """One item."""
    manage_number = request.params["manageNumber"].lower()
    item = world.store.item(manage_number)
    if item is None:
        text = f"No item found for inputs; manageNumber={manage_number}"
        fail(api_error("GE0014", text), 404)
    return json_response(item)


OPERATIONS = (search, bulk_get, get)
