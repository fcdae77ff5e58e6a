"""Rakuten in memory: stands in for :class:`..rms.RmsClient` and remembers what was asked of it."""

import copy
from dataclasses import replace
from datetime import datetime, timezone
from types import SimpleNamespace

from odoo.addons.smartship_rakuten.rms import (
    GetOrderResult,
    Message,
    OrderOutcome,
    RequestRefused,
    ReservationPage,
    ShopMaster,
    UpsertResult,
    WriteResult,
)
from odoo.addons.smartship_rakuten.rms.inventory import (
    parse_inventories,
    rejected_entries,
    upsert_chunks,
)
from odoo.addons.smartship_rakuten.rms.messages import parse_messages
from odoo.addons.smartship_rakuten.rms.orders import (
    MEMO_FIELDS,
    basket_models,
    chunks,
    parse_outcomes,
    parse_rows,
    parse_single,
    rms_keys,
    shipping_models,
    unique,
)

FUNCTIONS = ("searchOrder", "getOrder", "license.expiryDate.get", "shopMaster")


CANCELLED = (800, 900)
REPORTABLE = (100, 300, 500, 600, 700)
UNDETERMINED = -9999
AMOUNTS = ("goodsPrice", "postagePrice", "deliveryPrice", "totalPrice", "requestPrice")
NEW_ROW = dict.fromkeys(
    ("shippingNumber", "deliveryCompany", "deliveryCompanyName", "shippingDate")
)
QUANTITY_MAX = 99_999


def said(code, **values):
    """One MessageModel of the order API; its type is read off its code."""
    kind = "INFO" if "_INFO_" in code else "ERROR"
    return {"messageType": kind, "messageCode": f"ORDER_EXT_API_{code}", "message": "", **values}


def answer(*messages):
    """An answer with these messages, for the client's own parsers."""
    return SimpleNamespace(data={"MessageModelList": list(messages)})


def _moment(text):
    """Naive UTC of a date and time of RMS."""
    return datetime.fromisoformat(text).astimezone(timezone.utc).replace(tzinfo=None)


