"""The manual's pictures, for dev/screenshots: ``play`` makes what they show, ``take`` takes them.

Chromium is driven over its DevTools protocol.
"""

import argparse
import base64
import io
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import requests
import websocket
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
MANUAL = ROOT / "docs/manual/images"
#: Odoo serves only what lies in the module: the app's page has its own copies.
APP_PAGE = ROOT / "smartship_rakuten/static/description"
#: The folders of the manual's pictures, and the language of their screens.
LANGUAGES = {"ja": "ja_JP", "en": "en_US"}
CHROMIUM = """
    --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars
    --disable-background-networking --disable-component-update --disable-sync
    --remote-debugging-port=0 --remote-allow-origins=* about:blank
""".split()


@dataclass(frozen=True)
class Shot:
    """One picture, taken in each language.

    :param name: of the file
    :param path: what is opened, below /odoo unless it begins with /; ``{id}`` is filled by ``find``
    :param find: (model, domain) of the record that is opened
    :param script: JavaScript that is run, and awaited, before the picture is taken
    """

    name: str
    path: str
    find: tuple = ()
    script: str = ""
    width: int = 1400
    height: int = 880


def click(selector):
    return f"document.querySelector({json.dumps(selector)})?.click(); await sleep(1500);"


CONNECT = "await act('smartship_rakuten.action_rakuten_onboarding'); await sleep(1500);" + click(
    ".modal button[name='action_next']"
)


def page(name):
    """Opens a page of the form."""
    return click(f".o_notebook .nav-link[name='{name}']")


def options(name):
    """Opens a page of the form and rolls to it."""
    return page(name) + "document.querySelector('.o_notebook').scrollIntoView(); await sleep(300);"


TO_DO = [["rakuten_order_id", "!=", False], ["state", "=", "assigned"]]
WAYBILLS = (
    f"const ids = await call('stock.picking', 'search', [{json.dumps(TO_DO)}], {{limit: 9}});"
    "await act(await call('stock.picking', 'action_rakuten_waybills', [ids])); await sleep(2500);"
)
NUMBERS = (
    f"const rows = await call('stock.picking', 'search_read', [{json.dumps(TO_DO)}, ['name']], "
    "{limit: 5});"
    # The check digit is the rest by seven; the last one is wrong.
    "const text = rows.map(({name}, i) => name + ' ' + (41000000000 + i) + "
    "((41000000000 + i + (i === 4)) % 7)).join('\\n');"
    "const [id] = await call('rakuten.tracking.import', 'create', [[{mode: 'text', text}]]);"
    "await call('rakuten.tracking.import', 'action_read', [[id]]);"
    "const { action } = odoo.__WOWL_DEBUG__.root.env.services;"
    "await act({...await action.loadAction('smartship_rakuten.action_rakuten_tracking_import'), "
    "res_id: id, context: {dialog_size: 'extra-large'}}); await sleep(2500);"
)
LIST = (
    "await act('stock.action_picking_tree_outgoing', "
    "{search_default_rakuten: 1, search_default_to_do_transfers: 1}); await sleep(2500);"
)
TRANSFER = (
    "stock.picking",
    [*TO_DO, ["rakuten_delivery_date", "!=", False]],
)
#: To the buyer, with prices, and paid with points.
PAPER = (
    "stock.picking",
    [*TO_DO, ["rakuten_gift", "=", False], ["sale_id.rakuten_used_point", ">", 0]],
)
SHEET = {"width": 900, "height": 640}
HELD = ("stock.picking", [["rakuten_held", "=", True], ["state", "not in", ["done", "cancel"]]])
ORDER = ("rakuten.order", [["state", "=", "done"], ["delivery_date", "!=", False]])
SALE = (
    "sale.order",
    [["rakuten_order_id", "!=", False], ["state", "=", "sale"], ["order_line.price_unit", "<", 0]],
)
POINTS = (
    "sale.order",
    [["state", "=", "sale"], ["rakuten_used_point", ">", 0], ["rakuten_request_price", ">", 0]],
)
RULE = ("rakuten.rule", [["state", "=", "trial"]])
TRY = (
    f"const [rule] = await call('rakuten.rule', 'search', [{json.dumps(RULE[1])}], {{limit: 1}});"
    "await act({...await call('rakuten.rule', 'action_try', [[rule]]), "
    "context: {dialog_size: 'extra-large'}}); await sleep(2500);"
)
SHOP = ("rakuten.shop", [])
FORMAT = ("rakuten.waybill.format", [["name", "ilike", "B2"]])
#: Pictures that the app's page has as well, and how they are called there.
ON_APP_PAGE = {
    "dashboard": "screen-dashboard",
    "sku-mapping": "screen-skus",
    "transfer": "screen-transfer",
    "waybills": "screen-waybills",
}

