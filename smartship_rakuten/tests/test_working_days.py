"""Deadlines in working days; the days were counted by hand in a calendar."""

from datetime import date, datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from odoo.addons.smartship_rakuten.models.warehouse.resource_calendar import CLOSED_IN_RMS
from odoo.addons.smartship_rakuten.rms.shop import CalendarDays, ShopCalendar
from odoo.addons.smartship_rakuten.rules import japan, working_days
from odoo.addons.smartship_rakuten.rules.deadlines import deadlines
from odoo.addons.smartship_rakuten.rules.shipping import ship_by, shipping_facts
from odoo.addons.smartship_rakuten.rules.working_days import WorkingDays

from .common import ADDRESS, RakutenCase, order, package
from .sandbox import SandboxCase

#: Monday to Friday, nine to five.
WEEK = {(None, weekday): (9.0, 17.0) for weekday in range(5)}
#: 勤労感謝の日, a Monday, and the days around the New Year.
AWAY = (
    (datetime(2026, 11, 23), datetime(2026, 11, 23, 23, 59, 59)),
    (datetime(2026, 12, 29), datetime(2027, 1, 3, 23, 59, 59)),
)
SHOP = WorkingDays(WEEK, AWAY)
SAME_DAY = {"oneDayOperationFlag": 1}
NEXT_DAY = {"deliveryCertPrgFlag": 1}
#: What the order is like, when Rakuten let it go, options of the shop, the last day to ship.
ORDERS = [
    ("Tuesday morning", "2026-11-24T10:00", {}, {}, "2026-11-25"),
    ("the last minute of Thursday", "2026-11-26T23:59", {}, {}, "2026-11-27"),
    ("half past midnight of Friday", "2026-11-27T00:30", {}, {}, "2026-11-30"),
    ("Friday morning", "2026-11-27T10:00", {}, {}, "2026-11-30"),
    ("Friday evening", "2026-11-27T20:00", {}, {}, "2026-11-30"),
    ("Saturday", "2026-11-28T09:00", {}, {}, "2026-11-30"),
    ("Sunday night", "2026-11-29T23:00", {}, {}, "2026-11-30"),
    ("before a long weekend", "2026-11-20T10:00", {}, {}, "2026-11-24"),
    ("in a long weekend", "2026-11-22T10:00", {}, {}, "2026-11-24"),
    ("on a national holiday", "2026-11-23T12:00", {}, {}, "2026-11-24"),
    ("three days to ship", "2026-11-20T10:00", {}, {"ship_days": 3}, "2026-11-26"),
    ("shipped at once", "2026-11-27T16:59", {}, {"ship_days": 0}, "2026-11-27"),
    ("shipped at once, after work", "2026-11-27T17:00", {}, {"ship_days": 0}, "2026-11-30"),
    ("same day, before the cut-off", "2026-11-27T11:59", SAME_DAY, {}, "2026-11-27"),
    ("same day, after it", "2026-11-27T12:00", SAME_DAY, {}, "2026-11-30"),
    ("same day, closed", "2026-11-28T09:00", SAME_DAY, {}, "2026-11-30"),
    ("next day, closed and late", "2026-11-28T13:00", NEXT_DAY, {}, "2026-11-30"),
    ("before the New Year", "2026-12-28T10:00", {}, {}, "2027-01-04"),
    ("between the years", "2026-12-31T10:00", {}, {}, "2027-01-04"),
    ("the year's last parcels", "2026-12-25T10:00", {}, {}, "2026-12-28"),
]
#: Delivery wish, prefecture, island, days of the shop's table, the last day to ship.
WISHES = [
    ("2026-12-01", "東京都", 0, {}, "2026-11-30"),
    ("2026-11-30", "東京都", 0, {}, "2026-11-27"),
    ("2026-11-24", "東京都", 0, {}, "2026-11-20"),
    ("2026-12-01", "沖縄県", 0, {}, "2026-11-27"),
    ("2026-12-02", "北海道", 0, {}, "2026-11-30"),
    ("2026-12-02", "東京都", 1, {}, "2026-11-30"),
    ("2026-12-03", "福岡県", 0, {"JP-40": 3}, "2026-11-30"),
    ("2026-12-03", "福岡県", 1, {"JP-40": 2}, "2026-11-30"),
    ("2026-12-03", "沖縄県", 0, {"JP-47": 4}, "2026-11-27"),
    ("2026-12-01", "大阪府", 0, {"JP-40": 3}, "2026-11-30"),
    ("2026-12-01", "東京都", 0, {"JP-13": 0}, "2026-12-01"),
    ("2027-01-04", "東京都", 0, {}, "2026-12-28"),
    ("2027-01-05", "東京都", 0, {}, "2027-01-04"),
    ("2027-01-05", "沖縄県", 0, {}, "2026-12-28"),
]


