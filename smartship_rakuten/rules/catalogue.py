"""SKUs of one item of the item API (RMS API section 7.3). Types there are loose."""


def read_skus(item):
    """Values of each SKU of an item; none for a deleted item, which has only its manageNumber.

    :param dict item: an item of items.search
    :return: list of dict with manage_number, variant_id, item_number, merchant_sku, name,
        option_text, jan, and is_single: whether the item has no options
    """
    manage_number = item.get("manageNumber")
    variants = item.get("variants")
    if not isinstance(manage_number, str) or not isinstance(variants, dict):
        return []
    selectors = item.get("variantSelectors")
    axes = {
        axis["key"]: _text(axis.get("displayName")) or axis["key"]
        for axis in (selectors if isinstance(selectors, list) else [])
        if isinstance(axis, dict) and isinstance(axis.get("key"), str)
    }
    return [
        {
            # As Odoo keeps the keys, and orders are looked up by: without blanks around them.
            "manage_number": manage_number.strip(),
            "variant_id": variant_id.strip(),
            "item_number": _text(item.get("itemNumber")),
            "merchant_sku": _text(variant.get("merchantDefinedSkuId")),
            "name": _text(item.get("title")),
            "option_text": _option_text(variant, axes),
            "jan": _jan(variant),
            "is_single": not axes,
        }
        for variant_id, variant in variants.items()
        if isinstance(variant, dict)
    ]


def _jan(variant):
    article = variant.get("articleNumber")
    return _text(article.get("value")).strip() if isinstance(article, dict) else ""


def _text(value):
    """Texts come as texts or, in official samples, as numbers; anything else is none."""
    return str(value) if isinstance(value, str | int | float) else ""


def _option_text(variant, axes):
    """The choices in the form that an order's skuInfo has: one ``axis:choice`` a line."""
    values = variant.get("selectorValues")
    if not isinstance(values, dict):
        return ""
    return "\n".join(f"{name}:{values[key]}" for key, name in axes.items() if key in values)
