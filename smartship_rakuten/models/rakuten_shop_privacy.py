from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .rakuten_order_privacy import FINISHED


class RakutenShop(models.Model):
    """What is kept of persons, counted for each shop."""

    _inherit = "rakuten.shop"  # pylint: disable=consider-merging-classes-inherited

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
                shop._in_japan(date + timedelta(days=shop.retention_days)).date()
                if date and shop.retention_days
                else False
            )

    def action_view_kept(self):
        """The orders whose personal data are kept."""
        action = self._view("smartship_rakuten.action_rakuten_order")
        action["name"] = self.env._("Orders With Personal Data")
        action["domain"] += [("personal_data_removed", "=", False)]
        return action
