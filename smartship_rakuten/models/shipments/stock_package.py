from odoo import fields, models


class StockPackage(models.Model):
    _name = "stock.package"
    _inherit = ["stock.package", "rakuten.system.fields"]

    rakuten_tracking_number = fields.Char(
        string="Tracking Number",
        copy=False,
        help="送り状番号 of this parcel, when a transfer leaves in several.",
    )
    rakuten_picking_ids = fields.Many2many(
        "stock.picking",
        "rakuten_package_picking_rel",
        string="Out With",
        readonly=True,
        copy=False,
        help="Deliveries of Rakuten orders that this package is out with; none once it came back.",
    )

    def write(self, vals):
        """Override of `stock` to report a number that is typed on a package."""
        result = super().write(vals)
        if "rakuten_tracking_number" in vals:
            self._rakuten_pickings()._sync_rakuten_parcels()
        return result

    def _rakuten_pickings(self):
        """Transfers that a number written now is for: those that these packages are out with.

        A package that is being filled for others has come back, whether Odoo was told or not.
        """
        out = self.sudo().filtered("rakuten_picking_ids")
        if not out:
            return self.env["stock.picking"]
        coming = self.env["stock.move.line"].search(
            [
                ("result_package_id", "child_of", out.ids),
                ("state", "not in", ("done", "cancel")),
                ("picking_id.rakuten_order_id", "!=", False),
            ]
        )
        for package in out:
            next_ones = coming.filtered(
                lambda line, p=package: p in line.result_package_id._rakuten_containers()
            ).picking_id
            if next_ones and not package.rakuten_picking_ids._rakuten_together(next_ones):
                package.rakuten_picking_ids = False
        return out.rakuten_picking_ids.with_env(self.env)

    def _rakuten_containers(self, field="parent_package_id"):
        """These packages and all that they lie in.

        :param str field: where they lie, or ``package_dest_id``: where they will, once the
            transfer is done
        """
        packages = level = self
        while level := level[field] - packages:
            packages |= level
        return packages
