"""Work is bounded: long texts are cut where they come from, shops take turns, and a clock that was
ahead stops nothing."""

import time
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from odoo.addons.smartship_rakuten.models.shop.clock import is_since, not_ahead
from odoo.addons.smartship_rakuten.rms import MalformedAnswer
from odoo.addons.smartship_rakuten.rules import waybill
from odoo.addons.smartship_rakuten.rules.shipping import shipping_facts

from .common import RakutenCase, item, order, package
from .rms_fixtures import RmsMockCase

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestLongTexts(BaseCase):
    def cell(self, text, limit, counts):
        column = waybill.Column("品名", "goods", limit=limit, counts=counts)
        findings = []
        return waybill._cell(column, "goods", text, findings), findings

    def test_a_long_text_is_cut_at_once(self):
        text = "置き配" * 50_000
        began = time.monotonic()
        kept, findings = self.cell(text, 16, "bytes")
        self.assertLess(time.monotonic() - began, 2)
        self.assertEqual(kept, "置き配置き配置き")
        self.assertEqual([finding.code for finding in findings], ["cut"])
        # half of a letter is none
        self.assertEqual(self.cell("置き配", 5, "bytes")[0], "置き")
        self.assertEqual(self.cell("aき配", 5, "bytes")[0], "aき配")
        self.assertEqual(self.cell("置き配", 2, "chars")[0], "置き")
        self.assertEqual(self.cell("置き配", 3, "chars")[0], "置き配")

    def test_facts_have_4000_letters(self):
        payload = order(
            1,
            [package(7001, [], noshi="の" * 5000, dropOffFlag=1, dropOffLocation="門" * 4000)],
            remarks="備" * 1_000_000,
        )
        facts = shipping_facts(payload, "7001")
        self.assertEqual(facts.remarks, "備" * 3999 + "…")
        self.assertEqual(facts.noshi, "の" * 3999 + "…")
        self.assertEqual(facts.drop_off, "門" * 4000)


@tagged("post_install", "-at_install")
class TestEndlessCatalogue(RmsMockCase):
    def pages(self, number_of):
        """An answer to each cursor; the next one is always a new one."""
        for page in range(30):
            hits = [{"item": {"manageNumber": number_of(page, n)}} for n in range(100)]
            body = {"results": hits, "nextCursorMark": f"c{page}"}
            self.answer("/es/2.0/items/search", body, method="GET")

    def test_the_same_for_ever(self):
        self.pages(lambda page, n: f"i{page % 3}-{n}")
        with self.assertRaises(MalformedAnswer) as caught:
            list(self.client().items_search())
        self.assertEqual(caught.exception.field, "nextCursorMark")
        self.assertEqual(len(self.requests), 4)

    def test_more_than_any_shop_has(self):
        self.pages(lambda page, n: f"i{page}-{n}")
        limit = patch("odoo.addons.smartship_rakuten.rms.items.SEARCH_PAGES", 5)
        with limit, self.assertRaises(MalformedAnswer):
            list(self.client().items_search())
        self.assertEqual(len(self.requests), 6)


@tagged("post_install", "-at_install")
class TestClocks(RakutenCase):
    def test_helpers(self):
        now = datetime(2026, 1, 10, 12)
        with self.at(now):
            self.assertTrue(is_since(now, now))
            self.assertTrue(is_since(now - DAY, now - DAY))
            self.assertFalse(is_since(now - DAY, now))
            self.assertFalse(is_since(now + DAY, now - DAY), "it lies ahead")
            self.assertFalse(is_since(False, now - DAY))
            self.assertEqual(not_ahead(now + DAY), now)
            self.assertEqual(not_ahead(now - DAY), now - DAY)

    def test_orders_read_in_the_future_are_not_known(self):
        """Stock is not raised on the word of a clock that was ahead."""
        self.shop.orders_read_at = fields.Datetime.now() + DAY
        self.shop._read_as_neighbour()
        self.assertIn("search_order", self.rms.names())
        self.assertLessEqual(self.shop.orders_read_at, fields.Datetime.now())

    def test_catalogue_read_in_the_future(self):
        ahead = fields.Datetime.now() + 30 * DAY
        self.shop.write({"last_full_catalogue": ahead, "last_catalogue_import": ahead})
        self.shop._run("catalogue_changes")
        self.assertEqual(self.rms.calls[-1], ("items_search", {}), "all is read")
        self.assertLessEqual(self.shop.last_full_catalogue, fields.Datetime.now())

    def test_changes_since_a_future_reading(self):
        now = datetime(2026, 1, 10, 12)
        with self.at(now):
            self.shop.write(
                {"last_full_catalogue": now - DAY, "last_catalogue_import": now + 30 * DAY}
            )
            self.shop._run("catalogue_changes")
        self.assertEqual(self.rms.calls[-1], ("items_search", {"updated_from": "2026-01-09"}))

    def test_order_read_in_the_future_was_not_read_now(self):
        """Its shipment is not reported on the word of an old reading."""
        (record,) = self.import_orders(order(1))
        self.ship(record.sale_order_id.picking_ids, "111122223333")
        record.last_read = fields.Datetime.now() + DAY
        with patch.object(type(self.shop), "_fetch", lambda *_args, **_options: None):
            self.shop._run("export")
        self.assertEqual(record.parcel_ids.state, "pending")
        self.shop._run("export")
        self.assertEqual(record.parcel_ids.state, "reported")

    def test_report_sent_in_the_future_is_settled(self):
        (record,) = self.import_orders(order(1))
        self.ship(record.sale_order_id.picking_ids, "111122223333")
        parcel = record.parcel_ids
        now = fields.Datetime.now()
        parcel.write(
            {"state": "sent", "sent_values": parcel._target_row(), "sent_at": now + 30 * DAY}
        )
        for minutes in (0, 4, 8, 12):
            with self.at(now + timedelta(minutes=minutes)):
                self.shop._run("export")
        self.assertEqual(parcel.state, "reported")
        self.assertEqual(self.rms.names().count("update_order_shipping"), 1)


