from odoo import models
from odoo.exceptions import UserError


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _get_rendering_context(self, report, docids, data):
        """Override of `base` to look at Rakuten before the papers are printed that work begins
        with; what is held or cancelled there is not begun.

        :raises UserError: naming the transfers and the reasons
        """
        rakuten = self._rakuten_transfers_on_paper(report, docids).filtered("rakuten_order_id")
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

    def _rakuten_transfers_on_paper(self, report, docids):
        """Hook for the papers that work in the warehouse begins with.

        :param report: the ir.actions.report
        :param list docids: ids of what is printed
        :return: stock.picking, none where it is another paper
        """
        is_paper = report.report_name == "stock.report_picking"
        return self.env["stock.picking"].browse(docids if is_paper else ())
