from odoo import api, models


class StockRule(models.Model):
    _inherit = "stock.rule"

    def _make_po_get_domain(self, company_id, values, partner):
        """Override of `purchase_stock` to give each destination a supplier's order of its own,
        since he sends all of an order to one address."""
        domain = super()._make_po_get_domain(company_id, values, partner)
        if values.get("rakuten_basket_id") and self.picking_type_id.code == "dropship":
            domain += (("dest_address_id", "=", values.get("partner_id")),)
        return domain

    @api.model
    def _run_buy(self, procurements):
        """Override of `purchase_stock` to dropship to each line's own recipient, where Odoo would
        take the sale order's one delivery address."""
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
