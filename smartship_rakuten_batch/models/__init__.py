from . import ir_actions_report
from . import stock_picking
