"""Licence management and ShopAPI (RMS API section 8).

May use ``ground``.
"""
