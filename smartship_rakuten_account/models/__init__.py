# From the ground up: a topic uses those above it in this list, never those below.
from . import setup
from . import billing
from . import settlement
from . import remittance
