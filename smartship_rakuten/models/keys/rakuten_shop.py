from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ...rms import CredentialsRejected, FunctionNotEnabled, RmsError
from ...rules import japan
from ...rules.keys import due_notice
from ..jobs.job import job
from ..shop.on_write import on_write
from ..shop.rakuten_shop import CREDENTIAL_FIELDS, PATIENCE, REQUIRED_FUNCTIONS, utc
from ..shop.sentences import columns, declare_sentences, find, read, said_by, say, tell, together

_lt = LazyTranslate(__name__)

#: How often a new key is tried, and how long without doubting it: Rakuten accepts one 10 to 90
#: minutes after it was issued.
KEY_RETRY_INTERVAL = timedelta(minutes=10)
KEY_ACCEPTANCE_TIME = timedelta(hours=3)
#: From here on a new key should be issued.
NOTICE_DAYS = 14
#: In place of the days of the last notice: somebody was asked for the end of the key.
END_UNKNOWN = -1
LICENSE_FUNCTION = "license.expiryDate.get"
ACTIVITY = "smartship_rakuten.mail_activity_license"

declare_sentences(
    {
        "key.end_unknown": _lt(
            "Rakuten does not tell until when the licence key is valid: enter the date that RMS "
            "shows beside the key, so that Odoo can remind you."
        ),
        "key.ended": _lt(
            "The licence key of %(shop)s has ended. Issue a new one in RMS (%(keys_page)s) and "
            "enter it as New License Key."
        ),
        "key.ends": _lt(
            "The licence key of %(shop)s ends in %(days)s days, on %(date)s (Japan time). Issue a "
            "new one in RMS (%(keys_page)s) and enter it as New License Key: Odoo changes over by "
            "itself."
        ),
        "key.next_waits": _lt(
            "The new key waits until Rakuten accepts it, 10 to 90 minutes after it was issued. "
            "Odoo tries it every 10 minutes and uses the present one until then."
        ),
        "key.doubted": _lt(
            "Rakuten has not accepted the new key of %(shop)s for hours. Look in RMS whether it "
            "was copied whole, and enter it again."
        ),
        "key.next_accepted": _lt("Rakuten accepts the new key of %(shop)s."),
        "key.changed_over": _lt(
            "Rakuten accepts the new key of %(shop)s, and Odoo uses it from now on. Do it again; "
            "the automatic work goes on by itself."
        ),
        "key.paused": _lt(
            "Rakuten does not accept the keys of %(shop)s. Work for this shop is paused and waits "
            "until Rakuten accepts the new key, 10 to 90 minutes after it was issued; Odoo tries "
            "every 10 minutes and goes on by itself. If it was not issued just now, check "
            "serviceSecret and licenseKey in RMS."
        ),
    }
)


