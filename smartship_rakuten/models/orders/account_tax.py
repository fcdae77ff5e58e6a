from odoo import api, models

#: What says which rate a tax stands for.
SAYS_RATE = {
    "active",
    "amount",
    "amount_type",
    "company_id",
    "price_include_override",
    "type_tax_use",
}


class AccountTax(models.Model):
    _inherit = "account.tax"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account` to import what waits for these taxes."""
        taxes = super().create(vals_list)
        if "sale" in taxes.mapped("type_tax_use"):
            self.env["rakuten.order"]._after_mending(["unknown_tax"])
        return taxes

    def write(self, vals):
        """Override of `account` to import what waits for these taxes."""
        result = super().write(vals)
        if not SAYS_RATE.isdisjoint(vals):
            self.env["rakuten.order"]._after_mending(["unknown_tax"])
        return result

    def _add_tax_details_in_base_line(self, base_line, company, rounding_method=None):
        """Override of `account` to round the tax of Rakuten's orders once per rate, as Rakuten
        and the law do (RMS API section 4.4), even where the company rounds each line."""
        if not rounding_method and self._is_rakuten_line(base_line.get("record")):
            rounding_method = "round_globally"
        return super()._add_tax_details_in_base_line(
            base_line, company, rounding_method=rounding_method
        )

    def _is_rakuten_line(self, record):
        """Whether a base line comes from the sale order of a Rakuten order, or from its invoice."""
        if not isinstance(record, models.Model):
            return False
        if record._name == "sale.order.line":
            return bool(record.order_id.rakuten_order_id)
        if record._name == "account.move.line":
            return bool(record.sale_line_ids.order_id.rakuten_order_id)
        return False
