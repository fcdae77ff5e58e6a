"""What parts of an order are taxed, so that together they are Rakuten's tax summary.

Amounts are whole yen with tax, rates percent. A part's tax is never more than a yen from what its
price contains.
"""

from collections import defaultdict
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal


def tax_due(price, tax, rate, before, now):
    """Tax of the next invoice at a rate, or of the next credit note.

    The invoices together are rounded as Rakuten has rounded the whole, down or up, so that the last
    one's tax is what is left.

    :param price: of the whole order at the rate, as Rakuten bills it (reqPrice)
    :param tax: in it (reqPriceTax)
    :param rate: percent
    :param before: (price, tax) of the invoices so far, less credit notes
    :param now: price of the next invoice; negative for a credit note
    :return: yen, negative for a credit note
    """
    billed, billed_tax = before
    reached = Decimal(str(billed)) + Decimal(str(now))
    if reached == price:
        return tax - billed_tax
    rounding = ROUND_FLOOR if tax <= _contained(Decimal(price), rate) else ROUND_CEILING
    return int(_contained(reached, rate).to_integral_value(rounding)) - billed_tax


def _contained(price, rate):
    rate = Decimal(str(rate))
    return price * rate / (100 + rate)


def difference(before, target):
    """What a credit note takes back, so that of what is billed the target is left.

    :param before: dict of key to (price, tax)
    :param target: the same
    :return: dict of key to (price, tax), without what stays
    """
    found = defaultdict(lambda: (0, 0))
    for key in before.keys() | target.keys():
        (price, tax), (left, left_tax) = before.get(key, (0, 0)), target.get(key, (0, 0))
        if price != left or tax != left_tax:
            found[key] = (price - left, tax - left_tax)
    return dict(found)
