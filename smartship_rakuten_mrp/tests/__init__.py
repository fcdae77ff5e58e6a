from . import test_batch
from . import test_kits
from . import test_made_to_order
from . import test_month
