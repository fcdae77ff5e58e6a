"""The OpenAPI document: written from what is declared, and from what a small shop answers.

Requests are the shapes that the calls are checked by. Answers are those of a shop of its own, which
has an order of every kind, to the examples of the requests: their schemas say what was seen there.
"""

import json
import re

from .. import __version__
from ..api.operations import OPERATIONS
from ..ground import gateway
from ..ground.errors import api_error
from ..ground.gateway import Request
from ..ground.world import World
from ..inventory import inventories
from ..items import catalogue
from ..orders import orders, shipping
from ..orders.messages import no_object
from ..purchases import generate
from ..purchases.kinds import KINDS

TAGS = {
    "order": "Order API",
    "inventory": "Inventory API 2.0 and 2.1",
    "item": "Item API 2.0",
    "license": "Licence management",
    "shop": "ShopAPI, XML",
    "reserve": "ReserveAPI",
    "sandbox": "Control endpoints, not part of RMS",
}
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
_TYPES |= {dict: "object", type(None): "null"}


def observed(values):
    """The JSON schema of all values that were seen at one place.

    An object whose keys are data, such as codes of variants, is a map.
    """
    types = {_TYPES[type(value)] for value in values}
    if "number" in types:
        types.discard("integer")
    schema = {"type": sorted(types)[0] if len(types) == 1 else sorted(types)}
    objects = [value for value in values if isinstance(value, dict)]
    entries = [entry for value in values if isinstance(value, list) for entry in value]
    if objects:
        keys = dict.fromkeys(key for value in objects for key in value)
        if all(map(_IDENTIFIER.fullmatch, keys)):
            schema["properties"] = {
                key: observed([value[key] for value in objects if key in value]) for key in keys
            }
        else:
            inner = [entry for value in objects for entry in value.values()]
            schema["additionalProperties"] = observed(inner)
    if entries:
        schema["items"] = observed(entries)
    return schema


def sample_shop(kinds=()):
    """A shop in which every example finds what it asks for, and orders of some kinds."""
    world = World()
    world.reset({"now": "2026-01-10T12:00:00+0900"})
    catalogue.put_on_sale(world, {"count": 8})
    at = "2026-01-10T10:00:00+0900"
    generate.place(world, {"buy": [inventories.EXAMPLE_PAIR], "at": at})
    if kinds:
        generate.place(world, {"kinds": list(kinds), "at": at})
    request_id = shipping.get_result_async.examples["body"]["requestId"]
    shipment = shipping.update_shipping.examples["body"]
    world.jobs[request_id] = {"due": world.clock.exact(), "models": [shipment], "result": None}
    shipping.run_jobs(world)
    return world


def sample_answer(operation):
    """What the sample shop answers to the example of an operation.

    getOrder gets one order of each kind, and a number that does not exist.
    """
    everything = operation is orders.get_order
    world = sample_shop(KINDS if everything else ())
    try:
        examples = operation.examples
        body = examples.get("body")
        if everything:
            body = body | {"orderNumberList": [*world.store.order_numbers()[:99], "unknown"]}
        params, query = examples.get("params", {}), examples.get("query", {})
        return operation.run(world, Request(params, query, body, operation.version))
    finally:
        world.close()


def response(answer, description):
    """A response object of OpenAPI for an answer of the sandbox."""
    if not answer.body:
        return {"description": description}
    json_text = answer.content_type.startswith(gateway.JSON)
    schema = observed([json.loads(answer.body)]) if json_text else {"type": "string"}
    content_type = gateway.JSON if json_text else answer.content_type
    return {"description": description, "content": {content_type: {"schema": schema}}}


def refusals():
    """Responses that many operations share."""
    errors = gateway.json_response({"errors": [api_error("IE0001", "", "inventories[0]")]})
    return {
        "OrderBad": response(no_object("SEARCH_ORDER"), "a field is missing or malformed"),
        "Bad": response(errors, "a wrong value, or an unknown path"),
        "NotFound": response(errors, "GE0014"),
        "Unauthorised": response(
            gateway.unauthorised(), "GA0001: wrong or expired key, or the function is not ticked"
        ),
        "MediaType": response(gateway.unsupported("order"), "GK0003 or GE0012: not the right JSON"),
        "TooMany": response(gateway.too_many(None), "too many calls"),
    }


def parameters(shape, place, examples):
    return [
        {
            "name": field.name,
            "in": place,
            "required": field.required,
            "schema": field.described(),
            **({"example": examples[field.name]} if field.name in examples else {}),
        }
        for field in shape.fields
    ]


def request_body(shape, content_type, example):
    content = {"schema": shape.schema(), "example": example}
    return {"required": True, "content": {content_type: content}}


def described_operation(operation):
    order = operation.family == "order"
    answer = sample_answer(operation)
    responses = {str(answer.status): response(answer, "done, or messages" if order else "done")}
    shared = {400: "OrderBad" if order else "Bad", 404: "NotFound"}
    shared = {status: shared[status] for status in operation.statuses}
    shared |= {401: "Unauthorised", 429: "TooMany"} | ({415: "MediaType"} if operation.body else {})
    for status, name in sorted(shared.items()):
        responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
    version = f"-{operation.version}" if operation.version == "2.1" else ""
    entry = {
        "operationId": operation.name + version,
        "tags": [operation.family],
        "summary": operation.summary,
        "description": f"RMS API section {operation.section}."
        + (" A slash at the end is accepted." if order else ""),
        "parameters": parameters(operation.params, "path", operation.examples.get("params", {}))
        + parameters(operation.query, "query", operation.examples.get("query", {})),
        "responses": responses,
    }
    if operation.body:
        content_type = "application/json; charset=utf-8" if order else gateway.JSON
        entry["requestBody"] = request_body(
            operation.body, content_type, operation.examples["body"]
        )
    return entry


def described_endpoint(endpoint):
    error = {
        "description": "not possible; a sentence in error",
        "content": {gateway.JSON: {"schema": observed([{"error": ""}])}},
    }
    done = {"type": "object"}
    entry = {
        "operationId": f"sandbox.{endpoint.name}.{endpoint.method.lower()}",
        "tags": ["sandbox"],
        "security": [],
        "summary": endpoint.summary,
        "parameters": parameters(endpoint.query, "query", endpoint.query_example),
        "responses": {
            "200": {"description": "done", "content": {gateway.JSON: {"schema": done}}},
            **{str(status): error for status in endpoint.statuses},
        },
    }
    if endpoint.body:
        entry["requestBody"] = request_body(endpoint.body, gateway.JSON, endpoint.example)
    return entry


def document(endpoints):
    """The whole document. Every operation is tried for it, which takes a moment.

    :param endpoints: the control endpoints
    """
    paths = {}
    for operation in OPERATIONS:
        entry = paths.setdefault(operation.path, {})
        entry[operation.method.lower()] = described_operation(operation)
    for endpoint in endpoints:
        entry = paths.setdefault(f"/__sandbox__/{endpoint.name}", {})
        entry[endpoint.method.lower()] = described_endpoint(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "RMS sandbox",
            "version": __version__,
            "summary": "The RMS WEB SERVICE API as the sandbox simulates it",
            "description": "All times are Japanese, amounts whole yen. Numbers in bodies of the"
            " order API are taken as text, too, and null counts as not given. What the sandbox has"
            " had to choose itself stands in its README.",
        },
        "servers": [{"url": "/"}],
        "security": [{"esa": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "esa": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "ESA base64(serviceSecret:licenseKey)",
                }
            },
            "responses": refusals(),
        },
    }
