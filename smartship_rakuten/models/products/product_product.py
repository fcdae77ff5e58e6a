from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ..shop.on_write import write_with_consequences


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
        """Override of `product` to add what the topics declare, see :mod:`..shop.on_write`."""
        return write_with_consequences(self, vals, lambda records, values: super().write(values))

    def _rakuten_parts(self, company):
        """What these products consist of in the warehouse: each of itself, unless a module that
        knows kits says otherwise.

        :param company: the res.company whose warehouse it is
        :return: dict of product to list of (product, units)
        """
        return {product: [(product, 1)] for product in self}

    def _rakuten_kits(self):
        """Kits that these products are in; none, unless a module knows kits.

        :return: products, kits of kits among them
        """
        return self.browse()

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