def facts_of(let_go="2026-11-24T10:00", sender=ADDRESS, **values):
    sender = {"isolatedIslandFlag": 0, **sender}
    entry = order(
        1,
        [package(7001, [], SenderModel=sender)],
        orderFixDatetime=f"{let_go}:00+0900",
        **values,
    )
    return shipping_facts(entry, "7001")


@tagged("post_install", "-at_install")
class TestRules(BaseCase):
    def test_orders(self):
        self.assertEqual(len(ORDERS), 20)
        for case, let_go, values, options, expected in ORDERS:
            with self.subTest(case):
                days = {"ship_days": 1, "transit_days": 1, "cutoff": 12.0, **options}
                found = ship_by(facts_of(let_go, **values), **days, working=SHOP)
                self.assertEqual(found, date.fromisoformat(expected))

    def test_wishes(self):
        for wish, prefecture, island, table, expected in WISHES:
            with self.subTest(wish=wish, prefecture=prefecture, table=table):
                sender = {**ADDRESS, "prefecture": prefecture, "isolatedIslandFlag": island}
                facts = facts_of(sender=sender, deliveryDate=wish)
                found = ship_by(facts, 1, 1, prefecture_days=table, working=SHOP)
                self.assertEqual(found, date.fromisoformat(expected))

    def test_rakuten_does_not_wait_for_monday(self):
        """It cancels on a Sunday; the shop is warned three working days ahead."""
        entry = order(1, progress=100, cancelDueDate="2026-11-29")
        (found,) = deadlines(entry, "100", working=SHOP)
        self.assertEqual(found.day, date(2026, 11, 29))
        self.assertEqual(found.warn_from, date(2026, 11, 25))
        (found,) = deadlines(entry, "100")
        self.assertEqual(found.warn_from, date(2026, 11, 26))

    def test_two_weeks_in_turns(self):
        """Every other Saturday, as Odoo counts them."""
        saturdays = [date(2026, 11, 7), date(2026, 11, 14), date(2026, 11, 21)]
        week = working_days.week_of(saturdays[0])
        turns = WorkingDays({(week, 5): (9.0, 12.0)})
        self.assertEqual([turns.closing(day) for day in saturdays], [12.0, None, 12.0])
        self.assertEqual(working_days.after(turns, saturdays[0], 1), saturdays[2])
        self.assertEqual(working_days.last_until(turns, saturdays[1]), saturdays[0])

    def test_away_for_an_afternoon(self):
        away = ((datetime(2026, 11, 24, 13), datetime(2026, 11, 24, 23)),)
        self.assertEqual(WorkingDays(WEEK, away).closing(date(2026, 11, 24)), 17.0)

    def test_a_shop_that_never_works(self):
        """Counts every day, and comes to an end."""
        never, day = WorkingDays({}), date(2026, 11, 24)
        self.assertEqual(working_days.after(never, day, 2), date(2026, 11, 26))
        self.assertEqual(working_days.before(never, day, 2), date(2026, 11, 22))
        self.assertEqual(working_days.last_until(never, day), day)
        for edge in (date.min, date.max):
            self.assertEqual(working_days.last_until(never, edge), edge)

    def test_closures_of_rms(self):
        """Closed on weekends, one Saturday open for sending, one Tuesday closed."""
        days = [date(2026, 11, number) for number in range(1, 29)]
        calendar = ShopCalendar(
            business_holiday=CalendarDays(weekdays=frozenset({6}), national_holidays=True),
            shipping_holiday=CalendarDays(
                weekdays=frozenset({5}), dates=frozenset({date(2026, 11, 24)})
            ),
            shipping_only=CalendarDays(dates=frozenset({date(2026, 11, 14)})),
        )
        weekdays, closed = working_days.closures(calendar, days)
        self.assertEqual(weekdays, {0, 1, 2, 3, 4, 5})
        self.assertEqual(
            closed,
            [date(2026, 11, 7), date(2026, 11, 21), date(2026, 11, 24), date(2026, 11, 28)],
        )
        self.assertTrue(working_days.closes_on_national_holidays(calendar))


