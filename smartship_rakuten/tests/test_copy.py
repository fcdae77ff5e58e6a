"""A copy of the database reads from Rakuten and writes nothing there."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.smartship_rakuten import rms
from odoo.addons.smartship_rakuten.rms import RmsClient, WritesPaused, inventory, items, orders
from odoo.addons.smartship_rakuten.rms import shop as shop_api
from odoo.addons.smartship_rakuten.rms.answers import Operation

from .common import RakutenCase, order
from .sandbox import SandboxCase

BASKETS = [{"basketId": "1", "ShippingModelList": [{"shippingNumber": "400000000007"}]}]
#: How each operation that writes is called.
WRITES = {
    "confirmOrder": lambda client: list(client.confirm_order(["123456-20260110-0000000001"])),
    "updateOrderShipping": lambda client: client.update_order_shipping(
        "123456-20260110-0000000001", BASKETS
    ),
    "updateOrderShippingAsync": lambda client: client.update_order_shipping_async(
        {"123456-20260110-0000000001": BASKETS}
    ),
    "updateOrderSubStatus": lambda client: list(
        client.update_order_sub_status("1", ["123456-20260110-0000000001"])
    ),
    "updateOrderMemo": lambda client: client.update_order_memo(
        "123456-20260110-0000000001", memo="x"
    ),
    "updateOrderRemarks": lambda client: client.update_order_remarks(
        "123456-20260110-0000000001", remarks="x"
    ),
    "updateOrderSender": lambda client: client.update_order_sender(
        "123456-20260110-0000000001", {}
    ),
    "updateOrderSenderAfterShipping": lambda client: client.update_order_sender_after_shipping(
        "123456-20260110-0000000001", {}
    ),
    "updateOrderOrderer": lambda client: client.update_order_orderer(
        "123456-20260110-0000000001", {}
    ),
    "updateOrderDelivery": lambda client: client.update_order_delivery(
        "123456-20260110-0000000001", "宅配便"
    ),
    "cancelOrder": lambda client: client.cancel_order("123456-20260110-0000000001", 0, 8),
    "cancelOrderAfterShipping": lambda client: client.cancel_order_after_shipping(
        "123456-20260110-0000000001", 0, 8
    ),
    "inventories.variants.upsert": lambda client: client.inventories_variants_upsert(
        "item-1", "normal-inventory", 5
    ),
    "inventories.variants.delete": lambda client: client.inventories_variants_delete(
        "item-1", "normal-inventory"
    ),
}


class NoNetwork:
    """A session in place of requests': whatever is sent fails the test."""

    headers = {}

    def request(self, *_args, **_kwargs):
        raise AssertionError("something was sent")

    def close(self):
        pass


@tagged("post_install", "-at_install")
class TestReadOnlyClient(RakutenCase):
    def client(self):
        return RmsClient(
            "SP123456_test", "SL123456_test", read_only=True, session=NoNetwork(), max_attempts=1
        )

    def test_every_write_is_refused(self):
        found = {
            value.name
            for module in (orders, inventory, items, shop_api)
            for value in vars(module).values()
            if isinstance(value, Operation) and value.write
        }
        self.assertEqual(found, {*WRITES, "inventories.bulk.upsert"})
        for name, call in WRITES.items():
            with self.subTest(operation=name), self.assertRaises(WritesPaused) as caught:
                call(self.client())
            self.assertEqual(caught.exception.operation, name)

    def test_stock_is_refused(self):
        entry = {"manageNumber": "item-1", "variantId": "a", "quantity": 5, "mode": "ABSOLUTE"}
        (result,) = self.client().inventories_bulk_upsert([entry])
        self.assertIsInstance(result.error, WritesPaused)

    def test_reads_go_out(self):
        with self.assertRaises(rms.RmsError) as caught:
            list(self.client().get_order(["123456-20260110-0000000001"]))
        self.assertNotIsInstance(caught.exception, WritesPaused)


