from . import test_import
from . import test_rms_client
from . import test_rms_fault_table
from . import test_rms_helpers
from . import test_rms_sockets
