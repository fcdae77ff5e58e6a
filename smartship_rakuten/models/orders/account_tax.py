from collections import defaultdict

from odoo import api, models

from ...rules.taxes import shift

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
        return bool(self._rakuten_document(record))

    @api.model
    def _rakuten_document(self, record):
        """:return: the sale.order or account.move of a Rakuten order that a base line comes from,
        None for any other"""
        if not isinstance(record, models.Model):
            return None
        if record._name == "sale.order.line":
            document = record.order_id
        elif record._name == "account.move.line":
            document = record.move_id
        else:
            return None
        return document if document.rakuten_order_id else None

    @api.model
    def _round_base_lines_tax_details(self, base_lines, company, tax_lines=None):
        """Override of `account` to take the tax of a rate from Rakuten (RMS API section 4.4), where
        the lines come to what Rakuten bills at it: a shop may round in three ways."""
        self._rakuten_take_taxes(base_lines)
        return super()._round_base_lines_tax_details(base_lines, company, tax_lines=tax_lines)

    @api.model
    def _rakuten_take_taxes(self, base_lines):
        """Move the raw tax of a rate's lines so that together it is Rakuten's whole number; totals
        with tax stay."""
        by_rate = defaultdict(list)
        for base_line in base_lines:
            document = self._rakuten_document(base_line.get("record"))
            if document is None:
                continue
            data = base_line["tax_details"]["taxes_data"]
            if len(data) == 1 and data[0]["price_include"] and data[0]["raw_tax_amount_currency"]:
                rate = round(data[0]["tax"].amount, 4)
                by_rate[document, rate].append(base_line)
        for (document, rate), lines in by_rate.items():
            price, tax = document._rakuten_taxes().get(rate, (None, None))
            details = [line["tax_details"] for line in lines]
            if price != round(sum(detail["raw_total_included_currency"] for detail in details), 2):
                continue
            raw = sum(detail["taxes_data"][0]["raw_tax_amount_currency"] for detail in details)
            moved = shift(tax, raw, len(details))
            for detail in details:
                (data,) = detail["taxes_data"]
                for suffix in ("_currency", ""):
                    data[f"raw_tax_amount{suffix}"] += moved
                    data[f"raw_base_amount{suffix}"] -= moved
                    detail[f"raw_total_excluded{suffix}"] -= moved
