from . import sms_sms
from . import stock_picking
