from . import rakuten_order
from . import stock_rule
