"""The life of a licence key: its end, the key that follows it, and what a pause leaves behind."""

from datetime import datetime, timezone
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.smartship_rakuten.rms import CredentialsRejected, TemporarilyUnavailable
from odoo.addons.smartship_rakuten.rules.keys import due_notice, key_hint

from .common import RakutenCase, order
from .fake_rms import FUNCTIONS, FakeRms


class GuardedRms(FakeRms):
    """Rakuten in memory that answers nothing while its key is dead."""

    dead = False

    def check_functions(self):
        self.rejected = set(FUNCTIONS) if self.dead else self.rejected - set(FUNCTIONS)
        return super().check_functions()

    def search_order(self, **kwargs):
        if self.dead:
            raise CredentialsRejected(operation="searchOrder")
        return super().search_order(**kwargs)

    def get_order(self, numbers):
        if self.dead:
            raise CredentialsRejected(operation="getOrder")
        return super().get_order(numbers)

    def license_expiry_date(self):
        if self.dead or "license.expiryDate.get" in self.rejected:
            raise CredentialsRejected(operation="license.expiryDate.get")
        return super().license_expiry_date()


class KeyCase(RakutenCase):
    def setUp(self):
        super().setUp()
        self.responsible = new_test_user(
            self.env,
            "rakuten-responsible",
            "smartship_rakuten.group_manager",
            email="keeper@shop.example.com",
            notification_type="inbox",
            lang="en_US",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.shop.user_id = self.responsible
        self.rms = GuardedRms()
        #: what the key that waits gets for an answer
        self.next = GuardedRms()
        self.next.orders = self.rms.orders
        Shop = type(self.shop)
        self.startPatcher(patch.object(Shop, "_next_client", lambda shop: self.next))
        self.startPatcher(patch.object(Shop, "_client", lambda shop: self.client_of(shop)))
        self.env["mail.mail"].search([]).unlink()

    def client_of(self, shop):
        return self.next if shop.sudo().license_key == "SL123456_next" else self.rms

    def check(self):
        self.env["rakuten.shop"]._cron_run("license")

    def mails(self):
        return self.env["mail.mail"].search(
            [("recipient_ids", "=", self.responsible.partner_id.id)], order="id"
        )

    def activities(self):
        return self.shop.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id == self.env.ref("smartship_rakuten.mail_activity_license")
            )
        )

    def triggers(self, name="check_licenses"):
        cron = self.env.ref(f"smartship_rakuten.ir_cron_{name}")
        return self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", cron.id)])


