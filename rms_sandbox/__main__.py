"""Command line: ``python -m rms_sandbox --port 8800``."""

import sys

from .server import main

if __name__ == "__main__":
    sys.exit(main())
