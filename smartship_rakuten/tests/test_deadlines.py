"""By when something has to happen to an order; expected days are counted by hand."""

from datetime import date, datetime

from lxml import etree

from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.smartship_rakuten.rules.deadlines import Deadline, deadlines

from .common import ADDRESS, RakutenCase, item, order, package

CARD = {"settlementMethodCode": 1, "settlementMethod": "クレジットカード"}
#: Saturday 2026-01-10 09:20 in Japan.
FIXED = "2026-01-10T09:20:00+0900"


def payload(progress=300, packages=None, **values):
    return order(1, packages, progress=progress, **{"orderFixDatetime": FIXED, **values})


@tagged("post_install", "-at_install")
class TestRules(BaseCase):
    def days(self, entry, progress=None, **options):
        found = deadlines(entry, progress or str(entry["orderProgress"]), **options)
        return [(deadline.kind, deadline.day) for deadline in found]

    def test_unconfirmed(self):
        entry = payload(100, orderFixDatetime=None)
        self.assertEqual(self.days(entry), [("confirm", date(2026, 1, 24))])
        entry["cancelDueDate"] = "2026-01-20"
        self.assertEqual(self.days(entry), [("confirm", date(2026, 1, 20))])

    def test_confirmed_meanwhile(self):
        """The status is newer than the payload."""
        self.assertEqual(self.days(payload(100), "200"), [])

    def test_day_of_the_order_is_the_one_in_japan(self):
        entry = payload(100, orderFixDatetime=None, orderDatetime="2026-01-10T23:59:58+0900")
        self.assertEqual(self.days(entry), [("confirm", date(2026, 1, 24))])
        entry["orderDatetime"] = "2026-01-11T00:00:00+0900"
        self.assertEqual(self.days(entry), [("confirm", date(2026, 1, 25))])

    def test_card_authorisation(self):
        entry = payload(SettlementModel=CARD)
        self.assertEqual(self.days(entry), [("authorisation", date(2026, 2, 9))])
        (deadline,) = deadlines(entry, "300")
        self.assertEqual(deadline.warn_from, date(2026, 2, 2))

    def test_card_authorisation_counts_from_the_confirmation_at_least(self):
        entry = payload(
            SettlementModel=CARD,
            orderFixDatetime=None,
            shopOrderCfmDatetime="2026-01-12T10:00:00+0900",
        )
        self.assertEqual(self.days(entry), [("authorisation", date(2026, 2, 11))])

    def test_no_authorisation(self):
        for case, entry in {
            "bank transfer": payload(SettlementModel={"settlementMethodCode": 9}),
            "all paid with points": payload(SettlementModel=CARD, requestPrice=0),
            "not authorised yet": payload(200, SettlementModel=CARD),
            "shipped": payload(500, SettlementModel=CARD),
            "no model": payload(SettlementModel=None),
        }.items():
            self.assertEqual(self.days(entry), [], case)

    def test_delivery_wish(self):
        entry = payload(deliveryDate="2026-01-20")
        self.assertEqual(self.days(entry), [("wish", date(2026, 1, 19))])
        self.assertEqual(self.days(entry, transit_days=3), [("wish", date(2026, 1, 17))])

    def test_the_farthest_destination_counts(self):
        far = {**ADDRESS, "prefecture": "沖縄県"}
        entry = payload(
            packages=[package(7001, []), package(7002, [], SenderModel=far)],
            deliveryDate="2026-01-20",
        )
        self.assertEqual(
            self.days(entry), [("wish", date(2026, 1, 18)), ("wish", date(2026, 1, 19))]
        )
        self.assertEqual(self.days(entry, left=["7002"]), [("wish", date(2026, 1, 19))])
        self.assertEqual(self.days(entry, left=["7001", "7002"]), [])

    def test_promises(self):
        for flag, kind in (
            ("oneDayOperationFlag", "same_day"),
            ("deliveryCertPrgFlag", "next_day"),
            ("asurakuFlag", "asuraku"),
        ):
            entry = payload(**{flag: 1})
            self.assertEqual(self.days(entry, cutoff=12), [(kind, date(2026, 1, 10))], flag)

    def test_same_day_has_the_earliest_day_as_its_wish(self):
        """The promise counts, not the wish alone; the wish where it is earlier still."""
        entry = payload(oneDayOperationFlag=1, deliveryDate="2026-01-12")
        self.assertEqual(self.days(entry), [("same_day", date(2026, 1, 10))])
        entry["deliveryDate"] = "2026-01-10"
        self.assertEqual(self.days(entry), [("same_day", date(2026, 1, 9))])
        entry = payload(deliveryCertPrgFlag=1, deliveryDate="2026-01-12")
        self.assertEqual(self.days(entry), [("wish", date(2026, 1, 11))])

    def test_after_the_cut_off(self):
        entry = payload(oneDayOperationFlag=1, orderFixDatetime="2026-01-10T11:59:59+0900")
        self.assertEqual(self.days(entry, cutoff=12), [("same_day", date(2026, 1, 10))])
        entry["orderFixDatetime"] = "2026-01-10T12:00:00+0900"
        self.assertEqual(self.days(entry, cutoff=12), [("same_day", date(2026, 1, 11))])

    def test_a_wish_goes_before_a_promise(self):
        entry = payload(deliveryCertPrgFlag=1, deliveryDate="2026-01-15")
        self.assertEqual(self.days(entry), [("wish", date(2026, 1, 14))])

    def test_no_promise_no_deadline(self):
        self.assertEqual(self.days(payload()), [])

    def test_a_number_at_rakuten_has_not_left(self):
        """It is written when the label is printed (RMS API section 5.4)."""
        entry = payload(SettlementModel=CARD, deliveryDate="2026-01-20")
        entry["PackageModelList"][0]["ShippingModelList"] = [
            {"shippingDetailId": 1, "deliveryCompany": "1001", "shippingNumber": "400000000001"}
        ]
        self.assertEqual(
            self.days(entry), [("wish", date(2026, 1, 19)), ("authorisation", date(2026, 2, 9))]
        )

    def test_closed_by_rakuten_while_the_goods_are_here(self):
        entry = payload(SettlementModel=CARD, deliveryDate="2026-01-20")
        self.assertEqual(deadlines(entry, "500"), [])
        self.assertEqual(deadlines(entry, "500", here=True), [Deadline(date(2026, 1, 19), "wish")])

    def test_a_row_with_a_carrier_alone_has_not_left(self):
        entry = payload(deliveryDate="2026-01-20")
        entry["PackageModelList"][0]["ShippingModelList"] = [
            {"shippingDetailId": 1, "deliveryCompany": "1001"}
        ]
        self.assertEqual(self.days(entry), [("wish", date(2026, 1, 19))])

    def test_deleted_destination(self):
        entry = payload(
            packages=[package(7001, [], packageDeleteFlag=1)], deliveryDate="2026-01-20"
        )
        self.assertEqual(self.days(entry), [])

    def test_nearest_first(self):
        found = deadlines(payload(SettlementModel=CARD, deliveryDate="2026-01-20"), "300")
        self.assertEqual(
            found,
            [Deadline(date(2026, 1, 19), "wish"), Deadline(date(2026, 2, 9), "authorisation")],
        )

    def test_nothing_fails(self):
        for entry in (
            None,
            [],
            {},
            payload(100, orderDatetime="nonsense", cancelDueDate="nonsense"),
            payload(deliveryDate="0001-01-01"),
            payload(deliveryDate=20260120),
            payload(SettlementModel=[], oneDayOperationFlag="1", orderFixDatetime=7),
            payload(PackageModelList="x", asurakuFlag=1),
            payload(PackageModelList=[{"basketId": None}, 7], SettlementModel={}),
        ):
            progress = str(entry.get("orderProgress")) if isinstance(entry, dict) else "300"
            self.assertEqual(deadlines(entry, progress), [])


