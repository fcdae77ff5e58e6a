from . import rakuten_order_demand
from . import rakuten_shop_stock
from . import rakuten_sku_stock
from . import rakuten_stock_change
from . import rakuten_stock_push
from . import stock_quant
