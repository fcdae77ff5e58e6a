"""Rules of the SKU mapping: each with its switch, its precedence and its near-misses."""

from ast import literal_eval
from datetime import datetime

from freezegun import freeze_time
from lxml import etree

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rules.order import parse_items

from .common import RakutenCase, item, order, package

SKU_FIELDS = ("variantId", "merchantDefinedSkuId", "skuInfo")


def sku(variant="normal-inventory", merchant=None, info=None):
    return {"SkuModelList": [dict(zip(SKU_FIELDS, (variant, merchant, info), strict=True))]}


@tagged("post_install", "-at_install")
class TestRules(RakutenCase):
    def setUp(self):
        super().setUp()
        self.sequence = 0
        self.product = self.env["product.product"].create(
            {
                "name": "Wanted",
                "default_code": "WANTED",
                "is_storable": True,
                "barcode": "4900000000016",
            }
        )

    def find(self, **values):
        """Product of a line of an order, or the problem code."""
        self.sequence += 1
        values = {"code": "other", "manageNumber": f"page-{self.sequence}", **values}
        (record,) = self.import_orders(
            order(self.sequence, [package(self.sequence, [item("1", **values)])])
        )
        return record.sale_order_id.order_line.product_id or record.problem_code

    def catalogue(self, **values):
        return self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "page-x",
                "variant_id": "normal-inventory",
                **values,
            }
        )

    #: rule: item values that fit it, given the code
    CASES = {
        "merchant_sku": lambda code: {**sku("red", code, "色:赤")},
        "item_number": lambda code: {"code": code},
        "old_code": lambda code: {"code": code, "selectedChoice": "色:赤", "SkuModelList": []},
        "manage_number": lambda code: {"manageNumber": code},
    }
    NEAR_MISSES = ("WANTED ", " WANTED", "wanted", "ＷＡＮＴＥＤ", "WANTED1", "WANT ED", "WANTE")

    def test_each_code_rule(self):
        for rule, values in self.CASES.items():
            with self.subTest(rule=rule):
                self.assertEqual(self.find(**values("WANTED")), self.product)

    def test_code_of_a_product_without_variants(self):
        """It is entered and found on the product, where Odoo's menus lead."""
        template = self.env["product.template"].create(
            {"name": "見本", "rakuten_sku_code": "SELLER-1"}
        )
        self.assertEqual(template.product_variant_id.rakuten_sku_code, "SELLER-1")
        template.rakuten_sku_code = "SELLER-2"
        self.assertEqual(template.product_variant_id.rakuten_sku_code, "SELLER-2")
        found = self.env["product.template"].search([("rakuten_sku_code", "=", "SELLER-2")])
        self.assertEqual(found, template)

    def test_each_switch(self):
        for rule, values in self.CASES.items():
            with self.subTest(rule=rule):
                self.env["rakuten.sku"].search([]).unlink()
                self.shop[f"match_{rule}"] = False
                self.assertEqual(self.find(**values("WANTED")), "unmapped_sku")
                self.shop[f"match_{rule}"] = True

    def test_what_no_rule_finds_waits_in_the_list_for_its_product(self):
        (record,) = self.import_orders(
            order(1, [package(1, [item("1", code="other", manageNumber="page-1")])])
        )
        lacking = self.env["rakuten.sku"].search([("mapping_state", "=", "unmapped")])
        self.assertEqual(lacking.mapped("manage_number"), ["page-1"])
        self.assertEqual(lacking.name, "見本商品1")
        self.assertEqual(lacking.waiting_order_count, 1)
        self.assertEqual(self.shop.unmapped_count, 1)
        lacking.product_id = self.product
        self.shop.action_import_orders()
        self.assertEqual(record.sale_order_id.order_line.product_id, self.product)

    def test_one_sku_for_all_orders_that_wait_for_it(self):
        """Whether no product has the code or several have; keys with blanks around them too."""
        self.product_a.rakuten_sku_code = "WANTED"
        lines = [
            item("1", code="other", manageNumber="page-1"),
            item("1", code="other", manageNumber=" page-1 "),
            item("1", code="WANTED", manageNumber="page-2"),
        ]
        records = self.import_orders(
            *(order(number, [package(number, [line])]) for number, line in enumerate(lines, 1))
        )
        self.assertEqual(
            sorted(records.mapped("problem_code")),
            ["ambiguous_sku", "unmapped_sku", "unmapped_sku"],
        )
        lacking = self.env["rakuten.sku"].search([("mapping_state", "=", "unmapped")])
        self.assertEqual(
            [(row.manage_number, row.waiting_order_count) for row in lacking],
            [("page-1", 2), ("page-2", 1)],
        )

    def test_order_of_before_the_sku_migration_waits_in_the_list_too(self):
        """By its name and options: its variants share one key."""

        def old(number, choice, **values):
            line = item(
                "1",
                code="other",
                itemName="旧商品",
                selectedChoice=choice,
                SkuModelList=[],
                **values,
            )
            return order(number, [package(number, [line])])

        self.shop.match_name = False
        records = self.import_orders(old(1, "色:赤"), old(2, "色:赤"), old(3, "色:青"))
        self.assertEqual(set(records.mapped("problem_code")), {"unmapped_sku"})
        rows = self.env["rakuten.sku"].search([("mapping_state", "=", "unmapped")])
        rows = rows.sorted(lambda row: row.waiting_order_count, reverse=True)
        self.assertEqual(
            [
                (row.name, row.option_text, row.manage_number, row.variant_id, row.item_number)
                for row in rows
            ],
            [("旧商品", text, False, False, "other") for text in ("色:赤", "色:青")],
        )
        self.assertEqual(rows.mapped("waiting_order_count"), [2, 1])
        self.assertEqual(rows.mapped("in_catalogue"), [False, False])
        self.assertEqual(self.shop.unmapped_count, 2)
        self.shop.action_import_orders()
        self.assertEqual(self.shop.unmapped_count, 2)
        red = rows[0]
        red.product_id = self.product
        self.shop.action_import_orders()
        self.assertEqual(records.mapped("state"), ["done", "done", "blocked"])
        self.assertEqual(records[0].sale_order_id.order_line.product_id, self.product)
        self.assertEqual(self.shop.unmapped_count, 1)

    def test_choice_between_products_of_an_old_code(self):
        """Where a rule finds two, the row of the order decides."""
        self.product_a.rakuten_sku_code = "WANTED"
        values = {"code": "WANTED", "selectedChoice": "色:赤", "SkuModelList": []}
        self.assertEqual(self.find(**values), "ambiguous_sku")
        row = self.env["rakuten.sku"].search([("mapping_state", "=", "unmapped")])
        row.product_id = self.product_a
        self.shop.action_import_orders()
        record = self.env["rakuten.order"].search([("shop_id", "=", self.shop.id)])
        self.assertEqual(record.sale_order_id.order_line.product_id, self.product_a)

    def test_card_and_orders_count_the_same(self):
        """A SKU whose product was archived is one that orders wait for."""
        self.catalogue(manage_number="page-old", product_id=self.product.id)
        self.assertEqual(self.shop.unmapped_count, 0)
        self.product.active = False
        self.assertEqual(self.find(manageNumber="page-old"), "unmapped_sku")
        self.shop.invalidate_recordset(["unmapped_count"])
        self.assertEqual(self.shop.unmapped_count, 1)
        action = self.shop.action_view_skus()
        view = self.env.ref("smartship_rakuten.view_rakuten_sku_search")
        arch = self.env["rakuten.sku"].get_view(view.id, "search")["arch"]
        (domain,) = etree.fromstring(arch).xpath("//filter[@name='unmapped']/@domain")
        self.assertTrue(action["context"]["search_default_unmapped"])
        self.assertEqual(
            self.env["rakuten.sku"].search_count(action["domain"] + literal_eval(domain)), 1
        )

    def test_skus_that_orders_wait_for_come_first(self):
        one, two = (self.catalogue(manage_number=f"page-{name}") for name in "ab")
        none = self.catalogue(manage_number="page-0")
        for name in "bab":
            self.find(manageNumber=f"page-{name}")
        found = self.env["rakuten.sku"].search(
            [("id", "in", (one | two | none).ids)],
            order="waiting_order_count desc, manage_number, id",
        )
        self.assertEqual(found, two | one | none)
        back = found.search([("id", "in", found.ids)], order="waiting_order_count, id")
        self.assertEqual(back, none | one | two)
        for comparison, value, expected in (
            (">", 0, one | two),
            (">", 1, two),
            ("<", 2, none | one),
            ("=", 0, none),
            ("!=", 1, none | two),
        ):
            domain = [("id", "in", found.ids), ("waiting_order_count", comparison, value)]
            self.assertEqual(found.search(domain, order="id").sorted("id"), expected.sorted("id"))

    def test_from_an_order_to_its_skus_and_back(self):
        """The button opens these and no others; the sentence names item and code."""
        lines = [
            item("1", code="CODE-1", manageNumber="page-1"),
            item("2", code="CODE-2", manageNumber="page-2"),
            item("3", code="WANTED", manageNumber="page-3"),
        ]
        (record,) = self.import_orders(order(101, [package(101, lines)], total=3300))
        self.find(manageNumber="page-other")
        self.assertIn("見本商品1 (CODE-1)、見本商品2 (CODE-2)", record.problem)
        action = record.action_map_skus()
        skus = self.env["rakuten.sku"].search(action["domain"])
        self.assertEqual(set(skus.mapped("manage_number")), {"page-1", "page-2"})
        again = skus.with_context(**action["context"]).browse().action_import_waiting()
        self.assertEqual(again["params"]["type"], "warning")
        self.assertEqual(again["params"]["message"], f"Not imported: {record.problem}")
        skus.product_id = self.product
        again = skus.with_context(**action["context"]).browse().action_import_waiting()
        self.assertEqual(again["params"]["type"], "success")
        self.assertEqual(again["params"]["message"], f"Imported as {record.sale_order_id.name}.")
        self.assertFalse(record.lacking_sku_ids)

    def test_try_again_of_several(self):
        """What became of each: sale orders, reasons, and what Rakuten has cancelled meanwhile."""
        records = self.import_orders(
            *(
                order(n, [package(n, [item("1", code=f"CODE-{n}", manageNumber=f"page-{n}")])])
                for n in (1, 2, 3)
            )
        )
        self.env["product.product"].create({"name": "見本", "default_code": "CODE-1"})
        self.rms.orders[records[2].name]["orderProgress"] = 900
        said = records.action_retry()["params"]
        self.assertEqual(said["type"], "warning")
        self.assertEqual(
            said["message"].split("\n"),
            [
                f"Imported as {records[0].sale_order_id.name}.",
                "Not imported, 2:",
                f"{records[1].name}: {records[1].problem}",
                f"{records[2].name}: Cancelled",
            ],
        )

    def test_preview_leaves_no_sku(self):
        before = self.env["rakuten.sku"].search_count([])
        self.rms.put(order(1, [package(1, [item("1", code="other", manageNumber="page-1")])]))
        (row,) = self.shop._preview_orders({})
        self.assertEqual(row["outcome"], "hold")
        self.env.invalidate_all()
        self.assertEqual(self.env["rakuten.sku"].search_count([]), before)

    def test_near_misses(self):
        for rule, values in self.CASES.items():
            for code in self.NEAR_MISSES:
                with self.subTest(rule=rule, code=code):
                    self.assertEqual(self.find(**values(code)), "unmapped_sku")

    def test_item_codes_do_not_name_an_option(self):
        for values in ({"code": "WANTED"}, {"manageNumber": "WANTED"}):
            self.assertEqual(self.find(**values, **sku("red", None, "色:赤")), "unmapped_sku")

    def test_precedence_follows_the_order_of_the_rules(self):
        first, second = self.product, self.product_b
        for values in (
            {"code": "CODE-B", **sku("normal-inventory", "WANTED")},
            {"code": "WANTED", "manageNumber": "CODE-B"},
        ):
            with self.subTest(**values):
                self.assertEqual(self.find(**values), first)
        self.catalogue(manage_number="page-known", product_id=second.id)
        self.assertEqual(self.find(manageNumber="page-known", code="WANTED"), second)

    def test_own_code_of_rakuten_comes_instead_of_the_reference(self):
        self.product.rakuten_sku_code = "RAKUTEN-1"
        self.assertEqual(self.find(code="RAKUTEN-1"), self.product)
        self.assertEqual(self.find(code="WANTED"), "unmapped_sku")

    def test_two_products_with_one_code_are_ambiguous(self):
        self.product_a.rakuten_sku_code = "WANTED"
        for rule, values in self.CASES.items():
            with self.subTest(rule=rule):
                self.assertEqual(self.find(**values("WANTED")), "ambiguous_sku")

    def test_name_and_options_to_the_letter(self):
        named = self.catalogue(
            manage_number=False,
            variant_id=False,
            name="見本 Tシャツ",
            option_text="色:赤\nサイズ:M",
            product_id=self.product.id,
        )
        good = {"itemName": "見本 Tシャツ", **sku("red-m", None, "色:赤\nサイズ:M")}
        self.assertEqual(self.find(**good), self.product)
        for name in (
            "見本  Tシャツ",
            "見本 tシャツ",
            "見本 Ｔシャツ",
            "見本　Tシャツ",
            "見本 Tシャツ ",
        ):
            with self.subTest(name=name):
                self.assertEqual(self.find(**{**good, "itemName": name}), "unmapped_sku")
        for info in ("色:赤\nサイズ:L", "色:赤 \nサイズ:M", "サイズ:M\n色:赤", None):
            with self.subTest(info=info):
                values = {"itemName": "見本 Tシャツ", **sku("red-m", None, info)}
                self.assertEqual(self.find(**values), "unmapped_sku")
        twin = named.copy()
        self.assertEqual(self.find(**good), self.product)
        twin.product_id = self.product_b
        self.assertEqual(self.find(**good), "ambiguous_sku")
        twin.unlink()
        self.shop.match_name = False
        self.assertEqual(self.find(**good), "unmapped_sku")
        self.assertTrue(named.exists())

    def test_barcode_of_the_catalogue(self):
        known = self.catalogue(manage_number="page-jan", jan="4900000000016")
        self.shop.match_barcode = False
        self.assertEqual(self.find(manageNumber="page-jan"), "unmapped_sku")
        self.shop.match_barcode = True
        self.assertEqual(self.find(manageNumber="page-jan"), self.product)
        self.assertEqual(known.found_by, "barcode")
        self.catalogue(manage_number="page-other", jan="4900000000017")
        self.assertEqual(self.find(manageNumber="page-other"), "unmapped_sku")

    def test_archived_product_is_no_product(self):
        self.product.active = False
        self.assertEqual(self.find(code="WANTED"), "unmapped_sku")
        self.catalogue(manage_number="page-old", product_id=self.product.id)
        self.assertEqual(self.find(manageNumber="page-old"), "unmapped_sku")

    def test_product_of_another_company_is_no_product(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.product.company_id = other
        self.assertEqual(self.find(code="WANTED"), "unmapped_sku")

    def test_service_is_sold_without_a_transfer(self):
        self.product.write({"is_storable": False, "type": "service"})
        self.assertEqual(self.find(code="WANTED"), self.product)

    def test_what_a_rule_found_can_be_reviewed(self):
        self.find(code="WANTED", manageNumber="page-a")
        self.find(code="WANTED", manageNumber="page-b")
        skus = self.env["rakuten.sku"].search([("manage_number", "in", ("page-a", "page-b"))])
        self.assertEqual(set(skus.mapped("mapping_state")), {"proposed"})
        self.assertEqual(set(skus.mapped("found_by")), {"item_number"})
        skus[0].action_accept_rule()
        self.assertEqual(set(skus.mapped("mapping_state")), {"mapped"})
        skus[0].product_id = self.product_b
        self.assertEqual(skus[0].found_by, "manual")

    def test_orders_waiting_for_a_sku(self):
        unknown = self.catalogue(manage_number="page-none")
        self.find(manageNumber="page-none")
        self.find(manageNumber="page-none")
        self.assertEqual(unknown.waiting_order_count, 2)
        unknown.product_id = self.product
        self.shop.action_import_orders()
        self.assertEqual(unknown.waiting_order_count, 0)

    def test_queries_do_not_grow_with_the_lines(self):
        lines = [
            item(str(number), "WANTED", manageNumber=f"page-{number}") for number in range(1000)
        ]
        items = parse_items(order(1, [package(1, lines)]))
        Sku = self.env["rakuten.sku"]
        Sku._match(self.shop, items[:1])

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            matches = Sku._match(self.shop, some)
            self.env.flush_all()
            self.assertEqual({match.product_id for match in matches.values()}, {self.product})
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(queries(items[1:11]), 15)
        self.assertLessEqual(queries(items), 30)
        self.assertLessEqual(queries(items), 10)


@tagged("post_install", "-at_install")
class TestCatalogue(RakutenCase):
    def page(self, number, **values):
        return {
            "manageNumber": number,
            "itemNumber": number.upper(),
            "title": f"見本 {number}",
            "variants": {"normal-inventory": {"merchantDefinedSkuId": None, **values}},
        }

    def skus(self):
        found = self.env["rakuten.sku"].search([("shop_id", "=", self.shop.id)])
        return {sku.manage_number: sku for sku in found}

    def test_whole_catalogue_tells_what_is_gone(self):
        self.rms.items = [self.page("code-a"), self.page("gone")]
        self.shop.action_import_skus()
        self.assertTrue(self.skus()["gone"].in_catalogue)
        self.assertEqual(self.skus()["code-a"].product_id, self.product_a)
        self.rms.items = [self.page("code-a")]
        self.shop.action_import_skus()
        self.assertFalse(self.skus()["gone"].in_catalogue)
        self.assertTrue(self.skus()["code-a"].in_catalogue)

    def test_changes_alone_are_read_by_the_scheduled_action(self):
        with freeze_time("2026-01-10 00:00:00"):
            self.shop._run("catalogue_changes")
        self.assertEqual(self.rms.calls[-1], ("items_search", {}))
        self.assertEqual(self.shop.last_full_catalogue, datetime(2026, 1, 10))
        self.rms.items = [self.page("code-a"), {"manageNumber": "code-b"}]
        self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "code-b",
                "variant_id": "normal-inventory",
                "in_catalogue": True,
            }
        )
        with freeze_time("2026-01-12 16:00:00"):
            self.shop._run("catalogue_changes")
        # Nine in the morning in Japan on the 10th, less the day that RMS may need.
        self.assertEqual(self.rms.calls[-1], ("items_search", {"updated_from": "2026-01-09"}))
        self.assertFalse(self.skus()["code-b"].in_catalogue, "deleted at Rakuten")
        with freeze_time("2026-01-18 00:00:01"):
            self.shop._run("catalogue_changes")
        self.assertEqual(self.rms.calls[-1], ("items_search", {}))

    def test_variant_that_was_taken_off_is_gone(self):
        page = self.page("code-a")
        page["variants"]["other"] = {}
        self.rms.items = [page]
        self.shop.action_import_skus()
        self.rms.items = [self.page("code-a")]
        self.shop._run("catalogue_changes")
        skus = self.env["rakuten.sku"].search([("manage_number", "=", "code-a")])
        self.assertEqual(
            {sku.variant_id: sku.in_catalogue for sku in skus},
            {"normal-inventory": True, "other": False},
        )

    def test_set_is_no_proposal(self):
        """A code that fits must not take the place of what a person put together."""
        self.rms.items = [{**self.page("code-a"), "itemNumber": "CODE-A"}]
        known = self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "code-a",
                "variant_id": "normal-inventory",
                "component_ids": [(0, 0, {"product_id": self.product_b.id, "quantity": 2})],
            }
        )
        self.shop.action_import_skus()
        self.assertFalse(known.product_id)
        self.assertEqual(known.mapping_state, "mapped")

    def test_only_shops_whose_catalogue_was_read_are_followed(self):
        self.env["rakuten.shop"]._cron_run("catalogue_changes")
        self.assertNotIn("items_search", self.rms.names())

    def test_barcode_proposes(self):
        self.product_b.barcode = "4900000000023"
        self.rms.items = [self.page("x", articleNumber={"value": "4900000000023"})]
        self.shop.action_import_skus()
        self.assertEqual(self.skus()["x"].product_id, self.product_b)
        self.assertEqual(self.skus()["x"].found_by, "barcode")

    def test_product_of_a_person_is_kept(self):
        self.rms.items = [self.page("code-a")]
        self.shop.action_import_skus()
        self.skus()["code-a"].product_id = self.product_b
        self.shop.action_import_skus()
        self.assertEqual(self.skus()["code-a"].product_id, self.product_b)
        self.assertEqual(self.skus()["code-a"].mapping_state, "mapped")

    def test_missing_products_are_made_when_asked_for(self):
        page = {
            "manageNumber": "shirt",
            "itemNumber": "SHIRT",
            "title": "見本 Tシャツ",
            "variantSelectors": [
                {"key": "c", "displayName": "色", "values": [{"displayValue": "赤"}]},
                {"key": "s", "displayName": "サイズ", "values": [{"displayValue": "M"}]},
            ],
            "variants": {
                "red-m": {
                    "selectorValues": {"c": "赤", "s": "M"},
                    "merchantDefinedSkuId": "SHIRT-RM",
                    "articleNumber": {"value": "4900000000030"},
                },
                "blue-m": {"selectorValues": {"c": "青", "s": "M"}},
            },
        }
        self.rms.items = [page, self.page("mug")]
        self.shop.action_import_skus()
        self.assertFalse(self.skus()["mug"].product_id)
        self.shop.create_products = True
        self.shop.action_import_skus()
        mug = self.skus()["mug"].product_id
        self.assertEqual((mug.name, mug.default_code), ("見本 mug", "MUG"))
        skus = self.env["rakuten.sku"].search([("manage_number", "=", "shirt")])
        red, blue = skus.sorted("variant_id", reverse=True)
        self.assertEqual(red.product_id.product_tmpl_id, blue.product_id.product_tmpl_id)
        self.assertEqual(len(red.product_id.product_tmpl_id.product_variant_ids), 2)
        self.assertEqual(red.product_id.default_code, "SHIRT-RM")
        self.assertEqual(red.product_id.barcode, "4900000000030")
        self.assertEqual(
            set(blue.product_id.product_template_attribute_value_ids.mapped("name")), {"青", "M"}
        )
        self.assertEqual(red.found_by, "created")
        count = self.env["product.product"].search_count([])
        self.shop.action_import_skus()
        self.assertEqual(self.env["product.product"].search_count([]), count)


