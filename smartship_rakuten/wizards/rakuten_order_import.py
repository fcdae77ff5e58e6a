import re
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.orders.rakuten_order_labels import LABEL_DECISIONS
from ..models.shop.rakuten_shop import HORIZON_DAYS, SEARCH_DAYS
from ..rules import japan

#: Orders that one window of this wizard imports at most: a person shall see what is coming.
ORDERS_MAX = 1000
#: What becomes of an order of a preview, in the order in which a person wants to see it.
OUTCOMES = [
    ("hold", "Needs Attention"),
    ("label", "Label exists"),
    ("import", "Sale order"),
    ("reference", "For reference, without a transfer"),
    ("waiting", "Waits at Rakuten"),
    ("missing", "Not at Rakuten"),
    ("too_old", "Before the start date"),
    ("known", "Imported already"),
    ("cancelled", "Cancelled"),
    ("ignored", "Set aside"),
]


class RakutenOrderImport(models.TransientModel):
    """Look at an import before it happens, or import what the automatic one cannot see."""

    _name = "rakuten.order.import"
    _description = "Import Orders"
    _inherit = "rakuten.wizard"

    shop_id = fields.Many2one(
        "rakuten.shop",
        required=True,
        default=lambda self: self.env["rakuten.shop"].search([], limit=1),
    )
    mode = fields.Selection(
        [
            ("automatic", "What the automatic import sees"),
            ("numbers", "Order numbers"),
            ("window", "A period"),
        ],
        string="Orders",
        default="automatic",
        required=True,
    )
    numbers = fields.Text(
        string="Order Numbers", help="One a line, or separated by blanks or commas."
    )
    date_type = fields.Selection(
        [
            ("1", "Order Date"),
            ("2", "Confirmation Date"),
            ("3", "Fixed Date"),
            ("4", "Shipping Date"),
            ("5", "Shipping Report Date"),
            ("6", "Payment Date"),
        ],
        default="3",
        required=True,
        help="注文日, 注文確認日, 注文確定日, 発送日, 発送完了報告日, 決済確定日",
    )
    date_from = fields.Date(help="In Japan, included.")
    date_to = fields.Date(help="In Japan, included.")
    all_statuses = fields.Boolean(
        help="Also orders that have been shipped (imported for reference, without a transfer). "
        "Otherwise only those in 発送待ち.",
    )
    previewed = fields.Boolean()
    label_decision = fields.Selection(
        LABEL_DECISIONS,
        string="Orders with Labels",
        help="What holds for all orders of which Rakuten has a tracking number already. Without an "
        "answer they are held, and each can be decided for itself.",
    )
    has_labels = fields.Boolean(compute="_compute_has_labels")
    unknown_deliveries = fields.Char(
        compute="_compute_unknown_deliveries",
        help="配送方法 for which nobody has chosen a delivery method.",
    )
    oldest = fields.Date(
        compute="_compute_oldest",
        string="Open Since",
        help="The day on which the oldest order was placed that is still open at Rakuten.",
    )
    line_ids = fields.One2many("rakuten.order.import.line", "wizard_id", readonly=True)
    summary = fields.Char(compute="_compute_summary")

    @api.depends("line_ids.outcome")
    def _compute_summary(self):
        labels = dict(
            self.env["rakuten.order.import.line"]
            ._fields["outcome"]
            ._description_selection(self.env)
        )
        for wizard in self:
            counts = wizard.line_ids.grouped("outcome")
            wizard.summary = ", ".join(
                f"{labels[outcome]}: {len(lines)}" for outcome, lines in counts.items()
            ) or self.env._("Rakuten has no such orders.")

    @api.depends("line_ids.outcome")
    def _compute_has_labels(self):
        for wizard in self:
            wizard.has_labels = "label" in wizard.line_ids.mapped("outcome")

    @api.depends("line_ids.outcome", "line_ids.order_date")
    def _compute_oldest(self):
        for wizard in self:
            older = wizard.line_ids.filtered(
                lambda line: line.outcome == "too_old" and line.order_date
            )
            wizard.oldest = older and japan.day(min(older.mapped("order_date")))

    @api.depends("line_ids.delivery_unknown", "line_ids.delivery_name")
    def _compute_unknown_deliveries(self):
        for wizard in self:
            names = wizard.line_ids.filtered("delivery_unknown").mapped("delivery_name")
            wizard.unknown_deliveries = ", ".join(
                f"{name} ({count})" for name, count in Counter(names).items()
            )

    # === ACTIONS === #

    def action_choose_deliveries(self):
        """Open the shop's delivery methods; the preview is looked at again after that."""
        self.ensure_one()
        return self.shop_id.action_view_delivery_methods()

    def action_move_start(self):
        """Move the shop's start date back to the oldest order that is open, and look again."""
        self.ensure_one()
        self.shop_id.import_from = japan.begin(self.oldest)
        return self.action_preview()

    def action_preview(self):
        """Show what an import would create, hold and refuse, and why; nothing is kept."""
        self.ensure_one()
        rows = self.shop_id._run("preview", self._request())
        self.line_ids.unlink()
        # What needs a person first, what changes nothing last.
        outcomes = [code for code, _label in OUTCOMES]
        rows.sort(key=lambda row: (outcomes.index(row["outcome"]), row["name"]))
        self.env["rakuten.order.import.line"].create(
            [{**row, "wizard_id": self.id} for row in rows]
        )
        self.previewed = True
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Orders"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_import(self):
        """Import them, and those that have labels as the person has said."""
        self.ensure_one()
        action = self._import()
        labelled = self.line_ids.filtered(lambda line: line.outcome == "label")
        if self.label_decision and labelled:
            orders = self.env["rakuten.order"].search(
                [
                    ("shop_id", "=", self.shop_id.id),
                    ("name", "in", labelled.mapped("name")),
                    ("problem_code", "=", "label_exists"),
                ]
            )
            orders._decide_labels(self.label_decision)
        return action

    def _import(self):
        if self.mode == "automatic":
            return self.shop_id.action_import_orders()
        request = self._request()
        orders = self.shop_id._run("import_by_number", request)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "smartship_rakuten.action_rakuten_order"
        )
        missing = set(request.get("numbers", ())) - set(orders.mapped("name"))
        if missing and not orders:
            raise UserError(self._missing_sentence(missing))
        action["domain"] = [("id", "in", orders.ids)]
        if not missing:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self._missing_sentence(missing),
                "type": "warning",
                "sticky": True,
                "next": action,
            },
        }

    # === BUSINESS METHODS === #

    def _missing_sentence(self, numbers):
        return self.env._(
            "Rakuten does not give these orders: %(numbers)s. It keeps orders for %(days)s days, "
            "and only those of this shop.",
            numbers=", ".join(sorted(numbers)),
            days=HORIZON_DAYS,
        )

    def _request(self):
        """What is asked of the shop, see ``rakuten.shop._numbers_of``.

        :raises UserError: when it is incomplete
        """
        if self.mode == "automatic":
            return {}
        if self.mode == "numbers":
            return {"numbers": self._split_numbers()}
        if not (self.date_from and self.date_to):
            raise UserError(self.env._("Enter the first and the last day."))
        if not 0 <= (self.date_to - self.date_from).days < SEARCH_DAYS:
            raise UserError(
                self.env._(
                    "The last day must be on or after the first one, and the period at most "
                    "%(days)s days long.",
                    days=SEARCH_DAYS,
                )
            )
        return {
            "search": {
                "start": japan.begin(self.date_from),
                "end": japan.begin(self.date_to + timedelta(days=1)) - timedelta(seconds=1),
                "date_type": int(self.date_type),
                "order_progress_list": None if self.all_statuses else [300],
            }
        }

    def _split_numbers(self):
        numbers = list(dict.fromkeys(re.split(r"[\s,、;]+", (self.numbers or "").strip())))
        if not any(numbers):
            raise UserError(self.env._("Enter at least one order number."))
        if len(numbers) > ORDERS_MAX:
            raise UserError(
                self.env._("At most %(most)s order numbers at a time.", most=f"{ORDERS_MAX:,}")
            )
        strange = [number for number in numbers if not self.shop_id._is_own_number(number)]
        if strange:
            raise UserError(
                self.env._(
                    "Not order numbers of %(shop)s: %(numbers)s. They begin with %(number)s-.",
                    shop=self.shop_id.name,
                    numbers=", ".join(strange[:10]),
                    number=self.shop_id.shop_number,
                )
            )
        return numbers


class RakutenOrderImportLine(models.TransientModel):
    """One order of a preview."""

    _name = "rakuten.order.import.line"
    _description = "Rakuten Order in a Preview"
    _inherit = "rakuten.wizard"

    wizard_id = fields.Many2one("rakuten.order.import", required=True, ondelete="cascade")
    name = fields.Char(string="Order Number")
    order_date = fields.Datetime()
    progress = fields.Selection(
        lambda self: self.env["rakuten.order"]._fields["progress"].selection,
        string="Status at Rakuten",
    )
    buyer_name = fields.Char(string="Buyer")
    currency_id = fields.Many2one(related="wizard_id.shop_id.currency_id")
    request_price = fields.Monetary(string="Billed", help="請求金額, whole yen.")
    outcome = fields.Selection(OUTCOMES, string="What Happens")
    reason = fields.Char()
    delivery_name = fields.Char(string="Delivery Method at Rakuten", help="配送方法")
    carrier_name = fields.Char(
        string="Delivery Method", help="What the sale order and its transfers get."
    )
    delivery_unknown = fields.Boolean()
