"""Hold rules and the options of the automatic confirmation are rules from 19.0.1.2.0 on, and hold
the same orders; see pre-rules.py for the first."""

import logging
import re

from odoo.api import SUPERUSER_ID, Environment
from odoo.fields import Command, Domain
from odoo.tools import sql

_logger = logging.getLogger(__name__)

#: Each option of a shop, the code that stood at orders that it held, the condition, and the reason
#: in English and Japanese.
OPTIONS = [
    ("confirm_hold_remarks", "remarks", "has_remarks", "The buyer wrote remarks", "備考あり"),
    (
        "confirm_hold_caution",
        "caution",
        "caution",
        "Rakuten shows a caution about the buyer",
        "顧客・配送対応注意表示あり",
    ),
    ("confirm_hold_gift", "gift", "gift", "Gift", "ギフト"),
    (
        "confirm_hold_delivery_wish",
        "delivery_wish",
        "delivery_wish",
        "The buyer wishes a delivery date or time",
        "お届け日時の指定あり",
    ),
    ("confirm_hold_island", "island", "remote_island", "Remote island", "離島"),
]
#: Codes of what is held for safety, as before.
ALWAYS = ("unreadable", "undetermined", "rakuten_check", "cooling_off")


def migrate(cr, version):
    env = Environment(cr, SUPERUSER_ID, {"active_test": False})
    if sql.column_exists(cr, "rakuten_rule", "kind"):
        migrate_hold_rules(env)
    if sql.column_exists(cr, "rakuten_shop", "confirm_delay"):
        migrate_options(env)
    fill_goods(env)
    env["rakuten.shop"].search([])._apply_rules()


def hold_domain(kind, words, limit, product_ids):
    """The orders that a hold rule held; None for a kind of another module."""
    words = [word.strip() for word in re.split(r"[,、，\n]", words or "") if word.strip()]
    return {
        "remarks": Domain.OR(Domain("remarks", "like", word) for word in words),
        "customer": Domain.OR(Domain("persons", "like", word) for word in words),
        "address": Domain("address_length", ">", limit),
        "price": Domain("total_price", ">", limit),
        "product": Domain("product_ids", "in", product_ids),
    }.get(kind)


def option_rules(options):
    """The rules that hold what the options of a shop's automatic confirmation held.

    :param dict options: values of the old fields
    :return: list of (code that stood at held orders, values of ``rakuten.rule``, Japanese name)
    """
    rules = []
    for option, code, condition, name, japanese in OPTIONS:
        if options[option]:
            domain = [(condition, "=", True)]
            rules.append((code, {"name": name, "domain": str(domain), "confirm": "hold"}, japanese))
    if limit := options["confirm_max_price"]:
        name, japanese = f"Above {limit:,} yen", f"請求金額が{limit:,}円を超える"
        domain = [("request_price", ">", limit)]
        rules.append(("price", {"name": name, "domain": str(domain), "confirm": "hold"}, japanese))
    if minutes := options["confirm_delay"]:
        name, japanese = "The buyer can still cancel", "購入者がキャンセルできる時間"
        rules.append(("", {"name": name, "domain": "[]", "cooling_off": minutes}, japanese))
    return rules


def migrate_hold_rules(env):
    cr = env.cr
    cr.execute(
        """
        SELECT rakuten_hold_rule_id, product_product_id FROM product_product_rakuten_hold_rule_rel
        """
    )
    products = {}
    for rule, product in cr.fetchall():
        products.setdefault(rule, []).append(product)
    cr.execute('SELECT id, kind, words, "limit" FROM rakuten_rule WHERE kind IS NOT NULL')
    for rule_id, kind, words, limit in cr.fetchall():
        domain = hold_domain(kind, words, limit or 0, products.get(rule_id, []))
        rule = env["rakuten.rule"].browse(rule_id)
        if domain is None:
            _logger.info("The hold rule %s has a kind of another module: it is on trial", rule.name)
            rule.write({"hold": True, "state": "trial"})
        else:
            rule.write({"hold": True, "state": "on", "domain": str(list(domain))})
    cr.execute("DROP TABLE product_product_rakuten_hold_rule_rel")
    # As it was when the goods left.
    cr.execute(
        """
        INSERT INTO rakuten_rule_applied_rel (stock_picking_id, rakuten_rule_id)
        SELECT stock_picking_id, rakuten_rule_id FROM rakuten_rule_picking_rel
        ON CONFLICT DO NOTHING
        """
    )


def migrate_options(env):
    names = [option for option, *_ in OPTIONS] + ["confirm_max_price", "confirm_delay"]
    env.cr.execute(f"SELECT id, {', '.join(names)} FROM rakuten_shop")
    for shop_id, *values in env.cr.fetchall():
        shop = env["rakuten.shop"].browse(shop_id)
        in_japanese = (shop.user_id or env.user).lang == "ja_JP"
        made = {}
        for sequence, (code, vals, japanese) in enumerate(
            option_rules(dict(zip(names, values, strict=True)))
        ):
            made[code] = env["rakuten.rule"].create(
                {
                    **vals,
                    **({"name": japanese} if in_japanese else {}),
                    "shop_id": shop_id,
                    # After the hold rules, which are of other things.
                    "sequence": 100 + sequence,
                    "state": "on",
                }
            )
        held = env["rakuten.order"].search(
            [("shop_id", "=", shop_id), ("confirm_holds", "!=", False)]
        )
        for order in held:
            codes = order.confirm_holds.split(",")
            rules = [made[code].id for code in codes if code in made]
            left = [code for code in codes if code in ALWAYS]
            order.write(
                {
                    "confirm_holds": ",".join(left + ["rule"] * bool(rules)) or False,
                    "confirm_rule_ids": [Command.set(rules)],
                }
            )


def fill_goods(env):
    """What imported orders consist of stands in their sale orders."""
    env.flush_all()
    goods = """
        FROM rakuten_order o
        JOIN sale_order_line line ON line.order_id = o.sale_order_id AND line.display_type IS NULL
        JOIN product_product product ON product.id = line.product_id
        JOIN product_template template ON template.id = product.product_tmpl_id
        WHERE template.type <> 'service'
    """
    env.cr.execute(
        f"""
        INSERT INTO rakuten_order_product_rel (rakuten_order_id, product_product_id)
        SELECT DISTINCT o.id, product.id {goods} ON CONFLICT DO NOTHING
        """
    )
    env.cr.execute(
        f"""
        UPDATE rakuten_order SET weight = sums.weight FROM (
            SELECT o.id, sum(line.product_uom_qty * coalesce(product.weight, 0)) AS weight {goods}
            GROUP BY o.id
        ) sums WHERE sums.id = rakuten_order.id
        """
    )
    env.invalidate_all()
    waiting = env["rakuten.order"].search(
        [("sale_order_id", "=", False), ("progress", "in", ("100", "200", "300", "400"))]
    )
    for orders in waiting.grouped("shop_id").values():
        orders._look_up_goods()
