from odoo import api, fields, models

from ...rules import shipping
from ...rules.address import prefecture_code


class RakutenOrder(models.Model):
    """Where an order goes, as statistics need it: it outlives the personal data."""

    _inherit = "rakuten.order"

    prefecture_id = fields.Many2one(
        "res.country.state",
        compute="_compute_prefecture_id",
        store=True,
        help="都道府県 of the first destination; not set for one abroad.",
    )

    @api.depends("payload")
    def _compute_prefecture_id(self):
        states = self.env["res.partner"]._rakuten_states()
        for order in self:
            person = next(iter(shipping.recipients(order.payload)), {})
            order.prefecture_id = states.get(prefecture_code(person), False)
