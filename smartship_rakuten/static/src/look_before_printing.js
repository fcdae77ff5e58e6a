import { registry } from "@web/core/registry";

/** Reports on transfers and batches; the server knows which of them work begins with. */
const PAPERS = /^(stock|smartship_rakuten)/;

/** Odoo renders reports on read-only routes, so Rakuten is looked at before one is fetched. */
registry
    .category("ir.actions.report handlers")
    .add("smartship_rakuten", async (action, options, env) => {
        const ids = action.context?.active_ids;
        if (!ids?.length || action.context.rakuten_looked || !PAPERS.test(action.report_name)) {
            return false;
        }
        const found = await env.services.orm.call(
            "ir.actions.report",
            "rakuten_look_before_printing",
            [action.report_name, ids]
        );
        action.context = { ...action.context, active_ids: found.ids };
        if (found.message) {
            env.services.notification.add(found.message, { type: "danger", sticky: true });
        }
        return false;
    });
