"""One bad record never stops a shop: what was seen, each with the right value and one more of its
kind."""

import json
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.models.shop import rakuten_guard
from odoo.addons.smartship_rakuten.rms import MalformedAnswer, OrderOutcome
from odoo.addons.smartship_rakuten.rms.answers import parse_json
from odoo.addons.smartship_rakuten.rms.orders import WriteResult

from .common import RakutenCase, item, order, package

GUARD = "odoo.addons.smartship_rakuten.models.shop.rakuten_guard"


class OneBadCase(RakutenCase):
    def job(self, name):
        return self.env["rakuten.job"].search([("shop_id", "=", self.shop.id), ("job", "=", name)])

    def warnings(self, record):
        return record.activity_ids.mapped("summary")


@tagged("post_install", "-at_install")
class TestSecondReading(OneBadCase):
    """An imported order comes back in a form that nobody knows."""

    def check(self, path, value, field):
        """Of three imported orders the first has left, the second comes back broken, the third is
        cancelled at Rakuten.

        :param path: keys of the place that is broken
        :param str field: what the notice names, None where the value does not matter to anybody
        """
        sent, broken, cancelled = self.import_orders(order(1), order(2), order(3))
        self.ship(sent.sale_order_id.picking_ids, "111122223333")
        place = self.rms.orders[broken.name]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        self.rms.orders[cancelled.name]["orderProgress"] = 900
        for _again in range(2):
            self.shop._run("refresh")
            self.shop._run("export")
        self.assertEqual(sent.parcel_ids.state, "reported")
        self.assertEqual(cancelled.state, "cancelled")
        self.assertEqual(cancelled.sale_order_id.state, "cancel")
        self.assertEqual(broken.state, "done")
        picking = broken.sale_order_id.picking_ids
        self.assertEqual(bool(field), picking.rakuten_held)
        if field:
            self.assertEqual(broken.changed, f"{field}, which cannot be read")
            (warning,) = self.warnings(broken)
            self.assertIn(field, warning)
        self.assertTrue(broken.details)
        return broken

    def test_date_of_another_form(self):
        broken = self.check(["deliveryDate"], "2026/01/20", "deliveryDate")
        self.assertFalse(broken.delivery_date)

    def test_date_before_any_calendar(self):
        self.check(["deliveryDate"], "0001-01-01", "deliveryDate")

    def test_no_number_of_units(self):
        self.check(
            ["PackageModelList", 0, "ItemModelList", 0, "units"],
            "2.5",
            "ItemModelList of basket 7001: units",
        )

    def test_digits_without_end(self):
        self.check(["DeliveryModel"], {"deliveryClass": "9" * 4301}, None)

    def test_rate_of_400_digits(self):
        rate = f"0.08{'0' * 397}1"
        broken = self.check(
            ["PackageModelList", 0, "ItemModelList", 0, "taxRate"],
            rate,
            "ItemModelList of basket 7001: taxRate",
        )
        self.assertEqual(Form(broken).name, broken.name)

    def test_status_that_nobody_knows(self):
        self.check(["orderProgress"], 350, "orderProgress")


