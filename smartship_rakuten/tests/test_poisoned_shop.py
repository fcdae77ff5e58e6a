"""A shop in which twenty records are poisoned in twenty ways: in every job the healthy ones end as
they would without them, and each poisoned one is named and marked."""

import copy
from contextlib import closing
from datetime import datetime
from unittest.mock import patch

from psycopg2 import DataError, IntegrityError, InternalError
from psycopg2.errors import (
    CharacterNotInRepertoire,
    NotNullViolation,
    NumericValueOutOfRange,
    ProgramLimitExceeded,
    UniqueViolation,
)

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.rms import OutcomeUnknown
from odoo.addons.smartship_rakuten.rules.payload import OrderProblem

from .campaign import figures
from .common import RakutenCase, order

MODELS = "odoo.addons.smartship_rakuten.models"
GUARD = f"{MODELS}.shop.rakuten_guard"


def refused_by_odoo():
    return UserError("Refused by a test.")


#: What a poisoned record provokes: twenty kinds.
POISONS = (
    *(ValueError, KeyError, TypeError, OverflowError, RecursionError, ZeroDivisionError),
    *(AttributeError, AssertionError, UnicodeError, MemoryError, DataError, IntegrityError),
    *(InternalError, NotNullViolation, UniqueViolation, NumericValueOutOfRange),
    *(CharacterNotInRepertoire, ProgramLimitExceeded),
    refused_by_odoo,
    lambda: OrderProblem("malformed", field="units"),
)


