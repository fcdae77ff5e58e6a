"""Plays the seven steps of the manual's "Install it in your Odoo 19", under its own titles.

The titles are read from the page: a step that stands only there or only here ends the script. After
them the same shop keeper connects another shop, of which no product has a code, and stops halfway.
"""

import argparse
import re
import subprocess
import sys
import time
from pathlib import Path

import requests

from odoo import SUPERUSER_ID, api
from odoo.modules import Manifest
from odoo.modules.registry import Registry
from odoo.tests import Form
from odoo.tools import config

ROOT = Path(__file__).resolve().parents[1]
SHOP = {"shop_number": "123456", "shop_url": "sample-shop"}
KEYS = {"service_secret": "SP123456_newcomer", "license_key": "SL123456_newcomer"}
#: The shop of which no product has a code.
STRANGER = {"shop_number": "654321", "shop_url": "another-shop"}
STRANGER_KEYS = {"service_secret": "SP654321_newcomer", "license_key": "SL654321_newcomer"}


class StepFailed(Exception):
    pass


def check(condition, what):
    if not condition:
        raise StepFailed(what)


def manual_titles():
    """The bold beginnings of the numbered steps."""
    text = (ROOT / "docs/manual/en/install.md").read_text(encoding="utf-8")
    section = text.partition("## Install it in your Odoo 19\n")[2].partition("\n## ")[0]
    return re.findall(r"^\d+\. \*\*(.+?)\.\*\*", section, re.M)


