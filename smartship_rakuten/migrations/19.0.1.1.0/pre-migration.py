"""The codes of a carrier's contract are each company's own from 19.0.1.1.0 on.

Every company starts with what all of them shared. Raw SQL, because the ORM knows the new columns
only, and its own conversion reads the old text as JSON.
"""

from odoo.tools import SQL, sql

CODES = ("customer_code", "option_1", "option_2")


def column_type(cr, table, name):
    """PostgreSQL's name of a column's type, None where there is no such column."""
    return sql.table_columns(cr, table).get(name, {}).get("udt_name")


def migrate(cr, version):
    for name in CODES:
        if column_type(cr, "rakuten_waybill_format", name) != "varchar":
            # Made by a version between the two.
            continue
        column, old = SQL.identifier(name), SQL.identifier(f"{name}_shared")
        cr.execute(SQL("ALTER TABLE rakuten_waybill_format RENAME COLUMN %s TO %s", column, old))
        cr.execute(SQL("ALTER TABLE rakuten_waybill_format ADD COLUMN %s jsonb", column))
        cr.execute(
            SQL(
                """
                UPDATE rakuten_waybill_format SET %s = companies.codes
                FROM (
                    SELECT form.id, jsonb_object_agg(company.id::text, form.%s) AS codes
                    FROM rakuten_waybill_format form CROSS JOIN res_company company
                    WHERE form.%s <> ''
                    GROUP BY form.id
                ) companies
                WHERE companies.id = rakuten_waybill_format.id
                """,
                column,
                old,
                old,
            )
        )
        cr.execute(SQL("ALTER TABLE rakuten_waybill_format DROP COLUMN %s", old))
