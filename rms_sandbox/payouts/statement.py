"""The statements (総合精算書) of a shop: 店舗別内訳書CSV and 表示情報CSV.

A payment that Rakuten fixes from the 11th to the 25th stands on the statement of the 5th of the
next month, one of the 26th to the 10th on that of the 20th, which also charges what the orders of
two months before cost. Rows are totals: a statement has no order numbers.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta

from ..ground.clock import DAY, parse_date
from ..ground.values import as_int, dicts
from ..orders.lifecycle import owed

ISSUE_DAYS = (5, 20)
HEADINGS = (
    "発行日,精算書No,店舗別内訳書No,店舗別ID,ＵＲＬ,店舗名,支払（税込額）,請求（税抜額）,請求（税額）,"
    "支払/請求分類,集約科目,品目,精算対象期間開始日,精算対象期間終了日,金額,うち消費税,税率"
).split(",")
#: The second form that is known.
OTHER_HEADINGS = [
    {"店舗別内訳書No": "店舗別仕訳書No", "支払/請求分類": "支払/相殺区分"}.get(name, name)
    for name in HEADINGS
]
DISPLAY_HEADINGS = (
    "企業ID,店舗名,店舗別ID,URL,精算書発行日,ご請求計算額,ご請求締め日,お支払計算額,お支払締め日,"
    "ご精算額,お支払予定日,お支払期限日"
).split(",")
#: 集約科目 and 品目 of what is paid out. Nobody knows how Rakuten names these.
SETTLED = ("楽天ペイ決済金", "ﾌﾟﾗﾝ共通_楽天ﾍﾟｲ決済金")
POINTS = ("ポイント利用額", "ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ利用額")
COUPONS = ("クーポン利用額", "ﾌﾟﾗﾝ共通_ｸｰﾎﾟﾝ利用額")
#: 集約科目 and 品目 of charges, thousandths of the sales, and whether they are taxed.
FEES = (
    ("システム利用料", "ｼｽﾃﾑ利用料_{device}", 40, True),
    ("楽天ペイ利用料", "ﾌﾟﾗﾝ共通_楽天ﾍﾟｲ利用料", 30, True),
    (
        "システム利用料",
        "ﾌﾟﾗﾝ共通_ﾓｰﾙにおける取引の安全性･利便性向上のためのｼｽﾃﾑ利用料",
        1,
        True,
    ),
    ("アフィリエイト", "ｽｰﾊﾟｰｱﾌｨﾘｴｲﾄ_成果報酬原資", 10, True),
    ("ポイント原資", "ﾌﾟﾗﾝ共通_ﾎﾟｲﾝﾄ付与料_{device}", 10, False),
)
PC = 0  # carrierCode of the device
REFUND = ("返金", "ﾌﾟﾗﾝ共通_ﾕｰｻﾞ返金_店舗様負担分")
SHOP_COUPON = ("ショップクーポン", "ﾌﾟﾗﾝ共通_ｼｮｯﾌﾟｸｰﾎﾟﾝ")
TAX = ("消費税", "消費税")


@dataclass(frozen=True)
class Row:
    """A row: the amount without tax, and its tax."""

    paid: bool
    names: tuple
    first: date
    last: date
    amount: int
    tax: int = 0


def periods(issued):
    """The days that a statement is about.

    :param date issued: a 5th or a 20th
    :return: (first and last day of the payments, first and last day of what is charged or None)
    """
    if issued.day not in ISSUE_DAYS:
        raise ValueError("a statement is issued on the 5th and on the 20th")
    before = issued.replace(day=1) - timedelta(days=1)
    if issued.day == 5:
        return (before.replace(day=11), before.replace(day=25)), None
    last = before.replace(day=1) - timedelta(days=1)
    return (before.replace(day=26), issued.replace(day=10)), (last.replace(day=1), last)


def moments(first, last):
    """The seconds of these days in Japan, both included."""
    return parse_date(first.isoformat()), parse_date(last.isoformat()) + DAY - 1


def by_rakuten(order):
    """Whether Rakuten collects the money (共通決済)."""
    found = dicts([order.get("SettlementModel")])
    return bool(found) and as_int(found[0].get("rpaySettlementFlag")) == 1


def payouts(world, first, last, points, coupons, shop_coupons):
    """What Rakuten pays for the payments that it has fixed on these days.

    :param str points, coupons: ``apart`` in rows of their own, or ``inside`` the payments
    :param bool shop_coupons: the payments hold the shop's own coupons, which are charged again
    :return: (rows, numbers of the orders)
    """
    numbers, sums, own = [], [0, 0, 0], 0
    for number, order, meta in world.store.orders_paid(*moments(first, last)):
        if by_rakuten(order):
            numbers.append(number)
            parts = meta.get("fixed") or owed(order)
            sums = [total + part for total, part in zip(sums, parts, strict=True)]
            own += as_int(order.get("couponShopPrice"), 0)
    settled, point, coupon = sums
    apart = []
    for names, amount, how in ((POINTS, point, points), (COUPONS, coupon, coupons)):
        if how == "inside":
            settled += amount
        elif amount:
            apart.append(Row(True, names, first, last, amount))
    rows = [Row(True, SETTLED, first, last, settled + (own if shop_coupons else 0)), *apart]
    if shop_coupons and own:
        rows.append(Row(False, SHOP_COUPON, first, last, own))
    return rows, numbers


def refunds(world, first, last):
    """What Rakuten has given back to buyers on these days of payments that were fixed."""
    start, end = moments(first, last)
    amount = sum(
        refund["amount"]
        for _number, _order, meta in world.store.orders_refunded()
        for refund in meta["refunds"]
        if start <= refund["at"] <= end
    )
    return [Row(False, REFUND, first, last, amount)] if amount else []


def fees(world, first, last):
    """The fees for what the shop has shipped on these days."""
    sales = {}
    for order in world.store.orders_reported(*moments(first, last)):
        device = "PC" if as_int(order.get("carrierCode")) == PC else "ﾓﾊﾞｲﾙ"
        sales[device] = sales.get(device, 0) + max(sum(owed(order)), 0)
    rows = []
    for account, item, rate, taxed in FEES:
        devices = sorted(sales) if "{device}" in item else [None]
        for device in devices:
            base = sum(sales.values()) if device is None else sales[device]
            amount = base * rate // 1000
            if amount:
                names = (account, item.format(device=device))
                rows.append(Row(False, names, first, last, amount, amount // 10 if taxed else 0))
    return rows


def ordered(charges, first, last):
    """Further charges that a test wants: ``{"account", "item", "amount", "tax"}``."""
    return [
        Row(
            False,
            (str(charge.get("account", "その他")), str(charge["item"])),
            first,
            last,
            int(charge["amount"]),
            int(charge.get("tax", 0)),
        )
        for charge in charges or ()
    ]


def day(value):
    return value.strftime("%Y/%m/%d")


def yen(amount):
    """As the file writes it: with commas, ``-`` for none."""
    return f"{amount:,}" if amount else "-"


def encoded(rows):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("cp932")


def totals(rows):
    """(paid out, charged without tax, tax of the charges)"""
    charged = [row for row in rows if not row.paid]
    return (
        sum(row.amount for row in rows if row.paid),
        sum(row.amount for row in charged),
        sum(row.tax for row in charged),
    )


def detail(world, issued, rows, other=False):
    """The 店舗別内訳書CSV.

    :param bool other: in the second form, with the tax of all charges in a row of its own
    """
    paid, net, tax = totals(rows)
    config = world.config
    head = [
        day(issued),
        f"{issued:%Y%m%d}{config['shop_number']}",
        f"{issued:%Y%m%d}{config['shop_number']}01",
        config["shop_number"],
        config["shop_url"],
        config["shop_name"],
        yen(paid),
        yen(net),
        yen(tax),
    ]
    if other and tax:
        first, last = next((row.first, row.last) for row in rows if row.tax)
        rows = [*rows, Row(False, TAX, first, last, tax)]
    lines = [
        [
            *head,
            "支払" if row.paid else "請求",
            *row.names,
            day(row.first),
            day(row.last),
            yen(row.amount + (0 if other else row.tax)),
            "-" if other else yen(row.tax),
            "10%" if row.tax else "対象外",
        ]
        for row in rows
    ]
    return encoded([OTHER_HEADINGS if other else HEADINGS, *lines])


def display(world, issued, paid_until, charged_until, rows):
    """The 表示情報CSV: a row of the company, and one of the shop."""
    paid, net, tax = totals(rows)
    pays = issued.replace(day=15 if issued.day == 5 else min(30, last_day(issued)))
    config = world.config
    amounts = [
        day(issued),
        net + tax,
        day(charged_until) if charged_until else "-",
        paid,
        day(paid_until),
        paid - net - tax,
        day(pays) if paid >= net + tax else "-",
        "-" if paid >= net + tax else day(pays),
    ]
    shop = [config["shop_name"], config["shop_number"], config["shop_url"]]
    company = f"9{config['shop_number']}"
    return encoded(
        [DISPLAY_HEADINGS, [company, "-", "-", "-", *amounts], [company, *shop, *amounts]]
    )


def last_day(of):
    following = (of.replace(day=1) + timedelta(days=31)).replace(day=1)
    return (following - timedelta(days=1)).day


def statement(
    world,
    issued,
    points="apart",
    coupons="apart",
    shop_coupons=False,
    other=False,
    charges=None,
):
    """One statement.

    :param date issued: a 5th or a 20th
    :param charges: further charges, as of :func:`ordered`; on a 5th they are the only ones
    :return: dict of ``numbers``, ``paid``, ``charged``, ``tax``, ``detail`` and ``display``
    """
    (first, last), charged = periods(issued)
    rows, numbers = payouts(world, first, last, points, coupons, shop_coupons)
    rows += ordered(charges, first, last)
    if charged:
        rows += fees(world, *charged)
        # What has been given back since the last statement that charges.
        rows += refunds(world, first.replace(day=11), last)
    paid, net, tax = totals(rows)
    return {
        "numbers": numbers,
        "paid": paid,
        "charged": net,
        "tax": tax,
        "detail": detail(world, issued, rows, other),
        "display": display(world, issued, last, charged and charged[1], rows),
    }
