"""Rakuten in memory: stands in for :class:`..rms.RmsClient` and remembers what was asked of it."""

import copy
from datetime import datetime, timezone

from odoo.addons.smartship_rakuten.rms import (
    GetOrderResult,
    Message,
    OrderOutcome,
    RequestRefused,
    ShopMaster,
)
from odoo.addons.smartship_rakuten.rms.inventory import UpsertResult
from odoo.addons.smartship_rakuten.rms.orders import WriteResult

FUNCTIONS = ("searchOrder", "getOrder", "license.expiryDate.get", "shopMaster")


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
        """Add, change and delete rows as RMS API section 2.6 says; one message for each."""
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