class FakeRms:
    """Rakuten in memory: orders by number, calls in their order.

    What it answers to the same calls as the RMS sandbox is compared in ``test_fake_rms.py``. It
    has no clock: searches look at dates only where a test says so, an asynchronous report is done
    at once, and an order that is being cancelled (800) stays there.
    """

    def __init__(self):
        self.orders = {}
        self.calls = []
        #: whether searches look at dates
        self.by_date = False
        self.rejected = set()
        self.results = {}
        self.detail_ids = 5000
        self.sub_statuses = []
        self.upserts = []
        #: what Rakuten may sell, by (manageNumber, variantId)
        self.stock = {}
        #: Message with which Rakuten refuses the stock of an item, by manageNumber
        self.refused = {}
        self.items, self.items_per_page = [], 100
        #: applications of the ReserveAPI, by reserveNumber
        self.reservations = {}
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

    def reserve_info_list(self, *, start, end, date_type=2):
        """Applications with a delivery in these days; the newest first."""
        self._call("reserve_info_list", (start, end))
        key = {2: "shippingDate", 3: "commitDate"}[date_type]
        found = [
            copy.deepcopy(entry)
            for entry in self.reservations.values()
            if any(
                str(start) <= str(detail.get(key)) <= str(end) for detail in entry["reserveDetails"]
            )
        ]
        found.sort(key=lambda e: (e["reserveDatetime"], e["reserveNumber"]), reverse=True)
        yield ReservationPage(found, 0, len(found))

    def shop_master(self):
        self._call("shop_master")
        return ShopMaster(shop_name="見本ショップ", url=self.url, company_name="見本商店")

    def search_order(self, *, start, end, date_type=1, order_progress_list=None):
        self._call("search_order", order_progress_list)
        key = {1: "orderDatetime", 3: "orderFixDatetime"}[date_type]
        found = [
            (str(entry.get("orderDatetime")), number)
            for number, entry in self.orders.items()
            if (not order_progress_list or entry.get("orderProgress") in order_progress_list)
            and (not self.by_date or start <= _moment(entry[key]) <= end)
        ]
        return iter([number for _placed, number in sorted(found, key=lambda pair: pair[0])])

    def get_order(self, order_numbers):
        for chunk in chunks(unique(order_numbers), 100):
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
        for chunk in chunks(unique(order_numbers), 100):
            self.calls.append(("confirm_order", chunk))
            outcomes = parse_outcomes(answer(*map(self._confirm, chunk)), chunk)
            if self.failures.pop("confirm_order", None):
                outcomes = {number: OrderOutcome(False, "", known=False) for number in chunk}
            yield WriteResult(outcomes)

    def _confirm(self, number):
        entry = self.orders.get(number)
        if entry is None:
            code = "ERROR_101"
        elif entry["orderProgress"] in CANCELLED:
            code = "ERROR_102"
        elif entry["orderProgress"] != 100:
            code = "ERROR_103"
        elif UNDETERMINED in [entry.get(name) for name in AMOUNTS]:
            code = "ERROR_105"
        else:
            entry["orderProgress"] = 200
            code = "INFO_101"
        return said(f"CONFIRM_ORDER_{code}", orderNumber=number)

    def cancel_order(self, order_number, inventory_restore_type, reason):
        return self._cancel("cancel_order", order_number, inventory_restore_type, reason)

    def cancel_order_after_shipping(self, order_number, inventory_restore_type, reason):
        name = "cancel_order_after_shipping"
        return self._cancel(name, order_number, inventory_restore_type, reason)

    def _cancel(self, name, order_number, *values):
        failure = self.failures.pop(name, None)
        self.calls.append((name, (order_number, *values)))
        said_so = None
        if getattr(failure, "applied", failure is None):
            said_so = self._cancelled(name, order_number)
        if isinstance(failure, OrderOutcome):
            return failure
        if failure:
            raise failure
        return parse_single(answer(said_so), order_number)

    def _cancelled(self, name, number):
        entry = self.orders.get(number, {})
        progress = entry.get("orderProgress")
        before = name == "cancel_order"
        rows = [row for model in entry.get("PackageModelList", ()) for row in _rows(model)]
        if not entry:
            code = "ERROR_101"
        elif progress == 900:
            code = "ERROR_102"
        elif progress not in ((100, 200, 300) if before else (500, 600, 700, 800)):
            code = "ERROR_103"
        elif before and any(row.get("shippingDate") for row in rows):
            code = "ERROR_104"
        else:
            entry["orderProgress"] = 800 if before and progress != 100 else 900
            code = "INFO_101"
        return said(f"{name.upper()}_{code}", orderNumber=number)

    def update_order_shipping(self, order_number, baskets):
        entry = {"orderNumber": order_number, "BasketidModelList": baskets}
        failure = self.failures.pop("update_order_shipping", None)
        self.calls.append(("update_order_shipping", entry))
        models = basket_models(baskets)
        messages = []
        if getattr(failure, "applied", failure is None):
            messages = self._write_rows(order_number, models)
        if failure:
            raise failure
        count = sum(len(model["ShippingModelList"]) for model in models)
        return parse_rows(answer(*messages), count)

    def update_order_shipping_async(self, orders):
        failure = self.failures.pop("update_order_shipping_async", None)
        applied = getattr(failure, "applied", failure is None)
        self.calls.append(("update_order_shipping_async", orders))
        request_id = f"request-{len(self.calls)}"
        if applied:
            self.results[request_id] = {
                entry["orderNumber"]: parse_messages(
                    self._write_rows(entry["orderNumber"], entry["BasketidModelList"])
                )
                for entry in shipping_models(orders)
            }
        if failure:
            raise failure
        return request_id

    def _write_rows(self, number, baskets):
        """Add, change and delete rows as RMS API section 2.6 says, all or none; the messages."""
        rows = [
            (basket["basketId"], row) for basket in baskets for row in basket["ShippingModelList"]
        ]
        places = [
            {"dataNumber": place, "shippingDetailId": row.get("shippingDetailId")}
            for place, (_basket, row) in enumerate(rows, 1)
        ]
        entry = self.orders.get(number, {})
        progress = entry.get("orderProgress")
        if progress not in REPORTABLE:
            code = "ERROR_102" if progress in CANCELLED else "ERROR_101"
            return [said(f"UPDATE_ORDERSHIPPING_{code}", **place) for place in places]
        packages = {model["basketId"]: model for model in entry["PackageModelList"]}
        unknown = [
            said("UPDATE_ORDERSHIPPING_ERROR_101", **place)
            for place, (basket, row) in zip(places, rows, strict=True)
            if basket not in packages
            or (row.get("shippingDetailId") and _row(packages[basket], row) is None)
        ]
        if unknown:
            return unknown
        return [
            said(f"UPDATE_ORDERSHIPPING_{code}", dataNumber=place, shippingDetailId=detail_id)
            for place, (code, detail_id) in enumerate(
                [self._write_row(packages[basket], row) for basket, row in rows], 1
            )
        ]

    def _write_row(self, model, row):
        """(message, id) of one row."""
        old = _row(model, row)
        if row.get("shippingDeleteFlag"):
            model["ShippingModelList"].remove(old)
            return "INFO_103", old["shippingDetailId"]
        code = "INFO_102" if old else "INFO_101"
        if old is None:
            old = {"shippingDetailId": self._next_detail_id(), **NEW_ROW}
            model["ShippingModelList"] = [*_rows(model), old]
        given = {key: row[key] or None for key in NEW_ROW if key in row}
        old.update(given)
        return code, old["shippingDetailId"]

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
        for chunk in chunks(unique(order_numbers), 100):
            failure = self.failures.pop("update_order_sub_status", None)
            self.calls.append(("update_order_sub_status", (sub_status_id, chunk)))
            if failure:
                yield WriteResult(dict.fromkeys(chunk, failure))
                continue
            messages = [self._set_sub_status(sub_status_id, number) for number in chunk]
            yield WriteResult(parse_outcomes(answer(*messages), chunk))

    def _set_sub_status(self, sub_status_id, number):
        entry = self.orders.get(number, {})
        progress = entry.get("orderProgress")
        known = {
            str(model["subStatusId"])
            for status in self.sub_statuses
            if status["orderProgress"] == progress
            for model in status["SubStatusModelList"]
        }
        if progress in CANCELLED:
            code = "ERROR_101"
        elif not entry or (sub_status_id is not None and str(sub_status_id) not in known):
            code = "ERROR_102"
        else:
            entry["subStatusId"] = None if sub_status_id is None else int(sub_status_id)
            code = "INFO_101"
        return said(f"UPDATE_ORDERSUBSTATUS_{code}", orderNumber=number)

    def update_order_memo(self, order_number, **values):
        self._call("update_order_memo", (order_number, values))
        code = "INFO_101" if order_number in self.orders else "ERROR_101"
        message = said(f"UPDATE_ORDERMEMO_{code}", orderNumber=order_number)
        outcome = parse_single(answer(message), order_number)
        fields = rms_keys(values, MEMO_FIELDS, "update_order_memo", keep_none=True)
        self.orders[order_number].update(fields)
        return outcome

    def inventories_bulk_upsert(self, entries):
        for chunk in upsert_chunks(entries):
            failure = self.failures.pop("bulk_upsert", None)
            self.calls.append(("bulk_upsert", chunk))
            messages = [] if failure else self._refusals(chunk)
            if messages:
                failure = RequestRefused(code=messages[0].code, messages=messages)
            if getattr(failure, "applied", failure is None):
                self._write_stock(chunk)
            yield UpsertResult(chunk, failure, rejected_entries(chunk, messages))

    def _refusals(self, entries):
        """Why RMS takes nothing of a list: one Message for each bad entry."""
        messages = []
        for index, entry in enumerate(entries):
            path = f"inventories[{index}]"
            refused = self.refused.get(entry["manageNumber"])
            held = self.stock.get((entry["manageNumber"], entry["variantId"]))
            relative = entry["mode"] == "RELATIVE"
            if refused:
                messages.append(replace(refused, property_path=path))
            elif relative and held is None:
                messages.append(Message("ERROR", "IE0500", property_path=path))
            elif relative and not 0 <= held + entry["quantity"] <= QUANTITY_MAX:
                messages.append(Message("ERROR", "IE0117", property_path=path))
            elif not relative and not 0 <= entry["quantity"] <= QUANTITY_MAX:
                path = f"{path}.quantity"
                messages.append(Message("ERROR", "IE0003", property_path=path))
        return messages

    def _write_stock(self, entries):
        self.upserts += entries
        for entry in entries:
            pair = entry["manageNumber"], entry["variantId"]
            base = self.stock[pair] if entry["mode"] == "RELATIVE" else 0
            self.stock[pair] = base + entry["quantity"]

    def inventories_bulk_get(self, pairs, *, unreadable=None):
        self._call("bulk_get", list(pairs))
        rows = [
            {"manageNumber": pair[0], "variantId": pair[1], "quantity": self.stock[pair]}
            for pair in pairs
            if pair in self.stock
        ]
        yield from parse_inventories(SimpleNamespace(data={"inventories": rows}), unreadable)

    def items_search(self, **params):
        for items, _cursor in self.items_search_pages(**params):
            yield from items

    def items_search_pages(self, cursor="*", known=(), **params):
        start = 0 if cursor == "*" else int(cursor)
        while True:
            self._call("items_search", params)
            end = start + self.items_per_page
            items, start = self.items[start:end], end
            more = start < len(self.items)
            yield items, str(start) if more else None
            if not more:
                return


def _rows(package):
    return package.get("ShippingModelList") or []


def _row(package, row):
    """The row of a package that a row of a report names, or None."""
    detail_id = row.get("shippingDetailId")
    found = (old for old in _rows(package) if old["shippingDetailId"] == detail_id)
    return next(found, None) if detail_id else None
