from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate, ormcache

from ...rms import RmsError
from ..jobs.job import job
from ..shop.clock import is_since
from ..shop.on_write import on_write
from ..shop.rakuten_shop import ONE_CALL
from ..shop.sentences import declare_sentences, say
from .rakuten_order_demand import OPEN_STATES

_lt = LazyTranslate(__name__)

#: A neighbour's orders need not be read again when its own run has just done it.
NEIGHBOUR_READ_FOR = timedelta(minutes=1)
#: After a run that something passing kept from ending; the faults of a line are short.
RETRY = timedelta(minutes=2)

declare_sentences(
    {
        "stock.not_connected": _lt("It is not connected."),
        "stock.neighbour_unread": _lt(
            "No number was raised, because the orders of %(shop)s, which sells the same stock, "
            "are not known: %(reason)s"
        ),
        "stock.orders_unread": _lt(
            "The number was not raised, because the newest orders could not be read: %(reason)s"
        ),
    }
)


class RakutenShop(models.Model):
    """When a shop's stock is sent, and which orders have to be known before."""

    _inherit = "rakuten.shop"

    sync_inventory = fields.Boolean(
        string="Inventory Synchronisation", tracking=True, help="Send stock changes to Rakuten."
    )
    stock_buffer = fields.Integer(
        default=0,
        tracking=True,
        help="Units of each SKU that are held back from Rakuten.",
    )
    stock_kind = fields.Selection(
        [("free", "Free"), ("on_hand", "On Hand"), ("forecast", "Forecast")],
        string="Stock That Is Sold",
        tracking=True,
        default="free",
        required=True,
        help="Free: on hand and not reserved. Forecast: with what is to come in and go out. What "
        "is ordered at Rakuten and not shipped yet is taken off each of them.",
    )
    stock_location_ids = fields.Many2many(
        "stock.location",
        "rakuten_shop_stock_location_rel",
        string="Further Locations",
        domain="[('usage', '=', 'internal')]",
        check_company=True,
        tracking=True,
        help="Their stock is sold too, besides that from which the warehouse's deliveries are "
        "taken.",
    )
    stock_left_out_ids = fields.Many2many(
        "stock.location",
        "rakuten_shop_stock_left_out_rel",
        string="Locations Not for Sale",
        domain="[('usage', '=', 'internal')]",
        check_company=True,
        tracking=True,
        help="Their stock and that of the locations below them is not sold.",
    )
    reservation_days = fields.Integer(
        string="Hold Back for Reservations (Days)",
        default=0,
        tracking=True,
        help="Units of reservations (予約, 定期購入, 頒布会) that are expected within so many days "
        "and have not become orders are held back from Rakuten. 0: none. Rakuten does not say "
        "whether a reservation has taken its units off the stock at Rakuten: leave it at 0 where "
        "the number there falls when somebody reserves, else they are held back twice.",
    )
    stock_followed = fields.Boolean(
        readonly=True,
        copy=False,
        help="Changes of the stock are noted since the last push; otherwise the next one looks at "
        "all SKUs.",
    )
    due_count = fields.Integer(string="SKUs to Send", compute="_compute_due_count")

    _stock_buffer_positive = models.Constraint(
        "CHECK(stock_buffer >= 0)", "The stock buffer cannot be negative."
    )
    _reservation_days_range = models.Constraint(
        "CHECK(reservation_days BETWEEN 0 AND 365)",
        "Reservations can be held back for between 0 and 365 days.",
    )

    def _compute_due_count(self):
        counts = dict(
            self.env["rakuten.sku"]._read_group(
                [("shop_id", "in", self.ids), ("stock_due", "=", True)], ["shop_id"], ["__count"]
            )
        )
        for shop in self:
            shop.due_count = counts.get(shop, 0)

    @api.model
    @ormcache()
    def _stock_followed_ids(self):
        """Ids of the shops whose stock changes are noted. Asked whenever goods move."""
        return tuple(self.sudo().search([("stock_followed", "=", True)], order="id").ids)

    @api.model
    def _clear_followed_ids(self):
        self.env.registry.clear_cache()

    @api.model_create_multi
    def create(self, vals_list):
        self._clear_followed_ids()
        return super().create(vals_list)

    @on_write(
        "reservation_days",
        "stock_buffer",
        "stock_kind",
        "warehouse_id",
        "stock_location_ids",
        "stock_left_out_ids",
    )
    def _on_write_stock_rules(self, vals):
        """They decide all numbers of a shop at once."""
        yield
        self.env["rakuten.stock.change"]._mark_all(self)

    @on_write("stock_followed", "active")
    def _on_write_stock_followed(self, vals):
        yield
        self._clear_followed_ids()

    def unlink(self):
        self._clear_followed_ids()
        return super().unlink()

    # === ACTIONS === #

    def action_sync_inventory(self):
        return self._run_action("inventory", self.env._("Stock sent to Rakuten."))

    def action_view_due_skus(self):
        return self._view(
            "smartship_rakuten.action_rakuten_sku_stock", {"search_default_stock_due": True}
        )

    # === BUSINESS METHODS - Which stock === #

    def _stock_locations(self):
        """Where the stock lies that is sold: where the warehouse's deliveries take goods from,
        whatever the number of its steps, and the shop's further locations.

        :return: (the locations, with all that is below them; those below them that are left out)
        """
        self.ensure_one()
        rules = self.warehouse_id.delivery_route_id.rule_ids.filtered(
            # The others wait for what an earlier step brings.
            lambda rule: rule.action != "push" and rule.procure_method != "make_to_order"
        )
        taken_from = rules.location_src_id or self.warehouse_id.lot_stock_id
        counted = (taken_from | self.stock_location_ids).filtered(
            lambda location: not _is_within(location, self.stock_left_out_ids)
        )
        return counted, self.stock_left_out_ids.filtered(
            lambda location: _is_within(location, counted)
        )

    @api.model
    def _mark_stock_of_all(self):
        """Where goods lie has changed: seldom enough to look at every SKU of every shop."""
        followed = self._stock_followed_ids()
        if followed:
            self.env["rakuten.stock.change"]._mark_all(self.browse(followed))

    def _counts_stock_in(self):
        """:return: callable(stock.location): whether what lies in a location is sold"""
        counted, left_out = self._stock_locations()
        return lambda location: _is_within(location, counted) and not _is_within(location, left_out)

    def _same_stock_domain(self):
        """Condition of the shops that sell from a warehouse that this one sells from, itself
        included."""
        self.ensure_one()
        warehouses = self.warehouse_id | self.stock_location_ids.warehouse_id
        return Domain("warehouse_id", "in", warehouses.ids) | Domain(
            "stock_location_ids.warehouse_id", "in", warehouses.ids
        )

    # === BUSINESS METHODS - Jobs === #

    @job(
        "inventory",
        label=_lt("Send Stock"),
        sequence=40,
        cron="smartship_rakuten.ir_cron_sync_inventory",
        option="sync_inventory",
        catches_up=True,
        finish="_retry_due_stock",
    )
    def _sync_inventory(self):
        return self.env["rakuten.sku"]._push_stock(self)

    @job(
        "compare",
        label=_lt("Compare Stock"),
        sequence=50,
        cron="smartship_rakuten.ir_cron_compare_inventory",
        option="sync_inventory",
    )
    def _compare_inventory(self):
        """Find and repair what has drifted apart."""
        return self.env["rakuten.sku"]._push_stock(self, compare=True)

    @api.model
    def _retry_due_stock(self):
        """Once the scheduled action has been to all shops: what could not be sent is not left until
        its next turn."""
        shops = self._selling_shops()
        if self.env["rakuten.sku"].search(
            [("shop_id", "in", shops.ids), ("stock_due", "=", True)], limit=1
        ):
            self._trigger_job("inventory", at=fields.Datetime.now() + RETRY)

    @api.model
    def _selling_shops(self, limit=None):
        """Connected shops to which stock is sent."""
        selling = [("sync_inventory", "=", True), ("state", "=", "connected")]
        return self.search(selling, limit=limit)

    def _after_job(self, job):
        """Count what the orders of this shop need, and let stock follow.

        Right after an import demand is fresh, and after a report the goods have left: numbers are
        sent then, not at the scheduled action's next turn.
        """
        result = super()._after_job(job)
        self.env["rakuten.order"]._count_demand(self)
        if (
            self._stock_followed_ids()
            and job.option != "sync_inventory"  # which has just sent it
            and self.env["rakuten.stock.change"]._is_waiting()
            and self._selling_shops(limit=1)
        ):
            self._trigger_job("inventory")
        return result

    # === BUSINESS METHODS - Orders that must be known === #

    def _read_new_orders(self):
        """Record what was ordered by now, before stock is offered: at this shop, and at the shops
        that sell the same stock.

        :return: None, or the RmsError or UserError that says why not all is known
        """
        error = self._read_own_orders()
        for shop in self._neighbours() if not error else ():
            error = error or shop._read_as_neighbour()
        return error

    def _read_own_orders(self):
        try:
            self._fetch_new(self._client(), fields.Datetime.now())
        except RmsError as error:
            return error
        self.env["rakuten.order"]._count_demand(self, again=True)
        return None

    def _neighbours(self):
        """Other shops that sell the same stock. One whose key was rejected, or is being replaced,
        goes on selling at Rakuten, so it counts; one whose orders were never read, or that is
        archived, does not."""
        was_read = Domain("state", "!=", "draft") | Domain("orders_read_at", "!=", False)
        return self.search(self._same_stock_domain() & Domain("id", "!=", self.id) & was_read)

    def _read_as_neighbour(self):
        """:return: None, or the UserError that says why this shop's orders are not known"""
        if is_since(self.orders_read_at, fields.Datetime.now() - NEIGHBOUR_READ_FOR):
            return None
        if self.state != "connected":
            reason = say(self.env, "stock.not_connected")
        else:
            try:
                with self._exclusive(ONE_CALL):
                    error = self._read_own_orders()
                reason = error and self._explain(error)
            except UserError as error:
                reason = error.args[0]
        return reason and UserError(
            say(self.env, "stock.neighbour_unread", shop=self.name, reason=reason)
        )

    def _explain_stock(self, error):
        """:param error: what :meth:`_read_new_orders` returned"""
        if isinstance(error, UserError):
            return error.args[0]
        return say(self.env, "stock.orders_unread", reason=self._explain(error))

    def _recount_demand(self):
        """Orders that wait may bring other products than when they were counted."""
        self.env["rakuten.order"].sudo().search(
            [
                ("shop_id", "in", self.ids),
                ("state", "in", OPEN_STATES),
                ("demand_counted", "=", True),
            ]
        ).demand_counted = False


def _is_within(location, parents):
    """Whether a location is one of some others, or below one."""
    return any(location.parent_path.startswith(parent.parent_path) for parent in parents)
