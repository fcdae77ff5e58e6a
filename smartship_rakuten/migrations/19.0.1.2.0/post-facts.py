"""Orders of before get their facts and the conditions of rules, their sale orders with them; see
pre-facts.py. By what the open ones are delivered and paid is listed, as at the import.
"""

from odoo.api import SUPERUSER_ID, Environment
from odoo.tools import split_every

from odoo.addons.smartship_rakuten.rules.order import OPEN_PROGRESS

#: A payload takes some 10 KB when it is read.
BATCH = 500


def migrate(cr, version):
    env = Environment(cr, SUPERUSER_ID, {"active_test": False})
    orders, sales = env["rakuten.order"], env["sale.order"]
    computes = ("_compute_facts", "_compute_tax_summary", "_compute_conditions")
    facts = [field for field in orders._fields.values() if field.compute in computes]
    shown = [
        sales._fields[name]
        for name in ("rakuten_payment_code", "rakuten_payment_name", "rakuten_collected")
    ]
    for batch in split_every(BATCH, orders.search([], order="id").ids, orders.browse):
        for field in facts:
            env.add_to_compute(field, batch)
        for field in shown:
            env.add_to_compute(field, batch.sale_order_id)
        still_open = batch.filtered(lambda order: order.progress in OPEN_PROGRESS)
        for shop, own in still_open.grouped("shop_id").items():
            shop._note_methods(own)
        env.flush_all()
        env.invalidate_all()
