"""The HTTP server: from the command line, or inside a test with ``Sandbox()``."""

import argparse
import base64
import json
import logging
import signal
import threading
import urllib.error
import urllib.request

from werkzeug.serving import WSGIRequestHandler, make_server

from .app import App
from .ground.world import World
from .items import catalogue
from .purchases import generate


class QuietHandler(WSGIRequestHandler):
    """No line per request: the query may hold the licence key."""

    protocol_version = "HTTP/1.1"
    server_version = "rms-sandbox"
    sys_version = ""

    def log_request(self, code="-", size="-"):
        pass

    def connection_dropped(self, error, environ=None):
        """A fault has closed the socket: there is no next request to wait for."""
        self.close_connection = True


def build(host, port, world=None):
    """(server, world), not yet serving."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    world = world or World()
    server = make_server(host, port, App(world), threaded=True, request_handler=QuietHandler)
    return server, world


class Sandbox:
    """A sandbox in a thread, on a free port of 127.0.0.1: ``with Sandbox() as box: box.url``.

    Keyword arguments are those of the control endpoint ``reset``.
    """

    def __init__(self, host="127.0.0.1", port=0, **options):
        self.server, self.world = build(host, port)
        self.world.reset(options)
        self.url = f"http://{host}:{self.server.port}"
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self):
        self.server.serve_forever(poll_interval=0.05)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.world.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)
        self.world.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exc):
        self.stop()

    def control(self, path, body=None, method=None):
        """POST to a control endpoint, or GET without a body; the answer as dict."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}/__sandbox__/{path}",
            data=data,
            method=method or ("GET" if data is None else "POST"),
            headers={"Content-Type": "application/json"},
        )
        # Proxies of the environment are for other hosts than this one.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=600) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from error

    def reset(self, **options):
        return self.control("reset", options)

    def orders(self, **options):
        """Place orders; their numbers."""
        return self.control("orders", options)["order_numbers"]

    def items(self, **options):
        return self.control("items", options)["items"]

    def advance(self, seconds):
        return self.control("clock", {"advance_seconds": seconds})["now"]

    def fault(self, operation, kind, times=1, **options):
        return self.control(
            "faults", {"operation": operation, "kind": kind, "times": times, **options}
        )

    def event(self, order_number, event, **row):
        return self.control("events", {"order_number": order_number, "event": event, **row})

    def fix_payments(self, *order_numbers, at=None):
        """Fix payments (決済確定), by default of all that is shipped, by default now."""
        body = {"order_numbers": order_numbers or None, "at": at}
        return self.control("payments", body)["order_numbers"]

    def statement(self, issued, **options):
        """A statement of that day; ``detail`` and ``display`` are bytes."""
        found = self.control("statements", {"issued": issued, **options})
        files = {key: base64.b64decode(found[key]) for key in ("detail", "display")}
        return found | files

    def untick(self, *functions):
        """Take the ticks of these functions or operations away: they answer 401 from now on."""
        return self.control("functions", {"untick": functions})["functions"]

    def tick(self, *functions):
        return self.control("functions", {"tick": functions})["functions"]

    def state(self, parts=None):
        return self.control("state" + (f"?parts={parts}" if parts else ""))

    def calls(self):
        return self.control("calls")["calls"]


def parse_args(argv=None):
    parser = argparse.ArgumentParser(
        prog="python -m rms_sandbox", description="A simulator of the RMS WEB SERVICE API."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8800, help="0 picks a free one")
    parser.add_argument("--orders", type=int, default=0, help="orders to place at the start")
    parser.add_argument("--items", type=int, default=20, help="items to put on sale at the start")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shop-number")
    parser.add_argument("--service-secret")
    parser.add_argument("--license-key")
    parser.add_argument("--now", help="start of the clock, such as 2026-01-10T09:15:02+0900")
    return parser.parse_args(argv)


def main(argv=None):
    args = parse_args(argv)
    options = ("shop_number", "service_secret", "license_key", "seed", "now")
    world = World()
    world.reset({name: getattr(args, name) for name in options})
    if args.items:
        catalogue.put_on_sale(world, {"count": args.items})
    if args.orders:
        generate.place(world, {"count": args.orders})
    server, world = build(args.host, args.port, world)

    def stop(_signal, _frame):
        world.stopping.set()
        # shutdown waits for serve_forever, which runs in this very thread
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(
        f"RMS sandbox on http://{args.host}:{server.port}"
        f" (shop {world.config['shop_number']}, secret {world.config['service_secret']},"
        f" key {world.config['license_key']}, {world.store.order_count()} orders,"
        f" {world.store.item_count()} items)",
        flush=True,
    )
    try:
        server.serve_forever(poll_interval=0.2)
    finally:
        server.server_close()
        world.close()
    return 0
