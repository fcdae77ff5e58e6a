from odoo import api, fields, models

from ..shop.sentences import columns, find, read


class RakutenStockPush(models.Model):
    """What became of one SKU's number in one push or comparison; see
    ``rakuten.sku._push_stock``."""

    _name = "rakuten.stock.push"
    _description = "Rakuten Stock Log"
    _inherit = "rakuten.system.fields"
    _order = "date desc, id desc"
    _rec_name = "sku_id"
    _log_access = False

    shop_id = fields.Many2one("rakuten.shop", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id")
    sku_id = fields.Many2one("rakuten.sku", string="SKU", index=True, ondelete="cascade")
    product_id = fields.Many2one(related="sku_id.product_id")
    date = fields.Datetime(required=True, readonly=True, index=True)
    outcome = fields.Selection(
        [
            ("sent", "Sent"),
            ("refused", "Refused"),
            ("unknown", "Outcome Unknown"),
            ("drift", "Drift Found"),
        ],
        required=True,
        readonly=True,
        help="Drift: the daily comparison found a number at Rakuten that nothing explains.",
    )
    held = fields.Integer(
        string="Stock at Rakuten",
        readonly=True,
        aggregator=None,
        help="Read right before. -1: none.",
    )
    target = fields.Integer(string="Stock in Odoo", readonly=True, aggregator=None)
    change = fields.Integer(
        readonly=True, help="What Rakuten's number had to rise or fall by to be Odoo's."
    )
    distance = fields.Integer(
        string="Units Apart", readonly=True, help="The change without its sign, to be summed up."
    )
    message_code = fields.Char(readonly=True)
    message_details = fields.Json(readonly=True)
    message = fields.Char(
        compute="_compute_message", search="_search_message", help="Why Rakuten refused it."
    )

    @api.depends("message_code", "message_details")
    @api.depends_context("lang")
    def _compute_message(self):
        for push in self:
            push.message = read(push, "message")

    @api.model
    def _search_message(self, operator, value):
        return find(self, "message", operator, value)

    @api.model
    def _record(self, outcome, rows):
        """:param rows: iterable of (sku, number held or None, target, message)"""
        now = fields.Datetime.now()
        self.create(
            [
                {
                    "shop_id": sku.shop_id.id,
                    "sku_id": sku.id,
                    "date": now,
                    "outcome": outcome,
                    "held": -1 if held is None else held,
                    "target": target,
                    "change": target - (held or 0),
                    "distance": abs(target - (held or 0)),
                    **columns("message", message),
                }
                for sku, held, target, message in rows
            ]
        )

    @api.autovacuum
    def _gc_pushes(self):
        """Kept as long as the shop keeps its API calls."""
        self.env["rakuten.shop"]._delete_expired_rows(self, "date")
