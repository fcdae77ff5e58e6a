from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from psycopg2.errors import DeadlockDetected, LockNotAvailable

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, LazyTranslate

from ...rms import (
    CredentialsRejected,
    FunctionNotEnabled,
    RmsClient,
    RmsError,
    TemporarilyUnavailable,
    WritesPaused,
)
from ...rules import japan
from ...rules.keys import shop_code
from .functions import KEYS_PAGE, what_stops, with_family
from .on_write import on_write, write_with_consequences
from .rakuten_pace import Pacer
from .refusals import refusal
from .sentences import columns, declare_sentences, find, read, say, together

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "connection.connected": _lt("Connected: Rakuten accepts the keys of %(shop)s."),
        "connection.valid_until": _lt("The licence is valid until %(date)s (Japan time)."),
        "connection.url_unverified": _lt("The Shop URL Name could not be verified."),
        "connection.silent": _lt("Not enabled or not answering: %(functions)s."),
        "connection.currency": _lt(
            "Rakuten sells in yen, but the currency of %(company)s is %(currency)s. Choose a "
            "company whose currency is JPY."
        ),
        "connection.other_url": _lt(
            "These keys belong to the shop https://www.rakuten.ne.jp/%(found)s, not to "
            "https://www.rakuten.ne.jp/%(expected)s. Correct the Shop URL Name or the keys."
        ),
        "connection.other_shop": _lt(
            "These keys belong to the shop with ID %(found)s, not %(expected)s. Correct the Shop "
            "ID or the keys."
        ),
        "copy": _lt(
            "This database is a copy of the one in which %(shop)s was connected. Odoo reads from "
            "Rakuten, but confirms, reports, cancels and sends nothing there until a Rakuten "
            "administrator confirms on the shop that this database is the real one."
        ),
        "key.functions_missing": _lt(
            "The key is accepted, but these functions are not enabled: %(functions)s. Tick them in "
            "RMS (%(functions_page)s) and test again."
        ),
    }
)

#: Without these no order can be worked on.
REQUIRED_FUNCTIONS = ("searchOrder", "getOrder")
#: Where Rakuten's RMS answers (RMS API section 1.1).
API_HOST = "api.rms.rakuten.co.jp"
#: searchOrder spans 63 days at most (RMS API section 2.3).
SEARCH_DAYS = 63
#: RMS keeps orders this long (RMS API section 2.3).
HORIZON_DAYS = 730
#: The fields that hold credentials.
CREDENTIAL_FIELDS = ("service_secret", "license_key", "next_service_secret", "next_license_key")
#: What is pasted from RMS, often with blanks around it.
PASTED = (*CREDENTIAL_FIELDS, "shop_number")

#: The advisory locks of the shops: any number that nobody else takes, "RAKU".
ADVISORY_LOCK_CLASS = 0x52414B55

#: Seconds that one call of RMS and what follows from it take, as a rule.
ONE_CALL = 3
#: Seconds that somebody waits who cannot leave his work to a scheduled action.
PATIENCE = 15


class Busy(UserError):
    """Somebody else is at it; nothing has been begun."""


def utc(moment):
    """An aware datetime as Odoo keeps it: naive, UTC."""
    return (moment - moment.utcoffset()).replace(tzinfo=None)


