"""Many at once: orders pour in while two users print and validate transfers of the same products, a
keeper mends orders and presses *Try Again*, and another shop's stock is pushed.

Odoo runs as in real life: two workers, two for scheduled actions, its own limits of time. Rakuten
is the RMS sandbox over HTTP. What is told is read back from the database and from Odoo's log.
"""

import argparse
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import requests
from bench import Bench
from demo import print_table

import odoo
from odoo.fields import Command

from rms_sandbox.server import Sandbox

#: Lines of Odoo's log: what another transaction's conflict looks like, and a killed worker.
CONFLICT = re.compile(r"could not serialize access|deadlock detected")
KILLED = re.compile(r"timeout after|time limit|timed out|memory limit|Traceback")
PASSWORD = "together"
#: Odoo's own limits for one request or run of a worker, in seconds.
LIMITS = {"cpu": 60, "real": 120}


class StepFailed(Exception):
    pass


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Person:
    """Somebody at a browser: everything that is pressed is timed.

    :param dict waits: what was pressed to the list of seconds
    :param list faults: what was answered with an error
    """

    def __init__(self, base, database, login, waits, faults):
        self.base, self.waits, self.faults = base, waits, faults
        self.session = requests.Session()
        self.call("/web/session/authenticate", db=database, login=login, password=PASSWORD)

    def call(self, path, **params):
        answer = self.session.post(
            self.base + path, json={"jsonrpc": "2.0", "params": params}, timeout=300
        ).json()
        if "error" in answer:
            raise StepFailed(answer["error"]["data"]["message"])
        return answer["result"]

    def do(self, model, method, *args, **kwargs):
        return self.call(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=args,
            kwargs=kwargs,
        )

    def press(self, what, model, method, *args, **kwargs):
        with self.timed(what):
            return self.do(model, method, *args, **kwargs)

    @contextmanager
    def timed(self, what):
        began = time.monotonic()
        try:
            yield
        except StepFailed as error:
            self.faults.append(f"{what}: {error}")
        finally:
            self.waits[what].append(time.monotonic() - began)

    def page(self, what, path):
        with self.timed(what):
            answer = self.session.get(self.base + path, timeout=300)
            if answer.status_code != 200:
                raise StepFailed(f"status {answer.status_code}")


