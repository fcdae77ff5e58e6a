"""Control endpoints of the sandbox, /__sandbox__/…: not part of RMS."""

import json
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

from ..api import faults
from ..ground.clock import parse_loose, rms_datetime
from ..ground.store import CHUNK, shipping_rows
from ..ground.values import as_int, dump
from ..items import catalogue
from ..orders import lifecycle, shipping
from ..purchases import events, generate
from ..purchases.kinds import DESCRIPTIONS


class ControlError(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def respond(world, environ, start_response, path, raw):
    """Answer a control call; errors are {"error": sentence} with 400, 404 or 409."""
    name = path.removeprefix("/__sandbox__/").strip("/")
    query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    handler = HANDLERS.get((environ["REQUEST_METHOD"], name))
    status, body = 200, None
    try:
        if handler is None:
            raise ControlError(404, f"no control endpoint {environ['REQUEST_METHOD']} {name}")
        body = handler(world, parse(raw), query)
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


def settle(world):
    lifecycle.catch_up(world)
    shipping.run_jobs(world)


def summary(world):
    return {
        "now": rms_datetime(world.now()),
        "shop_number": world.config["shop_number"],
        "service_secret": world.config["service_secret"],
        "license_key": world.config["license_key"],
    }


def reset(world, body, query):
    with world.lock:
        world.reset(body)
        return summary(world)


def clock(world, body, query):
    with world.lock:
        settle(world)
        if body.get("now") is not None:
            world.clock.set(parse_loose(body["now"]))
        if body.get("advance_seconds") is not None:
            world.clock.advance(float(body["advance_seconds"]))
        settle(world)
        return {"now": rms_datetime(world.now())}


def place_orders(world, body, query):
    with world.lock:
        settle(world)
        if body.get("orders") is not None:
            numbers = generate.store_raw(world, body["orders"])
            return {"order_numbers": numbers, "kinds": ["raw"] * len(numbers)}
        numbers, kinds = generate.place(world, body)
        return {"order_numbers": numbers, "kinds": kinds}


def put_items(world, body, query):
    with world.lock:
        settle(world)
        if body.get("delete"):
            now = world.now()
            gone = [n for n in body["delete"] if world.store.delete_item(str(n), now)]
            return {"deleted": gone}
        return {"items": catalogue.put_on_sale(world, body)}


def put_fault(world, body, query):
    with world.lock:
        if body.get("clear"):
            world.faults = []
        if body.get("kind") is not None:
            faults.add(world, body)
        elif not body.get("clear"):
            raise ValueError("kind is missing")
        return {"faults": [vars(fault) for fault in world.faults]}


def get_faults(world, body, query):
    with world.lock:
        return {"faults": [vars(fault) for fault in world.faults], "kinds": faults.KINDS}


def event(world, body, query):
    name, number = body.get("event"), body.get("order_number")
    if name not in events.EVENTS:
        raise ValueError(f"unknown event; known: {', '.join(events.EVENTS)}")
    with world.lock:
        settle(world)
        found = world.store.order(number)
        if not found:
            raise ControlError(404, f"no order {number}")
        order, meta = found
        try:
            events.EVENTS[name](world, order, meta, world.now())
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise ControlError(409, f"{name}: {error}") from error
        lifecycle.save(world, number, order, meta)
        return {"order_number": number, "orderProgress": as_int(order.get("orderProgress"))}


def kinds(world, body, query):
    return {"kinds": DESCRIPTIONS}


@cache
def description():
    return json.loads(Path(__file__).with_name("openapi.json").read_text(encoding="utf-8"))


def openapi(world, body, query):
    return description()


def calls(world, body, query):
    with world.lock:
        return {"calls": list(world.calls), "count": world.call_count}


def clear_calls(world, body, query):
    with world.lock:
        world.calls.clear()
        world.call_count = 0
        return {"calls": [], "count": 0}


# State -------------------------------------------------------------------------------------

PARTS = ("shop", "orders", "shipping", "stock", "orphans", "oversold", "keys")


def state(world, body, query):
    """A generator of JSON text: with 100,000 orders nothing is built up in memory."""
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
    for start in range(0, len(numbers), CHUNK):
        with world.lock:
            texts = world.store.order_texts(numbers[start : start + CHUNK])
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
HANDLERS = {
    ("POST", "reset"): reset,
    ("POST", "orders"): place_orders,
    ("POST", "items"): put_items,
    ("POST", "clock"): clock,
    ("POST", "faults"): put_fault,
    ("GET", "faults"): get_faults,
    ("POST", "events"): event,
    ("GET", "kinds"): kinds,
    ("GET", "openapi.json"): openapi,
    ("GET", "state"): state,
    ("GET", "calls"): calls,
    ("DELETE", "calls"): clear_calls,
}
