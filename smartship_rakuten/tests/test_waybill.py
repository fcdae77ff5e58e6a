"""Waybill files of the carriers, there and back; numbers that are scanned or pasted.

The expected files are written by hand from the carriers' column lists.
"""

import base64
import io
import zipfile
from datetime import date
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.smartship_rakuten.rules import waybill, waybill_file

from .common import ADDRESS, RakutenCase, item, order, package

#: Files as a carrier's program takes them, written by hand from its list of columns.
WRITTEN = Path(__file__).with_name("written")

SENDER = {
    "zip": "530-0001",
    "city": "大阪市北区",
    "street": "見本町0-0",
    "street2": "見本倉庫2F",
    "phone": "06-0000-0000",
}
#: Two parcels for ゆうプリR: chilled with cash on delivery and a wish; ゆうパケット.
_JAPANPOST = {
    "ship_date": "20260115",
    "option_1": "1100780",
    "sender_zip": "530-0001",
    "sender_address": ["大阪府大阪市北区", "見本町0-0"],
    "sender_name": ["見本ショップ"],
    "sender_phone": "06-0000-0000",
    "contents": ["見本の品"],
}
JAPANPOST = (
    {
        **_JAPANPOST,
        "key": "SR0000000001",
        "service": "0",
        "cool": "1",
        "payment": "2",
        "zip": "100-0001",
        "address": ["東京都千代田区", "千代田99-99", "見本ビル101"],
        "name": ["見本 太郎"],
        "phone": "03-0000-0000",
        "date_kind": "6",
        "delivery_date": "20260120",
        "slot": "51",
        "note": "置き配: 玄関前",
        "cash": "3300",
        "cash_tax": "300",
    },
    {
        **_JAPANPOST,
        "key": "SR0000000002",
        "service": "9",
        "cool": "0",
        "payment": "0",
        "zip": "160-0023",
        "address": ["東京都新宿区", "西新宿99-99"],
        "name": ["試験 花子"],
        "phone": "03-0000-0001",
        "date_kind": "0",
        "slot": "00",
    },
)


