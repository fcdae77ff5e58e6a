"""The databases of older releases (dev/releases) come along to this version.

dev/test runs this file: PostgreSQL is up, and FRESH is a database with all modules that were just
installed. Nothing of Odoo is imported here; what is compared is what PostgreSQL holds.
"""

import lzma
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[1]
RELEASES = sorted((ROOT / "dev/releases").glob("*.sql.xz"))
GLUE = {
    "smartship_rakuten_batch",
    "smartship_rakuten_mrp",
    "smartship_rakuten_purchase",
    "smartship_rakuten_sms",
}
#: Columns that an upgrade from any of the releases takes away on purpose, and where they went.
GONE = {
    # Texts in one person's language; NAME_code and NAME_details keep what they say (19.0.1.2.0).
    "rakuten_order.changed",
    "rakuten_parcel.error",
    "rakuten_job.sentence",
    "rakuten_job.error",
    "rakuten_sku.stock_error",
    "rakuten_stock_push.message",
    "rakuten_shop.connection_message",
    "rakuten_shop.next_key_message",
}
#: Columns whose values it changes on purpose, and why.
CHANGED = {
    # The same as what it was told of: a code and details instead of the text (19.0.1.2.0).
    "rakuten_parcel.warned",
}
#: What an upgrade writes by itself: when, and that a module was upgraded.
NOTED = {"write_date", "write_uid"}


def rows(database, query):
    with closing(psycopg2.connect(dbname=database)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def contents(database):
    """Everything but Odoo's own book-keeping.

    :return: dict of table to (set of its columns, list of its rows as dicts)
    """
    columns = rows(
        database,
        """
        SELECT table_name, array_agg(column_name::text)
        FROM information_schema.columns
        JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
            AND table_name NOT LIKE 'ir\\_%'
        GROUP BY table_name
        """,
    )
    return {
        table: (
            set(names),
            [row for (row,) in rows(database, f'SELECT to_jsonb(t) FROM "{table}" t')],
        )
        for table, names in columns
    }


class Upgrade:
    def __init__(self, dump):
        self.release = dump.name.removesuffix(".sql.xz")
        self.database = f"{os.environ['FRESH']}-{self.release}"

    def restore(self, dump):
        subprocess.run(["createdb", self.database], check=True)
        with lzma.open(dump) as script:
            subprocess.run(
                ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, self.database],
                input=script.read(),
                check=True,
            )

    def run(self):
        command = "-m odoo -u smartship_rakuten --stop-after-init --log-level=warn".split()
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *command, "-d", self.database],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.status, self.log = done.returncode, done.stdout


@pytest.fixture(scope="module", params=RELEASES, ids=lambda dump: dump.name)
def upgrade(request):
    upgrade = Upgrade(request.param)
    upgrade.restore(request.param)
    upgrade.before = contents(upgrade.database)
    upgrade.run()
    upgrade.after = contents(upgrade.database)
    return upgrade


def test_there_is_a_release():
    assert RELEASES


def test_log_is_clean(upgrade):
    assert upgrade.status == 0, upgrade.log
    faults = [line for line in upgrade.log.splitlines() if " ERROR " in line or " WARNING " in line]
    assert not faults


def test_what_was_in_one_module_is_installed(upgrade):
    states = dict(
        rows(
            upgrade.database,
            """
            SELECT name, state FROM ir_module_module
            WHERE name LIKE 'smartship%'
                OR state NOT IN ('installed', 'uninstalled', 'uninstallable')
            """,
        )
    )
    assert states == dict.fromkeys({"smartship_rakuten", *GLUE}, "installed")


def test_the_release_had_something_to_lose(upgrade):
    """What the dump holds: dev/demo.py's day and what dev/release_dump.py adds."""
    count = {table: len(found) for table, (_columns, found) in upgrade.before.items()}
    assert count["rakuten_shop"] == 1
    # Fifty good orders, three bad ones, two unconfirmed ones.
    assert count["rakuten_order"] == 55
    assert count["rakuten_parcel"] > 40
    assert count["rakuten_job"] > 0
    assert count["mrp_bom"] == 1
    assert count["rakuten_hold_rule"] == 1


def test_nothing_is_lost(upgrade):
    """Every row is there with its values, but for what is named above."""
    faults = []
    for table, (columns, before) in upgrade.before.items():
        columns_after, after = upgrade.after.get(table, (set(), []))
        faults += [f"{table}.{name} is gone" for name in columns - columns_after]
        keep = (columns & columns_after) - NOTED
        keep -= {name for name in keep if f"{table}.{name}" in CHANGED}
        left = {key(row, keep) for row in after}
        for row in before:
            if key(row, keep) not in left:
                faults.append(f"{table}: {row}")
    gone = {f"{name} is gone" for name in GONE}
    assert [fault for fault in faults if fault not in gone] == []


def key(row, columns):
    return repr(sorted((name, row[name]) for name in columns))


