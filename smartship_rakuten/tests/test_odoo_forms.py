"""Odoo's own documents and forms behave with the module as they do without it."""

from odoo.fields import Command
from odoo.tests import Form, TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestOdooForms(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.env.company.id)], limit=1
        )
        cls.partner = cls.env["res.partner"].create({"name": "Somebody"})
        cls.product = cls.env["product.product"].create({"name": "Item", "is_storable": True})
        cls.env["stock.quant"]._update_available_quantity(
            cls.product, cls.warehouse.lot_stock_id, 5
        )

    def order_values(self):
        line = Command.create({"product_id": self.product.id, "product_uom_qty": 5})
        return {
            "partner_id": self.partner.id,
            "warehouse_id": self.warehouse.id,
            "order_line": [line],
        }

    def test_transfers_come_in_the_sequence_of_odoo(self):
        """Nothing of ours reads an order's transfers while Odoo makes them one after the other.

        Odoo keeps what is read too early in the sequence of its making, not in its model's.
        """
        self.warehouse.delivery_steps = "pick_pack_ship"
        rules = self.warehouse.delivery_route_id.rule_ids
        rules[0].location_dest_id = rules[1].location_src_id
        rules[1:].action = "pull"
        order = self.env["sale.order"].create(self.order_values())
        self.env.flush_all()
        self.env.clear()
        order.action_confirm()
        pickings = order.picking_ids
        self.assertEqual(len(pickings), 3)
        self.env.flush_all()
        self.env.clear()
        self.assertEqual(pickings.ids, order.picking_ids.ids)

    def test_moves_are_edited_in_the_transfer(self):
        """``Form`` takes a One2many for a Many2many where it finds it within itself."""
        order = self.env["sale.order"].create(self.order_values())
        order.action_confirm()
        picking = order.picking_ids
        with Form(picking) as form:
            with form.move_ids.edit(0) as move:
                move.quantity = 3
        self.assertEqual(picking.move_ids.quantity, 3)

    def test_lines_stay_lines_in_every_form(self):
        """No view of ours leads a form of Odoo's back into itself."""
        views = self.env["ir.ui.view"].search([("type", "=", "form"), ("model", "!=", False)])
        ours = views.filtered(
            lambda view: (view.xml_id or "").startswith("smartship_rakuten.") and view.inherit_id
        )
        self.assertIn("stock.picking", ours.mapped("model"))
        for model in sorted(set(ours.mapped("model"))):
            form = Form(self.env[model])
            for name, info in form._view["fields"].items():
                if info["type"] == "many2many":
                    with self.subTest(model=model, field=name):
                        self.assertEqual(self.env[model]._fields[name].type, "many2many")
