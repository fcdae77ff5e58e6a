from datetime import timedelta

from odoo import fields, models

from ..rms import MalformedAnswer
from .rakuten_order import OPEN_PROGRESS
from .rakuten_shop import BATCH, SEARCH_DAYS


class RakutenShop(models.Model):
    """Fetching, confirming and importing the orders of a shop."""

    _inherit = "rakuten.shop"  # pylint: disable=consider-merging-classes-inherited

    # === BUSINESS METHODS - Orders === #

    def _import_orders(self):
        """Fetch what is new in 100, 200, 300 and 400 and make sale orders of what is in 300.

        Two searches tell what changed without reading one known order: a number that moves
        between "to ship" and "not yet" is read again, the others are left alone.
        """
        Order = self.env["rakuten.order"]
        client = self._client()
        end = fields.Datetime.now()
        start = max(self.import_from, end - timedelta(days=SEARCH_DAYS))
        waiting = list(
            client.search_order(start=start, end=end, order_progress_list=[100, 200, 400])
        )
        to_ship = list(client.search_order(start=start, end=end, order_progress_list=[300]))
        self._fetch(client, Order._needing_fetch(self, start, waiting, to_ship))
        if self.auto_confirm:
            self._confirm_waiting(client)
        imported = self._process_orders()
        self.last_import = end
        return self.env._(
            "%(found)s orders found at Rakuten, %(imported)s imported, %(blocked)s need attention.",
            found=len(waiting) + len(to_ship),
            imported=imported,
            blocked=self.blocked_count,
        )

    def _fetch(self, client, numbers):
        """Read orders and keep them as they came, each hundred committed before anything else."""
        Order = self.env["rakuten.order"]
        numbers = list(numbers)
        for index in range(0, len(numbers), BATCH):
            chunk = numbers[index : index + BATCH]
            try:
                for result in client.get_order(chunk):
                    Order._store(self, result.orders)
                    if result.broken and len(chunk) == 1:
                        Order._store_unreadable(self, chunk, result.raw_text)
                    elif result.broken:
                        # RMS sent something that is no order: find out for which number.
                        self._fetch_halves(client, result.missing)
                    Order._store_refused(self, result.refused)
            except MalformedAnswer:
                # Something in the answer cannot be read: its neighbours can.
                if len(chunk) == 1:
                    Order._store_unreadable(self, chunk, "")
                else:
                    self._fetch_halves(client, chunk)
            self._commit()

    def _fetch_halves(self, client, numbers):
        middle = (len(numbers) + 1) // 2
        for half in (numbers[:middle], numbers[middle:]):
            self._fetch(client, half)

    def _confirm_waiting(self, client):
        """Confirm at Rakuten what waits for it (注文確認). It cannot be undone there."""
        orders = self.env["rakuten.order"].search(
            [("shop_id", "=", self.id), ("state", "=", "waiting"), ("progress", "=", "100")]
        )
        by_number = {order.name: order for order in orders if order._may_confirm()}
        for outcomes in client.confirm_order(list(by_number)):
            unknown = []
            for number, outcome in outcomes.items():
                order = by_number[number]
                if outcome.ok:
                    order.write({"progress": "200", "problem_details": False})
                elif not outcome.known:
                    unknown.append(number)
                else:
                    order.problem_details = {
                        "reason": self.env._(
                            "Rakuten did not confirm the order: %(reason)s",
                            reason=outcome.message or outcome.sentence,
                        )
                    }
            self._commit()
            # Reading tells whether a confirmation without an answer arrived.
            self._fetch(client, unknown)

    def _process_orders(self):
        """Make sale orders of all that wait for it, in batches.

        :return: how many were made
        """
        Order = self.env["rakuten.order"]
        imported = 0
        ids = Order.search([("shop_id", "=", self.id), ("state", "=", "todo")]).ids
        # What blocked an order may have been mended since.
        ids += Order.search(
            [("shop_id", "=", self.id), ("state", "=", "blocked"), ("progress", "=", "300")]
        ).ids
        for index in range(0, len(ids), BATCH):
            orders = Order.browse(ids[index : index + BATCH]).try_lock_for_update()
            orders._process()
            imported += len(orders.filtered(lambda order: order.state == "done"))
            self._commit()
        return imported

    def _run_orders(self, orders):
        """Read given orders of this shop again and import them, for a person who asked for it."""
        self._run("retry", orders.ids)

    def _retry_orders(self, ids):
        orders = self.env["rakuten.order"].browse(ids)
        self._fetch(self._client(), orders.mapped("name"))
        orders.filtered(lambda order: order.state in ("todo", "blocked"))._process()

    def _refresh_orders(self):
        """Re-read every order that is not finished, a hundred a call, and act on what changed."""
        orders = self.env["rakuten.order"].search(
            [
                ("shop_id", "=", self.id),
                ("state", "in", ("waiting", "todo", "blocked", "done")),
                ("progress", "in", OPEN_PROGRESS),
            ]
        )
        self._fetch(self._client(), orders.mapped("name"))
        self._process_orders()
        return self.env._("%(count)s open orders read again.", count=len(orders))
