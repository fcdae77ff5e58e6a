"""A returning buyer has one contact in a company, whoever makes it."""

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ConcurrencyError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.rules import address

from .common import ADDRESS, RakutenCase, order


@tagged("post_install", "-at_install")
class TestContact(RakutenCase):
    def test_loser_of_the_race(self):
        """Two processes import a returning buyer's orders in the same moment: the second one
        begins again, finds the contact of the first, and takes it."""
        person = {**ADDRESS, "firstName": "同時"}
        identity = address.identity(person)
        Partner = self.env["res.partner"]
        self.assertFalse(Partner.search([("rakuten_identity", "=", identity)]))
        with self.registry.cursor() as cr:
            # Committed while the transaction of this test goes on, which therefore cannot see it.
            winner = api.Environment(cr, SUPERUSER_ID, {})["res.partner"].create(
                {"name": "見本", "rakuten_identity": identity, "company_id": self.company.id}
            )
            self.addCleanup(self.forget, winner.id)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ConcurrencyError),
            self.env.cr.savepoint(),
        ):
            Partner._rakuten_find_or_create(self.shop, {identity: person}, {})
        with self.registry.cursor() as cr:
            again = api.Environment(cr, SUPERUSER_ID, {})
            # The shop is of this test alone; what is asked of it is its company.
            shop = again["rakuten.shop"].new({"company_id": self.company.id})
            found = again["res.partner"]._rakuten_find_or_create(shop, {identity: person}, {})
            self.assertEqual(found[identity].id, winner.id)

    def forget(self, partner_id):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM res_partner WHERE id = %s", [partner_id])

    def test_each_company_has_its_own(self):
        buyer = self.import_orders(order(1)).sale_order_id.partner_id
        other = self.env["res.company"].create({"name": "株式会社見本二号"})
        twin = self.env["res.partner"].create(
            {
                "name": buyer.name,
                "company_id": other.id,
                "rakuten_identity": buyer.rakuten_identity,
            }
        )
        self.assertEqual(twin.rakuten_identity, buyer.rakuten_identity)

    def test_merged_contacts(self):
        """What finds the buyer goes to the contact that is left."""
        buyer = self.import_orders(order(1)).sale_order_id.partner_id
        identity = buyer.rakuten_identity
        customer = self.env["res.partner"].create({"name": "常連", "company_id": self.company.id})
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((buyer | customer).ids, customer, extra_checks=False)
        self.assertFalse(buyer.exists())
        self.assertEqual(customer.rakuten_identity, identity)
        again = self.import_orders(order(2)).sale_order_id
        self.assertEqual(again.partner_id, customer)
