from odoo import fields, models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    # Warehouse users may not read the carriers' post codes, which this looks at.
    allowed_carrier_ids = fields.Many2many(compute_sudo=True)

    # === OVERRIDES === #

    def button_validate(self):
        """Override of `stock` to say what holds a transfer before anything is asked, and to ask a
        person who ships without a tracking number."""
        self._check_rakuten_shippable()
        unnumbered = self._rakuten_to_ask()
        if unnumbered:
            return self.env["rakuten.ship.unnumbered"]._ask(self, unnumbered)
        return super().button_validate()

    def _action_done(self):
        """Override of `stock` to let nothing leave that is held, whoever validates it."""
        self._check_rakuten_shippable()
        return super()._action_done()

    # === BUSINESS METHODS === #

    def _is_rakuten_untouched(self):
        return super()._is_rakuten_untouched() and not self.rakuten_bundle_id

    def _rakuten_to_ask(self):
        """Transfers of these that would leave without a tracking number, so that Rakuten would not
        be told. Asked is who presses a button, which says so in the context; no code, no batch."""
        if not self.env.context.get("rakuten_ask_number"):
            return self.browse()
        return self.filtered(
            lambda picking: (
                picking.state not in ("done", "cancel")
                and picking.sudo().rakuten_shop_id.ask_number
                and picking._is_rakuten_delivery()
                and not picking._rakuten_numbers()
            )
        )

    def _check_rakuten_shippable(self):
        """Refuse to move goods of held orders, and ask for what the report will need.

        :raises UserError: naming the transfers and the reasons
        """
        rakuten = self.filtered("rakuten_order_id")
        rakuten._check_rakuten_hold()
        deliveries = rakuten.filtered(lambda picking: picking._is_rakuten_delivery())
        deliveries._check_rakuten_carrier()
        deliveries._check_rakuten_numbers()
