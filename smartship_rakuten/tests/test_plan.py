"""Transfers are planned by the day on which their goods have to leave; days are counted by hand."""

from contextlib import contextmanager
from datetime import date, datetime, timedelta

from odoo.tests import new_test_user, tagged

from .common import ADDRESS, RakutenCase, item, open_return, order, package

#: Saturday 2026-11-28, noon in Japan.
NOON = datetime(2026, 11, 28, 3)
#: Half past midnight of 2026-12-01 in Japan: by UTC it is still November.
NIGHT = datetime(2026, 11, 30, 15, 30)
#: Fixed by Rakuten when it is noon, so that the goods leave on the 29th.
FIXED = {"orderFixDatetime": "2026-11-28T11:00:00+0900"}
#: Bought eight days before.
BOUGHT = {"orderDatetime": "2026-11-20T10:00:00+0900", **FIXED}
#: All that Odoo knows, the one that cannot be taken back at the end.
LOCKS = (
    "tax_lock_date",
    "sale_lock_date",
    "purchase_lock_date",
    "fiscalyear_lock_date",
    "hard_lock_date",
)


def end_of(day):
    """The last second of a day in Japan, by UTC."""
    return datetime(2026, *day, 14, 59, 59)


class PlanCase(RakutenCase):
    def setUp(self):
        super().setUp()
        self.sequence = 0

    def order(self, packages=None, **values):
        self.sequence += 1
        return order(self.sequence, packages, **{**BOUGHT, **values})

    def transfers(self, *orders):
        return self.import_orders(*orders).sale_order_id.picking_ids

    def change(self, record, **values):
        """The shop changes an order in RMS."""
        self.rms.orders[record.name].update(values)
        self.shop._run("refresh")


