# From the ground up: a room uses those above it in this list, never those below.
from . import shop
from . import jobs
from . import keys
from . import products
from . import orders
from . import stock
from . import shipments
from . import warehouse
from . import waybills
from . import watch
from . import privacy
