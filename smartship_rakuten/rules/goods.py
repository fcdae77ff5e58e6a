"""What is in an order or a parcel, in a few words."""

from collections import Counter

from .payload import LENIENT, MAX_NAMED, cut

#: Goods that a short text names, and letters of each; the others are counted.
NAMED = 2
LETTERS = 30


def goods(payload):
    """The goods of an order (RMS API section 3.8), each name once.

    :param payload: a getOrder order, maybe a broken one
    :return: dict of itemName to units, in their order; without what was deleted
    """
    found = Counter()
    for package in LENIENT.packages(payload):
        for item in LENIENT.objects(package, "ItemModelList"):
            name = cut(LENIENT.text(item, "itemName"), MAX_NAMED)
            if name and not LENIENT.is_deleted(item):
                found[name] += LENIENT.whole(item, "units", default=0)
    return dict(found)


def short(entries):
    """
    :param dict entries: name to quantity
    :return: (text, number): the first of them, and how many others there are
    """
    first = list(entries.items())[:NAMED]
    # The quantity comes first: a narrow column cuts names. Odoo's quantities are floats.
    named = [f"{str(count).removesuffix('.0')} × {cut(name, LETTERS)}" for name, count in first]
    return "、".join(named), len(entries) - len(named)
