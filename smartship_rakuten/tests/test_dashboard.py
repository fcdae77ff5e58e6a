"""The shop's card: right numbers, each of which opens the list that it counts."""

import json
from datetime import datetime, timedelta

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.fields import Domain
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.smartship_rakuten.models.shop.sentences import columns

from .common import RakutenCase, item, order, package

NOW = datetime(2026, 1, 20, 3)


@tagged("post_install", "-at_install")
class TestDashboard(RakutenCase):
    def fill(self):
        """A shop with something of everything."""
        self.import_orders(
            order(1, progress=100, cancelDueDate="2026-01-21"),
            order(2, progress=100, cancelDueDate="2026-02-21"),
            order(3, progress=200),
            order(4, [package(4, [item("9", "NOBODY")])]),
            order(5, [package(5, [item("9", "NOBODY")])]),
            order(6, [package(6, [item()])], requestPrice=-9999),
            order(7, deliveryDate="2026-01-21"),
            order(8, deliveryDate="2026-01-15"),
            order(9, deliveryDate="2026-02-21"),
        )
        (done,) = self.import_orders(order(10))
        self.ship(done.sale_order_id.picking_ids, "400000000010")
        (failed,) = self.import_orders(order(11))
        self.ship(failed.sale_order_id.picking_ids, "400000000011")
        failed.parcel_ids.write({"state": "failed", **columns("error", "x")})
        _held, silent = self.import_orders(order(12, rakutenConfirmFlag=1), order(13))
        self.ship(silent.sale_order_id.picking_ids, False)
        self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "refused",
                **columns("stock_error", "IE0004"),
                "stock_due": False,
            }
        )
        # Rakuten did not answer: sent again by itself, and nothing to look at.
        self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "passing",
                **columns("stock_error", "no answer"),
            }
        )
        self.env["rakuten.stock.push"].create(
            [
                {"shop_id": self.shop.id, "date": date, "outcome": outcome}
                for date, outcome in (
                    (datetime(2026, 1, 19, 4), "drift"),
                    (datetime(2026, 1, 19, 2), "drift"),
                    (datetime(2026, 1, 20, 2), "sent"),
                )
            ]
        )

    def counts(self):
        return {
            name: self.shop[f"{name}_count"]
            for name in (
                "to_confirm waiting blocked deadline to_ship late held unnumbered unreported "
                "failed unmapped stock_error drift due"
            ).split()
        }

    def test_numbers(self):
        with self.at(NOW):
            self.fill()
            counts = self.counts()
            unmapped = self.env["rakuten.sku"].search_count(
                [("shop_id", "=", self.shop.id), ("mapping_state", "=", "unmapped")]
            )
            self.assertEqual(
                counts,
                {
                    "to_confirm": 2,
                    "waiting": 3,
                    "blocked": 3,
                    "deadline": 3,
                    "to_ship": 2,
                    "late": 1,
                    "held": 1,
                    "unnumbered": 1,
                    "unreported": 2,
                    "failed": 1,
                    "unmapped": unmapped,
                    "stock_error": 1,
                    "drift": 1,
                    "due": self.env["rakuten.sku"].search_count([("stock_due", "=", True)]),
                },
            )
            self.assertEqual(
                self.shop.dashboard["blocked"], {"unmapped_sku": 2, "amount_undetermined": 1}
            )

    def test_orders_and_yen_of_today(self):
        """Of two weeks, by the day in Japan; what was cancelled counts for none."""
        with self.at(NOW):
            orders = self.import_orders(
                order(1, orderDatetime="2026-01-20T00:00:00+0900"),
                order(2, orderDatetime="2026-01-20T11:59:00+0900", progress=100, total=500),
                order(3, orderDatetime="2026-01-20T11:59:00+0900", progress=100),
                order(4, orderDatetime="2026-01-19T23:59:59+0900"),
                order(5, orderDatetime="2026-01-07T00:00:00+0900"),
                order(6, orderDatetime="2026-01-06T23:59:59+0900"),
                order(
                    7, progress=100, requestPrice=-9999, orderDatetime="2026-01-20T09:00:00+0900"
                ),
            )
            orders[2].state = "cancelled"
            self.assertEqual((self.shop.today_count, self.shop.today_amount), (3, 1600))
            (line,) = json.loads(self.shop.orders_graph)
        self.assertEqual([point["y"] for point in line["values"]], [1, *[0] * 11, 1, 3])
        self.assertEqual(line["values"][-1]["x"], "1/20")

    def test_several_shops_are_compared(self):
        """In one list; a row leads to its card."""
        action = self.env.ref("smartship_rakuten.action_rakuten_dashboard")
        self.assertEqual([kind for _view, kind in action.views], ["kanban", "list", "form"])
        opened = self.shop.action_view_card()
        self.assertEqual(
            (opened["domain"], opened["views"][0][1]), ([("id", "=", self.shop.id)], "kanban")
        )

    def links(self):
        """(number that is shown, link) of the card's links with a count."""
        arch = etree.fromstring(self.env.ref("smartship_rakuten.view_rakuten_shop_dashboard").arch)
        for node in arch.xpath("//a[@type='action']"):
            (shown,) = node.xpath(".//field/@name") or [None]
            reason = node.get("t-if", "")
            if shown:
                yield self.shop[shown], node
            elif reason.startswith("card.blocked."):
                yield self.shop.dashboard["blocked"].get(reason.rpartition(".")[2], 0), node

    def listed(self, node):
        """How many records the list behind a link shows."""
        action = self.env["ir.actions.act_window"].browse(int(node.get("name")))
        context = safe_eval(node.get("context"), {"id": self.shop.id})
        self.assertEqual(sum(key.startswith("search_default_") for key in context), 2)
        return self.count_listed(
            action.res_model, action.search_view_id.id, safe_eval(action.domain or "[]"), context
        )

    def count_listed(self, model, search_view_id, domain, context):
        """How many records an action shows with the filters that are on at first."""
        arch = etree.fromstring(self.env[model].get_view(search_view_id, "search")["arch"])
        domain = Domain(domain)
        for key, value in context.items():
            if not key.startswith("search_default_"):
                continue
            name = key.removeprefix("search_default_")
            filters = arch.xpath(f"//filter[@name='{name}']")
            if filters:
                domain &= Domain(safe_eval(filters[0].get("domain") or "[]"))
            else:
                self.assertTrue(arch.xpath(f"//field[@name='{name}']"), name)
                domain &= Domain(name, "=", value)
        return self.env[model].search_count(domain)

    def test_today_is_japan_s(self):
        """For a reader in Los Angeles as well: there it is still the evening of the 20th."""
        self.env.user.tz = "America/Los_Angeles"
        (record,) = self.import_orders(
            order(1, deliveryDate="2026-01-22", orderFixDatetime="2026-01-10T12:00:00+0900")
        )
        self.assertEqual(str(record.deadline_date), "2026-01-21")
        picking = record.sale_order_id.picking_ids
        for moment, state, due in (
            (datetime(2026, 1, 20, 14, 59), False, False),
            (datetime(2026, 1, 20, 15), "soon", "today"),
            (datetime(2026, 1, 21, 15), "late", "late"),
        ):
            with self.at(moment):
                self.env.invalidate_all()
                self.assertEqual((record.deadline_state, picking.rakuten_due), (state, due))
                for value in ("soon", "late", False):
                    found = self.Order.search([("deadline_state", "=", value)])
                    self.assertEqual(record in found, value == state, value)
                for value in ("today", "late", False):
                    found = self.env["stock.picking"].search([("rakuten_due", "=", value)])
                    self.assertEqual(picking in found, value == due, value)
                self.assertEqual(
                    (self.shop.deadline_count, self.shop.to_ship_count, self.shop.late_count),
                    (bool(state), bool(due), due == "late"),
                )

    def test_each_number_opens_its_list(self):
        with self.at(NOW):
            self.fill()
            self.env.flush_all()
            self.env.invalidate_all()
            shown = [(count, self.listed(node)) for count, node in self.links()]
        self.assertGreater(len(shown), 15)
        for count, listed in shown:
            self.assertEqual(count, listed)

    def test_keeper_without_stock_rights_has_numbers_without_links(self):
        keeper = new_test_user(self.env, "rakuten-keeper", "smartship_rakuten.group_user")
        view = self.env.ref("smartship_rakuten.view_rakuten_shop_dashboard")
        for user, tag in ((self.env.ref("base.user_admin"), "a"), (keeper, "span")):
            arch = self.env["rakuten.shop"].with_user(user).get_view(view.id, "kanban")["arch"]
            for name in ("to_ship_count", "late_count", "held_count", "unnumbered_count"):
                tiles = etree.fromstring(arch).xpath(
                    f"//*[contains(@t-att-class, 'o_rakuten_tile')][.//field[@name='{name}']]"
                )
                self.assertEqual([tile.tag for tile in tiles], [tag], name)

    def test_old_comparison_is_told(self):
        with self.at(NOW):
            self.shop._run("reconcile", True)
            self.assertFalse(self.shop.dashboard["compared"]["old"])
        for hours, old in ((36, False), (37, True)):
            with self.at(NOW + timedelta(hours=hours)):
                self.shop.invalidate_recordset()
                self.assertEqual(self.shop.dashboard["compared"]["old"], old)
                self.assertTrue(self.shop.dashboard["compared"]["ok"])

    def queries(self, shops):
        self.env.flush_all()
        self.env.invalidate_all()
        shops.fetch(["name", "state", "license_expiry", "write_date", "user_id"])
        before = self.env.cr.sql_log_count
        shops.mapped("dashboard")
        shops.mapped("to_ship_count")
        shops.mapped("blocked_count")
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow_with_the_shops(self):
        self.fill()
        self.shop._run("reconcile", True)
        self.queries(self.shop)
        one = self.queries(self.shop)
        others = self.env["rakuten.shop"]
        for number in range(5):
            other = self.shop.copy({"shop_number": f"90000{number}", "name": f"店{number}"})
            other.state = "connected"
            others |= other
            for job in ("import", "reconcile"):
                other._run(job)
        # New shops have emptied Odoo's caches: fill them as before the first count.
        self.queries(self.shop)
        self.assertEqual(self.queries(self.shop | others), one)
        self.assertLessEqual(one, 26)

    @freeze_time("2026-01-20 03:00:00")
    def test_key(self):
        self.shop.license_expiry = False
        self.assertEqual(self.shop.dashboard["key"], {"known": False})
        for days, urgent, ended in (
            (13, True, False),
            (20, False, False),
            (-2, True, True),
        ):
            self.shop.license_expiry = fields.Datetime.add(
                fields.Datetime.now(), days=days, hours=1
            )
            self.shop.invalidate_recordset(["dashboard"])
            self.assertEqual(
                self.shop.dashboard["key"],
                {"known": True, "days": days, "urgent": urgent, "ended": ended},
            )

    def test_a_plain_user_of_rakuten_sees_it(self):
        user = new_test_user(
            self.env,
            "rakuten-plain",
            "smartship_rakuten.group_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.at(NOW):
            self.fill()
            shop = self.shop.with_user(user)
            self.assertEqual(shop.to_confirm_count, 2)
            self.assertTrue(shop.dashboard["jobs"])
            self.assertTrue(shop.action_reconcile()["res_id"])

    def buttons(self):
        """(method, number that is shown) of the smart buttons of the shop's form."""
        arch = etree.fromstring(self.env.ref("smartship_rakuten.view_rakuten_shop_form").arch)
        for node in arch.xpath("//div[@name='button_box']/button[field]"):
            yield node.get("name"), node.find("field").get("name")

    def test_smart_buttons(self):
        with self.at(NOW):
            self.fill()
            self.env.flush_all()
            for button, shown in self.buttons():
                action = getattr(self.shop, button)()
                listed = self.count_listed(
                    action["res_model"],
                    action["search_view_id"] and action["search_view_id"][0],
                    action["domain"],
                    action["context"],
                )
                self.assertTrue(listed, button)
                self.assertEqual(listed, self.shop[shown], button)
            for button, model, count in (
                ("action_view_orders", "rakuten.order", 13),
                ("action_view_pickings", "stock.picking", 7),
                ("action_view_unreported", "rakuten.parcel", 2),
                ("action_view_jobs", "rakuten.job", 1),
                ("action_view_reconciliations", "rakuten.reconciliation", 0),
            ):
                action = getattr(self.shop, button)()
                self.assertEqual(action["res_model"], model)
                self.assertEqual(self.env[model].search_count(action["domain"]), count, button)
            sale_order = self.Order.search([("state", "=", "done")], limit=1).sale_order_id
            self.assertEqual(
                sale_order.action_open_rakuten_order()["res_id"], sale_order.rakuten_order_id.id
            )
            self.assertIn(sale_order.rakuten_order_number, sale_order.action_open_rms()["url"])


@tagged("post_install", "-at_install")
class TestOrderReport(RakutenCase):
    def groups(self, *by):
        self.env.flush_all()
        return self.env["rakuten.order.report"]._read_group(
            [("shop_id", "=", self.shop.id)],
            list(by),
            ["order_count:count_distinct", "units:sum", "amount:sum"],
        )

    def setUp(self):
        super().setUp()
        osaka = {**order(1)["PackageModelList"][0]["SenderModel"], "prefecture": "大阪府"}
        self.import_orders(
            order(
                1, [package(1, [item("1"), item("2", "CODE-B", price=500, units=2)])], total=2100
            ),
            order(2, [package(2, [item()], SenderModel=osaka)]),
            order(
                3, [package(3, [item()]), package(4, [item("5")], SenderModel=osaka)], total=2200
            ),
            order(4, [package(5, [item()], SenderModel=osaka)], progress=100),
        )
        self.tokyo = self.env.ref("base.state_jp_jp-13")
        self.osaka = self.env.ref("base.state_jp_jp-27")

    def test_by_status(self):
        self.assertEqual(sorted(self.groups("progress")), [("100", 1, 0, 0), ("300", 3, 6, 5400)])

    def test_by_product(self):
        rows = {
            product: (orders, units, yen)
            for product, orders, units, yen in self.groups("product_id")
        }
        self.assertEqual(rows[self.product_a], (3, 4, 4400))
        self.assertEqual(rows[self.product_b], (1, 2, 1000))

    def test_by_sku(self):
        """Two SKUs of one product are two; an order without a sale order has none yet."""
        rows = {
            sku.manage_number: (orders, units, yen)
            for sku, orders, units, yen in self.groups("sku_id")
        }
        self.assertEqual(
            rows,
            {
                "item-1": (3, 3, 3300),
                "item-2": (1, 2, 1000),
                "item-5": (1, 1, 1100),
                False: (1, 0, 0),
            },
        )

    def test_by_prefecture(self):
        """Of the destination; an order to two counts in both."""
        rows = {
            state: (orders, units, yen)
            for state, orders, units, yen in self.groups("prefecture_id")
        }
        self.assertEqual(rows[self.tokyo], (2, 4, 3200))
        self.assertEqual(rows[self.osaka], (3, 2, 2200))

    def test_by_day(self):
        ((day, orders, units, yen),) = self.groups("order_date:day")
        self.assertEqual((day.date().isoformat(), orders, units, yen), ("2026-01-10", 4, 6, 5400))

    def test_prefectures_outlive_the_persons(self):
        orders = self.Order.search([("shop_id", "=", self.shop.id)])
        before = sorted(self.groups("prefecture_id"), key=str)
        orders._anonymise()
        self.assertTrue(all(orders.mapped("personal_data_removed")))
        self.assertEqual(sorted(self.groups("prefecture_id"), key=str), before)
        self.assertEqual(orders.filtered(lambda o: o.progress == "100").prefecture_id, self.osaka)


@tagged("post_install", "-at_install")
class TestDashboardWeb(HttpCase, RakutenCase):
    def test_open_a_number(self):
        self.shop.auto_import = True
        self.env["res.lang"]._activate_lang("en_US")
        self.import_orders(order(1, progress=100), order(2, [package(2, [item("9", "NOBODY")])]))
        user = new_test_user(
            self.env,
            "rakuten-keeper",
            "smartship_rakuten.group_user",
            lang="en_US",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.start_tour(
            f"/odoo/rakuten?cids={self.company.id}",
            "smartship_rakuten_dashboard",
            login=user.login,
        )