@tagged("post_install", "-at_install")
class TestPlan(PlanCase):
    def test_by_the_ship_by_day(self):
        """A day to ship after Rakuten let the order go, a day on the way."""
        with self.at(NOON):
            picking = self.transfers(self.order())
            self.assertEqual(picking.rakuten_ship_by, date(2026, 11, 29))
            self.assertEqual(picking.scheduled_date, end_of((11, 29)))
            self.assertEqual(picking.date_deadline, end_of((11, 30)))
            self.assertFalse(picking.has_deadline_issue)
            sale_order = picking.sale_id
            self.assertEqual(sale_order.date_order, datetime(2026, 11, 20, 1))
            self.assertFalse(sale_order.commitment_date)
            self.assertEqual(sale_order.expected_date, end_of((11, 30)))

    def test_odoo_calls_it_late_when_it_is(self):
        with self.at(NOON):
            picking = self.transfers(self.order())
        late = [("id", "=", picking.id), ("picking_type_id.count_picking_late", ">", 0)]
        kind = picking.picking_type_id
        before = self.env["stock.picking"].search_count(late[:1])
        self.assertEqual(before, 1)
        for moment, count in ((NOON, 0), (end_of((11, 29)), 0), (datetime(2026, 11, 30, 1), 1)):
            with self.at(moment):
                kind.invalidate_recordset()
                self.assertEqual(kind.count_picking_late, count, moment)

    def test_by_the_delivery_wish(self):
        with self.at(NOON):
            picking = self.transfers(self.order(deliveryDate="2026-12-10"))
            self.assertEqual(picking.scheduled_date, end_of((12, 9)))
            self.assertEqual(picking.date_deadline, end_of((12, 10)))

    def test_each_destination_by_its_own_day(self):
        far = {**ADDRESS, "prefecture": "沖縄県", "city": "那覇市"}
        with self.at(NOON):
            pickings = self.transfers(
                self.order(
                    [package(7001, [item("1")]), package(7002, [item("2")], SenderModel=far)],
                    total=2200,
                    deliveryDate="2026-12-10",
                )
            )
            planned = {p.rakuten_basket_id: p.scheduled_date for p in pickings}
            self.assertEqual(planned, {"7001": end_of((12, 9)), "7002": end_of((12, 8))})
            self.assertEqual(set(pickings.mapped("date_deadline")), {end_of((12, 10))})

    def test_never_before_now(self):
        """What should have left yesterday is planned for now, and late from then on."""
        with self.at(NOON):
            picking = self.transfers(self.order(deliveryDate="2026-11-25"))
            self.assertEqual(picking.scheduled_date, NOON)
            self.assertEqual(picking.date_deadline, end_of((11, 25)))
            self.assertTrue(picking.has_deadline_issue)

    def test_every_step_of_a_route(self):
        self.shop.warehouse_id.delivery_steps = "pick_pack_ship"
        with self.at(NOON):
            record = self.import_orders(self.order())
            for _step in range(3):
                picking = record.sale_order_id.picking_ids.filtered(
                    lambda p: p.state not in ("done", "cancel")
                )
                self.assertEqual(len(picking), 1)
                self.assertEqual(picking.scheduled_date, end_of((11, 29)))
                self.assertEqual(picking.rakuten_planned_at, picking.scheduled_date)
                picking.carrier_tracking_ref = "400000000001"
                picking.move_ids.picked = True
                picking.button_validate()

    def test_reservation_by_date(self):
        kind = self.shop.warehouse_id.out_type_id
        kind.write({"reservation_method": "by_date", "reservation_days_before": 2})
        with self.at(NOON):
            picking = self.transfers(self.order(deliveryDate="2026-12-10"))
            self.assertEqual(picking.move_ids.reservation_date, date(2026, 12, 7))

    def test_orders_of_others(self):
        """As without the module: from the time of the order, in UTC's days."""
        with self.at(NOON):
            sale_order = self.env["sale.order"].create(
                {
                    "partner_id": self.env["res.partner"].create({"name": "見本商店"}).id,
                    "company_id": self.company.id,
                    "warehouse_id": self.shop.warehouse_id.id,
                    "order_line": [(0, 0, {"product_id": self.product_a.id})],
                }
            )
            sale_order.action_confirm()
            picking = sale_order.picking_ids
            self.assertEqual(picking.scheduled_date, NOON)
            self.assertFalse(picking.rakuten_planned_at)
        self.company.fiscalyear_lock_date = date(2026, 11, 30)
        with self.at(NIGHT):
            self.assertTrue(picking._is_date_in_lock_period())
            self.assertEqual(picking.scheduled_date, NOON)


@tagged("post_install", "-at_install")
class TestPlanOfChanges(PlanCase):
    def test_another_delivery_wish(self):
        with self.at(NOON):
            record = self.import_orders(self.order(deliveryDate="2026-12-10"))
            picking = record.sale_order_id.picking_ids
            self.change(record, deliveryDate="2026-12-15")
            self.assertFalse(record.changed_code)
            self.assertEqual(record.sale_order_id.picking_ids, picking)
            self.assertEqual(picking.scheduled_date, end_of((12, 14)))
            self.assertEqual(picking.move_ids.date, end_of((12, 14)))
            self.assertEqual(picking.date_deadline, end_of((12, 15)))
            self.change(record, deliveryDate=None)
            self.assertEqual(picking.scheduled_date, end_of((11, 29)))
            self.assertEqual(picking.date_deadline, end_of((11, 30)))

    def test_what_somebody_works_on_stays(self):
        with self.at(NOON):
            record = self.import_orders(self.order(deliveryDate="2026-12-10"))
            picking = record.sale_order_id.picking_ids
            picking.printed = True
            self.change(record, deliveryDate="2026-12-15")
            self.assertTrue(record.changed_code)
            self.assertEqual(picking.scheduled_date, end_of((12, 9)))

    def test_a_day_of_somebody_s_own_stays(self):
        own = datetime(2026, 12, 1, 2)
        with self.at(NOON):
            record = self.import_orders(self.order(deliveryDate="2026-12-10"))
            picking = record.sale_order_id.picking_ids
            picking.scheduled_date = own
            self.change(record, deliveryDate="2026-12-15")
            self.shop.transit_days = 3
            self.assertEqual(picking.scheduled_date, own)
            self.assertEqual(picking.rakuten_ship_by, date(2026, 12, 12))

    def test_a_wish_in_words_moves_nothing(self):
        """Least of all what is late already."""
        with self.at(NOON):
            record = self.import_orders(self.order(deliveryDate="2026-11-25"))
            picking = record.sale_order_id.picking_ids
        with self.at(NOON + timedelta(hours=5)):
            self.change(record, remarks="[備考:]\n見本")
            self.assertEqual(picking.scheduled_date, NOON)

    def test_other_days_of_the_shop(self):
        with self.at(NOON):
            picking, other = self.transfers(self.order(), self.order(deliveryDate="2026-12-10"))
            other.move_ids.picked = True
            self.shop.write({"ship_days": 3, "transit_days": 2})
            self.assertEqual(picking.scheduled_date, end_of((12, 1)))
            self.assertEqual(picking.date_deadline, end_of((12, 3)))
            self.assertEqual(other.scheduled_date, end_of((12, 9)), "somebody has begun")


