from . import mail_guard
from . import rakuten_order_privacy
from . import rakuten_shop_privacy
from . import res_partner_privacy
