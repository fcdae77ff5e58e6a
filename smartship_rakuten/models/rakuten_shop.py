import logging
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from odoo import SUPERUSER_ID, api, fields, models, modules
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..rms import CredentialsRejected, MalformedAnswer, RmsClient, RmsError
from .rakuten_order import OPEN_PROGRESS
from .rakuten_pace import Pacer

_logger = logging.getLogger(__name__)

#: searchOrder spans 63 days at most (RMS API section 2.3).
SEARCH_DAYS = 63
BATCH = 100
ADVISORY_LOCK_CLASS = 0x52414B55  # any number that nobody else takes: "RAKU"
#: The rates of Japanese consumption tax that a shop sells under today.
STANDARD_RATES = (Decimal("0.1"), Decimal("0.08"), Decimal(0))


class RakutenShop(models.Model):
    """One shop on Rakuten Ichiba: its keys, its options and the work done for it."""

    _name = "rakuten.shop"
    _description = "Rakuten Shop"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "sequence, name, id"

    name = fields.Char(string="Shop Name", required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    shop_number = fields.Char(
        string="Shop ID",
        required=True,
        tracking=True,
        help="The shop's number at Rakuten (店舗ID): the digits before the first - of every "
        "order number.",
    )
    shop_url = fields.Char(
        string="Shop URL Name",
        tracking=True,
        help="The part after https://www.rakuten.ne.jp/ in the address of the shop.",
    )
    service_secret = fields.Char(
        groups="smartship_rakuten.group_manager",
        copy=False,
        help="RMS: 店舗様向け情報・サービス > WEB APIサービス > 利用機能編集.",
    )
    license_key = fields.Char(
        groups="smartship_rakuten.group_manager",
        copy=False,
        help="Valid for 90 days. A new key is issued on the same RMS page.",
    )
    license_expiry = fields.Datetime(
        string="Licence Valid Until",
        copy=False,
        help="Read from Rakuten at each connection test and once a day.",
    )
    api_url = fields.Char(
        string="API Address",
        required=True,
        default="https://api.rms.rakuten.co.jp",
        groups="smartship_rakuten.group_manager",
    )
    api_interval = fields.Float(
        string="Seconds Between Calls",
        default=1.0,
        help="Rakuten asks for at most one order-API call a second per shop.",
    )
    call_retention_days = fields.Integer(
        string="Keep API Calls (Days)",
        default=30,
        help="How long the list of API calls is kept for support.",
    )
    state = fields.Selection(
        [("draft", "Not Connected"), ("connected", "Connected"), ("key_rejected", "Key Rejected")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    connection_message = fields.Char(string="Last Connection Test", readonly=True, copy=False)

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        check_company=True,
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    team_id = fields.Many2one("crm.team", string="Sales Team", check_company=True)
    user_id = fields.Many2one(
        "res.users", string="Responsible", default=lambda self: self.env.user, check_company=True
    )
    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Default Carrier",
        check_company=True,
        help="Set on the transfers of this shop's orders; its Rakuten carrier code is reported.",
    )

    import_from = fields.Datetime(
        string="Import Orders Placed From",
        required=True,
        default=lambda self: fields.Datetime.now() - timedelta(days=SEARCH_DAYS),
        help="Orders placed earlier are left alone.",
    )
    auto_import = fields.Boolean(
        string="Automatic Order Integration",
        help="Fetch orders by itself every few minutes.",
    )
    auto_confirm = fields.Boolean(
        string="Automatic Order Confirmation",
        help="Confirm orders that wait for confirmation (注文確認待ち) at Rakuten. "
        "This cannot be undone there.",
    )
    auto_fulfil = fields.Boolean(
        string="Automatic Fulfilment Shipping Instructions",
        help="Confirm imported orders in Odoo and create their transfers. "
        "Otherwise they stay quotations.",
    )
    sync_inventory = fields.Boolean(
        string="Inventory Synchronisation", help="Send stock changes to Rakuten."
    )
    stock_buffer = fields.Integer(
        default=0, help="Units of each SKU that are held back from Rakuten."
    )
    report_policy = fields.Selection(
        [("complete", "When every parcel of the order has left"), ("each", "At each transfer")],
        string="Report Shipments",
        default="complete",
        required=True,
        help="An order whose parcels are all reported becomes 発送済 at midnight.",
    )
    last_import = fields.Datetime(readonly=True, copy=False)

    order_ids = fields.One2many("rakuten.order", "shop_id")
    order_count = fields.Integer(compute="_compute_counts")
    blocked_count = fields.Integer(compute="_compute_counts")
    unmapped_count = fields.Integer(compute="_compute_counts")

    _shop_number_uniq = models.Constraint(
        "UNIQUE(company_id, shop_number)", "This shop is already registered in the company."
    )
    _stock_buffer_positive = models.Constraint(
        "CHECK(stock_buffer >= 0)", "The stock buffer cannot be negative."
    )
    _api_interval_positive = models.Constraint(
        "CHECK(api_interval >= 0)", "The seconds between calls cannot be negative."
    )

    # === COMPUTE AND CONSTRAINTS === #

    @api.depends("company_id")
    def _compute_warehouse_id(self):
        for shop in self:
            if shop.warehouse_id.company_id != shop.company_id:
                shop.warehouse_id = self.env["stock.warehouse"].search(
                    [("company_id", "=", shop.company_id.id)], limit=1
                )

    def _compute_counts(self):
        orders = dict(
            ((shop, state), count)
            for shop, state, count in self.env["rakuten.order"]._read_group(
                [("shop_id", "in", self.ids)], ["shop_id", "state"], ["__count"]
            )
        )
        unmapped = dict(
            self.env["rakuten.sku"]._read_group(
                [("shop_id", "in", self.ids), ("product_id", "=", False)],
                ["shop_id"],
                ["__count"],
            )
        )
        for shop in self:
            shop.order_count = sum(count for (key, _s), count in orders.items() if key == shop)
            shop.blocked_count = orders.get((shop, "blocked"), 0)
            shop.unmapped_count = unmapped.get(shop, 0)

    @api.constrains("shop_number")
    def _check_shop_number(self):
        for shop in self:
            if not (shop.shop_number.isascii() and shop.shop_number.isdigit()):
                raise ValidationError(
                    self.env._(
                        "%(number)s is not a Shop ID: it consists of digits only, as before the "
                        "first - of an order number.",
                        number=shop.shop_number,
                    )
                )

    @api.constrains("api_url")
    def _check_api_url(self):
        for shop in self.sudo():
            address = urlsplit(shop.api_url)
            local = address.hostname in ("127.0.0.1", "localhost", "::1")
            if not address.hostname or address.scheme not in (
                ("http", "https") if local else ("https",)
            ):
                raise ValidationError(
                    self.env._("The API address must begin with https:// (keys travel with it).")
                )

    @api.model_create_multi
    def create(self, vals_list):
        shops = super().create([self._strip_keys(vals) for vals in vals_list])
        # Odoo gives a new company its warehouse only when somebody opens Inventory.
        for company in shops.filtered(lambda shop: not shop.warehouse_id).company_id:
            warehouse = self.env["stock.warehouse"].sudo().create({"company_id": company.id})
            shops.filtered(lambda shop, c=company: shop.company_id == c).warehouse_id = warehouse
        return shops

    def write(self, vals):
        vals = self._strip_keys(vals)
        if {"service_secret", "license_key", "api_url"} & vals.keys():
            # A new key is an unproven one.
            vals.setdefault("state", "draft")
        return super().write(vals)

    @staticmethod
    def _strip_keys(vals):
        """Blanks around a pasted key break the authentication (RMS API section 1.3)."""
        keys = ("service_secret", "license_key", "shop_url", "shop_number")
        return {
            key: value.strip() if key in keys and isinstance(value, str) else value
            for key, value in vals.items()
        }

    # === ACTIONS === #

    def action_test_connection(self):
        """Say in one sentence whether the shop can be worked with.

        :raises UserError: what is wrong, and what to do
        """
        self.ensure_one()
        self.check_access("write")
        with self._exclusive():
            message, kind = self._connect()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": kind,
                "sticky": kind != "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_import_orders(self):
        return self._run_action("import", self.env._("Orders imported."))

    def action_export_shipments(self):
        return self._run_action("export", self.env._("Shipments reported."))

    def action_sync_inventory(self):
        return self._run_action("inventory", self.env._("Stock sent to Rakuten."))

    def action_import_skus(self):
        return self._run_action("catalogue", self.env._("SKUs imported."))

    def action_view_orders(self):
        return self._view("smartship_rakuten.action_rakuten_order")

    def action_view_blocked(self):
        return self._view(
            "smartship_rakuten.action_rakuten_order", {"search_default_blocked": True}
        )

    def action_view_skus(self):
        return self._view("smartship_rakuten.action_rakuten_sku")

    def _view(self, xmlid, context=None):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("shop_id", "in", self.ids)]
        action["context"] = {"default_shop_id": self[:1].id, **(context or {})}
        return action

    # === CRON === #

    @api.model
    def _cron_import_orders(self):
        self._run_cron("import", [("auto_import", "=", True)])

    @api.model
    def _cron_refresh_orders(self):
        self._run_cron("refresh", [])

    @api.model
    def _cron_export_shipments(self):
        self._run_cron("export", [])

    @api.model
    def _cron_sync_inventory(self):
        self._run_cron("inventory", [("sync_inventory", "=", True)])

    @api.model
    def _cron_check_licenses(self):
        self._run_cron("license", [])

    def _run_cron(self, job, domain):
        """Do a job for each connected shop; one shop's trouble never stops the next."""
        shops = self.search(Domain("state", "=", "connected") & Domain(domain))
        remaining = len(shops)
        self._commit(remaining=remaining)
        for shop in shops:
            try:
                shop._run(job)
            except UserError as error:
                # Said on the shop's form already; the next run tries again.
                _logger.warning("Rakuten shop %s, %s: %s", shop.id, job, error)
            except Exception:
                if modules.module.current_test:
                    raise
                # What was committed stays; the next run goes on from there.
                self.env.cr.rollback()
                _logger.exception("Rakuten shop %s, %s", shop.id, job)
            remaining -= 1
            if not self._commit(1, remaining=remaining):
                break

    # === BUSINESS METHODS - Running work === #

    def _jobs(self):
        return {
            "import": self._import_orders,
            "refresh": self._refresh_orders,
            "export": self._export_shipments,
            "inventory": self._sync_inventory,
            "catalogue": self._import_skus,
            "license": self._check_license,
            "retry": self._retry_orders,
        }

    def _run_action(self, job, done):
        """Run a job for a person: it connects a new shop first and always answers with words."""
        self.env["rakuten.order"].check_access("write")
        results = []
        for shop in self:
            results.append(shop._run(job) or done)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": " ".join(results),
                "type": "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _run(self, job, *args):
        """Run a job of this shop while nobody else works for it.

        The work is done by the system: a shop keeper needs no right on sale orders, stock or
        partners for it. What the user may start is decided by who may call the actions.

        :return: a sentence on what was done
        :raises UserError: with the reason why it could not be done
        """
        self.ensure_one()
        self.check_access("read")
        shop = self.with_user(SUPERUSER_ID).with_company(self.company_id)
        shop = shop.with_context(
            lang=self.env.context.get("lang") or self.env.user.lang,
            # No message per created record: the orders' history is at Rakuten and in the payload.
            tracking_disable=True,
            mail_create_nolog=True,
            mail_auto_subscribe_no_notify=True,
        )
        with shop._exclusive():
            if shop.state != "connected":
                shop._connect()
            try:
                return shop._jobs()[job](*args)
            except RmsError as error:
                shop._handle_rms_error(error)

    @contextmanager
    def _exclusive(self):
        """One worker per shop.

        An advisory lock in a transaction of its own, since the work commits several times; it
        goes with the connection if the worker dies.

        :raises UserError: when another worker holds it
        """
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", ADVISORY_LOCK_CLASS, self.id)
            )
            if not cr.fetchone()[0]:
                raise UserError(
                    self.env._(
                        "Odoo is already working for the shop %(shop)s. Try again in a minute.",
                        shop=self.name,
                    )
                )
            # See what the last worker did: this transaction may have begun before it ended.
            self._commit()
            self.env.invalidate_all()
            yield
            # The next worker must see it before it can begin.
            self._commit()

    def _commit(self, processed=0, *, remaining=None):
        """Keep what was done so far and return the seconds left for this run.

        Tests run in one transaction, so nothing is committed there.
        """
        if modules.module.current_test:
            self.env.flush_all()
            return float("inf")
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)

    def _client(self):
        """The RMS client of this shop."""
        self.ensure_one()
        shop = self.sudo()
        return RmsClient(
            shop.service_secret or "",
            shop.license_key or "",
            shop.api_url,
            pacer=Pacer(self.env, self.id, shop.api_interval),
            on_call=self.env["rakuten.call"]._recorder(self),
        )

    def _handle_rms_error(self, error):
        """Turn a failed call into the shop's state and a sentence.

        :raises UserError: always
        """
        message = self._explain(error)
        if isinstance(error, CredentialsRejected):
            message = self._judge_rejection(error, message)
        # What was done until now stays, and so does the record of the call that failed.
        self._commit()
        raise UserError(message) from None

    def _judge_rejection(self, error, message):
        """RMS answers a bad key and a function that is not enabled with the same code: ask what
        still answers, and stop the shop only when nothing does.

        :return: the sentence for the user
        """
        functions = self._client().check_functions()
        if "ok" in functions.values():
            missing = {name for name, status in functions.items() if status == "rejected"}
            return self._missing_sentence(missing or {error.operation})
        self.sudo().write({"state": "key_rejected", "connection_message": message})
        return message

    def _missing_sentence(self, functions):
        return self.env._(
            "The key is accepted, but these functions are not enabled: %(functions)s. "
            "Tick them in RMS (WEB APIサービス > 利用機能編集) and test again.",
            functions=", ".join(sorted(functions)),
        )

    def _explain(self, error):
        """The sentence for an RMS error, in the user's language where we have one."""
        if isinstance(error, CredentialsRejected):
            return self.env._(
                "Rakuten does not accept the keys of %(shop)s. Check serviceSecret and licenseKey "
                "in RMS: the licence key ends after 90 days, and a new one is accepted about 30 "
                "minutes after it was issued.",
                shop=self.name,
            )
        return error.sentence

    # === BUSINESS METHODS - Connection === #

    def _connect(self):
        """Test the connection and record the outcome.

        :return: (sentence, kind of notification)
        :raises UserError: when the shop cannot be connected
        """
        self.ensure_one()
        self._check_connectable()
        client = self._client()
        functions = client.check_functions()
        refused = [name for name, status in functions.items() if status == "rejected"]
        if refused and "ok" not in functions.values():
            self._handle_rms_error(CredentialsRejected())
        missing = [name for name in refused if name in REQUIRED_FUNCTIONS]
        if missing:
            raise UserError(self._missing_sentence(missing))
        try:
            vals = self._probe(client, refused)
        except RmsError as error:
            self._handle_rms_error(error)
        message = self._connection_sentence(functions, vals)
        self.sudo().write({**vals, "state": "connected", "connection_message": message})
        self.sudo()._make_taxes(STANDARD_RATES)
        unanswered = [name for name, status in functions.items() if status != "ok"]
        return message, "warning" if unanswered else "success"

    def _check_connectable(self):
        if self.company_id.currency_id.name != "JPY":
            raise UserError(
                self.env._(
                    "Rakuten sells in yen, but the currency of %(company)s is %(currency)s. "
                    "Choose a company whose currency is JPY.",
                    company=self.company_id.name,
                    currency=self.company_id.currency_id.name,
                )
            )
        shop = self.sudo()
        if not (shop.service_secret and shop.license_key):
            raise UserError(self.env._("Enter the serviceSecret and the licenseKey of the shop."))

    def _probe(self, client, refused):
        """Read what the key tells about itself and its shop.

        :return: values for the shop
        """
        vals = {}
        if "license.expiryDate.get" not in refused:
            expiry = client.license_expiry_date()
            vals["license_expiry"] = (expiry - expiry.utcoffset()).replace(tzinfo=None)
        if "shopMaster" not in refused:
            url = client.shop_master().url
            if url and self.shop_url and url != self.shop_url:
                raise UserError(
                    self.env._(
                        "These keys belong to the shop https://www.rakuten.ne.jp/%(found)s, not "
                        "to https://www.rakuten.ne.jp/%(expected)s. Correct the Shop URL Name or "
                        "the keys.",
                        found=url,
                        expected=self.shop_url,
                    )
                )
            vals["shop_url"] = url or self.shop_url
        now = fields.Datetime.now()
        found = client.search_order(
            start=now - timedelta(days=SEARCH_DAYS), end=now, order_progress_list=None
        )
        number = next(iter(found), "")
        if number and number.split("-")[0] != self.shop_number:
            raise UserError(
                self.env._(
                    "These keys belong to the shop with ID %(found)s, not %(expected)s. Correct "
                    "the Shop ID or the keys.",
                    found=number.split("-")[0],
                    expected=self.shop_number,
                )
            )
        return vals

    def _connection_sentence(self, functions, vals):
        parts = [self.env._("Connected: Rakuten accepts the keys of %(shop)s.", shop=self.name)]
        if vals.get("license_expiry"):
            parts.append(
                self.env._(
                    "The licence is valid until %(date)s (Japan time).",
                    date=fields.Datetime.context_timestamp(
                        self.with_context(tz="Asia/Tokyo"), vals["license_expiry"]
                    ).strftime("%Y-%m-%d %H:%M"),
                )
            )
        if not vals.get("shop_url"):
            parts.append(self.env._("The Shop URL Name could not be verified."))
        silent = sorted(name for name, status in functions.items() if status != "ok")
        if silent:
            parts.append(
                self.env._(
                    "Not enabled or not answering: %(functions)s.", functions=", ".join(silent)
                )
            )
        return " ".join(parts)

    def _check_license(self):
        """Read the expiry date again; a shop may have this function not enabled."""
        expiry = self._client().license_expiry_date()
        self.license_expiry = (expiry - expiry.utcoffset()).replace(tzinfo=None)

    # === BUSINESS METHODS - Taxes === #

    def _get_taxes(self, rates):
        """Tax-included sale taxes of the company.

        Rakuten's prices include tax, while the Japanese chart's taxes do not: where the company
        has only a tax-excluded one of the rate, its tax-included twin is made.

        :param rates: iterable of Decimal, 0.1 for 10 %
        :return: dict of rate to account.tax; a rate that the company has no tax for is left out
        """
        self.ensure_one()
        taxes = self._find_taxes(price_include=True)
        lacking = {rate for rate in rates if rate not in taxes}
        if lacking:
            known = self._find_taxes(price_include=False)
            lacking &= known.keys()
            if lacking:
                self._make_taxes(lacking)
                taxes = self._find_taxes(price_include=True)
        return {rate: taxes[rate] for rate in rates if rate in taxes}

    def _find_taxes(self, *, price_include):
        taxes = (
            self.env["account.tax"]
            .sudo()
            .search(
                [
                    *self.env["account.tax"]._check_company_domain(self.company_id),
                    ("type_tax_use", "=", "sale"),
                    ("amount_type", "=", "percent"),
                    ("price_include", "=", price_include),
                ]
            )
        )
        # The first by sequence counts, as it does in Odoo's own defaults.
        return {Decimal(str(round(tax.amount, 4))) / 100: tax for tax in reversed(taxes)}

    def _make_taxes(self, rates):
        """Make the tax-included sale taxes that are missing, from the company's own if it can."""
        self.ensure_one()
        present = self._find_taxes(price_include=True)
        excluded = self._find_taxes(price_include=False)
        for rate in set(rates) - present.keys():
            name = self.env._("%(rate)s%% incl. (Rakuten)", rate=f"{(rate * 100).normalize():f}")
            vals = {"name": name, "price_include_override": "tax_included"}
            if rate in excluded:
                excluded[rate].copy({**vals, "description": False})
                continue
            self.env["account.tax"].sudo().with_company(self.company_id).create(
                {
                    **vals,
                    "amount": float(rate * 100),
                    "amount_type": "percent",
                    "type_tax_use": "sale",
                    "company_id": self.company_id.id,
                    "country_id": (
                        self.company_id.account_fiscal_country_id or self.env.ref("base.jp")
                    ).id,
                }
            )

    # === BUSINESS METHODS - Orders === #

    def _import_orders(self):
        """Fetch what is new in 100, 200, 300 and 400 and make sale orders of what is in 300.

        Two searches tell what changed without reading one known order: a number that moves
        between "to ship" and "not yet" is read again, the others are left alone.
        """
        Order = self.env["rakuten.order"]
        client = self._client()
        end = fields.Datetime.now()
        start = max(self.import_from, end - timedelta(days=SEARCH_DAYS))
        waiting = list(
            client.search_order(start=start, end=end, order_progress_list=[100, 200, 400])
        )
        to_ship = list(client.search_order(start=start, end=end, order_progress_list=[300]))
        self._fetch(client, Order._needing_fetch(self, start, waiting, to_ship))
        if self.auto_confirm:
            self._confirm_waiting(client)
        imported = self._process_orders()
        self.last_import = end
        return self.env._(
            "%(found)s orders found at Rakuten, %(imported)s imported, %(blocked)s need attention.",
            found=len(waiting) + len(to_ship),
            imported=imported,
            blocked=self.blocked_count,
        )

    def _fetch(self, client, numbers):
        """Read orders and keep them as they came, each hundred committed before anything else."""
        Order = self.env["rakuten.order"]
        numbers = list(numbers)
        for index in range(0, len(numbers), BATCH):
            chunk = numbers[index : index + BATCH]
            try:
                for result in client.get_order(chunk):
                    Order._store(self, result.orders)
                    if result.broken and len(chunk) == 1:
                        Order._store_unreadable(self, chunk, result.raw_text)
                    elif result.broken:
                        # RMS sent something that is no order: find out for which number.
                        self._fetch_halves(client, result.missing)
                    Order._store_refused(self, result.refused)
            except MalformedAnswer:
                # Something in the answer cannot be read: its neighbours can.
                if len(chunk) == 1:
                    Order._store_unreadable(self, chunk, "")
                else:
                    self._fetch_halves(client, chunk)
            self._commit()

    def _fetch_halves(self, client, numbers):
        middle = (len(numbers) + 1) // 2
        for half in (numbers[:middle], numbers[middle:]):
            self._fetch(client, half)

    def _confirm_waiting(self, client):
        """Confirm at Rakuten what waits for it (注文確認). It cannot be undone there."""
        orders = self.env["rakuten.order"].search(
            [("shop_id", "=", self.id), ("state", "=", "waiting"), ("progress", "=", "100")]
        )
        by_number = {order.name: order for order in orders if order._may_confirm()}
        for outcomes in client.confirm_order(list(by_number)):
            unknown = []
            for number, outcome in outcomes.items():
                order = by_number[number]
                if outcome.ok:
                    order.write({"progress": "200", "problem_details": False})
                elif not outcome.known:
                    unknown.append(number)
                else:
                    order.problem_details = {
                        "reason": self.env._(
                            "Rakuten did not confirm the order: %(reason)s",
                            reason=outcome.message or outcome.sentence,
                        )
                    }
            self._commit()
            # Reading tells whether a confirmation without an answer arrived.
            self._fetch(client, unknown)

    def _process_orders(self):
        """Make sale orders of all that wait for it, in batches.

        :return: how many were made
        """
        Order = self.env["rakuten.order"]
        imported = 0
        ids = Order.search([("shop_id", "=", self.id), ("state", "=", "todo")]).ids
        # What blocked an order may have been mended since.
        ids += Order.search(
            [("shop_id", "=", self.id), ("state", "=", "blocked"), ("progress", "=", "300")]
        ).ids
        for index in range(0, len(ids), BATCH):
            orders = Order.browse(ids[index : index + BATCH]).try_lock_for_update()
            orders._process()
            imported += len(orders.filtered(lambda order: order.state == "done"))
            self._commit()
        return imported

    def _run_orders(self, orders):
        """Read given orders of this shop again and import them, for a person who asked for it."""
        self._run("retry", orders.ids)

    def _retry_orders(self, ids):
        orders = self.env["rakuten.order"].browse(ids)
        self._fetch(self._client(), orders.mapped("name"))
        orders.filtered(lambda order: order.state in ("todo", "blocked"))._process()

    def _refresh_orders(self):
        """Re-read every order that is not finished, a hundred a call, and act on what changed."""
        orders = self.env["rakuten.order"].search(
            [
                ("shop_id", "=", self.id),
                ("state", "in", ("waiting", "todo", "blocked", "done")),
                ("progress", "in", OPEN_PROGRESS),
            ]
        )
        self._fetch(self._client(), orders.mapped("name"))
        self._process_orders()
        return self.env._("%(count)s open orders read again.", count=len(orders))

    # === BUSINESS METHODS - Shipments, stock, catalogue === #

    def _export_shipments(self):
        return self.env["rakuten.parcel"]._export(self)

    def _sync_inventory(self):
        return self.env["rakuten.sku"]._push_stock(self)

    def _import_skus(self):
        return self.env["rakuten.sku"]._import_catalogue(self)


#: Without these no order can be worked on.
REQUIRED_FUNCTIONS = ("searchOrder", "getOrder")