class Newcomer:
    def __init__(self, database, sandbox, logfile):
        self.database = database
        self.sandbox = sandbox
        self.options = ["-d", database, "--logfile", logfile, "--no-http"]
        config.parse_config(self.options)

    def steps(self):
        return {
            "Add the repository": self.add_the_repository,
            "Install the module": self.install,
            "Give roles": self.give_roles,
            "Get the keys": self.get_the_keys,
            "Connect the shop": self.connect,
            "Read the SKUs": self.read_the_skus,
            "Import the first orders": self.import_orders,
        }

    def steps_without_codes(self):
        return {
            "A shop of which no product has a code": self.take_codes_away,
            "Connect it, and stop": self.connect_and_stop,
            "Go on, by its Shop ID": self.go_on,
            "Read its SKUs: nothing is found": self.find_nothing,
            "Make products": self.make_products,
            "Import its first orders": self.import_orders,
        }

    # === What is there before: Odoo with products, a shop with orders === #

    def control(self, path, **body):
        answer = requests.post(f"{self.sandbox}/__sandbox__/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def prepare(self):
        self.control("reset", **SHOP, **KEYS, seed=11)
        items = self.control("items", count=5)["items"]
        self.codes = [
            sku["merchantDefinedSkuId"] or item["itemNumber"]
            for item in items
            for sku in item["skus"]
        ]
        self.control("orders", count=3, kinds=["simple"])
        with self.registry().cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            module = env["ir.module.module"].search([("name", "=", "smartship_rakuten")])
            check(module.state != "installed", "the database has the module already")
            env["product.product"].create(
                [{"name": code, "default_code": code, "is_storable": True} for code in self.codes]
            )

    def registry(self):
        return Registry.new(self.database)

    # === The manual's steps === #

    def add_the_repository(self):
        check(
            Manifest.for_addon("smartship_rakuten"),
            "Odoo does not find the module on its addons path",
        )

    def install(self):
        command = [sys.executable, "-W", "ignore", "-m", "odoo", *self.options]
        subprocess.run([*command, "-i", "smartship_rakuten", "--stop-after-init"], check=True)
        self.cr = self.registry().cursor()
        env = api.Environment(self.cr, SUPERUSER_ID, {})
        module = env["ir.module.module"].search([("name", "=", "smartship_rakuten")])
        check(module.state == "installed", "the module is not installed")
        self.company = env["res.company"].search([("currency_id.name", "=", "JPY")], limit=1)
        check(self.company, "no company keeps its books in yen")
        self.env = env

    def give_roles(self):
        keeper = self.env["res.users"].create(
            {
                "name": "Shop keeper",
                "login": "newcomer",
                "lang": "en_US",
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
                "group_ids": [(4, self.env.ref("smartship_rakuten.group_manager").id)],
            }
        )
        self.cr.commit()
        context = {"lang": "en_US", "allowed_company_ids": self.company.ids}
        self.env = api.Environment(self.cr, keeper.id, context)

    def get_the_keys(self):
        state = requests.get(f"{self.sandbox}/__sandbox__/state?parts=keys", timeout=60).json()
        self.keys = {name: state["keys"][name] for name in KEYS}

    def connect(self):
        self.open_wizard()
        self.turn_to("shop")
        self.fill(**SHOP)
        self.turn_to("keys")
        # The address of the sandbox instead of Rakuten's: a setting of developers.
        self.wizard.shop_id.write({"api_url": self.sandbox})
        self.fill(**self.keys)
        self.turn_to("test")
        print(f"    {self.wizard.message}")
        check(self.wizard.connected, self.wizard.message)
        self.turn_to("odoo")
        carrier = self.env["delivery.carrier"].search(
            [("rakuten_company_code", "!=", False)], limit=1
        )
        self.fill(carrier_id=carrier)
        self.turn_to("options")
        self.turn_to("preview")
        check(len(self.wizard.preview_ids) == 3, "the preview does not show the orders")

    def open_wizard(self, **context):
        """What the menu opens, and with the id of a shop the button of its form."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "smartship_rakuten.action_rakuten_onboarding"
        )
        self.wizard = Form(self.env[action["res_model"]].with_context(**context)).save()

    def turn_to(self, page):
        self.wizard.action_next()
        self.cr.commit()
        check(self.wizard.page == page, f"the wizard does not show the page {page}")

    def fill(self, **values):
        with Form(self.wizard) as form:
            for name, value in values.items():
                form[name] = value

    def read_the_skus(self):
        self.wizard.action_import_skus()
        self.cr.commit()
        print(f"    {self.wizard.preview_summary}")
        check(
            set(self.wizard.preview_ids.mapped("outcome")) == {"import"},
            "an order would be held",
        )

    def import_orders(self):
        print(f"    {self.wizard.action_import()['params']['message']}")
        self.cr.commit()
        orders = self.env["rakuten.order"].search([("shop_id", "=", self.wizard.shop_id.id)])
        check(orders.sale_order_id and orders.mapped("state") == ["done"] * 3, "no order came")
        check(orders.sudo().sale_order_id.picking_ids, "there is no transfer to ship")
        check(self.wizard.shop_id.set_up_finished, "the set-up is not finished")

    # === A shop of which no product has a code === #

    def take_codes_away(self):
        products = self.env["product.product"].sudo().search([("default_code", "in", self.codes)])
        products.default_code = False
        self.control("reset", **STRANGER, **STRANGER_KEYS, seed=12)
        self.control("items", count=5)
        self.control("orders", count=3, kinds=["simple"])
        self.cr.commit()

    def connect_and_stop(self):
        self.open_wizard()
        self.turn_to("shop")
        self.fill(**STRANGER)
        self.turn_to("keys")
        self.wizard.shop_id.write({"api_url": self.sandbox})
        self.fill(**{**STRANGER_KEYS, "license_key": "SL654321_wrong"})
        self.turn_to("test")
        print(f"    {self.wizard.message}")
        check(not self.wizard.connected, "a wrong key was accepted")
        check(not self.wizard.line_ids, "functions are named where the key is wrong")

    def go_on(self):
        begun = self.wizard.shop_id
        self.open_wizard()
        self.turn_to("shop")
        self.fill(shop_number=STRANGER["shop_number"])
        print(f"    {self.wizard.shop_known}")
        self.turn_to("keys")
        check(self.wizard.shop_id == begun, "the wizard does not go on with the shop")
        self.fill(license_key=STRANGER_KEYS["license_key"])
        self.turn_to("test")
        check(self.wizard.connected, self.wizard.message)
        self.open_wizard(default_shop_id=begun.id)
        check(self.wizard.page == "odoo", "the shop's form does not go on where it was left")
        self.turn_to("options")
        check(self.wizard.auto_import, "the proposals are lost")
        self.turn_to("preview")
        check(
            set(self.wizard.preview_ids.mapped("outcome")) == {"hold"}, "an order found a product"
        )

    def find_nothing(self):
        self.wizard.action_import_skus()
        self.cr.commit()
        print(f"    {self.wizard.skus_summary}")
        check(self.wizard.skus_lacking, "the wizard does not say that nothing was found")
        check(not self.wizard.can_import, "an order would be imported")

    def make_products(self):
        self.wizard.action_make_products()
        self.cr.commit()
        print(f"    {self.wizard.skus_summary}")
        check(not self.wizard.skus_lacking, "a SKU has no product")
        check(set(self.wizard.preview_ids.mapped("outcome")) == {"import"}, "an order is held")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database")
    parser.add_argument("sandbox")
    parser.add_argument("--logfile", required=True)
    options = parser.parse_args()
    open(options.logfile, "w").close()
    newcomer = Newcomer(options.database, options.sandbox, options.logfile)
    steps, titles = newcomer.steps(), manual_titles()
    if list(steps) != titles:
        sys.exit(f"dev/newcomer: the manual's steps are {titles}, the script's are {list(steps)}")
    begin = time.monotonic()
    try:
        newcomer.prepare()
        begin = time.monotonic()
        play(steps)
        print(f"First order imported after {time.monotonic() - begin:.1f} s\n", flush=True)
        play(newcomer.steps_without_codes())
    except StepFailed as failure:
        sys.exit(f"dev/newcomer: this step did not happen: {failure}. See {options.logfile}")


def play(steps):
    for number, (title, step) in enumerate(steps.items(), start=1):
        started = time.monotonic()
        step()
        print(f"{number}. {title}: {time.monotonic() - started:.1f} s", flush=True)


if __name__ == "__main__":
    main()
