"""One order as RMS shows it: headings and terms of RMS, in Japanese, for people to read.

Whatever is missing or of a strange form is left out; nothing here decides anything.
"""

from dataclasses import dataclass, field

from . import address
from .order import PROGRESS, UNDETERMINED

SETTLEMENT = {
    1: "クレジットカード",
    2: "代金引換",
    3: "後払い",
    4: "ショッピングクレジット／ローン",
    5: "オートローン",
    6: "リース",
    7: "請求書払い",
    8: "ポイント",
    9: "銀行振込",
    12: "Apple Pay",
    13: "セブンイレブン（前払）",
    14: "ファミリーマート、ローソン等（前払）",
    16: "Alipay",
    17: "PayPal",
    21: "後払い決済",
    27: "Alipay（支付宝）",
}
ORDER_TYPES = {1: "通常購入", 4: "定期購入", 5: "頒布会", 6: "予約商品"}
DELIVERY_CLASSES = {1: "普通", 2: "冷蔵", 3: "冷凍"} | {n: f"その他{n - 3}" for n in range(4, 9)}
CAUTIONS = {1: "あり", 2: "あり（キャンセル確定）"}
CAUTION_DETAILS = {
    101: "前払い未入金",
    102: "受取拒否",
    103: "長期不在による受取拒否",
    104: "開封後の返品",
    105: "過度な要求",
}
CHANGE_TYPES = {
    0: "キャンセル申請",
    1: "キャンセル確定",
    2: "キャンセル完了",
    3: "キャンセル取消",
    4: "変更申請",
    5: "変更確定",
    6: "変更完了",
    7: "変更取消",
    8: "注文確認",
    9: "再決済手続き",
}
CHANGE_DETAILS = {
    0: "減額",
    1: "増額",
    2: "その他",
    10: "支払方法変更",
    11: "支払方法変更・減額",
    12: "支払方法変更・増額",
}
COUPON_CAPITAL = {1: "店舗原資", 2: "楽天原資（メーカー）", 3: "楽天原資（サービス）"}
DUE_DATES = {0: "支払期限", 1: "支払方法変更期限", 2: "返金手続き期限"}
WRAPPINGS = {1: "包装紙", 2: "リボン"}
CONVENIENCE_STORES = {
    1: "ファミリーマート",
    20: "ミニストップ",
    40: "サークルK",
    41: "サンクス",
    50: "ローソン",
    60: "郵便局",
    70: "スリーエフ",
    71: "エブリワン",
    72: "ココストア",
    74: "セーブオン",
    80: "デイリーヤマザキ",
    81: "ヤマザキデイリーストア",
    82: "ニューヤマザキデイリーストア",
    85: "ニューデイズ",
    90: "ポプラ",
    91: "くらしハウス",
    92: "スリーエイト",
    93: "生活彩家",
}


@dataclass(slots=True)
class Section:
    """A heading with its fields, and a table where there is one.

    :ivar list rows: (term, text)
    :ivar list head: column headings of the table
    :ivar list lines: rows of the table, lists of text
    """

    title: str
    rows: list = field(default_factory=list)
    head: list = field(default_factory=list)
    lines: list = field(default_factory=list)


def sections(payload):
    """What RMS shows of an order (RMS API section 3).

    :param dict payload: a getOrder order, maybe a broken one
    :rtype: list[Section]
    """
    payload = payload if isinstance(payload, dict) else {}
    found = [
        _order(payload),
        _person("注文者", _dict(payload, "OrdererModel")),
        _settlement(payload),
        *(
            _package(number, package)
            for number, package in enumerate(_dicts(payload, "PackageModelList"), start=1)
        ),
        _wrapping(payload),
        _amounts(payload),
        _taxes(payload),
        _coupons(payload),
        _changes(payload),
    ]
    return [section for section in found if section.rows or section.lines]


def _order(payload):
    get = payload.get
    return Section(
        "注文",
        _filled(
            ("ステータス", _named(PROGRESS, get("orderProgress"))),
            ("サブステータス", _text(get("subStatusName"))),
            ("注文種別", _named(ORDER_TYPES, get("orderType"))),
            ("申込番号", _text(get("reserveNumber"))),
            ("注文日時", _moment(get("orderDatetime"))),
            ("注文確認日時", _moment(get("shopOrderCfmDatetime"))),
            ("注文確定日時", _moment(get("orderFixDatetime"))),
            ("発送指示日時", _moment(get("shippingInstDatetime"))),
            ("発送完了報告日時", _moment(get("shippingCmplRptDatetime"))),
            ("キャンセル期限日", _text(get("cancelDueDate"))),
            ("お届け日指定", _text(get("deliveryDate"))),
            ("お届け時間帯", time_slot(get("shippingTerm"))),
            ("配送方法", _text(_dict(payload, "DeliveryModel").get("deliveryName"))),
            (
                "配送区分",
                _named(DELIVERY_CLASSES, _dict(payload, "DeliveryModel").get("deliveryClass")),
            ),
            ("備考", _text(get("remarks"))),
            ("ひとことメモ", _text(get("memo"))),
            ("担当者", _text(get("operator"))),
            ("メール差込文", _text(get("mailPlugSentence"))),
            ("表示", "、".join(_marks(payload))),
            ("顧客・配送対応注意表示", _caution(payload)),
        ),
    )


