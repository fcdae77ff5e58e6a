"""A shop keeper connects a shop in a real browser, in Japanese."""

from odoo.tests import HttpCase, new_test_user, tagged

from .sandbox import SandboxCase


@tagged("post_install", "-at_install")
class TestOnboardingWeb(HttpCase, SandboxCase):
    def test_from_the_empty_list_to_the_first_orders(self):
        self.sandbox.control(
            "reset",
            shop_number="123456",
            shop_url="sample-shop",
            service_secret="SP123456_tour",
            license_key="SL123456_tour",
            seed=2,
        )
        items = self.sandbox.control("items", count=4)["items"]
        codes = [
            sku["merchantDefinedSkuId"] or entry["itemNumber"]
            for entry in items
            for sku in entry["skus"]
        ]
        self.env["product.product"].create([{"name": c, "default_code": c} for c in codes])
        self.sandbox.control("orders", count=2, kinds=["simple"])
        self.env["ir.default"].set("rakuten.shop", "api_url", self.sandbox.url)
        self.env["ir.default"].set("rakuten.shop", "api_interval", 0.0)
        self.env["res.lang"]._activate_lang("ja_JP")
        keeper = new_test_user(
            self.env,
            "rakuten-tour",
            "smartship_rakuten.group_manager",
            lang="ja_JP",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        action = self.env.ref("smartship_rakuten.action_rakuten_shop")
        self.start_tour(
            f"/odoo/action-{action.id}", "smartship_rakuten_onboarding", login=keeper.login
        )
        shop = self.env["rakuten.shop"].search([("shop_number", "=", "123456")])
        self.assertEqual(shop.state, "connected")
        self.assertEqual(shop.user_id, keeper)
        self.assertEqual(shop.order_ids.mapped("state"), ["done", "done"])
