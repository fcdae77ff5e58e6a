"""What an order says of itself: expected values are written by hand."""

from dataclasses import asdict
from datetime import date

from odoo.modules.migration import load_script
from odoo.tests import BaseCase, tagged
from odoo.tools import SQL, file_path, sql

from odoo.addons.smartship_rakuten.rules import facts

from .common import RakutenCase, item, order, package
from .mutations import NOISE

CARD = {
    "settlementMethodCode": 1,
    "settlementMethod": "クレジットカード",
    "rpaySettlementFlag": 1,
    "cardPayType": 2,
    "cardInstallmentDesc": "106",
}
FULL = {
    "SettlementModel": CARD,
    "DeliveryModel": {"deliveryName": " クール便 ", "deliveryClass": 3},
    "orderType": 6,
    "DueDateModelList": [
        {"dueDateType": 0, "dueDate": "2026-01-15"},
        {"dueDateType": 0, "dueDate": "2026-01-20"},
        {"dueDateType": 1, "dueDate": "2026-01-31"},
    ],
}


def carried_by(*companies):
    return [
        {**package(7001 + place, [item()]), "defaultDeliveryCompanyCode": company}
        for place, company in enumerate(companies)
    ]


def payment(**values):
    return facts.read_facts({"SettlementModel": values})


@tagged("post_install", "-at_install")
class TestReading(BaseCase):
    def test_all_of_an_order(self):
        found = facts.read_facts(order(1, carried_by("1001"), **FULL))
        self.assertEqual(
            asdict(found),
            {
                "payment_code": "1",
                "payment_name": "クレジットカード",
                "collected_by_rakuten": True,
                "cash_on_delivery": False,
                "card_payment": "2",
                "instalments": 6,
                "payment_due": date(2026, 1, 20),
                "delivery_name": "クール便",
                "delivery_class": "3",
                "delivery_company_code": "1001",
                "order_type": "6",
            },
        )

    def test_who_collects(self):
        """What the order says, else what the method says (共通決済)."""
        for code, collected in (
            *((code, True) for code in (1, 8, 9, 12, 13, 14, 16, 17, 21, 27)),
            *((code, False) for code in (2, 3, 4, 5, 6, 7, 99)),
        ):
            with self.subTest(code):
                found = payment(settlementMethodCode=code)
                self.assertIs(found.collected_by_rakuten, collected)
                for flag in (1, 0):
                    told = payment(settlementMethodCode=code, rpaySettlementFlag=flag)
                    self.assertIs(told.collected_by_rakuten, flag == 1)
        self.assertFalse(payment().collected_by_rakuten)

    def test_payment(self):
        cash = payment(settlementMethodCode="2")
        self.assertEqual(
            (cash.payment_code, cash.payment_name, cash.cash_on_delivery), ("2", "代金引換", True)
        )
        unknown = payment(settlementMethodCode=98, settlementMethod="新しい支払方法")
        self.assertEqual((unknown.payment_code, unknown.payment_name), ("98", "新しい支払方法"))
        self.assertFalse(unknown.cash_on_delivery)
        once = payment(settlementMethodCode=1, cardPayType=0, cardInstallmentDesc=None)
        self.assertEqual((once.card_payment, once.instalments), ("0", 0))
        for code, times in ((103, 3), (124, 24), (104, 0), (0, 0)):
            self.assertEqual(payment(cardInstallmentDesc=code).instalments, times)

    def test_carrier_of_several_destinations(self):
        for companies, expected in (
            (("1001", "1001"), "1001"),
            (("1001", "1003"), ""),
            (("1001", None), ""),
            ((1003,), "1003"),
            (("9999",), ""),
            ((None,), ""),
        ):
            with self.subTest(companies):
                found = facts.read_facts(order(1, carried_by(*companies)))
                self.assertEqual(found.delivery_company_code, expected)

    def test_no_class_is_none(self):
        for code, expected in ((0, ""), (None, ""), (1, "1"), ("2", "2"), (8, "8"), (9, "")):
            found = facts.read_facts({"DeliveryModel": {"deliveryClass": code}})
            self.assertEqual(found.delivery_class, expected)

    def test_any_form(self):
        """Nothing that stands anywhere stops an order from being stored."""
        nothing = facts.read_facts(None)
        self.assertFalse(any(asdict(nothing).values()))
        for strange in NOISE:
            for key in ("SettlementModel", "DeliveryModel", "DueDateModelList", "orderType"):
                facts.read_facts({**FULL, key: strange})
            for key in CARD:
                payment(**{**CARD, key: strange})
            for key in ("deliveryName", "deliveryClass"):
                facts.read_facts({"DeliveryModel": {key: strange}})
            facts.read_facts({"DueDateModelList": [{"dueDateType": 0, "dueDate": strange}]})
            facts.read_facts(order(1, carried_by(strange)))


