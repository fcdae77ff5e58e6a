"""Texts that were stored in one person's language are a code and details from 19.0.1.2.0 on.

What stands there already is kept as it is, under the code ``other``. Raw SQL, because the ORM knows
the new columns only. It is done before anything else: a transfer whose order was changed must not
be let go in between.
"""

from odoo.tools import SQL, sql

TEXTS = (
    ("rakuten_order", "changed"),
    ("rakuten_parcel", "error"),
    ("rakuten_job", "sentence"),
    ("rakuten_job", "error"),
    ("rakuten_sku", "stock_error"),
    ("rakuten_stock_push", "message"),
    ("rakuten_shop", "connection_message"),
    ("rakuten_shop", "next_key_message"),
)


def migrate(cr, version):
    for table, name in TEXTS:
        if not sql.column_exists(cr, table, name):
            continue
        old, code, details = map(SQL.identifier, (name, f"{name}_code", f"{name}_details"))
        where = SQL.identifier(table)
        cr.execute(SQL("ALTER TABLE %s ADD COLUMN %s varchar", where, code))
        cr.execute(SQL("ALTER TABLE %s ADD COLUMN %s jsonb", where, details))
        cr.execute(
            SQL(
                """
                UPDATE %s SET %s = 'other', %s = jsonb_build_object('reason', %s) WHERE %s <> ''
                """,
                where,
                code,
                details,
                old,
                old,
            )
        )
        cr.execute(SQL("ALTER TABLE %s DROP COLUMN %s", where, old))
    if sql.table_columns(cr, "rakuten_parcel").get("warned", {}).get("udt_name") == "varchar":
        cr.execute(
            SQL(
                """
                ALTER TABLE rakuten_parcel ALTER COLUMN warned TYPE jsonb USING
                CASE WHEN warned <> '' THEN
                    jsonb_build_object('code', 'other', 'reason', warned)
                END
                """
            )
        )
