"""Delivery slip and packing list, as people read them."""

import base64
import io
from unittest.mock import patch

from lxml import html
from PIL import Image

from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ADDRESS, RakutenCase, item, order, package

SLIP = "odoo.addons.smartship_rakuten.models.warehouse.stock_picking_slip"
#: 合計 3,300, ポイント 100: Rakuten's own figures for what is billed.
TAXES = [
    {"taxRate": 0.1, "reqPrice": 2660, "reqPriceTax": 241},
    {"taxRate": 0.08, "reqPrice": 540, "reqPriceTax": 40},
]


@tagged("post_install", "-at_install")
class TestSlips(RakutenCase):
    def pages(self, report, pickings):
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            f"smartship_rakuten.{report}", pickings.ids
        )
        texts = [
            " ".join(" ".join(page.itertext()).split())
            for page in html.fromstring(content).find_class("rakuten_slip")
        ]
        # As it reads: the tags within a cell divide no words.
        return [
            text.replace(" 円", "円").replace("〒 ", "〒").replace("： ", "：") for text in texts
        ]

    def test_delivery_slip(self):
        """Goods, charges and what the buyer pays, in whole yen with tax."""
        (record,) = self.import_orders(
            order(
                1,
                [package(7001, [item(units=2), item("2", "CODE-B", price=500)], postage=600)],
                total=3300,
                request=3200,
                PointModel={"usedPoint": 100},
                SettlementModel={"settlementMethodCode": 9},
                TaxSummaryModelList=TAXES,
            )
        )
        self.shop.slip_message = "返品は7日以内に"
        for report in ("delivery_slip", "delivery_slip_label"):
            with self.subTest(report=report):
                (page,) = self.pages(report, record.sale_order_id.picking_ids)
                for text in (
                    "納品書",
                    record.name,
                    "〒100-0001",
                    "見本 太郎 様",
                    "ご注文日 2026-01-10",
                    "見本商品1 1,100円 2 2,200円",
                    "見本商品2 500円 1 500円",
                    "商品合計 2,700円",
                    "合計 3,300円",
                    "ポイント利用 -100円",
                    "ご請求額 3,200円",
                    "お支払方法：銀行振込",
                    "適格請求書は楽天市場の購入履歴から発行されます",
                    "備考 返品は7日以内に",
                ):
                    self.assertIn(text, page)
                self.assertNotIn("登録番号", page)
                self.assertNotIn("内消費税", page)

    def test_tax_block(self):
        """Only where the shop wants it, and in Rakuten's own figures."""
        self.company.vat = "T1234567890123"
        self.shop.slip_tax = True
        whole = order(
            11,
            [package(7001, [item(units=3)])],
            total=3300,
            request=3200,
            PointModel={"usedPoint": 100},
            TaxSummaryModelList=TAXES,
        )
        part = order(
            12,
            [package(7100, [item("1")]), package(7101, [item("2", "CODE-B")])],
            total=2200,
            TaxSummaryModelList=TAXES,
        )
        records = self.import_orders(whole, part, order(13, TaxSummaryModelList=TAXES))
        undetermined = [{**TAXES[0], "reqPriceTax": -9999}]
        records[2].payload = {**records[2].payload, "TaxSummaryModelList": undetermined}
        pages = self.pages("delivery_slip", records.sale_order_id.picking_ids.sorted("id"))
        told = [page for page in pages if "登録番号" in page]
        self.assertEqual(len(told), 1)
        for text in (
            "10%対象 2,660円 （内消費税 241円）",
            "8%対象 540円 （内消費税 40円）",
            "登録番号 T1234567890123",
        ):
            self.assertIn(text, told[0])
        self.assertNotIn("適格請求書", told[0])
        # Of a part, and of what is not settled, there are no figures of Rakuten's.
        others = [page for page in pages if page not in told]
        self.assertEqual(len(others), 3)
        for page in others:
            self.assertNotIn("内消費税", page)
            self.assertIn("適格請求書は楽天市場の購入履歴から発行されます", page)

    def test_logo_that_cannot_be_read(self):
        """What decorates costs no document."""
        (record,) = self.import_orders(order(14))
        logo = io.BytesIO()
        Image.new("RGB", (30, 10)).save(logo, "JPEG")
        self.shop.slip_logo = base64.b64encode(logo.getvalue())
        self.assertTrue(self.shop._slip_logo().startswith("data:image/png;base64,"))
        shop_log = "odoo.addons.smartship_rakuten.models.warehouse.rakuten_shop"
        with (
            patch(f"{shop_log}.image_process", side_effect=OSError("truncated")),
            mute_logger(shop_log),
        ):
            (page,) = self.pages("delivery_slip", record.sale_order_id.picking_ids)
        self.assertIn("ご請求額", page)

    def test_goods_from_two_places_are_one_line(self):
        """The buyer bought three; that they lie in two places is the warehouse's affair."""
        shelf = self.env["stock.location"].create(
            {"name": "A-01", "location_id": self.shop.warehouse_id.lot_stock_id.id}
        )
        (record,) = self.import_orders(order(15, [package(7001, [item(units=3)])], total=3300))
        picking = record.sale_order_id.picking_ids
        picking.move_ids.copy({"product_uom_qty": 1, "location_id": shelf.id})
        picking.move_ids[:1].product_uom_qty = 2
        self.assertEqual(len(picking.move_ids), 2)
        (page,) = self.pages("delivery_slip", picking)
        self.assertIn("見本商品1 1,100円 3 3,300円", page)
        self.assertIn("ご請求額 3,300円", page)
        (page,) = self.pages("packing_list", picking)
        self.assertIn("合計 3", page)

    def test_gift_shows_no_prices(self):
        entry = order(2, giftCheckFlag=1)
        other = order(3, [package(7001, [item()], SenderModel={**ADDRESS, "familyName": "受取"})])
        records = self.import_orders(entry, other)
        self.shop.slip_message = "またどうぞ"
        for page in self.pages("delivery_slip", records.sale_order_id.picking_ids):
            for word in ("円", "支払", "適格請求書", "お買い上げ", "またどうぞ"):
                self.assertNotIn(word, page)
            self.assertIn("見本商品1 1", page)

    def test_part_of_an_order_shows_no_totals(self):
        (record,) = self.import_orders(
            order(
                4,
                [package(7100, [item("1")]), package(7101, [item("2", "CODE-B")])],
                total=2200,
            )
        )
        pages = self.pages("delivery_slip", record.sale_order_id.picking_ids)
        self.assertEqual([page.count("1,100円 1 1,100円") for page in pages], [1, 1])
        self.assertFalse([page for page in pages if "ご請求額" in page])
        self.assertTrue(all("ご注文の一部のお届けです" in page for page in pages))

    def test_packing_list(self):
        (record,) = self.import_orders(
            order(
                5,
                [package(7001, [item(units=3)], noshi="内祝")],
                total=3300,
                remarks="ベルを鳴らさないで",
                deliveryDate="2026-01-20",
                shippingTerm=1820,
                DeliveryModel={"deliveryName": "クール便", "deliveryClass": 2},
            )
        )
        picking = record.sale_order_id.picking_ids
        for report in ("packing_list", "packing_list_label"):
            with self.subTest(report=report):
                (page,) = self.pages(report, picking)
                for text in (
                    "梱包リスト",
                    picking.name,
                    "ヤマト運輸",
                    "お届け 2026-01-20 18時～20時",
                    "冷蔵",
                    "のし：内祝",
                    "CODE-A 見本商品1 3",
                    "備考 ベルを鳴らさないで",
                    "発送期限 2026-01-19",
                ):
                    self.assertIn(text, page)

    def test_barcode_for_the_scanner(self):
        """What it says, the tracking import knows; without it the list prints as well."""
        (record,) = self.import_orders(order(8))
        (two,) = self.import_orders(
            order(9, [package(7100, [item("1")]), package(7101, [item("2")])], total=2200)
        )
        picking, (first, second) = record.sale_order_id.picking_ids, two.sale_order_id.picking_ids
        self.assertRegex(picking.name, r"^株式会社サ/OUT/[0-9]+$")
        self.assertEqual(picking._rakuten_printed_key(), ("Code128", record.name))
        self.assertEqual(first._rakuten_printed_key(), ("QR", first.name))
        self.assertEqual(second._rakuten_printed_key(), ("QR", second.name))
        second.name = "WH/OUT/77777"
        self.assertEqual(second._rakuten_printed_key(), ("Code128", "WH/OUT/77777"))
        wizard = self.env["rakuten.tracking.import"]
        for transfer in (picking, first, second):
            kind, text = transfer._rakuten_printed_key()
            self.assertEqual(wizard._find({text})[text][0], transfer)
            barcode = transfer._rakuten_barcode()
            self.assertEqual(barcode["kind"], kind)
            kind, _comma, data = barcode["uri"].partition(",")
            self.assertEqual(kind, "data:image/svg+xml;base64")
            svg = base64.decodebytes(data.encode())
            self.assertGreater(svg.count(b"<rect"), 40)
        with (
            patch(f"{SLIP}.createBarcodeDrawing", side_effect=ZeroDivisionError),
            mute_logger(SLIP),
        ):
            self.assertIsNone(picking._rakuten_barcode())
            (page,) = self.pages("packing_list", picking)
        self.assertIn(picking.name, page)

    def test_name_with_blanks_is_read_back(self):
        """Odoo's own company is My Company, its transfers My Co/OUT/00001."""
        (record,) = self.import_orders(order(10))
        picking = record.sale_order_id.picking_ids
        for name in ("My Co/OUT/00001", "A, B/OUT/00001", "株 サ/OUT/00001"):
            picking.name = name
            for text in (f"{name} 123456789013", f"{name}\n123456789013"):
                wizard = self.env["rakuten.tracking.import"].create({"mode": "text", "text": text})
                wizard.action_read()
                self.assertEqual(wizard.line_ids.picking_id, picking)
                self.assertEqual(wizard.line_ids.number, "123456789013")
                self.assertEqual(wizard.line_ids.outcome, "new")

    # === Printing === #

    def look(self, report, pickings):
        found = self.env["ir.actions.report"].rakuten_look_before_printing(
            f"smartship_rakuten.{report}", pickings.ids
        )
        return self.env["stock.picking"].browse(found["ids"]), found["message"]

    def test_printing_looks_at_rakuten(self):
        """One read for all; what is held prints as a page that says why, and nothing else does."""
        records = self.import_orders(order(6), order(7))
        pickings = records.sale_order_id.picking_ids.sorted("rakuten_order_number")
        self.rms.orders[records[1].name]["orderProgress"] = 800
        self.rms.calls.clear()
        found, message = self.look("packing_list", pickings)
        self.assertEqual(self.rms.names(), ["get_order"])
        self.assertEqual(found.ids, pickings.ids)
        self.assertIn(pickings[1].name, message)
        self.assertNotIn(pickings[0].name, message)
        free, held = self.pages("packing_list", found)
        self.assertIn("梱包リスト", free)
        self.assertIn("出荷保留", held)
        self.assertIn("800 キャンセル確定待ち", held)
        self.assertNotIn("見本商品1", held)
        self.assertEqual(pickings.mapped("printed"), [True, False])

    def test_what_was_amended_prints_as_it_is_now(self):
        (record,) = self.import_orders(order(16))
        picking = record.sale_order_id.picking_ids
        entry = self.rms.orders[record.name]
        entry["PackageModelList"][0]["ItemModelList"][0]["units"] = 2
        entry.update(goodsPrice=2200, totalPrice=2200, requestPrice=2200)
        found, message = self.look("packing_list", picking)
        self.assertEqual(found, picking)
        self.assertFalse(message)
        self.assertTrue(picking.printed)
        self.assertEqual(picking.move_ids.product_uom_qty, 2)
        (page,) = self.pages("packing_list", picking)
        self.assertNotIn("出荷保留", page)

    def test_rendering_reads_only(self):
        """Odoo renders on read-only routes: Rakuten is not called, nothing is written."""
        records = self.import_orders(order(17), order(18))
        self.rms.orders[records[1].name]["orderProgress"] = 400
        pickings = records.sale_order_id.picking_ids
        pickings.action_rakuten_check()
        reports = ("packing_list", "packing_list_label", "delivery_slip", "delivery_slip_label")
        # Odoo's stylesheets are written once.
        self.pages("packing_list", pickings)
        self.env.flush_all()
        self.env.invalidate_all()
        self.rms.calls.clear()
        for report in reports:
            with self.subTest(report=report), self.env.cr.savepoint():
                self.env.cr.execute("SET TRANSACTION READ ONLY")
                self.assertEqual(len(self.pages(report, pickings)), 2)
                self.env.flush_all()
        self.assertEqual(self.rms.names(), [])
        self.assertFalse(any(pickings.mapped("printed")))

    def test_unread_order_is_marked(self):
        (record,) = self.import_orders(order(19))
        picking = record.sale_order_id.picking_ids
        self.look("packing_list", picking)
        (page,) = self.pages("packing_list", picking)
        self.assertNotIn("楽天未確認", page)
        record.last_read = "2026-01-01 00:00:00"
        (page,) = self.pages("packing_list", picking)
        self.assertIn("楽天未確認", page)

    def test_other_reports_are_left_alone(self):
        Report = self.env["ir.actions.report"]
        (record,) = self.import_orders(order(20))
        picking = record.sale_order_id.picking_ids
        self.rms.calls.clear()
        for name in ("stock.report_deliveryslip", "stock.no_such_report"):
            found = Report.rakuten_look_before_printing(name, picking.ids)
            self.assertEqual(found, {"ids": picking.ids, "message": ""})
        self.assertEqual(self.rms.names(), [])
        with self.assertRaisesRegex(UserError, "None of these transfers"):
            self.pages("packing_list", self.env["stock.picking"])


@tagged("post_install", "-at_install")
class TestPrintMenu(HttpCase, RakutenCase):
    def test_looks_before_it_prints(self):
        """The menu Print of the list, as a warehouse user with stock rights uses it."""
        self.env["res.lang"]._activate_lang("en_US")
        user = new_test_user(
            self.env,
            "rakuten-printer",
            "stock.group_stock_user",
            lang="en_US",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        records = self.import_orders(order(1), order(2))
        held = records[1].sale_order_id.picking_ids
        self.rms.orders[records[1].name]["orderProgress"] = 800
        # Odoo's stylesheets for reports, which the first one of all waits for.
        self.env["ir.actions.report"]._render_qweb_html(
            "smartship_rakuten.packing_list", records.sale_order_id.picking_ids.ids
        )
        action = self.env.ref("stock.stock_picking_action_picking_type")
        self.start_tour(
            f"/odoo/action-{action.id}?cids={self.company.id}",
            "smartship_rakuten_print",
            login=user.login,
        )
        self.assertTrue(records[0].sale_order_id.picking_ids.printed)
        self.assertFalse(held.printed)
        self.assertIn("800", held.rakuten_hold_reason)
