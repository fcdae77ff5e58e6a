from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _rakuten_parts(self, company):
        """Override of `smartship_rakuten` to take a kit for its components, which alone are in the
        warehouse."""
        parts = super()._rakuten_parts(company)
        kits = self.env["mrp.bom"].sudo()._bom_find(self, company_id=company.id, bom_type="phantom")
        for product, bom in kits.items():
            parts[product] = [
                (line.product_id, line.product_uom_id._compute_quantity(values["qty"], unit))
                for line, values in bom.explode(product, 1)[1]
                for unit in line.product_id.uom_id
                if line.product_id.is_storable and values["qty"]
            ]
        return parts

    def _rakuten_kits(self):
        """Override of `smartship_rakuten` to find the kits with these components, at any depth."""
        kits = super()._rakuten_kits()
        found = self
        while found:
            boms = (
                self.env["mrp.bom.line"]
                .sudo()
                .search([("product_id", "in", found.ids), ("bom_id.type", "=", "phantom")])
                .bom_id
            )
            found = self.browse()
            for bom in boms:
                found |= bom.product_id or bom.product_tmpl_id.product_variant_ids
            found -= kits
            kits |= found
        return kits