@tagged("post_install", "-at_install")
class TestTurns(RakutenCase):
    def test_least_recently_served_first(self):
        """However the shops are sorted, and whichever was cut short."""
        now = datetime(2026, 1, 10, 12)
        first, second, third = self.shop | self.env["rakuten.shop"].create(
            [
                {
                    "name": f"Shop {number}",
                    "shop_number": number,
                    "company_id": self.company.id,
                    "sequence": 100,
                }
                for number in ("2", "3")
            ]
        )
        shops = first | second | third
        job = self.shop._jobs()["import"]
        Job = self.env["rakuten.job"]
        with self.at(now):
            self.assertEqual(shops._in_turn(job, shops), shops)
            for shop, started in ((first, now), (second, now - 2 * DAY), (third, now - DAY)):
                Job._of(shop, job).started_at = started
            self.assertEqual(shops._in_turn(job, shops), second | third | first)
            # one that begins in the future counts as begun now
            Job._of(second, job).started_at = now + DAY
            self.assertEqual(shops._in_turn(job, shops)[0], third)


@tagged("post_install", "-at_install")
class TestSentences(RakutenCase):
    def test_a_changed_remark_of_a_megabyte(self):
        (record,) = self.import_orders(order(1))
        self.rms.orders[record.name]["remarks"] = "備" * 1_000_000
        record.sale_order_id.picking_ids.printed = True
        self.shop._run("refresh")
        self.assertEqual(record.changed, f"remarks: – → {'備' * 199}…")
        self.assertLess(len(record.activity_ids.summary), 1000)
        self.assertEqual(len(record.sale_order_id.picking_ids.rakuten_remarks), 4000)

    def test_many_changes(self):
        lines = [{**line, "units": 1} for line in self.lines(30)]
        (record,) = self.import_orders(order(1, [package(7001, lines)], total=33_000))
        record.sale_order_id.picking_ids.printed = True
        entry = self.rms.orders[record.name]
        for line in entry["PackageModelList"][0]["ItemModelList"]:
            line["units"] = 2
        entry.update(goodsPrice=66_000, totalPrice=66_000, requestPrice=66_000)
        self.shop._run("refresh")
        # 30 quantities, the total and what is billed
        self.assertTrue(record.changed.endswith("; 12 more changes"), record.changed)

    def lines(self, count):
        return [item(str(n)) for n in range(1, count + 1)]


@tagged("post_install", "-at_install", "alone")
class TestPaceAhead(BaseCase):
    SHOP = 2_000_000_100

    def test_a_row_of_tomorrow_counts_as_now(self):
        registry = Registry(get_db_name())

        def execute(query, *params):
            with registry.cursor() as cr:
                cr.execute(query, params)

        self.addCleanup(execute, "DELETE FROM rakuten_pace WHERE shop_id = %s", self.SHOP)
        execute(
            "INSERT INTO rakuten_pace (shop_id, family, next_call) VALUES (%s, 'order', %s)",
            self.SHOP,
            time.time() + 86_400,
        )
        with registry.cursor() as cr:
            pace = api.Environment(cr, SUPERUSER_ID, {})["rakuten.pace"]
            first, second = (pace._reserve(self.SHOP, "order", 1.0) for _call in range(2))
        self.assertLess(first, 0.5)
        self.assertLess(second, 1.5)
        self.assertGreater(second, 0.5, "the pace is kept")
