"""The ground floor: a shop, its credentials, its connection to RMS, how texts are kept, and what
only the system writes.

May use nothing of the rooms above; they register with it what they need.
"""

from . import system_fields
from . import log_mask
from . import text
from . import sentences
from . import functions
from . import refusals
from . import mail_activity
from . import rakuten_call
from . import rakuten_pace
from . import rakuten_guard
from . import rakuten_shop
from . import rakuten_wizard
