from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError

from ...rules import address
from ..shop.text import storable


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "rakuten.system.fields"]

    _RAKUTEN_FIELDS = frozenset(
        "name street street2 city zip state_id country_id phone parent_id".split()
    )

    rakuten_identity = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Digest of name, address and phone as Rakuten has them. Finds a returning buyer.",
    )

    rakuten_buyer = fields.Boolean(
        readonly=True,
        copy=False,
        help="Came with an order of Rakuten Ichiba. Odoo writes no mail and no SMS to who is "
        "nothing else: Rakuten allows none besides its own.",
    )
    rakuten_kana = fields.Char(string="Kana", copy=False, help="フリガナ")

    _rakuten_identity_uniq = models.UniqueIndex(
        "(rakuten_identity, company_id) WHERE rakuten_identity IS NOT NULL",
        "A returning buyer has one contact in a company.",
    )

    def write(self, vals):
        """Override of `base` to no longer find a contact that a person edits: it is not what a
        buyer entered any more."""
        if self._RAKUTEN_FIELDS & vals.keys() and "rakuten_identity" not in vals:
            edited = self.sudo().filtered("rakuten_identity")
            super(ResPartner, edited).write({"rakuten_identity": False})
        return super().write(vals)

    def _get_complete_name(self):
        """Override of `base` to name a recipient without the buyer, who is no company of his."""
        if self.rakuten_buyer and self.sudo().parent_id.rakuten_buyer:
            self = self.with_context(partner_display_name_hide_company=True)
        return super()._get_complete_name()

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
        :raises ConcurrencyError: another process has made one of them meanwhile, which this
            transaction cannot see: the next one finds it
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
        vals_list = [
            self._rakuten_vals(
                shop, identity, persons[identity], parents.get(identity), states, lang
            )
            for identity in lacking
        ]
        try:
            created = self.sudo().create(vals_list)
        except UniqueViolation as error:
            if error.diag.constraint_name != self._rakuten_identity_uniq.full_name(self):
                raise
            raise ConcurrencyError("Another process has just made the contact.") from None
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
            "country_id": self.env["ir.model.data"]._xmlid_to_res_id("base.jp") if code else False,
            "phone": storable(address.phone(person)),
            "rakuten_kana": storable(address.kana(person)) or False,
            "rakuten_buyer": True,
            "lang": lang,
            "rakuten_identity": identity,
        }

    def _rakuten_adopt(self, shop, plan):
        """Treat contacts of an adopted sale order as the buyers that they are: Odoo writes no mail
        to them. Whoever is known otherwise than Rakuten knows him, by a mail address of his own
        for example, is the company's own customer as well and stays as he is.

        :param plan: ..rules.order.Order
        """
        states, relay = self._rakuten_states(), plan.orderer.get("emailAddress")
        known = [
            self._rakuten_vals(shop, False, person, None, states, False)
            for person in (plan.orderer, *(basket.sender for basket in plan.baskets))
        ]
        names = ("name", "zip", "state_id", "city", "street", "phone")
        persons = {tuple(vals[name] or False for name in names) for vals in known}
        self.filtered(
            lambda partner: (
                not partner.with_context(active_test=False).user_ids
                and partner.email in (False, relay)
                and tuple(
                    partner._fields[name].convert_to_write(partner[name], partner) or False
                    for name in names
                )
                in persons
            )
        ).rakuten_buyer = True

    @api.model
    def _rakuten_states(self):
        """dict of ``JP-13`` to the id of the prefecture."""
        states = self.env["res.country.state"].search([("country_id.code", "=", "JP")])
        return {f"JP-{state.code[-2:]}": state.id for state in states}
