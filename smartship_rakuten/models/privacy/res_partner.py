from odoo import api, models
from odoo.fields import Domain

from .rakuten_order_privacy import delete_chatter


class ResPartner(models.Model):
    """Contacts that came from Rakuten are kept as long as something needs them."""

    _inherit = "res.partner"

    #: What is forgotten besides the name.
    _RAKUTEN_PERSONAL = (
        "street street2 city zip phone email comment rakuten_kana rakuten_identity".split()
    )

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
