from odoo import api, models
from odoo.fields import Domain


class IrAttachment(models.Model):
    """The raw text of an unreadable order holds names and addresses: it is for those who may read
    the order's payload, not for everybody who may read the order."""

    _inherit = "ir.attachment"

    def _rakuten_texts_hidden(self):
        return not self.env.su and not self.env.user.has_group("smartship_rakuten.group_user")

    def _inaccessible_comodel_records(self, model_and_ids, operation):
        """Override of `base` to hide the raw texts of unreadable orders."""
        yield from super()._inaccessible_comodel_records(model_and_ids, operation)
        if self._rakuten_texts_hidden():
            for res_id in model_and_ids.get("rakuten.order", ()):
                yield "rakuten.order", res_id

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        """Override of `base` to keep the words of these texts from being searched for."""
        # Else its words could be searched for.
        if not bypass_access and self._rakuten_texts_hidden():
            domain = Domain(domain) & Domain("res_model", "!=", "rakuten.order")
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
