import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from ...rules import address, amounts, display
from ...rules import order as rules
from ...rules.goods import goods
from ...rules.order import (
    CANCELLED,
    OPEN_PROGRESS,
    SHIPPABLE_PROGRESS,
    SHIPPED_PROGRESS,
)
from ...rules.payload import LENIENT, STRICT, OrderProblem
from ...rules.privacy import anonymise
from ..shop.clock import is_since
from ..shop.on_write import on_write, write_with_consequences
from ..shop.one_by_one import one_by_one
from ..shop.refusals import refusal
from ..shop.sentences import columns, find, read, tell
from ..shop.text import storable
from .goods import in_few_words

#: What RMS's progress means for an order that has no sale order (contract of ``state``).
STATE_BY_PROGRESS = {
    "100": "waiting",
    "200": "waiting",
    "300": "todo",
    "400": "waiting",
    "500": "ignored",
    "600": "ignored",
    "700": "ignored",
    "800": "cancelled",
    "900": "cancelled",
}
#: Problems that are mended in RMS, not in Odoo, and how long an order with one is left alone.
RESOLVED_AT_RAKUTEN = (
    "amount_undetermined",
    "amount_mismatch",
    "recipient_incomplete",
    "malformed",
)
MEND_PAUSE = timedelta(minutes=10)
#: Sale orders and reasons that a notification names; the list has them all.
NAMED_AFTER_RETRY = 5
REASONS_AFTER_RETRY = 3
#: Code of the sentence that holds an imported order of which Odoo could not keep or follow what
#: Rakuten holds now.
NOT_FOLLOWED = "order.not_followed"


