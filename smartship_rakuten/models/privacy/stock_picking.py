from odoo import models


class StockPicking(models.Model):
    """A delivery to a Rakuten buyer writes to nobody."""

    _inherit = "stock.picking"

    def _send_confirmation_email(self):
        """Override of `stock` to ship as Odoo does, but write to nobody: Rakuten forbids mail
        besides its own."""
        rakuten = self.filtered("rakuten_order_id")
        super(StockPicking, self - rakuten)._send_confirmation_email()
        return super(
            StockPicking, rakuten.with_context(rakuten_no_message=True)
        )._send_confirmation_email()

    def message_post_with_source(self, *args, **kwargs):
        """Override of `mail` to write no message on a delivery to a Rakuten buyer."""
        if self.env.context.get("rakuten_no_message"):
            return self.env["mail.message"]
        return super().message_post_with_source(*args, **kwargs)
