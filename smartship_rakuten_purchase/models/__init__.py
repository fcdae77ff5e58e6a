from . import purchase_order
from . import purchase_order_line
from . import rakuten_order
from . import stock_rule