@tagged("post_install", "-at_install")
class TestShop(RakutenCase):
    def close_at_weekends(self):
        """As Odoo makes a calendar: Monday to Friday."""
        calendar = self.env["resource.calendar"].create(
            {"name": "発送日", "company_id": self.company.id, "tz": "Asia/Tokyo"}
        )
        calendar.attendance_ids.filtered(lambda line: line.dayofweek in "56").unlink()
        self.shop.shipping_calendar_id = calendar
        return calendar

    def test_friday_s_order_is_not_late_on_monday(self):
        with self.at(datetime(2026, 11, 27, 3)):
            plain, wish = self.import_orders(
                order(1, orderFixDatetime="2026-11-27T10:00:00+0900"),
                order(2, deliveryDate="2026-12-01"),
            )
            picking = plain.sale_order_id.picking_ids
            self.assertEqual(picking.rakuten_ship_by, date(2026, 11, 28))
            calendar = self.close_at_weekends()
            self.assertEqual(picking.rakuten_ship_by, date(2026, 11, 30))
            self.assertEqual(picking.scheduled_date, datetime(2026, 11, 30, 14, 59, 59))
            self.assertEqual(picking.date_deadline, datetime(2026, 12, 1, 14, 59, 59))
            self.assertEqual(wish.leave_by, date(2026, 11, 30))
        with self.at(datetime(2026, 11, 30, 3)):
            picking.invalidate_recordset()
            self.assertEqual(picking.rakuten_due, "today")
            leave = self.env["resource.calendar.leaves"].create(
                {
                    "name": "棚卸",
                    "calendar_id": calendar.id,
                    "date_from": datetime(2026, 11, 29, 15),
                    "date_to": datetime(2026, 11, 30, 14, 59, 59),
                }
            )
            self.assertEqual(picking.rakuten_ship_by, date(2026, 12, 1))
            self.assertEqual(wish.leave_by, date(2026, 11, 27))
            leave.unlink()
            self.assertEqual(picking.rakuten_ship_by, date(2026, 11, 30))
            calendar.attendance_ids.filtered(lambda line: line.dayofweek == "0").unlink()
            self.assertEqual(picking.rakuten_ship_by, date(2026, 12, 1))
            self.shop.shipping_calendar_id = False
            self.assertEqual(picking.rakuten_ship_by, date(2026, 11, 28))

    def test_table_of_prefectures(self):
        with self.at(datetime(2026, 11, 27, 3)):
            (record,) = self.import_orders(order(1, deliveryDate="2026-12-10"))
            picking = record.sale_order_id.picking_ids
            self.assertEqual(picking.rakuten_ship_by, date(2026, 12, 9))
            line = self.env["rakuten.transit"].create(
                {
                    "shop_id": self.shop.id,
                    "state_id": self.env.ref("base.state_jp_jp-13").id,
                    "transit_days": 3,
                }
            )
            self.assertEqual(picking.rakuten_ship_by, date(2026, 12, 7))
            self.assertEqual(picking.scheduled_date, datetime(2026, 12, 7, 14, 59, 59))
            line.transit_days = 2
            self.assertEqual(record.leave_by, date(2026, 12, 8))
            line.unlink()
            self.assertEqual(picking.rakuten_ship_by, date(2026, 12, 9))