@tagged("post_install", "-at_install")
class TestPoisonedShop(RakutenCase):
    healthy = 10

    def setUp(self):
        super().setUp()
        # Nobody's goods depend on whether another order is there.
        stock = self.shop.warehouse_id.lot_stock_id
        self.env["stock.quant"]._update_available_quantity(self.product_a, stock, 1000)

    @property
    def count(self):
        return self.healthy + len(POISONS)

    def poison_of(self, position):
        """:return: what makes the error of a position, None for a healthy one"""
        # poisoned ones stand among the healthy ones, not beside each other only
        step = max(self.count // len(POISONS), 1)
        number, rest = divmod(position, step)
        return POISONS[number] if not rest and number < len(POISONS) else None

    def check(self, names, run, target, names_of, snapshot, marked=None):
        """Run a job without and with poison.

        :param list names: of all records, in their order
        :param run: callable(): the job
        :param target: (class, method) that the job calls for its batches
        :param names_of: callable(self, *args of the method): names of the records of a batch
        :param snapshot: callable(name): what has become of a record
        :param marked: callable(name): what marks a poisoned one; None where there is no record
        """
        poisons = {
            name: poison
            for position, name in enumerate(names)
            if (poison := self.poison_of(position))
        }
        self.assertEqual(len(poisons), len(POISONS))
        healthy = [name for name in names if name not in poisons]
        before = copy.deepcopy(self.rms.__dict__)
        with closing(self.env.cr.savepoint()):
            with self.not_done() as failed:
                run()
            self.assertEqual(failed, [])
            expected = {name: snapshot(name) for name in healthy}
        self.env.invalidate_all()
        self.rms.__dict__.update(before)
        model, method = target
        original = getattr(model, method)

        def poisoned(records, *args, **kwargs):
            for name in names_of(records, *args):
                if name in poisons:
                    raise poisons[name]()
            return original(records, *args, **kwargs)

        with (
            patch.object(model, method, poisoned),
            self.not_done() as failed,
            mute_logger(GUARD, "odoo.addons.smartship_rakuten.models.privacy.rakuten_shop"),
        ):
            result = run()
        self.assertEqual(sorted({name for name, _error in failed}), sorted(poisons))
        self.assertEqual({name: snapshot(name) for name in healthy}, expected)
        if marked:
            for name in poisons:
                with self.subTest(name=name):
                    self.assertTrue(marked(name), name)
        figures(f"{method}: {len(healthy)} healthy as without, {len(poisons)} named and marked")
        return result

    # === Orders === #

    def put(self, **values):
        return self.rms.put(*(order(n, **values) for n in range(1, self.count + 1)))

    def imported(self):
        numbers = self.put()
        self.shop.action_import_orders()
        self.assertEqual({self.order(number).state for number in numbers}, {"done"})
        return numbers

    def order(self, number):
        return self.Order.search([("shop_id", "=", self.shop.id), ("name", "=", number)])

    def ended(self, number):
        """What has become of an order and its goods."""
        record = self.order(number)
        sale = record.sale_order_id
        return (
            *(record.state, record.progress, record.problem_code, record.changed_code),
            *(sale.state, sale.amount_total, sale.picking_ids.mapped("state")),
            *(record.parcel_ids.mapped("state"), record.stage_told, record.payload["remarks"]),
        )

    def test_import(self):
        numbers = self.put()
        result = self.check(
            numbers,
            lambda: self.shop._run("import"),
            (type(self.Order), "_create_batch"),
            lambda orders, *_args: orders.mapped("name"),
            self.ended,
            lambda number: self.order(number).state == "blocked" and self.order(number).problem,
        )
        refused = numbers[POISONS.index(refused_by_odoo) * (self.count // len(POISONS))]
        self.assertIn(
            f"{refused}: Making the sale order did not succeed: Refused by a test.", result
        )
        self.assertIn("more could not be worked on.", result)

    def test_first_reading(self):
        self.check(
            self.put(),
            lambda: self.shop._run("import"),
            (type(self.Order), "_store"),
            lambda _orders, _shop, payloads: [entry["orderNumber"] for entry in payloads],
            self.ended,
            lambda number: self.order(number).problem_code,
        )

    def test_refresh(self):
        numbers = self.imported()
        for position, entry in enumerate(self.rms.orders.values()):
            if position % 3:
                entry["remarks"] = "[備考:]\n変更"
            else:
                entry["orderProgress"] = 900
        self.check(
            numbers,
            lambda: self.shop._run("refresh"),
            (type(self.Order), "_update_imported"),
            lambda orders, _vals: orders.mapped("name"),
            self.ended,
            lambda number: (
                self.order(number).changed_code == "order.not_followed"
                and self.order(number).activity_ids
                and self.order(number).sale_order_id.picking_ids.rakuten_held
            ),
        )

    def test_confirm(self):
        self.shop.auto_confirm = True
        self.check(
            self.put(progress=100),
            lambda: self.shop._run("import"),
            (type(self.Order), "_note_confirmation"),
            lambda orders, _outcome: orders.mapped("name"),
            self.ended,
            lambda number: self.order(number).problem,
        )
        sent = [
            number for name, chunk in self.rms.calls if name == "confirm_order" for number in chunk
        ]
        self.assertEqual(len(sent), len(set(sent)), "nothing is confirmed twice")

    def test_retry(self):
        numbers = self.put()
        for entry in self.rms.orders.values():
            entry["PackageModelList"][0]["ItemModelList"][0]["itemNumber"] = "NEW"
        self.shop.action_import_orders()
        self.product_a.rakuten_sku_code = "NEW"
        orders = self.Order.search([("shop_id", "=", self.shop.id)])
        self.check(
            numbers,
            orders.action_retry,
            (type(self.Order), "_create_batch"),
            lambda orders, *_args: orders.mapped("name"),
            self.ended,
            lambda number: self.order(number).state == "blocked" and self.order(number).problem,
        )

    def test_take(self):
        """Orders that a person asks for by their numbers, or that a comparison found missing."""
        numbers = self.put()
        for job, args in (("import_by_number", ({"numbers": numbers},)), ("repair", (numbers, []))):
            with self.subTest(job=job), closing(self.env.cr.savepoint()):
                before = copy.deepcopy(self.rms.__dict__)
                self.check(
                    numbers,
                    lambda job=job, args=args: self.shop._run(job, *args),
                    (type(self.Order), "_create_batch"),
                    lambda orders, *_args: orders.mapped("name"),
                    self.ended,
                    lambda number: (
                        self.order(number).state == "blocked" and self.order(number).problem
                    ),
                )
            self.env.invalidate_all()
            self.rms.__dict__.update(before)

    def test_queue(self):
        """What the scheduled action makes of orders that a run had no time for."""
        numbers = self.put()
        with patch.object(type(self.shop), "_work_on", lambda _shop, orders: orders):
            self.shop._run("import")
        self.assertTrue(all(self.order(number).queued for number in numbers))
        self.check(
            numbers,
            lambda: self.env["rakuten.shop"]._cron_run("orders"),
            (type(self.Order), "_create_batch"),
            lambda orders, *_args: orders.mapped("name"),
            self.ended,
            lambda number: self.order(number).state == "blocked" and self.order(number).problem,
        )

    def test_check_before_work(self):
        numbers = self.imported()
        for entry in self.rms.orders.values():
            entry["remarks"] = "[備考:]\n変更"
        ids = [self.order(number).id for number in numbers]
        self.check(
            numbers,
            lambda: self.shop._run("check", ids),
            (type(self.Order), "_update_imported"),
            lambda orders, _vals: orders.mapped("name"),
            self.ended,
            lambda number: (
                self.order(number).changed_code == "order.not_followed"
                and self.order(number).sale_order_id.picking_ids.rakuten_held
            ),
        )

    def test_demand(self):
        numbers = self.put()
        for entry in self.rms.orders.values():
            entry["orderProgress"] = 100
        self.check(
            numbers,
            lambda: self.shop._run("import"),
            (type(self.Order), "_update_demand"),
            lambda orders, _shop: orders.mapped("name"),
            lambda number: (self.ended(number), len(self.order(number).demand_ids)),
            lambda number: self.order(number).problem,
        )

    # === Shipments === #

    def shipped(self):
        numbers = self.imported()
        for position, number in enumerate(numbers):
            picking = self.order(number).sale_order_id.picking_ids
            self.ship(picking, f"1111{position:08d}")
        return numbers

    def test_export(self):
        numbers = self.shipped()
        for method, names_of in (
            ("_prepare", lambda _parcels, _shop, orders: orders.mapped("name")),
            ("_note_sent", lambda _parcels, orders: orders.mapped("name")),
            ("_apply_result", lambda parcels, _messages: parcels.rakuten_order_id.mapped("name")),
        ):
            with self.subTest(method=method), closing(self.env.cr.savepoint()):
                before = copy.deepcopy(self.rms.__dict__)
                self.check(
                    numbers,
                    lambda: self.shop._run("export"),
                    (type(self.env["rakuten.parcel"]), method),
                    names_of,
                    self.ended,
                    lambda number: (
                        self.order(number).parcel_ids.error and self.order(number).activity_ids
                    ),
                )
                # Whatever could not be written down: nothing is reported twice.
                self.shop._run("export")
                for number in numbers:
                    (package,) = self.rms.orders[number]["PackageModelList"]
                    self.assertLessEqual(len(package["ShippingModelList"]), 1, number)
            self.env.invalidate_all()
            self.rms.__dict__.update(before)

    def test_progress(self):
        self.rms.sub_statuses = [
            {
                "orderProgress": 300,
                "SubStatusModelList": [{"subStatusId": 11, "subStatusName": "出荷作業中"}],
            }
        ]
        self.shop.action_import_sub_statuses()
        self.shop.sub_status_working_id = self.shop.sub_status_ids
        numbers = self.imported()
        for number in numbers:
            self.order(number).sale_order_id.picking_ids.printed = True
        self.check(
            numbers,
            lambda: self.shop._run("export"),
            (type(self.Order), "_note_stage"),
            lambda orders, *_args: orders.mapped("name"),
            self.ended,
        )

    def test_memos(self):
        self.shop.memo_working = "作業中"
        numbers = self.imported()
        for number in numbers:
            self.order(number).sale_order_id.picking_ids.printed = True
        self.shop._run("export")
        limit = f"{MODELS}.shipments.rakuten_shop.MEMOS_PER_RUN"
        with patch(limit, 1000):
            self.check(
                numbers,
                lambda: self.shop._run("memos"),
                (type(self.Order), "_note_memo"),
                lambda orders, _refusals: orders.mapped("name"),
                lambda number: (self.ended(number), self.order(number).memo_due),
                lambda number: self.order(number).memo_due,
            )
            # Whatever could not be written down: nothing is written twice.
            self.shop._run("memos")
        self.assertEqual({entry["memo"] for entry in self.rms.orders.values()}, {"作業中"})

    def test_reports_of_which_nobody_knows(self):
        numbers = self.shipped()
        with patch.object(self.rms, "update_order_shipping_async", side_effect=OutcomeUnknown()):
            self.shop._run("export")
        self.assertEqual({self.order(n).parcel_ids.state for n in numbers}, {"sent"})
        self.check(
            numbers,
            lambda: self.shop._run("export"),
            (type(self.env["rakuten.parcel"]), "_settle_read"),
            lambda parcels, _now: parcels.rakuten_order_id.mapped("name"),
            lambda number: (self.ended(number), self.order(number).parcel_ids.absent_at),
            lambda number: self.order(number).parcel_ids.error,
        )

    # === Stock and catalogue === #

    def pages(self):
        return [
            {
                "manageNumber": f"page-{n:04d}",
                "itemNumber": f"PAGE-{n:04d}",
                "title": f"見本 {n}",
                "variants": {"v": {}},
            }
            for n in range(self.count)
        ]

    def sku(self, name):
        return self.env["rakuten.sku"].search(
            [("shop_id", "=", self.shop.id), ("item_number", "=", name)]
        )

    def test_catalogue(self):
        self.rms.items = self.pages()
        self.shop._run("catalogue")
        self.rms.items = [{**page, "title": "新しい名前"} for page in self.rms.items]
        self.check(
            [f"page-{n:04d}/v" for n in range(self.count)],
            lambda: self.shop._run("catalogue"),
            (type(self.env["rakuten.sku"]), "_store_catalogue"),
            lambda _skus, _shop, entries: [f"{entry['manage_number']}/v" for entry in entries],
            lambda name: (self.sku(name[:-2].upper()).name, self.sku(name[:-2].upper()).problem),
            lambda name: self.sku(name[:-2].upper()).problem,
        )

    def test_products(self):
        self.rms.items = self.pages()
        self.shop.create_products = True
        self.check(
            [page["itemNumber"] for page in self.rms.items],
            lambda: self.shop._run("catalogue"),
            (type(self.env["rakuten.sku"]), "_make_products"),
            lambda skus: skus.mapped("item_number"),
            lambda name: (self.sku(name).product_id.name, self.sku(name).mapping_state),
            lambda name: self.sku(name).problem,
        )

    def test_stock(self):
        self.rms.items = self.pages()
        self.shop.create_products = True
        self.shop._run("catalogue")
        skus = self.env["rakuten.sku"].search([("shop_id", "=", self.shop.id)])
        skus.write({"stock_mode": "fixed", "stock_fixed": 7})
        self.rms.stock = {(sku.manage_number, "v"): 3 for sku in skus}
        names = [page["itemNumber"] for page in self.rms.items]
        for job, method in (
            ("inventory", "_sellable"),
            ("compare", "_prepare_stock"),
            ("inventory", "_note_sent"),
        ):
            with self.subTest(method=method), closing(self.env.cr.savepoint()):
                before = copy.deepcopy(self.rms.__dict__)
                self.check(
                    names,
                    lambda job=job: self.shop._run(job),
                    (type(skus), method),
                    lambda skus, *_args: skus.mapped("item_number"),
                    lambda name: (self.sku(name).stock_sent, self.sku(name).stock_error),
                    lambda name: self.sku(name).stock_error and self.sku(name).stock_due,
                )
            self.env.invalidate_all()
            self.rms.__dict__.update(before)

    def test_sub_statuses(self):
        self.rms.sub_statuses = [
            {
                "orderProgress": 300,
                "SubStatusModelList": [
                    {"subStatusId": n, "subStatusName": f"S{n}"} for n in range(1, self.count + 1)
                ],
            }
        ]
        self.check(
            [f"S{n}" for n in range(1, self.count + 1)],
            lambda: self.shop._run("sub_statuses"),
            (type(self.shop), "_store_sub_statuses"),
            lambda _shop, found: [vals["name"] for vals in found.values()],
            lambda name: len(self.shop.sub_status_ids.filtered(lambda s: s.name == name)),
        )

    def test_sub_statuses_that_are_gone(self):
        def answer(*numbers):
            statuses = [{"subStatusId": n, "subStatusName": f"S{n}"} for n in numbers]
            self.rms.sub_statuses = [{"orderProgress": 300, "SubStatusModelList": statuses}]

        answer(*range(self.count + 1))
        self.shop._run("sub_statuses")
        answer(0)
        self.check(
            [f"S{n}" for n in range(1, self.count + 1)],
            lambda: self.shop._run("sub_statuses"),
            (type(self.shop.sub_status_ids), "unlink"),
            lambda statuses: statuses.mapped("name"),
            lambda name: len(self.shop.sub_status_ids.filtered(lambda s: s.name == name)),
        )

    # === Looking after it === #

    def test_deadlines(self):
        numbers = self.put(progress=100)
        self.shop.action_import_orders()
        limit = f"{MODELS}.watch.rakuten_order_deadline.ACTIVITIES_MAX"
        for method, most in (("_last_warning", 1000), ("_last_warning", 1)):
            with (
                self.subTest(most=most),
                self.at(datetime(2026, 1, 23)),
                patch(limit, most),
                closing(self.env.cr.savepoint()),
            ):
                self.check(
                    numbers,
                    lambda: self.env["rakuten.shop"]._cron_run("deadlines"),
                    (type(self.Order), method),
                    lambda record: [record.name],
                    lambda number: (
                        bool(self.order(number).deadline_told),
                        self.order(number).activity_ids.mapped("summary"),
                    ),
                    lambda number: not self.order(number).deadline_told,
                )
                self.assertTrue(self.order(numbers[-1]).deadline_told)
            self.env.invalidate_all()

    def test_reconcile(self):
        numbers = self.imported()
        reports = self.env["rakuten.reconciliation"]

        def differs(number):
            report = reports.search([("shop_id", "=", self.shop.id)], limit=1)
            return report.line_ids.filtered(lambda line: line.name == number).kind

        with self.at(datetime(2026, 1, 11)):
            for number in numbers:
                self.order(number).last_read = datetime(2026, 1, 10)
            self.check(
                numbers,
                lambda: self.shop._run("reconcile", True),
                (type(reports), "_facts"),
                lambda _reports, record, _shop: [record.name],
                differs,
                lambda number: not differs(number),
            )

    def test_contacts(self):
        """Those that no order needs any more."""
        contacts = self.env["res.partner"].create(
            [
                {
                    "name": f"見本 {n}",
                    "street": "千代田0-0-0",
                    "rakuten_buyer": True,
                    "company_id": self.company.id,
                }
                for n in range(self.count)
            ]
        )
        self.shop.retention_days = 1
        with self.at(datetime(2030, 1, 1)):
            self.check(
                [str(contact) for contact in contacts],
                self.shop._anonymise_unneeded_contacts,
                (type(contacts), "_rakuten_anonymise"),
                lambda partners: [str(partner) for partner in partners],
                lambda name: [c.street for c in contacts if str(c) == name],
                lambda name: [c.street for c in contacts if str(c) == name] != [False],
            )

    def test_anonymise(self):
        numbers = self.shipped()
        self.shop._run("export")
        self.shop.retention_days = 1
        with self.at(datetime(2030, 1, 1)):
            self.check(
                [str(self.order(number)) for number in numbers],
                self.env["rakuten.shop"]._anonymise_expired,
                (type(self.Order), "_anonymise"),
                lambda orders: [str(record) for record in orders],
                lambda name: [
                    record.personal_data_removed
                    for record in self.Order.search([])
                    if str(record) == name
                ],
            )


@tagged("-standard", "slow")
class TestPoisonedShopCampaign(TestPoisonedShop):
    healthy = 200
