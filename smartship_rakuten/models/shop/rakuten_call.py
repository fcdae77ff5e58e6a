from odoo import api, fields, models


class RakutenCall(models.Model):
    """One call of Rakuten's API, for support: what was called, when, with which answer.

    No bodies and no keys: they hold personal data and secrets.
    """

    _name = "rakuten.call"
    _description = "Rakuten API Call"
    _inherit = "rakuten.system.fields"
    _order = "id desc"
    _rec_name = "operation"
    _log_access = False

    shop_id = fields.Many2one("rakuten.shop", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="shop_id.company_id")
    operation = fields.Char(required=True, readonly=True, help="As RMS names it: getOrder …")
    started_at = fields.Datetime(required=True, readonly=True, index=True)
    duration = fields.Float(string="Seconds", digits=(8, 3), readonly=True)
    status = fields.Integer(string="HTTP Status", readonly=True, help="0: no answer came.")
    request_id = fields.Char(
        string="RMS Request ID", readonly=True, help="To quote to Rakuten's support."
    )
    outcome = fields.Char(readonly=True, help="ok, or the kind of failure.")
    attempt = fields.Integer(readonly=True)

    @api.model
    def _recorder(self, shop):
        """What the RMS client calls after each attempt; see ``rms.transport.CallRecord``."""

        def record(call):
            self.sudo().create(
                {
                    "shop_id": shop.id,
                    "operation": call.operation,
                    "started_at": call.started_at.replace(tzinfo=None),
                    "duration": call.duration,
                    "status": call.status or 0,
                    "request_id": call.request_id,
                    "outcome": call.outcome,
                    "attempt": call.attempt,
                }
            )

        return record

    @api.autovacuum
    def _gc_calls(self):
        self.env["rakuten.shop"]._delete_expired_rows(self, "started_at")
