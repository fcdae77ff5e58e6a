from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import LazyTranslate

from odoo.addons.smartship_rakuten.models.shop.sentences import (
    columns,
    declare_sentences,
    read,
    say,
)

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "bill.total": _lt(
            "The invoices of the order come to %(found)s yen, the order to %(expected)s yen."
        ),
        "bill.tax": _lt(
            "At %(rate)s %% Rakuten bills %(expected)s yen, the sale order sells for %(found)s yen."
        ),
        "bill.tax_amount": _lt(
            "At %(rate)s %% the tax is %(found)s yen, at Rakuten it is %(expected)s yen."
        ),
        "bill.changed": _lt("The order was changed at Rakuten, and nobody has followed it yet."),
        "credit.cancelled": _lt("The order was cancelled at Rakuten."),
        "credit.changed": _lt("Rakuten bills the buyer less than before."),
        "credit.returned": _lt("Goods have come back: %(transfers)s."),
    }
)


class AccountMove(models.Model):
    """An invoice of what a payer owes for one order: with the tax that Rakuten tells, and matched
    with what belongs to it when it is posted."""

    _inherit = "account.move"

    _rakuten_handed_on = frozenset({"rakuten_order_id", "rakuten_told", "rakuten_by_rakuten"})

    rakuten_told = fields.Json(
        readonly=True,
        help="Of each tax rate the price and the tax that this document shall have.",
    )
    rakuten_by_rakuten = fields.Monetary(
        string="Owed by Rakuten",
        readonly=True,
        help="Points and Rakuten's coupons in an invoice that somebody else pays.",
    )
    rakuten_transfer_id = fields.Many2one(
        "account.move", string="Transfer of Points", readonly=True, copy=False, check_company=True
    )
    rakuten_reason_code = fields.Char(readonly=True, copy=False)
    rakuten_reason_details = fields.Json(readonly=True, copy=False)
    rakuten_reason = fields.Char(string="To Check", compute="_compute_rakuten_reason")

    @api.depends("rakuten_reason_code", "rakuten_reason_details")
    @api.depends_context("lang")
    def _compute_rakuten_reason(self):
        for move in self:
            move.rakuten_reason = read(move, "rakuten_reason")

    def _rakuten_taxes(self):
        """Override of `smartship_rakuten` to know what a part of an order is taxed."""
        if not self.rakuten_told:
            return super()._rakuten_taxes()
        return {float(rate): tuple(amounts) for rate, amounts in self.rakuten_told.items()}

    def _rakuten_amounts(self):
        """What these invoices bill, less what credit notes take back.

        :return: dict of rakuten.order to dict of key to (price, tax): the percent of a tax, or the
            account of what has no tax
        """
        prices, taxes = defaultdict(int), defaultdict(int)
        for line in self.line_ids:
            order = line.move_id.rakuten_order_id
            if line.tax_line_id:
                rate = round(line.tax_line_id.amount, 4)
                taxes[order, rate] -= line.balance
                prices[order, rate] -= line.balance
            elif line.display_type == "product":
                kind = line.tax_ids[:1]
                key = round(kind.amount, 4) if kind else line.account_id
                prices[order, key] -= line.balance
        found = {order: {} for order in self.rakuten_order_id}
        for (order, key), price in prices.items():
            if price or taxes[order, key]:
                found[order][key] = (round(price), round(taxes[order, key]))
        return found

    def _rakuten_check(self):
        """Write down why documents must not be posted unseen.

        :return: those that may be
        """
        good = self.browse()
        for move in self:
            reason = move._rakuten_find_fault()
            move.sudo().write(columns("rakuten_reason", reason))
            if not reason:
                good |= move
        return good

    def _rakuten_find_fault(self):
        """:return: a Sentence, None where total and tax are as they have to be"""
        self.ensure_one()
        record = self.rakuten_order_id
        sales = record.sale_order_id
        if record.changed_code:
            return say(self.env, "bill.changed")
        for rate, (price, _tax) in sales._rakuten_taxes().items():
            sold = sales._rakuten_prices().get(rate, 0)
            if price != sold and record.shop_id.sudo().coupon_tax == "rakuten":
                return say(
                    self.env,
                    "bill.tax",
                    rate=f"{rate:g}",
                    expected=f"{price:,}",
                    found=f"{round(sold):,}",
                )
        shown = self._rakuten_amounts()[record]
        sign = -1 if self.move_type == "out_refund" else 1
        told = self._rakuten_taxes() if self.rakuten_told else {}
        for rate, (price, tax) in told.items():
            found_price, found_tax = shown.get(rate, (0, 0))
            if (sign * found_price, sign * found_tax) != (round(price), tax):
                return say(
                    self.env,
                    "bill.tax_amount",
                    rate=f"{rate:g}",
                    found=f"{sign * found_tax:,}",
                    expected=f"{tax:,}",
                )
        if sales._rakuten_is_billed():
            moves = sales._rakuten_moves()
            total = round(sum(moves.mapped("amount_total_signed")))
            if total != sales.amount_total:
                return say(
                    self.env,
                    "bill.total",
                    found=f"{total:,}",
                    expected=f"{round(sales.amount_total):,}",
                )
        return None

    def _post(self, soft=True):
        """Override of `account` to match a credit note with its invoice, and to let Rakuten owe
        the points of what somebody else pays."""
        posted = super()._post(soft)
        for move in posted.filtered("rakuten_order_id"):
            if move.move_type == "out_refund":
                move._rakuten_match(move.reversed_entry_id)
            elif move.rakuten_by_rakuten and not move.rakuten_transfer_id:
                move._rakuten_transfer()
        return posted

    def _rakuten_receivables(self):
        return self.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.parent_state == "posted"
                and not line.reconciled
            )
        )

    def _rakuten_match(self, invoice):
        """Reconcile a credit note with what is open of its invoice. Where nothing of that is left,
        Rakuten owes no points of it either."""
        entry = invoice.sudo().rakuten_transfer_id
        credits = invoice.reversal_move_ids.filtered(lambda move: move.state == "posted")
        if entry and sum(credits.mapped("amount_total")) >= invoice.amount_total:
            entry.line_ids.remove_move_reconcile()
            entry._reverse_moves([{"date": self.date, "ref": entry.ref}], cancel=True)
            invoice.sudo().rakuten_transfer_id = False
        open_lines = invoice._rakuten_receivables()
        own = self._rakuten_receivables()
        for account, lines in (own | open_lines).grouped("account_id").items():
            if lines & own and lines & open_lines:
                lines.filtered(lambda line, a=account: line.account_id == a).reconcile()

    def _rakuten_transfer(self):
        """Points and Rakuten's coupons are owed by Rakuten, whoever pays the rest."""
        self.ensure_one()
        shop = self.rakuten_order_id.shop_id.sudo()
        receivable = self._rakuten_receivables()[:1]
        payer = shop.payer_id.with_company(self.company_id)
        if not receivable or not payer:
            return
        entry = self.sudo().create(
            {
                "move_type": "entry",
                "journal_id": shop.settlement_journal_id.id,
                "date": self.date,
                "ref": self.rakuten_order_number,
                "company_id": self.company_id.id,
                "rakuten_order_id": self.rakuten_order_id.id,
                "line_ids": [
                    Command.create(
                        {
                            "name": self.rakuten_order_number,
                            "partner_id": partner.id,
                            "account_id": account.id,
                            "balance": amount,
                        }
                    )
                    for partner, account, amount in (
                        (
                            payer,
                            payer.property_account_receivable_id,
                            self.rakuten_by_rakuten,
                        ),
                        (self.partner_id, receivable.account_id, -self.rakuten_by_rakuten),
                    )
                ],
            }
        )
        entry._post(soft=False)
        self.sudo().rakuten_transfer_id = entry
        credit = entry.line_ids.filtered(lambda line: line.balance < 0)
        (credit | receivable.sudo()).reconcile()
