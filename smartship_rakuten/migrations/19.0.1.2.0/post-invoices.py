"""Invoices know the order of Rakuten that they are of from 19.0.1.2.0 on.

One that bills several orders, as Odoo's wizard made them for one buyer, is of none.
"""

from odoo.tools import SQL


def migrate(cr, version):
    # Invoices are many, and posted ones may not be written.
    cr.execute(
        SQL(
            """
            UPDATE account_move move
            SET rakuten_order_id = billed.order_id, rakuten_order_number = billed.number
            FROM (
                SELECT line.move_id, min(o.id) AS order_id, min(o.name) AS number
                FROM account_move_line line
                JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = line.id
                JOIN sale_order_line sold ON sold.id = rel.order_line_id
                JOIN sale_order sale ON sale.id = sold.order_id
                JOIN rakuten_order o ON o.id = sale.rakuten_order_id
                GROUP BY line.move_id
                HAVING count(DISTINCT o.id) = 1
            ) billed
            WHERE billed.move_id = move.id AND move.rakuten_order_id IS NULL
            """
        )
    )