class RakutenOrder(models.Model):
    """One order as Rakuten holds it, and how far Odoo has come with it.

    The payload is stored before anybody interprets it, so a bad order can be mended and tried
    again; nothing that Rakuten sent is lost.
    """

    _name = "rakuten.order"
    _description = "Rakuten Order"
    _inherit = ["rakuten.system.fields", "mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "order_date desc, name desc"

    shop_id = fields.Many2one(
        "rakuten.shop", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    name = fields.Char(string="Order Number", required=True, index=True, readonly=True)
    progress = fields.Selection(
        [(str(code), f"{code} {label}") for code, label in rules.PROGRESS.items()],
        string="Status at Rakuten",
        readonly=True,
        help="orderProgress, as last read.",
    )
    order_date = fields.Datetime(readonly=True, index=True)
    payload = fields.Json(
        readonly=True, groups="smartship_rakuten.group_user", help="The latest getOrder order."
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting at Rakuten"),
            ("todo", "To Import"),
            ("blocked", "Needs Attention"),
            ("done", "Imported"),
            ("cancelled", "Cancelled"),
            ("ignored", "Set Aside"),
        ],
        required=True,
        default="waiting",
        index=True,
        readonly=True,
    )
    problem_code = fields.Selection(
        [
            ("unmapped_sku", "SKU Without Product"),
            ("ambiguous_sku", "Several Products for a SKU"),
            ("combo_sku", "Product Is a Combo"),
            ("amount_undetermined", "Amount Undetermined"),
            ("amount_mismatch", "Amounts Disagree"),
            ("recipient_incomplete", "Recipient Incomplete"),
            ("unknown_tax", "No Tax for the Rate"),
            ("malformed", "Unreadable"),
            ("exists_already", "Exists Already"),
            ("label_exists", "Label Exists"),
            ("not_confirmed", "Not Confirmed in Odoo"),
            ("other", "Other"),
        ],
        readonly=True,
        index=True,
    )
    problem_details = fields.Json(readonly=True, help="What the sentence of the problem names.")
    lacking_sku_ids = fields.Many2many(
        "rakuten.sku",
        "rakuten_order_lacking_sku_rel",
        "order_id",
        "sku_id",
        string="SKUs Without Product",
        readonly=True,
        copy=False,
        groups="smartship_rakuten.group_user",
        help="The SKUs whose products the order waits for.",
    )
    problem = fields.Char(
        compute="_compute_problem", help="What is wrong and what to do, in the reader's language."
    )
    queued = fields.Char(
        readonly=True,
        copy=False,
        help="A sale order is to be made by whoever comes to it first. Orders of the same products "
        "bear the same word.",
    )
    sale_order_id = fields.Many2one(
        "sale.order",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    reference = fields.Boolean(related="sale_order_id.rakuten_reference")
    asked_for = fields.Boolean(
        readonly=True,
        help="A person asked for this order by its number: its status and date do not matter.",
    )
    set_aside = fields.Boolean(
        readonly=True, help="A person said that this order is none of Odoo's business."
    )
    import_anyway = fields.Boolean(
        readonly=True,
        copy=False,
        help="A person wants a sale order of its own for this order, although another has its "
        "number.",
    )
    confirm_holds = fields.Char(
        string="Not Confirmed Because",
        readonly=True,
        help="Why the order is not confirmed at Rakuten by itself: codes.",
    )
    confirm_rule_ids = fields.Many2many(
        "rakuten.rule",
        "rakuten_order_confirm_rule_rel",
        string="Rules That Leave It to a Person",
        readonly=True,
        copy=False,
    )
    as_quotation = fields.Boolean(
        readonly=True,
        copy=False,
        help="A person wants a quotation of this order, which he confirms himself.",
    )
    changed_code = fields.Char(readonly=True, index="btree_not_null")
    changed_details = fields.Json(readonly=True)
    changed = fields.Char(
        compute="_compute_changed",
        search="_search_changed",
        help="What was changed at Rakuten after the import. Holds the transfers until released.",
    )
    check_released = fields.Boolean(
        readonly=True,
        copy=False,
        help="A person lets the order go although Rakuten is checking it (楽天確認中).",
    )
    imported_payload = fields.Json(
        readonly=True,
        groups="smartship_rakuten.group_user",
        help="What the sale order was made from, as long as Rakuten holds something else.",
    )
    buyer_name = fields.Char(string="Buyer", readonly=True)
    request_price = fields.Monetary(
        string="Billed", readonly=True, help="請求金額 (requestPrice), whole yen."
    )
    delivery_date = fields.Date(string="Delivery Wish", readonly=True, help="お届け日指定")
    last_read = fields.Datetime(readonly=True)
    address_warnings = fields.Char(
        readonly=True, help="Codes of what is doubtful about the recipients' addresses."
    )
    address_warning = fields.Char(
        compute="_compute_address_warning",
        help="What to look at before a parcel is addressed, in the reader's language.",
    )
    personal_data_removed = fields.Boolean(
        readonly=True,
        index=True,
        help="The shop's retention time is over: names, addresses and remarks are gone.",
    )
    goods_details = fields.Html(
        string="Goods as RMS Shows Them",
        compute="_compute_details",
        sanitize=False,
        groups="smartship_rakuten.group_user",
    )
    details = fields.Html(
        string="As RMS Shows It",
        compute="_compute_details",
        sanitize=False,
        groups="smartship_rakuten.group_user",
    )
    goods = fields.Char(
        string="Items",
        compute="_compute_goods",
        compute_sudo=True,
        help="What was ordered, in a few words.",
    )
    rms_url = fields.Char(string="RMS Page", compute="_compute_rms_url")

    _shop_name_uniq = models.Constraint(
        "UNIQUE(shop_id, name)", "An order number occurs once in a shop."
    )
    _queued_by_shop = models.Index("(shop_id, queued) WHERE queued IS NOT NULL")

    # === COMPUTE === #

    @api.depends(
        "problem_code", "problem_details", "confirm_holds", "confirm_rule_ids.name", "progress"
    )
    @api.depends_context("lang")
    def _compute_problem(self):
        for order in self:
            details = order.problem_details or {}
            if order.problem_code or details:
                order.problem = order._problem_sentence(OrderProblem(order.problem_code, **details))
            elif order.confirm_holds and order.progress == "100":
                order.problem = order._confirmation_sentence()
            else:
                order.problem = False

    @api.depends("changed_code", "changed_details")
    @api.depends_context("lang")
    def _compute_changed(self):
        for order in self:
            order.changed = read(order, "changed")

    @api.model
    def _search_changed(self, operator, value):
        return find(self, "changed", operator, value)

    @api.depends("address_warnings")
    @api.depends_context("lang")
    def _compute_address_warning(self):
        sentences = {
            "zip_unknown": self.env._("the post code does not exist"),
            "zip_mismatch": self.env._("post code and address disagree"),
            "no_number": self.env._("no house number"),
            "doubled": self.env._("prefecture or city entered twice"),
            "island": self.env._("remote island"),
            "abroad": self.env._("abroad"),
        }
        for order in self:
            codes = (order.address_warnings or "").split(",")
            order.address_warning = ", ".join(sentences[code] for code in codes if code)

    @api.depends("payload")
    def _compute_details(self):
        for order in self:
            for name, sections in (
                ("goods_details", display.goods(order.payload)),
                ("details", display.sections(order.payload)),
            ):
                order[name] = self.env["ir.qweb"]._render(
                    "smartship_rakuten.order_details", {"sections": sections}
                )

    @api.depends("payload")
    @api.depends_context("lang")
    def _compute_goods(self):
        for order in self:
            order.goods = in_few_words(self.env, goods(order.payload))

    @api.depends("name")
    def _compute_rms_url(self):
        for order in self:
            order.rms_url = (
                "https://order-rp.rms.rakuten.co.jp/order-rb/individual-order-detail-sc/init"
                f"?orderNumber={order.name}"
            )

    # === ACTIONS === #

    def action_retry(self):
        """Try again now, after what blocked the orders was mended, and say what came of it."""
        self.check_access("write")
        orders = self.filtered(lambda order: order.state in ("todo", "blocked"))
        later = [shop._run_orders(own) for shop, own in orders.grouped("shop_id").items()]
        done = orders.filtered(lambda order: order.state == "done")
        waiting = orders.filtered("queued")
        rest = orders - done - waiting
        parts = [done._imported_sentence(), *later, rest._not_imported_sentence(orders)]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": "\n".join(filter(None, parts))
                or self.env._("None of them is to be imported."),
                "type": "warning" if rest else "info" if any(later) or not done else "success",
                "sticky": bool(rest),
                "className": "o_rakuten_lines",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _imported_sentence(self):
        """:return: which sale orders these orders have become, '' for no orders"""
        if not self:
            return ""
        names = self.sudo().sale_order_id.mapped("name")
        more = ["…"] if len(names) > NAMED_AFTER_RETRY else []
        return self.env._(
            "Imported as %(sale_orders)s.",
            sale_orders=", ".join(names[:NAMED_AFTER_RETRY] + more),
        )

    def _not_imported_sentence(self, among):
        """What still keeps these orders from being imported.

        :param among: the orders that were tried; where it was one, it need not be named
        :return: '' for no orders
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        reasons = [(order, order.problem or labels[order.state]) for order in self]
        if len(among) == 1:
            return "".join(
                self.env._("Not imported: %(reason)s", reason=reason) for _order, reason in reasons
            )
        lines = [f"{order.name}: {reason}" for order, reason in reasons]
        if len(lines) > REASONS_AFTER_RETRY:
            left = len(lines) - REASONS_AFTER_RETRY
            more = self.env._("and %(count)s more, each says why in the list", count=left)
            lines = [*lines[:REASONS_AFTER_RETRY], more]
        if not lines:
            return ""
        return "\n".join(
            [self.env._("Not imported, %(count)s:", count=len(reasons)), *lines],
        )

    def action_map_skus(self):
        """Open the SKUs whose products these orders wait for, and nothing else."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "smartship_rakuten.action_rakuten_sku_of_orders"
        )
        skus = self.lacking_sku_ids
        action["domain"] = [("id", "in", skus.ids)]
        action["context"] = {"rakuten_order_ids": self.ids, "create": False}
        return action

    def action_import_as_quotation(self):
        """Import orders that Odoo does not confirm by itself, for a person to confirm."""
        self.check_access("write")
        orders = self.filtered(lambda order: order.problem_code == "not_confirmed")
        orders.sudo().as_quotation = True
        return orders.action_retry()

    def action_ignore(self):
        """Set orders aside: they are left alone until somebody takes them up again."""
        self.check_access("write")
        return one_by_one(self.sudo(), lambda order: order._set_aside())

    def _set_aside(self):
        self.ensure_one()
        if self.sale_order_id:
            raise UserError(
                self.env._("An imported order cannot be set aside; cancel its sale order.")
            )
        self.write(
            {
                "state": "ignored",
                "set_aside": True,
                "problem_code": False,
                "problem_details": False,
            }
        )

    def action_unignore(self):
        """Take up again what was set aside."""
        self.check_access("write")
        ignored = self.sudo().filtered(lambda order: order.state == "ignored")
        return one_by_one(ignored, lambda order: order._take_up())

    def _take_up(self):
        self.ensure_one()
        state = STATE_BY_PROGRESS.get(self.progress)
        if state not in ("waiting", "todo"):
            raise UserError(
                self.env._("The order is not waiting for shipment at Rakuten any more.")
            )
        self.write({"state": state, "set_aside": False})

    def action_release(self):
        """Let the transfers go after a person has looked at a change at Rakuten."""
        self.check_access("write")
        for order in self.filtered("changed"):
            order.message_post(
                body=self.env._("Released for shipment: %(change)s", change=order.changed)
            )
            order.sudo().write({**columns("changed", None), "imported_payload": False})

    def action_confirm_at_rakuten(self):
        """Confirm orders that the shop's rules hold back (注文確認)."""
        self.check_access("write")
        orders = self.filtered(lambda order: order.progress == "100")
        if not orders:
            raise UserError(self.env._("Only orders in status 注文確認待ち can be confirmed."))
        for shop, shop_orders in orders.grouped("shop_id").items():
            shop._run("confirm", shop_orders.ids)

    def action_cancel_at_rakuten(self):
        """Ask for the reason before the order is cancelled at Rakuten."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel at Rakuten"),
            "res_model": "rakuten.order.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_open_sale_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.sale_order_id.id,
            "view_mode": "form",
        }

    def action_view_transfers(self):
        """The transfers of these orders, whatever became of them."""
        action = self.env["ir.actions.act_window"]._for_xml_id("stock.action_picking_tree_all")
        action["domain"] = [("rakuten_order_id", "in", self.ids)]
        action["context"] = {"contact_display": "partner_address"}
        return action

    def action_open_rms(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.rms_url, "target": "new"}

    def action_create_tax(self):
        """Make the tax-included taxes that blocked orders lack, then try them again."""
        if not self.env.user.has_group("smartship_rakuten.group_manager"):
            raise AccessError(self.env._("Only Rakuten administrators create taxes."))
        for order in self.filtered(lambda order: order.problem_code == "unknown_tax"):
            plan = rules.parse_order(order.sudo().payload)
            order.shop_id.sudo()._make_taxes(amounts.amounts_by_rate(plan))
        return self.action_retry()

    # === BUSINESS METHODS - Queue === #

    @api.model
    def _may_become_sale(self):
        """:return: Domain of the orders whose status, or a person, allows for a sale order"""
        return (
            Domain("progress", "=", SHIPPABLE_PROGRESS)
            | Domain("asked_for", "=", True)
            | Domain("label_decision", "!=", False)
        )

    def write(self, vals):
        return write_with_consequences(self, vals, lambda records, values: super().write(values))

    @on_write("problem_details")
    def _on_write_lacking(self, vals):
        """An order waits for the SKUs that its problem names."""
        named, *before = (
            (details or {}).get("sku_ids", [])
            for details in (vals["problem_details"], *self.mapped("problem_details"))
        )
        if any(ids != named for ids in before):
            vals = {**vals, "lacking_sku_ids": [Command.set(named)]}
        yield vals

    @on_write("state")
    def _on_write_queue(self, vals):
        """What has become of an order takes it out of the queue."""
        yield vals if vals["state"] == "todo" else {"queued": False, **vals}

    def _queue(self):
        """Put orders into the queue of those that become sale orders.

        :return: those that another process has locked, because it is working on them
        """
        free = self.try_lock_for_update()
        for order in free.filtered(lambda order: not order.queued):
            order.queued = rules.first_item(order.payload) or order.name
        return self - free

    def _next_in_queue(self, place, count):
        """The next batch of queued orders that nobody works on.

        Those of the same products keep the order in which they are here.

        :param str place: where to begin: an order's ``queued``
        :param int count: how many
        """
        ordered = self.sorted(lambda order: (order.queued < place, order.queued))
        return ordered.try_lock_for_update(limit=count)

    # === BUSINESS METHODS - Keeping what Rakuten sent === #

    @api.model
    def _needing_fetch(self, shop, start, waiting, to_ship):
        """Numbers that must be read: unknown ones, those that changed sides, those that have left
        both lists, and from time to time those that wait to be mended at Rakuten.

        :param datetime start: begin of the search, UTC
        :param list waiting: numbers found in 100, 200 or 400
        :param list to_ship: numbers found in 300
        :return: list of order numbers
        """
        listed = {**dict.fromkeys(waiting, False), **dict.fromkeys(to_ship, True)}
        rows = self.search_read(
            [
                ("shop_id", "=", shop.id),
                "|",
                ("name", "in", list(listed)),
                "&",
                ("progress", "in", OPEN_PROGRESS),
                ("order_date", ">=", start),
            ],
            ["name", "progress", "problem_code", "last_read"],
        )
        known = {row["name"]: row for row in rows}
        stale = fields.Datetime.now() - MEND_PAUSE

        def changed(number):
            row = known.get(number)
            return (
                not row
                or (row["progress"] == SHIPPABLE_PROGRESS) != listed[number]
                or (
                    row["problem_code"] in RESOLVED_AT_RAKUTEN
                    and not is_since(row["last_read"], stale)
                )
            )

        gone = [name for name, row in known.items() if name not in listed and row["progress"]]
        return [number for number in listed if changed(number)] + gone

    @api.model
    def _store(self, shop, payloads, *, raw=None, asked_for=False, asked_at=None):
        """Record orders as they came; new ones get a state, known ones are brought up to date.

        :param list payloads: elements of OrderModelList, each with its orderNumber
        :param dict raw: by order number, the original of what came with replaced values
        :param bool asked_for: a person asked for these orders, so neither the shop's start date
            nor a status after the shipment keeps them out
        :param datetime asked_at: UTC, when Rakuten was asked for them, by default now. Orders for
            which another worker has asked since are newer than these payloads, and stay.
        :return: the orders
        """
        now = fields.Datetime.now()
        asked_at = asked_at or now
        by_number = {rules.read_number(payload): payload for payload in payloads}
        every = self.search([("shop_id", "=", shop.id), ("name", "in", list(by_number))])
        known = every.filtered(lambda o: not o.last_read or not asked_at < o.last_read <= now)
        for newer in every - known:
            del by_number[newer.name]
        for order in known.filtered("personal_data_removed"):
            if order.state in ("waiting", "todo", "blocked"):
                # Of a shop that was closed and is open again: it is still to be shipped.
                order.personal_data_removed = False
            else:
                # Rakuten still has them; here their time is over.
                by_number[order.name] = anonymise(by_number[order.name])
        settled = known.filtered(
            lambda order: (
                order.payload == by_number[order.name]
                and (order.asked_for or not asked_for)
                and not (order.state == "done" and order.progress == CANCELLED)
                and order.changed_code != NOT_FOLLOWED
            )
        )
        settled.last_read = asked_at
        to_create, raw = [], dict(raw or {})
        others = {order.name: order for order in known - settled}
        for number in by_number.keys() - set(settled.mapped("name")):
            payload = by_number[number]
            vals = self._prepare_vals(shop, payload, asked_for=asked_for, asked_at=asked_at)
            if vals["payload"] != payload:
                raw.setdefault(number, json.dumps(payload, indent=1))
            if number in others:
                others[number]._update_from(vals)
            elif asked_for or not vals["order_date"] or vals["order_date"] >= shop.import_from:
                to_create.append({**vals, "shop_id": shop.id})
        created = self.create(to_create)
        created._attach_raw(raw)
        (created | (known - settled).filtered(lambda o: not o.sale_order_id))._look_up_goods()
        shop._note_methods(created | (known - settled))
        return created | every

    @api.model
    def _prepare_vals(self, shop, payload, *, asked_at, asked_for=False):
        """Values of an order as far as they can be read; what cannot be is a problem, kept.

        An order with another shop's number is a problem before it can be imported, too: it is
        not confirmed at Rakuten either.
        """
        vals = {
            "name": rules.read_number(payload),
            "payload": storable(payload),
            "last_read": asked_at,
            "problem_code": False,
            "problem_details": False,
            "order_date": False,
        }
        try:
            vals["progress"] = str(rules.read_progress(payload))
            vals["state"] = STATE_BY_PROGRESS[vals["progress"]]
            if asked_for:
                vals["asked_for"] = True
                if vals["progress"] in SHIPPED_PROGRESS:
                    vals["state"] = "todo"
            vals["order_date"] = STRICT.moment(payload, "orderDatetime")
            if vals["state"] in ("waiting", "todo"):
                shop._check_own_number(vals["name"])
        except OrderProblem as problem:
            vals.update(
                state="blocked",
                problem_code=problem.code,
                problem_details=problem.details,
            )
        orderer = LENIENT.person(payload, "OrdererModel")
        if orderer:
            vals["buyer_name"] = storable(address.full_name(orderer))
        request_price = LENIENT.yen(payload, "requestPrice")
        if request_price is not None:
            vals["request_price"] = request_price
        vals["delivery_date"] = LENIENT.day(payload, "deliveryDate")
        return vals

    def _update_from(self, vals):
        """Bring a known order up to date with what Rakuten says now."""
        self.ensure_one()
        changed = vals["payload"] != self.payload
        if not changed:
            vals.pop("payload")
        decided = self.state == "ignored" and not vals.get("asked_for")
        # Its label may lie in the house: Rakuten closes the shipment at midnight all the same.
        labelled = self.problem_code == "label_exists" or self.label_decision
        if (
            self.sale_order_id
            or decided
            or (labelled and vals.get("progress") in SHIPPED_PROGRESS)
            or (not changed and self.state == "blocked" and not vals["problem_code"])
        ):
            # Its sale order exists, a person decided, or nothing says that the problem is gone.
            for key in ("state", "problem_code", "problem_details"):
                vals.pop(key)
        if self.sale_order_id:
            self._update_imported(vals)
            return
        existed = self.problem_code == "exists_already"
        self.write(vals)
        if existed and self.state == "cancelled":
            self._warn_of_existing()

    def _attach_raw(self, raw):
        """Keep, word for word, a payload that the database could not hold as it was."""
        for order in self.filtered(lambda order: order.name in raw):
            order._attach_text(raw[order.name])

    def _attach_text(self, text):
        self.ensure_one()
        self.env["ir.attachment"].create(
            {
                "name": f"{self.name}.txt",
                "res_model": self._name,
                "res_id": self.id,
                "raw": text.encode("utf-8", "surrogatepass"),
                "mimetype": "text/plain",
            }
        )

    @api.model
    def _store_unreadable(self, shop, texts):
        """Record orders of which Rakuten sent something that is no order at all.

        :param dict texts: order number to what Rakuten sent
        """
        known = self.search([("shop_id", "=", shop.id), ("name", "in", list(texts))])
        problem = OrderProblem("malformed", field="OrderModelList")
        orders = known.filtered(lambda order: order.state not in ("done", "ignored"))
        new = self.create(
            [
                {"shop_id": shop.id, "name": number, "last_read": fields.Datetime.now()}
                for number in texts.keys() - set(known.mapped("name"))
            ]
        )
        (orders + new)._block(problem)
        for order in new:
            order._attach_text(texts[order.name])

    @api.model
    def _store_failed(self, shop, payload, failure):
        """Record an order that Odoo cannot keep or follow, with what Rakuten sent.

        :param ..shop.rakuten_guard.Failure failure:
        """
        number = rules.read_number(payload)
        order = self.search([("shop_id", "=", shop.id), ("name", "=", number)])
        if not order:
            order = self.create({"shop_id": shop.id, "name": number})
            order._attach_text(json.dumps(payload, indent=1))
        order._mark_failure(failure)

    @api.model
    def _store_withheld(self, shop, refused):
        """Record orders that Rakuten lists but does not give.

        :param refused: dict of order number to RMS's message
        """
        known = self.search([("shop_id", "=", shop.id), ("name", "in", list(refused))])
        for number in refused.keys() - set(known.mapped("name")):
            order = self.create({"shop_id": shop.id, "name": number})
            order._block(OrderProblem("other", reason=refusal(self.env, refused[number]).said))

    # === BUSINESS METHODS - Problems === #

    @api.model
    def _problem_sentence(self, problem):
        """What is wrong with an order and what to do, for the shop keeper."""
        sentences = {
            "unmapped_sku": self.env._(
                "No product is known for %(skus)s. Map the SKU, or give the product this code.",
                skus=problem.details.get("skus"),
            ),
            "ambiguous_sku": self.env._(
                "Several products have the code of %(skus)s. Choose one in the SKU mapping.",
                skus=problem.details.get("skus"),
            ),
            "combo_sku": self.env._(
                "The product of %(skus)s is a combo, which leaves no warehouse: map the SKU to its "
                "products as a set.",
                skus=problem.details.get("skus"),
            ),
            "not_confirmed": self.env._(
                "Odoo does not confirm the sale order before a person has answered "
                "(%(asked)s). Mend what it asks about and try again, or import the order as a "
                "quotation and confirm that yourself.",
                asked=problem.details.get("asked"),
            ),
            "amount_undetermined": self.env._(
                "An amount is not determined yet at Rakuten (%(field)s). Enter it in RMS; the "
                "order is then imported by itself.",
                field=problem.details.get("field"),
            ),
            "amount_mismatch": self.env._(
                "The amounts of the order disagree: %(expected)s yen expected, %(found)s yen "
                "found. Compare the order with RMS.",
                expected=problem.details.get("expected"),
                found=problem.details.get("found"),
            ),
            "recipient_incomplete": self.env._(
                "The recipient's address is not complete yet. It is imported when Rakuten has it."
            ),
            "unknown_tax": self.env._(
                "The company has no sale tax of %(rates)s. Create the tax-included tax with the "
                "button above.",
                rates=problem.details.get("rates"),
            ),
            "malformed": self.env._(
                "The order cannot be read: %(field)s is missing or not of the expected form. The "
                "original is kept with the order.",
                field=problem.details.get("field"),
            ),
            "label_exists": self.env._(
                "Rakuten has a tracking number already (%(numbers)s). Say whether the parcel "
                "leaves with it from here, is shipped from here with another one, or has left.",
                numbers=problem.details.get("numbers"),
            ),
            "exists_already": self.env._(
                "%(sale_orders)s has this number: adopt it, or import anyway.",
                sale_orders=problem.details.get("sale_orders"),
            ),
        }
        reason = problem.details.get("reason")
        if isinstance(reason, dict):
            reason = tell(self.env, reason)
        return sentences.get(problem.code) or reason or problem.code

    def _confirmation_sentence(self):
        """Why the order was not confirmed by itself, for the shop keeper."""
        reasons = {
            "unreadable": self.env._("the order cannot be read"),
            "undetermined": self.env._("an amount is not determined yet"),
            "rakuten_check": self.env._("Rakuten is checking the order"),
            "cooling_off": self.env._("the buyer can still cancel"),
            "rule": ", ".join(self.sudo().confirm_rule_ids.mapped("name"))
            or self.env._("by a rule of the shop"),
        }
        named = [reasons.get(code, code) for code in self.confirm_holds.split(",")]
        return self.env._("Not confirmed by itself: %(reasons)s.", reasons="; ".join(named))

    def _mark_failure(self, failure):
        """Something could not be done with this order, and nothing else says so: an order without
        a sale order waits for a person; the transfers of an imported one do.

        :param ..shop.rakuten_guard.Failure failure:
        """
        self.ensure_one()
        if self.state == "done":
            self._hold_unfollowed(failure)
        elif self.state in ("waiting", "todo", "blocked"):
            error = failure.error
            if not isinstance(error, OrderProblem):
                error = OrderProblem("other", reason=failure.reason.said)
            self._block(error)

    def _block(self, problem):
        for order in self:
            order.write(
                {
                    "state": "blocked",
                    "problem_code": problem.code,
                    "problem_details": problem.details,
                }
            )
