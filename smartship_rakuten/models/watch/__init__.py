"""What tells a person that something needs him: dashboard, digest, deadlines, comparison.

May use: shop to waybills.
"""

from . import rakuten_shop
from . import rakuten_reconciliation
from . import rakuten_order_deadline
from . import rakuten_label
from . import rakuten_order_unshipped
