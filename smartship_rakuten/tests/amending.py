"""What the tests of changes share: an order, the kinds of change, and what each may touch.

The order: two of CODE-A at 1,100 yen (10 %), one of CODE-B at 540 yen (8 %), postage 660 yen: 3,400
yen. Everything is written by hand; the totals as well.
"""

from copy import deepcopy

from .common import ADDRESS, RakutenCase, item, order, package

#: Fields that say when and by whom something was written, or that follow chatter and activities.
TECHNICAL = frozenset("write_date write_uid message_ids activity_ids".split())
MODELS = ("sale.order", "sale.order.line", "stock.picking", "stock.move", "stock.move.line")
#: What Odoo derives from the amounts of an order, and what it derives from a line's.
ORDER_AMOUNTS = frozenset(
    """
    sale.order:amount_untaxed sale.order:amount_tax sale.order:amount_total
    sale.order:amount_to_invoice sale.order:rakuten_request_price
    """.split()
)
LINE_AMOUNTS = frozenset(
    """
    sale.order.line:price_subtotal sale.order.line:price_tax sale.order.line:price_total
    sale.order.line:price_reduce_taxexcl sale.order.line:price_reduce_taxinc
    sale.order.line:untaxed_amount_to_invoice sale.order.line:amount_to_invoice
    """.split()
)
QUANTITIES = frozenset(
    """
    sale.order.line:product_uom_qty sale.order.line:qty_to_invoice
    stock.move:product_uom_qty stock.move:product_qty stock.move:quantity
    stock.move:packaging_uom_qty stock.move:weight stock.move:value stock.move.line:quantity
    stock.move.line:quantity_product_uom
    """.split()
)
#: A list of records has one more or one less.
LISTS = frozenset(
    "sale.order:order_line stock.picking:move_ids stock.picking:move_line_ids "
    "stock.move:move_line_ids sale.order:picking_ids".split()
)


def base(sequence, **values):
    return order(sequence, [package(7001, goods(), postage=660)], total=3400, **values)


def goods():
    return [item("1", units=2), item("2", "CODE-B", price=540, rate=0.08)]


def changed(sequence, kind):
    """The order of :func:`base` after a change of a kind."""
    payload = deepcopy(base(sequence))
    payload.update(total_of(kind))
    (place,) = payload["PackageModelList"]
    first, second = place["ItemModelList"]
    if kind == "recipient":
        place["SenderModel"]["city"] = "港区"
    elif kind == "buyer":
        payload["OrdererModel"]["phoneNumber3"] = "9999"
    elif kind == "more":
        first["units"] = 3
    elif kind == "fewer":
        first["units"] = 1
    elif kind == "added":
        place["ItemModelList"].append(item("3", "CODE-B", price=300))
    elif kind == "removed":
        place["ItemModelList"] = [first]
    elif kind == "price":
        first.update(price=1000, priceTaxIncl=1000)
    elif kind == "tax":
        second["taxRate"] = 0.1
    elif kind == "postage":
        place["postagePrice"] = 0
    elif kind == "coupon":
        payload.update(couponShopPrice=340, couponAllTotalPrice=340)
    elif kind == "points":
        payload["PointModel"] = {"usedPoint": 100}
    elif kind == "choice":
        first["selectedChoice"] = "包装:あり"
    elif kind == "destination":
        place["ItemModelList"] = [first]
        sender = {**ADDRESS, "familyName": "受取", "isolatedIslandFlag": 0}
        payload["PackageModelList"].append(package(7002, [second], SenderModel=sender))
    elif kind == "date":
        payload["deliveryDate"] = "2026-02-01"
    elif kind == "remarks":
        payload["remarks"] = "急ぎません"
    return payload


def total_of(kind):
    """totalPrice and requestPrice after a change."""
    total, billed = {
        "more": (4500, 4500),
        "fewer": (2300, 2300),
        "added": (3700, 3700),
        "removed": (2860, 2860),
        "price": (3200, 3200),
        "postage": (2740, 2740),
        "coupon": (3400, 3060),
        "points": (3400, 3300),
    }.get(kind, (3400, 3400))
    return {"totalPrice": total, "requestPrice": billed}