@tagged("post_install", "-at_install")
class TestCopiedShop(SandboxCase):
    """Each thing that a shop writes, from a database whose UUID has changed."""

    def setUp(self):
        super().setUp()
        self.shop = self.open_shop("copy", items=4, seed=5, auto_confirm=True)
        self.shop.action_test_connection()
        self.shop.action_import_skus()
        self.sandbox.control("orders", count=2, kinds=["simple"])
        self.sandbox.control("orders", count=1, kinds=["unconfirmed"])
        self.become_a_copy()

    def become_a_copy(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.search([("key", "=", "database.uuid")]).value = "another-database"
        self.env.invalidate_all()

    def orders(self):
        return self.env["rakuten.order"].search(
            [("shop_id", "=", self.shop.id)], order="progress, name"
        )

    def refused(self):
        return self.assertRaisesRegex(UserError, "This database is a copy")

    def written(self):
        writes = {*WRITES, "inventories.bulk.upsert"}
        return [
            call["operation"]
            for call in self.sandbox.get("calls")["calls"]
            if call["operation"] in writes
        ]

    def test_nothing_is_written_and_reading_goes_on(self):
        self.assertTrue(self.shop.is_copy)
        self.shop.action_import_orders()
        waiting, *imported = self.orders()
        self.assertEqual(waiting.progress, "100", "not confirmed")
        self.assertEqual([entry.state for entry in imported], ["done", "done"])
        with self.refused():
            waiting.action_confirm_at_rakuten()
        pickings = imported[0].sale_order_id.picking_ids
        for picking in pickings:
            picking.move_ids.picked = True
            picking.carrier_tracking_ref = "400000000007"
            picking.button_validate()
        with self.refused():
            self.shop.action_export_shipments()
        self.assertEqual(pickings.mapped("rakuten_report_state"), ["pending"])
        with self.refused():
            self.shop.action_sync_inventory()
        cancel = self.env["rakuten.order.cancel"].create(
            {"order_id": imported[1].id, "reason": "8"}
        )
        with self.refused():
            cancel.action_cancel_at_rakuten()
        self.assertEqual(imported[1].state, "done")
        self.shop.memo_left = "出荷済み"
        with self.refused():
            self.shop.action_export_shipments()
        self.shop._cron_run("refresh")
        self.assertEqual(self.written(), [])

    def test_progress_is_not_told(self):
        self.shop.memo_working = "作業中"
        self.shop.action_import_orders()
        self.orders()[-1].sale_order_id.picking_ids.printed = True
        with self.refused():
            self.shop.action_export_shipments()
        self.assertEqual(self.written(), [])
        self.shop.action_confirm_database()
        self.shop.action_export_shipments()
        self.assertEqual(self.written(), ["updateOrderMemo"])

    def test_testing_or_new_keys_do_not_confirm_it(self):
        self.shop.action_test_connection()
        self.shop.license_key = "SL123456_copy"
        self.shop.action_test_connection()
        self.assertEqual(self.shop.state, "connected")
        self.assertTrue(self.shop.is_copy)

    def test_a_manager_confirms(self):
        user = new_test_user(
            self.env,
            "rakuten-user",
            "smartship_rakuten.group_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.shop.with_user(user).action_confirm_database()
        self.assertTrue(self.shop.is_copy)
        self.shop.action_confirm_database()
        self.assertFalse(self.shop.is_copy)
        self.assertIn("confirmed by hand", self.shop.message_ids[0].body)
        self.shop.action_import_orders()
        self.assertEqual(self.written(), ["confirmOrder"])
        self.shop.action_sync_inventory()
        self.assertIn("inventories.bulk.upsert", self.written())


@tagged("post_install", "-at_install")
class TestNeutralize(RakutenCase):
    def test_neutralize_sql(self):
        """What ``odoo neutralize`` does to a copy: no key is left, and no shop is reached."""
        from odoo.modules.neutralize import get_neutralization_queries

        self.import_orders(order(1))
        self.shop.write(
            {
                "next_service_secret": "SP123456_next",
                "next_license_key": "SL123456_next",
                "auto_import": True,
                "auto_confirm": True,
                "sync_inventory": True,
            }
        )
        self.shop.state = "connected"
        self.env.flush_all()
        for query in get_neutralization_queries(["smartship_rakuten"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.env.cr.execute("SELECT * FROM rakuten_shop WHERE id = %s", [self.shop.id])
        row = self.env.cr.dictfetchone()
        self.assertFalse([name for name, value in row.items() if "123456_" in str(value)])
        for name in ("auto_import", "auto_confirm", "auto_fulfil", "sync_inventory"):
            self.assertFalse(row[name], name)
        self.assertEqual(row["state"], "draft")
        self.assertEqual(row["api_url"], "https://neutralized.invalid")
        self.env["rakuten.shop"]._cron_run("license")
        self.assertEqual(self.shop.state, "draft", "nothing brings it back")
