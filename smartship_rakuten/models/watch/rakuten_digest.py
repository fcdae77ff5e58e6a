from odoo import api, models

from ..shop.job import job

#: The numbers of a shop's card that are worth a line in the digest.
COUNTS = (
    "warning_count",
    "by_hand_count",
    "deadline_count",
    "late_count",
    "held_count",
    "unnumbered_count",
    "failed_count",
    "unmapped_count",
    "stock_error_count",
    "drift_count",
)


class RakutenShop(models.Model):
    """One message a day for each responsible: what needs attention, or nothing."""

    _inherit = "rakuten.shop"

    # === CRON === #

    @api.model
    @job("digest", cron="smartship_rakuten.ir_cron_send_digest", sequence=120, at_once=True)
    def _send_digests(self):
        """Tell each responsible what needs attention in his shops; nobody is told of nothing."""
        shops = self.search(["|", ("state", "!=", "draft"), ("database_uuid", "!=", False)])
        # The responsible, else one of Rakuten's administrators.
        for user, mine in shops.grouped(lambda shop: shop._responsible()[:1]).items():
            if user:
                mine.with_context(lang=user.lang, tz=user.tz)._send_digest(user)

    # === BUSINESS METHODS === #

    def _send_digest(self, user):
        """Send the digest of these shops to an internal user, by mail or inbox as he likes it."""
        found = [(shop, lines) for shop in self if (lines := shop._digest_lines())]
        if not found:
            return
        body = self.env["ir.qweb"]._render(
            "smartship_rakuten.digest", {"found": found, "url": self[:1].get_base_url()}
        )
        found[0][0].message_notify(
            partner_ids=user.partner_id.ids,
            subject=self.env._(
                "Rakuten: what needs attention in %(shops)s",
                shops=", ".join(shop.name for shop, _lines in found),
            ),
            body=body,
        )

    def _digest_lines(self):
        """What needs attention in this shop.

        :return: list of (text, number or '')
        """
        self.ensure_one()
        card = self.dashboard
        problems = self.env["rakuten.order"]._fields["problem_code"]
        reasons = dict(problems._description_selection(self.env))
        lines = []
        if self.is_copy:
            lines.append((self._copy_sentence(), ""))
        if self.state == "key_rejected":
            lines.append((self.env._("Rakuten does not accept the key: nothing is done."), ""))
        elif self.state == "draft":
            lines.append(
                (self.env._("The shop is not connected any more: test the connection."), "")
            )
        elif card["key"].get("ended"):
            lines.append((self._end_sentence(), ""))
        elif card["key"].get("urgent"):
            lines.append((self.env._("Days until the licence key ends"), card["key"]["days"]))
        lines += [
            (self.env._("Not imported: %(reason)s", reason=reasons[code]), count)
            for code, count in sorted(card["blocked"].items())
        ]
        labels = self.fields_get(COUNTS, ["string"])
        lines += [(labels[name]["string"], self[name]) for name in COUNTS if self[name]]
        lines += [
            (f"{job['name']}: {job['error'] or job['label']}", "")
            for job in card["jobs"]
            if job["state"] in ("failing", "stopped")
        ]
        if card["compared"] and not card["compared"]["ok"]:
            lines.append(
                (
                    self.env._("Differences between Rakuten and Odoo"),
                    card["compared"]["differences"],
                )
            )
        return lines
