from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Override of `mail` to notify no Rakuten buyer."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        partners = (
            self.env["res.partner"].sudo().browse([data["id"] for data in recipients if data["id"]])
        )
        buyers = set(partners.filtered("rakuten_buyer").ids)
        return [data for data in recipients if data["id"] not in buyers] if buyers else recipients
