"""Lots whose removal date passes."""

from datetime import datetime, timedelta

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.tests.test_stock import A, StockCase

NOON = datetime(2026, 3, 10, 12)


@tagged("post_install", "-at_install")
class TestExpiry(StockCase):
    """60 units of product A: 50 that keep, 10 that are to be removed at noon."""

    def setUp(self):
        super().setUp()
        self.product = self.env["product.product"].create(
            {
                "name": "Product C",
                "is_storable": True,
                "tracking": "lot",
                "use_expiration_date": True,
            }
        )
        self.sku_a.product_id = self.product
        keeps, self.lot = self.env["stock.lot"].create(
            [
                {"name": name, "product_id": self.product.id, "company_id": self.company.id}
                for name in ("keeps", "expires")
            ]
        )
        self.startPatcher(self.freeze(NOON - timedelta(days=9)))
        keeps.removal_date = False
        self.lot.removal_date = NOON
        for lot, units in ((keeps, 50), (self.lot, 10)):
            self.env["stock.quant"]._update_available_quantity(
                self.product, self.location, units, lot_id=lot
            )

    def sync_at(self, moment):
        with self.at(moment):
            return self.sync()

    def test_leaves_on_the_day(self):
        """With the first run of the day of its removal date, though nobody has touched anything."""
        for kind in ("free", "on_hand", "forecast"):
            with self.subTest(kind=kind):
                self.shop.removals_seen_on = False
                self.shop.stock_kind = kind
                self.sync_at(NOON - timedelta(days=1))
                self.assertEqual(self.rms.stock[A], 60)
                self.assertEqual(self.sync_at(NOON - timedelta(hours=13)), set())
                self.assertEqual(self.sync_at(NOON - timedelta(hours=11)), {A})
                self.assertEqual(self.rms.stock[A], 50)
                for hours in (-10, 1, 13):
                    self.assertEqual(self.sync_at(NOON + timedelta(hours=hours)), set())
                self.assertEqual(self.rms.stock[A], 50)

    def test_days_without_a_run(self):
        self.sync_at(NOON - timedelta(days=3))
        self.assertEqual(self.rms.stock[A], 60)
        self.assertEqual(self.sync_at(NOON + timedelta(days=3)), {A})
        self.assertEqual(self.rms.stock[A], 50)

    def test_date_that_is_changed(self):
        before = NOON - timedelta(days=5)
        self.sync_at(before)
        with self.at(before):
            self.lot.removal_date = before - timedelta(days=1)
        self.assertEqual(self.sync_at(before), {A})
        self.assertEqual(self.rms.stock[A], 50)
        with self.at(before):
            self.lot.removal_date = NOON + timedelta(days=30)
        self.assertEqual(self.sync_at(before), {A})
        self.assertEqual(self.rms.stock[A], 60)

    def test_what_is_reserved_counts_once(self):
        """A reservation of the lot is off the free stock already."""
        move = self.move(self.product, 55, self.location, self.customers)
        move._action_assign()
        lines = move.move_line_ids.filtered(lambda line: line.lot_id == self.lot)
        self.assertEqual(sum(lines.mapped("quantity")), 5)
        # All of the others are reserved and half of the lot: its other half is left before the day.
        for moment, left in ((NOON - timedelta(days=1), 5), (NOON, 0)):
            with self.at(moment):
                self.assertEqual(self.sku_a._sellable(self.shop), {self.sku_a: left})

    def test_locations_that_do_not_count(self):
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "location_id": self.location.id, "usage": "internal"}
        )
        self.env["stock.quant"]._update_available_quantity(self.product, shelf, 4, lot_id=self.lot)
        self.shop.stock_left_out_ids = shelf
        for kind in ("free", "on_hand", "forecast"):
            self.shop.stock_kind = kind
            for moment, left in ((NOON - timedelta(days=1), 60), (NOON, 50)):
                with self.subTest(kind=kind, moment=moment), self.at(moment):
                    self.assertEqual(self.sku_a._sellable(self.shop), {self.sku_a: left})
