from . import product_product
from . import rakuten_shop
from . import rakuten_sku
from . import stock_lot