class RakutenShop(models.Model):
    """One shop on Rakuten Ichiba: its keys, its options and the work done for it."""

    _name = "rakuten.shop"
    _description = "Rakuten Shop"
    _inherit = ["rakuten.system.fields", "mail.thread", "mail.activity.mixin", "rakuten.guard"]
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
        help=f"RMS: {KEYS_PAGE}.",
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
        default=f"https://{API_HOST}",
        groups="smartship_rakuten.group_manager",
        help="Where Rakuten's RMS answers. A simulator on this machine, such as the RMS sandbox, "
        "has an address like http://127.0.0.1:8800; any other has to begin with https://.",
    )
    is_other_api = fields.Boolean(
        string="API Address Is Not Rakuten's",
        compute="_compute_is_other_api",
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
    set_up_finished = fields.Boolean(
        readonly=True, copy=False, help="Somebody has gone through the set-up to its end."
    )
    set_up_so_far = fields.Json(
        readonly=True, copy=False, help="Where the set-up was left, and what was chosen until then."
    )
    connection_message_code = fields.Char(readonly=True, copy=False)
    connection_message_details = fields.Json(readonly=True, copy=False)
    connection_message = fields.Char(
        string="Last Connection Test",
        compute="_compute_connection_message",
        search="_search_connection_message",
    )
    functions = fields.Json(
        readonly=True, copy=False, help="What became of each function at the last test."
    )
    next_service_secret = fields.Char(
        string="New Service Secret",
        groups="smartship_rakuten.group_manager",
        copy=False,
        help="Empty when RMS shows the same serviceSecret as before.",
    )
    next_license_key = fields.Char(
        string="New License Key",
        groups="smartship_rakuten.group_manager",
        copy=False,
        help="Used as soon as Rakuten accepts it; until then the present key is.",
    )
    database_uuid = fields.Char(
        readonly=True, copy=False, help="The database in which the shop was connected."
    )
    is_copy = fields.Boolean(
        string="Copied Database",
        compute="_compute_is_copy",
        compute_sudo=True,
        help="This database is not the one in which the shop was connected: nothing is written "
        "to Rakuten.",
    )

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
    user_id = fields.Many2one(
        "res.users", string="Responsible", default=lambda self: self.env.user, check_company=True
    )

    _shop_number_uniq = models.Constraint(
        "UNIQUE(company_id, shop_number)", "This shop is already registered in the company."
    )
    _api_interval_positive = models.Constraint(
        "CHECK(api_interval >= 0)", "The seconds between calls cannot be negative."
    )

    # === COMPUTE AND CONSTRAINTS === #

    @api.depends("connection_message_code", "connection_message_details")
    @api.depends_context("lang")
    def _compute_connection_message(self):
        for shop in self:
            shop.connection_message = read(shop, "connection_message")

    @api.model
    def _search_connection_message(self, operator, value):
        return find(self, "connection_message", operator, value)

    @api.depends("api_url")
    def _compute_is_other_api(self):
        for shop in self:
            shop.is_other_api = urlsplit(shop.api_url or "").hostname != API_HOST

    @api.depends("company_id")
    def _compute_warehouse_id(self):
        for shop in self:
            if shop.warehouse_id.company_id != shop.company_id:
                shop.warehouse_id = self.env["stock.warehouse"].search(
                    [("company_id", "=", shop.company_id.id)], limit=1
                )

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
        vals_list = [self._strip_pasted(vals) for vals in vals_list]
        secrets = [self._pop_credentials(vals) for vals in vals_list]
        shops = super().create(vals_list)
        for shop, keys in zip(shops, secrets, strict=True):
            if keys:
                shop.sudo().write({**keys, "state": shop.state})
        # Odoo gives a new company its warehouse only when somebody opens Inventory.
        for company in shops.filtered(lambda shop: not shop.warehouse_id).company_id:
            warehouse = self.env["stock.warehouse"].sudo().create({"company_id": company.id})
            shops.filtered(lambda shop, c=company: shop.company_id == c).warehouse_id = warehouse
        return shops

    def write(self, vals):

        def write_keys_apart(shops, vals):
            secrets = self._pop_credentials(vals)
            result = super().write(vals)
            if secrets:
                # In a statement of their own: one that the database refuses for another value is
                # written to the log, with all its values.
                shops.flush_recordset()
                super().write(secrets)
                shops.flush_recordset(list(secrets))
            return result

        return write_with_consequences(self, vals, write_keys_apart)

    @on_write(*PASTED, "shop_url")
    def _on_write_pasted(self, vals):
        yield self._strip_pasted(vals)

    @on_write("service_secret", "license_key", "api_url")
    def _on_write_connection(self, vals):
        """A new key is an unproven one."""
        yield {"state": "draft", **vals}

    @staticmethod
    def _pop_credentials(vals):
        return {name: vals.pop(name) for name in CREDENTIAL_FIELDS if name in vals}

    @staticmethod
    def _strip_pasted(vals):
        """Blanks around a pasted key break the authentication (RMS API section 1.3); of a shop's
        pasted address its name counts."""
        vals = {
            key: value.strip() if key in PASTED and isinstance(value, str) else value
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
        with self._exclusive(ONE_CALL):
            message, kind = self._connect()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": str(message),
                "type": kind,
                "sticky": kind != "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _view(self, xmlid, context=None):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("shop_id", "in", self.ids)]
        action["context"] = {"default_shop_id": self[:1].id, **(context or {})}
        return action

    @contextmanager
    def _exclusive(self, wait=0):
        """One worker per shop, for what it says to Rakuten and notes of it.

        After taking the lock everything is committed once, to see what the last worker did, and
        before it is released once more, so that the next one sees it.

        :param wait: seconds to wait for another worker
        :raises Busy: another worker holds it
        """
        with self._locked(ADVISORY_LOCK_CLASS, self.id, wait):
            yield

    @contextmanager
    def _locked(self, lock_class, key, wait=0):
        """Hold an advisory lock in a transaction of its own, since the work commits several times;
        it goes with the connection if the worker dies. Whoever waits longest is the next.

        :raises Busy: another worker holds it
        """
        with self.env.registry.cursor() as cr:
            cr.execute(SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", lock_class, key))
            if not cr.fetchone()[0]:
                self._await_lock(cr, lock_class, key, wait)
            # This transaction may have begun before the last worker ended.
            self._commit()
            self.env.invalidate_all()
            yield
            self._commit()

    def _await_lock(self, cr, lock_class, key, wait):
        try:
            if not wait:
                raise LockNotAvailable
            cr.execute(SQL("SELECT set_config('lock_timeout', %s, true)", f"{wait}s"))
            cr.execute(
                SQL("SELECT pg_advisory_xact_lock(%s, %s)", lock_class, key), log_exceptions=False
            )
        except (LockNotAvailable, DeadlockDetected):
            raise Busy(
                self.env._(
                    "Odoo is already working for the shop %(shop)s. Try again in a minute.",
                    shop=self.name,
                )
            ) from None

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
            message, error = self._diagnose_rejection(error, message)
        # What was done until now stays, and so does the record of the call that failed.
        self._commit()
        failure = UserError(message)
        failure.rms_error = error
        raise failure from None

    def _diagnose_rejection(self, error, message):
        """RMS answers a bad key and a function that is not enabled with the same code: ask what
        still answers, and stop the shop only when everything is refused.

        :return: (the sentence for the user, the RmsError that it is)
        """
        functions = self._client().check_functions()
        self.sudo().functions = functions
        if "ok" in functions.values():
            refused = {name for name, status in functions.items() if status == "rejected"}
            missing = {error.operation} if error.operation else refused
            return self._missing_sentence(missing), FunctionNotEnabled(operation=error.operation)
        if not self._is_refused(functions):
            away = TemporarilyUnavailable()
            return self._explain(away), away
        return self._reject_key(message), error

    @staticmethod
    def _is_refused(functions):
        """Whether Rakuten refuses the key itself. What does not answer says nothing about it: it
        may be the one function that the shop has ticked."""
        return set(functions.values()) == {"rejected"}

    def _missing_sentence(self, functions):
        """That the key is good and these functions are not enabled, and what stops without them."""
        named = sorted(functions)
        listed = ", ".join(map(with_family, named))
        missing = say(self.env, "key.functions_missing", functions=listed)
        return together(self.env, missing, *what_stops(self.env, named))

    def _explain(self, error):
        """The sentence for an RMS error in the user's language.

        :rtype: .sentences.Sentence
        """
        if isinstance(error, WritesPaused):
            return self._copy_sentence()
        return refusal(self.env, error, shop=self.name)

    @api.model
    def _delete_expired_rows(self, log, moment):
        """Forget rows of a log after the number of days that their shop keeps its API calls.

        :param log: model with ``shop_id``
        :param str moment: its Datetime field
        """
        shops = self.sudo().with_context(active_test=False)
        for days, own in shops._read_group([], ["call_retention_days"], ["id:recordset"]):
            limit = fields.Datetime.now() - timedelta(days=days)
            log.sudo().search([("shop_id", "in", own.ids), (moment, "<", limit)]).unlink()

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
        self.sudo().functions = functions
        refused = [name for name, status in functions.items() if status == "rejected"]
        if self._is_refused(functions):
            self._handle_rms_error(CredentialsRejected())
        if "ok" not in functions.values():
            self._handle_rms_error(TemporarilyUnavailable())
        missing = [name for name in refused if name in REQUIRED_FUNCTIONS]
        if missing:
            raise UserError(self._missing_sentence(missing))
        try:
            vals = self._probe(client, functions)
        except RmsError as error:
            self._handle_rms_error(error)
        message = self._connection_sentence(functions, vals)
        self.sudo()._accept({**vals, **columns("connection_message", message)})
        self._after_connect()
        unanswered = [name for name, status in functions.items() if status != "ok"]
        return message, "warning" if unanswered else "success"

    def _check_connectable(self):
        if self.company_id.currency_id.name != "JPY":
            raise UserError(
                say(
                    self.env,
                    "connection.currency",
                    company=self.company_id.name,
                    currency=self.company_id.currency_id.name,
                )
            )
        shop = self.sudo()
        if not (shop.service_secret and shop.license_key):
            raise UserError(say(self.env, "rms.missing_key"))

    def _probe(self, client, functions):
        """Read what the key tells about itself and its shop, by the functions that answer.

        :param dict functions: of the client's ``check_functions``
        :return: values for the shop
        """
        vals = {}
        if functions.get("license.expiryDate.get") == "ok":
            vals["license_expiry"] = utc(client.license_expiry_date())
        if functions.get("shopMaster") == "ok":
            url = client.shop_master().url
            if url and self.shop_url and url != self.shop_url:
                raise UserError(
                    say(
                        self.env,
                        "connection.other_url",
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
                say(
                    self.env,
                    "connection.other_shop",
                    found=number.split("-")[0],
                    expected=self.shop_number,
                )
            )
        return vals

    def _connection_sentence(self, functions, vals):
        parts = [say(self.env, "connection.connected", shop=self.name)]
        if vals.get("license_expiry"):
            parts.append(
                say(
                    self.env,
                    "connection.valid_until",
                    date=japan.local(vals["license_expiry"]).strftime("%Y-%m-%d %H:%M"),
                )
            )
        if not vals.get("shop_url"):
            parts.append(say(self.env, "connection.url_unverified"))
        silent = sorted(name for name, status in functions.items() if status != "ok")
        if silent:
            parts.append(say(self.env, "connection.silent", functions=", ".join(silent)))
        return together(self.env, *parts)

    def _after_connect(self):
        """Hook: a person has tested the connection of this shop, and it is good."""

    def _accept(self, vals):
        """Rakuten accepts the keys: note it.

        :param dict vals: what else to write
        """
        self.ensure_one()
        self.write(
            {
                **vals,
                "state": "connected",
                "database_uuid": self.database_uuid or self._current_uuid(),
            }
        )

    def _reject_key(self, message):
        """Nothing answers with the present key: the shop is not worked for until one is accepted.

        :param str message: why
        :return: the sentence for the user
        """
        self.sudo().write({"state": "key_rejected", **columns("connection_message", message)})
        return message

    # === BUSINESS METHODS - Copies of the database === #

    @api.depends("database_uuid")
    def _compute_is_copy(self):
        uuid = self._current_uuid()
        for shop in self:
            shop.is_copy = bool(shop.database_uuid) and shop.database_uuid != uuid

    def action_confirm_database(self):
        """This database is the one that works for the shop now."""
        self.check_access("write")
        for shop in self.filtered("is_copy"):
            shop.sudo().database_uuid = self._current_uuid()
            shop.message_post(
                body=self.env._("This database writes to Rakuten again: confirmed by hand.")
            )

    @api.model
    def _current_uuid(self):
        return self.env["ir.config_parameter"].sudo().get_param("database.uuid")

    def _copy_sentence(self):
        return say(self.env, "copy", shop=self.name)

    # === BUSINESS METHODS - Whom to tell === #

    def _responsible(self):
        """Whom to tell: the shop's responsible user, else the Rakuten administrators."""
        if self.user_id.active:
            return self.user_id
        managers = self.env.ref("smartship_rakuten.group_manager").sudo().all_user_ids
        return managers.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )

    def _first_responsible(self):
        """Who gets an activity that one person is enough for."""
        return self._responsible()[:1] or self.env.user

    def _in_reader_s_language(self):
        """The shop, for what is written to its responsible: scheduled actions have no reader of
        their own."""
        return self.with_context(lang=self._first_responsible().lang)
