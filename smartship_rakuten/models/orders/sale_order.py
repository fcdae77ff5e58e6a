import re
from collections import defaultdict
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from ...rules.order import CANCELLABLE_PROGRESS
from ...rules.payload import MAX_NAMED, OrderProblem, cut
from ...rules.taxes import tax_by_rate
from ..shop.sentences import declare_sentences, say

_lt = LazyTranslate(__name__)

#: What stands between the order numbers in a reference, a prefix such as ``R-`` included.
_BETWEEN_NUMBERS = "-*[^0-9-]+-*"
#: The numbers that the two references of a sale order name, as an array of texts. What is endless
#: is cut: an entry of an index has its limit.
_NAMED_NUMBERS = (
    "regexp_split_to_array(left(' ' || COALESCE(%(ref)s, ''), 2000) || ' ' || "
    f"left(COALESCE(%(origin)s, ''), 2000) || ' ', '{_BETWEEN_NUMBERS}')"
)
#: What an import fixes of a sale order, and nothing may recompute.
HEAD = (
    "company_id",
    "currency_id",
    "warehouse_id",
    "pricelist_id",
    "fiscal_position_id",
    "payment_term_id",
    "team_id",
    "user_id",
)


def keeping(records):
    """Context in which records keep what Odoo and other modules would compute anew: the fields that
    they fill with a default and that people may change. Only ``write`` changes these in it.

    :param records: of one model
    """
    fields_kept = [
        field
        for field in records._fields.values()
        if field.compute and field.store and not field.readonly and not field.related
    ]
    return records.env.protecting(fields_kept, records)


