"""How long a large statement takes, and what it takes: a campaign of ``dev/prove``."""

import os
import resource
import time

from odoo import Command
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.tests.campaign import figures

from .settling import FIXED, SettlingCase, paid, payload

#: Orders of the statement.
ORDERS = int(os.environ.get("STATEMENT_ORDERS", "7500"))


@tagged("post_install", "-at_install", "slow")
class TestLargeStatement(SettlingCase):
    def make(self, count):
        """So many orders that are billed with 1,001 yen and more."""
        for start in range(1, count + 1, 500):
            payloads = [
                payload(number, 1000 + number % 7 + 1)
                for number in range(start, min(start + 500, count + 1))
            ]
            numbers = self.rms.put(*payloads)
            self.rms.fixed |= dict.fromkeys(numbers, FIXED)
            self.Order._store(self.shop, payloads, asked_for=True)
            orders = self.Order.search([("name", "in", numbers), ("shop_id", "=", self.shop.id)])
            self.env["account.move"].create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": self.payer.id,
                        "company_id": self.company.id,
                        "invoice_date": FIXED,
                        "rakuten_order_id": order.id,
                        "invoice_line_ids": [
                            Command.create(
                                {
                                    "name": order.name,
                                    "price_unit": order.payload["requestPrice"],
                                    "account_id": self.sales.id,
                                    "tax_ids": [],
                                }
                            )
                        ],
                    }
                    for order in orders
                ]
            ).action_post()
            self.env.flush_all()
            self.env.invalidate_all()
        return sum(entry["requestPrice"] for entry in self.rms.orders.values())

    def measured(self, function):
        """:return: (seconds, queries)"""
        self.env.flush_all()
        self.env.invalidate_all()
        queries, start = self.cr.sql_log_count, time.perf_counter()
        function()
        self.env.flush_all()
        return time.perf_counter() - start, self.cr.sql_log_count - queries

    def test_large_statement(self):
        total = self.make(ORDERS)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = []
        read = self.measured(lambda: found.append(self.settlement(paid(total))))
        (settlement,) = found
        self.assertEqual((settlement.state, len(settlement.line_ids)), ("matched", ORDERS))
        post = self.measured(settlement.action_post)
        self.assertEqual((settlement.reconciling, self.open_with_rakuten()), (False, 0))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        figures(
            f"{ORDERS} orders: matched in {read[0]:.0f} s, {read[1]} queries, posted and cleared "
            f"in {post[0]:.0f} s, {post[1]} queries, {grown} MB more memory"
        )
