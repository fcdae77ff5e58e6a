"""Saved filters neither group nor sort by texts that everybody reads in his own language from
19.0.1.2.0 on; they are searched as before. A filter that did nothing else goes."""

import ast
import json

from odoo.api import SUPERUSER_ID, Environment

#: By model.
TEXTS = {
    "rakuten.order": {"changed"},
    "rakuten.parcel": {"error"},
    "rakuten.job": {"sentence", "error"},
    "rakuten.sku": {"stock_error"},
    "rakuten.stock.push": {"message"},
    "rakuten.shop": {"connection_message", "next_key_message"},
    "stock.picking": {"rakuten_changed"},
}
#: What a filter's context groups by, in lists, pivots and graphs.
GROUPINGS = ("group_by", "pivot_row_groupby", "pivot_column_groupby", "graph_groupbys")


def migrate(cr, version):
    env = Environment(cr, SUPERUSER_ID, {"active_test": False})
    for saved in env["ir.filters"].search([("model_id", "in", list(TEXTS))]):
        texts = TEXTS[saved.model_id]
        try:
            context = ast.literal_eval(saved.context)
        except (SyntaxError, ValueError):
            # Not of the web client.
            continue
        groupings = {key: names(context[key]) for key in GROUPINGS if key in context}
        left = {
            key: [name for name in found if name not in texts] for key, found in groupings.items()
        }
        order = json.loads(saved.sort or "[]")
        left_order = [entry for entry in order if entry.split()[0] not in texts]
        if left == groupings and left_order == order:
            continue
        context |= left
        if saved.domain.strip() != "[]" or any(context.values()) or left_order:
            saved.write({"context": str(context), "sort": json.dumps(left_order)})
        else:
            saved.unlink()


def names(value):
    """:param value: a name or a list of names"""
    return [value] if isinstance(value, str) else list(value or ())