class RakutenShop(models.Model):
    """The life of a licence key: its end is announced, the next one takes over by itself."""

    _inherit = "rakuten.shop"

    license_readable = fields.Boolean(
        compute="_compute_license_readable", help="Rakuten tells until when the key is valid."
    )
    license_days_left = fields.Integer(
        string="Key Days Left",
        compute="_compute_license_days_left",
        help="Days in Japan until the licence key ends; 0 also where the end is not known.",
    )
    license_notice = fields.Char(
        compute="_compute_license_notice", help="What to do about the key, empty when nothing."
    )
    license_told = fields.Integer(
        readonly=True, copy=False, help="Days before the end of the notice that was sent last."
    )
    next_key_waits = fields.Boolean(compute="_compute_next_key_waits", compute_sudo=True)
    next_key_message_code = fields.Char(readonly=True, copy=False)
    next_key_message_details = fields.Json(readonly=True, copy=False)
    next_key_message = fields.Char(
        string="New Key", compute="_compute_next_key_message", search="_search_next_key_message"
    )
    key_entered_at = fields.Datetime(
        readonly=True, copy=False, help="Since when a key is waited for."
    )

    # === COMPUTE === #

    @api.depends("functions")
    def _compute_license_readable(self):
        for shop in self:
            shop.license_readable = (shop.functions or {}).get(LICENSE_FUNCTION) == "ok"

    @api.depends("license_expiry")
    def _compute_license_days_left(self):
        now = fields.Datetime.now()
        for shop in self:
            end = shop.license_expiry
            shop.license_days_left = (japan.day(end) - japan.day(now)).days if end else 0

    @api.depends("next_license_key", "next_service_secret")
    def _compute_next_key_waits(self):
        for shop in self:
            shop.next_key_waits = bool(shop.next_license_key or shop.next_service_secret)

    @api.depends("next_key_message_code", "next_key_message_details")
    @api.depends_context("lang")
    def _compute_next_key_message(self):
        for shop in self:
            shop.next_key_message = read(shop, "next_key_message")

    @api.model
    def _search_next_key_message(self, operator, value):
        return find(self, "next_key_message", operator, value)

    @api.depends("license_expiry", "state", "functions", "next_key_message", "next_license_key")
    @api.depends_context("lang")
    def _compute_license_notice(self):
        for shop in self:
            shop.license_notice = shop._license_sentence()

    def _license_sentence(self):
        self.ensure_one()
        if self.state != "connected":
            return False
        waiting = self.next_key_waits and (self.next_key_message or self._next_key_sentence())
        if waiting and self._new_key_is_fresh():
            return waiting
        return " ".join(filter(None, (waiting, self._end_sentence()))) or False

    def _end_sentence(self):
        """What to say of the present key's end, empty while there is nothing to do."""
        if not self.license_expiry:
            return say(self.env, "key.end_unknown")
        return self._expiry_sentence() if self.license_days_left <= NOTICE_DAYS else ""

    def _expiry_sentence(self):
        """What the key's end means and what to do."""
        if self.license_expiry <= fields.Datetime.now():
            return say(self.env, "key.ended", shop=self.name)
        return say(
            self.env,
            "key.ends",
            shop=self.name,
            days=self.license_days_left,
            date=japan.local(self.license_expiry).strftime("%Y-%m-%d %H:%M"),
        )

    def _next_key_sentence(self):
        return say(self.env, "key.next_waits")

    def _new_key_is_fresh(self):
        """Whether a key was entered so lately that Rakuten may well accept it any minute."""
        entered = self.key_entered_at
        return bool(entered) and entered + KEY_ACCEPTANCE_TIME > fields.Datetime.now()

    # === CRUD === #

    @on_write(*CREDENTIAL_FIELDS)
    def _on_write_key(self, vals):
        if any(vals.get(name) for name in CREDENTIAL_FIELDS):
            vals = {
                "key_entered_at": fields.Datetime.now(),
                **columns("next_key_message", None),
                **vals,
            }
        yield vals

    @on_write("key_entered_at")
    def _on_write_key_entered_at(self, vals):
        yield
        if vals.get("key_entered_at"):
            self._retry_key_later()

    @on_write("license_key")
    def _on_write_license_key(self, vals):
        """The old key's date says nothing about the new one, whose end is told anew."""
        key = vals.get("license_key")
        if key and set(self.sudo().mapped("license_key")) - {key, False}:
            vals = {"license_expiry": False, "license_told": 0, **vals}
        yield vals

    @on_write("license_expiry")
    def _on_write_license_expiry(self, vals):
        """A later end is another key's: it is announced anew."""
        later = self.browse()
        if vals.get("license_expiry"):
            expiry = fields.Datetime.to_datetime(vals["license_expiry"])
            later = self.filtered(lambda s: not s.license_expiry or s.license_expiry < expiry)
            later.sudo().license_told = 0
        yield
        later.filtered(
            lambda s: s.license_days_left > NOTICE_DAYS and not s.next_key_waits
        ).activity_unlink([ACTIVITY])

    # === CRON === #

    @api.model
    def _waiting_for_key(self):
        """Shops whose new key Rakuten has not accepted yet.

        A key may be entered beside the present one or in its place; in its place it is tried for
        shops that were connected before or whose test it has failed.
        """
        return (
            self.sudo()
            .search(
                [
                    "|",
                    "|",
                    ("next_license_key", "!=", False),
                    ("next_service_secret", "!=", False),
                    "&",
                    "&",
                    ("key_entered_at", "!=", False),
                    ("license_key", "!=", False),
                    "|",
                    ("state", "=", "key_rejected"),
                    "&",
                    ("state", "=", "draft"),
                    ("database_uuid", "!=", False),
                ]
            )
            .with_env(self.env)
        )

    def _check_keys(self):
        try:
            if self in self._waiting_for_key():
                self._run("new_key")
            if self.state == "connected":
                self._run("license")
        finally:
            # Also after an outage, or while another job had the shop.
            if self in self._waiting_for_key():
                self._retry_key_later()
            self._notify_expiry()

    def _retry_key_later(self):
        """Wake the scheduled action: soon while a new key is fresh, every hour after that."""
        pause = KEY_RETRY_INTERVAL if any(self.mapped("key_entered_at")) else 6 * KEY_RETRY_INTERVAL
        self._trigger_job("license", at=fields.Datetime.now() + pause)

    # === BUSINESS METHODS === #

    @job(
        "license",
        label=_lt("Check Licence Key"),
        sequence=70,
        # Once a day for every shop, and every ten minutes while a new key waits.
        cron="smartship_rakuten.ir_cron_check_licenses",
        beyond="_waiting_for_key",
        turn="_check_keys",
    )
    def _check_license(self):
        """Read the expiry date again; a shop may have this function not enabled."""
        try:
            self.license_expiry = utc(self._client().license_expiry_date())
        except (CredentialsRejected, FunctionNotEnabled):
            functions = self._client().check_functions()
            if "ok" not in functions.values():
                raise
            # The key is good, only its end is not told: it is typed in.
            self.functions = functions

    @job("new_key", connects=False, patience=PATIENCE)
    def _try_new_key(self):
        """Find out whether Rakuten accepts a new key by now."""
        if self.next_key_waits:
            self._adopt_next_key()
            return
        try:
            self._connect()
        except UserError as error:
            if not hasattr(error, "rms_error"):
                # A key of another shop, or without a function: nobody reads what a scheduled
                # action says.
                self._report_unaccepted_key(error)
            raise

    def _next_client(self):
        """The RMS client with the keys that wait."""
        shop = self.sudo()
        return self._client_with(
            shop.next_service_secret or shop.service_secret,
            shop.next_license_key or shop.license_key,
        )

    def _adopt_next_key(self):
        """Use the waiting key if Rakuten accepts it.

        :return: whether it does
        """
        self.ensure_one()
        client = self._next_client()
        functions = client.check_functions()
        refused = [name for name, status in functions.items() if status == "rejected"]
        if "ok" not in functions.values():
            self._note_refusal(functions)
            return False
        missing = [name for name in refused if name in REQUIRED_FUNCTIONS]
        if missing:
            self._report_unaccepted_key(self._missing_sentence(missing))
            return False
        try:
            vals = self._probe(client, functions)
        except UserError as error:
            # A key of another shop.
            self._report_unaccepted_key(error)
            return False
        except RmsError as error:
            self.sudo().write(columns("next_key_message", self._explain(error)))
            return False
        shop = self.sudo()
        if "license_expiry" not in vals:
            # The old key's date says nothing about the new one.
            vals["license_expiry"] = False
        message = say(self.env, "key.next_accepted", shop=self.name)
        shop._accept(
            {
                **vals,
                "service_secret": shop.next_service_secret or shop.service_secret,
                "license_key": shop.next_license_key or shop.license_key,
                "next_service_secret": False,
                "next_license_key": False,
                "functions": functions,
                **columns("connection_message", message),
            }
        )
        shop.message_post(body=message)
        return True

    def _note_refusal(self, functions):
        """Say that the waiting key is not accepted yet, and doubt it after a while."""
        shop = self.sudo()
        if not self._is_refused(functions):
            # Rakuten is away: that says nothing about the key.
            return
        if self._new_key_is_fresh():
            shop.write(columns("next_key_message", self._next_key_sentence()))
        elif shop.key_entered_at:
            self._report_unaccepted_key(say(self.env, "key.doubted", shop=self.name))

    def _report_unaccepted_key(self, sentence):
        """Waiting alone will not help: say so once. A key that waits beside the present one is
        tried on, every hour, because what is wrong may be mended in RMS; one that was typed in its
        place waits for a person who tests it.

        :param sentence: as ``sentences.said_by`` takes it
        """
        shop = self.sudo()
        was_waiting = shop.key_entered_at
        shop.write({"key_entered_at": False, **columns("next_key_message", sentence)})
        if shop.state == "key_rejected":
            shop.write(columns("connection_message", sentence))
        if was_waiting:
            self._notify_responsible(sentence)

    def _accept(self, vals):
        """Catch up, too, on what a pause has left."""
        self.ensure_one()
        caught_up = self.state == "connected" or not self.database_uuid
        if not self.next_key_waits or "next_license_key" in vals:
            vals = {**vals, "key_entered_at": False, **columns("next_key_message", None)}
        result = super()._accept(vals)
        if self.license_days_left > NOTICE_DAYS:
            self.activity_unlink([ACTIVITY])
        if not caught_up:
            self._catch_up()
        return result

    def _catch_up(self):
        """Start the automatic work now rather than at its next turn. Nothing is lost meanwhile:
        orders are searched by their date, parcels and stock wait in their rows."""
        for name, declaration in self._jobs().items():
            if declaration.catches_up:
                self._trigger_job(name)

    def _reject_key(self, message):
        """Nothing answers with the present key: pause the shop, or go over to the new key.

        :param str message: what to say when no new key is waited for
        :return: the sentence for the user
        """
        shop = self.sudo()
        if shop.next_key_waits and self._adopt_next_key():
            return say(self.env, "key.changed_over", shop=self.name)
        was_connected = shop.state == "connected"
        entered = shop.key_entered_at
        waiting = self._new_key_is_fresh()
        if waiting:
            message = say(self.env, "key.paused", shop=self.name)
        super()._reject_key(message)
        if waiting:
            self._retry_key_later()
        else:
            shop.key_entered_at = False
            if was_connected or entered:
                refused = self._explain(CredentialsRejected())
                self._notify_responsible(
                    together(self.env, refused, read(shop, "next_key_message"))
                )
        return message

    # === BUSINESS METHODS - Telling somebody === #

    def _notify_expiry(self):
        """One activity and one mail at 14, 7, 3 and 1 days before the key ends; none while the
        next key has just been entered. One for a key whose end Rakuten does not tell."""
        shop = self.sudo()
        if shop.state != "connected" or (shop.next_key_waits and shop._new_key_is_fresh()):
            return
        if not shop.license_expiry:
            refused = (shop.functions or {}).get(LICENSE_FUNCTION) == "rejected"
            if refused and shop.license_told != END_UNKNOWN:
                shop.license_told = END_UNKNOWN
                self._notify_responsible(shop._end_sentence())
            return
        step = due_notice(shop.license_days_left, shop.license_told)
        if not step:
            return
        shop.license_told = step
        self._notify_responsible(
            shop._expiry_sentence(),
            deadline=japan.day(shop.license_expiry),
        )

    def _notify_responsible(self, sentence, deadline=None):
        """An activity and a mail for who looks after the shop, each in his language.

        The mail is written here and not by a template: whoever may edit a template could have it
        name the keys.

        :param sentence: what to say, as ``sentences.said_by`` takes it
        :param date deadline: of the activity, default today
        """
        self.ensure_one()
        shop = self.sudo()
        shop.activity_unlink([ACTIVITY])
        for user in self._responsible():
            localized = shop.with_context(
                lang=user.lang, mail_activity_quick_update=True, tracking_disable=False
            )
            subject = localized.env._("%(shop)s: licence key at Rakuten", shop=shop.name)
            text = str(tell(localized.env, said_by(sentence)))
            localized.activity_schedule(
                ACTIVITY,
                date_deadline=deadline or fields.Date.context_today(localized),
                summary=subject,
                note=text,
                user_id=user.id,
            )
            self.env["mail.mail"].sudo().create(
                {
                    "subject": subject,
                    "body_html": Markup("<p>%s</p>") % text,
                    "recipient_ids": [fields.Command.link(user.partner_id.id)],
                    "author_id": self.env.ref("base.partner_root").id,
                    "email_from": shop.company_id.email_formatted or user.email_formatted,
                    "model": shop._name,
                    "res_id": shop.id,
                    "auto_delete": True,
                }
            )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
