"""How the work goes: the job log, outages, whether scheduled work runs, the digest."""

import re
from contextlib import suppress
from datetime import datetime, timedelta
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo import fields
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged
from odoo.tools import LazyTranslate

from odoo.addons.smartship_rakuten.models.jobs.job import job
from odoo.addons.smartship_rakuten.models.watch.rakuten_shop import DIGEST_COUNTS
from odoo.addons.smartship_rakuten.rms import (
    CredentialsRejected,
    OutcomeUnknown,
    RequestRefused,
    TemporarilyUnavailable,
    WritesPaused,
)

from .common import RakutenCase, item, order, package

MAINTENANCE = TemporarilyUnavailable(maintenance=True, status=503)
NOON = datetime(2026, 1, 12, 3)


class JobCase(RakutenCase):
    def setUp(self):
        super().setUp()
        self.env.ref("base.user_admin").lang = "en_US"
        self.shop.write({"user_id": self.env.ref("base.user_admin").id, "auto_import": True})

    def row(self, job="import"):
        return self.shop.job_ids.filtered(lambda row: row.job == job)

    def cron(self, name="import_orders"):
        return self.env.ref(f"smartship_rakuten.ir_cron_{name}")

    def fail_with(self, error, job="import"):
        """Run a job's scheduled action while Rakuten answers with an error."""
        calls = {"import": "search_order", "license": "license_expiry_date"}
        self.rms.failures[calls[job]] = error
        self.run_cron(job)

    def run_cron(self, job="import"):
        self.env["rakuten.shop"]._cron_run(job)


