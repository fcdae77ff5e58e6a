"""The single values of a getOrder order (RMS API section 3): the only place that looks at them.

A payload's types are never trusted. There are two readers, which differ in one thing: what they do
with a value of a form that they do not know.

* :data:`STRICT` raises :class:`OrderProblem`, and keeps texts to the letter. It reads what is
  imported and billed, and what cannot be undone.
* :data:`LENIENT` never fails: it leaves the value out, and blanks around texts with it. It reads
  what people look at, and what has to work with any order that was ever stored.

What is missing (None, or no such key) is not of a strange form: it has its default in both.
"""

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation

from ..rms import dates

#: "Not determined yet" in every amount (RMS API section 3.16).
UNDETERMINED = -9999
#: Number(10) of an amount (sections 3.8 and 9.32).
MAX_YEN = 10**10 - 1
#: Longest texts that are taken for what they say; RMS's own are far shorter (sections 3.2, 3.8).
MAX_ID = 30
MAX_CODE = 255
MAX_PERSON = 382
MAX_TEXT = 32767
#: Longest texts that transfers and papers show, and that sentences name.
MAX_FACT = 4000
MAX_NAMED = 200

_WHOLE = re.compile(r"\s*-?\d{1,20}\s*", re.ASCII)
_FLAGS = {"1": True, "true": True, "0": False, "false": False}
_DELETED_FLAGS = ("packageDeleteFlag", "deleteItemFlag", "deleteWrappingFlag")


def cut(text, limit):
    """A text of so many letters at most; that it was longer can be seen."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


class OrderProblem(Exception):
    """An order that must wait for a person.

    :ivar str code: one of the ``problem_code`` values of ``rakuten.order``
    :ivar dict details: named values for the sentence that explains it
    """

    def __init__(self, code, **details):
        super().__init__(code, details)
        self.code = code
        self.details = details


class Reader:
    """Reads values out of the objects of an order.

    All methods take the object that has the value, its key, and ``field``: what a problem calls it
    where the key alone does not tell.

    :param bool strict: whether a value of an unknown form raises :class:`OrderProblem`
    """

    def __init__(self, *, strict):
        self._strict = strict

    def _refuse(self, field, instead):
        if self._strict:
            raise OrderProblem("malformed", field=field)
        return instead

    @staticmethod
    def _value(data, key):
        return data.get(key) if isinstance(data, dict) else None

    # === Objects and lists === #

    def object(self, data, key, field=None):
        """The object under a key; strictly, there has to be one."""
        value = self._value(data, key)
        return value if isinstance(value, dict) else self._refuse(field or key, {})

    def objects(self, data, key, field=None, *, required=False):
        """The objects in the list under a key.

        :param bool required: None is no list
        """
        value = self._value(data, key)
        if value is None and not required:
            return []
        if not isinstance(value, list):
            return self._refuse(field or key, [])
        found = [entry for entry in value if isinstance(entry, dict)]
        return found if len(found) == len(value) else self._refuse(field or key, found)

    def packages(self, payload, *, deleted=False):
        """PackageModelList (section 3.6): the destinations of an order.

        :param bool deleted: those that were deleted as well
        """
        packages = self.objects(payload, "PackageModelList", required=True)
        return [package for package in packages if deleted or not self.is_deleted(package)]

    def package(self, payload, basket_id):
        """The destination of an order that has a basketId, deleted or not; {} where none has."""
        packages = self.packages(payload, deleted=True)
        return next((p for p in packages if str(p.get("basketId")) == basket_id), {})

    def is_deleted(self, data):
        """Whether a destination, an item or a wrapping was deleted."""
        return any([self.flag(data, key) for key in _DELETED_FLAGS])

    def person(self, data, key):
        """OrdererModel or SenderModel with texts only, numbers written as texts (section 3.2)."""
        person = {}
        for name, value in self.object(data, key).items():
            if isinstance(value, list | dict) or len(str(value)) > MAX_PERSON:
                value = self._refuse(f"{key}: {name}", None)
            person[name] = value if value is None or isinstance(value, str) else str(value)
        return person

    # === Single values === #

    def flag(self, data, key, default=False):
        """A flag, which RMS writes as the number 1 or 0 (section 3.1).

        1, true, and either as a text are on; 0, false, and either as a text are off; None and ""
        say nothing. Anything else is no flag. Codes that say more than yes and no
        (cautionDisplayType, shippingTerm) are numbers, see :meth:`whole`.

        :param bool default: what counts where the order says nothing
        """
        value = self._value(data, key)
        if value is None or value == "":
            return default
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        known = _FLAGS.get(str(value).strip().lower()) if isinstance(value, int | str) else None
        return self._refuse(key, default) if known is None else known

    def whole(self, data, key, field=None, *, default=None):
        """A whole number; digits in a text are accepted (RMS mixes both, section 9.5)."""
        value = self._value(data, key)
        if value is None and (default is not None or not self._strict):
            return default
        if isinstance(value, bool):
            return self._refuse(field or key, default)
        if isinstance(value, int):
            return value
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            return int(value)
        return self._refuse(field or key, default)

    def yen(self, data, key, field=None, *, default=None):
        """A decided amount in whole yen, from 0 on.

        :raises OrderProblem: strictly, ``amount_undetermined`` for -9999
        """
        amount = self.whole(data, key, field, default=default)
        if amount == UNDETERMINED and self._strict:
            raise OrderProblem("amount_undetermined", field=field or key)
        if amount is not None and not 0 <= amount <= MAX_YEN:
            return self._refuse(field or key, default)
        return amount

    def rate(self, data, key, field=None, *, default=None):
        """A tax rate, 0.08 for 8 %.

        :rtype: Decimal
        """
        value = self._value(data, key)
        if value is None and default is not None:
            return default
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            with suppress(InvalidOperation):
                rate = Decimal(str(value))
                # Finer than any consumption tax, and than Odoo's taxes can tell apart.
                if rate.is_finite() and 0 <= rate < 1 and rate == round(rate, 4):
                    return rate
        return self._refuse(field or key, default)

    def text(self, data, key, field=None, limit=MAX_TEXT):
        """A text, "" where there is none; a number is written as one."""
        value = self._value(data, key)
        if value is None:
            return ""
        if isinstance(value, bool | list | dict):
            return self._refuse(field or key, "")
        text = str(value)
        if not self._strict:
            return text.strip()
        return text if len(text) <= limit else self._refuse(field or key, "")

    def code(self, data, key):
        """A text that names something, short enough for an index of the database."""
        return self.text(data, key, limit=MAX_CODE)

    def id(self, data, key, field=None):
        """A numeric id, kept as text: it may outgrow 32 bits."""
        value = self._value(data, key)
        text = str(value) if isinstance(value, int | str) else ""
        if isinstance(value, bool) or not (
            text.isascii() and text.isdigit() and len(text) <= MAX_ID
        ):
            return self._refuse(field or key, "")
        return text

    def moment(self, data, key):
        """``2026-01-10T09:15:02+0900`` as naive UTC; lenient, None where there is none."""
        moment = self._parsed(dates.parse_datetime, data, key)
        return self._refuse(key, None) if moment is None else moment

    def day(self, data, key):
        """``2026-01-10`` as a date; None where there is none."""
        return self._parsed(dates.parse_date, data, key)

    def _parsed(self, parse, data, key):
        try:
            value = parse(self._value(data, key))
        except ValueError:
            return self._refuse(key, None)
        if isinstance(value, date) and value.year not in dates.YEARS:
            return self._refuse(key, None)
        return value


STRICT = Reader(strict=True)
LENIENT = Reader(strict=False)
