from . import rakuten_order_report
from . import rakuten_slips
