import base64
import re
from collections import defaultdict
from itertools import chain

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Domain

from ..models.shop.one_by_one import each_alone
from ..rules import tracking, waybill_file

#: What can be a tracking number, when people type it beside the name of a transfer.
NUMBER = re.compile(r"[A-Za-z]{0,3}[\d-]{6,}[A-Za-z]{0,3}")
#: What is to be done with a row: what is filled in by itself, and what only when a person says so.
FILLED = ("new", "doubt")
ASKED = ("conflict", "elsewhere")
#: What goes through without anybody's look, and what is in nobody's way.
CLEAR = ("new", "known", "deleted")
#: What somebody has to look at after the numbers were filled in.
OPEN = ("stays", "doubt", "conflict", "elsewhere", "cancelled", "unknown", "missing")
#: その他, which programs write that know no carrier (RMS API section 5.4).
OTHER_COMPANY = "1000"


#: What stands between a transfer and its numbers.
SEPARATOR = re.compile(r"[\s,、，;；]+")


def _heads(line):
    """What a line may begin with, the longest first, each with what follows it."""
    yield line, ""
    for found in reversed(list(SEPARATOR.finditer(line))):
        first, last = found.span()
        if first:
            yield line[:first], line[last:]


class RakutenTrackingImport(models.TransientModel):
    """Tracking numbers (送り状番号) from a carrier's file, or scanned and pasted."""

    _name = "rakuten.tracking.import"
    _description = "Enter Tracking Numbers"
    _inherit = "rakuten.wizard"

    mode = fields.Selection(
        [("file", "The carrier's file"), ("text", "Scan or paste")],
        string="From",
        default="file",
        required=True,
    )
    data = fields.Binary(string="File", attachment=False)
    filename = fields.Char()
    text = fields.Text(
        string="Numbers",
        help="A line each: the transfer, the order number or the parcel key, then the number. With "
        "a scanner: the transfer's barcode, then the label's.",
    )
    validate_transfers = fields.Boolean(
        string="Validate the Transfers",
        help="Ship what has all its goods. What is held or lacks goods is left and named.",
    )
    line_ids = fields.One2many("rakuten.tracking.import.line", "wizard_id")
    was_read = fields.Boolean()
    was_applied = fields.Boolean()
    is_written = fields.Boolean(compute="_compute_summary")
    summary = fields.Char(compute="_compute_summary")

    @api.depends("line_ids.outcome")
    def _compute_summary(self):
        labels = dict(
            self.env["rakuten.tracking.import.line"]
            ._fields["outcome"]
            ._description_selection(self.env)
        )
        for wizard in self:
            counts = {
                outcome: len(lines) for outcome, lines in wizard.line_ids.grouped("outcome").items()
            }
            wizard.summary = " · ".join(
                f"{labels[outcome]}: {counts[outcome]}" for outcome in labels if outcome in counts
            )
            wizard.is_written = not counts.keys().isdisjoint(("filled", "stays", "shipped"))

    # === ACTIONS === #

    def action_read(self):
        """Show what would be filled in, before anything is written."""
        self.ensure_one()
        self.line_ids.unlink()
        rows = self._read_file() if self.mode == "file" else self._read_text()
        if not rows:
            raise UserError(self.env._("There is no number in it."))
        self.line_ids = [(0, 0, vals) for vals in self._decide_outcomes(rows)]
        self.write({"was_read": True, "was_applied": False})
        return self._open()

    def action_apply(self):
        """Fill in the numbers that are ticked, and ship the transfers where that is wanted."""
        self.ensure_one()
        self._apply(self.line_ids.filtered(lambda line: line.apply and line.picking_id))
        self.was_applied = True
        return self._open()

    def action_ship(self):
        """Read, fill in and ship in one go what nobody has to look at. A transfer of which one
        row is not clear is left as it is: its rows stand first, to be filled in from here."""
        self.ensure_one()
        self.action_read()
        self.validate_transfers = True
        unclear = self.line_ids.filtered(lambda line: line.outcome not in CLEAR).picking_id
        self._apply(
            self.line_ids.filtered(
                lambda line: line.outcome == "new" and line.picking_id not in unclear
            ),
            leave=unclear,
        )
        tickable = self.line_ids.filtered(lambda line: line.outcome in FILLED + ASKED)
        self.was_applied = not tickable.picking_id
        return self._open()

    def _apply(self, chosen, leave=()):
        """Fill in numbers, and ship where that is wanted.

        :param chosen: lines
        :param leave: stock.picking that are not to be shipped yet
        """
        chosen._write_numbers()
        if self.validate_transfers:
            filled = self.line_ids.filtered(
                lambda line: (
                    line in chosen or (line.outcome == "known" and line.picking_id not in leave)
                )
            )
            filled._validate()
        self.line_ids._sort()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Enter Tracking Numbers"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # === BUSINESS METHODS - Reading === #

    def _read_file(self):
        """:return: list of ..rules.waybill_file.Returned"""
        if not self.data:
            raise UserError(self.env._("Choose the file that the carrier's program has written."))
        forms = self.env["rakuten.waybill.format"].search(
            ["|", ("key_header", "!=", False), ("number_header", "!=", False)]
        )
        try:
            found = waybill_file.read_numbers(
                base64.b64decode(self.data),
                key_headers=forms.mapped("key_header"),
                number_headers=forms.mapped("number_header"),
                known=self._find,
            )
        except ValueError as error:
            if str(error) == "key":
                raise RedirectWarning(
                    self.env._(
                        "The file has numbers, but nothing in it tells whose they are: no parcel "
                        "key and no order number, as in クリックポスト's list. Names and addresses "
                        "are not compared, because two parcels may go to one. Enter the numbers "
                        "order by order."
                    ),
                    self.env.ref("smartship_rakuten.action_rakuten_tracking_import").id,
                    self.env._("Enter Them Order by Order"),
                    {"default_mode": "text"},
                ) from None
            if str(error) == "heading":
                raise UserError(
                    self.env._(
                        "No row names the columns of the parcel key (お客様管理番号) and of the "
                        "number (伝票番号, お問い合せ送り状No., お問い合わせ番号). Write the file "
                        "with its headings, or enter them on the waybill format."
                    )
                ) from None
            raise UserError(
                self.env._("This is no CSV file in Shift-JIS, UTF-8 or UTF-16.")
            ) from None
        if any(tracking.is_damaged(entry.number) for entry in found):
            raise UserError(
                self.env._(
                    "A spreadsheet has shortened the numbers in this file (8.11E+11). Take the "
                    "file as the carrier's program has written it, without opening it in between."
                )
            )
        return found

    def _read_text(self):
        """Pairs of a transfer and its number: on one line, or one after the other as scanned.

        :return: list of ..rules.waybill_file.Returned
        """
        lines = [
            (number, line.strip())
            for number, line in enumerate((self.text or "").splitlines(), start=1)
            if line.strip()
        ]
        known = self._find({head for _row, line in lines for head, _rest in _heads(line)})
        rows, current = [], ""
        for row, line in lines:
            # A transfer's name may have blanks and commas of its own: My Co/OUT/00012.
            head = next((entry for entry in _heads(line) if entry[0] in known), None)
            first, rest = head or list(_heads(line))[-1]
            numbers = [part for part in SEPARATOR.split(rest) if part]
            if first in known or numbers or not NUMBER.fullmatch(first):
                # A name begins anew, also one that nobody knows.
                current = first
            else:
                numbers = [first]
            if first == current and not numbers and first not in known:
                rows.append(waybill_file.Returned(row, first, ""))
            for number in numbers:
                rows.append(waybill_file.Returned(row, current, number))
        return rows

    def _find(self, words):
        """Parcels by what people write for them.

        :param set words: parcel keys, names of transfers, order numbers
        :return: dict of word to (stock.picking, rakuten.waybill); several open transfers of one
            order are all there
        """
        words = list(words)
        Picking = self.env["stock.picking"]
        found = {}
        pickings = Picking.search(
            [
                ("rakuten_order_id", "!=", False),
                "|",
                ("name", "in", words),
                ("rakuten_order_number", "in", words),
            ]
        )
        deliveries = pickings.filtered(
            lambda picking: picking._is_rakuten_delivery() and picking.state != "cancel"
        )
        for picking in deliveries:
            number = picking.rakuten_order_number
            found[number] = (
                found.get(number, (Picking,))[0] | picking,
                self.env["rakuten.waybill"],
            )
        for picking in pickings:
            found[picking.name] = (picking, self.env["rakuten.waybill"])
        for parcel in self.env["rakuten.waybill"].search([("name", "in", words)]):
            found[parcel.name] = (parcel.picking_id, parcel)
        return found

    # === BUSINESS METHODS - Judging === #

    def _decide_outcomes(self, rows):
        """What is to be done with each row.

        :param list rows: ..rules.waybill_file.Returned
        :return: list of values of lines
        """
        found = self._find({entry.key for entry in rows})
        numbers = {tracking.plain_number(entry.number) for entry in rows} - {""}
        elsewhere = self._numbers_elsewhere(numbers)
        given = defaultdict(set)
        result = []
        for entry in rows:
            pickings, parcel = found.get(entry.key, (self.env["stock.picking"],) * 2)
            if entry.basket:
                pickings = pickings.filtered(lambda p, e=entry: p.rakuten_basket_id == e.basket)
            if entry.reported and len(pickings) > 1:
                pickings = self._one_of(pickings, entry, rows)
            vals = {
                "row": entry.row,
                "key": entry.key,
                "number": entry.number,
                "picking_id": pickings.id if len(pickings) == 1 else False,
                "waybill_id": parcel.id if len(pickings) == 1 and parcel else False,
            }
            outcome, message = self._outcome(entry, pickings, parcel, elsewhere, given)
            number = tracking.plain_number(entry.number)
            given[entry.key, entry.basket].add(number)
            if outcome in FILLED:
                elsewhere[number] |= pickings
            result.append(
                {**vals, "outcome": outcome, "message": message, "apply": outcome in FILLED}
            )
        return result

    def _one_of(self, pickings, entry, rows):
        """Which of several transfers of an order a row of RMS's 発送完了報告 means.

        :return: the one that has this number, else the only one that still waits for a number and
            that no other row names; all of them where that is not certain
        """
        number = tracking.plain_number(entry.number)
        numbers = {picking: self._numbers_of(picking, None) for picking in pickings}
        named = {row.basket for row in rows if row.key == entry.key and row.row != entry.row}
        has = pickings.filtered(lambda picking: number in numbers[picking])
        waiting = pickings.filtered(
            lambda picking: (
                picking.state not in ("done", "cancel")
                and not numbers[picking]
                and (entry.basket or picking.rakuten_basket_id not in named)
            )
        )
        return has[:1] or (waiting if len(waiting) == 1 else pickings)

    def _outcome(self, entry, pickings, parcel, elsewhere, given):
        """:return: (outcome of a line, sentence)"""
        number = tracking.plain_number(entry.number)
        if not pickings:
            return "unknown", self.env._("No transfer has this key.")
        if len(pickings) > 1 and entry.reported and not entry.basket:
            return "unknown", self.env._(
                "The row has no 送付先ID, and the order has several transfers: %(transfers)s. "
                "Enter it in the file, or give the number to one of them.",
                transfers=", ".join(pickings.mapped("name")),
            )
        if len(pickings) > 1:
            return "unknown", self.env._(
                "The order has several transfers: %(transfers)s. Name one of them.",
                transfers=", ".join(pickings.mapped("name")),
            )
        picking = pickings
        if entry.deleted:
            return "deleted", self.env._("Deleted in the carrier's program.")
        if not number:
            return "missing", self.env._("The carrier has given no number yet.")
        if picking.state == "cancel" or not picking._is_rakuten_delivery():
            return "cancelled", self.env._("The transfer is cancelled or no delivery: do not ship.")
        if number in given[entry.key, entry.basket]:
            return "known", False
        has = self._numbers_of(picking, parcel)
        if number in has:
            return "known", False
        if has:
            return "conflict", self.env._(
                "The parcel has another number already (%(numbers)s). Tick it to replace that.",
                numbers=", ".join(sorted(has)),
            )
        others = elsewhere[number] - picking
        if others - picking.rakuten_bundled_ids:
            return "elsewhere", self.env._(
                "%(transfer)s has this number.", transfer=", ".join(others.mapped("name"))
            )
        if picking.rakuten_hold_reason:
            return "doubt", self.env._(
                "Do not ship: %(reason)s", reason=picking.rakuten_hold_reason
            )
        if parcel and entry.service and parcel.service and entry.service != parcel.service:
            return "doubt", self.env._(
                "Service %(found)s instead of %(asked)s.",
                found=entry.service,
                asked=parcel.service,
            )
        company = picking._rakuten_company_code()
        if entry.company not in ("", OTHER_COMPANY, company):
            return "doubt", self.env._(
                "Carrier %(found)s instead of %(asked)s.", found=entry.company, asked=company
            )
        code = picking._rakuten_doubt(number)
        if code:
            return "doubt", picking._rakuten_doubt_sentence(entry.number, code)
        return "new", False

    @staticmethod
    def _numbers_of(picking, parcel):
        """Plain numbers that stand in the way of another one: the parcel's own, or, without a
        parcel key, all of the transfer."""
        if parcel:
            text = (
                parcel.package_id.rakuten_tracking_number
                if parcel.package_id
                else (parcel.tracking_numbers or parcel._foreign_numbers())
            )
        else:
            text = ",".join(picking._rakuten_numbers())
        return {tracking.plain_number(number) for number in tracking.split_numbers(text)}

    def _numbers_elsewhere(self, numbers):
        """Transfers that have these numbers.

        :param set numbers: plain ones
        :return: dict of plain number to stock.picking
        """
        written = list(set().union(*map(tracking.spellings, numbers)))

        def holding(field, picking=""):
            # What has left is among the parcels, a number each. What waits is few and may hold
            # several numbers, however written, in one field.
            return (
                Domain(f"{picking}rakuten_order_id", "!=", False)
                & Domain(field, "!=", False)
                & (
                    Domain(f"{picking}state", "not in", ("done", "cancel"))
                    | Domain(field, "in", written)
                )
            )

        pickings = self.env["stock.picking"].search(holding("carrier_tracking_ref"))
        lines = self.env["stock.move.line"].search(
            holding("result_package_id.rakuten_tracking_number", "picking_id.")
        )
        parcels = self.env["rakuten.parcel"].search([("tracking_number", "in", written)])
        elsewhere = defaultdict(lambda: self.env["stock.picking"])
        for text, picking in chain(
            ((picking.carrier_tracking_ref, picking) for picking in pickings),
            ((line.result_package_id.rakuten_tracking_number, line.picking_id) for line in lines),
            ((parcel.tracking_number, parcel.picking_id) for parcel in parcels),
        ):
            for number in tracking.split_numbers(text):
                elsewhere[tracking.plain_number(number)] |= picking
        return elsewhere


