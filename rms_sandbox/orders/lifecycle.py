"""The life of an order (RMS API section 5): what happens by itself, and when.

Nothing runs in the background. Before every call ``catch_up`` carries out, in the order of
their times, all changes that are due by the sandbox's clock.
"""

import logging

from ..ground.clock import DAY, MINUTE, midnight, parse_date, parse_rms_datetime, rms_datetime
from ..ground.values import as_int, dicts

_logger = logging.getLogger(__name__)

CONFIRM_WAIT = 3 * MINUTE  # 200 -> 300: credit check
CHANGE_WAIT = 10 * MINUTE  # 400 -> back: payment checked again
CANCEL_WAIT = 10 * MINUTE  # 800 -> 900
NIGHT_BATCH = 5 * MINUTE  # after midnight: 300 -> 500
UNCONFIRMED_LIFE = 14 * DAY  # 100 -> 900
TO_PAYING = 3 * DAY  # 500 -> 600, counted from the shipment report
TO_PAID = 10 * DAY  # 600 -> 700, counted from the shipment report
ORPHAN_LIFE = DAY  # stock of an item that does not exist (RMS API section 6.3)
PREPAYMENT = (9, 13, 14)  # settlement codes that wait for the buyer's money

# changeType of RMS API section 3.14
CANCEL_REQUEST, CANCEL_FIXED, EDIT_REQUEST, EDIT_DONE, CONFIRMED = 0, 1, 4, 6, 8
BY_SHOP, BY_BUYER = 0, 1
GIFT_EXPIRED = 16  # 受取情報入力期限切れ


def place(world, order, meta, number):
    """The row of a new order for ``Store.insert_orders``."""
    note_rows(order, meta, world.now())
    return world.store.order_row(number, order, meta, next_due(order, meta))


def save(world, number, order, meta):
    note_refund(order, meta, world.now())
    world.store.update_order(number, order, meta, next_due(order, meta))


def is_complete(order):
    """Every destination has rows, and every row has company, number and date."""
    packages = [p for p in dicts(order.get("PackageModelList")) if not p.get("packageDeleteFlag")]
    keys = ("deliveryCompany", "shippingNumber", "shippingDate")
    rows = [dicts(package.get("ShippingModelList")) for package in packages]
    return bool(rows) and all(
        part and all(row.get(key) for row in part for key in keys) for part in rows
    )


def note_rows(order, meta, now):
    """Remember since when the shipping rows are complete."""
    if is_complete(order):
        meta.setdefault("complete_at", now)
    else:
        meta.pop("complete_at", None)


def owed(order):
    """What Rakuten owes for an order (RMS API section 4.3): [決済, points, Rakuten's coupons]."""
    if as_int(order.get("orderProgress")) == 900:
        return [0, 0, 0]
    points = (dicts([order.get("PointModel")]) or [{}])[0].get("usedPoint")
    parts = (order.get("requestPrice"), points, order.get("couponOtherPrice"))
    return [as_int(part, 0) for part in parts]


def fix_payment(order, meta, at):
    """決済確定: the payment is settled, and Rakuten owes it to the shop."""
    meta["pay_at"] = at
    meta["fixed"] = owed(order)


def note_refund(order, meta, now):
    """What a fixed payment becomes less is given back to the buyer, and charged to the shop."""
    if "fixed" not in meta:
        return
    less = meta.get("left", sum(meta["fixed"])) - sum(owed(order))
    if less > 0:
        meta["left"] = sum(owed(order))
        meta.setdefault("refunds", []).append({"at": meta.get("since") or now, "amount": less})


def gift_deadline(order):
    """The end of the day by which the receiver of a social gift has to enter the address."""
    gifts = dicts([p.get("SocialGiftModel") for p in dicts(order.get("PackageModelList"))])
    days = [parse_date(gift.get("inputDueDate")) for gift in gifts if gift.get("inputFlag") == 0]
    if as_int(order.get("orderProgress")) not in (100, 200, 300):
        return None
    return min((day + DAY for day in days if day is not None), default=None)


def next_due(order, meta):
    """The moment of the next change that comes by itself, or None."""
    moments = (gift_deadline(order), next_step(order, meta))
    return min((moment for moment in moments if moment is not None), default=None)


