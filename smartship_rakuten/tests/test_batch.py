"""A batch of sale orders is made with fewer questions, and what comes of it is what Odoo makes."""

from datetime import datetime
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from ..models.orders import rakuten_order_import
from .common import RakutenCase, item, order, package

#: What differs from one making to the next: names by sequence, keys, and Rakuten's own number.
OWN = {"id", "name", "display_name", "access_token", "payload", "client_order_ref"}


@tagged("post_install", "-at_install")
class TestBatch(RakutenCase):
    """Each test makes the same orders twice: as the module does, and with every question asked."""

    #: Records that each order has for itself: that there is one counts, not which.
    for_itself = {"mail.message", "mail.followers", "res.partner"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product_c = cls.env["product.product"].create(
            {"name": "Product C", "default_code": "CODE-C", "is_storable": True}
        )
        for product in (cls.product_a, cls.product_b):
            cls.env["stock.quant"]._update_available_quantity(
                product, cls.shop.warehouse_id.lot_stock_id, 950
            )

    def make(self, first):
        """Six orders: of one line or two, every third to two destinations, one unit to three; of
        the third product there is none.

        :return: sale.order in the order of their numbers
        """
        payloads = []
        for n in range(6):
            goods = [item("1", units=1 + n % 3), item("2", "CODE-B")]
            packages = [package(1, goods[: 1 + n % 2])]
            if n % 3 == 0:
                packages.append(package(2, [item("3", "CODE-C")]))
            total = sum(
                entry["price"] * entry["units"]
                for basket in packages
                for entry in basket["ItemModelList"]
            )
            payloads.append(order(first + n, packages, total=total))
        orders = self.import_orders(*payloads)
        self.assertEqual(orders.mapped("state"), ["done"] * 6, orders.mapped("problem"))
        return orders.sale_order_id

    def told(self, sale_orders):
        """All that came of sale orders.

        :return: list of (which record, dict of field to value)
        """
        lines = sale_orders.order_line
        moves = sale_orders.stock_reference_ids.move_ids.sorted("id")
        found = {
            "sale order": sale_orders,
            "line": lines,
            "reference": sale_orders.stock_reference_ids.sorted("id"),
            "transfer": moves.picking_id.sorted("id"),
            "move": moves,
            "move line": moves.move_line_ids.sorted("id"),
            "Rakuten order": sale_orders.rakuten_order_id,
        }
        places = {
            record: f"{kind} {number}"
            for kind, records in found.items()
            for number, record in enumerate(records)
        }
        texts = {
            record[name]: f"<{places[record]}>"
            for records, names in (
                (sale_orders, ("name", "client_order_ref")),
                (found["transfer"], ("name",)),
            )
            for record in records
            for name in names
        }
        return [
            (
                place,
                {
                    name: self.comparable(record[name], places, texts)
                    for name, field in record._fields.items()
                    if field.store and field.type != "binary" and name not in OWN
                },
            )
            for record, place in places.items()
        ]

    def comparable(self, value, places, texts):
        if hasattr(value, "_name"):
            return sorted(
                places.get(record)
                or f"{record._name} {record._name in self.for_itself or record.id}"
                for record in value
            )
        if isinstance(value, str):
            for text, place in texts.items():
                value = value.replace(text, place)
        return value

    def compare(self):
        """:return: sale orders that the module has made"""
        with self.at(datetime(2026, 1, 10, 3)):
            ours = self.make(300)
            told = self.told(ours)
            with patch.object(rakuten_order_import, "Batch", lambda: None):
                odoos = self.told(self.make(600))
        self.assertEqual([place for place, _values in told], [place for place, _values in odoos])
        for (place, values), (_place, others) in zip(told, odoos, strict=True):
            differing = {
                name: (value, others[name])
                for name, value in values.items()
                if value != others[name]
            }
            self.assertFalse(differing, place)
        return ours

    def test_goods_on_stock(self):
        made = self.compare()
        pickings = made.picking_ids
        self.assertEqual(len(pickings), 8, "two of six orders go to two destinations")
        self.assertEqual(
            sorted(pickings.mapped("state")), ["assigned"] * 6 + ["confirmed"] * 2, "C is lacking"
        )

    def test_several_steps(self):
        self.shop.warehouse_id.delivery_steps = "pick_pack_ship"
        made = self.compare()
        self.assertEqual(len(made.stock_reference_ids.move_ids.picking_id), 8)

    def test_goods_made_to_order_are_pulled_through_steps(self):
        self.env.ref("stock.route_warehouse0_mto").active = True
        self.shop.warehouse_id.delivery_steps = "pick_ship"
        routes = self.env.ref("stock.route_warehouse0_mto")
        supply = self.env["stock.location"].create(
            {"name": "Supply", "location_id": self.shop.warehouse_id.view_location_id.id}
        )
        route = self.env["stock.route"].create(
            {
                "name": "From the supply",
                "product_selectable": True,
                "company_id": self.company.id,
                "rule_ids": [
                    Command.create(
                        {
                            "name": "supply",
                            "action": "pull",
                            "location_src_id": supply.id,
                            "location_dest_id": self.shop.warehouse_id.lot_stock_id.id,
                            "picking_type_id": self.shop.warehouse_id.int_type_id.id,
                            "company_id": self.company.id,
                        }
                    )
                ],
            }
        )
        self.product_b.route_ids = routes | route
        made = self.compare()
        supplied = made.stock_reference_ids.move_ids.filtered(
            lambda move: move.location_id == supply
        )
        self.assertEqual(sum(supplied.mapped("product_uom_qty")), 3, "B of the three odd orders")

    def test_reordering_rule(self):
        self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.product_a.id,
                "location_id": self.shop.warehouse_id.lot_stock_id.id,
                "warehouse_id": self.shop.warehouse_id.id,
                "company_id": self.company.id,
                "trigger": "auto",
                "product_min_qty": 2000,
                "product_max_qty": 3000,
            }
        )
        asked = []
        Orderpoint = type(self.env["stock.warehouse.orderpoint"])
        ask = Orderpoint._procure_orderpoint_confirm

        def spy(orderpoints, **kwargs):
            asked.append(orderpoints.product_id)
            return ask(orderpoints, **kwargs)

        with patch.object(Orderpoint, "_procure_orderpoint_confirm", spy):
            self.compare()
        self.check_asked(asked)

    def check_asked(self, asked):
        """:param list asked: products of whose rules Odoo was reminded"""
        self.assertEqual(asked, [self.product_a] * 12, "once an order, in both makings")

    def test_analytic_distribution(self):
        plan = self.env["account.analytic.plan"].create({"name": "Channels"})
        account = self.env["account.analytic.account"].create(
            {"name": "Mall", "plan_id": plan.id, "company_id": self.company.id}
        )
        self.env["account.analytic.distribution.model"].create(
            {
                "product_id": self.product_b.id,
                "company_id": self.company.id,
                "analytic_distribution": {str(account.id): 100},
            }
        )
        made = self.compare()
        of_mall = made.order_line.filtered("analytic_distribution")
        self.assertEqual(of_mall.product_id, self.product_b)
        self.assertEqual(len(of_mall), 3)

    def test_outside_of_a_batch_odoo_asks(self):
        """An order of Odoo's own, confirmed by somebody, is made as without the module."""
        sale_order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Buyer"}).id,
                "order_line": [Command.create({"product_id": self.product_a.id})],
            }
        )
        self.assertNotIn(rakuten_order_import.CONTEXT, sale_order.env.context)
        sale_order.action_confirm()
        self.assertEqual(len(sale_order.picking_ids), 1)
