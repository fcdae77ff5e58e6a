"""One order as RMS shows it: headings and terms of RMS, in Japanese, for people to read.

Whatever is missing or of a strange form is left out; nothing here decides anything.
"""

from dataclasses import dataclass, field
from itertools import starmap

from . import address
from .order import PROGRESS
from .payload import LENIENT, UNDETERMINED

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
CARD_PAYMENTS = {0: "一括払い", 1: "リボ払い", 2: "分割払い", 3: "その他", 4: "ボーナス一括払い"}
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
    """What RMS shows of an order beside its goods (RMS API section 3).

    :param dict payload: a getOrder order, maybe a broken one
    :rtype: list[Section]
    """
    found = [
        _order(payload),
        _person("注文者", LENIENT.person(payload, "OrdererModel")),
        _settlement(payload),
        *(
            _package(number, package)
            for number, package in enumerate(LENIENT.packages(payload, deleted=True), start=1)
        ),
        _wrapping(payload),
        _amounts(payload),
        _taxes(payload),
        _coupons(payload),
        _changes(payload),
    ]
    return [section for section in found if section.rows or section.lines]


def goods(payload):
    """The goods that RMS shows of an order (RMS API section 3.8), by destination.

    :param dict payload: a getOrder order, maybe a broken one
    :rtype: list[Section]
    """
    packages = LENIENT.packages(payload, deleted=True)
    found = [
        Section(
            f"商品（送付先 {number}）" if len(packages) > 1 else "商品",
            head=["商品", "商品番号／SKU", "単価", "数量", "税率", "選択肢"],
            lines=[_item(item) for item in LENIENT.objects(package, "ItemModelList")],
        )
        for number, package in enumerate(packages, start=1)
    ]
    return [section for section in found if section.lines]