def _marks(payload):
    marks = {
        "giftCheckFlag": "ギフト配送希望",
        "socialGiftFlag": "ソーシャルギフト",
        "severalSenderFlag": "複数送付先",
        "isolatedIslandFlag": "離島",
        "rakutenMemberFlag": "楽天会員",
        "rakutenConfirmFlag": "楽天確認中",
        "asurakuFlag": "あす楽希望",
        "deliveryCertPrgFlag": "最強翌日配送",
        "oneDayOperationFlag": "当日出荷",
        "drugFlag": "医薬品",
        "dealFlag": "スーパーDEAL",
        "modifyFlag": "購入履歴で修正あり",
    }
    return [label for key, label in marks.items() if payload.get(key) in (1, "1")]


def _caution(payload):
    shown = CAUTIONS.get(_number(payload.get("cautionDisplayType")))
    detail = CAUTION_DETAILS.get(_number(payload.get("cautionDisplayDetailType")))
    return "：".join(filter(None, (shown, detail))) if shown else ""


def _person(title, person):
    birth = [_number(person.get(key)) for key in ("birthYear", "birthMonth", "birthDay")]
    return Section(
        title,
        _filled(
            ("氏名", address.full_name(person)),
            ("フリガナ", address.kana(person)),
            ("郵便番号", address.zip_code(person)),
            (
                "住所",
                "".join(_text(person.get(key)) for key in ("prefecture", "city", "subAddress")),
            ),
            ("電話番号", address.phone(person)),
            ("メールアドレス", _text(person.get("emailAddress"))),
            ("性別", _text(person.get("sex")).strip("-")),
            ("生年月日", "-".join(map(str, birth)) if all(birth) else ""),
            ("離島", "離島" if person.get("isolatedIslandFlag") in (1, "1") else ""),
        ),
    )


def _settlement(payload):
    data = _dict(payload, "SettlementModel")
    code = _number(data.get("settlementMethodCode"))
    collected = {1: "楽天市場の共通決済手段", 0: "選択制決済"}
    return Section(
        "決済",
        _filled(
            ("支払方法", _text(data.get("settlementMethod")) or SETTLEMENT.get(code, "")),
            ("決済区分", _named(collected, data.get("rpaySettlementFlag"))),
            ("カード", _text(data.get("cardName"))),
            ("支払回数", _text(data.get("cardInstallmentDesc"))),
            *(
                (_named(DUE_DATES, due.get("dueDateType")), _text(due.get("dueDate")))
                for due in _dicts(payload, "DueDateModelList")
            ),
            ("領収書発行回数", _text(payload.get("receiptIssueCount")).strip("0")),
        ),
    )


def _package(number, package):
    recipient = _person(f"送付先 {number}", _dict(package, "SenderModel"))
    gift = _dict(package, "SocialGiftModel")
    store = _dict(package, "DeliveryCvsModel")
    recipient.rows += _filled(
        ("のし", _text(package.get("noshi"))),
        ("置き配", _text(package.get("dropOffLocation"))),
        ("送料", _yen(package.get("postagePrice"))),
        ("代引料", _yen(package.get("deliveryPrice"), zero="")),
        ("受取店舗", _store(store)),
        ("ソーシャルギフト管理番号", _text(gift.get("sgMngNumber"))),
        ("受取情報入力期限", _text(gift.get("inputDueDate"))),
        *(
            (
                "お荷物伝票番号",
                " ".join(
                    filter(
                        None,
                        (
                            _text(row.get("deliveryCompanyName")),
                            _text(row.get("shippingNumber")),
                            _text(row.get("shippingDate")),
                        ),
                    )
                ),
            )
            for row in _dicts(package, "ShippingModelList")
        ),
    )
    recipient.head = ["商品", "商品番号／SKU", "単価", "数量", "税率", "選択肢"]
    recipient.lines = [_item(item) for item in _dicts(package, "ItemModelList")]
    return recipient


def _store(store):
    name = CONVENIENCE_STORES.get(_number(store.get("cvsCode")), "")
    place = "".join(_text(store.get(key)) for key in ("storePrefecture", "storeAddress"))
    return " ".join(filter(None, (name, _text(store.get("storeName")), place)))