@tagged("post_install", "-at_install")
class TestLocks(PlanCase):
    """Nothing that has to be done with an order waits for the accountant."""

    @contextmanager
    def locked(self, kind, day):
        with self.subTest(lock=kind):
            self.company.write({kind: day})
            yield
            if kind != "hard_lock_date":
                self.company.write({kind: False})

    def test_bought_in_a_closed_period(self):
        """Bought eight days ago, 発送待ち today, the books closed three days ago."""
        for kind in LOCKS:
            with self.locked(kind, date(2026, 11, 25)):
                with self.at(NOON), self.not_done() as failed:
                    shipped, cancelled = self.import_orders(self.order(), self.order())
                    self.assertEqual(failed, [], kind)
                    self.assertEqual((shipped.state, cancelled.state), ("done", "done"))
                    pickings = (shipped + cancelled).sale_order_id.picking_ids
                    self.assertEqual(set(pickings.mapped("scheduled_date")), {end_of((11, 29))})
                    self.ship(shipped.sale_order_id.picking_ids, "400000000001")
                    self.assertEqual(shipped.sale_order_id.picking_ids.state, "done")
                    self.change(cancelled, orderProgress=900)
                    self.assertEqual(cancelled.state, "cancelled")
                    self.assertEqual(cancelled.sale_order_id.picking_ids.state, "cancel")

    def test_closed_while_it_waits(self):
        """Planned for the 29th of November, which is closed when somebody works on it."""
        for kind in LOCKS:
            with self.at(NOON):
                records = self.import_orders(*(self.order() for _each in range(4)))
            shipped, cancelled, changed, reserved = records
            planned = set(records.sale_order_id.picking_ids.mapped("scheduled_date"))
            self.assertEqual(planned, {end_of((11, 29))})
            locked = kind in ("fiscalyear_lock_date", "hard_lock_date")
            with self.locked(kind, date(2026, 11, 30)):
                with self.at(NIGHT + timedelta(days=1)), self.not_done() as failed:
                    picking = shipped.sale_order_id.picking_ids
                    self.ship(picking, "400000000001")
                    self.assertEqual(picking.state, "done")
                    moved = NIGHT + timedelta(days=1) if locked else end_of((11, 29))
                    self.assertEqual(picking.scheduled_date, moved)
                    self.change(cancelled, orderProgress=900)
                    self.assertEqual(cancelled.sale_order_id.picking_ids.state, "cancel")
                    sender = {**ADDRESS, "subAddress": "千代田9-9-9"}
                    (basket,) = self.rms.orders[changed.name]["PackageModelList"]
                    self.change(changed, PackageModelList=[{**basket, "SenderModel": sender}])
                    self.assertFalse(changed.changed_code)
                    waiting = changed.sale_order_id.picking_ids.filtered(
                        lambda p: p.state != "cancel"
                    )
                    self.assertIn("9-9-9", waiting.partner_id.street)
                    picking = reserved.sale_order_id.picking_ids
                    picking.do_unreserve()
                    self.env.flush_all()
                    self.assertEqual(picking.scheduled_date, moved)
                    self.assertEqual(picking.move_ids.date, moved)
                    self.assertEqual(failed, [])

    def test_midnight_of_the_first_open_day(self):
        """00:30 in Japan, where the books of yesterday are closed; by UTC it is still yesterday."""
        fixed = {"orderDatetime": "2026-12-01T00:10:00+0900"}
        fixed["orderFixDatetime"] = "2026-12-01T00:20:00+0900"
        for kind in LOCKS:
            with self.locked(kind, date(2026, 11, 30)):
                for hour in (0, 8):
                    with self.at(NIGHT + timedelta(hours=hour)), self.not_done() as failed:
                        self.story(fixed)
                        self.assertEqual(failed, [])

    def story(self, values):
        """Import, change, cancel, ship in two parts, send back."""
        units = [package(7001, [item(units=3)])]
        record, cancelled, changed = self.import_orders(
            self.order(units, total=3300, **values), self.order(**values), self.order(**values)
        )
        picking = record.sale_order_id.picking_ids
        self.assertEqual(picking.scheduled_date, end_of((12, 2)))
        self.change(cancelled, orderProgress=900)
        self.assertEqual(cancelled.sale_order_id.picking_ids.state, "cancel")
        self.change(changed, deliveryDate="2026-12-10")
        self.assertEqual(changed.sale_order_id.picking_ids.scheduled_date, end_of((12, 9)))
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.carrier_tracking_ref = "400000000001"
        picking.with_context(skip_backorder=True).button_validate()
        rest = record.sale_order_id.picking_ids - picking
        self.ship(rest, "400000000002")
        self.assertEqual((picking + rest).mapped("state"), ["done", "done"])
        back = open_return(rest, lambda move: 1)
        back.move_ids.write({"quantity": 1, "picked": True})
        back.button_validate()
        self.assertEqual(back.state, "done")

    def test_the_warehouse_s_own_hands(self):
        """Whoever validates, without a right to the books."""
        user = new_test_user(
            self.env,
            "rakuten-packer",
            "stock.group_stock_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        with self.at(NOON):
            record = self.import_orders(self.order())
        self.company.fiscalyear_lock_date = date(2026, 11, 30)
        with self.at(NIGHT + timedelta(hours=1)):
            for _step in range(2):
                picking = record.sale_order_id.picking_ids.filtered(lambda p: p.state != "done")
                self.ship(picking.with_user(user), "400000000001")
            self.assertEqual(set(record.sale_order_id.picking_ids.mapped("state")), {"done"})

    def test_closed_ahead(self):
        """The month is closed before it is over: planned for the first day that is open. What is
        done today stays Odoo's to refuse."""
        self.company.fiscalyear_lock_date = date(2026, 11, 30)
        with self.at(NOON):
            picking = self.transfers(self.order())
            self.assertEqual(picking.scheduled_date, end_of((12, 1)))
            picking.action_cancel()
            self.assertEqual(picking.state, "cancel")

    def test_retention(self):
        """What left in a period that is closed is cleared of its person, and stays dated."""
        self.shop.retention_days = 30
        for kind in LOCKS:
            with self.locked(kind, date(2026, 12, 31)):
                with self.at(datetime(2027, 1, 5, 3)):
                    record = self.import_orders(
                        self.order(orderFixDatetime="2027-01-05T10:00:00+0900")
                    )
                    picking = record.sale_order_id.picking_ids
                    self.ship(picking, "400000000001")
                    self.rms.orders[record.name]["orderProgress"] = 700
                    self.shop._run("refresh")
                planned = picking.scheduled_date
                self.company.invalidate_recordset()
                with self.at(datetime(2027, 6, 30, 15, 30)):
                    self.env["rakuten.shop"]._cron_run("anonymise")
                    self.env.flush_all()
                self.assertNotIn("太郎", str(record.payload))
                self.assertEqual(picking.scheduled_date, planned)
