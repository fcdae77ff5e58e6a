from odoo import models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Override of `mail` to notify no Rakuten buyer, and to tell the author."""
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        Partner = self.env["res.partner"]
        partners = Partner.browse([data["id"] for data in recipients if data["id"]])
        buyers, _addresses = partners._rakuten_strike("email_normalized")
        if not buyers:
            return recipients
        author = Partner.browse((msg_vals or {}).get("author_id")) or message.author_id
        names = buyers.sudo().mapped("name")
        if author._rakuten_tell_unsent(names) and len(self) == 1:
            # It stays with the message that has not gone out.
            self._message_log(body=author._rakuten_unsent_sentence(names))
        return [data for data in recipients if data["id"] not in set(buyers.ids)]
