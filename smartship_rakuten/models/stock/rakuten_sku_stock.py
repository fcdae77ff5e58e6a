import time
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, split_every

from ...rms import OutcomeUnknown, RequestRefused, RmsError
from ...rms.inventory import BULK_UPSERT
from ...rules.halving import halves
from ..shop.on_write import on_write
from ..shop.refusals import refusal
from ..shop.sentences import columns, declare_sentences, find, read, say, together

_lt = LazyTranslate(__name__)

#: Stock that the inventory API takes at most (RMS API section 6.2).
LARGEST_STOCK = 99_999
#: SKUs that are read at Rakuten before the orders are, and then sent: what may be sold must not be
#: old when it is.
SKUS_PER_READING = 10 * BULK_UPSERT
#: What RMS is given to carry out a call whose answer was lost, before its numbers are read back.
READ_BACK_SECONDS = 5
#: Refusals that only say that Rakuten's number moved between reading and sending: the result
#: would be out of range; there is no record (any more) to add to; somebody else is writing.
_MOVED = ("IE0117", "IE0500", "CE0001")
#: Fields of a SKU that decide its number.
_DECISIVE = (
    "product_id",
    "product_code",
    "quantity",
    "stock_mode",
    "stock_fixed",
    "own_buffer",
    "stock_buffer",
    "in_catalogue",
    "manage_number",
    "variant_id",
)

declare_sentences(
    {
        "stock.refused": _lt("Rakuten refused this SKU's stock: %(reason)s"),
        "stock.skus_refused": _lt("Rakuten refused the stock of %(skus)s."),
        "stock.unreadable": _lt(
            "the number that Rakuten holds cannot be read. Enter the stock in RMS."
        ),
        "step.stock": _lt("Sending the stock"),
        "step.stock_note": _lt("Noting the stock that was sent"),
        "stock.sent": _lt("Stock of %(count)s SKUs sent to Rakuten."),
        "stock.compared": _lt("%(count)s SKUs compared, %(drift)s of them differ from Rakuten."),
    }
)


