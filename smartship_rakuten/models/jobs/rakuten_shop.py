import logging
import time
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from types import SimpleNamespace

from odoo import SUPERUSER_ID, api, fields, models, modules
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from ...rms import RmsError
from ..shop.clock import in_zone_of, not_ahead
from ..shop.declared import declared
from ..shop.log_mask import describe, values_masked
from ..shop.on_write import on_write
from ..shop.rakuten_guard import failures_noted
from ..shop.rakuten_shop import Busy
from ..shop.sentences import declare_sentences, say, together
from .job import Job
from .rakuten_job import TRANSIENT_KINDS

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

declare_sentences(
    {
        "job.queued": _lt(
            "Odoo is working for %(shop)s at this moment. What you asked for is noted and will be "
            "done within a minute."
        ),
        "job.goes_on": _lt("The time for one run is over; the rest follows within minutes."),
    }
)

OUTAGE = "smartship_rakuten.mail_activity_outage"
#: When a scheduled action comes back to a shop for which another worker was busy. What lies ahead
#: wakes nobody, however little: Odoo looks for it once a minute, or when it is woken anyway.
COME_BACK = timedelta(seconds=1)
#: Somebody is told of an outage that lasts longer than this. Rakuten's maintenance takes a night.
NOTICE_AFTER = {"unavailable": timedelta(minutes=30), "maintenance": timedelta(hours=12)}