#: What each kind of change may touch besides records of which nothing was there before.
TOUCHES = {
    "recipient": frozenset(
        """
        sale.order:partner_shipping_id sale.order.line:rakuten_recipient_id
        stock.picking:partner_id stock.move:partner_id
        """.split()
    ),
    "buyer": frozenset(
        """
        sale.order:partner_id sale.order:partner_invoice_id sale.order.line:order_partner_id
        """.split()
    ),
    "more": ORDER_AMOUNTS | LINE_AMOUNTS | QUANTITIES,
    # Odoo reserves anew what is left.
    "fewer": ORDER_AMOUNTS | LINE_AMOUNTS | QUANTITIES | LISTS,
    "added": ORDER_AMOUNTS | LISTS,
    "removed": ORDER_AMOUNTS | LISTS,
    "price": ORDER_AMOUNTS | LINE_AMOUNTS | {"sale.order.line:price_unit"},
    "tax": ORDER_AMOUNTS | LINE_AMOUNTS | {"sale.order.line:tax_ids"},
    "postage": ORDER_AMOUNTS | LISTS,
    "coupon": ORDER_AMOUNTS | LISTS | {"sale.order:rakuten_coupon_shop"},
    "points": frozenset(["sale.order:rakuten_request_price", "sale.order:rakuten_used_point"]),
    "choice": frozenset(["sale.order.line:name"]),
    "destination": LISTS,
    # The transfer is planned anew.
    "date": frozenset(
        """
        stock.picking:scheduled_date stock.picking:date_deadline stock.picking:rakuten_planned_at
        stock.picking:has_deadline_issue stock.move:date stock.move:date_deadline
        """.split()
    ),
    "remarks": frozenset(),
}
#: What a transfer shows of Rakuten as it is now, also while it is held.
SHOWN = {
    "recipient": {"stock.picking:rakuten_gift", "stock.picking:rakuten_address_key"},
    "date": {"stock.picking:rakuten_delivery_date", "stock.picking:rakuten_ship_by"},
}
#: How many records of each model come and go with a change: lines, and what moves them.
COMES = {
    "fewer": {"stock.move.line": 1},
    "added": {"sale.order.line": 1, "stock.move": 1, "stock.move.line": 1},
    "coupon": {"sale.order.line": 2},
    "destination": {
        "sale.order.line": 1,
        "stock.picking": 1,
        "stock.move": 1,
        "stock.move.line": 1,
    },
}
GOES = {
    "fewer": {"stock.move.line": 1},
    "removed": {"sale.order.line": 1, "stock.move": 1, "stock.move.line": 1},
    "postage": {"sale.order.line": 1},
    "destination": {"sale.order.line": 1, "stock.move": 1, "stock.move.line": 1},
}