def _order(payload):
    delivery = LENIENT.object(payload, "DeliveryModel")
    return Section(
        "注文",
        _filled(
            ("ステータス", _named(PROGRESS, payload, "orderProgress")),
            ("サブステータス", LENIENT.text(payload, "subStatusName")),
            ("注文種別", _named(ORDER_TYPES, payload, "orderType")),
            ("申込番号", LENIENT.text(payload, "reserveNumber")),
            ("注文日時", _moment(payload, "orderDatetime")),
            ("注文確認日時", _moment(payload, "shopOrderCfmDatetime")),
            ("注文確定日時", _moment(payload, "orderFixDatetime")),
            ("発送指示日時", _moment(payload, "shippingInstDatetime")),
            ("発送完了報告日時", _moment(payload, "shippingCmplRptDatetime")),
            ("キャンセル期限日", LENIENT.text(payload, "cancelDueDate")),
            ("お届け日指定", LENIENT.text(payload, "deliveryDate")),
            ("お届け時間帯", time_slot(payload)),
            ("配送方法", LENIENT.text(delivery, "deliveryName")),
            ("配送区分", _named(DELIVERY_CLASSES, delivery, "deliveryClass")),
            ("備考", LENIENT.text(payload, "remarks")),
            ("ひとことメモ", LENIENT.text(payload, "memo")),
            ("担当者", LENIENT.text(payload, "operator")),
            ("メール差込文", LENIENT.text(payload, "mailPlugSentence")),
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
    return [label for key, label in marks.items() if LENIENT.flag(payload, key)]


def _caution(payload):
    shown = CAUTIONS.get(LENIENT.whole(payload, "cautionDisplayType"))
    detail = CAUTION_DETAILS.get(LENIENT.whole(payload, "cautionDisplayDetailType"))
    return "：".join(filter(None, (shown, detail))) if shown else ""


def _person(title, person):
    birth = [LENIENT.whole(person, key) for key in ("birthYear", "birthMonth", "birthDay")]
    return Section(
        title,
        _filled(
            ("氏名", address.full_name(person)),
            ("フリガナ", address.kana(person)),
            ("郵便番号", address.zip_code(person)),
            ("住所", address.place(person)),
            ("電話番号", address.phone(person)),
            ("メールアドレス", LENIENT.text(person, "emailAddress")),
            ("性別", LENIENT.text(person, "sex").strip("-")),
            ("生年月日", "-".join(map(str, birth)) if all(birth) else ""),
            ("離島", "離島" if LENIENT.flag(person, "isolatedIslandFlag") else ""),
        ),
    )


def _settlement(payload):
    data = LENIENT.object(payload, "SettlementModel")
    code = LENIENT.whole(data, "settlementMethodCode")
    collected = {1: "楽天市場の共通決済手段", 0: "選択制決済"}
    return Section(
        "決済",
        _filled(
            ("支払方法", LENIENT.text(data, "settlementMethod") or SETTLEMENT.get(code, "")),
            ("決済区分", _named(collected, data, "rpaySettlementFlag")),
            ("カード", LENIENT.text(data, "cardName")),
            ("支払回数", LENIENT.text(data, "cardInstallmentDesc")),
            *(
                (_named(DUE_DATES, due, "dueDateType"), LENIENT.text(due, "dueDate"))
                for due in LENIENT.objects(payload, "DueDateModelList")
            ),
            ("領収書発行回数", LENIENT.text(payload, "receiptIssueCount").strip("0")),
        ),
    )


def _package(number, package):
    recipient = _person(f"送付先 {number}", LENIENT.person(package, "SenderModel"))
    gift = LENIENT.object(package, "SocialGiftModel")
    recipient.rows += _filled(
        ("のし", LENIENT.text(package, "noshi")),
        ("置き配", LENIENT.text(package, "dropOffLocation")),
        ("送料", _yen(package, "postagePrice")),
        ("代引料", _yen(package, "deliveryPrice", zero="")),
        ("受取店舗", store(package)),
        ("ソーシャルギフト管理番号", LENIENT.text(gift, "sgMngNumber")),
        ("受取情報入力期限", LENIENT.text(gift, "inputDueDate")),
        *(
            (
                "お荷物伝票番号",
                " ".join(
                    filter(
                        None,
                        (
                            LENIENT.text(row, "deliveryCompanyName"),
                            LENIENT.text(row, "shippingNumber"),
                            LENIENT.text(row, "shippingDate"),
                        ),
                    )
                ),
            )
            for row in LENIENT.objects(package, "ShippingModelList")
        ),
    )
    return recipient


def store(package):
    """The shop or post office that keeps a parcel for its recipient; '' where it is delivered."""
    data = LENIENT.object(package, "DeliveryCvsModel")
    name = CONVENIENCE_STORES.get(LENIENT.whole(data, "cvsCode"), "")
    place = "".join(LENIENT.text(data, key) for key in ("storePrefecture", "storeAddress"))
    return " ".join(filter(None, (name, LENIENT.text(data, "storeName"), place)))


def _item(item):
    skus = LENIENT.objects(item, "SkuModelList")
    sku = skus[0] if skus else {}
    codes = ((item, "itemNumber"), (sku, "merchantDefinedSkuId"), (sku, "variantId"))
    options = ((sku, "skuInfo"), (item, "selectedChoice"))
    deleted = "（削除）" if LENIENT.is_deleted(item) else ""
    excluded = "" if LENIENT.flag(item, "includeTaxFlag", default=True) else "（税別）"
    return [
        LENIENT.text(item, "itemName") + deleted,
        "／".join(filter(None, starmap(LENIENT.text, codes))),
        _yen(item, "price") + excluded,
        LENIENT.text(item, "units"),
        _rate(item, "taxRate"),
        "\n".join(filter(None, starmap(LENIENT.text, options))),
    ]


def _wrapping(payload):
    wrappings = (LENIENT.object(payload, key) for key in ("WrappingModel1", "WrappingModel2"))
    return Section(
        "ラッピング",
        _filled(
            *(
                (
                    _named(WRAPPINGS, data, "title") or "ラッピング",
                    " ".join(filter(None, (LENIENT.text(data, "name"), _yen(data, "price")))),
                )
                for data in wrappings
                if data
            )
        ),
    )


def _amounts(payload):
    points = LENIENT.object(payload, "PointModel")
    return Section(
        "金額",
        _filled(
            ("商品合計金額", _yen(payload, "goodsPrice")),
            ("送料合計", _yen(payload, "postagePrice")),
            ("代引料", _yen(payload, "deliveryPrice", zero="")),
            ("決済手数料", _yen(payload, "paymentCharge", zero="")),
            ("注文者負担金", _yen(payload, "additionalFeeOccurAmountToUser", zero="")),
            ("店舗負担金", _yen(payload, "additionalFeeOccurAmountToShop", zero="")),
            ("合計金額", _yen(payload, "totalPrice")),
            ("店舗原資クーポン", _yen(payload, "couponShopPrice", zero="")),
            ("楽天原資クーポン", _yen(payload, "couponOtherPrice", zero="")),
            ("利用ポイント", _yen(points, "usedPoint", zero="")),
            ("請求金額", _yen(payload, "requestPrice")),
        ),
    )


def _taxes(payload):
    keys = ("totalPrice", "paymentCharge", "couponPrice", "reqPrice", "reqPriceTax")
    return Section(
        "税率別",
        head=["税率", "合計金額", "決済手数料", "クーポン", "請求額", "うち消費税"],
        lines=[
            [_rate(summary, "taxRate"), *(_yen(summary, key) for key in keys)]
            for summary in LENIENT.objects(payload, "TaxSummaryModelList")
        ],
    )


def _coupons(payload):
    return Section(
        "クーポン",
        head=["クーポン", "内容", "原資", "金額", "枚数", "合計"],
        lines=[
            [
                " ".join(
                    filter(None, (LENIENT.text(data, key) for key in ("couponCode", "couponName")))
                ),
                LENIENT.text(data, "couponSummary"),
                _named(COUPON_CAPITAL, data, "couponCapitalCode"),
                _yen(data, "couponPrice"),
                LENIENT.text(data, "couponUnit"),
                _yen(data, "couponTotalPrice"),
            ]
            for data in LENIENT.objects(payload, "CouponModelList")
        ],
    )


def _changes(payload):
    who = {0: "店舗", 1: "注文者"}
    return Section(
        "変更・キャンセル",
        head=["内容", "区分", "申請者", "申請日時", "完了日時"],
        lines=[
            [
                _named(CHANGE_TYPES, data, "changeType"),
                _named(CHANGE_DETAILS, data, "changeTypeDetail"),
                _named(who, data, "changeReason"),
                _moment(data, "changeApplyDatetime"),
                _moment(data, "changeCmplDatetime"),
            ]
            for data in LENIENT.objects(payload, "ChangeReasonModelList")
        ],
    )


def time_slot(payload):
    """shippingTerm in words: 1 午前, 2 午後, 9 その他, 1416 14時～16時; '' for none."""
    number = LENIENT.whole(payload, "shippingTerm")
    if not number:
        return ""
    if number < 100:
        return {1: "午前", 2: "午後", 9: "その他"}.get(number, "")
    return f"{number // 100}時～{number % 100}時"


# === How single values are shown === #


def _filled(*rows):
    return [(term, text) for term, text in rows if term and text]


def _named(names, data, key):
    return names.get(LENIENT.whole(data, key), "")


def _moment(data, key):
    """``2026-01-10T09:15:02+0900`` as ``2026-01-10 09:15:02``, Japan's time."""
    return LENIENT.text(data, key)[:19].replace("T", " ")


def _yen(data, key, zero="0円"):
    number = LENIENT.whole(data, key)
    if number is None:
        return ""
    if number == UNDETERMINED:
        return "未確定"
    return f"{number:,}円" if number else zero


def _rate(data, key):
    rate = LENIENT.rate(data, key)
    return "" if rate is None else f"{float(rate) * 100:g}%"
