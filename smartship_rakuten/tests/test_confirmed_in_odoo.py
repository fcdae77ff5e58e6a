"""An order is confirmed in Odoo when its state says so, not when nothing was raised."""

from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.rules import amounts
from odoo.addons.smartship_rakuten.rules.order import parse_order

from .common import RakutenCase, item, order, package

#: Above this price, in yen, a rule asks a person before an order is confirmed.
LIMIT = 9000
ASKED = {"type": "ir.actions.act_window", "name": "Blocked in draft due to exceptions"}


@tagged("post_install", "-at_install")
class TestConfirmedInOdoo(RakutenCase):
    """Another module answers with a wizard instead of confirming, for the whole set."""

    def setUp(self):
        super().setUp()
        SaleOrder = type(self.env["sale.order"])
        confirm = SaleOrder.action_confirm
        self.limit = LIMIT

        def action_confirm(orders):
            if any(sale_order.amount_total > self.limit for sale_order in orders):
                return dict(ASKED)
            return confirm(orders)

        self.startPatcher(patch.object(SaleOrder, "action_confirm", action_confirm))

    def priced(self, sequence, price):
        return order(sequence, [package(7001, [item(price=price)])], total=price)

    def import_four(self):
        payloads = [self.priced(n, 9500 if n == 3 else 1100) for n in (1, 2, 3, 4)]
        return self.import_orders(*payloads)

    def test_one_of_four(self):
        records = self.import_four()
        self.assertEqual(records.mapped("state"), ["done", "done", "blocked", "done"])
        for record in records - records[2]:
            self.assertEqual(record.sale_order_id.state, "sale")
            self.assertEqual(record.sale_order_id.picking_ids.state, "assigned")
        self.assertEqual(records[2].problem_code, "not_confirmed")
        self.assertIn(ASKED["name"], records[2].problem)
        self.assertFalse(records[2].sale_order_id)
        self.assertFalse(
            self.env["sale.order"].search([("client_order_ref", "=", records[2].name)])
        )

    def test_mended_and_tried_again(self):
        blocked = self.import_four()[2]
        self.limit = 10000
        blocked.action_retry()
        self.assertEqual((blocked.state, blocked.sale_order_id.state), ("done", "sale"))
        self.assertEqual(len(blocked.sale_order_id.picking_ids), 1)

    def test_as_quotation_for_a_person(self):
        records = self.import_four()
        records.action_import_as_quotation()
        blocked = records[2]
        self.assertEqual((blocked.state, blocked.sale_order_id.state), ("done", "draft"))
        self.assertFalse(records[0].as_quotation)
        # The one who confirms it sees what is asked, also beside an order of somebody else.
        self.assertEqual(blocked.sale_order_id.action_confirm(), ASKED)

    def test_change_is_rolled_back(self):
        """The order's new price asks a person: the old order stays as it was, and is held."""
        (record,) = self.import_orders(self.priced(1, 1100))
        sale_order = record.sale_order_id
        picking = sale_order.picking_ids
        payload = self.rms.orders[record.name]
        payload["PackageModelList"][0]["ItemModelList"][0].update(price=9500, priceTaxIncl=9500)
        payload.update(goodsPrice=9500, totalPrice=9500, requestPrice=9500)
        self.shop._run("refresh")
        self.assertEqual((sale_order.state, sale_order.amount_total), ("sale", 1100))
        self.assertEqual(sale_order.picking_ids, picking)
        self.assertTrue(picking.rakuten_held)
        self.assertTrue(record.changed)


@tagged("post_install", "-at_install")
class TestAnswerOfConfirm(RakutenCase):
    def test_what_asks_is_not_hidden(self):
        """Of a list with orders of Rakuten and of others, what asks a person is answered."""
        self.shop.auto_fulfil = False
        (record,) = self.import_orders(order(1))
        other = self.env["sale.order"].create({"partner_id": self.env.user.partner_id.id})
        Parent = next(
            parent
            for parent in type(other).__mro__[1:]
            if "action_confirm" in vars(parent)
            and parent.__module__ == "odoo.addons.sale.models.sale_order"
        )
        asked = []

        def action_confirm(orders):
            asked.append(orders)
            return dict(ASKED) if orders == record.sale_order_id else True

        with patch.object(Parent, "action_confirm", action_confirm):
            self.assertEqual((record.sale_order_id + other).action_confirm(), ASKED)
        self.assertEqual(asked, [record.sale_order_id, other])


