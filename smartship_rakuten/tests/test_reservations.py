"""Reservations (予約, 定期購入, 頒布会) that are no orders yet: read, listed, held back."""

from datetime import date, datetime, timedelta
from unittest import TestCase
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rms import (
    MalformedAnswer,
    RequestRefused,
    ReservationPage,
    TemporarilyUnavailable,
)
from odoo.addons.smartship_rakuten.rules import japan
from odoo.addons.smartship_rakuten.rules.reservation import fixed_delivery, read_deliveries

from .common import SHOP_NUMBER, RakutenCase, item, order, package
from .rms_fixtures import RmsMockCase
from .sandbox import SandboxCase

PATH = "/es/1.0/reserve/reserveInfoList"
NOW = datetime(2026, 1, 12, 3)


def detail(number=1, day="2026-03-20", fixed="2026-03-17", **values):
    return {
        "detailId": number,
        "shippingDate": day,
        "commitDate": fixed,
        "releaseDate": None,
        "shippingStatus": 1,
        "earlyFlag": 0,
        "totalAmount": 2200,
        "reserveSettlement": {"cardOwner": "MIHON TARO"},
        **values,
    }


def reservation(sequence=1, details=None, *, kind=3, code="CODE-A", units=2, **values):
    """One application as the ReserveAPI lists it (RMS API section 8.3)."""
    return {
        "reserveNumber": f"{SHOP_NUMBER}-20260110-{sequence:06d}-r",
        "reserveStatus": 1,
        "reserveStatusName": "申込中",
        "reserveType": kind,
        "shippingCycle": None,
        "reserveDatetime": "2026-01-10T16:04:35+0900",
        "memo": "見本花子様のご希望",
        "reserveItem": {
            "itemName": "見本予約商品",
            "itemNumber": code,
            "url": f"/_sample-shop/reserved-{sequence}/",
            "units": units,
            "selectedChoice": "名入れ:見本花子",
            "variantId": "normal-inventory",
            "merchantDefinedSkuId": None,
            "skuInfo": None,
        },
        "reserveOrderer": {"familyName": "見本", "firstName": "花子", "comment": "見本の文"},
        "reserveSender": {"familyName": "見本", "firstName": "花子"},
        "reserveDetails": [detail()] if details is None else details,
        **values,
    }


@tagged("post_install", "-at_install")
class TestClient(RmsMockCase):
    def listed(self):
        pages = self.client().reserve_info_list(start=date(2025, 1, 12), end=date(2027, 1, 11))
        return [entry["reserveNumber"] for page in pages for entry in page.reservations]

    def page(self, entries, total, code="N00-000", **values):
        body = {"resultCode": code, "totalCount": total, "publicReserveModelList": entries}
        self.answer(PATH, {**body, **values}, method="GET")

    def test_pages(self):
        first = [reservation(n) for n in range(1, 301)]
        self.page(first, 301)
        self.page([reservation(301)], 301)
        self.assertEqual(len(self.listed()), 301)
        asked = {"dateType": "2", "startDate": "2025-01-12", "endDate": "2027-01-11"}
        self.assertEqual(
            [request.params for request in self.requests],
            [{**asked, "limit": "300", "offset": offset} for offset in ("0", "300")],
        )
        self.assertEqual(self.pacer.families, ["reserve", "reserve"])

    def test_nothing_found(self):
        self.page(None, 0, "N00-001")
        self.assertEqual(self.listed(), [])

    def test_refused_within_a_good_answer(self):
        self.page(None, 0, "E01-005", resultMessage="期間指定の終了日は開始日より前になっています")
        with self.assertRaises(RequestRefused) as caught:
            self.listed()
        self.assertEqual(caught.exception.code, "E01-005")

    def test_list_that_gets_shorter_is_read_again(self):
        """What was fixed while the pages were read has pulled the others over their edge."""
        self.page([reservation(n) for n in range(1, 301)], 302)
        self.page([reservation(302)], 301)
        self.page([reservation(n) for n in range(2, 302)], 301)
        self.page([reservation(302)], 301)
        self.assertEqual(len(set(self.listed())), 302)

    def test_broken_entries_are_counted(self):
        self.page([reservation(1), None, {"reserveNumber": 7}], 3)
        (page,) = self.client().reserve_info_list(start=date(2026, 1, 1), end=date(2026, 1, 2))
        self.assertEqual((len(page.reservations), page.broken, page.total), (1, 2, 3))

    def test_strange_answers(self):
        for body in (
            {},
            {"resultCode": 0, "totalCount": 0},
            {"resultCode": "N00-000"},
            {"resultCode": "N00-000", "totalCount": "many", "publicReserveModelList": []},
            {"resultCode": "N00-000", "totalCount": 1, "publicReserveModelList": {}},
            {"resultCode": "N00-000", "totalCount": 1, "publicReserveModelList": [7]},
            # A page without entries where there are some: no end, or a hole.
            {"resultCode": "N00-000", "totalCount": 5, "publicReserveModelList": []},
        ):
            self.http.reset()
            self.answer(PATH, body, method="GET")
            with self.subTest(body=body), self.assertRaises(MalformedAnswer):
                self.listed()


