import base64
import hashlib
from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.misc import format_date

from ...rules.remittance import HEAD_ROWS, RemittanceError, compare, read_rows, rows_of
from ..settlement.rakuten_charge_category import COMMISSION

#: So much of a cell is shown before the columns are told.
CELL = 40


class RakutenRemittance(models.Model):
    """A file that says what was paid for which order: a carrier's for 代引, RMS's 決済 export."""

    _name = "rakuten.remittance"
    _description = "Payment File"
    _inherit = ["rakuten.system.fields", "mail.thread"]
    _check_company_auto = True
    _order = "date desc, id desc"
    _rec_name = "filename"

    shop_id = fields.Many2one(
        "rakuten.shop",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["rakuten.settlement"]._default_shop(),
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        string="Paid On", required=True, default=fields.Date.context_today, copy=False
    )
    data = fields.Binary(string="File", required=True, copy=False)
    filename = fields.Char(copy=False)
    digest = fields.Char(readonly=True, copy=False)
    format_id = fields.Many2one(
        "rakuten.remittance.format",
        check_company=True,
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    preview = fields.Html(readonly=True, copy=False, sanitize=True)
    payer_id = fields.Many2one(
        "res.partner", string="Paid By", check_company=True, ondelete="restrict"
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("matched", "Matched"),
            ("differs", "Differs"),
            ("posted", "Posted"),
        ],
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    total = fields.Monetary(string="Paid", readonly=True, copy=False)
    fees = fields.Monetary(readonly=True, copy=False)
    difference = fields.Monetary(
        readonly=True, copy=False, help="What is paid beyond what agrees with the books."
    )
    reason = fields.Char(string="Reason for the Difference", copy=False)
    line_ids = fields.One2many("rakuten.remittance.line", "remittance_id", readonly=True)
    move_id = fields.Many2one(
        "account.move", string="Entry", readonly=True, copy=False, ondelete="restrict"
    )

    _digest_uniq = models.Constraint(
        "UNIQUE(shop_id, digest)", "This file of the shop is there already."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        if any(remittance.state == "posted" for remittance in self):
            raise UserError(self.env._("Undo the payment file before you delete it."))

    # === ACTIONS === #

    def action_read(self):
        """Compare the file with what is open in the books; where no format knows its headings, show
        its first rows, so that somebody tells the columns."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "posted":
            raise UserError(self.env._("The payment file is posted already."))
        data = base64.b64decode(self.with_context(bin_size=False).data or b"")
        digest = hashlib.sha256(data).hexdigest()
        others = [("shop_id", "=", self.shop_id.id), ("digest", "=", digest), ("id", "!=", self.id)]
        if self.sudo().search_count(others, limit=1):
            raise UserError(self.env._("This file of the shop is there already."))
        try:
            rows = rows_of(data)
            forms = self.env["rakuten.remittance.format"].search(
                [("company_id", "=", self.company_id.id)]
            )
            form = forms._fitting(rows)
            found = read_rows(rows, form._columns()) if form else []
        except RemittanceError as error:
            raise UserError(self._sentence(error)) from None
        self.sudo().line_ids.unlink()
        if not form:
            self.sudo().write({"preview": self._preview(rows), "state": "draft"})
            return True
        self.sudo().write(
            {
                "digest": digest,
                "preview": False,
                "format_id": form.id,
                "payer_id": (self.payer_id or form.payer_id).id,
            }
        )
        self._compare(found)
        return True

    def action_add_format(self):
        """Tell the columns of a file that no format knows."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Columns of the File"),
            "res_model": "rakuten.remittance.format",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_name": self.filename,
                "default_payer_id": self.payer_id.id,
                "default_company_id": self.company_id.id,
            },
        }

    def action_post(self):
        """Clear what agrees in one entry.

        :raises UserError: where it differs, unless a reason is given
        """
        for remittance in self:
            remittance.check_access("write")
            remittance.lock_for_update()
            remittance._check_may_post()
            remittance._make_entry()
        return True

    def action_undo(self):
        """Reverse the entry, so that the orders are open again."""
        self.check_access("write")
        for remittance in self:
            if remittance.state != "posted":
                raise UserError(self.env._("The payment file is not posted."))
            move = remittance.move_id
            remittance.sudo().write(
                {"move_id": False, "state": "differs" if remittance.difference else "matched"}
            )
            move._reverse_moves([{"date": move.date, "ref": move.ref}], cancel=True)
        return True

    def action_open_entry(self):
        self.ensure_one()
        return self.move_id._get_records_action()

    # === BUSINESS METHODS === #

    def _sentence(self, error):
        if error.code == "value":
            return self.env._(
                "Row %(row)s: “%(found)s” is no amount in yen.",
                row=error.details["row"],
                found=error.details["found"],
            )
        return self.env._("This is no CSV file.")

    @api.model
    def _preview(self, rows):
        """The first rows of a file as a table."""
        lines = Markup().join(
            Markup("<tr>%s</tr>")
            % Markup().join(Markup("<td>%s</td>") % cell[:CELL] for cell in cells)
            for cells in rows[:HEAD_ROWS]
        )
        return Markup("<table class='table table-sm'>%s</table>") % lines

    def _open_items(self):
        """What the payer owes for orders of this shop.

        :return: dict of rakuten.order to account.move.line
        """
        found = defaultdict(self.env["account.move.line"].browse)
        items = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("account_type", "=", "asset_receivable"),
                ("partner_id", "=", self.payer_id.commercial_partner_id.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("move_id.rakuten_order_id.shop_id", "=", self.shop_id.id),
            ]
        )
        for item in items:
            found[item.move_id.rakuten_order_id] += item
        return found

    def _compare(self, rows):
        """Note what became of each row, and of the orders that are older than the newest one paid
        and not in the file.

        :param rows: list of ..rules.remittance.Remitted
        """
        items = self._open_items()
        amounts = {
            order.name: round(sum(of.mapped("amount_residual"))) for order, of in items.items()
        }
        orders = {order.name: order for order in items}
        days = {order.name: min(of.mapped("date")) for order, of in items.items()}
        newest = max((days[row.number] for row in rows if row.number in days), default=None)
        expected = [
            name for name in amounts if newest and days[name] <= newest and amounts[name] > 0
        ]
        others = self.env["rakuten.order"].search(
            [
                ("shop_id", "=", self.shop_id.id),
                ("name", "in", [row.number for row in rows if row.number not in orders]),
            ]
        )
        orders |= {order.name: order for order in others}
        found = compare(rows, amounts | {order.name: 0 for order in others}, expected)
        difference = sum(
            entry.amount for entry in found if entry.outcome not in ("agrees", "missing")
        )
        self.sudo().write(
            {
                "line_ids": [
                    Command.create(
                        {
                            "row": entry.row,
                            "name": entry.number,
                            "order_id": orders[entry.number].id
                            if entry.number in orders
                            else False,
                            "amount": entry.amount,
                            "fee": entry.fee,
                            "open_amount": entry.open,
                            "off": entry.off,
                            "outcome": entry.outcome,
                        }
                    )
                    for entry in found
                ],
                "total": sum(row.amount for row in rows),
                "fees": sum(row.fee for row in rows),
                "difference": difference,
                "state": "matched"
                if all(entry.outcome in ("agrees", "missing") for entry in found)
                else "differs",
            }
        )

    def _check_may_post(self):
        if self.state not in ("matched", "differs"):
            raise UserError(self.env._("Read the file first."))
        if self.state == "differs" and not (self.reason or "").strip():
            raise UserError(
                self.env._(
                    "The file differs from the books. Mend what differs and read it again, or say "
                    "why it is posted all the same: what agrees is cleared."
                )
            )
        shop = self.shop_id.sudo()
        if not (self.payer_id and shop.settlement_journal_id and shop.payout_account_id):
            raise UserError(
                self.env._("The accounting of %(shop)s, or who pays, is missing.", shop=shop.name)
            )
        violated = self.company_id._get_violated_lock_dates(
            self.date, False, shop.settlement_journal_id
        )
        if violated:
            raise UserError(
                self.env._(
                    "The books are locked until %(locked)s.",
                    locked=format_date(self.env, violated[-1][0]),
                )
            )

    def _make_entry(self):
        """Payout and fees against what agrees, the rest on the suspense account."""
        shop = self.shop_id.sudo()
        agreeing = self.line_ids.filtered(lambda line: line.outcome == "agrees" and line.amount)
        payer = self.payer_id.commercial_partner_id
        receivable = payer.with_company(self.company_id).sudo().property_account_receivable_id
        item = self.env["rakuten.settlement"]._item
        values = [
            (shop.payout_account_id, self.total - self.fees, self.filename, payer),
            (
                shop._find_account(*COMMISSION, "expense", False),
                self.fees,
                self.env._("Fees of %(file)s", file=self.filename),
                payer,
            ),
            (
                shop.suspense_receipt_account_id
                if self.difference > 0
                else shop.suspense_payment_account_id,
                -self.difference,
                self.reason,
                payer,
            ),
        ]
        items = [item(*value) for value in values if value[1]]
        items += [item(receivable, -line.amount, line.name, payer) for line in agreeing]
        if not items:
            raise UserError(self.env._("Nothing in the file agrees with the books."))
        move = (
            self.env["account.move"]
            .with_company(self.company_id)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": shop.settlement_journal_id.id,
                    "date": self.date,
                    "ref": self.filename,
                    "line_ids": [Command.create(vals) for vals in items],
                }
            )
        )
        move.action_post()
        credits = move.line_ids.filtered(lambda item: item.account_id == receivable).sorted("id")
        opened = self._open_items()
        self.env["account.move.line"].sudo()._reconcile_plan(
            [
                opened[line.order_id] | credit
                for line, credit in zip(agreeing, credits, strict=True)
                if opened[line.order_id]
            ]
        )
        self.sudo().write({"move_id": move.id, "state": "posted"})
