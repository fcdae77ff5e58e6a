"""What concerned Purchase, Manufacturing, SMS and batches went to modules of its own; what is new
for loyalty programs and expiration dates stands in such modules too.

They install themselves with the second of their halves, but Odoo installs none at an upgrade, where
both have been there for long.
"""

from odoo.api import SUPERUSER_ID, Environment

#: Each module, and what it needs besides this one.
GLUE = {
    "smartship_rakuten_batch": "stock_picking_batch",
    "smartship_rakuten_expiry": "product_expiry",
    "smartship_rakuten_loyalty": "sale_loyalty",
    "smartship_rakuten_mrp": "mrp",
    "smartship_rakuten_purchase": "sale_purchase_stock",
    "smartship_rakuten_sms": "sms",
}
#: External ids that went along.
MOVED = {
    "smartship_rakuten_sms": [
        "model_sms_sms",
        "field_sms_sms__display_name",
        "field_sms_sms__id",
    ],
}


def migrate(cr, version):
    env = Environment(cr, SUPERUSER_ID, {})
    modules = env["ir.module.module"].search([("name", "in", [*GLUE, *GLUE.values()])])
    by_name = modules.grouped("name")
    for name, half in GLUE.items():
        if half not in by_name or by_name[half].state not in ("installed", "to upgrade"):
            continue
        if name not in by_name or by_name[name].state == "uninstallable":
            raise RuntimeError(
                f"The module {name} is missing: what smartship_rakuten does beside {half} is in it "
                "now. Put its folder beside that of smartship_rakuten and upgrade "
                "again."
            )
        by_name[name].button_install()
    for name, xmlids in MOVED.items():
        env["ir.model.data"].search(
            [("module", "=", "smartship_rakuten"), ("name", "in", xmlids)]
        ).module = name
