"""What left and what Rakuten is told of it: packages, routes, corrections, returns."""

from dataclasses import replace
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.smartship_rakuten.rms import Message, OutcomeUnknown, RequestRefused

from .common import RakutenCase, item, open_return, order, package


class ParcelCase(RakutenCase):
    def rows(self, record):
        """What Rakuten has: {(basket, carrier, number)}; each row once."""
        rows = [
            (entry["basketId"], row["deliveryCompany"], row["shippingNumber"])
            for entry in self.rms.orders[record.name]["PackageModelList"]
            for row in entry["ShippingModelList"]
        ]
        self.assertEqual(len(rows), len(set(rows)))
        return set(rows)

    def sent_rows(self):
        """Rows of the last report, in its order."""
        value = [v for name, v in self.rms.calls if name.startswith("update_order_shipping")][-1]
        return [
            row
            for entry in (value if isinstance(value, list) else [value])
            for basket in entry["BasketidModelList"]
            for row in basket["ShippingModelList"]
        ]

    def export(self):
        self.shop.action_export_shipments()

    def give_back(self, picking, *, packages=None):
        """Everything of a delivery comes back, or what these packages hold."""
        held = picking.move_line_ids
        if packages:
            held = held.filtered(lambda line: line.result_package_id in packages)
        back = open_return(
            picking, lambda move: sum((move.move_line_ids & held).mapped("quantity"))
        )
        if packages:
            for move in back.move_ids:
                (move.move_line_ids - move.move_line_ids[:1]).unlink()
                move.move_line_ids.write({"package_id": packages.id, "result_package_id": False})
        back.move_ids.picked = True
        back.button_validate()
        self.assertEqual(back.state, "done")
        return back


