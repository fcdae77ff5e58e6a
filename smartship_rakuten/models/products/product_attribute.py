from odoo import api, models


class ProductAttribute(models.Model):
    _inherit = "product.attribute"

    @api.model
    def _rakuten_values(self, choices):
        """Attribute values for the options of Rakuten's items; what is missing is made.

        :param choices: (axis, choice) pairs
        :return: dict of (axis, choice) to product.attribute.value
        """
        axes = {axis for axis, _choice in choices}
        attributes = self.search([("name", "in", list(axes)), ("create_variant", "=", "dynamic")])
        missing = axes - set(attributes.mapped("name"))
        attributes |= self.create(
            [{"name": axis, "create_variant": "dynamic"} for axis in sorted(missing)]
        )
        by_name = {attribute.name: attribute for attribute in attributes}
        values = {(value.attribute_id.name, value.name): value for value in attributes.value_ids}
        lacking = [pair for pair in choices if pair not in values]
        made = self.env["product.attribute.value"].create(
            [{"name": choice, "attribute_id": by_name[axis].id} for axis, choice in lacking]
        )
        return values | dict(zip(lacking, made, strict=True))