class AmendCase(RakutenCase):
    """An order changes at Rakuten, and everything but what changed stays as it is."""

    sequence = 0

    def everything(self, record):
        """Everything that is stored of what came with an order.

        :return: dict of (model, id) to dict of field to value
        """
        self.env.flush_all()
        self.env.invalidate_all()
        sale_order = record.sale_order_id
        found = {}
        for records in (
            sale_order,
            sale_order.order_line,
            sale_order.picking_ids,
            sale_order.picking_ids.move_ids,
            sale_order.picking_ids.move_line_ids,
            *self.beside(record),
        ):
            for each in records.sudo():
                found[each._name, each.id] = {
                    name: field.convert_to_read(each[name], each, use_display_name=False)
                    for name, field in each._fields.items()
                    if (field.store or name in ("order_line", "picking_ids"))
                    and name not in TECHNICAL
                    and not name.startswith(
                        ("message_", "activity_", "rakuten_rule", "rakuten_held")
                    )
                }
        return found

    def beside(self, _record):
        """What else must not change: hook for what other modules hang on an order.

        :return: list of recordsets
        """
        return []

    def differences(self, before, after):
        """:return: (set of model:field that changed, dict of model to how many came, and went)"""
        touched = {
            f"{key[0]}:{name}"
            for key in before.keys() & after.keys()
            for name, value in before[key].items()
            if after[key][name] != value
        }
        return touched, _count(after.keys() - before.keys()), _count(before.keys() - after.keys())

    #: Goods that are in stock are reserved when they are ordered.
    reserved = True

    def check_changes(
        self, *, arrange=None, held=(), touches=frozenset(), comes=(), kinds=tuple(TOUCHES)
    ):
        """Import an order for each kind of change, change it, and compare everything before and
        after.

        :param arrange: function of the rakuten.order that does something with it before
        :param held: kinds that may change nothing and hold the transfers
        :param touches: model:field that any of them may touch as well
        :param dict comes: of kind to dict of model to how many records come as well
        :return: dict of kind to the rakuten.order
        """
        first = type(self).sequence + 1
        type(self).sequence += len(kinds)
        numbers = dict(zip(kinds, range(first, first + len(kinds)), strict=True))
        orders = self.import_orders(*map(base, numbers.values()))
        records = dict(zip(kinds, orders, strict=True))
        for record in orders:
            self.assertEqual(record.state, "done")
            if arrange:
                arrange(record)
        states = {kind: record.sale_order_id.state for kind, record in records.items()}
        before = {kind: self.everything(record) for kind, record in records.items()}
        self.rms.put(*(changed(number, kind) for kind, number in numbers.items()))
        self.shop._run("refresh")
        for kind, record in records.items():
            after = self.everything(record)
            with self.subTest(kind=kind):
                found = self.differences(before[kind], after)
                if kind in held:
                    self.assertTrue(record.changed)
                    self.assertEqual(found, (found[0] & SHOWN.get(kind, set()), {}, {}))
                    continue
                self.assertFalse(record.changed)
                more = dict(comes).get(kind, {})
                self.check_difference(kind, states[kind], *found, touches, more)
                self.check_order(record, changed(numbers[kind], kind))
                self.assertEqual(record.sale_order_id.state, states[kind])
                if states[kind] == "sale":
                    self.check_goods(record)
        return records

    def check_difference(self, kind, state, touched, came, went, touches, comes):
        self.assertEqual(touched - TOUCHES[kind] - SHOWN.get(kind, set()) - touches, set())
        coming = {**COMES.get(kind, {}), **comes}
        for found, wanted in ((came, coming), (went, GOES.get(kind, {}))):
            if not self.reserved:
                wanted = {model: n for model, n in wanted.items() if model != "stock.move.line"}
            if state != "sale":
                wanted = {model: n for model, n in wanted.items() if model == "sale.order.line"}
            self.assertEqual(found, wanted)

    def check_order(self, record, payload):
        """The sale order is worth what Rakuten says."""
        sale_order = record.sale_order_id
        total = payload["totalPrice"] - payload["couponShopPrice"]
        self.assertEqual(sale_order.amount_total, total)
        self.assertEqual(sale_order.rakuten_request_price, payload["requestPrice"])
        self.assertEqual(sale_order.currency_id.name, "JPY")

    def check_goods(self, record):
        """What leaves is what is sold, and goes to where it is sold."""
        for line in record.sale_order_id.order_line.filtered(
            lambda line: line.product_id.type == "consu"
        ):
            # What is made for it has moves as well, but no transfer.
            moves = line.move_ids.filtered(lambda move: move.picking_id and move.state != "cancel")
            self.assertEqual(sum(moves.mapped("product_uom_qty")), line.product_uom_qty)
            self.assertEqual(moves.partner_id, line.rakuten_recipient_id)
            self.assertEqual(moves.picking_id.partner_id, line.rakuten_recipient_id)
            self.assertNotIn("customer", moves.location_id.mapped("usage"))


#: Changes after which less is needed of what was bought or made to order.
LESS = ("fewer", "removed", "destination")


class ToOrderCase(AmendCase):
    """The same of goods that are bought or made for each order."""

    reserved = False

    def sold(self, record):
        """:return: dict of product to how many an order has"""
        lines = record.sale_order_id.order_line
        goods = lines.filtered(lambda line: line.product_id.type == "consu")
        return self.quantities(goods, "product_uom_qty")

    @staticmethod
    def quantities(records, name):
        """:return: dict of product to the sum of a field, without those of which there is none"""
        sums = {
            product: sum(own.mapped(name)) for product, own in records.grouped("product_id").items()
        }
        return {product: quantity for product, quantity in sums.items() if quantity}

    def check_cancelled(self, supply):
        """An order is cancelled at Rakuten: what was begun for it is named.

        :param supply: function of the rakuten.order that gives what is bought or made for it
        """
        (record,) = self.import_orders(base(911))
        documents = supply(record)
        payload = changed(911, "remarks")
        payload["orderProgress"] = 900
        self.rms.put(payload)
        self.shop._run("refresh")
        self.assertEqual(record.state, "cancelled")
        told = " ".join(record.activity_ids.mapped("summary"))
        for document in documents:
            self.assertIn(document.name, told)
        return documents


def _count(keys):
    found = {}
    for model, _id in keys:
        found[model] = found.get(model, 0) + 1
    return found