class RakutenTrackingImportLine(models.TransientModel):
    _name = "rakuten.tracking.import.line"
    _description = "Tracking Number to Enter"
    _inherit = "rakuten.wizard"
    _order = "sequence, row, id"

    wizard_id = fields.Many2one("rakuten.tracking.import", required=True, ondelete="cascade")
    sequence = fields.Integer(readonly=True)
    row = fields.Integer(readonly=True)
    key = fields.Char(readonly=True)
    number = fields.Char(readonly=True)
    picking_id = fields.Many2one("stock.picking", readonly=True, ondelete="cascade")
    waybill_id = fields.Many2one("rakuten.waybill", readonly=True, ondelete="cascade")
    recipient = fields.Char(related="picking_id.rakuten_recipient")
    outcome = fields.Selection(
        [
            ("new", "To fill in"),
            ("doubt", "To fill in, look at it"),
            ("conflict", "Has another number"),
            ("elsewhere", "Number is elsewhere"),
            ("unknown", "Unknown"),
            ("cancelled", "Cancelled"),
            ("deleted", "Deleted by the carrier"),
            ("missing", "No number yet"),
            ("known", "There already"),
            ("filled", "Filled in"),
            ("stays", "Filled in, not shipped"),
            ("shipped", "Shipped"),
        ],
        readonly=True,
        required=True,
    )
    message = fields.Char(readonly=True)
    apply = fields.Boolean(string="Fill In")

    def _write_numbers(self):
        """Write the numbers onto packages and transfers, one write for each."""
        for picking, lines in self.grouped("picking_id").items():
            packed = lines.filtered(lambda line: line.waybill_id.package_id)
            for package, own in packed.grouped(lambda line: line.waybill_id.package_id).items():
                package.rakuten_tracking_number = ",".join(own.mapped("number"))
            loose = lines - packed
            if loose:
                picking.carrier_tracking_ref = loose._merged(picking)
            for parcel, own in lines.filtered("waybill_id").grouped("waybill_id").items():
                parcel._note(tracking_numbers=",".join(own.mapped("number")))
        self.write({"outcome": "filled", "apply": False})

    def _sort(self):
        """As the file has them, but what somebody has to look at first."""
        for outcome, lines in self.grouped("outcome").items():
            lines.sequence = OPEN.index(outcome) if outcome in OPEN else len(OPEN)

    def _merged(self, picking):
        """The numbers of a transfer after these are filled in: those of its other parcels stay, a
        number that is replaced goes.

        :return: text of ``carrier_tracking_ref``
        """
        replaced = set()
        for line in self:
            replaced |= self.env["rakuten.tracking.import"]._numbers_of(picking, line.waybill_id)
        numbers = {
            tracking.plain_number(number): number
            for number in tracking.split_numbers(picking.carrier_tracking_ref)
            if tracking.plain_number(number) not in replaced
        }
        numbers |= {tracking.plain_number(number): number for number in self.mapped("number")}
        return ",".join(numbers.values())

    def _validate(self):
        """Ship these transfers; each that cannot go says why and stops no other."""
        missing = self.env._("Goods are missing: validate it by hand.")

        def ship(picking):
            if not picking._rakuten_validate_complete():
                raise UserError(missing)

        refusals = each_alone(self.picking_id, ship)
        for picking, lines in self.grouped("picking_id").items():
            if picking in refusals:
                lines.write({"outcome": "stays", "message": refusals[picking]})
            else:
                lines.write({"outcome": "shipped", "message": False})
