"""Jobs: how a topic declares one, how it runs, and the log that says how it went.

May use: shop.
"""

from . import job
from . import rakuten_job
from . import rakuten_shop
