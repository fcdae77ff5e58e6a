from odoo import api, fields, models


class RakutenTransit(models.Model):
    """How long parcels are on their way to a prefecture."""

    _name = "rakuten.transit"
    _description = "Days on the Way to a Prefecture"
    _inherit = "rakuten.system.fields"
    _order = "state_id"
    _rec_name = "state_id"

    shop_id = fields.Many2one("rakuten.shop", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id", store=True)
    state_id = fields.Many2one(
        "res.country.state",
        string="Prefecture",
        required=True,
        domain="[('country_id.code', '=', 'JP')]",
    )
    transit_days = fields.Integer(
        string="Days on the Way",
        required=True,
        default=1,
        help="To a remote island of the prefecture it is one more.",
    )

    _one_of_a_prefecture = models.Constraint(
        "UNIQUE(shop_id, state_id)", "A prefecture stands in the table once."
    )
    _days_positive = models.Constraint(
        "CHECK(transit_days >= 0)", "The days on the way cannot be negative."
    )

    @api.model_create_multi
    def create(self, vals_list):
        transits = super().create(vals_list)
        transits.shop_id._after_days_changed()
        return transits

    def write(self, vals):
        result = super().write(vals)
        self.shop_id._after_days_changed()
        return result

    def unlink(self):
        shops = self.shop_id
        result = super().unlink()
        shops._after_days_changed()
        return result
