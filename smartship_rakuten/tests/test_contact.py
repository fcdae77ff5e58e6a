"""A returning buyer has one contact in a company, whoever makes it."""

from unittest.mock import patch

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
        winner = Partner.create(
            {"name": "見本", "rakuten_identity": identity, "company_id": self.company.id}
        )
        with (
            # As long as this transaction lasts, it cannot see what the other one has committed.
            patch.object(type(Partner), "search", lambda partners, *args, **how: partners.browse()),
            mute_logger("odoo.sql_db"),
            self.assertRaises(ConcurrencyError),
            self.env.cr.savepoint(),
        ):
            Partner._rakuten_find_or_create(self.shop, {identity: person}, {})
        found = Partner._rakuten_find_or_create(self.shop, {identity: person}, {})
        self.assertEqual(found[identity], winner)

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
        """The contact that is left is found as before, and the index stands in no merge's way."""
        buyer = self.import_orders(order(1)).sale_order_id.partner_id
        identity = buyer.rakuten_identity
        moved = {**ADDRESS, "city": "港区"}
        second = order(2, OrdererModel={**moved, "emailAddress": "sample@relay.example.com"})
        other = self.import_orders(second).sale_order_id.partner_id
        self.assertNotEqual(other, buyer)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((buyer | other).ids, buyer, extra_checks=False)
        self.assertFalse(other.exists())
        self.assertEqual(buyer.rakuten_identity, identity)
        self.assertEqual(self.import_orders(order(3)).sale_order_id.partner_id, buyer)
