"""What keeps a transfer in the house, who lets it go, and what staff see."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.smartship_rakuten.rms import TemporarilyUnavailable

from .common import ADDRESS, RakutenCase, item, order, package


@tagged("post_install", "-at_install")
class TestHold(RakutenCase):
    def import_one(self, sequence, **values):
        (record,) = self.import_orders(order(sequence, **values))
        return record, record.sale_order_id.picking_ids

    def rule(self, **values):
        """A rule that holds transfers.

        :param domain: list
        """
        domain = str(values.pop("domain"))
        return self.env["rakuten.rule"].create(
            {
                "shop_id": self.shop.id,
                "name": "見本の理由",
                "hold": True,
                "state": "on",
                "domain": domain,
                **values,
            }
        )

    def user(self, *groups):
        return new_test_user(
            self.env,
            "rakuten-" + "-".join(groups).replace(".", "-"),
            ",".join(groups),
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def test_status_at_rakuten(self):
        for sequence, progress, words in (
            (1, 200, "200 楽天処理中"),
            (2, 400, "400 変更確定待ち"),
            (3, 800, "800 キャンセル確定待ち"),
        ):
            with self.subTest(progress=progress):
                record, picking = self.import_one(sequence)
                self.assertFalse(picking.rakuten_held)
                self.rms.orders[record.name]["orderProgress"] = progress
                picking.action_rakuten_check()
                self.assertTrue(picking.rakuten_held)
                self.assertIn(words, picking.rakuten_hold_reason)
                with self.assertRaisesRegex(UserError, words):
                    self.ship(picking, "111122223333")
                with self.assertRaisesRegex(UserError, "cannot be released here"):
                    picking.action_rakuten_release()
                self.rms.orders[record.name]["orderProgress"] = 300
                picking.action_rakuten_check()
                self.assertFalse(picking.rakuten_held)
                self.ship(picking, "111122223333")
                self.assertEqual(picking.state, "done")

    def test_cancelled_between_two_readings(self):
        """The check finds it, and the transfer is cancelled with the order."""
        record, picking = self.import_one(4)
        self.rms.orders[record.name]["orderProgress"] = 900
        picking.action_rakuten_check()
        self.assertEqual(picking.state, "cancel")

    def test_rakuten_is_checking_the_order(self):
        """楽天確認中 in 300: it waits until Rakuten is done, or a person knows better."""
        (first, second) = self.import_orders(order(6, rakutenConfirmFlag=1), order(7))
        picking = first.sale_order_id.picking_ids
        self.assertEqual(picking.rakuten_hold_reason, "Rakuten is checking the order")
        self.assertFalse(second.sale_order_id.picking_ids.rakuten_held)
        with self.assertRaisesRegex(UserError, "checking the order"):
            self.ship(picking, "111122223333")
        self.rms.orders[first.name]["rakutenConfirmFlag"] = 0
        picking.action_rakuten_check()
        self.assertFalse(picking.rakuten_held)
        self.rms.orders[first.name]["rakutenConfirmFlag"] = 1
        picking.action_rakuten_check()
        self.assertTrue(picking.rakuten_held)
        picking.action_rakuten_release()
        self.assertFalse(picking.rakuten_held)
        self.assertIn("checking the order", picking.message_ids[0].body)
        # The next check is another one.
        for flag in (0, 1):
            self.rms.orders[first.name]["rakutenConfirmFlag"] = flag
            picking.action_rakuten_check()
            self.assertEqual(picking.rakuten_held, bool(flag))

    def test_holds_are_not_lifted_by_rpc(self):
        """A warehouse user writes transfers; what holds them only who may release them does."""
        rule = self.rule(name="高額", domain=[("total_price", ">", 500)])
        _record, picking = self.import_one(8)
        self.assertTrue(picking.rakuten_held)
        as_user = picking.with_user(self.user("stock.group_stock_user"))
        for vals in (
            {"rakuten_released_rule_ids": [(6, 0, rule.ids)]},
            {"rakuten_rule_ids": [(5,)]},
            {"rakuten_held": False},
            {"rakuten_order_id": False},
            {"rakuten_shop_id": False},
            {"rakuten_basket_id": False},
            {"sale_id": False},
        ):
            with self.assertRaises(AccessError):
                as_user.write(vals)
        as_user.carrier_id = self.env.ref("smartship_rakuten.delivery_carrier_sagawa")
        self.assertTrue(picking.rakuten_held)
        picking.with_user(self.user("stock.group_stock_manager")).action_rakuten_release()
        self.assertFalse(picking.rakuten_held)

    def test_recipient_incomplete(self):
        record, picking = self.import_one(5)
        picking.printed = True
        sender = self.rms.orders[record.name]["PackageModelList"][0]["SenderModel"]
        sender.update(city="", subAddress="")
        picking.action_rakuten_check()
        self.assertIn("address is incomplete", picking.rakuten_hold_reason)

    def test_rules(self):
        rules = {
            "remarks": self.rule(
                name="備考を確認",
                domain=["|", ("remarks", "ilike", "領収書"), ("remarks", "ilike", "至急")],
            ),
            "customer": self.rule(name="要注意", domain=[("persons", "ilike", "03-9999-0000")]),
            "address": self.rule(
                name="住所が長い",
                domain=[("address_length", ">", 20)],
                hold_carrier_id=self.shop.carrier_id.id,
            ),
            "price": self.rule(name="高額", domain=[("total_price", ">", 5000)]),
            "product": self.rule(name="検品", domain=[("product_ids", "in", self.product_b.ids)]),
        }
        plain = order(10)
        remarks = order(11, remarks="[備考:]\n領収書を希望")
        customer = order(12)
        customer["OrdererModel"].update(phoneNumber2="9999", phoneNumber3="0000")
        address = order(
            13,
            [package(7001, [item()], SenderModel={**ADDRESS, "subAddress": "見本町" * 6})],
        )
        price = order(14, [package(7001, [item(price=5001)])], total=5001)
        limit = order(15, [package(7001, [item(price=5000)])], total=5000)
        product = order(16, [package(7001, [item("1"), item("2", "CODE-B")])], total=2200)
        records = self.import_orders(plain, remarks, customer, address, price, limit, product)
        pickings = records.sale_order_id.picking_ids.sorted("rakuten_order_number")
        self.assertEqual(
            [picking.rakuten_rule_ids for picking in pickings],
            [
                self.env["rakuten.rule"],
                rules["remarks"],
                rules["customer"],
                rules["address"],
                rules["price"],
                self.env["rakuten.rule"],
                rules["product"],
            ],
        )
        with self.assertRaisesRegex(UserError, "備考を確認"):
            self.ship(pickings[1], "111122223333")
        # Another carrier's labels take the address.
        pickings[3].carrier_id = self.env.ref("smartship_rakuten.delivery_carrier_sagawa")
        self.assertFalse(pickings[3].rakuten_held)
        # A rule that is put off holds nothing any more.
        rules["price"].active = False
        self.assertFalse(pickings[4].rakuten_held)
        rules["price"].write({"active": True, "domain": "[('total_price', '>', 4999)]"})
        self.assertEqual(pickings[4:6].mapped("rakuten_held"), [True, True])

    def test_release_is_logged(self):
        self.rule(name="備考を確認", domain=[("remarks", "ilike", "至急")])
        _record, picking = self.import_one(20, remarks="至急お願いします")
        keeper = self.user("smartship_rakuten.group_user", "stock.group_stock_user")
        self.env.flush_all()
        picking.with_user(keeper).action_rakuten_release()
        self.assertFalse(picking.rakuten_held)
        message = picking.message_ids.filtered(lambda m: "備考を確認" in (m.body or ""))
        self.assertEqual(message.author_id, keeper.partner_id)
        self.ship(picking, "111122223333")
        self.assertEqual(picking.state, "done")

    def test_warehouse_user_releases_nothing(self):
        self.rule(name="備考を確認", domain=[("remarks", "ilike", "至急")])
        _record, picking = self.import_one(21, remarks="至急お願いします")
        user = self.user("stock.group_stock_user")
        self.env.flush_all()
        with self.assertRaisesRegex(AccessError, "inventory administrators"):
            picking.with_user(user).action_rakuten_release()
        with self.assertRaisesRegex(UserError, "備考を確認"):
            picking.with_user(user).button_validate()

    def test_released_rule_and_a_new_reason(self):
        self.rule(name="備考を確認", domain=[("remarks", "ilike", "至急")])
        _record, picking = self.import_one(22, remarks="至急お願いします")
        picking.action_rakuten_release()
        self.rule(name="高額", domain=[("total_price", ">", 1)])
        self.assertEqual(picking.rakuten_hold_reason, "高額")

    def test_change_after_the_import(self):
        """What somebody has begun to work on is held, and released with the order."""
        record, picking = self.import_one(23)
        picking.printed = True
        self.rms.orders[record.name]["remarks"] = "のし不要"
        picking.action_rakuten_check()
        self.assertIn("remarks", picking.rakuten_hold_reason)
        picking.action_rakuten_release()
        self.assertFalse(picking.rakuten_held)
        self.assertFalse(record.changed)

    def test_check_reads_a_hundred_orders_a_call(self):
        records = self.import_orders(*(order(number) for number in range(100, 250)))
        pickings = records.sale_order_id.picking_ids
        self.rms.calls.clear()
        self.rms.orders[records[0].name]["orderProgress"] = 400
        action = pickings.action_rakuten_check()
        self.assertEqual(self.rms.names(), ["get_order", "get_order"])
        self.assertIn("Do not ship", action["params"]["message"])
        self.assertEqual(pickings.filtered("rakuten_held"), records[0].sale_order_id.picking_ids)

    def test_print_looks_at_rakuten_first(self):
        record, picking = self.import_one(24)
        self.rms.orders[record.name]["orderProgress"] = 400
        with self.assertRaisesRegex(UserError, "400 変更確定待ち"):
            picking.do_print_picking()
        self.assertFalse(picking.printed)

    def test_print_follows_an_amended_transfer(self):
        """A change that Odoo follows by itself is printed: the transfer is amended."""
        record, picking = self.import_one(25)
        entry = self.rms.orders[record.name]
        entry["PackageModelList"][0]["ItemModelList"][0]["units"] = 2
        entry.update(goodsPrice=2200, totalPrice=2200, requestPrice=2200)
        picking.do_print_picking()
        self.assertEqual(record.sale_order_id.picking_ids, picking)
        self.assertTrue(picking.printed)
        self.assertEqual(picking.move_ids.product_uom_qty, 2)

    def test_paper_of_a_replaced_transfer_is_not_printed(self):
        """Odoo's own paper would be that of the transfer that is no more: everything goes to
        another destination."""
        record, picking = self.import_one(60)
        payload = self.rms.orders[record.name]
        payload["PackageModelList"][0]["SenderModel"]["subAddress"] = "見本9-9-9"
        payload["PackageModelList"][0]["basketId"] = 7002
        report, name = self.env.ref("stock.action_report_picking"), "stock.report_picking"
        said = ""
        # Not assertRaises, which would roll back what was read.
        try:
            report.rakuten_look_before_printing(name, picking.ids)
        except UserError as error:
            said = str(error)
        self.assertIn(f"do not ship: {picking.name}", said)
        self.assertEqual(picking.state, "cancel")
        present = record.sale_order_id.picking_ids.filtered(lambda p: p.state != "cancel")
        self.assertEqual(len(present), 1)
        self.assertFalse(present.printed)
        found = report.rakuten_look_before_printing(name, present.ids)
        self.assertEqual(found, {"ids": present.ids, "message": ""})
        self.assertTrue(present.printed)
        # Rendering itself asks nobody, and refuses what is held.
        self.rms.calls.clear()
        report._get_rendering_context(report, present.ids, {})
        self.assertEqual(self.rms.names(), [])
        self.rms.orders[record.name]["orderProgress"] = 400
        present.action_rakuten_check()
        with self.assertRaisesRegex(UserError, present.name):
            report._get_rendering_context(report, present.ids, {})

    def test_cash_is_whole_again(self):
        """Of two deliveries one is cancelled: the other carries all, and is held no more."""
        record, picking = self.import_one(
            61,
            packages=[package(7001, [item(units=2)], cod=330)],
            total=2200,
            SettlementModel={"settlementMethodCode": 2},
        )
        other = picking.copy({"sale_id": picking.sale_id.id})
        other.move_ids.sale_line_id = picking.move_ids.sale_line_id
        self.assertTrue(picking.rakuten_held)
        other.action_cancel()
        self.assertFalse(picking.rakuten_held)
        self.assertEqual(picking.rakuten_cash, 2530)

    def test_print_goes_on_without_rakuten(self):
        _record, picking = self.import_one(26)
        self.rms.failures["get_order"] = TemporarilyUnavailable()
        picking.do_print_picking()
        self.assertTrue(picking.printed)
        self.assertTrue(
            picking.message_ids.filtered(lambda m: "Not checked at Rakuten" in (m.body or ""))
        )

    def test_check_of_a_warehouse_user(self):
        record, picking = self.import_one(27)
        user = self.user("stock.group_stock_user")
        self.env.flush_all()
        self.rms.orders[record.name]["orderProgress"] = 400
        picking.with_user(user).action_rakuten_check()
        self.assertTrue(picking.with_user(user).rakuten_held)
        self.assertIn("400", picking.with_user(user).rakuten_hold_reason)


@tagged("post_install", "-at_install")
class TestFacts(RakutenCase):
    def test_what_staff_need(self):
        (record,) = self.import_orders(
            order(
                1,
                [
                    package(
                        7001,
                        [item()],
                        noshi="御祝",
                        dropOffFlag=1,
                        dropOffLocation="宅配ボックス",
                        SenderModel={
                            **ADDRESS,
                            "familyName": "受取",
                            "firstName": "花子",
                            "isolatedIslandFlag": 1,
                        },
                    )
                ],
                deliveryDate="2026-01-20",
                shippingTerm=1,
                remarks="[備考:]\nよろしく",
                giftCheckFlag=0,
                DeliveryModel={"deliveryName": "クール便", "deliveryClass": 3},
                WrappingModel1={"title": 1, "name": "花柄", "price": 0, "deleteWrappingFlag": 0},
                SettlementModel={"settlementMethodCode": 2},
            )
        )
        picking = record.sale_order_id.picking_ids
        self.assertEqual(picking.rakuten_recipient, "受取 花子")
        self.assertEqual(picking.rakuten_address, "100-0001 東京都 千代田区 千代田0-0-0")
        self.assertEqual(picking.rakuten_delivery_date, date(2026, 1, 20))
        self.assertEqual(picking.rakuten_delivery_slot, "午前中")
        self.assertEqual(picking.rakuten_cool, "冷凍")
        self.assertEqual(picking.rakuten_noshi, "御祝")
        self.assertEqual(picking.rakuten_wrapping, "包装紙: 花柄")
        self.assertEqual(picking.rakuten_drop_off, "宅配ボックス")
        self.assertEqual(picking.rakuten_remarks, "[備考:]\nよろしく")
        self.assertEqual(picking.rakuten_cash, 1100)
        self.assertTrue(picking.rakuten_remote_island)
        # The recipient is not the buyer.
        self.assertTrue(picking.rakuten_gift)
        # One day on the way, one more to a remote island.
        self.assertEqual(picking.rakuten_ship_by, date(2026, 1, 18))

    def test_headings_without_remarks(self):
        empty, filled = self.import_orders(
            order(20, remarks="[配送日時指定:]\n"),
            order(21, remarks="[配送日時指定:]\n2026-01-20(火)\n[備考:]\n[領収書:]\n希望"),
        )
        self.assertEqual(empty.sale_order_id.picking_ids.rakuten_remarks, "")
        self.assertEqual(
            filled.sale_order_id.picking_ids.rakuten_remarks,
            "[配送日時指定:]\n2026-01-20(火)\n[領収書:]\n希望",
        )

    def test_ship_by_without_a_wish(self):
        """Ordered on the 10th, fixed on the 11th at 00:30 in Japan; one day to ship."""
        plain, same_day = self.import_orders(
            order(2, orderFixDatetime="2026-01-11T00:30:00+0900"),
            order(3, orderFixDatetime="2026-01-11T00:30:00+0900", oneDayOperationFlag=1),
        )
        self.assertEqual(plain.sale_order_id.picking_ids.rakuten_ship_by, date(2026, 1, 12))
        self.assertEqual(same_day.sale_order_id.picking_ids.rakuten_ship_by, date(2026, 1, 11))
        self.shop.ship_days = 3
        self.assertEqual(plain.sale_order_id.picking_ids.rakuten_ship_by, date(2026, 1, 14))

    def test_filters(self):
        self.env["rakuten.rule"].create(
            {
                "shop_id": self.shop.id,
                "name": "至急",
                "domain": "[('remarks', 'ilike', '至急')]",
                "hold": True,
                "state": "on",
            }
        )
        due, later, held = self.import_orders(
            order(4),
            order(5, deliveryDate="2026-02-20", shippingTerm=1416),
            order(6, remarks="至急"),
        ).sale_order_id.picking_ids.sorted("rakuten_order_number")
        view = self.env.ref("smartship_rakuten.view_picking_internal_search")
        from lxml import etree

        from odoo.tools.safe_eval import safe_eval

        domains = {
            node.get("name"): safe_eval(node.get("domain"))
            for node in etree.fromstring(view.arch).iter("filter")
            if node.get("domain")
        }
        own = [("rakuten_shop_id", "=", self.shop.id)]
        with freeze_time("2026-01-12 03:00:00"):
            found = {
                name: self.env["stock.picking"].search(own + domain)
                for name, domain in domains.items()
            }
        self.assertEqual(found["rakuten"], due | later | held)
        self.assertEqual(found["rakuten_today"], due)
        self.assertEqual(found["rakuten_wish"], later)
        self.assertEqual(found["rakuten_held"], held)
        self.assertEqual(later.rakuten_delivery_slot, "14時～16時")


@tagged("post_install", "-at_install")
class TestBundle(RakutenCase):
    def two(self, *sequences, **other):
        """Orders of two buyers to one address, typed differently."""
        first, second = order(sequences[0]), order(sequences[1])
        second["PackageModelList"][0]["SenderModel"].update(
            city="千代田区", subAddress="千代田０－０－０", familyName="同居", **other
        )
        records = self.import_orders(first, second)
        return records, records.sale_order_id.picking_ids.sorted("rakuten_order_number")

    def numbers(self, record):
        return [
            row["shippingNumber"]
            for entry in self.rms.orders[record.name]["PackageModelList"]
            for row in entry["ShippingModelList"]
        ]

    def test_one_parcel_for_two_orders(self):
        records, (one, two) = self.two(1, 2)
        totals = records.sale_order_id.mapped("amount_total")
        self.assertEqual(one.rakuten_candidate_ids, two)
        one.action_rakuten_bundle()
        self.assertEqual(one.rakuten_bundle_id, two.rakuten_bundle_id)
        self.assertFalse(one.rakuten_candidate_ids)
        one.carrier_tracking_ref = "600000000001"
        self.assertEqual(two.carrier_tracking_ref, "600000000001")
        (one | two).move_ids.picked = True
        (one | two).button_validate()
        self.shop.action_export_shipments()
        for record in records:
            self.assertEqual(self.numbers(record), ["600000000001"])
        self.assertEqual(records.sale_order_id.mapped("amount_total"), totals)
        # A correction is one for both.
        two.carrier_tracking_ref = "600000000002"
        self.shop.action_export_shipments()
        for record in records:
            self.assertEqual(self.numbers(record), ["600000000002"])

    def test_undo(self):
        records, (one, two) = self.two(3, 4)
        one.action_rakuten_bundle()
        one.carrier_tracking_ref = "600000000001"
        one.action_rakuten_unbundle()
        self.assertFalse((one | two).rakuten_bundle_id)
        self.assertEqual((one | two).mapped("carrier_tracking_ref"), [False, False])
        one.carrier_tracking_ref = "600000000003"
        two.carrier_tracking_ref = "600000000004"
        (one | two).move_ids.picked = True
        (one | two).button_validate()
        self.shop.action_export_shipments()
        self.assertEqual(
            [self.numbers(record) for record in records], [["600000000003"], ["600000000004"]]
        )

    def test_undo_after_one_has_left(self):
        _records, (one, two) = self.two(5, 6)
        one.action_rakuten_bundle()
        one.carrier_tracking_ref = "600000000001"
        one.move_ids.picked = True
        one.button_validate()
        one.action_rakuten_unbundle()
        self.assertEqual(one.carrier_tracking_ref, "600000000001")
        self.assertFalse(two.carrier_tracking_ref)

    def test_number_of_what_has_not_left_yet(self):
        """What has left keeps its own; a correction of that is one for both."""
        _records, (one, two) = self.two(11, 12)
        one.action_rakuten_bundle()
        one.carrier_tracking_ref = "600000000001"
        one.move_ids.picked = True
        one.button_validate()
        two.carrier_tracking_ref = "600000000002"
        self.assertEqual(one.carrier_tracking_ref, "600000000001")
        one.carrier_tracking_ref = "600000000003"
        self.assertEqual(two.carrier_tracking_ref, "600000000003")

    def test_another_address_is_no_candidate(self):
        _records, (one, two) = self.two(7, 8, zipCode2="0002")
        self.assertFalse(one.rakuten_candidate_ids)
        with self.assertRaisesRegex(UserError, "to one address"):
            (one | two).action_rakuten_bundle()

    def test_a_parcel_waits_for_all_in_it(self):
        records, (one, two) = self.two(9, 10)
        one.action_rakuten_bundle()
        self.rms.orders[records[1].name]["orderProgress"] = 400
        two.action_rakuten_check()
        with self.assertRaisesRegex(UserError, "in one parcel with"):
            self.ship(one, "600000000001")
