from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _message_sms_with_template(self, *args, **kwargs):
        """Override of `sms` to write nothing at the delivery of a Rakuten order."""
        if self.env.context.get("rakuten_no_message"):
            return None
        return super()._message_sms_with_template(*args, **kwargs)
