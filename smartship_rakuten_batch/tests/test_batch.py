"""Deliveries of Rakuten orders that are picked together in one of Odoo's batches."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.tests.amending import AmendCase
from odoo.addons.smartship_rakuten.tests.common import item, order, package
from odoo.addons.smartship_rakuten.tests.test_parcels import ParcelCase

#: A kind of each way in which Odoo follows a change.
HELD = ("recipient", "buyer", "fewer", "added", "points", "date")


@tagged("post_install", "-at_install")
class TestBatch(ParcelCase):
    def test_held_transfer_stops_the_batch(self):
        records = self.import_orders(order(2), order(3), order(4))
        pickings = records.sale_order_id.picking_ids
        batch = self.env["stock.picking.batch"].create({"picking_ids": [Command.set(pickings.ids)]})
        batch.action_confirm()
        for number, picking in enumerate(pickings):
            picking.carrier_tracking_ref = f"80000000000{number}"
        pickings.move_ids.picked = True
        self.rms.orders[records[1].name]["orderProgress"] = 400
        pickings.action_rakuten_check()
        with self.assertRaisesRegex(UserError, records[1].sale_order_id.picking_ids.name):
            batch.action_done()
        self.rms.orders[records[1].name]["orderProgress"] = 300
        pickings.action_rakuten_check()
        batch.action_done()
        self.export()
        for number, picking in enumerate(pickings):
            self.assertEqual(
                self.rows(picking.rakuten_order_id), {(7001, "1001", f"80000000000{number}")}
            )

    def test_order_that_changes(self):
        """It is amended while its batch is a draft, and left alone once the batch is picked."""
        self.shop.warehouse_id.out_type_id.auto_batch = False
        (record,) = self.import_orders(order(5))
        transfer = record.sale_order_id.picking_ids
        batch = self.env["stock.picking.batch"].create({"picking_ids": [Command.set(transfer.ids)]})
        self.rms.put(order(5, [package(7001, [item(units=2)])], total=2200))
        self.shop._run("refresh")
        self.assertEqual(record.sale_order_id.order_line.product_uom_qty, 2)
        transfer = record.sale_order_id.picking_ids.filtered(lambda p: p.state != "cancel")
        batch.picking_ids = [Command.set(transfer.ids)]
        batch.action_confirm()
        self.rms.put(order(5, [package(7001, [item(units=3)])], total=3300))
        self.shop._run("refresh")
        self.assertEqual(record.sale_order_id.order_line.product_uom_qty, 2)
        self.assertIn("2 → 3", record.changed)

    def test_paper_of_a_batch(self):
        """Work begins with it: it is not printed while Rakuten holds one of the transfers."""
        records = self.import_orders(order(6), order(7))
        transfers = records.sale_order_id.picking_ids
        batch = self.env["stock.picking.batch"].create(
            {"picking_ids": [Command.set(transfers.ids)]}
        )
        report = self.env.ref("stock_picking_batch.action_report_picking_batch")
        found = report.rakuten_look_before_printing(report.report_name, batch.ids)
        self.assertEqual(found, {"ids": batch.ids, "message": ""})
        report._get_rendering_context(report, batch.ids, {})
        self.assertEqual(transfers.mapped("printed"), [True, True])
        self.rms.orders[records[1].name]["orderProgress"] = 400
        transfers.action_rakuten_check()
        with self.assertRaisesRegex(UserError, records[1].sale_order_id.picking_ids.name):
            report.rakuten_look_before_printing(report.report_name, batch.ids)
        with self.assertRaisesRegex(UserError, records[1].sale_order_id.picking_ids.name):
            report._get_rendering_context(report, batch.ids, {})


@tagged("post_install", "-at_install")
class TestChangesInBatches(AmendCase):
    def beside(self, record):
        return [record.sale_order_id.picking_ids.batch_id]

    def test_automatic_batches(self):
        """Odoo batches and confirms by itself: that is nobody's work."""
        self.shop.warehouse_id.out_type_id.write(
            {"auto_batch": True, "batch_group_by_partner": True, "batch_auto_confirm": True}
        )

        def is_batched(record):
            self.assertEqual(record.sale_order_id.picking_ids.batch_id.state, "in_progress")

        lists = {f"stock.picking.batch:{name}" for name in ("move_ids", "move_line_ids")}
        self.check_changes(
            arrange=is_batched,
            touches=lists,
            comes={"destination": {"stock.picking.batch": 1}},
        )

    def test_automatic_batch_that_somebody_has_taken(self):
        self.shop.warehouse_id.out_type_id.write(
            {"auto_batch": True, "batch_group_by_partner": True, "batch_auto_confirm": True}
        )

        def take(record):
            record.sale_order_id.picking_ids.batch_id.user_id = self.env.ref("base.user_admin")

        self.check_changes(arrange=take, held=HELD, kinds=HELD)

    def test_batch_that_somebody_has_confirmed(self):
        """Where Odoo makes no batches by itself, which cannot be told from a person's."""
        self.shop.warehouse_id.out_type_id.auto_batch = False

        def confirm(record):
            self.env["stock.picking.batch"].create(
                {"picking_ids": [Command.set(record.sale_order_id.picking_ids.ids)]}
            ).action_confirm()

        self.check_changes(arrange=confirm, held=HELD, kinds=HELD)
