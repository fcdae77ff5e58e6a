"""Licence management and ShopAPI (RMS API section 8)."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime

from . import dates
from .answers import Operation, local_name, take
from .errors import MalformedAnswer
from .paths import path_part

LICENSE_EXPIRY_DATE = Operation(
    "license.expiryDate.get",
    "GET",
    "/es/1.0/license-management/license-key/expiry-date",
    "license",
)
SHOP_MASTER = Operation("shopMaster", "GET", "/es/1.0/shop/shopMaster", "shop", answer="xml")
SHOP_STATUS = Operation(
    "shop.shopStatus.get", "GET", "/es/1.0/shop/shopStatus/{}", "shop", answer="xml"
)
SHOP_CALENDAR = Operation("shopCalendar", "GET", "/es/1.0/shop/shopCalendar", "shop", answer="xml")
#: RMS tells no more days of its calendar at once (section 8.4).
CALENDAR_DAYS_MAX = 180
WEEKDAYS = "MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY SUNDAY".split()
NATIONAL_HOLIDAY = "HOLIDAY"


@dataclass(frozen=True)
class CalendarDays:
    """Days of one kind in the shop's calendar.

    :ivar frozenset[int] weekdays: every week, 0 is Monday
    :ivar bool national_holidays: on 祝日 as well, which RMS does not name one by one
    :ivar frozenset[date] dates: single days
    """

    weekdays: frozenset[int] = frozenset()
    national_holidays: bool = False
    dates: frozenset[date] = frozenset()


@dataclass(frozen=True)
class ShopCalendar:
    """The shop's business days (営業日カレンダー), section 8.4.

    :ivar CalendarDays business_holiday: 休業日
    :ivar CalendarDays shipping_holiday: 受注・お問い合わせ業務のみ, nothing is shipped
    :ivar CalendarDays shipping_only: 発送業務のみ
    """

    business_holiday: CalendarDays
    shipping_holiday: CalendarDays
    shipping_only: CalendarDays


@dataclass(frozen=True)
class ShopMaster:
    """The shop that the key belongs to. Texts as RMS sent them, '' where it sent none.

    :ivar str url: the shop's code after ``https://www.rakuten.ne.jp/``
    :ivar dict[str, str] values: every value of the answer under RMS's name
    """

    shop_name: str
    url: str
    company_name: str
    president_name: str = field(default="", repr=False)
    address_zip: str = field(default="", repr=False)
    address_prefecture: str = field(default="", repr=False)
    address_city: str = field(default="", repr=False)
    address_street: str = field(default="", repr=False)
    company_tel: str = field(default="", repr=False)
    company_fax: str = field(default="", repr=False)
    contact_name: str = field(default="", repr=False)
    values: dict[str, str] = field(default_factory=dict, repr=False)


class ShopApi:
    """The licence and shop operations of :class:`~.client.RmsClient`."""

    def license_expiry_date(self) -> datetime:
        """When the licence key ends, aware UTC (section 8.1).

        With an expired key this call fails like all others: CredentialsRejected.
        """
        return self._license_expiry_date()

    def _license_expiry_date(self, max_attempts=None):
        return self._transport.call(
            LICENSE_EXPIRY_DATE,
            params={"licenseKey": self._transport.license_key},
            parse=parse_expiry,
            max_attempts=max_attempts,
        )

    def shop_master(self) -> ShopMaster:
        """Name, URL code and address of the shop (section 8.2)."""
        return self._shop_master()

    def _shop_master(self, max_attempts=None):
        return self._transport.call(SHOP_MASTER, parse=parse_shop_master, max_attempts=max_attempts)

    def shop_calendar(self, from_date, period=CALENDAR_DAYS_MAX) -> ShopCalendar:
        """The shop's business days from a day on (section 8.4).

        :param date from_date: in Japan
        :param int period: days, at most 180
        """
        params = {"fromDate": dates.format_date(from_date), "period": period}
        return self._transport.call(SHOP_CALENDAR, params=params, parse=parse_shop_calendar)

    def shop_status(self, key="socialGiftParticipation") -> str:
        """A status of the shop (section 8.2): ``NOT_USE``, ``IN_USE`` or ``UNAVAILABLE``.

        :raise RequestRefused: C003, no such key
        """
        path = SHOP_STATUS.path.format(path_part(key))
        return self._transport.call(SHOP_STATUS, path=path, parse=parse_shop_status)


def parse_expiry(answer):
    text = take(answer.data, "expiryDate", str)
    moment = None
    with suppress(ValueError):
        moment = dates.parse_datetime(text)
    if moment is None or moment.year not in dates.YEARS:
        raise MalformedAnswer(code="wrong_type", field="expiryDate")
    return dates.as_utc(moment)


def shop_values(answer):
    """{name: text} of the elements without children under ``result`` of a ShopAPI answer."""
    names = [local_name(element) for element in answer.data]
    if "resultCode" not in names:
        raise MalformedAnswer(code="missing", field="resultCode")
    if "result" not in names:
        raise MalformedAnswer(code="missing", field="result")
    result = answer.data[names.index("result")]
    return {
        local_name(element): (element.text or "").strip()
        for element in result.iter()
        if not len(element)
    }


def parse_shop_master(answer):
    values = shop_values(answer)
    if not values.get("url") and not values.get("shopName"):
        raise MalformedAnswer(code="missing", field="url")
    return ShopMaster(
        shop_name=values.get("shopName", ""),
        url=values.get("url", ""),
        company_name=values.get("companyName", ""),
        president_name=values.get("presidentName", ""),
        address_zip=values.get("addressZip", ""),
        address_prefecture=values.get("addressPrefecture", ""),
        address_city=values.get("addressCity", ""),
        address_street=values.get("addressStreet", ""),
        company_tel=values.get("companyTel", ""),
        company_fax=values.get("companyFax", ""),
        contact_name=values.get("tantouName", ""),
        values=values,
    )


def parse_shop_status(answer):
    values = shop_values(answer)
    if not values.get("statusValue"):
        raise MalformedAnswer(code="missing", field="statusValue")
    return values["statusValue"]


def parse_shop_calendar(answer):
    kinds = {
        local_name(element): element
        for element in answer.data.iter()
        if local_name(element) in ("businessHoliday", "shippingHoliday", "shippingOnly")
    }
    if not kinds:
        raise MalformedAnswer(code="missing", field="businessHoliday")
    return ShopCalendar(
        business_holiday=_calendar_days(kinds.get("businessHoliday")),
        shipping_holiday=_calendar_days(kinds.get("shippingHoliday")),
        shipping_only=_calendar_days(kinds.get("shippingOnly")),
    )


def _calendar_days(kind):
    """:param kind: the element of one kind, None where RMS sent none"""
    weekdays = set(_leaves(kind, "regularSchedule"))
    if not weekdays <= {*WEEKDAYS, NATIONAL_HOLIDAY}:
        raise MalformedAnswer(code="wrong_type", field="regularSchedule")
    days = set()
    for text in _leaves(kind, "eventDates"):
        try:
            days.add(datetime.strptime(text.replace("-", ""), "%Y%m%d").date())
        except ValueError:
            raise MalformedAnswer(code="wrong_type", field="eventDate") from None
    return CalendarDays(
        weekdays=frozenset(map(WEEKDAYS.index, weekdays - {NATIONAL_HOLIDAY})),
        national_holidays=NATIONAL_HOLIDAY in weekdays,
        dates=frozenset(days),
    )


def _leaves(kind, name):
    """Texts in the elements of a name, however deep they lie in them."""
    for element in () if kind is None else kind.iter():
        if local_name(element) == name:
            yield from filter(
                None, ((leaf.text or "").strip() for leaf in element.iter() if not len(leaf))
            )
