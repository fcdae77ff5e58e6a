import functools
import logging
import random
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from psycopg2 import InterfaceError, OperationalError
from psycopg2.errors import ProgramLimitExceeded, UniqueViolation

from odoo import models, modules
from odoo.exceptions import ConcurrencyError, LockError, MissingError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import LazyTranslate

from ...rms import RmsError
from ...rules.halving import by_halves, filled
from .log_mask import describe
from .sentences import Sentence, declare_sentences, said_by, say, together

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

#: Another transaction was first: nobody's fault, and over when that one has ended.
CONFLICTS = (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, ConcurrencyError, LockError)
#: A record that still meets a conflict after so many attempts is left to the next run.
TRIES = 6
#: Seconds of the longest wait after the first conflict; each next one is twice as long.
FIRST_WAIT = 0.1
#: What one transaction holds at most: records, and lines of orders.
RECORDS = 20
LINES = 500
#: Records that the notice names.
NAMED = 10

declare_sentences(
    {
        "guard.failed": _lt("%(step)s did not succeed: %(reason)s"),
        "guard.unexpected": _lt("%(step)s did not succeed (%(error)s). Tell your administrator."),
        "guard.busy": _lt(
            "%(step)s did not succeed, because the database was busy with something else; the "
            "next run tries again."
        ),
        "guard.named": _lt("%(name)s: %(failure)s"),
        "guard.more": _lt("%(count)s more could not be worked on."),
    }
)

