"""What is on sale: item API 2.0 (RMS API section 7) and the catalogue of invented goods.

May use ``ground``.
"""
