"""Blocked orders know the SKUs whose products they wait for, until then by their keys. One from
before the SKU migration gets its place in the list when it is tried again.
"""

from odoo.api import SUPERUSER_ID, Environment


def migrate(cr, version):
    env = Environment(cr, SUPERUSER_ID, {"active_test": False})
    waiting = env["rakuten.order"].search(
        [("problem_code", "in", ("unmapped_sku", "ambiguous_sku", "combo_sku"))]
    )
    waiting = waiting.filtered(lambda order: "keys" in (order.problem_details or {}))
    for shop, orders in waiting.grouped("shop_id").items():
        skus = env["rakuten.sku"].search(
            [("shop_id", "=", shop.id), ("manage_number", "!=", False)]
        )
        by_key = skus.grouped(lambda sku: (sku.manage_number, sku.variant_id))
        for order in orders:
            details = dict(order.problem_details)
            keys = {tuple(key) for key in details.pop("keys")}
            details["sku_ids"] = sorted(
                sku.id for key in keys if all(key) for sku in by_key.get(key, ())
            )
            order.problem_details = details
