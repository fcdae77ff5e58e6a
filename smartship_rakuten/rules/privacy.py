"""An order without its persons: what remains after the shop's retention time.

Money, goods, dates, carriers and prefectures stay, so that sums and statistics still add up.
"""

import copy

#: What stands where a name stood.
REMOVED = "＊"
_PERSON = (
    "zipCode1 zipCode2 city subAddress familyName firstName familyNameKana firstNameKana "
    "phoneNumber1 phoneNumber2 phoneNumber3 emailAddress sex birthYear birthMonth birthDay"
).split()
_ORDER = "remarks memo mailPlugSentence operator".split()
_CARD = "cardName cardNumber cardOwner cardYm".split()


def anonymise(payload):
    """A copy of a getOrder order without personal data (RMS API sections 3.1 to 3.8).

    :param dict payload: maybe a broken one; what is of no known form is dropped
    """
    if not isinstance(payload, dict):
        return None
    result = copy.deepcopy(payload)
    _clear(result, _ORDER)
    _anonymise_person(result, "OrdererModel")
    _clear(_part(result, "SettlementModel"), _CARD)
    for package in _parts(result, "PackageModelList"):
        _clear(package, ["noshi", "DeliveryCvsModel"])
        _anonymise_person(package, "SenderModel")
        _clear(_part(package, "SocialGiftModel"), ["receiverEmailAddress"])
        for item in _parts(package, "ItemModelList"):
            # Names to engrave and the like are free options.
            _clear(item, ["selectedChoice"])
    return result


def _anonymise_person(data, key):
    person = _part(data, key)
    if person:
        _clear(person, _PERSON)
        person["familyName"] = REMOVED


def _part(data, key):
    """The dict under a key; anything else that stands there is dropped, since it may hold a name
    and nobody could tell."""
    if not isinstance(data.get(key), dict):
        _clear(data, [key])
        return {}
    return data[key]


def _parts(data, key):
    """The dicts in the list under a key, as :func:`_part`."""
    if not isinstance(data.get(key), list):
        _clear(data, [key])
        return []
    data[key] = [entry for entry in data[key] if isinstance(entry, dict)]
    return data[key]


def _clear(data, keys):
    data.update({key: None for key in keys if key in data})
