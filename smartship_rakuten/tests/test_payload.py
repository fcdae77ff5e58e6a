"""Single values of a payload and Japan's time: pure rules; expected values are written by hand."""

from datetime import date, datetime, timezone
from decimal import Decimal

from freezegun import freeze_time

from odoo.tests import BaseCase, tagged

from odoo.addons.smartship_rakuten.rules import japan
from odoo.addons.smartship_rakuten.rules.conditions import conditions, fold, of_destination
from odoo.addons.smartship_rakuten.rules.confirmation import holds
from odoo.addons.smartship_rakuten.rules.deadlines import deadlines
from odoo.addons.smartship_rakuten.rules.order import parse_order
from odoo.addons.smartship_rakuten.rules.payload import LENIENT, STRICT, OrderProblem
from odoo.addons.smartship_rakuten.rules.rows import labels, shipping_rows
from odoo.addons.smartship_rakuten.rules.shipping import ship_by, shipping_facts

from .common import ADDRESS, item, order, package

#: What is no flag.
NO_FLAGS = (2, -1, 0.5, "x", "yes", "01", [], {}, [1])


@tagged("post_install", "-at_install")
class TestValues(BaseCase):
    def check_both(self, method, cases):
        """Cases that both readers read alike."""
        for value, expected in cases:
            for reader in (STRICT, LENIENT):
                with self.subTest(value=value, strict=reader is STRICT):
                    self.assertIs(
                        type(found := getattr(reader, method)({"k": value}, "k")), type(expected)
                    )
                    self.assertEqual(found, expected)

    def check_refused(self, method, values, instead, **options):
        """Values that no reader knows: the strict one refuses them, the lenient one goes on."""
        for value in values:
            with self.subTest(value=value):
                with self.assertRaises(OrderProblem) as caught:
                    getattr(STRICT, method)({"k": value}, "k", **options)
                self.assertEqual(caught.exception.code, "malformed")
                self.assertEqual(caught.exception.details, {"field": "k"})
                self.assertEqual(getattr(LENIENT, method)({"k": value}, "k", **options), instead)

    def test_flag(self):
        on = [(value, True) for value in (1, 1.0, "1", True, "true", "True", " 1 ")]
        off = [(value, False) for value in (0, 0.0, "0", False, "false", "FALSE", None, "")]
        self.check_both("flag", on + off)
        self.check_refused("flag", NO_FLAGS, False)
        self.check_refused("flag", NO_FLAGS, True, default=True)
        for reader in (STRICT, LENIENT):
            for nothing in ({}, {"k": None}, {"k": ""}):
                self.assertIs(reader.flag(nothing, "k", default=True), True)
            self.assertIs(reader.flag({"k": 0}, "k", default=True), False)

    def test_whole(self):
        self.check_both("whole", [(5, 5), ("5", 5), (" -9999 ", -9999), (3.0, 3), (10**30, 10**30)])
        self.check_refused("whole", (True, "", "x", "９", "1_0", 0.5, float("inf"), [], {}), None)
        self.check_refused("whole", ("x",), 7, default=7)
        self.assertIsNone(LENIENT.whole({}, "k"))
        self.assertEqual(STRICT.whole({}, "k", default=0), 0)
        with self.assertRaises(OrderProblem):
            STRICT.whole({}, "k")

    def test_yen(self):
        self.check_both("yen", [(0, 0), (1100, 1100), ("1100", 1100), (9999999999, 9999999999)])
        self.check_refused("yen", (-1, 10000000000, "x", True, 0.5), None)
        with self.assertRaises(OrderProblem) as caught:
            STRICT.yen({"k": -9999}, "k")
        self.assertEqual(caught.exception.code, "amount_undetermined")
        self.assertIsNone(LENIENT.yen({"k": -9999}, "k"))

    def test_rate(self):
        self.check_both("rate", [(0.1, Decimal("0.1")), ("0.08", Decimal("0.08")), (0, Decimal(0))])
        self.check_refused("rate", (1, 1.1, -0.1, True, "x", float("nan"), [], None), None)

    def test_text(self):
        self.check_both("text", [("a b", "a b"), (5, "5"), (0.5, "0.5"), (None, ""), ("", "")])
        self.check_refused("text", (True, [], {}), "")
        self.assertEqual(STRICT.text({"k": " a\n"}, "k"), " a\n", "to the letter")
        self.assertEqual(LENIENT.text({"k": " a\n"}, "k"), "a", "as it is shown")
        long = "x" * 256
        with self.assertRaises(OrderProblem):
            STRICT.code({"k": long}, "k")
        self.assertEqual(LENIENT.code({"k": long}, "k"), long)

    def test_id(self):
        self.check_both("id", [(7001, "7001"), ("7001", "7001")])
        self.check_refused("id", (None, True, -1, "", "x", "７", "1" * 31, 0.5, []), "")

    def test_objects(self):
        self.check_both("objects", [([], []), ([{"a": 1}], [{"a": 1}]), (None, [])])
        self.check_refused("objects", ({}, "x", 5), [])
        self.check_refused("objects", ([{"a": 1}, None],), [{"a": 1}])
        self.check_refused("objects", (None,), [], required=True)
        self.check_refused("object", (None, [], "x"), {})
        for data in (None, [], "x", 5):
            self.assertEqual(LENIENT.packages(data), [])
            self.assertEqual(LENIENT.text(data, "k"), "")

    def test_moment(self):
        placed = datetime(2026, 1, 10, 0, 15, 2)
        for text in (
            "2026-01-10T09:15:02+0900",
            "2026-01-10T09:15:02+09:00",
            "2026-01-10T00:15:02Z",
            # Without a zone it is Japan's time, as everywhere in the API.
            "2026-01-10T09:15:02",
        ):
            self.check_both("moment", [(text, placed)])
        wrong = (None, "", "x", 5, "2026-01-10", "2026-13-01T00:00:00+0900", [], {})
        self.check_refused("moment", wrong, None)
        # Where counting days would leave the calendar.
        self.check_refused("moment", ("9999-12-31T23:00:00+0000", "1899-12-31T00:00:00Z"), None)

    def test_day(self):
        self.check_both("day", [("2026-02-01", date(2026, 2, 1)), (None, None), ("", None)])
        wrong = ("2026-02-30", "x", 20260201, "20260201", "2026-02-01x", "9999-12-31", [], {})
        self.check_refused("day", wrong, None)

    def test_person(self):
        person = {"zipCode1": 100, "zipCode2": "0001", "firstName": None}
        expected = {"zipCode1": "100", "zipCode2": "0001", "firstName": None}
        self.check_both("person", [(person, expected)])
        with self.assertRaises(OrderProblem):
            STRICT.person({"k": {"city": ["x"]}}, "k")
        self.assertEqual(LENIENT.person({"k": {"city": ["x"]}}, "k"), {"city": None})

    def test_packages(self):
        payload = {
            "PackageModelList": [
                {"basketId": 1, "packageDeleteFlag": 1},
                {"basketId": "2", "packageDeleteFlag": "0"},
                {"basketId": 3},
            ]
        }
        for reader in (STRICT, LENIENT):
            self.assertEqual([p["basketId"] for p in reader.packages(payload)], ["2", 3])
            self.assertEqual(len(reader.packages(payload, deleted=True)), 3)
            self.assertEqual(reader.package(payload, "1")["packageDeleteFlag"], 1)
            self.assertEqual(reader.package(payload, "4"), {})


