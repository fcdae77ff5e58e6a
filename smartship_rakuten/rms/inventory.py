"""Inventory API 2.0 and 2.1 (RMS API section 6).

Version 2.0 is the default: it knows the quantity only. Version 2.1 replaces the whole record, lead
times that are left out are deleted.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from .answers import Operation, take
from .errors import (
    CredentialsRejected,
    FunctionNotEnabled,
    MalformedAnswer,
    RequestRefused,
    RmsError,
    TemporarilyUnavailable,
)
from .messages import Message, as_int
from .orders import chunks
from .paths import path_part

_logger = logging.getLogger(__name__)

SKUS_PER_BULK_GET = 1000
BULK_UPSERT = 400

#: RMS's own go from 0 to 99,999; what a column of the database cannot hold is no quantity.
_QUANTITIES = range(-(2**31), 2**31)
_VERSIONS = ("2.0", "2.1")
#: Errors that the next call would meet, too.
_CLOSED = (CredentialsRejected, FunctionNotEnabled, TemporarilyUnavailable)
_VARIANT = "/inventories/manage-numbers/{}/variants/{}"
_NAMED_ELEMENT = re.compile(r"inventories\[(\d{1,4})\]")
_NAMED_PAIR = re.compile(r"manageNumber=([^,\s]+),\s*variantId=([^,\s]+)")


def _operation(name, method, path, **options):
    return Operation(f"inventories.{name}", method, path, "inventory", **options)


VARIANTS_GET = _operation("variants.get", "GET", _VARIANT)
VARIANTS_UPSERT = _operation("variants.upsert", "PUT", _VARIANT, write=True, answer="none")
VARIANTS_DELETE = _operation("variants.delete", "DELETE", _VARIANT, write=True, answer="none")
INVENTORIES_BULK_GET = _operation("bulk.get", "POST", "/inventories/bulk-get")
BULK_GET_RANGE = _operation("bulk.get.range", "GET", "/inventories/bulk-get/range")
BULK_UPSERT_OPERATION = _operation(
    "bulk.upsert", "POST", "/inventories/bulk-upsert", write=True, answer="none"
)
VARIANT_LISTS_GET = _operation(
    "variant-lists.get", "GET", "/inventories/variant-lists/manage-numbers/{}"
)


@dataclass(frozen=True)
class UpsertResult:
    """One chunk of a bulk upsert.

    :ivar list[dict] entries: the entries of the chunk as they were sent
    :ivar RmsError | None error: None: all applied. RequestRefused: none applied (RMS does not
        document whether a refused list is applied in part: read back where it matters).
        OutcomeUnknown: perhaps applied. CredentialsRejected, FunctionNotEnabled,
        TemporarilyUnavailable: not applied, or not even sent
    :ivar list rejected: pairs (entry, Message) of the entries that RMS named; the others of a
        refused chunk may be sent again without them
    """

    entries: list[dict] = field(repr=False)
    error: RmsError | None = None
    rejected: list[tuple[dict, Message]] = field(default_factory=list, repr=False)

    @property
    def ok(self):
        return self.error is None


class InventoryApi:
    """The inventory operations of :class:`~.client.RmsClient`.

    A SKU is the pair (manageNumber, variantId). Quantities are what Rakuten may still sell.
    """

    def inventories_variants_get(self, manage_number, variant_id, version="2.0") -> dict | None:
        """Stock of one SKU: ``{manageNumber, variantId, quantity, created, updated}``; None when
        Rakuten has no such pair (GE0014)."""
        path = _path(version, VARIANTS_GET, manage_number, variant_id)
        return none_if_unknown(
            lambda: self._transport.call(VARIANTS_GET, path=path, parse=parse_quantity)
        )

    def inventories_variants_upsert(
        self, manage_number, variant_id, quantity, mode="ABSOLUTE", version="2.0", **settings
    ) -> None:
        """Set (``ABSOLUTE``) or change (``RELATIVE``) the stock of one SKU, 0 to 99,999.

        An unknown SKU is no error at RMS: it makes a stock record that dies after 24 hours.

        :param settings: 2.1 only: ``operationLeadTime``, ``shipFromIds``; left out means deleted
        :raise ValueError: settings with version 2.0; nothing was sent
        """
        if settings and version == "2.0":
            raise ValueError("lead times and shipping origins need version 2.1")
        self._transport.call(
            VARIANTS_UPSERT,
            path=_path(version, VARIANTS_UPSERT, manage_number, variant_id),
            body={"mode": mode, "quantity": quantity, **settings},
            parse=lambda answer: None,
        )

    def inventories_variants_delete(self, manage_number, variant_id, version="2.0") -> None:
        """Delete the stock record of one SKU. :raise RequestRefused: GE0014, there is none"""
        path = _path(version, VARIANTS_DELETE, manage_number, variant_id)
        self._transport.call(VARIANTS_DELETE, path=path, parse=lambda answer: None)

    def inventories_bulk_get(self, pairs, version="2.0", *, unreadable=None) -> Iterator[dict]:
        """Stock of many SKUs, 1,000 a call; pairs that Rakuten does not have are not yielded.

        :param pairs: iterable of (manage number, variant id) or of dicts with these two keys
        :param set unreadable: gets the pairs whose quantity cannot be read, which are not yielded
        """
        for chunk in chunks(pairs, SKUS_PER_BULK_GET):
            body = {"inventories": [_pair_model(pair) for pair in chunk]}
            yield from self._transport.call(
                INVENTORIES_BULK_GET,
                path=_path(version, INVENTORIES_BULK_GET),
                body=body,
                parse=partial(parse_inventories, unreadable=unreadable),
            )

    def inventories_bulk_get_range(
        self, min_quantity=None, max_quantity=None, version="2.0"
    ) -> list[dict]:
        """SKUs by quantity (0 to 99,999), newest change first; one of the two is needed.

        :raise RequestRefused: IE0116, more than 1,000 hits
        """
        params = {"minQuantity": min_quantity, "maxQuantity": max_quantity}
        params = {key: value for key, value in params.items() if value is not None}
        if not params:
            raise ValueError("give min_quantity or max_quantity")
        return self._transport.call(
            BULK_GET_RANGE,
            path=_path(version, BULK_GET_RANGE),
            params=params,
            parse=parse_inventories,
        )

    def inventories_bulk_upsert(self, entries, version="2.0") -> Iterator[UpsertResult]:
        """Set or change many stocks, 400 a call, sent as the iterator is consumed.

        Every entry comes back in exactly one result; nothing is raised for a call. A chunk that
        was refused or whose outcome is unknown does not stop the next one. When RMS does not let
        the client in (credentials, function, throttling, maintenance) the remaining chunks are
        not sent: they come back with the same error. A pair that occurs twice goes into two
        calls, in its order.

        :param entries: iterable of ``{manageNumber, variantId, quantity, mode}``, mode
            ``ABSOLUTE`` where absent; ``RELATIVE`` needs an existing record
        """
        closed = None
        for chunk in upsert_chunks(entries):
            error = closed or self._upsert_error(chunk, version)
            if isinstance(error, _CLOSED):
                closed = error
            rejected = []
            if isinstance(error, RequestRefused):
                rejected = rejected_entries(chunk, error.messages)
            yield UpsertResult(chunk, error, rejected)

    def _upsert_error(self, chunk, version):
        """Send a chunk; the error, None when it was applied."""
        try:
            self._transport.call(
                BULK_UPSERT_OPERATION,
                path=_path(version, BULK_UPSERT_OPERATION),
                body={"inventories": chunk},
                parse=lambda answer: None,
            )
        except RmsError as error:
            return error
        return None

    def inventories_variant_lists_get(self, manage_number) -> dict | None:
        """SKUs of an item that have stock records: ``{manageNumber, variantList, created,
        updated}`` (version 2.1); None when Rakuten does not know the item (GE0014)."""

        def parse(answer):
            take(answer.data, "variantList", list)
            return answer.data

        path = _path("2.1", VARIANT_LISTS_GET, manage_number)
        return none_if_unknown(
            lambda: self._transport.call(VARIANT_LISTS_GET, path=path, parse=parse)
        )


def _path(version, operation, *parts):
    if version not in _VERSIONS:
        raise ValueError(f"the inventory API has the versions {' and '.join(_VERSIONS)}")
    return f"/es/{version}" + operation.path.format(*map(path_part, parts))


def _pair_model(pair):
    if isinstance(pair, Mapping):
        return {"manageNumber": pair["manageNumber"], "variantId": pair["variantId"]}
    manage_number, variant_id = pair
    return {"manageNumber": manage_number, "variantId": variant_id}


def none_if_unknown(call):
    """The result of a call, None when RMS says that the thing does not exist (GE0014)."""
    try:
        return call()
    except RequestRefused as error:
        if error.code != "GE0014":
            raise
        return None


def upsert_chunks(entries: Iterable) -> Iterator[list[dict]]:
    """Chunks of up to 400 entries without the same pair twice (IE1102)."""
    chunk, pairs = [], set()
    for given in entries:
        entry = {"mode": "ABSOLUTE", **given}
        # RMS turns manage numbers into lower case; of SKU numbers its pages say both
        pair = str(entry["manageNumber"]).lower(), str(entry["variantId"]).lower()
        if len(chunk) == BULK_UPSERT or pair in pairs:
            yield chunk
            chunk, pairs = [], set()
        chunk.append(entry)
        pairs.add(pair)
    if chunk:
        yield chunk


def rejected_entries(entries, messages):
    """(entry, Message) for the entries that RMS's errors name by index or by pair."""
    rejected = []
    for message in messages:
        element = _NAMED_ELEMENT.match(message.property_path)
        pair = _NAMED_PAIR.search(message.text)
        if element and int(element[1]) < len(entries):
            rejected.append((entries[int(element[1])], message))
        elif pair:
            named = pair[1].lower(), pair[2].rstrip(".")
            rejected += [
                (entry, message)
                for entry in entries
                if (str(entry["manageNumber"]).lower(), str(entry["variantId"])) == named
            ]
    return rejected


