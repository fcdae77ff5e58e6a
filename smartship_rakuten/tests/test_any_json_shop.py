"""Whatever stands at whatever key of an answer: a shop takes it in, nothing unforeseen is raised.

What the rules and the client's readers make of it is proved without a database in
``test_any_json.py``; here it goes all the way: kept, imported, followed, shown.
"""

import json
from collections import Counter
from contextlib import closing

from hypothesis import given

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.rms import RmsError
from odoo.addons.smartship_rakuten.rms.answers import Answer, parse_json
from odoo.addons.smartship_rakuten.rms.inventory import parse_inventories
from odoo.addons.smartship_rakuten.rms.items import parse_items
from odoo.addons.smartship_rakuten.rms.orders import parse_sub_statuses

from .campaign import figures
from .common import RakutenCase
from .mutations import rich
from .rms_fixtures import JSON, message
from .test_any_json import broken, examples

#: Orders that are read in one go, as getOrder gives them.
TOGETHER = 100


def generated(sample, count):
    """So many documents like a sample with anything at one to three of its places, as the client
    reads them."""
    texts = []

    @given(broken(sample))
    @examples(count)
    def collect(text):
        texts.append(text)

    collect()
    return list(map(parse_json, texts))


@tagged("post_install", "-at_install")
class TestAnyJsonShop(RakutenCase):
    #: Orders, each as first and second reading; documents of each other kind.
    orders, others = 60, 30

    def number(self, sequence):
        return f"123456-20260110-{sequence:010d}"

    def payloads(self):
        found = [payload for payload in generated(rich(), self.orders) if isinstance(payload, dict)]
        for start in range(0, len(found), TOGETHER):
            yield [
                # getOrder's reader gives none with another number
                {**payload, "orderNumber": self.number(sequence)}
                for sequence, payload in enumerate(found[start : start + TOGETHER], start=1)
            ]

    def records(self):
        return self.Order.search([("shop_id", "=", self.shop.id)], order="name")

    def take(self, numbers):
        """Read orders, import what can be, and look at all of them.

        :return: state of each, by number
        """
        with self.not_done() as failed:
            self.shop._run("import_by_number", {"numbers": numbers})
        unforeseen = [
            (self.rms.orders[name], error)
            for name, error in failed
            if not self.shop._failure_reason(error)
        ]
        self.assertEqual(unforeseen, [])
        records = self.records()
        self.assertEqual(records.mapped("name"), sorted(numbers), "nothing is lost")
        for record in records:
            self.assertTrue(record.details)
            record.read(["problem", "changed", "buyer_name", "address_warning", "deadline_text"])
            for picking in record.sale_order_id.picking_ids:
                picking.read(["rakuten_held", "rakuten_remarks", "rakuten_ship_by", "rakuten_cash"])
        return {record.name: record.state for record in records}

    def imported(self):
        """Whole orders with all numbers that payloads have, imported."""
        numbers = [self.number(sequence) for sequence in range(1, TOGETHER + 1)]
        self.rms.put(*({**rich(), "orderNumber": number} for number in numbers))
        self.assertEqual(set(self.take(numbers).values()), {"done"})
        return self.records()

    def test_first_and_second_reading(self):
        self.shop.auto_fulfil = False
        first, second, held = Counter(), Counter(), 0
        all_payloads = list(self.payloads())
        for payloads in all_payloads:
            with closing(self.env.cr.savepoint()):
                self.rms.put(*payloads)
                first.update(self.take([payload["orderNumber"] for payload in payloads]).values())
            self.env.invalidate_all()
        # They are imported once; each hundred of payloads finds them as they were.
        orders = self.imported()
        for payloads in all_payloads:
            read = orders[: len(payloads)]
            with closing(self.env.cr.savepoint()):
                self.rms.put(*payloads)
                states = self.take(orders.mapped("name"))
                second.update(states[name] for name in read.mapped("name"))
                held += len(read.filtered("changed_code"))
                for record in orders:
                    self.assertTrue(record.sale_order_id)
            self.env.invalidate_all()
            self.rms.put(*({**rich(), "orderNumber": name} for name in read.mapped("name")))
        self.assertGreater(min(first["done"], first["blocked"], held), 0)
        figures(
            f"{sum(first.values())} orders with anything at one to three of their keys: read for "
            f"the first time {dict(first)}, as a second reading of an imported order "
            f"{dict(second)}, {held} held; nothing unforeseen is raised, none lost"
        )

    def documents(self, sample, parse):
        """What the client's reader makes of documents; those that it refuses are left out."""
        for data in generated(sample, self.others):
            if isinstance(data, dict):
                try:
                    yield parse(Answer(200, "", JSON, None, data))
                except RmsError:
                    continue

    def run_job(self, name):
        with mute_logger("odoo.sql_db"):
            return self.shop._run(name)

    def test_items(self):
        sample = {
            "results": [
                {
                    "item": {
                        "manageNumber": f"item-{n}",
                        "itemNumber": f"A{n}",
                        "title": "見本",
                        "variantSelectors": [{"key": "k1", "displayName": "色"}],
                        "variants": {
                            "v1": {
                                "merchantDefinedSkuId": f"a{n}",
                                "articleNumber": {"value": f"490123456789{n}"},
                                "selectorValues": {"k1": "赤"},
                            }
                        },
                    }
                }
                for n in (1, 2)
            ],
        }
        self.shop.create_products = True
        count = 0
        for items in self.documents(sample, parse_items):
            self.rms.items = items
            with closing(self.env.cr.savepoint()), mute_logger("odoo.addons.smartship_rakuten"):
                self.run_job("catalogue")
                # a second reading of the same, and what is whole is there in spite of the rest
                self.run_job("catalogue")
            self.env.invalidate_all()
            count += 1
        self.assertGreater(count, self.others // 2)
        figures(f"{count} catalogues with anything at their keys, read twice: none ends the job")

    def test_inventory(self):
        skus = self.env["rakuten.sku"].create(
            [
                {
                    "shop_id": self.shop.id,
                    "manage_number": f"item-{n}",
                    "variant_id": "v1",
                    "product_id": self.product_a.id,
                    "in_catalogue": True,
                    "stock_mode": "fixed",
                    "stock_fixed": 5,
                }
                for n in (1, 2)
            ]
        )
        row = {"manageNumber": "item-1", "variantId": "v1", "quantity": 3}
        sample = {"inventories": [row, {**row, "manageNumber": "item-2"}]}
        count = told = 0
        for data in generated(sample, self.others):
            if not isinstance(data, dict):
                continue

            def held(_pairs, *, unreadable=None, data=data):
                return parse_inventories(Answer(200, "", JSON, None, data), unreadable)

            self.rms.inventories_bulk_get = held
            with closing(self.env.cr.savepoint()):
                skus.stock_due = True
                try:
                    self.run_job("inventory")
                except Exception as error:
                    # an answer of which nothing can be used is one that failed
                    self.assertIsInstance(getattr(error, "rms_error", None), RmsError)
                else:
                    told += sum(1 for sku in skus if sku.stock_error or not sku.stock_due)
                    count += 1
            self.env.invalidate_all()
        self.assertEqual(told, 2 * count, "each SKU is settled or says why not")
        self.assertGreater(count, 0)
        figures(f"{count} answers on stock with anything at their keys: each SKU has its outcome")

    def test_sub_statuses(self):
        sample = {
            "MessageModelList": [message("GET_SUBSTATUSLIST_INFO_101")],
            "StatusModelList": [
                {
                    "orderProgress": 300,
                    "SubStatusModelList": [
                        {"subStatusId": n, "subStatusName": f"S{n}", "orderby": n} for n in (1, 2)
                    ],
                }
            ],
        }
        self.rms.sub_statuses = sample["StatusModelList"]
        self.run_job("sub_statuses")
        count = 0
        for entries in self.documents(sample, parse_sub_statuses):
            self.rms.sub_statuses = json.loads(json.dumps(entries))
            with closing(self.env.cr.savepoint()), mute_logger("odoo.addons.smartship_rakuten"):
                self.run_job("sub_statuses")
                self.assertTrue(self.shop.sub_status_ids)
            self.env.invalidate_all()
            count += 1
        self.assertGreater(count, self.others // 2)
        figures(f"{count} lists of sub-statuses with anything at their keys: none ends the job")


@tagged("-standard", "slow")
class TestAnyJsonShopCampaign(TestAnyJsonShop):
    orders, others = 10_000, 2_000
