from odoo import api, models


class SaleOrder(models.Model):
    """What a customer's order type decides anew whenever the customer changes: the last warehouse
    and the last fiscal position of the company, the first payment term, a pricelist."""

    _inherit = "sale.order"

    @api.depends("partner_id")
    def _compute_warehouse_id(self):
        """Override of `sale_stock` to take the warehouse of the order type."""
        super()._compute_warehouse_id()
        self._take_from_type("warehouse_id", "stock.warehouse")

    @api.depends("partner_id")
    def _compute_fiscal_position_id(self):
        """Override of `sale` to take the fiscal position of the order type."""
        super()._compute_fiscal_position_id()
        self._take_from_type("fiscal_position_id", "account.fiscal.position")

    @api.depends("partner_id")
    def _compute_pricelist_id(self):
        """Override of `sale` to take the pricelist of the order type."""
        super()._compute_pricelist_id()
        self._take_from_type("pricelist_id", "product.pricelist")

    @api.depends("partner_id")
    def _compute_payment_term_id(self):
        """Override of `sale` to take the payment term of the order type."""
        super()._compute_payment_term_id()
        self._take_from_type("payment_term_id", "account.payment.term")

    def _take_from_type(self, name, model):
        for order in self.filtered("partner_id"):
            companies = (order.company_id.id, False)
            found = self.env[model].search([("company_id", "in", companies)])
            if found:
                order[name] = found.sorted("id")[-1]
