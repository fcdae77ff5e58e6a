from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...rules import waybill, waybill_file

#: What a column can hold, with its Japanese term; see :func:`..rules.waybill.fill`.
SOURCES = [
    ("fixed", "Fixed text"),
    ("key", "Parcel key (お客様管理番号)"),
    ("order_number", "Order number (注文番号)"),
    ("service", "Service (送り状種類)"),
    ("cool", "Cool class (クール区分)"),
    ("payment", "Payment (元払・代引)"),
    ("ship_date", "Shipping date (出荷予定日)"),
    ("date_kind", "Kind of delivery date (配達日指定種別)"),
    ("delivery_date", "Delivery date (お届け日)"),
    ("slot", "Delivery slot (配達時間帯)"),
    ("phone", "Recipient: phone"),
    ("zip", "Recipient: post code"),
    ("address_1", "Recipient: address 1"),
    ("address_2", "Recipient: address 2"),
    ("address_3", "Recipient: address 3"),
    ("building", "Recipient: building (建物名)"),
    ("name_1", "Recipient: name 1"),
    ("name_2", "Recipient: name 2"),
    ("sender_phone", "Sender: phone"),
    ("sender_zip", "Sender: post code"),
    ("sender_address_1", "Sender: address 1"),
    ("sender_address_2", "Sender: address 2"),
    ("sender_address_3", "Sender: address 3"),
    ("sender_building", "Sender: building"),
    ("sender_name_1", "Sender: name 1"),
    ("sender_name_2", "Sender: name 2"),
    ("contents_1", "Contents 1 (品名)"),
    ("contents_2", "Contents 2"),
    ("contents_3", "Contents 3"),
    ("contents_4", "Contents 4"),
    ("note", "Note (記事): 置き配, wishes without a code, order number"),
    ("cash", "Cash on delivery, yen (代引金額)"),
    ("cash_tax", "Tax in it, yen (内消費税)"),
    ("pieces", "Number of parcels (個数): always 1"),
    ("seal_1", "Seal 1 (指定シール)"),
    ("seal_2", "Seal 2"),
    ("customer_code", "The shop's customer code"),
    ("option_1", "The shop's code 1"),
    ("option_2", "The shop's code 2"),
]


