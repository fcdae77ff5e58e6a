from . import rakuten_shop_dashboard
from . import rakuten_digest
from . import rakuten_reconciliation
from . import rakuten_order_deadline
