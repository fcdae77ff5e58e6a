from odoo import fields, models


class StockPackage(models.Model):
    _inherit = "stock.package"

    rakuten_tracking_number = fields.Char(
        string="Tracking Number",
        copy=False,
        help="送り状番号 of this parcel, when a transfer leaves in several.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "rakuten_tracking_number" in vals:
            self._rakuten_pickings()._sync_rakuten_parcels()
        return result

    def _rakuten_pickings(self):
        """Transfers that have left in these packages, or in packages inside them."""
        packages = self | self.all_children_package_ids
        lines = self.env["stock.move.line"].search(
            [("result_package_id", "in", packages.ids), ("state", "=", "done")]
        )
        return lines.picking_id.filtered("rakuten_order_id")
