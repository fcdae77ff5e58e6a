from odoo import api, models


class SmsSms(models.Model):
    """No SMS leaves for a Rakuten buyer, whatever the path: every path ends here."""

    _inherit = "sms.sms"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sms` to strike out what is for a Rakuten buyer."""
        messages = super().create(vals_list)
        messages._rakuten_strike_out()
        return messages

    def send(self, *args, **kwargs):
        """Override of `sms` to look once more: somebody may have put a cancelled one back."""
        self._rakuten_strike_out()
        return super().send(*args, **kwargs)

    def _rakuten_strike_out(self):
        outgoing = self.filtered(lambda sms: sms.state == "outgoing")
        buyers, numbers = outgoing.partner_id._rakuten_strike(
            "phone_sanitized", outgoing.filtered("number").mapped("number")
        )
        outgoing.filtered(
            lambda sms: sms.partner_id & buyers or sms.number in numbers
        ).state = "canceled"
