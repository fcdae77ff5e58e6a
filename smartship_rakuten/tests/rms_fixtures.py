# Part of smartship_rakuten. See LICENSE file for full copyright and licensing details.
"""What the tests of the RMS client share: a base class and small payloads of our own making."""

import json
import re

import requests
import responses

from odoo.tests import BaseCase

from odoo.addons.smartship_rakuten.rms import DEFAULT_BASE_URL, RmsClient

SECRET = "SP999001_SampleSecret"
KEY = "SL999001_SampleKey"
#: base64 of "SP999001_SampleSecret:SL999001_SampleKey", written out by hand
ESA = "U1A5OTkwMDFfU2FtcGxlU2VjcmV0OlNMOTk5MDAxX1NhbXBsZUtleQ=="
BUYER = "サンプル買主"
JSON = "application/json;charset=UTF-8"
XML = "application/xml; charset=UTF-8"
HTML = "text/html"

_send = requests.Session.send


def number(sequence):
    return f"999001-20260110-{sequence:010d}"


def message(code, **values):
    """A message of the order API; its type is read off its code."""
    kind = next(kind for kind in ("ERROR", "WARNING", "INFO") if f"_{kind}_" in code)
    return {
        "messageType": kind,
        "messageCode": f"ORDER_EXT_API_{code}",
        "message": values.pop("text", "見本の文言"),
        **values,
    }


def order(sequence, **values):
    return {"orderNumber": number(sequence), "orderProgress": 300, **values}


def search_answer(numbers, total=None, pages=1):
    hits = bool(numbers) or bool(total)
    return {
        "orderNumberList": numbers,
        "MessageModelList": [message(f"SEARCH_ORDER_INFO_{101 if hits else 102}")],
        "PaginationResponseModel": {
            "totalRecordsAmount": (total or len(numbers)) if hits else None,
            "totalPages": pages if hits else None,
            "requestPage": 1 if hits else None,
        },
    }


def get_order_answer(orders, missing=()):
    messages = [message("GET_ORDER_INFO_101")] if orders else []
    messages += [message("GET_ORDER_INFO_102", orderNumber=number) for number in missing]
    return {"MessageModelList": messages, "OrderModelList": orders, "version": 10}


def shop_xml(result, code="N000"):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<b:shopBizApiResponse xmlns:b="http://rakuten.co.jp/rms/mall/shop/biz/api/model/resource">'
        f"<resultCode>{code}</resultCode>"
        f"<resultMessageList><resultMessage><code>{code}</code><message>見本</message>"
        f"</resultMessage></resultMessageList>{result}</b:shopBizApiResponse>"
    )


class FreePacer:
    """Never waits, remembers what it was asked."""

    def __init__(self):
        self.families = []
        self.backed_off = []

    def wait(self, family):
        self.families.append(family)

    def back_off(self, family, seconds):
        self.backed_off.append((family, seconds))


class RmsCase(BaseCase):
    """Tests of the RMS client. They need no database and no network."""

    @classmethod
    def _request_handler(cls, session, request, /, **options):
        # Odoo's own handler blocks every address but its own. Here ``responses`` answers below
        # it, and the tests with sockets stay on this machine.
        return _send(session, request, **options)

    def setUp(self):
        super().setUp()
        self.slept = []
        self.records = []
        self.pacer = FreePacer()

    def client(self, **options):
        options = {
            "pacer": self.pacer,
            "on_call": self.records.append,
            "sleep": self.slept.append,
            "random": lambda: 1.0,
            **options,
        }
        return RmsClient(SECRET, KEY, **options)


class RmsMockCase(RmsCase):
    """Tests of the RMS client against answers that are made up here."""

    def setUp(self):
        super().setUp()
        self.http = responses.RequestsMock(assert_all_requests_are_fired=False)
        self.http.start()
        self.addCleanup(self.http.stop)
        self.addCleanup(self.http.reset)

    def answer(self, path, body=None, *, method="POST", status=200, **options):
        """RMS answers ``body`` (a str or bytes as it is, anything else as JSON)."""
        if body is None:
            body = b""
        elif not isinstance(body, str | bytes | Exception):
            body = json.dumps(body, ensure_ascii=False)
        options.setdefault("content_type", JSON)
        self.http.add(method, DEFAULT_BASE_URL + path, body=body, status=status, **options)

    def answer_all(self, body, **options):
        """RMS answers every call in the same way."""
        for method in ("GET", "POST", "PUT", "DELETE"):
            self.http.add(method, re.compile(".*"), body=body, **options)

    @property
    def requests(self):
        return [call.request for call in self.http.calls]

    @property
    def bodies(self):
        return [json.loads(request.body) for request in self.requests]