SHOTS = [
    # === Shop keeper === #
    Shot("dashboard", "rakuten", height=690),
    Shot("need-attention", "action-smartship_rakuten.action_rakuten_order_blocked", height=540),
    Shot("order", "rakuten.order/{id}", ORDER, height=1000),
    Shot("sku-mapping", "action-smartship_rakuten.action_rakuten_sku", height=760),
    Shot(
        "delivery-methods",
        "action-smartship_rakuten.action_rakuten_delivery_method",
        height=420,
    ),
    Shot("connect", "rakuten", script=CONNECT, height=620),
    Shot("comparison", "rakuten.reconciliation/{id}", ("rakuten.reconciliation", []), height=560),
    Shot("rule", "rakuten.rule/{id}", RULE, script=TRY, height=760),
    # === Warehouse === #
    Shot("transfers", "action-stock.action_picking_tree_outgoing", script=LIST, height=560),
    Shot("transfer", "stock.picking/{id}", TRANSFER, height=860),
    Shot("held", "stock.picking/{id}", HELD, height=560),
    Shot("waybills", "action-stock.action_picking_tree_outgoing", script=WAYBILLS, height=640),
    Shot("numbers", "action-stock.action_picking_tree_outgoing", script=NUMBERS, height=760),
    Shot("phone", "stock.picking/{id}", TRANSFER, width=390, height=844),
    Shot("slip", "/report/html/smartship_rakuten.delivery_slip/{id}", PAPER, **SHEET),
    Shot("packing-list", "/report/html/smartship_rakuten.packing_list/{id}", PAPER, **SHEET),
    # === Accountant === #
    Shot("sale", "sale.order/{id}", SALE, height=900),
    Shot("sale-rakuten", "sale.order/{id}", POINTS, script=page("rakuten"), height=620),
    # === Administrator === #
    Shot("shop-orders", "rakuten.shop/{id}", SHOP, script=options("orders"), height=620),
    Shot("waybill-format", "rakuten.waybill.format/{id}", FORMAT, height=760),
]


# === What the pictures show === #


