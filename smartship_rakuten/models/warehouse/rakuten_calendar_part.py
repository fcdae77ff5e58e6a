from odoo import api, models


class RakutenCalendarPart(models.AbstractModel):
    """Days that a shop of Rakuten may count its deadlines by."""

    _name = "rakuten.calendar.part"
    _description = "Part of a Calendar That Rakuten Shops Ship By"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base` to count the deadlines anew."""
        parts = super().create(vals_list)
        parts._rakuten_days_changed(parts.calendar_id)
        return parts

    def write(self, vals):
        """Override of `base` to count the deadlines anew."""
        calendars = self.calendar_id
        result = super().write(vals)
        self._rakuten_days_changed(calendars | self.calendar_id)
        return result

    def unlink(self):
        """Override of `base` to count the deadlines anew."""
        calendars = self.calendar_id
        result = super().unlink()
        self._rakuten_days_changed(calendars)
        return result

    @api.model
    def _rakuten_days_changed(self, calendars):
        # Whoever keeps the calendar need not know the shops.
        for shop in calendars.sudo().rakuten_shop_ids:
            shop._after_days_changed()
