"""openapi.json describes what is there, and what it describes is what the sandbox does."""

import copy
import json
import re

import pytest
import requests

from rms_sandbox.api.operations import OPERATIONS, find
from rms_sandbox.control.endpoints import ENDPOINTS, description
from rms_sandbox.ground.world import DEFAULTS

from .conftest import NOW, auth

METHODS = ("get", "post", "put", "delete")


def described():
    """[(path with its examples, method, operation, query with its examples)]."""
    found = []
    for template, entry in description()["paths"].items():
        for method in METHODS:
            if method not in entry:
                continue
            parameters = entry.get("parameters", []) + entry[method].get("parameters", [])
            path, query = template, {}
            for parameter in parameters:
                if parameter["in"] == "path":
                    path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
                elif "example" in parameter:
                    query[parameter["name"]] = parameter["example"]
            assert "{" not in path
            found.append((path, method.upper(), entry[method], query))
    return found


def test_every_route_is_described():
    api = [(path, method) for path, method, _op, _q in described() if path.startswith("/es/")]
    found = [find(method, path)[0] for path, method in api]
    assert None not in found and len(found) == len(set(map(id, found))) == len(OPERATIONS)
    both = [path.split("/")[2] for path, _method in api if "/inventories/manage-numbers" in path]
    assert both.count("2.0") == both.count("2.1") == 3


def test_every_control_endpoint_is_described():
    control = {
        (method, path.removeprefix("/__sandbox__/"))
        for path, method, _op, _q in described()
        if path.startswith("/__sandbox__/")
    }
    assert control == set(ENDPOINTS)


def test_every_described_path_answers(box):
    box.reset(seed=7, now=NOW)
    box.items(count=2)
    placed = box.orders(count=1, kinds=["simple"], at="2026-01-10T10:00:00+0900")
    assert placed == ["123456-20260110-0000000001"]
    header = {"Authorization": auth(DEFAULTS["service_secret"], DEFAULTS["license_key"])}

    def turn(entry):  # what takes things away comes last
        path, method, _operation, _query = entry
        return path.endswith("/reset"), path.startswith("/__sandbox__"), method == "DELETE"

    for path, method, operation, query in sorted(described(), key=turn):
        if method == "DELETE" and "/2.1/" in path:  # 2.0 has deleted the same record
            example = {"mode": "ABSOLUTE", "quantity": 1}
            requests.put(box.url + path, json=example, headers=header, timeout=20)
        data, headers = None, dict(header)
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            headers["Content-Type"] = kind
            data = json.dumps(content["example"]).encode()
        answer = requests.request(
            method, box.url + path, params=query, data=data, headers=headers, timeout=20
        )
        assert answer.status_code != 404, (path, answer.text)
        assert str(answer.status_code) in operation["responses"], (path, answer.text)


def test_the_document_is_sound(box):
    served = requests.get(f"{box.url}/__sandbox__/openapi.json", timeout=20)
    assert served.headers["Content-Type"].startswith("application/json")
    document = served.json()
    assert document == description() and document["openapi"].startswith("3.1.")
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        part = document
        for key in reference.split("/"):
            part = part[key]
    names = [operation["operationId"] for _p, _m, operation, _q in described()]
    assert len(names) == len(set(names))


# The document's word on every field, and the sandbox's ----------------------------------------

FORMAT_CODES = {"ERROR_009", "ERROR_011"}
VALUE_CODES = {"IE0001", "IE0002", "IE0003", "IE0004", "IE0007", "IE1101"}


def wrong_values(schema):
    """Values that a schema does not allow."""
    if "anyOf" in schema and "const" in schema["anyOf"][-1]:
        return wrong_values(schema["anyOf"][0])
    types = schema.get("type", ())
    types = [types] if isinstance(types, str) else list(types)
    values = [{"a": 1}] if types and "object" not in types else []
    if "object" in types or "array" in types:
        values.append("x")
    if "enum" in schema:
        values.append(999 if "integer" in types else "never")
    if "integer" in types and "string" not in types:
        values.append("x")
    if "maximum" in schema:
        values += [schema["minimum"] - 1, schema["maximum"] + 1]
    if "maxLength" in schema:
        values.append("1" * (schema["maxLength"] + 1))
    if "pattern" in schema:
        values.append("a b")
    if "format" in schema:
        values += ["20260110", "2026-02-30"]
    return values


def right_values(schema):
    """Values at the edge of what a schema allows."""
    if "anyOf" in schema and "const" in schema["anyOf"][-1]:
        return [schema["anyOf"][-1]["const"], *right_values(schema["anyOf"][0])]
    values = list(schema.get("enum", ()))
    if "maximum" in schema:
        values += [schema["minimum"], schema["maximum"], str(schema["maximum"])]
    if "maxLength" in schema and "enum" not in schema:
        values.append("1" * schema["maxLength"])
    if "format" in schema:
        values.append("2026-01-10")
    if "null" in schema.get("type", ()):
        values.append(None)
    return values


def places(schema, value, path=()):
    """[(path, schema, is it required)] of all fields that are described along an example."""
    if schema.get("type") == "array" and value and isinstance(value[0], dict):
        yield from places(schema["items"], value[0], (*path, 0))
    for name, inner in schema.get("properties", {}).items():
        yield (*path, name), inner, name in schema.get("required", ())
        if isinstance(value, dict) and name in value:
            yield from places(inner, value[name], (*path, name))
        elif isinstance(value, dict) and "properties" in inner:
            yield from places(inner, {}, (*path, name))


def changed(body, path, *value):
    """A copy of a body with another value at a place, or without it."""
    body = copy.deepcopy(body)
    model = body
    for part in path[:-1]:
        model = model.setdefault(part, {}) if isinstance(model, dict) else model[part]
    model.pop(path[-1], None)
    if value:
        model[path[-1]] = value[0]
    return body


