"""Rules of bookkeeping: small pure functions, no Odoo import.

:mod:`.billing` says what an invoice or a credit note of a part of an order is taxed.
"""
