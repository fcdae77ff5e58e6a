import base64
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..rules import japan, waybill

#: Stands for a parcel's key as long as nobody has asked for its waybill.
SAMPLE_KEY = "SR0000000000"


class RakutenWaybillExport(models.TransientModel):
    """Files for the carriers' programs, after a look at what does not fit into them."""

    _name = "rakuten.waybill.export"
    _description = "Make Waybill Files"
    _inherit = "rakuten.wizard"

    ship_date = fields.Date(
        string="Shipping Date",
        required=True,
        default=lambda self: japan.day(fields.Datetime.now()),
        help="出荷予定日, in Japan.",
    )
    line_ids = fields.One2many("rakuten.waybill.export.line", "wizard_id")
    file_ids = fields.One2many("rakuten.waybill.export.file", "wizard_id", readonly=True)
    ready_count = fields.Integer(compute="_compute_counts")
    problem_count = fields.Integer(compute="_compute_counts")

    @api.depends("line_ids.problem", "line_ids.leader_id")
    def _compute_counts(self):
        for wizard in self:
            own = wizard.line_ids.filtered(lambda line: not line.leader_id)
            wizard.problem_count = len(own.filtered("problem"))
            wizard.ready_count = len(own) - wizard.problem_count

    def _open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waybill Files"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_make(self):
        """Make one file for each format; what has a problem stays out and is named.

        :raises UserError: when nothing can be written
        """
        self.ensure_one()
        ready = self.line_ids.filtered(lambda line: not line.problem and not line.leader_id)
        if not ready:
            raise UserError(
                self.env._(
                    "There is nothing to write yet. Mend what the lines say: a carrier with a "
                    "waybill format, the address, the contract's codes."
                )
            )
        self.file_ids.unlink()
        now = fields.Datetime.now()
        parcels = self.env["rakuten.waybill"]._of({line.picking_id: line.pieces for line in ready})
        for form, lines in ready.grouped("format_id").items():
            rows = lines._write_rows(form, parcels, now)
            stamp = japan.local(now).strftime("%Y%m%d_%H%M")
            self.env["rakuten.waybill.export.file"].create(
                {
                    "wizard_id": self.id,
                    "name": f"{form.name}_{stamp}.csv",
                    "format_id": form.id,
                    "count": len(rows),
                    "data": base64.b64encode(form._write_file(rows)).decode(),
                }
            )
        return self._open()


