"""Stock at Rakuten: what marks a SKU, what is sent for it, and what becomes of a call."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.rms import (
    CredentialsRejected,
    Message,
    OutcomeUnknown,
    RequestRefused,
    TemporarilyUnavailable,
)

from .common import RakutenCase, item, order, package

A = ("item-1", "normal-inventory")
B = ("item-2", "normal-inventory")
SET = ("set", "normal-inventory")
SHOP = "123456"
CRON_LOGGER = "odoo.addons.smartship_rakuten.models.shop.rakuten_shop"


class StockCase(RakutenCase):
    """SKUs of product A, of product B by threes, and of a set of one A and two B."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sku_a, cls.sku_b, cls.sku_set = cls.env["rakuten.sku"].create(
            [
                cls.sku_values(A, product_id=cls.product_a.id),
                cls.sku_values(B, product_id=cls.product_b.id, quantity=3),
                cls.sku_values(
                    SET,
                    component_ids=[
                        Command.create({"product_id": cls.product_a.id}),
                        Command.create({"product_id": cls.product_b.id, "quantity": 2}),
                    ],
                ),
            ]
        )
        cls.location = cls.shop.warehouse_id.lot_stock_id
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.suppliers = cls.env.ref("stock.stock_location_suppliers")

    @classmethod
    def sku_values(cls, pair, shop=None, **values):
        return {
            "shop_id": (shop or cls.shop).id,
            "manage_number": pair[0],
            "variant_id": pair[1],
            "in_catalogue": True,
            **values,
        }

    def add_stock(self, product, units):
        self.env["stock.quant"]._update_available_quantity(product, self.location, units)

    def sync(self, shop=None):
        """Run the scheduled action's job.

        :return: the SKUs that were looked at
        """
        self.rms.calls.clear()
        (shop or self.shop)._run("inventory")
        return self.looked_at()

    def sync_fails(self):
        """assertRaises would take back what the run has committed.

        :return: the sentence
        """
        try:
            self.sync()
        except UserError as error:
            return str(error)
        self.fail("the run succeeded")

    def looked_at(self):
        return {pair for name, pairs in self.rms.calls if name == "bulk_get" for pair in pairs}

    def move(self, product, units, source, destination):
        move = self.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": units,
                "location_id": source.id,
                "location_dest_id": destination.id,
            }
        )
        move._action_confirm()
        return move

    def assert_marked(self, *pairs, **stock):
        self.assertEqual(self.sync(), set(pairs))
        self.assertEqual({pair[0].replace("-", "_"): self.rms.stock[pair] for pair in pairs}, stock)
        self.assertEqual(self.sync(), set())


