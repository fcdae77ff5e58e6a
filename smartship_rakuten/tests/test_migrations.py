"""What an upgrade does when something is amiss; dev/test_upgrade.py upgrades whole databases."""

from odoo.modules.migration import load_script
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path


@tagged("post_install", "-at_install")
class TestMigrations(TransactionCase):
    def test_folder_of_a_glue_module_is_missing(self):
        """The upgrade stops, rather than lose silently what went there."""
        path = file_path("smartship_rakuten/migrations/19.0.1.2.0/pre-glue.py")
        modules = self.env["ir.module.module"]
        modules.search([("name", "=", "smartship_rakuten_sms")]).name = "elsewhere"
        with self.assertRaisesRegex(RuntimeError, "smartship_rakuten_sms is missing"):
            load_script(path, "pre-glue").migrate(self.env.cr, "19.0.1.1.0")
