from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import LazyTranslate

from ...rules import amounts
from ...rules import order as rules
from ...rules.changes import WAYS, differences, ways
from ...rules.order import CANCELLED, SHIPPABLE_PROGRESS
from ...rules.payload import OrderProblem
from ...rules.shipping import is_checked
from ..shop.mail_activity import reason
from ..shop.refusals import refusal
from ..shop.sentences import columns, declare_sentences, said_by, say, tell, together
from .rakuten_order import NOT_FOLLOWED

#: Rakuten is still at work: the contents may change once more.
UNSETTLED_PROGRESS = ("100", "200", "400", "800")
#: Changes of one order that are named one by one.
CHANGES_NAMED = 20

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "change": _lt("%(aspect)s: %(before)s → %(after)s"),
        "change.more": _lt("%(count)s more changes"),
        "change.hanging": _lt("%(documents)s hang on it"),
        "change.unreadable": _lt("%(field)s, which cannot be read"),
        "change.form": _lt("amounts or form"),
        "change.units": _lt("quantity of %(subject)s"),
        "change.price": _lt("price of %(subject)s"),
        "change.tax_rate": _lt("tax rate of %(subject)s"),
        "change.sku": _lt("SKU of %(subject)s"),
        "change.added": _lt("new item %(subject)s"),
        "change.removed": _lt("removed item %(subject)s"),
        "change.recipient": _lt("recipient (%(subject)s)"),
        "change.orderer": _lt("buyer (%(subject)s)"),
        "change.destinations": _lt("number of destinations"),
        "change.charge": _lt("charge (%(subject)s)"),
        "change.total": _lt("total"),
        "change.coupon": _lt("shop coupons"),
        "change.rakuten_coupon": _lt("Rakuten coupons"),
        "change.points": _lt("points"),
        "change.request_price": _lt("billed amount"),
        "change.delivery_date": _lt("delivery date"),
        "change.delivery_slot": _lt("delivery time"),
        "change.remarks": _lt("remarks"),
        "change.noshi": _lt("noshi"),
        "change.basket": _lt("destination of %(subject)s"),
        "change.delivery": _lt("delivery method"),
        "change.wrapping": _lt("wrapping"),
        "change.drop_off": _lt("drop-off place"),
        "change.store": _lt("store that keeps the parcel"),
        "change.gift": _lt("gift wish"),
        "change.payment": _lt("payment method"),
        "person.name": _lt("name"),
        "person.kana": _lt("kana"),
        "person.zip": _lt("post code"),
        "person.address": _lt("address"),
        "person.phone": _lt("phone"),
        # As the products of the import are called.
        "charge.postage": _lt("Rakuten Postage"),
        "charge.cod_fee": _lt("Rakuten Cash on Delivery Fee"),
        "charge.payment_charge": _lt("Rakuten Payment Charge"),
        "charge.additional_fee": _lt("Rakuten Additional Fee"),
        "charge.wrapping": _lt("Rakuten Gift Wrapping"),
        "charge.coupon": _lt("Rakuten Shop Coupon"),
        "order.changed": _lt(
            "Changed at Rakuten after the import: %(difference)s. Correct the sale order and its "
            "transfers, then release the order."
        ),
        NOT_FOLLOWED: _lt(
            "What Rakuten holds now could not be taken over, the order may have been changed or "
            "cancelled: look at it in RMS. %(reason)s"
        ),
        "order.shipped_then_cancelled": _lt(
            "Cancelled at Rakuten after goods have left: call the parcel back or take the goods "
            "back, then credit the order."
        ),
        "order.sale_not_cancelled": _lt(
            "Cancelled at Rakuten, but Odoo cannot cancel the sale order: %(reason)s"
        ),
        "order.billed_then_cancelled": _lt(
            "Cancelled at Rakuten, but it is billed: credit %(invoices)s."
        ),
        "order.moved_then_cancelled": _lt(
            "Cancelled at Rakuten, but %(transfers)s have moved goods for it: put them back."
        ),
        "order.transfers_not_cancelled": _lt(
            "Cancelled at Rakuten, but Odoo cannot cancel what has not left: %(reason)s"
        ),
    },
    # The order goes on while it is held.
    beside=["change.hanging"],
)


