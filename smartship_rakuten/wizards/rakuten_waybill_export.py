import base64
import io
import zipfile
from collections import defaultdict
from urllib.parse import quote

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..rules import japan, waybill, waybill_file

#: Stands for a parcel's key as long as nobody has asked for its waybill.
SAMPLE_KEY = "SR0000000000"
#: The papers that go with the waybills: field of the wizard, name of the file.
PAPERS = {"packing_list": "梱包リスト", "delivery_slip": "納品書"}
#: What each user is asked once: the next wave begins with what he chose.
REMEMBERED = (*PAPERS, "paper_size")


class RakutenWaybillExport(models.TransientModel):
    """A wave's papers, and the files for the carriers' programs after a look at what does not fit
    into them. Rakuten was asked when it was opened, once for all of it."""

    _name = "rakuten.waybill.export"
    _description = "Papers and Waybills"
    _inherit = "rakuten.wizard"

    ship_date = fields.Date(
        string="Shipping Date",
        required=True,
        default=lambda self: japan.day(fields.Datetime.now()),
        help="出荷予定日, in Japan.",
    )
    line_ids = fields.One2many("rakuten.waybill.export.line", "wizard_id")
    file_ids = fields.One2many("rakuten.waybill.export.file", "wizard_id", readonly=True)
    packing_list = fields.Boolean(string="Packing Lists", default=True, help="梱包リスト")
    delivery_slip = fields.Boolean(string="Delivery Slips", default=True, help="納品書")
    paper_size = fields.Selection(
        [("a4", "A4"), ("label", "100 × 150 mm")], string="Paper", default="a4", required=True
    )
    ready_count = fields.Integer(compute="_compute_counts")
    problem_count = fields.Integer(compute="_compute_counts")
    note_count = fields.Integer(compute="_compute_counts")
    paper_count = fields.Integer(compute="_compute_counts")
    file_count = fields.Integer(compute="_compute_file_count")
    had_problems = fields.Boolean(help="When its lines were last put in order.")
    has_gifts = fields.Boolean(compute="_compute_counts")
    zip_data = fields.Binary(compute="_compute_zip_data")

    @api.depends(
        "line_ids.problem",
        "line_ids.note",
        "line_ids.leader_id",
        "line_ids.is_held",
        "line_ids.is_to_another",
    )
    def _compute_counts(self):
        for wizard in self:
            own = wizard.line_ids.filtered(lambda line: not line.leader_id)
            wizard.problem_count = len(own.filtered("problem"))
            wizard.ready_count = len(own) - wizard.problem_count
            wizard.note_count = len(own.filtered(lambda line: line.note and not line.problem))
            wizard.paper_count = len(wizard.line_ids) - len(wizard.line_ids.filtered("is_held"))
            wizard.has_gifts = any(own.mapped("is_to_another"))

    @api.depends("file_ids")
    def _compute_file_count(self):
        for wizard in self:
            wizard.file_count = len(wizard.file_ids)

    @api.depends("file_ids.data")
    def _compute_zip_data(self):
        """All files in one, made when somebody fetches it."""
        for wizard in self:
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in wizard.file_ids:
                    archive.writestr(file.name, base64.b64decode(file.data or b""))
            wizard.zip_data = base64.b64encode(packed.getvalue())

    def _stamp(self):
        """When the files were made, in Japan, as their names say it."""
        made = max(self.file_ids.mapped("create_date"), default=fields.Datetime.now())
        return japan.local(made).strftime("%Y%m%d_%H%M")

    def _open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Papers and Waybills"),
            "res_model": self._name,
            "res_id": self.id,
            # Said whole: the server adds nothing to an action that follows another.
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # === ACTIONS === #

    def action_make(self):
        """Make the papers, and one file for each format; what has a problem stays out and is named.

        :return: an action that saves the only file at once, or shows the files
        :raises UserError: when there is nothing to make
        """
        self.ensure_one()
        ready = self.line_ids.filtered(lambda line: not line.problem and not line.leader_id)
        papers = [name for name in PAPERS if self[name]]
        printed = self.line_ids._paper_order() if papers else self.line_ids.browse()
        if not ready and not printed:
            raise UserError(
                self.env._(
                    "There is nothing to write yet. Mend what the lines say: a carrier with a "
                    "waybill format, the address, the contract's codes."
                )
            )
        for name in REMEMBERED:
            self.env["ir.default"].set(self._name, name, self[name], user_id=True, company_id=True)
        self.file_ids.unlink()
        made = [self._make_paper(name, printed) for name in papers if printed]
        made += self._make_waybills(ready.sorted("id"))
        names = waybill_file.file_names([vals["name"] for vals in made])
        self.env["rakuten.waybill.export.file"].create(
            [
                {**vals, "name": name, "wizard_id": self.id}
                for vals, name in zip(made, names, strict=True)
            ]
        )
        self.line_ids._sort()
        return self.file_ids.action_save() if len(self.file_ids) == 1 else self._open()

    def action_save_all(self):
        """Save all files as one."""
        self.ensure_one()
        name = f"出荷_{self._stamp()}.zip"
        return _download(_content_url(self, "zip_data", name), self._open())

    # === BUSINESS METHODS === #

    def _make_waybills(self, lines):
        """:return: list of values of files, one for each format"""
        parcels = self.env["rakuten.waybill"]._of({line.picking_id: line.pieces for line in lines})
        now, stamp = fields.Datetime.now(), self._stamp()
        made = []
        by_format = lines.grouped("format_id")
        for form in lines.format_id.sorted():
            own = by_format[form]
            rows = own._write_rows(form, parcels, now)
            data = base64.b64encode(form._write_file(rows)).decode()
            made.append(
                {
                    "name": f"{form.name}_{stamp}.csv",
                    "format_id": form.id,
                    "count": len(rows),
                    "data": data,
                }
            )
        return made

    def _make_paper(self, name, lines):
        """:param name: of :data:`PAPERS`; :return: values of a file"""
        label = "_label" if self.paper_size == "label" else ""
        report = self.env.ref(f"smartship_rakuten.action_report_{name}{label}")
        pickings = lines.picking_id
        data, _kind = self.env["ir.actions.report"]._render_qweb_pdf(report, pickings.ids)
        pickings.filtered(lambda p: p.state not in ("done", "cancel")).write({"printed": True})
        return {
            "name": f"{PAPERS[name]}_{self._stamp()}.pdf",
            "count": len(pickings),
            "data": base64.b64encode(data).decode(),
        }


