"""axe-core finds no serious fault in the views: on a desk in English, on a phone in Japanese."""

import importlib.util
import json
from importlib.resources import files
from pathlib import Path

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .busy_shop import BusyShopCase
from .campaign import figures

AUDIT = Path(__file__).with_name("accessibility.js")
#: Faults of Odoo's own widgets and colours, as (rule, elements): those met on a desk, and those
#: met on a phone alone.
ODOO = [
    ("aria-allowed-attr", ".o_tag, .o-dropdown, .o-autocomplete--input"),
    ("aria-required-parent", ".o_notebook_headers .nav-link"),
    ("autocomplete-valid", ".o_select_menu_input"),
    ("button-name", ".o_optional_columns_dropdown > button"),
    ("color-contrast", ".badge.text-bg-success, .badge.text-bg-info"),
    ("color-contrast", ".o_field_domain strong.text-primary"),
    ("color-contrast", ".o_data_row.text-muted > .o_data_cell, .o_selected_row .o_data_cell *"),
    ("color-contrast", ".o_pivot_measure_row"),
    ("label", ".o_list_renderer .o-checkbox input"),
    ("label", ".o_selected_row .o_data_cell :is(input, textarea)"),
    ("select-name", ".o_field_domain select.o_input"),
]
ODOO_PHONE = [
    ("color-contrast", ".o_form_label, .o_form_label *"),
    ("scrollable-region-focusable", ".o_list_renderer, .o_pivot"),
]
#: The same, forgiven only on Odoo's screens to which the module adds something.
ODOO_SCREENS = [
    ("button-name", ".o_external_button"),
    ("color-contrast", ".text-muted, .text-muted *"),
    ("image-alt", ".o_field_many2one_avatar_user img"),
    ("role-img-alt", ".fa-clock-o"),
    ("label", "#peppol_endpoint_0, #qty_available_2, #ref_2"),
]


