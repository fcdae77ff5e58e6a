from odoo import api, models
from odoo.exceptions import UserError


class RakutenSlip(models.AbstractModel):
    """Papers of a Rakuten transfer. What is held prints as a page that says why; Rakuten was asked
    before (``rakuten_look_before_printing`` of ``ir.actions.report``)."""

    _name = "report.smartship_rakuten.slip"
    _description = "Rakuten Slip"

    @api.model
    def _get_report_values(self, docids, data=None):
        pickings = self.env["stock.picking"].browse(docids).filtered("rakuten_order_id")
        if not pickings:
            raise UserError(self.env._("None of these transfers is of a Rakuten order."))
        return {
            "doc_ids": pickings.ids,
            "doc_model": pickings._name,
            "docs": pickings,
            "slips": pickings._prepare_rakuten_slips(label=self._name.endswith("_label")),
        }


class DeliverySlip(models.AbstractModel):
    _name = "report.smartship_rakuten.delivery_slip"
    _inherit = "report.smartship_rakuten.slip"
    _description = "Rakuten Delivery Slip, A4"


class DeliverySlipLabel(models.AbstractModel):
    _name = "report.smartship_rakuten.delivery_slip_label"
    _inherit = "report.smartship_rakuten.slip"
    _description = "Rakuten Delivery Slip, Label"


class PackingList(models.AbstractModel):
    _name = "report.smartship_rakuten.packing_list"
    _inherit = "report.smartship_rakuten.slip"
    _description = "Rakuten Packing List, A4"


class PackingListLabel(models.AbstractModel):
    _name = "report.smartship_rakuten.packing_list_label"
    _inherit = "report.smartship_rakuten.slip"
    _description = "Rakuten Packing List, Label"
