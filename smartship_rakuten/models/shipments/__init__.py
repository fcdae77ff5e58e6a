"""Parcels that are reported to Rakuten, and the progress shown there.

May use: shop to stock.
"""

from . import rakuten_shop
from . import delivery_carrier
from . import rakuten_order_shipping
from . import rakuten_parcel
from . import rakuten_sub_status
from . import stock_package
from . import stock_picking
from . import stock_move
from . import stock_picking_packages
from . import rakuten_order_sub_status
from . import rakuten_order_closing
