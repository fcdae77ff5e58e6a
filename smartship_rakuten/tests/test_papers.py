"""The papers as paper: where texts stand and lines are drawn, in both programs that print them.

``SMARTSHIP_PAPERS=folder`` keeps each document there as HTML, PDF and pictures, to be looked at.
"""

import base64
import io
import logging
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import pdfplumber
from PIL import Image

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ADDRESS, RakutenCase, item, order, package

_logger = logging.getLogger(__name__)
# Chromium's fonts say less of themselves than it asks for.
logging.getLogger("pdfminer").setLevel(logging.ERROR)
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
MM = 72 / 25.4
RED = (0.8, 0, 0)


def unlimited():
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class PaperCase(RakutenCase):
    """Prints as Odoo does, with its stylesheets within the document: no server has to run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.can_print():
            raise unittest.SkipTest(f"{cls.program} is not installed")
        bundles = ("web.report_assets_pdf", "web.report_assets_common")
        cls.css = "".join(
            cls.env["ir.qweb"]._get_asset_bundle(name, css=True, js=False).css().raw.decode()
            for name in bundles
        )

    def document(self, name, pickings):
        report = self.env.ref(f"smartship_rakuten.action_report_{name}")
        html, _kind = report._render_qweb_html(report, pickings.ids)
        bodies, _ids, header, footer, arguments = report._prepare_html(
            html, report_model=report.model
        )
        self.assertEqual(len(bodies), 1, "not every wkhtmltopdf can join several documents")
        body = str(bodies[0])
        body = body[: body.index("<link")] + f"<style>{self.css}</style>" + self.behind_links(body)
        return report, body, header, footer, arguments

    @staticmethod
    def behind_links(body):
        last = body.rindex("<link")
        return body[body.index(">", last) + 1 :]

    def paper(self, name, pickings, keep):
        """:return: the printed pages, as pdfplumber has them"""
        report, body, *others = self.document(name, pickings)
        data = self.print_pdf(report, body, *others)
        folder = os.environ.get("SMARTSHIP_PAPERS")
        pdf = pdfplumber.open(io.BytesIO(data))
        self.addCleanup(pdf.close)
        # Where a font has no bold letters they are printed twice.
        pages = [page.dedupe_chars(tolerance=1.5) for page in pdf.pages]
        if folder:
            path = Path(folder) / f"{self.program}-{keep}"
            path.with_suffix(".html").write_text(body)
            path.with_suffix(".pdf").write_bytes(data)
            for number, page in enumerate(pdf.pages[:4], start=1):
                page.to_image(resolution=100, antialias=True).save(f"{path}-{number}.png")
        return pages


class Wkhtmltopdf:
    program = "wkhtmltopdf"

    @classmethod
    def can_print(cls):
        return cls.env["ir.actions.report"].get_wkhtmltopdf_state() not in ("install", "broken")

    def print_pdf(self, report, body, header, footer, arguments):
        return report._run_wkhtmltopdf(
            [body],
            report_ref=report,
            header=header,
            footer=footer,
            specific_paperformat_args=arguments,
        )


class Chromium:
    program = "chromium"

    @classmethod
    def can_print(cls):
        return bool(CHROMIUM)

    def print_pdf(self, report, body, header, footer, arguments):
        paper = report.paperformat_id
        width, height = (
            (paper.page_width, paper.page_height) if paper.format == "custom" else (210, 297)
        )
        page = f"@page {{ size: {width}mm {height}mm; margin: {paper.margin_top}mm; }}"
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "a.html", Path(folder) / "a.pdf"
            source.write_text(body.replace("</head>", f"<style>{page}</style></head>", 1))
            subprocess.run(
                [
                    CHROMIUM,
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--no-pdf-header-footer",
                    f"--user-data-dir={folder}/profile",
                    f"--print-to-pdf={target}",
                    source.as_uri(),
                ],
                check=True,
                capture_output=True,
                timeout=120,
                # It reserves more than Odoo allows its own process.
                preexec_fn=unlimited,
            )
            return target.read_bytes()


class Papers:
    """The layout, whatever program prints it."""

    # === Looking at a page === #

    def words(self, page):
        return page.extract_words()

    def find(self, page, text):
        """The box around a text that stands in one line."""
        found = self.boxes(page, text)
        self.assertTrue(found, f"{text} is not in: {page.extract_text()}")
        return found[0]

    def boxes(self, page, text):
        """Blanks within it do not matter: letters that are set wide look as if they had some."""
        return page.search(r"[ \u3000]*".join(map(re.escape, text.replace(" ", ""))))

    def lines_below(self, page, top, bottom):
        """Horizontal lines between two heights, by where they are."""
        return sorted({round(e["top"]) for e in page.horizontal_edges if top < e["top"] < bottom})

    def assert_framed(self, page, text):
        """A line above, below and on each side of a text."""
        box, near = self.find(page, text), 25 * MM
        across = [e for e in page.horizontal_edges if e["x0"] < box["x0"] and e["x1"] > box["x1"]]
        beside = [e for e in page.vertical_edges if e["top"] < box["top"] < e["bottom"]]
        sides = {
            "above": [e for e in across if box["top"] - near < e["top"] <= box["top"] + 1],
            "below": [e for e in across if box["bottom"] - 1 <= e["top"] < box["bottom"] + near],
            "left": [e for e in beside if box["x0"] - near < e["x0"] <= box["x0"]],
            "right": [e for e in beside if box["x1"] <= e["x0"]],
        }
        self.assertFalse([side for side, found in sides.items() if not found], text)

    def assert_column(self, page, head, *texts):
        """Numbers stand below their heading, right-aligned with it."""
        heading = self.find(page, head)
        for text in texts:
            boxes = [
                box
                for box in self.boxes(page, text)
                if abs(box["x1"] - heading["x1"]) < 1.5 * MM and box["top"] > heading["bottom"] - 2
            ]
            self.assertTrue(boxes, f"{text} does not stand below {head}")

    def import_one(self, sequence, *args, **values):
        (record,) = self.import_orders(order(sequence, *args, **values))
        return record.sale_order_id.picking_ids

    def full_order(self, sequence, **values):
        return self.import_one(
            sequence,
            [
                package(
                    7001,
                    [
                        item(units=2, selectedChoice="カラー:生成り\nサイズ:M"),
                        item("2", "CODE-B", price=12500, units=12),
                    ],
                    postage=600,
                    noshi="内祝",
                )
            ],
            total=152800,
            request=152300,
            PointModel={"usedPoint": 500},
            SettlementModel={"settlementMethodCode": 1},
            remarks="ベルを鳴らさないでください",
            **values,
        )

    # === Papers === #

    def test_delivery_slip(self):
        picking = self.full_order(1)
        logo = io.BytesIO()
        Image.new("RGB", (300, 100), (0, 110, 60)).save(logo, "PNG")
        self.shop.slip_logo = base64.b64encode(logo.getvalue())
        self.shop.slip_message = "返品は到着後7日以内にご連絡ください。\n営業時間 10時～17時"
        for name, width, height in (
            ("delivery_slip", 210, 297),
            ("delivery_slip_label", 100, 150),
        ):
            with self.subTest(name=name):
                (page,) = self.paper(name, picking, name)
                self.assertAlmostEqual(page.width / MM, width, delta=1)
                self.assertAlmostEqual(page.height / MM, height, delta=1)
                self.assertEqual(len(page.images), 1)
                title = self.find(page, "納品書")
                middle = (title["x0"] + title["x1"]) / 2
                self.assertAlmostEqual(middle, page.width / 2, delta=6 * MM)
                # In one line, and whoever sends it stands beside whoever gets it.
                self.find(page, f"ご注文番号 {picking.rakuten_order_number}")
                self.assertGreater(
                    self.find(page, "株式会社サンプル")["x0"], self.find(page, "見本 太郎 様")["x1"]
                )
                self.assert_column(page, "単価", "1,100円", "12,500円")
                self.assert_column(page, "数量", "2", "12")
                self.assert_column(page, "金額", "2,200円", "150,000円", "152,300円")
                # A line below the heading, each of the goods and each of the totals.
                heading, due = self.find(page, "単価"), self.find(page, "ご請求額")
                self.assertGreaterEqual(
                    len(self.lines_below(page, heading["top"], due["bottom"] + 2 * MM)), 7
                )
                self.assert_framed(page, "返品は到着後7日以内")
                for text in (
                    "ポイント利用",
                    "-500円",
                    "お支払方法：クレジットカード",
                    "適格請求書は楽天市場の購入履歴から発行されます",
                ):
                    self.find(page, text)
                for word in self.words(page):
                    self.assertGreater(word["x0"], 3 * MM, word["text"])
                    self.assertLess(word["x1"], page.width - 3 * MM, word["text"])

    def test_packing_list(self):
        picking = self.full_order(
            2,
            deliveryDate="2026-01-20",
            shippingTerm=1820,
            DeliveryModel={"deliveryName": "クール便", "deliveryClass": 2},
        )
        for name in ("packing_list", "packing_list_label"):
            with self.subTest(name=name):
                (page,) = self.paper(name, picking, name)
                self.assert_framed(page, "冷蔵")
                self.assert_framed(page, "のし：内祝")
                self.assert_framed(page, "ベルを鳴らさないでください")
                self.assert_column(page, "数量", "2", "12", "14")
                self.find(page, picking.name)
                self.find(page, picking.rakuten_order_number)
                self.assertGreater(
                    self.find(page, "18時")["x0"],
                    self.find(page, "見本 太郎 様")["x1"],
                )
                # The barcode is drawn in more lines than the paper has otherwise.
                bars = [r for r in page.rects + page.curves if r["height"] > 5 * MM]
                self.assertGreater(len(bars), 40)

    def test_cash_is_framed(self):
        picking = self.import_one(
            3,
            [package(7001, [item()], cod=330)],
            SettlementModel={"settlementMethodCode": 2},
        )
        (page,) = self.paper("packing_list", picking, "cash")
        self.assert_framed(page, "代引 1,430円")

    def test_gift(self):
        picking = self.import_one(
            4, [package(7001, [item()], SenderModel={**ADDRESS, "familyName": "受取"})]
        )
        self.shop.slip_message = "またのご来店を"
        for name in ("delivery_slip", "delivery_slip_label"):
            (page,) = self.paper(name, picking, f"gift-{name}")
            text = page.extract_text()
            for word in ("円", "単価", "支払", "適格請求書", "またのご来店"):
                self.assertNotIn(word, text)
            self.assert_column(page, "数量", "1")

    def test_held(self):
        picking = self.import_one(5)
        self.rms.orders[picking.rakuten_order_number]["orderProgress"] = 800
        picking.action_rakuten_check()
        for name in ("packing_list", "packing_list_label", "delivery_slip", "delivery_slip_label"):
            with self.subTest(name=name):
                (page,) = self.paper(name, picking, f"held-{name}")
                title = self.find(page, "出荷保留")
                self.assertGreater(title["chars"][0]["size"], 11)
                self.assert_framed(page, "出荷しないでください")
                text = "".join(page.extract_text().split())
                self.assertIn("800キャンセル確定待ち", text)
                drawn = [
                    entry
                    for entry in page.lines + page.rects + page.curves
                    if RED in self.colours(entry)
                ]
                self.assertTrue(drawn, "the frame is red")
                self.assertIn(RED, self.colours(title["chars"][0]))
                self.assertNotIn("見本商品1", text)

    @staticmethod
    def colours(entry):
        found = (entry.get("stroking_color"), entry.get("non_stroking_color"))
        return [tuple(round(part, 1) for part in colour) for colour in found if colour]

    def test_several_pages(self):
        """No row is torn, each one is there, and what is to be paid stands at the end."""
        items = [item(str(n), "CODE-A", price=100) for n in range(1, 61)]
        picking = self.import_one(6, [package(7001, items)], total=6000)
        for name in ("delivery_slip", "delivery_slip_label", "packing_list_label"):
            with self.subTest(name=name):
                pages = self.paper(name, picking, f"long-{name}")
                self.assertGreater(len(pages), 1)
                text = "\n".join(page.extract_text() for page in pages)
                for number in range(1, 61):
                    self.assertRegex(text, rf"見本商品{number}\b")
                for page in pages:
                    for word in self.words(page):
                        self.assertLess(word["bottom"], page.height - 3 * MM, word["text"])
                    # Whichever sheet is taken: it says whose it is.
                    self.find(page, picking.rakuten_order_number)
                    self.assert_column(page, "数量", "1")
                # Each once: what is torn is printed on both sheets.
                self.assertEqual(len(re.findall(r"見本商品[0-9]+", text)), 60)
                if name.startswith("delivery_slip"):
                    self.find(pages[-1], "ご請求額")

    def test_fifty_in_one_run(self):
        records = self.import_orders(*(order(n) for n in range(100, 150)))
        pickings = records.sale_order_id.picking_ids.sorted("rakuten_order_number")
        for name in ("delivery_slip", "packing_list_label"):
            with self.subTest(name=name):
                begun = time.monotonic()
                pages = self.paper(name, pickings, f"fifty-{name}")
                seconds = time.monotonic() - begun
                self.assertEqual(len(pages), 50)
                for page, picking in zip(pages, pickings, strict=True):
                    self.find(page, picking.rakuten_order_number)
                self.assertLess(seconds, 60)
                _logger.info("%s: 50 × %s in %.1f s", self.program, name, seconds)


@tagged("post_install", "-at_install")
class TestPapersWkhtmltopdf(Papers, Wkhtmltopdf, PaperCase):
    def test_as_odoo_prints(self):
        """By Odoo's own way, which divides a run by its transfers: each is there once."""
        records = self.import_orders(*(order(n) for n in range(200, 203)))
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            data, kind = report._render_qweb_pdf(
                "smartship_rakuten.packing_list_label", records.sale_order_id.picking_ids.ids
            )
        self.assertEqual(kind, "pdf")
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            self.assertEqual(len(pdf.pages), 3)
            text = "".join(page.extract_text() for page in pdf.pages)
        for record in records:
            self.assertIn(record.name, text)


@tagged("post_install", "-at_install")
class TestPapersChromium(Papers, Chromium, PaperCase):
    pass
