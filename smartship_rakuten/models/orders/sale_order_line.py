from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_is_zero

from .batch import batch_of
from .rakuten_order_import import CHARGE_PRODUCTS

#: What Rakuten decides about a line that stands.
AMENDED = ("product_uom_qty", "price_unit", "tax_ids", "rakuten_sku_id")


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "rakuten.system.fields"]

    rakuten_item_detail_id = fields.Char(
        string="Rakuten Item Detail ID", readonly=True, copy=False, help="itemDetailId"
    )
    rakuten_sku_id = fields.Many2one(
        "rakuten.sku",
        string="Rakuten SKU",
        readonly=True,
        check_company=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="What was sold at Rakuten; of a set, on the line of each of its products.",
    )
    rakuten_basket_id = fields.Char(
        string="Rakuten Destination", readonly=True, copy=False, help="basketId"
    )
    rakuten_recipient_id = fields.Many2one(
        "res.partner",
        string="Recipient",
        readonly=True,
        check_company=True,
        copy=False,
        help="送付先",
    )

    def _is_rakuten_charge(self):
        """Whether this is a charge or a coupon of a Rakuten order, and no goods."""
        self.ensure_one()
        find = self.env["ir.model.data"]._xmlid_to_res_id
        return bool(self.order_id.rakuten_order_id) and self.product_id.id in map(
            find, CHARGE_PRODUCTS.values()
        )

    def _can_be_invoiced_alone(self):
        """Override of `sale` to bill charges and coupons together with goods only."""
        return super()._can_be_invoiced_alone() and not self._is_rakuten_charge()

    def _prepare_invoice_line(self, **optional_values):
        """Override of `sale` to name a charge as the order does, without the code of the product
        that stands for it."""
        values = super()._prepare_invoice_line(**optional_values)
        if self._is_rakuten_charge() and "name" not in optional_values:
            values["name"] = self.name
        return values

    def _get_protected_fields(self):
        """Override of `sale` to let the buyer's choices go from the name of a locked order's
        line as well, once the time of its personal data is over."""
        names = super()._get_protected_fields()
        if self.env.context.get("rakuten_anonymise"):
            return [name for name in names if name != "name"]
        return names

    @api.depends("order_id.rakuten_reference")
    def _compute_qty_delivered_method(self):
        """Override of `sale` to leave the delivered quantity to us where somebody else has
        shipped: no transfer tells it."""
        result = super()._compute_qty_delivered_method()
        self.filtered("order_id.rakuten_reference").qty_delivered_method = "manual"
        return result

    def _action_launch_stock_rule(self, **kwargs):
        """Override of `sale_stock` to make no transfer for what somebody else has shipped, and the
        references of a batch's orders at once."""
        lines = self.filtered(lambda line: not line.order_id.rakuten_reference)
        if batch_of(self):
            lines._rakuten_make_references()
        return super(SaleOrderLine, lines)._action_launch_stock_rule(**kwargs)

    def _rakuten_make_references(self):
        """What ties the moves of an order together, for each of new orders that ships goods."""
        due = self.filtered(
            lambda line: (
                line.state == "sale"
                and not line.order_id.locked
                and line.product_id.type == "consu"
                and not line.order_id.stock_reference_ids
                and not line.product_uom_id.is_zero(line.product_uom_qty)
            )
        )
        firsts = [lines[:1] for lines in due.grouped("order_id").values()]
        self.env["stock.reference"].create([line._prepare_reference_vals() for line in firsts])

    def _prepare_procurement_values(self):
        """Override of `sale_stock` to send the goods to the line's own destination: an order may
        have several."""
        values = super()._prepare_procurement_values()
        basket_id = self._rakuten_destination()
        if basket_id:
            values["rakuten_basket_id"] = basket_id
        if self.rakuten_recipient_id:
            values["partner_id"] = self.rakuten_recipient_id.id
        return values

    def _rakuten_destination(self):
        """basketId of this line; what somebody added in Odoo goes to the order's main address."""
        self.ensure_one()
        order = self.order_id
        if self.rakuten_basket_id or not order.rakuten_order_id:
            return self.rakuten_basket_id
        lines = order.order_line.filtered("rakuten_basket_id")
        main = lines.filtered(lambda line: line.rakuten_recipient_id == order.partner_shipping_id)
        return (main or lines)[:1].rakuten_basket_id

    # === BUSINESS METHODS - Changes at Rakuten === #

    def _rakuten_essence(self):
        """What a change of another line must leave as it is."""
        self.ensure_one()
        return self.product_id, self.product_uom_qty, self.price_unit, self.discount, self.tax_ids

    def _rakuten_amend(self, vals):
        """Write what is not as it is to be.

        :param dict vals: as for ``create``
        """
        self.ensure_one()
        vals = {name: value for name, value in vals.items() if not self._rakuten_has(name, value)}
        if vals:
            self.write(vals)

    def _rakuten_has(self, name, value):
        """Whether a field of this line has a value.

        :param value: as for ``create``
        """
        field = self._fields[name]
        if field.type == "many2many":
            return set(self[name].ids) == set(value[0][2])
        if field.type == "float":
            return float_is_zero(self[name] - value, precision_digits=6)
        return (field.convert_to_write(self[name], self) or False) == (value or False)

    def _rakuten_take_out(self):
        """Sell nothing on these lines any more. A line that nothing hangs on goes."""
        for line in self:
            if line.state == "sale":
                line.write({"product_uom_qty": 0})
                if line.invoice_lines or line.qty_delivered:
                    continue
                emptied = line.move_ids
                if any(move.state != "cancel" or move.product_uom_qty for move in emptied) or any(
                    picking.state == "cancel" for picking in emptied.picking_id
                ):
                    # What is cancelled as a whole stays, and tells whose it was.
                    continue
                emptied.unlink()
            line.with_context(rakuten_taken_out=True).unlink()

    def _check_line_unlink(self):
        """Override of `sale` to let the lines go that Rakuten has taken out of an order."""
        kept = super()._check_line_unlink()
        return self.browse() if self.env.context.get("rakuten_taken_out") else kept

    def _rakuten_check_amended(self, vals):
        """:param dict vals: what this line is to be
        :raises UserError: it is not, or Odoo moves another quantity
        """
        self.ensure_one()
        if not all(self._rakuten_has(name, vals[name]) for name in AMENDED if name in vals):
            raise UserError(self.env._("A line of the sale order is not as it was written."))
        moves_goods = (
            self.state == "sale"
            and self.product_id.type == "consu"
            and not self.order_id.rakuten_reference
        )
        if moves_goods and not float_is_zero(
            self._get_qty_procurement() - self.product_uom_qty,
            precision_digits=self.env["decimal.precision"].precision_get("Product Unit"),
        ):
            raise UserError(self.env._("Odoo does not move the quantity of the sale order."))
