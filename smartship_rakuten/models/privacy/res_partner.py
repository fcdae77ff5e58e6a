from odoo import api, models
from odoo.fields import Domain

from .rakuten_order_privacy import delete_chatter

#: So many recipients are named to who wrote to them.
NAMES_MAX = 10


class ResPartner(models.Model):
    """Contacts that came from Rakuten are kept as long as something needs them."""

    _inherit = "res.partner"

    #: What is forgotten besides the name.
    _RAKUTEN_PERSONAL = (
        "street street2 city zip phone email comment rakuten_kana rakuten_identity".split()
    )

    # === BUSINESS METHODS - No mail to buyers === #

    def _rakuten_strike(self, field, addresses=()):
        """Who of these contacts, and which of these addresses, Odoo writes nothing to.

        An address is struck out where every contact that has it, in whatever company, is a buyer
        of Rakuten and nothing else. A constant number of queries, one where none is a buyer.

        :param str field: where the contacts have it: ``email_normalized`` or ``phone_sanitized``
        :param addresses: iterable of text, as the field has it
        :return: (contacts, set of addresses)
        """
        buyers, addresses = self.sudo().filtered("rakuten_buyer"), set(addresses)
        wanted = (addresses | set(buyers.mapped(field))) - {False}
        contacts = buyers
        if wanted:
            contacts |= buyers.with_context(active_test=False).search([(field, "in", list(wanted))])
        only = contacts._rakuten_only_buyers()
        shared = set((contacts - only).mapped(field)) - {False}
        struck = (buyers & only).filtered(lambda partner: partner[field] not in shared)
        return struck.with_env(self.env), addresses & set(only.mapped(field)) - shared

    def _rakuten_only_buyers(self):
        """Those of these contacts that are buyers of Rakuten and nothing else: no user's contact,
        and without an order, an invoice or a bill of another kind."""
        buyers = self.sudo().filtered("rakuten_buyer")
        if not buyers:
            return buyers
        users = self.env["res.users"].sudo().search([("partner_id", "in", buyers.ids)])
        places = ("partner_id", "partner_invoice_id", "partner_shipping_id")
        orders = (
            self.env["sale.order"]
            .sudo()
            .search(
                Domain("rakuten_order_id", "=", False)
                & Domain("state", "!=", "cancel")
                & Domain.OR(Domain(place, "in", buyers.ids) for place in places)
            )
        )
        invoices = (
            self.env["account.move"]
            .sudo()
            .search(
                Domain("state", "!=", "cancel")
                & (
                    Domain("partner_id", "in", buyers.ids)
                    | Domain("partner_shipping_id", "in", buyers.ids)
                )
                & ~Domain("line_ids.sale_line_ids.order_id.rakuten_order_id", "!=", False)
            )
        )
        return (
            buyers
            - users.partner_id
            - orders.partner_id
            - orders.partner_invoice_id
            - orders.partner_shipping_id
            - invoices.partner_id
            - invoices.partner_shipping_id
        )

    def _rakuten_unsent_sentence(self, names):
        """What an author is told, in his language.

        :param list names: of the contacts or addresses that nothing was sent to
        """
        lang = self.sudo().user_ids[:1].lang or self.env.lang
        more = len(names) - NAMES_MAX
        text = ", ".join(names[:NAMES_MAX]) + (f" +{more}" if more > 0 else "")
        return self.with_context(lang=lang).env._(
            "Not sent to %(names)s: Rakuten buyers get no mail but Rakuten's own.", names=text
        )

    def _rakuten_tell_unsent(self, names):
        """Tell an author at once what was not sent, if it is a person who works here.

        :param list names: of the contacts or addresses that nothing was sent to
        :return: whether somebody was told
        """
        author = self.sudo().user_ids.filtered(lambda user: not user.share)[:1]
        author._bus_send(
            "simple_notification",
            {"type": "warning", "sticky": True, "message": self._rakuten_unsent_sentence(names)},
        )
        return bool(author)

    # === BUSINESS METHODS - Personal data === #

    @api.model
    def _rakuten_unused_contacts(self, company, limit):
        """Contacts of Rakuten that were made before a time and may be needed no more: a change at
        Rakuten has put others in their place, or what they were kept for is over. Those that an
        invoice names are left out here, since they become ever more.

        :param datetime limit: UTC
        """
        billed = Domain("invoice_ids", "any", [("state", "!=", "cancel")])
        shipped_to = self.env["account.move"]._search(
            [("state", "!=", "cancel"), ("partner_shipping_id", "!=", False)]
        )
        ordered = Domain(
            "sale_order_ids", "any", [("rakuten_order_id.personal_data_removed", "!=", True)]
        )
        return self.with_context(active_test=False).search(
            Domain("rakuten_buyer", "=", True)
            & Domain("company_id", "=", company.id)
            & Domain("create_date", "<", limit)
            & self._rakuten_known()
            & ~ordered
            & ~billed
            & Domain("id", "not in", shipped_to.subselect("partner_shipping_id"))
        )

    @api.model
    def _rakuten_known(self):
        """Domain of contacts whose personal data are there."""
        return Domain.OR(Domain(name, "not in", (False, "")) for name in self._RAKUTEN_PERSONAL)

    def _rakuten_unneeded(self):
        """Those of these contacts that came from Rakuten and that nothing needs: no order whose
        time is not over or that came by another way, no open transfer, no invoice that is posted
        or may be (invoices are kept by law), no user."""
        partners = self.filtered("rakuten_buyer")
        family = partners | partners.child_ids | partners.parent_id
        if not family:
            return family
        orders = self.env["sale.order"].search(
            (
                # What is sold to the buyer without Rakuten needs him as well.
                Domain("rakuten_order_id", "=", False)
                | Domain("rakuten_order_id.personal_data_removed", "!=", True)
            )
            & (
                Domain("partner_id", "in", family.ids)
                | Domain("partner_shipping_id", "in", family.ids)
                | Domain("order_line.rakuten_recipient_id", "in", family.ids)
            )
        )
        transfers = self.env["stock.picking"].search(
            [("partner_id", "in", family.ids), ("state", "not in", ("done", "cancel"))]
        )
        moves = self.env["account.move"].search(
            [
                ("state", "!=", "cancel"),
                "|",
                ("partner_id", "in", family.ids),
                ("partner_shipping_id", "in", family.ids),
            ]
        )
        users = self.env["res.users"].search([("partner_id", "in", family.ids)])
        needed = (
            orders.partner_id
            | orders.partner_shipping_id
            | orders.order_line.rakuten_recipient_id
            | transfers.partner_id
            | moves.partner_id
            | moves.partner_shipping_id
            | users.partner_id
        )
        return partners - needed - needed.parent_id

    def _rakuten_anonymise(self):
        """Take the personal data out of these contacts; the prefecture stays for statistics."""
        delete_chatter(self)
        self.sudo().write(
            {
                "name": self.env._("Rakuten buyer (personal data removed)"),
                **dict.fromkeys(self._RAKUTEN_PERSONAL, False),
            }
        )
