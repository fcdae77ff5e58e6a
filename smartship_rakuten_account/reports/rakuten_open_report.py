from odoo import fields, models
from odoo.tools import SQL


class RakutenOpenReport(models.Model):
    """What Rakuten owes for orders that are billed and not paid: a row for each open journal item.

    When it is paid follows from the rhythm of Rakuten's statements (RMS API section 4.3), counted
    from the day of the invoice: the day on which Rakuten fixes the payment is known later.
    """

    _name = "rakuten.open.report"
    _description = "Expected from Rakuten"
    _auto = False
    _order = "expected_on, id"
    _rec_name = "order_id"
    _depends = {
        "account.move": ["rakuten_order_id", "invoice_date", "state", "company_id"],
        "account.move.line": [
            "move_id",
            "partner_id",
            "account_id",
            "amount_residual",
            "parent_state",
            "reconciled",
        ],
        "rakuten.order": ["shop_id", "payment_name"],
        "rakuten.settlement.line": ["order_id", "move_line_id"],
        "rakuten.shop": ["payer_id"],
        "account.account": ["account_type"],
        "res.company": ["currency_id"],
    }

    order_id = fields.Many2one("rakuten.order", readonly=True)
    shop_id = fields.Many2one("rakuten.shop", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Owed By", readonly=True)
    from_rakuten = fields.Boolean(
        readonly=True, help="Owed by Rakuten, not by a carrier or another payer."
    )
    payment_name = fields.Char(string="Payment Method", readonly=True)
    date = fields.Date(string="Invoice Date", readonly=True)
    expected_on = fields.Date(
        readonly=True,
        help="When Rakuten pays what it fixes on the day of the invoice: from the 11th to the 25th "
        "on the 15th of the next month, else about the 30th. Others: the day of the invoice.",
    )
    amount = fields.Monetary(string="Open", readonly=True)
    order_count = fields.Integer(string="Orders", readonly=True, aggregator="count_distinct")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT
                item.id,
                o.id AS order_id,
                o.id AS order_count,
                o.shop_id,
                move.company_id,
                company.currency_id,
                move.id AS move_id,
                item.partner_id,
                item.partner_id = payer.commercial_partner_id AS from_rakuten,
                o.payment_name,
                day.day AS date,
                CASE
                    WHEN item.partner_id IS DISTINCT FROM payer.commercial_partner_id THEN day.day
                    WHEN extract(day FROM day.day) BETWEEN 11 AND 25
                        THEN (date_trunc('month', day.day) + interval '1 month 14 days')::date
                    ELSE least(
                        month.first + interval '29 days',
                        month.first + interval '1 month' - interval '1 day'
                    )::date
                END AS expected_on,
                item.amount_residual AS amount
            FROM account_move_line item
            JOIN account_account account ON account.id = item.account_id
                AND account.account_type = 'asset_receivable'
            JOIN account_move move ON move.id = item.move_id
            LEFT JOIN rakuten_settlement_line line ON line.move_line_id = item.id
            JOIN rakuten_order o ON o.id = coalesce(move.rakuten_order_id, line.order_id)
            JOIN rakuten_shop shop ON shop.id = o.shop_id
            JOIN res_company company ON company.id = move.company_id
            LEFT JOIN res_partner payer ON payer.id = shop.payer_id
            CROSS JOIN LATERAL (SELECT coalesce(move.invoice_date, move.date) AS day) day
            CROSS JOIN LATERAL (
                SELECT date_trunc('month', day.day) + CASE
                    WHEN extract(day FROM day.day) > 25 THEN interval '1 month'
                    ELSE interval '0'
                END AS first
            ) month
            WHERE item.parent_state = 'posted' AND NOT item.reconciled
            """
        )
