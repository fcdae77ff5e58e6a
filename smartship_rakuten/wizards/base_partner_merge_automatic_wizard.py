from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        """Override of `base` to make a buyer of a contact only where all that become one were
        buyers: a regular customer goes on getting mail."""
        merged = (src_partners | dst_partner).sudo()
        buyer = all(merged.mapped("rakuten_buyer"))
        identity = buyer and dst_partner.sudo().rakuten_identity
        # What only the system writes is not for the wizard to hand on.
        merged.write({"rakuten_buyer": False, "rakuten_identity": False})
        result = super()._update_values(src_partners, dst_partner)
        dst_partner.sudo().write({"rakuten_buyer": buyer, "rakuten_identity": identity})
        return result
