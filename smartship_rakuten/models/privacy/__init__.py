"""Personal data: how long they stay, and that no mail reaches Rakuten's buyers.

May use: every room.
"""

from . import mail_mail
from . import mail_thread
from . import rakuten_order_privacy
from . import rakuten_shop
from . import res_partner
from . import stock_picking
