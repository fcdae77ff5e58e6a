"""Scheduled actions call one method for all jobs from 19.0.1.2.0 on.

Their records are ``noupdate``, and who has copied one, or calls it from an action of his own, calls
by the old name as well: every server action that does is brought along, and keeps whatever else
somebody has written into it.
"""

import re

from odoo.api import SUPERUSER_ID, Environment

#: Name of the old method to name of the job.
JOBS = {
    "_cron_import_orders": "import",
    "_cron_refresh_orders": "refresh",
    "_cron_export_shipments": "export",
    "_cron_sync_inventory": "inventory",
    "_cron_compare_inventory": "compare",
    "_cron_import_skus": "catalogue_changes",
    "_cron_check_licenses": "license",
    "_cron_reconcile": "reconcile",
    "_cron_send_digest": "digest",
    "_cron_forget_persons": "anonymise",
}
#: This one was a method of the orders.
DEADLINES = "model._cron_check_deadlines()"
#: The models whose methods had these names.
MODELS = ("rakuten.shop", "rakuten.order")
#: A model that an action of any model may name, maybe by way of sudo() or with_context().
NAMED = r"""env\[(["'])%s\1\]((?:\.\w+\([^()]*\))*)"""


def migrate(cr, version):
    env = Environment(cr, SUPERUSER_ID, {})
    # The scheduled actions' own model asks for a lock that a worker may hold.
    actions = env["ir.actions.server"].search([("state", "=", "code"), ("code", "like", "_cron_")])
    shops = env["ir.model"]._get("rakuten.shop")
    for action in actions:
        code = action.code
        if action.model_name in MODELS:
            if code.strip() == DEADLINES:
                action.model_id = shops
                code = 'model._cron_run("deadlines")'
            code = code.replace(DEADLINES, 'env["rakuten.shop"]._cron_run("deadlines")')
            for method, job in JOBS.items():
                code = code.replace(f".{method}()", f'._cron_run("{job}")')
        for method, job in JOBS.items():
            code = renamed(code, "rakuten.shop", method, job)
        code = renamed(code, "rakuten.order", "_cron_check_deadlines", "deadlines")
        if code != action.code:
            action.code = code


def renamed(code, model, method, job):
    """Code that runs a job of the shops where it called a method of a model by its old name."""
    return re.sub(
        rf"{NAMED % re.escape(model)}\.{method}\(\)",
        rf'env["rakuten.shop"]\2._cron_run("{job}")',
        code,
    )
