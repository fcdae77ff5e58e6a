"""A shop's first day, over real HTTP: orders that were there before Odoo, with plans, labels and
months on their backs. Nothing is shipped twice, forgotten or held for ever.
"""

from collections import Counter

from odoo.tests import tagged

from .campaign import figures
from .sandbox import SandboxCase

PLANS = ("planned_date", "planned_shipping", "carrier_only", "dash_number")
LABELS = ("label_printed", "label_number_only")
OLD = ("placed_long_ago",)


@tagged("post_install", "-at_install")
class TestFirstDay(SandboxCase):
    #: Orders of each kind.
    orders = {
        "simple": 10,
        "planned_date": 3,
        "planned_shipping": 2,
        "carrier_only": 2,
        "dash_number": 3,
        "label_printed": 4,
        "label_number_only": 2,
        "placed_long_ago": 2,
    }

    def setUp(self):
        super().setUp()
        self.shop = self.open_shop("first_day", items=6, seed=3)
        self.kind = {}
        for kind, count in self.orders.items():
            numbers = self.sandbox.control("orders", count=count, kinds=[kind])["order_numbers"]
            self.kind.update(dict.fromkeys(numbers, kind))

    def of(self, *kinds):
        return sum(self.orders[kind] for kind in kinds)

    def preview(self):
        wizard = self.env["rakuten.order.import"].create({"shop_id": self.shop.id})
        wizard.action_preview()
        return wizard

    def ship(self, pickings):
        """With the label that lies there, else with one that is printed now."""
        for picking in pickings:
            if not picking.carrier_tracking_ref:
                picking.carrier_tracking_ref = f"4{picking.id:011d}"
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty
            picking.move_ids.picked = True
            picking.button_validate()
            self.assertEqual(picking.state, "done")

    def test_first_day(self):
        wizard = self.preview()
        counts = Counter(wizard.line_ids.mapped("outcome"))
        self.assertEqual(counts["label"], self.of(*LABELS))
        self.assertEqual(counts["too_old"], self.of(*OLD))
        self.assertEqual(counts["import"], self.of("simple", *PLANS))
        # One click for the old ones, one answer for all labels.
        wizard.action_move_start()
        self.assertEqual(
            Counter(wizard.line_ids.mapped("outcome")),
            {"label": self.of(*LABELS), "import": self.of("simple", *PLANS, *OLD)},
        )
        wizard.label_decision = "take_over"
        wizard.action_import()
        records = self.env["rakuten.order"].search([("shop_id", "=", self.shop.id)])
        self.assertEqual(set(records.mapped("name")), set(self.kind))
        self.assertEqual(set(records.mapped("state")), {"done"}, records.mapped("problem"))
        pickings = records.sale_order_id.picking_ids
        self.assertEqual(pickings.filtered("rakuten_held").mapped("rakuten_hold_reason"), [])
        self.assertFalse(records.filtered("reference"))
        # Half leaves today; of the rest Rakuten closes at midnight what has complete rows.
        self.ship(pickings[::2])
        self.shop.action_export_shipments()
        self.sandbox.control("clock", advance_seconds=86400)
        self.shop._run("refresh")
        early = records.filtered(
            lambda order: order.progress == "500" and order.picking_ids.state != "done"
        )
        self.assertTrue(early)
        self.assertEqual({self.kind[name] for name in early.mapped("name")}, {"label_printed"})
        rest = pickings.filtered(lambda picking: picking.state != "done")
        self.assertEqual(rest.filtered("rakuten_held").mapped("rakuten_hold_reason"), [])
        self.ship(rest)
        self.shop.action_export_shipments()
        self.check(records)

    def check(self, records):
        """Each parcel is one row at Rakuten, with its own number and carrier, in the row that was
        there."""
        placed = self.sandbox.get("state?parts=orders")["orders"]
        for record in records:
            with self.subTest(self.kind[record.name]):
                picking = record.picking_ids
                (entry,) = placed[record.name]["PackageModelList"]
                (row,) = entry["ShippingModelList"]
                self.assertEqual(row["shippingNumber"], picking.carrier_tracking_ref)
                self.assertEqual(row["deliveryCompany"], picking._rakuten_company_code())
                self.assertEqual(record.parcel_ids.mapped("state"), ["reported"])
        figures(
            f"{len(records)} orders of which {self.of(*PLANS)} had plans, {self.of(*LABELS)} "
            f"labels and {self.of(*OLD)} were months old: two clicks and one answer, "
            f"{sum(self.kind[record.name] in LABELS for record in records)} numbers taken over, "
            "one row at Rakuten for each parcel"
        )


@tagged("-standard", "slow")
class TestFirstDayCampaign(TestFirstDay):
    orders = {
        "simple": 205,
        "planned_date": 25,
        "planned_shipping": 10,
        "carrier_only": 5,
        "dash_number": 10,
        "label_printed": 20,
        "label_number_only": 10,
        "placed_long_ago": 15,
    }
