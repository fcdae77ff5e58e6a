"""Items on sale (RMS API section 7.3): deterministic codes, invented goods."""

import copy
from dataclasses import dataclass

from ..ground.clock import DAY, iso_datetime
from ..ground.values import as_int
from .items import price_of, variants_of

GOODS = (
    "今治風タオル,帆布トートバッグ,陶器マグカップ,木製カッティングボード,緑茶ティーバッグ,"
    "ステンレスボトル,綿麻シャツ,ガラス保存容器,アロマキャンドル,国産りんごジュース,"
    "革製カードケース,折りたたみ傘,竹の箸セット,リネンエプロン,有機ほうじ茶,"
    "文庫本カバー,鋳物フライパン,毛糸の靴下,桐の収納箱,はちみつ詰め合わせ"
).split(",")
COLOURS = (("RED", "レッド"), ("BLUE", "ブルー"), ("WHITE", "ホワイト"), ("BLACK", "ブラック"))
SIZES = ("S", "M", "L")
SINGLE = "normal-inventory"  # RMS's own name for the only SKU of an item


@dataclass(frozen=True)
class Sku:
    """What an order needs to know of a SKU. Price in whole yen."""

    manage_number: str
    variant_id: str
    item_number: str | None
    item_id: int
    title: str
    tax_rate: float
    price: int
    merchant_sku: str | None = None
    info: str | None = None
    options: tuple = ()
    postage_included: bool = False


def jan_code(number):
    """A 13-digit JAN of the in-store range 20 to 29, with its check digit."""
    digits = f"{20 + number % 10}{number:010d}"
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits))
    return digits + str(-total % 10)


def standard_price(yen, number):
    """The three forms in which RMS delivers a price: number, text, text with comma."""
    return (yen, str(yen), f"{yen:,}")[number % 3]


def make_variant(number, index, yen):
    return {
        "restockOnCancel": True,
        "backOrderFlag": False,
        "normalDeliveryDateId": 1000,
        "articleNumber": {"value": jan_code(number * 10 + index)},
        "standardPrice": standard_price(yen, number + index),
        "shipping": {"postageIncluded": number % 6 == 0, "singleItemShipping": 0},
        "hidden": False,
        "features": {"restockNotification": False, "noshi": number % 2 == 0},
    }


def make_item(number, rng):
    """Item number ``number``; the codes depend on the number, the stock on the seed."""
    food = number % 5 == 0
    name = GOODS[(number - 1) % len(GOODS)]
    yen = 800 + (number * 370) % 9200
    item = {
        "manageNumber": f"item-{number:05d}",
        "itemNumber": f"SKU-{number:05d}",
        "itemType": "NORMAL",
        "title": f"【見本】{name} {number:05d}号",
        "tagline": f"{name}の見本商品です",
        "genreId": f"{100000 + number % 50}",
        "hideItem": False,
        "unlimitedInventoryFlag": False,
        "payment": {
            "taxIncluded": True,
            "taxRate": "0.08" if food else "0.1",
            "cashOnDeliveryFeeIncluded": False,
        },
        "itemDisplaySequence": 999999999,
        "variants": {},
    }
    if number % 7 == 0:
        item["customizationOptions"] = [
            {
                "displayName": "ラッピング袋",
                "inputType": "SINGLE_SELECTION",
                "required": False,
                "selections": [{"displayValue": "あり"}, {"displayValue": "なし"}],
            }
        ]
    if number % 4:
        item["variants"][SINGLE] = make_variant(number, 0, yen)
    else:
        add_variants(item, number, yen)
    for variant in item["variants"].values():
        variant["quantity"] = rng.randint(50, 500)
    return item


def add_variants(item, number, yen):
    """2 to 4 variants along two axes, colour and size."""
    count = 2 + number // 4 % 3
    item["itemNumber"] = f"GRP-{number:05d}"
    chosen = []
    for index in range(count):
        code, colour = COLOURS[index % len(COLOURS)]
        size = SIZES[(index + 1) % len(SIZES)]
        chosen.append((colour, size))
        variant = make_variant(number, index, yen + 110 * index)
        variant["merchantDefinedSkuId"] = f"SKU-{number:05d}-{code}-{size}"
        variant["selectorValues"] = {"color": colour, "size": size}
        item["variants"][f"v{index + 1}-{code.lower()}-{size.lower()}"] = variant
    item["variantSelectors"] = [
        {
            "key": key,
            "displayName": label,
            "values": [{"displayValue": v} for v in dict.fromkeys(pair[at] for pair in chosen)],
        }
        for at, (key, label) in enumerate((("color", "カラー"), ("size", "サイズ")))
    ]


