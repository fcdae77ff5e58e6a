from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain


class ProductProduct(models.Model):
    _inherit = "product.product"

    rakuten_sku_code = fields.Char(
        string="Rakuten Seller-Defined Code",
        index="btree_not_null",
        copy=False,
        help="Compared with システム連携用SKU番号 and 商品番号. "
        "Empty: the internal reference counts.",
    )
    rakuten_sku_ids = fields.One2many("rakuten.sku", "product_id", string="Rakuten SKUs")

    def write(self, vals):
        """Override of `product` to send the stock of what is archived or comes back."""
        result = super().write(vals)
        if "active" in vals:
            self.env["rakuten.stock.change"]._mark(self)
        return result

    def _rakuten_parts(self, company):
        """What these products consist of in the warehouse: Odoo's kits are there as their
        components only.

        :return: dict of product to list of (product, units)
        """
        parts = {product: [(product, 1)] for product in self}
        if "mrp.bom" in self.env:
            kits = (
                self.env["mrp.bom"]
                .sudo()
                ._bom_find(self, company_id=company.id, bom_type="phantom")
            )
            for product, bom in kits.items():
                parts[product] = [
                    (line.product_id, line.product_uom_id._compute_quantity(values["qty"], unit))
                    for line, values in bom.explode(product, 1)[1]
                    for unit in line.product_id.uom_id
                    if line.product_id.is_storable and values["qty"]
                ]
        return parts

    def _rakuten_kits(self):
        """:return: the kits that these products are in, at any depth"""
        kits = self.browse()
        if "mrp.bom" not in self.env:
            return kits
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

    @api.model
    def _rakuten_by_code(self, company, codes):
        """Products by their seller-defined code.

        :param set codes: codes as Rakuten holds them; compared to the letter
        :return: dict of code to products; more than one means that the code is ambiguous
        """
        if not codes:
            return {}
        codes = list(codes)
        products = self.search(
            Domain(self._check_company_domain(company))
            & (
                Domain("rakuten_sku_code", "in", codes)
                | (Domain("rakuten_sku_code", "=", False) & Domain("default_code", "in", codes))
            )
        )
        by_code = defaultdict(self.browse)
        for product in products:
            by_code[product.rakuten_sku_code or product.default_code] |= product
        return dict(by_code)

    @api.model
    def _rakuten_by_barcode(self, company, barcodes):
        """:return: dict of barcode to products"""
        products = self.search(
            Domain(self._check_company_domain(company)) & Domain("barcode", "in", list(barcodes))
        )
        return products.grouped("barcode")