@tagged("post_install", "-at_install")
class TestMarks(StockCase):
    """Whatever changes a number marks its SKUs, and nothing else is looked at."""

    def setUp(self):
        super().setUp()
        self.sync()
        self.assertEqual(self.rms.stock, {A: 50, B: 16, SET: 25})
        self.assertEqual(self.sync(), set())

    def test_nothing_changed(self):
        """Neither a call nor a look at a SKU."""
        self.rms.calls.clear()
        self.shop.action_sync_inventory()
        self.assertEqual(self.rms.names(), [])

    def test_adjustment(self):
        quant = self.env["stock.quant"].search(
            [("product_id", "=", self.product_a.id), ("location_id", "=", self.location.id)]
        )
        quant.with_context(inventory_mode=True).inventory_quantity = 20
        quant.action_apply_inventory()
        self.assert_marked(A, SET, item_1=20, set=20)

    def test_receipt(self):
        move = self.move(self.product_b, 30, self.suppliers, self.location)
        move.quantity = 30
        move.picked = True
        move._action_done()
        self.assert_marked(B, SET, item_2=26, set=40)

    def test_reservation_and_unreserve(self):
        move = self.move(self.product_a, 5, self.location, self.customers)
        move._action_assign()
        self.assert_marked(A, SET, item_1=45, set=25)
        move._do_unreserve()
        self.assert_marked(A, SET, item_1=50, set=25)

    def test_scrap(self):
        self.env["stock.scrap"].create(
            {
                "product_id": self.product_a.id,
                "scrap_qty": 30,
                "location_id": self.location.id,
                "company_id": self.company.id,
            }
        ).action_validate()
        self.assert_marked(A, SET, item_1=20, set=20)

    def test_forecast_follows_moves(self):
        self.shop.stock_kind = "forecast"
        self.sync()
        move = self.move(self.product_a, 7, self.suppliers, self.location)
        self.assert_marked(A, SET, item_1=57, set=25)
        move._action_cancel()
        self.assert_marked(A, SET, item_1=50, set=25)

    def test_order_comes_and_goes(self):
        """Rakuten has taken the four off by itself."""
        waiting = order(1, [package(1, [item(units=4)])], total=4400, progress=100)
        self.import_orders(waiting)
        self.assert_marked(A, SET, item_1=46, set=25)
        self.rms.orders[waiting["orderNumber"]]["orderProgress"] = 900
        self.rms.stock[A] = 50
        self.shop._run("refresh")
        self.assert_marked(A, SET, item_1=50, set=25)

    def test_order_set_aside(self):
        record = self.import_orders(
            order(1, [package(1, [item(units=4)])], total=4400, progress=100)
        )
        self.sync()
        record.action_ignore()
        self.shop.action_import_orders()
        self.assert_marked(A, SET, item_1=50, set=25)
        record.action_unignore()
        self.shop.action_import_orders()
        self.assert_marked(A, SET, item_1=46, set=25)

    def test_quotation(self):
        self.shop.auto_fulfil = False
        record = self.import_orders(order(1, [package(1, [item(units=4)])], total=4400))
        self.assert_marked(A, SET, item_1=46, set=25)
        record.sale_order_id._action_cancel()
        self.assert_marked(A, SET, item_1=50, set=25)

    def test_option_brings_a_product(self):
        self.env["rakuten.option"].create(
            {
                "shop_id": self.shop.id,
                "name": "箱",
                "value": "贈答用",
                "product_id": self.product_b.id,
                "quantity": 2,
            }
        )
        line = item(units=3, selectedChoice="箱:贈答用")
        self.import_orders(order(1, [package(1, [line])], total=3300, progress=100))
        # B: floor((50 - 6) / 3); the set: floor((50 - 6) / 2)
        self.assert_marked(A, B, SET, item_1=47, item_2=14, set=22)

    def test_other_shop_of_the_warehouse(self):
        other = self.shop.copy({"name": "二号店", "shop_number": "654321", "api_interval": 0})
        other.write({"license_key": "SL654321_test", "service_secret": "SP654321_test"})
        other.state = "connected"
        self.env["rakuten.sku"].create(self.sku_values(A, other, product_id=self.product_a.id))
        mine, self.rms = self.rms, type(self.rms)()
        self.rms.put(order(1, [package(1, [item(units=4)])], total=4400, progress=100))
        other.action_import_orders()
        self.rms = mine
        self.assert_marked(A, SET, item_1=46, set=25)

    def test_settings_of_a_sku(self):
        self.sku_b.quantity = 10
        self.assert_marked(B, SET, item_2=5, set=25)
        self.sku_a.write({"own_buffer": True, "stock_buffer": 8})
        self.assert_marked(A, item_1=42)
        self.sku_b.write({"stock_mode": "fixed", "stock_fixed": 9})
        self.assert_marked(B, item_2=9)
        self.sku_set.component_ids[1].quantity = 1
        self.sync()
        self.assertEqual(self.rms.stock[SET], 50)

    def test_remapping_takes_the_demand_along(self):
        self.import_orders(order(1, [package(1, [item(units=4)])], total=4400, progress=100))
        self.sync()
        self.sku_a.product_id = self.product_b
        self.sync()
        # 50 - 4 of B; floor(46 / 3); the set: floor(46 / 2)
        self.assertEqual(self.rms.stock, {A: 46, B: 15, SET: 23})

    def test_settings_of_the_shop(self):
        self.shop.stock_buffer = 3
        self.assert_marked(A, B, SET, item_1=47, item_2=13, set=22)

    def test_locations_of_the_shop(self):
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "location_id": self.location.id, "usage": "internal"}
        )
        self.sync()
        self.env["stock.quant"]._update_available_quantity(self.product_a, shelf, 7)
        self.assert_marked(A, SET, item_1=57, set=25)
        self.shop.stock_left_out_ids = shelf
        self.assertEqual(self.sync(), {A, B, SET})
        self.assertEqual(self.rms.stock, {A: 50, B: 16, SET: 25})
        self.shop.stock_left_out_ids = False
        self.assertEqual(self.sync(), {A, B, SET})
        self.assertEqual(self.rms.stock[A], 57)

    def test_locations_that_change_places(self):
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "location_id": self.location.id, "usage": "internal"}
        )
        self.env["stock.quant"]._update_available_quantity(self.product_a, shelf, 7)
        self.sync()
        shelf.location_id = self.shop.warehouse_id.view_location_id
        self.assertEqual(self.sync(), {A, B, SET})
        self.assertEqual(self.rms.stock[A], 50)

    def test_deliveries_that_are_taken_from_elsewhere(self):
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "location_id": self.shop.warehouse_id.view_location_id.id}
        )
        self.env["stock.quant"]._update_available_quantity(self.product_a, shelf, 7)
        self.sync()
        self.assertEqual(self.rms.stock[A], 50)
        (rule,) = self.shop.warehouse_id.delivery_route_id.rule_ids
        rule.location_src_id = shelf
        self.assertEqual(self.sync(), {A, B, SET})
        self.assertEqual(self.rms.stock, {A: 7, B: 0, SET: 0})

    def test_archived_product(self):
        self.product_a.active = False
        self.assert_marked(A, SET, item_1=0, set=0)
        self.product_a.active = True
        self.assert_marked(A, SET, item_1=50, set=25)

    def test_mapping_of_an_unmapped_sku(self):
        sku = self.env["rakuten.sku"].create(self.sku_values(("new", "v1")))
        self.assertEqual(self.sync(), set())
        sku.product_id = self.product_a
        self.assertIn(("new", "v1"), self.sync())
        self.assertEqual(self.rms.stock["new", "v1"], 50)

    def test_marks_do_not_touch_what_the_push_writes(self):
        """The warehouse only adds rows: it neither waits for a push nor makes it fail."""
        self.env.flush_all()
        statements = []
        execute = type(self.env.cr).execute

        def spy(cr, query, *args, **kwargs):
            statements.append(str(getattr(query, "code", query)))
            return execute(cr, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", spy):
            self.add_stock(self.product_a, 1)
            self.add_stock(self.product_b, 1)
            self.env.cr.flush()
        ours = [text for text in statements if "rakuten_" in text and "SELECT" not in text]
        self.assertEqual(len(ours), 1, ours)
        self.assertIn('INSERT INTO "rakuten_stock_change"', ours[0])

    def test_shop_that_is_left_alone_is_not_followed(self):
        """Its next run looks at all, so the table does not grow for ever."""
        self.add_stock(self.product_a, 1)
        self.env.cr.flush()
        self.env["rakuten.stock.change"].search([]).created_at = "2020-01-01"
        self.env["rakuten.stock.change"]._gc_changes()
        self.add_stock(self.product_a, 1)
        self.env.cr.flush()
        self.assertFalse(self.env["rakuten.stock.change"].search([]))
        self.assert_marked(A, B, SET, item_1=52, item_2=16, set=25)


@tagged("post_install", "-at_install")
class TestPush(StockCase):
    def setUp(self):
        super().setUp()
        self.sync()
        self.rms.upserts.clear()

    def buy(self, number, units=1, pair=A):
        self.rms.put(
            order(
                number,
                [package(number, [item(units=units, manageNumber=pair[0])])],
                total=1100 * units,
                progress=100,
            )
        )

    def upserts(self):
        return self.rms.names().count("bulk_upsert")

    # === The race with buyers === #

    def buy_before(self, name, number, units=4):
        """Somebody buys just before a call of that name is answered."""
        original = getattr(type(self.rms), name)

        def bought_first(rms, *args, **kwargs):
            if f"{SHOP}-{number}" not in bought:
                bought.add(f"{SHOP}-{number}")
                self.buy(number, units)
            return original(rms, *args, **kwargs)

        bought = set()
        return patch.object(type(self.rms), name, bought_first)

    def test_bought_before_the_reading(self):
        self.add_stock(self.product_a, 10)
        with self.buy_before("inventories_bulk_get", 1):
            self.sync()
        self.assertEqual(self.rms.stock[A], 56)

    def test_bought_between_reading_stock_and_orders(self):
        """It counts twice, and once more after the next run."""
        self.add_stock(self.product_a, 10)
        with self.buy_before("search_order", 1):
            self.sync()
        self.assertEqual(self.rms.stock[A], 52)
        self.sync()
        self.assertEqual(self.rms.stock[A], 56)

    def test_bought_while_it_is_sent(self):
        """What an absolute number would offer a second time."""
        self.add_stock(self.product_a, 10)
        with self.buy_before("inventories_bulk_upsert", 1):
            self.sync()
        self.assertEqual(self.rms.stock[A], 56)

    def test_lower_than_before_may_be_a_raise(self):
        """Odoo's number falls from 50 to 45, but unread orders have lowered Rakuten's to 30."""
        self.buy(1, 20)
        self.add_stock(self.product_a, -5)
        self.rms.failures["search_order"] = TemporarilyUnavailable(operation="searchOrder")
        self.sync_fails()
        self.assertEqual(self.rms.stock[A], 30)
        self.sync()
        self.assertEqual(self.rms.stock[A], 25)

    def test_lowered_while_orders_are_unread(self):
        self.add_stock(self.product_a, -20)
        self.rms.failures["search_order"] = TemporarilyUnavailable(operation="searchOrder")
        self.sync()
        self.assertEqual(self.rms.stock, {A: 30, B: 16, SET: 25})

    # === Never raised blindly === #

    def test_not_raised_while_orders_are_unread(self):
        for error in (
            TemporarilyUnavailable(operation="searchOrder", maintenance=True),
            OutcomeUnknown(operation="getOrder"),
        ):
            self.add_stock(self.product_a, 10)
            self.rms.failures["search_order"] = error
            self.sync_fails()
            self.assertEqual(self.rms.stock[A], 50)
            self.assertIn("could not be read", self.sku_a.stock_reason)
        self.sync()
        self.assertEqual(self.rms.stock[A], 70)
        self.assertFalse(self.sku_a.stock_reason)

    def test_not_raised_while_the_key_is_rejected(self):
        self.add_stock(self.product_a, 10)
        self.rms.failures["bulk_get"] = CredentialsRejected(operation="inventories.bulk.get")
        self.rms.rejected = {
            "searchOrder",
            "getOrder",
            "license.expiryDate.get",
            "shopMaster",
        }
        self.sync_fails()
        self.assertEqual(self.shop.state, "key_rejected")
        self.shop.sync_inventory = True
        self.rms.calls.clear()
        self.env["rakuten.shop"]._cron_run("inventory")
        self.assertEqual(self.rms.names(), [])
        self.assertEqual(self.rms.stock[A], 50)

    def test_not_raised_while_a_neighbours_orders_are_unread(self):
        other = self.shop.copy({"name": "二号店", "shop_number": "654321"})
        other.state = "key_rejected"
        self.add_stock(self.product_a, 10)
        self.add_stock(self.product_b, -30)
        self.assertIn("二号店", self.sync_fails())
        self.assertEqual((self.rms.stock[A], self.rms.stock[B]), (50, 6))
        other.active = False
        self.sync()
        self.assertEqual(self.rms.stock[A], 60)

    @mute_logger(CRON_LOGGER)
    def test_paused_shop_is_left_alone(self):
        self.shop.sync_inventory = False
        self.add_stock(self.product_a, 10)
        self.rms.calls.clear()
        self.env["rakuten.shop"]._cron_run("inventory")
        self.assertEqual(self.rms.names(), [])

    # === What becomes of a call === #

    def test_unknown_outcome_is_read_back(self):
        """Applied or not, the number ends right, and a difference is never sent twice."""
        for applied in (True, False):
            with self.subTest(applied=applied):
                self.add_stock(self.product_a, 10)
                error = OutcomeUnknown(operation="inventories.bulk.upsert")
                error.applied = applied
                self.rms.failures["bulk_upsert"] = error
                before = self.rms.stock[A]
                self.rms.calls.clear()
                if applied:
                    self.sync()
                else:
                    self.assertIn("not known", self.sync_fails())
                    self.assertIn("not known", self.sku_a.stock_error)
                self.assertEqual(self.rms.names().count("bulk_get"), 2)
                self.assertEqual(self.upserts(), 1)
                self.assertEqual(self.sync(), set() if applied else {A})
                self.assertEqual(self.rms.stock[A], before + 10)
                self.assertFalse(self.sku_a.stock_error)

    def test_refused_sku_does_not_stop_the_rest(self):
        self.rms.refused["item-2"] = Message(
            "ERROR", "IE0002", "variantId has an invalid value.", property_path="inventories[1]"
        )
        self.add_stock(self.product_a, 10)
        self.add_stock(self.product_b, 30)
        message = self.shop.action_sync_inventory()["params"]["message"]
        self.assertIn("item-2.", message)
        self.assertEqual(self.rms.stock, {A: 60, B: 16, SET: 40})
        self.assertIn("IE0002 variantId has an invalid value.", self.sku_b.stock_error)
        self.assertEqual(self.sku_b.stock_reason, self.sku_b.stock_error)
        # Not again and again: only when something changes, and once a day.
        self.assertEqual(self.sync(), set())
        self.rms.refused.clear()
        self.shop._run("compare")
        self.assertEqual(self.rms.stock[B], 26)
        self.assertFalse(self.sku_b.stock_error)

    def test_refusal_without_a_name(self):
        """The bad one is found by halves."""
        self.add_stock(self.product_a, 10)
        self.add_stock(self.product_b, 30)
        upsert = type(self.rms).inventories_bulk_upsert

        def nameless(rms, entries):
            for result in upsert(rms, entries):
                if result.error:
                    result.error.code = "IE0002"
                yield type(result)(result.entries, result.error)

        self.rms.refused["item-2"] = Message("ERROR", "IE0002", "invalid")
        with patch.object(type(self.rms), "inventories_bulk_upsert", nameless):
            self.sync()
        self.assertEqual(self.rms.stock, {A: 60, B: 16, SET: 40})
        self.assertTrue(self.sku_b.stock_error)
        self.assertFalse(self.sku_a.stock_error)

    def test_number_that_moved_meanwhile(self):
        """IE0117: buyers took more than was left to take away. The next look says 0."""
        self.add_stock(self.product_a, -45)
        refuse = RequestRefused(code="IE0117")
        self.rms.failures["bulk_upsert"] = refuse
        self.buy(1, 3)
        self.sync()
        self.assertEqual(self.rms.stock[A], 2)

    def test_refusal_of_the_call_as_such(self):
        self.add_stock(self.product_a, 10)
        self.rms.failures["bulk_upsert"] = RequestRefused(code="IE1105")
        self.sync_fails()
        self.assertEqual(self.upserts(), 1)
        self.sync()
        self.assertEqual(self.rms.stock[A], 60)

    # === Log and screens === #

    def log(self):
        return self.env["rakuten.stock.push"].search([("shop_id", "=", self.shop.id)])

    def test_log_of_a_push(self):
        self.log().unlink()
        self.add_stock(self.product_a, -10)
        self.sync()
        log = self.log()
        self.assertEqual(
            [(row.sku_id, row.outcome, row.held, row.target, row.change) for row in log],
            [(self.sku_a, "sent", 50, 40, -10)],
        )
        self.assertEqual(log.distance, 10)
        self.assertEqual(self.sku_a.push_count, 1)
        self.assertEqual(self.sku_a.action_view_stock_log()["res_model"], "rakuten.stock.push")
        self.assertEqual(
            self.env["rakuten.stock.push"].search(self.sku_a.action_view_stock_log()["domain"]), log
        )

    def test_drift_is_told_from_changes(self):
        """Somebody typed a number in RMS; product B has just come in."""
        self.rms.stock[A] = 44
        self.add_stock(self.product_b, 30)
        self.log().unlink()
        self.rms.calls.clear()
        self.assertEqual(
            self.shop._run("compare"), "3 SKUs compared, 1 of them differ from Rakuten."
        )
        self.assertEqual(self.rms.names().count("bulk_get"), 1)
        drift = self.log().filtered(lambda row: row.outcome == "drift")
        self.assertEqual(
            [(row.sku_id, row.held, row.change) for row in drift], [(self.sku_a, 44, 6)]
        )
        self.assertEqual(self.rms.stock, {A: 50, B: 26, SET: 40})

    def test_log_is_forgotten(self):
        self.add_stock(self.product_a, 10)
        self.sync()
        old, *_rest = self.log()
        count = len(self.log())
        old.date = "2020-01-01"
        self.env["rakuten.stock.push"]._gc_pushes()
        self.assertEqual(len(self.log()), count - 1)

    def test_reasons(self):
        """A sentence for each SKU whose number is not Odoo's."""
        self.assertEqual(self.sku_a.stock_odoo, 50)
        self.assertFalse(self.sku_a.stock_reason)
        self.add_stock(self.product_a, 10)
        skus = self.sku_a | self.sku_b | self.sku_set
        skus.invalidate_recordset(["stock_odoo", "stock_reason"])
        self.assertEqual((self.sku_a.stock_odoo, self.sku_a.stock_rakuten), (60, 50))
        self.assertIn("switched off", self.sku_a.stock_reason)
        self.shop.sync_inventory = True
        skus.invalidate_recordset(["stock_odoo", "stock_reason"])
        self.assertIn("next one sends it", self.sku_a.stock_reason)
        self.sku_b.in_catalogue = False
        self.sku_set.stock_mode = "none"
        skus.invalidate_recordset(["stock_odoo", "stock_reason"])
        self.assertIn("Import SKUs", self.sku_b.stock_reason)
        self.assertIn("as you chose", self.sku_set.stock_reason)
        left_alone = self.env["rakuten.sku"].search(
            [("shop_id", "=", self.shop.id), ("in_catalogue", "=", False)]
        )
        self.assertEqual(left_alone, self.sku_b)

    # === Right after orders and shipments === #

    def triggers(self):
        cron = self.env.ref("smartship_rakuten.ir_cron_sync_inventory")
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])

    def test_runs_right_after_an_import_and_a_shipment(self):
        self.shop.sync_inventory = True
        before = self.triggers()
        self.shop._run("import")
        self.assertEqual(self.triggers(), before, "nothing new")
        (record,) = self.import_orders(order(1, [package(1, [item(units=2)])], total=2200))
        self.assertEqual(self.triggers(), before + 1)
        self.sync()
        self.ship(record.sale_order_id.picking_ids, "400000000001")
        self.shop.action_export_shipments()
        self.assertEqual(self.triggers(), before + 2)
        self.sync()
        self.assertEqual(self.rms.stock[A], 48)

    @mute_logger(CRON_LOGGER)
    def test_failed_run_is_repeated_soon(self):
        self.shop.sync_inventory = True
        self.add_stock(self.product_a, 10)
        before = self.triggers()
        self.rms.failures["bulk_get"] = TemporarilyUnavailable(operation="inventories.bulk.get")
        self.env["rakuten.shop"]._cron_run("inventory")
        self.assertEqual(self.triggers(), before + 1)
        self.env["rakuten.shop"]._cron_run("inventory")
        self.assertEqual(self.triggers(), before + 1)
        self.assertEqual(self.rms.stock[A], 60)


