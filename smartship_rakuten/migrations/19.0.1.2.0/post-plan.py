"""Transfers of Rakuten are planned by the day on which their goods have to leave from 19.0.1.2.0
on.

Before, the time of purchase planned them: what is still open would be late for ever, and could
neither leave nor be cancelled once the books of that day are closed.
"""

from odoo import fields
from odoo.api import SUPERUSER_ID, Environment
from odoo.tools import split_every

BATCH = 500


def migrate(cr, version):
    # Nobody has planned them for another day: no word in a thousand chatters.
    env = Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
    late = env["stock.picking"].search(
        [
            ("rakuten_order_id", "!=", False),
            ("state", "not in", ("done", "cancel")),
            ("picking_type_code", "!=", "incoming"),
            ("scheduled_date", "<", fields.Datetime.now()),
        ],
        order="id",
    )
    for batch in split_every(BATCH, late.ids, env["stock.picking"].browse):
        for picking in batch:
            picking._rakuten_plan_for(*picking._rakuten_plan())
        env.flush_all()
        env.invalidate_all()
