from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate, split_every

from ...rms import ORDERS_PER_CALL
from ...rules.carriers import OTHER_COMPANY, RAKUTEN_COMPANIES
from ...rules.order import CANCELLED_PROGRESS, SHIPPABLE_PROGRESS
from ...rules.payload import LENIENT
from ..jobs.job import job
from ..shop.clock import is_since
from ..shop.functions import independent_steps
from ..shop.on_write import on_write
from ..shop.rakuten_guard import unmarked
from ..shop.rakuten_shop import ONE_CALL, PATIENCE
from ..shop.sentences import declare_sentences

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "step.progress": _lt("Telling Rakuten how far the order is"),
        "step.sub_statuses": _lt("Reading the sub-status"),
    }
)

#: Memos of one run: each is a call of its own, and the shop's other work waits meanwhile.
MEMOS_PER_RUN = 30
#: Transfers that somebody works on, or has …
PICKING_STARTED = (
    Domain("printed", "=", True)
    | Domain("state", "=", "done")
    | Domain("move_ids.picked", "=", True)
)
#: … and those that goods have left with.
PICKING_LEFT = Domain("state", "=", "done") & (
    Domain("picking_type_code", "=", "outgoing") | Domain("location_dest_id.usage", "=", "customer")
)
#: Shops that write into ひとことメモ.
WITH_MEMOS = Domain("memo_working", "!=", False) | Domain("memo_left", "!=", False)


