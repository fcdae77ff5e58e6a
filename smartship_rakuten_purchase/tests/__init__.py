from . import test_bought_to_order
from . import test_dropshipping
