"""Inventory API 2.0 and 2.1 (RMS API section 6)."""

import re

from ..ground.clock import iso_datetime
from ..ground.errors import api_error, fail, refuse_values
from ..ground.gateway import Response, json_response
from ..ground.operation import Operation
from ..ground.shape import Field, Number, Object, Objects, Text
from ..ground.values import as_int

QUANTITY_MAX = 99_999
GET_MAX, UPSERT_MAX, VARIANTS_MAX = 1000, 400, 400
_CODE = re.compile(r"[A-Za-z0-9_-]+")
LEAD_KEYS = ("normalDeliveryTimeId", "backOrderDeliveryTimeId")


def quantity_range(change):
    return range(-QUANTITY_MAX if change.get("mode") == "RELATIVE" else 0, QUANTITY_MAX + 1)


PAIR = (
    Text("manageNumber", size=32, pattern=_CODE, required=True, about="In lower case."),
    Text("variantId", size=32, pattern=_CODE, required=True),
)
CHANGE = (
    Text("mode", choices=("ABSOLUTE", "RELATIVE"), required=True, empty=(None,)),
    Number(
        "quantity",
        range(-QUANTITY_MAX, QUANTITY_MAX + 1),
        within=quantity_range,
        required=True,
        empty=(None,),
        about="Negative with RELATIVE only.",
    ),
)
#: What version 2.1 adds to a change; left out means deleted.
LEAD = (Field("operationLeadTime"), Field("shipFromIds"))
EXAMPLE_PAIR = {"manageNumber": "item-00001", "variantId": "normal-inventory"}
EXAMPLE_CHANGE = {"mode": "RELATIVE", "quantity": 1}


def change_fields(version):
    return (*CHANGE, *LEAD) if version == "2.1" else CHANGE


def pair_of(model):
    """(manageNumber, variantId) as they are stored: the first in lower case."""
    return str(model["manageNumber"]).lower(), model["variantId"]


def bulk(most, *fields):
    """The shape of a bulk call."""
    return Object(
        "",
        Objects(
            "inventories",
            Object("", *fields, closed=True),
            most=most,
            required=True,
            blamed="inventories",
            same=lambda entry: (
                str(entry.get("manageNumber")).lower(),
                str(entry.get("variantId")),
            ),
        ),
        closed=True,
    )


def inventory_call(name, method, path, versions=("2.0", "2.1"), body=None, **options):
    """Declare the decorated function as the handler of a call, once for each version.

    :param body: function of the version to the shape of the body
    """

    def declare(handler):
        return tuple(
            Operation(
                name,
                "inventory",
                method,
                f"/es/{version}/inventories{path}",
                f"inventoryapi_{versions[0]}.{name}",
                "6",
                handler,
                refuse_values,
                version=version,
                body=body and body(version),
                **options,
            )
            for version in versions
        )

    return declare


def lead_of(entry):
    """The lead-time part that a 2.1 record keeps; only what is set."""
    lead = {}
    times = entry.get("operationLeadTime")
    if isinstance(times, dict):
        times = {key: times[key] for key in LEAD_KEYS if times.get(key) is not None}
        if times:
            lead["operationLeadTime"] = times
    if entry.get("shipFromIds"):
        lead["shipFromIds"] = entry["shipFromIds"]
    return lead


def record(store, manage_number, variant_id, version):
    """One record of an answer, or None."""
    found = store.stock(manage_number, variant_id)
    if found is None:
        return None
    return {
        "manageNumber": manage_number,
        "variantId": variant_id,
        "quantity": found["quantity"],
        **(found["lead"] if version == "2.1" else {}),
        "created": iso_datetime(found["created"]),
        "updated": iso_datetime(found["updated"]),
    }


@inventory_call(
    "inventories.bulk.get",
    "POST",
    "/bulk-get",
    body=lambda _version: bulk(GET_MAX, *PAIR),
    examples={"body": {"inventories": [EXAMPLE_PAIR]}},
)
def bulk_get(world, request):
    """Stock of up to 1000 variants."""
    pairs = map(pair_of, request.body["inventories"])
    records = (record(world.store, *pair, request.version) for pair in pairs)
    return json_response({"inventories": [entry for entry in records if entry]})


_RANGE = Object(
    "", *[Number(name, range(QUANTITY_MAX + 1)) for name in ("minQuantity", "maxQuantity")]
)


@inventory_call(
    "inventories.bulk.get.range",
    "GET",
    "/bulk-get/range",
    query=_RANGE,
    examples={"query": {"minQuantity": "0", "maxQuantity": "99999"}},
)
def bulk_get_range(world, request):
    """Stock within bounds, at most 1000 hits; one of the bounds is needed."""
    low, high = _RANGE.read(request.query).values()
    if low is None and high is None:
        fail(api_error("IE0105", "minQuantity or maxQuantity is mandatory."))
    low, high = low or 0, QUANTITY_MAX if high is None else high
    if low > high:
        fail(api_error("IE0113", "minQuantity must not be greater than maxQuantity."))
    pairs = world.store.stock_range(low, high, GET_MAX + 1)
    if len(pairs) > GET_MAX:
        fail(api_error("IE0116", f"The number of hits exceeds {GET_MAX}."))
    records = [record(world.store, *pair, request.version) for pair in pairs]
    return json_response({"inventories": records})


