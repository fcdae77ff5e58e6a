from odoo import fields, models
from odoo.tools import SQL


class RakutenOrderReport(models.Model):
    """Rakuten's orders by day, status, prefecture and SKU, also those without a sale order.

    One row for each line of goods, and one for an order that has none yet. Prefectures outlive the
    personal data of an order.
    """

    _name = "rakuten.order.report"
    _description = "Rakuten Orders Analysis"
    _auto = False
    _order = "order_date desc"
    _rec_name = "order_id"
    _depends = {
        "rakuten.order": [
            "shop_id",
            "company_id",
            "order_date",
            "progress",
            "state",
            "prefecture_id",
            "sale_order_id",
            "payment_name",
            "collected_by_rakuten",
            "delivery_name",
            "order_type",
        ],
        "sale.order.line": [
            "order_id",
            "product_id",
            "product_uom_qty",
            "price_total",
            "rakuten_item_detail_id",
            "rakuten_sku_id",
            "rakuten_recipient_id",
        ],
        "res.partner": ["state_id"],
        "res.company": ["currency_id"],
    }

    order_id = fields.Many2one("rakuten.order", readonly=True)
    shop_id = fields.Many2one("rakuten.shop", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    order_date = fields.Datetime(readonly=True)
    progress = fields.Selection(
        lambda self: self.env["rakuten.order"]._fields["progress"].selection,
        string="Status at Rakuten",
        readonly=True,
    )
    state = fields.Selection(
        lambda self: self.env["rakuten.order"]._fields["state"].selection, readonly=True
    )
    prefecture_id = fields.Many2one("res.country.state", readonly=True)
    payment_name = fields.Char(string="Payment Method", readonly=True)
    collected_by_rakuten = fields.Boolean(readonly=True)
    delivery_name = fields.Char(string="Delivery Method at Rakuten", readonly=True)
    order_type = fields.Selection(
        lambda self: self.env["rakuten.order"]._fields["order_type"].selection, readonly=True
    )
    sku_id = fields.Many2one("rakuten.sku", string="Rakuten SKU", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    order_count = fields.Integer(
        string="Orders",
        readonly=True,
        aggregator="count_distinct",
        help="Each order once, however many lines it has.",
    )
    units = fields.Float(readonly=True)
    amount = fields.Monetary(
        string="Goods", readonly=True, help="Goods with tax, without postage, fees and coupons."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT
                COALESCE(line.id, -o.id) AS id,
                o.id AS order_id,
                o.id AS order_count,
                o.shop_id,
                o.company_id,
                company.currency_id,
                o.order_date,
                o.progress,
                o.state,
                o.payment_name,
                o.collected_by_rakuten,
                o.delivery_name,
                o.order_type,
                COALESCE(recipient.state_id, o.prefecture_id) AS prefecture_id,
                line.rakuten_sku_id AS sku_id,
                line.product_id,
                COALESCE(line.product_uom_qty, 0) AS units,
                COALESCE(line.price_total, 0) AS amount
            FROM rakuten_order o
            JOIN res_company company ON company.id = o.company_id
            LEFT JOIN sale_order_line line
                ON line.order_id = o.sale_order_id AND line.rakuten_item_detail_id IS NOT NULL
            LEFT JOIN res_partner recipient ON recipient.id = line.rakuten_recipient_id
            """
        )