def test_texts_are_kept(upgrade):
    """Where they have no code of their own, word for word."""
    checked = 0
    for column in GONE:
        table, name = column.split(".")
        after = {row["id"]: row for row in upgrade.after[table][1]}
        for before in upgrade.before[table][1]:
            row, text = after[before["id"]], before.get(name)
            assert bool(row[f"{name}_code"]) == bool(text), (column, text)
            if row[f"{name}_code"] == "other":
                assert row[f"{name}_details"] == {"reason": text}
            checked += bool(text)
    # At least what the jobs and the connection test have said.
    assert checked > 1


def test_keys(upgrade):
    """The secrets, to the letter."""
    found = rows(upgrade.database, "SELECT service_secret, license_key, state FROM rakuten_shop")
    assert found == [("SP123456_sandboxSecret0001", "SL123456_sandboxLicense001", "connected")]


def test_mappings(upgrade):
    found = rows(
        upgrade.database,
        """
        SELECT sku.manage_number, product.default_code, sku.quantity
        FROM rakuten_sku sku LEFT JOIN product_product product ON product.id = sku.product_id
        WHERE sku.manage_number IN ('kit-1', 'drop-1', 'set-1', 'open-1')
        """,
    )
    assert set(found) == {
        ("kit-1", "KIT-1", 1),
        ("drop-1", "DROP-1", 2),
        ("set-1", None, 1),
        ("open-1", None, 1),
    }
    components = """
        SELECT sku.manage_number, product.default_code, component.quantity
        FROM rakuten_sku_component component
        JOIN rakuten_sku sku ON sku.id = component.sku_id
        JOIN product_product product ON product.id = component.product_id
    """
    assert ("set-1", "PART-1", 1) in rows(upgrade.database, components)


def test_waybill_formats(upgrade):
    found = rows(
        upgrade.database,
        """
        SELECT customer_code, option_2, cash_limit FROM rakuten_waybill_format
        WHERE customer_code IS NOT NULL ORDER BY id
        """,
    )
    (company,) = {row["company_id"] for row in upgrade.before["rakuten_shop"][1]}
    assert found[0] == ({str(company): "000000000000"}, {str(company): "02"}, 250000)
    assert found[1][0] == {str(company): "1111"}
    own = rows(
        upgrade.database,
        """
        SELECT form.with_header, col.source, col.text
        FROM rakuten_waybill_format form JOIN rakuten_waybill_column col ON col.format_id = form.id
        WHERE form.name = '見本の様式' AND col.name = '見本の列'
        """,
    )
    assert own == [(True, "fixed", "見本")]


#: What a database consists of, by a query each.
PARTS = {
    # The demo's own records have ids that no installation has.
    "external ids": """
        SELECT module, name, model, noupdate FROM ir_model_data
        WHERE module LIKE 'smartship%' AND name NOT LIKE 'demo%'
    """,
    "fields": """
        SELECT model, name, ttype, store, relation, required FROM ir_model_fields
        WHERE model LIKE 'rakuten.%' OR name LIKE '%rakuten%'
    """,
    "columns": """
        SELECT table_name, column_name, udt_name, is_nullable FROM information_schema.columns
        WHERE table_schema = 'public'
            AND (table_name LIKE '%rakuten%' OR column_name LIKE '%rakuten%')
    """,
    # Without the brackets and casts that a dump adds.
    "indexes": r"""
        SELECT tablename,
            regexp_replace(indexdef, '[()]|::(text|character varying)(\[\])?', '', 'g')
        FROM pg_indexes
        WHERE schemaname = 'public' AND indexdef LIKE '%rakuten%'
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid::regclass::text LIKE '%rakuten%' OR conname LIKE '%rakuten%'
    """,
    # Records that no upgrade writes.
    "scheduled actions": """
        SELECT ref.name, action.code, model.model
        FROM ir_model_data ref
        JOIN ir_cron cron ON cron.id = ref.res_id
        JOIN ir_act_server action ON action.id = cron.ir_actions_server_id
        JOIN ir_model model ON model.id = action.model_id
        WHERE ref.model = 'ir.cron' AND ref.module LIKE 'smartship%'
    """,
    "access rights": """
        SELECT model.model, acl.name, perm_read, perm_write, perm_create, perm_unlink
        FROM ir_model_access acl JOIN ir_model model ON model.id = acl.model_id
        WHERE model.model LIKE 'rakuten.%'
    """,
}


@pytest.mark.parametrize("part", PARTS)
def test_as_freshly_installed(upgrade, part):
    fresh = set(rows(os.environ["FRESH"], PARTS[part]))
    upgraded = set(rows(upgrade.database, PARTS[part]))
    assert fresh
    assert {"lacking": fresh - upgraded, "left over": upgraded - fresh} == {
        "lacking": set(),
        "left over": set(),
    }


def test_glue_works(upgrade):
    """Its own tests, in the database that came along."""
    # They bring a shop of their own with that number.
    with closing(psycopg2.connect(dbname=upgrade.database)) as connection, connection:
        connection.cursor().execute("UPDATE rakuten_shop SET shop_number = '999999'")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", f"--odoo-database={upgrade.database}", *sorted(GLUE)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
