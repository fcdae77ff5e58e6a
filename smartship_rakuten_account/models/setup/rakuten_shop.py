from odoo import Command, fields, models
from odoo.exceptions import AccessError, UserError

#: Who sees journals and accounts of a shop.
ACCOUNTANTS = "account.group_account_readonly,account.group_account_invoice"
#: What Rakuten is called where it owes money.
PAYER = "楽天グループ株式会社"
#: Accounts of a Japanese company: field, code in ``l10n_jp``, name and type where it is missing.
ACCOUNTS = (
    ("payout_account_id", "123800", "確認待ち入金", "asset_current", True),
    ("charges_account_id", "220600", "未払金", "liability_payable", True),
    ("coupon_account_id", "410100", "楽天クーポン補填", "income", False),
    ("deposit_account_id", "330500", "預り金", "liability_current", False),
    ("suspense_receipt_account_id", "330600", "仮受金", "liability_current", False),
    ("suspense_payment_account_id", "123000", "仮払金", "asset_current", False),
)
#: Journals: field, code, name, type.
JOURNALS = (
    ("sale_journal_id", "RSALE", "楽天売上", "sale"),
    ("settlement_journal_id", "RSETL", "楽天精算", "general"),
)


def _account(string, help, **values):
    return fields.Many2one(
        "account.account",
        string=string,
        check_company=True,
        copy=False,
        ondelete="restrict",
        groups=ACCOUNTANTS,
        help=help,
        **values,
    )


class RakutenShop(models.Model):
    """How a shop's sales are kept in the books. Everything is made by one button, and may be
    changed."""

    _inherit = "rakuten.shop"

    billing = fields.Selection(
        [("none", "None"), ("draft", "Draft Invoices"), ("posted", "Posted Invoices")],
        default="none",
        required=True,
        copy=False,
        tracking=True,
        help="Whether what has left is billed by itself.",
    )
    bill_from = fields.Date(
        string="Bill Orders Placed From",
        copy=False,
        tracking=True,
        help="Orders placed before this day are never billed by itself.",
    )
    payer_id = fields.Many2one(
        "res.partner",
        string="Rakuten as Debtor",
        check_company=True,
        copy=False,
        ondelete="restrict",
        tracking=True,
        help="Owes what Rakuten collects from buyers, points used and Rakuten's coupons.",
    )
    coupon_tax = fields.Selection(
        [("rakuten", "As on Rakuten's Bill"), ("sale", "Taxed as the Shop's Sale")],
        string="Tax of Rakuten's Coupons",
        default="rakuten",
        required=True,
        groups=ACCOUNTANTS,
        help="Rakuten's bill takes its coupons off what is taxed; what it pays for them is then "
        "income without tax.",
    )
    sale_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of Invoices",
        check_company=True,
        copy=False,
        domain=[("type", "=", "sale")],
        ondelete="restrict",
        groups=ACCOUNTANTS,
    )
    settlement_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of Settlements",
        check_company=True,
        copy=False,
        domain=[("type", "=", "general")],
        ondelete="restrict",
        groups=ACCOUNTANTS,
    )
    payout_account_id = _account(
        "Account of Payouts",
        "What a statement pays out waits here for the bank, as one open line.",
        domain=[("reconcile", "=", True)],
    )
    charges_account_id = _account(
        "Payable for Charges",
        "What the shop owes Rakuten for a statement's charges.",
        domain=[("account_type", "=", "liability_payable")],
    )
    coupon_account_id = _account(
        "Account of Rakuten's Coupons",
        "楽天クーポン補填: what Rakuten pays for its own coupons.",
    )
    deposit_account_id = _account(
        "Account of Post-Pay Fees",
        "預り金: the fee of 後払い that the buyer pays and Rakuten keeps.",
    )
    suspense_receipt_account_id = _account(
        "Suspense: Paid Too Much", "仮受金: what a statement pays more than Odoo knows of."
    )
    suspense_payment_account_id = _account(
        "Suspense: Paid Too Little", "仮払金: what a statement pays less than Odoo knows of."
    )
    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        check_company=True,
        copy=False,
        ondelete="restrict",
        groups=ACCOUNTANTS,
        help="On the lines of this shop's invoices and charges.",
    )

    def action_set_up_accounting(self):
        """Make what is missing of payer, journals, accounts and first day, and leave alone what
        somebody has chosen.

        :raises AccessError: without the right to set up accounting
        """
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("account.group_account_manager"):
            raise AccessError(
                self.env._("Only accounting administrators set up the accounting of a shop.")
            )
        for shop in self.sudo():
            shop = shop.with_company(shop.company_id)
            if not shop.company_id.chart_template:
                raise UserError(
                    self.env._(
                        "%(company)s has no chart of accounts yet.", company=shop.company_id.name
                    )
                )
            shop.write(shop._prepare_accounting_vals())
        return True

    def _prepare_accounting_vals(self):
        """:return: dict of values of what is missing"""
        self.ensure_one()
        vals = {}
        for name, code, title, kind, reconcile in ACCOUNTS:
            if not self[name]:
                vals[name] = self._find_account(code, title, kind, reconcile).id
        for name, code, title, kind in JOURNALS:
            if not self[name]:
                vals[name] = self._find_journal(code, title, kind).id
        if not self.payer_id:
            charges = self.charges_account_id.id or vals["charges_account_id"]
            vals["payer_id"] = self._find_payer(charges).id
        if not self.bill_from:
            vals["bill_from"] = fields.Date.context_today(self.with_context(tz="Asia/Tokyo"))
        return vals

    def _find_account(self, code, title, kind, reconcile):
        """The company's account of a code; one of that code, or the next free, is made where the
        chart has none of that kind."""
        Account = self.env["account.account"]
        company = self.company_id
        found = Account.search(
            [*Account._check_company_domain(company), ("code", "=", code)], limit=1
        )
        if found and found.account_type == kind:
            if reconcile and not found.reconcile:
                found.reconcile = True
            return found
        return Account.create(
            {
                "code": Account._search_new_account_code(code) if found else code,
                "name": title,
                "account_type": kind,
                "reconcile": reconcile,
                "company_ids": [Command.set(company.root_id.ids)],
            }
        )

    def _find_journal(self, code, title, kind):
        """The journal of a code, which all shops of a company share."""
        Journal = self.env["account.journal"]
        found = Journal.search(
            [
                *Journal._check_company_domain(self.company_id),
                ("code", "=", code),
                ("type", "=", kind),
            ],
            limit=1,
        )
        return found or Journal.create(
            {"name": title, "code": code, "type": kind, "company_id": self.company_id.id}
        )

    def _find_payer(self, charges_account):
        """Rakuten, once in a database; what a company owes it for charges is 未払金.

        :param int charges_account: id of account.account
        """
        Shop, Partner = self.env["rakuten.shop"], self.env["res.partner"]
        known = Shop.search([("payer_id", "!=", False)]).payer_id.filtered(
            lambda partner: not partner.company_id or partner.company_id == self.company_id
        )
        payer = known[:1] or Partner.create(
            {
                "name": PAYER,
                "is_company": True,
                "country_id": self.env.ref("base.jp").id,
                "lang": self.company_id.partner_id.lang,
            }
        )
        payer.with_company(self.company_id).property_account_payable_id = charges_account
        return payer
