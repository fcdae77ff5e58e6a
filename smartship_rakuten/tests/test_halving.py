"""Halves until the bad one stands alone: a pure rule."""

from odoo.tests import BaseCase, tagged

from odoo.addons.smartship_rakuten.rules.halving import by_halves, halves


class Bad(Exception):
    """What one value of a batch provokes."""


@tagged("post_install", "-at_install")
class TestHalving(BaseCase):
    def run_on(self, values, *bad):
        """What came of each part, and the parts in the order of their attempts."""
        attempts = []

        def attempt(part):
            attempts.append(part)
            if set(part) & set(bad):
                raise Bad(part)
            return sum(part)

        found = [
            (part, result, error and error.args[0])
            for part, result, error in by_halves(values, attempt, Bad)
        ]
        return found, attempts

    def test_halves(self):
        self.assertEqual(halves([1, 2]), ([1], [2]))
        self.assertEqual(halves([1, 2, 3]), ([1], [2, 3]))

    def test_all_at_once(self):
        self.assertEqual(self.run_on([1, 2, 3]), ([([1, 2, 3], 6, None)], [[1, 2, 3]]))
        self.assertEqual(self.run_on([]), ([], []), "nothing to attempt")

    def test_the_bad_one_stands_alone(self):
        found, attempts = self.run_on([1, 2, 3, 4], 3)
        self.assertEqual(found, [([1, 2], 3, None), ([3], None, [3]), ([4], 4, None)])
        self.assertEqual(attempts, [[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]])

    def test_every_one_is_bad(self):
        found, _attempts = self.run_on([1, 2, 3], 1, 2, 3)
        self.assertEqual(found, [([1], None, [1]), ([2], None, [2]), ([3], None, [3])])

    def test_single_bad_one(self):
        self.assertEqual(self.run_on([1], 1), ([([1], None, [1])], [[1]]))

    def test_other_errors_pass_through(self):
        """What was done before stays done, and nothing is attempted after."""
        attempts = []

        def attempt(part):
            attempts.append(part)
            if len(part) > 1:
                raise Bad
            if part == [2]:
                raise ConnectionError

        found = by_halves([1, 2, 3, 4], attempt, Bad)
        self.assertEqual(next(found), ([1], None, None))
        with self.assertRaises(ConnectionError):
            next(found)
        self.assertEqual(attempts, [[1, 2, 3, 4], [1, 2], [1], [2]])

    def test_one_part_at_a_time(self):
        """Whoever asks for the results may commit before the next part is attempted."""
        attempts = []

        def attempt(part):
            attempts.append(part)
            if len(part) > 1:
                raise Bad

        found = by_halves([1, 2], attempt, Bad)
        next(found)
        self.assertEqual(attempts, [[1, 2], [1]])