class RakutenShop(models.Model):
    """How the shipments of a shop are reported, and how far the warehouse is."""

    _inherit = "rakuten.shop"

    report_policy = fields.Selection(
        [("complete", "When every parcel of the order has left"), ("each", "At each transfer")],
        string="Report Shipments",
        tracking=True,
        default="complete",
        required=True,
        help="An order whose parcels are all reported becomes 発送済 at midnight.",
    )
    company_code = fields.Selection(
        RAKUTEN_COMPANIES,
        string="Default Rakuten Carrier",
        help="配送会社: reported for transfers whose carrier has no Rakuten carrier code.",
    )
    label_carrier_ids = fields.Many2many(
        "delivery.carrier",
        compute="_compute_label_carrier_ids",
        help="The delivery methods that a label at Rakuten can be of, read once for all orders.",
    )
    sub_status_ids = fields.One2many("rakuten.sub.status", "shop_id")
    sub_status_working_id = fields.Many2one(
        "rakuten.sub.status",
        string="Sub-Status When Work Begins",
        domain="[('shop_id', '=', id), ('progress', '=', '300')]",
        help="Set at Rakuten when a transfer of the order is printed or picked, e.g. 出荷作業中.",
    )
    sub_status_left_id = fields.Many2one(
        "rakuten.sub.status",
        string="Sub-Status When It Has Left",
        domain="[('shop_id', '=', id), ('progress', '=', '300')]",
        help="Set at Rakuten when the last transfer of the order is validated.",
    )
    memo_working = fields.Char(
        string="Memo When Work Begins", help="A line added to ひとことメモ; one call per order."
    )
    memo_left = fields.Char(
        string="Memo When It Has Left", help="A line added to ひとことメモ; one call per order."
    )

    @api.depends("company_id")
    def _compute_label_carrier_ids(self):
        for company, shops in self.grouped("company_id").items():
            shops.label_carrier_ids = self.env["delivery.carrier"].search(
                [
                    ("rakuten_company_code", "!=", False),
                    ("company_id", "in", (False, company.id)),
                ]
            )

    @on_write("company_code")
    def _on_write_company_code(self, vals):
        yield
        self.env["rakuten.parcel"]._update_company_codes([("shop_id", "in", self.ids)])

    def _carriers_at_purchase(self, codes):
        codes = codes - {False, "", OTHER_COMPANY}
        known = self.label_carrier_ids.grouped("rakuten_company_code") if codes else {}
        return {code: known[code] for code in codes & known.keys() if len(known[code]) == 1}

    def action_export_shipments(self):
        return self._run_action("export", self.env._("Shipments reported."))

    @job(
        "export",
        label=_lt("Report Shipments"),
        sequence=30,
        cron="smartship_rakuten.ir_cron_export_shipments",
        catches_up=True,
        alone=False,
        in_person=ONE_CALL,
    )
    def _export_shipments(self):
        """Report what has left, see that Rakuten can close it, and tell Rakuten how far the
        warehouse is."""
        started = fields.Datetime.now()
        with independent_steps() as step:
            with step():
                result = self.env["rakuten.parcel"]._export(self)
            with step():
                self.env["rakuten.order"]._close_reported(self)
            with step():
                self._report_progress(self._client(), started)
        return result

    def action_import_sub_statuses(self):
        return self._run_action("sub_statuses", self.env._("Sub-statuses read."))

    @job("sub_statuses", patience=PATIENCE)
    def _import_sub_statuses(self):
        """Read what the shop has set up in RMS; what is gone there goes here. An answer without
        any says nothing: the shop has chosen some of those that are known."""
        found = {}
        for entry in self._client().get_sub_status_list():
            for status in LENIENT.objects(entry, "SubStatusModelList"):
                key = LENIENT.text(status, "subStatusId")
                found[key] = {
                    "progress": LENIENT.text(entry, "orderProgress"),
                    "name": LENIENT.text(status, "subStatusName") or key,
                    "sequence": LENIENT.whole(status, "orderby", default=0),
                }
        found.pop("", None)
        self._guard(
            list(found.items()),
            lambda part: self._store_sub_statuses(dict(part)),
            step="step.sub_statuses",
            mark=unmarked,
            name=lambda entry: entry[1]["name"],
        )
        if found:
            self._guard(
                self.sub_status_ids.filtered(lambda status: status.sub_status_id not in found),
                lambda gone: gone.unlink(),
                step="step.sub_statuses",
                mark=unmarked,
            )
        return self.env._("%(count)s sub-statuses read.", count=len(found))

    def _store_sub_statuses(self, found):
        """:param dict found: subStatusId to values of ``rakuten.sub.status``"""
        known = {status.sub_status_id: status for status in self.sub_status_ids}
        for key, vals in found.items():
            if key in known:
                known[key].write(vals)
        self.env["rakuten.sub.status"].create(
            [
                {**vals, "shop_id": self.id, "sub_status_id": key}
                for key, vals in found.items()
                if key not in known
            ]
        )

    def _report_progress(self, client, started):
        """Tell Rakuten how far the warehouse is, each stage of an order once.

        Setting a sub-status again, where the outcome of the first time is unknown, does no harm;
        what a person sets at Rakuten afterwards stays.

        :param datetime started: what was read since then need not be read again
        """
        stages = {
            "working": (self.sub_status_working_id, self.memo_working),
            "left": (self.sub_status_left_id, self.memo_left),
        }
        if not any(status or memo for status, memo in stages.values()):
            return
        orders = self.env["rakuten.order"].search(
            Domain("shop_id", "=", self.id)
            & Domain("state", "=", "done")
            & Domain("progress", "=", SHIPPABLE_PROGRESS)
            & Domain("personal_data_removed", "=", False)
            & (
                Domain("stage_told", "=", False)
                & Domain("sale_order_id.picking_ids", "any", PICKING_STARTED)
                | Domain("stage_told", "=", "working")
                & Domain("sale_order_id.picking_ids", "any", PICKING_LEFT)
            )
        )
        news = orders.filtered(lambda order: order._stage() not in (False, order.stage_told))
        for batch in split_every(ORDERS_PER_CALL, news.ids, news.browse):
            old = batch.filtered(lambda order: not is_since(order.last_read, started))
            self._fetch(client, old.mapped("name"))
            with self._exclusive(ONE_CALL):
                self._tell_stages(client, batch, stages)
            news -= batch
            if news and not self._commit():
                self._leave_to_schedule("export")
                return

    def _tell_stages(self, client, orders, stages):
        """:param dict stages: stage to (sub-status, memo)"""
        orders = orders.filtered(lambda order: order.progress == SHIPPABLE_PROGRESS)
        for stage, told in orders.grouped(lambda order: order._stage()).items():
            status, memo = stages[stage]
            refusals = (
                told._update_sub_status(client, status) if status else dict.fromkeys(told, None)
            )
            self._guard(
                told.filtered(refusals.__contains__),
                lambda part, stage=stage, memo=memo, refusals=refusals: part._note_stage(
                    stage, stage if memo else False, refusals
                ),
                step="step.progress",
                mark=unmarked,
            )

    def _note_memos(self, refusals):
        """:param dict refusals: order that is done with to why Rakuten did not take its memo"""
        self._guard(
            self.env["rakuten.order"].union(*refusals),
            lambda part: part._note_memo(refusals),
            step="step.progress",
            mark=unmarked,
        )

    @job("memos", after="export", domain=WITH_MEMOS, alone=False)
    def _write_memos(self):
        """Write what is due into ひとことメモ, a few orders a run: a call for each, between which
        whoever waits for the shop has his turn."""
        due = self.env["rakuten.order"].search(
            [("shop_id", "=", self.id), ("memo_due", "!=", False)],
            limit=MEMOS_PER_RUN + 1,
            order="id",
        )
        orders = due[:MEMOS_PER_RUN]
        if not orders:
            return None
        client = self._client()
        started = fields.Datetime.now()
        self._fetch(client, orders.mapped("name"))
        read = orders.filtered(lambda order: is_since(order.last_read, started))
        open_ones = read.filtered(lambda order: order.progress not in CANCELLED_PROGRESS)
        self._note_memos(dict.fromkeys(read - open_ones))
        left = len(due) > len(orders)
        for order in open_ones:
            with self._exclusive(ONE_CALL):
                self._write_memo(client, order)
            if not self._commit():
                left = True
                break
        if left:
            self._trigger_job("export")
        return None

    def _write_memo(self, client, order):
        """A call of its own, noted at once; another worker may have made it meanwhile."""
        if order.memo_due:
            text = self[f"memo_{order.memo_due}"]
            self._note_memos(order._append_memo(client, text) if text else {order: None})
