"""What left is billed to who pays, and credited when it comes back or is cancelled.

May use: setup.
"""

from . import account_move
from . import sale_order
from . import rakuten_order
from . import rakuten_shop
from . import stock_picking
