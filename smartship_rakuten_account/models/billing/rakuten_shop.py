from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

from odoo.addons.smartship_rakuten.models.jobs.job import job
from odoo.addons.smartship_rakuten.models.shop.sentences import (
    columns,
    declare_sentences,
    say,
    together,
)
from odoo.addons.smartship_rakuten.rules import japan

_lt = LazyTranslate(__name__)

declare_sentences(
    {
        "step.bill": _lt("Billing the order"),
        "bill.done": _lt("%(count)s invoices made, %(posted)s of them posted."),
        "bill.held": _lt("%(count)s orders cannot be billed yet; To Bill says why."),
        "bill.not_set_up": _lt(
            "The accounting of %(shop)s is not set up yet. Press Set Up Accounting on the shop."
        ),
    }
)


class RakutenShop(models.Model):
    """Billing what has left."""

    _inherit = "rakuten.shop"

    @job(
        "bill",
        label=_lt("Bill Orders"),
        sequence=65,
        cron="smartship_rakuten_account.ir_cron_bill_orders",
        domain=Domain("billing", "in", ("draft", "posted")),
        alone=False,
        connects=False,
    )
    def _bill(self):
        if not self.payer_id or not self.sale_journal_id:
            raise UserError(say(self.env, "bill.not_set_up", shop=self.name))
        Sale = self.env["sale.order"]
        domain = Sale._rakuten_left_domain(self)
        if self.bill_from:
            domain &= Domain("date_order", ">=", japan.begin(self.bill_from))
        orders = Sale.search(domain, order="id")
        if not orders:
            return None
        invoices = self.env["account.move"]
        for _part, made in self._guard_bill(orders):
            invoices |= made
        held = orders.filtered("rakuten_hold_code")
        return together(
            self.env,
            say(
                self.env,
                "bill.done",
                count=len(invoices),
                posted=len(invoices.filtered(lambda move: move.state == "posted")),
            ),
            held and say(self.env, "bill.held", count=len(held)),
        )

    def _guard_bill(self, orders):
        """Bill orders of this shop in committed batches; one that cannot be says why.

        :return: list of (orders, invoices)
        """
        return self._guard(
            orders.with_env(self.env),
            lambda part: part._rakuten_bill(),
            step="step.bill",
            mark=lambda order, failure: order.write(columns("rakuten_hold", failure.reason)),
            weigh=lambda order: len(order.order_line),
        )

    def action_bill(self):
        """Bill what has left and is not billed; as drafts where the shop does not post."""
        if not self.env.su and not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Only who may invoice bills orders."))
        nothing = self.env._("There is nothing to bill.")
        results = [shop._run("bill") or nothing for shop in self]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": " ".join(results),
                "type": "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