@tagged("post_install", "-at_install")
class TestWhatFollows(BaseCase):
    """What one meaning of a flag, a number, a moment makes of orders."""

    def test_deleted(self):
        """Whether something was deleted is not guessed: it waits for a person."""
        for flag, units in (("true", 1), (True, 1), ("1", 1), ("false", 3), (False, 3), (None, 3)):
            payload = order(1, [package(7001, [item(), item(units=2, deleteItemFlag=flag)])])
            with self.subTest(flag=flag):
                self.assertEqual(sum(i.units for i in parse_order(payload).items), units)
        for flag in NO_FLAGS:
            payload = order(1, [package(7001, [item(), item(units=2, deleteItemFlag=flag)])])
            with self.subTest(flag=flag), self.assertRaises(OrderProblem) as caught:
                parse_order(payload)
            self.assertEqual(caught.exception.details, {"field": "deleteItemFlag"})

    def test_confirmation_is_held_by_what_nobody_knows(self):
        """It cannot be undone, so it reads strictly; what no rule asks for is not looked at."""
        now = datetime(2026, 1, 11)
        every = ["remarks", "caution", "gift", "delivery_wish", "remote_island"]
        self.assertEqual(holds(order(1), every, 0, now), [])
        for flag in NO_FLAGS:
            with self.subTest(flag=flag):
                found = holds(order(1, rakutenConfirmFlag=flag), (), 0, now)
                self.assertEqual(found, ["unreadable"])
                for key in ("giftCheckFlag", "isolatedIslandFlag"):
                    self.assertEqual(holds(order(1, **{key: flag}), every, 0, now), ["unreadable"])
                    self.assertEqual(holds(order(1, **{key: flag}), (), 0, now), [])
        self.assertEqual(holds(order(1, rakutenConfirmFlag="true"), (), 0, now), ["rakuten_check"])
        for values, names in (
            ({"cautionDisplayType": "x"}, ["caution"]),
            ({"shippingTerm": "x"}, ["delivery_wish"]),
            ({"orderType": "x"}, ["order_type"]),
            ({"SettlementModel": {"settlementMethodCode": "x"}}, ["cash_on_delivery"]),
            ({"DeliveryModel": {"deliveryClass": "x"}}, ["delivery_class"]),
        ):
            with self.subTest(values=values):
                self.assertEqual(holds(order(1, **values), names, 0, now), ["unreadable"])
                self.assertEqual(holds(order(1, **values), ["gift"], 0, now), [])

    def test_cooling_off(self):
        """To the second: ordered at 00:15:02 UTC."""
        for second, held in ((1, ["cooling_off"]), (2, [])):
            now = datetime(2026, 1, 10, 0, 45, second)
            self.assertEqual(holds(order(1), (), 30, now), held)

    def test_conditions(self):
        """Codes of which more than one says yes, flags of any form that is known."""
        for values, name in (
            ({"cautionDisplayType": 2}, "caution"),
            ({"shippingTerm": 9}, "delivery_wish"),
            ({"deliveryDate": "2026-02-01"}, "delivery_wish"),
            ({"giftCheckFlag": "true"}, "gift"),
            ({"isolatedIslandFlag": "1"}, "remote_island"),
        ):
            with self.subTest(values=values):
                self.assertTrue(conditions(order(1, **values))[name])
                self.assertFalse(conditions(order(1))[name])

    def test_conditions_of_a_destination(self):
        far = {**ADDRESS, "prefecture": "沖縄県", "city": "見本市", "subAddress": "0-0"}
        payload = order(
            1,
            [
                package(7001, [item(units=2)]),
                package(
                    7002,
                    [item("2", units=3), item("3", deleteItemFlag=1)],
                    SenderModel={**far, "isolatedIslandFlag": 1},
                ),
            ],
            isolatedIslandFlag=1,
        )
        names = ("quantity", "area", "remote_island", "address_length")
        for basket, expected in (
            ("", (5, "kanto", True, 15)),
            ("7001", (2, "kanto", False, 15)),
            ("7002", (3, "okinawa", True, 9)),
            ("7009", (5, "kanto", True, 15)),
        ):
            found = conditions(of_destination(payload, basket))
            with self.subTest(basket=basket):
                self.assertEqual(tuple(found[name] for name in names), expected)
        self.assertEqual(conditions(None)["quantity"], 0)
        self.assertFalse(conditions({"PackageModelList": 5})["area"])

    def test_cash(self):
        """An amount may come as a text, as the import has always taken it."""
        for price, cash in ((2530, 2530), ("2530", 2530), (0, 0), (-9999, None), (True, None)):
            payload = order(
                1,
                requestPrice=price,
                SettlementModel={"settlementMethodCode": "2"},
                TaxSummaryModelList=[{"reqPriceTax": 100}, {"reqPriceTax": "130"}],
            )
            facts = shipping_facts(payload, "7001")
            with self.subTest(price=price):
                self.assertEqual(facts.cash, cash)
                self.assertEqual(facts.cash_tax, 230)
        payload["SettlementModel"]["settlementMethodCode"] = 1
        self.assertIsNone(shipping_facts(payload, "7001").cash)

    def test_facts_of_any_payload(self):
        """Nothing fails, and what cannot be read is as if it were not there."""
        for payload in (None, [], "x", {}, {"PackageModelList": [None, 5]}, {"deliveryDate": "x"}):
            facts = shipping_facts(payload, "7001")
            with self.subTest(payload=payload):
                self.assertFalse(facts.complete)
                self.assertFalse(facts.gift)
                self.assertIsNone(facts.delivery_date)
                self.assertIsNone(ship_by(facts, 1, 1))
                self.assertEqual(deadlines(payload, "300"), [])

    def test_days_of_no_calendar(self):
        for text in ("9999-12-31T23:59:59+0900", "0001-01-01T00:00:00+0900"):
            payload = order(1, progress=100, orderDatetime=text, deliveryDate=text[:10])
            self.assertIsNone(ship_by(shipping_facts(payload, "7001"), 1, 1))
            self.assertEqual(deadlines(payload, "100"), [])

    def test_words_are_found_however_they_are_typed(self):
        payload = order(
            1,
            [package(7001, [item()], SenderModel={**ADDRESS, "familyName": ["x"]})],
            remarks="[備考:]\nＡＢＣ １２－３ サーバー",
        )
        found = conditions(payload)
        for word in ("abc", "12-3", "c 1", "サ-バ-"):
            self.assertIn(fold(word), found["remarks"])
        self.assertNotIn("abd", found["remarks"])
        for word in ("見本 太郎", "ミホン", "0300001234", "03-0000-1234", "東京都千代田区"):
            self.assertIn(fold(word), found["persons"])
        self.assertNotIn("x", found["persons"])
        self.assertEqual(found["addresses"], "東京都千代田区千代田000")
        self.assertEqual(found["total_price"], 1100)
        self.assertEqual(conditions({**payload, "totalPrice": -9999})["total_price"], 0)

    def test_parcels_at_rakuten(self):
        rows = [{"deliveryCompany": "1001"}, {"shippingNumber": " "}, {"shippingNumber": "-"}]
        payload = order(1, [package(7001, [item()], ShippingModelList=rows)])
        self.assertEqual(len(shipping_rows(payload)), 3)
        self.assertEqual(labels(payload), [])
        rows.append({"shippingNumber": 123412341234})
        self.assertEqual([row.number for row in labels(payload)], ["123412341234"])
        self.assertEqual(labels(None), [])


@tagged("post_install", "-at_install")
class TestJapan(BaseCase):
    def test_day(self):
        for moment in (
            datetime(2026, 1, 9, 15, 0),
            datetime(2026, 1, 10, 14, 59, 59),
            datetime(2026, 1, 9, 15, 0, tzinfo=timezone.utc),
        ):
            self.assertEqual(japan.day(moment), date(2026, 1, 10))
        self.assertEqual(japan.day(datetime(2026, 1, 9, 14, 59, 59)), date(2026, 1, 9))

    def test_hour(self):
        self.assertEqual(japan.hour(datetime(2026, 1, 10, 4, 30)), 13.5)
        self.assertEqual(japan.hour(datetime(2026, 1, 9, 15, 0)), 0)

    def test_begin(self):
        self.assertEqual(japan.begin(date(2026, 1, 10)), datetime(2026, 1, 9, 15, 0))

    def test_today(self):
        with freeze_time("2026-01-09 14:59:59"):
            self.assertEqual(japan.today(), date(2026, 1, 9))
        with freeze_time("2026-01-09 15:00:00"):
            self.assertEqual(japan.today(), date(2026, 1, 10))