@tagged("post_install", "-at_install")
class TestPackages(ParcelCase):
    def packed(self, sequence, *numbers):
        """A transfer of as many units as there are numbers, each unit in a package of its own."""
        packages = self.env["stock.package"].create(
            [
                {"name": f"PACK-{sequence}-{i}", "rakuten_tracking_number": n}
                for i, n in enumerate(numbers)
            ]
        )
        record, picking = self.packed_into(sequence, packages)
        return record, picking, packages

    def packed_into(self, sequence, packages):
        units = len(packages)
        (record,) = self.import_orders(
            order(sequence, [package(7001, [item(units=units)])], total=1100 * units)
        )
        picking = record.sale_order_id.picking_ids
        move = picking.move_ids
        move.move_line_ids.unlink()
        move.move_line_ids = [
            Command.create(
                {
                    "product_id": move.product_id.id,
                    "quantity": 1,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                    "picking_id": picking.id,
                    "result_package_id": box.id,
                }
            )
            for box in packages
        ]
        move.picked = True
        return record, picking

    def test_each_package_is_a_parcel(self):
        record, picking, packages = self.packed(1, "100000000001", "100000000002", "100000000003")
        picking.button_validate()
        parcels = picking.rakuten_parcel_ids
        self.assertEqual(parcels.package_id, packages)
        self.export()
        self.assertEqual(
            self.rows(record),
            {(7001, "1001", f"10000000000{n}") for n in (1, 2, 3)},
        )
        self.assertEqual(len(set(parcels.mapped("shipping_detail_id"))), 3)

    def test_number_of_one_package_is_corrected(self):
        record, picking, packages = self.packed(2, "100000000001", "100000000002")
        picking.button_validate()
        self.export()
        detail_id = picking.rakuten_parcel_ids[1].shipping_detail_id
        packages[1].rakuten_tracking_number = "100000000009"
        self.assertEqual(picking.rakuten_report_state, "pending")
        self.export()
        self.assertEqual(
            self.sent_rows(),
            [
                {
                    "shippingDetailId": detail_id,
                    "deliveryCompany": "1001",
                    "shippingNumber": "100000000009",
                    "shippingDate": self.sent_rows()[0]["shippingDate"],
                }
            ],
        )
        self.assertEqual(
            self.rows(record), {(7001, "1001", "100000000001"), (7001, "1001", "100000000009")}
        )

    def test_packages_and_the_transfers_own_number(self):
        """The transfer's number may repeat a package's, or name one more parcel."""
        record, picking, _packages = self.packed(3, "100000000001", "100000000002")
        picking.carrier_tracking_ref = "1000-0000-0001, 100000000003"
        picking.button_validate()
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", f"10000000000{n}") for n in (1, 2, 3)})

    def test_every_package_needs_a_number_once_one_has(self):
        record, picking, packages = self.packed(5, "100000000001", False, "100000000003")
        picking.button_validate()
        self.export()
        self.assertEqual(self.rows(record), set())
        self.assertEqual(picking.rakuten_report_state, "pending")
        self.assertIn("PACK-5-1 too", picking.rakuten_report_error)
        packages[1].rakuten_tracking_number = "100000000002"
        self.assertFalse(picking.rakuten_report_error)
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", f"10000000000{n}") for n in (1, 2, 3)})

    def test_number_of_the_transfer_stands_for_a_package_without(self):
        record, picking, _packages = self.packed(6, "100000000001", False)
        picking.carrier_tracking_ref = "100000000002"
        picking.button_validate()
        self.export()
        self.assertFalse(picking.rakuten_report_error)
        self.assertEqual(self.rows(record), {(7001, "1001", f"10000000000{n}") for n in (1, 2)})

    def test_packages_without_numbers_in_a_parcel_of_the_transfers_number(self):
        record, picking, _packages = self.packed(7, False, False)
        picking.carrier_tracking_ref = "100000000001"
        picking.button_validate()
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "100000000001")})

    def boxed(self, sequence, number):
        """Two packages of a unit each in a box, which has the number, on a pallet."""
        record, picking, packages = self.packed(sequence, False, False)
        box, pallet = self.env["stock.package"].create(
            [
                {"name": f"BOX-{sequence}", "rakuten_tracking_number": number},
                {"name": f"PALLET-{sequence}"},
            ]
        )
        packages.action_put_in_pack(package_id=box.id)
        box.action_put_in_pack(package_id=pallet.id)
        return record, picking, packages, box

    def test_number_of_an_outer_box(self):
        record, picking, packages, box = self.boxed(8, "100000000001")
        picking.button_validate()
        self.assertEqual(packages.parent_package_id, box)
        self.assertEqual(picking.rakuten_parcel_ids.package_id, box)
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "100000000001")})
        box.rakuten_tracking_number = "100000000009"
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "100000000009")})

    def test_box_comes_back_piece_by_piece(self):
        record, picking, packages, box = self.boxed(9, "100000000001")
        picking.button_validate()
        self.export()
        self.give_back(picking, packages=packages[0])
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "100000000001")})
        self.give_back(picking, packages=packages[1])
        self.export()
        self.assertEqual(self.rows(record), set())
        self.assertFalse(box.rakuten_tracking_number)

    def test_one_package_comes_back_before_midnight(self):
        record, picking, packages = self.packed(60, "100000000001", "100000000002")
        picking.button_validate()
        self.export()
        self.give_back(picking, packages=packages[0])
        self.assertEqual(packages.mapped("rakuten_tracking_number"), [False, "100000000002"])
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "100000000002")})
        self.assertEqual(picking.rakuten_report_state, "reported")

    def test_one_package_comes_back_before_the_report(self):
        record, picking, packages = self.packed(61, "100000000001", "100000000002")
        picking.button_validate()
        self.give_back(picking, packages=packages[0])
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "100000000002")})

    def test_one_package_comes_back_after_midnight(self):
        record, picking, packages = self.packed(62, "100000000001", "100000000002")
        picking.button_validate()
        self.export()
        self.rms.orders[record.name]["orderProgress"] = 500
        self.shop._run("check", record.ids)
        self.give_back(picking, packages=packages[0])
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", f"10000000000{n}") for n in (1, 2)})

    def test_package_is_used_again(self):
        """Its next number is the next order's: the closed report of the first one stays."""
        first, picking, box = self.packed(63, "100000000001")
        picking.button_validate()
        self.export()
        self.rms.orders[first.name]["orderProgress"] = 500
        self.shop._run("check", first.ids)
        self.give_back(picking, packages=box)
        self.assertFalse(box.rakuten_tracking_number)
        second, again = self.packed_into(64, box)
        box.rakuten_tracking_number = "100000000002"
        again.button_validate()
        self.export()
        self.assertEqual(self.rows(first), {(7001, "1001", "100000000001")})
        self.assertEqual(self.rows(second), {(7001, "1001", "100000000002")})
        box.rakuten_tracking_number = "100000000003"
        # Whatever else brings the first order in line again.
        picking.carrier_id = self.env.ref("smartship_rakuten.delivery_carrier_sagawa")
        self.export()
        self.assertEqual(self.rows(first), {(7001, "1002", "100000000001")})
        self.assertEqual(self.rows(second), {(7001, "1001", "100000000003")})

    def test_package_is_used_again_though_no_return_was_entered(self):
        first, picking, box = self.packed(65, "100000000001")
        picking.button_validate()
        self.export()
        second, again = self.packed_into(66, box)
        box.rakuten_tracking_number = "100000000002"
        again.button_validate()
        self.export()
        self.assertEqual(self.rows(first), {(7001, "1001", "100000000001")})
        self.assertEqual(self.rows(second), {(7001, "1001", "100000000002")})

    def test_package_of_two_orders(self):
        """同梱 in one package: a corrected number is both orders'."""
        records = self.import_orders(order(67), order(68))
        pickings = records.sale_order_id.picking_ids
        pickings.action_rakuten_bundle()
        box = self.env["stock.package"].create(
            {"name": "PACK-67", "rakuten_tracking_number": "100000000001"}
        )
        pickings.move_line_ids.result_package_id = box
        pickings.move_ids.picked = True
        for picking in pickings:
            picking.button_validate()
        box.rakuten_tracking_number = "100000000002"
        self.export()
        for record in records:
            self.assertEqual(self.rows(record), {(7001, "1001", "100000000002")})

    def test_twenty_parcels_and_no_more(self):
        numbers = [f"1{n:011d}" for n in range(21)]
        (record,) = self.import_orders(order(4))
        picking = record.sale_order_id.picking_ids
        with self.assertRaisesRegex(UserError, "20 parcels"):
            self.ship(picking, ",".join(numbers))
        self.ship(picking, ",".join(numbers[:20]))
        self.export()
        self.assertEqual(len(self.rows(record)), 20)
        # One more after the transfer left: kept back, and said so.
        picking.carrier_tracking_ref = ",".join(numbers)
        self.export()
        self.assertEqual(len(self.rows(record)), 20)
        self.assertEqual(picking.rakuten_report_state, "failed")
        self.assertIn("20 parcels", picking.rakuten_report_error)


