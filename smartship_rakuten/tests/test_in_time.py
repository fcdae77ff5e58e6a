"""What takes longer than Odoo gives a scheduled action, or a person waits, stops in time, keeps
what is done and is gone on with at the next call."""

import time
from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from .common import RakutenCase, order

MODELS = "odoo.addons.smartship_rakuten.models"


@tagged("post_install", "-at_install")
class TestInTime(RakutenCase):
    def run_to_the_end(self, job, *, at_once=False):
        """Call a scheduled action, in each call of which the time is over as soon as somebody asks,
        as long as it wants to be called again.

        :return: how many calls it took
        """
        Shop = type(self.shop)
        cron = self.env.ref(self.shop._jobs()[job].cron)
        Trigger = self.env["ir.cron.trigger"]

        def commit(shop, processed=0, *, remaining=None):
            self.env.flush_all()
            # How many shops remain is asked between them.
            return 0 if remaining is None else 1

        calls, again = 0, True
        while again:
            calls += 1
            self.assertLess(calls, 20, "it does not come to an end")
            known = Trigger.search_count([("cron_id", "=", cron.id)])
            with patch.object(Shop, "_commit", commit):
                self.env["rakuten.shop"]._cron_run(job)
            again = Trigger.search_count([("cron_id", "=", cron.id)]) > known
            if not at_once:
                self.assertEqual(bool(self.row(job).waiting_since), again)
                self.assertEqual(bool(self.row(job).place), again)
        return calls

    def row(self, job):
        return self.env["rakuten.job"]._of(self.shop, self.shop._jobs()[job])

    # === Orders beside Rakuten's === #

    def test_orders_are_compared(self):
        records = self.import_orders(*map(order, range(1, 6)))
        gone, missing, different = records[0], order(7), self.rms.orders[records[4].name]
        del self.rms.orders[gone.name]
        self.rms.put(missing)
        different["requestPrice"] = 900
        records.last_read = False
        with (
            freeze_time("2026-01-12 03:00:00"),
            patch(f"{MODELS}.watch.rakuten_reconciliation.ORDERS_IN_MEMORY", 2),
        ):
            calls = self.run_to_the_end("reconcile")
        self.assertEqual(calls, 3, "six orders by twos")
        (report,) = self.shop.reconciliation_ids
        self.assertEqual(
            {line.name: line.kind for line in report.line_ids},
            {
                gone.name: "surplus",
                missing["orderNumber"]: "missing",
                records[4].name: "different",
            },
        )
        self.assertEqual(
            (report.missing_count, report.surplus_count, report.different_count), (1, 1, 1)
        )
        self.assertEqual((report.rakuten_count, report.odoo_count), (5, 5))
        self.assertEqual((report.rakuten_total, report.odoo_total), (4 * 1100 + 900, 5 * 1100))
        self.assertEqual((report.read_count, report.held_count, report.closed_count), (5, 0, 0))
        read = [number for name, value in self.rms.calls if name == "get_order" for number in value]
        self.assertEqual(
            sorted(read[-6:]), sorted([*records.mapped("name"), "123456-20260110-0000000007"])
        )

    def test_a_person_compares_in_one_go(self):
        self.import_orders(*map(order, range(1, 4)))
        Shop = type(self.shop)
        with (
            patch(f"{MODELS}.watch.rakuten_reconciliation.ORDERS_IN_MEMORY", 1),
            patch.object(Shop, "_commit", lambda *args, **how: 0),
            freeze_time("2026-01-12 03:00:00"),
        ):
            self.shop.action_reconcile()
        self.assertEqual(self.shop.reconciliation_ids.read_count, 3)

    # === The catalogue === #

    def page(self, name):
        return {
            "manageNumber": name,
            "itemNumber": name.upper(),
            "title": f"見本 {name}",
            "variants": {"normal-inventory": {"standardPrice": 1100}},
        }

    def skus(self):
        skus = self.env["rakuten.sku"].search([("shop_id", "=", self.shop.id)])
        return {sku.manage_number: sku for sku in skus}

    def test_the_catalogue_is_read(self):
        """All of it, in calls that end amidst a page, between two and while products are made."""
        self.rms.items = [self.page("gone"), self.page("code-a")]
        self.shop.action_import_skus()
        self.shop.create_products = True
        self.rms.items = [self.page(name) for name in ("a", "b", "c", "d", "code-a")]
        self.rms.items_per_page = 2
        self.shop.last_full_catalogue = datetime(2025, 1, 1)
        self.rms.calls.clear()
        with (
            patch(f"{MODELS}.products.rakuten_sku_catalogue.SKUS_PER_COMMIT", 1),
            patch(f"{MODELS}.shop.rakuten_guard.RECORDS", 1),
            freeze_time("2026-01-12 03:00:00"),
        ):
            calls = self.run_to_the_end("catalogue_changes")
        # a | (a) b | c | (c) d | code-a and the first products
        self.assertEqual(calls, 5)
        found = self.skus()
        self.assertEqual(
            {name: sku.in_catalogue for name, sku in found.items()},
            {"gone": False, **dict.fromkeys(("a", "b", "c", "d", "code-a"), True)},
        )
        self.assertEqual(found["code-a"].product_id, self.product_a)
        self.assertEqual(
            [found[name].product_id.default_code for name in ("a", "b", "c", "d")],
            ["A", "B", "C", "D"],
        )
        self.assertEqual(len(found["a"].product_id.product_tmpl_id.product_variant_ids), 1)
        self.assertEqual(self.shop.last_full_catalogue, datetime(2026, 1, 12, 3))
        self.assertEqual(self.rms.names(), ["items_search"] * 5)

    def test_products_are_made(self):
        self.rms.items = [self.page(f"i{number:02d}") for number in range(45)]
        self.shop.action_import_skus()
        self.shop.create_products = True
        self.shop.last_full_catalogue = datetime(2025, 1, 1)
        with freeze_time("2026-01-12 03:00:00"):
            calls = self.run_to_the_end("catalogue_changes")
        self.assertEqual(calls, 3, "45 items by twenties")
        self.assertTrue(all(sku.product_id for sku in self.skus().values()))

    def test_a_reading_that_failed_begins_anew(self):
        self.rms.items = [self.page(name) for name in ("a", "b", "c")]
        self.shop.action_import_skus()
        row = self.row("catalogue_changes")
        row.place = {"began": "2026-01-01 00:00:00", "updated_from": None, "cursor": "lost"}
        Sku = type(self.env["rakuten.sku"])
        with patch.object(Sku, "_import_catalogue", side_effect=ValueError):
            # Not the test case's own assertRaises, which rolls back.
            try:
                self.shop._run("catalogue_changes")
            except ValueError:
                self.assertFalse(row.place)
            else:
                self.fail("nothing was raised")

    # === Stock === #

    def test_stock_is_compared(self):
        skus = self.env["rakuten.sku"].create(
            [
                {
                    "shop_id": self.shop.id,
                    "manage_number": f"item-{number}",
                    "variant_id": "normal-inventory",
                    "in_catalogue": True,
                    "product_id": self.product_a.id,
                }
                for number in range(5)
            ]
        )
        self.shop.sync_inventory = True
        self.shop._run("inventory")
        for number in (1, 4):
            self.rms.stock[f"item-{number}", "normal-inventory"] = 7
        self.rms.calls.clear()
        with patch(f"{MODELS}.stock.rakuten_sku_stock.SKUS_PER_READING", 2):
            calls = self.run_to_the_end("compare")
        self.assertEqual(calls, 3)
        self.assertEqual(set(self.rms.stock.values()), {50})
        read = [pair[0] for name, pairs in self.rms.calls if name == "bulk_get" for pair in pairs]
        self.assertEqual(read, [f"item-{number}" for number in range(5)], "each once")
        drifts = self.env["rakuten.stock.push"].search([("outcome", "=", "drift")])
        self.assertEqual(drifts.sku_id, skus[1] | skus[4])
        self.assertEqual(
            self.row("compare").sentence, "5 SKUs compared, 2 of them differ from Rakuten."
        )
        self.assertFalse(any(skus.mapped("stock_due")))

    # === Reports, for whoever presses the button === #

    def shipped(self, *numbers):
        records = self.import_orders(*map(order, numbers))
        self.ship(records.sale_order_id.picking_ids, *(f"40000000{n:04d}" for n in numbers))
        return records

    def press_report(self):
        """:return: what a person is told whose time is over at the first step"""
        Shop = type(self.shop)
        with patch.object(Shop, "_commit", lambda *args, **how: self.env.flush_all() or 0):
            return self.shop.action_export_shipments()["params"]["message"]

    def test_a_person_waits_for_one_batch(self):
        records = self.shipped(1, 2, 3)
        with patch(f"{MODELS}.shipments.rakuten_parcel.ORDERS_PER_CALL", 1):
            said = self.press_report()
            self.assertEqual(
                said,
                "1 parcels reported to Rakuten. The time for one run is over; the rest follows "
                "within minutes.",
            )
            self.assertEqual(self.rms.names().count("update_order_shipping"), 1)
            self.assertTrue(self.row("export").waiting_since)
            self.env["rakuten.shop"]._cron_run("export")
        self.assertEqual(set(records.parcel_ids.mapped("state")), {"reported"})

    def test_a_person_does_not_wait_for_results(self):
        records = self.shipped(1, 2)
        result = self.rms.get_result_update_order_shipping_async
        self.rms.get_result_update_order_shipping_async = lambda request_id: None
        with patch(f"{MODELS}.shipments.rakuten_parcel.time.sleep") as sleep:
            said = self.press_report()
        self.assertIn("0 parcels reported to Rakuten. The time for one run is over", said)
        sleep.assert_not_called()
        self.rms.get_result_update_order_shipping_async = result
        self.env["rakuten.shop"]._cron_run("export")
        self.assertEqual(set(records.parcel_ids.mapped("state")), {"reported"})
        self.assertEqual(self.rms.names().count("update_order_shipping_async"), 1)

    def test_nobody_waits_while_results_are_awaited(self):
        self.shipped(1, 2)
        slept = []

        def sleep(seconds):
            with self.shop._exclusive():
                slept.append(seconds)

        self.rms.get_result_update_order_shipping_async = lambda request_id: None
        with patch(f"{MODELS}.shipments.rakuten_parcel.time.sleep", sleep):
            self.shop._run("export")
        self.assertEqual(len(slept), 5)

    def test_seconds_of_a_person(self):
        """The shorter of Odoo's time and a person's."""
        Cron = type(self.env["ir.cron"])
        for odoo, person, least, most in (
            (float("inf"), 0, float("inf"), float("inf")),
            (float("inf"), 3600, 3000, 3600),
            (5, 3600, 5, 5),
            (5, -1, 0, 0),
        ):
            shop = self.shop
            if person:
                shop = shop.with_context(rakuten_until=time.monotonic() + person)
            with (
                self.subTest(odoo=odoo, person=person),
                patch("odoo.modules.module.current_test", False),
                patch.object(Cron, "_commit_progress", lambda *args, s=odoo, **how: s),
            ):
                seconds = shop._commit()
                self.assertTrue(least <= seconds <= most, seconds)
        self.assertFalse(self.shop._in_person(0).env.context.get("rakuten_until"))
        until = self.shop._in_person(3600).env.context["rakuten_until"]
        self.assertLess(time.monotonic(), until)

    # === Personal data === #

    def test_persons_are_forgotten(self):
        """Whoever waits for something does not keep the others."""
        records = self.import_orders(*map(order, range(1, 5)))
        with freeze_time("2026-01-12 03:00:00"):
            for number, record in enumerate(records[1:]):
                self.ship(record.sale_order_id.picking_ids, f"40000000000{number}")
            self.shop._run("export")
        self.shop.retention_days = 30
        with (
            freeze_time("2026-03-01 00:00:00"),
            patch(f"{MODELS}.privacy.rakuten_shop.RECORDS_PER_COMMIT", 1),
        ):
            calls = self.run_to_the_end("anonymise", at_once=True)
        self.assertGreaterEqual(calls, 3)
        self.assertEqual(records.mapped("personal_data_removed"), [False, True, True, True])
