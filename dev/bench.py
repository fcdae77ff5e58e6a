"""Measures the hot paths of the module against plain Odoo doing the same, and prints one table.

Rakuten is the RMS sandbox over HTTP, without the pause between calls; everything is committed as in
real life. Plain Odoo runs in a database of its own, where the module is not installed, with the
same batches and goods and no chatter either, and takes turns with the module, so that a machine
that grows warm or busy favours neither.
"""

import argparse
import copy
import itertools
import logging
import sys
import time
import tracemalloc
from collections import Counter
from contextlib import ExitStack, nullcontext
from unittest.mock import patch

import requests
from demo import print_table

import odoo
from odoo.fields import Command
from odoo.tools import split_every

#: As many as the module makes in one transaction.
ORDERS_PER_BATCH = 20
PRODUCTS = 100
#: Turns that plain Odoo and the module take.
TURNS = 4


def make_products(env):
    return env["product.product"].create(
        [
            {"name": f"見本 {n}", "default_code": f"BENCH-{n:03d}", "is_storable": True}
            for n in range(PRODUCTS)
        ]
    )


def put_on_stock(products, location):
    for product in products:
        product.env["stock.quant"]._update_available_quantity(product, location, 10**6)
    products.env.cr.commit()


class Plain:
    """What somebody would write who knows nothing of Rakuten but how to use Odoo in batches.

    :param env: of a database without the module
    :param bool chatter: post what Odoo posts about each transfer, which the module leaves out
    """

    def __init__(self, env, chatter=False):
        company = env["res.company"].search([("chart_template", "=", "jp")], limit=1)
        self.env = env(
            context={
                "allowed_company_ids": company.ids,
                "lang": "en_US",
                "tracking_disable": True,
                "mail_create_nolog": True,
                "mail_auto_subscribe_no_notify": True,
            }
        )
        self.company, self.chatter = company.with_env(self.env), chatter
        self.warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", company.id)], limit=1
        )
        self.tax = self.env["account.tax"].create(
            {
                "name": "10% 込",
                "amount": 10,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
                "company_id": company.id,
            }
        )
        products = make_products(self.env)
        put_on_stock(products, self.warehouse.lot_stock_id)
        self.by_code = {product.default_code: product for product in products}

    def take(self, payloads):
        posting = (
            nullcontext()
            if self.chatter
            else patch.object(
                type(self.env["stock.picking"]), "message_post_with_source", lambda *a, **k: None
            )
        )
        with posting:
            for batch in split_every(ORDERS_PER_BATCH, payloads, list):
                partners = self.env["res.partner"].create(
                    [self.prepare_partner(entry) for entry in batch]
                )
                orders = self.env["sale.order"].create(
                    [
                        self.prepare_order(entry, partner)
                        for entry, partner in zip(batch, partners, strict=True)
                    ]
                )
                orders.action_confirm()
                self.env.cr.commit()

    def prepare_order(self, entry, partner):
        return {
            "partner_id": partner.id,
            "company_id": self.company.id,
            "warehouse_id": self.warehouse.id,
            "client_order_ref": entry["orderNumber"],
            "order_line": [
                Command.create(
                    {
                        "product_id": self.by_code[item["itemNumber"]].id,
                        "name": item["itemName"],
                        "product_uom_qty": item["units"],
                        "price_unit": item["price"],
                        "tax_ids": [Command.set(self.tax.ids)],
                    }
                )
                for item in entry["PackageModelList"][0]["ItemModelList"]
            ],
        }

    def prepare_partner(self, entry):
        person = entry["OrdererModel"]
        return {
            "name": f"{person['familyName']} {person['firstName']}",
            "zip": f"{person['zipCode1']}-{person['zipCode2']}",
            "city": person["city"],
            "street": person["subAddress"],
            "country_id": self.env.ref("base.jp").id,
            "company_id": self.company.id,
        }


