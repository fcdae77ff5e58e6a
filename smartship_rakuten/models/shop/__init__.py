"""The ground floor: a shop, its keys, its connection to RMS, its jobs and their log.

May use nothing of the rooms above; they register with it what they need.
"""

from . import log_mask
from . import text
from . import sentences
from . import refusals
from . import mail_activity
from . import rakuten_call
from . import rakuten_pace
from . import rakuten_job
from . import rakuten_shop
from . import rakuten_shop_connection
from . import rakuten_shop_copy
from . import rakuten_shop_key
from . import rakuten_shop_jobs
