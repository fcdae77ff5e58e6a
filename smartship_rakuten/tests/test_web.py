"""The module's screens in a real browser."""

from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestWeb(HttpCase):
    def test_menus(self):
        """Every menu opens its list, a shop opens its form, without an error in the console."""
        company = self.env["res.company"].search([("chart_template", "=", "jp")], limit=1)
        self.env["rakuten.shop"].create(
            {
                "name": "見本ショップ",
                "shop_number": "123456",
                "company_id": company.id,
            }
        )
        self.env["res.lang"]._activate_lang("en_US")
        self.env.ref("base.user_admin").write(
            {"company_ids": [(4, company.id)], "company_id": company.id, "lang": "en_US"}
        )
        self.start_tour("/odoo", "smartship_rakuten_menus", login="admin")
