import re

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.misc import format_date, split_every

from .rakuten_charge_category import ACCOUNTS

#: Orders that are cleared in one transaction.
PIECE = 500
#: Kinds of rows that are on Rakuten's bill.
ON_THE_BILL = (*ACCOUNTS, "bill")


class RakutenSettlement(models.Model):
    """A statement in the books: one entry, Rakuten's bill, and the orders that it clears."""

    _inherit = "rakuten.settlement"

    # === ACTIONS === #

    def action_post(self):
        """Post the entry, make the draft of Rakuten's bill, and clear the orders.

        :raises UserError: why it cannot be posted
        """
        return self._post()

    def action_post_difference(self):
        """Clear what agrees, and put the difference on 仮受金 or 仮払金, with the reason that
        somebody has given.

        :raises UserError: where no reason is given
        """
        for settlement in self:
            if settlement.difference and not (settlement.reason or "").strip():
                raise UserError(self.env._("Say why the statement is posted although it differs."))
        return self._post(with_difference=True)

    def action_undo(self):
        """Reverse the entry, so that the orders are open again; a bill that is a draft goes."""
        self.check_access("write")
        for settlement in self:
            if settlement.state != "posted":
                raise UserError(self.env._("The statement is not posted."))
            move = settlement.move_id
            settlement.sudo().line_ids.move_line_id = False
            settlement.sudo().write(
                {
                    "state": "differs" if settlement.difference or settlement.off else "matched",
                    "move_id": False,
                    "reconciling": False,
                }
            )
            date = settlement._accounting_date()
            settlement._check_lock_dates(date)
            if move:
                move._reverse_moves([{"date": date, "ref": move.ref}], cancel=True)
            if settlement.bill_id.state == "draft":
                settlement.bill_id.unlink()
            settlement.message_post(
                body=self.env._("Undone: the entry %(entry)s is reversed.", entry=move.name or "-")
            )
        return True

    def action_open_entry(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    def action_open_bill(self):
        self.ensure_one()
        return self.bill_id._get_records_action()

    # === BUSINESS METHODS - Whether it may be posted === #

    def _post(self, with_difference=False):
        self.check_access("write")
        for settlement in self:
            # Two who press the button at once make one entry.
            settlement.lock_for_update()
            settlement._check_may_post(with_difference)
            settlement._make_entry()
            if not settlement.bill_id:
                settlement._make_bill()
            settlement._clear_charges()
            settlement.sudo().write({"state": "posted", "reconciling": True})
            settlement._remember()
            if not settlement._clear_orders():
                settlement.shop_id.sudo()._leave_to_schedule("settlement")
        return True

    def _check_may_post(self, with_difference):
        """:raises UserError: the first reason why it may not be posted"""
        self.ensure_one()
        if self.state == "posted":
            raise UserError(self.env._("The statement is posted already."))
        if self.state == "draft":
            raise UserError(self.env._("Read the statement first: its orders are not matched yet."))
        nameless = self.row_ids.filtered(lambda row: row.kind == "none")
        if nameless:
            raise UserError(
                self.env._(
                    "Nothing tells what these charges are: %(items)s. Enter a charge category for "
                    "each, and read the statement again.",
                    items=", ".join(sorted(set(nameless.mapped("item")))),
                )
            )
        if self.off:
            raise UserError(
                self.env._(
                    "The rows of the file do not make the total that it states. Download the file "
                    "again, and read it."
                )
            )
        if self.difference and not with_difference:
            raise UserError(
                self.env._(
                    "The statement pays %(amount)s yen otherwise than the orders that Odoo can "
                    "clear. Look at the findings, mend them and read it again, or post it with the "
                    "difference and a reason.",
                    amount=f"{round(self.difference):+,}",
                )
            )
        self._check_accounts()
        self._check_lock_dates(self._accounting_date())

    def _check_accounts(self):
        shop = self.shop_id.sudo()
        needed = (
            "payer_id",
            "settlement_journal_id",
            "payout_account_id",
            "charges_account_id",
            "deposit_account_id",
            "suspense_receipt_account_id",
            "suspense_payment_account_id",
        )
        missing = [
            shop._fields[name]._description_string(self.env) for name in needed if not shop[name]
        ]
        if missing:
            raise UserError(
                self.env._(
                    "The accounting of %(shop)s is not set up: %(fields)s.",
                    shop=shop.name,
                    fields=", ".join(missing),
                )
            )

    def _accounting_date(self):
        return self.issued

    def _check_lock_dates(self, date):
        """Odoo would move the entry to another day without a word.

        :raises UserError: where the period is locked
        """
        journal = self.shop_id.sudo().settlement_journal_id
        violated = self.company_id._get_violated_lock_dates(date, False, journal)
        if violated:
            raise UserError(
                self.env._(
                    "The books are locked until %(locked)s, and the statement is of %(date)s.",
                    locked=format_date(self.env, violated[-1][0]),
                    date=format_date(self.env, date),
                )
            )

    # === BUSINESS METHODS - The entry === #

    def _make_entry(self):
        """One entry: what is paid out and kept for charges against what the orders are owed."""
        self.ensure_one()
        self = self.with_company(self.company_id)
        cleared = self.line_ids.filtered("cleared")
        items = [*self._other_items(cleared), *self._order_items(cleared)]
        if not items:
            # Nothing but charges, which the shop still has to pay.
            return
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.shop_id.sudo().settlement_journal_id.id,
                "date": self._accounting_date(),
                "ref": self.env._(
                    "Rakuten statement %(number)s, %(shop)s",
                    number=self.name,
                    shop=self.shop_id.name,
                ),
                "narration": self.reason if self.difference else False,
                "line_ids": [Command.create(vals) for vals in items],
            }
        )
        move.action_post()
        self.sudo().move_id = move
        account = self._receivable_account()
        items = move.line_ids.filtered(
            lambda item: item.account_id == account and item.partner_id == self._payer()
        )
        # In the order in which they were written.
        for line, item in zip(cleared, items.sorted("id"), strict=True):
            line.sudo().move_line_id = item

    def _payer(self):
        return self.shop_id.sudo().payer_id.commercial_partner_id

    def _receivable_account(self):
        payer = self._payer().with_company(self.company_id)
        return payer.sudo().property_account_receivable_id

    @api.model
    def _item(self, account, balance, name, partner=None):
        return {
            "account_id": account.id,
            "partner_id": partner.id if partner else False,
            "name": name,
            "balance": balance,
        }

    def _order_items(self, cleared):
        """A line an order, credited, or debited where it is taken back."""
        account, payer = self._receivable_account(), self._payer()
        return [self._item(account, -line.cleared, line.name, payer) for line in cleared]

    def _other_items(self, cleared):
        """Payout, charges, kept fees and what differs: whatever stands against the orders."""
        shop, payer = self.shop_id.sudo(), self._payer()
        charges = self._charges()
        # What charges are above payments stays owed to Rakuten.
        payout = max(self.payout, 0)
        kept = charges + min(self.payout, 0)
        fees = sum(cleared.mapped("fee")) if self.fee_kept else 0
        suspense = (
            shop.suspense_receipt_account_id
            if self.difference > 0
            else shop.suspense_payment_account_id
        )
        wanted = [
            (
                shop.charges_account_id,
                kept,
                self.env._("Charges of %(number)s", number=self.name),
                payer,
            ),
            (
                shop.payout_account_id,
                payout,
                self.env._("Payout of %(number)s", number=self.name),
                payer,
            ),
            (shop.deposit_account_id, fees, self.env._("Post-pay fees"), payer),
            (suspense, -self.difference, self.reason or "", payer),
        ]
        return [self._item(*values) for values in wanted if values[1]]

    def _charges(self):
        """Yen with tax of what Rakuten bills."""
        rows = self.row_ids.filtered(lambda row: row.kind in (*ON_THE_BILL, "tax"))
        charged = rows.filtered(lambda row: row.side == "charged")
        return sum(row.amount + row.tax for row in charged)

    # === BUSINESS METHODS - Rakuten's bill === #

    def _make_bill(self):
        """The draft of Rakuten's bill: a line for each 品目, with its tax and period."""
        self.ensure_one()
        rows = self.row_ids.filtered(
            lambda row: row.side == "charged" and row.kind in ON_THE_BILL and row.amount
        )
        if not rows:
            return
        own = self.with_company(self.company_id)
        bill = own.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self._payer().id,
                "company_id": self.company_id.id,
                "invoice_date": self.issued,
                "date": self.issued,
                "ref": self.name,
                "invoice_line_ids": [Command.create(vals) for vals in own._bill_lines(rows)],
            }
        )
        payable = bill.line_ids.filtered(lambda item: item.account_type == "liability_payable")
        payable.account_id = self.shop_id.sudo().charges_account_id
        self._take_rakuten_s_tax(bill)
        self.sudo().bill_id = bill

    def _bill_lines(self, rows):
        shop = self.shop_id.sudo()
        known = (
            self.env["rakuten.charge.category"]
            .sudo()
            ._of_items(self.company_id, rows.mapped("item"))
        )
        analytic = shop.analytic_account_id
        for row in rows:
            account = (
                known[row.item].account_id if row.item in known else self.env["account.account"]
            )
            if not account:
                account = shop._find_account(*ACCOUNTS[row.kind], "expense", False)
            period = ""
            if row.date_from and row.date_to:
                period = f" {row.date_from:%Y/%m/%d} - {row.date_to:%Y/%m/%d}"
            yield {
                "name": f"{row.item}{period}",
                "quantity": 1,
                "price_unit": row.amount,
                "account_id": account.id,
                "tax_ids": [Command.set(self._tax_of(row).ids)],
                "analytic_distribution": {str(analytic.id): 100} if analytic else False,
            }

    def _tax_of(self, row):
        """The purchase tax of a row's rate, none where Rakuten charges none."""
        found = re.search(r"\d+", row.rate or "")
        rate = int(found[0]) if found else 10 if row.tax else 0
        if not rate:
            return self.env["account.tax"]
        Tax = self.env["account.tax"].sudo()
        return Tax.search(
            [
                *Tax._check_company_domain(self.company_id),
                ("type_tax_use", "=", "purchase"),
                ("amount_type", "=", "percent"),
                ("amount", "=", rate),
                ("price_include_override", "!=", "tax_included"),
            ],
            limit=1,
        )

    def _take_rakuten_s_tax(self, bill):
        """Rakuten rounds each row: single yen go onto the bill's tax."""
        tax = round(sum(self.row_ids.mapped("tax")))
        apart = self.row_ids.filtered(lambda row: row.kind == "tax")
        tax += round(sum(apart.mapped("amount")))
        off = tax - round(bill.amount_tax)
        item = bill.line_ids.filtered("tax_line_id")[:1]
        if off and item and abs(off) <= len(self.row_ids):
            bill.write(
                {
                    "line_ids": [
                        Command.update(item.id, {"amount_currency": item.amount_currency + off})
                    ]
                }
            )

    def _clear_charges(self):
        """Match what statements have kept with Rakuten's bills, as far as these are posted."""
        for settlement in self:
            account = settlement.shop_id.sudo().charges_account_id
            items = (
                (settlement.move_id + settlement.bill_id)
                .filtered(lambda move: move.state == "posted")
                .line_ids.filtered(
                    lambda item, a=account: item.account_id == a and not item.reconciled
                )
            )
            if len(items.move_id) == 2:
                items.sudo().reconcile()

    # === BUSINESS METHODS - Clearing the orders === #

    def _remember(self):
        """How this statement adds up, for the shop's next one."""
        if self.combination:
            self.shop_id.sudo().settlement_combination = self.combination

    def _clear_orders(self):
        """Match the entry's lines with the orders' open items, some hundred in each transaction;
        what was done stays, and it is gone on with what is left.

        :return: whether all is done
        """
        self.ensure_one()
        waiting = self.line_ids.filtered(
            lambda line: line.move_line_id and not line.move_line_id.reconciled
        )
        for ids in split_every(PIECE, waiting.ids, tuple):
            lines = waiting.browse(ids)
            items = self._open_items(lines.order_id)
            plan = [
                items[line.order_id] | line.move_line_id
                for line in lines
                if items[line.order_id] - line.move_line_id
            ]
            if plan:
                self.env["account.move.line"].sudo()._reconcile_plan(plan)
            if not self.shop_id.sudo()._commit() and ids[-1] != waiting.ids[-1]:
                return False
        self.sudo().reconciling = False
        return True
