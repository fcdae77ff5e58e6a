# Part of smartship_rakuten. See LICENSE file for full copyright and licensing details.
"""The client of memory answers the same calls as the client does at the RMS sandbox."""

from datetime import date, datetime, timezone

from odoo.tests import BaseCase, tagged

from odoo.addons.smartship_rakuten.rms import (
    CredentialsRejected,
    OutcomeUnknown,
    RmsClient,
    RmsError,
    TemporarilyUnavailable,
)

from .fake_rms import FakeRms
from .sandbox import SandboxProcess

KEYS = {"service_secret": "SP123456_double", "license_key": "SL123456_double"}
NOW = "2026-01-10T12:00:00+0900"
PLACED = "2026-01-10T10:00:00+0900"
START, END = (datetime(2026, 1, day, tzinfo=timezone.utc) for day in (5, 12))
UNKNOWN = "123456-20260110-9999999999"
ROW = {"deliveryCompany": "1001", "shippingNumber": "000011112222", "shippingDate": "2026-01-10"}
COLUMNS = ("deliveryCompany", "shippingNumber", "shippingDate")


def outcome(call):
    """What a call gives, or the class, code and rows of its error."""
    try:
        result = call()
    except RmsError as error:
        rows = [(row.data_number, row.code) for row in getattr(error, "rows", ())]
        return type(error).__name__, error.code, rows
    return result


class NoPace:
    def wait(self, family):
        pass

    def back_off(self, family, seconds):
        pass


