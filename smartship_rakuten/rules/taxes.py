"""Rakuten's tax summary (RMS API section 4.4): one row for each rate, the tax as Rakuten states it.

How a shop rounds is its setting at Rakuten, so the value that comes counts. What is missing or of a
strange form is left out: then Odoo's own rounding does.
"""

from decimal import Decimal

from .payload import LENIENT

#: Of a row: Rakuten's names, and ours.
_AMOUNTS = (
    ("totalPrice", "total_price"),
    ("paymentCharge", "payment_charge"),
    ("couponPrice", "coupon_price"),
    ("reqPrice", "req_price"),
    ("reqPriceTax", "req_price_tax"),
)
#: No consumption tax has more rates.
MAX_ROWS = 10


def read_tax_summary(payload):
    """
    :param payload: a getOrder order, maybe a broken one
    :return: list of dicts that JSON can hold: ``rate`` in percent, and whole yen, None where the
        order tells none: total_price, payment_charge, coupon_price, req_price, req_price_tax
    """
    rows = []
    for data in LENIENT.objects(payload, "TaxSummaryModelList")[:MAX_ROWS]:
        rate = LENIENT.rate(data, "taxRate")
        if rate is None:
            continue
        amounts = {ours: LENIENT.yen(data, theirs) for theirs, ours in _AMOUNTS}
        rows.append({"rate": float(rate * 100), **amounts})
    return rows


def tax_by_rate(rows):
    """What Rakuten bills and taxes at each rate.

    :param rows: of :func:`read_tax_summary`, or None
    :return: dict of percent to (yen with tax, yen of tax); without rates for which one is missing
        or that are named twice
    """
    rates = [row["rate"] for row in rows or ()]
    return {
        row["rate"]: (row["req_price"], row["req_price_tax"])
        for row in rows or ()
        if row["req_price"] is not None
        and row["req_price_tax"] is not None
        and rates.count(row["rate"]) == 1
    }


def shift(tax, raw, lines):
    """How much the tax of each line moves so that a rate's is Rakuten's.

    :param int tax: Rakuten's, whole yen
    :param float raw: what the lines contain together, before rounding
    :param int lines: that have tax
    :return: yen for each line, 0.0 where the difference is more than a yen for each of them: no
        rounding explains it
    """
    difference = tax - raw
    return difference / lines if lines and abs(difference) <= lines else 0.0


def tax_in(price, rate):
    """Tax that a price with tax contains, rounded half up.

    :param int price: whole yen
    :param rate: percent
    """
    share = Decimal(price) * Decimal(str(rate)) / (100 + Decimal(str(rate)))
    return int(share.quantize(Decimal(1), rounding="ROUND_HALF_UP"))