@tagged("post_install", "-at_install")
class TestRoutes(ParcelCase):
    def two_baskets(self, sequence):
        return order(
            sequence,
            [package(7100, [item("1", units=2)]), package(7101, [item("2", "CODE-B")])],
            total=3300,
        )

    def run_route(self, steps, sequence):
        self.shop.warehouse_id.delivery_steps = steps
        (record,) = self.import_orders(self.two_baskets(sequence))
        sale_order = record.sale_order_id
        for _step in range(4):
            pickings = sale_order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel"))
            if not pickings:
                break
            self.assertEqual(
                sorted(pickings.mapped("rakuten_basket_id")), ["7100", "7101"], pickings
            )
            for picking in pickings.sorted("rakuten_basket_id"):
                number = f"20000000{picking.rakuten_basket_id}"
                picking.action_assign()
                self.ship(picking, number if picking._is_rakuten_delivery() else False)
        self.export()
        self.assertEqual(
            self.rows(record), {(7100, "1001", "200000007100"), (7101, "1001", "200000007101")}
        )
        return sale_order.picking_ids

    def test_two_steps(self):
        self.assertEqual(len(self.run_route("pick_ship", 10)), 4)

    def test_three_steps(self):
        self.assertEqual(len(self.run_route("pick_pack_ship", 11)), 6)

    def test_open_pick_keeps_the_report(self):
        """The delivery of what is still to be picked does not exist yet."""
        for steps, sequence in (("pick_ship", 70), ("pick_pack_ship", 71)):
            with self.subTest(steps=steps):
                self.shop.warehouse_id.delivery_steps = steps
                (record,) = self.import_orders(
                    order(sequence, [package(7001, [item(units=3)])], total=3300)
                )
                sale_order = record.sale_order_id
                rest = self.partly(sale_order.picking_ids, 2, False)
                self.ship_steps(sale_order, rest, "300000000001")
                self.export()
                self.assertEqual(self.rows(record), set())
                self.assertEqual(rest.state, "assigned")
                self.ship_steps(sale_order, self.env["stock.picking"], "300000000002")
                self.export()
                self.assertEqual(
                    self.rows(record), {(7001, "1001", f"30000000000{n}") for n in (1, 2)}
                )

    def ship_steps(self, sale_order, but, number):
        """Validate what is open, step by step, but some transfers."""
        for _step in range(3):
            for picking in sale_order.picking_ids - but:
                if picking.state not in ("done", "cancel"):
                    self.ship(picking, number if picking._is_rakuten_delivery() else False)

    def test_open_return_keeps_no_report(self):
        record, other = self.import_orders(order(72), order(73))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "300000000001")
        self.ship(other.sale_order_id.picking_ids, "300000000002")
        back = open_return(picking, lambda _move: 1)
        self.assertFalse(back.rakuten_ship_by)
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "300000000001")})

    def test_first_step_is_held_too(self):
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        (record,) = self.import_orders(order(12))
        pick = record.sale_order_id.picking_ids.filtered(
            lambda p: p.picking_type_code == "internal"
        )
        self.rms.orders[record.name]["orderProgress"] = 400
        pick.action_rakuten_check()
        self.assertTrue(pick.rakuten_held)
        with self.assertRaisesRegex(UserError, "400 変更確定待ち"):
            self.ship(pick, False)

    def test_several_warehouses(self):
        """A line that leaves another warehouse keeps its destination and makes a parcel of its
        own; the report waits for both."""
        other = self.env["stock.warehouse"].create(
            {"name": "Second", "code": "W2", "company_id": self.company.id}
        )
        self.env["stock.quant"]._update_available_quantity(self.product_b, other.lot_stock_id, 5)
        self.shop.auto_fulfil = False
        (record,) = self.import_orders(
            order(13, [package(7001, [item("1"), item("2", "CODE-B")])], total=2200)
        )
        sale_order = record.sale_order_id
        line = sale_order.order_line.filtered(lambda line: line.product_id == self.product_b)
        line.warehouse_id = other
        sale_order.action_confirm()
        pickings = sale_order.picking_ids
        self.assertEqual(pickings.picking_type_id.warehouse_id, self.shop.warehouse_id | other)
        self.assertEqual(pickings.mapped("rakuten_basket_id"), ["7001", "7001"])
        self.ship(pickings[0], "300000000001")
        self.export()
        self.assertEqual(self.rows(record), set())
        self.ship(pickings[1], "300000000002")
        self.export()
        self.assertEqual(
            self.rows(record), {(7001, "1001", "300000000001"), (7001, "1001", "300000000002")}
        )

    def partly(self, picking, quantity, number):
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking.carrier_tracking_ref = number
        action = picking.button_validate()
        Form.from_action(self.env, action).save().process()
        return picking.backorder_ids

    def test_backorder(self):
        (record,) = self.import_orders(order(14, [package(7001, [item(units=3)])], total=3300))
        picking = record.sale_order_id.picking_ids
        backorder = self.partly(picking, 2, "300000000001")
        self.assertEqual(backorder.rakuten_basket_id, "7001")
        self.export()
        self.assertEqual(self.rows(record), set())
        self.ship(backorder, "300000000002")
        self.export()
        self.assertEqual(
            self.rows(record), {(7001, "1001", "300000000001"), (7001, "1001", "300000000002")}
        )

    def test_backorder_in_the_same_parcel(self):
        (record,) = self.import_orders(order(15, [package(7001, [item(units=3)])], total=3300))
        picking = record.sale_order_id.picking_ids
        backorder = self.partly(picking, 2, "300000000001")
        self.ship(backorder, "300000000001")
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "300000000001")})
        self.assertEqual(backorder.rakuten_report_state, "reported")

    def test_backorder_that_never_comes(self):
        (record,) = self.import_orders(order(16, [package(7001, [item(units=3)])], total=3300))
        picking = record.sale_order_id.picking_ids
        self.partly(picking, 2, "300000000001").action_cancel()
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "300000000001")})

    def test_item_added_in_odoo(self):
        """It goes to the order's address, in the open transfer or in one more parcel."""
        first, second = self.import_orders(order(17), order(18))
        extra = {"product_id": self.product_b.id, "product_uom_qty": 1, "price_unit": 0}
        first.sale_order_id.order_line = [Command.create(extra)]
        picking = first.sale_order_id.picking_ids
        self.assertEqual(len(picking.move_ids), 2)
        self.ship(picking, "300000000001")
        self.ship(second.sale_order_id.picking_ids, "300000000002")
        self.export()
        self.assertEqual(self.rows(first), {(7001, "1001", "300000000001")})
        second.sale_order_id.order_line = [Command.create(extra)]
        late = second.sale_order_id.picking_ids.filtered(lambda p: p.state != "done")
        self.assertEqual(late.rakuten_basket_id, "7001")
        self.ship(late, "300000000003")
        self.export()
        self.assertEqual(
            self.rows(second), {(7001, "1001", "300000000002"), (7001, "1001", "300000000003")}
        )

    def test_item_added_at_rakuten_after_the_goods_left(self):
        """The report of what left goes on; what is new is shown as a change."""
        entry = order(19)
        (record,) = self.import_orders(entry)
        self.ship(record.sale_order_id.picking_ids, "300000000001")
        self.rms.orders[record.name]["PackageModelList"][0]["ItemModelList"].append(
            item("5", "CODE-B", price=0)
        )
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "300000000001")})
        self.assertIn("見本商品5", record.changed)


