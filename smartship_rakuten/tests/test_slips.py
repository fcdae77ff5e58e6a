"""Delivery slip and packing list, as people read them."""

from importlib.util import find_spec
from unittest.mock import patch

from lxml import html
from reportlab.graphics.utils import RenderPMError

from odoo.tests import tagged

from .common import ADDRESS, RakutenCase, item, order, package


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
            )
        )
        for report in ("delivery_slip", "delivery_slip_label"):
            with self.subTest(report=report):
                (page,) = self.pages(report, record.sale_order_id.picking_ids)
                for text in (
                    "納品書",
                    record.name,
                    "〒100-0001",
                    "見本 太郎 様",
                    "ご注文日 2026-01-10",
                    "見本商品1 2 2,200円",
                    "見本商品2 1 500円",
                    "商品合計 2,700円",
                    "合計 3,300円",
                    "ポイント利用 -100円",
                    "ご請求額 3,200円",
                ):
                    self.assertIn(text, page)

    def test_gift_shows_no_prices(self):
        entry = order(2, giftCheckFlag=1)
        other = order(3, [package(7001, [item()], SenderModel={**ADDRESS, "familyName": "受取"})])
        records = self.import_orders(entry, other)
        for page in self.pages("delivery_slip", records.sale_order_id.picking_ids):
            self.assertNotIn("円", page)
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
        self.assertEqual([page.count("1,100円") for page in pages], [1, 1])
        self.assertFalse([page for page in pages if "ご請求額" in page])

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
        self.assertTrue(picking.printed)

    def test_barcode_for_the_scanner(self):
        """The transfer's name, where reportlab can draw; the list prints without it elsewhere."""
        (record,) = self.import_orders(order(8))
        picking = record.sale_order_id.picking_ids
        can_draw = find_spec("_rl_renderPM") is not None
        self.assertEqual(picking._rakuten_barcode().startswith("data:image/png;base64,"), can_draw)
        with patch.object(
            type(self.env["ir.actions.report"]), "barcode", side_effect=RenderPMError("no")
        ):
            self.assertEqual(picking._rakuten_barcode(), "")
            (page,) = self.pages("packing_list", picking)
        self.assertIn(picking.name, page)

    def test_printing_looks_at_rakuten(self):
        """One read for all; what is held prints as a page that says why, and nothing else does."""
        records = self.import_orders(order(6), order(7))
        pickings = records.sale_order_id.picking_ids.sorted("rakuten_order_number")
        self.rms.orders[records[1].name]["orderProgress"] = 800
        self.rms.calls.clear()
        free, held = self.pages("packing_list", pickings)
        self.assertEqual(self.rms.names(), ["get_order"])
        self.assertIn("梱包リスト", free)
        self.assertIn("出荷保留", held)
        self.assertIn("800 キャンセル確定待ち", held)
        self.assertNotIn("見本商品1", held)
        self.assertEqual(pickings.mapped("printed"), [True, False])
