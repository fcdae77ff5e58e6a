from odoo import fields, models

from ...rules import japan


class StockPicking(models.Model):
    """For which day the warehouse has planned a transfer."""

    _inherit = "stock.picking"

    rakuten_planned_at = fields.Datetime(
        string="Planned for Rakuten",
        readonly=True,
        copy=False,
        help="The scheduled date by 発送期限. Another Scheduled Date is somebody's own, and stays.",
    )

    # === OVERRIDES === #

    def _compute_scheduled_date(self):
        """Override of `stock` to plan anew what has fallen into a period whose books were closed
        meanwhile, as soon as it is worked on: Odoo would let it neither leave nor be cancelled."""
        result = super()._compute_scheduled_date()
        for picking in self.filtered("id"):
            if picking._is_rakuten_plan_locked():
                planned, _deadline = picking._rakuten_plan()
                picking.rakuten_planned_at = planned
                picking.scheduled_date = planned
                picking._rakuten_open_moves().date = planned
        return result

    def _is_date_in_lock_period(self):
        """Override of `stock_account` to close the books of Rakuten's orders by the day in Japan:
        by UTC its first nine hours would still lie in the month before."""
        if not self._is_of_rakuten():
            return super()._is_date_in_lock_period()
        # Odoo makes a transfer for now, and then gives it moves, which have the day.
        scheduled = self.scheduled_date if self.move_ids else self.rakuten_planned_at
        return any(map(self._is_rakuten_day_locked, filter(None, (scheduled, self.date_done))))

    # === BUSINESS METHODS === #

    def _is_of_rakuten(self):
        """Whether this transfer is of an order of Rakuten, also while it is being made and nothing
        ties it to the order but what it was planned for or comes from."""
        self.ensure_one()
        origins = self | self.backorder_id | self.return_id
        return bool(self.rakuten_planned_at or origins.rakuten_order_id)

    def _is_rakuten_day_locked(self, moment):
        """Whether the books of the day in Japan of a moment (naive UTC) are closed."""
        return bool(
            self.company_id._get_lock_date_violations(
                japan.day(moment), sale=False, purchase=False, tax=False
            )
        )

    def _is_rakuten_plan_locked(self):
        """Whether the planned day is closed and what happens now is not: what was done in a closed
        period stays as it was."""
        self.ensure_one()
        return bool(
            self.scheduled_date
            and self._is_rakuten_day_locked(self.scheduled_date)
            and not (self.date_done and self._is_rakuten_day_locked(self.date_done))
            and self.rakuten_order_id
        )

    def _rakuten_plan(self):
        """:return: of ``rakuten.shop._plan`` for this transfer's destination"""
        return self.rakuten_shop_id.sudo()._plan(self._rakuten_facts())

    def _rakuten_open_moves(self):
        return self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))

    def _rakuten_plan_again(self):
        """After the days have changed: plan anew what nobody has begun to work on or has planned
        himself. What is late by both stays late."""
        for picking in self:
            if (
                picking.state in ("done", "cancel")
                or picking.picking_type_code == "incoming"
                or picking.scheduled_date != picking.rakuten_planned_at
                or not picking._is_rakuten_untouched()
            ):
                continue
            planned, deadline = picking._rakuten_plan()
            # After the plan, which is never before its own now.
            now = fields.Datetime.now()
            if max(planned, now) == max(picking.scheduled_date, now):
                planned = picking.scheduled_date
            picking._rakuten_plan_for(planned, deadline)

    def _rakuten_plan_for(self, planned, deadline):
        """Plan this open transfer for a moment, and its arrival; both naive UTC."""
        self.ensure_one()
        moves = self._rakuten_open_moves()
        if deadline and deadline != self.date_deadline:
            moves.date_deadline = deadline
        if planned != self.scheduled_date:
            self.scheduled_date = planned
        self.sudo().rakuten_planned_at = planned
