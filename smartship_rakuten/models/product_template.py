from odoo import models
from odoo.fields import Command


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def _rakuten_add_axis(self, axis, choices):
        """Give the product an axis of Rakuten's options; its variants are made one by one."""
        self.ensure_one()
        Attribute = self.env["product.attribute"]
        attribute = Attribute.search(
            [("name", "=", axis), ("create_variant", "=", "dynamic")], limit=1
        ) or Attribute.create({"name": axis, "create_variant": "dynamic"})
        values = {value.name: value for value in attribute.value_ids}
        missing = [choice for choice in choices if choice not in values]
        made = self.env["product.attribute.value"].create(
            [{"name": choice, "attribute_id": attribute.id} for choice in missing]
        )
        values.update(zip(missing, made, strict=True))
        self.attribute_line_ids = [
            Command.create(
                {
                    "attribute_id": attribute.id,
                    "value_ids": [Command.set([values[choice].id for choice in choices])],
                }
            )
        ]

    def _rakuten_variant(self, option_text):
        """The variant of one SKU.

        :param option_text: one ``axis:choice`` a line
        """
        self.ensure_one()
        wanted = {tuple(line.split(":", 1)) for line in (option_text or "").splitlines()}
        combination = self.attribute_line_ids.product_template_value_ids.filtered(
            lambda value: (value.attribute_id.name, value.name) in wanted
        )
        return self._get_variant_for_combination(combination) or self._create_product_variant(
            combination
        )
