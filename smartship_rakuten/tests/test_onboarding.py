"""The wizard from nothing to the first imported order, against the sandbox."""

import io
from base64 import b64decode

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

from odoo.addons.smartship_rakuten.rules.keys import shop_code

from .sandbox import SandboxCase

SECRET, KEY = "SP123456_onboarding", "SL123456_onboarding"


@tagged("post_install", "-at_install")
class TestOnboarding(SandboxCase):
    def setUp(self):
        super().setUp()
        self.reset()
        self.make_products(6)
        self.manager = self.new_user("rakuten-keeper", "smartship_rakuten.group_manager")
        self.Wizard = (
            self.env["rakuten.onboarding"]
            .with_user(self.manager)
            .with_context(allowed_company_ids=self.company.ids)
        )

    def reset(self, **options):
        self.sandbox.control(
            "reset",
            shop_number="123456",
            service_secret=SECRET,
            license_key=KEY,
            shop_url="sample-shop",
            seed=4,
            **options,
        )

    def new_user(self, login, groups):
        return new_test_user(
            self.env,
            login,
            groups,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def at_shop(self, **vals):
        """A wizard whose shop page is filled in and left."""
        wizard = self.Wizard.create({})
        wizard.action_next()
        self.assertEqual(wizard.page, "shop")
        with Form(wizard) as form:
            for name, value in {"shop_number": "123456", "shop_url": "sample-shop", **vals}.items():
                form[name] = value
        wizard.action_next()
        # The address of Rakuten is a setting of developers.
        wizard.shop_id.sudo().write({"api_url": self.sandbox.url, "api_interval": 0})
        return wizard

    def at_test(self, secret=SECRET, key=KEY, **vals):
        wizard = self.at_shop(**vals)
        self.assertEqual(wizard.page, "keys")
        with Form(wizard) as form:
            form.service_secret = secret
            form.license_key = key
        wizard.action_next()
        return wizard

    def at_preview(self):
        wizard = self.at_test()
        while wizard.page != "preview":
            wizard.action_next()
        return wizard

    def go_on_with(self, shop):
        """The wizard that the button of the shop's form opens."""
        return self.Wizard.with_context(default_shop_id=shop.id).create({})

    def statuses(self, wizard):
        return {line.name: line.status for line in wizard.line_ids}

    def test_from_nothing_to_the_first_order(self):
        self.sandbox.control("orders", count=3, kinds=["simple"])
        wizard = self.at_test(secret=f"  {SECRET}\n", key=f"\u3000{KEY} ")
        self.assertEqual(wizard.page, "test")
        self.assertIn("Rakuten accepts the keys", wizard.message)
        self.assertEqual(
            self.statuses(wizard),
            {
                "searchOrder": "ok",
                "getOrder": "ok",
                "getSubStatusList": "ok",
                "getResultUpdateOrderShippingAsync": "ok",
                "inventories.bulk.get": "ok",
                "items.search": "ok",
                "license.expiryDate.get": "ok",
                "shopMaster": "ok",
                "shopCalendar": "untested",
                "reserve.infoList.get": "untested",
                "confirmOrder": "untested",
                "updateOrderShipping": "untested",
                "updateOrderShippingAsync": "untested",
                "updateOrderSubStatus": "untested",
                "updateOrderMemo": "untested",
                "cancelOrder": "untested",
                "cancelOrderAfterShipping": "untested",
                "inventories.bulk.upsert": "untested",
            },
        )
        self.assertTrue(all(line.use for line in wizard.line_ids))
        wizard.action_next()
        self.assertEqual(wizard.page, "odoo")
        self.assertEqual(sorted(wizard.tax_ids.mapped("amount")), [0, 8, 10])
        self.assertTrue(all(wizard.tax_ids.mapped("price_include")))
        carrier = self.env.ref("smartship_rakuten.delivery_carrier_yamato")
        with Form(wizard) as form:
            form.carrier_id = carrier
        wizard.action_next()
        self.assertEqual(wizard.page, "options")
        with Form(wizard) as form:
            form.sync_inventory = True
        shop = wizard.shop_id
        wizard.action_next()
        self.assertEqual(wizard.page, "preview")
        self.assertFalse(shop.auto_import, "nothing begins before the preview was seen")
        self.assertEqual(len(wizard.preview_ids), 3)
        self.assertFalse(self.env["rakuten.order"].search([("shop_id", "=", shop.id)]))
        wizard.action_import_skus()
        self.assertEqual(set(wizard.preview_ids.mapped("outcome")), {"import"})
        answer = wizard.action_import()
        orders = self.env["rakuten.order"].search([("shop_id", "=", shop.id)])
        self.assertEqual(orders.mapped("state"), ["done"] * 3)
        self.assertEqual(set(orders.sale_order_id.mapped("state")), {"sale"})
        self.assertEqual(answer["params"]["next"]["res_id"], shop.id)
        self.assertTrue(shop.auto_import and shop.auto_fulfil and shop.sync_inventory)
        self.assertFalse(shop.auto_confirm)
        self.assertEqual(shop.carrier_id, carrier)
        self.assertEqual(shop.state, "connected")
        self.assertEqual(shop.sudo().license_key, KEY, "blanks are cut")
        self.assertEqual(shop.user_id, self.manager)
        self.assertTrue(shop.set_up_finished)

    def test_nothing_found_offers_products(self):
        """Orders, and no product with any of the shop's codes."""
        self.env["product.product"].search([("default_code", "like", "SKU-")]).action_archive()
        self.sandbox.control("orders", count=3, kinds=["simple"])
        wizard = self.at_preview()
        self.assertFalse(wizard.skus_read)
        wizard.action_import_skus()
        self.assertTrue(wizard.skus_read)
        self.assertFalse(wizard.can_import)
        skus = self.env["rakuten.sku"].search([("shop_id", "=", wizard.shop_id.id)])
        # Six items, of which one has three SKUs.
        self.assertEqual(len(skus), 8)
        self.assertEqual(wizard.skus_lacking, 8)
        self.assertEqual(wizard.skus_summary, "8 SKUs read: 0 have a product, 8 have none.")
        read = self.sandbox.calls("items.search")
        wizard.action_make_products()
        self.assertEqual(wizard.skus_lacking, 0)
        self.assertEqual(wizard.skus_summary, "8 SKUs read: 8 have a product, 0 have none.")
        self.assertEqual(set(wizard.preview_ids.mapped("outcome")), {"import"})
        self.assertTrue(wizard.can_import)
        self.assertEqual(len(skus.product_id.product_tmpl_id), 6)
        self.assertFalse(wizard.shop_id.create_products, "what comes later is asked again")
        self.assertEqual(self.sandbox.calls("items.search"), read, "nothing is read twice")
        wizard.action_import()
        orders = self.env["rakuten.order"].search([("shop_id", "=", wizard.shop_id.id)])
        self.assertEqual(orders.mapped("state"), ["done"] * 3)

    def test_nothing_found_by_hand_and_in_excel(self):
        products = self.env["product.product"].search([("default_code", "like", "SKU-")])
        products.default_code = False
        wizard = self.at_preview()
        wizard.action_import_skus()
        shop = wizard.shop_id
        action = wizard.action_map_by_hand()
        self.assertEqual(action["res_model"], "rakuten.sku")
        self.assertIn("search_default_unmapped", action["context"])
        action = wizard.action_map_in_excel()
        self.assertEqual(action["tag"], "import")
        context = action["params"]["context"]
        (template,) = self.env["rakuten.sku"].with_context(**context).get_import_templates()
        self.assertIn(f"/rakuten.shop/{shop.id}/unmapped_file/", template["template"])
        for lang in ("en_US", "ja_JP"):
            with self.subTest(lang=lang):
                self.fill_in_and_import(shop.with_context(lang=lang), products)
        self.assertFalse(shop.unmapped_count)

    def fill_in_and_import(self, shop, products):
        """The file as it is offered, with a code behind some of its SKUs; Odoo's import of it."""
        content = b64decode(shop.unmapped_file)
        head, *rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
        count = shop.unmapped_count
        self.assertEqual(len(rows), count)
        labels = self.env["rakuten.sku"].with_env(shop.env).fields_get()
        by_label = {labels[name]["string"]: name for name in labels}
        names = [by_label[label] for label in head]
        code = names.index("product_code")
        filled = rows[: 4 if count > 4 else count]
        chosen = products[:1]
        chosen.default_code = "見本-1"
        data = [
            [*row[:code], "見本-1", *row[code + 1 :]] if row in filled else list(row)
            for row in rows
        ]
        data = [[value or "" for value in row] for row in data]
        Sku = self.env["rakuten.sku"].with_env(shop.env).with_context(import_file=True)
        result = Sku.load(names, data)
        self.assertFalse(result["messages"])
        shop.invalidate_recordset(["unmapped_count", "unmapped_file"])
        self.assertEqual(shop.unmapped_count, count - len(filled))
        self.assertEqual(set(Sku.browse(result["ids"]).product_id.ids), {chosen.id})

    def test_finish_without_importing(self):
        wizard = self.at_test()
        for _page in range(3):
            wizard.action_next()
        action = wizard.action_finish()
        self.assertEqual(action["res_model"], "rakuten.shop")
        self.assertFalse(self.env["rakuten.order"].search([("shop_id", "=", wizard.shop_id.id)]))
        self.assertTrue(wizard.shop_id.auto_import)

    def test_missing_functions_are_named(self):
        self.reset(functions=["rpay.order.searchOrder", "rpay.order.getOrder"])
        wizard = self.at_test()
        statuses = self.statuses(wizard)
        self.assertEqual(statuses["searchOrder"], "ok")
        for name in ("items.search", "inventories.bulk.get", "license.expiryDate.get"):
            self.assertEqual(statuses[name], "rejected")
            self.assertIn(name, wizard.message)
        self.assertTrue(wizard.connected, "orders can be worked on")
        self.assertFalse(wizard.license_readable)
        with Form(wizard) as form:
            form.license_expiry = "2026-04-10 14:59:59"
        self.assertEqual(str(wizard.shop_id.license_expiry), "2026-04-10 14:59:59")
        wizard.action_next()
        self.assertEqual(wizard.page, "odoo")

    def test_without_the_order_functions_it_goes_no_further(self):
        self.reset(functions=["license.expiryDate.get"])
        wizard = self.at_test()
        self.assertEqual(self.statuses(wizard)["getOrder"], "rejected")
        self.assertFalse(wizard.connected)
        with self.assertRaisesRegex(UserError, "not enabled: .*getOrder"):
            wizard.action_next()
        self.assertEqual(wizard.page, "test")

    def test_keys_that_rakuten_does_not_accept(self):
        wizard = self.at_test(key="SL123456_wrong")
        self.assertEqual(
            wizard.message,
            "Rakuten does not accept the keys: compare both with RMS, or test again 10 to 90 "
            "minutes after they were issued.",
        )
        self.assertFalse(wizard.line_ids, "one cause, and no function beside it")
        self.assertEqual(wizard.shop_id.state, "key_rejected")
        wizard.action_back()
        with Form(wizard) as form:
            self.assertFalse(form.license_key, "a key is never shown again")
            form.license_key = KEY
        wizard.action_next()
        self.assertTrue(wizard.connected)
        self.assertEqual(wizard.shop_id.sudo().service_secret, SECRET)

    def test_swapped_keys(self):
        wizard = self.at_shop()
        with Form(wizard) as form:
            form.service_secret = KEY
            self.assertFalse(form.key_warning is False)
            form.license_key = SECRET
            self.assertIn("swapped", form.key_warning)
        with self.assertRaisesRegex(UserError, "swapped"):
            wizard.action_next()

    def test_strange_keys_are_a_hint_and_no_refusal(self):
        self.sandbox.control(
            "reset", shop_number="123456", service_secret="plain", license_key="strange"
        )
        wizard = self.at_shop(shop_url="")
        with Form(wizard) as form:
            form.service_secret = "plain"
            self.assertIn("begins with SP", form.key_warning)
            form.license_key = "strange"
        wizard.action_next()
        self.assertTrue(wizard.connected)

    def test_other_shop_s_keys(self):
        wizard = self.at_test(shop_url="another-shop")
        self.assertIn("https://www.rakuten.ne.jp/sample-shop, not", wizard.message)
        self.assertFalse(wizard.connected)
        self.assertFalse(wizard.line_ids, "the functions are not what is wrong")
        wizard.action_back()
        wizard.action_back()
        with Form(wizard) as form:
            form.shop_url = "https://www.rakuten.ne.jp/sample-shop/"
        wizard.action_next()
        self.assertEqual(wizard.shop_id.shop_url, "sample-shop")
        wizard.action_next()
        self.assertTrue(wizard.connected)

    def test_blank_url_cannot_be_verified(self):
        wizard = self.Wizard.create({})
        wizard.action_next()
        with Form(wizard) as form:
            self.assertIn("cannot be verified", form.shop_warning)
            form.shop_url = "sample-shop"
            self.assertFalse(form.shop_warning)

    def test_blank_url_where_the_shop_api_is_not_enabled(self):
        self.reset(functions=["rpay.order.searchOrder", "rpay.order.getOrder"])
        wizard = self.at_test(shop_url="")
        self.assertIn("Shop URL Name could not be verified", wizard.message)
        self.assertTrue(wizard.connected)

    def test_company_without_yen(self):
        company = self.env["res.company"].create(
            {"name": "Dollar Company", "currency_id": self.env.ref("base.USD").id}
        )
        self.manager.company_ids += company
        Wizard = self.Wizard.with_context(allowed_company_ids=[self.company.id, company.id])
        wizard = Wizard.create({"company_id": company.id, "page": "shop"})
        self.assertIn("currency of Dollar Company is USD", wizard.shop_warning)
        with self.assertRaisesRegex(UserError, "currency of Dollar Company is USD"):
            wizard.action_next()
        self.assertFalse(wizard.shop_id)

    def test_no_shop_id(self):
        wizard = self.Wizard.create({"page": "shop", "shop_number": " "})
        with self.assertRaisesRegex(UserError, "Enter the Shop ID"):
            wizard.action_next()

    def test_keys_never_lie_in_the_wizard_s_table(self):
        wizard = self.at_test()
        self.env.flush_all()
        for table in ("rakuten_onboarding", "rakuten_onboarding_line"):
            self.env.cr.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
            text = "".join(row[0] for row in self.env.cr.fetchall())
            self.assertNotIn(SECRET, text)
            self.assertNotIn(KEY, text)
        for values in (wizard.read()[0], wizard.web_read({"license_key": {}})[0]):
            self.assertNotIn(KEY, str(values))

    def test_managers_only(self):
        wizard = self.at_test()
        for groups in ("smartship_rakuten.group_user", "base.group_user"):
            user = self.new_user(f"rakuten-{groups.replace('.', '-')}", groups)
            with self.subTest(groups=groups):
                with self.assertRaises(AccessError):
                    wizard.with_user(user).read(["name"])
                with self.assertRaises(AccessError):
                    self.Wizard.with_user(user).create({})
                menus = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
                self.assertNotIn(
                    self.env.ref("smartship_rakuten.menu_rakuten_onboarding").id, menus
                )
        menus = self.env["ir.ui.menu"].with_user(self.manager)._visible_menu_ids()
        self.assertIn(self.env.ref("smartship_rakuten.menu_rakuten_onboarding").id, menus)

    def test_going_on_with_a_shop(self):
        shop = self.at_shop(name="途中のショップ").shop_id
        wizard = self.go_on_with(shop)
        self.assertEqual(wizard.name, "途中のショップ")
        self.assertEqual(wizard.shop_number, "123456")
        self.assertEqual(wizard.page, "keys")
        wizard.action_back()
        wizard.action_next()
        self.assertEqual(wizard.shop_id, shop)
        self.assertEqual(
            self.env["rakuten.shop"].search_count([("name", "=", "途中のショップ")]), 1
        )

    def test_it_is_gone_on_with_from_every_page(self):
        wizard = self.at_test(key="SL123456_wrong")
        shop = wizard.shop_id
        self.assertEqual(self.go_on_with(shop).page, "keys")
        wizard.action_back()
        with Form(wizard) as form:
            form.license_key = KEY
        wizard.action_next()
        for page, left, to in (
            ("test", "odoo", "odoo"),
            ("odoo", "odoo", "options"),
            ("options", "options", "preview"),
        ):
            with self.subTest(page=page):
                self.assertEqual(wizard.page, page)
                wizard = self.go_on_with(shop)
                self.assertEqual(wizard.page, left)
                self.assertTrue(wizard.auto_import and wizard.auto_fulfil, "as it is proposed")
                wizard.page = page
                if page == "options":
                    wizard.auto_fulfil, wizard.auto_confirm = False, True
                wizard.action_next()
                self.assertEqual(wizard.page, to)
        self.assertFalse(shop.auto_import, "nothing begins before the preview was seen")
        wizard = self.go_on_with(shop)
        self.assertEqual(wizard.page, "options")
        self.assertEqual(
            [wizard.auto_import, wizard.auto_fulfil, wizard.auto_confirm], [True, False, True]
        )
        wizard.action_next()
        wizard.action_finish()
        self.assertTrue(shop.set_up_finished)
        self.assertEqual(
            [shop.auto_import, shop.auto_fulfil, shop.auto_confirm], [True, False, True]
        )

    def test_the_same_shop_id_goes_on_with_the_shop(self):
        shop = self.at_test(name="途中のショップ").shop_id
        wizard = self.Wizard.create({})
        wizard.action_next()
        with Form(wizard) as form:
            form.shop_number = "123456 "
            self.assertIn("途中のショップ", form.shop_known)
        wizard.action_next()
        self.assertEqual(wizard.shop_id, shop)
        self.assertEqual((shop.name, shop.shop_url), ("途中のショップ", "sample-shop"))
        self.assertEqual((shop.state, wizard.page), ("connected", "keys"))
        self.assertTrue(wizard.keys_known)
        self.assertTrue(wizard.auto_import, "a proposal, as for a new one")
        wizard.action_next()
        self.assertTrue(wizard.connected)

    def test_the_same_shop_id_of_a_shop_that_works(self):
        shop = self.at_preview().shop_id
        shop.sudo().write({"set_up_finished": True, "auto_confirm": True})
        wizard = self.Wizard.create({"page": "shop", "shop_number": "123456", "name": "改名"})
        wizard.action_next()
        self.assertEqual((wizard.shop_id, shop.name), (shop, "改名"))
        self.assertEqual([wizard.auto_import, wizard.auto_confirm], [False, True])

    def test_the_shop_id_of_another_shop(self):
        other = self.env["rakuten.shop"].create(
            {"name": "もう一店", "shop_number": "777777", "company_id": self.company.id}
        )
        wizard = self.at_shop()
        wizard.action_back()
        wizard.shop_number = "777777"
        with self.assertRaisesRegex(UserError, "もう一店 has this Shop ID already"):
            wizard.action_next()
        other.active = False
        wizard = self.Wizard.create({"page": "shop", "shop_number": "777777"})
        with self.assertRaisesRegex(UserError, "もう一店 has this Shop ID and is archived"):
            wizard.action_next()

    def test_shop_of_another_company(self):
        """The wizard would show its settings."""
        company = self.env["res.company"].create({"name": "もう一社"})
        theirs = self.env["rakuten.shop"].create(
            {"name": "他社", "shop_number": "777777", "company_id": company.id}
        )
        with self.assertRaises(AccessError):
            self.Wizard.create({"shop_id": theirs.id})
        wizard = self.Wizard.create({})
        with self.assertRaises(AccessError):
            wizard.write({"shop_id": theirs.id})

    def test_shop_code(self):
        for pasted, code in (
            ("sample-shop", "sample-shop"),
            (" https://www.rakuten.ne.jp/sample-shop/ ", "sample-shop"),
            ("https://www.rakuten.co.jp/sample-shop/info.html", "sample-shop"),
            ("www.rakuten.ne.jp/gold/sample-shop", "sample-shop"),
            ("https://item.rakuten.co.jp/sample-shop/item1/", "sample-shop"),
            ("www.rakuten.co.jp/sample-shop?x=1", "sample-shop"),
            ("", ""),
            (False, ""),
        ):
            with self.subTest(pasted=pasted):
                self.assertEqual(shop_code(pasted), code)
        shop = self.env["rakuten.shop"].create(
            {"name": "x", "shop_number": "999999", "shop_url": "https://www.rakuten.ne.jp/one/"}
        )
        self.assertEqual(shop.shop_url, "one")
        shop.shop_url = "https://www.rakuten.ne.jp/another/"
        self.assertEqual(shop.shop_url, "another")


@tagged("post_install", "-at_install")
class TestAppPage(TransactionCase):
    """Who looks for 楽天 among Odoo's apps finds this one, and can read what it is."""

    def test_found_under_its_japanese_name(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        apps = self.env["ir.module.module"]
        apps.update_list()
        for lang in ("ja_JP", "en_US"):
            # What the search field of the list of apps looks at.
            found = apps.with_context(lang=lang).search(
                ["|", ("summary", "ilike", "楽天"), ("shortdesc", "ilike", "楽天")]
            )
            self.assertIn("smartship_rakuten", found.mapped("name"), lang)

    def test_it_speaks_japanese(self):
        self.env["res.lang"]._activate_lang("ja_JP")
        self.env["ir.module.module"]._load_module_terms(["smartship_rakuten"], ["ja_JP"])
        app = self.env.ref("base.module_smartship_rakuten").with_context(lang="ja_JP")
        self.assertEqual(app.shortdesc, "楽天市場コネクター")
        self.assertTrue(app.summary.startswith("楽天市場の受注取込"), app.summary)
        self.assertIn("楽天市場", app.description_html)
