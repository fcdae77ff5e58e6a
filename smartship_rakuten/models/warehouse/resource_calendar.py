from odoo import fields, models

from ...rules import japan, working_days

#: The name of closures that came from RMS, and go when they are read again.
CLOSED_IN_RMS = "RMS 休業日"
#: Hours of a day that RMS has open and the calendar had not.
WORK_BEGINS, WORK_ENDS = 9.0, 17.0


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    rakuten_shop_ids = fields.One2many(
        "rakuten.shop", "shipping_calendar_id", string="Rakuten Shops"
    )

    def _rakuten_working_days(self):
        """:rtype: ..rules.working_days.WorkingDays | None, the latter for no calendar"""
        if not self:
            return None
        hours = {}
        for attendance in self.attendance_ids:
            if attendance.day_period == "lunch" or attendance.display_type:
                continue
            takes_turns = self.two_weeks_calendar and attendance.week_type
            key = int(attendance.week_type) if takes_turns else None, int(attendance.dayofweek)
            opens, closes = hours.get(key, (24.0, 0.0))
            hours[key] = min(opens, attendance.hour_from), max(closes, attendance.hour_to)
        return working_days.WorkingDays(
            hours,
            tuple(
                (
                    japan.local(leave.date_from).replace(tzinfo=None),
                    japan.local(leave.date_to).replace(tzinfo=None),
                )
                for leave in self.leave_ids
                if not leave.resource_id
            ),
        )

    def _rakuten_fill(self, weekdays, closed, today):
        """Work on these weekdays, and nothing on these days; hours of weekdays that are worked on
        anyway, and closures of somebody's own, stay.

        :param set weekdays: 0 is Monday
        :param list closed: dates from today on
        """
        self.ensure_one()
        attendances = self.attendance_ids
        attendances.filtered(lambda line: int(line.dayofweek) not in weekdays).unlink()
        known = {int(line.dayofweek) for line in self.attendance_ids}
        names = dict(attendances._fields["dayofweek"]._description_selection(self.env))
        attendances.create(
            [
                {
                    "calendar_id": self.id,
                    "name": names[str(weekday)],
                    "dayofweek": str(weekday),
                    "hour_from": WORK_BEGINS,
                    "hour_to": WORK_ENDS,
                    "day_period": "full_day",
                }
                for weekday in sorted(weekdays - known)
            ]
        )
        leaves = self.leave_ids.filtered(
            lambda leave: leave.name == CLOSED_IN_RMS and japan.day(leave.date_from) >= today
        )
        leaves.unlink()
        leaves.create(
            [
                {
                    "calendar_id": self.id,
                    "company_id": self.company_id.id,
                    "name": CLOSED_IN_RMS,
                    "date_from": japan.begin(day),
                    "date_to": japan.end(day),
                }
                for day in closed
            ]
        )
