from . import rakuten_open_report
from . import rakuten_sales_report
from . import rakuten_shop
