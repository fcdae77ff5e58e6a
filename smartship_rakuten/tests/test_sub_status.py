"""Sub-status and memo at Rakuten follow the warehouse."""

from unittest.mock import patch

from odoo.tests import Form, tagged

from odoo.addons.smartship_rakuten.rms import OrderOutcome

from .common import RakutenCase, item, order, package


@tagged("post_install", "-at_install")
class TestSubStatus(RakutenCase):
    def setUp(self):
        super().setUp()
        self.rms.sub_statuses = [
            {
                "orderProgress": 300,
                "SubStatusModelList": [
                    {"subStatusId": 11, "subStatusName": "出荷作業中", "orderby": 1},
                    {"subStatusId": 12, "subStatusName": "出荷済", "orderby": 2},
                ],
            },
            {"orderProgress": 500, "SubStatusModelList": None},
        ]
        self.shop.action_import_sub_statuses()
        working, left = self.shop.sub_status_ids
        self.assertEqual([working.name, left.name], ["出荷作業中", "出荷済"])
        self.shop.write({"sub_status_working_id": working.id, "sub_status_left_id": left.id})

    def writes(self):
        return [value for name, value in self.rms.calls if name == "update_order_sub_status"]

    def test_each_stage_once(self):
        records = self.import_orders(order(1), order(2), order(3))
        self.shop.action_export_shipments()
        self.assertEqual(self.writes(), [])
        first, second, _third = (record.sale_order_id.picking_ids for record in records)
        (first | second).do_print_picking()
        self.shop.action_export_shipments()
        self.shop.action_export_shipments()
        numbers = records[:2].mapped("name")
        self.assertEqual([(key, sorted(n)) for key, n in self.writes()], [("11", sorted(numbers))])
        self.ship(first, "111122223333")
        self.shop.action_export_shipments()
        self.shop.action_export_shipments()
        self.assertEqual(self.writes()[1:], [("12", [records[0].name])])
        self.assertEqual(self.rms.orders[records[0].name]["subStatusId"], 12)

    def test_what_a_person_sets_at_rakuten_stays(self):
        (record,) = self.import_orders(order(4))
        record.sale_order_id.picking_ids.do_print_picking()
        self.shop.action_export_shipments()
        self.rms.orders[record.name]["subStatusId"] = 99
        self.shop.action_export_shipments()
        self.assertEqual(self.rms.orders[record.name]["subStatusId"], 99)

    def test_refused_and_unknown(self):
        refused, unknown = self.import_orders(order(5), order(6))
        refused.sale_order_id.picking_ids.do_print_picking()
        self.rms.failures["update_order_sub_status"] = OrderOutcome(False, "ERROR_102", "不可")
        self.shop.action_export_shipments()
        self.shop.action_export_shipments()
        self.assertEqual(len(self.writes()), 1)
        self.assertTrue(refused.message_ids.filtered(lambda m: "不可" in (m.body or "")))
        unknown.sale_order_id.picking_ids.do_print_picking()
        self.rms.failures["update_order_sub_status"] = OrderOutcome(False, "", "", known=False)
        self.shop.action_export_shipments()
        self.shop.action_export_shipments()
        # Setting the same value again does no harm.
        self.assertEqual(len(self.writes()), 3)
        self.assertEqual(self.rms.orders[unknown.name]["subStatusId"], 11)

    def test_open_pick_is_not_left(self):
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        (record,) = self.import_orders(order(8, [package(7001, [item(units=3)])], total=3300))
        pick = record.sale_order_id.picking_ids
        pick.move_ids.quantity = 2
        pick.move_ids.picked = True
        Form.from_action(self.env, pick.button_validate()).save().process()
        delivery = record.sale_order_id.picking_ids.filtered(lambda p: p._is_rakuten_delivery())
        self.ship(delivery, "111122223333")
        self.shop.action_export_shipments()
        self.assertEqual(self.writes(), [("11", [record.name])])

    def test_calls(self):
        """What the report has read is not read again; nobody is asked about idle orders."""
        records = self.import_orders(*(order(n) for n in range(10, 15)))
        pickings = records[:3].sale_order_id.picking_ids
        self.ship(pickings, *(f"11112222{n:04d}" for n in range(3)))
        self.rms.calls.clear()
        seen = []
        stage = type(records)._stage

        def watched(order):
            seen.append(order)
            return stage(order)

        with patch.object(type(records), "_stage", watched):
            self.shop.action_export_shipments()
        self.assertEqual(self.rms.names().count("get_order"), 1)
        ((status, numbers),) = self.writes()
        self.assertEqual((status, set(numbers)), ("12", set(records[:3].mapped("name"))))
        self.assertEqual({order.id for order in seen}, set(records[:3].ids))

    def test_memos_are_written_a_few_a_run(self):
        self.shop.write({"memo_left": "Odoo: 出荷", "sub_status_left_id": False})
        records = self.import_orders(*(order(n) for n in range(20, 25)))
        self.ship(records.sale_order_id.picking_ids, *(f"11112222{n:04d}" for n in range(5)))
        with patch("odoo.addons.smartship_rakuten.models.shipments.rakuten_shop.MEMOS_PER_RUN", 2):
            for written in (2, 4, 5, 5):
                self.shop.action_export_shipments()
                self.assertEqual(self.rms.names().count("update_order_memo"), written)
        self.assertEqual(
            {self.rms.orders[name]["memo"] for name in records.mapped("name")}, {"Odoo: 出荷"}
        )

    def test_memo_keeps_what_is_written_there(self):
        self.shop.write({"memo_working": "Odoo: 作業中", "sub_status_working_id": False})
        (record,) = self.import_orders(order(7, memo="電話済み"))
        record.sale_order_id.picking_ids.do_print_picking()
        self.shop.action_export_shipments()
        self.shop.action_export_shipments()
        self.assertEqual(self.rms.orders[record.name]["memo"], "電話済み\nOdoo: 作業中")
        self.assertEqual(self.rms.names().count("update_order_memo"), 1)
