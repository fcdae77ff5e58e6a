"""One ``write`` a model: what happens when a field is written, and in which order."""

from unittest.mock import patch

from odoo.exceptions import AccessDenied
from odoo.tests import tagged

from odoo.addons.smartship_rakuten.models.shop.declared import declared
from odoo.addons.smartship_rakuten.models.shop.on_write import Consequence, on_write
from odoo.addons.smartship_rakuten.models.stock.stock_move import UNIT

from .common import RakutenCase, item, order, package

OURS = "odoo.addons.smartship_rakuten."
#: Model: the consequences as they lie around each other, the outermost first. A name in brackets
#: is called for its fields.
CONSEQUENCES = {
    "rakuten.shop": {
        "_on_write_ship_by_days": "cutoff_hour ship_days shipping_calendar_id transit_days",
        "_on_write_company_code": "company_code",
        "_on_write_stock_rules": "reservation_days stock_buffer stock_kind stock_left_out_ids "
        "stock_location_ids warehouse_id",
        "_on_write_stock_followed": "active stock_followed",
        "_on_write_key": "license_key next_license_key next_service_secret service_secret",
        "_on_write_key_entered_at": "key_entered_at",
        "_on_write_license_key": "license_key",
        "_on_write_license_expiry": "license_expiry",
        "_on_write_switches": "active auto_import last_full_catalogue read_reservations state "
        "sync_inventory",
        "_on_write_pasted": "license_key next_license_key next_service_secret service_secret "
        "shop_number shop_url",
        "_on_write_connection": "api_url license_key service_secret",
    },
    "rakuten.sku": {
        "_on_write_decisive": "in_catalogue manage_number own_buffer product_code product_id "
        "quantity stock_buffer stock_fixed stock_mode variant_id",
        "_on_write_composition": "product_code product_id quantity",
        "_on_write_import_waiting": "manage_number name option_text product_code product_id "
        "variant_id",
        "_on_write_product_code": "product_code",
        "_on_write_mapping": "manage_number product_id variant_id",
    },
    "rakuten.sku.component": {
        "_on_write_composition": "product_id quantity sku_id",
        "_on_write_import_waiting": "product_id sku_id",
    },
    "product.product": {
        "_rakuten_on_write_stock": "active",
        "_rakuten_on_write_import_waiting": "active barcode default_code rakuten_sku_code",
    },
    "product.template": {
        "_rakuten_on_write_stock": "active is_storable type",
        "_rakuten_on_write_import_waiting": "company_id type",
    },
    "rakuten.order": {
        "_on_write_unshipped": "changed_code progress state",
        "_on_write_closing": "payload progress",
        "_on_write_demand": "payload",
        "_on_write_demand_taken": "problem_code",
        "_on_write_lacking": "problem_details",
        "_on_write_queue": "state",
    },
    "stock.move": {
        "_rakuten_on_write_sale_line": "sale_line_id",
        "_rakuten_on_write_stock": f"location_dest_id location_id picking_id product_id {UNIT} "
        "product_uom_qty quantity state",
    },
    "stock.picking": {
        "_rakuten_on_write_label": "rakuten_label_building rakuten_label_name rakuten_label_street",
        "_rakuten_on_write_shared": "carrier_id carrier_tracking_ref",
        "_rakuten_on_write_sale": "sale_id",
        "_rakuten_on_write_cash": "rakuten_cash_amount",
        "_rakuten_on_write_shipment": "carrier_id carrier_tracking_ref date_done",
        "_rakuten_on_write_step": "carrier_tracking_ref",
    },
}


@tagged("post_install", "-at_install")
class TestWrite(RakutenCase):
    def declare(self, method):
        """Have a part of the shop, loaded after ours, declare a consequence."""
        Shop = type(self.shop)
        self.startPatcher(patch.object(Shop, method.__name__, method, create=True))
        # What was read of the class before, or is read with this method in it, does not count.
        self.startPatcher(patch.object(Shop, "_rakuten_declared", (None, None), create=True))

    def fields_of(self, records, consequence):
        """Fields whose writing concerns a consequence."""
        return " ".join(
            name for name in sorted(records._fields) if consequence.concerns(records, {name: 1})
        )

    def test_what_follows(self):
        found = {}
        for name, model_class in self.registry.items():
            consequences = declared(model_class, Consequence)
            if consequences:
                found[name] = {
                    method: self.fields_of(self.env[name], consequence)
                    for method, consequence in consequences.items()
                }
        self.assertEqual(found, CONSEQUENCES)
        for name, consequences in found.items():
            self.assertEqual(list(consequences), list(CONSEQUENCES[name]), "in this order")

    def test_named_fields_exist(self):
        """A name that no field has would never be met."""
        for name in CONSEQUENCES:
            for method, consequence in declared(self.registry[name], Consequence).items():
                names = consequence.names
                if not callable(names[0]):
                    self.assertLessEqual(set(names), set(self.env[name]._fields), method)

    def test_one_write_a_model(self):
        for name, model_class in self.registry.items():
            writes = [
                part.__module__
                for part in model_class.__mro__
                if part.__module__.startswith(OURS) and "write" in vars(part)
            ]
            self.assertLess(len(writes), 2, name)
            if declared(model_class, Consequence):
                self.assertEqual(len(writes), 1, f"{name} has nothing that calls them")

    def test_around_each_other(self):
        """What was loaded last begins and ends, in a file what stands first; each sees what those
        around it hand on, and nobody's values are touched."""
        told = []

        @on_write("name")
        def _on_write_told(shops, vals):
            told.append(("before", vals["name"], shops.name))
            yield {**vals, "stock_buffer": 7}
            told.append(("after", shops.name, shops.stock_buffer))

        self.declare(_on_write_told)
        mark_all = patch.object(
            type(self.env["rakuten.stock.change"]),
            "_mark_all",
            lambda changes, shops: told.append(("stock", shops.name)),
        )
        old = self.shop.name
        vals = {"name": "別の店"}
        with mark_all:
            self.shop.write(vals)
            self.shop.write({"sequence": 3})
        self.assertEqual(
            told, [("before", "別の店", old), ("stock", "別の店"), ("after", "別の店", 7)]
        )
        self.assertEqual(vals, {"name": "別の店"})

    def test_guard(self):
        @on_write("name")
        def _on_write_refused(shops, vals):
            if vals["name"] == "別の店":
                raise AccessDenied
            yield

        self.declare(_on_write_refused)
        old = self.shop.name
        with self.assertRaises(AccessDenied):
            self.shop.write({"name": "別の店"})
        self.assertEqual(self.shop.name, old)

    def test_a_consequence_says_when_the_write_happens(self):
        with self.assertRaisesRegex(TypeError, "_on_write_plain"):

            @on_write("name")
            def _on_write_plain(shops, vals):
                return vals

    def test_label_of_several_transfers(self):
        """Each is written for the address of its own transfer."""
        elsewhere = package(7002, [item()])
        elsewhere["SenderModel"]["zipCode2"] = "0002"
        first, second = self.import_orders(order(1), order(2, [elsewhere]))
        pickings = (first | second).sale_order_id.picking_ids
        self.assertEqual(len(set(pickings.mapped("rakuten_address_key"))), 2)
        pickings.write({"rakuten_label_name": "見本"})
        self.assertEqual(
            pickings.mapped("rakuten_label_key"), pickings.mapped("rakuten_address_key")
        )
        pickings.write({"rakuten_label_key": False, "rakuten_label_name": "見本 様"})
        self.assertEqual(pickings.mapped("rakuten_label_key"), [False, False])
