"""Starts the RMS sandbox of this repository as a process of its own and talks to it over HTTP."""

import re
import subprocess
import sys
import unittest
from pathlib import Path
from unittest.mock import patch

import requests

from odoo.tests import TransactionCase

ROOT = Path(__file__).resolve().parents[2]


class SandboxProcess:
    """A sandbox on a free port of this machine; stop it with :meth:`stop`."""

    def __init__(self):
        if not (ROOT / "rms_sandbox").is_dir():
            raise unittest.SkipTest("rms_sandbox is not beside the module")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rms_sandbox", "--port", "0", "--orders", "0", "--items", "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if not found:
            self.stop()
            raise AssertionError(f"The sandbox did not start: {line!r}")
        self.url = found.group()

    def stop(self):
        self._process.terminate()
        self._process.wait(10)
        self._process.stdout.close()

    def control(self, path, **body):
        """POST to a control endpoint; its JSON answer."""
        answer = requests.post(f"{self.url}/__sandbox__/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def get(self, path):
        """GET of a control endpoint."""
        answer = requests.get(f"{self.url}/__sandbox__/{path}", timeout=60)
        answer.raise_for_status()
        return answer.json()

    def calls(self, operation):
        """How often an operation was called."""
        return sum(call["operation"] == operation for call in self.get("calls")["calls"])


class SandboxCase(TransactionCase):
    """The Japanese company of the template and a sandbox of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = SandboxProcess()
        cls.addClassCleanup(cls.sandbox.stop)
        cls.company = cls.env["res.company"].search([("chart_template", "=", "jp")], limit=1)
        cls.env.user.lang = "en_US"
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})

    def make_products(self, count):
        """Items at the sandbox, and a product with the code of each of their SKUs.

        :rtype: product.product
        """
        items = self.sandbox.control("items", count=count)["items"]
        codes = [
            sku["merchantDefinedSkuId"] or entry["itemNumber"]
            for entry in items
            for sku in entry["skus"]
        ]
        return self.env["product.product"].create(
            [{"name": code, "default_code": code, "is_storable": True} for code in codes]
        )

    def open_shop(self, name, *, items, seed, **values):
        """A shop at the sandbox and in Odoo, whose items are products with 300 pieces each.

        :param str name: what the keys end in
        :param values: of the rakuten.shop
        """
        keys = {
            "shop_number": "123456",
            "shop_url": "sample-shop",
            "service_secret": f"SP123456_{name}",
            "license_key": f"SL123456_{name}",
        }
        self.sandbox.control("reset", **keys, seed=seed, async_seconds=0)
        products = self.make_products(items)
        shop = self.env["rakuten.shop"].create(
            {
                **keys,
                "name": "見本ショップ",
                "api_url": self.sandbox.url,
                "api_interval": 0,
                "auto_fulfil": True,
                "company_id": self.company.id,
                "carrier_id": self.env.ref("smartship_rakuten.delivery_carrier_sagawa").id,
                **values,
            }
        )
        for product in products:
            self.env["stock.quant"]._update_available_quantity(
                product, shop.warehouse_id.lot_stock_id, 300
            )
        self.startPatcher(
            patch(
                "odoo.addons.smartship_rakuten.models.shipments.rakuten_parcel.POLL_SECONDS", 0.05
            )
        )
        return shop
