"""ReserveAPI: the applications of 定期購入, 頒布会 and 予約, reading (RMS API section 8.3)."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import dates
from .answers import Operation, take
from .codes import clean_code
from .errors import MalformedAnswer, RequestRefused
from .messages import Message

_logger = logging.getLogger(__name__)

#: RMS takes up to 1,000, and says itself that a search may take too long.
RESERVATIONS_PER_CALL = 300
#: No shop has so many applications. More pages than these have no end.
RESERVATION_PAGES = 1_000
#: Applications that are fixed while they are paged pull the others over the edge of a page that
#: has been read: so often it is read again.
_PASSES = 3
#: Found, and nothing found.
_WELL, _NONE = "N00-000", "N00-001"

RESERVE_INFO_LIST = Operation(
    "reserve.infoList.get", "GET", "/es/1.0/reserve/reserveInfoList", "reserve"
)


@dataclass(frozen=True)
class ReservationPage:
    """Applications of one call, as RMS sent them.

    :ivar list[dict] reservations: each with its reserveNumber, a text
    :ivar int broken: how many entries are no application
    :ivar int total: how many RMS has in all
    """

    reservations: list = field(repr=False)
    broken: int
    total: int


class ReservationApi:
    """The operation of the ReserveAPI of :class:`~.client.RmsClient` that reads."""

    def reserve_info_list(self, *, start, end, date_type=2) -> Iterator[ReservationPage]:
        """Applications that Rakuten has not fixed yet, 300 a call, as they are consumed.

        One that was read before may come again: the last one counts.

        :param date start, end: days in Japan, from this day of last year to yesterday of next year
        :param int date_type: 1 申込日, 2 お届け予定日, 3 注文確定日
        :raise MalformedAnswer: pages without end
        """
        query = {
            "dateType": date_type,
            "startDate": dates.format_date(start),
            "endDate": dates.format_date(end),
            "limit": RESERVATIONS_PER_CALL,
        }
        for _pass in range(_PASSES):
            offset, most, shrunk = 0, 0, False
            while True:
                page = self._transport.call(
                    RESERVE_INFO_LIST,
                    params={**query, "offset": offset},
                    parse=parse_reservations,
                )
                yield page
                count = len(page.reservations) + page.broken
                offset += count
                shrunk, most = shrunk or page.total < most, max(most, page.total)
                if offset >= page.total:
                    break
                if not count or offset > RESERVATION_PAGES * RESERVATIONS_PER_CALL:
                    # what is beyond it would count as gone
                    raise MalformedAnswer(
                        code="missing",
                        field="publicReserveModelList",
                        operation=RESERVE_INFO_LIST.name,
                    )
            if not shrunk:
                return


def parse_reservations(answer):
    """One page of applications; a broken one never costs the others.

    :rtype: ReservationPage
    :raise RequestRefused: RMS says within HTTP 200 that it did not like the request
    """
    code = answer.data.get("resultCode")
    if code == _NONE:
        return ReservationPage([], 0, 0)
    if code != _WELL:
        if not isinstance(code, str):
            raise MalformedAnswer(code="missing", field="resultCode")
        text = answer.data.get("resultMessage")
        message = Message(
            type="ERROR", code=clean_code(code), text=text if isinstance(text, str) else ""
        )
        raise RequestRefused(code=clean_code(code), messages=[message])
    total = take(answer.data, "totalCount", int)
    entries = answer.data.get("publicReserveModelList")
    if entries is None and not total:
        entries = []
    if not isinstance(entries, list):
        raise MalformedAnswer(code="wrong_type", field="publicReserveModelList")
    usable = [
        entry
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("reserveNumber"), str)
    ]
    if entries and not usable:
        raise MalformedAnswer(code="wrong_type", field="publicReserveModelList")
    if len(usable) != len(entries):
        _logger.warning("RMS reservations: %d unusable", len(entries) - len(usable))
    return ReservationPage(usable, len(entries) - len(usable), total)