@tagged("post_install", "-at_install")
class TestSetsAndOptions(RakutenCase):
    def sku(self, **values):
        return self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "item-1",
                "variant_id": "normal-inventory",
                "in_catalogue": True,
                **values,
            }
        )

    def lines(self, record):
        return [
            (line.product_id.default_code, line.product_uom_qty, line.price_unit)
            for line in record.sale_order_id.order_line
        ]

    def make_set(self):
        self.product_a.list_price, self.product_b.list_price = 200, 100
        return self.sku(
            component_ids=[
                (0, 0, {"product_id": self.product_a.id, "quantity": 2}),
                (0, 0, {"product_id": self.product_b.id, "quantity": 3}),
            ]
        )

    def test_units_whose_price_does_not_divide(self):
        self.sku(product_id=self.product_a.id, quantity=600)
        (record,) = self.import_orders(order(1, [package(1, [item(price=10_000)])], total=10_000))
        self.assertEqual(self.lines(record), [("CODE-A", 200, 16), ("CODE-A", 400, 17)])
        self.assertEqual(record.sale_order_id.amount_total, 10_000)
        self.assertEqual(sum(record.sale_order_id.picking_ids.move_ids.mapped("product_qty")), 600)

    def test_set_is_sold_as_its_components(self):
        known = self.make_set()
        self.assertEqual(known.mapping_state, "mapped")
        (record,) = self.import_orders(
            order(1, [package(1, [item(price=1001, units=2)])], total=2002)
        )
        # 4 A and 6 B; list prices 400 to 300: 2002 * 4 / 7 = 1144, 2002 * 3 / 7 = 858
        self.assertEqual(self.lines(record), [("CODE-A", 4, 286), ("CODE-B", 6, 143)])
        self.assertEqual(record.sale_order_id.amount_total, 2002)
        picking = record.sale_order_id.picking_ids
        self.assertEqual(len(picking), 1)
        self.assertEqual(set(picking.move_ids.mapped("rakuten_basket_id")), {"1"})
        for line in record.sale_order_id.order_line:
            self.assertEqual(line.rakuten_item_detail_id, "1")

    def test_odd_yen_of_a_set(self):
        self.make_set()
        (record,) = self.import_orders(order(1, [package(1, [item(price=1000)])], total=1000))
        # 1000 * 4 / 7 = 571.4 and 428.6: 571 and 429; 571 for 2, 429 for 3
        self.assertEqual(self.lines(record), [("CODE-A", 2, 285.5), ("CODE-B", 3, 143)])
        self.assertEqual(record.sale_order_id.amount_total, 1000)

    def test_free_set(self):
        self.make_set()
        (record,) = self.import_orders(order(1, [package(1, [item(price=0)])], total=0))
        self.assertEqual(self.lines(record), [("CODE-A", 2, 0), ("CODE-B", 3, 0)])

    def test_stock_of_a_set_is_its_scarcest_component(self):
        known = self.make_set()
        # 50 of each: 25 by A, 16 by B
        self.assertEqual(known._sellable(self.shop)[known], 16)
        self.import_orders(order(1, progress=100))
        # One set is ordered: 48 and 47 are left
        self.assertEqual(known._sellable(self.shop)[known], 15)
        self.shop.action_sync_inventory()
        self.assertEqual(self.rms.upserts[-1]["quantity"], 15)

    def test_option_that_brings_a_product(self):
        self.env["rakuten.option"].create(
            {
                "shop_id": self.shop.id,
                "name": "ギフト箱",
                "value": "あり",
                "product_id": self.product_b.id,
            }
        )
        wanted, plain, near = self.import_orders(
            order(
                1, [package(1, [item(units=2, selectedChoice="色:赤\nギフト箱:あり")])], total=2200
            ),
            order(2, [package(2, [item(selectedChoice="ギフト箱:なし")])]),
            order(3, [package(3, [item(selectedChoice="ギフト箱:あり ")])]),
        )
        self.assertEqual(self.lines(wanted), [("CODE-A", 2, 1100), ("CODE-B", 2, 0)])
        self.assertEqual(wanted.sale_order_id.amount_total, 2200)
        self.assertEqual(len(wanted.sale_order_id.picking_ids.move_ids), 2)
        for record in (plain, near):
            self.assertEqual(self.lines(record), [("CODE-A", 1, 1100)])
        self.assertIn("ギフト箱:なし", plain.sale_order_id.order_line.name)


