"""Files for the carriers' programs.

May use: shop to warehouse.
"""

from . import rakuten_shop
from . import rakuten_rule
from . import rakuten_waybill_format
from . import rakuten_waybill
from . import stock_picking_waybill
from . import delivery_carrier
from . import rakuten_delivery_method
