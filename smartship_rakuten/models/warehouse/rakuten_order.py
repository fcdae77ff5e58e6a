from odoo import api, fields, models

from ...rules.rows import labels


class RakutenOrder(models.Model):
    _inherit = "rakuten.order"

    # What depends on an order's other transfers goes this way, not by the sale order: then Odoo
    # would read the transfers of every sale order in the midst of making them, and keep them in
    # another sequence.
    picking_ids = fields.One2many(
        "stock.picking", "rakuten_order_id", string="Transfers", readonly=True
    )
    shipped_on = fields.Datetime(
        related="sale_order_id.effective_date",
        string="Shipped On",
        help="When the first goods of the order have left.",
    )
    tracking_numbers = fields.Char(
        compute="_compute_shipment",
        compute_sudo=True,
        help="Of what has left; of what is at Rakuten where nothing has left from here.",
    )
    carriers = fields.Char(
        string="Carrier",
        compute="_compute_shipment",
        compute_sudo=True,
        help="Whom the goods have left with, else whom they are to leave with.",
    )
    open_transfers = fields.Char(
        string="Open Transfer",
        compute="_compute_shipment",
        compute_sudo=True,
        help="What is still to be done in the warehouse.",
    )

    @api.depends(
        "payload",
        "delivery_carrier_id",
        "parcel_ids.tracking_number",
        "parcel_ids.company_code",
        "parcel_ids.removal",
        "picking_ids.name",
        "picking_ids.state",
        "picking_ids.carrier_id",
    )
    def _compute_shipment(self):
        for order in self:
            parcels = order.parcel_ids.filtered(lambda parcel: not parcel.removal)
            to_do = order._open_transfers()
            numbers = parcels.mapped("tracking_number") or [
                row.number for row in labels(order.payload)
            ]
            carriers = (
                parcels.mapped("company_name")
                or to_do.mapped("carrier_id.name")
                or order.mapped("delivery_carrier_id.name")
            )
            order.tracking_numbers = ", ".join(dict.fromkeys(numbers))
            order.carriers = ", ".join(dict.fromkeys(filter(None, carriers)))
            order.open_transfers = ", ".join(to_do.mapped("name"))

    def _open_transfers(self):
        """What the warehouse has still to do for these orders; what a buyer sends back is none of
        their goods."""
        return self.picking_ids.filtered(
            lambda picking: (
                picking.state not in ("done", "cancel") and picking.picking_type_code != "incoming"
            )
        ).sorted("id")

    def action_view_open_transfers(self):
        """Open the transfer that is still to be done, or the list where there are several."""
        action = self.action_view_transfers()
        transfers = self.sudo()._open_transfers().with_env(self.env)
        if len(transfers) == 1:
            return {
                "type": "ir.actions.act_window",
                "res_model": "stock.picking",
                "res_id": transfers.id,
                "views": [(False, "form")],
            }
        return {**action, "domain": [("id", "in", transfers.ids)]}

    def _update_imported(self, vals):
        """Numbers that appear while a transfer waits are taken over, where the shop says so and the
        carrier is the one that the transfer leaves with anyway."""
        super()._update_imported(vals)
        if "payload" not in vals or not self.shop_id.take_over_labels or self.state != "done":
            return
        for picking in self.picking_ids:
            rows = (
                picking.state not in ("done", "cancel")
                and picking._is_rakuten_delivery()
                and picking._rakuten_foreign_rows()
            )
            if rows and {row.company_code for row in rows} == {picking._rakuten_company_code()}:
                picking._rakuten_take_over(rows)

    def _after_change(self):
        result = super()._after_change()
        self.picking_ids._rakuten_plan_again()
        return result
