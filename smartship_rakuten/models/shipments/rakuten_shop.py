from odoo import fields, models

from ...rules.carriers import RAKUTEN_COMPANIES


class RakutenShop(models.Model):
    """How the shipments of a shop are reported."""

    _inherit = "rakuten.shop"  # pylint: disable=consider-merging-classes-inherited

    carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Default Carrier",
        check_company=True,
        help="Set on the transfers of this shop's orders; its Rakuten carrier code is reported.",
    )
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