def play(database, sandbox, logfile):
    """The demo's day until noon: half of the transfers have left."""
    from demo import Demo  # noqa: PLC0415 - Odoo is not needed for taking

    import odoo  # noqa: PLC0415

    class Noon(Demo):
        def prepare(self):
            super().prepare()
            # What is written down is in Japanese, too.
            self.env = self.env(context={**self.env.context, "lang": "ja_JP"})
            self.shop = self.shop.with_env(self.env)

        def ship(self):
            everything = self.imported
            self.imported = everything[: len(everything) // 2]
            super().ship()
            self.imported = everything

    odoo.tools.config.parse_config(["-d", database, "--logfile", logfile, "--no-http"])
    with odoo.modules.registry.Registry(database).cursor() as cr:
        day = Noon(odoo.api.Environment(cr, odoo.SUPERUSER_ID, {}), sandbox)
        for step in (
            day.prepare,
            day.connect,
            day.map_skus,
            day.choose_delivery_methods,
            day.import_orders,
            day.take_over_labels,
            day.cancel_one,
            day.ship,
            day.report,
            day.synchronise_stock,
        ):
            step()
            day.commit()
        hold_one(day)
        day.shop.action_reconcile()
        (day.orders.sale_order_id.picking_ids - day.pickings).action_assign()
        # Nothing is scheduled here; the dashboard shall not say that it is late.
        crons = day.env["ir.cron"].search([("model_id.model", "=like", "rakuten.%")])
        crons.nextcall = odoo.fields.Datetime.now() + timedelta(hours=1)
        day.commit()


def hold_one(day):
    """The dearest order that has not left is held, and a rule is on trial; carriers get their
    contract's code."""
    forms = day.env["rakuten.waybill.format"].with_company(day.shop.company_id)
    forms.search([]).customer_code = "0120000000"
    waiting = (day.orders.sale_order_id - day.pickings.sale_id).filtered(
        lambda sale: sale.state == "sale"
    )
    limit = int(max(waiting.mapped("amount_total"))) - 1
    day.env["rakuten.rule"].create(
        {
            "shop_id": day.shop.id,
            "name": "高額の注文: 店長が確認",
            "domain": f"[('total_price', '>', {limit})]",
            "hold": True,
            "state": "on",
        }
    )
    day.env["rakuten.rule"].create(
        {
            "shop_id": day.shop.id,
            "name": "2個まではゆうパケット",
            "domain": "['&', ('quantity', '<=', 2), ('cash_on_delivery', '=', False)]",
            "carrier_id": day.env.ref("smartship_rakuten.delivery_carrier_japanpost").id,
            "note": "ゆうパケットの箱を使う",
        }
    )


# === Chromium === #


class Browser:
    def __init__(self, profile):
        self.process = subprocess.Popen(
            ["chromium", f"--user-data-dir={profile}", *CHROMIUM],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port_file = Path(profile) / "DevToolsActivePort"
        wait_for(lambda: port_file.exists() and port_file.read_text().strip(), "Chromium")
        port = port_file.read_text().split()[0]
        pages = requests.get(f"http://127.0.0.1:{port}/json", timeout=30).json()
        page = next(page for page in pages if page["type"] == "page")
        self.socket = websocket.create_connection(page["webSocketDebuggerUrl"], timeout=120)
        self.ids = itertools.count(1)
        self.lang = "en_US"
        self.call("Page.enable")
        self.call("Emulation.setTimezoneOverride", timezoneId="Asia/Tokyo")

    def call(self, method, **params):
        number = next(self.ids)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def run(self, script):
        """The value of an asynchronous function's body."""
        answer = self.call(
            "Runtime.evaluate",
            expression=f"(async () => {{ const LANG = '{self.lang}'; {HELPERS} {script} }})()",
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:600])
        return answer["result"].get("value")

    def open(self, url, selector):
        self.call("Page.navigate", url=url)
        wait_for(
            lambda: self.run(
                f"return location.href !== 'about:blank' && document.readyState === 'complete'"
                f" && !!document.querySelector({json.dumps(selector)})"
            ),
            url,
        )
        time.sleep(2)

    def size(self, width, height):
        phone = width < 600
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(30)


HELPERS = """
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const call = async (model, method, args, kwargs = {}) => {
    const answer = await (await fetch(`/web/dataset/call_kw/${model}/${method}`, {
        method: 'POST', headers: {'Content-Type': 'application/json'},
        body: JSON.stringify({jsonrpc: '2.0', params: {model, method, args, kwargs: {
            ...kwargs, context: {lang: LANG},
        }}}),
    })).json();
    if (answer.error) { throw new Error(answer.error.data.message); }
    return answer.result;
};
const act = (action, context = {}) => {
    if (action.view_mode) { action.views ??= action.view_mode.split(',').map((v) => [false, v]); }
    const { action: actions } = odoo.__WOWL_DEBUG__.root.env.services;
    return actions.doAction(action, {additionalContext: context});
};
"""


def wait_for(condition, what, seconds=300):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if found := condition():
                return found
        except (requests.ConnectionError, RuntimeError):
            pass
        time.sleep(0.3)
    raise SystemExit(f"dev/screenshots: {what} did not come")


def log_in(browser, base):
    browser.open(f"{base}/web/session/logout?redirect=/web/login", "input[name='login']")
    browser.run(
        "document.querySelector('input[name=login]').value = 'admin';"
        "document.querySelector('input[name=password]').value = 'admin';"
        "document.querySelector('form.oe_login_form').submit();"
    )
    wait_for(lambda: browser.run("return !!document.querySelector('.o_web_client')"), "the login")


def take(base, words):
    wait_for(lambda: requests.get(f"{base}/web/login", timeout=60).ok, "Odoo")
    shots = [shot for shot in SHOTS if not words or any(word in shot.name for word in words)]
    if not shots:
        raise SystemExit(f"dev/screenshots: no picture is called {' '.join(words)}")
    profile = tempfile.mkdtemp()
    browser = Browser(profile)
    try:
        browser.size(1400, 880)
        log_in(browser, base)
        # The demo's company speaks Japanese only.
        browser.run(
            "const english = await call('res.lang', 'search',"
            " [[['code', '=', 'en_US'], ['active', '=', false]]]);"
            "if (english.length) { await call('res.lang', 'write', [english, {active: true}]); }"
        )
        for folder, lang in LANGUAGES.items():
            browser.run(
                "const [me] = await call('res.users', 'search', [[['login', '=', 'admin']]]);"
                f"await call('res.users', 'write', [[me], {{lang: '{lang}'}}]);"
            )
            browser.lang = lang
            log_in(browser, base)
            for shot in shots:
                take_one(browser, base, shot, MANUAL / folder)
    finally:
        browser.close()
        shutil.rmtree(profile, ignore_errors=True)


def take_one(browser, base, shot, folder):
    path = shot.path
    if shot.find:
        model, domain = shot.find
        found = browser.run(
            f"return await call('{model}', 'search', [{json.dumps(domain)}], {{limit: 1}})"
        )
        if not found:
            raise SystemExit(f"dev/screenshots: there is nothing to show on {shot.name}")
        path = path.format(id=found[0])
    browser.size(shot.width, shot.height)
    path = path if path.startswith("/") else f"/odoo/{path}"
    browser.open(f"{base}{path}", ".o_content, .o_view_controller, .rakuten_slip")
    if shot.script:
        browser.run(shot.script)
    # No mouse, no bubble, nothing that blinks.
    browser.run(
        "document.activeElement?.blur();"
        "document.querySelectorAll('.o_notification_close, .o_notification .btn-close')"
        ".forEach((button) => button.click()); await sleep(500);"
    )
    data = base64.b64decode(browser.call("Page.captureScreenshot", format="png")["data"])
    folder.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    picture = picture.quantize(256, kmeans=2, dither=Image.Dither.NONE)
    file = folder / f"{shot.name}.png"
    picture.save(file, optimize=True)
    if browser.lang == "en_US" and shot.name in ON_APP_PAGE:
        shutil.copyfile(file, APP_PAGE / f"{ON_APP_PAGE[shot.name]}.png")
    print(f"{folder.name}/{shot.name}", f"{file.stat().st_size / 1000:.0f} kB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("play")
    making.add_argument("database")
    making.add_argument("sandbox")
    making.add_argument("--logfile", required=True)
    taking = commands.add_parser("take")
    taking.add_argument("base")
    taking.add_argument("words", nargs="*")
    options = parser.parse_args()
    if options.command == "play":
        play(options.database, options.sandbox, options.logfile)
    else:
        take(options.base, options.words)


if __name__ == "__main__":
    main()
