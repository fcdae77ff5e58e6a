from odoo import api, fields, models
from odoo.fields import Command

from ..shop.on_write import write_with_consequences


class ProductTemplate(models.Model):
    _inherit = "product.template"

    rakuten_sku_code = fields.Char(
        string="Rakuten Seller-Defined Code",
        compute="_compute_rakuten_sku_code",
        inverse="_inverse_rakuten_sku_code",
        search="_search_rakuten_sku_code",
        help="Of a product without variants; variants have their own.",
    )

    def write(self, vals):
        """Override of `product` to add what the topics declare, see :mod:`..shop.on_write`."""
        return write_with_consequences(self, vals, lambda records, values: super().write(values))

    @api.depends("product_variant_ids.rakuten_sku_code")
    def _compute_rakuten_sku_code(self):
        self._compute_template_field_from_variant_field("rakuten_sku_code")

    def _inverse_rakuten_sku_code(self):
        self._set_product_variant_field("rakuten_sku_code")

    def _search_rakuten_sku_code(self, operator, value):
        return [("product_variant_ids.rakuten_sku_code", operator, value)]

    def _get_related_fields_variant_template(self):
        """Override of `product` to have the seller-defined code on the product as well."""
        return [*super()._get_related_fields_variant_template(), "rakuten_sku_code"]

    def _rakuten_add_axes(self, choices, values):
        """Give the product the axes of an item's options; its variants are made one by one.

        :param choices: (axis, choice) pairs
        :param values: of ``product.attribute._rakuten_values``
        """
        self.ensure_one()
        chosen = self.env["product.attribute.value"].union(*(values[pair] for pair in choices))
        self.attribute_line_ids = [
            Command.create({"attribute_id": attribute.id, "value_ids": [Command.set(group.ids)]})
            for attribute, group in chosen.grouped("attribute_id").items()
        ]

    def _rakuten_variant(self, choices):
        """The variant of one SKU.

        :param choices: its (axis, choice) pairs
        """
        self.ensure_one()
        combination = self.attribute_line_ids.product_template_value_ids.filtered(
            lambda value: (value.attribute_id.name, value.name) in choices
        )
        return self._get_variant_for_combination(combination) or self._create_product_variant(
            combination
        )