class RakutenWaybillFormat(models.Model):
    """The file in which a carrier's program takes waybills (送り状), and gives their numbers back.

    The columns of ヤマト B2クラウド, 佐川 e飛伝Ⅲ and 日本郵便 ゆうプリR come with the module and
    are brought up to date with it; a company's own codes, and the slots, stand on the format and
    stay.
    Another layout, or another carrier's, is a copy with columns of its own.
    """

    _name = "rakuten.waybill.format"
    _description = "Waybill Format"
    _inherit = "rakuten.system.fields"
    _order = "sequence, name, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        # The module's own are for all.
        default=lambda self: False if self.env.su else self.env.company,
        help="Empty: for all companies. Only administrators of settings change what all have; a "
        "company works on its copy.",
    )
    builtin = fields.Boolean(
        string="Comes With the Module",
        readonly=True,
        copy=False,
        help="Its columns are kept up to date with the module; duplicate it to change them.",
    )
    carrier_ids = fields.One2many(
        "delivery.carrier", "rakuten_waybill_format_id", string="Carriers", readonly=True
    )

    #: What the codes are called stands on a copy, too.
    _rakuten_handed_on = frozenset({"option_1_label", "option_2_label"})

    # === The file === #

    encoding = fields.Selection(
        [("cp932", "Shift-JIS (CP932)"), ("utf-8-sig", "UTF-8 with BOM")],
        default="cp932",
        required=True,
    )
    with_header = fields.Boolean(
        string="Heading in the First Row",
        help="Where the carrier's program reads by the headings. ゆうプリR takes 117 columns with "
        "headings; without, it goes by the position and has one more, 倉庫数.",
    )
    quote_all = fields.Boolean(string="Quotes Around Every Cell")
    date_format = fields.Selection(
        [("%Y/%m/%d", "2026/01/20"), ("%Y%m%d", "20260120"), ("%Y-%m-%d", "2026-01-20")],
        default="%Y%m%d",
        required=True,
    )
    jis_only = fields.Boolean(
        string="No Letters Beyond JIS X 0208",
        help="The carrier's program says that it takes none, such as 髙 or ①: they are named "
        "before the file is made.",
    )
    column_ids = fields.One2many("rakuten.waybill.column", "format_id", string="Columns", copy=True)
    key_header = fields.Char(
        string="Heading of the Key",
        help="In the file that comes back, besides the headings of お客様管理番号 that are known.",
    )
    number_header = fields.Char(
        string="Heading of the Number",
        help="In the file that comes back, besides the headings of 送り状番号 that are known.",
    )

    # === The shop's contract === #

    customer_code = fields.Char(
        company_dependent=True,
        help="The number that the carrier has given your company: 請求先顧客コード, お客様コード.",
    )
    option_1 = fields.Char(
        string="Code 1",
        company_dependent=True,
        help="Another code of your company's contract, if one is needed.",
    )
    option_1_default = fields.Char(
        string="Code 1 by Default", help="Stands in the file where the company has entered none."
    )
    option_2 = fields.Char(
        string="Code 2",
        company_dependent=True,
        help="Another code of your company's contract, if one is needed.",
    )
    option_2_default = fields.Char(
        string="Code 2 by Default", help="Stands in the file where the company has entered none."
    )
    option_1_label = fields.Char(readonly=True)
    option_2_label = fields.Char(readonly=True)

    # === Codes === #

    service_code = fields.Char(
        string="Service", help="送り状種類. A carrier of its own may have another: ネコポス."
    )
    service_cash_code = fields.Char(string="Service With Cash on Delivery", help="代引のとき")
    plain_services = fields.Char(
        string="Services Without Wishes",
        help="Codes, divided by commas, of services into the letter box: no delivery date, no "
        "slot, no cool, no cash on delivery.",
    )
    payment_code = fields.Char(string="Payment: Paid", help="元払")
    payment_cash_code = fields.Char(string="Payment: Cash on Delivery", help="代引")
    cash_limit = fields.Integer(
        string="Cash on Delivery at Most", help="In yen; 0 where the carrier names no limit."
    )
    cool_none = fields.Char(string="Not Cool")
    cool_chilled = fields.Char(string="Chilled", help="冷蔵")
    cool_frozen = fields.Char(string="Frozen", help="冷凍")
    date_code = fields.Char(string="With a Delivery Date")
    date_none_code = fields.Char(string="Without a Delivery Date")
    seal_date = fields.Char(string="Seal: Date Without a Slot", help="指定日配達")
    seal_chilled = fields.Char(string="Seal: Chilled")
    seal_frozen = fields.Char(string="Seal: Frozen")
    slot_none = fields.Char(string="Without a Slot")
    slot_ids = fields.One2many("rakuten.waybill.slot", "format_id", string="Slots", copy=True)

    # === CONSTRAINTS AND OVERRIDES === #

    @api.constrains("column_ids")
    def _check_key(self):
        for form in self:
            if form.column_ids and "key" not in form.column_ids.mapped("source"):
                raise ValidationError(
                    self.env._(
                        "%(format)s needs a column for the parcel key: by it the number finds its "
                        "transfer again.",
                        format=form.name,
                    )
                )

    def write(self, vals):
        own_codes = all(
            name in self._fields and self._fields[name].company_dependent for name in vals
        )
        if not own_codes:
            self._check_not_shared()
        result = super().write(vals)
        if not own_codes:
            self._check_not_shared()
        return result

    def _check_not_shared(self):
        """:raises AccessError: where these are for all companies, and not for the user to change"""
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        shared = self.filtered(lambda form: not form.company_id)
        if shared:
            raise AccessError(
                self.env._(
                    "%(formats)s is shared by all companies: duplicate it and change the copy.",
                    formats=", ".join(shared.mapped("name")),
                )
            )

    def copy_data(self, default=None):
        vals_list = super().copy_data({"company_id": self.env.company.id, **(default or {})})
        for form, vals in zip(self, vals_list, strict=True):
            if not (default or {}).get("name"):
                vals["name"] = self.env._("%(format)s (copy)", format=form.name)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_builtin(self):
        if self.filtered("builtin"):
            raise UserError(
                self.env._("This format comes with the module. Archive it if nobody uses it.")
            )

    # === BUSINESS METHODS === #

    def _written_columns(self):
        """The columns of the file, which may have others without headings."""
        self.ensure_one()
        return self.column_ids.filtered(
            lambda column: not (self.with_header and column.only_headless)
        )

    def _columns(self):
        """:rtype: list[..rules.waybill.Column]"""
        return [
            waybill.Column(
                name=column.name,
                source=column.source or "",
                text=column.text or "",
                limit=column.limit,
                counts=column.counts,
                wide=column.wide,
                required=column.required,
            )
            for column in self._written_columns()
        ]

    def _write_file(self, rows):
        """:param rows: lists of cells; :return: the file's bytes"""
        self.ensure_one()
        head = [self._written_columns().mapped("name")] if self.with_header else []
        return waybill_file.write_file(
            [*head, *rows], encoding=self.encoding, quote_all=self.quote_all
        )

    def _note_text(self, wishes, order_number):
        """What stands in the note: the wishes, and the order's number behind them where there is
        room for all of it. A file with a column for the number has it there.

        :param list wishes: texts that the driver or the packer has to see
        """
        self.ensure_one()
        text = "、".join(filter(None, [*wishes, order_number]))
        columns = self._written_columns()
        fits = all(
            not column.limit or waybill.length(text, column.counts) <= column.limit
            for column in columns.filtered(lambda column: column.source == "note")
        )
        apart = "order_number" in columns.mapped("source")
        return text if fits and not apart else "、".join(wishes)

    def _service(self, own, *, cash):
        """送り状種類 of one parcel.

        :param own: what its delivery method has in place of the format's, maybe nothing
        """
        self.ensure_one()
        return own or (self.service_cash_code if cash else self.service_code) or ""

    def _is_plain(self, service):
        """Whether a service goes into the letter box, without wishes."""
        self.ensure_one()
        return service in [code.strip() for code in (self.plain_services or "").split(",") if code]

    def _slot(self, key):
        """:param str key: of :func:`..rules.waybill.slot_key`
        :return: rakuten.waybill.slot, empty for no wish or no code"""
        self.ensure_one()
        return (
            self.slot_ids.filtered(lambda slot: slot.term == key)[:1] if key else self.slot_ids[:0]
        )

    def _cool(self, cool):
        """:param str cool: '', 冷蔵 or 冷凍; :return: (code, seal)"""
        self.ensure_one()
        code, seal = {
            "冷蔵": (self.cool_chilled, self.seal_chilled),
            "冷凍": (self.cool_frozen, self.seal_frozen),
        }.get(cool, (self.cool_none, False))
        return code or "", seal or ""

    def _date(self, date):
        """:return: the date as the file has it, '' for none"""
        return date.strftime(self.date_format) if date else ""


