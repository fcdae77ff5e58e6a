"""SKUs, the products behind them and the choices of an item.

May use: shop to keys.
"""

from . import rakuten_shop
from . import product_attribute
from . import product_product
from . import product_template
from . import rakuten_option
from . import rakuten_sku
from . import rakuten_sku_component
from . import rakuten_sku_catalogue
