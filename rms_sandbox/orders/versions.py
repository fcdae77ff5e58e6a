"""Which fields getOrder serves for which ``version`` (RMS API section 3.0).

Stored orders have the form of version 10.
"""

from .amounts import amounts_of

OLDEST, NEWEST = 3, 10
ORDER_SINCE = {
    "receiptIssueCount": 5,
    "receiptIssueHistoryList": 5,
    "DueDateModelList": 5,
    "cautionDisplayDetailType": 6,
    "deliveryCertPrgFlag": 8,
    "oneDayOperationFlag": 8,
    "socialGiftFlag": 10,
}
PACKAGE_SINCE = {
    "defaultDeliveryCompanyCode": 4,
    "dropOffFlag": 9,
    "dropOffLocation": 9,
    "SocialGiftModel": 10,
}
ITEM_SINCE = {"isSingleItemShipping": 4, "SkuModelList": 7}


def _drop(model, since, version):
    for key, first in since.items():
        if version < first:
            model.pop(key, None)


def add_old_tax(order, rounding):
    """goodsTax and isTaxRecalc, served up to version 7."""
    try:
        amounts = amounts_of(order, rounding)
    except (AttributeError, KeyError, TypeError, ArithmeticError):  # a malformed order of a test
        return
    order["goodsTax"] = amounts["goodsTax"]
    order["isTaxRecalc"] = 0
    live = [p for p in order["PackageModelList"] if not p.get("packageDeleteFlag")]
    for package, part in zip(live, amounts["packages"], strict=True):
        package["goodsTax"] = part["goodsTax"]


def as_version(order, version, rounding):
    """Change a version-10 order in place into an older version."""
    if version <= 7:
        add_old_tax(order, rounding)
    _drop(order, ORDER_SINCE, version)
    packages = order.get("PackageModelList")
    for package in packages if isinstance(packages, list) else []:
        if not isinstance(package, dict):
            continue
        _drop(package, PACKAGE_SINCE, version)
        items = package.get("ItemModelList")
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict):
                _drop(item, ITEM_SINCE, version)
    return order