@tagged("post_install", "-at_install")
class TestCorrections(ParcelCase):
    def shipped(self, sequence, number="400000000001"):
        (record,) = self.import_orders(order(sequence))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, number)
        self.export()
        return record, picking

    def test_number_changed(self):
        record, picking = self.shipped(30)
        picking.carrier_tracking_ref = "400000000002"
        self.assertEqual(picking.rakuten_report_state, "pending")
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "400000000002")})
        self.assertEqual(picking.rakuten_report_state, "reported")
        self.assertEqual(len(picking.rakuten_parcel_ids), 1)

    def test_number_changed_after_rakuten_closed_the_shipment(self):
        record, picking = self.shipped(31)
        self.rms.orders[record.name]["orderProgress"] = 500
        picking.carrier_tracking_ref = "400000000002"
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "400000000002")})

    def test_number_added_and_taken_back(self):
        record, picking = self.shipped(32)
        picking.carrier_tracking_ref = "400000000001,400000000002"
        self.export()
        self.assertEqual(
            self.rows(record), {(7001, "1001", "400000000001"), (7001, "1001", "400000000002")}
        )
        picking.carrier_tracking_ref = "400000000002"
        self.assertEqual(picking.rakuten_report_state, "pending")
        self.export()
        self.assertEqual(self.sent_rows()[0]["shippingDeleteFlag"], 1)
        self.assertEqual(self.rows(record), {(7001, "1001", "400000000002")})
        self.assertEqual(picking.rakuten_report_state, "reported")
        # And given again.
        picking.carrier_tracking_ref = "400000000001,400000000002"
        self.export()
        self.assertEqual(
            self.rows(record), {(7001, "1001", "400000000001"), (7001, "1001", "400000000002")}
        )

    def test_carrier_changed(self):
        record, picking = self.shipped(33)
        picking.carrier_id = self.env.ref("smartship_rakuten.delivery_carrier_sagawa")
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1002", "400000000001")})

    def test_correction_back_to_what_rakuten_has_is_no_call(self):
        _record, picking = self.shipped(34)
        self.rms.calls.clear()
        picking.carrier_tracking_ref = "400000000002"
        picking.carrier_tracking_ref = "400000000001"
        self.export()
        self.assertEqual(picking.rakuten_report_state, "reported")
        self.assertEqual(self.rms.names(), [])

    def test_returned_before_midnight(self):
        record, picking = self.shipped(35)
        self.give_back(picking)
        self.export()
        self.assertEqual(self.rows(record), set())
        self.assertEqual(picking.rakuten_report_state, "none")

    def test_returned_before_the_report(self):
        (record,) = self.import_orders(order(36))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "400000000001")
        self.give_back(picking)
        self.rms.calls.clear()
        self.export()
        self.assertEqual(self.rows(record), set())
        self.assertEqual(self.rms.names(), [])

    def test_returned_after_midnight(self):
        """Rakuten has closed the shipment: a return is no correction of the report."""
        record, picking = self.shipped(37)
        self.rms.orders[record.name]["orderProgress"] = 500
        self.give_back(picking)
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "400000000001")})
        self.assertEqual(picking.rakuten_report_state, "reported")

    def test_returned_and_shipped_again(self):
        record, picking = self.shipped(38)
        back = self.give_back(picking)
        self.shop.company_code = "1003"
        again = self.give_back(back)
        self.export()
        self.assertEqual(self.rows(record), set())
        self.assertIn("tracking number", again.rakuten_report_error)
        again.carrier_tracking_ref = "400000000005"
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1003", "400000000005")})

    def unknown(self, *, applied):
        error = OutcomeUnknown()
        error.applied = applied
        return error

    def test_corrected_while_the_outcome_is_unknown(self):
        """Whatever became of the first report: one row in the end, with the last number."""
        for sequence, applied in ((40, True), (41, False)):
            with self.subTest(applied=applied):
                (record,) = self.import_orders(order(sequence))
                picking = record.sale_order_id.picking_ids
                start = datetime(2026, 1, 12, 3, 0)
                with freeze_time(start):
                    self.ship(picking, "400000000001")
                    self.rms.failures["update_order_shipping"] = self.unknown(applied=applied)
                    self.export()
                    picking.carrier_tracking_ref = "400000000002"
                    self.assertEqual(picking.rakuten_report_state, "sent")
                for minutes in (4, 8, 12):
                    with freeze_time(start + timedelta(minutes=minutes)):
                        self.export()
                self.assertEqual(self.rows(record), {(7001, "1001", "400000000002")})
                self.assertEqual(picking.rakuten_report_state, "reported")

    def test_deletion_of_unknown_outcome(self):
        for sequence, applied in ((42, True), (43, False)):
            with self.subTest(applied=applied):
                start = datetime(2026, 1, 12, 3, 0)
                with freeze_time(start):
                    record, picking = self.shipped(sequence, "400000000001,400000000002")
                    picking.carrier_tracking_ref = "400000000002"
                    self.rms.failures["update_order_shipping"] = self.unknown(applied=applied)
                    self.export()
                for minutes in (4, 8, 12):
                    with freeze_time(start + timedelta(minutes=minutes)):
                        self.export()
                self.assertEqual(self.rows(record), {(7001, "1001", "400000000002")})

    def test_row_without_a_number_is_filled(self):
        """Somebody entered the carrier alone: that row would keep the order from 発送済."""
        entry = order(44)
        (record,) = self.import_orders(entry)
        self.rms.orders[record.name]["PackageModelList"][0]["ShippingModelList"] = [
            {
                "shippingDetailId": 77,
                "deliveryCompany": "1003",
                "shippingNumber": None,
                "shippingDate": None,
            }
        ]
        self.ship(record.sale_order_id.picking_ids, "400000000001")
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "400000000001")})

    def test_row_deleted_in_rms_is_not_fought_over(self):
        record, picking = self.shipped(45)
        self.rms.orders[record.name]["PackageModelList"][0]["ShippingModelList"] = []
        self.export()
        self.assertEqual(self.rows(record), set())
        # A correction from Odoo writes it anew.
        picking.carrier_tracking_ref = "400000000002"
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "400000000002")})

    def test_correction_goes_while_other_parcels_wait(self):
        """Policy complete: what is at Rakuten already is corrected, nothing else is let go."""
        (record,) = self.import_orders(
            order(
                46,
                [package(7100, [item("1")]), package(7101, [item("2", "CODE-B")])],
                total=2200,
            )
        )
        first, second = record.sale_order_id.picking_ids.sorted("rakuten_basket_id")
        self.shop.report_policy = "each"
        self.ship(first, "400000000001")
        self.export()
        self.shop.report_policy = "complete"
        first.carrier_tracking_ref = "400000000002"
        self.export()
        self.assertEqual(self.rows(record), {(7100, "1001", "400000000002")})
        self.assertEqual(second.state, "assigned")

    def test_one_bad_order_stops_no_other(self):
        records = self.import_orders(*(order(number) for number in range(50, 54)))
        self.ship(records.sale_order_id.picking_ids, *(f"5{n:011d}" for n in range(4)))
        error = RequestRefused(
            code="ORDER_EXT_API_UPDATE_ORDERSHIPPING_ASYNC_ERROR_011",
            messages=[
                Message(
                    "ERROR",
                    "ORDER_EXT_API_UPDATE_ORDERSHIPPING_ASYNC_ERROR_011",
                    "shippingNumberの形式が正しくありません。",
                    order_number=records[1].name,
                )
            ],
        )
        error.applied = False
        self.rms.failures["update_order_shipping_async"] = error
        self.export()
        states = [r.sale_order_id.picking_ids.rakuten_report_state for r in records]
        self.assertEqual(states, ["reported", "failed", "reported", "reported"])
        self.assertIn("shippingNumber", records[1].sale_order_id.picking_ids.rakuten_report_error)

    def test_results_in_another_order(self):
        """dataNumber tells whose shippingDetailId it is, counted in the order or in the call."""
        for first, base in ((80, 0), (90, 7)):
            with self.subTest(base=base):
                records = self.import_orders(order(first), order(first + 1))
                numbers = [f"4{first}{n:09d}" for n in range(4)]
                self.ship(records.sale_order_id.picking_ids, ",".join(numbers[:3]), numbers[3])
                answer = self.rms.get_result_update_order_shipping_async

                def turned(request_id, base=base, answer=answer):
                    return {
                        name: [
                            replace(message, data_number=message.data_number + base)
                            for message in reversed(messages)
                        ]
                        for name, messages in answer(request_id).items()
                    }

                with patch.object(
                    self.rms, "get_result_update_order_shipping_async", turned, create=True
                ):
                    self.export()
                rows = self.rms.orders[records[0].name]["PackageModelList"][0]["ShippingModelList"]
                self.assertEqual(
                    {p.tracking_number: p.shipping_detail_id for p in records[0].parcel_ids},
                    {row["shippingNumber"]: str(row["shippingDetailId"]) for row in rows},
                )
                self.assertEqual(set(records.parcel_ids.mapped("state")), {"reported"})

    def test_results_that_name_no_row(self):
        """Then the order itself tells which row is whose."""
        records = self.import_orders(order(94), order(95))
        self.ship(records.sale_order_id.picking_ids, "494000000001,494000000002", "495000000001")
        answer = self.rms.get_result_update_order_shipping_async

        def nameless(request_id):
            return {
                name: [replace(message, data_number=None) for message in reversed(messages)]
                for name, messages in answer(request_id).items()
            }

        with patch.object(
            self.rms, "get_result_update_order_shipping_async", nameless, create=True
        ):
            self.export()
        self.export()
        rows = self.rms.orders[records[0].name]["PackageModelList"][0]["ShippingModelList"]
        self.assertEqual(
            {p.tracking_number: p.shipping_detail_id for p in records[0].parcel_ids},
            {row["shippingNumber"]: str(row["shippingDetailId"]) for row in rows},
        )
        self.assertEqual(set(records.parcel_ids.mapped("state")), {"reported"})

    def refused(self):
        error = RequestRefused(code="ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_011")
        error.applied = False
        return error

    def test_retry_from_a_backorder_that_shares_the_number(self):
        (record,) = self.import_orders(order(96, [package(7001, [item(units=3)])], total=3300))
        picking = record.sale_order_id.picking_ids
        picking.move_ids.quantity = 2
        picking.move_ids.picked = True
        picking.carrier_tracking_ref = "400000000001"
        Form.from_action(self.env, picking.button_validate()).save().process()
        backorder = picking.backorder_ids
        self.ship(backorder, "400000000001")
        self.rms.failures["update_order_shipping"] = self.refused()
        self.export()
        self.assertEqual(backorder.rakuten_report_state, "failed")
        cron = self.env.ref("smartship_rakuten.ir_cron_export_shipments")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        backorder.action_rakuten_retry()
        self.assertEqual(backorder.rakuten_report_state, "pending")
        self.assertGreater(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), triggers
        )
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "400000000001")})

    def test_carrier_code_is_corrected(self):
        """Of the carrier, or of the shop for carriers that have none; what Rakuten has stays."""
        reported, _picking = self.shipped(97)
        yamato = self.env.ref("smartship_rakuten.delivery_carrier_yamato")
        first, second = self.import_orders(order(98), order(99))
        self.ship(first.sale_order_id.picking_ids, "400000000098")
        self.rms.failures["update_order_shipping"] = self.refused()
        self.export()
        yamato.rakuten_company_code = "1030"
        self.export()
        self.assertEqual(self.rows(first), {(7001, "1030", "400000000098")})
        self.assertEqual(self.rows(reported), {(7001, "1001", "400000000001")})
        yamato.rakuten_company_code = False
        self.shop.company_code = "1000"
        self.ship(second.sale_order_id.picking_ids, "400000000099")
        self.shop.company_code = "1009"
        self.export()
        self.assertEqual(self.rows(second), {(7001, "1009", "400000000099")})

    def test_return_where_the_carrier_has_lost_its_code(self):
        record, picking = self.shipped(100, "400000000001,400000000002")
        other, waiting = self.shipped(101, "400000000003")
        yamato = self.env.ref("smartship_rakuten.delivery_carrier_yamato")
        yamato.rakuten_company_code = False
        self.give_back(picking)
        self.export()
        self.assertEqual(self.rows(record), set())
        # What left keeps the carrier that it left with; a new parcel needs one.
        waiting.carrier_tracking_ref = "400000000004"
        self.export()
        self.assertEqual(self.rows(other), {(7001, "1001", "400000000004")})
        with self.assertRaisesRegex(UserError, "which carrier"):
            waiting.carrier_tracking_ref = "400000000004,400000000005"

    def test_carrier_without_a_code_is_refused_after_the_fact_too(self):
        _record, picking = self.shipped(102)
        nobody = self.env.ref("smartship_rakuten.delivery_carrier_sagawa")
        nobody.rakuten_company_code = False
        with self.assertRaisesRegex(UserError, "which carrier"):
            picking.carrier_id = nobody

    def test_cancellation_that_is_withdrawn(self):
        """800 キャンセル確定待ち, and 300 again: the report waits and then goes by itself."""
        (record,) = self.import_orders(order(103))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "400000000001")
        self.rms.orders[record.name]["orderProgress"] = 800
        for _run in range(3):
            self.export()
            self.assertEqual(picking.rakuten_report_state, "pending")
            self.assertEqual(len(record.activity_ids), 1)
        self.assertIn("キャンセル確定待ち", record.activity_ids.summary)
        self.rms.orders[record.name]["orderProgress"] = 300
        self.export()
        self.assertEqual(self.rows(record), {(7001, "1001", "400000000001")})
        self.assertFalse(record.activity_ids)

    def test_cancelled_after_a_part_has_left(self):
        """One activity, no report, and what has not left is free for others."""
        (record,) = self.import_orders(
            order(
                104, [package(7100, [item("1")]), package(7101, [item("2", "CODE-B")])], total=2200
            )
        )
        first, second = record.sale_order_id.picking_ids.sorted("rakuten_basket_id")
        self.shop.report_policy = "each"
        self.ship(first, "400000000001")
        for progress in (800, 900):
            self.rms.orders[record.name]["orderProgress"] = progress
            self.export()
            self.assertEqual(len(record.activity_ids), 1, record.activity_ids.mapped("summary"))
        self.assertIn("after goods have left", record.activity_ids.summary)
        self.assertEqual(self.rows(record), set())
        self.assertEqual(first.rakuten_report_state, "failed")
        self.assertEqual((first.state, second.state), ("done", "cancel"))

    def test_nobody_is_told_twice(self):
        (record,) = self.import_orders(order(55))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, "400000000001")
        for _attempt in range(3):
            error = RequestRefused(code="ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_011")
            error.applied = False
            self.rms.failures["update_order_shipping"] = error
            self.export()
            self.assertEqual(picking.rakuten_report_state, "failed")
            # Done by the responsible, failed again: the same error is no news.
            record.activity_ids.unlink()
            picking.action_rakuten_retry()
        activities = self.env["mail.activity"].with_context(active_test=False)
        self.assertFalse(activities.search([("res_model", "=", record._name)]))
        self.assertTrue(picking.rakuten_parcel_ids.warned)
        self.export()
        self.assertEqual(picking.rakuten_report_state, "reported")
