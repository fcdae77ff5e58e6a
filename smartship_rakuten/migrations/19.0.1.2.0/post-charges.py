"""Charges are not billed alone from 19.0.1.2.0 on: orders of which nothing has left are not "to
invoice" any more."""

from odoo.api import SUPERUSER_ID, Environment


def migrate(cr, version):
    env = Environment(cr, SUPERUSER_ID, {})
    orders = env["sale.order"].search(
        [("rakuten_order_id", "!=", False), ("invoice_status", "=", "to invoice")]
    )
    env.add_to_compute(orders._fields["invoice_status"], orders)
    orders.flush_recordset(["invoice_status"])
