from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...rules import hold


class RakutenHoldRule(models.Model):
    """What a shop keeper wants to look at before it leaves."""

    _name = "rakuten.hold.rule"
    _description = "Rakuten Hold Rule"
    _inherit = "rakuten.system.fields"
    _check_company_auto = True
    _order = "sequence, id"

    shop_id = fields.Many2one("rakuten.shop", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(string="Reason", required=True, help="Shown to whoever meets the hold.")
    kind = fields.Selection(
        [
            ("remarks", "Words in the remarks"),
            ("customer", "Customer on the watch list"),
            ("address", "Address too long for the carrier"),
            ("price", "Price above"),
            ("product", "Product"),
        ],
        string="Holds On",
        required=True,
        default="remarks",
    )
    words = fields.Char(
        groups="smartship_rakuten.group_user",
        help="Remarks: words, divided by commas. Watch list: names, addresses or phone numbers of "
        "buyers or recipients; width, blanks and hyphens do not matter.",
    )
    limit = fields.Integer(help="Characters of the address, or yen of the order's total.")
    carrier_id = fields.Many2one(
        "delivery.carrier",
        check_company=True,
        help="The carrier whose labels are short; empty for all.",
    )
    product_ids = fields.Many2many("product.product", string="Products", check_company=True)

    @api.constrains("kind", "words", "limit", "product_ids")
    def _check_complete(self):
        for rule in self:
            needed = {
                "remarks": hold.words_of(rule.words),
                "customer": hold.words_of(rule.words),
                "address": rule.limit > 0,
                "price": rule.limit > 0,
                "product": rule.product_ids,
            }
            # What a kind of another module needs, that module checks.
            if not needed.get(rule.kind, True):
                raise ValidationError(
                    self.env._("The hold rule %(rule)s lacks what it looks for.", rule=rule.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.shop_id._apply_hold_rules()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.shop_id._apply_hold_rules()
        return result

    def unlink(self):
        shops = self.shop_id
        result = super().unlink()
        shops._apply_hold_rules()
        return result

    def _applies(self, picking, facts):
        """Whether this rule wants a person to look at a transfer.

        :param facts: of ``stock.picking._rakuten_facts``
        """
        self.ensure_one()
        if self.kind == "product":
            return bool(picking.move_ids.product_id & self.product_ids)
        if self.kind == "price":
            return hold.price_above(facts, self.limit)
        if self.kind == "customer":
            return hold.is_watched(facts, self.words)
        if self.kind == "address":
            mine = not self.carrier_id or picking.carrier_id == self.carrier_id
            return mine and hold.is_longer(facts.address, self.limit)
        return hold.has_word(facts.remarks, self.words)