#: What was not done for single records, in the job that is under way.
_failures = ContextVar("rakuten_failures", default=None)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something was not done for one record.

    :ivar str name: of the record, as people know it
    :ivar Sentence reason: what was to be done, and the kind of the error
    :ivar Exception error:
    """

    name: str
    reason: Sentence
    error: Exception


class _Refused(Exception):
    """What work on a part raised, which may be the fault of one of its records."""

    def __init__(self, error):
        super().__init__(error)
        self.error = error


@contextmanager
def failures_noted():
    """What is not done for single records inside is known afterwards.

    :return: list of :class:`Failure`
    """
    failures = []
    token = _failures.set(failures)
    try:
        yield failures
    finally:
        _failures.reset(token)


class RakutenGuard(models.AbstractModel):
    """Work on many records: one that is bad, or that somebody else works on, stops no other."""

    _name = "rakuten.guard"
    _description = "Guard of Work on Many Records"

    def _commit(self, processed=0, *, remaining=None):
        """Keep what was done so far and return the seconds left for this run: those that Odoo
        gives a scheduled action, or a person waits (``rakuten_until`` of the context).

        Tests run in one transaction, so nothing is committed there.
        """
        if modules.module.current_test:
            self.env.flush_all()
            return float("inf")
        seconds = self.env["ir.cron"]._commit_progress(processed, remaining=remaining)
        until = self.env.context.get("rakuten_until", float("inf"))
        return max(min(seconds, until - time.monotonic()), 0)

    def _guard(self, things, work, *, step, mark, name=None, weigh=None, most=RECORDS):
        """Do something with many records, a batch in each transaction.

        What was done before is committed first, and so is each batch. Where work raises, it is
        repeated with halves until the bad record stands alone: that one is marked, the others are
        done. Where another transaction was first, the batch is rolled back and tried again, smaller
        and after a moment; a single record that still meets a conflict then is left to the next
        run. So ``work`` may run several times for the same records, and calls of RMS that write
        have no place in it.

        A failure of RMS or of the database itself passes through: it concerns all that follows.

        :param things: recordset or list
        :param work: callable(part): does it with some of them, looks up whatever it needs, and
            leaves nothing half done outside the database
        :param str step: code of the declared sentence that says what is done
        :param mark: callable(thing, Failure): writes down that it was not done, and why; see
            :func:`unmarked`
        :param name: callable(thing): what the notice calls it; by default ``display_name``
        :param weigh: callable(thing): how many lines it has, see :data:`LINES`; by default only
            records are counted
        :param int most: records of a batch
        :return: list of (part, what ``work`` returned), of what was done
        """
        done = []
        if things:
            self._commit()
        weights = functools.partial(_weight, weigh)
        for batch in filled(things, weights, most=most, heaviest=LINES):
            for part, result, refused in by_halves(
                batch, lambda part: self._do_with(part, work), _Refused
            ):
                if refused:
                    self._note_failed(part, refused.error, step, mark, name)
                else:
                    done.append((part, result))
                self._commit()
        return done

    def _guard_in_time(self, things, work, *, most=RECORDS, **how):
        """As :meth:`_guard`, batch by batch as long as Odoo leaves time, one at least.

        :return: the things that are left
        """
        for start in range(0, len(things), most):
            self._guard(things[start : start + most], work, most=most, **how)
            if not self._commit():
                return things[start + most :]
        return things[:0]

    def _retry(self, work):
        """Do something as a whole, again where another transaction was first.

        :param work: callable(), as for :meth:`_guard`
        :return: what it returned, committed
        :raises Exception: what it raised; nothing of it is left once it is rolled back
        """
        self._commit()
        for tries in range(1, TRIES + 1):
            try:
                result = work()
                self._commit()
                return result
            except CONFLICTS:
                if tries == TRIES:
                    raise
            self._start_over(tries)

    def _stamp(self, **vals):
        """Write the shop's own times; a user may be saving it in this moment.

        :param vals: values of the shop
        """
        self._retry(lambda: self.write(vals))

    def _do_with(self, part, work):
        """One attempt with more than one record; with a single one as many as conflicts need.

        :raises _Refused: it was not done, and nothing of it is left
        """
        tries = 0
        while True:
            tries += 1
            try:
                with self.env.cr.savepoint():
                    return work(part)
            except Exception as raised:
                error = raised
            if isinstance(error, CONFLICTS):
                most = TRIES
            elif _concerns_all(error):
                raise error
            else:
                # Somebody else may have made the same in this moment.
                most = 2 if isinstance(error, UniqueViolation) else 1
            if most > 1:
                self._start_over(tries)
            if len(part) > 1 or tries >= most:
                raise _Refused(error)

    def _start_over(self, tries):
        """Begin a new transaction, which sees what the others have done meanwhile.

        A savepoint is not enough: PostgreSQL goes on showing what was there when the transaction
        began. Tests have but one.
        """
        if modules.module.current_test:
            return
        self.env.cr.rollback()
        self.env.transaction.reset()
        self.env.registry.reset_changes()
        time.sleep(random.uniform(0, FIRST_WAIT * 2**tries))

    def _note_failed(self, part, error, step, mark, name):
        """Mark the one record that could not be worked on, and have the notice name it."""
        (thing,) = part
        named = _name_of(thing, name)
        failure = Failure(named, self._failure_sentence(step, error), error)
        noted = _failures.get()
        if noted is not None:
            noted.append(failure)
        if isinstance(error, CONFLICTS):
            _logger.warning("Rakuten, %s, %s: %s", step, named, type(error).__name__)
            return
        if not self._failure_reason(error):
            _logger.error("Rakuten, %s, %s: %s", step, named, describe(error))
        try:
            self._do_with(part, lambda _part: mark(thing, failure))
        except _Refused as refused:
            _logger.error("Rakuten, %s, %s: %s", step, named, describe(refused.error))

    def _failure_sentence(self, step, error):
        """What was to be done with a record and why it was not.

        :rtype: Sentence
        """
        step = say(self.env, step)
        if isinstance(error, CONFLICTS):
            return say(self.env, "guard.busy", step=step)
        reason = self._failure_reason(error)
        if reason:
            return say(self.env, "guard.failed", step=step, reason=reason)
        return say(self.env, "guard.unexpected", step=step, error=type(error).__name__)

    def _failure_reason(self, error):
        """Hook: the words of an error that has some for people, as a Sentence; None for one that
        only programmers understand."""
        if isinstance(error, UserError):
            text = error.args[0] if error.args else ""
            return text if isinstance(text, Sentence) else Sentence(text, said_by(text))
        return None

    def _failures_sentence(self, failures):
        """What was not done for single records; '' for nothing.

        :param list failures: of :func:`failures_noted`
        """
        named = {(failure.name, failure.reason): failure for failure in failures}.values()
        parts = [
            say(self.env, "guard.named", name=failure.name, failure=failure.reason)
            for failure in list(named)[:NAMED]
        ]
        if len(named) > NAMED:
            parts.append(say(self.env, "guard.more", count=len(named) - NAMED))
        return together(self.env, *parts)


def unmarked(_thing, _failure):
    """``mark`` for what has no record: the notice names it."""


def _concerns_all(error):
    """Whether an error says nothing about a record: RMS or the database does not answer."""
    if isinstance(error, OperationalError):
        return not isinstance(error, ProgramLimitExceeded)
    return isinstance(error, RmsError | InterfaceError)


def _weight(weigh, thing):
    try:
        return weigh(thing) if weigh else 0
    except MissingError:  # somebody has deleted it meanwhile: it stands alone
        return LINES


def _name_of(thing, name):
    try:
        return (name or (lambda record: record.display_name))(thing) or "?"
    except Exception:  # a record whose name cannot be told is told by what it is
        return str(thing)[:100]
