"""A sandbox in a thread, and a small client that speaks HTTP to it."""

import base64

import pytest
import requests

from rms_sandbox.server import Sandbox

SECRET, KEY = "SP123456_test", "SL123456_test"
NOW = "2026-01-10T12:00:00+0900"


def auth(secret=SECRET, key=KEY):
    return "ESA " + base64.b64encode(f"{secret}:{key}".encode()).decode()


class Client:
    def __init__(self, box):
        self.box = box
        self.headers = {"Authorization": auth()}

    def call(self, method, path, **options):
        headers = self.headers | options.pop("headers", {})
        url = self.box.url + path
        return requests.request(method, url, headers=headers, timeout=20, **options)

    def order(self, operation, body=None, slash="/"):
        headers = {"Content-Type": "application/json; charset=utf-8"}
        path = f"/es/2.0/order/{operation}{slash}"
        return self.call("POST", path, json={} if body is None else body, headers=headers)

    def search(self, **options):
        body = {
            "dateType": 1,
            "startDatetime": "2026-01-09T00:00:00+0900",
            "endDatetime": "2026-01-31T23:59:59+0900",
        }
        return self.order("searchOrder", body | options)

    def get(self, *numbers, version=10):
        answer = self.order("getOrder", {"orderNumberList": list(numbers), "version": version})
        return {order["orderNumber"]: order for order in answer.json()["OrderModelList"]}

    def one(self, number, version=10):
        return self.get(number, version=version)[number]

    def ship(self, number, operation="updateOrderShipping", **row):
        return self.order(operation, self.shipment(number, **row))

    def shipment(self, number, **row):
        row = row or {
            "deliveryCompany": "1001",
            "shippingNumber": "000011112222",
            "shippingDate": "2026-01-10",
        }
        baskets = [package["basketId"] for package in self.one(number)["PackageModelList"]]
        models = [{"basketId": basket, "ShippingModelList": [row]} for basket in baskets]
        return {"orderNumber": number, "BasketidModelList": models}


@pytest.fixture(scope="session")
def running():
    with Sandbox() as box:
        yield box


@pytest.fixture
def box(running):
    running.reset(service_secret=SECRET, license_key=KEY, now=NOW, seed=7)
    return running


@pytest.fixture
def client(box):
    return Client(box)


def codes(answer):
    """The message codes of an answer without their common prefix."""
    messages = answer.json()["MessageModelList"]
    return [m["messageCode"].removeprefix("ORDER_EXT_API_") for m in messages]
