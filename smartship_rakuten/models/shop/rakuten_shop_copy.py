from odoo import api, fields, models
from odoo.tools import LazyTranslate

from .sentences import declare, say

_lt = LazyTranslate(__name__)

declare(
    {
        "copy": _lt(
            "This database is a copy of the one in which %(shop)s was connected. Odoo reads from "
            "Rakuten, but confirms, reports, cancels and sends nothing there until a Rakuten "
            "administrator confirms on the shop that this database is the real one."
        ),
    }
)


class RakutenShop(models.Model):
    """A copy of the database reads from Rakuten, but writes nothing there until somebody says so.

    Odoo gives a copy another ``database.uuid`` when it is made with Odoo's own means.
    """

    _inherit = "rakuten.shop"

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
