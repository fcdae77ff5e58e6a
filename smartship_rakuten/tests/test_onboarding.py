"""The wizard from nothing to the first imported order, against the sandbox."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

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
        self.assertIn("does not accept the keys", wizard.message)
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
        wizard = self.Wizard.with_context(default_shop_id=shop.id, default_page="shop").create({})
        self.assertEqual(wizard.name, "途中のショップ")
        self.assertEqual(wizard.shop_number, "123456")
        wizard.action_next()
        self.assertEqual(wizard.shop_id, shop)
        self.assertEqual(
            self.env["rakuten.shop"].search_count([("name", "=", "途中のショップ")]), 1
        )

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