class WaybillCase(RakutenCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.forms = {
            name: cls.env.ref(f"smartship_rakuten.waybill_format_{name}")
            for name in ("yamato", "sagawa", "japanpost")
        }
        cls.forms["yamato"].customer_code = "060000000000"
        cls.forms["sagawa"].customer_code = "111122223333"
        cls.forms["japanpost"].option_1 = "1100780"
        osaka = cls.env["res.country.state"].search(
            [("country_id.code", "=", "JP"), ("code", "=like", "%27")]
        )
        cls.shop.warehouse_id.partner_id.write(
            {**SENDER, "country_id": cls.env.ref("base.jp").id, "state_id": osaka.id}
        )

    def import_one(self, sequence, person=None, **values):
        sender = {**ADDRESS, "isolatedIslandFlag": 0, **(person or {})}
        packages = [package(7001, [item()], SenderModel=sender)]
        (record,) = self.import_orders(order(sequence, packages, **values))
        return record.sale_order_id.picking_ids

    def carrier(self, name, **values):
        carrier = self.env.ref(f"smartship_rakuten.delivery_carrier_{name}")
        return carrier.copy({"name": "見本便", **values}) if values else carrier

    def export(self, pickings, **papers):
        wizard = self.env["rakuten.waybill.export"].browse(
            pickings.action_rakuten_waybills()["res_id"]
        )
        papers = {"packing_list": False, "delivery_slip": False, **papers}
        wizard.write({"ship_date": date(2026, 1, 15), **papers})
        return wizard

    def rows(self, wizard, encoding="cp932"):
        """The cells of the wizard's only file; none of these has a comma or a quote."""
        wizard.action_make()
        text = base64.b64decode(wizard.file_ids.data).decode(encoding)
        self.assertTrue(text.endswith("\r\n"))
        return [line.split(",") for line in text[:-2].split("\r\n")]

    def filled(self, row):
        """The cells that hold something, by their position from 1."""
        return {number: cell for number, cell in enumerate(row, start=1) if cell}

    def read_back(self, text, encoding="cp932", **values):
        wizard = self.env["rakuten.tracking.import"].create(
            {"data": base64.b64encode(text.encode(encoding)), "filename": "a.csv", **values}
        )
        wizard.action_read()
        return wizard

    def paste(self, text, **values):
        wizard = self.env["rakuten.tracking.import"].create(
            {"mode": "text", "text": text, **values}
        )
        wizard.action_read()
        return wizard


@tagged("post_install", "-at_install")
class TestWaybillFiles(WaybillCase):
    def test_yamato(self):
        picking = self.import_one(
            1,
            {"subAddress": "千代田１−２−３ サンプルビル101"},
            deliveryDate="2026-01-20",
            shippingTerm=1416,
        )
        head, row = self.rows(self.export(picking))
        key = picking.rakuten_waybill_ids.name
        self.assertRegex(key, r"^SR\d{10}$")
        self.assertEqual(len(head), 97)
        self.assertEqual(head[0], "お客様管理番号")
        self.assertEqual(head[96], "通知メールアドレス")
        self.assertEqual(len(row), 97)
        self.assertEqual(
            self.filled(row),
            {
                1: key,
                2: "0",
                5: "2026/01/15",
                6: "2026/01/20",
                7: "1416",
                9: "03-0000-1234",
                11: "100-0001",
                12: "東京都千代田区千代田1-2-3",
                13: "サンプルビル101",
                16: "見本 太郎",
                20: "06-0000-0000",
                22: "530-0001",
                23: "大阪府大阪市北区見本町0-0",
                24: "見本倉庫2F",
                25: "見本ショップ",
                28: "Product A",
                33: "123456-20260110-0000000001",
                40: "060000000000",
                42: "01",
            },
        )

    def test_cells_that_would_begin_a_formula(self):
        """Staff open these files in spreadsheets; labels get no sign of that."""
        person = {"familyName": "=見本", "subAddress": "千代田1-2-3 ＋ビル101"}
        self.shop.waybill_contents = "@雑貨"
        picking = self.import_one(41, person)
        self.assertRegex(picking.name, "^株式会社サ/OUT/")
        wizard = self.export(picking)
        self.assertFalse(wizard.line_ids.problem)
        for sign in ("=", "+", "@"):
            self.assertIn(f"“{sign}” at the beginning is left out", wizard.line_ids.note)
        _head, row = self.rows(wizard)
        cells = self.filled(row)
        self.assertEqual(
            [cells[n] for n in (12, 13, 16, 28)],
            ["東京都千代田区千代田1-2-3", "ビル101", "見本 太郎", "雑貨"],
        )
        self.assertFalse([cell for cell in row if cell[:1] in tuple("=+-@＝＋－＠")])

    def test_number_that_is_none_stops_the_parcel(self):
        wizard = self.export(
            self.import_one(42, {"phoneNumber3": "12E4"}) | self.import_one(43, {"zipCode2": "=12"})
        )
        phone, zip_code = wizard.line_ids.sorted("id")
        self.assertIn("お届け先電話番号 is no number: “03-0000-12E4”", phone.problem)
        self.assertIn("お届け先郵便番号 is no number: “100-=12”", zip_code.problem)
        self.assertEqual(wizard.ready_count, 0)

    def test_yamato_cash_cool_and_drop_off(self):
        packages = [
            package(
                7001,
                [item()],
                cod=330,
                dropOffFlag=1,
                dropOffLocation="玄関前",
                SenderModel={**ADDRESS, "isolatedIslandFlag": 0},
            )
        ]
        (record,) = self.import_orders(
            order(
                2,
                packages,
                shippingTerm=2,
                SettlementModel={"settlementMethodCode": 2},
                DeliveryModel={"deliveryName": "クール便", "deliveryClass": 2},
                TaxSummaryModelList=[
                    {
                        "taxRate": 0.1,
                        "reqPrice": 1430,
                        "reqPriceTax": 130,
                        "totalPrice": 1100,
                        "paymentCharge": 330,
                        "couponPrice": 0,
                        "point": 0,
                    }
                ],
            )
        )
        wizard = self.export(record.sale_order_id.picking_ids)
        self.assertIn("no slot for 午後", wizard.line_ids.note)
        _head, row = self.rows(wizard)
        cells = self.filled(row)
        # コレクト, 冷蔵; no code for an afternoon: the label says it.
        self.assertEqual((cells[2], cells[3], cells[34], cells[35]), ("2", "2", "1430", "130"))
        # 23 bytes; with the order number they would be 51, and 記事 takes 44.
        self.assertEqual(cells[33], "置き配:玄関前、午後希望")
        self.assertNotIn(7, cells)

    def test_cash_of_an_order_in_two_parcels(self):
        """What somebody decided for each parcel stands in its file, and nothing twice."""
        packages = [package(7001, [item(units=2)], cod=330)]
        (record,) = self.import_orders(
            order(
                30,
                packages,
                total=2200,
                SettlementModel={"settlementMethodCode": 2},
                TaxSummaryModelList=[{"taxRate": 0.1, "reqPriceTax": 230}],
            )
        )
        first = record.sale_order_id.picking_ids
        self.assertEqual(first._rakuten_parcel_cash(), (2530, 230))
        first.move_ids.quantity = 1
        first.move_ids.picked = True
        first.carrier_tracking_ref = "123456789013"
        Form.from_action(self.env, first.button_validate()).save().process()
        rest = record.sale_order_id.picking_ids - first
        self.assertTrue(rest.rakuten_held)
        self.assertIn("enter the cash", self.problem(rest))
        rest.rakuten_cash_amount = 500
        self.assertFalse(rest.rakuten_held)
        cells = self.filled(self.rows(self.export(rest))[1])
        self.assertEqual((cells[2], cells[34]), ("2", "500"))
        self.assertNotIn(35, cells)
        rest.rakuten_cash_amount = 0
        cells = self.filled(self.rows(self.export(rest))[1])
        self.assertEqual(cells[2], "0")
        self.assertNotIn(34, cells)

    def test_cash_of_orders_in_one_parcel(self):
        values = {
            "SettlementModel": {"settlementMethodCode": 2},
            "TaxSummaryModelList": [{"taxRate": 0.1, "reqPriceTax": 130}],
        }
        first, second = (
            self.import_orders(
                order(n, [package(n, [item()], cod=330)], **values)
            ).sale_order_id.picking_ids
            for n in (31, 32)
        )
        first.action_rakuten_bundle()
        cells = self.filled(self.rows(self.export(first | second))[1])
        self.assertEqual((cells[34], cells[35]), ("2860", "260"))
        second.action_cancel()
        self.assertEqual(first._rakuten_parcel_cash(), (1430, 130))

    def test_cash_is_not_collected_for_each_piece(self):
        picking = self.import_one(
            33,
            PackageModelList=[package(33, [item()], cod=330)],
            SettlementModel={"settlementMethodCode": 2},
            requestPrice=1430,
            deliveryPrice=330,
        )
        (line,) = self.export(picking).line_ids
        self.assertFalse(line.problem)
        line.pieces = 2
        self.assertIn("1,430 yen once for each of the 2 parcels", line.problem)

    def test_keys_are_made_together(self):
        """One statement, however many transfers."""

        def queries(start, count):
            pickings = self.env["stock.picking"].union(
                *(self.import_one(n) for n in range(start, start + count))
            )
            self.env["rakuten.waybill"]._of(dict.fromkeys(pickings, 1))
            wanted = dict.fromkeys(pickings, 2)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["rakuten.waybill"]._of(wanted)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self.assertEqual(queries(40, 3), queries(50, 12))

    def test_sagawa(self):
        picking = self.import_one(
            3,
            {"subAddress": "千代田1-2-3 サンプルビル101"},
            deliveryDate="2026-01-20",
            shippingTerm=1214,
            DeliveryModel={"deliveryName": "クール便", "deliveryClass": 3},
        )
        picking.carrier_id = self.carrier("sagawa")
        (row,) = self.rows(self.export(picking))
        self.assertEqual(len(row), 74)
        self.assertEqual(
            self.filled(row),
            {
                3: "03-0000-1234",
                4: "100-0001",
                5: "東京都千代田区",
                6: "千代田１－２－３",
                7: "サンプルビル１０１",
                8: "見本　太郎",
                10: picking.rakuten_waybill_ids.name,
                11: "111122223333",
                18: "06-0000-0000",
                19: "530-0001",
                20: "大阪府大阪市北区見本町０－０",
                21: "見本倉庫２Ｆ",
                22: "見本ショップ",
                24: "001",
                25: "Product A",
                29: "123456-20260110-0000000003",
                42: "1",
                43: "000",
                44: "003",
                45: "20260120",
                46: "12",
                50: "0",
                52: "022",
                53: "002",
                56: "0",
                58: "1",
                61: "20260115",
            },
        )

    def test_sagawa_date_without_a_slot(self):
        picking = self.import_one(4, deliveryDate="2026-01-20")
        picking.carrier_id = self.carrier("sagawa")
        (row,) = self.rows(self.export(picking))
        cells = self.filled(row)
        self.assertEqual((cells[45], cells[52], cells[44]), ("20260120", "005", "001"))
        self.assertNotIn(46, cells)

    def test_japanpost(self):
        picking = self.import_one(5, deliveryDate="2026-01-20", shippingTerm=912)
        picking.carrier_id = self.carrier("japanpost")
        (row,) = self.rows(self.export(picking))
        key = picking.rakuten_waybill_ids.name
        # お客様側管理番号 takes 15 bytes.
        self.assertLessEqual(len(key), 15)
        # Without headings the program goes by the position: 72 is 倉庫数.
        self.assertEqual(len(row), 118)
        self.assertEqual(
            self.filled(row),
            {
                1: key,
                2: "20260115",
                6: "0",
                7: "0",
                8: "0",
                11: "1100780",
                13: "100-0001",
                14: "東京都千代田区",
                15: "千代田0-0-0",
                17: "見本 太郎",
                20: "03-0000-1234",
                30: "530-0001",
                31: "大阪府大阪市北区",
                32: "見本町0-0",
                33: "見本倉庫2F",
                34: "見本ショップ",
                37: "06-0000-0000",
                64: "6",
                65: "20260120",
                66: "51",
                74: "Product A",
                75: "123456-20260110-0000000005",
            },
        )

    def test_japanpost_as_its_program_reads_it(self):
        """By position with 倉庫数, by headings without, each read back with its numbers."""
        form = self.forms["japanpost"]
        for with_header, name, width in (
            (False, "yuupuri_by_position.csv", 118),
            (True, "yuupuri_by_headings.csv", 117),
        ):
            with self.subTest(name):
                form.with_header = with_header
                rows = [waybill.fill(form._columns(), values) for values in JAPANPOST]
                self.assertEqual([found for _cells, found in rows], [[], []])
                written = form._write_file([cells for cells, _found in rows])
                self.assertEqual(written, (WRITTEN / name).read_bytes())
                table = waybill_file.read_file(written)
                self.assertEqual({len(row) for row in table}, {width})
                # 発送履歴 has お問い合わせ番号 and 代表お問い合わせ番号 behind the key.
                more = [["お問い合わせ番号", "代表お問い合わせ番号"]] if with_header else []
                more += [["123456789013", "123456789013"], ["400000000002", "123456789013"]]
                history = [
                    [row[0], *numbers, *row[1:]] for row, numbers in zip(table, more, strict=True)
                ]
                found = waybill_file.read_numbers(waybill_file.write_file(history))
                self.assertEqual(
                    [(row.key, row.number, row.service) for row in found],
                    [
                        ("SR0000000001", "123456789013", "0"),
                        ("SR0000000002", "400000000002", "9"),
                    ],
                )

    def test_two_carriers_two_files(self):
        first, second, third = (self.import_one(n) for n in (6, 7, 8))
        second.carrier_id = self.carrier("sagawa")
        wizard = self.export(first | second | third)
        self.assertEqual(wizard.ready_count, 3)
        wizard.action_make()
        self.assertEqual(
            {file.format_id.name: file.count for file in wizard.file_ids},
            {"ヤマト B2クラウド": 2, "佐川 e飛伝Ⅲ": 1},
        )

    def test_again_keeps_the_key(self):
        picking = self.import_one(9)
        (_head, first) = self.rows(self.export(picking))
        wizard = self.export(picking)
        self.assertIn("made for it before", wizard.line_ids.note)
        (_head, second) = self.rows(wizard)
        self.assertEqual(first[0], second[0])
        self.assertEqual(len(picking.rakuten_waybill_ids), 1)

    def test_made_before_means_an_earlier_run(self):
        picking = self.import_one(60)
        wizard = self.export(picking)
        for _time in range(2):
            wizard.action_make()
            wizard.invalidate_recordset()
            self.assertFalse(wizard.line_ids.note)
        self.assertIn("made for it before", self.export(picking).line_ids.note)

    def test_problems_stand_first_and_are_counted(self):
        good, noted, bad = (
            self.import_one(61),
            self.import_one(62, shippingTerm=2),
            self.import_one(63, {"familyName": "見本♡"}),
        )
        wizard = self.export(good | noted | bad)
        self.assertEqual([line.picking_id for line in wizard.line_ids.sorted()], [bad, noted, good])
        self.assertEqual(
            (wizard.ready_count, wizard.problem_count, wizard.note_count, wizard.paper_count),
            (2, 1, 1, 3),
        )
        # What is written has the order of the selection.
        keys = [row[0] for row in self.rows(wizard)[1:]]
        self.assertEqual(keys, [good.rakuten_waybill_ids.name, noted.rakuten_waybill_ids.name])

    def test_note_has_room_for_a_wish_and_the_order_number(self):
        """記事 of ヤマト takes 44 bytes: 8 of the wish, 2 of the comma, 26 of the number."""
        picking = self.import_one(64, shippingTerm=2)
        _head, row = self.rows(self.export(picking))
        self.assertEqual(self.filled(row)[33], "午後希望、123456-20260110-0000000064")

    def test_note_without_room_has_the_wish_alone(self):
        """品名５ of 佐川 takes 32 bytes."""
        picking = self.import_one(65, shippingTerm=2)
        picking.carrier_id = self.carrier("sagawa")
        (row,) = self.rows(self.export(picking))
        self.assertEqual(self.filled(row)[29], "午後希望")

    def test_one_file_is_saved_at_once(self):
        wizard = self.export(self.import_one(66))
        action = wizard.action_make()
        self.assertEqual(action["tag"], "smartship_rakuten.download")
        self.assertEqual(action["params"]["url"], wizard.file_ids.url)
        self.assertEqual(action["params"]["next"]["res_id"], wizard.id)
        self.assertRegex(wizard.file_ids.name, r"^ヤマト B2クラウド_\d{8}_\d{4}\.csv$")

    def test_several_files_are_shown_and_packed(self):
        first, second = self.import_one(67), self.import_one(68)
        self.forms["sagawa"].name = self.forms["yamato"].name = "送り状/宅配便"
        second.carrier_id = self.carrier("sagawa")
        wizard = self.export(first | second)
        with self.freeze("2026-01-15 03:04:00"):
            action = wizard.action_make()
        self.assertEqual((action["res_model"], action["res_id"]), (wizard._name, wizard.id))
        names = wizard.file_ids.mapped("name")
        # No name twice, and none that a folder cannot have.
        stamp = names[0].removeprefix("送り状_宅配便_").removesuffix(".csv")
        self.assertEqual(names, [f"送り状_宅配便_{stamp}.csv", f"送り状_宅配便_{stamp} (2).csv"])
        self.assertIn("/zip_data/", wizard.action_save_all()["params"]["url"])
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(wizard.zip_data))) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
        self.assertEqual(
            found, {file.name: base64.b64decode(file.data) for file in wizard.file_ids}
        )

    def test_papers_and_files_in_one_go(self):
        """Rakuten is asked once; the papers lie in the order of the labels."""
        other, first, second, held, by_hand = (self.import_one(n) for n in range(70, 75))
        other.carrier_id = self.carrier("sagawa")
        by_hand.carrier_id = self.carrier("yamato", rakuten_waybill_format_id=False)
        self.rms.orders[held.rakuten_order_number]["orderProgress"] = 400
        wave = other | first | second | held | by_hand
        self.rms.calls.clear()
        wizard = self.export(wave, packing_list=True, delivery_slip=True, paper_size="label")
        rendered = []

        def render(report, ref, res_ids=None, data=None):
            rendered.append((ref.report_name, res_ids))
            return b"%PDF", "pdf"

        with patch.object(type(self.env["ir.actions.report"]), "_render_qweb_pdf", render):
            wizard.action_make()
        self.assertEqual(self.rms.names(), ["get_order"])
        printed = (first | second | other | by_hand).ids
        self.assertEqual(
            rendered,
            [
                ("smartship_rakuten.packing_list_label", printed),
                ("smartship_rakuten.delivery_slip_label", printed),
            ],
        )
        self.assertEqual(
            [(file.name.partition("_")[0], file.count) for file in wizard.file_ids],
            [("梱包リスト", 4), ("納品書", 4), ("ヤマト B2クラウド", 2), ("佐川 e飛伝Ⅲ", 1)],
        )
        self.assertEqual([picking.printed for picking in wave], [True, True, True, False, True])
        # The next wave begins with what was chosen.
        again = self.env["rakuten.waybill.export"].create({})
        self.assertEqual(
            (again.packing_list, again.delivery_slip, again.paper_size), (True, True, "label")
        )

    def test_papers_alone(self):
        """What has no waybill file has papers all the same."""
        picking = self.import_one(76)
        picking.carrier_id = self.carrier("yamato", rakuten_waybill_format_id=False)
        wizard = self.export(picking, packing_list=True)
        self.assertEqual(wizard.action_make()["tag"], "smartship_rakuten.download")
        self.assertEqual(wizard.file_ids.count, 1)
        self.assertIn(picking.name, base64.b64decode(wizard.file_ids.data).decode())

    def test_buyer_as_sender_is_offered_for_gifts(self):
        gift = self.import_one(77, {"familyName": "受取", "firstName": "花子"})
        own = self.import_one(78)
        wizard = self.export(gift | own)
        self.assertTrue(wizard.has_gifts)
        line = wizard.line_ids.filtered(lambda line: line.picking_id == gift)
        self.assertEqual(wizard.line_ids.filtered("is_to_another"), line)
        self.assertFalse(line.buyer_sends)
        line.buyer_sends = True
        rows = {row[0]: row for row in self.rows(wizard)[1:]}
        self.assertEqual(rows[gift.rakuten_waybill_ids.name][24], "見本 太郎")
        self.assertEqual(rows[own.rakuten_waybill_ids.name][24], "見本ショップ")
        self.assertFalse(self.export(own).has_gifts)
        # As the shop wants it, unless somebody says otherwise.
        self.shop.waybill_buyer_sends = True
        wizard = self.export(gift)
        self.assertTrue(wizard.line_ids.buyer_sends)
        wizard.line_ids.buyer_sends = False
        self.assertEqual(self.rows(wizard)[1][24], "見本ショップ")

    def test_several_parcels(self):
        picking = self.import_one(10)
        wizard = self.export(picking)
        wizard.line_ids.pieces = 3
        keys = [row[0] for row in self.rows(wizard)[1:]]
        self.assertEqual(len(set(keys)), 3)
        self.assertEqual(set(keys), set(picking.rakuten_waybill_ids.mapped("name")))

    def test_a_waybill_for_each_package(self):
        picking = self.import_one(11)
        package_ = self.env["stock.package"].create({"name": "PACK1"})
        picking.move_line_ids.result_package_id = package_
        self.assertEqual(len(self.rows(self.export(picking))), 2)
        self.assertEqual(picking.rakuten_waybill_ids.package_id, package_)

    def test_one_waybill_for_one_parcel_of_several_orders(self):
        first, second = self.import_one(12), self.import_one(13)
        first.action_rakuten_bundle()
        wizard = self.export(first | second)
        self.assertEqual((wizard.ready_count, wizard.problem_count), (1, 0))
        rows = self.rows(wizard)
        self.assertEqual(len(rows), 2)
        self.read_back(f"お客様管理番号,伝票番号\n{rows[1][0]},123456789013\n").action_apply()
        self.assertEqual(first.carrier_tracking_ref, "123456789013")
        self.assertEqual(second.carrier_tracking_ref, "123456789013")

    def problem(self, picking):
        wizard = self.export(picking)
        with self.assertRaisesRegex(UserError, "nothing to write"):
            wizard.action_make()
        return wizard.line_ids.problem

    def test_what_stays_out_says_why(self):
        held = self.import_one(14)
        self.rms.orders[held.rakuten_order_number]["orderProgress"] = 400
        self.assertIn("変更確定待ち", self.problem(held))
        self.assertFalse(held.rakuten_waybill_ids)
        long_name = self.import_one(15, {"familyName": "見" * 17, "firstName": None})
        self.assertIn("お届け先名 does not fit", self.problem(long_name))
        strange = self.import_one(16, {"familyName": "見本♡"})
        self.assertIn("cannot read: ♡", self.problem(strange))
        plain = self.import_one(17, deliveryDate="2026-01-20")
        plain.carrier_id = self.carrier("yamato", rakuten_waybill_service="A")
        self.assertIn("takes no delivery wish", self.problem(plain))
        other = self.import_one(18)
        other.carrier_id = self.carrier("yamato", rakuten_waybill_format_id=False)
        self.assertIn("Choose a carrier", self.problem(other))
        self.forms["yamato"].customer_code = False
        self.assertIn("請求先顧客コード is empty", self.problem(self.import_one(19)))

    def test_contract_is_the_company_s(self):
        """Another company that ships with the same carrier has a contract of its own."""
        form = self.forms["yamato"]
        other = self.env["res.company"].create({"name": "もう一社"})
        form.with_company(other).customer_code = "070000000000"
        picking = self.import_one(40)
        header, row = self.rows(self.export(picking))
        self.assertEqual(row[header.index("請求先顧客コード")], "060000000000")
        self.assertFalse(form.option_2, "what the module brings is everybody's")
        self.assertEqual(row[header.index("運賃管理番号")], "01")
        self.assertEqual(form.with_company(other).customer_code, "070000000000")

    def test_bad_ones_stop_no_good_one(self):
        good, bad = self.import_one(20), self.import_one(21, {"familyName": "見本♡"})
        wizard = self.export(good | bad)
        self.assertEqual((wizard.ready_count, wizard.problem_count), (1, 1))
        rows = self.rows(wizard)
        self.assertEqual([row[0] for row in rows[1:]], [good.rakuten_waybill_ids.name])

    def test_label_that_staff_have_shortened(self):
        picking = self.import_one(
            22, {"familyName": "見" * 17, "subAddress": "千代田1-2-3" + "長" * 20}
        )
        wizard = self.export(picking)
        wizard.line_ids.write(
            {"label_name": "見本", "label_street": "千代田1-2-3", "label_building": "長ビル"}
        )
        self.assertFalse(wizard.line_ids.problem)
        cells = self.filled(self.rows(wizard)[1])
        self.assertEqual(
            (cells[12], cells[13], cells[16]), ("東京都千代田区千代田1-2-3", "長ビル", "見本")
        )
        # At another address the short label counts no more.
        payload = self.rms.orders[picking.rakuten_order_number]
        payload["PackageModelList"][0]["SenderModel"]["subAddress"] = "神田9-9-9"
        picking.sudo().rakuten_order_id.payload = payload
        self.assertEqual(picking._rakuten_label(picking._rakuten_facts()).street, "神田9-9-9")

    def test_gift_in_the_name_of_the_buyer(self):
        self.shop.waybill_buyer_sends = True
        gift = self.import_one(23, {"familyName": "受取", "firstName": "花子"})
        own = self.import_one(24)
        rows = {row[0]: row for row in self.rows(self.export(gift | own))[1:]}
        self.assertEqual(rows[gift.rakuten_waybill_ids.name][24], "見本 太郎")
        self.assertEqual(rows[own.rakuten_waybill_ids.name][24], "見本ショップ")

    def test_store_pick_up_is_made_by_hand(self):
        packages = [package(7001, [item()], DeliveryCvsModel={"cvsCode": 1, "storeName": "見本店"})]
        (record,) = self.import_orders(order(25, packages))
        self.assertIn("見本店", self.problem(record.sale_order_id.picking_ids))

    def test_own_format(self):
        """Another carrier: a copy with columns of its own, in UTF-8 with quotes."""
        form = self.forms["yamato"].copy({"name": "見本運輸"})
        self.assertFalse(form.builtin)
        self.assertEqual(len(form.column_ids), 97)
        form.write(
            {
                "encoding": "utf-8-sig",
                "quote_all": True,
                "with_header": False,
                "column_ids": [
                    (5, 0, 0),
                    (0, 0, {"sequence": 1, "name": "キー", "source": "key"}),
                    (0, 0, {"sequence": 2, "name": "区分", "source": "fixed", "text": "X"}),
                    (0, 0, {"sequence": 3, "name": "氏名", "source": "name_1", "limit": 40}),
                    (0, 0, {"sequence": 4, "name": "注文", "source": "order_number"}),
                ],
            }
        )
        picking = self.import_one(26)
        picking.carrier_id = self.carrier("yamato", rakuten_waybill_format_id=form.id)
        (row,) = self.rows(self.export(picking), "utf-8-sig")
        key, number = picking.rakuten_waybill_ids.name, picking.rakuten_order_number
        self.assertEqual(row, [f'"{key}"', '"X"', '"見本 太郎"', f'"{number}"'])
        with self.assertRaisesRegex(ValidationError, "parcel key"):
            form.column_ids.filtered(lambda column: column.source == "key").source = False
        with self.assertRaisesRegex(UserError, "comes with the module"):
            self.forms["yamato"].unlink()