class RakutenWaybillExportLine(models.TransientModel):
    _name = "rakuten.waybill.export.line"
    _description = "Waybill to Make"
    _inherit = "rakuten.wizard"
    _order = "id"

    wizard_id = fields.Many2one("rakuten.waybill.export", required=True, ondelete="cascade")
    picking_id = fields.Many2one("stock.picking", required=True, readonly=True, ondelete="cascade")
    recipient = fields.Char(related="picking_id.rakuten_recipient")
    address = fields.Char(related="picking_id.rakuten_address")
    carrier_id = fields.Many2one(related="picking_id.carrier_id", readonly=False)
    format_id = fields.Many2one("rakuten.waybill.format", compute="_compute_format_id")
    label_name = fields.Char(related="picking_id.rakuten_label_name", readonly=False)
    label_street = fields.Char(related="picking_id.rakuten_label_street", readonly=False)
    label_building = fields.Char(related="picking_id.rakuten_label_building", readonly=False)
    pieces = fields.Integer(
        string="Parcels",
        default=1,
        help="個口数. Goods in packages have a waybill for each package, whatever stands here.",
    )
    leader_id = fields.Many2one(
        "stock.picking",
        compute="_compute_leader_id",
        help="同梱: the transfer whose waybill takes this one along.",
    )
    exported_on = fields.Datetime(compute="_compute_exported_on")
    problem = fields.Char(compute="_compute_findings")
    note = fields.Char(compute="_compute_findings")

    # === COMPUTE === #

    @api.depends("picking_id", "carrier_id.rakuten_waybill_format_id")
    def _compute_format_id(self):
        for line in self:
            own = line.picking_id._rakuten_delivery_method(line.carrier_id).waybill_format_id
            line.format_id = own or line.carrier_id.rakuten_waybill_format_id

    @api.depends("picking_id.rakuten_bundle_id")
    def _compute_leader_id(self):
        for line in self:
            open_ones = line.picking_id.rakuten_bundled_ids.filtered(lambda p: p.state != "cancel")
            leader = open_ones.sorted("id")[:1]
            line.leader_id = leader if leader != line.picking_id else False

    @api.depends("picking_id.rakuten_waybill_ids.exported_on")
    def _compute_exported_on(self):
        for line in self:
            times = line.picking_id.rakuten_waybill_ids.filtered("exported_on")
            line.exported_on = max(times.mapped("exported_on"), default=False)

    @api.depends(
        "picking_id",
        "carrier_id",
        "label_name",
        "label_street",
        "label_building",
        "wizard_id.ship_date",
        "leader_id",
        "pieces",
    )
    @api.depends_context("lang")
    def _compute_findings(self):
        columns = {form: form._columns() for form in self.format_id}
        for line in self:
            line.problem, line.note = line._findings(columns.get(line.format_id))

    def _findings(self, columns):
        """:param columns: list of ..rules.waybill.Column of the line's format
        :return: (what keeps the parcel out of the file or False, what staff should know)
        """
        picking = self.picking_id
        if self.leader_id:
            return False, self.env._(
                "In one parcel with %(transfer)s.", transfer=self.leader_id.name
            )
        if picking.state == "cancel" or picking.rakuten_hold_reason:
            reason = picking.rakuten_hold_reason or self.env._("the transfer is cancelled")
            return self.env._("Held: %(reason)s", reason=reason), False
        if not self.format_id:
            return self.env._("Choose a carrier that has a waybill format."), False
        values, problems, notes = picking._prepare_rakuten_waybill(
            self.format_id, self.wizard_id.ship_date
        )
        _cells, findings = waybill.fill(
            columns,
            {**values, "key": SAMPLE_KEY},
            jis_only=self.format_id.jis_only,
        )
        for finding in findings:
            (problems if finding.stops else notes).append(self._finding_sentence(finding))
        parcels = max(self.pieces, len(picking.move_line_ids.result_package_id))
        if values["cash"] is not None and parcels > 1:
            problems.append(
                self.env._(
                    "The carrier would collect the cash of %(amount)s yen once for each of the "
                    "%(parcels)s parcels. Make these waybills in the carrier's program.",
                    amount=f"{values['cash']:,}",
                    parcels=parcels,
                )
            )
        if self.exported_on:
            notes.append(self.env._("A file was made for it before."))
        return " ".join(problems) or False, " ".join(notes) or False

    def _finding_sentence(self, finding):
        """:param finding: ..rules.waybill.Finding"""
        named = {"column": finding.column, "detail": finding.detail}
        sentences = {
            "missing": self.env._("%(column)s is empty.", **named),
            "too_long": self.env._(
                "%(column)s does not fit: “%(detail)s”. Shorten it for the label.", **named
            ),
            "unprintable": self.env._(
                "%(column)s has letters that the carrier's program cannot read: %(detail)s. Write "
                "it otherwise for the label.",
                **named,
            ),
            "no_number": self.env._(
                "%(column)s is no number: “%(detail)s”. Correct it at Rakuten or in the shop's "
                "settings, or make this waybill in the carrier's program.",
                **named,
            ),
            "formula": self.env._(
                "%(column)s: “%(detail)s” at the beginning is left out: a spreadsheet would take "
                "it for a formula.",
                **named,
            ),
            "cut": self.env._("%(column)s is cut: “%(detail)s”.", **named),
            "replaced": self.env._("%(column)s is written %(detail)s.", **named),
            "rare": self.env._(
                "%(column)s: the carrier's program may not take %(detail)s.", **named
            ),
        }
        return sentences[finding.code]

    # === BUSINESS METHODS === #

    def _write_rows(self, form, parcels, now):
        """The rows of a format, one a parcel; each parcel remembers that it was asked for.

        :param parcels: of ``rakuten.waybill._of``
        :return: list of lists of cells
        """
        columns, rows = form._columns(), []
        by_service = defaultdict(self.env["rakuten.waybill"].browse)
        for line in self:
            picking = line.picking_id
            values, _problems, _notes = picking._prepare_rakuten_waybill(
                form, line.wizard_id.ship_date
            )
            by_service[values["service"]] |= parcels[picking]
            rows += [
                waybill.fill(columns, {**values, "key": parcel.name})[0]
                for parcel in parcels[picking]
            ]
        for service, own in by_service.items():
            own._note(format_id=form.id, service=service, exported_on=now)
        return rows


class RakutenWaybillExportFile(models.TransientModel):
    _name = "rakuten.waybill.export.file"
    _description = "Waybill File"
    _inherit = "rakuten.wizard"

    wizard_id = fields.Many2one("rakuten.waybill.export", required=True, ondelete="cascade")
    format_id = fields.Many2one("rakuten.waybill.format", required=True, ondelete="cascade")
    name = fields.Char(required=True)
    count = fields.Integer(string="Parcels")
    # Addresses of buyers: kept in the table that Odoo empties by itself, not as an attachment.
    data = fields.Binary(string="File", attachment=False)
