from odoo import fields, models


class RakutenShop(models.Model):
    """Which transfers of a shop are held."""

    _inherit = "rakuten.shop"  # pylint: disable=consider-merging-classes-inherited

    hold_rule_ids = fields.One2many("rakuten.hold.rule", "shop_id", string="Hold Rules")

    def _apply_hold_rules(self):
        """Look at the open transfers again after a rule has changed."""
        self._look_at_open_transfers(["rakuten_shop_id"])

    def _look_at_open_transfers(self, names):
        """Compute again what depends on these fields of the open transfers. Only of those: a
        depends on the shop itself would look at all that ever left, too."""
        pickings = (
            self.env["stock.picking"]
            .sudo()
            .search([("rakuten_shop_id", "in", self.ids), ("state", "not in", ("done", "cancel"))])
        )
        pickings.modified(names)
