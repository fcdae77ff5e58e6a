from . import rakuten_waybill_format
from . import rakuten_waybill
from . import stock_picking_waybill
