"""What an upgrade does when something is amiss; dev/test_upgrade.py upgrades whole databases."""

import ast
import json

from odoo.modules.migration import load_script
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path


@tagged("post_install", "-at_install")
class TestMigrations(TransactionCase):
    def test_folder_of_a_glue_module_is_missing(self):
        """The upgrade stops, rather than lose silently what went there."""
        path = file_path("smartship_rakuten/migrations/19.0.1.2.0/pre-glue.py")
        modules = self.env["ir.module.module"]
        modules.search([("name", "=", "smartship_rakuten_sms")]).name = "elsewhere"
        with self.assertRaisesRegex(RuntimeError, "smartship_rakuten_sms is missing"):
            load_script(path, "pre-glue").migrate(self.env.cr, "19.0.1.1.0")

    def test_scheduled_actions(self):
        """Ours and others that call a job by its old name call it by the new one."""
        path = file_path("smartship_rakuten/migrations/19.0.1.2.0/post-scheduled-actions.py")
        orders = self.env.ref("smartship_rakuten.model_rakuten_order")
        shops = self.env.ref("smartship_rakuten.model_rakuten_shop")
        partners = self.env.ref("base.model_res_partner")
        deadlines = "model._cron_check_deadlines()"
        named = 'env["rakuten.order"]._cron_check_deadlines()'
        morning = "if datetime.datetime.now().hour < 3:\n    "
        was_and_is = [
            ((shops, "model._cron_import_orders()"), (shops, 'model._cron_run("import")')),
            ((orders, deadlines), (shops, 'model._cron_run("deadlines")')),
            # Somebody has made it run in the morning only.
            (
                (shops, f"{morning}model._cron_reconcile()"),
                (shops, f'{morning}model._cron_run("reconcile")'),
            ),
            (
                (orders, morning + deadlines),
                (orders, f'{morning}env["rakuten.shop"]._cron_run("deadlines")'),
            ),
            # Another model's method of that name.
            ((partners, "model._cron_reconcile()"), (partners, "model._cron_reconcile()")),
            # An action of another model that names ours.
            (
                (partners, f"env['rakuten.shop'].sudo()._cron_import_orders()\n{named}"),
                (
                    partners,
                    'env["rakuten.shop"].sudo()._cron_run("import")\n'
                    'env["rakuten.shop"]._cron_run("deadlines")',
                ),
            ),
            (
                (shops, f"model._cron_reconcile(); {named}"),
                (
                    shops,
                    'model._cron_run("reconcile"); env["rakuten.shop"]._cron_run("deadlines")',
                ),
            ),
            (
                (partners, "env['res.bank']._cron_reconcile()"),
                (partners, "env['res.bank']._cron_reconcile()"),
            ),
        ]
        names = ["import_orders", "check_deadlines", "reconcile"]
        actions = self.env["ir.actions.server"].union(
            *(
                self.env.ref(f"smartship_rakuten.ir_cron_{name}").ir_actions_server_id
                for name in names
            )
        )
        actions += actions.create(
            [
                {"name": "Own", "state": "code", "model_id": model.id, "code": code}
                for (model, code), _is in was_and_is[3:]
            ]
        )
        for action, ((model, code), _is) in zip(actions, was_and_is, strict=True):
            action.write({"model_id": model.id, "code": code})
        for _again in range(2):
            load_script(path, "post-scheduled-actions").migrate(self.env.cr, "19.0.1.1.0")
            self.env.invalidate_all()
            self.assertEqual(
                [(action.model_id, action.code) for action in actions],
                [expected for _was, expected in was_and_is],
            )

    def test_saved_filters(self):
        """They group and sort by what they can, and look for what they looked for."""
        path = file_path("smartship_rakuten/migrations/19.0.1.2.0/post-filters.py")
        # model, domain, context, sort; what is left of it, nothing where it goes
        cases = [
            (
                "rakuten.parcel",
                "[('error', 'ilike', '見本')]",
                "{'group_by': ['error', 'state']}",
                '["error desc", "id"]',
                ("[('error', 'ilike', '見本')]", {"group_by": ["state"]}, ["id"]),
            ),
            ("rakuten.order", "[]", "{'group_by': 'changed'}", "[]", None),
            ("rakuten.job", "[]", "{}", '["error"]', None),
            (
                "rakuten.stock.push",
                "[]",
                "{'pivot_row_groupby': ['message'], 'pivot_measures': ['distance']}",
                "[]",
                ("[]", {"pivot_row_groupby": [], "pivot_measures": ["distance"]}, []),
            ),
            (
                "stock.picking",
                "[('rakuten_changed', '!=', False)]",
                "{'group_by': ['rakuten_changed']}",
                "[]",
                ("[('rakuten_changed', '!=', False)]", {"group_by": []}, []),
            ),
            # What has nothing of that, or is not ours, stays to the letter.
            (
                "rakuten.order",
                "[]",
                "{'group_by':['state']}",
                "[]",
                ("[]", "{'group_by':['state']}", []),
            ),
            (
                "res.partner",
                "[]",
                "{'group_by':['error']}",
                "[]",
                ("[]", "{'group_by':['error']}", []),
            ),
        ]
        saved = self.env["ir.filters"].create(
            [
                {
                    "name": f"Filter {number}",
                    "model_id": model,
                    "domain": domain,
                    "context": context,
                    "sort": sort,
                }
                for number, (model, domain, context, sort, _left) in enumerate(cases)
            ]
        )
        saved[0].active = False
        for _again in range(2):
            load_script(path, "post-filters").migrate(self.env.cr, "19.0.1.1.0")
            self.env.invalidate_all()
            for record, (model, _domain, _context, _sort, left) in zip(saved, cases, strict=True):
                self.assertEqual(bool(record.exists()), bool(left), model)
                if left:
                    domain, context, sort = left
                    self.assertEqual((record.domain, json.loads(record.sort)), (domain, sort))
                    self.assertEqual(
                        record.context, context if isinstance(context, str) else str(context)
                    )
        for record, (model, _domain, _context, _sort, left) in zip(saved, cases, strict=True):
            # And it can be used.
            if left:
                groups = ast.literal_eval(record.context).get("group_by")
                found = self.env[model].search(ast.literal_eval(record.domain), limit=1)
                self.assertEqual(found._name, model)
                if groups and model != "res.partner":
                    self.env[model]._read_group([], groups, ["__count"])
