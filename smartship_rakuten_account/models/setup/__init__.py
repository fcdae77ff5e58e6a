"""What a shop's bookkeeping needs: who pays, journals, accounts, the first day."""

from . import rakuten_payment_method
from . import rakuten_shop
