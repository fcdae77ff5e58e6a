from odoo import models


class IrActionsServer(models.Model):
    _inherit = "ir.actions.server"

    def _get_eval_context(self, action=None):
        """Override of `base` to tell a validation from the list, which a person chose in its
        menu, from one by code: see ``_rakuten_to_ask`` of ``stock.picking``."""
        context = super()._get_eval_context(action)
        validate = self.env.ref("stock.action_validate_picking", raise_if_not_found=False)
        if action and action == validate and context.get("records"):
            context["records"] = context["records"].with_context(rakuten_ask_number=True)
        return context
