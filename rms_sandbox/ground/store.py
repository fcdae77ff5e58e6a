"""Storage: one temporary SQLite file, so that 100,000 orders do not fill the memory.

An order is its compressed JSON text plus the columns that searchOrder and the clock need.
The text is served as it is stored: what a test puts in comes out, however malformed.
The callers hold the world's lock; nothing here is locked again.
"""

import json
import os
import sqlite3
import tempfile
import zlib

from .clock import parse_date, parse_rms_datetime
from .values import as_int, dicts, dump

SCHEMA = """
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, number TEXT UNIQUE NOT NULL, progress INTEGER, sub_status INTEGER,
  order_at INTEGER, confirm_at INTEGER, fix_at INTEGER, ship_at INTEGER, report_at INTEGER,
  pay_at INTEGER, order_type INTEGER, settlement INTEGER, delivery_name TEXT,
  device INTEGER, reserve_number TEXT, asuraku INTEGER, coupon INTEGER, drug INTEGER,
  one_day INTEGER, ship_rows INTEGER, no_ship_date INTEGER, no_ship_number INTEGER,
  due_at INTEGER, meta TEXT NOT NULL, payload BLOB NOT NULL);
CREATE INDEX orders_order_at ON orders (order_at);
CREATE INDEX orders_fix_at ON orders (fix_at);
CREATE INDEX orders_confirm_at ON orders (confirm_at);
CREATE INDEX orders_ship_at ON orders (ship_at) WHERE ship_at IS NOT NULL;
CREATE INDEX orders_report_at ON orders (report_at) WHERE report_at IS NOT NULL;
CREATE INDEX orders_pay_at ON orders (pay_at) WHERE pay_at IS NOT NULL;
CREATE INDEX orders_due_at ON orders (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX orders_ship_rows ON orders (id) WHERE ship_rows > 0;
CREATE TABLE items (
  manage_number TEXT PRIMARY KEY, created INTEGER, updated INTEGER, deleted INTEGER,
  payload TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE stock (
  manage_number TEXT, variant_id TEXT, quantity INTEGER, created INTEGER, updated INTEGER,
  checked INTEGER, lead TEXT, PRIMARY KEY (manage_number, variant_id)) WITHOUT ROWID;
CREATE INDEX stock_quantity ON stock (quantity);
CREATE INDEX stock_checked ON stock (checked);
"""
ORDER_COLUMNS = (
    "number progress sub_status order_at confirm_at fix_at ship_at report_at pay_at order_type"
    " settlement delivery_name device reserve_number asuraku coupon drug one_day ship_rows"
    " no_ship_date no_ship_number due_at meta payload"
).split()
_INSERT = (
    f"INSERT OR REPLACE INTO orders ({', '.join(ORDER_COLUMNS)})"
    f" VALUES ({', '.join('?' * len(ORDER_COLUMNS))})"
)
_UPDATE = f"UPDATE orders SET {', '.join(f'{name} = ?' for name in ORDER_COLUMNS)} WHERE number = ?"
PARAMETERS_PER_QUERY = 500  # below SQLite's limit of host parameters in every build


def shipping_rows(order):
    """All (package, row) pairs of an order."""
    return [
        (package, row)
        for package in dicts(order.get("PackageModelList"))
        for row in dicts(package.get("ShippingModelList"))
    ]


def _small(value):
    """A number that SQLite can hold, or None."""
    value = as_int(value)
    return value if value is not None and abs(value) < 2**63 else None


def _text(value):
    return value if isinstance(value, str) else None


def order_columns(order):
    """The searchable columns of an order; malformed parts simply give None."""
    rows = [row for _package, row in shipping_rows(order)]
    dates = [day for day in (parse_date(row.get("shippingDate")) for row in rows) if day]
    settlement = (dicts([order.get("SettlementModel")]) or [{}])[0]
    delivery = (dicts([order.get("DeliveryModel")]) or [{}])[0]
    return {
        "progress": _small(order.get("orderProgress")),
        "sub_status": _small(order.get("subStatusId")),
        "order_at": parse_rms_datetime(order.get("orderDatetime")),
        "confirm_at": parse_rms_datetime(order.get("shopOrderCfmDatetime")),
        "fix_at": parse_rms_datetime(order.get("orderFixDatetime")),
        "ship_at": min(dates, default=None),
        "report_at": parse_rms_datetime(order.get("shippingCmplRptDatetime")),
        "order_type": _small(order.get("orderType")),
        "settlement": _small(settlement.get("settlementMethodCode")),
        "delivery_name": _text(delivery.get("deliveryName")),
        "device": _small(order.get("carrierCode")),
        "reserve_number": _text(order.get("reserveNumber")),
        "asuraku": _small(order.get("asurakuFlag")),
        "coupon": 1 if dicts(order.get("CouponModelList")) else 0,
        "drug": _small(order.get("drugFlag")),
        "one_day": _small(order.get("oneDayOperationFlag")),
        "ship_rows": len(rows),
        "no_ship_date": 0 if dates else 1,
        "no_ship_number": 0 if any(row.get("shippingNumber") for row in rows) else 1,
    }


