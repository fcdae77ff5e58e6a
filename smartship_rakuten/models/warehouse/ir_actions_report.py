from odoo import models
from odoo.exceptions import UserError

#: Odoo's own papers that work in the warehouse begins with, and the field that leads from what is
#: printed to the transfers.
PICKING_PAPERS = {
    "stock.report_picking": None,
    "stock_picking_batch.report_picking_batch": "picking_ids",
}


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        """Override of `base` to look at Rakuten before the papers are printed that work begins
        with; what is held or cancelled there is not begun.

        :raises UserError: naming the transfers and the reasons
        """
        if report.report_name in PICKING_PAPERS and docids:
            field = PICKING_PAPERS[report.report_name]
            records = self.env[report.model].browse(docids)
            pickings = records[field] if field else records
            rakuten = pickings.filtered("rakuten_order_id")
            begun = rakuten.filtered(lambda picking: picking.state not in ("done", "cancel"))
            if begun:
                found, _unchecked = begun._rakuten_check_before_work()
                gone = begun.filtered(lambda picking: picking.state == "cancel")
                if gone:
                    # The paper would be that of a transfer which is no more.
                    raise UserError(
                        self.env._(
                            "Changed or cancelled at Rakuten a moment ago: %(transfers)s. Print "
                            "what there is now: %(present)s.",
                            transfers=", ".join(gone.mapped("name")),
                            present=", ".join((found - gone).mapped("name")),
                        )
                    )
                begun._check_rakuten_hold()
                begun.write({"printed": True})
        return super()._get_rendering_context(report, docids, data)
