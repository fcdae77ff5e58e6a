"""Runs the story of dev/demo and prints its summary; fails at the first step that did not happen.

A whole day is played and looked at, from the connection to the last report. Then the orders of the
next morning come, and what is left is the state of noon: some wait at Rakuten, some are blocked,
some are held, the others lie ready to be picked.

Everything that is printed is read back from Odoo and from the sandbox afterwards.
"""

import argparse
import logging
import os
import sys
import time
from collections import Counter

import requests

import odoo
from odoo.tools import convert_file

#: Kinds of orders, see rms_sandbox/README.md: fifty good ones …
KINDS = """
    simple several_lines mixed_tax tax_excluded mixed_tax_included_excluded postage cod
    payment_charge additional_fee wrapping wrapping_two wrapping_tax_excluded shop_coupon
    shop_coupon_item rakuten_coupon points points_all free_item several_destinations noshi gift
    drop_off convenience_store delivery_date subscription buying_club reservation
    before_sku_migration midnight missing_first_name missing_kana missing_phone_part emoji
    half_width_kana long_remarks remote_island multi_sku free_option same_day best_delivery
    simple several_lines mixed_tax postage cod shop_coupon rakuten_coupon points
    several_destinations multi_sku
""".split()
#: Rows that Rakuten has before anything leaves: plans, which say nothing …
PLANNED_KINDS = ["planned_date", "planned_shipping", "carrier_only", "dash_number"]
#: … and numbers, which say that a label lies ready.
LABEL_KINDS = ["label_printed", "label_number_only", "label_printed"]
#: Three 配送方法, and what the shop keeper chooses for each.
DELIVERY_KINDS = ["home_delivery", "mail_delivery", "cool_delivery"]
DELIVERY_METHODS = {"宅配便": "yamato", "メール便": "japanpost", "クール便": "sagawa"}
#: Those that must not simply pass.
BAD_KINDS = ["unmapped_sku", "postage_undetermined", "social_gift"]
#: Orders that wait for the shop's confirmation.
UNCONFIRMED = 2

#: The next morning: what can be picked at noon …
READY_KINDS = """
    simple several_lines mixed_tax cod noshi gift delivery_date home_delivery mail_delivery
    cool_delivery points several_destinations wrapping same_day best_delivery
""".split()
#: … what waits at Rakuten, to be confirmed by a person or for the buyer's money …
WAITING_KINDS = ["rakuten_check+unconfirmed", "caution+rakuten_check+unconfirmed", "prepayment"]
#: … and what lacks something.
LACKING_KINDS = ["unmapped_sku", "label_printed", "social_gift"]

TO_TRY = {
    "en_US": """\
Odoo is at {address}, login admin, password admin. It is noon; five things to try:

1. The dashboard's card > Need Attention: {blocked} lacks a product. Choose one for its SKU, and the
   order comes in by itself.
2. Inventory > Deliveries, filter Held: {held} must not leave, and says why. Look at the reason and
   release it.
3. Inventory > Deliveries: select {ready} and others, Waybill Files; then enter their tracking
   numbers and validate. The scheduled actions report them to Rakuten within minutes.
4. A buyer orders; the card's menu > Import Orders brings it:
   curl -X POST {sandbox}/__sandbox__/orders -d '{{"count": 1, "kinds": ["gift"]}}'
5. A buyer cancels; Check at Rakuten on the transfer holds it back:
   curl -X POST {sandbox}/__sandbox__/events \\
     -d '{{"order_number": "{order}", "event": "buyer_cancel"}}'
""",
    "ja_JP": """\
Odooは {address} です（ログイン admin、パスワード admin）。時刻は正午。試してみること:

1. ダッシュボードのカード > 要確認: {blocked} は商品が未設定です。
   SKUの商品を選ぶと、受注は自動で取り込まれます。
2. 在庫 > 配送、フィルター「保留」: {held} は出荷できません。
   表示されている理由を確認して、保留を解除します。
3. 在庫 > 配送: {ready} などを選んで送り状ファイルを作成し、送り状番号を入力して
   「確認」を押します。数分以内に自動で楽天へ発送完了報告されます。
4. 新しい注文を入れ、カードのメニュー > 受注取込で取り込みます:
   curl -X POST {sandbox}/__sandbox__/orders -d '{{"count": 1, "kinds": ["gift"]}}'
5. 購入者がキャンセルします。運送の「楽天から再読込」で保留になります:
   curl -X POST {sandbox}/__sandbox__/events \\
     -d '{{"order_number": "{order}", "event": "buyer_cancel"}}'
""",
}


