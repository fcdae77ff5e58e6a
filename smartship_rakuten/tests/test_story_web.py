"""One story in a browser, in Japanese, over real HTTP: shop keeper, warehouse, books."""

from odoo.tests import HttpCase, new_test_user, tagged

from .sandbox import SandboxCase


@tagged("post_install", "-at_install")
class TestStoryWeb(HttpCase, SandboxCase):
    def setUp(self):
        super().setUp()
        self.sandbox.control(
            "reset",
            shop_number="123456",
            shop_url="sample-shop",
            service_secret="SP123456_tour",
            license_key="SL123456_tour",
            seed=2,
            async_seconds=0,
        )
        # No product has a code of the shop.
        self.sandbox.control("items", count=4)
        self.warehouse = warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        warehouse.code = "WH"
        self.env["ir.default"].set("rakuten.shop", "api_url", self.sandbox.url)
        self.env["ir.default"].set("rakuten.shop", "api_interval", 0.0)
        self.env["res.lang"]._activate_lang("ja_JP")

    def user(self, name, *groups):
        return new_test_user(
            self.env,
            f"rakuten-{name}",
            ",".join(groups),
            lang="ja_JP",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def test_from_the_keys_to_the_books(self):
        self.sandbox.control("orders", count=3, kinds=["simple", "points", "delivery_date"])
        shop = self.keeper_connects()
        orders = shop.order_ids.sorted("name")
        self.assertEqual(orders.mapped("state"), ["done"] * 3)
        self.warehouse_ships(shop, orders)
        self.accountant_invoices(orders[1])

    def keeper_connects(self):
        """From the empty list, without products, to the first orders."""
        keeper = self.user("keeper", "smartship_rakuten.group_manager")
        action = self.env.ref("smartship_rakuten.action_rakuten_shop")
        self.start_tour(
            f"/odoo/action-{action.id}", "smartship_rakuten_onboarding", login=keeper.login
        )
        shop = self.env["rakuten.shop"].search([("shop_number", "=", "123456")])
        self.assertEqual(shop.state, "connected")
        self.assertEqual(shop.user_id, keeper)
        self.assertTrue(shop.set_up_finished)
        products = self.env["rakuten.sku"].search([("shop_id", "=", shop.id)]).product_id
        self.assertEqual(set(products.mapped("type")), {"consu"})
        for product in products:
            self.env["stock.quant"]._update_available_quantity(
                product, self.warehouse.lot_stock_id, 300
            )
        shop.order_ids.sale_order_id.picking_ids.action_assign()
        return shop

    def warehouse_ships(self, shop, orders):
        """With stock rights alone: two numbers are scanned, one order is about to be changed."""
        user = self.user("shipper", "stock.group_stock_user")
        changing = orders[2]
        self.sandbox.control("events", order_number=changing.name, event="shop_edit")
        shipped = (orders - changing).sale_order_id.picking_ids
        shipped[0].name, shipped[1].name = "WH/OUT/80001", "WH/OUT/80002"
        changing.sale_order_id.picking_ids.name = "WH/OUT/80003"
        self.start_tour("/odoo", "smartship_rakuten_story_ship", login=user.login)
        self.assertEqual(shipped.mapped("state"), ["done", "done"])
        self.assertNotEqual(changing.sale_order_id.picking_ids.state, "done")
        shop.action_export_shipments()
        self.start_tour("/odoo", "smartship_rakuten_story_reported", login=user.login)
        self.assertEqual(
            {
                (row["orderNumber"], row["shippingNumber"])
                for row in self.sandbox.get("state")["shipping"]
            },
            {
                (shipped[0].rakuten_order_number, "4100-0000-0001"),
                (shipped[1].rakuten_order_number, "410000000012"),
            },
        )

    def accountant_invoices(self, order):
        """Without a role of Rakuten: the figures of Rakuten, and an invoice with the same total;
        and the same figures for one who may not sell either."""
        seller = self.user(
            "accountant",
            "account.group_account_invoice",
            "sales_team.group_sale_salesman_all_leads",
        )
        reader = self.user("books", "account.group_account_invoice")
        sale = order.sale_order_id
        sale.name = "S80002"
        payload = order.payload
        # The sandbox's figures of this seed, which the tours look for.
        self.assertEqual(
            (payload["totalPrice"], payload["requestPrice"], payload["PointModel"]["usedPoint"]),
            (1540, 1364, 176),
        )
        self.start_tour("/odoo", "smartship_rakuten_story_invoice", login=seller.login)
        self.assertEqual(sale.invoice_ids.state, "posted")
        self.assertEqual(sale.invoice_ids.amount_total, payload["totalPrice"])
        self.start_tour(
            f"/odoo/action-sale.action_orders/{sale.id}",
            "smartship_rakuten_story_books",
            login=reader.login,
        )