class RakutenSku(models.Model):
    """Rakuten's stock in step with Odoo's (RMS API section 6).

    **What is sent.** Rakuten takes stock off by itself at every purchase, before Odoo knows of the
    order. A push therefore works in this order:

    1. read what Rakuten holds (``held``),
    2. read all orders up to now, and subtract what Odoo has no reservation for (:meth:`_demand`),
    3. send the *difference* between Odoo's number and ``held``, in mode ``RELATIVE``.

    A purchase before (1) is in ``held`` and in the demand. One between (1) and (2) is in the
    demand, and Rakuten has taken it off as well: it counts twice, the number is too low by it until
    the next run, which the order itself has ordered. One after (2), also while 25 calls are under
    way, is taken off by Rakuten from whatever it holds, and a difference leaves that be. So every
    purchase counts at least once.

    The race that this closes is the one of ``ABSOLUTE``: a number computed at (2) and written at
    (3) overwrites every purchase in between, so that Rakuten offers again what it has just sold;
    "lowering" a number in this way may raise it. What speaks against ``RELATIVE`` in general, that
    a call which is lost, repeated or forgotten leaves a wrong number behind for ever, does not hold
    where each run begins at what Rakuten holds: nothing is remembered about earlier calls, and
    numbers that somebody changed in RMS, or that came back with a cancellation, are mended as soon
    as the SKU is looked at.

    ``ABSOLUTE`` remains where it can overwrite nothing: for a SKU without a record at Rakuten, and
    for 0, which is never a raise and cannot fall out of the range that RMS allows.

    **Which stock.** What the deliveries of the shop's warehouse can take: goods in quality control
    or packing, or on a shelf beside its stock, are not offered (:meth:`rakuten.shop
    ._stock_locations`).

    **What is left.** Shops that share a warehouse all offer its whole free stock, so two buyers at
    two shops can take the same unit until the next run; the stock buffer is for them. An order that
    searchOrder does not list yet although its stock has gone would be offered once more; nothing is
    known of such a delay. A call without an answer that RMS carries out later than
    :data:`READ_BACK_SECONDS` and the start of the next run would count twice until the run after.

    **Which version.** 2.0: it knows the quantity only. 2.1 replaces the whole record, so that lead
    times (納期情報) and shipping origins which are not sent along are deleted (section 6.2).

    **Never raised blindly.** Without (2) numbers only fall: when the orders of this shop, or of one
    that sells the same stock, cannot be read.
    """

    _inherit = "rakuten.sku"

    stock_mode = fields.Selection(
        [
            ("auto", "As in Odoo"),
            ("fixed", "Fixed Number"),
            ("unlimited", "Unlimited"),
            ("none", "Do Not Touch"),
        ],
        default="auto",
        required=True,
        help="What Rakuten is told. Unlimited sends 99,999, the most that Rakuten takes.",
    )
    stock_fixed = fields.Integer(string="Fixed Stock")
    own_buffer = fields.Boolean(help="This SKU has a stock buffer of its own.")
    stock_buffer = fields.Integer(
        string="Units Held Back", help="Instead of the shop's stock buffer."
    )
    stock_due = fields.Boolean(
        string="To Be Sent",
        readonly=True,
        copy=False,
        default=True,
        help="Something has changed, or the last attempt did not succeed: the next run looks at "
        "it.",
    )
    stock_sent = fields.Integer(
        readonly=True,
        copy=False,
        default=-1,
        aggregator=None,
        help="The number that Rakuten last confirmed, because it took it or held it already. "
        "-1: none yet.",
    )
    stock_sent_at = fields.Datetime(string="Stock Sent On", readonly=True, copy=False)
    stock_rakuten = fields.Integer(
        string="Stock at Rakuten",
        readonly=True,
        copy=False,
        aggregator=None,
        help="As last read, or as changed since by what was sent.",
    )
    stock_read_at = fields.Datetime(string="Stock Read On", readonly=True, copy=False)
    stock_error_code = fields.Char(readonly=True, copy=False)
    stock_error_details = fields.Json(readonly=True, copy=False)
    stock_error = fields.Char(
        compute="_compute_stock_error",
        search="_search_stock_error",
        help="Why Rakuten does not have the number, in the reader's language.",
    )
    stock_odoo = fields.Integer(
        string="Stock in Odoo",
        compute="_compute_stock_odoo",
        compute_sudo=True,
        help="What Rakuten may sell now: the shop's kind of stock without what is ordered and held "
        "back, in units of this SKU.",
    )
    stock_reason = fields.Char(
        string="Why They Differ",
        compute="_compute_stock_odoo",
        compute_sudo=True,
        help="Why Rakuten does not have Odoo's number.",
    )
    push_count = fields.Integer(compute="_compute_push_count")

    _stock_numbers_positive = models.Constraint(
        "CHECK(stock_fixed >= 0 AND stock_buffer >= 0)", "Stock and buffer cannot be negative."
    )
    _stock_due = models.Index("(shop_id) WHERE stock_due")

    # === COMPUTE === #

    @api.depends("stock_error_code", "stock_error_details")
    @api.depends_context("lang")
    def _compute_stock_error(self):
        for sku in self:
            sku.stock_error = read(sku, "stock_error")

    @api.model
    def _search_stock_error(self, operator, value):
        return find(self, "stock_error", operator, value)

    @api.depends_context("lang")
    def _compute_stock_odoo(self):
        """Not stored: it would have to be written whenever goods move."""
        for shop, skus in self.grouped("shop_id").items():
            kept = skus.filtered(lambda sku: not sku._unmanaged_reason())
            numbers = kept._sellable(shop) if kept else {}
            for sku in skus:
                sku.stock_odoo = numbers.get(sku, 0)
                sku.stock_reason = sku._unmanaged_reason() or sku._difference_reason()

    def _unmanaged_reason(self):
        """:return: why Odoo does not keep this SKU's stock at Rakuten, False when it does"""
        self.ensure_one()
        if self.mapping_state == "unmapped":
            return self.env._("It has no product yet, so Rakuten's number is left alone.")
        if self.stock_mode == "none":
            return self.env._("Rakuten's number is left alone, as you chose.")
        if not (self.manage_number and self.variant_id):
            return self.env._("It is a mapping by name; Rakuten keeps stock by SKU number.")
        if not self.in_catalogue:
            return self.env._(
                "It was not seen in Rakuten's catalogue, and Rakuten would take its stock without "
                "noticing. Press Import SKUs on the shop."
            )
        if not all(product.is_storable for product, _units in self._components()):
            return self.env._("Odoo does not track the stock of its product.")
        return False

    def _difference_reason(self):
        """:return: why Rakuten holds something else than Odoo, False when it does not"""
        self.ensure_one()
        shop = self.shop_id
        if self.stock_read_at and self.stock_rakuten == self.stock_odoo and not self.stock_error:
            return False
        if shop.state != "connected":
            return self.env._("The shop is not connected: nothing is sent.")
        if self.stock_error:
            return self.stock_error
        if not shop.sync_inventory:
            return self.env._(
                "Inventory Synchronisation is switched off: press Send Stock on the shop."
            )
        if not self.stock_read_at:
            return self.env._("Nothing was sent yet; the next run will.")
        return self.env._("Stock or orders have changed since the last run; the next one sends it.")

    def _compute_push_count(self):
        counts = dict(
            self.env["rakuten.stock.push"]._read_group(
                [("sku_id", "in", self.ids)], ["sku_id"], ["__count"]
            )
        )
        for sku in self:
            sku.push_count = counts.get(sku, 0)

    @on_write(*_DECISIVE)
    def _on_write_decisive(self, vals):
        yield {"stock_due": True, **vals}

    @on_write("product_id", "product_code", "quantity")
    def _on_write_composition(self, vals):
        self._mark_composition()
        yield
        self._mark_composition()

    def unlink(self):
        rows = self.env["rakuten.order.demand"].sudo().search([("sku_id", "in", self.ids)])
        rows.order_id.demand_counted = False
        return super().unlink()

    def _mark_composition(self):
        """What a SKU consists of changes: its own number, and what open orders take of each
        product."""
        self.sudo().filtered(lambda sku: not sku.stock_due).stock_due = True
        products = self.product_id | self.component_ids.product_id
        self.env["rakuten.stock.change"]._mark(products)

    # === ACTIONS === #

    def action_view_stock_log(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "smartship_rakuten.action_rakuten_stock_push"
        )
        action["domain"] = [("sku_id", "in", self.ids)]
        return action

    # === BUSINESS METHODS - Which SKUs === #

    @api.model
    def _stocked_domain(self, shop):
        """SKUs whose stock Odoo keeps at Rakuten. Only such as were seen in the catalogue: Rakuten
        takes the stock of unknown ones without an error and makes orphans of them."""
        return [
            ("shop_id", "=", shop.id),
            ("mapping_state", "!=", "unmapped"),
            ("stock_mode", "!=", "none"),
            ("in_catalogue", "=", True),
            ("manage_number", "!=", False),
            ("variant_id", "!=", False),
        ]

    @api.model
    def _claim_due(self, shop, everything, marked_all):
        """Find the SKUs that a run has to look at, and remember them until they are settled.

        :param bool everything: all of the shop, whatever was marked. Those that were not marked
            are remembered as well, or when they are looked at: in a comparison
        :param bool marked_all: all of them count as marked
        :return: (ids of the SKUs in their order, ids of those that were marked)
        """
        products, all_marked = self.env["rakuten.stock.change"]._pop_marks(shop)
        domain = self._stocked_domain(shop)
        if products:
            parts = products.exists()._rakuten_parts(shop.company_id)
            products |= products.union(*(part for row in parts.values() for part, _units in row))
            products |= products._rakuten_kits()
            self.search(
                [
                    *domain,
                    ("stock_due", "=", False),
                    "|",
                    ("product_id", "in", products.ids),
                    ("component_ids.product_id", "in", products.ids),
                ]
            ).stock_due = True
        due = self.search([("shop_id", "=", shop.id), ("stock_due", "=", True)])
        looked_at = [] if everything or all_marked else [("id", "in", due.ids)]
        stocked = self.search([*domain, *looked_at])
        stocked = stocked.filtered(
            lambda sku: all(product.is_storable for product, _units in sku._components())
        )
        (due - stocked).stock_due = False
        marked = stocked if marked_all or all_marked else due & stocked
        (marked - due).stock_due = True
        return sorted(stocked.ids), set(marked.ids)

    # === BUSINESS METHODS - Push === #

    @api.model
    def _push_stock(self, shop, *, compare=False):
        """Make Rakuten's stock what Odoo has, for what has changed or all; see the class.

        :param bool compare: look at all SKUs, and report what differs though nothing was to send.
            One that Odoo had no time for is gone on with where it ended
        :return: a sentence on what was done
        :raises RmsError: nothing more can be sent now
        :raises UserError: what was not sent, and why
        """
        new = not shop.stock_followed
        if new:
            # From now on changes are noted, in all processes, before anything is looked at.
            shop._stamp(stock_followed=True)
            self.env.registry.signal_changes()
        ids, marked = shop._retry(lambda: self._claim_due(shop, compare or new, new))
        # However many SKUs there are, only a batch of them is held.
        self.env.invalidate_all()
        place = (compare and shop.env.context.get("rakuten_place")) or {}
        # What has changed since counts, wherever the comparison stands.
        ids = [sku for sku in ids if sku > place.get("after", 0) or sku in marked]
        run = _Run(shop._client(), marked if compare else None)
        run.count.update(place.get("count", {}))
        goes_on = None
        left = len(ids)
        for some in split_every(SKUS_PER_READING, ids):
            run.count["seen"] += len(some)
            if compare:
                shop._retry(lambda some=some: self.browse(some)._set_due())
            held, readable = self.browse(some)._read_held(shop, run.client)
            unread = shop._read_new_orders()
            for part in split_every(BULK_UPSERT, readable.ids):
                self.browse(part)._send(shop, held, unread, run)
                shop._commit()
                self.env.invalidate_all()
                if run.closed:
                    raise run.closed
            left -= len(some)
            if left and not shop._commit():
                if compare:
                    after = max(some[-1], place.get("after", 0))
                    place = {"after": after, "count": dict(run.count)}
                    shop._leave_to_schedule("compare", place=place)
                    goes_on = say(self.env, "job.goes_on")
                else:
                    # What is left is due still.
                    shop._leave_to_schedule("inventory")
                break
        if run.withheld:
            raise run.withheld
        if run.unknown and not run.count["sent"]:
            raise run.unknown
        refused = run.refused and say(self.env, "stock.skus_refused", skus=", ".join(run.refused))
        if refused and not (compare or run.count["sent"]):
            raise UserError(refused)
        if compare:
            done = say(
                self.env, "stock.compared", count=run.count["seen"], drift=run.count["drift"]
            )
        else:
            done = say(self.env, "stock.sent", count=run.count["sent"])
        return together(self.env, done, refused, goes_on)

    def _set_due(self):
        """Remember these SKUs until they are settled."""
        self.filtered(lambda sku: not sku.stock_due).stock_due = True

    def _read_held(self, shop, client):
        """What Rakuten holds of these SKUs, 1,000 a call.

        :return: (dict of SKU id to units, without SKUs that Rakuten has no record of; those of
            these SKUs of which that is known). The others say so
        """
        rows = self.read(["manage_number", "variant_id"], load=None)
        ids = {_stock_key(row["manage_number"], row["variant_id"]): row["id"] for row in rows}
        pairs = [(row["manage_number"], row["variant_id"]) for row in rows]
        held, lost = {}, set()
        for entry in client.inventories_bulk_get(pairs, unreadable=lost):
            sku_id = ids.get(_stock_key(entry["manageNumber"], entry["variantId"]))
            if sku_id:
                held[sku_id] = entry["quantity"]
        unreadable = self.browse(filter(None, (ids.get(_stock_key(*pair)) for pair in lost)))

        def refuse(_part):
            raise UserError(say(self.env, "stock.unreadable"))

        shop._guard(unreadable, refuse, step="step.stock", mark=type(self)._mark_unsent)
        return held, self - unreadable

    def _send(self, shop, held, unread, run, attempt=0):
        """Send what differs of at most 400 SKUs of a shop.

        :param dict held: of :meth:`_read_held`, read before the orders were
        :param unread: why not all orders are known, so that numbers only fall; None: they are
        :param run: the :class:`_Run` to add to
        """
        prepared = shop._guard(
            self,
            lambda part: part._prepare_stock(shop, held, unread, run.marked, attempt),
            step="step.stock",
            mark=type(self)._mark_unsent,
            most=BULK_UPSERT,
        )
        different, targets = self.browse(), {}
        for _part, (numbers, to_send, withheld, drift) in prepared:
            targets |= numbers
            different |= to_send
            run.withheld = unread if withheld else run.withheld
            run.count["drift"] += drift
        by_key = {(sku.manage_number, sku.variant_id): sku for sku in different}
        entries = [sku._stock_entry(held.get(sku.id), targets[sku]) for sku in different]
        again = []
        for result in run.client.inventories_bulk_upsert(entries):
            skus = self.browse(
                by_key[entry["manageNumber"], entry["variantId"]].id for entry in result.entries
            )
            if not result.error:
                run.count["sent"] += len(skus)
                skus._note(shop, lambda part: part._note_sent(held, targets))
            elif isinstance(result.error, OutcomeUnknown):
                skus._note(shop, lambda part: part._log_stock("unknown", held, targets))
                skus._read_back(shop, held, targets, result.error, run)
            elif isinstance(result.error, RequestRefused) and _is_about_skus(result):
                rejected = {
                    by_key[entry["manageNumber"], entry["variantId"]]: message
                    for entry, message in result.rejected
                }
                again += skus._handle_refused_batch(
                    shop, held, targets, result.error, rejected, run, attempt
                )
            else:
                run.closed = result.error
                sentence = shop._explain(result.error)
                skus._note(shop, lambda part, said=sentence: part._note_stock(held, said))
        for skus in again:
            # RMS does not say whether a refused list is applied in part: begin at what it holds.
            fresh, readable = skus._read_held(shop, run.client)
            readable._send(shop, fresh, shop._read_new_orders(), run, attempt + 1)

    def _prepare_stock(self, shop, held, unread, marked, attempt):
        """Find out what of these SKUs is to be sent, and settle the others.

        :param marked: ids of the SKUs of which a change was known, None where drift is not looked
            for
        :return: (dict of SKU to the number that Rakuten shall have, the SKUs to send, whether
            numbers are withheld that would rise, how many have drifted)
        """
        targets = self._sellable(shop)
        same = self.filtered(lambda sku: held.get(sku.id) == targets[sku])
        same._confirm_stock(targets, sent=False)
        different = self - same
        drifted = self.browse()
        if marked is not None and not attempt:
            drifted = different.filtered(lambda sku: sku.id not in marked)
            drifted._log_stock("drift", held, targets)
        raised = different.filtered(lambda sku: unread and targets[sku] > held.get(sku.id, 0))
        if raised:
            raised._note_stock(held, shop._explain_stock(unread))
        return targets, different - raised, bool(raised), len(drifted)

    def _note(self, shop, work):
        """Write down what became of a call: it has gone out, so nothing may keep it from being
        known of all of them.

        :param work: callable(part)
        """
        shop._guard(
            self, work, step="step.stock_note", mark=type(self)._mark_unsent, most=BULK_UPSERT
        )

    def _note_sent(self, held, targets):
        self._log_stock("sent", held, targets)
        self._confirm_stock(targets, sent=True)

    def _mark_unsent(self, failure):
        """Nothing is known of this SKU's stock at Rakuten: the next run begins by reading it.

        :param ..shop.rakuten_guard.Failure failure:
        """
        self.write({"stock_due": True, **columns("stock_error", failure.reason)})

    def _stock_entry(self, held, target):
        absolute = held is None or not target
        return {
            "manageNumber": self.manage_number,
            "variantId": self.variant_id,
            "mode": "ABSOLUTE" if absolute else "RELATIVE",
            "quantity": target if absolute else target - held,
        }

    def _handle_refused_batch(self, shop, held, targets, error, rejected, run, attempt):
        """A call was refused: what RMS named stays behind, the rest is sent without it; where it
        named nothing, in halves until the bad one stands alone.

        What is sent again is read again before, so the halves are no
        :func:`~.rules.halving.by_halves` of one attempt.

        :param dict rejected: SKU to the Message of RMS
        :return: list of the SKUs to send again, one call each
        """
        if not rejected and len(self) > 1:
            return list(halves(self))
        moved, refused = self.browse(), {}
        for sku in self if len(self) == 1 else rejected:
            message = rejected.get(sku)
            code = message.code if message else error.code
            if code in _MOVED and not attempt:
                moved |= sku
                continue
            text = say(self.env, "stock.refused", reason=refusal(self.env, message or error))
            run.refused.append(sku.display_name)
            refused[sku] = text, code in _MOVED

        def note(part):
            for sku in part:
                text, due = refused[sku]
                sku._log_stock("refused", held, targets, text)
                # It is tried again when something changes, and once a day.
                sku.write({**columns("stock_error", text), "stock_due": due})

        self.browse(sku.id for sku in refused)._note(shop, note)
        rest = self - self.browse(sku.id for sku in rejected) if len(self) > 1 else self.browse()
        return [skus for skus in (rest | moved,) if skus]

    def _read_back(self, shop, held, targets, error, run):
        """Nobody knows whether a call was carried out: see what Rakuten holds after a while.

        What is not as wanted waits for the next run, which reads once more before it sends.
        """
        time.sleep(READ_BACK_SECONDS)
        sentence = shop._explain(error)
        try:
            held, readable = self._read_held(shop, run.client)
        except RmsError:
            run.unknown = error
            self._note(shop, lambda part: part._note_stock(held, sentence))
            return
        arrived = readable.filtered(lambda sku: held.get(sku.id) == targets[sku])
        run.count["sent"] += len(arrived)
        arrived._note(shop, lambda part: part._confirm_stock(targets, sent=True))
        if readable - arrived:
            run.unknown = error
            (readable - arrived)._note(shop, lambda part: part._note_stock(held, sentence))

    # === BUSINESS METHODS - What became of it === #

    def _confirm_stock(self, targets, *, sent):
        """Rakuten has the number, because it took it or had it already."""
        now = fields.Datetime.now()
        for sku in self:
            sku.stock_sent = sku.stock_rakuten = targets[sku]
        self.write({"stock_read_at": now, "stock_due": False, **columns("stock_error", None)})
        if sent:
            self.stock_sent_at = now

    def _note_stock(self, held, reason):
        """Rakuten does not have the number; the next run tries again."""
        for sku in self:
            sku.stock_rakuten = held.get(sku.id, 0)
        self.write({"stock_read_at": fields.Datetime.now(), **columns("stock_error", reason)})

    def _log_stock(self, outcome, held, targets, message=None):
        self.env["rakuten.stock.push"]._record(
            outcome, [(sku, held.get(sku.id), targets[sku], message) for sku in self]
        )

    # === BUSINESS METHODS - Numbers === #

    def _sellable(self, shop):
        """Units of each SKU that Rakuten may sell.

        :return: dict of rakuten.sku to whole units, 0 to 99,999
        """
        counted = self.filtered(lambda sku: sku.stock_mode == "auto")
        components = {sku: sku._components() for sku in counted}
        products = self.env["product.product"].union(
            *(product for parts in components.values() for product, _units in parts)
        )
        exploded = products._rakuten_parts(shop.company_id)
        products = products.union(
            *(product for parts in exploded.values() for product, _units in parts)
        )
        demand = self._demand(shop, products)
        stock = products._rakuten_stock(shop.stock_kind, *shop._stock_locations())
        free = {product: stock[product] - demand[product] for product in products}

        def sellable(sku):
            if sku.stock_mode == "unlimited":
                return LARGEST_STOCK
            if sku.stock_mode == "fixed":
                return min(sku.stock_fixed, LARGEST_STOCK)
            if not all(product.active for product, _units in components[sku]):
                return 0
            needs = Counter()
            for product, units in components[sku]:
                for part, number in exploded[product]:
                    needs[part] += units * number
            # A set is there as often as its scarcest component; decimals of kits are not exact.
            units = min((int((free[p] + 1e-6) // need) for p, need in needs.items()), default=0)
            buffer = sku.stock_buffer if sku.own_buffer else shop.stock_buffer
            return min(max(units - buffer, 0), LARGEST_STOCK)

        return {sku: sellable(sku) for sku in self}

    @api.model
    def _demand(self, shop, products):
        """Units ordered at Rakuten that the shop's kind of stock does not show as gone yet.

        Rakuten took them off its own stock when they were bought, so they must not be offered
        again: orders without a sale order, quotations, and moves as far as they are still in the
        figure. Shops that sell from the same warehouses count together.

        :return: Counter of product to units
        """
        shops = shop.with_context(active_test=False).search(shop._same_stock_domain())
        goods = products | products._rakuten_kits()
        demand = self.env["rakuten.order"]._open_demand(shops, goods)
        demand += self.env["rakuten.reservation"]._open_demand(shops, goods)
        lines = self.env["sale.order.line"]._read_group(
            [
                ("order_id.rakuten_shop_id", "in", shops.ids),
                ("order_id.rakuten_reference", "=", False),
                ("order_id.state", "in", ("draft", "sent")),
                ("product_id", "in", goods.ids),
            ],
            ["product_id"],
            ["product_uom_qty:sum"],
        )
        for product, quantity in lines:
            demand[product] += quantity
        parts = self.env["product.product"].union(*demand)._rakuten_parts(shop.company_id)
        ordered = Counter()
        for product, quantity in demand.items():
            for part, units in parts[product]:
                ordered[part] += quantity * units
        ordered -= self.env["rakuten.order"]._taken_demand(shop, shops)
        if shop.stock_kind == "forecast":
            # The forecast has every move off already.
            return ordered
        counted, left_out = shop._stock_locations()
        moves = self.env["stock.move"]._read_group(
            [
                ("picking_id.rakuten_shop_id", "in", shops.ids),
                ("state", "in", ("confirmed", "partially_available", "assigned")),
                ("location_id", "child_of", counted.ids),
                "!",
                ("location_id", "child_of", left_out.ids),
                ("product_id", "in", products.ids),
            ],
            ["product_id"],
            ["product_qty:sum", "quantity:sum"],
        )
        for product, wanted, reserved in moves:
            ordered[product] += wanted - (reserved if shop.stock_kind == "free" else 0)
        return ordered


def _stock_key(manage_number, variant_id):
    """A SKU as RMS and Odoo both write it: 商品管理番号 is the same in capitals."""
    return manage_number.strip().lower(), variant_id.strip()


def _is_about_skus(result):
    """Whether RMS refused some SKUs, not the call as such (IE1105: the shop is not migrated)."""
    return (
        bool(result.rejected) or result.error.code.startswith("IE0") or result.error.code in _MOVED
    )


class _Run:
    """What one push has done so far.

    :ivar client: the RMS client of the shop
    :ivar marked: ids of the SKUs of which a change was known, None where drift is not looked for
    :ivar closed: the error after which nothing more can be sent
    :ivar withheld: why numbers were not raised
    :ivar unknown: the error of a call of which nobody knows whether it was carried out
    :ivar list refused: names of the SKUs that Rakuten refused
    """

    def __init__(self, client, marked):
        self.client = client
        self.marked = marked
        self.count = Counter()
        self.closed = self.withheld = self.unknown = None
        self.refused = []
