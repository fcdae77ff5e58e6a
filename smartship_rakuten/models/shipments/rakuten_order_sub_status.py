from odoo import fields, models

from ...rms import OutcomeUnknown, RequestRefused
from ...rules.payload import LENIENT
from ..shop.refusals import refusal

#: updateOrderMemo takes this many characters (RMS API section 2.8).
MEMO_MAX = 1000


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

    def _update_sub_status(self, client, status):
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

    def _append_memo(self, client, text):
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
