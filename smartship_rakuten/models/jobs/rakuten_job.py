from contextlib import contextmanager
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, LazyTranslate

from ...rms import (
    CredentialsRejected,
    OutcomeUnknown,
    RmsError,
    TemporarilyUnavailable,
    WritesPaused,
)
from ..shop.sentences import columns, declare_sentences, find, read, say

_lt = LazyTranslate(__name__)

#: A scheduled action is not running when it has not run for so many of its intervals, and no longer
#: than this beyond the time that was due.
OVERDUE_INTERVALS = 3
LONGEST_DELAY = timedelta(hours=12)
#: The advisory locks of jobs that are under way: any number that nobody else takes, "RAKJ".
JOB_LOCK_CLASS = 0x52414B4A
#: Failures that go by themselves; the rest needs a person.
TRANSIENT_KINDS = ("maintenance", "unavailable")

declare_sentences(
    {
        "job.database_busy": _lt(
            "The database was busy with something else; the next run tries again."
        ),
        "job.unexpected": _lt(
            "Something unexpected happened (%(error)s). Tell your administrator."
        ),
    }
)


class RakutenJob(models.Model):
    """How the work for a shop goes: one row for each shop and kind of work, so it never grows."""

    _name = "rakuten.job"
    _description = "Rakuten Job"
    _inherit = "rakuten.system.fields"
    _rec_name = "job"
    _order = "shop_id, id"
    _log_access = False

    shop_id = fields.Many2one("rakuten.shop", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id")
    job = fields.Selection("_selection_job", required=True, readonly=True)
    started_at = fields.Datetime(string="Last Started", readonly=True)
    ended_at = fields.Datetime(string="Last Ended Well", readonly=True)
    sentence_code = fields.Char(readonly=True)
    sentence_details = fields.Json(readonly=True)
    sentence = fields.Char(
        string="Last Result", compute="_compute_sentence", search="_search_sentence"
    )
    waiting_since = fields.Datetime(
        readonly=True,
        help="Work that is to be begun, or gone on with, by the next turn of the scheduled action.",
    )
    place = fields.Json(
        readonly=True,
        help="Where work is gone on with for which Odoo had no time left, in the job's own terms.",
    )
    failed_at = fields.Datetime(string="Last Failed", readonly=True)
    failing_since = fields.Datetime(readonly=True, help="Not set while the job ends well.")
    error_code = fields.Char(readonly=True)
    error_details = fields.Json(readonly=True)
    error = fields.Char(string="Last Error", compute="_compute_error", search="_search_error")
    error_kind = fields.Selection(
        [
            ("maintenance", "Rakuten is under maintenance"),
            ("unavailable", "Rakuten does not answer"),
            ("key", "The key is not accepted"),
            ("refused", "Rakuten refuses it"),
            ("other", "It needs attention"),
        ],
        readonly=True,
    )
    state = fields.Selection(
        [
            ("running", "Running Now"),
            ("ok", "Fine"),
            ("waiting", "Not Run Yet"),
            ("paused", "Paused"),
            ("failing", "Failing"),
            ("stopped", "Not Running"),
            ("off", "Switched Off"),
        ],
        compute="_compute_state",
        help="Paused: Rakuten does not answer, the work goes on by itself when it does. Not "
        "Running: the scheduled action should have run by now and has not, or is not active.",
    )
    next_run = fields.Datetime(compute="_compute_state")

    _job_uniq = models.Constraint("UNIQUE(shop_id, job)", "A shop has one row for each job.")

    # === COMPUTE === #

    @api.model
    def _selection_job(self):
        jobs = self.env["rakuten.shop"]._logged_jobs()
        return [(row, self.env._(job.label)) for row, job in jobs.items()]

    @api.depends("sentence_code", "sentence_details")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for row in self:
            row.sentence = read(row, "sentence")

    @api.model
    def _search_sentence(self, operator, value):
        return find(self, "sentence", operator, value)

    @api.depends("error_code", "error_details")
    @api.depends_context("lang")
    def _compute_error(self):
        for row in self:
            row.error = read(row, "error")

    @api.model
    def _search_error(self, operator, value):
        return find(self, "error", operator, value)

    @api.depends("started_at", "ended_at", "failed_at", "failing_since")
    def _compute_state(self):
        running, crons = self._running(), self._crons()
        for row in self:
            row.state = row._state(running, crons)
            row.next_run = row.state not in ("off", "stopped") and crons[row.job].nextcall

    def _state(self, running, crons):
        """How the job stands.

        :param running: see :meth:`_running`
        :param crons: see :meth:`_crons`
        """
        if self.id in running:
            return "running"
        if self.job not in crons:
            # Of a module that is not here any more.
            return "off"
        return self._state_by_schedule(crons[self.job], fields.Datetime.now())

    def _state_by_schedule(self, cron, now):
        self.ensure_one()
        option = self.env["rakuten.shop"]._logged_jobs()[self.job].option
        if self.shop_id.state != "connected" or (option and not self.shop_id[option]):
            return "off"
        # Odoo itself makes a scheduled action inactive that has failed for days.
        if not cron.active or self._is_late(cron, now):
            return "stopped"
        if self.failing_since:
            return "paused" if self.error_kind in TRANSIENT_KINDS else "failing"
        return "ok" if self.ended_at else "waiting"

    def _is_late(self, cron, now):
        """Whether the job should have run by now and has not: its scheduled action was not called
        (no worker runs them), or was called and has passed this shop by."""
        self.ensure_one()
        if self._is_overdue(cron, now):
            return True
        # An option that was switched on just now is no reason.
        moments = (self.started_at, self.ended_at, self.failed_at, self.shop_id.working_since)
        active = max(filter(None, moments), default=now)
        due = active + OVERDUE_INTERVALS * self._cron_interval(cron)
        return bool(cron.lastcall) and due < cron.lastcall

    @api.model
    def _is_overdue(self, cron, now):
        """Whether no worker has called a scheduled action that should have run."""
        delay = min((OVERDUE_INTERVALS - 1) * self._cron_interval(cron), LONGEST_DELAY)
        return cron.nextcall + delay < now

    @staticmethod
    def _cron_interval(cron):
        unit = {"months": "days"}.get(cron.interval_type, cron.interval_type)
        factor = 30 if cron.interval_type == "months" else 1
        return timedelta(**{unit: cron.interval_number * factor})

    @api.model
    def _crons(self):
        """dict of job to its ir.cron, empty where somebody has deleted it"""
        jobs = self.env["rakuten.shop"]._logged_jobs()
        crons = self._scheduled(job.cron for job in jobs.values())
        return {row: crons[job.cron] for row, job in jobs.items()}

    @api.model
    def _scheduled(self, xmlids):
        """dict of XML id to its ir.cron, empty where somebody has deleted it"""
        to_id = self.env["ir.model.data"]._xmlid_to_res_id
        ids = {xmlid: to_id(xmlid, raise_if_not_found=False) for xmlid in xmlids}
        crons = self.env["ir.cron"].sudo().browse(filter(None, ids.values())).exists()
        by_id = {cron.id: cron for cron in crons}
        return {xmlid: by_id.get(key, crons.browse()) for xmlid, key in ids.items()}

    @api.model
    def _stopped_unlogged(self):
        """dict of job to its ir.cron, of those that look after shops which have no row of it, and
        are not running; one that somebody has deleted is what he wanted."""
        now = fields.Datetime.now()
        jobs = self.env["rakuten.shop"]._jobs().values()
        beside = [job for job in jobs if job.at_once or job.beyond]
        crons = self._scheduled(job.cron for job in beside)
        return {
            job: cron
            for job in beside
            if (cron := crons[job.cron]) and (not cron.active or self._is_overdue(cron, now))
        }

    @api.model
    def _running(self):
        """Ids of the rows whose job a worker is doing, told by their advisory locks.

        Raw SQL because the ORM does not know PostgreSQL's locks.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT objid FROM pg_locks
                WHERE locktype = 'advisory' AND granted AND classid = %s AND objsubid = 2
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """,
                JOB_LOCK_CLASS,
            )
        )
        return {row_id for (row_id,) in self.env.cr.fetchall()}

    # === BUSINESS METHODS === #

    @api.model
    def _of_shops(self, shops):
        """The rows of shops, in the order of the work; of jobs that never ran a new record.

        :return: dict of shop to list of (record, state)
        """
        running, crons = self._running(), self._crons()
        found = self.search([("shop_id", "in", shops.ids)])
        known = {(row.shop_id, row.job): row for row in found}
        lines = {shop: [] for shop in shops}
        for shop in shops:
            for job in crons:
                row = known.get((shop, job)) or self.new({"shop_id": shop.id, "job": job})
                lines[shop].append((row, row._state(running, crons)))
        return lines

    @api.model
    def _of(self, shop, job):
        """The row of a job.

        Raw SQL because every job passes here: one statement makes the row, or leaves it alone.

        :param Job job: one that is logged
        """
        row = self.search([("shop_id", "=", shop.id), ("job", "=", job.row)])
        if not row:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO rakuten_job (shop_id, job) VALUES (%s, %s)
                    ON CONFLICT (shop_id, job) DO NOTHING
                    """,
                    shop.id,
                    job.row,
                )
            )
            shop._commit()
            shop.invalidate_recordset(["job_ids"], flush=False)
            row = self.search([("shop_id", "=", shop.id), ("job", "=", job.row)])
        return row

    @contextmanager
    def _under_way(self, shop, wait):
        """Do the job of this row; nobody else does it meanwhile, and everybody sees that.

        :param shop: whose row it is, which is read only once it is locked
        :param wait: seconds to wait for somebody who does
        :raises Busy: somebody still does
        :return: (since when it was waited for, None where it was not; where it is gone on with,
            None for the beginning)
        """
        with shop._locked(JOB_LOCK_CLASS, self.id, wait):
            since, place = self.waiting_since, self.place
            self.write(
                {"started_at": fields.Datetime.now(), "waiting_since": False, "place": False}
            )
            shop._commit()
            yield since, place

    def _succeed(self, sentence):
        """Note that the job ended well: whatever failed before is over."""
        self.write(
            {
                "ended_at": fields.Datetime.now(),
                **columns("sentence", sentence),
                "failing_since": False,
            }
        )

    def _fail(self, error):
        """Note that the job failed.

        :param Exception error: what ended it
        """
        now = fields.Datetime.now()
        for row in self:
            row.write(
                {
                    "failed_at": now,
                    "failing_since": row.failing_since or now,
                    **columns("error", self._sentence(error)),
                    "error_kind": self._kind(getattr(error, "rms_error", error)),
                }
            )

    def _sentence(self, error):
        if isinstance(error, UserError):
            return error.args[0]
        if isinstance(error, OperationalError):
            return say(self.env, "job.database_busy")
        return say(self.env, "job.unexpected", error=type(error).__name__)

    @api.model
    def _kind(self, error):
        if isinstance(error, WritesPaused):
            # A copy of the database: a person decides, it does not go by itself.
            return "other"
        if isinstance(error, TemporarilyUnavailable | OutcomeUnknown):
            # RMS answers 503 in its nights of maintenance, with a code or without (RMS API
            # section 1.4).
            maintenance = error.status == 503 or getattr(error, "maintenance", False)
            return "maintenance" if maintenance else "unavailable"
        if isinstance(error, CredentialsRejected):
            return "key"
        return "refused" if isinstance(error, RmsError) else "other"
