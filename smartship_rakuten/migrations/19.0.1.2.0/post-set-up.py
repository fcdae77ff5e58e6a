"""Whether a shop's set-up was finished is noted from 19.0.1.2.0 on.

Those that were connected before have been set up, with the wizard or without. When
shipments are reported is the shop's to keep, not the wizard's.
"""

from odoo.api import SUPERUSER_ID, Environment


def migrate(cr, version):
    cr.execute("ALTER TABLE rakuten_onboarding DROP COLUMN IF EXISTS report_policy")
    shops = Environment(cr, SUPERUSER_ID, {"active_test": False})["rakuten.shop"]
    shops.search([("state", "!=", "draft")]).set_up_finished = True
