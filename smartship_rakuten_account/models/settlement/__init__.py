"""Rakuten's statements: read, matched with the orders that they pay, posted."""

from . import account_move
from . import rakuten_charge_category
from . import rakuten_settlement_row
from . import rakuten_settlement_line
from . import rakuten_settlement
from . import rakuten_settlement_match
from . import rakuten_settlement_post
from . import rakuten_shop
