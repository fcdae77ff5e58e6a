"""Orders that Odoo has a sale order for already, and orders of another shop: nothing is shipped
twice."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.smartship_rakuten.models.orders.sale_order import _names_any
from odoo.addons.smartship_rakuten.rms import TemporarilyUnavailable

from .common import RakutenCase, item, order, package

NUMBER = "123456-20260110-%010d"
ROW = {"shippingDetailId": 1, "shippingNumber": "400000000007", "deliveryCompany": "1001"}
#: Models of Odoo that have columns of ours.
SHARED = (
    "sale.order sale.order.line stock.move stock.picking stock.package res.partner "
    "delivery.carrier product.template product.product"
).split()


class NotTwiceCase(RakutenCase):
    def sell(self, reference=None, *, product=None, quantity=1, price=1100, **values):
        """A confirmed sale order of another program."""
        product = product or self.product_a
        sale_order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "見本 太郎"}).id,
                "company_id": self.company.id,
                "client_order_ref": reference,
                "carrier_id": self.shop.carrier_id.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        sale_order.action_confirm()
        return sale_order

    def lose(self):
        """Take away what goes with the module when it is uninstalled: its rows and columns."""
        self.env.flush_all()
        for table in ("rakuten_parcel", "rakuten_order_demand", "rakuten_order"):
            if table == "rakuten_order":
                self._empty_columns()
            self.env.cr.execute(f"DELETE FROM {table}")
        self.env.invalidate_all()

    def _empty_columns(self):
        for name in SHARED:
            model = self.env[name]
            columns = [
                field.name
                for field in model._fields.values()
                if field.name.startswith("rakuten_") and field.store and field.column_type
            ]
            if columns:
                assignments = ", ".join(f"{column} = NULL" for column in columns)
                self.env.cr.execute(f"UPDATE {model._table} SET {assignments}")
        self.env.cr.execute("DELETE FROM rakuten_package_picking_rel")

    def assert_held(self, record, *names):
        self.assertEqual(
            (record.state, record.problem_code, record.problem),
            (
                "blocked",
                "exists_already",
                f"{', '.join(names)} has this number: adopt it, or import anyway.",
            ),
        )
        self.assertFalse(record.sale_order_id)

    def reports(self):
        return [name for name in self.rms.names() if name.startswith("update_order_shipping")]


@tagged("post_install", "-at_install")
class TestNotTwice(NotTwiceCase):
    # === The whole way: installed anew === #

    def test_installed_anew(self):
        """Three orders: shipped and reported, shipped and not reported, still to ship."""
        orders = self.import_orders(order(1), order(2), order(3))
        sale_orders = orders.sale_order_id
        names = {record.name: record.sale_order_id for record in orders}
        self.ship(orders[0].sale_order_id.picking_ids, "400000000011")
        self.shop._run("export")
        self.ship(orders[1].sale_order_id.picking_ids, "400000000022")
        numbers = orders.mapped("name")
        self.lose()
        # The carriers of the transfers have lost their codes as well.
        self.shop.company_code = "1001"
        self.rms.calls.clear()

        self.shop.action_import_orders()
        found = self.Order.search([("name", "in", numbers)])
        self.assertEqual(len(found), 3)
        for record in found:
            self.assert_held(record, names[record.name].name)
        self.shop.action_import_orders()
        everything = self.env["sale.order"].search([("client_order_ref", "in", numbers)])
        self.assertEqual(everything, sale_orders, "none is made a second time")

        found.action_adopt()
        self.assertEqual(set(found.mapped("state")), {"done"})
        self.assertEqual({record.name: record.sale_order_id for record in found}, names)
        first, second, third = found.sorted("name")
        for record in found:
            (picking,) = record.sale_order_id.picking_ids
            self.assertEqual(picking.rakuten_order_id, record)
            self.assertEqual(picking.rakuten_basket_id, "7001")
            line = record.sale_order_id.order_line
            self.assertEqual((line.rakuten_item_detail_id, line.rakuten_basket_id), ("1", "7001"))
            self.assertEqual(line.rakuten_sku_id.product_id, self.product_a)
        self.assertEqual(first.parcel_ids.tracking_number, "400000000011")
        self.assertEqual(second.parcel_ids.tracking_number, "400000000022")
        self.assertFalse(third.parcel_ids)
        self.assertFalse(third.sale_order_id.picking_ids.rakuten_held)

        self.shop._run("export")
        self.assertEqual(self.reports(), ["update_order_shipping"], "of the second alone")
        self.assertEqual(
            [
                [row["shippingNumber"] for row in p["ShippingModelList"]]
                for record in found.sorted("name")
                for p in self.rms.orders[record.name]["PackageModelList"]
            ],
            [["400000000011"], ["400000000022"], []],
        )
        self.assertEqual(set(found.parcel_ids.mapped("state")), {"reported"})
        self.shop._run("export")
        self.assertEqual(len(self.reports()), 1)

    def test_numbers_of_packages_are_found_at_rakuten(self):
        (record,) = self.import_orders(order(4))
        picking = record.sale_order_id.picking_ids
        self.ship(picking, False)
        self.lose()
        self.shop.company_code = "1001"
        self.rms.orders[NUMBER % 4]["PackageModelList"][0]["ShippingModelList"] = [
            {**ROW, "shippingDate": "2026-01-11"}
        ]
        self.shop.action_import_orders()
        record = self.Order.search([("name", "=", NUMBER % 4)])
        record.action_adopt()
        self.assertEqual(picking.carrier_tracking_ref, "400000000007")
        self.shop._run("export")
        self.assertEqual(picking.rakuten_report_state, "reported")
        self.assertFalse(self.reports())

    def test_without_a_number_it_is_not_reported(self):
        sale_order = self.sell(NUMBER % 5)
        self.ship(sale_order.picking_ids, False)
        (record,) = self.import_orders(order(5))
        record.action_adopt()
        self.shop._run("export")
        self.assertFalse(self.reports())
        self.assertFalse(record.parcel_ids)
        picking = sale_order.picking_ids
        self.assertEqual(picking.rakuten_report_state, "pending")
        self.assertIn("Enter the tracking number", picking.rakuten_report_error)
        picking.carrier_tracking_ref = "400000000055"
        self.shop._run("export")
        self.assertEqual(picking.rakuten_report_state, "reported")
        self.assertEqual(len(self.reports()), 1)

    def test_the_carrier_is_asked_for(self):
        carrier = self.shop.carrier_id.copy({"name": "別の配送会社", "rakuten_company_code": False})
        sale_order = self.sell(NUMBER % 6, carrier_id=carrier.id)
        self.ship(sale_order.picking_ids, "400000000066")
        (record,) = self.import_orders(order(6))
        self.assert_refused(record, "which carrier shall be reported")
        self.assertFalse(sale_order.rakuten_order_id)
        self.shop.company_code = "1002"
        record.action_adopt()
        self.assertEqual(record.parcel_ids.company_code, "1002")

    def test_pick_and_ship(self):
        """What has been picked goes on its way to the order's destination."""
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        sale_order = self.sell(NUMBER % 7)
        pick = sale_order.picking_ids.filtered(lambda p: p.picking_type_code == "internal")
        (record,) = self.import_orders(order(7))
        record.action_adopt()
        self.assertEqual((pick.rakuten_order_id, pick.rakuten_basket_id), (record, "7001"))
        pick.move_ids.picked = True
        pick.button_validate()
        out = sale_order.picking_ids - pick
        self.assertEqual((out.rakuten_order_id, out.rakuten_basket_id), (record, "7001"))
        self.ship(out, "400000000077")
        self.assertEqual(record.parcel_ids.tracking_number, "400000000077")

    def test_number_that_is_typed_on_a_package(self):
        sale_order = self.sell(NUMBER % 8)
        picking = sale_order.picking_ids
        picking.move_ids.picked = True
        box = self.env["stock.package"].create({"name": "BOX"})
        picking.move_line_ids.result_package_id = box
        picking.button_validate()
        (record,) = self.import_orders(order(8))
        record.action_adopt()
        self.assertFalse(record.parcel_ids)
        box.rakuten_tracking_number = "400000000088"
        self.assertEqual(record.parcel_ids.tracking_number, "400000000088")

    # === What is found === #

    def test_where_the_number_stands(self):
        sale_orders = [
            self.sell(NUMBER % 10),
            self.sell(origin=f"楽天 {NUMBER % 11}"),
            self.sell(f"R-{NUMBER % 12}"),
            self.sell(origin=f"S00001, {NUMBER % 13}、{NUMBER % 14}"),
        ]
        strangers = [
            self.sell(f"{NUMBER % 15}1"),
            self.sell(origin=f"1{NUMBER % 16}"),
        ]
        records = self.import_orders(*(order(n) for n in range(10, 17)))
        for record, sale_order in zip(records, [*sale_orders, sale_orders[3]], strict=False):
            self.assert_held(record, sale_order.name)
        self.assertEqual(records[5:].mapped("state"), ["done", "done"], strangers)

    def test_what_is_no_match(self):
        self.sell(NUMBER % 20).action_cancel()
        other = self.env["res.company"].create(
            {"name": "別会社", "currency_id": self.env.ref("base.JPY").id}
        )
        self.env.user.company_ids |= other
        self.env["sale.order"].with_company(other).create(
            {
                "partner_id": self.env["res.partner"].create({"name": "見本 太郎"}).id,
                "company_id": other.id,
                "client_order_ref": NUMBER % 21,
            }
        )
        records = self.import_orders(order(20), order(21))
        self.assertEqual(records.mapped("state"), ["done", "done"])

    def test_own_sale_orders_are_no_match(self):
        (first,) = self.import_orders(order(22))
        self.rms.put(order(22, remarks="置き配希望"))
        self.shop._run("refresh")
        self.assertEqual(first.state, "done")
        self.assertFalse(first.problem_code)
        self.assertEqual(
            self.env["sale.order"].search_count([("client_order_ref", "=", first.name)]), 1
        )

    def test_several_candidates(self):
        one, two = self.sell(NUMBER % 25), self.sell(origin=NUMBER % 25)
        (record,) = self.import_orders(order(25))
        self.assert_held(record, one.name, two.name)
        action = record.action_view_existing()
        self.assertEqual(action["domain"], [("id", "in", [one.id, two.id])])
        with self.assertRaisesRegex(UserError, f"Several.*{one.name}, {two.name}"):
            record.action_adopt()
        two.action_cancel()
        self.shop.action_import_orders()
        self.assert_held(record, one.name)
        self.assertEqual(record.action_view_existing()["res_id"], one.id)
        record.action_adopt()
        self.assertEqual(record.sale_order_id, one)

    def test_a_cancelled_one_frees_the_order(self):
        sale_order = self.sell(NUMBER % 26)
        (record,) = self.import_orders(order(26))
        self.assert_held(record, sale_order.name)
        sale_order.action_cancel()
        with self.assertRaisesRegex(UserError, "No sale order has this number any more"):
            record.action_adopt()
        self.shop.action_import_orders()
        self.assertEqual(record.state, "done")
        self.assertNotEqual(record.sale_order_id, sale_order)

    def test_before_its_products_are_known(self):
        """What is there already needs no product to be said so; to be adopted it does."""
        sale_order = self.sell(NUMBER % 27)
        (record,) = self.import_orders(order(27, [package(7001, [item(code="NOBODY")])]))
        self.assert_held(record, sale_order.name)
        with self.assertRaisesRegex(UserError, "No product is known for 見本商品1"):
            record.action_adopt()

    # === Import anyway === #

    def test_import_anyway(self):
        sale_order = self.sell(NUMBER % 30)
        (record,) = self.import_orders(order(30))
        record.action_import_anyway()
        self.assertEqual(record.state, "done")
        self.assertTrue(record.import_anyway)
        self.assertNotEqual(record.sale_order_id, sale_order)
        self.assertFalse(sale_order.rakuten_order_id)
        self.assertEqual(sale_order.state, "sale")

    def test_import_anyway_that_failed(self):
        """Where Rakuten could not be asked the choice is still free."""
        sale_order = self.sell(NUMBER % 34)
        (record,) = self.import_orders(order(34))
        self.rms.failures["get_order"] = TemporarilyUnavailable()
        with self.assertRaises(UserError):
            record.action_import_anyway()
        self.assert_held(record, sale_order.name)
        record.action_adopt()
        self.assertEqual(record.sale_order_id, sale_order)

    def test_import_anyway_is_for_what_exists_already(self):
        (record,) = self.import_orders(order(31, [package(7001, [item(code="NOBODY")])]))
        record.action_import_anyway()
        self.assertFalse(record.import_anyway)
        with self.assertRaisesRegex(UserError, "None of these orders"):
            record.action_adopt()

    # === What is offered meanwhile: its goods count once === #

    def offered(self):
        """:return: what may be sold of the 50 units of each product, for each kind of stock, and of
        a set of one A and two B"""
        self.env["rakuten.order"]._count_demand(self.shop)
        numbers = []
        for kind in ("free", "on_hand", "forecast"):
            self.shop.stock_kind = kind
            sellable = (self.sku | self.set)._sellable(self.shop)
            numbers.append((sellable[self.sku], sellable[self.set]))
        return numbers

    def sell_and_order(self, number, units=4, **values):
        """The same four units in a sale order of another program and at Rakuten."""
        self.sku, self.set = self.env["rakuten.sku"].create(
            [
                {
                    "shop_id": self.shop.id,
                    "manage_number": name,
                    "variant_id": "normal-inventory",
                    "in_catalogue": True,
                    "component_ids": [Command.create(part) for part in parts],
                }
                for name, *parts in (
                    ("item-1", {"product_id": self.product_a.id}),
                    (
                        "set",
                        {"product_id": self.product_a.id},
                        {"product_id": self.product_b.id, "quantity": 2},
                    ),
                )
            ]
        )
        sale_order = self.sell(NUMBER % number, quantity=4, **values)
        lines = [item(units=units)]
        (record,) = self.import_orders(order(number, [package(7001, lines)], total=1100 * units))
        self.assert_held(record, sale_order.name)
        return sale_order, record

    def test_reserved_goods_count_once(self):
        sale_order, record = self.sell_and_order(70)
        # 50 less 4; the set needs two of the 50 B
        self.assertEqual(self.offered(), [(46, 25)] * 3)
        # A sale order that has given its goods back has them off no figure but the forecast.
        sale_order.picking_ids.do_unreserve()
        self.assertEqual(self.offered(), [(46, 25)] * 3)
        sale_order.action_cancel()
        self.assertEqual(self.offered(), [(46, 25)] * 3)
        record.action_ignore()
        self.assertEqual(self.offered(), [(50, 25)] * 3)

    def test_shipped_goods_count_once(self):
        sale_order, _record = self.sell_and_order(71)
        self.ship(sale_order.picking_ids, "400000000001")
        self.assertEqual(self.offered(), [(46, 25)] * 3)

    def test_goods_that_only_rakuten_has_sold_count(self):
        """Five are ordered, four are reserved: the fifth is sold as well."""
        self.sell_and_order(72, units=5)
        self.assertEqual(self.offered(), [(45, 25)] * 3)

    def test_goods_of_a_quotation_count_once(self):
        sale_order, _record = self.sell_and_order(73)
        sale_order.action_cancel()
        sale_order.action_draft()
        self.assertEqual(self.offered(), [(46, 25)] * 3)

    def test_sold_by_the_dozen_and_moved_in_two_steps(self):
        """Two dozens are 24 units, in whichever of their transfers they are."""
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        dozen = self.env.ref("uom.product_uom_dozen")
        self.product_a.uom_ids = dozen
        sale_order, _record = self.sell_and_order(74, units=24)
        sale_order.action_cancel()
        sale_order.action_draft()
        sale_order.order_line.write({"product_uom_qty": 2, "product_uom_id": dozen.id})
        sale_order.action_confirm()
        self.assertEqual(self.offered(), [(26, 25)] * 3)
        self.ship(sale_order.picking_ids.filtered(lambda p: p.state == "assigned"), False)
        self.assertEqual(self.offered(), [(26, 25)] * 3)
        self.ship(sale_order.picking_ids.filtered(lambda p: p.state == "assigned"), "400000000002")
        self.assertEqual(self.offered(), [(26, 25)] * 3)

    def test_held_and_released_is_sent(self):
        """Whether its goods count once more or not: the number is looked at again."""
        self.shop.stock_followed = True
        _sale_order, record = self.sell_and_order(75)
        Change = self.env["rakuten.stock.change"]
        for code in (False, "exists_already"):
            Change._pop_marks(self.shop)
            record.problem_code = code
            self.assertEqual(Change._pop_marks(self.shop), (self.product_a, False))

    # === Cancelled before anybody has decided === #

    def test_cancelled_at_rakuten_while_it_is_held(self):
        sale_order = self.sell(NUMBER % 32)
        (record,) = self.import_orders(order(32))
        self.rms.put(order(32, progress=900))
        self.shop._run("refresh")
        self.assertEqual((record.state, record.problem_code), ("cancelled", False))
        self.assertEqual(sale_order.state, "sale")
        self.assertEqual(
            record.activity_ids.mapped("summary"),
            [
                f"Cancelled at Rakuten, but {sale_order.name} has its number and is not cancelled "
                "in Odoo: do not ship it."
            ],
        )

    def test_cancelled_on_both_sides(self):
        sale_order = self.sell(NUMBER % 33)
        (record,) = self.import_orders(order(33))
        sale_order.action_cancel()
        self.rms.put(order(33, progress=900))
        self.shop._run("refresh")
        self.assertEqual(record.state, "cancelled")
        self.assertFalse(record.activity_ids)

    # === Buyers === #

    def test_buyers_get_no_mail_again(self):
        """What Rakuten says of a person, to the letter, is a buyer; a customer of one's own with
        a mail address is not silenced."""
        records = self.import_orders(order(35), order(36))
        buyer = records.sale_order_id.partner_id
        self.assertTrue(buyer.rakuten_buyer)
        customer = buyer.copy({"email": "taro@example.com", "rakuten_buyer": False})
        customer.name = buyer.name
        records[1].sale_order_id.write({"partner_id": customer.id})
        self.lose()
        self.assertFalse(buyer.rakuten_buyer)
        self.shop.action_import_orders()
        self.Order.search([("name", "in", [NUMBER % 35, NUMBER % 36])]).action_adopt()
        self.assertEqual((buyer | customer).mapped("rakuten_buyer"), [True, False])

    # === What differs === #

    def assert_refused(self, record, *texts):
        with self.assertRaises(UserError) as caught, self.cr.savepoint():
            record.action_adopt()
        for text in texts:
            self.assertIn(text, caught.exception.args[0])
        self.assertEqual(record.state, "blocked")
        self.assertFalse(record.sale_order_id)

    def test_what_differs_is_said(self):
        a = self.sell(NUMBER % 40, price=1000)
        b = self.sell(NUMBER % 41, quantity=2, price=550)
        c = self.sell(NUMBER % 42, product=self.product_b)
        records = self.import_orders(order(40), order(41), order(42))
        for record, sale_order, text in zip(
            records,
            (a, b, c),
            (
                ["1,000"],
                ["[CODE-A] Product A: 1 at Rakuten, 2 in Odoo"],
                [
                    "[CODE-A] Product A: 1 at Rakuten, 0 in Odoo",
                    "[CODE-B] Product B: 0 at Rakuten, 1 in Odoo",
                ],
            ),
            strict=True,
        ):
            self.assert_refused(record, sale_order.name, *text)
            self.assertFalse(sale_order.rakuten_order_id)
            self.assertFalse(sale_order.picking_ids.rakuten_basket_id)

    def test_another_currency(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        pricelist = self.env["product.pricelist"].create({"name": "$", "currency_id": dollar.id})
        sale_order = self.sell(NUMBER % 43, pricelist_id=pricelist.id)
        self.assertEqual((sale_order.currency_id, sale_order.amount_total), (dollar, 1100))
        (record,) = self.import_orders(order(43))
        self.assert_refused(record, "1,100", "$")

    def test_several_destinations(self):
        self.sell(NUMBER % 44, quantity=2)
        (record,) = self.import_orders(
            order(44, [package(7001, [item("1")]), package(7002, [item("2")])], total=2200)
        )
        self.assert_refused(record, "several destinations")

    def test_in_another_unit_and_with_postage(self):
        """Two dozens are 24; what the other program calls its postage is in the total."""
        postage = self.env["product.product"].create({"name": "Postage", "type": "service"})
        dozen = self.env.ref("uom.product_uom_dozen")
        sale_order = self.sell(NUMBER % 45, price=500)
        sale_order.order_line.write(
            {"product_uom_qty": 2, "product_uom_id": dozen.id, "price_unit": 12000}
        )
        sale_order.order_line = [
            Command.create(
                {"product_id": postage.id, "price_unit": 500, "tax_ids": [Command.clear()]}
            )
        ]
        (record,) = self.import_orders(
            order(
                45,
                [package(7001, [item(price=1000, units=24)], postage=500)],
                total=24500,
                postagePrice=500,
                goodsPrice=24000,
            )
        )
        record.action_adopt()
        self.assertEqual(record.sale_order_id, sale_order)
        goods, charge = sale_order.order_line
        self.assertEqual((goods.rakuten_basket_id, charge.rakuten_basket_id), ("7001", False))

    def test_many_at_once(self):
        """Those that agree are adopted, what the others lack is told."""
        good, bad = self.sell(NUMBER % 46), self.sell(NUMBER % 47, price=1)
        records = self.import_orders(order(46), order(47))
        action = records.action_adopt()
        self.assertEqual(records.mapped("sale_order_id"), good)
        message = action["params"]["message"]
        self.assertIn("1 adopted", message)
        self.assertIn(NUMBER % 47, message)
        self.assertIn(bad.name, message)
        self.assertEqual(records[1].state, "blocked")

    # === Shipped by somebody else === #

    def test_quotation_of_what_rakuten_has_a_parcel_for(self):
        sale_order = self.sell(NUMBER % 50)
        sale_order.action_cancel()
        sale_order.action_draft()
        (record,) = self.import_orders(
            order(50, [package(7001, [item()], ShippingModelList=[ROW])])
        )
        sale_order.picking_ids.unlink()
        record.action_adopt()
        # The label may lie in the house: only a person says that its parcel has left.
        self.assertFalse(sale_order.rakuten_reference)
        sale_order.action_confirm()
        self.assertTrue(sale_order.picking_ids.rakuten_held)
        self.assertEqual(sale_order.picking_ids.rakuten_label_numbers, ROW["shippingNumber"])

    def test_open_transfer_of_what_rakuten_has_a_parcel_for(self):
        sale_order = self.sell(NUMBER % 51)
        (record,) = self.import_orders(
            order(51, [package(7001, [item()], ShippingModelList=[ROW])])
        )
        record.action_adopt()
        self.assertFalse(sale_order.rakuten_reference)
        self.assertIn("another tracking number", sale_order.picking_ids.rakuten_hold_reason)

    # === Preview, roles, another shop === #

    def test_preview(self):
        sale_order = self.sell(NUMBER % 60)
        self.rms.put(order(60))
        wizard = self.env["rakuten.order.import"].create({"shop_id": self.shop.id})
        wizard.action_preview()
        line = wizard.line_ids
        self.assertEqual(line.outcome, "hold")
        self.assertEqual(
            line.reason, f"{sale_order.name} has this number: adopt it, or import anyway."
        )

    def test_roles(self):
        sale_order = self.sell(NUMBER % 61)
        (record,) = self.import_orders(order(61))
        keeper = new_test_user(
            self.env,
            "keeper",
            "smartship_rakuten.group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        stranger = new_test_user(
            self.env,
            "stranger",
            "stock.group_stock_user,sales_team.group_sale_salesman",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        for action in ("action_adopt", "action_import_anyway"):
            with self.assertRaises(AccessError):
                getattr(record.with_user(stranger), action)()
        record.with_user(keeper).action_adopt()
        self.assertEqual(record.sale_order_id, sale_order)

    def test_number_of_another_shop(self):
        foreign = "654321-20260110-0000000070"
        records = self.import_orders(
            order(70, orderNumber=foreign), order(71, orderNumber=foreign[:-1] + "1", progress=100)
        )
        self.shop.auto_confirm = True
        self.shop.action_import_orders()
        for record in records:
            self.assertEqual(record.state, "blocked")
            self.assertIn("ID of another shop, not with 123456-", record.problem)
            self.assertFalse(record.sale_order_id)
        self.assertNotIn("confirm_order", self.rms.names())
        self.assertFalse(self.env["sale.order"].search([("client_order_ref", "=", foreign)]))

    def test_number_of_another_shop_that_was_stored_before(self):
        (record,) = self.import_orders(order(72, [package(7001, [item(code="LATER")])]))
        self.shop.shop_number = "654321"
        self.product_b.default_code = "LATER"
        self.shop.state = "connected"
        self.shop._process_orders()
        self.assertEqual(record.state, "blocked")
        self.assertIn("not with 654321-", record.problem)

    # === What it costs === #

    def test_one_query_for_a_hundred(self):
        numbers = [NUMBER % n for n in range(100, 200)]
        for number in numbers[::10]:
            self.sell(number)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        found = self.env["sale.order"]._rakuten_find_by_number(self.company, numbers)
        self.assertEqual(self.env.cr.sql_log_count - before, 1)
        self.assertEqual(sorted(found), numbers[::10])

    def test_the_index_is_used(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        condition = _names_any("sale_order", [NUMBER % n for n in range(100)])
        self.env.cr.execute(
            condition.__class__(
                "EXPLAIN SELECT id FROM sale_order WHERE %s AND rakuten_order_id IS NULL",
                condition,
            )
        )
        plan = "\n".join(row for (row,) in self.env.cr.fetchall())
        self.assertIn("sale_order_rakuten_named_numbers", plan)

    def test_a_reference_without_end(self):
        """An entry of an index has its limit; a sale order can be saved all the same."""
        sale_order = self.sell("1" * 20000)
        self.env.flush_all()
        self.assertTrue(sale_order.exists())