class AccessibilityCase(HttpCase, BusyShopCase):
    lang = "en_US"

    def setUp(self):
        super().setUp()
        if not importlib.util.find_spec("axe_playwright_python"):
            self.skipTest("axe-core is not installed: pip install axe-playwright-python")
        self.open_busy_shop("axe")
        self.env.ref("base.user_admin").write(
            {
                "company_ids": [(4, self.company.id)],
                "company_id": self.company.id,
                "lang": self.lang,
            }
        )
        self.env["res.lang"]._activate_lang(self.lang)

    def screens(self):
        """Every list, form, kanban, graph and pivot of the module, whatever there will be.

        :return: what audit() of accessibility.js opens
        """
        self.play()
        shown = self.shown()
        screens = []
        for view in self.own_views():
            model = self.env[view.model]
            records = model
            if view.type == "form":
                records = shown.get(view.model) or model.search([], limit=1)
                self.assertTrue(records, f"There is no {view.model} to look at.")
            screens += [self.screen(view, record) for record in records or [model]]
        return screens

    def own_views(self):
        """The module's own ones, and those of Odoo that it adds to."""
        ids = self.env["ir.model.data"].search(
            [("module", "=", "smartship_rakuten"), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(ids.mapped("res_id"))
        views |= views.inherit_id
        kinds = ("list", "form", "kanban", "graph", "pivot")
        return views.filtered(lambda view: view.mode == "primary" and view.type in kinds)

    def screen(self, view, record):
        dialog = record._transient
        name = view.xml_id.partition(".")[2]
        return {
            "name": f"{name} {record.page}" if record._name == "rakuten.onboarding" else name,
            "scope": ".modal-content" if dialog else ".o_action_manager .o_content",
            "foreign": not view.model.startswith("rakuten."),
            "action": {
                "type": "ir.actions.act_window",
                "name": name,
                "res_model": view.model,
                "res_id": record.id,
                "views": [(view.id, view.type)],
                "target": "new" if dialog else "current",
                "context": {"dialog_size": "extra-large"},
            },
        }

    def shown(self):
        """What the forms show, by model; of other models any record."""
        mine = self.env.ref("base.user_admin")
        export = self.env["rakuten.waybill.export"].browse(
            self.waiting.with_user(mine).action_rakuten_waybills()["res_id"]
        )
        numbers = (
            self.env["rakuten.tracking.import"]
            .with_user(mine)
            .create(
                {
                    "mode": "text",
                    "text": "\n".join(
                        f"{picking.name} 41000000000{number}"
                        for number, picking in enumerate(self.waiting)
                    ),
                }
            )
        )
        numbers.action_read()
        onboarding = self.env["rakuten.onboarding"].with_user(mine)
        pages = [page for page, _label in onboarding._fields["page"].selection]
        vals = onboarding._vals_of(self.shop)
        held = self.orders.filtered(lambda order: order.state == "blocked")
        rejected = self.shop.copy({"shop_number": "234567", "state": "key_rejected"})
        product = self.orders.sale_order_id.order_line.product_id[:1]
        rule = self.env["rakuten.rule"].with_user(mine).search([], limit=1)
        trial = self.env["rakuten.rule.trial"].with_user(mine).browse(rule.action_try()["res_id"])
        return {
            "rakuten.order": held[:1] | self.waiting.sale_id.rakuten_order_id[:1],
            "rakuten.shop": self.shop | rejected,
            "stock.picking": self.done[:1] | self.waiting[:1],
            "sale.order": self.waiting.sale_id[:1],
            "res.partner": self.waiting.sale_id.partner_id[:1],
            "product.product": product,
            "product.template": product.product_tmpl_id,
            "delivery.carrier": self.shop.carrier_id,
            "rakuten.waybill.export": export,
            "rakuten.tracking.import": numbers,
            "rakuten.ship.unnumbered": self.env["rakuten.ship.unnumbered"]
            .with_user(mine)
            .browse(
                self.env["rakuten.ship.unnumbered"]
                .with_user(mine)
                ._ask(self.waiting, self.waiting[:1])["res_id"]
            ),
            "rakuten.rule.trial": trial,
            "rakuten.onboarding": onboarding.create([{**vals, "page": page} for page in pages]),
            "rakuten.order.import": self.env["rakuten.order.import"]
            .with_user(mine)
            .create({"shop_id": self.shop.id}),
            "rakuten.order.cancel": self.env["rakuten.order.cancel"]
            .with_user(mine)
            .create({"order_id": self.orders[:1].id, "reason": "1"}),
        }

    def audit(self, screens, expected=()):
        """Fails with a sentence for each fault.

        :param expected: faults of Odoo that must be met: what forgives a fault that is not there
            would hide the next one of that kind
        """
        axe = (files("axe_playwright_python") / "axe.min.js").read_text()
        known = [
            {
                "rule": rule,
                "selector": selector,
                "foreign": (rule, selector) in ODOO_SCREENS,
                "expected": (rule, selector) in expected,
            }
            for rule, selector in dict.fromkeys((*ODOO_SCREENS, *ODOO, *expected))
        ]
        self.browser_js(
            f"/odoo?cids={self.company.id}",
            f"{axe}\n{AUDIT.read_text()}\n"
            f"audit({json.dumps(screens)}, {json.dumps(known)}).then("
            "() => console.log('test successful'), ({message}) => console.error(message));",
            ready="!!document.querySelector('.o_action_manager > *')",
            login="admin",
            timeout=600,
        )


@tagged("post_install", "-at_install")
class TestAccessibility(AccessibilityCase):
    def test_views(self):
        self.audit(self.screens(), ODOO)

    def test_a_fault_is_found(self):
        """A button that a screen reader cannot name, and letters hardly to be seen."""
        view = self.env["ir.ui.view"].create(
            {
                "name": "with a fault",
                "model": "rakuten.shop",
                "arch": """
                    <form>
                        <button name="action_test_connection" type="object" class="fa fa-plug"/>
                        <p style="color: #ddd">見本</p>
                    </form>
                """,
            }
        )
        screen = self.screen(view, self.shop)
        with (
            mute_logger(f"{__name__}.TestAccessibility"),
            self.assertRaises(AssertionError) as caught,
        ):
            self.audit([screen])
        self.assertIn("(button-name, critical)", str(caught.exception))
        self.assertIn("(color-contrast, serious)", str(caught.exception))


@tagged("post_install", "-at_install")
class TestAccessibilityPhone(AccessibilityCase):
    lang = "ja_JP"
    browser_size = "390x844"
    touch_enabled = True
    #: One screen of so many is looked at.
    one_of = 3

    def test_views(self):
        screens = self.screens()[:: self.one_of]
        self.audit(screens, ODOO_PHONE)
        figures(f"{len(screens)} screens on a phone in Japanese: no fault of the module's")


@tagged("-standard", "slow")
class TestAccessibilityPhoneCampaign(TestAccessibilityPhone):
    one_of = 1
