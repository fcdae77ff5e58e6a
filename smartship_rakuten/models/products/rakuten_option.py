from odoo import fields, models


class RakutenOption(models.Model):
    """A free option (項目選択肢) that brings a product, such as a gift box.

    Options that are not listed stay what they are: a note on the line.
    """

    _name = "rakuten.option"
    _description = "Rakuten Option"
    _inherit = "rakuten.system.fields"
    _check_company_auto = True
    _order = "shop_id, name, value"

    shop_id = fields.Many2one("rakuten.shop", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id", store=True, index=True)
    name = fields.Char(
        string="Option", required=True, help="What stands before the colon, to the letter."
    )
    value = fields.Char(
        string="Choice", required=True, help="What stands behind the colon, to the letter."
    )
    product_id = fields.Many2one(
        "product.product", required=True, check_company=True, ondelete="restrict"
    )
    quantity = fields.Integer(default=1, required=True, help="Units for each unit of the item.")

    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "An option brings at least one unit of its product."
    )
