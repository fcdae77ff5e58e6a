"""Payloads that are broken in one place each: no batch fails as a whole, no neighbour suffers."""

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.models.text import storable

from .common import ADDRESS, RakutenCase, item, order, package
from .mutations import NOISE, mutated, paths

#: What the rich order below totals, whatever is broken in it: 1100 + 2 x 540 + 880, postage 500
#: and 700, COD fee 330, paper 220 and ribbon 110, charge 220, fee 250, less the shop's 300.
TOTAL = 5090


def rich():
    """An order with everything that section 3 of the RMS API knows."""
    return order(
        1,
        [
            package(
                7001,
                [
                    item(
                        price=1000,
                        priceTaxIncl=1100,
                        includeTaxFlag=0,
                        selectedChoice="名入れ:見本",
                    ),
                    item("2", "CODE-B", 540, 2, 0.08, itemId=20000002),
                    item("3", "CODE-B", 300, deleteItemFlag=1),
                ],
                postage=500,
                cod=330,
                noshi="御祝",
                dropOffFlag=1,
                dropOffLocation="玄関前",
                defaultDeliveryCompanyCode="1001",
                DeliveryCvsModel={"cvsCode": 50, "storeName": "見本店", "storeZip": "100-0001"},
                SocialGiftModel={"inputFlag": 1, "inputDueDate": "2026-01-20"},
            ),
            package(
                7002,
                [item("4", price=880, SkuModelList=[])],
                postage=700,
                SenderModel={**ADDRESS, "familyName": "例題", "isolatedIslandFlag": 1},
                ShippingModelList=[],
            ),
        ],
        # 1100 + 1080 + 880 + 500 + 700 + 220 + 110
        total=4590,
        goodsPrice=3290,
        postagePrice=1200,
        paymentCharge=220,
        additionalFeeOccurAmountToUser=250,
        additionalFeeOccurAmountToShop=100,
        couponShopPrice=300,
        couponOtherPrice=200,
        couponAllTotalPrice=500,
        # 4590 + 330 + 220 + 250 - 500 - 100
        request=4790,
        PointModel={"usedPoint": 100},
        WrappingModel1=wrapping(200, 0, 20),
        WrappingModel2=wrapping(110, 1, 10),
        CouponModelList=[
            {
                "couponCode": "SAMPLE",
                "couponCapitalCode": capital,
                "couponPrice": price,
                "couponUnit": 1,
                "couponTotalPrice": price,
                "itemDetailId": detail,
            }
            for capital, price, detail in ((1, 100, 2), (1, 200, 0), (3, 200, 0))
        ],
        TaxSummaryModelList=[
            {
                "taxRate": rate,
                "totalPrice": total,
                "paymentCharge": charge,
                "couponPrice": coupon,
                "point": 0,
                "reqPrice": request,
                "reqPriceTax": tax,
            }
            for rate, total, charge, coupon, request, tax in (
                (0.1, 3510, 550, 300, 3760, 342),
                (0.08, 1080, 0, 200, 880, 65),
            )
        ],
        remarks="[備考:]\n見本です",
        deliveryDate="2026-01-20",
        shippingTerm=1416,
        giftCheckFlag=1,
        orderType=4,
        reserveNumber="123456-00000001-r",
        SettlementModel={"settlementMethodCode": 2, "settlementMethod": "代金引換"},
        DeliveryModel={"deliveryName": "宅配便", "deliveryClass": 1},
        DueDateModelList=[{"dueDateType": 0, "dueDate": "2026-01-20"}],
        ChangeReasonModelList=[{"changeId": 1, "changeType": 8}],
    )


def wrapping(price, included, tax):
    return {
        "title": 1,
        "name": "包装",
        "price": price,
        "includeTaxFlag": included,
        "deleteWrappingFlag": 0,
        "taxRate": 0.1,
        "taxPrice": tax,
    }


@tagged("post_install", "-at_install")
class TestMutation(RakutenCase):
    def setUp(self):
        super().setUp()
        self.shop.auto_fulfil = False
        # RMS lists every order, however broken its status is.
        self.rms.search_order = lambda *, start, end, order_progress_list=None: iter(
            list(self.rms.orders) if order_progress_list == [300] else []
        )

    def test_rich_order(self):
        """What is broken in the next test is right as it stands."""
        (record,) = self.import_orders(rich())
        self.assertEqual(record.state, "done", record.problem)
        self.assertEqual(record.sale_order_id.amount_total, TOTAL)

    def test_no_batch_fails_as_a_whole(self):
        """Each field of a rich order takes each form of noise, a hundred orders a batch."""
        mutations = [
            (path, value) for path in paths(rich()) if path != ("orderNumber",) for value in NOISE
        ]
        # The forms take turns over the fields, so that each field meets several of each sort.
        mutations = mutations[:: max(1, len(mutations) // 1200)]
        broken, good = {}, []
        for sequence, (path, value) in enumerate(mutations, start=1):
            if sequence % 50 == 1:
                good += self.rms.put(order(900_000 + sequence))
            payload = mutated(rich(), path, value)
            payload["orderNumber"] = f"123456-20260110-{sequence:010d}"
            (number,) = self.rms.put(payload)
            broken[number] = path, value
        with self.assertNoLogs("odoo.addons.smartship_rakuten", "ERROR"):
            self.shop.action_import_orders()
        records = self.Order.search([("shop_id", "=", self.shop.id)])
        self.assertEqual(set(records.mapped("name")), {*broken, *good}, "nothing is lost")
        for record in records:
            if record.name not in broken:
                self.assertEqual(record.state, "done", "a good neighbour is untouched")
                self.assertEqual(record.sale_order_id.amount_total, 1100)
                continue
            path, value = broken[record.name]
            with self.subTest(path=path, value=str(value)[:20]):
                self.check_broken(record)

    def check_broken(self, record):
        self.assertEqual(record.payload, storable(self.rms.orders[record.name]), "kept as it came")
        self.assertTrue(record.with_user(self.env.user).display_name)
        sale_order = record.sale_order_id
        if record.state == "done":
            self.assertEqual(sale_order.amount_total, TOTAL)
            self.assertEqual(
                sale_order.rakuten_request_price
                + sale_order.rakuten_used_point
                + sale_order.rakuten_coupon_rakuten,
                TOTAL,
            )
            return
        self.assertFalse(sale_order)
        if record.state == "blocked":
            self.assertTrue(record.problem_code)
            self.assertRegex(record.problem, r"^[^\n]{20,1000}\.$")
        else:
            # Its status alone was changed, to another one that RMS knows.
            self.assertIn(record.state, ("waiting", "ignored", "cancelled"))
