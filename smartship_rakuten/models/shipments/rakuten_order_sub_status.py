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
        """Set a sub-status at Rakuten, where it is not set already.

        :return: dict of the orders that are done with to why Rakuten refused it, None where it
            did not
        """
        done = dict.fromkeys(
            self.filtered(
                lambda order: LENIENT.text(order.payload, "subStatusId") == status.sub_status_id
            )
        )
        by_number = {order.name: order for order in self if order not in done}
        if not by_number:
            return done
        for result in client.update_order_sub_status(status.sub_status_id, list(by_number)):
            for number, outcome in result.items():
                if outcome.known:
                    refused = None if outcome.ok else refusal(self.env, outcome)
                    done[by_number[number]] = refused
        return done

    def _append_memo(self, client, text):
        """Add a line to ひとことメモ of one order; the payload was read just before.

        Whatever became of a call without an answer, the next reading shows it.

        :return: dict of the order to why Rakuten refused it, {} where nobody knows
        """
        self.ensure_one()
        memo = LENIENT.text(self.payload, "memo")
        if text in memo:
            return {self: None}
        memo = f"{memo}\n{text}".strip()[-MEMO_MAX:]
        try:
            client.update_order_memo(self.name, memo=memo)
        except RequestRefused as error:
            return {self: refusal(self.env, error)}
        except OutcomeUnknown:
            return {}
        return {self: None}

    def _note_stage(self, stage, memo_due, refusals):
        """Rakuten was told how far these orders are.

        :param dict refusals: order to why Rakuten did not take it, or None
        """
        for order in self.filtered(refusals.get):
            order._note_refusal(refusals[order])
        self.write({"stage_told": stage, "memo_due": memo_due})

    def _note_memo(self, refusals):
        """The memos of these orders are done with.

        :param dict refusals: order to why Rakuten did not take it, or None
        """
        for order in self.filtered(refusals.get):
            order._note_refusal(refusals[order])
        self.memo_due = False

    def _note_refusal(self, reason):
        self.message_post(
            body=self.env._(
                "Rakuten did not take the progress of the order: %(reason)s", reason=reason
            )
        )