@tagged("post_install", "-at_install")
class TestOneBad(OneBadCase):
    def test_what_nobody_foresaw(self):
        """Whatever one order provokes when it is read again: it is held, and the notice names it;
        once it can be followed, it goes by itself."""
        good, bad = self.import_orders(order(1), order(2))
        update = type(bad)._update_imported

        def fail(record, vals):
            if record == bad:
                raise ValueError("secret")
            return update(record, vals)

        for entry in self.rms.orders.values():
            entry["remarks"] = "[備考:]\n変更"
        with patch.object(type(bad), "_update_imported", fail), self.assertLogs(GUARD, "ERROR"):
            sentence = self.shop._run("refresh")
        self.assertIn(
            f"{bad.name}: Reading the order did not succeed (ValueError). Tell your administrator.",
            sentence,
        )
        self.assertEqual(self.job("refresh").sentence, sentence)
        self.assertIn("備考", good.payload["remarks"])
        self.assertFalse(bad.payload["remarks"])
        self.assertEqual((bad.state, bad.changed_code), ("done", "order.not_followed"))
        self.assertTrue(bad.sale_order_id.picking_ids.rakuten_held)
        self.assertEqual(len(self.warnings(bad)), 1)
        self.shop._run("refresh")
        self.assertNotEqual(bad.changed_code, "order.not_followed")
        self.assertIn("備考", bad.payload["remarks"])

    def test_followed_again_without_a_change(self):
        (bad,) = self.import_orders(order(1))
        self.rms.orders[bad.name]["remarks"] = "x"
        with (
            patch.object(type(bad), "_update_imported", side_effect=ValueError),
            mute_logger(GUARD),
        ):
            self.shop._run("refresh")
        self.assertTrue(bad.sale_order_id.picking_ids.rakuten_held)
        self.rms.orders[bad.name]["remarks"] = None
        self.shop._run("refresh")
        self.assertFalse(bad.changed)
        self.assertFalse(bad.sale_order_id.picking_ids.rakuten_held)
        self.assertFalse(self.warnings(bad))

    def test_new_order_that_cannot_be_kept(self):
        """It waits, with what Rakuten sent."""
        prepare = type(self.Order)._prepare_vals

        def fail(model, *args, **options):
            if args[-1]["orderNumber"].endswith("2"):
                raise OverflowError
            return prepare(model, *args, **options)

        with patch.object(type(self.Order), "_prepare_vals", fail), self.assertLogs(GUARD, "ERROR"):
            good, bad = self.import_orders(order(1), order(2))
        self.assertEqual((good.state, bad.state, bad.problem_code), ("done", "blocked", "other"))
        self.assertIn("Reading the order did not succeed (OverflowError)", bad.problem)
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "rakuten.order"), ("res_id", "=", bad.id)]
        )
        self.assertIn(bad.name, attachment.raw.decode())

    def test_answer_that_cannot_be_read_is_kept(self):
        """Nested too deeply, say: the text is what a person can look at."""
        get_order = self.rms.get_order

        def refuse(numbers):
            if any(number.endswith("2") for number in numbers):
                error = MalformedAnswer(code="unreadable")
                error.raw_text = f'{{"OrderModelList": {"[" * 500}'
                raise error
            return get_order(numbers)

        with patch.object(self.rms, "get_order", refuse):
            good, bad = self.import_orders(order(1), order(2))
        self.assertEqual(
            (good.state, bad.state, bad.problem_code), ("done", "blocked", "malformed")
        )
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "rakuten.order"), ("res_id", "=", bad.id)]
        )
        self.assertEqual(attachment.raw.decode(), f'{{"OrderModelList": {"[" * 500}')

    def test_refusal_with_nul(self):
        self.shop.auto_confirm = True
        good, bad = order(1, progress=100), order(2, progress=100)
        numbers = self.rms.put(good, bad)

        def confirm(order_numbers):
            yield WriteResult(
                {
                    number: OrderOutcome(number == numbers[0], "ERROR_105", "不可\0です")
                    for number in order_numbers
                }
            )

        with patch.object(self.rms, "confirm_order", confirm):
            self.shop.action_import_orders()
        first, second = self.Order.search([("name", "in", numbers)], order="name")
        self.assertEqual((first.progress, second.progress), ("200", "100"))
        self.assertIn("不可\ufffdです", second.problem)

    def test_confirmation_is_noted_and_not_repeated(self):
        """Rakuten has taken it; that one of them cannot be written down costs no other."""
        self.shop.auto_confirm = True
        numbers = self.rms.put(order(1, progress=100), order(2, progress=100))
        note = type(self.Order)._note_confirmation
        conflicts = [SerializationFailure()]

        def fail(record, outcome):
            if conflicts:
                raise conflicts.pop()
            if record.name.endswith("2"):
                raise ValueError
            return note(record, outcome)

        with patch.object(type(self.Order), "_note_confirmation", fail), mute_logger(GUARD):
            self.shop.action_import_orders()
        confirmations = [sent for name, sent in self.rms.calls if name == "confirm_order"]
        self.assertEqual([sorted(sent) for sent in confirmations], [numbers])
        first, second = self.Order.search([("name", "in", numbers)], order="name")
        self.assertEqual(first.progress, "200")
        self.assertIn("Confirming the order did not succeed (ValueError)", second.problem)

    def test_conflict_in_the_import(self):
        """A batch that meets a conflict is tried again smaller, and all are imported."""
        create, sizes = type(self.Order)._create_batch, []
        conflicts = [SerializationFailure(), SerializationFailure()]

        def fail(records, *args):
            sizes.append(len(records))
            if conflicts:
                raise conflicts.pop()
            return create(records, *args)

        with patch.object(type(self.Order), "_create_batch", fail):
            records = self.import_orders(*(order(n) for n in range(1, 9)))
        self.assertEqual(set(records.mapped("state")), {"done"})
        self.assertEqual(sizes, [8, 4, 2, 2, 4])

    def test_order_of_many_lines_stands_alone(self):
        """Batches are filled by lines, not only by orders."""
        process, batches = type(self.Order)._process, []

        def spy(records):
            batches.append(len(records))
            return process(records)

        with (
            patch.object(rakuten_guard, "LINES", 4),
            patch.object(type(self.Order), "_process", spy),
        ):
            many = order(3, [package(7003, [item(str(n)) for n in range(1, 7)])], total=6600)
            records = self.import_orders(order(1), order(2), many, order(4))
        self.assertEqual(set(records.mapped("state")), {"done"})
        self.assertEqual(sorted(batches), [1, 1, 2])

    # === Stock === #

    def skus(self, count):
        products = self.env["product.product"].create(
            [{"name": f"S{n}", "is_storable": True} for n in range(count)]
        )
        return self.env["rakuten.sku"].create(
            [
                {
                    "shop_id": self.shop.id,
                    "manage_number": f"stock-{n}",
                    "variant_id": "v",
                    "product_id": product.id,
                    "in_catalogue": True,
                    "stock_mode": "fixed",
                    "stock_fixed": 5,
                }
                for n, product in enumerate(products)
            ]
        )

    def test_stock_of_2_31(self):
        """What Rakuten holds cannot be read: it is noted, nothing is sent for it, the next SKU goes
        on."""
        first, bad, last = self.skus(3)
        self.rms.stock = {("stock-0", "v"): 1, ("stock-1", "v"): 2**31, ("stock-2", "v"): 2}
        sentence = self.shop._run("inventory")
        self.assertEqual(self.rms.stock[("stock-0", "v")], 5)
        self.assertEqual(self.rms.stock[("stock-2", "v")], 5)
        self.assertEqual((first.stock_sent, last.stock_sent, bad.stock_sent), (5, 5, -1))
        self.assertIn("the number that Rakuten holds cannot be read", bad.stock_error)
        self.assertIn(f"{bad.display_name}: ", sentence)
        self.assertIn("Stock of 2 SKUs sent to Rakuten.", sentence)
        self.assertTrue(bad.stock_due)
        self.assertEqual(self.rms.names().count("bulk_upsert"), 1)
        self.shop._run("inventory")
        self.assertEqual(self.rms.names().count("bulk_upsert"), 1, "nothing is sent again")
        self.rms.stock["stock-1", "v"] = 3
        self.shop._run("inventory")
        self.assertEqual((bad.stock_sent, bad.stock_error), (5, False))

    def test_only_unreadable_stock(self):
        bad = self.skus(1)
        self.rms.stock = {("stock-0", "v"): "many"}
        self.shop._run("inventory")
        self.assertIn("cannot be read", bad.stock_error)
        self.assertNotIn("bulk_upsert", self.rms.names())

    def test_sent_stock_is_noted(self):
        """The call has gone out: one SKU that cannot be noted costs no other, and it is not sent a
        second time."""
        first, bad, last = self.skus(3)
        self.rms.stock = dict.fromkeys([(f"stock-{n}", "v") for n in range(3)], 1)
        note = type(bad)._note_sent

        def fail(records, held, targets):
            if bad in records:
                raise ValueError
            return note(records, held, targets)

        with patch.object(type(bad), "_note_sent", fail), mute_logger(GUARD):
            self.shop._run("inventory")
        self.assertEqual((first.stock_sent, bad.stock_sent, last.stock_sent), (5, -1, 5))
        self.assertIn("Noting the stock that was sent did not succeed", bad.stock_error)
        self.shop._run("inventory")
        self.assertEqual(self.rms.names().count("bulk_upsert"), 1)
        self.assertEqual((bad.stock_sent, bad.stock_error), (5, False))

    def test_number_that_cannot_be_computed(self):
        first, bad = self.skus(2)
        sellable = type(bad)._sellable

        def fail(records, shop):
            if bad in records:
                raise ZeroDivisionError
            return sellable(records, shop)

        self.rms.stock = dict.fromkeys([(f"stock-{n}", "v") for n in range(2)], 1)
        with patch.object(type(bad), "_sellable", fail), mute_logger(GUARD):
            sentence = self.shop._run("inventory")
        self.assertEqual((first.stock_sent, self.rms.stock["stock-1", "v"]), (5, 1))
        self.assertIn("Sending the stock did not succeed (ZeroDivisionError)", bad.stock_error)
        self.assertIn(f"{bad.display_name}: ", sentence)

    # === Catalogue === #

    def page(self, number, **variant):
        return {
            "manageNumber": number,
            "itemNumber": number.strip().upper(),
            "title": f"見本 {number}",
            "variants": {"v": variant},
        }

    def sku(self, number):
        return self.env["rakuten.sku"].search(
            [("shop_id", "=", self.shop.id), ("manage_number", "=", number)]
        )

    def test_barcode_of_a_packaging(self):
        """A JAN that Odoo knows as that of a packaging makes no product; the others are made."""
        self.env["product.uom"].create(
            {
                "product_id": self.product_a.id,
                "uom_id": self.env.ref("uom.product_uom_dozen").id,
                "barcode": "4900000000016",
            }
        )
        self.shop.create_products = True
        self.rms.items = [
            self.page("first"),
            self.page("bad", articleNumber={"value": "4900000000016"}),
            self.page("last", articleNumber={"value": "4900000000023"}),
        ]
        for _again in range(2):
            sentence = self.shop._run("catalogue")
            self.assertEqual(self.sku("first").found_by, "created")
            self.assertEqual(self.sku("last").product_id.barcode, "4900000000023")
            self.assertFalse(self.sku("bad").product_id)
            self.assertEqual(
                self.sku("bad").problem,
                "Making the product did not succeed: A packaging already uses the barcode",
            )
            self.assertIn("BAD: Making the product", sentence)
        self.rms.items[1]["variants"]["v"] = {}
        self.shop._run("catalogue")
        self.assertTrue(self.sku("bad").product_id)
        self.assertFalse(self.sku("bad").problem)

    def test_blanks_around_a_key(self):
        """Kept and looked up by the same value."""
        self.rms.items = [
            {**self.page(" blank "), "variants": {" v ": {}, "w\u3000": {}}},
            self.page("last"),
        ]
        for _again in range(2):
            self.shop._run("catalogue")
            self.assertEqual(self.sku("blank").mapped("variant_id"), ["v", "w"])
            self.assertEqual(set(self.sku("blank").mapped("in_catalogue")), {True})
        lines = [item("1", manageNumber=" blank", SkuModelList=[{"variantId": "v "}])]
        self.sku("blank")[0].product_id = self.product_a
        (record,) = self.import_orders(order(1, [package(7001, lines)]))
        self.assertEqual(record.state, "done", record.problem)

    def test_sku_that_cannot_be_kept(self):
        """It is marked and stays in the catalogue; the next ones are read."""
        self.rms.items = [self.page("first"), self.page("bad"), self.page("last")]
        self.shop._run("catalogue")
        store = type(self.sku("bad"))._store_catalogue
        reason = "Refused by a test."

        def fail(model, shop, entries):
            if any(entry["manage_number"] == "bad" for entry in entries):
                raise UserError(reason)
            return store(model, shop, entries)

        self.rms.items = [{**page, "title": "新しい名前"} for page in self.rms.items]
        with patch.object(type(self.sku("bad")), "_store_catalogue", fail):
            sentence = self.shop._run("catalogue")
        self.assertEqual(self.sku("last").name, "新しい名前")
        problem = f"Reading the SKU did not succeed: {reason}"
        self.assertEqual(self.sku("bad").problem, problem)
        self.assertTrue(self.sku("bad").in_catalogue)
        self.assertIn(f"bad/v: {problem}", sentence)
        self.shop._run("catalogue")
        self.assertFalse(self.sku("bad").problem)

    # === Sub-statuses === #

    def statuses(self, *entries):
        answer = {"StatusModelList": [{"orderProgress": 300, "SubStatusModelList": list(entries)}]}
        # as the client reads it
        self.rms.sub_statuses = parse_json(json.dumps(answer))["StatusModelList"]
        return self.shop._run("sub_statuses")

    def test_no_sub_status_says_nothing(self):
        self.statuses({"subStatusId": 11, "subStatusName": "出荷作業中", "orderby": 1})
        status = self.shop.sub_status_ids
        self.shop.sub_status_working_id = status
        self.statuses()
        self.rms.sub_statuses = []
        self.shop._run("sub_statuses")
        self.assertEqual(self.shop.sub_status_ids, status)
        self.assertEqual(self.shop.sub_status_working_id, status)

    def test_sub_status_that_cannot_be_kept(self):
        """Its number is beyond the database's; names with NUL, and rows that are none, are taken as
        they can be."""
        with mute_logger(GUARD, "odoo.sql_db"):
            sentence = self.statuses(
                {"subStatusId": 11, "subStatusName": "a\0b", "orderby": 1},
                {"subStatusId": 12, "subStatusName": "bad", "orderby": 2**40},
                None,
                {"subStatusId": 13, "subStatusName": None, "orderby": "x"},
            )
        self.assertEqual(
            sorted(self.shop.sub_status_ids.mapped("sub_status_id")), ["11", "13"], sentence
        )
        self.assertEqual(set(self.shop.sub_status_ids.mapped("name")), {"13", "a\ufffdb"})
        self.assertIn("bad: Reading the sub-status did not succeed", sentence)
