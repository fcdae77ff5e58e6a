"""Connection, rights and credentials of a shop."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.smartship_rakuten.rms import CredentialsRejected

from .common import RakutenCase, order
from .fake_rms import FUNCTIONS


@tagged("post_install", "-at_install")
class TestShop(RakutenCase):
    def user(self, login, groups):
        return new_test_user(
            self.env,
            login,
            groups,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def message(self):
        return self.shop.action_test_connection()["params"]["message"]

    def test_connection(self):
        self.shop.state = "draft"
        message = self.message()
        self.assertIn("Rakuten accepts the keys of 見本ショップ", message)
        # 14:59:59 UTC is one second before midnight in Japan.
        self.assertIn("2026-04-10 23:59", message)
        self.assertEqual(self.shop.state, "connected")
        self.assertEqual(str(self.shop.license_expiry), "2026-04-10 14:59:59")

    def test_license_function_not_enabled(self):
        self.rms.rejected = {"license.expiryDate.get"}
        self.assertIn("license.expiryDate.get", self.message())
        self.assertEqual(self.shop.state, "connected")

    def test_order_function_not_enabled(self):
        self.rms.rejected = {"searchOrder"}
        with self.assertRaisesRegex(UserError, "not enabled: searchOrder"):
            self.shop.action_test_connection()

    def test_rejected_key(self):
        self.rms.rejected = set(FUNCTIONS)
        try:
            self.shop.action_test_connection()
        except UserError as error:
            self.assertIn("does not accept the keys", str(error))
        else:
            self.fail("no error")
        self.assertEqual(self.shop.state, "key_rejected")

    def test_keys_of_another_shop(self):
        self.rms.url = "another-shop"
        with self.assertRaisesRegex(UserError, "https://www.rakuten.ne.jp/another-shop, not"):
            self.shop.action_test_connection()

    def test_shop_number_of_another_shop(self):
        self.rms.put(order(1))
        self.shop.shop_number = "654321"
        with self.assertRaisesRegex(UserError, "ID 123456, not 654321"):
            self.shop.action_test_connection()

    def test_company_without_yen(self):
        company = self.env["res.company"].create(
            {"name": "Dollar Company", "currency_id": self.env.ref("base.USD").id}
        )
        self.shop.company_id = company
        with self.assertRaisesRegex(UserError, "currency of Dollar Company is USD"):
            self.shop.action_test_connection()

    def test_blanks_around_keys_are_cut(self):
        self.shop.write(
            {"license_key": "  SL123456_new\n", "service_secret": "\u3000SP123456_new "}
        )
        self.assertEqual(self.shop.license_key, "SL123456_new")
        self.assertEqual(self.shop.service_secret, "SP123456_new")
        self.assertEqual(self.shop.state, "draft", "a new key is unproven")

    def test_shop_number_is_digits(self):
        for number in ("12a", "１２３", ""):
            with self.subTest(number=number), self.assertRaises(ValidationError):
                self.shop.shop_number = number
                self.env.flush_all()

    def test_keys_travel_encrypted(self):
        with self.assertRaises(ValidationError):
            self.shop.api_url = "http://api.example.com"

    def test_only_managers_read_credentials(self):
        user = self.user("rakuten-user", "smartship_rakuten.group_user")
        shop = self.shop.with_user(user)
        self.assertEqual(shop.name, "見本ショップ")
        for field in ("service_secret", "license_key"):
            with self.subTest(field=field):
                self.assertNotIn(field, shop.fields_get())
                with self.assertRaises(AccessError):
                    shop.read([field])
                with self.assertRaises(AccessError):
                    shop.search([(field, "like", "S")])
        manager = self.user("rakuten-manager", "smartship_rakuten.group_manager")
        self.assertEqual(self.shop.with_user(manager).license_key, "SL123456_test")

    def test_user_imports_without_sales_rights(self):
        user = self.user("rakuten-user", "smartship_rakuten.group_user")
        self.rms.put(order(2))
        self.shop.with_user(user).action_import_orders()
        record = self.Order.with_user(user).search([("name", "like", "%0000000002")])
        self.assertEqual(record.state, "done")

    def test_internal_user_starts_nothing(self):
        user = self.user("rakuten-nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self.shop.with_user(user).action_import_orders()
        self.assertEqual(self.rms.calls, [])

    def test_other_company_sees_nothing(self):
        (record,) = self.import_orders(order(3))
        company = self.env["res.company"].create({"name": "Other Company"})
        stranger = new_test_user(
            self.env,
            "rakuten-stranger",
            "smartship_rakuten.group_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        for records in (self.shop, record):
            with self.subTest(model=records._name):
                theirs = records.with_user(stranger).with_context(allowed_company_ids=company.ids)
                self.assertFalse(theirs.search([("id", "in", records.ids)]))
                with self.assertRaises(AccessError):
                    theirs.read(["name"])

    def test_busy_shop(self):
        """What has no scheduled action cannot be left to one."""
        with self.shop._exclusive(), self.assertRaisesRegex(UserError, "already working"):
            self.shop.action_test_connection()

    def test_rejected_key_is_no_secret_leak(self):
        self.rms.failures["search_order"] = CredentialsRejected()
        self.rms.rejected = set(FUNCTIONS)
        with self.assertRaises(UserError) as caught:
            self.shop.action_import_orders()
        self.assertNotIn("SL123456_test", str(caught.exception))

    def test_neutralize(self):
        """A copy of the database cannot reach the shop."""
        from odoo.modules.neutralize import get_neutralization_queries

        self.env.flush_all()
        for query in get_neutralization_queries(["smartship_rakuten"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.shop.license_key or self.shop.service_secret)
        self.assertEqual(self.shop.state, "draft")
        self.assertEqual(self.shop.api_url, "https://neutralized.invalid")
        self.assertFalse(self.shop.auto_confirm or self.shop.sync_inventory)
