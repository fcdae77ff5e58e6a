from odoo import api, fields, models

from ...rules.carriers import RAKUTEN_COMPANIES


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    rakuten_company_code = fields.Selection(
        RAKUTEN_COMPANIES,
        string="Rakuten Carrier",
        help="配送会社: reported to Rakuten with the tracking number.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base` to let labels find a delivery method that is new."""
        carriers = super().create(vals_list)
        self.env["rakuten.shop"].invalidate_model(["label_carrier_ids"])
        return carriers

    def write(self, vals):
        """Override of `base` to correct at Rakuten what was reported with another carrier."""
        result = super().write(vals)
        self.env["rakuten.shop"].invalidate_model(["label_carrier_ids"])
        if "rakuten_company_code" in vals:
            self.env["rakuten.parcel"]._update_company_codes(
                [("picking_id.carrier_id", "in", self.ids)]
            )
        return result