class TestReading(TestCase):
    def deliveries(self, entry):
        found, whole = read_deliveries(entry)
        return [one.delivery for one in found], whole

    def test_whole(self):
        found, whole = read_deliveries(
            reservation(1, [detail(2), detail(3, totalAmount=-9999)], kind=1)
        )
        self.assertTrue(whole)
        one, other = found
        self.assertEqual((one.number, one.delivery), (f"{SHOP_NUMBER}-20260110-000001-r", 2))
        self.assertEqual((one.kind, one.amount, other.amount), ("1", 2200, None))
        self.assertEqual(one.delivery_date, date(2026, 3, 20))
        self.assertEqual(one.fix_date, date(2026, 3, 17))
        self.assertEqual(one.applied_at, datetime(2026, 1, 10, 7, 4, 35))
        self.assertEqual(one.item.manage_number, "reserved-1")
        self.assertEqual((one.item.units, one.item.is_single), (2, True))

    def test_nothing_of_the_buyer(self):
        self.assertNotIn("見本花子", str(read_deliveries(reservation())))

    def test_slip_of_the_pen(self):
        entry = reservation()
        entry["reserveDatails"] = entry.pop("reserveDetails")
        self.assertEqual(self.deliveries(entry), ([1], True))

    def test_strange_values(self):
        """What cannot be read is left out, and said to be missing."""
        for entry, expected in (
            (reservation(details=[detail("2"), detail(None)]), ([2], False)),
            (reservation(details=[detail(10**30), detail(0), 7]), ([], False)),
            (reservation(details=None, units="many"), ([], False)),
            (reservation(details=None, units=10**12), ([], False)),
            ({"reserveNumber": "n", "reserveDetails": [detail()]}, ([], False)),
            ({"reserveNumber": "n"}, ([], False)),
            ({"reserveNumber": "n" * 256, "reserveDetails": [detail()]}, ([], False)),
            (reservation(details=[detail(day="2026/03/20")]), ([1], True)),
            (reservation(kind={"a": 1}), ([1], True)),
            (reservation(reserveStatusName=["x"]), ([1], True)),
        ):
            with self.subTest(entry=entry):
                self.assertEqual(self.deliveries(entry), expected)

    def test_order_of_a_delivery(self):
        self.assertEqual(
            fixed_delivery({"reserveNumber": "n-r", "reserveDeliveryCount": 2}), ("n-r", 2)
        )
        for payload in (
            {},
            {"reserveNumber": "n-r"},
            {"reserveNumber": "n-r", "reserveDeliveryCount": "x"},
            {"reserveNumber": None, "reserveDeliveryCount": 1},
        ):
            self.assertIsNone(fixed_delivery(payload))


