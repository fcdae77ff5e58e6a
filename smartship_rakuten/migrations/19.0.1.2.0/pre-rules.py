"""Hold rules are rules from 19.0.1.2.0 on.

They keep their ids, so that transfers stay held by them and released from them. post-rules.py gives
them their conditions.

The columns of the conditions are made here, so that Odoo does not read all orders at once to fill
them; post-facts.py does it piece by piece.
"""

from odoo.tools import SQL, sql

#: Old and new names of what transfers have to do with rules.
RELATIONS = {
    "rakuten_hold_rule_picking_rel": "rakuten_rule_picking_rel",
    "rakuten_hold_rule_released_rel": "rakuten_rule_released_rel",
    # New: a rule that applies need not hold. Made here as well, or Odoo would judge all transfers
    # that ever were.
    None: "rakuten_rule_applied_rel",
}
CONDITIONS = {
    "remarks": "text",
    "has_remarks": "bool",
    "persons": "text",
    "addresses": "text",
    "address_length": "int4",
    "area": "varchar",
    "remote_island": "bool",
    "address_doubtful": "bool",
    "caution": "bool",
    "gift": "bool",
    "delivery_wish": "bool",
    "total_price": "numeric",
    "quantity": "int4",
}


def migrate(cr, version):
    known = sql.table_columns(cr, "rakuten_order")
    for name, kind in CONDITIONS.items():
        if name not in known:
            sql.create_column(cr, "rakuten_order", name, kind)
    if not sql.table_exists(cr, "rakuten_hold_rule"):
        return
    for old, new in RELATIONS.items():
        move_relation(cr, old, new)
    rename_rules(cr)


def move_relation(cr, old, new):
    """A relation of transfers and rules under its new name, as Odoo makes it; Odoo adds the foreign
    keys."""
    table = SQL.identifier(new)
    cr.execute(
        SQL(
            """
            CREATE TABLE %(table)s (
                stock_picking_id INTEGER NOT NULL,
                rakuten_rule_id INTEGER NOT NULL,
                PRIMARY KEY (stock_picking_id, rakuten_rule_id)
            );
            COMMENT ON TABLE %(table)s IS 'RELATION BETWEEN stock_picking AND rakuten_rule';
            CREATE INDEX ON %(table)s (rakuten_rule_id, stock_picking_id)
            """,
            table=table,
        )
    )
    if old:
        cr.execute(
            SQL(
                "INSERT INTO %s SELECT stock_picking_id, rakuten_hold_rule_id FROM %s",
                table,
                SQL.identifier(old),
            )
        )
        cr.execute(SQL("DROP TABLE %s", SQL.identifier(old)))


def rename_rules(cr):
    cr.execute(
        """
        SELECT conname, contype FROM pg_constraint
        WHERE conrelid = 'rakuten_hold_rule'::regclass AND contype IN ('f', 'p')
        """
    )
    for name, kind in cr.fetchall():
        if kind == "f":
            # Odoo makes those of the new name.
            sql.drop_constraint(cr, "rakuten_hold_rule", name)
        else:
            cr.execute(
                SQL(
                    "ALTER TABLE rakuten_hold_rule RENAME CONSTRAINT %s TO rakuten_rule_pkey",
                    SQL.identifier(name),
                )
            )
    cr.execute(
        """
        ALTER TABLE rakuten_hold_rule RENAME TO rakuten_rule;
        ALTER SEQUENCE IF EXISTS rakuten_hold_rule_id_seq RENAME TO rakuten_rule_id_seq;
        DROP INDEX IF EXISTS rakuten_hold_rule__shop_id_index
        """
    )
    # What a rule does with carriers is another field.
    sql.rename_column(cr, "rakuten_rule", "carrier_id", "hold_carrier_id")
    for statement in (
        "UPDATE ir_model SET model = 'rakuten.rule' WHERE model = 'rakuten.hold.rule'",
        "UPDATE ir_model_fields SET model = 'rakuten.rule' WHERE model = 'rakuten.hold.rule'",
        "UPDATE ir_model_fields SET relation = 'rakuten.rule' WHERE relation = 'rakuten.hold.rule'",
        "DELETE FROM ir_model_relation WHERE name ~ 'rakuten_hold_rule'",
        "DELETE FROM ir_model_constraint WHERE name ~ '^rakuten_hold_rule'",
        """
        UPDATE ir_model_data
        SET name = replace(name, 'rakuten_hold_rule', 'rakuten_rule')
        WHERE module = 'smartship_rakuten'
            AND (
                name IN ('model_rakuten_hold_rule', 'rakuten_hold_rule_company_rule')
                OR name ~ '^field_rakuten_hold_rule__'
            )
        """,
    ):
        cr.execute(statement)
