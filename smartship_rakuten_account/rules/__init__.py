"""Rules of bookkeeping: small pure functions, no Odoo import.

* :mod:`.billing` says what an invoice or a credit note of a part of an order is taxed;
* :mod:`.statement` reads the 店舗別内訳書, :mod:`.matching` finds how it adds up with the orders,
  and who may be to blame where it does not;
* :mod:`.remittance` compares files that name orders with the books.
"""