class StepFailed(Exception):
    pass


def check(condition, what):
    if not condition:
        raise StepFailed(what)


class Demo:
    def __init__(self, env, sandbox, lang="en_US"):
        self.env = env
        self.sandbox = sandbox
        self.lang = lang
        self.started = time.monotonic()

    def control(self, path, **body):
        answer = requests.post(f"{self.sandbox}/__sandbox__/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def state(self):
        answer = requests.get(f"{self.sandbox}/__sandbox__/state", timeout=60)
        answer.raise_for_status()
        return answer.json()

    def say(self, text):
        print(f"[{time.monotonic() - self.started:5.1f}s] {text}", file=sys.stderr, flush=True)

    def commit(self):
        self.env.cr.commit()

    # === The story === #

    def run(self):
        for title, step in (
            ("A shop at the sandbox and a company in Odoo", self.prepare),
            ("Connection", self.connect),
            ("SKUs", self.map_skus),
            ("Delivery methods", self.choose_delivery_methods),
            ("Import", self.import_orders),
            ("Labels that lie ready", self.take_over_labels),
            ("A cancellation", self.cancel_one),
            ("Shipment", self.ship),
            ("Report", self.report),
            ("Stock", self.synchronise_stock),
            ("The next morning, until noon", self.play_until_noon),
            ("Noon", self.greet),
        ):
            began = time.monotonic()
            step()
            self.commit()
            self.say(f"{title}: {time.monotonic() - began:.1f} s")
        return self.summary()

    def prepare(self):
        self.control("reset", shop_number="123456", shop_url="sample-shop", seed=7)
        self.control("items", count=20)
        self.placed = self.control("orders", count=len(KINDS), kinds=KINDS)
        self.placed = numbers_of(self.placed)
        unconfirmed = ["unconfirmed"] * UNCONFIRMED
        for kinds in (PLANNED_KINDS, LABEL_KINDS, DELIVERY_KINDS, BAD_KINDS, unconfirmed):
            self.placed += numbers_of(self.control("orders", count=len(kinds), kinds=kinds))
        for lang in TO_TRY:
            self.env["res.lang"]._activate_lang(lang)
        for path in odoo.modules.Manifest.for_addon("smartship_rakuten")["demo"]:
            convert_file(self.env, "smartship_rakuten", path, {}, "init", noupdate=True)
        self.shop = self.env.ref("smartship_rakuten.demo_shop")
        company = self.shop.company_id
        self.env.ref("base.user_admin").write({"company_id": company.id, "tz": "Asia/Tokyo"})
        self.env = self.env(
            user=odoo.SUPERUSER_ID, context={"allowed_company_ids": company.ids, "lang": self.lang}
        )
        self.shop = self.shop.with_env(self.env)
        self.shop.write(
            {
                "api_url": self.sandbox,
                "user_id": self.env.ref("base.user_admin").id,
                "auto_import": True,
                "auto_confirm": True,
                "sync_inventory": True,
            }
        )
        # Short names of transfers, whatever the company is called.
        self.shop.warehouse_id.code = "WH"
        products = self.env["product.product"].search([("default_code", "=like", "SKU-%")])
        check(products, "no demo products")
        location = self.shop.warehouse_id.lot_stock_id
        for product in products:
            self.env["stock.quant"]._update_available_quantity(product, location, 200)

    def connect(self):
        message = self.shop.action_test_connection()["params"]["message"]
        check(self.shop.state == "connected", "the shop is not connected")
        self.say(message)

    def map_skus(self):
        self.say(self.shop.action_import_skus()["params"]["message"])
        self.skus = self.env["rakuten.sku"].search([("shop_id", "=", self.shop.id)])
        check(self.skus.filtered("product_id"), "no SKU was mapped")

    def choose_delivery_methods(self):
        """The preview lists the 配送方法 that orders bring; each gets its carrier."""
        wizard = self.env["rakuten.order.import"].create({"shop_id": self.shop.id})
        wizard.action_preview()
        lines = self.env["rakuten.delivery.method"].search([("shop_id", "=", self.shop.id)])
        self.methods = lines.filtered(lambda line: line.name in DELIVERY_METHODS)
        check(len(self.methods) == len(DELIVERY_METHODS), "a delivery method is not listed")
        for line in self.methods:
            carrier = f"smartship_rakuten.delivery_carrier_{DELIVERY_METHODS[line.name]}"
            line.carrier_id = self.env.ref(carrier)
        self.say(f"{len(lines)} delivery methods of Rakuten listed, {len(self.methods)} chosen.")

    def import_orders(self):
        self.say(self.shop.action_import_orders()["params"]["message"])
        at_rakuten = self.state()["orders"]
        check(
            sum(entry["orderProgress"] == 200 for entry in at_rakuten.values()) == UNCONFIRMED,
            "orders were not confirmed at Rakuten",
        )
        self.control("clock", advance_seconds=3600)
        self.say(self.shop.action_import_orders()["params"]["message"])
        self.orders = self.env["rakuten.order"].search([("shop_id", "=", self.shop.id)])
        check(
            set(self.orders.mapped("name")) == set(self.placed),
            "Odoo does not hold the orders that were placed",
        )
        self.imported = self.orders.filtered("sale_order_id")
        self.blocked = self.orders.filtered(lambda order: order.state == "blocked")
        check(not self.orders.filtered("reference"), "somebody was thought to have shipped")
        check(len(self.imported) >= 50, "fewer than 50 orders were imported")
        check(
            {"unmapped_sku", "amount_undetermined"} <= set(self.blocked.mapped("problem_code")),
            "a bad order was not held with its reason",
        )

        carriers = {line.name: line.carrier_id for line in self.methods}
        self.by_method = self.imported.filtered(lambda order: order.delivery_name in carriers)
        check(
            set(self.by_method.mapped("delivery_name")) == set(DELIVERY_METHODS)
            and all(
                order.sale_order_id.picking_ids.carrier_id == carriers[order.delivery_name]
                for order in self.by_method
            ),
            "a transfer has not the carrier of its delivery method",
        )

    def take_over_labels(self):
        """Labels that lie ready leave from here; Rakuten closes their shipment at midnight."""
        self.labelled = self.blocked.filtered(lambda order: order.problem_code == "label_exists")
        check(len(self.labelled) == len(LABEL_KINDS), "a label did not ask")
        self.labelled.action_take_over_labels()
        check(set(self.labelled.mapped("state")) == {"done"}, "a label was not taken over")
        self.imported |= self.labelled
        self.blocked -= self.labelled
        self.control("clock", advance_seconds=86400)
        self.env["rakuten.shop"]._cron_run("refresh")
        self.env.invalidate_all()
        # Back to the day that Odoo has: what is placed from now on is found.
        self.control("clock", advance_seconds=-86400)
        closed = self.labelled.filtered(lambda order: order.progress == "500")
        check(closed, "midnight did not pass")
        held = self.labelled.sale_order_id.picking_ids.filtered("rakuten_held")
        check(not held, "a label that was taken over is held")
        self.say(
            f"{len(self.labelled)} labels taken over; Rakuten closed {len(closed)} of these orders "
            "at midnight, and their transfers stay to be shipped."
        )

    def cancel_one(self):
        self.cancelled = self.imported[0]
        self.control("events", order_number=self.cancelled.name, event="rakuten_cancel")
        self.control("clock", advance_seconds=3600)
        self.env["rakuten.shop"]._cron_run("refresh")
        self.env.invalidate_all()
        check(self.cancelled.state == "cancelled", "the cancellation did not arrive")
        check(
            set(self.cancelled.sale_order_id.picking_ids.mapped("state")) == {"cancel"},
            "the picking of a cancelled order is still open",
        )
        self.say(f"{self.cancelled.name} was cancelled at Rakuten: its transfer is cancelled.")

    def ship(self):
        self.pickings = (self.imported - self.cancelled).sale_order_id.picking_ids
        for number, picking in enumerate(self.pickings, start=1):
            picking.action_assign()
            picking.move_ids.picked = True
            if not picking.carrier_tracking_ref:
                picking.carrier_tracking_ref = f"{400000000000 + number * 7:012d}"
            picking.button_validate()
        check(set(self.pickings.mapped("state")) == {"done"}, "a transfer could not be validated")
        self.say(f"{len(self.pickings)} transfers validated, each with its tracking number.")

    def report(self):
        for _attempt in range(5):
            message = self.shop.action_export_shipments()["params"]["message"]
            self.say(message)
            self.env.invalidate_all()
            if set(self.pickings.mapped("rakuten_report_state")) == {"reported"}:
                break
        parcels = sorted(
            (p.rakuten_order_id.name, p.basket_id, p.company_code, p.tracking_number)
            for p in self.pickings.rakuten_parcel_ids
        )
        self.rows = sorted(
            (
                row["orderNumber"],
                str(row["basketId"]),
                row["deliveryCompany"],
                row["shippingNumber"],
            )
            for row in self.state()["shipping"]
            # Others have plans, or labels that lie ready.
            if row["orderNumber"] in {number for number, *_row in parcels}
        )
        check(self.rows and self.rows == parcels, "Rakuten's parcels are not those that left")

    def synchronise_stock(self):
        self.say(self.shop.action_sync_inventory()["params"]["message"])
        stock = self.state()["stock"]
        self.env.invalidate_all()
        mapped = self.skus.filtered(lambda sku: sku.product_id.is_storable)
        targets = mapped._sellable(self.shop)
        self.in_step = sum(
            stock.get(f"{sku.manage_number}/{sku.variant_id}") == targets[sku] for sku in mapped
        )
        self.stock_checked = len(mapped)
        check(self.in_step == self.stock_checked > 0, "stock is not in step")

    def play_until_noon(self):
        """What came since the day was looked at: nothing of it has left."""
        self.control("clock", now=time.time())
        placed = numbers_of(
            self.control("orders", count=len(READY_KINDS), kinds=READY_KINDS, spread_seconds=10800)
        )
        for kinds in (WAITING_KINDS, LACKING_KINDS):
            answer = self.control("orders", count=len(kinds), kinds=kinds, spread_seconds=10800)
            placed += numbers_of(answer)
        self.say(self.shop.action_import_orders()["params"]["message"])
        self.env["rakuten.shop"]._cron_run("refresh")
        self.env.invalidate_all()
        morning = self.env["rakuten.order"].search([("name", "in", placed)])
        check(set(morning.mapped("name")) == set(placed), "an order of the morning is missing")
        self.placed += placed
        fresh = morning.filtered("sale_order_id")
        check(len(fresh) == len(READY_KINDS), "an order of the morning was not imported")
        self.imported |= fresh
        self.blocked |= morning.filtered(lambda order: order.state == "blocked")
        self.waiting = morning.filtered(lambda order: order.progress in ("100", "200"))
        check(len(self.waiting) == len(WAITING_KINDS), "an order does not wait at Rakuten")
        self.hold_some(fresh)
        self.lack_one(fresh)
        self.fresh = fresh.sale_order_id.picking_ids

    def hold_some(self, orders):
        """One by a rule of the shop, one because it was changed at Rakuten after work began."""
        dearest = max(orders, key=lambda order: order.total_price)
        names = {"ja_JP": "高額の注文: 店長が確認", "en_US": "Dear orders: ask the manager"}
        self.env["rakuten.rule"].create(
            {
                "shop_id": self.shop.id,
                "name": names[self.lang],
                "domain": f"[('total_price', '>=', {int(dearest.total_price)})]",
                "hold": True,
                "state": "on",
            }
        )
        self.changed = next(order for order in orders if order != dearest)
        self.changed.sale_order_id.picking_ids.action_assign()
        self.changed.sale_order_id.picking_ids.move_ids.picked = True
        self.control("events", order_number=self.changed.name, event="shop_edit")
        # RMS gives the order free again after ten minutes.
        self.control("clock", advance_seconds=900)
        self.env["rakuten.shop"]._cron_run("refresh")
        self.env.invalidate_all()
        for order in (dearest, self.changed):
            check(
                any(order.sale_order_id.picking_ids.mapped("rakuten_held")),
                f"the transfer of {order.name} is not held",
            )

    def lack_one(self, orders):
        """The shelf of one product is empty: its transfers wait for goods."""
        pickings = orders.sale_order_id.picking_ids.filtered(
            lambda picking: not picking.rakuten_held
        )
        product = pickings[-1:].move_ids.product_id[:1]
        pickings.do_unreserve()
        location = self.shop.warehouse_id.lot_stock_id
        quants = self.env["stock.quant"]._gather(product, location)
        self.env["stock.quant"]._update_available_quantity(
            product, location, -sum(quants.mapped("quantity"))
        )
        pickings.action_assign()

    def greet(self):
        """Whoever logs in lands on the dashboard, in his language; and all of noon is there."""
        self.env.ref("base.user_admin").write(
            {
                "lang": self.lang,
                "action_id": self.env.ref("smartship_rakuten.action_rakuten_dashboard").id,
            }
        )
        self.held = self.fresh.filtered("rakuten_held")
        self.ready = (self.fresh - self.held).filtered(lambda p: p.state == "assigned")
        self.short = (self.fresh - self.held).filtered(lambda p: p.state == "confirmed")
        for there, what in (
            (self.waiting, "waits at Rakuten"),
            (self.blocked, "is blocked"),
            (self.held, "is held"),
            (self.ready, "is ready to be picked"),
            (self.short, "waits for goods"),
        ):
            check(there, f"nothing {what}")

    def things_to_try(self, address):
        blocked = self.blocked.filtered(lambda order: order.problem_code == "unmapped_sku")
        return TO_TRY[self.lang].format(
            address=address,
            sandbox=self.sandbox,
            blocked=blocked[:1].name,
            held=self.held[:1].name,
            ready=self.ready[0].name,
            order=self.ready[-1].rakuten_order_id.name,
        )

    # === The summary === #

    def summary(self):
        at_rakuten = self.state()["orders"]
        rakuten_yen = odoo_yen = 0
        # What was changed there after work began waits for a person.
        for order in self.imported - self.changed:
            entry = at_rakuten[order.name]
            rakuten_yen += (
                entry["totalPrice"]
                + entry["deliveryPrice"]
                + entry["paymentCharge"]
                + entry["additionalFeeOccurAmountToUser"]
                - entry["couponShopPrice"]
            )
            odoo_yen += int(order.sale_order_id.amount_total)
        check(rakuten_yen == odoo_yen, "the yen of Rakuten and Odoo disagree")
        reasons = Counter(self.blocked.mapped("problem_code"))
        reported = self.pickings.filtered(lambda p: p.rakuten_report_state == "reported")
        calls = requests.get(f"{self.sandbox}/__sandbox__/calls", timeout=60).json()
        calls = calls["calls"] if isinstance(calls, dict) else calls
        return [
            ("Orders placed at Rakuten", len(self.placed)),
            ("Orders imported", len(self.imported)),
            ("Orders blocked", len(self.blocked)),
            *((f"    {reason}", count) for reason, count in sorted(reasons.items())),
            ("Orders with a plan and no number", len(PLANNED_KINDS)),
            ("Labels taken over", len(self.labelled)),
            ("Delivery methods at Rakuten", len(self.methods)),
            ("Orders that have the carrier of theirs", len(self.by_method)),
            ("Orders cancelled at Rakuten", len(self.cancelled)),
            ("Transfers shipped", len(self.pickings)),
            ("Transfers reported", len(reported)),
            ("Parcels at Rakuten", len(self.rows)),
            ("At noon: orders that wait at Rakuten", len(self.waiting)),
            ("At noon: orders changed at Rakuten", len(self.changed)),
            ("At noon: transfers held", len(self.held)),
            ("At noon: transfers ready to be picked", len(self.ready)),
            ("At noon: transfers that wait for goods", len(self.short)),
            ("Yen at Rakuten", f"{rakuten_yen:,}"),
            ("Yen in Odoo", f"{odoo_yen:,}"),
            ("Yen agree", "yes" if rakuten_yen == odoo_yen else "NO"),
            ("Stock in step", f"{self.in_step} of {self.stock_checked} SKUs"),
            ("API calls", len(calls)),
            ("Seconds", f"{time.monotonic() - self.started:.1f}"),
        ]


def numbers_of(answer):
    """Order numbers of the answer of POST orders."""
    for key in ("order_numbers", "numbers", "orders"):
        if isinstance(answer, dict) and key in answer:
            answer = answer[key]
    return [entry if isinstance(entry, str) else entry["orderNumber"] for entry in answer]


def print_table(rows):
    width = max(len(label) for label, _value in rows)
    column = max(len(str(value)) for _label, value in rows)
    print("-" * (width + column + 2))
    for label, value in rows:
        print(f"{label:<{width}}  {value!s:>{column}}")
    print("-" * (width + column + 2), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("sandbox")
    parser.add_argument("--logfile", required=True)
    parser.add_argument("--address", help="where Odoo will be served: print what to try there")
    options = parser.parse_args()
    open(options.logfile, "w").close()
    odoo.tools.config.parse_config(
        ["-d", options.database, "--logfile", options.logfile, "--no-http"]
    )
    with odoo.modules.registry.Registry(options.database).cursor() as cr:
        lang = "ja_JP" if os.environ.get("LANG", "").startswith("ja") else "en_US"
        demo = Demo(odoo.api.Environment(cr, odoo.SUPERUSER_ID, {}), options.sandbox, lang)
        try:
            rows = demo.run()
            to_try = demo.things_to_try(options.address) if options.address else ""
        except StepFailed as failure:
            sys.exit(f"dev/demo: this step did not happen: {failure}. See {options.logfile}")
        except Exception:
            logging.getLogger("demo").exception("dev/demo")
            raise
    with open(options.logfile) as log:
        bad = [line for line in log if " ERROR " in line or "Traceback" in line]
    if bad:
        sys.exit(f"dev/demo: the log has errors: {bad[0].strip()}")
    print_table(rows)
    print(to_try, flush=True)


if __name__ == "__main__":
    main()
