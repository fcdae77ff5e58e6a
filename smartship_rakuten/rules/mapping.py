"""By which codes a SKU of Rakuten names a product (RMS API sections 7.4 and 7.5)."""

#: Rules that compare a code of Rakuten with a seller-defined code, in the order of their trial. The
#: explicit mapping by key comes before them, the mapping by name and the barcode after them.
CODE_RULES = ("merchant_sku", "item_number", "old_code", "manage_number")


def codes_of(
    *, merchant_sku="", item_number="", manage_number="", variant_id="", is_single=False, **_others
):
    """Codes that may name the product of one SKU.

    商品番号 and 商品管理番号 name an item, so they name a SKU only where the item has no options.
    Orders from before the SKU migration have no SKU管理番号: there 商品番号 carries the option's
    code behind the item's own.

    :return: list of (rule, code), in the order of the rules; codes are compared to the letter
    """
    migrated = bool(variant_id)
    codes = {
        "merchant_sku": merchant_sku,
        "item_number": item_number if migrated and is_single else "",
        "old_code": "" if migrated else item_number,
        "manage_number": manage_number if migrated and is_single else "",
    }
    return [(rule, codes[rule]) for rule in CODE_RULES if codes[rule]]