class RakutenOrder(models.Model):
    """What happens at Rakuten after the import."""

    _inherit = "rakuten.order"

    # === BUSINESS METHODS - Changes after the import === #

    def _update_imported(self, vals):
        """Bring an imported order up to date: amend what can still be amended, hold the rest.

        A change is measured against what the sale order was made from, because it may arrive in
        steps: an order in 400 shows its new contents before Rakuten has agreed to them.

        :param dict vals: values of this order; ``payload`` only when it is a new one
        """
        self.ensure_one()
        base = self.imported_payload or self.payload
        payload = vals.get("payload") or self.payload
        difference, found = self._difference(base, payload)
        if self.changed_code == NOT_FOLLOWED:
            vals = {**vals, **columns("changed", None)}
            self._end_warning(NOT_FOLLOWED)
        if self.check_released and not is_checked(payload):
            # The next check of Rakuten is another one.
            vals = {**vals, "check_released": False}
        self.write({**vals, "imported_payload": base if difference else False})
        if self.state != "done":
            return
        if self.progress == CANCELLED:
            self._cancel_in_odoo()
        elif not difference:
            if self.changed_code:
                self.write(columns("changed", None))
        elif self.progress != SHIPPABLE_PROGRESS or not self._is_untouched(base):
            self._hold_change(difference)
        elif found and not self._amend(base, found):
            self._hold_change(difference)
        else:
            self.write({**columns("changed", None), "imported_payload": False})
            self._follow_methods(base)
            note = self.env._("Changed at Rakuten and here: %(difference)s", difference=difference)
            self.message_post(body=note)
            if found:
                # Without the details, which hold personal data: the Rakuten order has them.
                self.sale_order_id.message_post(body=self.env._("Changed as at Rakuten."))
                plan = rules.parse_order(self.payload)
                self.address_warnings = self._address_warnings([plan])[self.name]
            self._after_change()

    def _after_change(self):
        """Hook for what else follows a change at Rakuten that nothing stands against."""

    def _difference(self, old, new):
        """What a new payload changes for the warehouse and the accountant.

        :return: (a Sentence, '' when nothing is different; frozenset of the ways in which Odoo
            follows it, see ``..rules.changes.WAYS``)
        """
        if old == new:
            return "", frozenset()
        try:
            changes = differences(old, new)
        except OrderProblem as problem:
            # Not comparable, for example because an amount became undetermined: say so.
            unknown = frozenset(way for own in WAYS.values() for way in own)
            if problem.code == "malformed":
                return say(self.env, "change.unreadable", **problem.details), unknown
            return say(self.env, "change.form"), unknown
        sentences = [self._change_sentence(change) for change in changes[:CHANGES_NAMED]]
        if len(changes) > CHANGES_NAMED:
            sentences.append(say(self.env, "change.more", count=len(changes) - CHANGES_NAMED))
        return together(self.env, *sentences, by="; "), ways(changes)

    def _change_sentence(self, change):
        """:param change: ..rules.changes.Change"""
        subject = change.subject
        if change.aspect in ("recipient", "orderer"):
            subject = say(self.env, f"person.{subject}")
        elif change.aspect == "charge":
            subject = say(self.env, f"charge.{subject}")
        return say(
            self.env,
            "change",
            aspect=say(self.env, f"change.{change.aspect}", subject=subject),
            before=change.before or "–",
            after=change.after or "–",
        )

    def _hold_unfollowed(self, failure):
        """Hold the transfers: nobody knows what Rakuten holds now, it may be a cancellation.

        :param ..shop.rakuten_guard.Failure failure:
        """
        sentence = say(self.env, NOT_FOLLOWED, reason=failure.reason)
        if self.changed_code != NOT_FOLLOWED:
            self.write(columns("changed", sentence))
        self._warn(sentence)

    def _hold_change(self, difference):
        """Hold the transfers, and tell a person once Rakuten has settled the change: what it is,
        and what hangs on it.

        :param ..shop.sentences.Sentence difference:
        """
        hanging = self._hanging()
        if hanging:
            documents = say(self.env, "change.hanging", documents=", ".join(hanging))
            difference = together(self.env, difference, documents, by="; ")
        self.write(columns("changed", difference))
        if self.progress not in UNSETTLED_PROGRESS:
            self._warn(say(self.env, "order.changed", difference=difference))

    def _hanging(self):
        """What was made for these orders and outlives them: hook for what else there is.

        :return: list of names
        """
        sale_order = self.sale_order_id.sudo()
        transfers = sale_order.picking_ids.filtered(lambda picking: picking.state == "done")
        invoices = sale_order.invoice_ids.filtered(lambda move: move.state != "cancel")
        return transfers.mapped("name") + invoices.mapped("display_name")

    def _is_untouched(self, base):
        """Whether nobody has worked on the sale order or its transfers since the import. What
        people have done counts, not what Odoo and its settings do by themselves.

        :param dict base: the payload that the sale order was made from
        """
        self.ensure_one()
        sale_order = self.sale_order_id
        try:
            imported_total = amounts.expected_total(rules.parse_order(base))
        except OrderProblem:
            return False
        return (
            sale_order.state in ("draft", "sent", "sale")
            # Odoo locks what it confirms where the company wants that.
            and (not sale_order.locked or sale_order._should_be_locked())
            and not self._has_message_of_a_person(sale_order)
            and not sale_order.invoice_ids.filtered(lambda move: move.state != "cancel")
            and sale_order.amount_total == imported_total
            and all(map(self._is_as_imported, sale_order.order_line))
            and all(
                picking._is_rakuten_untouched()
                for picking in sale_order.picking_ids
                if picking.state != "cancel"
            )
        )

    @api.model
    def _is_as_imported(self, line):
        """Whether a line came with the import, which the system does, and sells what it sold: a
        person may have added a present or put another product in its place at the same price."""
        sku = line.rakuten_sku_id
        return line.create_uid.id == SUPERUSER_ID and (
            not sku or line.product_id in [product for product, _units in sku._components()]
        )

    @api.model
    def _has_message_of_a_person(self, records):
        """Whether somebody has written at one of these records: he may have decided something."""
        return bool(
            self.env["mail.message"]
            .sudo()
            .search_count(
                [
                    ("model", "=", records._name),
                    ("res_id", "in", records.ids),
                    ("message_type", "in", ("comment", "email")),
                    ("author_id", "!=", self.env.ref("base.partner_root").id),
                ],
                limit=1,
            )
        )

    def _cancel_in_odoo(self):
        """Follow a cancellation at Rakuten: unshipped goods stay, shipped ones need a person."""
        for order in self:
            sale_order = order.sale_order_id
            if sale_order.state == "cancel":
                order.state = "cancelled"
            elif any(
                picking.state == "done" and picking._is_rakuten_delivery()
                for picking in sale_order.picking_ids
            ):
                order._warn(say(self.env, "order.shipped_then_cancelled"))
                order._cancel_open_transfers()
                order._after_cancellation()
            else:
                order._cancel_sale_order()

    def _cancel_sale_order(self):
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self.sale_order_id._action_cancel()
                self.state = "cancelled"
        except UserError as error:
            self.env.invalidate_all()
            self._warn(say(self.env, "order.sale_not_cancelled", reason=said_by(error)))
            return
        posted = self.sale_order_id.sudo().invoice_ids.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        if posted:
            invoices = ", ".join(posted.mapped("name"))
            self._warn(say(self.env, "order.billed_then_cancelled", invoices=invoices))
        self._after_cancellation()

    def _after_cancellation(self):
        """Hook for what else a cancellation at Rakuten asks for, once Odoo has followed it."""
        moved = self.sale_order_id.picking_ids.filtered(
            lambda picking: (
                picking.state == "done"
                and picking.picking_type_code == "internal"
                and not picking.return_ids
            )
        )
        if moved:
            names = ", ".join(moved.mapped("name"))
            self._warn(say(self.env, "order.moved_then_cancelled", transfers=names))

    def _cancel_open_transfers(self):
        """What has not left of a cancelled order stays, and is free for others."""
        self.ensure_one()
        transfers = self.sale_order_id.picking_ids.filtered(
            lambda picking: (
                picking.state not in ("done", "cancel")
                and picking.picking_type_code != "incoming"
                and not picking.move_ids.origin_returned_move_id
            )
        )
        try:
            with self.env.cr.savepoint():
                transfers.action_cancel()
        except UserError as error:
            self.env.invalidate_all()
            self._warn(say(self.env, "order.transfers_not_cancelled", reason=said_by(error)))

    def _warn(self, sentence):
        """Raise one activity for the shop's responsible, not one per run, in his language.

        :param ..shop.sentences.Sentence sentence: in any language
        """
        self.ensure_one()
        if not self.activity_ids._rakuten_says(sentence):
            user = self.shop_id._first_responsible()
            # No mail: what there is to do comes in one digest a day.
            localized = self.sudo().with_context(lang=user.lang, mail_activity_quick_update=True)
            localized.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=user.id,
                **reason(tell(localized.env, said_by(sentence))),
            )

    def _note_confirmation(self, outcome):
        """Write down what Rakuten made of the confirmation of this order.

        :param OrderOutcome outcome: known
        """
        if outcome.ok:
            self.write(
                {
                    "progress": "200",
                    "problem_details": False,
                    "confirm_holds": False,
                    "confirm_rule_ids": [Command.clear()],
                }
            )
        else:
            reason = say(self.env, "order.not_confirmed", reason=refusal(self.env, outcome))
            self.problem_details = {"reason": reason.said}

    def _end_warning(self, code):
        """What was warned of is over.

        :param str code: of the sentence
        """
        self.activity_ids.filtered(lambda a: a.rakuten_reason_code == code).unlink()
