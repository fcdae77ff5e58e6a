from odoo import api, models


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _get_custom_move_fields(self):
        """Override of `stock` to pass the destination on to the moves of a rule."""
        return [*super()._get_custom_move_fields(), "rakuten_basket_id"]

    def _make_po_get_domain(self, company_id, values, partner):
        """Of Purchase: a supplier's order for each destination, since he sends all of an order to
        one address."""
        domain = super()._make_po_get_domain(company_id, values, partner)
        if values.get("rakuten_basket_id") and self.picking_type_id.code == "dropship":
            domain += (("dest_address_id", "=", values.get("partner_id")),)
        return domain

    @api.model
    def _run_buy(self, procurements):
        """Of Purchase: a dropshipped order goes to its line's own recipient, where Odoo would take
        the sale order's one delivery address."""
        result = super()._run_buy(procurements)
        lines = self.env["sale.order.line"].browse(
            procurement.values.get("sale_line_id") for procurement, _rule in procurements
        )
        recipients = {line.id: line.rakuten_recipient_id for line in lines if line}
        if any(recipients.values()):
            bought = (
                self.env["purchase.order.line"]
                .sudo()
                .search(
                    [("sale_line_id", "in", list(recipients)), ("order_id.state", "=", "draft")]
                )
            )
            for order, own in bought.grouped("order_id").items():
                recipient = recipients[own[:1].sale_line_id.id]
                if order.picking_type_id.code == "dropship" and recipient:
                    order.dest_address_id = recipient
        return result
