from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _rakuten_transfers_on_paper(self, report, docids):
        """Override of `smartship_rakuten` to count the paper of a batch as one that work begins
        with."""
        if report.report_name == "stock_picking_batch.report_picking_batch":
            return self.env["stock.picking.batch"].browse(docids).picking_ids
        return super()._rakuten_transfers_on_paper(report, docids)
