"""Query budgets of the hot paths: constant per batch, whatever the number of orders. A batch stands
in a savepoint; of orders to be made it has twenty. A job takes its own lock and the shop's, and
after each reads anew what it needs of the shop."""

from datetime import datetime, timedelta

from odoo.tests import tagged

from .common import RakutenCase, item, order, package


@tagged("post_install", "-at_install")
class TestBudgets(RakutenCase):
    def setUp(self):
        super().setUp()
        self.start, self.minute = datetime.now(), 0

    def queries(self, function, *args):
        """Of a run in a minute of its own: within the second of the run before it, the time of
        reading would not be written once more."""
        self.minute += 1
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        with self.freeze(self.start + timedelta(minutes=self.minute)):
            function(*args)
            self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def new_buyers(self, first, count):
        """Two-line orders, each of a buyer of its own."""
        for number in range(first, first + count):
            entry = order(number, [package(number, [item("1"), item("2", "CODE-B")])], total=2200)
            entry["OrdererModel"]["firstName"] = str(number)
            entry["PackageModelList"][0]["SenderModel"]["firstName"] = str(number)
            yield entry

    def import_new(self, first, count):
        self.rms.put(*self.new_buyers(first, count))
        return self.queries(self.shop.action_import_orders)

    def test_import_of_orders(self):
        """What grows with an order is Odoo's own confirmation of it, and a twentieth of a batch,
        which is queued, taken out of the queue under its rows' locks and read anew."""
        self.import_new(1, 1)
        few, many = self.import_new(100, 10), self.import_new(200, 60)
        self.assertLessEqual((many - few) / 50, 21)

    def test_import_without_confirmation(self):
        self.shop.auto_fulfil = False
        self.import_new(1, 1)
        few, many = self.import_new(100, 10), self.import_new(200, 60)
        self.assertLessEqual((many - few) / 50, 4)

    def test_import_with_nothing_new(self):
        self.import_new(100, 10)
        self.assertLessEqual(self.queries(self.shop.action_import_orders), 15)
        self.import_new(200, 60)
        self.assertLessEqual(self.queries(self.shop.action_import_orders), 15)

    def test_reading_unchanged_orders_again(self):
        self.import_new(100, 10)
        self.assertLessEqual(self.queries(self.shop._run, "refresh"), 19)
        self.import_new(200, 60)
        self.assertLessEqual(self.queries(self.shop._run, "refresh"), 19)

    def test_blocked_orders_are_looked_at_together(self):
        def block(first, count):
            self.rms.put(
                *(
                    order(n, [package(n, [item("9", "NOBODY")])])
                    for n in range(first, first + count)
                )
            )
            self.shop.action_import_orders()
            return self.queries(self.shop.action_import_orders)

        self.assertLessEqual(block(100, 10), 37)
        # 70 of them are four batches
        self.assertLessEqual(block(200, 60), 37 + 3 * 14)