@tagged("post_install", "-at_install")
class TestDeadlines(RakutenCase):
    def setUp(self):
        super().setUp()
        self.shop.user_id = self.env.ref("base.user_admin")
        self.shop.user_id.lang = "en_US"

    def activities(self, orders):
        kind = self.env.ref("smartship_rakuten.mail_activity_deadline")
        return orders.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)

    def check(self):
        self.env["rakuten.shop"]._cron_run("deadlines")

    def shown(self, name):
        """Orders that a filter of the list shows."""
        view = self.env.ref("smartship_rakuten.view_rakuten_order_search")
        (node,) = etree.fromstring(view.get_combined_arch()).xpath(f"//filter[@name='{name}']")
        return self.Order.search([("shop_id", "=", self.shop.id), *safe_eval(node.get("domain"))])

    def test_stored_and_filtered(self):
        with self.at(datetime(2026, 1, 20, 3)):
            near, far, missed = self.import_orders(
                order(1, progress=100, cancelDueDate="2026-01-22"),
                order(2, progress=100, cancelDueDate="2026-01-30"),
                order(3, deliveryDate="2026-01-15"),
            )
            self.assertEqual(
                [(o.deadline_kind, o.deadline_date) for o in near + far + missed],
                [
                    ("confirm", date(2026, 1, 22)),
                    ("confirm", date(2026, 1, 30)),
                    ("wish", date(2026, 1, 14)),
                ],
            )
            self.assertEqual(
                (near + far + missed).mapped("deadline_state"), ["soon", False, "late"]
            )
            self.assertEqual(self.shown("deadline"), near + missed)
            self.assertEqual(self.shown("deadline_late"), missed)
            self.assertEqual(self.shop.deadline_count, 2)

    def test_activity_once(self):
        with self.at(datetime(2026, 1, 20, 3)):
            (record,) = self.import_orders(order(1, progress=100, cancelDueDate="2026-01-23"))
            mails = self.env["mail.mail"].search_count([])
            self.check()
            self.check()
            activity = self.activities(record)
            self.assertEqual(len(activity), 1)
            self.assertEqual(activity.user_id, self.shop.user_id)
            self.assertEqual(activity.date_deadline, date(2026, 1, 23))
            self.assertEqual(activity.summary, "Confirm the Order: 2026-01-23")
            self.assertEqual(self.env["mail.mail"].search_count([]), mails)
            activity.action_feedback()
            self.check()
            self.assertFalse(self.activities(record))

    def test_what_was_missed_does_not_silence_the_next(self):
        """A promise that was broken, and then the end of the order at Rakuten."""
        with self.at(datetime(2026, 1, 12, 3)):
            (record,) = self.import_orders(
                order(1, progress=100, deliveryCertPrgFlag=1, cancelDueDate="2026-01-24")
            )
            self.check()
            self.activities(record).action_feedback()
            self.check()
            self.assertFalse(self.activities(record))
        with self.at(datetime(2026, 1, 21, 3)):
            self.check()
            self.check()
            (activity,) = self.activities(record)
            self.assertIn("Confirm the Order: 2026-01-24", activity.summary)

    def test_shop_that_is_closed(self):
        with self.at(datetime(2026, 1, 22, 3)):
            (record,) = self.import_orders(order(1, progress=100, cancelDueDate="2026-01-24"))
            self.check()
            self.assertTrue(self.activities(record))
            self.shop.active = False
            self.check()
            self.assertFalse(self.activities(record))

    def test_many_at_once_are_one_activity(self):
        with self.at(datetime(2026, 1, 20, 3)):
            records = self.import_orders(
                *(order(n, progress=100, cancelDueDate="2026-01-23") for n in range(1, 22))
            )
            self.check()
            self.check()
            self.assertFalse(self.activities(records))
            (activity,) = self.shop.activity_ids
            self.assertEqual(activity.user_id, self.shop.user_id)
            self.assertEqual(activity.date_deadline, date(2026, 1, 23))
            self.assertIn("21 orders", activity.summary)
            more = self.import_orders(
                *(order(n, progress=100, cancelDueDate="2026-01-22") for n in range(22, 43))
            )
            self.check()
            (activity,) = self.shop.activity_ids
            self.assertEqual(activity.date_deadline, date(2026, 1, 22))
            self.assertIn("42 orders", activity.summary)
            more.action_confirm_at_rakuten()
            self.check()
            self.assertTrue(self.shop.activity_ids)
            records.action_confirm_at_rakuten()
            self.check()
            self.assertFalse(self.shop.activity_ids)

    def test_responsible_who_has_left(self):
        """What a shop has to tell goes to its administrators then."""
        left, keeper = (
            new_test_user(
                self.env,
                login,
                "smartship_rakuten.group_manager",
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            for login in ("rakuten-left", "rakuten-stays")
        )
        self.env.ref("smartship_rakuten.group_manager").user_ids = left | keeper
        self.shop.user_id = left
        left.active = False
        with self.at(datetime(2026, 1, 20, 3)):
            (record,) = self.import_orders(order(1, progress=100, cancelDueDate="2026-01-23"))
            self.check()
            self.assertEqual(self.activities(record).user_id, keeper)

    def test_not_ahead_of_time(self):
        with self.at(datetime(2026, 1, 19, 14, 59)):
            (record,) = self.import_orders(order(1, progress=100, cancelDueDate="2026-01-23"))
            self.check()
            self.assertFalse(self.activities(record))
        # Midnight in Japan.
        with self.at(datetime(2026, 1, 19, 15)):
            self.check()
            self.assertTrue(self.activities(record))

    def test_closed_by_the_confirmation(self):
        with self.at(datetime(2026, 1, 22, 3)):
            (record,) = self.import_orders(order(1, progress=100, cancelDueDate="2026-01-23"))
            self.check()
            record.action_confirm_at_rakuten()
            self.assertFalse(record.deadline_date)
            self.check()
            self.assertFalse(self.activities(record))

    def test_goods_that_are_late(self):
        """On the day itself the shop's reminder says so; the order's activity comes when it is
        late."""
        (record,) = self.import_orders(
            order(1, deliveryDate="2026-01-20", orderFixDatetime=FIXED, SettlementModel=CARD)
        )
        self.assertEqual(record.deadline_date, date(2026, 1, 19))
        with self.at(datetime(2026, 1, 19, 3)):
            self.check()
            self.assertEqual(record.deadline_state, "soon")
            self.assertFalse(self.activities(record))
        with self.at(datetime(2026, 1, 20, 3)):
            record.invalidate_recordset()
            self.check()
            self.assertEqual(record.deadline_state, "late")
            self.assertEqual(
                self.activities(record).summary,
                "Leave for the Delivery Wish: 2026-01-19, Card Authorisation Ends: 2026-02-09",
            )
            self.ship(record.sale_order_id.picking_ids, "400000000007")
            self.assertEqual(record.deadline_kind, "authorisation", "Rakuten does not know yet")
            self.check()
            self.assertFalse(self.activities(record))
            self.shop._run("export")
            self.assertFalse(record.deadline_date)

    def test_goods_that_have_to_leave_today(self):
        """One reminder for all of a shop, from its cut-off on; it goes when they have left."""
        with self.at(datetime(2026, 1, 19, 2, 59)):
            records = self.import_orders(
                order(1, deliveryDate="2026-01-20", orderFixDatetime=FIXED),
                order(2, deliveryDate="2026-01-20", orderFixDatetime=FIXED),
                order(3, deliveryDate="2026-01-21", orderFixDatetime=FIXED),
            )
            self.check()
            self.assertFalse(self.shop.activity_ids, "one minute before noon in Japan")
        with self.at(datetime(2026, 1, 19, 3)):
            self.check()
            self.check()
            (activity,) = self.shop.activity_ids
            self.assertIn("2 orders have to leave today", activity.summary)
            self.assertEqual(activity.user_id, self.shop.user_id)
            self.ship(records[0].sale_order_id.picking_ids, "400000000001")
            self.check()
            self.assertTrue(self.shop.activity_ids)
            self.ship(records[1].sale_order_id.picking_ids, "400000000002")
            self.check()
            self.assertFalse(self.shop.activity_ids)
        with self.at(datetime(2026, 1, 20, 3)):
            self.check()
            self.assertIn("1 orders have", self.shop.activity_ids.summary)
        with self.at(datetime(2026, 1, 21, 0)):
            self.check()
            self.assertFalse(self.shop.activity_ids)

    def test_late_cut_off_reminds_in_the_afternoon(self):
        self.shop.cutoff_hour = 24
        self.import_orders(order(1, deliveryDate="2026-01-20", orderFixDatetime=FIXED))
        for hour, told in ((5, False), (6, True)):
            with self.at(datetime(2026, 1, 19, hour)):
                self.check()
                self.assertEqual(bool(self.shop.activity_ids), told)

    def test_filters_know_every_deadline(self):
        """Not only the nearest one."""
        both, confirm = self.import_orders(
            order(1, deliveryDate="2026-01-20", orderFixDatetime=FIXED, SettlementModel=CARD),
            order(2, progress=100, cancelDueDate="2026-01-24"),
        )
        self.assertEqual(self.shown("deadline_confirm"), confirm)
        self.assertEqual(self.shown("deadline_authorisation"), both)
        self.assertEqual(self.shown("deadline_delivery"), both)
        self.assertEqual(both.leave_by, date(2026, 1, 19))
        self.assertEqual(both.authorised_until, date(2026, 2, 9))
        self.assertEqual(confirm.confirm_by, date(2026, 1, 24))

    def import_three_units(self):
        (record,) = self.import_orders(
            order(
                1,
                [package(7001, [item(units=3)])],
                total=3300,
                deliveryDate="2026-01-20",
                orderFixDatetime=FIXED,
            )
        )
        return record

    def test_backorder_still_has_to_leave(self):
        record = self.import_three_units()
        picking = record.sale_order_id.picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.carrier_tracking_ref = "400000000001"
        picking.with_context(skip_backorder=True).button_validate()
        self.assertTrue(record.parcel_ids)
        self.assertEqual(record.leave_by, date(2026, 1, 19))
        rest = record.sale_order_id.picking_ids - picking
        rest.action_cancel()
        self.assertFalse(record.leave_by)

    def test_backorder_of_a_route_with_steps(self):
        """What is still to be picked has to leave, although its delivery is not there yet."""
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        record = self.import_three_units()
        pick = record.sale_order_id.picking_ids
        pick.move_ids.write({"quantity": 1, "picked": True})
        pick.with_context(skip_backorder=True).button_validate()
        delivery = record.sale_order_id.picking_ids.filtered(
            lambda p: p.picking_type_code == "outgoing" and p.state != "cancel"
        )
        self.assertEqual(delivery.move_ids.product_uom_qty, 1)
        self.ship(delivery, "400000000001")
        self.assertTrue(record.parcel_ids)
        self.assertEqual(record.leave_by, date(2026, 1, 19))
        record._open_moves()._action_cancel()
        self.assertFalse(record.leave_by)

    def test_backorder_after_our_own_report(self):
        """The row at Rakuten is ours: it says nothing of what is still here."""
        self.shop.report_policy = "each"
        (record,) = self.import_orders(
            order(
                1,
                [package(7001, [item(units=3)]), package(7002, [item("2")])],
                total=4400,
                deliveryDate="2026-01-20",
                orderFixDatetime=FIXED,
            )
        )
        picking = record.sale_order_id.picking_ids.filtered(lambda p: p.rakuten_basket_id == "7001")
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.carrier_tracking_ref = "400000000001"
        picking.with_context(skip_backorder=True).button_validate()
        self.ship(
            record.sale_order_id.picking_ids.filtered(lambda p: p.rakuten_basket_id == "7002"),
            "400000000002",
        )
        self.shop._run("export")
        self.shop._run("refresh")
        self.assertEqual(record.progress, "300")
        self.assertEqual(record.leave_by, date(2026, 1, 19))

    def test_what_comes_after_all_had_left(self):
        with self.at(datetime(2026, 1, 19, 3)):
            (first,) = self.import_orders(
                order(1, deliveryDate="2026-01-20", orderFixDatetime=FIXED)
            )
            self.check()
            self.ship(first.sale_order_id.picking_ids, "400000000001")
            self.check()
            self.assertFalse(self.shop.activity_ids)
            self.import_orders(order(2, deliveryDate="2026-01-20", orderFixDatetime=FIXED))
            self.check()
            self.assertIn("1 orders have", self.shop.activity_ids.summary)

    def test_authorisation_lasts_until_rakuten_knows(self):
        (record,) = self.import_orders(
            order(1, deliveryDate="2026-01-20", orderFixDatetime=FIXED, SettlementModel=CARD)
        )
        self.ship(record.sale_order_id.picking_ids, "400000000001")
        self.assertFalse(record.leave_by)
        record.parcel_ids._fail("見本")
        self.assertEqual(record.authorised_until, date(2026, 2, 9))
        record.parcel_ids.state = "pending"
        self.shop._run("export")
        self.assertFalse(record.authorised_until)

    def test_authorisation_of_a_wish_far_away(self):
        """The nearest day is shown; attention begins with whatever needs it first."""
        (record,) = self.import_orders(
            order(1, deliveryDate="2026-02-08", orderFixDatetime=FIXED, SettlementModel=CARD)
        )
        self.assertEqual(record.deadline_date, date(2026, 2, 7))
        self.assertEqual(record.deadline_warn, date(2026, 2, 2))

    def test_changed_days_of_the_shop(self):
        (record,) = self.import_orders(order(1, deliveryDate="2026-01-20"))
        self.shop.transit_days = 3
        self.assertEqual(record.deadline_date, date(2026, 1, 17))
        self.assertEqual(record.sale_order_id.picking_ids.rakuten_ship_by, date(2026, 1, 17))

    def test_cut_off_holds_for_the_transfer_too(self):
        (record,) = self.import_orders(
            order(1, oneDayOperationFlag=1, orderFixDatetime="2026-01-10T13:00:00+0900")
        )
        picking = record.sale_order_id.picking_ids
        self.assertEqual(picking.rakuten_ship_by, date(2026, 1, 11))
        self.shop.cutoff_hour = 15
        self.assertEqual(picking.rakuten_ship_by, date(2026, 1, 10))
        self.assertEqual(record.deadline_date, date(2026, 1, 10))

    def test_cancelled_and_set_aside(self):
        record, other = self.import_orders(
            order(1, deliveryDate="2026-01-20"),
            order(2, progress=100, cancelDueDate="2026-01-23"),
        )
        self.assertTrue(record.deadline_date and other.deadline_date)
        self.rms.orders[record.name]["orderProgress"] = 900
        self.shop._run("refresh")
        other.action_ignore()
        self.assertFalse(record.deadline_date)
        self.assertFalse(other.deadline_date)

    def test_reader_of_japanese(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        (record,) = self.import_orders(order(1, progress=100, cancelDueDate="2026-01-23"))
        text = record.with_context(lang="ja_JP").deadline_text
        self.assertEqual(text, "注文確認: 2026-01-23")
