"""What the tests of the models share: a shop of a Japanese company, payloads, a client of memory.

The payloads are written by hand from RMS API sections 3 and 4; the client stands in for
:class:`..rms.RmsClient` and remembers what was asked of it.
"""

import copy
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from odoo.tests import TransactionCase

from odoo.addons.smartship_rakuten.rms import (
    GetOrderResult,
    Message,
    OrderOutcome,
    RequestRefused,
    ShopMaster,
)
from odoo.addons.smartship_rakuten.rms.inventory import UpsertResult
from odoo.addons.smartship_rakuten.rms.orders import WriteResult

SHOP_NUMBER = "123456"
FUNCTIONS = ("searchOrder", "getOrder", "license.expiryDate.get", "shopMaster")
ADDRESS = {
    "zipCode1": "100",
    "zipCode2": "0001",
    "prefecture": "東京都",
    "city": "千代田区",
    "subAddress": "千代田0-0-0",
    "familyName": "見本",
    "firstName": "太郎",
    "familyNameKana": "ミホン",
    "firstNameKana": "タロウ",
    "phoneNumber1": "03",
    "phoneNumber2": "0000",
    "phoneNumber3": "1234",
}


def item(number="1", code="CODE-A", price=1100, units=1, rate=0.1, **values):
    """One ItemModel: a single-SKU item whose 商品番号 is ``code``, tax included."""
    return {
        "itemDetailId": int(number),
        "itemName": f"見本商品{number}",
        "itemId": 10000000 + int(number),
        "itemNumber": code,
        "manageNumber": f"item-{number}",
        "price": price,
        "units": units,
        "includePostageFlag": 0,
        "includeTaxFlag": 1,
        "selectedChoice": None,
        "restoreInventoryFlag": 0,
        "deleteItemFlag": 0,
        "taxRate": rate,
        "priceTaxIncl": price,
        "SkuModelList": [
            {"variantId": "normal-inventory", "merchantDefinedSkuId": None, "skuInfo": None}
        ],
        **values,
    }


def package(basket, items, postage=0, cod=0, **values):
    """One PackageModel."""
    return {
        "basketId": basket,
        "postagePrice": postage,
        "postageTaxRate": 0.1,
        "deliveryPrice": cod,
        "deliveryTaxRate": 0.1,
        "noshi": None,
        "packageDeleteFlag": 0,
        "SenderModel": {**ADDRESS, "isolatedIslandFlag": 0},
        "ItemModelList": items,
        "ShippingModelList": [],
        **values,
    }


def order(sequence, packages=None, *, total=1100, request=None, progress=300, **values):
    """One OrderModel of version 10; the amounts are the caller's."""
    cod = sum(entry["deliveryPrice"] for entry in packages or [])
    return {
        "orderNumber": f"{SHOP_NUMBER}-20260110-{sequence:010d}",
        "orderProgress": progress,
        "orderDatetime": "2026-01-10T09:15:02+0900",
        "deliveryDate": None,
        "remarks": None,
        "rakutenConfirmFlag": 0,
        "goodsPrice": total,
        "postagePrice": 0,
        "deliveryPrice": cod,
        "paymentCharge": 0,
        "paymentChargeTaxRate": 0.1,
        "totalPrice": total,
        "requestPrice": total + cod if request is None else request,
        "couponAllTotalPrice": 0,
        "couponShopPrice": 0,
        "couponOtherPrice": 0,
        "additionalFeeOccurAmountToUser": 0,
        "OrdererModel": {**ADDRESS, "emailAddress": "sample@relay.example.com"},
        "PointModel": {"usedPoint": 0},
        "WrappingModel1": None,
        "WrappingModel2": None,
        "PackageModelList": packages or [package(7001, [item()])],
        "CouponModelList": None,
        "TaxSummaryModelList": [],
        **values,
    }


