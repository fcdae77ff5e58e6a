"""Each role opens all that its menus lead to, in a browser, in Japanese, with nothing but its own
rights."""

import json
import time
from pathlib import Path

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from .busy_shop import BusyShopCase
from .campaign import figures

WALK = Path(__file__).with_name("walk.js")
KEEPER = """
    menu_rakuten_dashboard menu_rakuten_order menu_rakuten_blocked menu_rakuten_reservation
    menu_rakuten_order_import menu_rakuten_parcel menu_rakuten_sku menu_rakuten_option
    menu_rakuten_stock menu_rakuten_stock_push menu_rakuten_order_report menu_rakuten_label_month
    menu_rakuten_reconciliation menu_rakuten_job menu_rakuten_shop menu_rakuten_rule
    menu_rakuten_delivery_method menu_rakuten_payment_method menu_rakuten_waybill_format
    menu_rakuten_call
"""
#: Groups of each role, and the module's menus that it sees.
ROLES = {
    "user": ("smartship_rakuten.group_user", KEEPER),
    "manager": (
        "smartship_rakuten.group_manager",
        f"{KEEPER} menu_rakuten_onboarding menu_rakuten_shop_kept",
    ),
    "stock": ("stock.group_stock_user", "menu_stock_tracking_import menu_stock_wave"),
    "sales": ("sales_team.group_sale_salesman", ""),
    "accountant": (
        "account.group_account_invoice",
        "menu_account_to_bill menu_account_to_check menu_account_tax_summary",
    ),
}
#: Buttons that open a page outside of Odoo.
STAY = ["action_open_rms"]


@tagged("post_install", "-at_install")
class TestMenusOfRoles(HttpCase, BusyShopCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("ja_JP")
        self.open_busy_shop("walk")
        self.play()
        options = {"shop_id": self.shop.id, "name": "ギフト", "value": "箱"}
        product = self.orders.sale_order_id.order_line.product_id[:1]
        self.env["rakuten.option"].create({**options, "product_id": product.id})
        self.blocked = self.orders.filtered(lambda order: order.state == "blocked")[:1]
        self.imported = self.waiting.sale_id.rakuten_order_id[:1]
        # Goods that are there, and nothing that holds them: what waits to be shipped.
        self.env["rakuten.rule"].search([]).state = "trial"
        for move in self.waiting.move_ids:
            self.env["stock.quant"]._update_available_quantity(
                move.product_id, move.location_id, 100
            )
        self.waiting.action_assign()
        # A draft, which somebody has to check.
        self.done.sale_id[1:2]._create_invoices()
        # A browser does not wait as long for its first page as they may take to be made.
        assets = self.env["ir.qweb"]._get_asset_bundle("web.assets_web")
        assets.js()
        assets.css()

    def forms(self, role):
        """What a role opens besides its menus: where Odoo's own screens lead to Rakuten's."""
        orders = self.blocked | self.imported
        product = self.imported.sale_order_id.order_line.product_id[:1]
        return {
            "user": [orders, product, product.product_tmpl_id],
            "manager": [orders],
            "stock": [self.done[:1] | self.waiting[:1], orders, self.shop],
            "sales": [self.imported.sale_order_id, orders, self.shop],
            "accountant": [self.invoice, orders, self.shop],
        }[role]

    def walk(self, role, menus):
        groups, _menus = ROLES[role]
        user = new_test_user(
            self.env,
            f"rakuten-walk-{role}",
            groups,
            lang="ja_JP",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        walk = {
            "menus": menus.split(),
            "forms": [
                {"model": record._name, "id": record.id}
                for records in self.forms(role)
                for record in records
            ],
            "stay": STAY,
            # The administrator's forms are those of the user.
            "press": role != "manager",
        }
        # Who sells sees his own sale orders.
        self.imported.sale_order_id.user_id = user
        self.browser_js(
            f"/odoo?debug=1&cids={self.company.id}",
            f"{WALK.read_text()}\nwalk({json.dumps(walk)}).then("
            "() => console.log('test successful'), ({message}) => console.error(message));",
            ready="!!document.querySelector('.o_action_manager > *, .o_home_menu')",
            login=user.login,
            timeout=300,
        )

    def test_each_role(self):
        seconds = {}
        for role, (_groups, menus) in ROLES.items():
            with self.subTest(role=role):
                began = time.monotonic()
                self.walk(role, menus)
                seconds[role] = f"{role} {time.monotonic() - began:.0f} s"
        figures(f"roles opened all that their menus lead to: {', '.join(seconds.values())}")


@tagged("post_install", "-at_install")
class TestNoMenus(TransactionCase):
    def test_who_has_nothing_to_do_with_it(self):
        user = new_test_user(self.env, "rakuten-walk-plain", "base.group_user")
        seen = self.env["ir.ui.menu"].with_user(user).load_menus(True).values()
        ours = [m["xmlid"] for m in seen if (m.get("xmlid") or "").startswith("smartship_rakuten")]
        self.assertEqual(ours, [])
        # Who buys has no menus at all.
        portal = new_test_user(self.env, "rakuten-walk-portal", "base.group_portal")
        with self.assertRaises(AccessError):
            self.env["ir.ui.menu"].with_user(portal).load_menus(True)
