"""Payloads that are not what RMS documents, and what the tests of money look at."""

import random
from decimal import Decimal

#: Takes a place away instead of filling it.
REMOVED = object()

_RANDOM = random.Random("a long text")
#: Too long for any index of the database, and not to be compressed.
LONG = "".join(chr(_RANDOM.randrange(0x4E00, 0x9FA0)) for _char in range(6000))

#: Values that a field may take: null, other types, the sentinel, too large, not storable.
NOISE = (
    REMOVED,
    None,
    True,
    -1,
    -9999,
    "-9999",
    0,
    7,
    0.5,
    1e308,
    10**30,
    "",
    "x",
    "９９",
    "1_0",
    "\x00",
    "\ud83d",
    LONG,
    [],
    [None],
    [[]],
    {},
    {"x": []},
)


def paths(value, prefix=()):
    """Every place in a JSON value."""
    if prefix:
        yield prefix
    entries = ()
    if isinstance(value, dict):
        entries = value.items()
    elif isinstance(value, list):
        entries = enumerate(value)
    for key, entry in entries:
        yield from paths(entry, (*prefix, key))


def mutated(payload, path, value):
    """A copy with another value at a place; the same where the place is gone already."""
    if not path:
        return value
    key, *rest = path
    if isinstance(payload, dict):
        present = key in payload
    else:
        present = isinstance(payload, list) and isinstance(key, int) and key < len(payload)
    if not present:
        return payload
    copy = payload.copy()
    if rest:
        copy[key] = mutated(payload[key], rest, value)
    elif value is REMOVED:
        del copy[key]
    else:
        copy[key] = value
    return copy


def tax_by_rate(document):
    """What Odoo shows below a sale order or invoice: dict of Decimal rate to whole yen."""
    found = {}
    taxes = document.env["account.tax"]
    for subtotal in document.tax_totals["subtotals"]:
        for group in subtotal["tax_groups"]:
            (rate,) = set(taxes.browse(group["involved_tax_ids"]).mapped("amount"))
            found[Decimal(str(rate)) / 100] = group["tax_amount"]
    return found
