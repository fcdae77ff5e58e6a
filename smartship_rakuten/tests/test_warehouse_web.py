"""What a warehouse user with stock rights only does and sees, in a real browser."""

from odoo.tests import HttpCase, new_test_user, tagged

from .common import ADDRESS, RakutenCase, item, order, package


@tagged("post_install", "-at_install")
class TestWarehouseWeb(HttpCase, RakutenCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("en_US")
        self.user = new_test_user(
            self.env,
            "rakuten-warehouse",
            "stock.group_stock_user",
            lang="en_US",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )

    def transfers(self):
        action = self.env.ref("stock.stock_picking_action_picking_type")
        return f"/odoo/action-{action.id}?cids={self.company.id}"

    def test_ship_and_report(self):
        (record,) = self.import_orders(
            order(
                1,
                [package(7001, [item()], noshi="内祝")],
                deliveryDate="2026-01-20",
                shippingTerm=1,
            )
        )
        picking = record.sale_order_id.picking_ids
        self.start_tour(self.transfers(), "smartship_rakuten_ship", login=self.user.login)
        self.assertEqual(picking.state, "done")
        self.shop.action_export_shipments()
        self.assertEqual(picking.rakuten_report_state, "reported")
        self.start_tour(
            f"{self.transfers().partition('?')[0]}/{picking.id}?cids={self.company.id}",
            "smartship_rakuten_reported",
            login=self.user.login,
        )

    def test_held(self):
        (record,) = self.import_orders(
            order(
                2,
                [
                    package(
                        7001,
                        [item()],
                        SenderModel={**ADDRESS, "familyName": "受取", "firstName": "花子"},
                    )
                ],
            )
        )
        self.rms.orders[record.name]["orderProgress"] = 400
        self.start_tour(self.transfers(), "smartship_rakuten_held", login=self.user.login)
        self.assertNotEqual(record.sale_order_id.picking_ids.state, "done")