declare_sentences(
    {
        "sale.total_changed": _lt(
            "%(process)s changed the total of %(sale_order)s from %(before)s to %(after)s yen, "
            "which is not what Rakuten bills. Correct the sale order by hand."
        ),
        "sale.invoicing": _lt("Invoicing"),
    }
)


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "rakuten.system.fields"]

    rakuten_shop_id = fields.Many2one(
        "rakuten.shop", readonly=True, check_company=True, copy=False, index="btree_not_null"
    )
    rakuten_order_id = fields.Many2one(
        "rakuten.order", readonly=True, check_company=True, copy=False, index="btree_not_null"
    )
    rakuten_order_number = fields.Char(
        related="rakuten_order_id.name", string="Rakuten Order Number", store=True, index="trigram"
    )
    rakuten_request_price = fields.Monetary(
        string="Billed to Buyer",
        readonly=True,
        copy=False,
        help="請求金額 (requestPrice): what the buyer pays.",
    )
    rakuten_used_point = fields.Monetary(
        string="Points Used",
        readonly=True,
        copy=False,
        help="利用ポイント: paid to the shop by Rakuten.",
    )
    rakuten_coupon_shop = fields.Monetary(
        string="Shop Coupons",
        readonly=True,
        copy=False,
        help="店舗原資クーポン: the shop's own discount, part of the order's total.",
    )
    rakuten_coupon_rakuten = fields.Monetary(
        string="Rakuten Coupons",
        readonly=True,
        copy=False,
        help="楽天原資クーポン: paid to the shop by Rakuten.",
    )

    rakuten_tax_summary_ids = fields.One2many(
        related="rakuten_order_id.tax_summary_ids", string="Tax Summary at Rakuten"
    )
    rakuten_to_bill = fields.Boolean(
        compute="_compute_rakuten_to_bill", search="_search_rakuten_to_bill"
    )
    rakuten_payment_code = fields.Char(
        related="rakuten_order_id.payment_code", string="Payment Method Code", store=True
    )
    rakuten_payment_name = fields.Char(
        related="rakuten_order_id.payment_name", string="Payment Method at Rakuten", store=True
    )
    rakuten_collected = fields.Boolean(
        related="rakuten_order_id.collected_by_rakuten", string="Collected by Rakuten", store=True
    )
    rakuten_reference = fields.Boolean(
        string="Imported for Reference",
        readonly=True,
        copy=False,
        help="Rakuten has a parcel of this order already: Odoo ships nothing for it.",
    )

    # Odoo has no index on either of the two.
    _rakuten_named_numbers = models.Index(
        "USING gin ("
        + _NAMED_NUMBERS % {"ref": "client_order_ref", "origin": "origin"}
        + ") WHERE rakuten_order_id IS NULL"
    )

    @api.model
    def _rakuten_find_by_number(self, company, numbers):
        """Sale orders that name an order number of Rakuten and did not come with this module: of
        another program, a file, or from before the module was installed anew.

        :param iterable numbers: order numbers
        :return: dict of number to sale.order; without those that nothing was found for
        """
        wanted = set(numbers)
        if not wanted:
            return {}
        self.flush_model(["client_order_ref", "origin"])
        found = self.sudo().search_fetch(
            Domain("company_id", "=", company.id)
            & Domain("rakuten_order_id", "=", False)
            & Domain("state", "!=", "cancel")
            & Domain.custom(to_sql=lambda _model, alias, _query: _names_any(alias, wanted)),
            ["name", "client_order_ref", "origin"],
            order="id",
        )
        by_number = defaultdict(self.sudo().browse)
        for sale_order in found:
            text = f" {sale_order.client_order_ref or ''} {sale_order.origin or ''} "
            for number in wanted.intersection(re.split(_BETWEEN_NUMBERS, text)):
                by_number[number] |= sale_order
        return dict(by_number)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_rakuten(self):
        """Its transfers and its reports to Rakuten would hang in the air."""
        rakuten = self.filtered("rakuten_order_id")
        if rakuten:
            raise UserError(
                self.env._(
                    "%(orders)s came from Rakuten: cancel a sale order of Rakuten instead of "
                    "deleting it.",
                    orders=", ".join(rakuten.mapped("name")),
                )
            )

    def action_confirm(self):
        """Override of `sale` to confirm Rakuten's orders apart, because they keep the time of
        purchase."""
        rakuten = self.filtered("rakuten_order_id")
        others = self - rakuten
        results = []
        if rakuten:
            results.append(super(SaleOrder, rakuten).action_confirm())
        if others or not rakuten:
            results.append(super(SaleOrder, others).action_confirm())
        # What asks a person goes before what is done.
        return next((result for result in results if result is not True), True)

    def _rakuten_confirm(self):
        """Confirm the sale orders of Rakuten's orders, all of them or none.

        :raises OrderProblem: where another module asks a person instead of confirming, which it
            says by an action and by nothing else
        """
        if not self:
            return
        # The chatter of a thousand transfers need not say which order each came from.
        answer = self.with_context(rakuten_no_message=True).action_confirm()
        if any(order.state != "sale" for order in self):
            asked = answer.get("name") if isinstance(answer, dict) else None
            raise OrderProblem("not_confirmed", asked=cut(str(asked), MAX_NAMED) if asked else "–")

    def _rakuten_check_confirmable(self):
        """See that Odoo would confirm this order as it is now, where it is confirmed already: it is
        tried, and taken back.

        :raises OrderProblem: of :meth:`_rakuten_confirm`
        """
        self.ensure_one()
        if self.state != "sale":
            return
        with self.env.cr.savepoint() as savepoint:
            self.write({"state": "draft"})
            self.with_context(skip_procurement=True)._rakuten_confirm()
            savepoint.rollback()

    def _action_confirm(self):
        """Override of `sale` to count as delivered what somebody else has shipped, so that it
        can be invoiced."""
        result = super()._action_confirm()
        self.filtered("rakuten_reference")._rakuten_count_as_delivered()
        return result

    def _rakuten_count_as_delivered(self):
        for line in self.order_line:
            line.qty_delivered = line.product_uom_qty

    def _rakuten_ship_anyway(self):
        """Ship from Odoo what was imported for reference."""
        self.rakuten_reference = False
        self.order_line._action_launch_stock_rule()

    @api.depends("rakuten_order_id")
    def _compute_invoice_status(self):
        """Override of `sale` to say that there is nothing to bill where only charges wait for their
        goods."""
        result = super()._compute_invoice_status()
        for order in self:
            if order.invoice_status == "to invoice" and order.rakuten_order_id:
                lines = order._get_invoiceable_lines(final=True)
                if all(line.display_type for line in lines):
                    order.invoice_status = "no"
        return result

    def _get_invoiceable_lines(self, final=False):
        """Override of `sale` to bill charges and coupons with the first goods."""
        lines = super()._get_invoiceable_lines(final)
        if self.rakuten_order_id and not self._rakuten_bills_charges(lines):
            lines = lines.filtered(lambda line: line.display_type or line._can_be_invoiced_alone())
        return lines

    def _rakuten_bills_charges(self, lines):
        """Whether the charges and coupons among some lines are billed now: goods are, or have been,
        and they carry the coupons, as long as more goods are to come.

        :param lines: sale.order.line, what could be billed
        """
        goods = self.order_line.filtered(
            lambda line: (
                not line.display_type and not line.is_downpayment and line._can_be_invoiced_alone()
            )
        )
        billed = lines.filtered(lambda line: not line.display_type and not line.is_downpayment)
        if not any(line.qty_to_invoice > 0 for line in billed & goods) and not any(
            line.qty_invoiced > 0 for line in goods
        ):
            return False
        amount = sum(line.price_reduce_taxinc * line.qty_to_invoice for line in billed)
        # Who bills may not read the warehouse's moves.
        moves = goods.sudo().move_ids
        return amount >= 0 or not any(move.state not in ("done", "cancel") for move in moves)

    def _prepare_invoice(self):
        """Override of `sale` to say of which order an invoice is."""
        values = super()._prepare_invoice()
        if self.rakuten_order_id:
            values["rakuten_order_id"] = self.rakuten_order_id.id
        return values

    def _get_invoice_grouping_keys(self):
        """Override of `sale` to make one invoice of each order of Rakuten's, also of a buyer who
        has several."""
        return [*super()._get_invoice_grouping_keys(), "rakuten_order_id"]

    def _rakuten_taxes(self):
        """What each tax rate of this order shall be, where its lines come to the same price.

        :return: dict of percent to (yen with tax, yen of tax)
        """
        self.ensure_one()
        return tax_by_rate(self.rakuten_order_id.sudo().tax_summary)

    def _rakuten_tax_by_rate(self):
        """:return: dict of percent to yen of tax, as the order shows it"""
        found = {}
        for subtotal in (self.tax_totals or {}).get("subtotals", ()):
            for group in subtotal["tax_groups"]:
                for tax in self.env["account.tax"].browse(group["involved_tax_ids"])[:1]:
                    found[round(tax.amount, 4)] = group["tax_amount"]
        return found

    def _compute_rakuten_to_bill(self):
        found = self.filtered_domain(self._rakuten_to_bill_domain())
        for order in self:
            order.rakuten_to_bill = order in found

    def _search_rakuten_to_bill(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._rakuten_to_bill_domain()
        return (domain if True in value else Domain.FALSE) | (
            ~domain if False in value else Domain.FALSE
        )

    @api.model
    def _rakuten_to_bill_domain(self):
        """Domain of the orders of Rakuten's that somebody can bill now: hook."""
        return Domain("rakuten_order_id", "!=", False) & Domain("invoice_status", "=", "to invoice")

    def action_rakuten_bill(self):
        """Bill these orders, one invoice each: who keeps the books needs no sales role for it."""
        return self.action_view_invoice(invoices=self._create_invoices(grouped=True, final=True))

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Override of `sale` to name what changes a total on the way."""
        with self._rakuten_keeps_total(say(self.env, "sale.invoicing")):
            return super()._create_invoices(grouped=grouped, final=final, date=date)

    @contextmanager
    def _rakuten_keeps_total(self, process):
        """Do something that must leave the totals of Rakuten's orders alone: they are Rakuten's to
        the yen. What changes one all the same is named to the shop's responsible.

        :param ..shop.sentences.Sentence process: what is done
        """
        before = {order: order.amount_total for order in self if order.rakuten_order_id}
        yield
        for order, total in before.items():
            if order.amount_total != total:
                order.rakuten_order_id.sudo()._warn(
                    say(
                        self.env,
                        "sale.total_changed",
                        process=process,
                        sale_order=order.name,
                        before=f"{int(total):,}",
                        after=f"{int(order.amount_total):,}",
                    )
                )

    def _rakuten_unknown_lines(self):
        """Lines with a price that are neither items nor charges of Rakuten's."""
        return self.order_line.filtered(
            lambda line: (
                line.price_total
                and not line.rakuten_item_detail_id
                and not line._is_rakuten_charge()
            )
        )

    def _rakuten_head(self):
        """:return: dict of the fields in ``HEAD`` to ids, as for ``create``"""
        self.ensure_one()
        return {name: self[name].id for name in HEAD}

    def _rakuten_check_head(self, expected, total):
        """See that a write has changed nothing that Odoo, or another module, computes.

        :param dict expected: of field to id, as for ``create``; what is not in ``HEAD`` is ignored
        :param int total: yen
        :raises UserError: naming what is not as expected
        """
        head = self._rakuten_head()
        found = [
            self._fields[name]._description_string(self.env)
            for name in HEAD
            if name in expected and head[name] != (expected[name] or False)
        ]
        if self.amount_total != total:
            found.append(self._fields["amount_total"]._description_string(self.env))
        if found:
            raise UserError(
                self.env._(
                    "Something in Odoo changes the sale order: %(fields)s.",
                    fields=", ".join(found),
                )
            )

    def _prepare_confirmation_values(self):
        """Override of `sale` to keep the time of purchase."""
        values = super()._prepare_confirmation_values()
        if self.rakuten_order_id:
            values.pop("date_order", None)
        return values

    def _send_order_notification_mail(self, mail_template, *args, **kwargs):
        """Override of `sale` to write to nobody: Rakuten forbids mail to its buyers besides its
        own."""
        if self.rakuten_order_id:
            return None
        return super()._send_order_notification_mail(mail_template, *args, **kwargs)

    def action_cancel(self):
        """Override of `sale` to ask, once it is cancelled in Odoo, whether Rakuten shall be
        told."""
        result = super().action_cancel()
        if len(self) == 1 and self._can_cancel_at_rakuten():
            return self.action_cancel_at_rakuten()
        return result

    def _can_cancel_at_rakuten(self):
        self.ensure_one()
        cancellable = self.rakuten_order_id.progress in CANCELLABLE_PROGRESS
        return cancellable and self.env.user.has_group("smartship_rakuten.group_user")

    def action_cancel_at_rakuten(self):
        """Ask for the reason before the order is cancelled at Rakuten."""
        return self.rakuten_order_id.action_cancel_at_rakuten()

    def action_open_rakuten_order(self):
        self.ensure_one()
        return self.rakuten_order_id.get_formview_action()

    def action_open_rms(self):
        """The order's page in RMS."""
        self.ensure_one()
        return self.rakuten_order_id.action_open_rms()


def _names_any(alias, numbers):
    """Condition that a sale order names one of some numbers, as the index has them."""
    return SQL(
        f"{_NAMED_NUMBERS} && %(numbers)s",
        ref=SQL.identifier(alias, "client_order_ref"),
        origin=SQL.identifier(alias, "origin"),
        numbers=sorted(numbers),
    )
