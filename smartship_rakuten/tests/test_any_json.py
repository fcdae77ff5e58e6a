"""Whatever stands at whatever key of an answer: what promises never to fail does not, and what may
refuse refuses in its own words."""

import json
from collections import Counter
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from odoo.tests import BaseCase, tagged

from odoo.addons.smartship_rakuten.rms import RmsError, inventory, items, orders, shop
from odoo.addons.smartship_rakuten.rms.answers import (
    Answer,
    complaints,
    error_of,
    order_messages,
    parse_json,
    parse_xml,
)
from odoo.addons.smartship_rakuten.rms.messages import outcome_of, parse_messages
from odoo.addons.smartship_rakuten.rules import (
    address,
    catalogue,
    changes,
    conditions,
    confirmation,
    display,
    goods,
    privacy,
    reconcile,
    rows,
    shipping,
)
from odoo.addons.smartship_rakuten.rules.deadlines import deadlines
from odoo.addons.smartship_rakuten.rules.order import parse_items, parse_order
from odoo.addons.smartship_rakuten.rules.payload import LENIENT, OrderProblem

from .campaign import figures
from .mutations import mutated, paths, rich
from .rms_fixtures import JSON, message, number, shop_xml

NOW = datetime(2026, 1, 10)

#: What a wire may carry: numbers without end, what no database holds, days of no calendar.
LITERALS = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True),
    st.text(st.characters(), max_size=8),
    st.integers(1, 6000).map(lambda length: "9" * length),
    st.sampled_from(
        [
            *(2**31, 2**63, -(2**63) - 1, 10**400, 1e300, -9999),
            *("\0", "\ud83d", "a\0\udfff", "1_0", "９９", "NaN", "sNaN", "Infinity", "-0"),
            *("1e-999999999", "1e999999999", f"0.{'1' * 400}", f"0.08{'0' * 400}"),
            *("0001-01-01", "9999-12-31", "2026-02-30", "2026/01/20", "2026-01-10T09:15:02+0900"),
            *("0001-01-01T00:00:00+0900", "9999-12-31T23:59:59-0900", "2026-01-10T24:00:00+0900"),
        ]
    ),
)
KEYS = st.sampled_from(
    "orderNumber units price taxRate variants inventories results code message x".split()
) | st.text(st.characters(), max_size=3)
VALUES = st.recursive(
    LITERALS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
DEEP = st.integers(2, 90).map(lambda depth: json.loads("[" * depth + "]" * depth))


def examples(count):
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def broken(sample):
    """Documents like ``sample`` with anything at one to three of its places, as text."""
    places = list(paths(sample))

    @st.composite
    def build(draw):
        document = sample
        for path in draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True)):
            try:
                document = mutated(document, path, draw(VALUES | DEEP))
            except (KeyError, IndexError, TypeError):
                continue  # its place went with another one
        return json.dumps(document)

    return build() | VALUES.map(json.dumps)


def read_order(payload):
    """All that looks at a stored order without being allowed to fail."""
    display.sections(payload)
    display.goods(payload)
    goods.short(goods.goods(payload))
    display.time_slot(payload)
    for basket in [*shipping.basket_ids(payload), "7001", ""]:
        facts = shipping.shipping_facts(payload, basket)
        shipping.ship_by(facts, 1, 1)
        shipping.address_digest(facts)
        display.store(LENIENT.package(payload, basket))
    for look in (
        *(rows.shipping_rows, rows.labels, shipping.recipients, shipping.promise),
        *(shipping.is_gift, shipping.is_checked, shipping.stores, shipping.wrapping),
        *(shipping.delivery_method, shipping.payment_method, shipping.payment_code),
    ):
        look(payload)
    for progress in ("100", "300", "400"):
        deadlines(payload, progress)
    figures_of = reconcile.essence(payload)
    reconcile.billed(figures_of)
    reconcile.differences(figures_of, reconcile.essence({}))
    reconcile.is_closed(payload, NOW)
    if isinstance(payload, dict):
        privacy.anonymise(payload)
    person = LENIENT.person(payload, "OrdererModel")
    for look in (
        *(address.full_name, address.kana, address.phone, address.place, address.zip_code),
        *(address.prefecture_code, address.is_pending, address.is_complete, address.identity),
    ):
        look(person)
    for key in payload if isinstance(payload, dict) else ("x",):
        for read in (LENIENT.whole, LENIENT.yen, LENIENT.rate, LENIENT.text, LENIENT.id):
            read(payload, key)
        for read in (LENIENT.moment, LENIENT.day, LENIENT.flag, LENIENT.objects, LENIENT.code):
            read(payload, key)
    json.dumps(payload, allow_nan=False).encode()