def _item(item):
    skus = _dicts(item, "SkuModelList")
    sku = skus[0] if skus else {}
    codes = (item.get("itemNumber"), sku.get("merchantDefinedSkuId"), sku.get("variantId"))
    options = (sku.get("skuInfo"), item.get("selectedChoice"))
    deleted = "（削除）" if item.get("deleteItemFlag") in (1, "1") else ""
    excluded = "（税別）" if item.get("includeTaxFlag") in (0, "0") else ""
    return [
        _text(item.get("itemName")) + deleted,
        "／".join(filter(None, map(_text, codes))),
        _yen(item.get("price")) + excluded,
        _text(item.get("units")),
        _rate(item.get("taxRate")),
        "\n".join(filter(None, map(_text, options))),
    ]


def _wrapping(payload):
    wrappings = (_dict(payload, key) for key in ("WrappingModel1", "WrappingModel2"))
    return Section(
        "ラッピング",
        _filled(
            *(
                (
                    _named(WRAPPINGS, data.get("title")) or "ラッピング",
                    " ".join(filter(None, (_text(data.get("name")), _yen(data.get("price"))))),
                )
                for data in wrappings
                if data
            )
        ),
    )


def _amounts(payload):
    points = _dict(payload, "PointModel").get("usedPoint")
    return Section(
        "金額",
        _filled(
            ("商品合計金額", _yen(payload.get("goodsPrice"))),
            ("送料合計", _yen(payload.get("postagePrice"))),
            ("代引料", _yen(payload.get("deliveryPrice"), zero="")),
            ("決済手数料", _yen(payload.get("paymentCharge"), zero="")),
            ("注文者負担金", _yen(payload.get("additionalFeeOccurAmountToUser"), zero="")),
            ("店舗負担金", _yen(payload.get("additionalFeeOccurAmountToShop"), zero="")),
            ("合計金額", _yen(payload.get("totalPrice"))),
            ("店舗原資クーポン", _yen(payload.get("couponShopPrice"), zero="")),
            ("楽天原資クーポン", _yen(payload.get("couponOtherPrice"), zero="")),
            ("利用ポイント", _yen(points, zero="")),
            ("請求金額", _yen(payload.get("requestPrice"))),
        ),
    )


def _taxes(payload):
    keys = ("totalPrice", "paymentCharge", "couponPrice", "reqPrice", "reqPriceTax")
    return Section(
        "税率別",
        head=["税率", "合計金額", "決済手数料", "クーポン", "請求額", "うち消費税"],
        lines=[
            [_rate(summary.get("taxRate")), *(_yen(summary.get(key)) for key in keys)]
            for summary in _dicts(payload, "TaxSummaryModelList")
        ],
    )


def _coupons(payload):
    return Section(
        "クーポン",
        head=["クーポン", "内容", "原資", "金額", "枚数", "合計"],
        lines=[
            [
                " ".join(
                    filter(None, (_text(data.get("couponCode")), _text(data.get("couponName"))))
                ),
                _text(data.get("couponSummary")),
                _named(COUPON_CAPITAL, data.get("couponCapitalCode")),
                _yen(data.get("couponPrice")),
                _text(data.get("couponUnit")),
                _yen(data.get("couponTotalPrice")),
            ]
            for data in _dicts(payload, "CouponModelList")
        ],
    )


def _changes(payload):
    who = {0: "店舗", 1: "注文者"}
    return Section(
        "変更・キャンセル",
        head=["内容", "区分", "申請者", "申請日時", "完了日時"],
        lines=[
            [
                _named(CHANGE_TYPES, data.get("changeType")),
                _named(CHANGE_DETAILS, data.get("changeTypeDetail")),
                _named(who, data.get("changeReason")),
                _moment(data.get("changeApplyDatetime")),
                _moment(data.get("changeCmplDatetime")),
            ]
            for data in _dicts(payload, "ChangeReasonModelList")
        ],
    )


def time_slot(term):
    """shippingTerm in words: 1 午前, 2 午後, 9 その他, 1416 14時～16時; '' for none."""
    number = _number(term)
    if not number:
        return ""
    if number < 100:
        return {1: "午前", 2: "午後", 9: "その他"}.get(number, "")
    return f"{number // 100}時～{number % 100}時"


# === Readers of single values, which never fail === #


def _filled(*rows):
    return [(term, text) for term, text in rows if term and text]


def _dict(data, key):
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _dicts(data, key):
    value = data.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(value):
    return str(value) if isinstance(value, str | int | float) else ""


def _number(value):
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _named(names, value):
    return names.get(_number(value), "")


def _moment(value):
    """``2026-01-10T09:15:02+0900`` as ``2026-01-10 09:15:02``, Japan's time."""
    return _text(value)[:19].replace("T", " ")


def _yen(value, zero="0円"):
    number = _number(value)
    if number is None:
        return ""
    if number == UNDETERMINED:
        return "未確定"
    return f"{number:,}円" if number else zero


def _rate(value):
    try:
        return f"{float(value) * 100:g}%"
    except (TypeError, ValueError):
        return ""