class ReservationCase(RakutenCase):
    def setUp(self):
        super().setUp()
        self.shop.read_reservations = True

    def at_rakuten(self, *entries):
        self.rms.reservations = {entry["reserveNumber"]: entry for entry in entries}

    def daily(self, *entries):
        """What is listed now, read as it is each day."""
        self.at_rakuten(*entries)
        with self.at(NOW):
            self.env["rakuten.shop"]._cron_run("reservations")
        return self.rows()

    def rows(self):
        return self.env["rakuten.reservation"].search([("shop_id", "=", self.shop.id)])

    def become_order(self, entry, delivery=1, **values):
        """Rakuten fixes a delivery: the order arrives by the usual import."""
        return self.import_orders(
            order(
                900 + delivery,
                [package(7001, [item("1", units=2)])],
                total=2200,
                orderType=6,
                reserveNumber=entry["reserveNumber"],
                reserveDeliveryCount=delivery,
                **values,
            )
        )


@tagged("post_install", "-at_install")
class TestReservations(ReservationCase):
    def test_listed_with_its_day(self):
        row = self.daily(reservation())
        self.assertEqual(row.state, "open")
        self.assertEqual(row.delivery_date, date(2026, 3, 20))
        self.assertEqual(row.fix_date, date(2026, 3, 17))
        self.assertEqual((row.kind, row.units, row.amount), ("3", 2, 2200))
        self.assertEqual(row.product_id, self.product_a)
        self.assertEqual(row.display_name, f"{SHOP_NUMBER}-20260110-000001-r (1)")
        self.assertEqual(self.shop.reservation_count, 1)
        self.assertEqual(self.rms.names(), ["reserve_info_list"])
        ((_name, days),) = self.rms.calls
        self.assertEqual(days, (date(2025, 1, 13), date(2027, 1, 10)))

    def test_nothing_of_the_buyer_is_kept(self):
        row = self.daily(reservation())
        kept = " ".join(str(value) for value in row.read()[0].values())
        self.assertNotIn("花子", kept)

    def test_off_by_default(self):
        self.assertFalse(self.env["rakuten.shop"].new({}).read_reservations)
        self.shop.read_reservations = False
        self.assertFalse(self.daily(reservation()))
        self.assertEqual(self.rms.calls, [])

    def test_same_again_and_changed(self):
        row = self.daily(reservation())
        written = row.write_date
        self.assertEqual(self.daily(reservation()), row)
        self.assertEqual(row.write_date, written)
        self.daily(reservation(details=[detail(day="2026-04-01")], units=5))
        self.assertEqual((row.delivery_date, row.units), (date(2026, 4, 1), 5))

    def test_becomes_an_order(self):
        """It is gone from the list at once when the order arrives, not a day later."""
        entry = reservation()
        row = self.daily(entry)
        record = self.become_order(entry)
        self.assertEqual((row.state, row.order_id), ("fixed", record))
        self.assertEqual(record.state, "done")
        self.assertEqual(self.shop.reservation_count, 0)
        self.assertEqual(row.action_open_order()["res_id"], record.id)
        # The next reading does not list it, and leaves it as it is.
        self.daily()
        self.assertEqual(row.state, "fixed")

    def test_subscription_goes_one_by_one(self):
        entry = reservation(1, [detail(1), detail(2, "2026-04-20", "2026-04-17")], kind=1)
        first, second = self.daily(entry)
        self.become_order(entry, 1)
        self.assertEqual((first.state, second.state), ("fixed", "open"))
        self.daily(reservation(1, [detail(2, "2026-04-20", "2026-04-17")], kind=1))
        self.assertEqual((first.state, second.state), ("fixed", "open"))

    def test_taken_back(self):
        first, second = self.daily(reservation(1), reservation(2))
        self.daily(reservation(2))
        self.assertEqual((first.state, second.state), ("gone", "open"))
        # On hold at Rakuten (注文確定保留中), it comes again.
        self.daily(reservation(1), reservation(2))
        self.assertEqual(first.state, "open")

    def test_order_that_was_read_late(self):
        """The import is off: the delivery is not listed any more before its order is read."""
        entry = reservation()
        row = self.daily(entry)
        self.daily()
        self.assertEqual(row.state, "gone")
        record = self.become_order(entry)
        self.assertEqual((row.state, row.order_id), ("fixed", record))

    def test_broken_entry_ends_none(self):
        """What cannot be read is not gone, nor is anything else in that reading."""
        first, second = self.daily(reservation(1), reservation(2))
        broken = reservation(1)
        broken["reserveDetails"] = [detail("x")]
        self.daily(broken, reservation(3))
        self.assertEqual((first.state, second.state), ("open", "open"))
        self.assertEqual(len(self.rows()), 3)

        def pages(rms, **_days):
            yield ReservationPage([], 1, 1)

        with patch.object(type(self.rms), "reserve_info_list", pages):
            self.shop._run("reservations")
        self.assertEqual(set(self.rows().mapped("state")), {"open"})

    def test_failed_reading_ends_none(self):
        row = self.daily(reservation())
        self.rms.failures["reserve_info_list"] = TemporarilyUnavailable()
        with self.assertRaises(UserError):
            self.shop._run("reservations")
        self.assertEqual(row.state, "open")

    def test_unknown_product(self):
        """Its SKU waits in the mapping before the first order comes."""
        row = self.daily(reservation(code="NO-SUCH"))
        self.assertFalse(row.product_id)
        sku = self.env["rakuten.sku"].search([("manage_number", "=", "reserved-1")])
        self.assertEqual(sku.mapping_state, "unmapped")
        sku.product_id = self.product_b
        self.daily(reservation(code="NO-SUCH"))
        self.assertEqual(row.product_id, self.product_b)

    def test_two_shops_and_rights(self):
        row = self.daily(reservation())
        with self.assertRaises(AccessError):
            row.with_user(self.env.ref("base.public_user")).read(["name"])

    def test_old_rows_go(self):
        row = self.daily(reservation())
        self.daily()
        with self.at(NOW):
            self.env["rakuten.reservation"]._gc_reservations()
        self.assertTrue(row.exists())
        with self.freeze("2099-01-01"):
            self.env["rakuten.reservation"]._gc_reservations()
        self.assertFalse(row.exists())


