from . import rakuten_slips
