from odoo import fields, models
from odoo.tools import LazyTranslate

from ...rules.carriers import RAKUTEN_COMPANIES
from ..shop.job import job
from ..shop.on_write import on_write

_lt = LazyTranslate(__name__)


class RakutenShop(models.Model):
    """How the shipments of a shop are reported."""

    _inherit = "rakuten.shop"

    report_policy = fields.Selection(
        [("complete", "When every parcel of the order has left"), ("each", "At each transfer")],
        string="Report Shipments",
        tracking=True,
        default="complete",
        required=True,
        help="An order whose parcels are all reported becomes 発送済 at midnight.",
    )
    company_code = fields.Selection(
        RAKUTEN_COMPANIES,
        string="Default Rakuten Carrier",
        help="配送会社: reported for transfers whose carrier has no Rakuten carrier code.",
    )

    @on_write("company_code")
    def _on_write_company_code(self, vals):
        yield
        self.env["rakuten.parcel"]._follow_carriers([("shop_id", "in", self.ids)])

    def action_export_shipments(self):
        return self._run_action("export", self.env._("Shipments reported."))

    @job(
        "export",
        label=_lt("Report Shipments"),
        sequence=30,
        cron="smartship_rakuten.ir_cron_export_shipments",
        catches_up=True,
    )
    def _export_shipments(self):
        """Report what has left, and tell Rakuten how far the warehouse is."""
        started = fields.Datetime.now()
        result = self.env["rakuten.parcel"]._export(self)
        self._follow_progress(self._client(), started)
        return result
