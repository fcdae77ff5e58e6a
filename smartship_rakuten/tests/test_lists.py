"""The lists of every day: what they tell of an order or a transfer, and that it costs the same for
ten rows and for eighty."""

from datetime import datetime

from lxml import etree

from odoo.tests import new_test_user, tagged

from odoo.addons.smartship_rakuten.rules import japan

from .common import RakutenCase, item, order, package

#: Rows on the first page of a list.
PAGE = 80


class ListsCase(RakutenCase):
    def new_orders(self, first, count):
        """Two-line orders, each of a buyer of its own."""
        for number in range(first, first + count):
            entry = order(number, [package(number, [item("1"), item("2", "CODE-B")])], total=2200)
            entry["OrdererModel"]["firstName"] = str(number)
            entry["PackageModelList"][0]["SenderModel"]["firstName"] = str(number)
            yield entry

    def specification(self, model, view, **context):
        """What the web client asks for to show a view: each field that its arch names."""
        arch = self.env[model].with_context(**context).get_view(view and view.id, "list")["arch"]
        spec = {}
        for node in etree.fromstring(arch).iter("field"):
            name = node.get("name")
            if "lazy" in node.get("options", ""):
                continue
            relational = self.env[model]._fields[name].relational
            spec[name] = {"fields": {"display_name": {}}} if relational else {}
        return spec

    def queries(self, records, spec, **context):
        """How many it takes to read the first page of some records."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        # A full page asks how many there are.
        page = records.with_context(**context).web_search_read(
            [("id", "in", records.ids)], spec, limit=len(records)
        )
        self.assertEqual(len(page["records"]), len(records))
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestListQueries(ListsCase):
    def test_first_page_of_the_transfers(self):
        orders = self.import_orders(*self.new_orders(1, PAGE))
        pickings = orders.sale_order_id.picking_ids
        spec = self.specification("stock.picking", self.env.ref("stock.vpicktree"))
        self.assertIn("carrier_id", spec)
        self.queries(pickings[:1], spec)
        few, many = self.queries(pickings[:10], spec), self.queries(pickings, spec)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 20)

    def test_first_page_of_the_orders(self):
        orders = self.import_orders(*self.new_orders(1, PAGE))
        view = self.env.ref("smartship_rakuten.view_rakuten_order_list")
        spec = self.specification("rakuten.order", view)
        self.queries(orders[:1], spec)
        few, many = self.queries(orders[:10], spec), self.queries(orders, spec)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 14)


@tagged("post_install", "-at_install")
class TestOrderList(ListsCase):
    """What is in it, whether it has left, with whom and by which number; what is still to do."""

    def test_before_it_leaves(self):
        (record,) = self.import_orders(
            order(1, [package(1, [item("1", units=2), item("2", "CODE-B")])], total=3300)
        )
        picking = record.sale_order_id.picking_ids
        self.assertEqual(record.goods, "2 × 見本商品1、1 × 見本商品2")
        self.assertFalse(record.shipped_on)
        self.assertFalse(record.tracking_numbers)
        self.assertEqual(record.carriers, self.shop.carrier_id.name)
        self.assertEqual(record.open_transfers, picking.name)

    def test_after_it_has_left(self):
        (record,) = self.import_orders(order(1))
        picking = record.sale_order_id.picking_ids
        with self.at(datetime(2026, 1, 20, 3)):
            self.ship(picking, "400000000011")
        self.assertEqual(record.shipped_on, datetime(2026, 1, 20, 3))
        self.assertEqual(record.tracking_numbers, "400000000011")
        self.assertEqual(record.carriers, "ヤマト運輸")
        self.assertFalse(record.open_transfers)

    def test_several_destinations(self):
        (record,) = self.import_orders(
            order(
                1,
                [package(1, [item("1")]), package(2, [item("1"), item("2", "CODE-B")])],
                total=3300,
            )
        )
        first, second = record.sale_order_id.picking_ids.sorted("id")
        self.assertEqual(record.goods, "2 × 見本商品1、1 × 見本商品2")
        self.assertEqual(record.open_transfers, f"{first.name}, {second.name}")
        self.assertEqual(
            record.action_view_open_transfers()["domain"], [("id", "in", [first.id, second.id])]
        )
        self.ship(first, "400000000011")
        self.assertEqual(record.open_transfers, second.name)
        self.assertEqual(record.action_view_open_transfers()["res_id"], second.id)

    def test_a_label_that_rakuten_has(self):
        """Of an order that Odoo has not imported: its number is told all the same."""
        row = {"shippingDetailId": 1, "shippingNumber": "4000-0000-0011", "deliveryCompany": "1001"}
        (record,) = self.import_orders(order(1, [package(1, [item()], ShippingModelList=[row])]))
        self.assertFalse(record.sale_order_id)
        self.assertEqual(record.tracking_numbers, "4000-0000-0011")

    def test_many_goods_in_a_few_words(self):
        (record,) = self.import_orders(
            order(1, [package(1, [item(str(n), price=0) for n in range(1, 6)])], total=0, request=0)
        )
        self.assertEqual(record.goods, "1 × 見本商品1、1 × 見本商品2 and 3 more")

    def test_who_opens_the_transfer(self):
        """Who has no sales rights, and keeps the warehouse; a salesman; nobody without rights."""
        (record,) = self.import_orders(order(1))
        picking = record.sale_order_id.picking_ids
        for group, opens in (
            ("stock.group_stock_user", True),
            ("sales_team.group_sale_salesman", True),
            ("smartship_rakuten.group_user", False),
        ):
            groups = ",".join({group, "smartship_rakuten.group_user"})
            user = new_test_user(
                self.env,
                f"rakuten-{group}",
                groups,
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            mine = record.with_user(user)
            self.assertEqual(mine.open_transfers, picking.name)
            arch = mine.get_view(
                self.env.ref("smartship_rakuten.view_rakuten_order_list").id, "list"
            )["arch"]
            buttons = etree.fromstring(arch).xpath("//button[@name='action_view_open_transfers']")
            self.assertEqual(bool(buttons), opens, group)
            if opens:
                action = mine.action_view_open_transfers()
                self.assertEqual(
                    picking.with_user(user).browse(action["res_id"]).name, picking.name
                )

    def test_sorted_by_the_day_of_shipment(self):
        first, second, third = self.import_orders(order(1), order(2), order(3))
        for record, day in ((second, 20), (first, 21)):
            with self.at(datetime(2026, 1, day, 3)):
                self.ship(record.sale_order_id.picking_ids, f"4000000000{day}")
        found = self.Order.search(
            [("id", "in", (first | second | third).ids), ("shipped_on", "!=", False)],
            order="shipped_on desc",
        )
        self.assertEqual(found, first | second)


@tagged("post_install", "-at_install")
class TestTransferList(ListsCase):
    def test_one_date(self):
        """It is the day of Odoo's own scheduled date; what was late when it came was already."""
        with self.at(datetime(2026, 1, 20, 3)):
            orders = self.import_orders(
                *(order(n, deliveryDate=f"2026-01-{day}") for n, day in ((1, 25), (2, 21), (3, 15)))
            )
            other = self.env["stock.picking"].create(
                {
                    "picking_type_id": self.shop.warehouse_id.out_type_id.id,
                    # 01:00 on the 23rd in Japan
                    "scheduled_date": datetime(2026, 1, 22, 16),
                }
            )
        wanted, today, late = orders.mapped("sale_order_id.picking_ids")
        days = [str(p.rakuten_leave_date) for p in (wanted, today, late, other)]
        self.assertEqual(days, ["2026-01-24", "2026-01-20", "2026-01-14", "2026-01-23"])
        for picking in (wanted, today):
            self.assertEqual(picking.rakuten_leave_date, japan.day(picking.scheduled_date))
        found = self.env["stock.picking"].search(
            [("id", "in", (wanted | today | late | other).ids)], order="rakuten_leave_date"
        )
        self.assertEqual(found, late | today | other | wanted)

    def test_what_is_in_it(self):
        (record,) = self.import_orders(
            order(1, [package(1, [item("1", units=2), item("2", "CODE-B")])], total=3300)
        )
        self.assertEqual(
            record.sale_order_id.picking_ids.rakuten_goods,
            "2 × [CODE-A] Product A、1 × [CODE-B] Product B",
        )

    def test_each_column_once(self):
        arch = self.env["stock.picking"].get_view(self.env.ref("stock.vpicktree").id, "list")[
            "arch"
        ]
        names = [
            node.get("name")
            for node in etree.fromstring(arch).iter("field")
            if node.get("column_invisible") != "True"
        ]
        self.assertEqual(len(names), len(set(names)))


@tagged("post_install", "-at_install")
class TestToBill(ListsCase):
    def test_what_is_billed_names_its_order(self):
        """On Odoo's own list of what is to be invoiced."""
        action = self.env.ref("sale.action_orders_to_invoice")
        view_id = dict((kind, view) for view, kind in action.views)["list"]
        arch = etree.fromstring(self.env["sale.order"].get_view(view_id, "list")["arch"])
        for name in (
            "rakuten_order_number",
            "rakuten_shop_id",
            "rakuten_payment_name",
            "effective_date",
        ):
            (node,) = arch.xpath(f"//field[@name='{name}']")
            self.assertEqual(node.get("optional"), "show", name)
