from odoo import models


class AccountTax(models.Model):
    _inherit = "account.tax"

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
