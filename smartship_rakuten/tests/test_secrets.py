"""The keys of a shop are not to be had by any route."""

import json
import logging

import psycopg2

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.smartship_rakuten.models.shop.log_mask import masked
from odoo.addons.smartship_rakuten.rms import CredentialsRejected

from .common import order
from .fake_rms import FUNCTIONS
from .test_roles import RolesCase

SECRETS = {
    "service_secret": "SP123456_test",
    "license_key": "SL123456_test",
    "next_service_secret": "SP123456_next",
    "next_license_key": "SL123456_next",
}


@tagged("post_install", "-at_install")
class TestSecrets(RolesCase):
    def setUp(self):
        super().setUp()
        (self.record,) = self.import_orders(order(1))
        self.env["rakuten.sku"].create(
            {
                "shop_id": self.shop.id,
                "manage_number": "item-9",
                "variant_id": "a",
                "product_id": self.product_a.id,
            }
        )
        self.shop.write(SECRETS)
        self.shop.state = "connected"
        #: who must not get at them
        self.people = [
            self.users[role] for role in ("plain", "sales", "stock", "accountant", "user")
        ] + [self.stranger]

    def routes(self, shop, record, name):
        """Ways that might give a value away."""
        yield "read", lambda: shop.read([name])
        yield "search_read", lambda: shop.search_read([("id", "=", shop.id)], [name])
        yield "export_data", lambda: shop.export_data([name])
        yield "export_data of an order", lambda: record.export_data([f"shop_id/{name}"])
        yield "mapped", lambda: shop.mapped(name)
        yield "mapped of an order", lambda: record.mapped(f"shop_id.{name}")
        yield "filtered_domain", lambda: shop.filtered_domain([(name, "=", SECRETS[name])]).ids
        yield "web_read", lambda: shop.web_read({name: {}})
        yield (
            "web_read of an order",
            lambda: record.web_read({"shop_id": {"fields": {name: {}}}}),
        )
        yield (
            "web_search_read",
            lambda: shop.web_search_read([("id", "=", shop.id)], {name: {}}),
        )
        yield "web_save", lambda: shop.web_save({}, {name: {}})
        yield "onchange", lambda: shop.onchange({}, [], {name: {}})
        yield (
            "onchange of an order",
            lambda: record.onchange({}, [], {"shop_id": {"fields": {name: {}}}}),
        )
        yield "default_get", lambda: shop.default_get([name])
        yield "copy_data", lambda: shop.copy_data()
        yield "copy", lambda: shop.copy({"shop_number": "999"}).read()
        yield "fields_get", lambda: shop.fields_get([name])
        for method in ("read_group", "formatted_read_group", "_read_group"):
            for model, field in ((shop, name), (record, f"shop_id.{name}")):
                yield (
                    f"{method} {model._name}",
                    lambda method=method, model=model, field=field: self.group(
                        model, method, field
                    ),
                )
        for engine, template in (
            ("inline_template", f"{{{{ object.{name} }}}}"),
            ("qweb", f'<t t-out="object.{name}"/>'),
        ):
            yield (
                f"mail rendering by {engine}",
                lambda engine=engine, template=template: (
                    self.env["mail.render.mixin"]
                    .with_user(shop.env.user)
                    ._render_template(template, "rakuten.shop", shop.ids, engine=engine)
                ),
            )
        yield "name_search", lambda: shop.name_search(SECRETS[name])
        yield "web_read_group", lambda: shop.web_read_group([], [name], ["__count"])
        yield (
            "search_panel_select_range",
            lambda: shop.search_panel_select_range(name, expand=True),
        )

    def group(self, model, method, field):
        if method == "read_group":
            return model.read_group([], ["__count"], [field])
        if method == "formatted_read_group":
            return model.formatted_read_group([], [field], ["__count"])
        return model._read_group([], [field], ["__count"])

    @mute_logger("odoo.models", "odoo.addons.mail.models.mail_render_mixin", "odoo.domains")
    def test_no_route_gives_a_value(self):
        for user in self.people:
            for name, secret in SECRETS.items():
                shop, record = self.as_user(self.shop, user), self.as_user(self.record, user)
                for route, call in self.routes(shop, record, name):
                    with self.subTest(user=user.login, field=name, route=route):
                        self.env.invalidate_all()
                        savepoint = self.env.cr.savepoint()
                        try:
                            found = str(call())
                        except (AccessError, UserError, ValueError, KeyError) as error:
                            found = str(error)
                        finally:
                            savepoint.close(rollback=True)
                        self.assertNotIn(secret, found)

    def searches(self, shop, name):
        """Questions whose answer would tell about a value."""
        right = SECRETS[name]
        order_model = self.record.with_env(shop.env)
        picking = self.env["stock.picking"].with_env(shop.env)
        sale = self.env["sale.order"].with_env(shop.env)
        operators = (
            ("=", 99),
            ("like", 5),
            ("ilike", 5),
            ("=like", 99),
            ("in", 99),
            ("not in", 99),
            ("!=", 99),
            ("<", 8),
            (">=", 8),
        )
        for operator, cut in operators:
            for model, path in (
                (shop, name),
                (order_model, f"shop_id.{name}"),
                (sale, f"rakuten_shop_id.{name}"),
                (sale, f"rakuten_order_id.shop_id.{name}"),
                (picking, f"rakuten_shop_id.{name}"),
                (self.env["rakuten.sku"].with_env(shop.env), f"shop_id.{name}"),
                (self.env["rakuten.parcel"].with_env(shop.env), f"shop_id.{name}"),
                (self.product_a.with_env(shop.env), f"rakuten_sku_ids.shop_id.{name}"),
            ):

                def ask(value, model=model, path=path, operator=operator, cut=cut):
                    value = [value[:cut]] if operator in ("in", "not in") else value[:cut]
                    return model.search([(path, operator, value)]).ids

                yield f"{model._name} {path} {operator}", ask, right
        for operator in ("any", "not any"):
            yield (
                f"shop_id {operator}",
                lambda value, operator=operator: (
                    order_model.search([("shop_id", operator, [(name, "=", value)])]).ids
                ),
                right,
            )
        yield (
            "search_count",
            lambda value: shop.search_count([("id", "=", shop.id), (name, "=", value)]),
            right,
        )
        yield "order", lambda value: shop.search([], order=f"{name} desc").ids, right
        yield (
            "order of orders",
            lambda value: order_model.search([], order=f"shop_id.{name}").ids,
            right,
        )

    def told(self, ask, value):
        """The answer, None where the question is refused."""
        try:
            return ask(value)
        except (AccessError, ValueError):
            return None

    @mute_logger("odoo.domains")
    def test_no_search_tells_about_a_value(self):
        for user in self.people:
            for name in SECRETS:
                shop = self.as_user(self.shop, user)
                for route, ask, right in self.searches(shop, name):
                    with self.subTest(user=user.login, field=name, route=route):
                        if user == self.stranger:
                            # He may ask, for his own shops.
                            self.assertEqual(self.told(ask, right), self.told(ask, "SL999999_no"))
                        else:
                            self.assertIsNone(self.told(ask, right))

    def test_the_manager_can(self):
        shop = self.as_user(self.shop, self.users["manager"])
        for name, secret in SECRETS.items():
            self.assertEqual(shop[name], secret)

    def test_not_in_the_chatter(self):
        text = "".join(
            f"{message.body}{message.tracking_value_ids.mapped('new_value_char')}"
            for message in self.shop.message_ids
        )
        for secret in SECRETS.values():
            self.assertNotIn(secret, text)
        for name in SECRETS:
            self.assertFalse(self.shop._fields[name].copy)
            self.assertFalse(getattr(self.shop._fields[name], "tracking", None))

    def test_not_in_messages_of_errors(self):
        self.rms.failures["search_order"] = CredentialsRejected()
        self.rms.rejected = set(FUNCTIONS)
        with self.assertRaises(UserError) as caught:
            self.shop.action_import_orders()
        told = f"{caught.exception}{self.shop.connection_message}{self.shop.next_key_message}"
        for secret in SECRETS.values():
            self.assertNotIn(secret, told)

    def test_not_in_the_log(self):
        """A statement that the database refuses is logged with its values."""
        for name, secret in {**SECRETS, "license_key": "without-any-shape"}.items():
            for vals in ({"stock_buffer": -1}, {"retention_days": -5}):
                with (
                    self.subTest(field=name),
                    self.assertLogs(level=logging.INFO) as caught,
                    self.assertRaises(psycopg2.Error),
                    self.env.cr.savepoint(),
                ):
                    self.shop.write({name: secret, **vals})
                    self.env.flush_all()
                self.assertIn("bad query", "".join(caught.output))
                self.assertNotIn(secret, "".join(caught.output))
        with (
            self.assertLogs(level=logging.INFO) as caught,
            self.assertRaises(psycopg2.Error),
            self.env.cr.savepoint(),
        ):
            self.env["rakuten.shop"].create(
                {
                    "name": "x",
                    "shop_number": self.shop.shop_number,
                    "company_id": self.company.id,
                    "license_key": "without-any-shape",
                }
            )
        self.assertNotIn("without-any-shape", "".join(caught.output))

    def test_masked(self):
        statement = "UPDATE rakuten_shop SET license_key = 'SL123456_aB-3x', name = '見本''s'"
        self.assertEqual(
            masked(statement, every_value=False),
            "UPDATE rakuten_shop SET license_key = '***', name = '見本''s'",
        )
        self.assertEqual(
            masked(statement, every_value=True),
            "UPDATE rakuten_shop SET license_key = '***', name = '***'",
        )
        self.assertEqual(
            masked("duplicate key\nDETAIL:  Key (name)=(見本) already exists.", every_value=True),
            "duplicate key\nDETAIL: ***",
        )

    def test_calls_and_their_export_hold_no_key(self):
        calls = self.env["rakuten.call"].search([])
        text = json.dumps(calls.read(), default=str)
        for secret in SECRETS.values():
            self.assertNotIn(secret, text)


