"""Item API 2.0, reading (RMS API section 7)."""

import logging
from collections.abc import Iterator

from .answers import MAX_BODY_BYTES, Operation, take
from .errors import MalformedAnswer
from .inventory import none_if_unknown
from .orders import camel, chunks, unique
from .paths import path_part, query_value

_logger = logging.getLogger(__name__)

ITEMS_PER_BULK_GET = 50
SEARCH_HITS = 100
#: No shop has a million items. More pages than these have no end.
SEARCH_PAGES = 10_000
#: Blocks that items.search puts next to the item when they are asked for.
_BESIDE_ITEM = ("category", "review", "inventory")
#: cursorMark excludes these.
_NO_CURSOR = frozenset({"sortKey", "sortOrder", "offset", "hits", "cursorMark"})

#: A hundred items with their descriptions and up to 400 SKUs each; the page cannot be made smaller.
_LARGE = {"max_body": 4 * MAX_BODY_BYTES}

ITEMS_GET = Operation("items.get", "GET", "/es/2.0/items/manage-numbers/{}", "item")
ITEMS_SEARCH = Operation("items.search", "GET", "/es/2.0/items/search", "item", **_LARGE)
ITEMS_BULK_GET = Operation("items.bulk.get", "POST", "/es/2.0/items/bulk-get", "item", **_LARGE)


class ItemApi:
    """The item operations of :class:`~.client.RmsClient`.

    Items come as RMS sent them (section 7.3): prices may be numbers or texts, with a thousands
    comma now and then; a deleted item may have a manageNumber and nothing else.
    """

    def items_get(self, manage_number) -> dict | None:
        """One item, None when Rakuten does not know it (GE0014)."""

        def parse(answer):
            take(answer.data, "variants", dict)
            # RMS's own example of an item with several SKUs lacks its manageNumber
            return {"manageNumber": manage_number, **answer.data}

        path = ITEMS_GET.path.format(path_part(manage_number))
        return none_if_unknown(lambda: self._transport.call(ITEMS_GET, path=path, parse=parse))

    def items_search(self, **params) -> Iterator[dict]:
        """All items that match, 100 a call, fetched as they are consumed (section 7.2).

        Each item is the ``item`` object of its hit; blocks that were asked for with
        ``isCategoryIncluded`` and the like are added under ``category``, ``review``,
        ``inventory``. Changes at Rakuten show after up to 24 hours.

        :param params: RMS's filters, ``manageNumber=…`` or ``manage_number=…``; none: everything
        :raise TypeError: for sortKey, sortOrder, offset and hits, which paging excludes
        """
        pages = self.items_search_pages(**params)
        return (item for items, _cursor in pages for item in items)

    def items_search_pages(self, cursor="*", known=(), **params) -> Iterator[tuple]:
        """As :meth:`items_search`, for whoever goes on later where he has stopped.

        :param str cursor: the page to begin at: the first, or one that was given before
        :param known: manage numbers of the items that earlier calls have brought; a page after the
            first that has no other one is taken for the sign that there is no end
        :return: iterator of (items of a page, cursor of the next one or None)
        """
        query = {camel(key): query_value(value) for key, value in params.items()}
        query = {key: value for key, value in query.items() if value is not None}
        wrong = sorted(_NO_CURSOR & set(query))
        if wrong:
            raise TypeError(f"items_search() does not take {', '.join(wrong)}")
        return self._search_items(query, cursor, set(known))

    def _search_items(self, query, cursor, seen):
        used = set()
        while cursor not in used:
            used.add(cursor)
            items, cursor = self._transport.call(
                ITEMS_SEARCH,
                params={**query, "hits": SEARCH_HITS, "cursorMark": cursor},
                parse=parse_search,
            )
            known = len(seen)
            seen.update(item["manageNumber"] for item in items)
            full = len(items) >= SEARCH_HITS
            repeated = len(seen) == known and len(used) > 1
            if full and (repeated or len(used) > SEARCH_PAGES):
                # no end: taken for one, what is beyond it would count as gone
                raise MalformedAnswer(
                    code="wrong_type", field="nextCursorMark", operation=ITEMS_SEARCH.name
                )
            if cursor in used or not items:
                cursor = None
            yield items, cursor
            if cursor is None:
                return

    def items_bulk_get(self, manage_numbers) -> Iterator[dict]:
        """Items by manage number, 50 a call; those that Rakuten does not know are not yielded."""
        for chunk in chunks(unique(manage_numbers), ITEMS_PER_BULK_GET):
            yield from self._transport.call(
                ITEMS_BULK_GET, body={"manageNumbers": chunk}, parse=parse_items
            )


def parse_search(answer):
    """(items, next cursor or None) of a search page."""
    hits = take(answer.data, "results", list)
    cursor = answer.data.get("nextCursorMark")
    if cursor is not None and (not isinstance(cursor, str) or not cursor):
        raise MalformedAnswer(code="wrong_type", field="nextCursorMark")
    if cursor is None and len(hits) >= SEARCH_HITS:
        raise MalformedAnswer(code="missing", field="nextCursorMark")
    return parse_items(answer), cursor


def parse_items(answer):
    """The usable items of ``results``; a broken one never costs the others."""
    hits = take(answer.data, "results", list)
    items = [item for item in map(_item_of_hit, hits) if item]
    if hits and not items:
        raise MalformedAnswer(code="wrong_type", field="results")
    if len(items) != len(hits):
        _logger.warning("RMS items: %d unusable results", len(hits) - len(items))
    return items


def _item_of_hit(hit):
    if not isinstance(hit, dict):
        return None
    item = hit.get("item", hit)
    if not isinstance(item, dict) or not isinstance(item.get("manageNumber"), str):
        return None
    if item is hit:
        return item
    beside = {key: hit[key] for key in _BESIDE_ITEM if key in hit}
    return {**beside, **item}