class RakutenWaybillColumn(models.Model):
    _name = "rakuten.waybill.column"
    _description = "Waybill Column"
    _inherit = "rakuten.system.fields"
    _order = "format_id, sequence, id"

    format_id = fields.Many2one(
        "rakuten.waybill.format", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(required=True, default=1000)
    name = fields.Char(string="Heading", required=True)
    source = fields.Selection(SOURCES, string="Holds", help="Empty: the column stays empty.")
    text = fields.Char(help="What always stands in the column.")
    limit = fields.Integer(help="The carrier's limit; 0 for none.")
    counts = fields.Selection(
        [("bytes", "Half-width (bytes)"), ("chars", "Characters")],
        string="Limit Counts",
        default="bytes",
        required=True,
    )
    wide = fields.Boolean(string="Full Width", help="Half-width letters are made full-width.")
    required = fields.Boolean(help="Without it the parcel stays out of the file.")
    only_headless = fields.Boolean(
        string="Only Without Headings",
        help="The carrier's program expects the column in a file that it reads by position.",
    )

    @api.constrains("source")
    def _check_key(self):
        self.format_id._check_key()


class RakutenWaybillSlot(models.Model):
    _name = "rakuten.waybill.slot"
    _description = "Waybill Delivery Slot"
    _inherit = "rakuten.system.fields"
    _order = "format_id, term, id"

    format_id = fields.Many2one(
        "rakuten.waybill.format", required=True, index=True, ondelete="cascade"
    )
    term = fields.Char(
        string="Rakuten's Slot",
        required=True,
        help="am: 午前 and what ends at twelve; pm: 午後; other: その他; else the hours: 1416 is "
        "14 to 16 o'clock.",
    )
    code = fields.Char(string="Carrier's Code", required=True)
    seal = fields.Char(help="指定シール")
    differs = fields.Boolean(
        string="Another Time", help="The carrier's slot is not the buyer's: staff are told."
    )

    _term_uniq = models.Constraint("UNIQUE(format_id, term)", "A slot occurs once in a format.")
