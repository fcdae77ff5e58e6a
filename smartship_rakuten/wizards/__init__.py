from . import rakuten_order_cancel
from . import rakuten_order_import
