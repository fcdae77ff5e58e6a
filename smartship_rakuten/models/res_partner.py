from odoo import api, fields, models
from odoo.fields import Domain

from ..rules import address
from .rakuten_order_privacy import forget_chatter
from .text import storable


class ResPartner(models.Model):
    _inherit = "res.partner"

    _RAKUTEN_FIELDS = frozenset(
        "name street street2 city zip state_id country_id phone parent_id".split()
    )
    #: What is forgotten besides the name.
    _RAKUTEN_PERSONAL = (
        "street street2 city zip phone email comment rakuten_kana rakuten_identity".split()
    )

    rakuten_identity = fields.Char(
        index="btree_not_null",
        copy=False,
        groups="base.group_system",
        help="Digest of name, address and phone as Rakuten has them. Finds a returning buyer.",
    )

    rakuten_buyer = fields.Boolean(
        readonly=True,
        copy=False,
        help="Came with an order of Rakuten Ichiba. Odoo writes no mail and no SMS to such a "
        "contact: Rakuten allows none besides its own.",
    )
    rakuten_kana = fields.Char(string="Kana", copy=False, help="フリガナ")

    def write(self, vals):
        """A contact that a person edits is no longer what a buyer entered: not found again."""
        if self._RAKUTEN_FIELDS & vals.keys() and "rakuten_identity" not in vals:
            edited = self.sudo().filtered("rakuten_identity")
            super(ResPartner, edited).write({"rakuten_identity": False})
        return super().write(vals)

    @api.model
    def _rakuten_partners(self, shop, plans):
        """Buyers and recipients of a batch of orders, each looked up or created once.

        An address is never changed: whoever moved is a new contact. The mail address is left
        empty, because Rakuten gives relay addresses and forbids mail besides its own.

        :param plans: list of ..rules.order.Order
        :return: dict of (order number, '' for the buyer or basket id) to res.partner
        """
        buyers = {plan.number: address.identity(plan.orderer) for plan in plans}
        persons = {buyers[plan.number]: plan.orderer for plan in plans}
        found = self._rakuten_find_or_create(shop, persons, {})
        partners = {(plan.number, ""): found[buyers[plan.number]] for plan in plans}
        recipients, parents = {}, {}
        keys = {}
        for plan in plans:
            buyer = partners[plan.number, ""]
            for basket in plan.baskets:
                person = address.identity(basket.sender)
                if person == buyers[plan.number]:
                    partners[plan.number, basket.basket_id] = buyer
                    continue
                key = f"{buyer.id}>{person}"
                keys[plan.number, basket.basket_id] = key
                recipients[key] = basket.sender
                parents[key] = buyer
        found = self._rakuten_find_or_create(shop, recipients, parents)
        partners.update({place: found[key] for place, key in keys.items()})
        return partners

    @api.model
    def _rakuten_find_or_create(self, shop, persons, parents):
        """:param persons: dict of identity to OrdererModel or SenderModel
        :param parents: dict of identity to the buyer whose delivery address it is
        :return: dict of identity to res.partner
        """
        known = self.sudo().search(
            [
                ("rakuten_identity", "in", list(persons)),
                ("company_id", "in", (False, shop.company_id.id)),
            ]
        )
        found = {partner.rakuten_identity: partner for partner in known}
        lacking = [identity for identity in persons if identity not in found]
        states = self._rakuten_states() if lacking else {}
        installed = dict(self.env["res.lang"].get_installed())
        lang = "ja_JP" if "ja_JP" in installed else self.env.lang
        created = self.sudo().create(
            [
                self._rakuten_vals(
                    shop, identity, persons[identity], parents.get(identity), states, lang
                )
                for identity in lacking
            ]
        )
        return found | dict(zip(lacking, created, strict=True))

    @api.model
    def _rakuten_vals(self, shop, identity, person, parent, states, lang):
        code = address.prefecture_code(person)
        return {
            "name": storable(address.full_name(person)) or self.env._("Unknown"),
            "type": "delivery" if parent else "contact",
            "parent_id": parent.id if parent else False,
            "company_id": shop.company_id.id,
            "zip": storable(address.zip_code(person)),
            "state_id": states.get(code, False),
            "city": storable(person.get("city") or ""),
            "street": storable(person.get("subAddress") or ""),
            "country_id": self.env.ref("base.jp").id if code else False,
            "phone": storable(address.phone(person)),
            "rakuten_kana": storable(address.kana(person)) or False,
            "rakuten_buyer": True,
            "lang": lang,
            "rakuten_identity": identity,
        }

    # === BUSINESS METHODS - Personal data === #

    @api.model
    def _rakuten_strays(self, company, limit):
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

    def _rakuten_forget(self):
        """Take the personal data out of these contacts; the prefecture stays for statistics."""
        forget_chatter(self)
        self.sudo().write(
            {
                "name": self.env._("Rakuten buyer (personal data removed)"),
                **dict.fromkeys(self._RAKUTEN_PERSONAL, False),
            }
        )

    @api.model
    def _rakuten_states(self):
        """dict of ``JP-13`` to the id of the prefecture."""
        states = self.env["res.country.state"].search([("country_id.code", "=", "JP")])
        return {f"JP-{state.code[-2:]}": state.id for state in states}
