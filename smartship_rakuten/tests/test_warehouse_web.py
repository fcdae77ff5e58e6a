"""What a warehouse user with stock rights only does and sees, in a real browser."""

import base64
import io
import zipfile
from urllib.parse import quote

from odoo.tests import HttpCase, new_test_user, tagged

from .common import ADDRESS, RakutenCase, item, order, package


class WarehouseWebCase(HttpCase, RakutenCase):
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


@tagged("post_install", "-at_install")
class TestWarehouseWeb(WarehouseWebCase):
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

    def test_noon_to_evening(self):
        records = self.import_orders(order(1), order(2), order(3))
        first, second, held = records.sale_order_id.picking_ids.sorted("rakuten_order_number")
        self.rms.orders[held.rakuten_order_number]["orderProgress"] = 400
        form = self.env.ref("smartship_rakuten.waybill_format_yamato")
        form.with_company(self.company).customer_code = "060000000000"
        self.shop.warehouse_id.partner_id.write(
            {
                "zip": "530-0001",
                "city": "大阪市北区",
                "street": "見本町0-0",
                "phone": "06-0000-0000",
            }
        )
        action = self.env.ref("smartship_rakuten.action_rakuten_wave")
        self.start_tour(
            f"/odoo/action-{action.id}?cids={self.company.id}",
            "smartship_rakuten_noon",
            login=self.user.login,
        )
        self.assertEqual((first | second | held).mapped("state"), ["done", "done", "assigned"])
        self.assertEqual([p.printed for p in (first, second, held)], [True, True, False])
        self.assertEqual(second.rakuten_parcel_ids.tracking_number, "410000000012")

    def test_files_are_saved_under_their_names(self):
        """By whom the warehouse lets work, and by nobody else."""
        (record,) = self.import_orders(order(4))
        wizards = self.env["rakuten.waybill.export"].with_user(self.user)
        wizard = wizards.create({})
        data = base64.b64encode("見本".encode("cp932"))
        files = self.env["rakuten.waybill.export.file"].with_user(self.user)
        file = files.create({"wizard_id": wizard.id, "name": "ヤマト 1.csv", "data": data})
        zipped = wizard.action_save_all()["params"]["url"]
        self.authenticate(self.user.login, self.user.login)
        answer = self.url_open(file.url)
        self.assertEqual(answer.content, "見本".encode("cp932"))
        disposition = answer.headers["Content-Disposition"]
        self.assertTrue(disposition.startswith("attachment"))
        self.assertIn(quote("ヤマト 1.csv"), disposition)
        with zipfile.ZipFile(io.BytesIO(self.url_open(zipped).content)) as archive:
            self.assertEqual(archive.namelist(), ["ヤマト 1.csv"])
        new_test_user(self.env, "rakuten-nobody", "base.group_user", lang="en_US")
        self.authenticate("rakuten-nobody", "rakuten-nobody")
        for url in (file.url, zipped):
            self.assertNotEqual(self.url_open(url).status_code, 200)


@tagged("post_install", "-at_install")
class TestWarehousePhone(WarehouseWebCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_pick_and_ship(self):
        packages = [package(7001, [item(units=2)])]
        (record,) = self.import_orders(order(5, packages, total=2200, remarks="長い備考\n" * 9))
        picking = record.sale_order_id.picking_ids
        self.start_tour(
            f"{self.transfers().partition('?')[0]}/{picking.id}?cids={self.company.id}",
            "smartship_rakuten_phone",
            login=self.user.login,
        )
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.rakuten_parcel_ids.tracking_number, "1111-2222-3333")
