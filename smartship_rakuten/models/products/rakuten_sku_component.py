from odoo import fields, models

from ..shop.on_write import write_with_consequences


class RakutenSkuComponent(models.Model):
    """A product of a set that Rakuten sells as one SKU."""

    _name = "rakuten.sku.component"
    _description = "Rakuten Set Component"
    _inherit = "rakuten.system.fields"
    _check_company_auto = True

    sku_id = fields.Many2one("rakuten.sku", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="sku_id.company_id", store=True)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        check_company=True,
        index=True,
        domain="[('type', '=', 'consu')]",
        ondelete="restrict",
    )
    quantity = fields.Integer(default=1, required=True, help="Units in one set.")

    _product_uniq = models.Constraint(
        "UNIQUE(sku_id, product_id)", "A product is in a set once; raise its quantity instead."
    )
    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "A set holds at least one unit of each of its products."
    )

    def write(self, vals):
        return write_with_consequences(self, vals, lambda records, values: super().write(values))