def new_quantity(store, pair, entry, path):
    """(quantity after the change, problem)."""
    found = store.stock(*pair)
    number = as_int(entry["quantity"])
    if entry["mode"] == "ABSOLUTE":
        if found is None and store.variant_count(pair[0]) >= VARIANTS_MAX:
            text = f"The number of variants of an item must be within {VARIANTS_MAX}."
            return None, api_error("IE0121", text, path)
        return number, None
    if found is None:
        text = f"No inventory for RELATIVE; manageNumber={pair[0]}, variantId={pair[1]}"
        return None, api_error("IE0500", text, path)
    quantity = found["quantity"] + number
    if not 0 <= quantity <= QUANTITY_MAX:
        text = f"quantity must be between 0 and {QUANTITY_MAX} after the change."
        return None, api_error("IE0117", text, path)
    return quantity, None


def upsert(world, version, changes):
    """Write [(pair, entry, path)], all or nothing. 2.1 replaces the lead times, 2.0 keeps them."""
    quantities, errors = [], []
    for pair, entry, path in changes:
        quantity, problem = new_quantity(world.store, pair, entry, path)
        quantities.append(quantity)
        if problem:
            errors.append(problem)
    if errors:
        fail(errors)
    now = world.now()
    world.store.begin()
    for (pair, entry, _path), quantity in zip(changes, quantities, strict=True):
        lead = lead_of(entry) if version == "2.1" else None
        world.store.put_stock(*pair, quantity, now, lead)
    world.store.commit()
    return Response(204, b"")


@inventory_call(
    "inventories.bulk.upsert",
    "POST",
    "/bulk-upsert",
    body=lambda version: bulk(UPSERT_MAX, *PAIR, *change_fields(version)),
    examples={"body": {"inventories": [EXAMPLE_PAIR | EXAMPLE_CHANGE]}},
)
def bulk_upsert(world, request):
    """Writes up to 400 stocks, all or none."""
    changes = [
        (pair_of(entry), entry, f"inventories[{index}]")
        for index, entry in enumerate(request.body["inventories"])
    ]
    return upsert(world, request.version, changes)


def not_found(pair):
    text = f"Not found for inputs; manageNumber={pair[0]}, variantId={pair[1]}"
    fail(api_error("GE0014", text), 404)


_VARIANT = "/manage-numbers/{manageNumber}/variants/{variantId}"
_VARIANT_OPTIONS = {"params": Object("", *PAIR), "statuses": (400, 404)}


@inventory_call(
    "inventories.variants.get",
    "GET",
    _VARIANT,
    examples={"params": EXAMPLE_PAIR},
    **_VARIANT_OPTIONS,
)
def variant_get(world, request):
    """Stock of one variant."""
    pair = pair_of(request.params)
    found = record(world.store, *pair, request.version)
    return json_response(found) if found else not_found(pair)


@inventory_call(
    "inventories.variants.upsert",
    "PUT",
    _VARIANT,
    body=lambda version: Object("", *change_fields(version), closed=True),
    examples={"params": EXAMPLE_PAIR, "body": EXAMPLE_CHANGE},
    params=Object("", *PAIR),
)
def variant_upsert(world, request):
    """Writes the stock of one variant."""
    return upsert(world, request.version, [(pair_of(request.params), request.body, None)])


@inventory_call(
    "inventories.variants.delete",
    "DELETE",
    _VARIANT,
    examples={"params": EXAMPLE_PAIR},
    **_VARIANT_OPTIONS,
)
def variant_delete(world, request):
    """Deletes the stock record."""
    pair = pair_of(request.params)
    return Response(204, b"") if world.store.delete_stock(*pair) else not_found(pair)


@inventory_call(
    "inventories.variant-lists.get",
    "GET",
    "/variant-lists/manage-numbers/{manageNumber}",
    versions=("2.1",),
    params=Object("", Text("manageNumber", required=True)),
    examples={"params": {"manageNumber": "item-00001"}},
    statuses=(400, 404),
)
def variant_list(world, request):
    """Variants of one item that have a stock record."""
    manage_number = request.params["manageNumber"].lower()
    query = "SELECT variant_id, created, updated FROM stock WHERE manage_number = ?"
    rows = world.store.db.execute(query, (manage_number,)).fetchall()
    if not rows:
        text = f"Not found for inputs; manageNumber={manage_number}"
        fail(api_error("GE0014", text), 404)
    return json_response(
        {
            "manageNumber": manage_number,
            "variantList": [row[0] for row in rows],
            "created": iso_datetime(min(row[1] for row in rows)),
            "updated": iso_datetime(max(row[2] for row in rows)),
        }
    )


OPERATIONS = (
    *bulk_get,
    *bulk_get_range,
    *bulk_upsert,
    *variant_get,
    *variant_upsert,
    *variant_delete,
    *variant_list,
)
