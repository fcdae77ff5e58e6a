from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

from odoo import fields, models, modules

from .clock import in_zone_of
from .rakuten_job import PASSING

OUTAGE = "smartship_rakuten.mail_activity_outage"
#: Somebody is told of an outage that lasts longer than this. Rakuten's maintenance takes a night.
NOTICE_AFTER = {"unavailable": timedelta(minutes=30), "maintenance": timedelta(hours=12)}


class RakutenShop(models.Model):
    """How the work for a shop goes, and one notice when Rakuten is away for long."""

    _inherit = "rakuten.shop"  # pylint: disable=consider-merging-classes-inherited

    job_ids = fields.One2many("rakuten.job", "shop_id", string="Jobs", readonly=True)
    outage_told = fields.Boolean(
        readonly=True, copy=False, help="Somebody has been told of the present outage."
    )

    # === BUSINESS METHODS - Job log === #

    @contextmanager
    def _logged(self, job):
        """Note how a job goes: a failure rolls the work back, not the note.

        The beginning is committed before the work, the good end together with it.

        :return: an object whose ``result`` is the job's sentence
        """
        log = SimpleNamespace(result=None)
        row = self.env["rakuten.job"]._begin(self, job)
        if row:
            self._commit()
        try:
            yield log
        except Exception as error:
            if row:
                self._note_failure(row, error)
            raise
        if row:
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
                and row.error_kind in PASSING
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
        self.activity_schedule(
            OUTAGE,
            user_id=self._first_responsible().id,
            summary=self.env._(
                "Rakuten has not answered since %(time)s. Nothing is lost: what waits is done as "
                "soon as it answers again.",
                time=in_zone_of(self.user_id, since).strftime("%Y-%m-%d %H:%M"),
            ),
            note=lasting.sorted("failing_since")[0].error,
        )
        self.outage_told = True

    def _end_outage(self):
        """Close the notice once nothing is away any more."""
        self.ensure_one()
        if self.outage_told and not self._outages():
            self.activity_unlink([OUTAGE])
            self.outage_told = False
