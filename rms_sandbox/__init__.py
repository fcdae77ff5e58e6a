"""A simulator of Rakuten's RMS WEB SERVICE API for development and tests.

It answers at the paths of RMS over real HTTP and keeps its own orders, items and stock.
See README.md. "RMS API section N" in the comments is a section of docs/rms-api.md.
"""

__version__ = "1.0.0"