class Store:
    """Orders, items and stock records of one shop."""

    def __init__(self):
        handle, self.path = tempfile.mkstemp(prefix="rms-sandbox-", suffix=".sqlite")
        os.close(handle)
        self.db = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        # The file is scratch space that nobody opens a second time: no journal, no fsync.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16000"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.execute("PRAGMA locking_mode=EXCLUSIVE")
        self.db.executescript(SCHEMA)
        self._items = None

    def close(self):
        self.db.close()
        if os.path.exists(self.path):
            os.unlink(self.path)

    def begin(self):
        self.db.execute("BEGIN")

    def commit(self):
        self.db.execute("COMMIT")

    # Orders ----------------------------------------------------------------------------

    @staticmethod
    def order_row(number, order, meta, due_at):
        columns = order_columns(order)
        if columns["order_at"] is None:
            columns["order_at"] = meta.get("placed_at")
        columns.update(
            number=number,
            pay_at=meta.get("pay_at"),
            due_at=due_at,
            meta=json.dumps(meta),
            payload=zlib.compress(dump(order).encode(), 1),
        )
        return [columns[name] for name in ORDER_COLUMNS]

    def insert_orders(self, rows):
        self.db.executemany(_INSERT, rows)

    def update_order(self, number, order, meta, due_at):
        self.db.execute(_UPDATE, [*self.order_row(number, order, meta, due_at), number])

    def order(self, number):
        """(order, meta) or None."""
        query = "SELECT payload, meta FROM orders WHERE number = ?"
        row = self.db.execute(query, (number,)).fetchone()
        return (json.loads(zlib.decompress(row[0])), json.loads(row[1])) if row else None

    def order_texts(self, numbers, placed_from=None):
        """{number: JSON text} of the orders that exist and are not older than the horizon."""
        found = {}
        for start in range(0, len(numbers), PARAMETERS_PER_QUERY):
            part = numbers[start : start + PARAMETERS_PER_QUERY]
            marks = ", ".join("?" * len(part))
            query = f"SELECT number, order_at, payload FROM orders WHERE number IN ({marks})"
            for number, order_at, payload in self.db.execute(query, part):
                if placed_from is None or order_at is None or order_at >= placed_from:
                    found[number] = zlib.decompress(payload).decode()
        return found

    def order_numbers(self):
        return [row[0] for row in self.db.execute("SELECT number FROM orders ORDER BY id")]

    def order_count(self):
        return self.db.execute("SELECT count(*) FROM orders").fetchone()[0]

    def due_orders(self, now, limit=PARAMETERS_PER_QUERY):
        """[(number, due_at)] whose next change is due, the earliest first."""
        query = "SELECT number, due_at FROM orders WHERE due_at <= ? ORDER BY due_at LIMIT ?"
        return self.db.execute(query, (now, limit)).fetchall()

    def shipped_numbers(self):
        query = "SELECT number FROM orders WHERE ship_rows > 0 ORDER BY id"
        return [row[0] for row in self.db.execute(query)]

    def _orders_where(self, condition, *values):
        query = f"SELECT number, payload, meta FROM orders WHERE {condition} ORDER BY id"
        for number, payload, meta in self.db.execute(query, values).fetchall():
            yield number, json.loads(zlib.decompress(payload)), json.loads(meta)

    def orders_paid(self, start, end):
        """(number, order, meta) of the orders whose payment was fixed between two moments."""
        return self._orders_where("pay_at BETWEEN ? AND ?", start, end)

    def orders_refunded(self):
        """(number, order, meta) of the orders whose fixed payment has become less."""
        return self._orders_where("""meta LIKE '%"refunds"%'""")

    def orders_reported(self, start, end):
        """The orders whose shipment was reported between two moments."""
        found = self._orders_where("report_at BETWEEN ? AND ?", start, end)
        return (order for _number, order, _meta in found)

    # Items -----------------------------------------------------------------------------

    def put_item(self, item, created, updated):
        row = (item["manageNumber"], created, updated, dump(item))
        self.db.execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?, 0, ?)", row)
        self._items = None

    def delete_item(self, manage_number, now):
        """A deleted item stays known, but only by its code (RMS API section 7.2)."""
        cursor = self.db.execute(
            "UPDATE items SET deleted = 1, updated = ?, payload = ? WHERE manage_number = ?",
            (now, dump({"manageNumber": manage_number}), manage_number),
        )
        self._items = None
        return cursor.rowcount

    def item(self, manage_number):
        query = "SELECT payload FROM items WHERE manage_number = ? AND NOT deleted"
        row = self.db.execute(query, (manage_number,)).fetchone()
        return json.loads(row[0]) if row else None

    def items(self):
        """[(created, updated, deleted, item)] by code, to be read and not written.

        Kept until an item changes: a catalogue is read in many pages, each of which looks at all.
        """
        if self._items is None:
            query = "SELECT created, updated, deleted, payload FROM items ORDER BY manage_number"
            self._items = [(c, u, d, json.loads(text)) for c, u, d, text in self.db.execute(query)]
        return self._items

    def item_count(self):
        return self.db.execute("SELECT count(*) FROM items WHERE NOT deleted").fetchone()[0]

    def sku_pairs(self):
        """The set of (manageNumber, variantId) on sale."""
        return {
            (item["manageNumber"], variant)
            for _c, _u, deleted, item in self.items()
            if not deleted and isinstance(item.get("variants"), dict)
            for variant in item["variants"]
        }

    # Stock -----------------------------------------------------------------------------

    def stock(self, manage_number, variant_id):
        """{quantity, created, updated, lead} or None."""
        row = self.db.execute(
            "SELECT quantity, created, updated, lead FROM stock"
            " WHERE manage_number = ? AND variant_id = ?",
            (manage_number, variant_id),
        ).fetchone()
        if not row:
            return None
        lead = json.loads(row[3]) if row[3] else {}
        return {"quantity": row[0], "created": row[1], "updated": row[2], "lead": lead}

    def put_stock(self, manage_number, variant_id, quantity, now, lead=None):
        """Create or replace a record; ``lead`` None keeps the lead times that are there."""
        lead = None if lead is None else json.dumps(lead)
        self.db.execute(
            "INSERT INTO stock VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " quantity = excluded.quantity, updated = excluded.updated,"
            " checked = excluded.checked, lead = coalesce(excluded.lead, lead)",
            (manage_number, variant_id, quantity, now, now, now, lead),
        )

    def delete_stock(self, manage_number, variant_id):
        query = "DELETE FROM stock WHERE manage_number = ? AND variant_id = ?"
        return self.db.execute(query, (manage_number, variant_id)).rowcount

    def all_stock(self):
        """{(manageNumber, variantId): quantity}."""
        query = "SELECT manage_number, variant_id, quantity FROM stock"
        return {(m, v): q for m, v, q in self.db.execute(query)}

    def stock_range(self, low, high, limit):
        """Pairs by quantity, the newest update first."""
        query = (
            "SELECT manage_number, variant_id FROM stock WHERE quantity BETWEEN ? AND ?"
            " ORDER BY updated DESC, manage_number, variant_id LIMIT ?"
        )
        return self.db.execute(query, (low, high, limit)).fetchall()

    def variant_count(self, manage_number):
        query = "SELECT count(*) FROM stock WHERE manage_number = ?"
        return self.db.execute(query, (manage_number,)).fetchone()[0]

    def stale_stock(self, before):
        """Pairs that were neither updated nor looked at since that moment."""
        query = "SELECT manage_number, variant_id FROM stock WHERE checked <= ?"
        return self.db.execute(query, (before,)).fetchall()

    def mark_checked(self, pair, now):
        query = "UPDATE stock SET checked = ? WHERE manage_number = ? AND variant_id = ?"
        self.db.execute(query, (now, *pair))
