"""What changed in an order, and how Odoo follows it: pure rules."""

from odoo.tests import TransactionCase, tagged

from odoo.addons.smartship_rakuten.rules import changes
from odoo.addons.smartship_rakuten.rules.order import parse_order

from .amending import TOUCHES, base, changed
from .common import item, order, package

#: How Odoo follows each kind of change, and which parts of the order have other lines.
EXPECTED = {
    "recipient": ({"address"}, set()),
    "buyer": ({"address"}, set()),
    "more": ({"lines", "figures"}, {("item", "1"), ("options", "7001")}),
    "fewer": ({"lines", "figures"}, {("item", "1"), ("options", "7001")}),
    "added": ({"lines", "figures"}, {("item", "3"), ("options", "7001")}),
    "removed": ({"lines", "figures"}, {("item", "2"), ("options", "7001")}),
    "price": ({"lines", "figures"}, {("item", "1")}),
    "tax": ({"lines", "figures"}, {("item", "2")}),
    "postage": ({"lines", "figures"}, {("charge", "postage")}),
    "coupon": ({"lines", "figures"}, {("charge", "coupon")}),
    "points": ({"figures"}, set()),
    "choice": ({"lines", "figures"}, {("item", "1"), ("options", "7001")}),
    "destination": (
        {"address", "lines", "figures"},
        {("item", "2"), ("options", "7001"), ("options", "7002")},
    ),
    "date": (set(), set()),
    "remarks": (set(), set()),
}


@tagged("post_install", "-at_install")
class TestChangeRules(TransactionCase):
    def test_ways_and_parts(self):
        self.assertEqual(EXPECTED.keys(), TOUCHES.keys())
        for kind, (ways, parts) in EXPECTED.items():
            old, new = base(1), changed(1, kind)
            with self.subTest(kind=kind):
                self.assertEqual(changes.ways(changes.differences(old, new)), ways)
                self.assertEqual(changes.changed_parts(parse_order(old), parse_order(new)), parts)

    def test_every_aspect_has_a_way_or_is_a_wish(self):
        wishes = set(
            "delivery_date delivery_slot remarks noshi delivery wrapping drop_off store gift "
            "payment".split()
        )
        old = order(1)
        new = order(2, [package(7002, [item("2", units=2)])], total=2200)
        aspects = {change.aspect for change in changes.differences(old, new)}
        self.assertLessEqual(aspects, changes.WAYS.keys() | wishes)
        self.assertFalse(changes.WAYS.keys() & wishes)

    def test_moved(self):
        for kind, expected in (("recipient", {"7001"}), ("buyer", {""}), ("destination", set())):
            with self.subTest(kind=kind):
                plans = parse_order(base(1)), parse_order(changed(1, kind))
                self.assertEqual(changes.moved(*plans), expected)

    def test_reworded(self):
        for kind, expected in (("choice", {"1"}), ("more", set()), ("added", set())):
            with self.subTest(kind=kind):
                plans = parse_order(base(1)), parse_order(changed(1, kind))
                self.assertEqual(changes.reworded(*plans), expected)
