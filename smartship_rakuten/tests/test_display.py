"""The order form shows what RMS shows, in RMS's terms."""

from lxml import html

from odoo.tests import tagged

from .common import RakutenCase, item, order, package


@tagged("post_install", "-at_install")
class TestDisplay(RakutenCase):
    def terms(self, record):
        """(term, text) of every row, and the cells of every table."""
        tree = html.fromstring(f"<div>{record.goods_details}{record.details}</div>")
        rows = [(row.findtext("th"), row.findtext("td")) for row in tree.xpath("//tr[th and td]")]
        cells = [cell.text for cell in tree.xpath("//tbody//td")]
        return rows, cells

    def test_everything_in_the_terms_of_rms(self):
        (record,) = self.import_orders(
            order(
                1,
                [
                    package(
                        7001,
                        [item(selectedChoice="名入れ:あり")],
                        noshi="御祝",
                        dropOffLocation="玄関前",
                        postagePrice=500,
                        ShippingModelList=[
                            {"shippingDetailId": 1, "deliveryCompanyName": "ヤマト運輸"}
                        ],
                    )
                ],
                total=1600,
                deliveryDate="2026-02-01",
                shippingTerm=1416,
                orderType=4,
                giftCheckFlag=1,
                isolatedIslandFlag=1,
                cautionDisplayType=1,
                cautionDisplayDetailType=102,
                remarks="一行目\n二行目",
                SettlementModel={"settlementMethodCode": 2, "rpaySettlementFlag": 0},
                DeliveryModel={"deliveryName": "クール便", "deliveryClass": 2},
                TaxSummaryModelList=[{"taxRate": 0.1, "reqPrice": 1600, "reqPriceTax": 145}],
            )
        )
        rows, cells = self.terms(record)
        for row in [
            ("ステータス", "発送待ち"),
            ("注文種別", "定期購入"),
            ("注文日時", "2026-01-10 09:15:02"),
            ("お届け日指定", "2026-02-01"),
            ("お届け時間帯", "14時～16時"),
            ("配送区分", "冷蔵"),
            ("表示", "ギフト配送希望、離島"),
            ("顧客・配送対応注意表示", "あり：受取拒否"),
            ("備考", "一行目\n二行目"),
            ("フリガナ", "ミホン タロウ"),
            ("支払方法", "代金引換"),
            ("のし", "御祝"),
            ("置き配", "玄関前"),
            ("送料", "500円"),
            ("お荷物伝票番号", "ヤマト運輸"),
            ("請求金額", "1,600円"),
        ]:
            self.assertIn(row, rows)
        for text in ("名入れ:あり", "10%", "145円", "1,100円"):
            self.assertIn(text, cells)

    def test_undetermined_is_said_so(self):
        (record,) = self.import_orders(order(2, total=-9999, request=-9999))
        self.assertIn(("請求金額", "未確定"), self.terms(record)[0])

    def test_payload_is_no_markup(self):
        (record,) = self.import_orders(order(3, remarks="<script>alert(1)</script>"))
        self.assertNotIn("<script", record.goods_details + record.details)

    def test_broken_payloads_are_shown_as_far_as_they_go(self):
        for payload in (None, [], {"PackageModelList": [None, {"ItemModelList": 5}]}, {"a": 1}):
            record = self.Order.create(
                {"shop_id": self.shop.id, "name": f"x{payload}", "payload": payload}
            )
            self.assertIsNotNone(record.goods_details)
            self.assertIsNotNone(record.details)