def put_on_sale(world, body):
    """``{"count": N}`` or ``{"items": [raw]}``; a list of what is on sale now."""
    if body.get("items") is not None:
        items = copy.deepcopy(body["items"])
    else:
        first = world.store.db.execute("SELECT count(*) FROM items").fetchone()[0] + 1
        items = [make_item(first + i, world.random) for i in range(int(body.get("count", 20)))]
    now = world.now()
    created = now - 30 * DAY
    world.store.begin()
    try:
        return [put_item(world, item, created, now) for item in items]
    finally:
        world.store.commit()


def put_item(world, item, created, now):
    """Store one item; ``quantity`` of its variants becomes stock and leaves the item."""
    if not isinstance(item.get("manageNumber"), str) or not item["manageNumber"]:
        raise ValueError("an item needs its manageNumber")
    if not isinstance(item.get("variants"), dict):
        raise ValueError("an item needs its variants")
    for variant_id, variant in item["variants"].items():
        quantity = as_int(variant.pop("quantity", None))
        if quantity is not None:
            world.store.put_stock(item["manageNumber"], variant_id, quantity, now)
    item.setdefault("created", iso_datetime(created))
    item.setdefault("updated", iso_datetime(created))
    world.store.put_item(item, created, now)
    return describe(world, item)


def describe(world, item):
    payment = item.get("payment") if isinstance(item.get("payment"), dict) else {}
    return {
        "manageNumber": item["manageNumber"],
        "itemNumber": item.get("itemNumber"),
        "title": item.get("title"),
        "taxRate": payment.get("taxRate"),
        "skus": [
            {
                "variantId": variant_id,
                "merchantDefinedSkuId": variant.get("merchantDefinedSkuId"),
                "price": int(price_of(variant.get("standardPrice")) or 0),
                "quantity": (world.store.stock(item["manageNumber"], variant_id) or {}).get(
                    "quantity"
                ),
            }
            for variant_id, variant in variants_of(item)
        ],
    }


def skus_of(item, item_id):
    """All Skus of an item."""
    payment = item.get("payment") if isinstance(item.get("payment"), dict) else {}
    rate = payment.get("taxRate")
    labels = {
        selector.get("key"): selector.get("displayName")
        for selector in item.get("variantSelectors") or []
    }
    options = tuple(
        f"{option['displayName']}:{option['selections'][0]['displayValue']}"
        for option in item.get("customizationOptions") or []
        if option.get("selections")
    )
    result = []
    for variant_id, variant in variants_of(item):
        chosen = variant.get("selectorValues") or {}
        info = "\n".join(f"{labels.get(k) or k}:{v}" for k, v in chosen.items())
        shipping = variant.get("shipping") or {}
        result.append(
            Sku(
                manage_number=item["manageNumber"],
                variant_id=variant_id,
                item_number=item.get("itemNumber"),
                item_id=item_id,
                title=item.get("title") or item["manageNumber"],
                tax_rate=float(0.1 if rate is None else rate),
                price=int(price_of(variant.get("standardPrice")) or 0),
                merchant_sku=variant.get("merchantDefinedSkuId"),
                info=info or None,
                options=options,
                postage_included=bool(shipping.get("postageIncluded")),
            )
        )
    return result


class Catalogue:
    """The SKUs on sale with their stock, read once for a whole batch of orders."""

    def __init__(self, world):
        self.world = world
        if not world.store.item_count():
            put_on_sale(world, {"count": 20})
        self.skus = []
        for place, (_c, _u, deleted, item) in enumerate(world.store.items(), 1):
            if not deleted and not item.get("hideItem"):
                self.skus += skus_of(item, 10_000_000 + place)
        if not self.skus:
            raise ValueError("no item is on sale")
        self.by_pair = {(sku.manage_number, sku.variant_id): sku for sku in self.skus}
        self.left = world.store.all_stock()
        self.sold = {}

    def pick(self, rng, units=1, wanted=None):
        """A SKU that suits and is still in stock, or the last that was looked at."""
        pool = [sku for sku in self.skus if wanted(sku)] if wanted else self.skus
        if not pool:
            raise ValueError("no item on sale suits this kind")
        sku = None
        for _try in range(8):
            sku = rng.choice(pool)
            if self.left.get((sku.manage_number, sku.variant_id), 0) >= units:
                break
        return sku

    def sell(self, pair, units):
        if pair in self.left:
            self.left[pair] -= units
            self.sold[pair] = self.sold.get(pair, 0) + units

    def write_stock(self):
        """Take what was sold from the stock, once for each SKU."""
        for pair, units in self.sold.items():
            self.world.sell(*pair, units)
        self.sold = {}
