from collections import defaultdict

from odoo import api, models
from odoo.fields import Command
from odoo.tools import email_normalize_all


class MailMail(models.Model):
    """No message of Odoo leaves for a Rakuten buyer, whatever the path: Rakuten allows none besides
    its own, and the mail addresses that it gives are relays. Who is more than a buyer gets his
    mail: ``res.partner._rakuten_strike`` decides.

    Every path ends in one of few places: the recipients of a notification (``mail.thread``), an
    outgoing mail, an SMS (``smartship_rakuten_sms``), or an invitation to the portal (its wizard).
    """

    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `mail` to strike buyers out of what is to be sent."""
        mails = super().create(vals_list)
        mails._rakuten_strike_out()
        return mails

    def send(self, *args, **kwargs):
        """Override of `mail` to strike them out once more before it is sent."""
        # Somebody may have put a cancelled mail back, or typed an address since.
        self.filtered(lambda mail: mail.state == "outgoing")._rakuten_strike_out()
        return super().send(*args, **kwargs)

    def _rakuten_strike_out(self):
        """Take buyers off the recipients; a mail for nobody else is cancelled."""
        addresses = {
            mail: set(email_normalize_all(f"{mail.email_to or ''},{mail.email_cc or ''}"))
            for mail in self
        }
        buyers, struck = self.recipient_ids._rakuten_strike(
            "email_normalized", set().union(*addresses.values())
        )
        told = defaultdict(dict)
        for mail in self:
            recipients = mail.recipient_ids - buyers
            kept = addresses[mail] - struck
            if recipients == mail.recipient_ids and kept == addresses[mail]:
                continue
            gone = (mail.recipient_ids & buyers).sudo().mapped("name")
            gone += sorted(addresses[mail] & struck)
            told[mail.author_id].update(dict.fromkeys(gone))
            if recipients or kept:
                # A copy for somebody who is left becomes a mail to him.
                mail.write(
                    {
                        "recipient_ids": [Command.set(recipients.ids)],
                        "email_to": ", ".join(sorted(kept)),
                        "email_cc": False,
                    }
                )
            else:
                reason = mail.author_id._rakuten_unsent_sentence(gone)
                mail.write({"state": "cancel", "failure_reason": reason})
        for author, names in told.items():
            author._rakuten_tell_unsent(list(names))
