from odoo import fields, models
from odoo.tools import SQL


class RakutenSalesReport(models.Model):
    """What is billed of Rakuten's orders: a row for each line of a posted document."""

    _name = "rakuten.sales.report"
    _description = "Rakuten Sales Analysis"
    _auto = False
    _order = "date desc, id"
    _rec_name = "order_id"
    _depends = {
        "account.move": ["rakuten_order_id", "invoice_date", "state", "move_type", "company_id"],
        "account.move.line": ["move_id", "display_type", "balance", "price_total", "tax_ids"],
        "account.tax": ["amount"],
        "rakuten.order": [
            "shop_id",
            "payment_name",
            "collected_by_rakuten",
            "prefecture_id",
            "sale_order_id",
        ],
        "sale.order": ["rakuten_coupon_shop", "rakuten_coupon_rakuten"],
        "res.company": ["currency_id"],
    }

    order_id = fields.Many2one("rakuten.order", readonly=True)
    shop_id = fields.Many2one("rakuten.shop", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    move_type = fields.Selection(
        [("out_invoice", "Invoice"), ("out_refund", "Credit Note")], readonly=True
    )
    date = fields.Date(string="Invoice Date", readonly=True)
    rate = fields.Char(string="Tax Rate", readonly=True)
    payment_name = fields.Char(string="Payment Method", readonly=True)
    collected_by_rakuten = fields.Boolean(readonly=True)
    prefecture_id = fields.Many2one("res.country.state", readonly=True)
    untaxed = fields.Monetary(string="Without Tax", readonly=True)
    tax = fields.Monetary(readonly=True)
    amount = fields.Monetary(string="With Tax", readonly=True)
    coupon_shop = fields.Monetary(
        string="Coupons of the Shop", readonly=True, help="Once an order, with its first invoice."
    )
    coupon_rakuten = fields.Monetary(
        string="Coupons of Rakuten", readonly=True, help="Once an order, with its first invoice."
    )
    order_count = fields.Integer(string="Orders", readonly=True, aggregator="count_distinct")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT
                found.*,
                CASE WHEN found.place = 1 THEN so.rakuten_coupon_shop ELSE 0 END AS coupon_shop,
                CASE WHEN found.place = 1 THEN so.rakuten_coupon_rakuten ELSE 0 END
                    AS coupon_rakuten
            FROM (
                SELECT
                    item.id,
                    o.id AS order_id,
                    o.id AS order_count,
                    o.shop_id,
                    o.payment_name,
                    o.collected_by_rakuten,
                    o.prefecture_id,
                    o.sale_order_id,
                    move.company_id,
                    company.currency_id,
                    move.id AS move_id,
                    move.move_type,
                    move.invoice_date AS date,
                    rates.rate,
                    -item.balance AS untaxed,
                    sign(-item.balance) * abs(item.price_total) + item.balance AS tax,
                    sign(-item.balance) * abs(item.price_total) AS amount,
                    row_number() OVER (
                        PARTITION BY o.id ORDER BY move.move_type, item.id
                    ) AS place
                FROM account_move_line item
                JOIN account_move move ON move.id = item.move_id
                JOIN rakuten_order o ON o.id = move.rakuten_order_id
                JOIN res_company company ON company.id = move.company_id
                LEFT JOIN LATERAL (
                    SELECT string_agg(
                        trim_scale(tax.amount::numeric)::text || ' %%', ', ' ORDER BY tax.amount
                    ) AS rate
                    FROM account_move_line_account_tax_rel taxed
                    JOIN account_tax tax ON tax.id = taxed.account_tax_id
                    WHERE taxed.account_move_line_id = item.id
                ) rates ON TRUE
                WHERE item.display_type = 'product'
                    AND move.state = 'posted'
                    AND move.move_type IN ('out_invoice', 'out_refund')
            ) found
            LEFT JOIN sale_order so ON so.id = found.sale_order_id
            """
        )
