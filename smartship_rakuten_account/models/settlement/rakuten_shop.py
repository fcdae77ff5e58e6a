from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from odoo.addons.smartship_rakuten.models.jobs.job import job
from odoo.addons.smartship_rakuten.models.shop.sentences import declare_sentences, say

from ..setup.rakuten_shop import ACCOUNTANTS

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "settlement.done": _lt("Statements matched: %(count)s."),
        "settlement.goes_on": _lt("The orders of %(statement)s are read until %(day)s so far."),
        "settlement.clearing": _lt("The orders of %(statement)s are being cleared."),
    }
)


class RakutenShop(models.Model):
    _inherit = "rakuten.shop"

    settlement_ids = fields.One2many("rakuten.settlement", "shop_id", groups=ACCOUNTANTS)
    settlement_combination = fields.Json(
        readonly=True,
        copy=False,
        groups=ACCOUNTANTS,
        help="How the last statement that told it added up with its orders.",
    )

    def _settlement_combination(self):
        """The combination by which the shop's statements add up, None where none has told it."""
        return self.env["rakuten.settlement"]._remembered(self.sudo().settlement_combination)

    @job(
        "settlement",
        label=_lt("Match Statements"),
        sequence=140,
        cron="smartship_rakuten_account.ir_cron_match_settlements",
        domain=Domain(
            "settlement_ids", "any", Domain("reading", "=", True) | Domain("reconciling", "=", True)
        ),
        alone=False,
        in_person=60,
    )
    def _match_settlements(self, ids=None):
        """Read the orders of statements, match them, and clear the orders of those that are posted.

        :param list ids: of the statements, by default all that wait
        """
        waiting = self.env["rakuten.settlement"].search(
            [
                ("shop_id", "=", self.id),
                "|",
                ("reading", "=", True),
                ("reconciling", "=", True),
                *([("id", "in", ids)] if ids else []),
            ]
        )
        for settlement in waiting:
            if settlement.reading:
                client = self._client()
                if not settlement._fetch_set(client):
                    self._leave_to_schedule("settlement")
                    return say(
                        self.env,
                        "settlement.goes_on",
                        statement=settlement.name,
                        day=settlement.read_until,
                    )
                settlement._match(client)
            elif not settlement._clear_orders():
                self._leave_to_schedule("settlement")
                return say(self.env, "settlement.clearing", statement=settlement.name)
            self._commit()
        return say(self.env, "settlement.done", count=len(waiting))
