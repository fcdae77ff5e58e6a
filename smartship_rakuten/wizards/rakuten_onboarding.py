from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.orders.rakuten_shop import STANDARD_RATES
from ..models.shop.functions import FUNCTIONS, way_to_keys
from ..models.shop.rakuten_shop import REQUIRED_FUNCTIONS
from ..rules.keys import key_hint, shop_code

PAGES = [
    ("start", "Keys in RMS"),
    ("shop", "Shop"),
    ("keys", "Keys"),
    ("test", "Test"),
    ("odoo", "In Odoo"),
    ("options", "Automation"),
    ("preview", "First Import"),
]
#: What the last page writes to the shop, not before somebody has seen the preview, and what is
#: proposed for each.
OPTIONS = {
    "auto_import": True,
    "auto_confirm": False,
    "auto_fulfil": True,
    "sync_inventory": False,
}


class RakutenOnboarding(models.TransientModel):
    """From nothing to the first imported order, page by page.

    The shop is made as soon as it can be, and the pages edit it; so the keys never lie in this
    model's table. The shop notes where the wizard was left: until somebody has gone to its end, it
    is gone on with from the shop's form, or by its Shop ID.
    """

    _name = "rakuten.onboarding"
    _description = "Connect a Shop"
    _inherit = "rakuten.wizard"

    _written_links = frozenset({"shop_id"})

    page = fields.Selection(PAGES, default="start", required=True, readonly=True)
    shop_id = fields.Many2one("rakuten.shop", readonly=True, ondelete="cascade")

    # Keys in RMS
    way = fields.Html(compute="_compute_way")

    # Shop
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    name = fields.Char(string="Shop Name")
    shop_number = fields.Char(
        string="Shop ID",
        help="The shop's number at Rakuten (店舗ID): the digits before the first - of every "
        "order number.",
    )
    shop_url = fields.Char(
        string="Shop URL Name",
        help="The part after https://www.rakuten.ne.jp/ in the address of the shop.",
    )
    shop_warning = fields.Char(compute="_compute_shop_warning")
    shop_known = fields.Char(compute="_compute_shop_known")

    # Keys: written to the shop, never to this table and never shown again.
    service_secret = fields.Char(compute="_compute_keys", inverse="_inverse_keys")
    license_key = fields.Char(compute="_compute_keys", inverse="_inverse_keys")
    keys_known = fields.Boolean(compute="_compute_keys_known", compute_sudo=True)
    key_warning = fields.Char(compute="_compute_key_warning")
    api_url = fields.Char(related="shop_id.api_url", readonly=False)

    # Test
    message = fields.Char(readonly=True)
    failed = fields.Boolean(readonly=True, help="The last test found something wrong.")
    connected = fields.Boolean(compute="_compute_connected")
    line_ids = fields.One2many(
        "rakuten.onboarding.line", "wizard_id", string="Functions", readonly=True
    )
    license_expiry = fields.Datetime(related="shop_id.license_expiry", readonly=False)
    license_readable = fields.Boolean(related="shop_id.license_readable")

    # In Odoo
    warehouse_id = fields.Many2one(related="shop_id.warehouse_id", readonly=False)
    team_id = fields.Many2one(related="shop_id.team_id", readonly=False)
    user_id = fields.Many2one(related="shop_id.user_id", readonly=False)
    carrier_id = fields.Many2one(related="shop_id.carrier_id", readonly=False)
    company_code = fields.Selection(related="shop_id.company_code", readonly=False)
    tax_ids = fields.Many2many(
        "account.tax",
        compute="_compute_tax_ids",
        string="Sale Taxes",
        help="Rakuten's prices include tax: an order's lines get the tax of their rate. What was "
        "missing was made by the connection test.",
    )

    # Options
    import_from = fields.Datetime(related="shop_id.import_from", readonly=False)
    retention_days = fields.Integer(related="shop_id.retention_days", readonly=False)
    auto_import = fields.Boolean(
        string="Automatic Order Integration",
        default=OPTIONS["auto_import"],
        help="Fetch orders by itself every few minutes.",
    )
    auto_confirm = fields.Boolean(
        string="Automatic Order Confirmation",
        help="Confirm orders that wait for confirmation (注文確認待ち) at Rakuten. "
        "This cannot be undone there.",
    )
    auto_fulfil = fields.Boolean(
        string="Automatic Fulfilment Shipping Instructions",
        default=OPTIONS["auto_fulfil"],
        help="Confirm imported orders in Odoo and create their transfers. "
        "Otherwise they stay quotations.",
    )
    sync_inventory = fields.Boolean(
        string="Inventory Synchronisation", help="Send stock changes to Rakuten."
    )
    report_policy = fields.Selection(related="shop_id.report_policy", readonly=False)

    # First import
    import_id = fields.Many2one("rakuten.order.import", readonly=True)
    preview_ids = fields.One2many(related="import_id.line_ids")
    preview_summary = fields.Char(compute="_compute_preview_summary")
    can_import = fields.Boolean(
        compute="_compute_can_import", help="The preview shows an order that would be imported."
    )
    skus_read = fields.Boolean(compute="_compute_skus")
    skus_lacking = fields.Integer(compute="_compute_skus", help="SKUs without a product.")
    skus_summary = fields.Char(compute="_compute_skus")

    # === COMPUTE === #

    @api.model
    def default_get(self, fields_list):
        """Go on with a shop that somebody has begun."""
        vals = super().default_get(fields_list)
        shop = self.env["rakuten.shop"].browse(vals.get("shop_id")).exists()
        if shop:
            page = self.env.context.get("default_page") or self._page_to_go_on(shop)
            vals |= {**self._vals_of(shop), "page": page}
        return vals

    @api.model
    def _vals_of(self, shop):
        """What the pages show of a shop: of one that was set up how it works, of another what was
        chosen until now, and the proposals."""
        names = ("name", "shop_number", "shop_url")
        options = {name: shop[name] for name in OPTIONS}
        if not shop.set_up_finished:
            so_far = {**OPTIONS, **(shop.set_up_so_far or {})}
            options = {name: options[name] or so_far[name] for name in OPTIONS}
        return {
            "company_id": shop.company_id.id,
            **{name: shop[name] for name in names},
            **options,
        }

    @api.model
    def _page_to_go_on(self, shop):
        """The first page on which something is left to do; the preview is asked for anew."""
        if shop.state != "connected":
            return "keys"
        left = (shop.set_up_so_far or {}).get("page")
        return "options" if left in ("options", "preview") else "odoo"

    @api.depends_context("lang")
    def _compute_way(self):
        self.way = way_to_keys(self.env)

    @api.depends("company_id", "shop_url")
    def _compute_shop_warning(self):
        for wizard in self:
            currency = wizard.company_id.currency_id
            if wizard.company_id and currency.name != "JPY":
                wizard.shop_warning = self.env._(
                    "Rakuten sells in yen, but the currency of %(company)s is %(currency)s. "
                    "Choose a company whose currency is JPY.",
                    company=wizard.company_id.name,
                    currency=currency.name,
                )
            elif not shop_code(wizard.shop_url):
                wizard.shop_warning = self.env._(
                    "Without the Shop URL Name the shop's address cannot be verified, and a wrong "
                    "one cannot either: look at the address of your shop before you enter it."
                )
            else:
                wizard.shop_warning = False

    @api.depends("company_id", "shop_number", "shop_id")
    def _compute_shop_known(self):
        for wizard in self:
            known = wizard._find_shop()
            wizard.shop_known = (
                self.env._(
                    "Odoo has the shop %(shop)s with this Shop ID: Next goes on with it.",
                    shop=known.name,
                )
                if known and not wizard.shop_id
                else False
            )

    def _compute_keys(self):
        self.service_secret = self.license_key = False

    def _inverse_keys(self):
        for wizard in self:
            vals = {
                name: wizard[name] for name in ("service_secret", "license_key") if wizard[name]
            }
            if vals and wizard.shop_id:
                wizard.shop_id.write(vals)
        self.invalidate_recordset(["service_secret", "license_key"], flush=False)

    @api.depends("shop_id.service_secret", "shop_id.license_key")
    def _compute_keys_known(self):
        for wizard in self:
            wizard.keys_known = bool(wizard.shop_id.service_secret and wizard.shop_id.license_key)

    @api.depends("service_secret", "license_key", "shop_number")
    def _compute_key_warning(self):
        sentences = {
            "swapped": self.env._(
                "The keys are swapped: serviceSecret begins with SP, licenseKey with SL."
            ),
            "service_secret": self.env._(
                "A serviceSecret begins with SP, the Shop ID and _. Was it copied whole?"
            ),
            "license_key": self.env._(
                "A licenseKey begins with SL, the Shop ID and _. Was it copied whole?"
            ),
            "other_shop": self.env._("The keys name another Shop ID. Are they those of this shop?"),
        }
        for wizard in self:
            hint = key_hint(wizard.service_secret, wizard.license_key, wizard.shop_number)
            wizard.key_warning = sentences.get(hint, False)

    @api.depends("shop_id.state", "failed")
    def _compute_connected(self):
        for wizard in self:
            wizard.connected = wizard.shop_id.state == "connected" and not wizard.failed

    @api.depends("shop_id", "page")
    def _compute_tax_ids(self):
        for wizard in self:
            taxes = wizard.shop_id._find_taxes(price_include=True) if wizard.shop_id else {}
            wizard.tax_ids = self.env["account.tax"].union(
                *(taxes[rate] for rate in STANDARD_RATES if rate in taxes)
            )

    @api.depends("import_id.summary")
    def _compute_preview_summary(self):
        for wizard in self:
            wizard.preview_summary = wizard.import_id.summary

    @api.depends("preview_ids.outcome")
    def _compute_can_import(self):
        for wizard in self:
            outcomes = set(wizard.preview_ids.mapped("outcome"))
            wizard.can_import = bool(outcomes & {"import", "reference", "label"})

    @api.depends("shop_id", "import_id", "preview_ids")
    @api.depends_context("lang")
    def _compute_skus(self):
        for wizard in self:
            shop = wizard.shop_id
            skus = self.env["rakuten.sku"].search_count(
                [("shop_id", "in", shop.ids), ("in_catalogue", "=", True)]
            )
            wizard.skus_read = bool(shop.last_catalogue_import)
            wizard.skus_lacking = self.env["rakuten.sku"].search_count(shop._unmapped_domain())
            wizard.skus_summary = self.env._(
                "%(count)s SKUs read: %(found)s have a product, %(lacking)s have none.",
                count=skus,
                found=skus - wizard.skus_lacking,
                lacking=wizard.skus_lacking,
            )

    # === ACTIONS === #

    def action_next(self):
        """Do what this page asks for and show the next one."""
        self.ensure_one()
        leave = getattr(self, f"_submit_{self.page}", None)
        if leave:
            leave()
        self._turn(1)
        self._note()
        return self._show()

    def action_back(self):
        self.ensure_one()
        self._turn(-1)
        self._note()
        return self._show()

    def action_test(self):
        self.ensure_one()
        self._test()
        return self._show()

    def action_import_skus(self):
        """Read the items, so that the orders find their products."""
        self.ensure_one()
        self.shop_id.action_import_skus()
        self._preview()
        return self._show()

    def action_make_products(self):
        """Make a product for each SKU without one, and look again."""
        self.ensure_one()
        self.shop_id.action_make_products()
        self._preview()
        return self._show()

    def action_map_by_hand(self):
        """Open the SKUs without a product; the set-up is gone on with from the shop."""
        self.ensure_one()
        return self.shop_id.action_view_skus()

    def action_map_in_excel(self):
        self.ensure_one()
        return self.shop_id.action_import_mapping()

    def action_preview(self):
        self.ensure_one()
        self._preview()
        return self._show()

    def action_import(self):
        """Import what the preview shows, set the options and open the shop."""
        self.ensure_one()
        self._set_options()
        answer = self.shop_id.action_import_orders()
        answer["params"]["next"] = self._open_shop()
        return answer

    def action_finish(self):
        """Set the options and open the shop; the scheduled action imports, if it may."""
        self.ensure_one()
        self._set_options()
        return self._open_shop()

    # === BUSINESS METHODS === #

    def _turn(self, step):
        pages = [page for page, _label in PAGES]
        index = pages.index(self.page) + step
        self.page = pages[min(max(index, 0), len(pages) - 1)]

    def _note(self):
        """What was chosen until now, for whoever goes on."""
        if self.shop_id and not self.shop_id.set_up_finished:
            chosen = {name: self[name] for name in OPTIONS}
            self.shop_id.sudo().set_up_so_far = {"page": self.page, **chosen}

    def _show(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Connect a Shop"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _open_shop(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "rakuten.shop",
            "res_id": self.shop_id.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _submit_shop(self):
        """Make the shop, correct it, or go on with the one that has this Shop ID."""
        if self.company_id.currency_id.name != "JPY":
            raise UserError(self.shop_warning)
        if not (self.shop_number or "").strip():
            raise UserError(
                self.env._("Enter the Shop ID: the digits before the first - of an order number.")
            )
        self._go_on_with(self._find_shop())
        vals = {
            "shop_number": self.shop_number.strip(),
            "shop_url": shop_code(self.shop_url),
            "company_id": self.company_id.id,
            "name": (self.name or "").strip() or shop_code(self.shop_url) or self.shop_number,
        }
        if self.shop_id:
            changed = {key: value for key, value in vals.items() if self._old(key) != value}
            self.shop_id.write(changed)
            if changed.keys() - {"name"}:
                # Another shop, as far as the keys are concerned: the test comes next.
                self.shop_id.sudo().state = "draft"
        else:
            self.shop_id = self.env["rakuten.shop"].create(vals)
        self.write({"name": vals["name"], "shop_url": vals["shop_url"]})

    def _find_shop(self):
        """The shop of the company that has the Shop ID of this page."""
        number = (self.shop_number or "").strip()
        return self.env["rakuten.shop"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("shop_number", "=", number),
                ("active", "in", [True, False]),
            ]
        )

    def _go_on_with(self, shop):
        """Whoever enters the Shop ID of a shop that Odoo has goes on with it."""
        if not shop or shop == self.shop_id:
            return
        if not shop.active:
            raise UserError(
                self.env._(
                    "The shop %(shop)s has this Shop ID and is archived. Take it back from the "
                    "archive (Rakuten > Shops, filter Archived), then go on with it.",
                    shop=shop.name,
                )
            )
        if self.shop_id:
            raise UserError(
                self.env._(
                    "The shop %(shop)s has this Shop ID already: correct the Shop ID.",
                    shop=shop.name,
                )
            )
        known = self._vals_of(shop)
        typed = {name: self[name] for name in ("name", "shop_url") if self[name]}
        self.write({**known, **typed, "shop_id": shop.id})

    def _old(self, name):
        value = self.shop_id[name]
        return value.id if name == "company_id" else value or ""

    def _submit_keys(self):
        shop = self.shop_id.sudo()
        if not self.keys_known:
            raise UserError(self.env._("Enter the serviceSecret and the licenseKey of the shop."))
        if key_hint(shop.service_secret, shop.license_key) == "swapped":
            raise UserError(
                self.env._(
                    "The keys are swapped: serviceSecret begins with SP, licenseKey with SL."
                )
            )
        self._test()

    def _submit_test(self):
        if not self.connected:
            raise UserError(self.message or self.env._("Test the connection first."))

    def _submit_options(self):
        self._note()
        self._preview()

    def _test(self):
        """Ask Rakuten about the keys, and keep the answer for each function where it says more
        than the sentence: not of keys that are wrong, or are another shop's."""
        shop = self.shop_id
        shop.sudo().functions = False
        try:
            self.message, self.failed = shop.action_test_connection()["params"]["message"], False
        except UserError as error:
            self.message, self.failed = str(error), True
            if shop.state == "key_rejected":
                # Nothing that works stands still yet, as with a key that ends.
                self.message = self.env._(
                    "Rakuten does not accept the keys: compare both with RMS, or test again 10 to "
                    "90 minutes after they were issued."
                )
        self.line_ids.unlink()
        statuses = shop.functions or {}
        lacking = "ok" in statuses.values() and any(
            statuses.get(name) == "rejected" for name in REQUIRED_FUNCTIONS
        )
        if lacking or not self.failed:
            self.env["rakuten.onboarding.line"].create(
                [
                    {
                        "wizard_id": self.id,
                        "name": name,
                        "status": statuses.get(name, "untested"),
                    }
                    for name in FUNCTIONS
                ]
            )

    def _preview(self):
        self.import_id = self.import_id or self.env["rakuten.order.import"].create(
            {"shop_id": self.shop_id.id}
        )
        self.import_id.action_preview()

    def _set_options(self):
        self.shop_id.write({name: self[name] for name in OPTIONS})
        self.shop_id.sudo().write({"set_up_finished": True, "set_up_so_far": False})


class RakutenOnboardingLine(models.TransientModel):
    """One function of RMS and what the test found out about it."""

    _name = "rakuten.onboarding.line"
    _description = "Function of a Rakuten Shop"
    _inherit = "rakuten.wizard"

    wizard_id = fields.Many2one("rakuten.onboarding", required=True, ondelete="cascade")
    name = fields.Char(string="Function", help="As RMS names it.")
    use = fields.Char(string="Needed For", compute="_compute_use")
    stops = fields.Char(string="Without It", compute="_compute_use")
    status = fields.Selection(
        [
            ("ok", "Enabled"),
            ("rejected", "Missing"),
            ("unavailable", "No Answer"),
            ("malformed", "Not Understood"),
            ("untested", "Shows at the First Use"),
        ],
    )

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_use(self):
        for line in self:
            function = FUNCTIONS.get(line.name)
            line.use = function and f"{self.env._(function.use)} ({function.family})"
            line.stops = function and self.env._(function.stops)
