"""Inventory API 2.0 and 2.1 (RMS API section 6)."""

import re

from ..ground.clock import iso_datetime
from ..ground.gateway import Response, api_error, fail, json_response
from ..ground.values import as_int

QUANTITY_MAX = 99_999
GET_MAX, UPSERT_MAX, VARIANTS_MAX = 1000, 400, 400
_MANAGE = re.compile(r"^[a-z0-9_-]+$")
_VARIANT = re.compile(r"^[A-Za-z0-9_-]+$")
LEAD_KEYS = ("normalDeliveryTimeId", "backOrderDeliveryTimeId")


def code_error(name, value, path):
    """The problem of a manageNumber or variantId, or None."""
    if value is None or value == "":
        return api_error("IE0001", f"{name} is mandatory.", path)
    if not isinstance(value, str):
        return api_error("IE0002", f"{name} has an invalid value : {value}.", path)
    if len(value.encode()) > 32:
        return api_error("IE0004", f"Max length of {name} must be within 32 bytes.", path)
    pattern, text = (_MANAGE, value.lower()) if name == "manageNumber" else (_VARIANT, value)
    if not pattern.match(text):
        return api_error("IE0002", f"{name} has an invalid value : {value}.", path)
    return None


def unknown_fields(entry, prefix, allowed):
    return [
        api_error("IE0002", f"Unrecognized field : {key}.", f"{prefix}{key}")
        for key in entry
        if key not in allowed
    ]


def change_errors(entry, prefix, allowed):
    """Problems of mode, quantity and the keys of an upsert."""
    errors = unknown_fields(entry, prefix, allowed)
    mode, quantity = entry.get("mode"), entry.get("quantity")
    if mode is None:
        errors.append(api_error("IE0001", "mode is mandatory.", f"{prefix}mode"))
    elif mode not in ("ABSOLUTE", "RELATIVE"):
        errors.append(api_error("IE0002", f"mode has an invalid value : {mode}.", f"{prefix}mode"))
    number = as_int(quantity)
    path = f"{prefix}quantity"
    if quantity is None:
        errors.append(api_error("IE0001", "quantity is mandatory.", path))
    elif number is None:
        errors.append(api_error("IE0002", f"quantity has an invalid value : {quantity}.", path))
    else:
        low = -QUANTITY_MAX if mode == "RELATIVE" else 0
        if not low <= number <= QUANTITY_MAX:
            text = f"quantity must be between {low} and {QUANTITY_MAX}."
            errors.append(api_error("IE0003", text, path))
    return errors


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


def body_list(body, maximum):
    """The checked ``inventories`` of a bulk call."""
    if body is None:
        fail(api_error("GE0011", "Request body is empty."))
    entries = body.get("inventories") if isinstance(body, dict) else None
    strange = unknown_fields(body, "", ("inventories",)) if isinstance(body, dict) else []
    if strange:
        fail(strange)
    if not entries:
        fail(api_error("IE0001", "inventories is mandatory.", "inventories"))
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        fail(api_error("IE0002", "inventories has an invalid value.", "inventories"))
    if len(entries) > maximum:
        text = f"The number of inventories must be within {maximum}."
        fail(api_error("IE1101", text, "inventories"))
    return entries


def checked_pairs(entries, more_checks=None):
    """[(manageNumber, variantId)] of a bulk call, all problems together in one answer."""
    errors, pairs, seen = [], [], set()
    for index, entry in enumerate(entries):
        prefix = f"inventories[{index}]."
        for name in ("manageNumber", "variantId"):
            problem = code_error(name, entry.get(name), prefix + name)
            if problem:
                errors.append(problem)
        if more_checks:
            errors += more_checks(entry, prefix)
        pair = (str(entry.get("manageNumber")).lower(), entry.get("variantId"))
        if repr(pair) in seen:
            text = f"Duplicate inventory : manageNumber={pair[0]}, variantId={pair[1]}."
            errors.append(api_error("IE1102", text, prefix[:-1]))
        seen.add(repr(pair))
        pairs.append(pair)
    if errors:
        fail(errors)
    return pairs


def bulk_get(world, request):
    entries = body_list(request.body, GET_MAX)
    pairs = checked_pairs(
        entries, lambda entry, prefix: unknown_fields(entry, prefix, ("manageNumber", "variantId"))
    )
    records = (record(world.store, *pair, request.params["version"]) for pair in pairs)
    return json_response({"inventories": [entry for entry in records if entry]})


def range_bound(query, name):
    if query.get(name) in (None, ""):
        return None
    number = as_int(query[name])
    if number is None:
        fail(api_error("IE0002", f"{name} has an invalid value : {query[name]}."))
    if not 0 <= number <= QUANTITY_MAX:
        fail(api_error("IE0003", f"{name} must be between 0 and {QUANTITY_MAX}."))
    return number


def bulk_get_range(world, request):
    low, high = (range_bound(request.query, name) for name in ("minQuantity", "maxQuantity"))
    if low is None and high is None:
        fail(api_error("IE0105", "minQuantity or maxQuantity is mandatory."))
    low, high = low or 0, QUANTITY_MAX if high is None else high
    if low > high:
        fail(api_error("IE0113", "minQuantity must not be greater than maxQuantity."))
    pairs = world.store.stock_range(low, high, GET_MAX + 1)
    if len(pairs) > GET_MAX:
        fail(api_error("IE0116", f"The number of hits exceeds {GET_MAX}."))
    version = request.params["version"]
    return json_response({"inventories": [record(world.store, *p, version) for p in pairs]})


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


def allowed_keys(version, *more):
    keys = {"mode", "quantity", *more}
    return keys | {"operationLeadTime", "shipFromIds"} if version == "2.1" else keys


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


def bulk_upsert(world, request):
    version = request.params["version"]
    entries = body_list(request.body, UPSERT_MAX)
    allowed = allowed_keys(version, "manageNumber", "variantId")
    pairs = checked_pairs(entries, lambda entry, prefix: change_errors(entry, prefix, allowed))
    changes = [
        (pair, entry, f"inventories[{index}]")
        for index, (pair, entry) in enumerate(zip(pairs, entries, strict=True))
    ]
    return upsert(world, version, changes)


def path_pair(request):
    manage_number, variant_id = request.params["manage"].lower(), request.params["variant"]
    for name, value in (("manageNumber", manage_number), ("variantId", variant_id)):
        problem = code_error(name, value, None)
        if problem:
            fail(problem)
    return manage_number, variant_id


def not_found(pair):
    text = f"Not found for inputs; manageNumber={pair[0]}, variantId={pair[1]}"
    fail(api_error("GE0014", text), 404)


def variant_get(world, request):
    pair = path_pair(request)
    found = record(world.store, *pair, request.params["version"])
    return json_response(found) if found else not_found(pair)


def variant_upsert(world, request):
    pair, version = path_pair(request), request.params["version"]
    if request.body is None:
        fail(api_error("GE0011", "Request body is empty."))
    if not isinstance(request.body, dict):
        fail(api_error("IE0002", "The body has an invalid value."))
    errors = change_errors(request.body, "", allowed_keys(version))
    if errors:
        fail(errors)
    return upsert(world, version, [(pair, request.body, None)])


def variant_delete(world, request):
    pair = path_pair(request)
    return Response(204, b"") if world.store.delete_stock(*pair) else not_found(pair)


def variant_list(world, request):
    """2.1: the variants of one item that have a stock record."""
    manage_number = request.params["manage"].lower()
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