@tagged("post_install", "-at_install")
class TestReservedStock(ReservationCase):
    """What is held back for deliveries to come."""

    def sellable(self, day=NOW):
        sku = self.env["rakuten.sku"].search(
            [("shop_id", "=", self.shop.id), ("manage_number", "=", "reserved-1")]
        )
        with self.at(day):
            return sku._sellable(self.shop)[sku]

    def test_not_counted_by_default(self):
        self.daily(reservation())
        self.assertEqual(self.shop.reservation_days, 0)
        self.assertEqual(self.sellable(), 50)

    def test_counted_within_its_days(self):
        """2 units for 2026-03-20, which is 67 days ahead of 2026-01-12."""
        self.daily(reservation())
        self.shop.reservation_days = 66
        self.assertEqual(self.sellable(), 50)
        self.shop.reservation_days = 67
        self.assertEqual(self.sellable(), 48)

    def test_late_and_undated_ones_count(self):
        self.daily(reservation(1, [detail(day="2026-01-05"), detail(2, day=None)]))
        self.shop.reservation_days = 1
        # An undated one is not found by its day: RMS names one for each.
        self.assertEqual(self.sellable(), 46)

    def test_sets_count_their_parts(self):
        self.daily(reservation())
        sku = self.rows().sku_id
        sku.write(
            {
                "product_id": False,
                "component_ids": [
                    (0, 0, {"product_id": self.product_a.id, "quantity": 3}),
                    (0, 0, {"product_id": self.product_b.id, "quantity": 1}),
                ],
            }
        )
        self.shop.reservation_days = 100
        # 50 - 2 x 3 of A are enough for 14 sets.
        self.assertEqual(self.sellable(), 14)

    def test_counted_once_when_it_becomes_an_order(self):
        entry = reservation()
        self.daily(entry)
        self.shop.reservation_days = 100
        self.assertEqual(self.sellable(), 48)
        self.shop.auto_fulfil = False
        self.become_order(entry)
        self.assertEqual(self.sellable(), 48)

    def test_what_changes_is_sent(self):
        Change = self.env["rakuten.stock.change"]
        self.shop.write({"reservation_days": 100, "stock_followed": True})
        self.env.cr.precommit.run()
        Change._pop_marks(self.shop)
        self.daily(reservation())
        products, everything = Change._pop_marks(self.shop)
        self.assertEqual((products, everything), (self.product_a, False))
        self.daily(reservation())
        self.assertFalse(Change._pop_marks(self.shop)[0])
        self.daily()
        self.assertEqual(Change._pop_marks(self.shop)[0], self.product_a)


