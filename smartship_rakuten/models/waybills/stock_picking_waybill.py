from dataclasses import replace

from odoo import api, fields, models

from ...rules import address, shipping, tracking
from ...rules.shipping import Label
from ..shop.on_write import on_write

#: What staff may write for the label in place of Rakuten's address.
LABEL_TEXTS = ("rakuten_label_name", "rakuten_label_street", "rakuten_label_building")


class StockPicking(models.Model):
    """What goes into the carriers' waybill files, and the numbers that come back."""

    _inherit = "stock.picking"

    rakuten_waybill_ids = fields.One2many("rakuten.waybill", "picking_id", string="Waybills")
    rakuten_label_name = fields.Char(
        string="Name on the Label", copy=False, help="Where the recipient's own does not fit."
    )
    rakuten_label_street = fields.Char(
        string="Street on the Label", copy=False, help="町・番地, where the order's does not fit."
    )
    rakuten_label_building = fields.Char(
        string="Building on the Label", copy=False, help="建物名, where the order's does not fit."
    )
    rakuten_label_key = fields.Char(
        copy=False, help="The address that the label was written for: another one needs another."
    )
    rakuten_number_doubt = fields.Char(compute="_compute_rakuten_number_doubt")

    # === COMPUTE === #

    @api.depends("carrier_tracking_ref", "carrier_id", "rakuten_shop_id")
    @api.depends_context("lang")
    def _compute_rakuten_number_doubt(self):
        for picking in self:
            sentences = [
                picking._rakuten_doubt_sentence(number, code)
                for number in tracking.split_numbers(picking.carrier_tracking_ref)
                if (code := picking._rakuten_doubt(number))
            ]
            picking.rakuten_number_doubt = " ".join(sentences)

    def _rakuten_doubt(self, number):
        """``form``, ``check`` or '', see :func:`..rules.tracking.doubt`."""
        self.ensure_one()
        return tracking.doubt(number, self._rakuten_company_code()) if self.rakuten_order_id else ""

    def _rakuten_doubt_sentence(self, number, code):
        if code == "form":
            return self.env._(
                "%(number)s does not look like a number of this carrier.", number=number
            )
        return self.env._(
            "%(number)s: the check digit is wrong. Was it typed right?", number=number
        )

    # === OVERRIDES === #

    @on_write(*LABEL_TEXTS)
    def _rakuten_on_write_label(self, vals):
        """A label is written for one address: at another one it counts no more."""
        written = any(map(vals.get, LABEL_TEXTS)) and "rakuten_label_key" not in vals
        by_address = self.grouped("rakuten_address_key") if written else {}
        yield
        for key, pickings in by_address.items():
            pickings.write({"rakuten_label_key": key})

    # === ACTIONS === #

    def action_rakuten_waybills(self):
        """Make the papers and the carriers' files of these transfers, after a last look at
        Rakuten."""
        pickings = self.filtered(lambda picking: picking._is_rakuten_delivery())
        pickings, _unchecked = pickings._rakuten_check_before_work()
        wizard = self.env["rakuten.waybill.export"].create(
            {"line_ids": [(0, 0, {"picking_id": picking.id}) for picking in pickings]}
        )
        wizard.line_ids._sort()
        return wizard._open()

    # === BUSINESS METHODS === #

    def _rakuten_rule_service(self):
        """送り状種類 that a rule of the shop chooses, False for none."""
        self.ensure_one()
        rules = self.sudo().rakuten_applied_rule_ids.filtered(
            lambda rule: not rule.carrier_id or rule.carrier_id == self.carrier_id
        )
        return rules._first("waybill_service")

    def _rakuten_delivery_method(self, carrier):
        """The line of the shop's delivery methods that this transfer goes by.

        :param carrier: delivery.carrier that it leaves with
        :return: rakuten.delivery.method, none where somebody has chosen another carrier
        """
        method = self.sudo().rakuten_order_id.delivery_method_id
        return method if method.carrier_id == carrier else method.browse()

    def _has_rakuten_label_text(self):
        """Whether somebody has written what stands on the label."""
        self.ensure_one()
        return any(self[name] for name in LABEL_TEXTS)

    def _rakuten_label(self, facts):
        """The recipient as the waybill takes it: Rakuten's, or what staff have shortened.

        :param facts: of :meth:`_rakuten_facts`
        :rtype: ..rules.shipping.Label
        """
        self.ensure_one()
        label = shipping.label(facts.person)
        if not self.rakuten_label_key or self.rakuten_label_key != self.rakuten_address_key:
            return label
        if self.rakuten_label_name:
            label = replace(label, name=self.rakuten_label_name)
        if self.rakuten_label_street or self.rakuten_label_building:
            label = replace(
                label,
                street=self.rakuten_label_street or "",
                building=self.rakuten_label_building or "",
            )
        return label

    def _rakuten_buyer_sends(self):
        """Whether the shop wants the buyer of a gift as its sender."""
        self.ensure_one()
        return self.sudo().rakuten_shop_id.waybill_buyer_sends

    def _rakuten_sender(self, facts, *, buyer_sends=None):
        """Who sends the parcel: the shop, or the buyer of a gift where that is wanted.

        :param buyer_sends: what a person has chosen; None for what the shop wants
        :rtype: ..rules.shipping.Label
        """
        self.ensure_one()
        shop = self.sudo().rakuten_shop_id
        if buyer_sends is None:
            buyer_sends = self._rakuten_buyer_sends()
        if buyer_sends and facts.to_another:
            return shipping.label(facts.orderer)
        partner = shop.waybill_sender_id or self.sudo().picking_type_id.warehouse_id.partner_id
        japan = partner.country_id.code == "JP"
        prefecture = address.prefecture_name(japan and partner.state_id.code)
        prefecture = prefecture or partner.state_id.name or ""
        return Label(
            name=shop.waybill_sender_id.name or shop.name,
            zip_code=partner.zip or "",
            region=address.carrier_text(prefecture + (partner.city or "")),
            street=address.carrier_text(partner.street or ""),
            building=address.carrier_text(partner.street2 or ""),
            phone=partner.phone or "",
        )

    def _rakuten_contents(self):
        """What stands on the label as contents: the shop's word for it, else the goods."""
        self.ensure_one()
        shop = self.sudo().rakuten_shop_id
        if shop.waybill_contents:
            return [shop.waybill_contents]
        moves = (self | self.rakuten_bundled_ids).move_ids.filtered(lambda m: m.state != "cancel")
        return list(dict.fromkeys(moves.product_id.mapped("name")))

    def _prepare_rakuten_waybill(self, form, ship_date, *, buyer_sends=None):
        """What the columns of a format hold for this transfer, all but the parcel's key.

        :param form: rakuten.waybill.format
        :param date ship_date: in Japan
        :param buyer_sends: of :meth:`_rakuten_sender`
        :return: (dict of values for :func:`..rules.waybill.fill`, list of sentences of what stops
            the parcel, list of sentences that staff should know)
        """
        self.ensure_one()
        form = form.with_company(self.company_id)
        facts = self._rakuten_facts()
        label = self._rakuten_label(facts)
        sender = self._rakuten_sender(facts, buyer_sends=buyer_sends)
        cash, cash_tax = self._rakuten_parcel_cash()
        problems = []
        if cash is not None and form.cash_limit and cash > form.cash_limit:
            problems.append(
                self.env._(
                    "%(amount)s yen are more than the carrier collects (%(limit)s).",
                    amount=cash,
                    limit=form.cash_limit,
                )
            )
        own = self._rakuten_rule_service()
        own = own or self._rakuten_delivery_method(self.carrier_id).waybill_service
        own = own or self.carrier_id.rakuten_waybill_service
        service = form._service(own, cash=cash is not None)
        slot, notes = form._slot(facts.slot_key), []
        wish = facts.delivery_slot or (self.env._("another time") if facts.slot_key else "")
        if wish and not slot:
            notes.append(
                self.env._(
                    "The carrier has no slot for %(wish)s: it stands in the note.", wish=wish
                )
            )
        elif slot.differs:
            notes.append(
                self.env._("The carrier's nearest slot was taken for %(wish)s.", wish=wish)
            )
        if form._is_plain(service) and (
            facts.delivery_date or wish or facts.cool or cash is not None
        ):
            problems.append(
                self.env._(
                    "This service takes no delivery wish, no cool goods and no cash on delivery: "
                    "choose another carrier."
                )
            )
        if facts.store:
            problems.append(
                self.env._(
                    "The parcel is collected at %(store)s: make its waybill by hand.",
                    store=facts.store,
                )
            )
        note = [
            f"置き配:{facts.drop_off}" if facts.drop_off else "",
            f"{wish}希望" if wish and not slot else "",
        ]
        date = facts.delivery_date
        seal = slot.seal or (form.seal_date if date and not slot else "")
        cool, cool_seal = form._cool(facts.cool)
        values = {
            "order_number": self.rakuten_order_number,
            "service": service,
            "cool": cool,
            "payment": form.payment_code if cash is None else form.payment_cash_code,
            "ship_date": form._date(ship_date),
            "date_kind": form.date_code if date else form.date_none_code,
            "delivery_date": form._date(date),
            "slot": slot.code or form.slot_none,
            "cash": cash,
            "cash_tax": cash_tax,
            "pieces": "1",
            "seal": [seal, cool_seal],
            "contents": self._rakuten_contents(),
            "note": form._note_text([*filter(None, note)], self.rakuten_order_number),
            "customer_code": form.customer_code,
            "option_1": form.option_1 or form.option_1_default,
            "option_2": form.option_2 or form.option_2_default,
        }
        building = any(column.source == "building" for column in form.column_ids)
        for prefix, person in (("", label), ("sender_", sender)):
            # A column of its own for the building, or all of it over the lines of the address.
            lines = (
                [person.region, person.street]
                if building
                else [person.region, person.street, person.building]
            )
            plain = ["".join(line.split()) for line in lines]
            values |= {
                f"{prefix}name": [person.name],
                f"{prefix}zip": person.zip_code,
                f"{prefix}phone": person.phone,
                f"{prefix}address": ["".join(plain)] if building else plain,
                f"{prefix}building": person.building,
            }
        return values, problems, notes

    def _rakuten_parcel_cash(self):
        """What the carrier collects with this parcel: of each of its transfers what the transfer
        says, so that an order in several parcels is not collected twice.

        :return: (whole yen or None, the tax in it or None where it is not known)
        """
        transfers = (self | self.rakuten_bundled_ids).filtered(lambda p: p.state != "cancel")
        due = {p: p.rakuten_cash for p in transfers if p.rakuten_cash}
        if not due:
            return None, None
        # Rakuten tells the tax of a whole order only.
        facts = {picking: picking._rakuten_facts() for picking in due}
        whole = all(facts[picking].cash == amount for picking, amount in due.items())
        taxes = [facts[picking].cash_tax for picking in due] if whole else []
        return sum(due.values()), sum(taxes) if taxes and None not in taxes else None

    def _rakuten_validate_complete(self):
        """Validate one transfer that has all its goods.

        :return: whether it is done now
        :raises UserError: when it must not be shipped
        """
        self.ensure_one()
        if self.state == "done":
            return True
        if self.state != "assigned" or any(
            move.quantity < move.product_uom_qty
            for move in self.move_ids
            if move.state not in ("done", "cancel")
        ):
            return False
        self.move_ids.picked = True
        self.button_validate()
        return self.state == "done"

    def _is_rakuten_untouched(self):
        return (
            super()._is_rakuten_untouched()
            and not self._has_rakuten_label_text()
            and not self.sudo().rakuten_waybill_ids.filtered("exported_on")
        )
