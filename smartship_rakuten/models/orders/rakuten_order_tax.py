from odoo import api, fields, models
from odoo.tools import SQL

from ...rules.taxes import read_tax_summary


class RakutenOrder(models.Model):
    """Rakuten's tax summary of an order."""

    _inherit = "rakuten.order"

    tax_summary = fields.Json(
        string="Tax Summary as It Came",
        compute="_compute_tax_summary",
        store=True,
        precompute=True,
        help="Rows of rules/taxes.py.",
    )
    tax_summary_ids = fields.One2many("rakuten.tax.summary", "order_id", readonly=True)

    @api.depends("payload")
    def _compute_tax_summary(self):
        for order in self:
            order.tax_summary = read_tax_summary(order.payload) or False


class RakutenTaxSummary(models.Model):
    """One tax rate of one order, as Rakuten bills it (RMS API section 4.4)."""

    _name = "rakuten.tax.summary"
    _description = "Rakuten Tax Summary"
    _auto = False
    _order = "order_date desc, order_id desc, rate desc"
    _rec_name = "order_id"
    _depends = {
        "rakuten.order": [
            "tax_summary",
            "sale_order_id",
            "shop_id",
            "company_id",
            "order_date",
            "progress",
            "payment_name",
            "collected_by_rakuten",
        ],
        "res.company": ["currency_id"],
    }

    order_id = fields.Many2one("rakuten.order", readonly=True)
    sale_order_id = fields.Many2one("sale.order", readonly=True)
    shop_id = fields.Many2one("rakuten.shop", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    order_date = fields.Datetime(readonly=True)
    progress = fields.Selection(
        lambda self: self.env["rakuten.order"]._fields["progress"].selection,
        string="Status at Rakuten",
        readonly=True,
    )
    payment_name = fields.Char(string="Payment Method", readonly=True)
    collected_by_rakuten = fields.Boolean(readonly=True)
    rate = fields.Float(string="Tax Rate (%)", readonly=True, aggregator=None)
    rate_name = fields.Char(string="Tax Rate", readonly=True)
    req_price = fields.Monetary(
        string="Billed at the Rate", readonly=True, help="reqPrice, with tax, before points."
    )
    req_price_tax = fields.Monetary(string="Tax in It", readonly=True, help="reqPriceTax")
    total_price = fields.Monetary(
        string="Goods and Postage", readonly=True, help="totalPrice, with wrapping and tax."
    )
    payment_charge = fields.Monetary(string="Payment Fee", readonly=True, help="paymentCharge")
    coupon_price = fields.Monetary(
        string="Coupons", readonly=True, help="couponPrice: of the shop and of Rakuten."
    )
    tax_in_odoo = fields.Monetary(
        compute="_compute_tax_in_odoo",
        compute_sudo=True,
        help="On the sale order. It is Rakuten's wherever both tax the same amount.",
    )

    @property
    def _table_query(self):
        # A rate stands at most ten times in an order (rules/taxes.py).
        return SQL(
            """
            SELECT
                o.id * 10 + entry.number - 1 AS id,
                o.id AS order_id,
                o.sale_order_id,
                o.shop_id,
                o.company_id,
                company.currency_id,
                o.order_date,
                o.progress,
                o.payment_name,
                o.collected_by_rakuten,
                (entry.row->>'rate')::float8 AS rate,
                trim_scale((entry.row->>'rate')::numeric)::text || %s AS rate_name,
                (entry.row->>'req_price')::numeric AS req_price,
                (entry.row->>'req_price_tax')::numeric AS req_price_tax,
                (entry.row->>'total_price')::numeric AS total_price,
                (entry.row->>'payment_charge')::numeric AS payment_charge,
                (entry.row->>'coupon_price')::numeric AS coupon_price
            FROM rakuten_order o
            JOIN res_company company ON company.id = o.company_id
            CROSS JOIN LATERAL jsonb_array_elements(o.tax_summary)
                WITH ORDINALITY AS entry(row, number)
            WHERE jsonb_typeof(o.tax_summary) = 'array'
            """,
            " %",
        )

    # Without the sale order: whatever changes one would look for its rows here.
    @api.depends("rate")
    def _compute_tax_in_odoo(self):
        for row in self:
            row.tax_in_odoo = row.sale_order_id._rakuten_tax_by_rate().get(row.rate, 0)