@tagged("post_install", "-at_install")
class TestCombo(RakutenCase):
    """A combo is sold by its choices: as one product it would never leave."""

    def setUp(self):
        super().setUp()
        part = self.env["product.combo"].create(
            {"name": "Choice", "combo_item_ids": [(0, 0, {"product_id": self.product_a.id})]}
        )
        self.combo = self.env["product.product"].create(
            {
                "name": "Combo",
                "type": "combo",
                "default_code": "COMBO-1",
                "combo_ids": [(6, 0, part.ids)],
            }
        )

    def sold(self):
        return order(1, [package(7001, [item(code="COMBO-1")])])

    def check_refused(self, record):
        self.assertEqual((record.state, record.problem_code), ("blocked", "combo_sku"))
        self.assertIn("見本商品1", record.problem)
        self.assertFalse(record.sale_order_id)

    def test_by_code(self):
        (record,) = self.import_orders(self.sold())
        self.check_refused(record)
        sku = self.env["rakuten.sku"].search([("shop_id", "=", self.shop.id)])
        self.assertFalse(sku.product_id)
        self.assertEqual(sku.waiting_order_count, 1)

    def test_by_mapping(self):
        """A mapping that was made before: by a file, or by a rule of an earlier version."""
        self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "item-1",
                "variant_id": "normal-inventory",
                "product_id": self.combo.id,
            }
        )
        (record,) = self.import_orders(self.sold())
        self.check_refused(record)

    def test_by_name(self):
        self.combo.default_code = False
        self.env["rakuten.sku"].create(
            {"shop_id": self.shop.id, "name": "見本商品1", "product_id": self.combo.id}
        )
        (record,) = self.import_orders(self.sold())
        self.check_refused(record)

    def test_by_barcode(self):
        self.combo.write({"default_code": False, "barcode": "4900000000009"})
        self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "item-1",
                "variant_id": "normal-inventory",
                "jan": "4900000000009",
            }
        )
        (record,) = self.import_orders(self.sold())
        self.check_refused(record)

    def test_set_instead(self):
        """Mapped to its products as a set, the order that waits is made at once."""
        (record,) = self.import_orders(self.sold())
        sku = self.env["rakuten.sku"].search([("shop_id", "=", self.shop.id)])
        sku.write({"component_ids": [(0, 0, {"product_id": self.product_a.id, "quantity": 2})]})
        self.assertTrue(record.queued)
        self.env["rakuten.shop"]._cron_run("orders")
        self.assertEqual(record.state, "done")
        self.assertEqual(record.sale_order_id.picking_ids.move_ids.product_uom_qty, 2)