@tagged("post_install", "-at_install")
class TestCalendarOfRms(SandboxCase):
    def setUp(self):
        super().setUp()
        self.shop = self.open_shop("calendar", items=1, seed=1)
        self.today = japan.today()
        # A Wednesday of next week or the week after.
        self.day = self.today + timedelta(days=14 - (self.today.weekday() - 2) % 7)

    def close(self, **calendar):
        """What the shop keeper has entered in RMS."""
        keys = ("shop_number", "shop_url", "service_secret", "license_key")
        self.sandbox.control(
            "reset", **{key: self.shop[key] for key in keys}, calendar=calendar or None
        )

    def fill(self):
        return self.shop.action_fill_shipping_calendar()["params"]["message"]

    def found(self):
        """Weekdays that are worked on, closing days that came from RMS."""
        calendar = self.shop.shipping_calendar_id
        leaves = calendar.leave_ids.filtered(lambda leave: leave.name == CLOSED_IN_RMS)
        return (
            sorted(set(map(int, calendar.attendance_ids.mapped("dayofweek")))),
            sorted(japan.day(leave.date_from) for leave in leaves),
        )

    def test_filled_on_request(self):
        self.close(
            businessHoliday={
                "regularSchedule": ["SUNDAY", "HOLIDAY"],
                "eventDates": [self.day.isoformat()],
            },
            shippingHoliday={"regularSchedule": ["SATURDAY"]},
        )
        said = self.fill()
        self.assertIn("1 closing days", said)
        self.assertIn("祝日", said)
        self.assertEqual(self.found(), ([0, 1, 2, 3, 4], [self.day]))
        self.assertEqual(self.shop.shipping_calendar_id.tz, "Asia/Tokyo")
        working = self.shop._shipping_days()["working"]
        self.assertIsNone(working.closing(self.day))
        self.assertTrue(working.closing(self.day + timedelta(days=1)))

    def test_filled_again(self):
        """Somebody's own hours and closures stay."""
        self.close(businessHoliday={"eventDates": [self.day.isoformat()]})
        self.fill()
        calendar = self.shop.shipping_calendar_id
        self.assertEqual(self.found(), ([0, 1, 2, 3, 4, 5, 6], [self.day]))
        saturday = calendar.attendance_ids.filtered(lambda line: line.dayofweek == "5")
        saturday.hour_to = 12
        own = self.env["resource.calendar.leaves"].create(
            {
                "name": "棚卸",
                "calendar_id": calendar.id,
                "date_from": japan.begin(self.day + timedelta(days=2)),
                "date_to": japan.end(self.day + timedelta(days=2)),
            }
        )
        later = self.day + timedelta(days=5)
        self.close(businessHoliday={"eventDates": [later.isoformat()]})
        self.assertNotIn("祝日", self.fill())
        self.assertEqual(self.shop.shipping_calendar_id, calendar)
        self.assertEqual(self.found()[1], [later])
        self.assertTrue(own.exists())
        self.assertEqual(saturday.hour_to, 12)

    def test_a_function_that_is_not_ticked(self):
        """It is refused for itself; the shop stays connected."""
        self.shop.action_test_connection()
        self.sandbox.control("functions", untick=["shop.shopCalendar"])
        with self.assertRaisesRegex(UserError, "not enabled: shopCalendar [(]店舗API") as caught:
            self.fill()
        self.assertIn("closing days have to be entered in Odoo", str(caught.exception))
        self.assertFalse(self.shop.shipping_calendar_id)
        self.assertEqual(self.shop.state, "connected")
