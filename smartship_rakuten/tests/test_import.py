"""From waiting orders at Rakuten to sale orders."""

import json
from datetime import date, datetime
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import OperationalError

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.rms import CredentialsRejected, TemporarilyUnavailable
from odoo.addons.smartship_rakuten.rms.answers import Answer, parse_json
from odoo.addons.smartship_rakuten.rms.orders import parse_get_order

from .common import ADDRESS, SHOP_NUMBER, RakutenCase, item, order, package
from .fake_rms import FUNCTIONS


@tagged("post_install", "-at_install")
class TestImport(RakutenCase):
    def lines(self, record):
        """(code of the product, quantity, price, tax rates) of each line."""
        return [
            (
                line.product_id.default_code,
                line.product_uom_qty,
                line.price_unit,
                line.tax_ids.mapped("amount"),
            )
            for line in record.sale_order_id.order_line
        ]

    def test_plain_order(self):
        (record,) = self.import_orders(order(1))
        sale_order = record.sale_order_id
        self.assertEqual(record.state, "done")
        self.assertEqual(self.lines(record), [("CODE-A", 1, 1100, [10])])
        self.assertEqual(sale_order.amount_total, 1100)
        self.assertEqual(sale_order.amount_tax, 100)
        self.assertEqual(sale_order.currency_id.name, "JPY")
        self.assertEqual(sale_order.state, "sale")
        # 09:15:02 in Japan, and still so after the confirmation.
        self.assertEqual(sale_order.date_order, datetime(2026, 1, 10, 0, 15, 2))
        self.assertEqual(sale_order.partner_id.name, "見本 太郎")
        self.assertEqual(sale_order.partner_id.zip, "100-0001")
        self.assertEqual(sale_order.partner_id.state_id.code, "JP-13")
        self.assertFalse(sale_order.partner_id.email)
        self.assertEqual(sale_order.rakuten_order_number, "123456-20260110-0000000001")

    def test_lines_are_in_the_buyer_s_language(self):
        """Whoever imports them, and whomever the scheduled action works for: charges and the parts
        of a set are named as the buyer reads them."""
        self.env["res.lang"]._activate_lang("ja_JP")
        self.shop.user_id.lang = self.env.user.lang = "en_US"
        for product, name in ((self.product_a, "商品A"), (self.product_b, "商品B")):
            product.with_context(lang="ja_JP").name = name
        self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "item-1",
                "variant_id": "normal-inventory",
                "component_ids": [
                    Command.create({"product_id": product.id})
                    for product in (self.product_a, self.product_b)
                ],
            }
        )

        def bought(number):
            entry = order(number, [package(7001, [item()], postage=500)], total=1600)
            return self.rms.put(entry)

        def names(numbers):
            record = self.Order.search([("name", "in", numbers)])
            return record.sale_order_id.order_line.mapped("name")

        expected = ["見本商品1\n[CODE-A] 商品A", "見本商品1\n[CODE-B] 商品B", "楽天 送料"]
        numbers = bought(1)
        self.env["rakuten.shop"]._cron_run("import")
        self.assertEqual(names(numbers), expected)
        numbers = bought(2)
        self.shop.with_context(lang="en_US").action_import_orders()
        self.assertEqual(names(numbers), expected)
        # Who reads English, and buys at a shop in Japan.
        buyer = self.Order.search([("name", "in", numbers)]).sale_order_id.partner_id
        buyer.lang = "en_US"
        numbers = bought(3)
        self.env["rakuten.shop"]._cron_run("import")
        self.assertEqual(names(numbers)[-1], "Rakuten Postage")

    def test_money_of_every_kind(self):
        """Two rates, tax-excluded item, postage, COD fee, wrapping, points and both coupons."""
        (record,) = self.import_orders(
            order(
                2,
                [
                    package(
                        7002,
                        [
                            item("1", price=1000, priceTaxIncl=1100, includeTaxFlag=0),
                            item("2", "CODE-B", price=540, units=2, rate=0.08),
                        ],
                        postage=500,
                        cod=330,
                    )
                ],
                # 1100 + 1080 + 500 + wrapping 220; the buyer pays that + 330 - 300 - 200 - 100
                total=2900,
                request=2630,
                couponShopPrice=300,
                couponOtherPrice=200,
                couponAllTotalPrice=500,
                PointModel={"usedPoint": 100},
                WrappingModel1={
                    "title": 1,
                    "name": "包装紙",
                    "price": 200,
                    "includeTaxFlag": 0,
                    "deleteWrappingFlag": 0,
                    "taxRate": 0.1,
                    "taxPrice": 20,
                },
                TaxSummaryModelList=[
                    {"taxRate": 0.1, "couponPrice": 350},
                    {"taxRate": 0.08, "couponPrice": 150},
                ],
            )
        )
        self.assertEqual(record.state, "done", record.problem)
        self.assertEqual(
            self.lines(record),
            [
                ("CODE-A", 1, 1100, [10]),
                ("CODE-B", 2, 540, [8]),
                ("RAKUTEN-POSTAGE", 1, 500, [10]),
                ("RAKUTEN-COD", 1, 330, [10]),
                ("RAKUTEN-WRAPPING", 1, 220, [10]),
                # 300 of 500 yen of coupons are the shop's: 210 of the 350 and 90 of the 150.
                ("RAKUTEN-COUPON", 1, -210, [10]),
                ("RAKUTEN-COUPON", 1, -90, [8]),
            ],
        )
        sale_order = record.sale_order_id
        self.assertEqual(sale_order.amount_total, 2930)
        self.assertEqual(
            sale_order.amount_total,
            sale_order.rakuten_request_price
            + sale_order.rakuten_used_point
            + sale_order.rakuten_coupon_rakuten,
        )

    def test_merchant_sku_comes_before_item_number(self):
        sku = {"variantId": "red", "merchantDefinedSkuId": "CODE-B", "skuInfo": "色:赤"}
        (record,) = self.import_orders(
            order(3, [package(7003, [item(code="CODE-A", SkuModelList=[sku])])])
        )
        self.assertEqual(record.sale_order_id.order_line.product_id, self.product_b)
        self.assertIn("色:赤", record.sale_order_id.order_line.name)

    def test_variants_from_before_the_migration_are_not_confused(self):
        """They share 商品管理番号 and have no SKU管理番号; the code tells them apart."""
        old = {"SkuModelList": [], "manageNumber": "shirt"}
        first, second, both = self.import_orders(
            order(90, [package(7090, [item("1", "CODE-A", **old)])]),
            order(91, [package(7091, [item("1", "CODE-B", **old)])]),
            order(
                92,
                [package(7092, [item("1", "CODE-B", **old), item("2", "CODE-A", **old)])],
                total=2200,
            ),
        )
        (later,) = self.import_orders(order(93, [package(7093, [item("1", "CODE-B", **old)])]))
        self.assertEqual(first.sale_order_id.order_line.product_id, self.product_a)
        self.assertEqual(second.sale_order_id.order_line.product_id, self.product_b)
        self.assertEqual(
            [line.product_id for line in both.sale_order_id.order_line],
            [self.product_b, self.product_a],
        )
        self.assertEqual(later.sale_order_id.order_line.product_id, self.product_b)
        self.assertFalse(self.env["rakuten.sku"].search([("manage_number", "=", "shirt")]))

    def test_item_number_does_not_name_a_variant(self):
        sku = {"variantId": "red", "merchantDefinedSkuId": None, "skuInfo": "色:赤"}
        (record,) = self.import_orders(
            order(4, [package(7004, [item(code="CODE-A", SkuModelList=[sku])])])
        )
        self.assertEqual(record.problem_code, "unmapped_sku")

    def test_explicit_sku_wins_and_multiplies(self):
        self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "item-1",
                "variant_id": "normal-inventory",
                "product_id": self.product_b.id,
                "quantity": 3,
            }
        )
        (record,) = self.import_orders(
            order(5, [package(7005, [item(price=1000, units=2)])], total=2000)
        )
        line = record.sale_order_id.order_line
        self.assertEqual(line.product_id, self.product_b)
        self.assertEqual(line.product_uom_qty, 6)
        self.assertEqual(record.sale_order_id.amount_total, 2000)

    def test_mapping_by_name_is_to_the_letter(self):
        self.env["rakuten.sku"].create(
            {"shop_id": self.shop.id, "name": "見本商品1", "product_id": self.product_b.id}
        )
        exact, blank = self.import_orders(
            order(6, [package(7006, [item(code="NOBODY")])]),
            order(7, [package(7007, [item(code="NOBODY", itemName="見本商品 1")])]),
        )
        self.assertEqual(exact.sale_order_id.order_line.product_id, self.product_b)
        self.assertEqual(blank.problem_code, "unmapped_sku")

    def test_code_of_two_products_is_ambiguous(self):
        self.product_b.rakuten_sku_code = "CODE-A"
        (record,) = self.import_orders(order(8))
        self.assertEqual(record.problem_code, "ambiguous_sku")
        self.assertFalse(record.sale_order_id)

    def test_bad_orders_wait_and_good_ones_pass(self):
        good, unmapped, undetermined, mismatch, pending, broken = self.import_orders(
            order(10),
            order(11, [package(7011, [item(code="NOBODY")])]),
            order(12, total=-9999, request=-9999),
            order(13, total=1200),
            order(
                14,
                [
                    package(
                        7014,
                        [item()],
                        SenderModel={
                            **ADDRESS,
                            "zipCode1": "999",
                            "prefecture": "入力待ち",
                            "familyName": "入力待ち",
                        },
                    )
                ],
            ),
            order(15, PackageModelList="none"),
        )
        self.assertEqual(good.state, "done")
        for record, code in (
            (unmapped, "unmapped_sku"),
            (undetermined, "amount_undetermined"),
            (mismatch, "amount_mismatch"),
            (pending, "recipient_incomplete"),
            (broken, "malformed"),
        ):
            with self.subTest(code=code):
                self.assertEqual(record.state, "blocked")
                self.assertEqual(record.problem_code, code)
                self.assertTrue(record.problem)
                self.assertFalse(record.sale_order_id)
        self.assertIn("見本商品1", unmapped.problem)
        self.assertIn("1200", mismatch.problem)

    def test_error_of_odoo_blocks_one_order_of_a_batch(self):
        """What Odoo itself refuses leaves the neighbours alone."""
        prepare = type(self.Order)._prepare_sale_order_vals

        reason = "Refused by a test."

        def refuse(record, *args):
            if record.name.endswith("21"):
                raise UserError(reason)
            return prepare(record, *args)

        self.patch(type(self.Order), "_prepare_sale_order_vals", refuse)
        records = self.import_orders(*(order(number) for number in range(20, 25)))
        self.assertEqual(records.mapped("state"), ["done", "blocked", "done", "done", "done"])
        self.assertEqual(
            records[1].problem, "Making the sale order did not succeed: Refused by a test."
        )

    def test_blocked_order_is_imported_once_it_is_mapped(self):
        (record,) = self.import_orders(order(30, [package(7030, [item(code="NEW-CODE")])]))
        self.assertEqual(record.state, "blocked")
        self.product_b.rakuten_sku_code = "NEW-CODE"
        self.shop.action_import_orders()
        self.assertEqual(record.state, "done")
        self.assertFalse(record.problem)

    def test_retry(self):
        (record,) = self.import_orders(order(31, [package(7031, [item(code="NEW-CODE")])]))
        self.product_b.rakuten_sku_code = "NEW-CODE"
        record.action_retry()
        self.assertEqual(record.state, "done")

    def test_unknown_tax_and_its_button(self):
        (record,) = self.import_orders(
            order(32, [package(7032, [item(price=1050, rate=0.05)])], total=1050)
        )
        self.assertEqual(record.problem_code, "unknown_tax")
        record.action_create_tax()
        self.assertEqual(record.state, "done", record.problem)
        self.assertEqual(record.sale_order_id.amount_tax, 50)

    def test_included_tax_is_made_from_the_companys_own(self):
        taxes = self.shop._get_taxes({Decimal("0.1"), Decimal("0.08")})
        self.assertEqual(
            {rate: tax.amount for rate, tax in taxes.items()},
            {Decimal("0.1"): 10, Decimal("0.08"): 8},
        )
        for tax in taxes.values():
            self.assertTrue(tax.price_include)
            self.assertTrue(
                tax.invoice_repartition_line_ids.account_id, "no account to post the tax to"
            )
        self.assertEqual(
            self.shop._get_taxes({Decimal("0.1")})[Decimal("0.1")], taxes[Decimal("0.1")]
        )

    def test_known_orders_are_not_read_again(self):
        self.import_orders(order(40), order(41, progress=100))
        self.rms.calls.clear()
        self.shop.action_import_orders()
        self.assertEqual(self.rms.names(), ["search_order", "search_order"])
        self.assertEqual(
            self.env["sale.order"].search_count([("origin", "like", "%0000000040")]), 1
        )

    def test_order_moves_from_waiting_to_import(self):
        (record,) = self.import_orders(order(42, progress=100))
        self.assertEqual(record.state, "waiting")
        self.assertFalse(record.sale_order_id)
        self.rms.orders[record.name]["orderProgress"] = 300
        self.shop.action_import_orders()
        self.assertEqual(record.state, "done")

    def test_confirmation_only_when_asked_for(self):
        (record,) = self.import_orders(order(43, progress=100))
        self.assertNotIn("confirm_order", self.rms.names())
        self.shop.auto_confirm = True
        self.shop.action_import_orders()
        self.assertEqual(record.progress, "200")
        self.assertEqual(self.rms.names().count("confirm_order"), 1)
        self.shop.action_import_orders()
        self.assertEqual(self.rms.names().count("confirm_order"), 1)

    def test_confirmation_without_an_answer_is_read_back(self):
        self.shop.auto_confirm = True
        self.rms.failures["confirm_order"] = True
        (record,) = self.import_orders(order(45, progress=100))
        self.assertEqual(record.progress, "200")
        self.assertFalse(record.problem)

    def test_undetermined_order_is_not_confirmed(self):
        self.shop.auto_confirm = True
        self.import_orders(order(44, progress=100, total=-9999, request=-9999))
        self.assertNotIn("confirm_order", self.rms.names())

    def test_states_by_progress(self):
        self.rms.put(*(order(50 + i, progress=code) for i, code in enumerate((200, 400, 500, 900))))
        for result in self.rms.get_order(self.rms.orders):
            records = self.Order._store(self.shop, result.orders)
        states = {record.progress: record.state for record in records}
        self.assertEqual(
            states, {"200": "waiting", "400": "waiting", "500": "ignored", "900": "cancelled"}
        )

    def test_older_than_the_start_date_is_left_alone(self):
        self.shop.import_from = datetime(2026, 1, 11)
        self.rms.put(order(60))
        self.shop.action_import_orders()
        self.assertFalse(self.Order.search([("name", "like", "%0000000060")]))

    def test_start_date_to_come(self):
        """The shop goes live next week: there is nothing to look for until then."""
        now = datetime(2026, 1, 10)
        self.shop.import_from = datetime(2026, 1, 17)
        start, _waiting, _to_ship = self.shop._list_orders(self.rms, now)
        self.assertEqual(start, now)

    def test_quotation_without_auto_fulfil(self):
        self.shop.auto_fulfil = False
        (record,) = self.import_orders(order(61))
        self.assertEqual(record.sale_order_id.state, "draft")
        self.assertFalse(record.sale_order_id.picking_ids)
        self.assertEqual(record.sale_order_id.date_order, datetime(2026, 1, 10, 0, 15, 2))

    def test_pricelist_of_another_currency_changes_nothing(self):
        self.env["product.pricelist"].create(
            {"name": "Dollars", "currency_id": self.env.ref("base.USD").id, "sequence": 0}
        )
        (record,) = self.import_orders(order(62))
        self.assertEqual(record.sale_order_id.currency_id.name, "JPY")
        self.assertEqual(record.sale_order_id.amount_total, 1100)

    def test_returning_buyer_is_one_contact(self):
        spelled = {**ADDRESS, "subAddress": "千代田０－０－０", "phoneNumber1": "０３"}
        moved = {**ADDRESS, "subAddress": "千代田1-1-1"}
        first, second, third = self.import_orders(
            order(63), order(64, OrdererModel=spelled), order(65, OrdererModel=moved)
        )
        self.assertEqual(first.sale_order_id.partner_id, second.sale_order_id.partner_id)
        self.assertEqual(first.sale_order_id.partner_id.street, "千代田0-0-0")
        self.assertNotEqual(first.sale_order_id.partner_id, third.sale_order_id.partner_id)

    def test_destinations_get_a_picking_each(self):
        other = {**ADDRESS, "familyName": "例題", "city": "港区", "isolatedIslandFlag": 0}
        (record,) = self.import_orders(
            order(
                66,
                [
                    package(7066, [item("1")]),
                    package(7067, [item("2", "CODE-B")], SenderModel=other),
                ],
                total=2200,
            )
        )
        pickings = record.sale_order_id.picking_ids.sorted("rakuten_basket_id")
        self.assertEqual(pickings.mapped("rakuten_basket_id"), ["7066", "7067"])
        self.assertEqual(pickings[0].partner_id.name, "見本 太郎")
        self.assertEqual(pickings[1].partner_id.name, "例題 太郎")
        self.assertEqual(pickings[1].move_ids.product_id, self.product_b)
        self.assertEqual(pickings[1].partner_id.parent_id, record.sale_order_id.partner_id)

    def test_destinations_keep_apart_in_two_steps(self):
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        (record,) = self.import_orders(
            order(
                67,
                [package(7071, [item("1")]), package(7072, [item("2")])],
                total=2200,
            )
        )
        picks = record.sale_order_id.picking_ids
        self.assertEqual(sorted(picks.mapped("rakuten_basket_id")), ["7071", "7072"])
        for pick in picks:
            pick.move_ids.quantity = 1
            pick.move_ids.picked = True
            pick.button_validate()
        ships = self.env["stock.picking"].search(
            [("rakuten_order_id", "=", record.id), ("picking_type_code", "=", "outgoing")]
        )
        self.assertEqual(sorted(ships.mapped("rakuten_basket_id")), ["7071", "7072"])

    def test_nul_is_replaced_and_the_original_kept(self):
        (record,) = self.import_orders(order(68, remarks="a\x00b\ud83d"))
        self.assertEqual(record.state, "done")
        self.assertEqual(record.payload["remarks"], "a\ufffdb\ufffd")
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "rakuten.order"), ("res_id", "=", record.id)]
        )
        self.assertIn(rb"a\u0000b\ud83d", attachment.raw)

    def test_what_the_wire_replaced_is_kept_beside(self):
        """As the client of RMS reads it: the payload is harmless already, the original attached."""
        (number,) = self.rms.put(order(67, remarks="a\x00b\ud83d", memberId=10**20))
        text = json.dumps({"MessageModelList": [], "OrderModelList": [self.rms.orders[number]]})
        read = Answer(200, text, "application/json", None, parse_json(text))
        result = parse_get_order(read, [number])
        with patch.object(self.rms, "get_order", lambda _numbers: iter([result])):
            self.shop._run("import")
        record = self.Order.search([("name", "=", number)])
        self.assertEqual(record.state, "done")
        self.assertEqual(record.payload["remarks"], "a\ufffdb\ufffd")
        self.assertEqual(record.payload["memberId"], "100000000000000000000")
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "rakuten.order"), ("res_id", "=", record.id)]
        )
        self.assertIn(rb"a\u0000b\ud83d", attachment.raw)

    def test_reading_again_imports_nothing_without_automatic_integration(self):
        """What the stock run has recorded, or has come to 300 since, waits for a person."""
        self.shop.auto_import = False
        self.rms.put(order(69))
        self.shop._fetch_new(self.rms, datetime(2026, 1, 10, 3))
        record = self.Order.search([("shop_id", "=", self.shop.id)])
        self.shop._run("refresh")
        self.assertEqual(record.state, "todo")
        self.shop.auto_import = True
        self.shop._run("refresh")
        self.assertEqual(record.state, "done")

    def test_what_is_mended_comes_by_itself_without_automatic_integration(self):
        """Somebody has tried to import it: nothing waits for a person who has acted."""
        self.shop.auto_import = False
        (record,) = self.import_orders(order(68, [package(7001, [item("9", "NOBODY")])]))
        self.assertEqual(record.state, "blocked")
        self.product_b.rakuten_sku_code = "NOBODY"
        self.shop._run("refresh")
        self.assertEqual(record.state, "done")

    def test_cancelled_before_it_ships(self):
        (record,) = self.import_orders(order(70))
        self.rms.orders[record.name]["orderProgress"] = 900
        self.shop._run("refresh")
        self.assertEqual(record.state, "cancelled")
        self.assertEqual(record.sale_order_id.state, "cancel")
        self.assertEqual(record.sale_order_id.picking_ids.state, "cancel")

    def test_cancelled_after_it_shipped(self):
        (record,) = self.import_orders(order(71))
        self.ship(record.sale_order_id.picking_ids, "111122223333")
        self.rms.orders[record.name]["orderProgress"] = 900
        self.shop._run("refresh")
        self.rms.orders[record.name]["modifyFlag"] = 1
        self.shop._run("refresh")
        self.assertEqual(record.sale_order_id.state, "sale")
        self.assertEqual(len(record.activity_ids), 1)

    def test_poison_payloads_stop_nobody(self):
        """Whatever stands where, the order is kept with a reason and its neighbour is imported."""
        package_with_text = package(7301, [item()], ShippingModelList="x")
        poison = {
            "points": {"PointModel": [1]},
            "person": {"OrdererModel": {**ADDRESS, "city": ["x"]}},
            "prefecture": {"OrdererModel": {**ADDRESS, "prefecture": 13}},
            "summary": {
                "couponShopPrice": 100,
                "requestPrice": 1000,
                "TaxSummaryModelList": [{"taxRate": "abc", "couponPrice": 100}],
            },
            "summary rate": {
                "couponShopPrice": 100,
                "requestPrice": 1000,
                "TaxSummaryModelList": [{"taxRate": 0.03, "couponPrice": 100}],
            },
            "date": {"orderDatetime": "0001-01-01T00:00:00+0900"},
            "rows": {"PackageModelList": [package_with_text]},
            "basket": {"PackageModelList": [package("seven", [item()])]},
            "units": {"PackageModelList": [package(7302, [item(units=-1)])]},
            "address": {"OrdererModel": {**ADDRESS, "subAddress": "長い住所" * 2000}},
            "huge": {"totalPrice": 10**30},
            "float": {"totalPrice": 1100.5},
        }
        orders = [
            {**order(number), **values} for number, values in enumerate(poison.values(), start=300)
        ]
        self.rms.put(*orders, order(299))
        self.shop.action_import_orders()
        records = self.Order.search([("shop_id", "=", self.shop.id)])
        self.assertEqual(len(records), len(poison) + 1)
        by_number = {record.name: record for record in records}
        self.assertEqual(by_number[order(299)["orderNumber"]].state, "done")
        for name, entry in zip(poison, orders, strict=True):
            with self.subTest(name=name):
                record = by_number[entry["orderNumber"]]
                self.assertIn(record.state, ("blocked", "done"))
                self.assertEqual(bool(record.problem), record.state == "blocked")
        self.shop.action_import_orders()

    def test_cancellation_is_seen_by_the_import(self):
        (record,) = self.import_orders(order(74))
        self.rms.orders[record.name]["orderProgress"] = 900
        self.shop.last_import = False
        with freeze_time("2026-01-12 03:00:00"):
            self.shop.action_import_orders()
        self.assertEqual(record.state, "cancelled")

    def test_edited_contact_is_not_given_to_the_next_order(self):
        (first,) = self.import_orders(order(75))
        first.sale_order_id.partner_id.street = "Somewhere else"
        (second,) = self.import_orders(order(76))
        self.assertNotEqual(first.sale_order_id.partner_id, second.sale_order_id.partner_id)
        self.assertEqual(second.sale_order_id.partner_id.street, "千代田0-0-0")

    def test_retry_reads_the_order_again(self):
        (record,) = self.import_orders(order(77, total=-9999, request=-9999))
        self.rms.put(order(77))
        record.action_retry()
        self.assertEqual(record.state, "done")
        (cancelled,) = self.import_orders(order(78, total=-9999, request=-9999))
        self.rms.put(order(78, progress=900))
        cancelled.action_retry()
        self.assertEqual(cancelled.state, "cancelled")
        self.assertFalse(cancelled.sale_order_id)

    def test_retry_keeps_each_batch(self):
        """Two batches, of which the second fails as a whole: what the first has made stays."""
        records = self.import_orders(
            *(order(n, [package(7000 + n, [item(code="NEW-CODE")])]) for n in range(81, 85))
        )
        self.assertEqual(set(records.mapped("state")), {"blocked"})
        self.product_b.rakuten_sku_code = "NEW-CODE"
        cr, batches = self.env.cr, []
        process = type(records)._process

        def commit(shop, *_args, **_options):
            shop.env.flush_all()
            cr.execute("SAVEPOINT committed")
            return float("inf")

        def fail_at_the_second(batch):
            batches.append(batch)
            if len(batches) == 2:
                raise OperationalError("the connection is lost")
            return process(batch)

        with (
            patch(
                "odoo.addons.smartship_rakuten.models.orders.rakuten_shop.ORDERS_PER_COMMIT",
                2,
            ),
            patch.object(type(self.shop), "_commit", commit),
            patch.object(type(records), "_process", fail_at_the_second),
            mute_logger("odoo.addons.smartship_rakuten"),
        ):
            try:
                records.action_retry()
            except OperationalError:
                # Not assertRaises, which would take back what was committed.
                cr.execute("ROLLBACK TO SAVEPOINT committed")
                self.env.invalidate_all()
        self.assertEqual([len(batch) for batch in batches], [2, 2])
        self.assertEqual(set(batches[0].mapped("state")), {"done"})
        self.assertEqual(set(batches[1].mapped("state")), {"blocked"})
        self.assertEqual(batches[0] | batches[1], records)
        records.action_retry()
        self.assertEqual(set(records.mapped("state")), {"done"})

    def test_retry_leaves_alone_what_somebody_else_works_on(self):
        """As the import does: the order is tried again when its lock is gone."""
        records = self.import_orders(
            *(order(n, [package(7000 + n, [item(code="NEW-CODE")])]) for n in (86, 87))
        )
        self.product_b.rakuten_sku_code = "NEW-CODE"
        locked = records[0]
        with patch.object(
            type(records), "try_lock_for_update", lambda batch, **_options: batch - locked
        ):
            records.action_retry()
        self.assertEqual(records.mapped("state"), ["blocked", "done"])

    def test_change_pending_holds_the_picking(self):
        (record,) = self.import_orders(order(72))
        self.rms.orders[record.name]["orderProgress"] = 400
        self.shop.action_import_orders()
        with self.assertRaisesRegex(UserError, "400 変更確定待ち"):
            self.ship(record.sale_order_id.picking_ids, "111122223333")

    def test_rejected_key_stops_the_shop(self):
        self.rms.failures["search_order"] = CredentialsRejected()
        self.rms.rejected = set(FUNCTIONS)
        try:
            self.shop.action_import_orders()
        except UserError as error:
            self.assertIn("does not accept the keys", str(error))
        else:
            self.fail("no error")
        self.assertEqual(self.shop.state, "key_rejected")

    def test_function_not_enabled_does_not_stop_the_shop(self):
        """RMS answers both with the same code; what still answers tells them apart."""
        self.rms.failures["items_search"] = CredentialsRejected(operation="items.search")
        with self.assertRaisesRegex(UserError, "not enabled: items.search"):
            self.shop.action_import_skus()
        self.assertEqual(self.shop.state, "connected")

    def test_passing_trouble_leaves_the_shop_connected(self):
        self.rms.failures["search_order"] = TemporarilyUnavailable()
        with self.assertRaises(UserError):
            self.shop.action_import_orders()
        self.assertEqual(self.shop.state, "connected")

    def test_cron_survives_a_shop_in_trouble(self):
        self.shop.auto_import = True
        self.rms.failures["search_order"] = TemporarilyUnavailable()
        self.rms.put(order(80))
        with self.assertLogs("odoo.addons.smartship_rakuten", "WARNING"):
            self.env["rakuten.shop"]._cron_run("import")
        self.env["rakuten.shop"]._cron_run("import")
        self.assertEqual(self.Order.search([("name", "like", "%0000000080")]).state, "done")

    def test_queries_do_not_grow_with_the_order_count(self):
        """Twice the orders cost less than twice the queries: lookups are per batch."""
        self.import_orders(order(100))

        def queries(first, count):
            self.rms.put(*(order(number) for number in range(first, first + count)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.shop.action_import_orders()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few, many = queries(200, 10), queries(300, 40)
        self.assertLess((many - few) / 30, few / 10)


@tagged("post_install", "-at_install")
class TestOldOrders(RakutenCase):
    """Orders that are open at Rakuten for months: prepaid, reserved, on back order."""

    def setUp(self):
        super().setUp()
        self.rms.by_date = True
        self.shop.import_from = datetime(2025, 8, 1)

    def placed(self, sequence, day, fixed="2026-01-11", **values):
        number = f"{SHOP_NUMBER}-{day.replace('-', '')}-{sequence:010d}"
        return order(
            sequence,
            orderNumber=number,
            orderDatetime=f"{day}T09:15:02+0900",
            orderFixDatetime=fixed and f"{fixed}T09:15:02+0900",
            **values,
        )

    def found(self):
        records = self.Order.search([("shop_id", "=", self.shop.id)], order="name")
        return {record.name[-2:]: record.state for record in records}

    def test_open_for_months(self):
        """The first run looks at everything since the start date."""
        with self.at(datetime(2026, 1, 12, 3, 0)):
            self.rms.put(
                self.placed(1, "2025-08-10", fixed="2025-08-11"),
                self.placed(2, "2025-08-10", fixed=None, progress=200),
                self.placed(3, "2025-07-10"),
            )
            self.shop.action_import_orders()
            self.assertEqual(self.found(), {"01": "done", "02": "waiting"})

    def test_released_lately_though_placed_long_ago(self):
        """Any later run, by two calls."""
        with self.at(datetime(2026, 1, 12, 3, 0)):
            self.shop.action_import_orders()
            self.rms.put(self.placed(4, "2025-08-10"), self.placed(5, "2025-07-10"))
            self.rms.calls.clear()
            self.shop.action_import_orders()
            self.assertEqual(self.found(), {"04": "done"})
            self.assertEqual(self.rms.names(), ["search_order", "search_order", "get_order"])

    def test_start_that_is_moved_back(self):
        with self.at(datetime(2026, 1, 12, 3, 0)):
            self.rms.put(self.placed(6, "2025-07-10", fixed="2025-07-11"))
            self.shop.action_import_orders()
            self.assertEqual(self.found(), {})
            self.shop.import_from = datetime(2025, 7, 1)
            self.shop.action_import_orders()
            self.assertEqual(self.found(), {"06": "done"})

    def test_preview_that_is_opened_again_does_not_search_the_past_again(self):
        """To look back 730 days takes twelve searches: that is remembered for a day."""

        def preview():
            self.rms.calls.clear()
            wizard = self.env["rakuten.order.import"].create({"shop_id": self.shop.id})
            wizard.action_preview()
            old = wizard.line_ids.filtered(lambda line: line.outcome == "too_old")
            return len(old), self.rms.names().count("search_order")

        with self.at(datetime(2026, 1, 12, 3, 0)):
            self.rms.put(self.placed(11, "2025-07-10", fixed="2025-07-11"))
            self.assertEqual(preview(), (1, 3))
        with self.at(datetime(2026, 1, 12, 20, 0)):
            self.assertEqual(preview(), (1, 2))
            # Another start date is another question.
            self.shop.import_from = datetime(2025, 7, 20)
            self.assertEqual(preview(), (1, 3))
            self.shop.import_from = datetime(2025, 7, 1)
            self.assertEqual(preview()[0], 0)
        with self.at(datetime(2026, 1, 14, 3, 0)):
            self.assertEqual(preview(), (0, 3))
            # The usual run stays at two searches.
            self.rms.calls.clear()
            self.shop.action_import_orders()
            self.shop.action_import_orders()
            self.assertEqual(self.rms.names().count("search_order"), 4)

    def test_preview_shows_what_is_older(self):
        with self.at(datetime(2026, 1, 12, 3, 0)):
            self.rms.put(
                self.placed(7, "2025-07-10", fixed="2025-07-11"),
                self.placed(8, "2025-07-20", fixed=None, progress=100),
                self.placed(9, "2025-07-05", progress=500),
                self.placed(10, "2025-09-10"),
            )
            wizard = self.env["rakuten.order.import"].create({"shop_id": self.shop.id})
            wizard.action_preview()
            outcomes = {line.name[-2:]: line.outcome for line in wizard.line_ids}
            self.assertEqual(outcomes, {"07": "too_old", "08": "too_old", "10": "import"})
            self.assertEqual(wizard.oldest, date(2025, 7, 10))
            wizard.action_move_start()
            # The begin of that day in Japan.
            self.assertEqual(self.shop.import_from, datetime(2025, 7, 9, 15, 0))
            outcomes = {line.name[-2:]: line.outcome for line in wizard.line_ids}
            self.assertEqual(outcomes, {"07": "import", "08": "waiting", "10": "import"})
            self.assertFalse(wizard.oldest)
            wizard.action_import()
            self.assertEqual(self.found(), {"07": "done", "08": "waiting", "10": "done"})
