"""The life of a licence key: 90 days, its end told in time, the next one taking over.

May use: shop, jobs.
"""

from . import rakuten_shop
