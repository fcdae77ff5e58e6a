"""Inventory API 2.0 and 2.1 (RMS API section 6): reading and writing stock records.

May use ``ground``.
"""