@tagged("post_install", "-at_install")
class TestJobLog(JobCase):
    def another_shop(self):
        other = self.shop.copy({"shop_number": "234567", "sequence": 99})
        other.write({"state": "connected", "auto_import": True})
        return other

    def run_in_no_time(self):
        """One call of the scheduled action, in which Odoo's time is over with the first shop."""
        Shop = type(self.env["rakuten.shop"])

        def commit(shop, processed=0, *, remaining=None):
            self.remaining = self.remaining if remaining is None else remaining
            return 0 if processed else 1

        self.remaining = None
        with patch.object(Shop, "_commit", commit):
            self.run_cron()
        return self.remaining

    def ended(self, shop):
        return bool(shop.job_ids.filtered(lambda row: row.job == "import" and row.ended_at))

    def test_every_shop_has_its_turn(self):
        """Also when the first one's work has used up what Odoo gives a scheduled action: it is
        called again at once, and begins with whoever was served least recently."""
        other = self.another_shop()
        triggers = self.env["ir.cron.trigger"].search_count([])
        self.assertEqual(self.run_in_no_time(), 1)
        self.assertEqual((self.ended(self.shop), self.ended(other)), (True, False))
        self.assertEqual(self.env["ir.cron.trigger"].search_count([]), triggers + 1)
        self.assertEqual(self.run_in_no_time(), 1)
        self.assertTrue(self.ended(other))

    def test_a_round_is_gone_on_with(self):
        """Whoever had his turn before Odoo's time was over waits for the next round."""
        other = self.another_shop()
        Progress = self.env["ir.cron.progress"]
        cron = self.cron()
        Progress.create({"cron_id": cron.id, "done": 1, "remaining": 1})
        present = Progress.create({"cron_id": cron.id})
        self.run_in_no_time()
        done = []
        Shop = type(self.shop)
        with patch.object(Shop, "_import_orders", lambda shop: done.append(shop.id)):
            self.env["rakuten.shop"].with_context(
                cron_id=cron.id, ir_cron_progress_id=present.id
            )._cron_run("import")
        self.assertEqual(done, other.ids)

    def test_list_that_shows_archived_records(self):
        """What a person looks at says nothing about the products that a SKU is sold as."""
        archived = self.product_b.copy({"default_code": "OLD", "active": False})
        self.rms.put(order(1, [package(7001, [item(code="OLD")])]))
        self.shop.with_context(active_test=False).action_import_orders()
        record = self.Order.search([("shop_id", "=", self.shop.id)])
        self.assertEqual((record.state, record.problem_code), ("blocked", "unmapped_sku"))
        self.assertFalse(archived.active)

    def test_503_is_maintenance(self):
        """RMS says so with a code, or with a page alone."""
        for error in (
            MAINTENANCE,
            TemporarilyUnavailable(status=503),
            OutcomeUnknown(status=503),
        ):
            self.assertEqual(self.env["rakuten.job"]._kind(error), "maintenance")
        self.assertEqual(self.env["rakuten.job"]._kind(TemporarilyUnavailable()), "unavailable")

    def test_a_row_for_each_job(self):
        self.rms.put(order(1))
        with self.at(NOON):
            self.run_cron()
        row = self.row()
        self.assertEqual((row.started_at, row.ended_at), (NOON, NOON))
        self.assertEqual(row.sentence, "1 orders found at Rakuten, 1 imported, 0 need attention.")
        self.assertFalse(row.failing_since)
        later = NOON + timedelta(minutes=10)
        with self.at(later):
            self.run_cron()
        self.assertEqual(self.shop.job_ids, row)
        self.assertEqual(row.ended_at, later)

    def test_failure_and_recovery(self):
        with self.at(NOON):
            self.fail_with(TemporarilyUnavailable(code="connection"))
        later = NOON + timedelta(minutes=10)
        with self.at(later):
            self.fail_with(OutcomeUnknown(operation="searchOrder"))
        row = self.row()
        self.assertEqual((row.failing_since, row.failed_at), (NOON, later))
        self.assertEqual(row.error_kind, "unavailable")
        self.assertIn("not known whether", row.error)
        with self.at(later + timedelta(minutes=10)):
            self.run_cron()
        self.assertFalse(row.failing_since)
        self.assertEqual(row.ended_at, later + timedelta(minutes=10))

    def test_kinds(self):
        for error, kind in (
            (MAINTENANCE, "maintenance"),
            # A copy of the database: no outage, a person decides.
            (WritesPaused(), "other"),
            (TemporarilyUnavailable(status=429), "unavailable"),
            (RequestRefused(code="ORDER_EXT_API_SEARCH_ORDER_ERROR_011"), "refused"),
        ):
            self.fail_with(error)
            self.assertEqual(self.row().error_kind, kind)

    def test_rejected_key(self):
        self.rms.rejected = {"searchOrder", "getOrder", "license.expiryDate.get", "shopMaster"}
        self.fail_with(CredentialsRejected(operation="searchOrder"))
        self.assertEqual(self.shop.state, "key_rejected")
        self.assertEqual(self.row().error_kind, "key")
        self.assertEqual(self.row().state, "off")

    def test_what_nobody_foresaw(self):
        """A bug is noted without its text, which may hold anything."""
        Shop = type(self.shop)
        with (
            patch.object(Shop, "_import_orders", side_effect=ValueError("secret")),
            self.assertRaises(ValueError),
        ):
            # Not the test case's own assertRaises, which rolls back.
            try:
                self.shop._run("import")
            except ValueError as error:
                caught = error
            self.assertEqual(self.row().error_kind, "other")
            self.assertIn("ValueError", self.row().error)
            self.assertNotIn("secret", self.row().error)
            raise caught

    def test_busy_is_no_failure(self):
        """Whoever meets another's job is told that his own is noted, and it is done soon, also for
        a shop that has switched the scheduled action off."""
        self.shop.auto_import = False
        self.rms.put(order(1))
        triggers = self.env["ir.cron.trigger"].search([])
        with self.shop._exclusive():
            said = self.shop.action_import_orders()["params"]
        self.assertEqual(said["type"], "info")
        self.assertIn("will be done within a minute", said["message"])
        self.assertFalse(self.row().error)
        self.assertTrue(self.row().waiting_since)
        trigger = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertEqual(trigger.cron_id, self.cron())
        self.run_cron()
        self.assertFalse(self.row().waiting_since)
        self.assertEqual(self.Order.search([("shop_id", "=", self.shop.id)]).state, "done")
        self.run_cron()
        # Once as it met the other, once when it was done; the second call had nothing to do.
        self.assertEqual(self.rms.names().count("search_order"), 4)

    def test_the_same_job_twice(self):
        row = self.env["rakuten.job"]._of(self.shop, self.shop._jobs()["import"])
        with row._under_way(self.shop, 0):
            said = self.shop.action_import_orders()["params"]
        self.assertEqual(said["type"], "info")

    def test_scheduled_action_meets_another_job(self):
        """It comes back when Odoo looks next, which it does once a minute, for all that it had to
        leave; not at once, to find the other still at work."""
        self.rms.put(order(1))
        now = fields.Datetime.now()
        Cron = type(self.env["ir.cron"])
        with self.shop._exclusive(), patch.object(Cron, "_notifydb") as wake:
            self.run_cron()
            self.env.cr.postcommit.run()
        wake.assert_not_called()
        self.assertTrue(self.row().waiting_since)
        last = self.env["ir.cron.trigger"].search([], order="id desc", limit=1)
        self.assertEqual(last.cron_id, self.cron())
        self.assertGreater(last.call_at, now)
        self.assertLess(last.call_at, fields.Datetime.now() + timedelta(seconds=5))

    def test_what_a_person_looks_at_is_not_logged(self):
        self.shop.action_preview_import()
        self.assertFalse(self.shop.job_ids)

    def test_running(self):
        seen = []

        def look(shop):
            row = shop.job_ids.filtered(lambda row: row.job == "import")
            row.invalidate_recordset(["state"])
            seen.append(row.state)

        with patch.object(type(self.shop), "_import_orders", look):
            self.shop._run("import")
        self.assertEqual(seen, ["running"])
        self.row().invalidate_recordset(["state"])
        self.assertEqual(self.row().state, "ok")

    def test_died_in_the_middle(self):
        """Begun and never ended, and nobody holds the lock."""
        self.run_cron()
        self.row().started_at = fields.Datetime.now() + timedelta(seconds=5)
        self.assertEqual(self.row().state, "ok")

    def test_language_of_the_responsible(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        self.shop.user_id.lang = "ja_JP"
        self.run_cron()
        self.assertIn("件", self.row().with_context(lang="ja_JP").sentence)
        # Whoever else looks at it reads his own language.
        self.assertIn("orders found", self.row().with_context(lang="en_US").sentence)


@tagged("post_install", "-at_install")
class TestDeclaration(JobCase):
    """A job is declared once, at its method; everything else follows."""

    #: name: (scheduled action, the option that it needs, seconds that it waits for another job)
    JOBS = {
        "import": ("ir_cron_import_orders", "auto_import", 3),
        "orders": ("ir_cron_make_orders", "", 3),
        "refresh": ("ir_cron_refresh_orders", "", 3),
        "export": ("ir_cron_export_shipments", "", 3),
        "inventory": ("ir_cron_sync_inventory", "sync_inventory", 3),
        "compare": ("ir_cron_compare_inventory", "sync_inventory", 3),
        "catalogue_changes": ("ir_cron_import_skus", "last_full_catalogue", 3),
        "reservations": ("ir_cron_read_reservations", "read_reservations", 3),
        "license": ("ir_cron_check_licenses", "", 3),
        "reconcile": ("ir_cron_reconcile", "", 3),
        "deadlines": ("ir_cron_check_deadlines", "", 3),
        "digest": ("ir_cron_send_digest", "", 3),
        "anonymise": ("ir_cron_forget_persons", "", 3),
        "cancel": ("", "", 15),
        "catalogue": ("", "", 15),
        "check": ("", "", 3),
        "confirm": ("", "", 15),
        "import_by_number": ("", "", 3),
        "memos": ("", "", 3),
        "new_key": ("", "", 15),
        "preview": ("", "", 15),
        "products": ("", "", 15),
        "repair": ("", "", 3),
        "retry": ("", "", 3),
        "shipping_calendar": ("", "", 15),
        "sub_statuses": ("", "", 15),
    }

    def declare(self, name, **how):
        """Have a part of the shop declare a job, as another module would.

        :return: list of the shops that it was done for
        """
        done = []

        @job(name, **how)
        def _water_plants(shop):
            done.append(shop)
            return "All plants are watered."

        Shop = type(self.shop)
        self.startPatcher(patch.object(Shop, "_water_plants", _water_plants, create=True))
        # What was read of the class before, or is read with this job in it, does not count.
        self.startPatcher(patch.object(Shop, "_rakuten_declared", (None, None), create=True))
        return done

    def declare_scheduled(self):
        cron = self.env["ir.cron"].create(
            {
                "name": "Rakuten: Water the Plants",
                "model_id": self.env.ref("smartship_rakuten.model_rakuten_shop").id,
                "code": 'model._cron_run("plants")',
                "interval_number": 1,
                "interval_type": "days",
                "nextcall": fields.Datetime.now() + timedelta(hours=1),
            }
        )
        self.env["ir.model.data"].create(
            {"module": "garden", "name": "ir_cron_plants", "model": "ir.cron", "res_id": cron.id}
        )
        done = self.declare(
            "plants",
            label=LazyTranslate("smartship_rakuten")("Send Stock"),
            cron="garden.ir_cron_plants",
            option="auto_confirm",
            catches_up=True,
        )
        return cron, done

    def test_jobs(self):
        jobs = {
            name: (job.cron.removeprefix("smartship_rakuten."), job.option, job.patience)
            for name, job in self.env["rakuten.shop"]._jobs().items()
        }
        self.assertEqual(jobs, self.JOBS)
        self.assertEqual(list(jobs), list(self.JOBS), "in the order of the dashboard")

    def test_what_each_job_is_besides(self):
        jobs = self.env["rakuten.shop"]._jobs().values()

        def names(which):
            return [job.name for job in jobs if which(job)]

        self.assertEqual(
            names(lambda job: job.catches_up), ["import", "refresh", "export", "inventory"]
        )
        self.assertEqual(names(lambda job: not job.connects), ["new_key"])
        self.assertEqual(
            names(lambda job: job.at_once), ["orders", "deadlines", "digest", "anonymise"]
        )
        self.assertEqual(
            names(lambda job: not job.alone),
            "import orders refresh export check import_by_number memos repair retry".split(),
        )
        self.assertEqual(names(lambda job: job.in_person), ["export"])
        self.assertEqual(
            [(job.name, job.after) for job in jobs if job.after], [("memos", "export")]
        )
        self.assertEqual(
            [job.row for job in jobs if job.row],
            "import refresh export inventory compare catalogue reservations license reconcile "
            "catalogue catalogue".split(),
        )
        self.assertEqual(
            self.env["rakuten.shop"]._switches(),
            {
                "state",
                "active",
                "auto_import",
                "sync_inventory",
                "last_full_catalogue",
                "read_reservations",
            },
        )
        Shop = type(self.shop)
        for declared in jobs:
            for method in (declared.method, declared.beyond, declared.turn, declared.finish):
                self.assertTrue(not method or callable(getattr(Shop, method)), declared.name)

    def test_names_of_the_jobs(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        Job = self.env["rakuten.job"]
        for lang, names in (
            (
                "en_US",
                "Import Orders, Re-Read Open Orders, Report Shipments, Send Stock, Compare Stock, "
                "Read SKUs, Read Reservations, Check Licence Key, Compare Orders",
            ),
            (
                "ja_JP",
                "受注取込, 未完了受注の再読込, 発送完了報告, 在庫送信, 在庫照合, SKU取込, "
                "予約の読込, ライセンスキーのチェック, 受注照合",
            ),
        ):
            selection = Job.with_context(lang=lang).fields_get(["job"])["job"]["selection"]
            self.assertEqual(", ".join(label for _job, label in selection), names)

    def test_scheduled_actions_call_their_jobs(self):
        for name, (cron, _option, _patience) in self.JOBS.items():
            if cron:
                action = self.env.ref(f"smartship_rakuten.{cron}")
                self.assertEqual(action.code, f'model._cron_run("{name}")')
                self.assertEqual(action.model_name, "rakuten.shop")

    def test_job_of_another_module(self):
        cron, done = self.declare_scheduled()
        Job = self.env["rakuten.job"]
        self.assertIn(("plants", "Send Stock"), Job.fields_get(["job"])["job"]["selection"])
        self.assertEqual(self.line("plants")["state"], "off")
        moment = fields.Datetime.now() + timedelta(seconds=1)
        with self.at(moment):
            self.shop.auto_confirm = True
        self.assertEqual(self.shop.working_since, moment.replace(microsecond=0))
        self.assertEqual(self.line("plants")["state"], "waiting")
        cron.ir_actions_server_id.run()
        self.assertEqual(done, [self.shop])
        self.assertEqual(self.row("plants").sentence, "All plants are watered.")
        self.assertEqual(self.line("plants")["state"], "ok")
        self.shop.auto_confirm = False
        cron.ir_actions_server_id.run()
        self.assertEqual(done, [self.shop])
        # A person may all the same.
        self.assertEqual(
            self.shop._run_action("plants", "")["params"]["message"], "All plants are watered."
        )
        self.assertEqual(done, 2 * [self.shop])
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.shop._catch_up()
        self.assertEqual(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), triggers + 1
        )
        cron.active = False
        self.shop.auto_confirm = True
        self.assertEqual(self.line("plants")["state"], "stopped")

    def line(self, job):
        self.shop.invalidate_recordset()
        return next(line for line in self.shop.dashboard["jobs"] if line["job"] == job)

    def test_row_of_a_module_that_is_gone(self):
        row = self.env["rakuten.job"].create({"shop_id": self.shop.id, "job": "import"})
        self.env.cr.execute("UPDATE rakuten_job SET job = 'plants' WHERE id = %s", [row.id])
        row.invalidate_recordset()
        self.assertEqual((row.state, row.next_run), ("off", False))

    def test_follower(self):
        done = self.declare("plants", after="refresh", domain=Domain("memo_left", "!=", False))
        self.run_cron("refresh")
        self.assertFalse(done)
        self.shop.memo_left = "出荷済"
        self.run_cron("refresh")
        self.assertEqual(done, [self.shop])
        self.assertFalse(self.row("plants"), "it has no row of its own")

    def test_override_needs_no_declaration(self):
        with patch.object(type(self.shop), "_import_orders", lambda shop: "Other words."):
            self.run_cron()
        self.assertEqual(self.row().sentence, "Other words.")

    def test_a_label_needs_a_schedule(self):
        with self.assertRaisesRegex(TypeError, "plants"):
            self.declare("plants", label="Water the Plants")


@tagged("post_install", "-at_install")
class TestSchedule(JobCase):
    """Whether scheduled work runs; it cannot tell by itself."""

    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now()
        for name in (
            "import_orders refresh_orders export_shipments sync_inventory check_licenses "
            "compare_inventory import_skus reconcile"
        ).split():
            self.cron(name).write({"nextcall": self.now + timedelta(minutes=5)})
        self.run_cron()

    def state(self, job="import"):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.row(job).state

    def test_fine(self):
        self.assertEqual(self.state(), "ok")
        self.assertTrue(self.shop.dashboard["running"])

    def test_no_worker(self):
        """Every ten minutes: due 21 minutes ago is the third time that it has not come."""
        self.cron().nextcall = self.now - timedelta(minutes=19)
        self.assertEqual(self.state(), "ok")
        self.cron().nextcall = self.now - timedelta(minutes=21)
        self.assertEqual(self.state(), "stopped")
        self.assertFalse(self.shop.dashboard["running"])
        self.assertFalse(self.row().next_run)

    def test_daily_jobs_are_not_waited_for_for_days(self):
        self.run_cron("license")
        self.cron("check_licenses").nextcall = self.now - timedelta(hours=11)
        self.assertEqual(self.state("license"), "ok")
        self.cron("check_licenses").nextcall = self.now - timedelta(hours=13)
        self.assertEqual(self.state("license"), "stopped")

    def test_no_worker_from_the_first_day_on(self):
        """Also a job that never ran is noticed."""
        self.cron("refresh_orders").nextcall = self.now - timedelta(hours=3)
        self.assertFalse(self.row("refresh"))
        line = next(j for j in self.shop.dashboard["jobs"] if j["job"] == "refresh")
        self.assertEqual(line["state"], "stopped")

    def test_passed_by(self):
        """The scheduled action runs, but not for this shop."""
        hour = self.now - timedelta(hours=1)
        self.row().write({"started_at": hour, "ended_at": hour})
        self.cron().lastcall = self.now
        self.shop.working_since = hour
        self.assertEqual(self.state(), "stopped")
        with self.at(self.now):
            self.shop.auto_import = True
        self.assertEqual(self.state(), "ok", "it was switched on just now")
        self.shop.working_since = hour
        self.shop.last_import = self.now
        self.assertEqual(self.state(), "stopped", "that another job writes the shop is no reason")

    def test_shop_that_is_opened_again(self):
        hour = self.now - timedelta(hours=2)
        self.row().write({"started_at": hour, "ended_at": hour})
        self.shop.working_since = hour
        self.cron().lastcall = self.now
        self.assertEqual(self.state(), "stopped")
        self.shop.active = False
        self.shop.active = True
        self.assertEqual(self.state(), "ok")

    def test_key_that_nobody_tries(self):
        """A new key waits, and the scheduled action that tries it does not run."""
        self.shop.write({"database_uuid": self.shop._current_uuid(), "state": "key_rejected"})
        self.shop.key_entered_at = False
        self.cron("check_licenses").nextcall = self.now - timedelta(days=2)
        self.assertTrue(self.shop.dashboard["running"], "no key waits")
        self.shop.next_license_key = "SL123456_next"
        self.shop.invalidate_recordset()
        self.assertFalse(self.shop.dashboard["running"])

    def test_scheduled_actions_of_no_shop(self):
        """Who looks after deadlines, the digest and old personal data is missed once it stops."""
        self.assertTrue(self.shop.dashboard["running"])
        for name, shown in (
            ("check_deadlines", "Watch Deadlines"),
            ("send_digest", "Daily Digest"),
            ("forget_persons", "Remove Old Personal Data"),
        ):
            cron = self.cron(name)
            cron.active = False
            self.shop.invalidate_recordset()
            card = self.shop.dashboard
            self.assertFalse(card["running"])
            self.assertEqual(
                [(job["name"], job["state"]) for job in card["jobs"][-1:]], [(shown, "stopped")]
            )
            cron.active = True
            self.shop.invalidate_recordset()
        self.cron("check_deadlines").nextcall = self.now - timedelta(hours=3)
        self.shop.invalidate_recordset()
        self.assertFalse(self.shop.dashboard["running"])

    def test_database_error_leaves_a_note(self):
        Shop = type(self.shop)
        deadlock = patch.object(Shop, "_refresh_orders", side_effect=OperationalError)
        # Odoo's assertRaises would roll the note back.
        with deadlock, suppress(OperationalError):
            self.shop._run("refresh")
            self.fail("Odoo runs a person's call again, so it has to see the error")
        row = self.row("refresh")
        self.assertIn("The database was busy", row.error)
        self.assertTrue(row.failing_since)
        self.shop._run("refresh")
        self.assertFalse(row.failing_since)

    def test_switched_off(self):
        self.shop.auto_import = False
        self.assertEqual(self.state(), "off")
        self.cron().active = False
        self.assertEqual(self.state(), "off")

    def test_scheduled_action_that_is_not_active(self):
        """As Odoo leaves one behind that has failed for days."""
        self.cron().active = False
        self.assertEqual(self.state(), "stopped")
        self.assertFalse(self.shop.dashboard["running"])

    def test_paused_and_failing(self):
        self.fail_with(MAINTENANCE)
        self.assertEqual(self.state(), "paused")
        self.fail_with(RequestRefused(code="ORDER_EXT_API_SEARCH_ORDER_ERROR_011"))
        self.assertEqual(self.state(), "failing")


@tagged("post_install", "-at_install")
class TestOutage(JobCase):
    def notices(self):
        kind = self.env.ref("smartship_rakuten.mail_activity_outage")
        return self.shop.activity_ids.filtered(lambda a: a.activity_type_id == kind)

    def after(self, **delay):
        return self.at(NOON + timedelta(**delay))

    def down(self):
        return TemporarilyUnavailable(code="connection")

    def test_one_notice_per_outage(self):
        for minutes in (0, 10, 20):
            with self.after(minutes=minutes):
                self.fail_with(self.down())
            self.assertFalse(self.notices())
        for minutes in (30, 40, 50, 60):
            with self.after(minutes=minutes):
                self.fail_with(self.down())
                self.fail_with(self.down(), "license")
            self.assertEqual(len(self.notices()), 1)
        self.assertEqual(self.notices().user_id, self.shop.user_id)
        self.assertIn("since 2026-01-12 12:00", self.notices().summary)
        # One of the two answers again: the outage is not over.
        with self.after(minutes=65):
            self.run_cron()
        self.assertEqual(len(self.notices()), 1)
        with self.after(minutes=70):
            self.run_cron("license")
        self.assertFalse(self.notices())
        # The next one is another one.
        for minutes in (80, 115):
            with self.after(minutes=minutes):
                self.fail_with(self.down())
        self.assertEqual(len(self.notices()), 1)

    def test_a_notice_that_was_done_does_not_come_back(self):
        for minutes in (0, 30):
            with self.after(minutes=minutes):
                self.fail_with(self.down())
        self.notices().action_feedback()
        with self.after(minutes=40):
            self.fail_with(self.down())
        self.assertFalse(self.notices())

    def test_maintenance_is_quiet_and_caught_up(self):
        """A night of maintenance: nobody is told, nothing is marked, everything is done after."""
        (shipped,) = self.import_orders(order(1))
        self.ship(shipped.sale_order_id.picking_ids, "400000000007")
        self.rms.put(order(2))
        Shop = self.env["rakuten.shop"]
        # what validating the transfer has to say is said when it is committed
        self.env.cr.flush()
        messages = self.env["mail.message"].search_count([])
        for hours in (0, 3, 6):
            with self.after(hours=hours):
                self.fail_with(MAINTENANCE)
                self.rms.failures["update_order_shipping"] = MAINTENANCE
                self.rms.failures["get_order"] = MAINTENANCE
                Shop._cron_run("export")
                self.rms.failures.clear()
        self.assertFalse(self.notices())
        self.assertEqual(self.env["mail.message"].search_count([]), messages)
        self.assertNotIn("failed", shipped.parcel_ids.mapped("state"))
        self.assertEqual(self.shop.state, "connected")
        with self.after(hours=7):
            self.run_cron()
            Shop._cron_run("export")
        self.assertEqual(self.Order.search_count([("shop_id", "=", self.shop.id)]), 2)
        self.assertEqual(shipped.parcel_ids.state, "reported")

    def test_maintenance_that_does_not_end(self):
        for hours in (0, 13):
            with self.after(hours=hours):
                self.fail_with(MAINTENANCE)
        self.assertEqual(len(self.notices()), 1)

    def test_a_daily_job_that_met_ten_bad_minutes(self):
        with self.after(minutes=0):
            self.fail_with(self.down(), "license")
        for hours in (5, 15):
            with self.after(hours=hours):
                self.fail_with(self.down())
                self.run_cron()
        self.assertFalse(self.notices())

    def test_a_job_that_was_switched_off_ends_nothing_later(self):
        for minutes in (0, 30):
            with self.after(minutes=minutes):
                self.fail_with(self.down())
        self.assertTrue(self.notices())
        self.shop.auto_import = False
        with self.after(minutes=40):
            self.run_cron("license")
        self.assertFalse(self.notices())

    def test_a_refusal_is_no_outage(self):
        for minutes in (0, 40):
            with self.after(minutes=minutes):
                self.fail_with(RequestRefused(code="ORDER_EXT_API_SEARCH_ORDER_ERROR_011"))
        self.assertFalse(self.notices())


@tagged("post_install", "-at_install")
class TestDigest(JobCase):
    def setUp(self):
        super().setUp()
        self.user = new_test_user(
            self.env,
            "rakuten-keeper",
            "smartship_rakuten.group_user",
            email="keeper@example.com",
            lang="en_US",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.shop.user_id = self.user
        # Only the shop of the test.
        (self.env["rakuten.shop"].search([]) - self.shop).active = False
        self.messages = self.env["mail.message"].search([])
        for cron in self.env["rakuten.job"]._crons().values():
            cron.nextcall = fields.Datetime.now() + timedelta(hours=1)

    def digest(self):
        self.env["rakuten.shop"]._cron_run("digest")
        new = self.env["mail.message"].search([]) - self.messages
        self.messages |= new
        return new.filtered(lambda m: m.message_type == "user_notification")

    def test_nothing_to_say(self):
        self.import_orders(order(1, progress=200))
        self.assertFalse(self.digest())

    def test_what_needs_attention(self):
        self.import_orders(
            *(order(n, [package(n, [item("9", "NOBODY")])]) for n in range(1, 31)),
            order(31, progress=100, cancelDueDate="2026-01-23"),
        )
        self.shop.license_expiry = fields.Datetime.now() + timedelta(days=5)
        self.fail_with(RequestRefused(code="ORDER_EXT_API_SEARCH_ORDER_ERROR_011"))
        message = self.digest()
        self.assertEqual(len(message), 1)
        self.assertEqual(message.notified_partner_ids, self.user.partner_id)
        self.assertEqual(message.subject, "Rakuten: what needs attention in 見本ショップ")
        text = " ".join(message.body.striptags().split())
        self.assertIn("Not imported: SKU Without Product 30", text)
        self.assertIn("Days until the licence key ends 5", text)
        self.assertIn("Deadlines Near 1", text)
        self.assertIn("Import Orders: ", text)

    def test_every_number_that_needs_somebody_is_in_it(self):
        """Every count of the card that is shown in yellow or red, and every red line."""
        arch = self.env.ref("smartship_rakuten.view_rakuten_shop_dashboard").arch
        shown = set(
            re.findall(r"record\.(\w+_count)\.raw_value \? ' text-(?:warning|danger)'", arch)
        )
        self.assertGreater(len(shown), 7)
        self.assertLessEqual(shown | {"warning_count"}, set(DIGEST_COUNTS))

    def test_what_a_person_has_to_look_at(self):
        changed, held = self.import_orders(order(1), order(2, progress=100, remarks="見本"))
        changed._warn("Cancelled at Rakuten after goods have left")
        held.confirm_holds = "rule"
        text = " ".join(self.digest().body.striptags().split())
        self.assertIn("Changes and Cancellations to Look At 1", text)
        self.assertIn("To Confirm by Hand 1", text)
        held.confirm_holds = "cooling_off"
        self.shop.invalidate_recordset()
        self.assertFalse(self.shop.by_hand_count, "that goes by itself")
        held.confirm_holds = "cooling_off,rule"
        held.action_ignore()
        self.shop.invalidate_recordset()
        self.assertFalse(self.shop.by_hand_count)

    def test_copy_of_the_database(self):
        self.shop.database_uuid = "another"
        self.assertIn("a copy of the one", self.digest().body)

    def test_end_of_the_key_is_unknown(self):
        self.shop.write({"license_expiry": False})
        self.assertFalse(self.digest(), "the key's own notice and the card say so")
        self.assertFalse(self.shop.dashboard["key"]["known"])

    def test_only_internal_users_get_mail(self):
        self.import_orders(order(1, [package(1, [item("9", "NOBODY")])]))
        before = self.env["mail.mail"].search([])
        self.digest()
        mails = self.env["mail.mail"].search([]) - before
        self.assertEqual(mails.recipient_ids, self.user.partner_id)

    def test_one_for_each_responsible(self):
        other = self.shop.copy({"shop_number": "999999", "name": "別の店"})
        other.write({"state": "connected", "user_id": self.user.id})
        self.import_orders(order(1, [package(1, [item("9", "NOBODY")])]))
        self.env["rakuten.sku"].create({"shop_id": other.id, "manage_number": "x"})
        message = self.digest()
        self.assertEqual(len(message), 1)
        self.assertIn("別の店", message.body)
        self.assertIn("見本ショップ", message.body)

    def test_nobody_responsible(self):
        """An administrator of Rakuten in the company is told instead."""
        self.import_orders(order(1, [package(1, [item("9", "NOBODY")])]))
        self.shop.user_id = False
        manager = self.digest().notified_partner_ids.user_ids
        self.assertTrue(manager.has_group("smartship_rakuten.group_manager"))

    def test_in_his_language(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        self.user.lang = "ja_JP"
        self.import_orders(order(1, [package(1, [item("9", "NOBODY")])]))
        self.assertIn("未取込: プロダクト未設定のSKU", self.digest().body)

    def test_work_that_does_not_run(self):
        self.cron().nextcall = fields.Datetime.now() - timedelta(hours=2)
        self.assertIn("Import Orders: Not Running", self.digest().body.striptags())

    def test_maintenance_is_no_news(self):
        self.fail_with(MAINTENANCE)
        self.assertFalse(self.digest())
