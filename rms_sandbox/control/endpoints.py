"""Control endpoints of the sandbox, /__sandbox__/…: not part of RMS."""

import base64
import json
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from urllib.parse import parse_qsl

from ..api import faults
from ..api.operations import NAMES, OPERATIONS
from ..ground.clock import parse_loose, rms_datetime
from ..ground.errors import property_path
from ..ground.operation import NOTHING
from ..ground.shape import Date, Field, Number, Object, Objects, Text
from ..ground.store import PARAMETERS_PER_QUERY, shipping_rows
from ..ground.values import as_int, dump
from ..items import catalogue
from ..orders import lifecycle, shipping
from ..payouts.statement import statement
from ..purchases import events, generate, reservations
from ..purchases.kinds import DESCRIPTIONS
from .document import document


def moment(name):
    return Field(name, about="As RMS writes it, in ISO 8601, or seconds since 1970.")


@dataclass(frozen=True)
class Endpoint:
    """One control endpoint. ``handler(world, body, query)`` gives a dict, or JSON in pieces.

    :param Object body: shape of its body, None without one
    :param Object query: shape of its query
    :param statuses: HTTP statuses of its errors
    """

    method: str
    name: str
    handler: object
    body: Object | None = None
    example: dict = field(default_factory=dict)
    query: Object = NOTHING
    query_example: dict = field(default_factory=dict)
    statuses: tuple = (400,)

    @property
    def summary(self):
        return self.handler.__doc__.split("\n\n")[0].strip().rstrip(".")


#: {(method, name): Endpoint}, filled by :func:`endpoint`.
ENDPOINTS = {}


def endpoint(method, name, *fields, query=NOTHING, query_example=None, statuses=(400,), **example):
    """Declare the decorated function as the handler of an endpoint.

    :param fields: of its body
    :param example: values of the example of its body
    """

    def declare(handler):
        ENDPOINTS[method, name] = Endpoint(
            method,
            name,
            handler,
            Object("", *fields) if method == "POST" else None,
            example,
            query,
            query_example or {},
            statuses,
        )
        return handler

    return declare


