import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.smartship_rakuten.models.shop.rakuten_shop import Busy

from ...rules.statement import HEADINGS, StatementError, read_statement

STATES = [
    ("draft", "Draft"),
    ("matched", "Matched"),
    ("differs", "Differs"),
    ("posted", "Posted"),
]


class RakutenSettlement(models.Model):
    """A statement of Rakuten (総合精算書) for one shop: what it pays for which orders, and what it
    charges."""

    _name = "rakuten.settlement"
    _description = "Rakuten Statement"
    _inherit = ["rakuten.system.fields", "mail.thread"]
    _check_company_auto = True
    _order = "issued desc, id desc"

    name = fields.Char(string="Statement No.", readonly=True, copy=False)
    shop_id = fields.Many2one(
        "rakuten.shop",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self._default_shop(),
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    data = fields.Binary(
        string="File (店舗別内訳書CSV)",
        required=True,
        copy=False,
        help="From 楽天BillPay, as it was downloaded.",
    )
    filename = fields.Char(copy=False)
    digest = fields.Char(readonly=True, copy=False)
    state = fields.Selection(STATES, default="draft", readonly=True, copy=False, tracking=True)
    issued = fields.Date(readonly=True, copy=False)
    date_from = fields.Date(string="Payments From", readonly=True, copy=False)
    date_to = fields.Date(string="Payments To", readonly=True, copy=False)
    paid = fields.Monetary(readonly=True, copy=False)
    charged = fields.Monetary(readonly=True, copy=False, help="With tax.")
    payout = fields.Monetary(
        readonly=True, copy=False, help="What reaches the bank; below 0 what the shop has to pay."
    )
    expected = fields.Monetary(
        readonly=True, copy=False, help="What Odoo can clear of what its orders are owed."
    )
    difference = fields.Monetary(
        readonly=True, copy=False, tracking=True, help="What is paid beyond what Odoo can clear."
    )
    off = fields.Boolean(
        string="Rows Do Not Add Up",
        readonly=True,
        copy=False,
        help="The rows of the file do not make the total that it states.",
    )
    combination = fields.Json(readonly=True, copy=False)
    combination_text = fields.Char(
        string="How It Adds Up", compute="_compute_combination_text", compute_sudo=True
    )
    fee_kept = fields.Boolean(
        readonly=True, copy=False, help="Rakuten keeps the fee that buyers pay for 後払い."
    )
    reading = fields.Boolean(
        readonly=True, copy=False, help="The orders of its period are being asked for."
    )
    read_until = fields.Date(readonly=True, copy=False)
    reconciling = fields.Boolean(
        readonly=True, copy=False, help="It is posted, and its orders are being cleared."
    )
    reason = fields.Char(
        string="Reason for the Difference",
        copy=False,
        help="Why it is posted although it differs: goes onto the entry.",
    )
    row_ids = fields.One2many("rakuten.settlement.row", "settlement_id", readonly=True)
    line_ids = fields.One2many(
        "rakuten.settlement.line", "settlement_id", string="Orders", readonly=True
    )
    finding_ids = fields.One2many(
        "rakuten.settlement.line",
        "settlement_id",
        string="Findings",
        domain=[("outcome", "not in", ("agrees", "refund"))],
        readonly=True,
    )
    move_id = fields.Many2one(
        "account.move", string="Entry", readonly=True, copy=False, ondelete="restrict"
    )
    bill_id = fields.Many2one(
        "account.move", string="Rakuten's Bill", readonly=True, copy=False, ondelete="set null"
    )

    _number_uniq = models.Constraint(
        "UNIQUE(shop_id, name)", "This statement of the shop is there already."
    )
    _digest_uniq = models.Constraint(
        "UNIQUE(shop_id, digest)", "This file of the shop is there already."
    )

    @api.model
    def _default_shop(self):
        shops = self.env["rakuten.shop"].search(
            [("company_id", "in", self.env.companies.ids)], limit=2
        )
        return shops if len(shops) == 1 else False

    @api.depends("name", "filename")
    def _compute_display_name(self):
        for settlement in self:
            settlement.display_name = settlement.name or settlement.filename or ""

    @api.depends("combination")
    @api.depends_context("lang")
    def _compute_combination_text(self):
        for settlement in self:
            found = settlement.combination
            settlement.combination_text = found and " · ".join(self._combination_texts(**found))

    @api.model
    def _combination_texts(self, points, coupon, own, kept):
        """What a combination says, part by part."""
        texts = [
            self.env._("points inside the payments") if points else self.env._("points apart"),
            self.env._("Rakuten's coupons inside the payments")
            if coupon
            else self.env._("Rakuten's coupons apart"),
        ]
        if own:
            texts.append(self.env._("the shop's coupons paid and charged again"))
        if not kept:
            texts.append(self.env._("the post-pay fee paid to the shop"))
        return texts

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        if any(settlement.state == "posted" for settlement in self):
            raise UserError(self.env._("Undo the statement before you delete it."))

    # === ACTIONS === #

    def action_read(self):
        """Read the file, ask Rakuten which orders it is about, and match them.

        :raises UserError: where the file is no statement of this shop, or is there already
        """
        for settlement in self:
            if settlement.state == "posted":
                raise UserError(self.env._("The statement is posted. Undo it to read it again."))
            settlement.check_access("write")
            settlement._read_file()
            settlement._start()
        return True

    def _start(self):
        """Have the orders read and matched, now or by the scheduled action."""
        self.ensure_one()
        shop = self.shop_id
        job = shop._jobs()["settlement"]
        try:
            shop._in_person(job.in_person)._run("settlement", self.ids)
        except Busy:
            shop.sudo()._leave_to_schedule("settlement")

    # === BUSINESS METHODS - The file === #

    def _read_file(self):
        """Read the file anew: everything that was found before is forgotten."""
        self.ensure_one()
        data = base64.b64decode(self.with_context(bin_size=False).data or b"")
        try:
            statement = read_statement(data)
        except StatementError as error:
            raise UserError(self._sentence(error)) from None
        digest = hashlib.sha256(data).hexdigest()
        self._check_statement(statement, digest)
        period = statement.period or (False, False)
        known = (
            self.env["rakuten.charge.category"]
            .sudo()
            ._of_items(
                self.company_id, {row.item for row in statement.rows if row.side == "charged"}
            )
        )
        self.line_ids.sudo().unlink()
        self.row_ids.sudo().unlink()
        self.sudo().write(
            {
                "name": statement.number,
                "digest": digest,
                "state": "draft",
                "issued": statement.issued,
                "date_from": period[0],
                "date_to": period[1],
                "paid": statement.paid,
                "charged": statement.charged + statement.tax,
                "payout": statement.payout,
                "expected": 0,
                "difference": 0,
                "off": not statement.adds_up,
                "combination": False,
                "reading": True,
                "read_until": False,
                "row_ids": [(0, 0, self._row_vals(row, known)) for row in statement.rows],
            }
        )

    @api.model
    def _row_vals(self, row, known):
        kind = row.kind or "none"
        if row.side == "charged" and row.item in known:
            kind = known[row.item].kind
        return {
            "row": row.row,
            "side": row.side,
            "kind": kind,
            "group": row.account,
            "item": row.item,
            "date_from": row.first,
            "date_to": row.last,
            "amount": row.amount,
            "tax": row.tax,
            "rate": row.rate,
        }

    def _check_statement(self, statement, digest):
        """:raises UserError: where the statement is another shop's, or is there already"""
        if statement.shop_number != self.shop_id.shop_number:
            raise UserError(
                self.env._(
                    "This statement is of the shop %(found)s, not of %(shop)s (%(number)s).",
                    found=statement.shop_number,
                    shop=self.shop_id.name,
                    number=self.shop_id.shop_number,
                )
            )
        others = self.sudo().search(
            [
                ("shop_id", "=", self.shop_id.id),
                ("id", "!=", self.id),
                "|",
                ("digest", "=", digest),
                ("name", "=", statement.number),
            ],
            limit=1,
        )
        if others:
            raise UserError(
                self.env._(
                    "The statement %(number)s of %(shop)s is there already.",
                    number=others.name,
                    shop=self.shop_id.name,
                )
            )

    def _sentence(self, error):
        """Why a file cannot be read."""
        details = error.details
        if error.code == "headings":
            if not details["expected"]:
                return self.env._(
                    "Rakuten's file has changed: column %(column)s is headed %(found)s, which is "
                    "not known. Nothing was read.",
                    column=details["column"],
                    found=details["found"],
                )
            return self.env._(
                "This is no 店舗別内訳書CSV, or Rakuten has changed it: column %(column)s is "
                "headed “%(found)s” where “%(expected)s” was expected. Nothing was read.",
                column=details["column"],
                found=details["found"],
                expected=details["expected"],
            )
        if error.code == "columns":
            return self.env._(
                "Row %(row)s has %(found)s columns instead of %(expected)s.",
                row=details["row"],
                found=details["found"],
                expected=details["expected"],
            )
        if error.code == "value":
            return self.env._(
                "Row %(row)s: “%(found)s” in the column %(heading)s cannot be read.",
                row=details["row"],
                found=details["found"],
                heading=HEADINGS[details["column"] - 1][0],
            )
        if error.code == "several":
            return self.env._(
                "The file holds several statements or shops. Download the 店舗別内訳書CSV of one "
                "statement and one shop."
            )
        if error.code == "empty":
            return self.env._("The file has no rows.")
        return self.env._("This is no CSV file. Download the 店舗別内訳書CSV from 楽天BillPay.")