@tagged("post_install", "-at_install")
class TestReturnedNumbers(WaybillCase):
    def setUp(self):
        super().setUp()
        self.first, self.second = self.import_one(1), self.import_one(2)
        self.export(self.first | self.second).action_make()
        self.key = self.first.rakuten_waybill_ids.name
        self.other_key = self.second.rakuten_waybill_ids.name

    def file(self, *rows):
        return "送り状種類,伝票番号,お客様管理番号\r\n" + "".join(f"{row}\r\n" for row in rows)

    def outcomes(self, wizard):
        return [line.outcome for line in wizard.line_ids.sorted("row")]

    def test_there_and_back(self):
        wizard = self.read_back(
            self.file(f"0,123456789013,{self.key}", f"0,400000000002,{self.other_key}")
        )
        self.assertEqual(self.outcomes(wizard), ["new", "new"])
        self.assertFalse(self.first.carrier_tracking_ref)
        wizard.action_apply()
        self.assertEqual(self.first.carrier_tracking_ref, "123456789013")
        self.assertEqual(self.second.carrier_tracking_ref, "400000000002")
        self.assertEqual(self.first.state, "assigned")

    def test_validates_and_reports(self):
        self.read_back(
            self.file(f"0,123456789013,{self.key}", f"0,400000000002,{self.other_key}"),
            validate_transfers=True,
        ).action_apply()
        self.assertEqual((self.first | self.second).mapped("state"), ["done", "done"])
        self.shop.action_export_shipments()
        rows = self.rms.orders[self.first.rakuten_order_number]["PackageModelList"][0]
        self.assertEqual(
            [row["shippingNumber"] for row in rows["ShippingModelList"]], ["123456789013"]
        )

    def test_what_is_clear_is_shipped_in_one_go(self):
        """A transfer of which one row is not clear stays as it is, and its rows stand first."""
        third, fourth = self.import_one(3), self.import_one(4)
        export = self.export(third | fourth)
        export.line_ids.pieces = 2
        export.action_make()
        key = {
            picking: picking.rakuten_waybill_ids.sorted("piece").mapped("name")
            for picking in third | fourth
        }
        wizard = self.env["rakuten.tracking.import"].create(
            {
                "data": base64.b64encode(
                    self.file(
                        f"0,123456789013,{self.key}",
                        # The check digit is wrong.
                        f"0,400000000003,{self.other_key}",
                        f"0,410000000001,{key[third][0]}",
                        f"0,,{key[third][1]}",
                        f"0,410000000012,{key[fourth][0]}",
                        f"0,410000000023,{key[fourth][1]}",
                        "0,620000000001,SR9999999999",
                    ).encode("cp932")
                )
            }
        )
        wizard.action_ship()
        self.assertEqual(
            [(line.row, line.outcome) for line in wizard.line_ids.sorted()],
            [
                (3, "doubt"),
                (8, "unknown"),
                (5, "missing"),
                (2, "shipped"),
                (4, "new"),
                (6, "shipped"),
                (7, "shipped"),
            ],
        )
        self.assertEqual(
            [picking.state for picking in (self.first, self.second, third, fourth)],
            ["done", "assigned", "assigned", "done"],
        )
        self.assertFalse(self.second.carrier_tracking_ref or third.carrier_tracking_ref)
        self.assertEqual(fourth.carrier_tracking_ref, "410000000012,410000000023")
        # The person has looked: what is ticked goes now.
        self.assertFalse(wizard.was_applied)
        wizard.action_apply()
        self.assertTrue(wizard.was_applied)
        self.assertEqual([picking.state for picking in (self.second, third)], ["done", "done"])

    def test_nothing_is_left_to_look_at(self):
        wizard = self.env["rakuten.tracking.import"].create(
            {"mode": "text", "text": f"{self.first.name} 123456789013"}
        )
        wizard.action_ship()
        self.assertTrue(wizard.was_applied)
        self.assertEqual(self.first.state, "done")
        # Once more: the number is there and the goods have left.
        wizard.action_ship()
        self.assertEqual(self.first.rakuten_parcel_ids.mapped("tracking_number"), ["123456789013"])

    def test_held_transfer_is_filled_in_and_not_shipped(self):
        self.rms.orders[self.first.rakuten_order_number]["orderProgress"] = 400
        self.first.action_rakuten_check()
        wizard = self.read_back(
            self.file(f"0,123456789013,{self.key}", f"0,400000000002,{self.other_key}"),
            validate_transfers=True,
        )
        self.assertEqual(self.outcomes(wizard), ["doubt", "new"])
        wizard.action_apply()
        self.assertEqual(self.first.state, "assigned")
        self.assertEqual(self.second.state, "done")
        held, shipped = wizard.line_ids.sorted("row")
        self.assertEqual(held.outcome, "stays")
        self.assertIn("変更確定待ち", held.message)
        self.assertEqual(shipped.outcome, "shipped")

    def test_the_same_file_twice_changes_nothing(self):
        text = self.file(f"0,123456789013,{self.key}")
        self.read_back(text).action_apply()
        again = self.read_back(text.replace("123456789013", "1234-5678-9013"))
        self.assertEqual(self.outcomes(again), ["known"])
        again.action_apply()
        self.assertEqual(self.first.carrier_tracking_ref, "123456789013")

    def test_another_number_is_a_conflict(self):
        self.read_back(self.file(f"0,123456789013,{self.key}")).action_apply()
        wizard = self.read_back(self.file(f"0,400000000002,{self.key}"))
        self.assertEqual(self.outcomes(wizard), ["conflict"])
        wizard.action_apply()
        self.assertEqual(self.first.carrier_tracking_ref, "123456789013")
        wizard.line_ids.apply = True
        wizard.action_apply()
        self.assertEqual(self.first.carrier_tracking_ref, "400000000002")

    def test_a_number_that_somebody_typed_is_a_conflict(self):
        self.first.carrier_tracking_ref = "111122223333"
        wizard = self.read_back(self.file(f"0,123456789013,{self.key}"))
        self.assertEqual(self.outcomes(wizard), ["conflict"])

    def test_several_numbers_for_one_key(self):
        rows = self.file(f"0,123456789013,{self.key}", f"0,400000000002,{self.key}")
        wizard = self.read_back(rows)
        self.assertEqual(self.outcomes(wizard), ["new", "new"])
        wizard.action_apply()
        self.assertEqual(self.first.carrier_tracking_ref, "123456789013,400000000002")
        self.assertEqual(self.outcomes(self.read_back(rows)), ["known", "known"])

    def test_several_parcels_of_a_transfer(self):
        wizard = self.export(self.first)
        wizard.line_ids.pieces = 2
        wizard.action_make()
        one, two = self.first.rakuten_waybill_ids.sorted("piece").mapped("name")
        self.read_back(self.file(f"0,123456789013,{one}")).action_apply()
        later = self.read_back(self.file(f"0,400000000002,{two}"))
        self.assertEqual(self.outcomes(later), ["new"])
        later.action_apply()
        self.assertEqual(self.first.carrier_tracking_ref, "123456789013,400000000002")

    def test_number_of_a_package(self):
        box = self.env["stock.package"].create({"name": "PACK1"})
        self.second.move_line_ids.result_package_id = box
        self.export(self.second).action_make()
        parcel = self.second.rakuten_waybill_ids.filtered("package_id")
        self.read_back(self.file(f"0,123456789013,{parcel.name}")).action_apply()
        self.assertEqual(box.rakuten_tracking_number, "123456789013")
        self.assertFalse(self.second.carrier_tracking_ref)

    def test_number_that_is_on_the_package_of_another_transfer(self):
        box = self.env["stock.package"].create(
            {"name": "PACK1", "rakuten_tracking_number": "1234-5678-9013"}
        )
        self.second.move_line_ids.result_package_id = box
        wizard = self.read_back(self.file(f"0,123456789013,{self.key}"))
        self.assertEqual(self.outcomes(wizard), ["elsewhere"])
        self.assertIn(self.second.name, wizard.line_ids.message)

    def test_one_number_for_two_transfers(self):
        text = f"{self.first.name} 123456789013\n{self.second.name} 1234-5678-9013"
        for wizard in (
            self.paste(text),
            self.read_back(
                self.file(f"0,123456789013,{self.key}", f"0,123456789013,{self.other_key}")
            ),
        ):
            self.assertEqual(self.outcomes(wizard), ["new", "elsewhere"])
            self.assertIn(self.first.name, wizard.line_ids.sorted("row")[1].message)
        wizard.action_apply()
        self.assertFalse(self.second.carrier_tracking_ref)

    def test_number_among_several_of_another_transfer(self):
        self.second.carrier_tracking_ref = "400000000002, 1234-5678-9013"
        wizard = self.read_back(self.file(f"0,123456789013,{self.key}"))
        self.assertEqual(self.outcomes(wizard), ["elsewhere"])
        self.second.carrier_tracking_ref = False
        self.second.move_line_ids.result_package_id = self.env["stock.package"].create(
            {"name": "PACK1", "rakuten_tracking_number": "400000000002,1234-5678-9013"}
        )
        wizard = self.read_back(self.file(f"0,123456789013,{self.key}"))
        self.assertEqual(self.outcomes(wizard), ["elsewhere"])

    def test_number_of_a_parcel_that_left(self):
        self.second.carrier_tracking_ref = "400000000002,123456789013"
        self.second.move_ids.picked = True
        self.second._action_done()
        self.assertEqual(self.second.state, "done")
        wizard = self.read_back(self.file(f"0,123456789013,{self.key}"))
        self.assertEqual(self.outcomes(wizard), ["elsewhere"])
        self.assertIn(self.second.name, wizard.line_ids.message)

    def test_one_number_for_orders_in_one_parcel(self):
        (self.first | self.second).action_rakuten_bundle()
        wizard = self.paste(f"{self.first.name} 123456789013\n{self.second.name} 123456789013")
        self.assertEqual(self.outcomes(wizard), ["new", "new"])

    def test_rows_that_are_not_for_us(self):
        self.second.action_cancel()
        self.read_back(self.file(f"0,620000000001,{self.key}")).action_apply()
        third = self.import_one(3)
        self.export(third).action_make()
        wizard = self.read_back(
            "送り状種類,伝票番号,お客様管理番号,削除区分\n"
            "0,123456789013,SR9999999999,\n"
            f"0,123456789013,{self.other_key},\n"
            f"0,400000000002,{self.key},1\n"
            f"0,,{self.key},\n"
            f"0,620000000001,{third.rakuten_waybill_ids.name},\n"
        )
        self.assertEqual(
            self.outcomes(wizard), ["unknown", "cancelled", "deleted", "missing", "elsewhere"]
        )
        self.assertFalse(any(wizard.line_ids.mapped("apply")))
        wizard.action_apply()
        self.assertFalse(third.carrier_tracking_ref)

    def test_number_that_another_transfer_has_in_fours(self):
        self.second.carrier_tracking_ref = "1234-5678-9013"
        wizard = self.read_back(self.file(f"0,123456789013,{self.key}"))
        self.assertEqual(self.outcomes(wizard), ["elsewhere"])

    def test_doubtful_numbers_are_warnings(self):
        wizard = self.read_back(
            self.file(f"0,123456789014,{self.key}", f"A,400000000002,{self.other_key}")
        )
        self.assertEqual(self.outcomes(wizard), ["doubt", "doubt"])
        check, service = wizard.line_ids.sorted("row")
        self.assertIn("check digit", check.message)
        self.assertIn("A instead of 0", service.message)
        wizard.action_apply()
        self.assertEqual(self.first.carrier_tracking_ref, "123456789014")
        self.assertIn("check digit", self.first.rakuten_number_doubt)
        self.assertFalse(self.second.rakuten_number_doubt)

    def test_file_that_a_spreadsheet_has_damaged(self):
        with self.assertRaisesRegex(UserError, "shortened the numbers"):
            self.read_back(self.file(f"0,8.11E+11,{self.key}"))

    def test_files_that_are_none(self):
        for text, words in (
            ("a,b\n1,2\n", "No row names"),
            ("お客様管理番号,伝票番号\n", "no number"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(UserError, words):
                self.read_back(text)
        wizard = self.env["rakuten.tracking.import"].create(
            {"data": base64.b64encode(b"PK\x03\x04\x00\xff\xfe")}
        )
        with self.assertRaisesRegex(UserError, "no CSV file"):
            wizard.action_read()

    def test_issued_data_without_headings(self):
        wizard = self.read_back(
            f"{self.key},0,0,123456789013,2026/01/15\r\n"
            f"{self.second.rakuten_order_number},0,0,400000000002.0,2026/01/15\r\n"
            "SR9999999999,0,0,620000000001,2026/01/15\r\n"
        )
        self.assertEqual(self.outcomes(wizard), ["new", "new", "unknown"])
        wizard.action_apply()
        self.assertEqual(self.first.carrier_tracking_ref, "123456789013")
        self.assertEqual(self.second.carrier_tracking_ref, "400000000002")

    def test_key_in_a_free_item(self):
        wizard = self.read_back(
            "お客様側管理番号,お問い合わせ番号,フリー項目０１\r\n"
            f"1001,123456789013,{self.key}\r\n{self.other_key},400000000002,贈答\r\n"
        )
        self.assertEqual(self.outcomes(wizard), ["new", "new"])
        self.assertEqual(wizard.line_ids.sorted("row").picking_id, self.first | self.second)

    def test_report_of_rms_by_order_and_destination(self):
        packages = [package(7001, [item()]), package(7002, [item(number="2")])]
        (record,) = self.import_orders(order(4, packages, total=2200))
        one, two = record.sale_order_id.picking_ids.sorted("rakuten_basket_id")
        head = "注文番号,送付先ID,発送明細ID,お荷物伝票番号,配送会社,発送日\r\n"
        wizard = self.read_back(
            head
            + f"{record.name},7001,,123456789013,1001,2026-01-15\r\n"
            + f"{record.name},7002,,400000000002,1002,2026-01-15\r\n"
            + f"{record.name},7003,,620000000001,1001,2026-01-15\r\n"
            + f"{self.first.rakuten_order_number},,,,1000,\r\n"
            + f"{self.second.rakuten_order_number},,,-,1000,2026-01-15\r\n"
        )
        lines = wizard.line_ids.sorted("row")
        self.assertEqual(lines.mapped("outcome"), ["new", "doubt", "unknown", "missing", "missing"])
        self.assertEqual(lines[0].picking_id, one)
        self.assertEqual(lines[1].picking_id, two)
        self.assertIn("1002 instead of 1001", lines[1].message)
        wizard.action_apply()
        self.assertEqual(one.carrier_tracking_ref, "123456789013")
        self.assertEqual(two.carrier_tracking_ref, "400000000002")

    def test_report_of_rms_without_the_destination(self):
        """A blank 送付先ID is filled where only one transfer can be meant."""
        packages = [package(7001, [item()]), package(7002, [item(number="2")])]
        (record,) = self.import_orders(order(4, packages, total=2200))
        one, two = record.sale_order_id.picking_ids.sorted("rakuten_basket_id")
        head = "注文番号,送付先ID,発送明細ID,お荷物伝票番号,配送会社,発送日\r\n"
        blank = f"{record.name},,,400000000002,1001,2026-01-15\r\n"
        wizard = self.read_back(head + blank)
        self.assertEqual(self.outcomes(wizard), ["unknown"])
        self.assertIn("送付先ID", wizard.line_ids.message)
        self.assertIn(one.name, wizard.line_ids.message)
        wizard = self.read_back(
            head + f"{record.name},7001,,123456789013,1001,2026-01-15\r\n" + blank
        )
        self.assertEqual(self.outcomes(wizard), ["new", "new"])
        wizard.action_apply()
        self.assertEqual(one.carrier_tracking_ref, "123456789013")
        self.assertEqual(two.carrier_tracking_ref, "400000000002")
        # Read once more, both are known.
        wizard = self.read_back(head + blank)
        self.assertEqual(self.outcomes(wizard), ["known"])
        self.assertEqual(wizard.line_ids.picking_id, two)

    def test_list_without_keys_is_entered_order_by_order(self):
        text = "お問い合わせ番号,お届け先氏名\r\n620000000001,見本　太郎\r\n"
        with self.assertRaisesRegex(RedirectWarning, "whose they are") as caught:
            self.read_back(text)
        _message, action, _button, context = caught.exception.args
        wizard = self.env["rakuten.tracking.import"].with_context(**context).create({})
        self.assertEqual(wizard.mode, "text")
        action = self.env["ir.actions.act_window"].browse(action)
        self.assertEqual(action.res_model, wizard._name)

    def test_pasted_pairs(self):
        name, number = self.first.name, self.second.rakuten_order_number
        wizard = self.paste(f"{name}\t1234-5678-9013\n\n{number} 400000000002\n")
        self.assertEqual(self.outcomes(wizard), ["new", "new"])
        wizard.action_apply()
        self.assertEqual(self.first.carrier_tracking_ref, "1234-5678-9013")
        self.assertEqual(self.second.carrier_tracking_ref, "400000000002")

    def test_scanned_one_after_the_other(self):
        wizard = self.paste(
            f"{self.first.name}\na123456789013a\n{self.key}\n123456789013\n"
            f"{self.second.name}\n400000000002\n620000000001\n"
        )
        self.assertEqual(self.outcomes(wizard), ["new", "new", "new", "new"])
        wizard.action_apply()
        self.assertEqual(self.second.carrier_tracking_ref, "400000000002,620000000001")

    def test_unknown_names_take_no_neighbours_number(self):
        wizard = self.paste(
            f"{self.first.name} 123456789013\nWH/OUT/99999 400000000002\n"
            "WH/OUT/88888\n620000000001\n"
        )
        self.assertEqual(self.outcomes(wizard), ["new", "unknown", "unknown", "unknown"])
        wizard.action_apply()
        self.assertEqual(self.first.carrier_tracking_ref, "123456789013")

    def test_order_with_several_transfers(self):
        packages = [package(7001, [item()]), package(7002, [item(number="2")])]
        (record,) = self.import_orders(order(4, packages, total=2200))
        wizard = self.paste(f"{record.name} 123456789013")
        self.assertEqual(self.outcomes(wizard), ["unknown"])
        self.assertIn("several transfers", wizard.line_ids.message)

    @freeze_time("2026-01-15 03:00:00")
    def test_stock_user(self):
        """A warehouse user without any Rakuten role makes files, enters numbers and ships."""
        user = new_test_user(
            self.env,
            "rakuten-waybills",
            "stock.group_stock_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        third = self.import_one(5)
        self.env.flush_all()
        self.env.invalidate_all()
        mine = third.with_user(user)
        wizard = (
            self.env["rakuten.waybill.export"]
            .with_user(user)
            .browse(mine.action_rakuten_waybills()["res_id"])
        )
        self.assertEqual(str(wizard.ship_date), "2026-01-15")
        wizard.action_make()
        parcel = mine.rakuten_waybill_ids
        entry = (
            self.env["rakuten.tracking.import"]
            .with_user(user)
            .create(
                {
                    "data": base64.b64encode(
                        self.file(f"0,123456789013,{parcel.name}").encode("cp932")
                    ),
                    "validate_transfers": True,
                }
            )
        )
        entry.action_read()
        entry.action_apply()
        self.assertEqual(third.state, "done")
        self.assertEqual(third.carrier_tracking_ref, "123456789013")

    def test_personal_data_on_labels_go_with_the_order(self):
        self.first.rakuten_label_name = "見本"
        self.first.rakuten_order_id._anonymise()
        self.assertFalse(self.first.rakuten_label_name)

    def test_queries_do_not_grow_with_the_file(self):
        def queries(count, start):
            pickings = self.env["stock.picking"].union(
                *(self.import_one(n) for n in range(start, start + count))
            )
            self.export(pickings).action_make()
            rows = [
                f"0,{number * 10 + number % 7},{p.rakuten_waybill_ids.name}"
                for number, p in enumerate(pickings, start=10**10 + start)
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard = self.read_back(self.file(*rows))
            self.assertEqual(set(self.outcomes(wizard)), {"new"})
            return self.env.cr.sql_log_count - before

        few = queries(3, 100)
        self.assertLessEqual(queries(12, 500), few + 5)
