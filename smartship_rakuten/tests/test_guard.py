"""One guard for all work on many records: a bad one stops no other, a conflict is no end."""

from unittest.mock import patch

from psycopg2 import OperationalError
from psycopg2.errors import (
    DeadlockDetected,
    LockNotAvailable,
    NotNullViolation,
    SerializationFailure,
    UniqueViolation,
)

from odoo import SUPERUSER_ID, api, modules
from odoo.exceptions import LockError, UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.models.shop import rakuten_guard as guard
from odoo.addons.smartship_rakuten.rms import TemporarilyUnavailable
from odoo.addons.smartship_rakuten.rules.halving import filled

from .common import RakutenCase

LOGGER = "odoo.addons.smartship_rakuten.models.shop.rakuten_guard"


@tagged("post_install", "-at_install")
class TestFilled(BaseCase):
    """Batches by number and by weight."""

    def fill(self, weights, **limits):
        return list(filled(weights, int, **limits))

    def test_by_number(self):
        self.assertEqual(self.fill([1] * 5, most=2, heaviest=9), [[1, 1], [1, 1], [1]])
        self.assertEqual(self.fill([], most=2, heaviest=9), [])

    def test_by_weight(self):
        self.assertEqual(self.fill([4, 5, 1, 9, 1], most=9, heaviest=9), [[4, 5], [1], [9], [1]])

    def test_the_heavy_one_stands_alone(self):
        self.assertEqual(self.fill([1, 3000, 1, 1], most=20, heaviest=500), [[1], [3000], [1, 1]])


@tagged("post_install", "-at_install")
class TestGuard(RakutenCase):
    def setUp(self):
        super().setUp()
        self.partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(7)])
        self.attempts, self.marked, self.commits = [], {}, 0
        commit = type(self.shop)._commit

        def count(shop, *args, **kwargs):
            self.commits += 1
            return commit(shop, *args, **kwargs)

        self.startPatcher(patch.object(type(self.shop), "_commit", count))

    def guard(self, errors, **options):
        """Give all partners a comment.

        :param dict errors: name of a partner to what it raises, one after the other
        :return: (names of the parts that were done, Failures)
        """

        def work(part):
            self.attempts.append("".join(part.mapped("name")))
            part.comment = "done"
            for partner in part:
                if errors.get(partner.name):
                    raised = errors[partner.name]
                    raise raised.pop(0) if isinstance(raised, list) else raised
            return len(part)

        def mark(partner, failure):
            partner.comment = "marked"
            self.marked[partner.name] = str(failure.reason)

        with guard.failures_noted() as failures:
            done = self.shop._guard(
                self.partners, work, step="step.read", mark=mark, **{"most": 4, **options}
            )
        for part, count in done:
            self.assertEqual(len(part), count)
        return ["".join(part.mapped("name")) for part, _count in done], failures

    def comments(self):
        return [partner.comment.striptags() for partner in self.partners]

    def test_all_is_well(self):
        done, failures = self.guard({})
        self.assertEqual(done, ["P0P1P2P3", "P4P5P6"])
        self.assertEqual((failures, self.marked), ([], {}))
        self.assertEqual(self.comments(), ["done"] * 7)
        self.assertEqual(self.commits, 3, "what was before, and each batch")

    def test_the_bad_one_stands_alone(self):
        with self.assertLogs(LOGGER, "ERROR") as logs:
            done, failures = self.guard({"P2": ValueError("secret"), "P5": UserError("No.")})
        self.assertEqual(done, ["P0P1", "P3", "P4", "P6"])
        self.assertEqual(
            self.comments(), ["done"] * 2 + ["marked"] + ["done"] * 2 + ["marked", "done"]
        )
        sentences = {
            "P2": "Reading the order did not succeed (ValueError). Tell your administrator.",
            "P5": "Reading the order did not succeed: No.",
        }
        self.assertEqual(self.marked, sentences)
        self.assertEqual({f.name: str(f.reason) for f in failures}, sentences)
        self.assertEqual(len(logs.output), 1, "what a person mends is no error of the program")
        self.assertIn("P2", logs.output[0])
        self.assertNotIn("secret", logs.output[0])
        self.assertEqual(
            self.shop._failures_sentence(failures),
            f"P2: {sentences['P2']} P5: {sentences['P5']}",
        )

    def test_a_refusal_of_the_database(self):
        def work(part):
            part.filtered(lambda partner: partner.name == "P1").name = False
            self.env.flush_all()

        with mute_logger("odoo.sql_db"), self.assertLogs(LOGGER, "ERROR"):
            done = self.shop._guard(self.partners, work, step="step.read", mark=guard.unmarked)
        self.assertEqual(sum(len(part) for part, _result in done), 6)
        self.assertEqual(self.partners.mapped("name"), [f"P{n}" for n in range(7)])

    def test_a_conflict_is_tried_again_smaller(self):
        for conflict in (SerializationFailure, DeadlockDetected, LockNotAvailable, LockError):
            with self.subTest(conflict=conflict.__name__):
                self.attempts = []
                error = conflict("busy") if conflict is LockError else conflict()
                done, failures = self.guard({"P1": [error]})
                self.assertEqual(done, ["P0P1", "P2P3", "P4P5P6"])
                self.assertEqual(self.attempts, ["P0P1P2P3", *done])
                self.assertEqual((failures, self.marked), ([], {}))
                self.assertEqual(self.comments(), ["done"] * 7)

    def test_a_lasting_conflict_is_no_fault_of_the_record(self):
        """It is left to the next run, unmarked; the next batch goes on."""
        with self.assertLogs(LOGGER, "WARNING"):
            done, failures = self.guard({"P1": SerializationFailure()})
        self.assertEqual(done, ["P0", "P2P3", "P4P5P6"])
        self.assertEqual(self.attempts.count("P1"), guard.TRIES)
        self.assertEqual(self.marked, {})
        self.assertIn(
            "P1: Reading the order did not succeed, because the database was busy",
            self.shop._failures_sentence(failures),
        )

    def test_made_by_somebody_else_in_this_moment(self):
        done, failures = self.guard(
            {"P1": [UniqueViolation(), UniqueViolation(), UniqueViolation()]}
        )
        self.assertEqual(done, ["P0", "P1", "P2P3", "P4P5P6"])
        self.assertEqual((failures, self.marked), ([], {}))

    def test_a_unique_violation_that_stays(self):
        with self.assertLogs(LOGGER, "ERROR"):
            self.guard({"P1": UniqueViolation()})
        self.assertEqual(list(self.marked), ["P1"])

    def test_what_concerns_all_passes(self):
        for error in (OperationalError("connection lost"), TemporarilyUnavailable()):
            self.attempts = []
            with self.assertRaises(type(error)), self.env.cr.savepoint():
                self.guard({"P1": error})
            self.assertEqual(self.attempts, ["P0P1P2P3"])

    def test_a_mark_that_fails_stops_nobody(self):
        def mark(_partner, _failure):
            raise NotNullViolation

        def work(part):
            if "P1" in part.mapped("name"):
                raise ValueError

        with self.assertLogs(LOGGER, "ERROR") as logs, guard.failures_noted() as failures:
            done = self.shop._guard(self.partners, work, step="step.read", mark=mark)
        self.assertEqual(sum(len(part) for part, _result in done), 6)
        self.assertEqual([failure.name for failure in failures], ["P1"], "the notice names it")
        self.assertEqual(len(logs.output), 2)

    def test_a_record_that_is_gone(self):
        """It stands alone, and costs no other."""
        gone = self.partners[2]
        gone.unlink()

        def work(part):
            return part.mapped("name")

        with guard.failures_noted() as failures:
            done = self.shop._guard(
                self.partners,
                work,
                step="step.read",
                mark=guard.unmarked,
                weigh=lambda partner: len(partner.name),
            )
        self.assertEqual([type(failure.error).__name__ for failure in failures], ["MissingError"])
        self.assertEqual(
            [part.mapped("name") for part, _result in done],
            [["P0", "P1"], ["P3", "P4", "P5", "P6"]],
        )

    def test_many_failures_are_counted(self):
        with mute_logger(LOGGER):
            _done, failures = self.guard({f"P{n}": ValueError() for n in range(7)})
        with patch.object(guard, "NAMED", 2):
            sentence = self.shop._failures_sentence(failures)
        self.assertIn("P1: ", sentence)
        self.assertTrue(sentence.endswith("5 more could not be worked on."), sentence)


