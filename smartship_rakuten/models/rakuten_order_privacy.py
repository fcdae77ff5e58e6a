from datetime import timedelta

from odoo import api, fields, models

from ..rules.order import OPEN_PROGRESS
from ..rules.privacy import forget

BATCH = 100
#: An order that can still change or ship keeps its data.
FINISHED = ("done", "cancelled", "ignored")


class RakutenOrder(models.Model):
    """Personal data are kept as long as the shop says."""

    _inherit = "rakuten.order"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _expired(self, shop):
        """Finished orders whose personal data are older than the shop keeps them."""
        limit = fields.Datetime.now() - timedelta(days=shop.retention_days)
        orders = self.search(
            [
                ("shop_id", "=", shop.id),
                "|",
                ("order_date", "<", limit),
                # One that could not be read.
                "&",
                ("order_date", "=", False),
                ("create_date", "<", limit),
                ("state", "in", FINISHED),
                ("personal_data_removed", "=", False),
            ],
            order="id",
        )
        return orders.filtered(lambda order: order._is_finished())

    def _is_finished(self):
        """Whether nothing has to be sent to the recipients any more."""
        self.ensure_one()
        sale_order = self.sale_order_id
        states = set(sale_order.picking_ids.mapped("state"))
        if states - {"done", "cancel"}:
            return False
        return (
            self.progress not in OPEN_PROGRESS
            or sale_order.state == "cancel"
            or sale_order.rakuten_reference
            or "done" in states
        )

    def _forget(self):
        """Take the personal data out of these orders and of contacts that nothing else needs.

        Amounts, goods, tracking numbers and prefectures stay. A contact stays as long as an order
        whose time is not over, a posted invoice or a user needs it: invoices are kept by law.
        """
        for order in self:
            order.write(
                {
                    "payload": forget(order.payload),
                    "imported_payload": False,
                    "buyer_name": False,
                    "changed": False,
                    "personal_data_removed": True,
                }
            )
        # Activities that are done as well, and messages that only those see who were told.
        warning = self.env.ref("mail.mail_activity_data_warning")
        for model, field, more in (
            ("mail.activity", "res_model", [("activity_type_id", "=", warning.id)]),
            ("mail.message", "model", []),
            ("ir.attachment", "res_model", []),
        ):
            self.env[model].sudo().with_context(active_test=False).search(
                [(field, "=", self._name), ("res_id", "in", self.ids), *more]
            ).unlink()
        sale_orders = self.sale_order_id
        sale_orders.picking_ids.write(
            {
                "rakuten_label_name": False,
                "rakuten_label_street": False,
                "rakuten_label_building": False,
            }
        )
        for line in sale_orders.order_line.filtered("rakuten_item_detail_id"):
            # What follows the item's name are the buyer's choices, names to engrave among them.
            line.name = line.name.partition("\n")[0]
        self._forgettable_partners()._rakuten_forget()

    def _forgettable_partners(self):
        sale_orders = self.sale_order_id
        partners = (
            sale_orders.partner_id
            | sale_orders.partner_shipping_id
            | sale_orders.order_line.rakuten_recipient_id
            | sale_orders.picking_ids.partner_id
        ).filtered("rakuten_buyer")
        family = partners | partners.child_ids | partners.parent_id
        others = self.env["sale.order"].search(
            [
                # What is sold to the buyer without Rakuten needs him as well.
                "|",
                ("rakuten_order_id", "=", False),
                ("rakuten_order_id.personal_data_removed", "!=", True),
                "|",
                "|",
                ("partner_id", "in", family.ids),
                ("partner_shipping_id", "in", family.ids),
                ("order_line.rakuten_recipient_id", "in", family.ids),
            ]
        )
        needed = others.partner_id | others.partner_shipping_id
        needed |= others.order_line.rakuten_recipient_id
        moves = self.env["account.move"].search(
            ["|", ("partner_id", "in", family.ids), ("partner_shipping_id", "in", family.ids)]
        )
        needed |= moves.partner_id | moves.partner_shipping_id
        needed |= self.env["res.users"].search([("partner_id", "in", family.ids)]).partner_id
        return partners - needed - needed.parent_id
