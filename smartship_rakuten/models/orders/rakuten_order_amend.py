import logging
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import float_compare

from ...rules import amounts
from ...rules import order as rules
from ...rules.changes import changed_parts, moved, reworded
from ...rules.payload import OrderProblem
from ..shop.log_mask import describe
from .rakuten_order_import import CHARGE_PRODUCTS
from .sale_order import HEAD, keeping
from .sale_order_line import AMENDED

#: Figures of an order that stand beside its lines.
FIGURES = (
    "rakuten_request_price",
    "rakuten_used_point",
    "rakuten_coupon_shop",
    "rakuten_coupon_rakuten",
)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an order was, and what it is to be.

    :ivar before: ..rules.order.Order that the sale order was made from
    :ivar plan: ..rules.order.Order that Rakuten holds now
    :ivar dict vals: what the import would make of it
    :ivar dict partners: of ``res.partner._rakuten_partners``
    """

    before: rules.Order
    plan: rules.Order
    vals: dict
    partners: dict


class RakutenOrder(models.Model):
    """How a change at Rakuten comes into what stands in Odoo: what changed is written, and nothing
    else. What hangs on the order, and what people have added to it, stays."""

    _inherit = "rakuten.order"

    def _amend(self, base, found):
        """Bring sale order and open transfers in line with Rakuten, as long as nobody has worked
        on them.

        :param dict base: the payload that the sale order was made from
        :param frozenset found: of ``..rules.changes.WAYS``
        :return: whether it was done; else nothing was
        """
        self.ensure_one()
        resolved, problems = self._examine()
        if problems:
            return False
        try:
            with self.env.cr.savepoint():
                self._amend_sale_order(rules.parse_order(base), *resolved[self], found)
        except (UserError, OrderProblem) as error:
            self.env.invalidate_all()
            _logger.warning(
                "Change of Rakuten order %s not applied: %s", self.name, describe(error)
            )
            return False
        return True

    # === BUSINESS METHODS - The sale order === #

    def _amend_sale_order(self, before, plan, matches, taxes, found):
        """Bring the sale order, and with it its transfers, in line with Rakuten.

        :param ..rules.order.Order before, plan: what the sale order was made from, and what it is
            to be
        :param matches, taxes: of :meth:`_examine`
        :param frozenset found: of ``..rules.changes.WAYS``
        :raises UserError: something else would have changed with it
        :raises OrderProblem: another module would ask a person before it is confirmed
        """
        sale_order, shop = self.sale_order_id, self.shop_id
        partners, options = self.env["res.partner"]._rakuten_partners(shop, [plan]), shop._options()
        vals = self._prepare_sale_order_vals(shop, plan, matches, taxes, partners, options)
        decided = self._decide(shop, {self: (plan, matches, taxes)}, options)[self]
        amendment = Amendment(before, plan, vals, partners)
        head, moves = sale_order._rakuten_head(), sale_order.order_line.move_ids
        surplus, locked = self._upstream_surplus(), sale_order.locked
        if locked:
            sale_order.action_unlock()
        if "address" in found:
            self._amend_address(amendment)
        head |= self._amend_decided(vals, decided)
        if "lines" in found:
            now = fields.Datetime.now()
            days = {picking: picking.scheduled_date for picking in sale_order.picking_ids}
            self._amend_lines(amendment)
            for picking, day in days.items():
                # What comes to a transfer leaves on the day that is planned for it already.
                if picking.state not in ("done", "cancel") and picking.scheduled_date != day >= now:
                    picking.scheduled_date = day
        if "figures" in found:
            sale_order.write({name: vals[name] for name in FIGURES})
        if locked:
            sale_order.action_lock()
        self.env.flush_all()
        sale_order.invalidate_recordset()
        # In the company's own currency, whatever the order had.
        head |= {name: vals[name] for name in ("company_id", "currency_id")}
        sale_order._rakuten_check_head(head, amounts.expected_total(plan))
        self._check_upstream(moves, surplus)
        if "lines" in found:
            sale_order._rakuten_check_confirmable()

    def _amend_decided(self, vals, decided):
        """Follow what the shop's rules decide of the order as it is now.

        :param dict vals: what the import would make of it without rules
        :param dict decided: what the rules put into it
        :return: dict of what is another one now, of the fields in ``HEAD``
        :raises UserError: the goods would have to leave from elsewhere, and something hangs on them
        """
        sale_order, rules = self.sale_order_id, self.shop_id._rules()
        new = {}
        for name in ("carrier_id", "warehouse_id"):
            # Where a rule had decided and none does any more, it is the shop's.
            if name in decided or sale_order[name] & rules[name]:
                new[name] = decided.get(name, vals[name])
        new = {name: value for name, value in new.items() if sale_order[name].id != value}
        tags = sale_order.tag_ids.browse(
            tag for command in decided.get("tag_ids", ()) for tag in command[2]
        )
        tags |= sale_order.tag_ids - rules.tag_ids
        if tags != sale_order.tag_ids:
            sale_order.write({"tag_ids": [Command.set(tags.ids)]})
        if not new:
            return {}
        carrier = sale_order.carrier_id
        transfers = sale_order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
        if "warehouse_id" in new and sale_order.state == "sale":
            if self._hanging():
                raise UserError(self.env._("The goods would have to leave from elsewhere."))
            transfers.action_cancel()
        elif "carrier_id" in new:
            transfers.filtered(lambda picking: picking.carrier_id == carrier).write(
                {"carrier_id": new["carrier_id"]}
            )
        with keeping(sale_order):
            sale_order.write(new)
        if "warehouse_id" in new:
            sale_order.order_line._action_launch_stock_rule()
        return {name: value for name, value in new.items() if name in HEAD}

    def _amend_address(self, amendment):
        """Another address is another contact; that of a contact is never written. Odoo would take
        it for another customer's order, with his pricelist, his terms and his salesperson.

        :raises UserError: somebody has sent the goods elsewhere
        """
        sale_order, head = self.sale_order_id, {}
        with keeping(sale_order), keeping(sale_order.order_line):
            for place in sorted(moved(amendment.before, amendment.plan)):
                contact = amendment.partners[amendment.plan.number, place]
                if not place:
                    known = sale_order.partner_id
                    head["partner_id"] = contact.id
                    if sale_order.partner_invoice_id == known:
                        head["partner_invoice_id"] = contact.id
                    continue
                lines = sale_order.order_line.filtered(
                    lambda line, basket=place: line.rakuten_basket_id == basket
                )
                known = lines.rakuten_recipient_id
                lines.filtered("rakuten_recipient_id").write({"rakuten_recipient_id": contact.id})
                if sale_order.partner_shipping_id in known:
                    head["partner_shipping_id"] = contact.id
                self._amend_transfers(place, known, contact)
            lines = sale_order.order_line
            places = {basket.basket_id for basket in amendment.plan.baskets}
            stay = lines.filtered(lambda line: line.rakuten_basket_id in places)
            known = (lines - stay).rakuten_recipient_id - stay.rakuten_recipient_id
            if sale_order.partner_shipping_id in known:
                # Nothing goes there any more.
                head["partner_shipping_id"] = amendment.vals["partner_shipping_id"]
            # Odoo would ask somebody to look at the transfers, which follow by themselves.
            sale_order.with_context(mail_activity_automation_skip=True).write(head)

    def _amend_transfers(self, basket_id, known, contact):
        """Send what has not left of a destination to another contact.

        :param known: the contacts of the import
        :raises UserError: somebody has sent the goods elsewhere
        """
        transfers = self.sale_order_id.picking_ids.filtered(
            lambda picking: (
                picking.state not in ("done", "cancel")
                and picking.rakuten_basket_id == basket_id
                and picking.partner_id
            )
        )
        if transfers.partner_id - known:
            raise UserError(self.env._("Somebody has sent the goods to another address."))
        with keeping(transfers):
            transfers.write({"partner_id": contact.id})

    # === BUSINESS METHODS - Lines === #

    def _amend_lines(self, amendment):
        """Bring the lines of what changed in line with Rakuten; Odoo moves, buys or makes the
        difference.

        :raises UserError: Odoo did something else
        """
        sale_order = self.sale_order_id
        parts = changed_parts(amendment.before, amendment.plan)
        texts = reworded(amendment.before, amendment.plan)
        kinds = {self.env.ref(xmlid).id: kind for kind, xmlid in CHARGE_PRODUCTS.items()}
        standing, recipients = defaultdict(list), {}
        for line in sale_order.order_line.sorted():
            place = _place(
                line.product_id.id, line.rakuten_item_detail_id, line.rakuten_basket_id, kinds
            )
            if line.rakuten_recipient_id:
                recipients[line.rakuten_basket_id] = line.rakuten_recipient_id.id
            if place[0] in parts:
                standing[place].append(line)
        concerned = self.env["sale.order.line"].union(*chain(*standing.values()))
        untouched = {line: line._rakuten_essence() for line in sale_order.order_line - concerned}
        pairs, added = [], []
        for _command, _id, vals in amendment.vals["order_line"]:
            basket_id = vals.get("rakuten_basket_id")
            place = _place(vals["product_id"], vals.get("rakuten_item_detail_id"), basket_id, kinds)
            if place[0] not in parts:
                continue
            if standing[place]:
                pairs.append((standing[place].pop(0), vals))
                continue
            if basket_id in recipients and "rakuten_recipient_id" in vals:
                vals = {**vals, "rakuten_recipient_id": recipients[basket_id]}
            added.append({**vals, "order_id": sale_order.id})
        gone = self.env["sale.order.line"].union(*chain(*standing.values()))
        # In this order no transfer is empty, and given up, before the others have come to it.
        created = self.env["sale.order.line"].create(added)
        with keeping(sale_order.order_line - created):
            for line, vals in pairs:
                names = [name for name in AMENDED if name in vals]
                if vals.get("rakuten_item_detail_id") in texts:
                    names.append("name")
                line._rakuten_amend({name: vals[name] for name in names})
            gone._rakuten_take_out()
        wanted = [*pairs, *zip(created, added, strict=True)]
        if sale_order.rakuten_reference and sale_order.state == "sale":
            sale_order._rakuten_count_as_delivered()
        self.env.flush_all()
        sale_order.order_line.invalidate_recordset()
        for line, vals in wanted:
            line._rakuten_check_amended(vals)
        for line, essence in untouched.items():
            if line._rakuten_essence() != essence:
                raise UserError(self.env._("Another line of the sale order has changed with it."))

    # === BUSINESS METHODS - What hangs on it === #

    def _upstream(self):
        """Hook: what is bought and made to order for these orders.

        :return: list of recordsets, of models with ``_rakuten_surplus``
        """
        return []

    def _upstream_surplus(self, known=()):
        """How much more is bought and made for this order than anybody needs.

        :param iterable known: records of before, also where nothing ties them to the order now
        :return: dict of record to quantity in the product's own unit
        """
        records = dict.fromkeys([*known, *chain(*self._upstream())])
        return {record: record._rakuten_surplus() for record in records if record.exists()}

    def _check_upstream(self, moves, surplus):
        """See that Odoo has moved, bought and made the difference, and no more.

        :param moves: stock.move of the order before
        :param dict surplus: of :meth:`_upstream_surplus` before
        :raises UserError: it has not
        """
        new = self.sale_order_id.order_line.move_ids - moves
        if any(move.location_id.usage == "customer" for move in new):
            raise UserError(self.env._("Goods would be taken back that have not left."))
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        for record, quantity in self._upstream_surplus(surplus).items():
            before = max(surplus.get(record, 0), 0)
            if float_compare(quantity, before, precision_digits=digits) > 0:
                raise UserError(
                    self.env._("More than is needed: %(document)s.", document=record.display_name)
                )


def _place(product_id, item_detail_id, basket_id, kinds):
    """Where the line of a change is looked for.

    :param dict kinds: id of the product of a charge to its kind
    :return: (part as of ``..rules.changes.changed_parts``, product, destination)
    """
    if item_detail_id:
        part = "item", item_detail_id
    elif product_id in kinds:
        part = "charge", kinds[product_id]
    else:
        part = "options", basket_id or ""
    return part, product_id, basket_id or ""
