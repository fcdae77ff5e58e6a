from odoo import api, fields, models


class RakutenRuleTrial(models.TransientModel):
    """What a rule would do with the last orders of its shop."""

    _name = "rakuten.rule.trial"
    _description = "Trial of a Rakuten Rule"
    _inherit = "rakuten.wizard"

    rule_id = fields.Many2one("rakuten.rule", required=True, readonly=True, ondelete="cascade")
    state = fields.Selection(related="rule_id.state")
    problem = fields.Char(related="rule_id.problem")
    tried = fields.Integer(readonly=True)
    found = fields.Integer(compute="_compute_found")
    line_ids = fields.One2many("rakuten.rule.trial.line", "trial_id", readonly=True)

    @api.depends("line_ids")
    def _compute_found(self):
        for trial in self:
            trial.found = len(trial.line_ids)

    def action_switch_on(self):
        self.rule_id.action_switch_on()


class RakutenRuleTrialLine(models.TransientModel):
    _name = "rakuten.rule.trial.line"
    _description = "Order That a Rakuten Rule Was Tried On"
    _inherit = "rakuten.wizard"

    trial_id = fields.Many2one("rakuten.rule.trial", required=True, ondelete="cascade")
    order_id = fields.Many2one("rakuten.order", required=True, ondelete="cascade")
    order_date = fields.Datetime(related="order_id.order_date")
    buyer_name = fields.Char(related="order_id.buyer_name")
    request_price = fields.Monetary(related="order_id.request_price")
    currency_id = fields.Many2one(related="order_id.currency_id")
    progress = fields.Selection(related="order_id.progress")
    actions = fields.Char(string="Then", readonly=True)
