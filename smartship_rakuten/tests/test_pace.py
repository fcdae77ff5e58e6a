"""One order-API call a second per shop, across processes."""

import threading
import time

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from odoo.addons.smartship_rakuten.models.shop.rakuten_pace import Pacer

#: No shop has this id; the rows are removed again.
SHOP = 2_000_000_000
INTERVAL = 0.2


@tagged("post_install", "-at_install", "alone")
class TestPace(BaseCase):
    """Workers that share nothing but the database: each has a connection of its own."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self.forget)

    def forget(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM rakuten_pace WHERE shop_id >= %s", [SHOP])

    def run_workers(self, families, calls, interval=INTERVAL):
        times, lock = [], threading.Lock()

        def work(family, shop_id):
            with self.registry.cursor() as cr:
                pacer = Pacer(api.Environment(cr, SUPERUSER_ID, {}), shop_id, interval)
                for _call in range(calls):
                    pacer.wait(family)
                    with lock:
                        times.append(time.monotonic())

        workers = [threading.Thread(target=work, args=entry) for entry in families]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
        return sorted(times)

    def test_two_workers_never_call_too_close(self):
        times = self.run_workers([("order", SHOP)] * 4, 4)
        self.assertEqual(len(times), 16)
        gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
        # A worker that is woken late comes nearer to the next; together they are no faster.
        self.assertGreater(min(gaps), 0.5 * INTERVAL)
        self.assertGreater(times[-1] - times[0], 0.95 * 15 * INTERVAL)

    def test_slots_taken_in_the_same_instant(self):
        """Hundreds of reservations at once: each worker gets a slot of its own."""
        waits, lock = [], threading.Lock()

        def work():
            with self.registry.cursor() as cr:
                pace = api.Environment(cr, SUPERUSER_ID, {})["rakuten.pace"]
                for _call in range(40):
                    seconds = pace._reserve(SHOP, "order", 1000)
                    with lock:
                        waits.append(seconds)

        workers = [threading.Thread(target=work) for _worker in range(6)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
        self.assertEqual(len(waits), 240)
        slots = {round(seconds / 1000) for seconds in waits}
        self.assertEqual(slots, set(range(240)))

    def test_shops_and_families_do_not_wait_for_each_other(self):
        began = time.monotonic()
        self.run_workers([("order", SHOP), ("order", SHOP + 1), ("inventory", SHOP)], 1, 10)
        self.assertLess(time.monotonic() - began, 5)

    def test_back_off_holds_everybody(self):
        with self.registry.cursor() as cr:
            pacer = Pacer(api.Environment(cr, SUPERUSER_ID, {}), SHOP, INTERVAL)
            began = time.monotonic()
            pacer.back_off("order", 0.5)
        self.run_workers([("order", SHOP)], 1)
        self.assertGreaterEqual(time.monotonic() - began, 0.45)