def parse_quantity(answer):
    quantity = _quantity(take(answer.data, "quantity", int | str))
    if quantity is None:
        raise MalformedAnswer(code="wrong_type", field="quantity")
    return {**answer.data, "quantity": quantity}


def _quantity(value):
    quantity = as_int(value)
    # None is asked for first: a range looks for what is no number one by one
    return quantity if quantity is not None and quantity in _QUANTITIES else None


def parse_inventories(answer, unreadable=None):
    """The usable elements of ``inventories``; a broken one never costs the others.

    :param set unreadable: gets the pairs of those whose quantity cannot be read
    :raise MalformedAnswer: nothing is usable, and none of it can be told
    """
    rows = take(answer.data, "inventories", list)
    usable = [row for row in map(_usable, rows) if row]
    named = {
        (row["manageNumber"], row["variantId"])
        for row in rows
        if _is_named(row) and _quantity(row.get("quantity")) is None
    }
    if unreadable is not None:
        unreadable |= named
    if rows and not usable and (unreadable is None or not named):
        raise MalformedAnswer(code="wrong_type", field="inventories")
    if len(usable) != len(rows):
        _logger.warning("RMS inventories: %d unusable rows", len(rows) - len(usable))
    return usable


def _usable(row):
    """The row with its quantity as a number, None when it is not one of a SKU."""
    if not _is_named(row):
        return None
    quantity = _quantity(row.get("quantity"))
    return None if quantity is None else {**row, "quantity": quantity}


def _is_named(row):
    return isinstance(row, dict) and all(
        isinstance(row.get(key), str) for key in ("manageNumber", "variantId")
    )
