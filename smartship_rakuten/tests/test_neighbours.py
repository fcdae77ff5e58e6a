"""The day of an order beside whatever else is installed; ``dev/oca`` runs it beside modules of the
OCA."""

from odoo.tests import tagged

from odoo.addons.smartship_rakuten.models.shop.rakuten_shop import CREDENTIAL_FIELDS

from .common import ADDRESS, RakutenCase, item, open_return, order, package

#: What the import decides about a sale order, whatever a customer's defaults say.
HEAD = (
    "company_id",
    "currency_id",
    "warehouse_id",
    "pricelist_id",
    "fiscal_position_id",
    "amount_total",
)
#: Options of other modules that make them stricter, each where it is there.
OPTIONS = {"partner_email_check_syntax", "partner_email_check_filter_duplicates"}


@tagged("post_install", "-at_install")
class TestNeighbours(RakutenCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.product_a | cls.product_b).invoice_policy = "delivery"
        for option in OPTIONS & cls.company._fields.keys():
            cls.company[option] = True
        # Whatever a customer may be given instead.
        cls.env["stock.warehouse"].create(
            {"name": "Second", "code": "W2", "company_id": cls.company.id}
        )
        cls.env["account.fiscal.position"].create({"name": "Second", "company_id": cls.company.id})
        cls.env["product.pricelist"].create(
            {
                "name": "Dollars",
                "currency_id": cls.env.ref("base.USD").id,
                "company_id": cls.company.id,
            }
        )

    def assert_as_planned(self, sale_order, total):
        self.assertEqual(
            {name: sale_order[name] for name in HEAD},
            {
                "company_id": self.company,
                "currency_id": self.company.currency_id,
                "warehouse_id": self.shop.warehouse_id,
                "pricelist_id": self.env["product.pricelist"],
                "fiscal_position_id": self.env["account.fiscal.position"],
                "amount_total": total,
            },
        )

    def bill(self, sale_order):
        before = sale_order.invoice_ids
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=sale_order.ids
        ).create({}).create_invoices()
        return sale_order.invoice_ids - before

    def test_from_import_to_invoice(self):
        orders = [
            order(number, [package(7000 + number, [item(price=3300)], postage=660)], total=3960)
            for number in (1, 2, 3)
        ]
        records = self.import_orders(*orders)
        self.assertEqual(records.mapped("state"), ["done"] * 3)
        for sale_order in records.sale_order_id:
            self.assertEqual(sale_order.state, "sale")
            self.assert_as_planned(sale_order, 3960)
            self.assertEqual(sale_order.invoice_status, "no")
        pickings = records.sale_order_id.picking_ids
        self.assertEqual(len(pickings), 3)
        self.ship(pickings, "400000000001", "400000000002", "400000000003")
        self.assertEqual(pickings.mapped("state"), ["done"] * 3)
        self.shop.action_export_shipments()
        self.assertEqual(pickings.mapped("rakuten_report_state"), ["reported"] * 3)
        for record, number in zip(records, (1, 2, 3), strict=True):
            (sent,) = self.rms.orders[record.name]["PackageModelList"]
            self.assertEqual(
                [row["shippingNumber"] for row in sent["ShippingModelList"]],
                [f"40000000000{number}"],
            )
            invoice = self.bill(record.sale_order_id)
            self.assertEqual(invoice.amount_total, 3960)
            invoice.action_post()
            self.assertEqual(invoice.state, "posted")
            self.assert_as_planned(record.sale_order_id, 3960)
        back = open_return(pickings[0], lambda move: move.quantity)
        back.move_ids.picked = True
        back.button_validate()
        credit = self.bill(records[0].sale_order_id)
        self.assertEqual((credit.move_type, credit.amount_total), ("out_refund", 3300))
        report = self.env["rakuten.reconciliation"].browse(self.shop.action_reconcile()["res_id"])
        self.assertEqual(report.state, "ok", report.line_ids.mapped("explanation"))

    def test_address_that_changes(self):
        """The address is followed, and nothing else is decided anew; or the order is held."""
        (record,) = self.import_orders(order(1))
        sender = {**ADDRESS, "city": "港区", "isolatedIslandFlag": 0}
        self.rms.put(order(1, [package(7001, [item()], SenderModel=sender)]))
        self.shop._run("refresh")
        self.assert_as_planned(record.sale_order_id, 1100)
        (picking,) = record.sale_order_id.picking_ids.filtered(lambda p: p.state != "cancel")
        self.assertEqual(picking.picking_type_id.warehouse_id, self.shop.warehouse_id)
        self.assertIn(record.changed and "千代田区" or "港区", picking.partner_id.city)

    def test_cancelled_at_rakuten(self):
        (record,) = self.import_orders(order(1))
        self.rms.orders[record.name]["orderProgress"] = 900
        self.shop._run("refresh")
        self.assertEqual(record.sale_order_id.state, "cancel")
        self.assertEqual(set(record.sale_order_id.picking_ids.mapped("state")), {"cancel"})

    def test_stock(self):
        sku = self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "item-1",
                "variant_id": "normal-inventory",
                "product_id": self.product_a.id,
                "in_catalogue": True,
            }
        )
        self.import_orders(order(1))
        self.shop.action_sync_inventory()
        self.assertEqual((sku.stock_sent, self.rms.stock["item-1", "normal-inventory"]), (49, 49))

    def test_retention(self):
        """Names and addresses go from every field of a contact, whoever brought it along."""
        (record,) = self.import_orders(order(1))
        self.ship(record.sale_order_id.picking_ids, "400000000001")
        self.shop.action_export_shipments()
        buyer = record.sale_order_id.partner_id
        written = {ADDRESS["familyName"], ADDRESS["firstName"], ADDRESS["familyNameKana"]}
        record._anonymise()
        self.assertTrue(record.personal_data_removed)
        for name, field in buyer._fields.items():
            if field.store and field.type in ("char", "text"):
                for word in written:
                    self.assertNotIn(word, buyer[name] or "", name)

    def test_audit_that_leaves_out_the_keys(self):
        """Whoever logs what is written to shops excludes these fields: then no key is kept."""
        if "auditlog.rule" not in self.env:
            self.skipTest("auditlog is not installed")
        keys = self.env["ir.model.fields"].search(
            [("model", "=", "rakuten.shop"), ("name", "in", CREDENTIAL_FIELDS)]
        )
        rule = self.env["auditlog.rule"].create(
            {
                "name": "Shops",
                "model_id": self.env["ir.model"]._get_id("rakuten.shop"),
                "log_type": "full",
                "log_write": True,
                "fields_to_exclude_ids": keys.ids,
            }
        )
        rule.set_to_confirmed()
        self.addCleanup(rule.set_to_draft)

        def kept(name):
            """What is logged of a shop that gets this name and new keys."""
            self.shop.write({"name": name, **{key: f"{name}_{key}" for key in CREDENTIAL_FIELDS}})
            rows = self.env["auditlog.log.line"].search([]).read()
            return " ".join(str(value) for row in rows for value in row.values())

        self.assertIn("audited", kept("audited"))
        self.assertNotIn("audited_", kept("audited"))
        # Otherwise they are.
        rule.fields_to_exclude_ids = False
        self.assertIn("open_license_key", kept("open"))
