from odoo import fields, models
from odoo.exceptions import UserError


class RakutenShipUnnumbered(models.TransientModel):
    """Asks who ships without a tracking number: Rakuten is told of a shipment by its number."""

    _name = "rakuten.ship.unnumbered"
    _description = "Ship Without a Tracking Number?"
    _inherit = "rakuten.wizard"

    picking_ids = fields.Many2many(
        "stock.picking", "rakuten_ship_unnumbered_picking_rel", string="To Validate", readonly=True
    )
    unnumbered_ids = fields.Many2many(
        "stock.picking",
        "rakuten_ship_unnumbered_unnumbered_rel",
        string="Without a Number",
        readonly=True,
    )
    unnumbered_count = fields.Integer(readonly=True)
    number = fields.Char(string="Tracking Number")

    def _ask(self, pickings, unnumbered):
        """:param pickings: stock.picking that a person validates
        :param unnumbered: those of them that have no number
        :return: the action that asks
        """
        wizard = self.create(
            {
                "picking_ids": [(6, 0, pickings.ids)],
                "unnumbered_ids": [(6, 0, unnumbered.ids)],
                "unnumbered_count": len(unnumbered),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ship Without a Tracking Number?"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
            # It was asked: what follows, such as the question for a backorder, asks no more.
            "context": dict(self.env.context, rakuten_ask_number=False),
        }

    def action_ship_numbered(self):
        """Validate them with the number that was entered here.

        :raises UserError: none was entered
        """
        self.ensure_one()
        if not self.number:
            raise UserError(self.env._("Enter the tracking number, or ship without one."))
        self.unnumbered_ids.carrier_tracking_ref = self.number
        return self.action_ship()

    def action_ship(self):
        """Validate them all as they are."""
        self.ensure_one()
        return self.picking_ids.with_context(rakuten_ask_number=False).button_validate()