@tagged("post_install", "-at_install")
class TestMended(RakutenCase):
    """What is mended starts the import of what waits for it, without automatic integration."""

    def setUp(self):
        super().setUp()
        self.shop.auto_import = False
        self.cron = self.env.ref("smartship_rakuten.ir_cron_make_orders")

    def blocked(self, code="CODE-NEW", rate=0.1, sequence=1):
        (record,) = self.import_orders(
            order(sequence, [package(7001, [item("9", code=code, rate=rate)])])
        )
        self.assertEqual(record.state, "blocked")
        return record

    def check_starts(self, record, mend):
        """It is queued and its scheduled action called; and that makes the sale order."""
        before = self.env["ir.cron.trigger"].search([])
        mend()
        triggered = self.env["ir.cron.trigger"].search([]) - before
        self.assertEqual(
            triggered.filtered(lambda t: t.cron_id == self.cron).mapped("cron_id"), self.cron
        )
        self.env["rakuten.shop"]._cron_run("orders")
        self.assertEqual((record.state, record.problem), ("done", False))

    def check_starts_nothing(self, mend):
        before = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        mend()
        after = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        self.assertEqual(after, before)

    def sku(self):
        return self.env["rakuten.sku"].search(
            [("shop_id", "=", self.shop.id), ("manage_number", "=", "item-9")]
        )

    def test_sku(self):
        record = self.blocked()
        self.check_starts(record, lambda: self.sku().write({"product_id": self.product_a.id}))

    def test_another_sku(self):
        self.blocked()
        other = self.env["rakuten.sku"].create(
            {"shop_id": self.shop.id, "manage_number": "item-8", "variant_id": "x"}
        )
        self.check_starts_nothing(lambda: other.write({"product_id": self.product_a.id}))

    def test_mapping_by_name(self):
        record = self.blocked()
        self.check_starts(
            record,
            lambda: self.env["rakuten.sku"].create(
                {
                    "shop_id": self.shop.id,
                    "name": "見本商品9",
                    "product_id": self.product_a.id,
                }
            ),
        )

    def test_code(self):
        record = self.blocked()
        self.check_starts(record, lambda: self.product_a.write({"rakuten_sku_code": "CODE-NEW"}))

    def test_code_of_a_template(self):
        record = self.blocked()
        self.check_starts(
            record, lambda: self.product_a.product_tmpl_id.write({"default_code": "CODE-NEW"})
        )

    def test_new_product(self):
        record = self.blocked()
        self.check_starts(
            record,
            lambda: self.env["product.template"].create(
                {"name": "New", "default_code": "CODE-NEW", "is_storable": True}
            ),
        )

    def test_product_in_use_again(self):
        archived = self.env["product.product"].create(
            {"name": "Archived", "default_code": "CODE-NEW", "is_storable": True}
        )
        archived.active = False
        record = self.blocked()
        self.check_starts(record, lambda: archived.write({"active": True}))

    def test_two_products_of_one_code(self):
        (one, other) = self.env["product.product"].create(
            [{"name": name, "default_code": "CODE-NEW", "is_storable": True} for name in "PQ"]
        )
        record = self.blocked()
        self.assertEqual(record.problem_code, "ambiguous_sku")
        self.check_starts(record, lambda: other.write({"default_code": "CODE-ELSE"}))

    def test_barcode(self):
        record = self.blocked()
        self.sku().jan = "4900000000009"
        self.check_starts(record, lambda: self.product_a.write({"barcode": "4900000000009"}))

    def test_tax(self):
        record = self.blocked(code="CODE-A", rate=0.03)
        self.assertEqual(record.problem_code, "unknown_tax")
        self.check_starts(record, lambda: self.shop._make_taxes(self.rates_of(record)))

    def rates_of(self, record):
        return amounts.amounts_by_rate(parse_order(record.payload))

    def test_tax_of_a_stopped_company(self):
        """One that was out of use and is in use again."""
        record = self.blocked(code="CODE-A", rate=0.03)
        self.shop._make_taxes(self.rates_of(record))
        self.env["rakuten.shop"]._cron_run("orders")
        tax = record.sale_order_id.order_line.tax_ids
        tax.active = False
        second = self.blocked(code="CODE-A", rate=0.03, sequence=2)
        self.check_starts(second, lambda: tax.write({"active": True}))

    def test_nothing_waits(self):
        self.check_starts_nothing(lambda: self.product_a.write({"default_code": "CODE-C"}))

    def test_what_cannot_become_a_sale_order(self):
        """It went to 楽天処理中 meanwhile, or its shop is not connected."""
        record = self.blocked()
        record.progress = "200"
        self.check_starts_nothing(lambda: self.product_a.write({"default_code": "CODE-NEW"}))
        record.progress = "300"
        self.shop.state = "draft"
        self.check_starts_nothing(lambda: self.product_a.write({"default_code": "CODE-NEW"}))

    def test_called_once(self):
        """A file of many products calls it once, and so does a second one before it has run."""
        self.blocked()
        self.product_a.default_code = "CODE-C"
        self.check_starts_nothing(lambda: self.product_b.write({"default_code": "CODE-D"}))

    def test_by_a_user_without_rights_on_orders(self):
        record = self.blocked()
        user = self.env["res.users"].create(
            {
                "name": "Products",
                "login": "products",
                "company_ids": [(6, 0, self.company.ids)],
                "company_id": self.company.id,
                "group_ids": [
                    (4, self.env.ref("base.group_user").id),
                    (4, self.env.ref("product.group_product_manager").id),
                ],
            }
        )
        self.check_starts(
            record,
            lambda: self.product_a.with_user(user).write({"default_code": "CODE-NEW"}),
        )
