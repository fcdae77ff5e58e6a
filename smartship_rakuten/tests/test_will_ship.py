"""Every order in 発送待ち has an open transfer for every destination, or has left and is reported,
or waits with a reason; each morning somebody is told of those that are forgotten."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.rms import TemporarilyUnavailable

from .common import RakutenCase, item, open_return, order, package

JOBS = "odoo.addons.smartship_rakuten.models.jobs"


@tagged("post_install", "-at_install")
class TestWillShip(RakutenCase):
    def morning(self):
        """What runs each morning."""
        self.env["rakuten.shop"]._cron_run("reconcile")

    def check_told(self, record, code):
        self.morning()
        self.assertEqual(record.unshipped_code, code)
        if code:
            self.assertTrue(record.unshipped)
        self.shop.invalidate_recordset(["unshipped_count", "dashboard"])
        self.assertEqual(self.shop.unshipped_count, 1 if code else 0)
        in_digest = dict(self.shop._digest_lines()).get("Orders That Nothing Ships")
        self.assertEqual(in_digest, 1 if code else None)
        listed = self.Order.search([("unshipped", "!=", False)])
        self.assertEqual(listed, record if code else self.Order)

    def two_destinations(self, sequence=1):
        return order(
            sequence, [package(7001, [item()]), package(7002, [item("2", "CODE-B")])], total=2200
        )

    def pickings(self, record):
        return record.sale_order_id.picking_ids.sorted("rakuten_basket_id")

    def test_open_transfer(self):
        (record,) = self.import_orders(self.two_destinations())
        self.check_told(record, False)

    def test_transfer_cancelled_by_mistake(self):
        """Told the next morning; one button makes the transfer again."""
        (record,) = self.import_orders(order(1))
        cancelled = self.pickings(record)
        cancelled.action_cancel()
        self.check_told(record, "unshipped.cancelled")
        self.assertIn(cancelled.name, record.unshipped)
        record.action_ship_again()
        self.assertFalse(record.unshipped_code)
        again = self.pickings(record) - cancelled
        self.assertEqual(again.state, "assigned")
        self.assertEqual(again.move_ids.product_uom_qty, 1)
        self.check_told(record, False)

    def test_one_of_two_destinations(self):
        (record,) = self.import_orders(self.two_destinations())
        first, second = self.pickings(record)
        self.ship(first, "111122223333")
        second.action_cancel()
        self.check_told(record, "unshipped.cancelled")
        self.assertIn(second.name, record.unshipped)
        record.action_ship_again()
        again = self.pickings(record) - first - second
        self.assertEqual(again.rakuten_basket_id, "7002")
        self.assertEqual(again.move_ids.product_id, self.product_b)

    def test_locked_sale_order(self):
        (record,) = self.import_orders(order(1))
        record.sale_order_id.action_lock()
        self.pickings(record).action_cancel()
        self.morning()
        record.action_ship_again()
        self.assertTrue(record.sale_order_id.locked)
        self.assertFalse(record.unshipped_code)

    def test_nothing_can_be_made(self):
        """Odoo makes no transfer of what is no goods any more: it says so."""
        (record,) = self.import_orders(order(1))
        self.pickings(record).action_cancel()
        self.morning()
        record.sale_order_id.order_line.product_uom_qty = 0
        with self.assertRaisesRegex(UserError, record.name):
            record.action_ship_again()

    def test_mended_by_hand(self):
        """What was told is over within the hour, however it was mended."""
        (record,) = self.import_orders(order(1))
        self.pickings(record).action_cancel()
        self.check_told(record, "unshipped.cancelled")
        record.sale_order_id.order_line._action_launch_stock_rule()
        self.env["rakuten.shop"]._cron_run("deadlines")
        self.assertFalse(record.unshipped_code)

    def test_shipped(self):
        (record,) = self.import_orders(order(1))
        self.ship(self.pickings(record), "111122223333")
        self.check_told(record, False)
        self.shop.action_export_shipments()
        self.check_told(record, False)

    def test_left_without_a_number(self):
        """The dashboard's own figure tells of it."""
        (record,) = self.import_orders(order(1))
        self.ship(self.pickings(record), False)
        self.check_told(record, False)
        self.assertEqual(self.shop.unnumbered_count, 1)

    def test_came_back(self):
        (record,) = self.import_orders(order(1))
        delivery = self.pickings(record)
        self.ship(delivery, "111122223333")
        back = open_return(delivery, lambda move: move.quantity)
        back.move_ids.picked = True
        back.button_validate()
        self.check_told(record, "unshipped.returned")
        self.assertIn(delivery.name, record.unshipped)

    def test_sale_order_cancelled(self):
        (record,) = self.import_orders(order(1))
        record.sale_order_id._action_cancel()
        self.check_told(record, "unshipped.sale_cancelled")
        self.assertIn(record.sale_order_id.name, record.unshipped)

    def test_cancelled_at_rakuten(self):
        """It is over at once when Rakuten does not wait for it any more."""
        (record,) = self.import_orders(order(1))
        self.pickings(record).action_cancel()
        self.check_told(record, "unshipped.cancelled")
        self.rms.orders[record.name]["orderProgress"] = 900
        self.shop._run("refresh")
        self.assertFalse(record.unshipped_code)

    def test_quotation(self):
        """Where orders are confirmed by hand, a quotation has a day; where not, none."""
        self.shop.auto_fulfil = False
        (record,) = self.import_orders(order(1))
        self.check_told(record, False)
        later = fields.Datetime.now() + timedelta(days=1, minutes=1)
        with self.freeze(later):
            self.check_told(record, "unshipped.quotation")
        self.shop.auto_fulfil = True
        self.check_told(record, "unshipped.quotation")
        record.sale_order_id.action_confirm()
        self.check_told(record, False)

    def test_without_goods(self):
        """Somebody has put a service in the place of the goods."""
        (record,) = self.import_orders(order(1))
        sale_order = record.sale_order_id
        self.pickings(record).action_cancel()
        self.pickings(record).unlink()
        sale_order.order_line.filtered("rakuten_basket_id").product_uom_qty = 0
        self.check_told(record, "unshipped.none")
        self.assertIn("1 of 1", record.unshipped)

    def test_held_with_a_reason(self):
        """Changed at Rakuten, blocked, set aside, a reference: a person knows."""
        changed, blocked, aside, reference = self.import_orders(
            order(1),
            order(2, [package(7001, [item("9", "NO-SUCH")])]),
            order(3, [package(7001, [item("9", "NO-SUCH")])]),
            order(4),
        )
        self.pickings(changed).move_ids.picked = True
        self.rms.orders[changed.name]["remarks"] = "いつもと違うご要望"
        self.rms.orders[changed.name]["PackageModelList"][0]["SenderModel"]["city"] = "中央区"
        self.shop._run("refresh")
        self.assertTrue(changed.changed)
        self.pickings(changed).action_cancel()
        aside.action_ignore()
        reference.sale_order_id.rakuten_reference = True
        self.pickings(reference).action_cancel()
        self.check_told(self.Order, False)
        self.assertEqual((blocked.state, aside.state), ("blocked", "ignored"))

    def test_not_imported(self):
        """What was fetched and neither imported nor blocked, for whatever reason."""
        (record,) = self.import_orders(order(1, [package(7001, [item("9", "NO-SUCH")])]))
        record.write({"state": "todo", "problem_code": False, "problem_details": False})
        self.check_told(record, "unshipped.todo")
        self.product_a.rakuten_sku_code = "NO-SUCH"
        record.action_retry()
        self.assertFalse(record.unshipped_code)

    def test_pick_pack_ship(self):
        """An open pick is a delivery in the making; a cancelled one is not."""
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        (record,) = self.import_orders(order(1))
        self.assertFalse(record._deliveries())
        self.check_told(record, False)
        record.sale_order_id.picking_ids.action_cancel()
        self.morning()
        self.assertTrue(record.unshipped_code)

    def test_said_in_the_job_s_sentence(self):
        (record,) = self.import_orders(order(1))
        self.pickings(record).action_cancel()
        self.assertIn("1 orders in 発送待ち", self.shop._run("reconcile"))

    def test_rakuten_does_not_answer(self):
        """Odoo's own look needs nobody else."""
        (record,) = self.import_orders(order(1))
        self.pickings(record).action_cancel()
        with (
            patch.object(type(self.rms), "search_order", side_effect=TemporarilyUnavailable()),
            mute_logger(f"{JOBS}.rakuten_shop"),
        ):
            self.morning()
        job = self.env["rakuten.job"].search(
            [("shop_id", "=", self.shop.id), ("job", "=", "reconcile")]
        )
        self.assertTrue(job.failing_since)
        self.assertTrue(record.unshipped_code)