@tagged("post_install", "-at_install")
class TestReleasedLate(RakutenCase):
    def test_found_however_old(self):
        """Applied for eight months ago, released an hour ago: found by the usual two calls."""
        self.shop.import_from = datetime(2025, 1, 1)
        self.rms.by_date = True
        with self.at(datetime(2026, 1, 12)):
            self.shop.action_import_orders()
        with self.at(datetime(2026, 1, 12, 1)):
            self.rms.calls.clear()
            (record,) = self.import_orders(
                order(
                    1,
                    orderDatetime="2025-05-10T09:15:02+0900",
                    orderFixDatetime="2026-01-12T09:30:00+0900",
                    orderType=6,
                    reserveNumber=f"{SHOP_NUMBER}-20250510-000001-r",
                    reserveDeliveryCount=1,
                )
            )
        self.assertEqual(self.rms.names().count("search_order"), 2)
        self.assertEqual((record.state, record.order_type), ("done", "6"))
        self.assertEqual(self.Order.search([("order_type", "=", "6")]), record)


@tagged("post_install", "-at_install")
class TestAtTheSandbox(SandboxCase):
    """From the application to the transfer, over real HTTP."""

    def test_from_application_to_transfer(self):
        shop = self.open_shop("reserve", items=3, seed=5, read_reservations=True)
        rows = self.env["rakuten.reservation"]
        shop.action_read_reservations()
        self.assertFalse(rows.search([("shop_id", "=", shop.id)]))
        day = japan.today() + timedelta(days=4)
        first, second = self.sandbox.control(
            "reservations", count=2, units=2, delivery_date=str(day)
        )["reserve_numbers"]
        shop.action_read_reservations()
        rows = rows.search([("shop_id", "=", shop.id)], order="name")
        self.assertEqual(rows.mapped("name"), sorted([first, second]))
        self.assertEqual(set(rows.mapped("delivery_date")), {day})
        self.assertTrue(all(rows.mapped("product_id")))
        self.assertEqual(set(rows.mapped("state")), {"open"})
        self.sandbox.control("reservations", take_back=[second])
        self.sandbox.control("clock", advance_seconds=86400)
        shop.action_import_orders()
        shop.action_read_reservations()
        fixed, gone = rows.sorted(lambda row: row.name != first)
        self.assertEqual((fixed.state, gone.state), ("fixed", "gone"))
        moves = fixed.order_id.sale_order_id.picking_ids.move_ids
        self.assertEqual((moves.product_id, moves.product_uom_qty), (fixed.product_id, 2))

    def test_function_not_ticked(self):
        """Its own sentence, and everything else goes on."""
        shop = self.open_shop("unticked", items=3, seed=5, read_reservations=True)
        shop.action_test_connection()
        self.sandbox.control("functions", untick=["reserve.infoList.get"])
        self.sandbox.control("orders", count=1, kinds=["simple"])
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            shop.action_read_reservations()
        self.assertIn("reserve.infoList.get", str(caught.exception))
        self.assertEqual(shop.state, "connected")
        shop.action_import_orders()
        self.assertEqual(
            self.env["rakuten.order"].search([("shop_id", "=", shop.id)]).state, "done"
        )
