from odoo import api, fields, models

from ...rules.statement import plain

#: Account of what the shop buys from Rakuten, by kind of a charge: code and name in ``l10n_jp``.
COMMISSION = ("512400", "支払手数料")
PROMOTION = ("511900", "広告宣伝費")
ACCOUNTS = {
    "system": COMMISSION,
    "payment": COMMISSION,
    "affiliate": PROMOTION,
    "advertising": PROMOTION,
    "points": PROMOTION,
}


class RakutenChargeCategory(models.Model):
    """What a company says about a 品目 of Rakuten's charges that nothing else tells, or that it
    books elsewhere."""

    _name = "rakuten.charge.category"
    _description = "Rakuten Charge Category"
    _check_company_auto = True
    _order = "item, id"
    _rec_name = "item"

    item = fields.Char(
        string="Item (品目)", required=True, help="As it stands in the statement's file."
    )
    kind = fields.Selection(
        [
            ("bill", "On Rakuten's bill"),
            ("refund", "Given back to buyers"),
            ("own", "The shop's coupons, paid out and charged again"),
        ],
        default="bill",
        required=True,
    )
    account_id = fields.Many2one("account.account", check_company=True, ondelete="restrict")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )

    _bill_has_account = models.Constraint(
        "CHECK(kind != 'bill' OR account_id IS NOT NULL)",
        "What is on Rakuten's bill needs an account.",
    )
    _item_uniq = models.Constraint(
        "UNIQUE(company_id, item)", "This item has its category already."
    )

    @api.model
    def _of_items(self, company, items):
        """What the company says about these items.

        :param items: iterable of 品目 as in the file
        :return: dict of item to rakuten.charge.category
        """
        known = {
            plain(found.item): found for found in self.search([("company_id", "=", company.id)])
        }
        return {item: known[plain(item)] for item in items if plain(item) in known}
