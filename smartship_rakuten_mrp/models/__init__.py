from . import mrp_production
from . import product_product
from . import rakuten_order
from . import stock_rule