class RakutenWaybillExportLine(models.TransientModel):
    _name = "rakuten.waybill.export.line"
    _description = "Waybill to Make"
    _inherit = "rakuten.wizard"
    _order = "sequence, id"

    wizard_id = fields.Many2one("rakuten.waybill.export", required=True, ondelete="cascade")
    sequence = fields.Integer(help="What has a problem stands first, then what has a remark.")
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
    is_held = fields.Boolean(compute="_compute_is_held")
    is_to_another = fields.Boolean(compute="_compute_buyer_sends", store=True)
    buyer_sends = fields.Boolean(
        string="Buyer as Sender",
        compute="_compute_buyer_sends",
        store=True,
        readonly=False,
        help="ご依頼主 is the buyer, where the recipient is somebody else.",
    )
    exported_on = fields.Datetime(
        string="Made Before",
        compute="_compute_exported_on",
        store=True,
        help="When a waybill was asked for last, before these files.",
    )
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

    @api.depends("picking_id.state", "picking_id.rakuten_hold_reason")
    def _compute_is_held(self):
        for line in self:
            picking = line.picking_id
            line.is_held = picking.state == "cancel" or bool(picking.rakuten_hold_reason)

    @api.depends("picking_id")
    def _compute_buyer_sends(self):
        """As the shop wants it, until somebody chooses otherwise here."""
        for line in self:
            picking = line.picking_id
            line.is_to_another = bool(picking) and picking._rakuten_facts().to_another
            line.buyer_sends = line.is_to_another and picking._rakuten_buyer_sends()

    @api.depends("picking_id")
    def _compute_exported_on(self):
        """As it was when the wizard was opened: its own files are no earlier ones."""
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
        "buyer_sends",
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
        if self.is_held:
            reason = picking.rakuten_hold_reason or self.env._("the transfer is cancelled")
            return self.env._("Held: %(reason)s", reason=reason), False
        if not self.format_id:
            return self.env._("Choose a carrier that has a waybill format."), False
        values, problems, notes = self._prepare(self.format_id)
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

    def _prepare(self, form):
        """See ``stock.picking._prepare_rakuten_waybill``."""
        return self.picking_id._prepare_rakuten_waybill(
            form, self.wizard_id.ship_date, buyer_sends=self.buyer_sends
        )

    def _sort(self):
        """What a person has to look at stands first. Not while he looks: lines stay where they
        are until the files are made."""
        for line in self:
            line.sequence = 0 if line.problem else 1 if line.note and not line.leader_id else 2
        for wizard in self.wizard_id:
            wizard.had_problems = any(wizard.line_ids.mapped("problem"))

    def _paper_order(self):
        """What is printed, in the order of the labels: by format, what shares a parcel together.
        What is held gets no paper, what has no waybill does."""
        own = {line.picking_id: line for line in self}
        # What has no file comes last: its labels are written by hand.
        forms = [*self.format_id.sorted(), self.format_id.browse()]

        def place(line):
            first = own.get(line.leader_id, line)
            return forms.index(first.format_id), first.id, line.id

        return self.filtered(lambda line: not line.is_held).sorted(place)

    def _write_rows(self, form, parcels, now):
        """The rows of a format, one a parcel; each parcel remembers that it was asked for.

        :param parcels: of ``rakuten.waybill._of``
        :return: list of lists of cells
        """
        columns, rows = form._columns(), []
        by_service = defaultdict(self.env["rakuten.waybill"].browse)
        for line in self:
            picking = line.picking_id
            values, _problems, _notes = line._prepare(form)
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
    format_id = fields.Many2one("rakuten.waybill.format", ondelete="cascade")
    name = fields.Char(required=True)
    count = fields.Integer(string="Parcels")
    # Addresses of buyers: kept in the table that Odoo empties by itself, not as an attachment.
    data = fields.Binary(string="File", attachment=False)
    url = fields.Char(compute="_compute_url")

    @api.depends("name")
    def _compute_url(self):
        for file in self:
            file.url = _content_url(file, "data", file.name)

    def action_save(self):
        """Save this file at once, and show it as well: a browser may have refused it."""
        self.ensure_one()
        return _download(self.url, self.wizard_id._open())


def _content_url(record, field, name):
    """Where the browser fetches a file: Odoo looks there whose it is."""
    return f"/web/content/{record._name}/{record.id}/{field}/{quote(name, safe='')}?download=true"


def _download(url, following):
    """:return: an action that saves a file and goes on with another"""
    return {
        "type": "ir.actions.client",
        "tag": "smartship_rakuten.download",
        "params": {"url": url, "next": following},
    }