def faults(answer):
    """[(code, what is said)] of the problems of form in an answer."""
    if answer.status_code == 204 or answer.headers["Content-Type"].startswith("application/xml"):
        return []
    body = answer.json()
    if "errors" in body:
        found = [(error["code"], error["message"]) for error in body["errors"]]
        return [(code, text) for code, text in found if code in VALUE_CODES]
    results = body.get("ResultShippingModelList", [])
    lists = [body.get("MessageModelList", []), *(r["MessageModelList"] for r in results)]
    messages = [message for part in lists for message in part]
    found = [(message["messageCode"][-9:], message["message"]) for message in messages]
    return [(code, text) for code, text in found if code in FORMAT_CODES]


def blames(answer, field):
    """Is something wrong with the form of this very field?"""
    return [text for _code, text in faults(answer) if re.search(rf"\b{field}(?![A-Za-z0-9])", text)]


@pytest.fixture
def call(box):
    """Calls an operation as it is described, with another body or query."""
    box.reset(now=NOW, seed=7)
    session = requests.Session()
    session.headers["Authorization"] = auth(DEFAULTS["service_secret"], DEFAULTS["license_key"])

    def answer(path, method, body=None, query=None):
        headers = {"Content-Type": "application/json; charset=utf-8"}
        data = None if body is None else json.dumps(body)
        url = box.url + path
        return session.request(method, url, params=query, data=data, headers=headers, timeout=20)

    return answer


BODIES = [
    (path, method, *operation["requestBody"]["content"].values())
    for path, method, operation, _query in described()
    if path.startswith("/es/") and "requestBody" in operation
]


@pytest.mark.parametrize("path, method, content", BODIES, ids=[body[0] for body in BODIES])
def test_a_body_is_refused_where_the_document_says_so(call, path, method, content):
    # What is sound in its form gets as far as "no such order".
    example = json.loads(json.dumps(content["example"]).replace("-0000000001", "-9999999999"))
    assert faults(call(path, method, example)) == []
    for place, schema, required in places(content["schema"], example):
        if required:
            assert faults(call(path, method, changed(example, place))), place
        for value in wrong_values(schema):
            assert faults(call(path, method, changed(example, place, value))), (place, value)
        for value in right_values(schema):
            answer = call(path, method, changed(example, place, value))
            assert not blames(answer, place[-1]), (place, value, answer.text)
        if "maxItems" in schema:
            one = example
            for part in place:
                one = one[part]
            most = schema["maxItems"]
            assert faults(call(path, method, changed(example, place, one[:1] * (most + 1)))), place
        if schema.get("additionalProperties") is False:
            assert faults(call(path, method, changed(example, (*place, "strange"), 1))), place


def test_bodies_that_nothing_is_said_of_are_few():
    """Else the test before would have nothing to try."""
    tried = {
        (path, place): (required, wrong_values(schema))
        for path, _method, content in BODIES
        for place, schema, required in places(content["schema"], content["example"])
    }
    silent = {place[-1] for (_path, place), said in tried.items() if said == (False, [])}
    assert silent <= {
        *("noshi", "SkuModelList", "variantId", "merchantDefinedSkuId", "skuInfo"),
        *("couponPrice", "couponUnit", "itemId", "operationLeadTime", "shipFromIds"),
    }
    assert len(tried) > 250


QUERIES = [
    (path, method, parameter)
    for path, method, operation, _query in described()
    for parameter in operation["parameters"]
    if path.startswith("/es/") and parameter["in"] == "query"
]


@pytest.mark.parametrize("path, method, parameter", QUERIES, ids=[q[2]["name"] for q in QUERIES])
def test_a_query_is_refused_where_the_document_says_so(call, path, method, parameter):
    name, schema = parameter["name"], parameter["schema"]
    if parameter["required"]:
        assert faults(call(path, method)), name
    for value in wrong_values(schema):
        if not isinstance(value, dict):
            assert faults(call(path, method, query={name: value})), (name, value)
    for value in right_values(schema):
        assert not blames(call(path, method, query={name: value}), name), (name, value)


def holds(schema, value):
    """Does a value fit what was observed? Only types and names are said there."""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    name = kind.get(type(value), "object" if isinstance(value, dict) else "null")
    if name not in types and not (name == "integer" and "number" in types):
        return False
    if isinstance(value, list):
        return all(holds(schema["items"], entry) for entry in value)
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        return set(value) <= set(known) and all(holds(known[key], value[key]) for key in value)
    return True


def test_orders_of_another_shop_are_as_described(client, box):
    answers = description()["paths"]["/es/2.0/order/getOrder"]["post"]["responses"]["200"]
    schema = answers["content"]["application/json"]["schema"]
    box.items(count=9)
    numbers = box.orders(count=60)
    answer = client.order("getOrder", {"orderNumberList": numbers, "version": 10}).json()
    assert len(answer["OrderModelList"]) == 60 and holds(schema, answer)
    order = schema["properties"]["OrderModelList"]["items"]["properties"]
    # Nothing is described that no order has.
    full = client.one(box.orders(count=1, kinds=["kitchen_sink"])[0])
    assert set(full) == set(order)
    package = order["PackageModelList"]["items"]["properties"]
    assert set(full["PackageModelList"][0]) == set(package)
    item = package["ItemModelList"]["items"]["properties"]
    assert set(full["PackageModelList"][0]["ItemModelList"][0]) == set(item)
    del answer["OrderModelList"][0]["PackageModelList"][0]["basketId"]
    answer["OrderModelList"][0]["PackageModelList"][0]["basket"] = 1
    assert not holds(schema, answer)