@tagged("post_install", "-at_install")
class TestFakeRms(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = SandboxProcess()
        cls.addClassCleanup(cls.sandbox.stop)
        cls.real = RmsClient(
            *KEYS.values(), cls.sandbox.url, pacer=NoPace(), sleep=lambda seconds: None
        )
        cls.addClassCleanup(cls.real.close)

    def setUp(self):
        super().setUp()
        self.sandbox.control("reset", **KEYS, seed=7, now=NOW, async_seconds=0)
        self.sandbox.control("items", count=8)
        self.fake = FakeRms()
        self.fake.sub_statuses = self.real.get_sub_status_list()
        self.fake.items = list(self.real.items_search())
        self.fake.stock = {
            tuple(key.split("/")): quantity
            for key, quantity in self.sandbox.get("state?parts=stock")["stock"].items()
        }

    def place(self, *kinds, **options):
        """The same orders on both sides; their numbers."""
        numbers = self.sandbox.control("orders", kinds=kinds, at=PLACED, **options)["order_numbers"]
        found = {entry["orderNumber"]: entry for entry in self.held(self.real, numbers)}
        self.fake.put(*(found[number] for number in numbers))
        self.fake.calls.clear()
        return numbers

    def held(self, rms, numbers):
        """Orders as one side serves them."""
        return [entry for result in rms.get_order(numbers) for entry in result.orders]

    def both(self, call):
        """Make one call on both sides; what it gave, which is the same."""
        fake, real = (outcome(lambda rms=rms: call(rms)) for rms in (self.fake, self.real))
        self.assertEqual(fake, real)
        return real

    def writes(self, call):
        """The same of a bulk write: (ok, code, known) by order number."""
        return self.both(
            lambda rms: {
                number: (said.ok, said.code, said.known)
                for result in call(rms)
                for number, said in result.items()
            }
        )

    def progress(self, numbers):
        return self.both(
            lambda rms: {e["orderNumber"]: e["orderProgress"] for e in self.held(rms, numbers)}
        )

    def rows(self, number):
        """Rows by package, without their ids, which each side counts for itself."""
        return self.both(
            lambda rms: [
                [tuple(row[name] for name in COLUMNS) for row in model["ShippingModelList"]]
                for model in self.held(rms, [number])[0]["PackageModelList"]
            ]
        )

    def baskets(self, number, *rows):
        """A report of these rows for the first package of an order."""
        package = self.fake.orders[number]["PackageModelList"][0]
        return [{"basketId": package["basketId"], "ShippingModelList": list(rows)}]

    def detail_id(self, rms, number, index=0):
        package = self.held(rms, [number])[0]["PackageModelList"][0]
        return package["ShippingModelList"][index]["shippingDetailId"]

    def report(self, number, make_rows):
        """Report rows that a function of the side makes: (place, ok, code) of each."""

        def call(rms):
            baskets = self.baskets(number, *make_rows(rms))
            return [
                (r.data_number, r.ok, r.code) for r in rms.update_order_shipping(number, baskets)
            ]

        return self.both(call)

    def test_search(self):
        numbers = self.place("simple", "unconfirmed", "shipped", "cancelled")
        dates = {"start": START, "end": END}
        self.assertEqual(self.both(lambda rms: sorted(rms.search_order(**dates))), sorted(numbers))
        for statuses in ([100], [300, 500], [400]):
            self.both(
                lambda rms, s=statuses: list(rms.search_order(**dates, order_progress_list=s))
            )

    def test_search_gives_the_oldest_first(self):
        later = self.place("simple")
        earlier = self.sandbox.control("orders", count=1, at="2026-01-09T10:00:00+0900")
        self.fake.put(*self.held(self.real, earlier["order_numbers"]))
        found = self.both(lambda rms: list(rms.search_order(start=START, end=END)))
        self.assertEqual(found, earlier["order_numbers"] + later)

    def test_reservations(self):
        """Nothing, several, one that was taken back."""
        days = {"start": date(2026, 1, 10), "end": date(2027, 1, 9)}

        def listed(rms, **dates):
            pages = rms.reserve_info_list(**{**days, **dates})
            return [(page.reservations, page.broken, page.total) for page in pages]

        self.assertEqual(self.both(listed), [([], 0, 0)])
        numbers = self.sandbox.control(
            "reservations", count=2, type=1, deliveries=2, delivery_date="2026-02-01"
        )["reserve_numbers"]
        for ((entries, _broken, _total),) in [listed(self.real)]:
            self.fake.reservations = {entry["reserveNumber"]: entry for entry in entries}
        self.assertEqual(set(self.fake.reservations), set(numbers))
        self.both(listed)
        self.both(lambda rms: listed(rms, start=date(2026, 4, 1)))
        self.both(lambda rms: listed(rms, end=date(2026, 1, 31)))
        self.both(lambda rms: listed(rms, date_type=3, end=date(2026, 1, 31)))
        self.sandbox.control("reservations", take_back=numbers[:1])
        del self.fake.reservations[numbers[0]]
        self.both(listed)

    def test_get(self):
        numbers = self.place("kitchen_sink", "simple")
        asked = [*numbers, UNKNOWN, numbers[0]]

        def call(rms):
            return [
                (
                    sorted(result.orders, key=lambda entry: entry["orderNumber"]),
                    result.missing,
                    result.refused,
                    result.broken,
                )
                for result in rms.get_order(asked)
            ]

        ((orders, missing, _refused, _broken),) = self.both(call)
        self.assertEqual(([e["orderNumber"] for e in orders], missing), (numbers, [UNKNOWN]))

    def test_confirm(self):
        numbers = self.place("unconfirmed", "simple", "cancelled")
        numbers += self.place("postage_undetermined", status=100)
        said = self.writes(lambda rms: rms.confirm_order([*numbers, UNKNOWN]))
        self.assertEqual(
            [code[-9:] for _ok, code, _known in said.values()][:2],
            [
                "_INFO_101",
                "ERROR_103",
            ],
        )
        self.assertEqual(self.progress(numbers)[numbers[0]], 200)

    def test_cancel(self):
        kinds = ("unconfirmed", "processing", "simple", "shipped", "cancelled", "already_shipped")
        for operation in ("cancel_order", "cancel_order_after_shipping"):
            numbers = self.place(*kinds)
            for number in [*numbers, UNKNOWN]:

                def call(rms, operation=operation, number=number):
                    said = getattr(rms, operation)(number, 0, 10)
                    return said.ok, said.code, said.known

                with self.subTest(operation, number=number):
                    self.both(call)
            self.progress(numbers)

    def test_report_change_and_delete(self):
        (number,) = self.place("several_destinations")
        added = self.report(number, lambda rms: [ROW, {**ROW, "shippingNumber": "2"}])
        self.assertEqual([(place, ok) for place, ok, _code in added], [(1, True), (2, True)])
        self.assertEqual(len(self.rows(number)[0]), 2)
        self.report(
            number,
            lambda rms: [{"shippingDetailId": self.detail_id(rms, number), "shippingNumber": ""}],
        )
        self.assertEqual(self.rows(number)[0][0], ("1001", None, "2026-01-10"))
        self.report(
            number,
            lambda rms: [
                {"shippingDetailId": self.detail_id(rms, number, 1), "shippingDeleteFlag": 1}
            ],
        )
        self.assertEqual(len(self.rows(number)[0]), 1)

    def test_report_is_refused(self):
        numbers = self.place("simple", "unconfirmed", "processing", "cancelling", "shipped")
        for number in numbers:
            with self.subTest(number=number):
                self.report(number, lambda rms: [ROW])
                self.rows(number)
        gone = self.baskets(numbers[0], ROW)
        self.both(lambda rms: [(r.ok, r.code) for r in rms.update_order_shipping(UNKNOWN, gone)])
        for row in (
            {**ROW, "shippingDetailId": 1},
            {"shippingDetailId": 1, "shippingDeleteFlag": 1},
        ):
            self.report(numbers[0], lambda rms, row=row: [row])
            # one bad row of two: nothing is written, and the client cannot tell
            self.assertEqual(
                self.report(numbers[0], lambda rms, row=row: [ROW, row])[0], "OutcomeUnknown"
            )
        self.assertEqual(len(self.rows(numbers[0])[0]), 1)
        self.both(
            lambda rms: [
                (r.ok, r.code)
                for r in rms.update_order_shipping(
                    numbers[0], [{"basketId": 1, "ShippingModelList": [ROW]}]
                )
            ]
        )

    def test_report_asynchronously(self):
        numbers = self.place("simple", "cancelled", "simple")
        orders = {number: self.baskets(number, ROW) for number in numbers}

        def call(rms):
            request_id = rms.update_order_shipping_async(orders)
            result = rms.get_result_update_order_shipping_async(request_id)
            return {n: [(m.ok, m.code, m.data_number) for m in said] for n, said in result.items()}

        self.assertEqual(list(self.both(call)), numbers)
        for number in numbers:
            self.rows(number)
        self.both(lambda rms: rms.get_result_update_order_shipping_async("no such request"))

    def test_sub_status(self):
        numbers = self.place("simple", "unconfirmed", "cancelled")
        self.both(lambda rms: rms.get_sub_status_list())
        for sub_status in (3101, "3102", 1101, 99, None):
            with self.subTest(sub_status=sub_status):
                self.writes(
                    lambda rms, s=sub_status: rms.update_order_sub_status(s, [*numbers, UNKNOWN])
                )
                self.both(lambda rms: [e["subStatusId"] for e in self.held(rms, numbers[:1])])

    def test_memo(self):
        (number,) = self.place("simple")
        for values in ({"memo": "見本", "delivery_date": "2026-01-12"}, {"delivery_date": None}):
            self.both(lambda rms, v=values: rms.update_order_memo(number, **v).code)
            entry = self.both(
                lambda rms: [(e["memo"], e["deliveryDate"]) for e in self.held(rms, [number])]
            )
        self.assertEqual(entry, [("見本", None)])
        self.both(lambda rms: rms.update_order_memo(UNKNOWN, memo="x").code)

    def upsert(self, *entries):
        return self.both(
            lambda rms: [
                (
                    result.entries,
                    result.error and (type(result.error).__name__, result.error.code),
                    [(entry, message.code) for entry, message in result.rejected],
                )
                for result in rms.inventories_bulk_upsert(entries)
            ]
        )

    def stock(self, *pairs):
        names = ("manageNumber", "variantId", "quantity")
        return self.both(
            lambda rms: [
                tuple(record[name] for name in names) for record in rms.inventories_bulk_get(pairs)
            ]
        )

    def test_inventories(self):
        pairs = list(self.fake.stock)[:2]
        one, two = (dict(zip(("manageNumber", "variantId"), pair, strict=True)) for pair in pairs)
        stranger = {"manageNumber": "stranger", "variantId": "v"}
        more = {"quantity": 1, "mode": "RELATIVE"}
        self.stock(*pairs, ("nowhere", "x"))
        for entries in (
            [{**one, "quantity": 7}, {**two, "quantity": 0}],
            [{**one, "quantity": 3, "mode": "RELATIVE"}],
            [{**one, "quantity": -11, "mode": "RELATIVE"}, {**two, "quantity": 5}],
            [{**two, **more}, {**stranger, **more}],
            [{**one, "quantity": 99_999, "mode": "RELATIVE"}],
            [{**one, "quantity": 100_000}],
            [{**one, "quantity": -1}, {**two, "quantity": 100_000}],
            [{**one, "quantity": 1}, {**one, "quantity": 2, "mode": "RELATIVE"}],
            [{**stranger, "quantity": 4}],
        ):
            with self.subTest(entries=entries):
                self.upsert(*entries)
                self.stock(*pairs, ("stranger", "v"))
        self.assertEqual(self.stock(pairs[0], ("stranger", "v"))[0][2], 3)

    def test_items(self):
        self.assertEqual(len(self.both(lambda rms: list(rms.items_search()))), 8)

    def test_shop_and_key(self):
        self.assertEqual(self.both(lambda rms: rms.shop_master().url), "sample-shop")
        self.fake.expiry = self.real.license_expiry_date()
        self.both(lambda rms: rms.license_expiry_date())
        real = self.real.check_functions()
        self.assertEqual(self.fake.check_functions().items() - real.items(), set())

    def test_failures(self):
        """What tests raise by hand is what the client raises, and what it leaves behind."""
        (number,) = self.place("simple")
        for fault, error, applied in (
            ("429", TemporarilyUnavailable, False),
            ("reset_after_write", OutcomeUnknown, True),
            ("401", CredentialsRejected, False),
        ):
            with self.subTest(fault):
                self.sandbox.control("faults", operation="updateOrderShipping", kind=fault, times=9)
                failure = error()
                failure.applied = applied
                self.fake.failures["update_order_shipping"] = failure
                baskets = self.baskets(number, ROW)
                for rms in (self.fake, self.real):
                    with self.assertRaises(error):
                        rms.update_order_shipping(number, baskets)
                self.sandbox.control("faults", clear=True)
                self.rows(number)
        self.assertEqual(len(self.rows(number)[0]), 1)
