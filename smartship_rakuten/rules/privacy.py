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


def forget(payload):
    """A copy of a getOrder order without personal data (RMS API sections 3.1 to 3.8).

    :param dict payload: maybe a broken one; what is of no known form is dropped
    """
    if not isinstance(payload, dict):
        return None
    result = copy.deepcopy(payload)
    _clear(result, _ORDER)
    _forget_person(result.get("OrdererModel"))
    _clear(result.get("SettlementModel"), _CARD)
    packages = result.get("PackageModelList")
    for package in packages if isinstance(packages, list) else ():
        if not isinstance(package, dict):
            continue
        _clear(package, ["noshi", "DeliveryCvsModel"])
        _forget_person(package.get("SenderModel"))
        _clear(package.get("SocialGiftModel"), ["receiverEmailAddress"])
        items = package.get("ItemModelList")
        for item in items if isinstance(items, list) else ():
            # Names to engrave and the like are free options.
            _clear(item, ["selectedChoice"])
    return result


def _forget_person(person):
    if isinstance(person, dict):
        _clear(person, _PERSON)
        person["familyName"] = REMOVED


def _clear(data, keys):
    if isinstance(data, dict):
        data.update({key: None for key in keys if key in data})