class FakeRms:
    """Rakuten in memory: orders by number, calls in their order."""

    def __init__(self):
        self.orders = {}
        self.calls = []
        self.rejected = set()
        self.results = {}
        self.detail_ids = 5000
        self.sub_statuses = []
        self.upserts = []
        #: what Rakuten may sell, by (manageNumber, variantId)
        self.stock = {}
        #: Message with which Rakuten refuses the stock of an item, by manageNumber
        self.refused = {}
        self.items = []
        self.url = "sample-shop"
        self.expiry = datetime(2026, 4, 10, 14, 59, 59, tzinfo=timezone.utc)
        #: raised by the next call of that name, and whether it was applied all the same
        self.failures = {}

    def put(self, *orders):
        """Orders as they are now; a new one takes its units off the stock."""
        for entry in orders:
            if self.stock and entry["orderNumber"] not in self.orders:
                self._sell(entry)
        self.orders.update({entry["orderNumber"]: entry for entry in orders})
        return [entry["orderNumber"] for entry in orders]

    def _sell(self, entry):
        for basket in entry.get("PackageModelList") or ():
            for line in basket["ItemModelList"]:
                for sku in line.get("SkuModelList") or ():
                    pair = line["manageNumber"], sku["variantId"]
                    if pair in self.stock:
                        self.stock[pair] = max(self.stock[pair] - line["units"], 0)

    def _call(self, name, value=None):
        self.calls.append((name, value))
        failure = self.failures.pop(name, None)
        if failure:
            raise failure

    def names(self):
        return [name for name, _value in self.calls]

    def check_functions(self):
        self._call("check_functions")
        return {name: "rejected" if name in self.rejected else "ok" for name in FUNCTIONS}

    def license_expiry_date(self):
        self._call("license_expiry_date")
        return self.expiry

    def shop_master(self):
        self._call("shop_master")
        return ShopMaster(shop_name="見本ショップ", url=self.url, company_name="見本商店")

    def search_order(self, *, start, end, date_type=1, order_progress_list=None):
        self._call("search_order", order_progress_list)
        return iter(
            [
                number
                for number, entry in self.orders.items()
                if not order_progress_list or entry.get("orderProgress") in order_progress_list
            ]
        )

    def get_order(self, order_numbers):
        numbers = list(order_numbers)
        for index in range(0, len(numbers), 100):
            chunk = numbers[index : index + 100]
            self._call("get_order", chunk)
            found = [
                copy.deepcopy(self.orders[number]) for number in chunk if number in self.orders
            ]
            yield GetOrderResult(
                orders=found,
                missing=[number for number in chunk if number not in self.orders],
                refused={},
                broken=[],
                messages=[],
                raw_text="{}",
            )

    def confirm_order(self, order_numbers):
        numbers = list(order_numbers)
        if not numbers:
            return
        self.calls.append(("confirm_order", numbers))
        for number in numbers:
            self.orders[number]["orderProgress"] = 200
        known = not self.failures.pop("confirm_order", None)
        yield WriteResult(
            {number: OrderOutcome(known, "INFO_101", "", known=known) for number in numbers}
        )

    def cancel_order(self, order_number, inventory_restore_type, reason):
        return self._cancel("cancel_order", 800, order_number, inventory_restore_type, reason)

    def cancel_order_after_shipping(self, order_number, inventory_restore_type, reason):
        name = "cancel_order_after_shipping"
        return self._cancel(name, 900, order_number, inventory_restore_type, reason)

    def _cancel(self, name, progress, order_number, *values):
        failure = self.failures.pop(name, None)
        self.calls.append((name, (order_number, *values)))
        if getattr(failure, "applied", failure is None):
            self.orders[order_number]["orderProgress"] = progress
        if isinstance(failure, OrderOutcome):
            return failure
        if failure:
            raise failure
        return OrderOutcome(True, "ORDER_EXT_API_CANCEL_ORDER_INFO_101", "")

    def update_order_shipping(self, order_number, baskets):
        entry = {"orderNumber": order_number, "BasketidModelList": baskets}
        failure = self.failures.pop("update_order_shipping", None)
        self.calls.append(("update_order_shipping", entry))
        results = []
        if getattr(failure, "applied", failure is None):
            results = self._write_rows(entry)
        if failure:
            raise failure
        return results

    def update_order_shipping_async(self, orders):
        failure = self.failures.pop("update_order_shipping_async", None)
        applied = getattr(failure, "applied", failure is None)
        self.calls.append(("update_order_shipping_async", orders))
        request_id = f"request-{len(self.calls)}"
        if applied:
            self.results[request_id] = {
                entry["orderNumber"]: self._write_rows(entry) for entry in orders
            }
        if failure:
            raise failure
        return request_id

    def _write_rows(self, entry):
        """Add, change and delete rows as section 2.6 says; one message for each."""
        packages = {p["basketId"]: p for p in self.orders[entry["orderNumber"]]["PackageModelList"]}
        messages = []
        for basket in entry["BasketidModelList"]:
            rows = packages[int(basket["basketId"])]["ShippingModelList"]
            for row in basket["ShippingModelList"]:
                values = {key: row[key] for key in row if key != "shippingDeleteFlag"}
                detail_id = int(row.get("shippingDetailId") or self._next_detail_id())
                values["shippingDetailId"] = detail_id
                old = next((r for r in rows if r["shippingDetailId"] == detail_id), None)
                if row.get("shippingDeleteFlag"):
                    rows.remove(old)
                elif old:
                    old.update(values)
                else:
                    rows.append(values)
                messages.append(
                    Message(
                        "INFO",
                        "ORDER_EXT_API_UPDATE_ORDERSHIPPING_INFO_101",
                        data_number=len(messages) + 1,
                        shipping_detail_id=str(detail_id),
                    )
                )
        return messages

    def _next_detail_id(self):
        self.detail_ids += 1
        return self.detail_ids

    def get_result_update_order_shipping_async(self, request_id):
        self._call("get_result", request_id)
        return self.results.get(request_id)

    def get_sub_status_list(self):
        self._call("get_sub_status_list")
        return self.sub_statuses

    def update_order_sub_status(self, sub_status_id, order_numbers):
        failure = self.failures.pop("update_order_sub_status", None)
        self.calls.append(("update_order_sub_status", (sub_status_id, list(order_numbers))))
        outcome = failure or OrderOutcome(True, "INFO_101", "")
        if outcome.ok:
            for number in order_numbers:
                self.orders[number]["subStatusId"] = int(sub_status_id)
        yield WriteResult(dict.fromkeys(order_numbers, outcome))

    def update_order_memo(self, order_number, **values):
        self._call("update_order_memo", (order_number, values))
        self.orders[order_number].update(values)
        return OrderOutcome(True, "INFO_101", "")

    def inventories_bulk_upsert(self, entries):
        for index in range(0, len(entries), 400):
            chunk = entries[index : index + 400]
            failure = self.failures.pop("bulk_upsert", None)
            self.calls.append(("bulk_upsert", chunk))
            refused = [
                (entry, self.refused[entry["manageNumber"]])
                for entry in chunk
                if entry["manageNumber"] in self.refused
            ]
            if refused and not failure:
                failure = RequestRefused(messages=[message for _entry, message in refused])
            if getattr(failure, "applied", failure is None):
                self._write_stock(chunk)
            yield UpsertResult(chunk, failure, refused)

    def _write_stock(self, entries):
        self.upserts += entries
        for entry in entries:
            pair = entry["manageNumber"], entry["variantId"]
            base = self.stock[pair] if entry["mode"] == "RELATIVE" else 0
            self.stock[pair] = base + entry["quantity"]

    def inventories_bulk_get(self, pairs):
        self._call("bulk_get", list(pairs))
        for manage_number, variant_id in pairs:
            if (manage_number, variant_id) in self.stock:
                yield {
                    "manageNumber": manage_number,
                    "variantId": variant_id,
                    "quantity": self.stock[manage_number, variant_id],
                }

    def items_search(self, **params):
        self._call("items_search", params)
        return iter(self.items)


