"""Transfers as the warehouse sees them: facts, holds, bundles and papers.

May use: shop to shipments.
"""

from . import rakuten_order
from . import rakuten_shop
from . import ir_actions_report
from . import ir_actions_server
from . import rakuten_bundle
from . import rakuten_calendar_part
from . import rakuten_transit
from . import resource_calendar
from . import resource_calendar_attendance
from . import resource_calendar_leaves
from . import rakuten_rule
from . import sale_order_line
from . import stock_move
from . import stock_rule
from . import stock_picking
from . import stock_picking_facts
from . import stock_picking_plan
from . import stock_picking_hold
from . import stock_picking_label
from . import stock_picking_bundle
from . import stock_picking_slip
