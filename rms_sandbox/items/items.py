"""Item API 2.0, reading only (RMS API section 7)."""

import base64
import binascii
from decimal import Decimal, InvalidOperation

from ..ground.clock import DAY, parse_date
from ..ground.gateway import api_error, fail, json_response
from ..ground.values import as_int, dicts

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


def number_in(query, name, low, high, default):
    if query.get(name) in (None, ""):
        return default
    number = as_int(query[name])
    if number is None:
        fail(api_error("IE0002", f"{name} has an invalid value : {query[name]}."))
    if not low <= number <= high:
        fail(api_error("IE0003", f"{name} must be between {low} and {high}."))
    return number


def choice_in(query, name, choices, default=None):
    value = query.get(name)
    if value in (None, ""):
        return default
    if value not in choices:
        fail(api_error("IE0007", f"Invalid choice selected for {name}."))
    return value


def flag_in(query, name):
    value = choice_in(query, name, ("true", "false"))
    return None if value is None else value == "true"


def day_in(query, name):
    if query.get(name) in (None, ""):
        return None
    moment = parse_date(query[name])
    if moment is None:
        fail(api_error("IE0002", f"{name} has an invalid value : {query[name]}."))
    return moment


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


def stockout_tests(query, stock):
    """isVariantStockout: some SKU is sold out; isItemStockout: all of them are.

    :param stock: function of manageNumber and variantId: record with its quantity, or None
    """
    for name, combine in (("isVariantStockout", any), ("isItemStockout", all)):
        wanted = flag_in(query, name)
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


def parse_filters(query):
    """A list of functions (created, updated, item) -> bool."""
    tests = []
    for name in TEXT_FILTERS:
        if query.get(name):
            tests.append(
                lambda c, u, item, name=name: any(query[name] in t for t in texts_of(item, name))
            )
    item_type = choice_in(query, "itemType", ("NORMAL", "PRE_ORDER", "BUYING_CLUB"))
    for name, value in (("itemType", item_type), ("genreId", query.get("genreId"))):
        if value:
            tests.append(lambda c, u, item, n=name, v=value: str(item.get(n)) == v)
    for name, is_so in ITEM_FLAGS.items():
        wanted = flag_in(query, name)
        if wanted is not None:
            tests.append(lambda c, u, item, f=is_so, w=wanted: f(item) == w)
    for name, is_so in VARIANT_FLAGS.items():
        wanted = flag_in(query, name)
        if wanted is not None:
            tests.append(
                lambda c, u, item, f=is_so, w=wanted: any(f(v) == w for _k, v in variants_of(item))
            )
    for name, upper in (("standardPriceFrom", False), ("standardPriceTo", True)):
        bound = number_in(query, name, 0, 999_999_999, None)
        if bound is not None:
            tests.append(price_test(bound, upper))
    for index, name in enumerate(("created", "updated")):
        low, high = day_in(query, f"{name}From"), day_in(query, f"{name}To")
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


def search(world, request):
    query = request.query
    hits = number_in(query, "hits", 1, HITS_MAX, HITS)
    offset = number_in(query, "offset", 0, OFFSET_MAX, 0)
    sort_key = choice_in(query, "sortKey", SORT_KEYS, "updated")
    descending = choice_in(query, "sortOrder", ("asc", "desc"), "desc") == "desc"
    cursor = query.get("cursorMark")
    if cursor and any(query.get(name) for name in ("sortKey", "sortOrder", "offset")):
        text = "cursorMark cannot be used together with sortKey, sortOrder or offset."
        fail(api_error("IE0002", text))
    tests = [*parse_filters(query), *stockout_tests(query, world.store.stock)]
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
        found.sort(key=sort_value(sort_key), reverse=descending)
        page = found[offset : offset + hits]
    result["results"] = [{"item": row[3]} for row in page]
    return json_response(result)


def get(world, request):
    manage_number = request.params["manage"].lower()
    item = world.store.item(manage_number)
    if item is None:
        text = f"No item found for inputs; manageNumber={manage_number}"
        fail(api_error("GE0014", text), 404)
    return json_response(item)


def bulk_get(world, request):
    body = request.body
    numbers = body.get("manageNumbers") if isinstance(body, dict) else None
    if body is None:
        fail(api_error("GE0011", "Request body is empty."))
    if not numbers:
        fail(api_error("IE0001", "manageNumbers is mandatory.", "manageNumbers"))
    if not isinstance(numbers, list) or not all(isinstance(n, str) for n in numbers):
        fail(api_error("IE0002", "manageNumbers has an invalid value.", "manageNumbers"))
    if len(numbers) > BULK_MAX:
        text = f"The number of manageNumbers must be within {BULK_MAX}."
        fail(api_error("IE1101", text, "manageNumbers"))
    items = [world.store.item(number.lower()) for number in dict.fromkeys(numbers)]
    return json_response({"results": [item for item in items if item]})
