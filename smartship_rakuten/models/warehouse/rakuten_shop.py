from odoo import fields, models

from ..shop.on_write import on_write


class RakutenShop(models.Model):
    """By when goods have to leave, and which transfers are held."""

    _inherit = "rakuten.shop"

    hold_rule_ids = fields.One2many("rakuten.hold.rule", "shop_id", string="Hold Rules")
    ship_days = fields.Integer(
        string="Days to Ship",
        default=1,
        help="From the day on which Rakuten lets an order go to the day on which it leaves.",
    )
    transit_days = fields.Integer(
        string="Days on the Way",
        default=1,
        help="Counted back from a delivery wish; one more to 北海道, 沖縄 and remote islands.",
    )
    cutoff_hour = fields.Float(
        string="Same-Day Orders Until",
        default=12.0,
        help="締め時刻 in Japan: an order with 当日出荷, 最強翌日配送 or あす楽 that Rakuten lets "
        "go later leaves on the next day.",
    )

    @on_write("ship_days", "transit_days", "cutoff_hour")
    def _on_write_ship_by_days(self, vals):
        yield
        self._recompute_open_transfers(["rakuten_order_id"])

    def _apply_hold_rules(self):
        """Look at the open transfers again after a rule has changed."""
        self._recompute_open_transfers(["rakuten_shop_id"])

    def _recompute_open_transfers(self, names):
        """Compute again what depends on these fields of the open transfers. Only of those: a
        depends on the shop itself would look at all that ever left, too."""
        pickings = (
            self.env["stock.picking"]
            .sudo()
            .search([("rakuten_shop_id", "in", self.ids), ("state", "not in", ("done", "cancel"))])
        )
        pickings.modified(names)