@tagged("post_install", "-at_install")
class TestExpiry(KeyCase):
    """The key of FakeRms ends on 2026-04-10 at 23:59:59 in Japan."""

    def test_steps_are_told_once_each(self):
        told = {}
        for day in range(20, 31):
            self.look(f"2026-03-{day} 03:00:00", told)
        for day in range(1, 11):
            self.look(f"2026-04-{day:02d} 03:00:00", told)
        self.assertEqual(
            told,
            {
                "2026-03-27 03:00:00": 14,
                "2026-04-03 03:00:00": 7,
                "2026-04-07 03:00:00": 3,
                "2026-04-09 03:00:00": 1,
            },
        )

    def look(self, moment, told):
        with freeze_time(moment):
            before = len(self.mails())
            self.check()
            self.check()
            self.shop.invalidate_recordset()
            count = len(self.mails()) - before
            if count:
                self.assertEqual(count, 1, "one mail")
                told[moment] = self.shop.license_days_left

    def test_what_is_told(self):
        with freeze_time("2026-04-07 03:00:00"):
            self.check()
            mail = self.mails()
            self.assertIn("見本ショップ", mail.subject)
            self.assertIn("ends in 3 days, on 2026-04-10 23:59", mail.body_html)
            self.assertEqual(mail.email_to or "", "")
            self.assertEqual(mail.recipient_ids, self.responsible.partner_id)
            activity = self.activities()
            self.assertEqual(activity.user_id, self.responsible)
            self.assertEqual(str(activity.date_deadline), "2026-04-10")
            self.assertIn("ends in 3 days", self.shop.license_notice)
            for text in (mail.body_html, mail.subject, activity.note, activity.summary):
                self.assertNotIn("SL123456", text)
        with freeze_time("2026-04-09 03:00:00"):
            self.check()
            self.assertEqual(len(self.activities()), 1, "one activity, brought up to date")

    def test_in_the_reader_s_language(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        self.responsible.lang = "ja_JP"
        with freeze_time("2026-04-07 03:00:00"):
            self.check()
        self.assertIn("ライセンスキー", self.mails().body_html)
        self.assertIn("日後", self.mails().body_html)

    def test_a_renewed_key_is_quiet_again(self):
        with freeze_time("2026-04-09 03:00:00"):
            self.check()
            self.assertTrue(self.activities())
            self.rms.expiry = datetime(2026, 7, 8, 14, 59, 59, tzinfo=timezone.utc)
            self.shop.action_test_connection()
            self.assertFalse(self.activities())
            self.assertFalse(self.shop.license_notice)
            self.assertEqual(self.shop.license_days_left, 90)
        with freeze_time("2026-07-01 03:00:00"):
            self.check()
        self.assertEqual(len(self.mails()), 2, "the next end is announced anew")

    def test_typed_in_where_rakuten_does_not_tell(self):
        self.rms.rejected = {"license.expiryDate.get"}
        self.rms.check_functions = lambda: {
            name: "rejected" if name == "license.expiryDate.get" else "ok" for name in FUNCTIONS
        }
        with freeze_time("2026-04-01 03:00:00"):
            self.shop.action_test_connection()
            self.assertFalse(self.shop.license_readable)
            self.assertIn("enter the date", self.shop.license_notice)
            self.shop.license_expiry = "2026-04-08 14:59:59"
            self.check()
            self.assertEqual(self.shop.state, "connected")
            self.assertEqual(str(self.shop.license_expiry), "2026-04-08 14:59:59")
            self.assertIn("ends in 7 days", self.mails().body_html)

    def test_end_that_is_typed_with_a_new_shop(self):
        shop = self.env["rakuten.shop"].create(
            {
                "name": "新しい店",
                "shop_number": "222222",
                "service_secret": "SP222222_new",
                "license_key": "SL222222_new",
                "license_expiry": "2026-06-20 14:59:59",
                "company_id": self.company.id,
            }
        )
        self.assertEqual(str(shop.license_expiry), "2026-06-20 14:59:59")

    def test_end_is_not_asked_for_in_an_outage(self):
        self.rms.check_functions = lambda: {
            name: "unavailable" if name == "license.expiryDate.get" else "ok" for name in FUNCTIONS
        }
        self.shop.license_expiry = False
        self.shop.action_test_connection()
        away = TemporarilyUnavailable(status=500)
        with patch.object(self.rms, "license_expiry_date", side_effect=away):
            self.check()
        self.assertFalse(self.mails())

    def test_end_that_nobody_knows_is_asked_for_once(self):
        """Also after the next key has taken over."""
        self.rms.rejected = {"license.expiryDate.get"}
        self.rms.check_functions = lambda: {
            name: "rejected" if name == "license.expiryDate.get" else "ok" for name in FUNCTIONS
        }
        with freeze_time("2026-04-01 03:00:00"):
            self.shop.action_test_connection()
            self.check()
            self.check()
            self.assertEqual(len(self.mails()), 1)
            self.assertIn("enter the date", self.mails().body_html)
            self.shop.action_test_connection()
            self.assertTrue(self.activities())
            self.shop.license_expiry = "2026-06-20 14:59:59"
            self.assertFalse(self.activities())
            self.shop.license_key = "SL123456_another"
            self.shop.action_test_connection()
            self.check()
            self.assertEqual(len(self.mails()), 2)

    def test_told_although_rakuten_is_away(self):
        self.shop.license_expiry = "2026-04-10 14:59:59"
        self.rms.failures["license_expiry_date"] = TemporarilyUnavailable()
        with freeze_time("2026-04-07 03:00:00"):
            self.check()
        self.assertEqual(len(self.mails()), 1)

    def test_without_responsible_the_administrators_are_told(self):
        self.shop.user_id = False
        with freeze_time("2026-04-07 03:00:00"):
            self.check()
        self.assertTrue(self.mails())

    def test_due_notice(self):
        for days, told, step in (
            (15, 0, 0),
            (14, 0, 14),
            (13, 14, 0),
            (7, 14, 7),
            (2, 14, 3),
            (2, 3, 0),
            (1, 3, 1),
            (0, 1, 0),
            (-5, 0, 1),
        ):
            with self.subTest(days=days, told=told):
                self.assertEqual(due_notice(days, told), step)


@tagged("post_install", "-at_install")
class TestNextKey(KeyCase):
    def setUp(self):
        super().setUp()
        self.shop.action_test_connection()
        self.next.dead = True

    def enter(self, moment="2026-03-01 00:00:00", **vals):
        with freeze_time(moment):
            self.shop.write({"next_license_key": " SL123456_next\n", **vals})

    def test_used_only_once_it_is_accepted(self):
        self.enter(next_service_secret="SP123456_next")
        self.assertEqual(self.shop.state, "connected")
        self.assertEqual(self.shop.next_license_key, "SL123456_next")
        with freeze_time("2026-03-01 00:10:00"):
            self.check()
            self.assertEqual(self.shop.license_key, "SL123456_test", "the old one until then")
            self.assertIn("waits until Rakuten accepts it", self.shop.license_notice)
            self.shop.action_import_orders()
        self.next.dead = False
        self.next.expiry = datetime(2026, 5, 29, 14, 59, 59, tzinfo=timezone.utc)
        with freeze_time("2026-03-01 00:20:00"):
            self.check()
        self.assertEqual(self.shop.license_key, "SL123456_next")
        self.assertEqual(self.shop.service_secret, "SP123456_next")
        self.assertFalse(self.shop.next_license_key or self.shop.next_service_secret)
        self.assertFalse(self.shop.next_key_message)
        self.assertEqual(self.shop.state, "connected")

    def test_the_secret_may_stay(self):
        self.enter()
        self.next.dead = False
        self.check()
        self.assertEqual(self.shop.license_key, "SL123456_next")
        self.assertEqual(self.shop.service_secret, "SP123456_test")

    def test_tried_again_in_ten_minutes(self):
        self.triggers().unlink()
        self.enter("2026-03-01 00:00:00")
        self.assertEqual(self.triggers().mapped("call_at"), [datetime(2026, 3, 1, 0, 10)])
        with freeze_time("2026-03-01 00:10:00"):
            self.check()
        self.assertIn(datetime(2026, 3, 1, 0, 20), self.triggers().mapped("call_at"))

    def test_key_of_another_shop_is_never_used(self):
        self.enter()
        self.next.dead = False
        self.next.url = "another-shop"
        for minutes in (10, 20):
            with freeze_time(f"2026-03-01 00:{minutes}:00"):
                self.check()
        (mail,) = self.mails()
        self.assertIn("another-shop", mail.body_html)
        self.assertEqual(self.shop.license_key, "SL123456_test")
        self.assertIn("another-shop", self.shop.license_notice)
        self.assertEqual(self.shop.state, "connected")

    def test_doubt_outlives_the_check_of_the_present_key(self):
        """Its end is far away, and that is no reason to forget the key that waits."""
        self.next.dead = True
        with freeze_time("2026-01-12 00:00:00"):
            self.shop.next_license_key = "SL123456_next"
        with freeze_time("2026-01-12 04:00:00"):
            self.check()
        self.assertEqual(len(self.mails()), 1)
        self.assertTrue(self.activities())

    def test_mistyped_key_is_told_once(self):
        self.enter("2026-03-01 00:00:00")
        for hour in (1, 2, 4, 5, 6):
            with freeze_time(f"2026-03-01 {hour:02d}:00:00"):
                self.check()
        self.assertEqual(len(self.mails()), 1)
        self.assertIn("copied whole", self.mails().body_html)
        self.assertIn("copied whole", self.shop.license_notice)
        self.assertEqual(self.shop.state, "connected")

    def test_end_of_the_old_key_is_told_although_a_mistyped_one_waits(self):
        """Rakuten has given nobody a new key yet: the old one ends on 2026-04-10 all the same."""
        self.enter("2026-04-01 00:00:00")
        with freeze_time("2026-04-01 01:00:00"):
            self.check()
            self.assertFalse(self.mails(), "the new key may be accepted any minute")
        with freeze_time("2026-04-01 04:00:00"):
            self.check()
            doubt, end = self.mails()
            self.assertIn("copied whole", doubt.body_html)
            self.assertIn("ends in 9 days", end.body_html)
            self.shop.invalidate_recordset(["license_notice"])
            self.assertIn("copied whole", self.shop.license_notice)
            self.assertIn("ends in 9 days", self.shop.license_notice)
        with freeze_time("2026-04-07 03:00:00"):
            self.check()
        self.assertEqual(len(self.mails()), 3)
        self.rms.dead = True
        with freeze_time("2026-04-11 00:00:00"):
            self.check()
            self.assertEqual(self.shop.state, "key_rejected")
            self.assertIn("does not accept the keys", self.mails()[-1].body_html)
            self.assertEqual(len(self.mails()), 4)
            self.assertEqual(len(self.activities()), 1)

    def test_new_key_that_lacks_a_function(self):
        self.enter("2026-03-01 00:00:00")
        self.next.dead = False
        lacking = {name: "ok" for name in FUNCTIONS} | {"getOrder": "rejected"}
        self.next.check_functions = lambda: lacking
        for hour in (1, 2, 3):
            with freeze_time(f"2026-03-01 {hour:02d}:00:00"):
                self.check()
        self.assertEqual(self.shop.license_key, "SL123456_test")
        (mail,) = self.mails()
        self.assertIn("getOrder", mail.body_html)
        self.assertIn("getOrder", self.shop.license_notice)
        self.assertIn(
            datetime(2026, 3, 1, 4), self.triggers().mapped("call_at"), "hourly from now on"
        )
        lacking["getOrder"] = "ok"
        with freeze_time("2026-03-01 04:00:00"):
            self.check()
        self.assertEqual(self.shop.license_key, "SL123456_next")

    def test_both_keys_dead_for_hours(self):
        self.enter("2026-03-01 00:00:00")
        self.rms.dead = True
        for hour in (1, 4, 5):
            with freeze_time(f"2026-03-01 {hour:02d}:00:00"):
                self.check()
                if hour == 1:
                    # The daily work meets the dead key.
                    self.env["rakuten.shop"]._cron_run("refresh")
        self.assertEqual(self.shop.state, "key_rejected")
        self.assertIn("copied whole", self.shop.connection_message)
        self.assertEqual(len(self.mails()), 1)
        self.next.dead = False
        with freeze_time("2026-03-01 06:00:00"):
            self.check()
        self.assertEqual(self.shop.state, "connected", "it is still tried, every hour")

    def test_old_key_dies_first(self):
        """Issuing a new key may make the old one useless at once (RMS API section 1.3)."""
        self.enter("2026-03-01 00:00:00")
        self.rms.dead = True
        with freeze_time("2026-03-01 00:05:00"):
            with self.assertRaisesRegex(UserError, "waits until Rakuten accepts the new key"):
                self.shop.action_import_orders()
            self.assertEqual(self.shop.state, "key_rejected")
            self.assertIn("waits until Rakuten accepts", self.shop.connection_message)
            self.assertFalse(self.mails(), "nobody has to do anything")
        with freeze_time("2026-03-01 00:15:00"):
            self.check()
            self.assertEqual(self.shop.state, "key_rejected")
        self.next.dead = False
        self.triggers("import_orders").unlink()
        with freeze_time("2026-03-01 00:25:00"):
            self.check()
        self.assertEqual(self.shop.state, "connected")
        self.assertEqual(self.shop.license_key, "SL123456_next")
        self.assertTrue(self.triggers("import_orders"), "it catches up at once")

    def test_accepted_at_the_moment_of_need(self):
        self.enter()
        self.rms.dead, self.next.dead = True, False
        with self.assertRaisesRegex(UserError, "uses it from now on"):
            self.shop.action_import_orders()
        self.assertEqual(self.shop.state, "connected")
        self.assertEqual(self.shop.license_key, "SL123456_next")

    def test_outage_is_no_rejection(self):
        """The one function that is ticked does not answer, the others are refused as always."""
        away = dict.fromkeys(FUNCTIONS, "rejected") | {"searchOrder": "unavailable"}
        with (
            patch.object(self.rms, "check_functions", lambda: away),
            self.assertRaisesRegex(UserError, "overloaded|not answer|later"),
        ):
            self.shop.action_test_connection()
        self.assertEqual(self.shop.state, "connected")
        self.rms.failures["search_order"] = CredentialsRejected(operation="searchOrder")
        with (
            patch.object(self.rms, "check_functions", lambda: away),
            self.assertRaises(UserError),
        ):
            self.shop.action_import_orders()
        self.assertEqual(self.shop.state, "connected")

    def test_connected_without_what_does_not_answer(self):
        functions = dict.fromkeys(FUNCTIONS, "ok") | {"shopMaster": "unavailable"}
        self.rms.calls.clear()
        with patch.object(self.rms, "check_functions", lambda: functions):
            self.shop.action_test_connection()
        self.assertEqual(self.shop.state, "connected")
        self.assertNotIn("shop_master", self.rms.names())

    def test_new_key_has_no_end_yet(self):
        self.shop.license_expiry = datetime(2026, 1, 12)
        self.shop.license_key = "SL000000_NEXTSAMPLE000000"
        self.assertFalse(self.shop.license_expiry)

    def test_new_key_in_place_of_the_old_one(self):
        self.rms.dead = True
        with freeze_time("2026-03-01 00:00:00"):
            self.shop.license_key = "SL123456_replaced"
            self.assertEqual(self.shop.state, "draft")
            with self.assertRaisesRegex(UserError, "waits until Rakuten accepts the new key"):
                self.shop.action_test_connection()
        with freeze_time("2026-03-01 00:30:00"):
            self.check()
            self.assertEqual(self.shop.state, "key_rejected")
        self.rms.dead = False
        with freeze_time("2026-03-01 00:40:00"):
            self.check()
        self.assertEqual(self.shop.state, "connected")

    def test_new_key_meets_an_outage(self):
        """It is tried again in ten minutes, not on the next day."""
        with freeze_time("2026-03-01 00:00:00"):
            self.shop.license_key = "SL123456_replaced"
            self.triggers().unlink()
            away = TemporarilyUnavailable(status=500)
            self.startPatcher(patch.object(self.rms, "search_order", side_effect=away))
            self.check()
            self.assertEqual(self.triggers().call_at, datetime(2026, 3, 1, 0, 10))
            self.assertFalse(self.mails())

    def test_new_key_of_another_shop_is_told(self):
        self.rms.url = "another-shop"
        self.shop.license_key = "SL123456_replaced"
        self.check()
        self.assertEqual(self.shop.state, "draft")
        self.assertIn("These keys belong to the shop", self.mails().body_html)
        self.check()
        self.assertEqual(len(self.mails()), 1)

    def test_given_up_after_hours(self):
        self.rms.dead = True
        with freeze_time("2026-03-01 00:00:00"):
            self.shop.license_key = "SL123456_replaced"
        for hour in (1, 4, 5, 6):
            with freeze_time(f"2026-03-01 {hour:02d}:00:00"):
                self.check()
        self.assertEqual(self.shop.state, "key_rejected")
        self.assertEqual(len(self.mails()), 1)
        calls = len(self.rms.calls)
        with freeze_time("2026-03-01 07:00:00"):
            self.check()
        self.assertEqual(len(self.rms.calls), calls, "a dead key is not tried for ever")


@tagged("post_install", "-at_install")
class TestRejectedKey(KeyCase):
    def test_pause_and_catching_up(self):
        """The place in the work is kept: nothing is lost and nothing doubled."""
        self.shop.auto_import = True
        with freeze_time("2026-01-10 01:00:00"):
            self.shop.action_test_connection()
            (before,) = self.import_orders(order(1))
        picking = before.sale_order_id.picking_ids
        self.rms.dead = True
        with freeze_time("2026-01-11 01:00:00"):
            # Entered long ago: no new key is waited for.
            self.env["rakuten.shop"]._cron_run("import")
            self.assertEqual(self.shop.state, "key_rejected")
            self.assertIn("does not accept the keys", self.shop.connection_message)
            self.assertEqual(len(self.mails()), 1, "one clear message")
            self.assertEqual(len(self.activities()), 1)
            calls = len(self.rms.calls)
            for name in ("import", "refresh", "export"):
                self.env["rakuten.shop"]._cron_run(name)
            self.assertEqual(len(self.rms.calls), calls, "no hammering")
            self.assertEqual(len(self.mails()), 1)
        self.rms.put(order(2), order(3))
        self.ship(picking, "400000000007")
        with freeze_time("2026-01-12 01:00:00"):
            self.shop.license_key = "SL123456_replaced"
            self.rms.dead = False
            self.check()
            self.assertEqual(self.shop.state, "connected")
            self.assertFalse(self.activities())
            for name in ("import_orders", "refresh_orders", "export_shipments", "sync_inventory"):
                self.assertTrue(self.triggers(name), name)
            for _run in range(2):
                self.env["rakuten.shop"]._cron_run("import")
                self.env["rakuten.shop"]._cron_run("export")
        orders = self.Order.search([("shop_id", "=", self.shop.id)])
        self.assertEqual(sorted(name[-2:] for name in orders.mapped("name")), ["01", "02", "03"])
        self.assertEqual(len(orders.sale_order_id), 3)
        rows = self.rms.orders[before.name]["PackageModelList"][0]["ShippingModelList"]
        self.assertEqual([row["shippingNumber"] for row in rows], ["400000000007"])
        self.assertEqual(picking.rakuten_report_state, "reported")

    def test_key_hint(self):
        secret, key = "SP123456_aB3", "SL123456_xY9"
        for pair, hint in (
            ((secret, key, "123456"), ""),
            ((f" {secret}\n", f"\u3000{key}", "123456"), ""),
            ((key, secret, "123456"), "swapped"),
            ((secret, key, "654321"), "other_shop"),
            ((secret, "xY9", "123456"), "license_key"),
            ((secret, secret, "123456"), "license_key"),
            (("aB3", key, "123456"), "service_secret"),
            ((secret, "", "123456"), ""),
            (("", "", ""), ""),
            (("SP_abc", "SL_abc", "123456"), ""),
        ):
            with self.subTest(pair=pair):
                self.assertEqual(key_hint(*pair), hint)
