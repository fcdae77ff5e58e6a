from odoo import api, fields, models


class RakutenRule(models.Model):
    """What rules do with transfers. A transfer is judged by its own destination and goods."""

    _inherit = "rakuten.rule"

    hold = fields.Boolean(
        string="Hold the Transfer",
        help="The transfer cannot leave until somebody releases it.",
    )
    hold_carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Hold Only With",
        check_company=True,
        help="Hold what leaves with this carrier only, for example because its labels are short; "
        "empty for all.",
    )
    note = fields.Char(string="Note on the Packing List", help="For whoever packs the goods.")

    @api.model
    def _action_fields(self):
        return [*super()._action_fields(), "hold", "hold_carrier_id", "note"]

    @api.model
    def _shipping_fields(self):
        return [*super()._shipping_fields(), "hold", "note"]

    def _action_sentences(self):
        texts = super()._action_sentences()
        if self.hold and self.hold_carrier_id:
            carrier = self.hold_carrier_id.display_name
            texts.insert(
                0, self.env._("hold the transfer that leaves with %(carrier)s", carrier=carrier)
            )
        elif self.hold:
            texts.insert(0, self.env._("hold the transfer"))
        if self.note:
            texts.append(self.env._("on the packing list: %(note)s", note=self.note))
        return texts

    def _holding(self, picking, broken):
        """Those of these rules, which apply to a transfer, that hold it.

        :param broken: those that cannot be applied any more: what they would decide about the
            goods waits for a person
        """
        return self.filtered(
            lambda rule: (
                any(rule[name] for name in rule._shipping_fields())
                if rule in broken
                else rule.hold
                and (not rule.hold_carrier_id or picking.carrier_id == rule.hold_carrier_id)
            )
        )