@tagged("post_install", "-at_install")
class TestFields(RakutenCase):
    NAMES = ("rakuten_payment_code", "rakuten_payment_name", "rakuten_collected")

    def test_from_the_moment_it_is_stored(self):
        self.rms.put(order(1, carried_by("1001"), progress=100, **FULL))
        self.shop.action_import_orders()
        stored = self.Order.search([])
        self.assertFalse(stored.sale_order_id)
        self.assertEqual(
            stored.read(
                ["payment_code", "payment_due", "delivery_name", "instalments", "order_type"],
                load=None,
            ),
            [
                {
                    "id": stored.id,
                    "payment_code": "1",
                    "payment_due": date(2026, 1, 20),
                    "delivery_name": "クール便",
                    "instalments": 6,
                    "order_type": "6",
                }
            ],
        )
        groups = self.Order._read_group([], ["payment_name", "order_type"], ["__count"])
        self.assertEqual(groups, [("クレジットカード", "6", 1)])

    def test_sale_order_follows(self):
        """Also when the method is changed at Rakuten."""
        (record,) = self.import_orders(order(1, **FULL))
        sale_order = record.sale_order_id
        shown = [sale_order[name] for name in self.NAMES]
        self.assertEqual(shown, ["1", "クレジットカード", True])
        cash = {"settlementMethodCode": 2, "rpaySettlementFlag": 0}
        self.rms.orders[record.name]["SettlementModel"] = cash
        self.shop._run("refresh")
        shown = [sale_order[name] for name in self.NAMES]
        self.assertEqual(shown, ["2", "代金引換", False])

    def test_what_the_database_cannot_hold(self):
        (record,) = self.import_orders(order(1, DeliveryModel={"deliveryName": "宅\0配便"}))
        self.assertEqual(record.delivery_name, "宅�配便")

    def test_orders_of_before(self):
        """The upgrade makes the columns and fills them."""
        records = self.import_orders(*(order(number, **FULL) for number in (1, 2, 3)))
        self.env.flush_all()
        for table, name in (("rakuten_order", "payment_code"), ("sale_order", self.NAMES[1])):
            names = map(SQL.identifier, (table, name))
            self.env.cr.execute(SQL("ALTER TABLE %s DROP COLUMN %s", *names))
        self.env.cr.execute("UPDATE rakuten_order SET payment_due = NULL, order_type = NULL")
        self.env.invalidate_all()
        for stage in ("pre", "post"):
            path = file_path(f"smartship_rakuten/migrations/19.0.1.2.0/{stage}-facts.py")
            script = load_script(path, f"{stage}-facts")
            if stage == "post":
                script.BATCH = 2
            script.migrate(self.env.cr, "19.0.1.1.0")
        self.assertTrue(sql.column_exists(self.env.cr, "rakuten_order", "payment_code"))
        self.env.cr.execute(
            "SELECT payment_code, payment_due, order_type FROM rakuten_order WHERE id IN %s",
            [records._ids],
        )
        self.assertEqual(self.env.cr.fetchall(), 3 * [("1", date(2026, 1, 20), "6")])
        self.env.cr.execute(
            "SELECT DISTINCT rakuten_payment_name FROM sale_order WHERE rakuten_order_id IN %s",
            [records._ids],
        )
        self.assertEqual(self.env.cr.fetchall(), [("クレジットカード",)])