class ControlError(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def respond(world, environ, start_response, path, raw):
    """Answer a control call; errors are {"error": sentence} with 400, 404 or 409."""
    name = path.removeprefix("/__sandbox__/").strip("/")
    query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    called = ENDPOINTS.get((environ["REQUEST_METHOD"], name))
    status, body = 200, None
    try:
        if called is None:
            raise ControlError(404, f"no control endpoint {environ['REQUEST_METHOD']} {name}")
        body = called.handler(world, checked(called, parse(raw), query), query)
    except ControlError as error:
        status, body = error.status, {"error": str(error)}
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        status, body = 400, {"error": f"{type(error).__name__}: {error}"}
    reason = {200: "OK", 400: "Bad Request", 404: "Not Found", 409: "Conflict"}[status]
    headers = [("Content-Type", "application/json; charset=utf-8")]
    if not isinstance(body, dict):  # a generator: the whole state may be large
        start_response(f"{status} {reason}", headers)
        return body
    data = dump(body).encode()
    start_response(f"{status} {reason}", [*headers, ("Content-Length", str(len(data)))])
    return [data]


def parse(raw):
    if not raw.strip():
        return {}
    value = json.loads(raw)
    if not isinstance(value, dict):
        raise ValueError("the body has to be a JSON object")
    return value


def checked(called, body, query):
    """The body, once neither it nor the query contradicts its shape."""
    problems = [*called.query.check(query), *(called.body.check(body) if called.body else ())]
    for problem in problems:
        value = "" if problem.value is None else f": {problem.value!r}"
        raise ValueError(f"{property_path(problem.path)} is {problem.kind}{value}")
    return body


def settle(world):
    reservations.fix_due(world)
    lifecycle.catch_up(world)
    shipping.run_jobs(world)


def summary(world):
    return {
        "now": rms_datetime(world.now()),
        "shop_number": world.config["shop_number"],
        "service_secret": world.config["service_secret"],
        "license_key": world.config["license_key"],
    }


@endpoint(
    "POST",
    "reset",
    *map(Text, ("shop_number", "service_secret", "license_key", "shop_url", "shop_name")),
    Number("seed"),
    moment("now"),
    moment("license_expiry"),
    Field("functions", about="Names of the functions that are ticked; null: all."),
    Field(
        "calendar",
        about="Business days: {businessHoliday, shippingHoliday or shippingOnly: "
        "{regularSchedule: [SUNDAY …, HOLIDAY], eventDates: [YYYY-MM-DD]}}; null: every day.",
    ),
    Text("rounding", choices=("floor", "ceil", "round")),
    Field("async_seconds"),
    Field("rate_limit", about="Calls per second, or {family: calls per second}; null: any."),
    seed=7,
    now="2026-01-10T12:00:00+0900",
)
def reset(world, body, query):
    """An empty shop."""
    with world.lock:
        world.reset(body)
        return summary(world)


@endpoint("POST", "clock", Field("advance_seconds"), moment("now"), advance_seconds=60)
def clock(world, body, query):
    """Moves time; what is due happens."""
    with world.lock:
        settle(world)
        if body.get("now") is not None:
            world.clock.set(parse_loose(body["now"]))
        if body.get("advance_seconds") is not None:
            world.clock.advance(float(body["advance_seconds"]))
        settle(world)
        return {"now": rms_datetime(world.now())}


@endpoint(
    "POST",
    "orders",
    Number("count"),
    Field("kinds", about="Names of GET kinds, several joined by +; taken in turn."),
    Number("status", tuple(range(100, 901, 100))),
    moment("at"),
    Number("spread_seconds"),
    Objects(
        "buy",
        Object(
            "",
            Text("manageNumber", required=True),
            Text("variantId", required=True),
            Number("units"),
        ),
    ),
    Field("orders", about="Raw orders of getOrder, stored as they are."),
    count=2,
    kinds=["simple", "cod+gift"],
)
def place_orders(world, body, query):
    """Places orders."""
    with world.lock:
        settle(world)
        if body.get("orders") is not None:
            numbers = generate.store_raw(world, body["orders"])
            return {"order_numbers": numbers, "kinds": ["raw"] * len(numbers)}
        numbers, kinds = generate.place(world, body)
        return {"order_numbers": numbers, "kinds": kinds}


@endpoint(
    "POST",
    "reservations",
    Number("count"),
    Number("type", (1, 2, 3), about="1 定期購入, 2 頒布会, 3 予約."),
    Text("manageNumber"),
    Text("variantId"),
    Number("units"),
    Number("deliveries", about="Of 1 and 2; 予約 has one."),
    Date("delivery_date", about="Of the first delivery; three days before, it becomes an order."),
    Field("reservations", about="Raw applications, stored as they are."),
    Field("take_back", about="Numbers of applications that the buyers take back."),
    count=1,
    type=3,
)
def apply_for(world, body, query):
    """Buyers apply for deliveries to come."""
    with world.lock:
        settle(world)
        for number in body.get("take_back") or ():
            world.reservations.pop(number, None)
        if body.get("take_back") is not None:
            return {"reserve_numbers": sorted(world.reservations)}
        return {"reserve_numbers": reservations.apply_for(world, body)}


@endpoint(
    "POST",
    "items",
    Number("count"),
    Field("items", about="Raw items, with quantity per variant."),
    Field("delete", about="Manage numbers."),
    count=5,
)
def put_items(world, body, query):
    """Puts items on sale or deletes them."""
    with world.lock:
        settle(world)
        if body.get("delete"):
            now = world.now()
            gone = [n for n in body["delete"] if world.store.delete_item(str(n), now)]
            return {"deleted": gone}
        return {"items": catalogue.put_on_sale(world, body)}


@endpoint(
    "POST",
    "faults",
    Text("operation", choices=("*", *NAMES)),
    Text("kind", choices=faults.KINDS),
    Number("times"),
    Field("seconds"),
    Field("retry_after"),
    Field("bytes"),
    Field("order_numbers", about="Of left_out: the orders that the answer leaves out."),
    Field("clear"),
    operation="getOrder",
    kind="503",
    times=1,
)
def put_fault(world, body, query):
    """The next calls fail."""
    with world.lock:
        if body.get("clear"):
            world.faults = []
        if body.get("kind") is not None:
            faults.add(world, body)
        elif not body.get("clear"):
            raise ValueError("kind is missing")
        return {"faults": [vars(fault) for fault in world.faults]}


@endpoint("GET", "faults")
def get_faults(world, body, query):
    """Faults that are waiting, and all kinds."""
    with world.lock:
        return {"faults": [vars(fault) for fault in world.faults], "kinds": faults.KINDS}


#: What the events that write a shipping row may be told.
ROW_FIELDS = ("deliveryCompany", "shippingNumber", "shippingDate")


@endpoint(
    "POST",
    "events",
    Text("order_number", required=True),
    Text("event", choices=events.EVENTS, required=True),
    Text("deliveryCompany", choices=shipping.CARRIERS),
    Text("shippingNumber"),
    Date("shippingDate"),
    statuses=(400, 404, 409),
    order_number="123456-20260110-0000000001",
    event="buyer_edit",
)
def event(world, body, query):
    """Something happens to an order."""
    name, number = body.get("event"), body.get("order_number")
    row = {key: body[key] for key in ROW_FIELDS if key in body}
    if name not in events.EVENTS:
        raise ValueError(f"unknown event; known: {', '.join(events.EVENTS)}")
    with world.lock:
        settle(world)
        found = world.store.order(number)
        if not found:
            raise ControlError(404, f"no order {number}")
        order, meta = found
        try:
            events.EVENTS[name](world, order, meta, world.now(), **row)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise ControlError(409, f"{name}: {error}") from error
        lifecycle.save(world, number, order, meta)
        return {"order_number": number, "orderProgress": as_int(order.get("orderProgress"))}


@endpoint(
    "POST",
    "payments",
    Field("order_numbers", about="By default all that are shipped and whose payment is not fixed."),
    moment("at"),
    statuses=(400, 404, 409),
    at="2026-01-15T10:00:00+0900",
)
def fix_payments(world, body, query):
    """Fixes payments (決済確定) of shipped orders, by default now."""
    with world.lock:
        settle(world)
        at = world.now() if body.get("at") is None else parse_loose(body["at"])
        wanted = body.get("order_numbers")
        fixed = []
        for number in world.store.order_numbers() if wanted is None else wanted:
            found = world.store.order(number)
            if not found:
                raise ControlError(404, f"no order {number}")
            order, meta = found
            if as_int(order.get("orderProgress")) in (500, 600, 700):
                if wanted is None and meta.get("pay_at"):
                    continue
                lifecycle.fix_payment(order, meta, at)
                lifecycle.save(world, number, order, meta)
                fixed.append(number)
            elif wanted is not None:
                raise ControlError(409, f"order {number} is not shipped")
        return {"order_numbers": fixed}


#: Where points and Rakuten's coupons stand in a statement.
PLACES = ("apart", "inside")


@endpoint(
    "POST",
    "statements",
    Date("issued", required=True, about="A 5th or a 20th."),
    Text("points", choices=PLACES, about="In a row of their own, or inside the payments."),
    Text("coupons", choices=PLACES, about="Rakuten's coupons likewise."),
    Field("shop_coupons", about="True: the shop's coupons are paid out and charged again."),
    Field("other_headings", about="True: the second form of the file."),
    Field("charges", about="Further charges: [{account, item, amount, tax}]."),
    issued="2026-01-20",
)
def issue(world, body, query):
    """A statement (総合精算書): 店舗別内訳書CSV and 表示情報CSV, both in Base64."""
    with world.lock:
        settle(world)
        found = statement(
            world,
            date.fromisoformat(body["issued"]),
            points=body.get("points", "apart"),
            coupons=body.get("coupons", "apart"),
            shop_coupons=bool(body.get("shop_coupons")),
            other=bool(body.get("other_headings")),
            charges=body.get("charges"),
        )
    files = {key: base64.b64encode(found.pop(key)).decode() for key in ("detail", "display")}
    return found | files


def ticked(world):
    """{name of the function: is it ticked}."""
    functions = world.config["functions"]
    names = dict.fromkeys(operation.function for operation in OPERATIONS)
    return {name: functions is None or name in functions for name in names}


@endpoint(
    "POST",
    "functions",
    Field("tick", about="Names of functions or operations."),
    Field("untick", about="Names of functions or operations."),
    untick=["updateOrderShippingAsync"],
)
def put_functions(world, body, query):
    """Ticks functions of the key and takes ticks away; without one a call gets 401."""
    by_name = {}
    for operation in OPERATIONS:
        by_name.setdefault(operation.name, set()).add(operation.function)
        by_name[operation.function] = {operation.function}
    with world.lock:
        found = ticked(world)
        for key, value in (("untick", False), ("tick", True)):
            for name in body.get(key) or ():
                if name not in by_name:
                    raise ValueError(f"unknown function {name!r}; known: {', '.join(found)}")
                found |= dict.fromkeys(by_name[name], value)
        world.config["functions"] = [name for name, on in found.items() if on]
        return {"functions": found}


@endpoint("GET", "functions")
def get_functions(world, body, query):
    """The functions of the key, and whether they are ticked."""
    with world.lock:
        return {"functions": ticked(world)}


@endpoint("GET", "kinds")
def kinds(world, body, query):
    """The kinds of orders."""
    return {"kinds": DESCRIPTIONS}


@cache
def description():
    return document(ENDPOINTS.values())


@endpoint("GET", "openapi.json", statuses=())
def openapi(world, body, query):
    """This description."""
    return description()


@endpoint("GET", "calls")
def calls(world, body, query):
    """Log of the calls."""
    with world.lock:
        return {"calls": list(world.calls), "count": world.call_count}


@endpoint("DELETE", "calls")
def clear_calls(world, body, query):
    """Empties the log."""
    with world.lock:
        world.calls.clear()
        world.call_count = 0
        return {"calls": [], "count": 0}


# State -------------------------------------------------------------------------------------

PARTS = ("shop", "orders", "shipping", "stock", "orphans", "oversold", "keys")


@endpoint(
    "GET",
    "state",
    query=Object("", Text("parts", about=f"Some of: {', '.join(PARTS)}.")),
    query_example={"parts": "stock,shipping"},
)
def state(world, body, query):
    """What the shop holds.

    A generator of JSON text: with 100,000 orders nothing is built up in memory.
    """
    wanted = [part for part in query.get("parts", "").split(",") if part] or PARTS
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        raise ValueError(f"unknown parts {unknown}; known: {', '.join(PARTS)}")
    with world.lock:
        settle(world)
        small = {"now": rms_datetime(world.now())}
        for part in wanted:
            if part in SMALL_PARTS:
                small[part] = SMALL_PARTS[part](world)
        numbers = world.store.order_numbers() if "orders" in wanted else []
    return stream_state(world, small, numbers, "orders" in wanted)


def stream_state(world, small, numbers, with_orders):
    text = dump(small)
    if not with_orders:
        yield text.encode()
        return
    yield (text[:-1] + ',"orders":{').encode()
    comma = ""
    for start in range(0, len(numbers), PARAMETERS_PER_QUERY):
        with world.lock:
            texts = world.store.order_texts(numbers[start : start + PARAMETERS_PER_QUERY])
        if texts:
            yield (comma + ",".join(f"{dump(n)}:{t}" for n, t in texts.items())).encode()
            comma = ","
    yield b"}}"


def shop_part(world):
    config = world.config
    return {
        "shop_number": config["shop_number"],
        "shop_url": config["shop_url"],
        "shop_name": config["shop_name"],
        "seed": config["seed"],
        "rounding": config["rounding"],
        "async_seconds": config["async_seconds"],
        "orders": world.store.order_count(),
        "items": world.store.item_count(),
    }


def shipping_part(world):
    return [
        {
            "orderNumber": number,
            "basketId": package.get("basketId"),
            "shippingDetailId": row.get("shippingDetailId"),
            "deliveryCompany": row.get("deliveryCompany"),
            "shippingNumber": row.get("shippingNumber"),
            "shippingDate": row.get("shippingDate"),
        }
        for number in world.store.shipped_numbers()
        for package, row in shipping_rows(world.store.order(number)[0])
    ]


def stock_part(world):
    return {f"{manage}/{variant}": q for (manage, variant), q in world.store.all_stock().items()}


def orphans_part(world):
    pairs = world.store.sku_pairs()
    return sorted("/".join(pair) for pair in world.store.all_stock() if pair not in pairs)


def keys_part(world):
    config = world.config
    return {
        "service_secret": config["service_secret"],
        "license_key": config["license_key"],
        "license_expiry": rms_datetime(world.license_expiry),
        "expired": world.now() > world.license_expiry,
        "functions": config["functions"],
    }


SMALL_PARTS = {
    "shop": shop_part,
    "shipping": shipping_part,
    "stock": stock_part,
    "orphans": orphans_part,
    "oversold": lambda world: world.oversold,
    "keys": keys_part,
}