class Together(Bench):
    """
    :param int orders: orders that pour in
    :param int transfers: transfers that each of the two users has to work on
    :param float seconds: between two calls of RMS
    :param float pause: seconds that a person takes between two presses
    :param int patience: how many times Odoo's own limits a worker has, on a busy machine
    """

    def __init__(self, env, sandbox, options):
        super().__init__(env, sandbox, options.orders, 0, 0)
        self.transfers, self.seconds, self.pause = (
            options.transfers,
            options.seconds,
            options.pause,
        )
        self.patience = options.patience
        self.database, self.logfile = options.database, Path(options.logfile)
        self.waits, self.faults = defaultdict(list), []

    def run(self):
        with Sandbox(shop_number="654321", shop_url="other-shop") as other:
            self.prepare()
            self.set_the_stage(other)
            self.env.cr.commit()
            with self.server():
                self.play()
            self.env.cr.commit()
            self.env.invalidate_all()
            return self.tell()

    # === What is there === #

    def set_the_stage(self, other):
        Users = self.env["res.users"].with_context(no_reset_password=True)
        groups = [
            Command.link(self.env.ref(name).id)
            for name in (
                "stock.group_stock_user",
                "smartship_rakuten.group_user",
                "product.group_product_manager",
            )
        ]
        company = self.shop.company_id
        self.people = Users.create(
            [
                {
                    "name": login,
                    "login": login,
                    "password": PASSWORD,
                    "company_id": company.id,
                    "company_ids": [Command.set(company.ids)],
                    "group_ids": groups,
                }
                for login in ("packer-1", "packer-2", "keeper", "other")
            ]
        )
        self.say(f"{2 * self.transfers} transfers to work on …")
        self.take(self.make(2 * self.transfers))
        self.pickings = self.env["stock.picking"].search(
            [("rakuten_shop_id", "=", self.shop.id), ("state", "=", "assigned")], order="id"
        )
        for picking in self.pickings:
            picking.carrier_tracking_ref = f"4{picking.id:011d}"
        self.pickings.move_ids.picked = True
        self.blocked = self.make(max(3, self.transfers // 4))
        for number, payload in enumerate(self.blocked):
            for item in payload["PackageModelList"][0]["ItemModelList"]:
                item["itemNumber"] = f"LATER-{number:03d}"
                item["SkuModelList"][0]["merchantDefinedSkuId"] = item["itemNumber"]
        self.control("orders", orders=self.blocked)
        self.shop.action_import_orders()
        self.add_other_shop(other)
        self.new = self.make(self.orders)
        self.control("orders", orders=self.new)
        self.shop.write({"auto_import": True, "api_interval": self.seconds})
        self.env.ref("smartship_rakuten.ir_cron_import_orders").nextcall = "2026-01-01 00:00:00"

    def add_other_shop(self, other):
        """It sells the same products out of the same warehouse."""
        self.other = self.shop.copy(
            {
                "name": "隣のショップ",
                "shop_number": "654321",
                "shop_url": "other-shop",
                "service_secret": other.world.config["service_secret"],
                "license_key": other.world.config["license_key"],
                "api_url": other.url,
                "auto_import": False,
                "sync_inventory": True,
            }
        )
        self.other.action_test_connection()
        self.env["rakuten.sku"].create(
            [
                {
                    "shop_id": self.other.id,
                    "manage_number": f"bench-{n:03d}",
                    "variant_id": "normal-inventory",
                    "in_catalogue": True,
                    "product_id": product.id,
                }
                for n, product in enumerate(self.products)
            ]
        )

    # === Odoo, as it is installed === #

    @contextmanager
    def server(self):
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.logfile.write_text("")
        # Odoo starts its third kind of worker by the file that it was started with itself.
        command = self.logfile.with_name("together_odoo.py")
        command.write_text("from odoo.cli.command import main\nmain()\n")
        server = subprocess.Popen(
            [
                sys.executable,
                *("-W", "ignore", str(command), "-d", self.database, "--workers=2"),
                *("--http-interface=127.0.0.1", f"--http-port={port}"),
                f"--gevent-port={free_port()}",
                f"--logfile={self.logfile}",
                "--max-cron-threads=2",
                *(f"--limit-time-{what}={given * self.patience}" for what, given in LIMITS.items()),
            ]
        )
        try:
            for _attempt in range(600):
                try:
                    requests.get(f"{self.base}/web/health", timeout=60)
                    break
                except requests.ConnectionError:
                    if server.poll() is not None:
                        raise StepFailed("Odoo did not start") from None
                    time.sleep(0.2)
            yield
        finally:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()

    # === What happens === #

    def play(self):
        self.say(f"{self.orders} orders pour in …")
        self.began = time.monotonic()
        self.over = threading.Event()
        half = self.transfers
        tasks = [
            (self.pack, "packer-1", self.pickings[:half].ids),
            (self.pack, "packer-2", self.pickings[half:].ids),
            (self.mend, "keeper"),
            (self.push, "other"),
        ]
        people = [threading.Thread(target=self.work, args=task, daemon=True) for task in tasks]
        for person in people:
            person.start()
        self.await_import()
        self.over.set()
        for person in people:
            person.join(600)

    def work(self, task, login, *args):
        try:
            person = Person(self.base, self.database, login, self.waits, self.faults)
            task(person, *args)
        except Exception as error:
            self.faults.append(f"{login}: {type(error).__name__} {error}")

    def pack(self, person, ids):
        for picking_id in ids:
            person.press("Print: the button", "stock.picking", "do_print_picking", [picking_id])
            person.page("Print: the page", f"/report/html/stock.report_picking/{picking_id}")
            person.press("Validate", "stock.picking", "button_validate", [picking_id])
            time.sleep(self.pause)

    def mend(self, person):
        for payload in self.blocked:
            code = payload["PackageModelList"][0]["ItemModelList"][0]["itemNumber"]
            person.do(
                "product.product",
                "create",
                [{"name": code, "default_code": code, "is_storable": True}],
            )
            (order_id,) = person.do(
                "rakuten.order", "search", [["name", "=", payload["orderNumber"]]]
            )
            person.press("Try Again", "rakuten.order", "action_retry", [order_id])
            person.press(
                "Report Shipments", "rakuten.shop", "action_export_shipments", [self.shop.id]
            )
            time.sleep(2 * self.pause)

    def push(self, person):
        while not self.over.is_set():
            person.press(
                "Send Stock of the other shop",
                "rakuten.shop",
                "action_sync_inventory",
                [self.other.id],
            )
            time.sleep(2 * self.pause)

    def await_import(self):
        """Watch the orders from beside; not by Odoo, which has enough to do."""
        numbers = [payload["orderNumber"] for payload in self.new]
        limit = time.monotonic() + 60 * self.patience + self.orders
        with closing(psycopg2.connect(dbname=self.database)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                while True:
                    cursor.execute(
                        "SELECT count(*) FROM rakuten_order"
                        " WHERE state = 'done' AND name = ANY(%s)",
                        [numbers],
                    )
                    if cursor.fetchone()[0] == len(numbers):
                        break
                    if time.monotonic() > limit:
                        self.faults.append("not all orders were imported in time")
                        break
                    time.sleep(0.5)
        self.imported_in = time.monotonic() - self.began

    # === What is told === #

    def tell(self):
        """:return: rows of the table; each fault is a row"""
        log = self.logfile.read_text()
        killed = [line for line in log.splitlines() if KILLED.search(line)]
        actions = Counter(
            re.findall(r"Job 'Rakuten: (Import Orders|Make Sale Orders)' \(\d+\) starting", log)
        )
        faults = [*self.faults, *killed, *self.differences()]
        rows = [
            (f"{self.orders} orders imported", f"{self.imported_in:.0f} s, all"),
            (
                "… by calls of scheduled actions",
                ", ".join(f"{name} {n}" for name, n in actions.items()),
            ),
        ]
        for what, waits in sorted(self.waits.items()):
            middle = sorted(waits)[len(waits) // 2]
            rows.append(
                (
                    f"{what}, {len(waits)} times",
                    f"{middle:.1f} s, longest {max(waits):.1f} s",
                )
            )
        rows += [
            ("Conflicts met and gone on from", str(len(CONFLICT.findall(log)))),
            ("Workers killed", str(len(killed))),
            ("Faults", str(len(faults))),
            *(("", fault[:200]) for fault in faults),
        ]
        self.failed = bool(faults)
        return rows

    def differences(self):
        """What is not as it would be if one thing had been done after the other."""
        Order = self.env["rakuten.order"]
        orders = Order.search([("shop_id", "=", self.shop.id)])
        refs = Counter(
            self.env["sale.order"]
            .search([("rakuten_shop_id", "=", self.shop.id)])
            .mapped("client_order_ref")
        )
        open_ones = self.pickings.filtered(lambda picking: picking.state != "done")
        unchecked = self.pickings.message_ids.filtered(
            lambda message: "Not checked at Rakuten" in (message.body or "")
        )
        wrong = {
            "orders without a sale order": len(orders.filtered(lambda o: o.state != "done")),
            "sale orders too many": sum(count - 1 for count in refs.values()),
            "transfers not validated": len(open_ones),
            "papers that were not checked": len(unchecked),
            "orders left in the queue": len(orders.filtered("queued")),
        }
        return [f"{count} {what}" for what, count in wrong.items() if count]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("database")
    parser.add_argument("sandbox")
    parser.add_argument("--logfile", required=True)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--transfers", type=int, default=100, help="for each of the two users")
    parser.add_argument("--seconds", type=float, default=1.0, help="between two calls of RMS")
    parser.add_argument("--pause", type=float, default=1.0, help="of a person between presses")
    parser.add_argument("--patience", type=int, default=1, help="times Odoo's own limits of time")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-d", options.database, "--no-http", "--log-level=warn"])
    with odoo.modules.registry.Registry(options.database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {})
        story = Together(env, options.sandbox, options)
        print_table(story.run())
    return story.failed


if __name__ == "__main__":
    sys.exit(main())