class Bench:
    """:param int orders: orders in a measurement
    :param int existing: orders that are there at the last one
    :param int items: items on sale, with about two SKUs each
    """

    def __init__(self, env, sandbox, orders, existing, items):
        self.env = env
        self.sandbox = sandbox
        self.orders = orders
        self.existing = existing
        self.items = items
        self.sequence = itertools.count(1)
        self.started = time.monotonic()

    def control(self, path, **body):
        answer = requests.post(f"{self.sandbox}/__sandbox__/{path}", json=body, timeout=600)
        answer.raise_for_status()
        return answer.json()

    def say(self, text):
        print(f"[{time.monotonic() - self.started:5.0f}s] {text}", file=sys.stderr, flush=True)

    def timed(self, function, *args, env=None):
        """:return: seconds that a call and its commit take"""
        env = env or self.env
        env.cr.commit()
        env.invalidate_all()
        started = time.perf_counter()
        function(*args)
        env.cr.commit()
        return time.perf_counter() - started

    def run(self, plain):
        """
        :param Plain plain: Odoo without the module
        :return: rows of the table
        """
        self.prepare()
        count = self.orders
        self.say("Warming up …")
        plain.take(self.make(ORDERS_PER_BATCH))
        self.take(self.make(ORDERS_PER_BATCH))
        self.say(f"Plain Odoo and the module in turns, {count} orders each …")
        turn = count // TURNS
        spent, first, asked = 0, 0, 0
        for _turn in range(TURNS):
            spent += self.timed(plain.take, self.make(turn), env=plain.env)
            before = self.env.cr.sql_log_count
            first += self.measure(turn)
            asked += self.env.cr.sql_log_count - before
        count = turn * TURNS
        again = self.timed(self.shop.action_import_orders)
        reread = self.timed(self.shop._cron_run, "refresh")
        known = self.known()
        self.say(f"Filling up to {self.existing} orders …")
        self.shop.auto_fulfil = False
        while self.known() < self.existing:
            self.take(self.make(min(1000, self.existing - self.known())))
        self.shop.auto_fulfil = True
        self.say(f"{count} orders on top of {self.known()} …")
        many = self.known()
        last = self.measure(count)
        floor = self.timed(plain.take, self.make(turn), env=plain.env) * count / turn
        shipped = self.ship(count)
        return [
            *self.catalogue(),
            *self.stock(),
            (f"Plain Odoo, {count} orders", f"{spent / count * 1000:.1f} ms an order"),
            (f"Import, {count} orders", f"{first / count * 1000:.1f} ms an order"),
            ("Ratio to plain Odoo", f"{first / spent:.2f}"),
            ("Queries of an import", f"{asked / count:.1f} an order"),
            (f"Import with {many} orders there", f"{last / count * 1000:.1f} ms an order"),
            ("Plain Odoo again, at the end", f"{floor / count * 1000:.1f} ms an order"),
            ("Growth of the import", f"{(last / first - 1) * 100:+.0f} %"),
            (f"Import, nothing new ({known} known)", f"{again / known * 1000:.2f} ms an order"),
            (f"Re-reading {known} open orders", f"{reread / known * 1000:.2f} ms an order"),
            *shipped,
        ]

    def ship(self, count):
        """The newest transfers leave and are reported, with the sub-status of the shop."""
        self.say(f"{count} transfers leave …")
        pickings = self.env["stock.picking"].search(
            [("rakuten_shop_id", "=", self.shop.id), ("state", "=", "assigned")],
            limit=count,
            order="id desc",
        )
        for picking in pickings:
            picking.carrier_tracking_ref = f"4{picking.id:011d}"
        pickings.move_ids.picked = True
        validated = self.timed(pickings.button_validate)
        if set(pickings.mapped("state")) != {"done"}:
            raise RuntimeError("not all transfers were validated")
        self.shop.action_import_sub_statuses()
        self.shop.sub_status_left_id = self.shop.sub_status_ids.filtered(
            lambda status: status.progress == "300"
        )[:1]
        requests.delete(f"{self.sandbox}/__sandbox__/calls", timeout=60)
        reported = self.timed(self.report, pickings)
        calls = requests.get(f"{self.sandbox}/__sandbox__/calls", timeout=60).json()["calls"]
        counts = Counter(call["operation"] for call in calls)
        return [
            (f"Validating {count} transfers", f"{validated / count * 1000:.1f} ms each"),
            (f"Reporting {count} parcels", f"{reported:.1f} s"),
            *((f"… calls of {name}", str(times)) for name, times in sorted(counts.items())),
        ]

    def report(self, pickings):
        """Report until Rakuten has taken everything: results may take longer than one run waits."""
        for _run in range(20):
            self.shop._run("export")
            if set(pickings.mapped("rakuten_report_state")) == {"reported"}:
                return
        raise RuntimeError("not all parcels were reported")

    def catalogue(self):
        """SKU mapping and stock of a large shop."""
        self.say(f"A catalogue of {self.items} items …")
        self.control("items", count=self.items)
        requests.delete(f"{self.sandbox}/__sandbox__/calls", timeout=60)
        first = self.timed(self.shop.action_import_skus)
        answer = requests.get(f"{self.sandbox}/__sandbox__/calls", timeout=60).json()
        again = self.timed(self.shop.action_import_skus)
        Sku = self.env["rakuten.sku"]
        skus = Sku.search_count([("shop_id", "=", self.shop.id)])
        listed = self.timed(
            lambda: Sku.web_search_read(
                [], {"name": {}, "mapping_state": {}, "product_id": {}}, limit=80
            )
        )
        return [
            (f"Catalogue of {skus} SKUs, first", f"{first:.1f} s, {answer['count']} calls"),
            (f"Catalogue of {skus} SKUs, again", f"{again:.1f} s"),
            (f"First page of {skus} SKUs", f"{listed * 1000:.0f} ms"),
        ]

    def stock(self):
        """Stock of the same shop: half of its SKUs change, then nothing does."""
        Sku = self.env["rakuten.sku"]
        ids = Sku.search([("shop_id", "=", self.shop.id), ("variant_id", "!=", False)]).ids
        # Two SKUs an item, whatever the sandbox has made of them.
        ids += Sku.create(
            [
                {
                    "shop_id": self.shop.id,
                    "manage_number": f"more-{n}",
                    "variant_id": "v",
                    "in_catalogue": True,
                }
                for n in range(2 * self.items - len(ids))
            ]
        ).ids
        self.say(f"Stock of {len(ids)} SKUs …")
        count = -(-len(ids) // 2)
        products = self.env["product.product"]
        for index in range(0, count, 1000):
            products += products.create(
                [
                    {"name": f"在庫 {n}", "is_storable": True}
                    for n in range(index, min(index + 1000, count))
                ]
            )
        location = self.shop.warehouse_id.lot_stock_id
        quants = self.env["stock.quant"].create(
            [{"product_id": p.id, "location_id": location.id, "quantity": 9} for p in products]
        )
        for sku, product in zip(Sku.browse(ids), itertools.cycle(products), strict=False):
            sku.product_id = product
        self.env.cr.commit()
        first = self.timed(self.shop.action_sync_inventory)
        changed = min(10_000, len(ids) // 2)
        # Each product is in two SKUs. Watching the memory takes time, so it is watched apart.
        quants[: changed // 2].write({"quantity": 15})
        tracemalloc.start()
        self.timed(self.shop.action_sync_inventory)
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        quants[: changed // 2].write({"quantity": 12})
        self.env.cr.commit()
        requests.delete(f"{self.sandbox}/__sandbox__/calls", timeout=60)
        before = self.env.cr.sql_log_count
        push = self.timed(self.shop.action_sync_inventory)
        queries = self.env.cr.sql_log_count - before
        answer = requests.get(f"{self.sandbox}/__sandbox__/calls", timeout=60).json()
        upserts = sum(call["operation"] == "inventories.bulk.upsert" for call in answer["calls"])
        requests.delete(f"{self.sandbox}/__sandbox__/calls", timeout=60)
        nothing = min(self.timed(self.shop.action_sync_inventory) for _again in range(3))
        calls = requests.get(f"{self.sandbox}/__sandbox__/calls", timeout=60).json()["count"]
        return [
            (f"Stock of {len(ids)} SKUs, first", f"{first:.1f} s"),
            (f"Stock, {changed} SKUs changed", f"{push:.1f} s, {upserts} upsert calls"),
            ("  queries for 400 SKUs", f"{queries / max(upserts, 1):.0f}"),
            ("  memory at its peak", f"{memory / 2**20:.0f} MiB"),
            (
                f"Stock, nothing changed at {len(ids)} SKUs",
                f"{nothing * 1000:.0f} ms, {calls} calls",
            ),
        ]

    # === Rakuten and Odoo as the measurements find them === #

    def prepare(self):
        self.say("A shop, its products and their stock …")
        self.control("reset", shop_number="123456", shop_url="sample-shop", seed=7)
        number = self.control("orders", count=1, kinds=["simple"])["order_numbers"][0]
        answer = requests.get(f"{self.sandbox}/__sandbox__/state", timeout=60)
        self.sample = answer.json()["orders"][number]
        self.control("reset", shop_number="123456", shop_url="sample-shop", seed=7)
        for path in odoo.modules.Manifest.for_addon("smartship_rakuten")["demo"]:
            odoo.tools.convert_file(self.env, "smartship_rakuten", path, {}, "init", noupdate=True)
        company = self.env.ref("smartship_rakuten.demo_shop").company_id
        self.env = self.env(context={"allowed_company_ids": company.ids, "lang": "en_US"})
        self.shop = self.env.ref("smartship_rakuten.demo_shop").with_env(self.env)
        self.shop.write({"api_url": self.sandbox, "api_interval": 0, "auto_fulfil": True})
        self.shop.action_test_connection()
        self.products = make_products(self.env)
        put_on_stock(self.products, self.shop.warehouse_id.lot_stock_id)

    def make(self, count):
        """Two-line orders, each of a buyer of its own.

        :return: list of getOrder payloads
        """
        return [self.make_one(number) for number in itertools.islice(self.sequence, count)]

    def make_one(self, number):
        payload = copy.deepcopy(self.sample)
        basket = payload["PackageModelList"][0]
        items = []
        for line in (1, 2):
            item = copy.deepcopy(basket["ItemModelList"][0])
            product = (number * 2 + line) % PRODUCTS
            item.update(
                itemDetailId=number * 10 + line,
                itemName=f"見本 {product}",
                itemNumber=f"BENCH-{product:03d}",
                manageNumber=f"bench-{product:03d}",
                price=1000 * line,
                priceTaxIncl=1000 * line,
                units=1,
                includeTaxFlag=1,
                taxRate=0.1,
                SkuModelList=[
                    {
                        "variantId": "normal-inventory",
                        "merchantDefinedSkuId": f"BENCH-{product:03d}",
                        "skuInfo": None,
                    }
                ],
            )
            items.append(item)
        person = {"familyName": "見本", "firstName": f"{number:06d}"}
        payload["OrdererModel"].update(person)
        basket["SenderModel"].update(person)
        basket.update(
            basketId=number * 10 + 1,
            ItemModelList=items,
            postagePrice=0,
            goodsPrice=3000,
            totalPrice=3000,
        )
        payload.update(
            orderNumber=f"{payload['orderNumber'][:15]}-{number:010d}",
            orderProgress=300,
            goodsPrice=3000,
            postagePrice=0,
            totalPrice=3000,
            requestPrice=3000,
            TaxSummaryModelList=[
                {
                    "taxRate": 0.1,
                    "reqPrice": 3000,
                    "reqPriceTax": 273,
                    "totalPrice": 3000,
                    "paymentCharge": 0,
                    "couponPrice": 0,
                    "point": 0,
                }
            ],
        )
        return payload

    def known(self):
        return self.env["rakuten.order"].search_count([("shop_id", "=", self.shop.id)])

    # === What is measured === #

    def take(self, payloads):
        """The module's way, beginning with what lies at Rakuten."""
        self.control("orders", orders=payloads)
        self.shop.action_import_orders()
        numbers = [payload["orderNumber"] for payload in payloads]
        orders = self.env["rakuten.order"].search([("name", "in", numbers)])
        if orders.mapped("state") != ["done"] * len(payloads):
            raise RuntimeError(f"not all orders were imported: {orders.mapped('problem')[:3]}")

    def measure(self, count):
        payloads = self.make(count)
        self.control("orders", orders=payloads)
        seconds = self.timed(self.shop.action_import_orders)
        numbers = [payload["orderNumber"] for payload in payloads]
        done = self.env["rakuten.order"].search_count(
            [("name", "in", numbers), ("sale_order_id.state", "=", "sale")]
        )
        if done != count:
            raise RuntimeError(f"{done} of {count} orders were imported")
        return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("sandbox")
    parser.add_argument("--plain", required=True, help="database without the module")
    parser.add_argument("--logfile", required=True)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--existing", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=10_000)
    options = parser.parse_args()
    open(options.logfile, "w").close()
    odoo.tools.config.parse_config(
        ["-d", options.database, "--logfile", options.logfile, "--no-http"]
    )
    registries = map(odoo.modules.registry.Registry, (options.database, options.plain))
    with ExitStack() as stack:
        cr, plain_cr = (stack.enter_context(registry.cursor()) for registry in registries)
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        bench = Bench(env, options.sandbox, options.orders, options.existing, options.items)
        try:
            rows = bench.run(Plain(odoo.api.Environment(plain_cr, odoo.SUPERUSER_ID, {})))
        except Exception:
            logging.getLogger("bench").exception("dev/bench")
            raise
    print_table(rows)


if __name__ == "__main__":
    main()