@tagged("post_install", "-at_install")
class TestConflict(BaseCase):
    """In transactions of their own, as jobs have them: what a savepoint could not mend."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.partners = env["res.partner"].create([{"name": f"P{n}"} for n in range(4)]).ids
        self.addCleanup(self.clean)
        # As in a job: commits are real.
        self.startPatcher(patch.object(modules.module, "current_test", False))

    def cursor(self):
        return self.registry.cursor()

    def clean(self):
        with self.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["res.partner"].browse(self.partners).unlink()

    def test_somebody_else_was_first(self):
        """The first attempt begins before the other transaction ends, and loses to it."""
        attempts = []

        def work(part):
            attempts.append(len(part))
            part.mapped("comment")
            if len(attempts) == 1:
                with self.cursor() as other:
                    other.execute(
                        "UPDATE res_partner SET comment = 'other' WHERE id = %s",
                        [self.partners[1]],
                    )
            for partner in part:
                partner.comment = f"{partner.comment or ''} mine"
            part.flush_recordset()

        with self.cursor() as cr, mute_logger("odoo.sql_db"):
            env = api.Environment(cr, SUPERUSER_ID, {})
            done = env["rakuten.shop"]._guard(
                env["res.partner"].browse(self.partners),
                work,
                step="step.read",
                mark=guard.unmarked,
            )
            self.assertEqual([len(part) for part, _result in done], [2, 2])
        self.assertEqual(attempts, [4, 2, 2])
        with self.cursor() as cr:
            cr.execute(
                "SELECT comment FROM res_partner WHERE id IN %s ORDER BY id",
                [tuple(self.partners)],
            )
            comments = [comment for (comment,) in cr.fetchall()]
        self.assertEqual(len(comments), 4)
        self.assertTrue(all(comment.count("mine") == 1 for comment in comments), comments)
        self.assertIn("other", comments[1], "what the other one wrote is not overwritten")