@tagged("post_install", "-at_install")
class TestStockBudgets(StockCase):
    """However many SKUs there are."""

    def make(self, count):
        products = self.env["product.product"].create(
            [{"name": f"P{n}", "is_storable": True} for n in range(count)]
        )
        self.env["rakuten.sku"].create(
            [
                self.sku_values((f"many-{n}", "v"), product_id=product.id, stock_mode="auto")
                for n, product in enumerate(products)
            ]
        )
        self.env["stock.quant"].sudo().create(
            [
                {"product_id": product.id, "location_id": self.location.id, "quantity": 5}
                for product in products
            ]
        )
        return products

    def queries(self):
        self.env.flush_all()
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.sync()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_calls_and_queries_per_400(self):
        products = self.make(1600)
        self.queries()
        quants = self.env["stock.quant"].search([("product_id", "in", products.ids)])
        counts = {}
        for count in (400, 800, 1600):
            changed = quants.filtered(lambda q, c=count: q.product_id in products[:c])
            changed.write({"quantity": 100 + count})
            counts[count] = self.queries()
            self.assertEqual(self.upserts_sent(), -(-count // 400))
        per_400 = (counts[1600] - counts[800]) / 2
        self.assertLessEqual(per_400, 80)
        self.assertLessEqual(counts[800] - counts[400], per_400 + 10)

    def upserts_sent(self):
        return self.rms.names().count("bulk_upsert")

    def test_nothing_changed(self):
        self.make(400)
        self.sync()
        few = self.queries()
        self.assertEqual(self.rms.names(), [])
        self.assertLessEqual(few, 12)