def next_step(order, meta):
    """The same without the deadline of social gifts."""
    progress = as_int(order.get("orderProgress"))
    since = meta.get("since") or meta.get("placed_at") or 0
    if progress == 100:
        return (parse_rms_datetime(order.get("orderDatetime")) or since) + UNCONFIRMED_LIFE
    if progress == 200:
        stands = meta.get("payment_refused") or waits_for_money(order, meta)
        return None if stands else since + CONFIRM_WAIT
    if progress == 300:
        complete = meta.get("complete_at")
        if complete is None:
            return None
        return midnight(max(complete, since)) + DAY + NIGHT_BATCH
    if progress in (500, 600):
        reported = parse_rms_datetime(order.get("shippingCmplRptDatetime")) or since
        return reported + (TO_PAYING if progress == 500 else TO_PAID)
    if progress in (400, 800):
        return since + (CHANGE_WAIT if progress == 400 else CANCEL_WAIT)
    return None


def waits_for_money(order, meta):
    settlement = order.get("SettlementModel")
    code = as_int(settlement.get("settlementMethodCode")) if isinstance(settlement, dict) else None
    return code in PREPAYMENT and not meta.get("paid")


def catch_up(world):
    """Carry out everything that is due by now."""
    now, store = world.now(), world.store
    while due := store.due_orders(now):
        store.begin()
        for number, due_at in due:
            order, meta = store.order(number)
            try:
                advance(world, order, meta, due_at)
                save(world, number, order, meta)
            except Exception:  # a malformed order that a test stored stays as it is
                _logger.debug("order %s cannot move on", number, exc_info=True)
                store.db.execute("UPDATE orders SET due_at = NULL WHERE number = ?", (number,))
        store.commit()
    drop_orphans(world, now)


def drop_orphans(world, now):
    """Stock records of items that do not exist go 24 hours after their last update."""
    stale = world.store.stale_stock(now - ORPHAN_LIFE)
    if not stale:
        return
    pairs = world.store.sku_pairs()
    for pair in stale:
        if pair in pairs:
            world.store.mark_checked(pair, now)
        else:
            world.store.delete_stock(*pair)


def advance(world, order, meta, at):
    """One change of status that is due at that moment."""
    progress = as_int(order["orderProgress"])
    deadline = gift_deadline(order)
    if deadline is not None and at >= deadline:
        cancel_now(world, order, meta, at, BY_BUYER, GIFT_EXPIRED)
    elif progress == 100:
        cancel_now(world, order, meta, at, BY_SHOP, None)
    elif progress == 200:
        fix(order, meta, at)
    elif progress == 300:
        order["shippingCmplRptDatetime"] = rms_datetime(at)
        move(order, meta, 500, at)
    elif progress == 400:
        by, reason, detail = meta.pop("change", (BY_SHOP, 10, None))
        add_change(world, order, EDIT_DONE, at, by, reason, detail)
        move(order, meta, meta.pop("back_to", 300), at)
    elif progress == 500:
        move(order, meta, 600, at)
    elif progress == 600:
        if not meta.get("pay_at"):
            fix_payment(order, meta, at)
        move(order, meta, 700, at)
    elif progress == 800:
        cancel_now(world, order, meta, at, meta.get("cancel_by", BY_SHOP), meta.get("reason"))


def move(order, meta, progress, at):
    """Change the status. A sub-status belongs to one status only, so it goes."""
    order["orderProgress"] = progress
    order["subStatusId"] = order["subStatusName"] = None
    meta["since"] = at


def add_change(world, order, change_type, at, by, reason, detail=None):
    """Append a ChangeReasonModel (RMS API section 3.14)."""
    moment = rms_datetime(at)
    done = None if change_type in (CANCEL_REQUEST, EDIT_REQUEST) else moment
    if not isinstance(order.get("ChangeReasonModelList"), list):
        order["ChangeReasonModelList"] = []
    order["ChangeReasonModelList"].append(
        {
            "changeId": next(world.change_ids),
            "changeType": change_type,
            "changeTypeDetail": detail,
            "changeReason": by,
            "changeReasonDetail": reason,
            "changeApplyDatetime": moment,
            "changeFixDatetime": done,
            "changeCmplDatetime": done,
        }
    )


