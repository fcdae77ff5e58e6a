"""Everything the sandbox knows: shop, clock, store, faults, log of calls."""

import itertools
import random
import threading
from collections import deque

from .clock import DAY, Clock, jst_date, midnight, parse_loose
from .store import Store

CALLS_KEPT = 100_000
# Beyond 2^31, as they are since 2026 (RMS API section 3.17); a 発送明細ID has twelve digits.
FIRST_DETAIL = 4_257_110_001
FIRST_SHIPPING_DETAIL = 300_000_050_001
# The units that orders may take are an option, so a shop without any function list has all.
DEFAULTS = {
    "shop_number": "123456",
    "service_secret": "SP123456_sandboxSecret0001",
    "license_key": "SL123456_sandboxLicense001",
    "shop_url": "sample-shop",
    "shop_name": "見本ショップ",
    "seed": 1,
    "now": None,
    "license_expiry": None,
    "functions": None,
    "calendar": None,
    "rounding": "floor",
    "async_seconds": 2,
    "rate_limit": None,
}


class World:
    """The state behind all calls. ``lock`` is held by whoever reads or changes it."""

    def __init__(self):
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.store = None
        self.reset({})

    def reset(self, options):
        """An empty shop. Unknown keys are an error, so that a typing mistake is seen."""
        unknown = sorted(set(options) - set(DEFAULTS))
        if unknown:
            raise ValueError(f"unknown keys: {', '.join(unknown)}")
        config = DEFAULTS | {key: value for key, value in options.items() if value is not None}
        now = config.pop("now")
        clock = Clock(None if now is None else parse_loose(now))
        if config["license_expiry"]:
            expiry = parse_loose(config["license_expiry"])
        else:  # valid for 90 days, to the last second of day 90 (RMS API section 1.3)
            expiry = midnight(clock.now()) + 91 * DAY - 1
        if config["rounding"] not in ("floor", "ceil", "round"):
            raise ValueError("rounding is floor, ceil or round")
        for key in ("shop_number", "service_secret", "license_key", "shop_url", "shop_name"):
            config[key] = str(config[key])
        old, self.store = self.store, Store()
        if old:
            old.close()
        self.config = config
        self.clock = clock
        self.license_expiry = expiry
        self.random = random.Random(config["seed"])
        self.faults = []
        self.calls = deque(maxlen=CALLS_KEPT)
        self.call_count = 0
        self.call_times = {}
        self.jobs = {}
        self.oversold = {}
        #: applications that are no orders yet, as RMS lists them, by reserveNumber
        self.reservations = {}
        self.sequence = itertools.count(1)
        self.detail_ids = itertools.count(FIRST_DETAIL)
        self.shipping_ids = itertools.count(FIRST_SHIPPING_DETAIL)
        self.change_ids = itertools.count(900_001)
        self.item_ids = itertools.count(10_000_001)
        self.requests = itertools.count(1)
        self.neighbours = itertools.count()

    def close(self):
        self.stopping.set()
        with self.lock:
            self.store.close()

    def now(self):
        return self.clock.now()

    def rounding(self):
        return self.config["rounding"]

    def new_order_number(self, placed_at):
        day = jst_date(placed_at).replace("-", "")
        return f"{self.config['shop_number']}-{day}-{next(self.sequence):010d}"

    # Stock -----------------------------------------------------------------------------

    def sell(self, manage_number, variant_id, units):
        """Take units from the stock at purchase; what is missing is noted as oversold."""
        record = self.store.stock(manage_number, variant_id)
        if record is None:
            return
        left = record["quantity"] - units
        if left < 0:
            key = f"{manage_number}/{variant_id}"
            self.oversold[key] = self.oversold.get(key, 0) - left
        self.store.put_stock(manage_number, variant_id, max(left, 0), self.now())

    def put_back(self, manage_number, variant_id, units):
        record = self.store.stock(manage_number, variant_id)
        if record is not None:
            quantity = min(record["quantity"] + units, 99_999)
            self.store.put_stock(manage_number, variant_id, quantity, self.now())