@tagged("post_install", "-at_install")
class TestSecretsOverHttp(HttpCase, RolesCase):
    """The routes of Odoo's web client that a browser asks by itself."""

    def test_downloads(self):
        self.shop.write(SECRETS)
        for user in (self.users["user"], self.stranger):
            user.group_ids |= self.env.ref("base.group_allow_export")
            self.authenticate(user.login, user.login)
            for name, secret in SECRETS.items():
                export = {
                    "model": "rakuten.shop",
                    "fields": [{"name": name, "label": name, "type": "char"}],
                    "ids": self.shop.ids,
                    "domain": [],
                    "import_compat": True,
                    "context": {},
                }
                data = {"data": json.dumps(export), "csrf_token": http.Request.csrf_token(self)}
                for route, post in (
                    ("/web/export/csv", data),
                    (f"/web/content/rakuten.shop/{self.shop.id}/{name}", None),
                    (f"/web/image/rakuten.shop/{self.shop.id}/{name}", None),
                    (f"/json/1/rakuten-shops?fields={name}", None),
                ):
                    with self.subTest(user=user.login, route=route, field=name):
                        with mute_logger("odoo.http", "odoo.addons.web.controllers.export"):
                            answer = self.url_open(route, data=post)
                        self.assertNotIn(secret, answer.text)

    def test_the_manager_s_export(self):
        """So that the test above would fail if it could."""
        self.shop.write(SECRETS)
        user = self.users["manager"]
        user.group_ids |= self.env.ref("base.group_allow_export")
        self.authenticate(user.login, user.login)
        export = {
            "model": "rakuten.shop",
            "fields": [{"name": "license_key", "label": "license_key", "type": "char"}],
            "ids": self.shop.ids,
            "domain": [],
            "import_compat": True,
            "context": {"allowed_company_ids": self.company.ids},
        }
        data = {"data": json.dumps(export), "csrf_token": http.Request.csrf_token(self)}
        answer = self.url_open("/web/export/csv", data=data)
        self.assertIn(SECRETS["license_key"], answer.text)