def confirm(world, order, meta, at):
    """100 -> 200 (RMS API section 2.5)."""
    order["shopOrderCfmDatetime"] = rms_datetime(at)
    add_change(world, order, CONFIRMED, at, None, None)
    move(order, meta, 200, at)


def fix(order, meta, at):
    """200 -> 300: the order is fixed and may be shipped."""
    order["orderFixDatetime"] = order["shippingInstDatetime"] = rms_datetime(at)
    order["cancelDueDate"] = None
    move(order, meta, 300, at)


def begin_change(world, order, meta, at, by, reason, detail):
    """A changed order waits in 400 until the payment has been checked again."""
    add_change(world, order, EDIT_REQUEST, at, by, reason, detail)
    meta.update(change=(by, reason, detail), back_to=as_int(order["orderProgress"]))
    move(order, meta, 400, at)


def request_cancel(world, order, meta, at, by, reason, restore_type=0):
    """Cancelled at once in 100, otherwise 800 and final ten minutes later."""
    meta.update(cancel_by=by, reason=reason, restore_type=restore_type)
    if as_int(order.get("orderProgress")) == 100:
        cancel_now(world, order, meta, at, by, reason)
    else:
        add_change(world, order, CANCEL_REQUEST, at, by, reason)
        move(order, meta, 800, at)


def cancel_now(world, order, meta, at, by, reason):
    """-> 900, and the stock goes back. The amounts stay as they are."""
    add_change(world, order, CANCEL_FIXED, at, by, reason)
    move(order, meta, 900, at)
    order["cancelDueDate"] = None
    restore_stock(world, order, meta)


def restore_stock(world, order, meta):
    """Put the units back, once: inventoryRestoreType first, then the setting of the item."""
    if meta.get("restored") or not meta.get("sold"):
        return
    meta["restored"] = True
    restore_type = as_int(meta.get("restore_type"), 0)
    for manage_number, variant_id, units, flag in sold_lines(order):
        if restore_type == 1 or (
            restore_type == 0 and item_restores(world, manage_number, variant_id, flag)
        ):
            world.put_back(manage_number, variant_id, units)


def item_restores(world, manage_number, variant_id, flag):
    """restoreInventoryFlag: 1 linked, 2 not linked, 0 as the item is set."""
    if flag in (1, 2):
        return flag == 1
    item = world.store.item(manage_number) or {}
    variants = item.get("variants") if isinstance(item.get("variants"), dict) else {}
    return bool((variants.get(variant_id) or {}).get("restockOnCancel", True))


def move_stock(world, before, after, meta):
    """A change of units changes the stock: more is sold, less goes back if the line says so."""
    if not meta.get("sold"):
        return
    flags = {}
    units = {}
    for sign, order in ((-1, before), (1, after)):
        for *pair, number, flag in sold_lines(order, with_deleted=True):
            units[tuple(pair)] = units.get(tuple(pair), 0) + sign * number
            flags[tuple(pair)] = flag
    for pair, more in units.items():
        if more > 0 and flags[pair] != 2:
            world.sell(*pair, more)
        elif more < 0 and item_restores(world, *pair, flags[pair]):
            world.put_back(*pair, -more)


def sold_lines(order, with_deleted=False):
    """[(manageNumber, variantId, units, restoreInventoryFlag)] of everything not deleted.

    ``with_deleted`` adds what is deleted, with 0 units.
    """
    lines = []
    for package in dicts(order.get("PackageModelList")):
        for item in dicts(package.get("ItemModelList")):
            deleted = package.get("packageDeleteFlag") == 1 or item.get("deleteItemFlag") == 1
            units = 0 if deleted else as_int(item.get("units"), 0)
            for sku in dicts(item.get("SkuModelList"))[:1]:
                pair = (item.get("manageNumber"), sku.get("variantId"))
                if all(isinstance(code, str) and code for code in pair) and (
                    units > 0 or with_deleted
                ):
                    lines.append((*pair, units, as_int(item.get("restoreInventoryFlag"), 0)))
    return lines
