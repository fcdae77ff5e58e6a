"""Payloads that are broken in one place each: no batch fails as a whole, no neighbour suffers."""

from collections import Counter
from decimal import Decimal
from math import gcd

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.models.shop.text import storable

from .campaign import figures
from .common import ADDRESS, RakutenCase, item, order, package
from .mutations import LONG, NOISE, TOTAL, mutated, paths, rich


@tagged("post_install", "-at_install")
class TestMutation(RakutenCase):
    #: How many of the mutations are tried, about; None for all.
    tried = 300

    def setUp(self):
        super().setUp()
        self.shop.auto_fulfil = False
        # RMS lists every order, however broken its status is.
        self.rms.search_order = lambda *, order_progress_list, **_span: iter(
            list(self.rms.orders) if order_progress_list == [300] else []
        )

    def test_rich_order(self):
        """What is broken in the next test is right as it stands."""
        (record,) = self.import_orders(rich())
        self.assertEqual(record.state, "done", record.problem)
        self.assertEqual(record.sale_order_id.amount_total, TOTAL)

    def test_no_batch_fails_as_a_whole(self):
        """Each field of a rich order takes each form of noise, a hundred orders a batch."""
        mutations = [
            (path, value) for path in paths(rich()) if path != ("orderNumber",) for value in NOISE
        ]
        if self.tried:
            # A part that takes turns: each field meets some forms, each form some fields.
            step = len(mutations) // self.tried
            while gcd(step, len(NOISE)) > 1:
                step += 1
            mutations = mutations[::step]
        broken, good = {}, []
        for sequence, (path, value) in enumerate(mutations, start=1):
            if sequence % 50 == 1:
                good += self.rms.put(order(900_000 + sequence))
            payload = mutated(rich(), path, value)
            payload["orderNumber"] = f"123456-20260110-{sequence:010d}"
            (number,) = self.rms.put(payload)
            broken[number] = path, value
        with self.assertNoLogs("odoo.addons.smartship_rakuten", "ERROR"):
            self.shop.action_import_orders()
        records = self.Order.search([("shop_id", "=", self.shop.id)])
        self.assertEqual(set(records.mapped("name")), {*broken, *good}, "nothing is lost")
        states = sorted(Counter(records.mapped("state")).items())
        figures(
            f"{len(broken)} orders broken in one place each and {len(good)} good ones, imported "
            f"together: {', '.join(f'{count} {state}' for state, count in states)}; none lost, "
            "no neighbour touched"
        )
        for record in records:
            if record.name not in broken:
                self.assertEqual(record.state, "done", "a good neighbour is untouched")
                self.assertEqual(record.sale_order_id.amount_total, 1100)
                continue
            path, value = broken[record.name]
            with self.subTest(path=path, value=str(value)[:20]):
                self.check_broken(record)

    def test_what_the_database_refuses_stands_alone(self):
        """Names as long as RMS allows, of rare characters that take four bytes each: no index of
        contacts holds them, and the order waits."""
        rare = "".join(chr(0x20000 + ord(letter)) for letter in LONG[:764])
        buyer = {**ADDRESS, "familyName": rare[:382], "firstName": rare[382:]}
        long = order(2, [package(7002, [item()])], OrdererModel=buyer)
        with self.assertLogs("odoo.addons.smartship_rakuten", "ERROR"), mute_logger("odoo.sql_db"):
            before, record, after = self.import_orders(order(1), long, order(3))
        self.assertEqual((before.state, after.state), ("done", "done"))
        self.assertEqual((record.state, record.problem_code), ("blocked", "other"))
        self.assertIn("administrator", record.problem)
        self.assertFalse(record.sale_order_id)

    def kept(self, value):
        """A value as PostgreSQL gives it back: 1e308 is a whole number to it."""
        if isinstance(value, dict):
            return {key: self.kept(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.kept(entry) for entry in value]
        if isinstance(value, float) and value.is_integer():
            return int(Decimal(repr(value)))
        return value

    def check_broken(self, record):
        came = self.kept(storable(self.rms.orders[record.name]))
        self.assertEqual(self.kept(record.payload), came, "kept as it came")
        self.assertTrue(record.details, "its form can be shown")
        sale_order = record.sale_order_id
        if record.state == "done":
            self.assertEqual(sale_order.amount_total, TOTAL)
            self.assertEqual(
                sale_order.rakuten_request_price
                + sale_order.rakuten_used_point
                + sale_order.rakuten_coupon_rakuten,
                TOTAL,
            )
            return
        self.assertFalse(sale_order)
        if record.state == "blocked":
            self.assertTrue(record.problem_code)
            self.assertRegex(record.problem, r"^[^\n]{20,1000}\.$")
        else:
            # Its status alone was changed, to another one that RMS knows.
            self.assertIn(record.state, ("waiting", "ignored", "cancelled"))


@tagged("-standard", "slow")
class TestMutationCampaign(TestMutation):
    tried = None
