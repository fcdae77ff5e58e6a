import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate, split_every

from ...rules import japan
from ..jobs.job import job
from ..shop.log_mask import describe, values_masked
from ..shop.sentences import declare_sentences
from .rakuten_order_privacy import FINISHED

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

declare_sentences({"step.anonymise": _lt("Removing the personal data")})

#: Orders or contacts that are forgotten before it is committed.
RECORDS_PER_COMMIT = 100


class RakutenShop(models.Model):
    """What is kept of persons, counted for each shop, and how it goes."""

    _inherit = "rakuten.shop"

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
    kept_contacts = fields.Integer(
        string="Contacts With Personal Data",
        compute="_compute_kept_elsewhere",
        compute_sudo=True,
        help="Buyers and recipients of this shop whose address Odoo holds. A contact that a "
        "posted invoice names is kept with it.",
    )
    kept_attachments = fields.Integer(
        string="Texts of Unreadable Orders",
        compute="_compute_kept_elsewhere",
        compute_sudo=True,
        help="Attachments of orders: what Rakuten sent, word for word.",
    )
    next_removal = fields.Date(
        compute="_compute_next_removal",
        compute_sudo=True,
        help="When the time of the oldest finished order is over at the earliest: it counts from "
        "its last shipment, and waits for open transfers and for reports to Rakuten.",
    )

    _retention_days_positive = models.Constraint(
        "CHECK(retention_days >= 0)", "The days that personal data are kept cannot be negative."
    )

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

    def _compute_kept_elsewhere(self):
        Partner, Attachment = self.env["res.partner"], self.env["ir.attachment"]
        known = Partner._rakuten_known()
        for shop in self:
            of_shop = [("rakuten_shop_id", "=", shop.id)]
            shop.kept_contacts = Partner.with_context(active_test=False).search_count(
                Domain("rakuten_buyer", "=", True)
                & known
                & (
                    Domain("sale_order_ids", "any", of_shop)
                    | Domain("parent_id.sale_order_ids", "any", of_shop)
                )
            )
            orders = self.env["rakuten.order"]._search([("shop_id", "=", shop.id)])
            shop.kept_attachments = Attachment.search_count(
                [("res_model", "=", "rakuten.order"), ("res_id", "in", orders)]
            )

    @api.depends("retention_days")
    def _compute_next_removal(self):
        oldest = dict(
            self.env["rakuten.order"]._read_group(
                [
                    ("shop_id", "in", self.ids),
                    ("personal_data_removed", "=", False),
                    ("state", "in", FINISHED),
                ],
                ["shop_id"],
                ["order_date:min"],
            )
        )
        for shop in self:
            date = oldest.get(shop)
            shop.next_removal = (
                japan.day(date + timedelta(days=shop.retention_days))
                if date and shop.retention_days
                else False
            )

    def action_view_kept(self):
        """The orders whose personal data are kept."""
        action = self._view("smartship_rakuten.action_rakuten_order")
        action["name"] = self.env._("Orders With Personal Data")
        action["domain"] += [("personal_data_removed", "=", False)]
        return action

    # === CRON === #

    @api.model
    @job("anonymise", cron="smartship_rakuten.ir_cron_forget_persons", sequence=130, at_once=True)
    def _anonymise_expired(self):
        """Also for shops that are archived or not connected any more."""
        everything = self.with_context(active_test=False).search([("retention_days", ">=", 0)])
        shops = everything.filtered("retention_days")
        shops._for_each("anonymise", lambda shop: shop._anonymise_orders())
        with values_masked():
            everything._anonymise_unneeded_contacts()

    # === BUSINESS METHODS === #

    def _anonymise_orders(self):
        """Take the personal data out of orders whose time is over."""
        Order = self.env["rakuten.order"]
        limit = fields.Datetime.now() - timedelta(days=self.retention_days)

        def anonymise(orders):
            finished = orders.filtered(lambda order: order._is_finished(limit))
            finished._anonymise()
            return finished

        self._anonymise_in_batches(Order._past_retention(self, limit), anonymise)

    def _anonymise_unneeded_contacts(self):
        """Contacts that no order needs any more. They belong to the company: of all its shops,
        archived ones included, the one that keeps its data longest decides."""

        def anonymise(partners):
            unneeded = partners._rakuten_unneeded()
            unneeded._rakuten_anonymise()
            return unneeded

        for company, shops in self.grouped("company_id").items():
            days = shops.mapped("retention_days")
            if 0 in days:
                continue
            limit = fields.Datetime.now() - timedelta(days=max(days))
            strays = self.env["res.partner"]._rakuten_unused_contacts(company, limit)
            self._anonymise_in_batches(strays, anonymise)

    def _anonymise_in_batches(self, records, anonymise):
        """As far as Odoo leaves time; the scheduled action is called again for the rest.

        :param anonymise: callable(records), which anonymises all whose time is over, or raises
            :return: those
        """
        records = records.with_context(tracking_disable=True)

        def told(part, failure):
            _logger.warning("Personal data of %s stay: %s", part, describe(failure.error))

        for batch in split_every(RECORDS_PER_COMMIT, records.ids, records.browse):
            done = self._guard(
                batch,
                anonymise,
                step="step.anonymise",
                mark=told,
                # A contact's name is what is to be forgotten.
                name=str,
                most=RECORDS_PER_COMMIT,
            )
            # Those that stay are looked at each time: only what was done brings the end nearer.
            if any(gone for _part, gone in done) and not self._commit():
                self._trigger_job("anonymise")
                return
