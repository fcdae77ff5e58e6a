"""Files that name orders, as carriers and RMS write them: what was paid for which order."""

from . import rakuten_remittance_format
from . import rakuten_remittance_line
from . import rakuten_remittance