@tagged("post_install", "-at_install")
class TestAnyJson(BaseCase):
    """Without a database: the rules, and the client's readers."""

    #: Orders, each read alone and as a second reading; documents of each other kind.
    orders, others = 150, 60

    def run_examples(self, count, strategy, check):
        @given(strategy)
        @examples(count)
        def run(text):
            check(text)

        run()

    def test_orders(self):
        whole = rich()
        seen = Counter()

        def check(text):
            payload = parse_json(text)
            read_order(payload)
            for read in (parse_order, parse_items, self.second_reading(whole)):
                try:
                    read(payload)
                except OrderProblem as problem:
                    self.assertTrue(problem.code)
                    seen["held"] += 1
                else:
                    seen["read"] += 1

        self.run_examples(self.orders, broken(whole), check)
        self.assertGreater(min(seen["held"], seen["read"]), self.orders // 10)
        figures(
            f"{self.orders} orders with anything at one to three of their keys, each as first and "
            f"as second reading: {seen['read']} readings succeed, {seen['held']} name a problem, "
            "nothing else is raised"
        )

    @staticmethod
    def second_reading(before):
        return lambda payload: changes.differences(before, payload)

    def test_confirmation(self):
        names = ["gift", "delivery_wish", "order_type", "caution", "remote_island"]

        def check(text):
            payload = parse_json(text)
            if isinstance(payload, dict):
                confirmation.holds(payload, names, 30, NOW)
                conditions.conditions(conditions.of_destination(payload, "7001"))

        self.run_examples(self.others, broken(rich()), check)

    def check_parsers(self, sample, *parsers, reads=None):
        """Parsers of an answer return something or raise an RmsError of their own accord."""
        told = Counter()

        def check(text):
            data = parse_json(text)
            if not isinstance(data, dict):
                return
            answer = Answer(200, text, JSON, None, data)
            for parse in parsers:
                try:
                    result = parse(answer)
                except RmsError:
                    told["refused"] += 1
                else:
                    told["read"] += 1
                    if reads:
                        reads(result)
            complaints(data)
            order_messages(data)
            for status in (200, 400, 401, 503):
                error_of(orders.CONFIRM_ORDER, status, data)

        self.run_examples(self.others, broken(sample), check)
        self.assertGreater(told["read"], 0)
        return told

    def test_get_order(self):
        sample = {
            "MessageModelList": [message("GET_ORDER_INFO_101", orderNumber=number(1))],
            "OrderModelList": [{"orderNumber": number(1), "x": 1}, {"orderNumber": number(2)}],
        }
        asked = [number(1), number(2)]
        self.check_parsers(
            sample,
            lambda answer: orders.parse_get_order(answer, asked),
            lambda answer: orders.parse_outcomes(answer, asked),
            lambda answer: orders.parse_single(answer, number(1)),
            lambda answer: orders.parse_rows(answer, 2),
            orders.parse_accepted,
        )

    def test_search_and_sub_statuses(self):
        sample = {
            "MessageModelList": [message("SEARCH_ORDER_INFO_101")],
            "orderNumberList": [number(1), number(2)],
            "PaginationResponseModel": {"totalRecordsAmount": 2, "totalPages": 1},
            "StatusModelList": [
                {"statusId": 300, "subStatusModelList": [{"subStatusId": 1, "subStatusName": "x"}]}
            ],
            "ResultShippingModelList": [{"orderNumber": number(1), "MessageModelList": []}],
        }
        self.check_parsers(
            sample, orders._parse_search, orders.parse_sub_statuses, orders.parse_async_results
        )

    def test_items(self):
        sample = {
            "results": [
                {
                    "item": {
                        "manageNumber": "item-1",
                        "itemNumber": "A",
                        "title": "見本",
                        "variantSelectors": [{"key": "k1", "displayName": "色"}],
                        "variants": {
                            "v1": {
                                "merchantDefinedSkuId": "a",
                                "articleNumber": {"value": "4901234567894"},
                                "selectorValues": {"k1": "赤"},
                            }
                        },
                    },
                    "inventory": {"x": 1},
                }
            ],
            "nextCursorMark": "x",
        }

        def read(found):
            for item in found if isinstance(found, list) else found[0]:
                catalogue.read_skus(item)

        self.check_parsers(sample, items.parse_items, items.parse_search, reads=read)

    def test_inventory(self):
        row = {"manageNumber": "item-1", "variantId": "v1", "quantity": 3}
        sample = {"inventories": [row, {**row, "variantId": "v2"}], "quantity": 3}
        sample["errors"] = [
            {"code": "IE0002", "message": "x", "metadata": {"propertyPath": "inventories[0]"}}
        ]

        def read(found):
            for entry in found if isinstance(found, list) else [found]:
                self.assertIn(entry["quantity"], range(-(2**31), 2**31))

        self.check_parsers(
            sample, inventory.parse_inventories, inventory.parse_quantity, reads=read
        )

    def test_shop(self):
        sample = {"expiryDate": "2026-03-31T23:59:59", "result": "x", "message": "y"}
        self.check_parsers(sample, shop.parse_expiry)

        trees = st.recursive(
            st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=5),
            lambda inner: st.lists(
                st.tuples(
                    st.sampled_from("result resultCode shopMaster shopName url x".split()), inner
                ),
                max_size=3,
            ),
            max_leaves=8,
        )

        def element(name, content):
            node = etree.Element(name)
            if isinstance(content, str):
                node.text = content
            else:
                node.extend(element(*child) for child in content)
            return node

        def check(content):
            text = etree.tostring(element("r", content), encoding="unicode")
            for body in (text, shop_xml(text)):
                data = parse_xml(body)
                answer = Answer(200, body, "application/xml", None, data)
                complaints(data)
                for parse in (shop.parse_shop_master, shop.parse_shop_status):
                    try:
                        parse(answer)
                    except RmsError as error:
                        self.assertTrue(error.code)

        self.run_examples(self.others, trees, check)

    def test_messages(self):
        entries = [{"manageNumber": "item-1", "variantId": "v1"}]
        sample = [
            message("CONFIRM_ORDER_ERROR_009", orderNumber=number(1), dataNumber=1),
            message("CONFIRM_ORDER_INFO_101", shippingDetailId=5, requestId="x"),
        ]

        def check(text):
            messages = parse_messages(parse_json(text))
            outcome_of(messages)
            inventory.rejected_entries(entries, messages)
            for found in messages:
                json.dumps([found.text, found.code, found.field], ensure_ascii=False).encode()
                self.assertNotIn("\0", found.text)

        self.run_examples(self.others, broken(sample), check)


@tagged("-standard", "slow")
class TestAnyJsonCampaign(TestAnyJson):
    orders, others = 10_000, 2_000
