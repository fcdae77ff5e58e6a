from datetime import timedelta
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ...rms import CredentialsRejected, RmsError, TemporarilyUnavailable
from ...rules import japan
from .rakuten_shop import SEARCH_DAYS
from .sentences import columns, declare, say, together

_lt = LazyTranslate(__name__)

#: Without these no order can be worked on.
REQUIRED_FUNCTIONS = ("searchOrder", "getOrder")
#: The rates of Japanese consumption tax that a shop sells under today.
STANDARD_RATES = (Decimal("0.1"), Decimal("0.08"), Decimal(0))

declare(
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
    }
)


def utc(moment):
    """An aware datetime as Odoo keeps it: naive, UTC."""
    return (moment - moment.utcoffset()).replace(tzinfo=None)


class RakutenShop(models.Model):
    """What a shop's keys are worth, and the taxes that its orders need."""

    _inherit = "rakuten.shop"

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
        self.sudo()._make_taxes(STANDARD_RATES)
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
