"""How statements add up with orders: values written by hand."""

import time

from odoo.tests import BaseCase, tagged

from odoo.addons.smartship_rakuten_account.rules.matching import (
    Combination,
    Match,
    Owed,
    Paid,
    Suspect,
    combine,
    match,
    pick,
    sums,
    suspects,
    told,
)

CARD = Owed("1", 11220)
#: Points 380, the shop's coupon 300, Rakuten's 200.
MIXED = Owed("2", 8490, points=380, coupon=200, own=300)
POST_PAY = Owed("3", 7340, fee=250)
BOTH = [CARD, MIXED]


@tagged("post_install", "-at_install")
class TestMatchingRules(BaseCase):
    """Statement against orders."""

    def test_sums(self):
        assert sums([CARD, MIXED, POST_PAY]) == Owed("", 27050, 380, 200, 300, 250)
        assert (MIXED.total, Paid(100, 20, None, 5, 7).net) == (9070, 108)

    def test_each_combination_is_found(self):
        for paid, expected in (
            (Paid(19710, 380, 200), Combination()),
            (Paid(20090, None, 200), Combination(points=True)),
            (Paid(19910, 380), Combination(coupon=True)),
            (Paid(20290), Combination(points=True, coupon=True)),
            (Paid(20010, 380, 200, own=300), Combination(own=True)),
            (Paid(20590, own=300), Combination(points=True, coupon=True, own=True)),
        ):
            found = match(paid, BOTH)
            assert (found.difference, found.combination) == (0, expected), paid
        orders = [*BOTH, POST_PAY]
        kept = match(Paid(26800, 380, 200), orders)
        assert (kept.difference, kept.combination, kept.kept) == (0, Combination(kept=True), True)
        paid = match(Paid(27050, 380, 200), orders)
        assert (paid.difference, paid.combination, paid.kept) == (0, Combination(kept=False), False)

    def test_one_yen_is_a_difference(self):
        assert match(Paid(19711, 380, 200), BOTH) == Match(1, None)
        assert match(Paid(19709, 380, 200), BOTH) == Match(-1, None)

    def test_total_adds_up_and_kinds_do_not(self):
        found = match(Paid(19700, 390, 200), BOTH)
        assert (found.difference, found.combination) == (0, None)

    def test_what_is_remembered(self):
        inside = Combination(points=True, own=True, kept=False)
        # Without points, coupons and fees nothing tells how they stand.
        found = match(Paid(11220), [CARD], remembered=inside)
        assert found.combination == inside
        assert told(sums([CARD]), Combination(), inside) == inside
        assert told(sums(BOTH), Combination(), inside) == Combination(kept=False)
        assert combine(Paid(20290), sums(BOTH), inside) == Combination(True, True, False, False)

    def test_refund_of_this_statement_and_of_an_earlier_one(self):
        # The order of 8,420 is 7,580 now: it was paid as it was, and 840 are taken off.
        found = match(Paid(8420, refund=840), [Owed("4", 7580)])
        assert (found.difference, found.combination, found.refunds) == (0, Combination(), {})
        # An order that was paid before has 840 of credit.
        found = match(Paid(11220, refund=840), [CARD], credits={"7": 500, "4": 840, "9": 900})
        assert (found.difference, found.refunds) == (0, {"4": 840})
        found = match(Paid(11220, refund=1400), [CARD], credits={"7": 500, "4": 840, "9": 900})
        assert found.refunds == {"7": 500, "9": 900}
        # Nothing explains it.
        assert match(Paid(11220, refund=841), [CARD], credits={"4": 840}).difference == -841
        # Nothing is taken off: no credit is used.
        assert match(Paid(10380), [CARD], credits={"4": 840}).difference == -840

    def test_paid_as_it_was_before_a_later_credit(self):
        found = match(Paid(8420), [Owed("4", 7580)], later={"4": 840})
        assert (found.difference, found.before) == (0, {"4": 840})

    def test_negative_statement_pays_all_the_same(self):
        assert match(Paid(11220), [CARD]).difference == 0
        assert match(Paid(), []).difference == 0

    def test_pick(self):
        assert pick({}, 0) == {}
        assert pick({"a": 1}, -1) is None
        assert pick({"a": 3, "b": 4, "c": 5}, 12) == {"a": 3, "b": 4, "c": 5}
        assert pick({"a": 3, "b": 4, "c": 5}, 9) == {"b": 4, "c": 5}
        assert pick({"a": 3, "b": 4, "c": 5}, 6) is None

    def test_pick_gives_up_in_time(self):
        amounts = {str(n): 3 * 2**n for n in range(40)}
        start = time.process_time()
        assert pick(amounts, 3 * 2**39 + 1) is None
        assert time.process_time() - start < 2

    def test_suspects_when_less_is_paid(self):
        orders = [CARD, MIXED, POST_PAY]
        assert suspects(0, orders) == []
        assert suspects(-11220, orders) == [Suspect("1", "unpaid", 11220)]
        assert suspects(-380, orders) == [Suspect("2", "points", 380)]
        assert suspects(-200, orders) == [Suspect("2", "coupon", 200)]
        assert suspects(-250, orders) == [Suspect("3", "post_pay", 250)]
        assert suspects(-840, orders, credits={"8": 840}) == [Suspect("8", "refund", 840)]
        assert suspects(-12, orders) == []

    def test_suspects_when_more_is_paid(self):
        edges = [Owed("8", 1500), Owed("9", 2500), Owed("10", 700)]
        assert suspects(1500, [CARD], edges) == [Suspect("8", "edge", 1500)]
        assert suspects(3200, [CARD], edges) == [
            Suspect("9", "edge", 2500),
            Suspect("10", "edge", 700),
        ]
        assert suspects(300, [MIXED], edges) == [Suspect("2", "own", 300)]
        assert suspects(250, [POST_PAY]) == [Suspect("3", "post_pay", 250)]

    def test_a_month_is_matched_in_no_time(self):
        orders = [Owed(str(n), 1000 + n, n % 7, n % 5, n % 3, n % 2) for n in range(10_857)]
        owed = sums(orders)
        start = time.process_time()
        assert match(Paid(owed.settled, owed.points, owed.coupon), orders).kept is False
        assert suspects(-5000, orders)
        assert time.process_time() - start < 1
