from odoo import models

#: Odoo's own papers that work in the warehouse begins with, and the field that leads from what is
#: printed to the transfers.
PICKING_PAPERS = {
    "stock.report_picking": None,
    "stock_picking_batch.report_picking_batch": "picking_ids",
}


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        """Look at Rakuten before the papers are printed that work begins with; what is held or
        cancelled there is not begun.

        :raises UserError: naming the transfers and the reasons
        """
        if report.report_name in PICKING_PAPERS and docids:
            field = PICKING_PAPERS[report.report_name]
            records = self.env[report.model].browse(docids)
            pickings = records[field] if field else records
            rakuten = pickings.filtered("rakuten_order_id")
            if rakuten:
                found, _unchecked = rakuten._rakuten_check_before_work()
                (found | rakuten.filtered(lambda p: p.state != "cancel"))._check_rakuten_hold()
                found.filtered(lambda p: p.state not in ("done", "cancel")).write({"printed": True})
        return super()._get_rendering_context(report, docids, data)
