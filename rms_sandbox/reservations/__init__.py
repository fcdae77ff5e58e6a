"""ReserveAPI: what buyers have applied for and is no order yet (RMS API section 8.3).

May use ``ground``.
"""
