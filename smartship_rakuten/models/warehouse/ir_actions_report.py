from odoo import api, models
from odoo.exceptions import UserError


def _is_open(picking):
    return picking.rakuten_order_id and picking.state not in ("done", "cancel")


class IrActionsReport(models.Model):
    """Papers that work in the warehouse begins with. Who prints one looks at Rakuten first; the
    rendering itself may not write (Odoo does it on read-only routes), so it refuses what is held
    and no more."""

    _inherit = "ir.actions.report"

    @api.model
    def rakuten_look_before_printing(self, report_name, docids):
        """Look at Rakuten before a paper is made that work begins with, and note that it has begun.
        The web client asks for this before it fetches any such paper.

        :param str report_name: of an ir.actions.report
        :param list docids: ids of what is to be printed
        :return: {"ids": what to print instead, "message": what is not to be shipped, '' for
            nothing}. A transfer that was replaced is not among our own papers, its successor is.
        :raises UserError: naming the transfers that are cancelled, or held where the paper is
            Odoo's, which would not say so
        """
        report = self._get_report_from_name(report_name)
        is_slip = self._is_rakuten_slip(report)
        pickings = (
            self.env["stock.picking"].browse(docids)
            if is_slip
            else self._rakuten_transfers_on_paper(report, docids)
        )
        begun = pickings.filtered(_is_open)
        if not begun:
            return {"ids": docids, "message": ""}
        begun.check_access("write")
        found, _unchecked = begun._rakuten_check_before_work()
        if not is_slip:
            self._check_rakuten_paper(begun, found)
            begun.write({"printed": True})
            return {"ids": docids, "message": ""}
        present = pickings - begun | found
        held = found.filtered("rakuten_hold_reason")
        free = found.filtered(_is_open) - held
        free.write({"printed": True})
        return {
            "ids": [i for i in docids if i in present.ids] + (present - pickings).ids,
            "message": held
            and self.env._("Do not ship: %(transfers)s.", transfers=held._hold_sentence())
            or "",
        }

    def _check_rakuten_paper(self, begun, found):
        """:raises UserError: when Odoo's own paper must not be printed as it is"""
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

    def _get_rendering_context(self, report, docids, data):
        """Override of `base` to refuse Odoo's papers of what is held; ours say so themselves.

        :raises UserError: naming the transfers and the reasons
        """
        pickings = self._rakuten_transfers_on_paper(report, docids)
        pickings.filtered(_is_open)._check_rakuten_hold()
        return super()._get_rendering_context(report, docids, data)

    def _is_rakuten_slip(self, report):
        return report.model == "stock.picking" and report.report_name.startswith(
            "smartship_rakuten."
        )

    def _rakuten_transfers_on_paper(self, report, docids):
        """Hook for the papers of Odoo's that work in the warehouse begins with.

        :param report: the ir.actions.report
        :param list docids: ids of what is printed
        :return: stock.picking, none where it is another paper
        """
        is_paper = report.report_name == "stock.report_picking"
        return self.env["stock.picking"].browse(docids if is_paper else ())
