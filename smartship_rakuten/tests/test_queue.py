"""Orders to be made are a queue that any process may work on; what is read is not overtaken."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import modules
from odoo.exceptions import ConcurrencyError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.rules.order import first_item

from .common import RakutenCase, item, order, package

READ_AT = datetime(2026, 1, 12, 3)


@tagged("post_install", "-at_install")
class TestQueue(RakutenCase):
    def held_by_others(self, *numbers):
        """Another process has taken the orders with these numbers."""
        Order = type(self.Order)
        lock = Order.try_lock_for_update

        def without(records, **how):
            names = {order["orderNumber"] for order in numbers}
            return lock(records.filtered(lambda record: record.name not in names), **how)

        return patch.object(Order, "try_lock_for_update", without)

    def queued(self):
        return self.Order.search([("shop_id", "=", self.shop.id), ("queued", "!=", False)])

    def triggers(self):
        cron = self.env.ref("smartship_rakuten.ir_cron_make_orders")
        return self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])

    def test_an_order_number_occurs_once_in_a_shop(self):
        """The database says so, whatever two processes read at the same time."""
        (record,) = self.import_orders(order(1))
        vals = {"shop_id": self.shop.id, "name": record.name, "payload": order(1)}
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation) as caught,
            self.env.cr.savepoint(),
        ):
            self.Order.create(vals).flush_recordset()
        self.assertEqual(caught.exception.diag.constraint_name, "rakuten_order_shop_name_uniq")
        # Another shop's numbers begin with its own ID; the constraint is the shop's.
        other = self.shop.copy({"shop_number": "654321", "name": "見本二号店"})
        self.assertTrue(self.Order.create({**vals, "shop_id": other.id}))

    @contextmanager
    def progress(self, *seconds):
        """As in a scheduled action, whose commits tell Odoo how far it is.

        :param seconds: that Odoo leaves after each commit; the last goes on
        :return: list of (processed, remaining)
        """
        told, left = [], list(seconds)

        def commit(cron, processed=0, *, remaining=None, deactivate=False):
            self.env.flush_all()
            told.append((processed, remaining))
            return left.pop(0) if len(left) > 1 else left[0]

        with (
            patch.object(type(self.env["ir.cron"]), "_commit_progress", commit),
            patch.object(modules.module, "current_test", False),
        ):
            yield told

    def test_commits_of_a_scheduled_action_tell_its_progress(self):
        with self.progress(7.5) as told:
            self.assertEqual(self.shop._commit(2, remaining=3), 7.5)
            self.assertEqual(self.shop._commit(), 7.5)
        self.assertEqual(told, [(2, 3), (0, None)])

    def test_the_queue_tells_its_progress(self):
        """How many are left before, how many are done after: else Odoo takes the run for one that
        has got nowhere, and in the end switches it off."""
        self.rms.put(order(1), order(2), order(3))
        self.shop._fetch(self.rms, list(self.rms.orders))
        self.shop._queue(self.Order.search([("shop_id", "=", self.shop.id)]))
        self.assertEqual(len(self.queued()), 3)
        with self.progress(60) as told:
            self.env["rakuten.shop"]._work_on_queue()
        self.assertFalse(self.queued())
        self.assertEqual(told[0], (0, 3))
        self.assertEqual(told[-1], (3, 0))
        self.assertEqual(sum(processed for processed, _remaining in told), 3)

    def test_no_time_is_left_after_the_first_commit(self):
        self.rms.put(order(1), order(2))
        self.shop._fetch(self.rms, list(self.rms.orders))
        self.shop._queue(self.Order.search([("shop_id", "=", self.shop.id)]))
        with self.progress(0) as told:
            self.env["rakuten.shop"]._work_on_queue()
        self.assertEqual(told, [(0, 2)])
        self.assertEqual(len(self.queued()), 2)

    def test_what_another_process_has_is_left_to_it(self):
        first, second = order(1), order(2)
        self.import_orders()
        self.rms.put(first, second)
        with self.held_by_others(second):
            self.shop.action_import_orders()
        one, two = (
            self.Order.search([("name", "=", payload["orderNumber"])])
            for payload in (first, second)
        )
        self.assertEqual((one.state, two.state), ("done", "todo"))

    def test_no_time_left(self):
        """Odoo's time is over: what is fetched is queued, its own scheduled action goes on."""
        self.rms.put(order(1), order(2))
        known = self.triggers()
        Shop = type(self.shop)
        with patch.object(Shop, "_work_on", self.out_of_time(Shop._work_on)):
            said = self.shop.action_import_orders()["params"]["message"]
        self.assertIn("2 more are on their way", said)
        self.assertEqual(len(self.queued()), 2)
        self.assertEqual(len(self.triggers() - known), 1)
        self.env["rakuten.shop"]._cron_run("orders")
        self.assertFalse(self.queued())
        records = self.Order.search([("shop_id", "=", self.shop.id)])
        self.assertEqual(records.mapped("state"), ["done", "done"])

    def out_of_time(self, work_on):
        Shop = type(self.shop)

        def work(shop, orders):
            with patch.object(Shop, "_commit", lambda *args, **how: 0):
                return work_on(shop, orders)

        return work

    def test_progress_of_the_scheduled_action(self):
        """Odoo is told what is done and what remains, and so calls again."""
        self.rms.put(order(1), order(2), order(3))
        self.shop.auto_import = False
        self.shop._run("import_by_number", {"numbers": []})
        Shop = type(self.shop)
        with patch.object(Shop, "_work_on", self.out_of_time(Shop._work_on)):
            self.shop.action_import_orders()
        told = []

        def commit(shop, processed=0, *, remaining=None):
            if remaining is not None:
                told.append((processed, remaining))
            return 1

        with patch.object(Shop, "_commit", commit):
            self.env["rakuten.shop"]._cron_run("orders")
        self.assertEqual(told, [(0, 3), (3, 0)])

    def test_try_again_is_left_to_who_has_the_order(self):
        record = self.import_orders(order(1, [package(7001, [item(code="LATER")])]))
        self.assertEqual((record.state, record.queued), ("blocked", False))
        self.env["product.product"].create({"name": "Later", "default_code": "LATER"})
        said = record.action_retry()
        self.assertEqual(record.state, "done")
        self.assertEqual(said["params"]["message"], f"Imported as {record.sale_order_id.name}.")

    def test_try_again_of_what_another_process_had_begun(self):
        """It began before the product was there: it is tried once more when it is free."""
        payload = order(1, [package(7001, [item(code="LATER")])])
        record = self.import_orders(payload)
        Shop = type(self.shop)
        work_on, held = Shop._work_on, self.held_by_others(payload)

        def others_end(shop, orders):
            left = work_on(shop, orders)
            held.stop()
            return left

        held.start()
        self.addCleanup(patch.stopall)
        self.env["product.product"].create({"name": "Later", "default_code": "LATER"})
        with patch.object(Shop, "_work_on", others_end):
            record.action_retry()
        self.assertEqual(record.state, "done")

    def test_try_again_without_time(self):
        record = self.import_orders(order(1, [package(7001, [item(code="LATER")])]))
        self.env["product.product"].create({"name": "Later", "default_code": "LATER"})
        Shop = type(self.shop)
        with patch.object(Shop, "_work_on", self.out_of_time(Shop._work_on)):
            said = record.action_retry()
        self.assertEqual((said["tag"], said["params"]["type"]), ("display_notification", "info"))
        self.assertIn("1 more", said["params"]["message"])
        self.env["rakuten.shop"]._cron_run("orders")
        self.assertEqual(record.state, "done")

    def test_orders_of_the_same_products_come_together(self):
        payloads = [
            order(number, [package(7001, [item(product)])])
            for number, product in enumerate("12121", start=1)
        ]
        self.assertEqual([first_item(p) for p in payloads[:2]], ["item-1", "item-2"])
        with self.held_by_others(*payloads):
            records = self.import_orders(*payloads)
        records._queue()
        ahead = records._next_in_queue("item-2", 3)
        self.assertEqual(ahead.mapped("queued"), ["item-2", "item-2", "item-1"])
        self.assertEqual(records._next_in_queue("item-1", 3).mapped("queued"), ["item-1"] * 3)

    def test_first_item_of_anything(self):
        for payload in (None, [], {}, {"PackageModelList": [7, {"ItemModelList": [{}]}]}):
            self.assertEqual(first_item(payload), "")

    def test_what_is_set_aside_leaves_the_queue(self):
        payload = order(1)
        with self.held_by_others(payload):
            record = self.import_orders(payload)
        record._queue()
        self.assertTrue(record.queued)
        record.action_ignore()
        self.assertFalse(record.queued)
        self.shop._work_on(record)
        self.assertEqual(record.state, "ignored")

    def test_an_order_is_made_once(self):
        """Somebody has made it since it was taken out of the queue."""
        record = self.import_orders(order(1))
        sale_order = record.sale_order_id
        self.assertFalse(record._process_queued())
        self.assertEqual(record.sale_order_id, sale_order)


