"""Amount arithmetic of an order (RMS API section 4): whole yen, never a float.

``amounts_of`` is a pure function of the parts of an order that are decided by people
(prices, units, postage, fees, coupons, points). Everything else follows from them.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

UNDETERMINED = -9999  # RMS API section 3.16
ROUNDINGS = {"floor": ROUND_FLOOR, "ceil": ROUND_CEILING, "round": ROUND_HALF_UP}


def rate_of(value):
    """A tax rate of the wire (0.1, "0.08", 0) as an exact Decimal."""
    return Decimal(str(value or 0))


def price_with_tax(price, rate, tax_included, rounding):
    """Unit price including tax; only prices without tax (税別) are rounded."""
    if tax_included:
        return price
    taxed = price * (1 + rate_of(rate))
    return int(taxed.quantize(Decimal(1), rounding=ROUNDINGS[rounding]))


def tax_inside(amount, rate, rounding):
    """The tax contained in an amount that includes tax: amount x r / (1 + r)."""
    rate = rate_of(rate)
    return int((amount * rate / (1 + rate)).quantize(Decimal(1), rounding=ROUNDINGS[rounding]))


def split(amount, weights):
    """Split an amount in proportion to the weights; the largest weight takes the remainder."""
    total = sum(weights)
    if not total:
        return [amount if i == 0 else 0 for i in range(len(weights))]
    parts = [amount * weight // total for weight in weights]
    parts[weights.index(max(weights))] += amount - sum(parts)
    return parts


def known_sum(values):
    """A sum, or -9999 as soon as one part is not determined (RMS API section 4.1)."""
    values = list(values)
    return UNDETERMINED if UNDETERMINED in values else sum(values)


def wrappings_of(order):
    """The one or two wrappings (包装紙, リボン) of an order that are not deleted."""
    models = (order.get("WrappingModel1"), order.get("WrappingModel2"))
    return [model for model in models if model and not model.get("deleteWrappingFlag")]


def items_of(package):
    return [item for item in package["ItemModelList"] if not item.get("deleteItemFlag")]


def packages_of(order):
    return [p for p in order["PackageModelList"] if not p.get("packageDeleteFlag")]


def with_tax(model, rounding):
    """Price including tax of one unit of an item, or of a wrapping."""
    return price_with_tax(model["price"], model["taxRate"], model["includeTaxFlag"], rounding)


def package_amounts(package, wrappings, rounding):
    """Amounts of one destination. Its total holds postage, but never the COD fee."""
    items = items_of(package)
    outside = sum(i["price"] * i["units"] for i in items) + sum(w["price"] for w in wrappings)
    inside = sum(with_tax(i, rounding) * i["units"] for i in items)
    inside += sum(with_tax(w, rounding) for w in wrappings)
    return {
        "goodsPrice": outside,
        "goodsTax": inside - outside,
        "totalPrice": known_sum([inside, package["postagePrice"]]),
    }


def totals_by_rate(order, rounding):
    """{rate: parts of the total incl. tax} and {rate: parts of the payment charges}."""
    totals, charges = {}, {}
    for package in packages_of(order):
        for item in items_of(package):
            amount = with_tax(item, rounding) * item["units"]
            totals.setdefault(rate_of(item["taxRate"]), []).append(amount)
        if package["postagePrice"]:
            rate = rate_of(package["postageTaxRate"])
            totals.setdefault(rate, []).append(package["postagePrice"])
        if package["deliveryPrice"]:
            rate = rate_of(package["deliveryTaxRate"])
            charges.setdefault(rate, []).append(package["deliveryPrice"])
    for wrapping in wrappings_of(order):
        rate = rate_of(wrapping["taxRate"])
        totals.setdefault(rate, []).append(with_tax(wrapping, rounding))
    if order["paymentCharge"]:
        rate = rate_of(order["paymentChargeTaxRate"])
        charges.setdefault(rate, []).append(order["paymentCharge"])
    return totals, charges


def tax_summary(order, coupon_total, rounding):
    """TaxSummaryModelList (RMS API section 4.4), the highest rate first.

    reqPrice is before points and, since 2023-09-14, without the post-pay fee of the buyer.
    """
    totals, charges = totals_by_rate(order, rounding)
    rates = sorted(set(totals) | set(charges), reverse=True)
    goods = [known_sum(totals.get(rate, [0])) for rate in rates]
    coupons = split(coupon_total, [max(amount, 0) for amount in goods])
    models = []
    for rate, total, coupon in zip(rates, goods, coupons, strict=True):
        charge = known_sum(charges.get(rate, [0]))
        request = known_sum([total, charge, -coupon])
        tax = request if request == UNDETERMINED else tax_inside(request, rate, rounding)
        models.append(
            {
                # The only place where a rate turns into a JSON number again.
                "taxRate": float(rate) if rate else 0,
                "reqPrice": request,
                "reqPriceTax": tax,
                "totalPrice": total,
                "paymentCharge": charge,
                "couponPrice": coupon,
                "point": 0,  # always 0 for orders from 2022-04-01
            }
        )
    return models


def coupon_sums(order):
    """(paid by the shop, paid by Rakuten) over the coupons of an order."""
    coupons = order.get("CouponModelList") or []
    shop = sum(c["couponTotalPrice"] for c in coupons if c["couponCapitalCode"] == 1)
    return shop, sum(c["couponTotalPrice"] for c in coupons) - shop


def amounts_of(order, rounding="floor"):
    """All derived amounts of an order, as a dict that ``apply_amounts`` writes into it."""
    packages, wrappings = packages_of(order), wrappings_of(order)
    # Wrapping belongs to the whole order; it is counted with the first destination.
    parts = [
        package_amounts(package, [] if index else wrappings, rounding)
        for index, package in enumerate(packages)
    ]
    shop, other = coupon_sums(order)
    total = known_sum(p["totalPrice"] for p in parts)
    delivery = known_sum(p["deliveryPrice"] for p in packages)
    points = (order.get("PointModel") or {}).get("usedPoint", 0)
    fees = [order["paymentCharge"], order["additionalFeeOccurAmountToUser"]]
    bill = known_sum([total, delivery, *fees])
    return {
        "packages": parts,
        "goodsTax": sum(p["goodsTax"] for p in parts),
        "goodsPrice": sum(p["goodsPrice"] for p in parts),
        "postagePrice": known_sum(p["postagePrice"] for p in packages),
        "deliveryPrice": delivery,
        "totalPrice": total,
        "requestPrice": bill if bill == UNDETERMINED else bill - shop - other - points,
        "couponAllTotalPrice": shop + other,
        "couponShopPrice": shop,
        "couponOtherPrice": other,
        "TaxSummaryModelList": tax_summary(order, shop + other, rounding),
    }


def apply_amounts(order, rounding="floor"):
    """Write the derived amounts into the order. goodsTax is left to versions up to 7."""
    result = amounts_of(order, rounding)
    for package, part in zip(packages_of(order), result["packages"], strict=True):
        package.update(goodsPrice=part["goodsPrice"], totalPrice=part["totalPrice"])
        for item in package["ItemModelList"]:
            item["priceTaxIncl"] = with_tax(item, rounding)
    for wrapping in wrappings_of(order):
        full = with_tax(wrapping, rounding)
        wrapping["taxPrice"] = tax_inside(full, wrapping["taxRate"], rounding)
    order.update({k: v for k, v in result.items() if k not in ("packages", "goodsTax")})
    return order