@tagged("post_install", "-at_install")
class TestExcel(RakutenCase):
    FIELDS = ("shop_id", "manage_number", "variant_id", "product_code", "quantity")

    def load(self, *rows):
        Sku = self.env["rakuten.sku"].with_context(import_file=True)
        return Sku.load(list(self.FIELDS), [list(row) for row in rows])

    def row(self, number, code="CODE-A", quantity="1"):
        return (self.shop.name, f"page-{number}", "normal-inventory", code, quantity)

    def test_import_and_import_again(self):
        result = self.load(self.row(1), self.row(2, "CODE-B", "3"))
        self.assertFalse(result["messages"])
        first, second = self.env["rakuten.sku"].browse(result["ids"])
        self.assertEqual(first.product_id, self.product_a)
        self.assertEqual((second.product_id, second.quantity), (self.product_b, 3))
        again = self.load(self.row(1, "CODE-B"), self.row(3))
        self.assertFalse(again["messages"])
        self.assertEqual(again["ids"][0], first.id)
        self.assertEqual(first.product_id, self.product_b)

    def test_product_of_the_shops_company(self):
        """Whatever company the person who imports works in."""
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids |= other
        self.product_a.company_id = self.company
        Sku = self.env["rakuten.sku"].with_context(
            import_file=True, allowed_company_ids=[other.id, self.company.id]
        )
        result = Sku.load(list(self.FIELDS), [list(self.row(1))])
        self.assertFalse(result["messages"])
        self.assertEqual(Sku.browse(result["ids"]).product_id, self.product_a)

    def test_same_file_again_writes_nothing(self):
        rows = [self.row(number) for number in range(50)]
        self.load(*rows)
        found = self.env["rakuten.sku"].search([("manage_number", "=like", "page-%")])
        found.found_by = "item_number"
        self.load(*rows)
        self.assertEqual(len(found), 50)
        self.assertEqual(set(found.mapped("found_by")), {"item_number"})

    def test_errors_name_row_and_reason(self):
        result = self.load(self.row(1), self.row(2, "NOBODY"), self.row(3))
        self.assertFalse(result["ids"])
        (message,) = result["messages"]
        self.assertEqual(message["rows"]["from"], 1)
        self.assertIn("NOBODY", message["message"])

    def test_template_has_the_columns(self):
        from openpyxl import load_workbook

        from odoo.tools import file_path

        (template,) = self.env["rakuten.sku"].get_import_templates()
        path = file_path(template["template"].lstrip("/"))
        head = [cell.value for cell in load_workbook(path).active[1]]
        labels = {
            self.env["rakuten.sku"].with_context(lang="ja_JP").fields_get([name])[name]["string"]
            for name in self.FIELDS
        }
        self.assertLessEqual(labels, set(head))
