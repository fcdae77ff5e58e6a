from odoo import api, fields, models


class RakutenRule(models.Model):
    """Which service of its carrier a parcel leaves by."""

    _inherit = "rakuten.rule"

    waybill_service = fields.Char(
        help="送り状種類 for the carrier's program, e.g. A for ネコポス, instead of the one that "
        "the waybill would have. With a carrier above, for what leaves with that one only.",
    )

    @api.model
    def _action_fields(self):
        return [*super()._action_fields(), "waybill_service"]

    @api.model
    def _shipping_fields(self):
        return [*super()._shipping_fields(), "waybill_service"]

    @api.model
    def _first_fields(self):
        return [*super()._first_fields(), "waybill_service"]

    def _action_sentences(self):
        texts = super()._action_sentences()
        if self.waybill_service:
            texts.append(self.env._("waybill service: %(service)s", service=self.waybill_service))
        return texts
