"""The shipping rows that Rakuten has of an order (RMS API sections 3.10 and 5.4).

Whatever is missing or of a strange form is left out: nothing here fails.
"""

from dataclasses import dataclass

from .payload import LENIENT
from .tracking import plain_number


@dataclass(frozen=True, slots=True)
class ShippingRow:
    """A shipping row of Rakuten; texts, '' for what is not filled."""

    basket_id: str
    detail_id: str
    company_code: str
    number: str
    date: str

    @property
    def has_number(self):
        """Whether a label exists. A carrier or a day alone is a plan, as shops write it before the
        confirmation, and other programs enter ``-`` for a number."""
        return bool(plain_number(self.number))

    @property
    def is_complete(self):
        """Whether RMS counts the row as reported (section 2.6)."""
        return bool(self.company_code and self.number and self.date)


def shipping_rows(payload):
    """The shipping rows that Rakuten has of an order, filled or not.

    :rtype: list[ShippingRow]
    """
    return [
        ShippingRow(
            basket_id=LENIENT.text(package, "basketId"),
            detail_id=LENIENT.text(row, "shippingDetailId"),
            company_code=LENIENT.text(row, "deliveryCompany"),
            number=LENIENT.text(row, "shippingNumber"),
            date=LENIENT.text(row, "shippingDate"),
        )
        for package in LENIENT.packages(payload, deleted=True)
        for row in LENIENT.objects(package, "ShippingModelList")
    ]


def labels(payload):
    """The shipping rows that have a number: a label exists, and its parcel may have left.

    :rtype: list[ShippingRow]
    """
    return [row for row in shipping_rows(payload) if row.has_number]


def open_rows(payload):
    """What keeps an order in 発送待ち although its shipment is reported: RMS closes it when every
    row of every destination has carrier, number and date (section 2.6).

    :return: list of the ShippingRow that lack something; a destination without any row is one
        without ``detail_id``
    """
    rows = shipping_rows(payload)
    baskets = [LENIENT.text(package, "basketId") for package in LENIENT.packages(payload)]
    lacking = [row for row in rows if row.basket_id in baskets and not row.is_complete]
    filled = {row.basket_id for row in rows}
    return lacking + [
        ShippingRow(basket_id, "", "", "", "") for basket_id in baskets if basket_id not in filled
    ]
