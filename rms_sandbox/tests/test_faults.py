"""Faults, the log of calls, the command line and an independent client."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest
import requests

from rms_sandbox.server import Sandbox

from .conftest import KEY, SECRET, Client, codes

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize(
    "kind, status, text",
    [
        ("401_expired", 401, "GA0001"),
        ("401_not_ticked", 401, "GA0001"),
        ("401_old_gateway", 401, "ES01-01"),
        ("429", 429, ""),
        ("503", 503, "<html>"),
        ("500", 500, "<html>"),
    ],
)
def test_answers_instead(client, box, kind, status, text):
    box.fault("searchOrder", kind, times=2, retry_after=3)
    for _time in (1, 2):
        answer = client.search()
        assert answer.status_code == status and text in answer.text
    assert answer.headers.get("Retry-After") == ("3" if kind == "429" else None)
    assert client.search().status_code == 200
    assert [call["fault"] for call in box.calls()] == [kind, kind, None]


@pytest.mark.parametrize(
    "kind, written",
    [
        ("reset_before_write", 0),
        ("reset_after_write", 1),
        ("timeout", 0),
        ("timeout_after_write", 1),
    ],
)
def test_write_or_no_write(client, box, kind, written):
    number = box.orders(count=1, kinds=["simple"])[0]
    box.fault("updateOrderShipping", kind, seconds=0.2)
    with pytest.raises(requests.ConnectionError):
        client.ship(number)
    assert len(box.state("shipping")["shipping"]) == written
    assert box.calls()[-1]["status"] == 0
    assert client.ship(number).status_code == 200


@pytest.mark.alone
def test_a_hang_does_not_block_the_others_or_the_end():
    with Sandbox(service_secret=SECRET, license_key=KEY) as box:
        client = Client(box)
        box.fault("getSubStatusList", "timeout")
        with pytest.raises(requests.ReadTimeout):
            url = f"{box.url}/es/2.0/order/getSubStatusList/"
            headers = client.headers | {"Content-Type": "application/json; charset=utf-8"}
            requests.post(url, json={}, headers=headers, timeout=0.3)
        assert client.order("getSubStatusList").ok
        start = time.monotonic()
    assert time.monotonic() - start < 3


def test_broken_answers(client, box):
    numbers = box.orders(count=3, kinds=["simple"])
    body = {"orderNumberList": numbers, "version": 10}
    box.fault("getOrder", "truncated_json")
    with pytest.raises(ValueError):
        client.order("getOrder", body).json()
    box.fault("getOrder", "wrong_content_type")
    assert client.order("getOrder", body).headers["Content-Type"].startswith("text/html")
    box.fault("searchOrder", "duplicate_numbers")
    assert len(client.search().json()["orderNumberList"]) == 6
    box.fault("getOrder", "vanish")
    answer = client.order("getOrder", body)
    assert len(answer.json()["OrderModelList"]) == 2
    assert codes(answer) == ["GET_ORDER_INFO_101", "GET_ORDER_INFO_102"]
    box.fault("getOrder", "wrong_types")
    broken = client.order("getOrder", body).json()["OrderModelList"][0]
    assert isinstance(broken["totalPrice"], str)
    box.fault("getOrder", "missing_keys")
    assert "requestPrice" not in client.order("getOrder", body).json()["OrderModelList"][0]
    box.fault("getOrder", "huge_body", bytes=3_000_000)
    answer = client.order("getOrder", body)
    assert len(answer.content) == 3_000_000 and len(answer.json()["OrderModelList"]) == 3
    box.fault("*", "slow", seconds=0.2)
    start = time.monotonic()
    assert client.search().ok and time.monotonic() - start >= 0.2


def test_faults_can_be_cleared_and_are_checked(client, box):
    box.fault("*", "500", times=9)
    assert box.control("faults", {"clear": True}) == {"faults": []}
    assert client.search().ok
    for body in ({"kind": "nonsense"}, {"operation": "nonsense", "kind": "500"}, {}):
        with pytest.raises(ValueError):
            box.control("faults", body)
    with pytest.raises(ValueError, match="unknown keys"):
        box.reset(sede=3)
    with pytest.raises(ValueError, match="unknown kind"):
        box.orders(count=1, kinds=["nonsense"])


def test_log_of_calls(client, box):
    client.search()
    client.call("GET", "/es/2.0/items/search?hits=1")
    first, second = box.calls()
    assert (first["operation"], second["operation"]) == ("searchOrder", "items.search")
    assert isinstance(first["at"], float) and abs(first["at"] - time.time()) < 60
    assert first["status"] == 200 and first["request_bytes"] > 50 < first["response_bytes"]


def test_rate_limit_option(client, box):
    box.reset(service_secret=SECRET, license_key=KEY, rate_limit={"order": 2})
    statuses = [client.order("getSubStatusList").status_code for _call in range(4)]
    assert statuses.count(429) >= 1 and statuses[:2] == [200, 200]


def test_command_line():
    command = [sys.executable, "-m", "rms_sandbox", "--port", "0", "--orders", "3"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "--items", "5", "--shop-number", "654321"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+", line).group()
        state = requests.get(f"{url}/__sandbox__/state", timeout=10).json()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert len(state["orders"]) == 3 and state["shop"]["items"] == 5
    assert all(number.startswith("654321-") for number in state["orders"])


def test_an_independent_client(client, box, monkeypatch):
    """rakuten-ws, written by others against the real service."""
    rakuten_ws = pytest.importorskip("rakuten_ws")
    from rakuten_ws.webservice import RmsRakutenPayOrderAPI

    endpoint = f"{box.url}/es/2.0/order"
    monkeypatch.setattr(RmsRakutenPayOrderAPI, "endpoint", endpoint)
    credentials = {"license_key": KEY, "secret_service": SECRET, "shop_url": "sample-shop"}
    service = rakuten_ws.RakutenWebService(**credentials)
    api = service.rms.rakutenpay_order
    number = box.orders(count=1, kinds=["unconfirmed"])[0]
    found = api.searchOrder(
        dateType=1,
        startDatetime="2026-01-09T00:00:00+0900",
        endDatetime="2026-01-11T00:00:00+0900",
    )
    assert found["orderNumberList"] == [number]
    message = api.confirmOrder([number])["MessageModelList"][0]
    assert message["messageCode"] == "ORDER_EXT_API_CONFIRM_ORDER_INFO_101"
    box.advance(180)
    order = api.getOrder([number], version=10)["OrderModelList"][0]
    assert order["orderProgress"] == 300
    row = {"deliveryCompany": "1001", "shippingNumber": "1", "shippingDate": "2026-01-10"}
    basket = order["PackageModelList"][0]["basketId"]
    model = [{"basketId": basket, "ShippingModelList": [row]}]
    body = {"orderNumber": number, "BasketidModelList": model}
    # This client has no method of its own for shipments, but the way it sends is its own.
    message = api.send_request("updateOrderShipping", body)["MessageModelList"][0]
    assert message["messageCode"] == "ORDER_EXT_API_UPDATE_ORDERSHIPPING_INFO_101"
    assert len(box.state("shipping")["shipping"]) == 1