class RakutenShop(models.Model):
    """The work for a shop: how it is started, how it goes, and one notice when Rakuten is away for
    long."""

    _inherit = "rakuten.shop"

    job_ids = fields.One2many("rakuten.job", "shop_id", string="Jobs", readonly=True)
    outage_told = fields.Boolean(
        readonly=True, copy=False, help="Somebody has been told of the present outage."
    )
    working_since = fields.Datetime(
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
        help="When the shop was connected or a part of its automatic work was switched on.",
    )

    # === CRON === #

    @api.model
    def _cron_run(self, name):
        """What every scheduled action calls: a job's turn for each connected shop that has switched
        it on.

        :param str name: of the job
        """
        job = self._jobs()[name]
        if job.at_once:
            getattr(self, job.method)()
            return
        shops = self.search(Domain("state", "=", "connected") & job.switches)
        if job.beyond:
            shops |= getattr(self, job.beyond)()
        in_turn = self._in_turn(job, shops)
        done = in_turn._for_each(
            name, lambda shop: getattr(shop, job.turn)() if job.turn else shop._run(name)
        )
        if not done:
            return
        for follower in self._followers(name):
            self._cron_run(follower.name)
        if job.finish:
            getattr(self, job.finish)()

    @api.model
    def _in_turn(self, job, shops):
        """The shops in the order in which they are served: where something waits, who waits
        longest. A run for which Odoo had no time left is gone on with where it ended.

        :param Job job:
        :param shops: those that have switched the job on
        """
        rows = self.env["rakuten.job"].search([("job", "=", job.row)])
        waiting = rows.filtered("waiting_since").sorted("waiting_since").shop_id.filtered("active")
        served = {row.shop_id: not_ahead(row.started_at) for row in rows if row.started_at}
        shops = (shops - waiting).sorted(lambda shop: served.get(shop, datetime.min))
        return waiting + shops[: self._left_over() or len(shops)]

    @api.model
    def _left_over(self):
        """How many shops the last call of this scheduled action had no time for."""
        present = self.env.context.get("ir_cron_progress_id")
        if not present:
            return 0
        last = (
            self.env["ir.cron.progress"]
            .sudo()
            .search(
                [("cron_id", "=", self.env.context["cron_id"]), ("id", "<", present)],
                order="id desc",
                limit=1,
            )
        )
        return last.remaining

    def _for_each(self, name, work):
        """Work for each of these shops; one shop's trouble never stops the next.

        :return: whether all had their turn; Odoo calls again at once for those for which it has
            no time left
        """
        remaining = len(self)
        seconds = self._commit(remaining=remaining)
        for shop in self:
            if not seconds:
                self._trigger_job(self._scheduled_with(name))
                return False
            try:
                with values_masked():
                    work(shop)
            except Busy:
                shop._leave_to_schedule(name, pause=COME_BACK)
            except UserError as error:
                # Said on the shop's form already; the next run tries again.
                _logger.warning("Rakuten shop %s, %s: %s", shop.id, name, error)
            except Exception as error:
                if modules.module.current_test:
                    raise
                # What was committed stays; the next run goes on from there.
                self.env.cr.rollback()
                _logger.error("Rakuten shop %s, %s: %s", shop.id, name, describe(error))
            remaining -= 1
            seconds = self._commit(1, remaining=remaining)
        return True

    def _leave_to_schedule(self, name, *, since=None, pause=None, place=None):
        """What could not be done, or not to its end, is done by the scheduled action soon.

        :param str name: of the job
        :param datetime since: UTC, since when it is under way, by default now
        :param timedelta pause: until the scheduled action begins, by default none
        :param dict place: where it is gone on with, what the context has as ``rakuten_place`` then;
            by default at the beginning
        """
        now = fields.Datetime.now()
        name = self._scheduled_with(name)

        def note():
            row = self.env["rakuten.job"]._of(self, self._jobs()[name])
            row.waiting_since = row.waiting_since or since or now
            if place:
                row.place = place
            self._trigger_job(name, at=pause and now + pause)

        self._retry(note)

    @api.model
    def _scheduled_with(self, name):
        """Name of the job whose scheduled action does a job: its own, or the one before it."""
        return self._jobs()[name].after or name

    @api.model
    def _trigger_job(self, name, at=None):
        """Have the scheduled action of a job run soon.

        :param datetime at: UTC, by default now
        """
        self.env.ref(self._jobs()[name].cron).sudo()._trigger(at=at)

    # === BUSINESS METHODS - Jobs === #

    @api.model
    def _jobs(self):
        """What the shop's methods declare by :func:`.job.job`.

        :return: dict of name to :class:`.job.Job`, in the order of the dashboard
        """
        jobs = declared(type(self), Job).values()
        return {job.name: job for job in sorted(jobs, key=lambda job: (job.sequence, job.name))}

    @api.model
    def _logged_jobs(self):
        """:return: dict of row in the job log to the job that it is named after"""
        return {job.row: job for job in self._jobs().values() if job.label}

    @api.model
    def _followers(self, name):
        return [job for job in self._jobs().values() if job.after == name]

    @api.model
    def _switches(self):
        """Names of the fields that decide which jobs run."""
        return {"state", "active", *(job.option for job in self._jobs().values() if job.option)}

    def _run_action(self, name, done):
        """Run a job for a person: it connects a new shop first and always answers with words.

        :param str name: of the job
        :param str done: what to say of a shop for which the job itself says nothing
        """
        self._check_may_work()
        self = self._in_person(self._jobs()[name].in_person)
        results, kind = [], "success"
        for shop in self:
            try:
                results.append(shop._run(name) or done)
            except Busy:
                if not self._jobs()[name].cron:
                    raise
                shop.sudo()._leave_to_schedule(name)
                results.append(say(self.env, "job.queued", shop=shop.name))
                kind = "info"
        for follower in self._followers(name):
            for shop in self.filtered_domain(follower.switches):
                with suppress(Busy):
                    shop._run(follower.name)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": " ".join(results),
                "type": kind,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _in_person(self, seconds):
        """These shops for a person who waits for so many seconds, 0 for as long as it takes."""
        until = seconds and time.monotonic() + seconds
        return self.with_context(rakuten_until=until) if until else self

    def _run(self, name, *args):
        """Run a job of this shop while nobody else works for it.

        The work is done by the system: a shop keeper needs no right on sale orders, stock or
        partners for it. What the user may start is decided by who may call the actions.

        :param str name: of the job
        :return: a sentence on what was done
        :raises UserError: with the reason why it could not be done
        """
        self.ensure_one()
        self.check_access("read")
        job = self._jobs()[name]
        shop = self._as_system()
        with (
            shop._exclusive(job.patience) if job.alone else nullcontext(),
            values_masked(),
            failures_noted() as failures,
            shop._logged(job) as log,
        ):
            if job.connects and log.shop.state != "connected":
                with nullcontext() if job.alone else shop._exclusive(job.patience):
                    shop._connect()
            try:
                log.result = getattr(log.shop, job.method)(*args)
                shop._finish(job)
            except RmsError as error:
                shop._handle_rms_error(error)
            if failures and isinstance(log.result, str | None):
                log.result = together(shop.env, log.result, shop._failures_sentence(failures))
        return log.result

    def _as_system(self):
        """This shop as its jobs see it, whoever has started them."""
        shop = self.with_user(SUPERUSER_ID).with_company(self.company_id)
        return shop.with_context(
            # What a scheduled action says is read by the shop's responsible.
            lang=self.env.context.get("lang") or self.sudo().user_id.lang or self.env.user.lang,
            # A list that shows archived shops as well says nothing about products and taxes.
            active_test=True,
            # No message per created record: the orders' history is at Rakuten and in the payload.
            tracking_disable=True,
            mail_create_nolog=True,
            mail_auto_subscribe_no_notify=True,
        )

    def _finish(self, job):
        """Do what follows from a job of this shop that has ended well.

        :param Job job:
        """
        if job.alone:
            self._after_job(job)
            return
        # Whoever has the shop now does it as well, at the end of his job.
        with suppress(Busy), self._exclusive():
            self._after_job(job)

    def _check_may_work(self):
        """Hook: whether the user may start work for a shop.

        :raises AccessError: when he may not
        """

    def _after_job(self, job):
        """Hook: a job of this shop has ended well, and its worker still has the shop alone.

        :param Job job:
        """

    # === BUSINESS METHODS - Job log === #

    @contextmanager
    def _logged(self, job):
        """Note how a job goes: a failure rolls the work back, not the note.

        The beginning is committed before the work, the good end together with it.

        :param Job job:
        :return: an object with the ``shop`` to work with, and whose ``result`` is the job's
            sentence
        :raises Busy: somebody else does the same job
        """
        log = SimpleNamespace(result=None, shop=self)
        if not job.row:
            yield log
            return
        row = self.env["rakuten.job"]._of(self, job)
        with row._under_way(self, job.patience) as (waiting_since, place):
            log.shop = self.with_context(rakuten_waiting_since=waiting_since, rakuten_place=place)
            try:
                yield log
            except Busy:
                # Nothing has gone wrong: whoever started it leaves the rest to a later run.
                raise
            except Exception as error:
                self._note_failure(row, error)
                raise
            row._succeed(log.result if isinstance(log.result, str) else None)
            self._end_outage()

    def _note_failure(self, row, error):
        """Write a failure down in a transaction of its own.

        The work's transaction may hold locks on anything but the job's row, so nothing else is
        written here; after a failed call everything is committed, and the notice can be given.
        """
        if modules.module.current_test:
            row._fail(error)
        else:
            with self.env.registry.cursor() as cr:
                row.with_env(row.env(cr=cr))._fail(error)
            row.invalidate_recordset(flush=False)
        if hasattr(error, "rms_error"):
            # The work's own transaction has to see what was written beside it.
            self._commit()
            self._notice_outage()
            self._commit()

    # === BUSINESS METHODS - Outages === #

    def _outages(self):
        """Jobs of these shops that have failed again and again for a reason that goes by itself.

        A daily job that has met ten bad minutes has not: it did not fail again since.
        """
        return self.job_ids.filtered(
            lambda row: (
                row.failing_since
                and row.error_kind in TRANSIENT_KINDS
                and row.failed_at - row.failing_since >= NOTICE_AFTER[row.error_kind]
                and row.state != "off"
            )
        )

    def _notice_outage(self):
        """Tell the responsible once of an outage that lasts."""
        self.ensure_one()
        lasting = self.env["rakuten.job"] if self.outage_told else self._outages()
        if not lasting:
            return
        since = min(lasting.mapped("failing_since"))
        localized = self._in_reader_s_language()
        localized.activity_schedule(
            OUTAGE,
            user_id=self._first_responsible().id,
            summary=localized.env._(
                "Rakuten has not answered since %(time)s. Nothing is lost: what waits is done as "
                "soon as it answers again.",
                time=in_zone_of(self.user_id, since).strftime("%Y-%m-%d %H:%M"),
            ),
            note=lasting.with_env(localized.env).sorted("failing_since")[0].error,
        )
        self.outage_told = True

    def _end_outage(self):
        """Close the notice once nothing is away any more."""
        self.ensure_one()
        if self.outage_told and not self._outages():
            self.activity_unlink([OUTAGE])
            self.outage_told = False

    @on_write(lambda shops: shops._switches())
    def _on_write_switches(self, vals):
        yield {**vals, "working_since": fields.Datetime.now()}