@tagged("post_install", "-at_install")
class TestReadingSideBySide(RakutenCase):
    """Single orders are read by several workers at a time, without the shop's lock."""

    def test_an_answer_that_was_overtaken(self):
        """Whoever asked earlier and writes later leaves what is newer."""
        record = self.import_orders(order(1))
        record.last_read = READ_AT
        cancelled = order(1, progress=900)
        with self.at(READ_AT + timedelta(seconds=5)):
            self.Order._store(self.shop, [cancelled], asked_at=READ_AT - timedelta(seconds=1))
            self.assertEqual((record.progress, record.last_read), ("300", READ_AT))
            self.Order._store(self.shop, [cancelled], asked_at=READ_AT)
        self.assertEqual((record.progress, record.state), ("900", "cancelled"))

    def test_a_clock_that_was_ahead(self):
        """What was read in the future is not newer for ever."""
        record = self.import_orders(order(1))
        record.last_read = READ_AT + timedelta(days=1)
        with self.at(READ_AT):
            self.Order._store(self.shop, [order(1, progress=900)])
        self.assertEqual((record.state, record.last_read), ("cancelled", READ_AT))

    def test_reading_before_work_needs_no_lock(self):
        """Another worker has the shop: the transfers are checked all the same."""
        record = self.import_orders(order(1))
        picking = record.sale_order_id.picking_ids
        self.rms.put(order(1, progress=900))
        with self.shop._exclusive():
            self.assertFalse(picking._rakuten_check() - picking)
        self.assertEqual((record.state, picking.state), ("cancelled", "cancel"))

    def test_a_conflict_prints_nothing_unchecked(self):
        """Odoo runs the request again; only where Rakuten cannot be asked does work go on."""
        record = self.import_orders(order(1))
        picking = record.sale_order_id.picking_ids
        Shop = type(self.shop)
        with (
            patch.object(Shop, "_check_orders", side_effect=ConcurrencyError("first")),
            self.assertRaises(ConcurrencyError),
        ):
            picking.do_print_picking()
        self.assertFalse(picking.printed)