class RakutenCase(TransactionCase):
    """A connected shop of a company in yen with Japanese taxes and two mapped products."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].search([("chart_template", "=", "jp")], limit=1)
        cls.env.user.company_ids |= cls.company
        cls.env.user.lang = "en_US"
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.shop = cls.env["rakuten.shop"].create(
            {
                "name": "見本ショップ",
                "shop_number": SHOP_NUMBER,
                "shop_url": "sample-shop",
                "service_secret": "SP123456_test",
                "license_key": "SL123456_test",
                "company_id": cls.company.id,
                "api_interval": 0,
                "auto_import": True,
                "auto_fulfil": True,
                "import_from": datetime(2025, 12, 1),
                "carrier_id": cls.env.ref("smartship_rakuten.delivery_carrier_yamato").id,
            }
        )
        cls.shop.state = "connected"
        cls.product_a, cls.product_b = cls.env["product.product"].create(
            [
                {"name": "Product A", "default_code": "CODE-A", "is_storable": True},
                {"name": "Product B", "default_code": "CODE-B", "is_storable": True},
            ]
        )
        stock = cls.shop.warehouse_id.lot_stock_id
        for product in (cls.product_a, cls.product_b):
            cls.env["stock.quant"]._update_available_quantity(product, stock, 50)
        cls.Order = cls.env["rakuten.order"]

    def setUp(self):
        super().setUp()
        self.rms = FakeRms()
        self.startPatcher(patch.object(type(self.shop), "_client", lambda shop: self.rms))
        self.startPatcher(
            patch("odoo.addons.smartship_rakuten.models.shipments.rakuten_parcel.POLL_SECONDS", 0)
        )
        self.startPatcher(
            patch(
                "odoo.addons.smartship_rakuten.models.stock.rakuten_sku_stock.READ_BACK_SECONDS", 0
            )
        )

    def import_orders(self, *orders):
        """Put orders at Rakuten, import them, return the records in the same order."""
        numbers = self.rms.put(*orders)
        self.shop.action_import_orders()
        found = self.Order.search([("shop_id", "=", self.shop.id), ("name", "in", numbers)])
        by_number = {record.name: record for record in found}
        return self.Order.union(*(by_number[number] for number in numbers))

    @contextmanager
    def at(self, moment):
        """Freeze Odoo's clock."""
        with patch.object(self.env.cr, "now", lambda: moment), self.freeze(moment):
            yield

    def freeze(self, moment):
        from freezegun import freeze_time

        return freeze_time(moment)

    def ship(self, pickings, *numbers):
        """Validate transfers, each with its tracking number."""
        for picking, number in zip(pickings, numbers, strict=True):
            picking.move_ids.quantity = 0
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty
            picking.move_ids.picked = True
            picking.carrier_tracking_ref = number
            picking.button_validate()


__all__ = ["FakeRms", "RakutenCase", "item", "order", "package", "timedelta"]
