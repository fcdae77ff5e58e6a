"""What orders say of themselves is stored in fields of its own from 19.0.1.2.0 on.

The columns are made here, so that Odoo does not read all orders at once to fill them; post-facts.py
does it piece by piece.
"""

from dataclasses import fields
from datetime import date

from odoo.tools import sql

from odoo.addons.smartship_rakuten.rules.facts import Facts

#: PostgreSQL's types of a fact's values.
TYPES = {
    str: "varchar",
    bool: "bool",
    int: "int4",
    float: "float8",
    date: "date",
    date | None: "date",
}
SALE_ORDER = {
    "rakuten_payment_code": "varchar",
    "rakuten_payment_name": "varchar",
    "rakuten_collected": "bool",
}


def migrate(cr, version):
    for table, columns in (
        (
            "rakuten_order",
            {fact.name: TYPES[fact.type] for fact in fields(Facts)} | {"tax_summary": "jsonb"},
        ),
        ("sale_order", SALE_ORDER),
    ):
        known = sql.table_columns(cr, table)
        for name, kind in columns.items():
            if name not in known:
                sql.create_column(cr, table, name, kind)
