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
#: 配送方法 that are not what the shop has by default, and what the shop keeper chooses for them.
METHODS = {
    "home_delivery": ("宅配便", None, "yamato"),
    "mail_delivery": ("メール便", None, "nekopos"),
    "cool_delivery": ("クール便", "2", "cool"),
    "frozen_delivery": ("クール便", "3", "sagawa"),
}


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
        "home_delivery": 1,
        "mail_delivery": 2,
        "cool_delivery": 1,
        "frozen_delivery": 1,
    }

    def setUp(self):
        super().setUp()
        self.shop = self.open_shop("first_day", items=6, seed=3)
        # What it sends by: two of ヤマト運輸's services besides the usual one.
        yamato = self.env.ref("smartship_rakuten.delivery_carrier_yamato")
        self.carriers = {
            "yamato": yamato,
            "sagawa": self.env.ref("smartship_rakuten.delivery_carrier_sagawa"),
            "nekopos": yamato.copy(),
            "cool": yamato.copy(),
        }
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

    def choose(self, wizard):
        """A carrier for each 配送方法 that the preview names.

        :return: how many lines were filled in
        """
        # メール便 would go by the one delivery method of 日本郵便, whom Rakuten names.
        self.assertEqual(
            {name.partition(" (")[0] for name in wizard.unknown_deliveries.split(", ")},
            {"宅配便", "クール便"},
        )
        listed = self.env["rakuten.delivery.method"].search(
            wizard.action_choose_deliveries()["domain"]
        )
        self.assertEqual(set(listed.mapped("name")), {"宅配便", "メール便", "クール便"})
        carriers = self.carriers
        for name, kind, carrier in METHODS.values():
            line = listed.filtered(
                lambda line, name=name: line.name == name and not line.carrier_id
            )
            values = {"delivery_class": kind, "carrier_id": carriers[carrier].id}
            if line:
                line.write(values)
            else:
                listed.create({"shop_id": self.shop.id, "name": name, **values})
        self.chosen = {kind: carriers[METHODS[kind][2]] for kind in METHODS}
        return len(METHODS)

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
        self.assertEqual(counts["import"], self.of("simple", *PLANS, *METHODS))
        lines = self.choose(wizard)
        # One click for the old ones, one answer for all labels.
        wizard.action_move_start()
        self.assertEqual(
            Counter(wizard.line_ids.mapped("outcome")),
            {"label": self.of(*LABELS), "import": self.of("simple", *PLANS, *OLD, *METHODS)},
        )
        self.assertFalse(wizard.unknown_deliveries)
        wizard.label_decision = "take_over"
        wizard.action_import()
        records = self.env["rakuten.order"].search([("shop_id", "=", self.shop.id)])
        self.assertEqual(set(records.mapped("name")), set(self.kind))
        self.assertEqual(set(records.mapped("state")), {"done"}, records.mapped("problem"))
        for record in records.filtered(lambda order: self.kind[order.name] in METHODS):
            with self.subTest(self.kind[record.name]):
                self.assertEqual(record.picking_ids.carrier_id, self.chosen[self.kind[record.name]])
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
        self.check(records, lines)

    def check(self, records, lines):
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
            f"labels, {self.of(*OLD)} were months old and {self.of(*METHODS)} had delivery methods "
            f"of their own: two clicks, one answer and {lines} carriers chosen, "
            f"{sum(self.kind[record.name] in LABELS for record in records)} numbers taken over, "
            "one row at Rakuten for each parcel"
        )


@tagged("-standard", "slow")
class TestFirstDayCampaign(TestFirstDay):
    orders = {
        "simple": 193,
        "planned_date": 25,
        "planned_shipping": 10,
        "carrier_only": 5,
        "dash_number": 10,
        "label_printed": 20,
        "label_number_only": 10,
        "placed_long_ago": 15,
        "home_delivery": 3,
        "mail_delivery": 5,
        "cool_delivery": 2,
        "frozen_delivery": 2,
    }
