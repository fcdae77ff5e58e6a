from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import is_html_empty

from ..shop.on_write import write_with_consequences
from ..shop.rakuten_wizard import linked_id


class StockPicking(models.Model):
    """Which order of Rakuten a transfer is for."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "rakuten.system.fields"]

    rakuten_order_id = fields.Many2one(
        related="sale_id.rakuten_order_id", store=True, index="btree_not_null"
    )
    rakuten_shop_id = fields.Many2one(
        related="sale_id.rakuten_shop_id", store=True, index="btree_not_null"
    )
    rakuten_order_number = fields.Char(
        related="sale_id.rakuten_order_number", store=True, string="Rakuten Order Number"
    )
    rakuten_basket_id = fields.Char(
        string="Rakuten Destination",
        compute="_compute_rakuten_basket_id",
        store=True,
        help="basketId",
    )
    rakuten_progress = fields.Selection(
        related="rakuten_order_id.progress", string="Status at Rakuten"
    )
    rakuten_changed = fields.Char(related="rakuten_order_id.changed", string="Changed at Rakuten")
    rakuten_address_warning = fields.Char(
        related="rakuten_order_id.address_warning", string="Address Warning"
    )

    @api.depends("move_ids.rakuten_basket_id")
    def _compute_rakuten_basket_id(self):
        for picking in self:
            picking.rakuten_basket_id = next(
                (move.rakuten_basket_id for move in picking.move_ids if move.rakuten_basket_id),
                False,
            )

    def write(self, vals):
        """Override of `stock` to add what the topics declare, see :mod:`..shop.on_write`."""
        return write_with_consequences(self, vals, lambda records, values: super().write(values))

    def onchange(self, values, field_names, fields_spec):
        """Override of `web` to show nothing of an order that the user may not read: a form that
        was never saved may name any."""
        defaults = {} if field_names else self.default_get(["sale_id"])
        named = {**defaults, **values}
        orders = self.env["rakuten.order"].browse(linked_id(named.get("rakuten_order_id")))
        sales = self.env["sale.order"].sudo().browse(linked_id(named.get("sale_id")))
        lines = self.env["sale.order.line"].sudo()
        for command in named.get("move_ids") or ():
            if isinstance(command[-1], dict):
                lines |= lines.browse(linked_id(command[-1].get("sale_line_id")))
        orders |= (sales | lines.exists().order_id).exists().rakuten_order_id.with_env(self.env)
        if orders.exists():
            orders.check_access("read")
        return super().onchange(values, field_names, fields_spec)

    def action_open_rakuten_order(self):
        self.ensure_one()
        return self.rakuten_order_id.get_formview_action()

    def _is_rakuten_delivery(self):
        """Whether this transfer takes goods of a Rakuten order to the recipient."""
        self.ensure_one()
        return bool(self.rakuten_order_id) and (
            self.picking_type_code == "outgoing" or self.location_dest_id.usage == "customer"
        )

    def _is_rakuten_untouched(self):
        """Whether nobody has begun to work on this transfer; rooms above know more signs of it.
        What Odoo and its settings do by themselves is no sign."""
        self.ensure_one()
        return (
            self.state in ("draft", "waiting", "confirmed", "assigned")
            and not self.printed
            and not self.carrier_tracking_ref
            # Another carrier than the one that its successor would have.
            and not self.carrier_id
            - self.sale_id.carrier_id
            - self.rakuten_order_id.delivery_carrier_id
            and not any(self.move_ids.mapped("picked"))
            and self.user_id.id in (False, SUPERUSER_ID)
            and is_html_empty(self.note)
            and not self.rakuten_order_id._has_message_of_a_person(self)
        )
