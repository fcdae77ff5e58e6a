"""Order API (RMS API sections 2 to 5): search, orders, shipments, changes, payment, amounts, life.

May use ``ground``.
"""
