from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ...rms import ORDERS_PER_CALL, OutcomeUnknown, RequestRefused
from ...rules.order import CANCELLED_PROGRESS, SHIPPABLE_PROGRESS
from ...rules.payload import LENIENT
from ..shop.job import job
from ..shop.refusals import refusal

#: updateOrderMemo takes this many characters (RMS API section 2.8).
MEMO_MAX = 1000
#: Memos of one run: each is a call of its own, and the shop's other work waits meanwhile.
MEMOS = 30
#: Transfers that somebody works on, or has …
BEGUN = (
    Domain("printed", "=", True)
    | Domain("state", "=", "done")
    | Domain("move_ids.picked", "=", True)
)
#: … and those that goods have left with.
OUT = Domain("state", "=", "done") & (
    Domain("picking_type_code", "=", "outgoing") | Domain("location_dest_id.usage", "=", "customer")
)
#: Shops that write into ひとことメモ.
WITH_MEMOS = Domain("memo_working", "!=", False) | Domain("memo_left", "!=", False)


class RakutenSubStatus(models.Model):
    """A sub-status that the shop has set up in RMS (getSubStatusList, RMS API section 2.8)."""

    _name = "rakuten.sub.status"
    _description = "Rakuten Sub-Status"
    _order = "progress, sequence, id"

    shop_id = fields.Many2one("rakuten.shop", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id", store=True)
    progress = fields.Char(required=True, readonly=True, help="The status that it belongs to.")
    sub_status_id = fields.Char(required=True, readonly=True, help="subStatusId")
    name = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(readonly=True)

    _sub_status_uniq = models.Constraint(
        "UNIQUE(shop_id, sub_status_id)", "A sub-status occurs once in a shop."
    )


class RakutenShop(models.Model):
    """Lets Rakuten's screens show how far the warehouse is."""

    _inherit = "rakuten.shop"

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

    # === ACTIONS === #

    def action_import_sub_statuses(self):
        return self._run_action("sub_statuses", self.env._("Sub-statuses read."))

    # === BUSINESS METHODS === #

    @job("sub_statuses")
    def _import_sub_statuses(self):
        """Read what the shop has set up in RMS; what is gone there goes here."""
        known = {status.sub_status_id: status for status in self.sub_status_ids}
        found = {}
        for entry in self._client().get_sub_status_list():
            for status in entry.get("SubStatusModelList") or []:
                found[str(status.get("subStatusId"))] = {
                    "progress": str(entry.get("orderProgress")),
                    "name": status.get("subStatusName") or str(status.get("subStatusId")),
                    "sequence": status.get("orderby") or 0,
                }
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
        self.sub_status_ids.filtered(lambda status: status.sub_status_id not in found).unlink()
        return self.env._("%(count)s sub-statuses read.", count=len(found))

    def _follow_progress(self, client, started):
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
                Domain("stage_told", "=", False) & Domain("sale_order_id.picking_ids", "any", BEGUN)
                | Domain("stage_told", "=", "working")
                & Domain("sale_order_id.picking_ids", "any", OUT)
            )
        )
        news = orders.filtered(lambda order: order._stage() not in (False, order.stage_told))
        for batch in split_every(ORDERS_PER_CALL, news.ids, news.browse):
            old = batch.filtered(lambda order: not order.last_read or order.last_read < started)
            self._fetch(client, old.mapped("name"))
            batch = batch.filtered(lambda order: order.progress == SHIPPABLE_PROGRESS)
            for stage, told in batch.grouped(lambda order: order._stage()).items():
                status, memo = stages[stage]
                told = told._tell_sub_status(client, status) if status else told
                told.write({"stage_told": stage, "memo_due": stage if memo else False})
            self._commit()

    @job("memos", after="export", domain=WITH_MEMOS)
    def _write_memos(self):
        """Write what is due into ひとことメモ, a few orders a run: a call for each."""
        due = self.env["rakuten.order"].search(
            [("shop_id", "=", self.id), ("memo_due", "!=", False)], limit=MEMOS + 1, order="id"
        )
        orders = due[:MEMOS]
        if not orders:
            return None
        client = self._client()
        started = fields.Datetime.now()
        self._fetch(client, orders.mapped("name"))
        read = orders.filtered(lambda order: order.last_read and order.last_read >= started)
        open_ones = read.filtered(lambda order: order.progress not in CANCELLED_PROGRESS)
        (read - open_ones).memo_due = False
        for stage, told in open_ones.grouped("memo_due").items():
            text = self[f"memo_{stage}"]
            (told._tell_memo(client, text) if text else told).memo_due = False
        if len(due) > MEMOS:
            self._trigger_job("export")
        return None


class RakutenOrder(models.Model):
    _inherit = "rakuten.order"

    stage_told = fields.Char(
        readonly=True, help="How far the warehouse was when Rakuten was last told of it."
    )
    memo_due = fields.Char(
        readonly=True,
        index="btree_not_null",
        help="How far the warehouse was, where ひとことメモ does not say so yet.",
    )

    def _stage(self):
        """``working``, ``left`` or False where nobody has begun."""
        self.ensure_one()
        transfers = self.sale_order_id.picking_ids.filtered(lambda p: p.state != "cancel")
        if self._deliveries() and self._is_all_out():
            return "left"
        begun = any(
            picking.printed or picking.state == "done" or any(picking.move_ids.mapped("picked"))
            for picking in transfers
        )
        return "working" if begun else False

    def _tell_sub_status(self, client, status):
        """:return: the orders that are done with, also those that Rakuten refuses"""
        done = self.filtered(
            lambda order: LENIENT.text(order.payload, "subStatusId") == status.sub_status_id
        )
        by_number = {order.name: order for order in self - done}
        if not by_number:
            return done
        for result in client.update_order_sub_status(status.sub_status_id, list(by_number)):
            for number, outcome in result.items():
                if not outcome.known:
                    continue
                done |= by_number[number]
                if not outcome.ok:
                    by_number[number]._note_refusal(refusal(self.env, outcome))
        return done

    def _tell_memo(self, client, text):
        """Add a line to ひとことメモ; the payload was read just before.

        Whatever became of a call without an answer, the next reading shows it.

        :return: the orders that are done with
        """
        done = self.browse()
        if not text:
            return self
        for order in self:
            memo = LENIENT.text(order.payload, "memo")
            try:
                if text not in memo:
                    memo = f"{memo}\n{text}".strip()[-MEMO_MAX:]
                    client.update_order_memo(order.name, memo=memo)
            except RequestRefused as error:
                order._note_refusal(refusal(self.env, error))
            except OutcomeUnknown:
                continue
            done |= order
        return done

    def _note_refusal(self, reason):
        self.message_post(
            body=self.env._(
                "Rakuten did not take the progress of the order: %(reason)s", reason=reason
            )
        )
