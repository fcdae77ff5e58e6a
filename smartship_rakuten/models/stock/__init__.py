"""What is offered at Rakuten: demand, changes of stock and what was sent.

May use: shop to orders.
"""

from . import rakuten_order_demand
from . import rakuten_reservation
from . import rakuten_shop
from . import rakuten_sku_stock
from . import rakuten_stock_change
from . import rakuten_stock_push
from . import stock_quant
from . import stock_location
from . import stock_rule
from . import product_product
from . import product_template
from . import rakuten_option
from . import rakuten_sku_component
from . import sale_order
from . import sale_order_line
from . import stock_move
