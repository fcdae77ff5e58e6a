"""What Rakuten pays out and charges (RMS API section 4.3), and the files of 楽天BillPay that
say so.

May use ``orders`` and ``ground``.
"""
