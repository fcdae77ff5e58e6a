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
    "smartship_rakuten_account",
    "smartship_rakuten_batch",
    "smartship_rakuten_expiry",
    "smartship_rakuten_loyalty",
    "smartship_rakuten_mrp",
    "smartship_rakuten_purchase",
    "smartship_rakuten_sms",
}
#: Halves of glue modules that no release has: a shop installs them later, and their glue comes. And
#: what no release had at all.
LATER = ("product_expiry", "sale_loyalty", "smartship_rakuten_account")
#: Tables that have another name since, as the columns that name them.
RENAMED = {
    # Hold rules are rules (19.0.1.2.0).
    "rakuten_hold_rule": "rakuten_rule",
    "rakuten_hold_rule_picking_rel": "rakuten_rule_picking_rel",
    "rakuten_hold_rule_released_rel": "rakuten_rule_released_rel",
}
#: Columns that an upgrade from any of the releases takes away on purpose, and where they went.
GONE_TEXTS = {
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
GONE = GONE_TEXTS | {
    # What a rule looks for is its domain, which carrier it is for hold_carrier_id.
    "rakuten_hold_rule.kind",
    "rakuten_hold_rule.words",
    "rakuten_hold_rule.limit",
    "rakuten_hold_rule.carrier_id",
    "rakuten_hold_rule_picking_rel.rakuten_hold_rule_id",
    "rakuten_hold_rule_released_rel.rakuten_hold_rule_id",
    "product_product_rakuten_hold_rule_rel.rakuten_hold_rule_id",
    "product_product_rakuten_hold_rule_rel.product_product_id",
    # The wizard shows the shop's own.
    "rakuten_onboarding.report_policy",
    # Options that are rules.
    "rakuten_shop.confirm_hold_remarks",
    "rakuten_shop.confirm_hold_caution",
    "rakuten_shop.confirm_hold_gift",
    "rakuten_shop.confirm_hold_delivery_wish",
    "rakuten_shop.confirm_hold_island",
    "rakuten_shop.confirm_max_price",
    "rakuten_shop.confirm_delay",
}
#: Columns whose values it changes on purpose, and why.
CHANGED = {
    # "rule" for the codes of options that are rules (19.0.1.2.0).
    "rakuten_order.confirm_holds",
    # The same as what it was told of: a code and details instead of the text (19.0.1.2.0).
    "rakuten_parcel.warned",
    "rakuten_order.problem_details",
    # ゆうプリR reads by position: a column came in between (19.0.1.2.0).
    "rakuten_waybill_column.sequence",
    # Planned by the day on which goods have to leave, not by the time of purchase (19.0.1.2.0).
    "stock_picking.scheduled_date",
    "stock_picking.date_deadline",
    "stock_picking.has_deadline_issue",
    "stock_picking_batch.scheduled_date",
    "stock_move.date",
    "stock_move.date_deadline",
    "stock_move.reservation_date",
    # Charges are not billed alone (19.0.1.2.0).
    "sale_order.invoice_status",
}
#: The release that kept texts in the language of whoever met them, and grouped views otherwise.
TEXTS_OF = "19.0.1.1.0"
#: What stood in a parcel's error, in its ``warned`` and in an activity of its order: text, and what
#: it is since, in the order of the parcels.
REPORTS = [
    (
        "Rakuten takes 20 parcels for one destination at most.",
        ("parcel.too_many", {"count": 20}),
    ),
    ("楽天に報告できる荷物は、1送付先につき20個までです。", ("parcel.too_many", {"count": 20})),
    (
        "A value that Rakuten requires is missing in shippingDate. Fill it in and try again.",
        ("rms.missing_value.field", {"field": "shippingDate"}),
    ),
    (
        "The order has been cancelled at Rakuten, its shipment cannot be reported. Keep the parcel "
        "back, or call the buyer if it has left.",
        ("rms.UPDATE_ORDERSHIPPING_ERROR_102", None),
    ),
    (
        "Rakuten refused the request (code UPDATE_ORDERSHIPPING_ERROR_999). Open it in RMS and "
        "check.",
        ("rms.refused", {"where": "UPDATE_ORDERSHIPPING_ERROR_999"}),
    ),
    # Rakuten's own words, which tell nobody what they were the words for.
    ("配送方法の書式が不正です。", ("other", {"reason": "配送方法の書式が不正です。"})),
]
#: Activities of the orders of the parcels after those.
WARNINGS = [
    (
        "Cancelled at Rakuten, but it is billed: credit INV/2026/00001.",
        ("order.billed_then_cancelled", {"invoices": "INV/2026/00001"}),
    ),
    (
        "楽天でキャンセルされましたが、請求済みです。INV/2026/00001 をクレジットノートで"
        "取り消してください。",
        ("order.billed_then_cancelled", {"invoices": "INV/2026/00001"}),
    ),
    (
        "楽天でキャンセルされましたが、Odooの販売オーダをキャンセルできません: 請求済みです。",
        ("order.sale_not_cancelled", {"reason": {"code": "other", "reason": "請求済みです。"}}),
    ),
    # Somebody's own.
    ("見本: 電話する", (None, None)),
]
#: Orders whose remarks Rakuten has changed after the import: what stood there and in an activity.
REMARKS = {"after": "青", "aspect": {"code": "change.remarks", "subject": ""}, "before": "赤"}
CHANGES = [
    (
        "remarks: 赤 → 青",
        "Changed at Rakuten after the import: remarks: 赤 → 青. Correct the sale order and its "
        "transfers, then release the order.",
        ("change", REMARKS),
    ),
    (
        "備考: 赤 → 青",
        "取込後に楽天で変更されました: 備考: 赤 → 青。販売オーダと転送を修正してから、"
        "出荷保留を解除してください。",
        ("change", REMARKS),
    ),
    # Of an order that says otherwise by now.
    (
        "備考: 黒 → 白",
        "取込後に楽天で変更されました: 備考: 黒 → 白。販売オーダと転送を修正してから、"
        "出荷保留を解除してください。",
        ("other", {"reason": "備考: 黒 → 白"}),
    ),
]
#: Texts of single rows: table, column, and for its first rows text and what it is since.
ROWS = [
    (
        "rakuten_job",
        "sentence",
        [
            (
                "楽天の受注55件のうち、2件を取り込みました。要確認は4件です。",
                ("order.imported", {"found": "55", "imported": "2", "blocked": "4"}),
            ),
            ("55 open orders read again.", ("order.refreshed", {"count": 55})),
            (
                "Stock of 31 SKUs sent to Rakuten. Rakuten refused the stock of item-1, item-2.",
                (
                    "together",
                    {
                        "parts": [
                            {"code": "stock.sent", "count": 31},
                            {"code": "stock.skus_refused", "skus": "item-1, item-2"},
                        ],
                        "by": " ",
                    },
                ),
            ),
        ],
    ),
    (
        "rakuten_job",
        "error",
        [
            (
                "予期しないエラーが発生しました（KeyError）。管理者に連絡してください。",
                ("job.unexpected", {"error": "KeyError"}),
            ),
            (
                "Rakuten's RMS did not answer in time. Nothing was changed; try again later.",
                ("rms.timeout", None),
            ),
        ],
    ),
    (
        "rakuten_stock_push",
        "message",
        [
            (
                "Rakuten refused this SKU's stock: IE0002 variantId has an invalid value.",
                (
                    "stock.refused",
                    {
                        "reason": {
                            "code": "other",
                            "reason": "IE0002 variantId has an invalid value.",
                        }
                    },
                ),
            ),
            (
                "楽天がこのSKUの在庫数を受け付けませんでした: IE0002 見本",
                ("stock.refused", {"reason": {"code": "other", "reason": "IE0002 見本"}}),
            ),
        ],
    ),
    (
        "rakuten_sku",
        "stock_error",
        [
            (
                "The number was not raised, because the newest orders could not be read: Rakuten's "
                "RMS did not answer in time. Nothing was changed; try again later.",
                ("stock.orders_unread", {"reason": {"code": "rms.timeout"}}),
            ),
        ],
    ),
]
#: Why orders were not confirmed at Rakuten, in words and as it is since.
PROBLEMS = [
    (
        f"{text}見本",
        {"code": "order.not_confirmed", "reason": {"code": "other", "reason": "見本"}},
    )
    for text in ("Rakuten did not confirm the order: ", "楽天で注文を確認できませんでした: ")
] + [("見本の言葉", "見本の言葉")]
#: What the shop held: orders above so many yen, and of the automatic confirmation these.
LIMIT = 5000
OPTIONS = """
    UPDATE rakuten_shop SET confirm_hold_remarks = true, confirm_hold_caution = true,
        confirm_hold_gift = false, confirm_hold_delivery_wish = false, confirm_hold_island = false,
        confirm_max_price = 50000, confirm_delay = 30
"""
#: The rules that all of this is since: domain, whether they hold transfers, what they say of the
#: confirmation.
RULES = [
    (f"[('total_price', '>', {LIMIT})]", True, None, None),
    ("[('has_remarks', '=', True)]", None, "hold", None),
    ("[('caution', '=', True)]", None, "hold", None),
    ("[('request_price', '>', 50000)]", None, "hold", None),
    ("[]", None, None, 30),
]
#: A parcel of each order.
ONE_PARCEL = """
    SELECT min(id), rakuten_order_id FROM rakuten_parcel GROUP BY rakuten_order_id ORDER BY min(id)
"""
#: Views that a customer has added to ours: the view, and what it stands beside there.
OWN_VIEWS = [
    ("view_rakuten_shop_form", "auto_import"),
    ("view_rakuten_shop_form", "sync_inventory"),
    ("view_rakuten_order_form", "deadline_text"),
    ("view_picking_form", "rakuten_waybill_ids"),
]
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

    def add(self):
        """What no release can hold of itself: texts in two languages, a customer's own views."""
        with closing(psycopg2.connect(dbname=self.database)) as connection, connection:
            cursor = connection.cursor()
            for view, name in OWN_VIEWS:
                arch = (
                    f"""<field name="{name}" position="after"><field name="create_date"/></field>"""
                )
                cursor.execute(
                    """
                    INSERT INTO ir_ui_view (
                        name, model, type, mode, priority, inherit_id, active, arch_db
                    )
                    SELECT %s, parent.model, type, 'extension', 16, parent.id, true,
                        jsonb_build_object('en_US', %s)
                    FROM ir_ui_view parent JOIN ir_model_data ref ON ref.res_id = parent.id
                    WHERE ref.model = 'ir.ui.view' AND ref.module = 'smartship_rakuten'
                        AND ref.name = %s
                    """,
                    (f"own {view} {name}", arch, view),
                )
            if self.release != TEXTS_OF:
                return
            self.hold(cursor)
            for table, column, told in ROWS:
                for index, (text, _is) in enumerate(told):
                    cursor.execute(
                        f"UPDATE {table} SET {column} = %s WHERE id = "
                        f"(SELECT id FROM {table} ORDER BY id OFFSET %s LIMIT 1)",
                        (text, index),
                    )
            cursor.execute("UPDATE rakuten_shop SET outage_told = true RETURNING id")
            ((shop,),) = cursor.fetchall()
            self.schedule(cursor, "rakuten.shop", shop, "mail_activity_outage", "見本")
            cursor.execute(ONE_PARCEL)
            parcels = iter(cursor.fetchall())
            for (text, _is), (parcel, order) in zip(REPORTS, parcels, strict=False):
                cursor.execute(
                    "UPDATE rakuten_parcel SET error = %s, warned = %s WHERE id = %s",
                    (text, text, parcel),
                )
                self.warn(cursor, order, text)
            for (text, _is), (_parcel, order) in zip(WARNINGS, parcels, strict=False):
                self.warn(cursor, order, text)
            for (text, warning, _is), (_parcel, order) in zip(CHANGES, parcels, strict=False):
                cursor.execute(
                    """
                    UPDATE rakuten_order SET changed = %s,
                        payload = jsonb_set(payload, '{remarks}', '"青"'),
                        imported_payload = jsonb_set(payload, '{remarks}', '"赤"')
                    WHERE id = %s
                    """,
                    (text, order),
                )
                self.warn(cursor, order, warning)
            for (text, _is), (_parcel, order) in zip(PROBLEMS, parcels, strict=False):
                cursor.execute(
                    "UPDATE rakuten_order SET problem_details = jsonb_build_object('reason', %s)"
                    " WHERE id = %s",
                    (text, order),
                )

    def hold(self, cursor):
        """What hold rules and options had held, of a shop that uses them."""
        cursor.execute(OPTIONS)
        # As if a few had not left yet, of either kind; nothing else is amiss with the last ones.
        cursor.execute(
            f"""
            UPDATE stock_picking SET state = 'assigned' WHERE id IN (
                SELECT id FROM (
                    SELECT picking.id, row_number() OVER (
                        PARTITION BY (payload->>'totalPrice')::int > {LIMIT}
                        ORDER BY picking.id DESC
                    ) AS number
                    FROM stock_picking picking
                    JOIN rakuten_order ON rakuten_order.id = picking.rakuten_order_id
                    WHERE picking.state = 'done'
                ) numbered WHERE number <= 4
            )
            """
        )
        cursor.execute(
            """
            UPDATE stock_move SET state = 'assigned' WHERE picking_id IN (
                SELECT id FROM stock_picking WHERE state = 'assigned'
            )
            """
        )
        cursor.execute(f'UPDATE rakuten_hold_rule SET "limit" = {LIMIT}')
        cursor.execute(
            f"""
            INSERT INTO rakuten_hold_rule_picking_rel (stock_picking_id, rakuten_hold_rule_id)
            SELECT picking.id, rule.id
            FROM rakuten_hold_rule rule, stock_picking picking
            JOIN rakuten_order ON rakuten_order.id = picking.rakuten_order_id
            WHERE (payload->>'totalPrice')::int > {LIMIT}
            """
        )
        cursor.execute(
            """
            UPDATE stock_picking SET rakuten_held = true
            WHERE state NOT IN ('done', 'cancel')
                AND id IN (SELECT stock_picking_id FROM rakuten_hold_rule_picking_rel)
            """
        )
        cursor.execute(
            """
            WITH first AS (
                SELECT id FROM stock_picking WHERE rakuten_held AND state = 'assigned'
                    AND id IN (SELECT stock_picking_id FROM rakuten_hold_rule_picking_rel)
                ORDER BY id LIMIT 1
            ), released AS (
                INSERT INTO rakuten_hold_rule_released_rel (stock_picking_id, rakuten_hold_rule_id)
                SELECT first.id, rule.id FROM first, rakuten_hold_rule rule
            )
            UPDATE stock_picking SET rakuten_held = false WHERE id IN (SELECT id FROM first)
            """
        )
        cursor.execute(
            """
            UPDATE rakuten_order SET progress = '100', state = 'waiting', problem_code = NULL,
                confirm_holds = 'rakuten_check,remarks,price'
            WHERE id IN (
                SELECT id FROM rakuten_order WHERE state = 'blocked' ORDER BY id LIMIT 2
            )
            """
        )

    def warn(self, cursor, order, text):
        self.schedule(cursor, "rakuten.order", order, "mail_activity_data_warning", text)

    def schedule(self, cursor, model, record, kind, text):
        cursor.execute(
            """
            INSERT INTO mail_activity (
                res_model, res_model_id, res_id, activity_type_id, user_id, summary, date_deadline,
                automated, active
            )
            SELECT model, id, %s, (
                    SELECT res_id FROM ir_model_data
                    WHERE module IN ('mail', 'smartship_rakuten')
                        AND model = 'mail.activity.type' AND name = %s
                ), 2, %s, '2026-11-28', true, true
            FROM ir_model WHERE model = %s
            """,
            (record, kind, text, model),
        )

    def add_double(self):
        """A returning buyer of whom two processes have made two contacts at once."""
        with closing(psycopg2.connect(dbname=self.database)) as connection, connection:
            with connection.cursor() as cursor:
                cursor.execute(
                    """
                    INSERT INTO res_partner (name, type, company_id, rakuten_identity, active,
                        autopost_bills, group_rfq, group_on)
                    SELECT name, type, company_id, rakuten_identity, active,
                        autopost_bills, group_rfq, group_on
                    FROM res_partner WHERE rakuten_identity IS NOT NULL ORDER BY id LIMIT 1
                    RETURNING id, rakuten_identity
                    """
                )
                self.double, self.identity = cursor.fetchone()

    def run(self):
        self.status, self.log = 0, ""
        for what in (("-u", "smartship_rakuten"), ("-i", ",".join(LATER))):
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-m", "odoo", *what, "-d", self.database]
                + ["--stop-after-init", "--log-level=warn"],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            self.status |= done.returncode
            self.log += done.stdout


@pytest.fixture(scope="module", params=RELEASES, ids=lambda dump: dump.name)
def upgrade(request):
    upgrade = Upgrade(request.param)
    upgrade.restore(request.param)
    upgrade.add()
    upgrade.before = contents(upgrade.database)
    upgrade.add_double()
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
        columns_after, after = upgrade.after.get(RENAMED.get(table, table), (set(), []))
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
    for column in GONE_TEXTS:
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


def test_rules_hold_what_was_held(told):
    """Which transfers are held and which were released says test_nothing_is_lost."""
    found = rows(
        told.database,
        "SELECT domain, hold, confirm, nullif(cooling_off, 0) FROM rakuten_rule "
        "WHERE state = 'on' ORDER BY sequence, id",
    )
    assert found == RULES
    for old in ("rakuten_hold_rule_picking_rel", "rakuten_hold_rule_released_rel"):
        new = RENAMED[old]
        before = {
            (row["stock_picking_id"], row["rakuten_hold_rule_id"]) for row in told.before[old][1]
        }
        after = {(row["stock_picking_id"], row["rakuten_rule_id"]) for row in told.after[new][1]}
        assert before
        assert after == before, new
    open_ones = [row for row in told.after["stock_picking"][1] if row["state"] == "assigned"]
    assert (len(open_ones), sum(row["rakuten_held"] for row in open_ones)) == (8, 3)
    applied = rows(
        told.database,
        """
        SELECT count(*) FROM rakuten_rule_applied_rel
        WHERE rakuten_rule_id IN (SELECT id FROM rakuten_rule WHERE hold)
        """,
    )
    assert applied == [(len(told.before["rakuten_hold_rule_picking_rel"][1]),)]
    held = rows(
        told.database,
        """
        SELECT confirm_holds, array_agg(rule.domain ORDER BY rule.sequence)
        FROM rakuten_order
        JOIN rakuten_order_confirm_rule_rel rel ON rel.rakuten_order_id = rakuten_order.id
        JOIN rakuten_rule rule ON rule.id = rel.rakuten_rule_id
        GROUP BY rakuten_order.id
        """,
    )
    assert held == [("rakuten_check,rule", [RULES[1][0], RULES[3][0]])] * 2


def test_conditions_of_orders_of_before(upgrade):
    found = rows(
        upgrade.database,
        """
        SELECT count(*) FROM rakuten_order
        WHERE (payload->>'totalPrice')::numeric >= 0
            AND total_price IS DISTINCT FROM (payload->>'totalPrice')::numeric
        """,
    )
    assert found == [(0,)]
    goods = rows(
        upgrade.database,
        """
        SELECT count(DISTINCT rakuten_order.id), count(DISTINCT rel.rakuten_order_id)
        FROM rakuten_order LEFT JOIN rakuten_order_product_rel rel
            ON rel.rakuten_order_id = rakuten_order.id
        WHERE sale_order_id IS NOT NULL
        """,
    )
    assert goods[0][0] == goods[0][1] > 40


@pytest.fixture
def told(upgrade):
    if upgrade.release != TEXTS_OF:
        pytest.skip("texts had their codes by then")
    return upgrade


def test_there_are_texts_of_before():
    assert any(dump.name.startswith(TEXTS_OF) for dump in RELEASES)


@pytest.mark.parametrize(("table", "column", "expected"), ROWS)
def test_texts_are_recognised(told, table, column, expected):
    """Sentences of ours, in whichever language they were written."""
    found = rows(
        told.database,
        f"SELECT {column}_code, {column}_details FROM {table} ORDER BY id LIMIT {len(expected)}",
    )
    assert found == [said for _text, said in expected]


def test_activities_are_recognised(told):
    """What was told of an order and its parcels is not told once more."""
    activities = {
        row["summary"]: (row["rakuten_reason_code"], row["rakuten_reason_details"])
        for row in told.after["mail_activity"][1]
        if row["res_model"] == "rakuten.order"
    }
    expected = dict(REPORTS + WARNINGS)
    for _text, warning, (code, details) in CHANGES:
        expected[warning] = ("order.changed", {"difference": {"code": code, **details}})
    assert activities == expected


def test_reports_are_recognised(told):
    found = rows(
        told.database,
        f"""
        SELECT error_code, error_details, warned FROM rakuten_parcel
        WHERE id IN (SELECT min FROM ({ONE_PARCEL}) one) ORDER BY id LIMIT {len(REPORTS)}
        """,
    )
    assert found == [
        (code, details, {"code": code, **(details or {})}) for _text, (code, details) in REPORTS
    ]


def test_changes_are_recognised(told):
    found = [
        (row["changed_code"], row["changed_details"])
        for row in told.after["rakuten_order"][1]
        if row["changed_code"]
    ]
    expected = [said for _text, _warning, said in CHANGES]
    assert sorted(found, key=repr) == sorted(expected, key=repr)


def test_problems_are_recognised(told):
    before, after = (
        {row["id"]: row["problem_details"] for row in held["rakuten_order"][1]}
        for held in (told.before, told.after)
    )
    expected = {text: {"reason": said} for text, said in PROBLEMS}
    lacking_orders = {row["id"] for row in told.after["rakuten_order"][1] if row["problem_code"]}
    skus = {
        (row["manage_number"], row["variant_id"]): row["id"] for row in told.after["rakuten_sku"][1]
    }
    found = {}
    for order, details in before.items():
        if (details or {}).get("reason") in expected:
            found[details["reason"]] = after[order]
        elif order in lacking_orders and "keys" in (details or {}):
            # What an order waits for is known by its SKUs from 19.0.1.2.0 on.
            lacking = [skus[tuple(key)] for key in details["keys"] if all(key)]
            rest = {name: value for name, value in details.items() if name != "keys"}
            assert after[order] == {**rest, "sku_ids": sorted(lacking)}
        else:
            assert after[order] == details
    assert found == expected


#: The same faults, met by runs in another language, and their end.
AGAIN = """
from odoo.addons.smartship_rakuten.models.shop.sentences import tell

def activities(model):
    return env["mail.activity"].search([("res_model", "=", model)])

before = activities("rakuten.order")
parcels = env["rakuten.parcel"].search([("warned", "!=", False)], order="id")
orders = env["rakuten.order"].search([("changed_code", "=", "change")])
for lang in ("ja_JP", "en_US"):
    for parcel in parcels.with_context(lang=lang):
        parcel._fail(tell(parcel.env, parcel.warned))
    for order in orders.with_context(lang=lang):
        order._hold_change(order._difference(order.imported_payload, order.payload)[0])
told = len(activities("rakuten.order") - before)
parcels._compare()
ended = len(before - activities("rakuten.order"))
env["rakuten.shop"].search([])._end_outage()
print("AGAIN", len(orders), told, ended, len(activities("rakuten.shop")))
"""


def test_the_same_fault_is_told_once(told):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *"-m odoo shell --no-http".split(), "-d", told.database],
        input=AGAIN,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    # Two changes are known, nothing is told once more, what is over is closed.
    assert f"AGAIN 2 0 {len(REPORTS)} 0\n" in done.stdout, done.stdout


def test_a_customer_s_views_are_whole(upgrade):
    """Added to ours before they were divided; the log, which is clean, would name a fault."""
    names = [f"own {view} {name}" for view, name in OWN_VIEWS]
    found = rows(
        upgrade.database,
        """
        SELECT own.name, own.priority > max(sibling.priority), count(sibling.id) > 0
        FROM ir_ui_view own
        JOIN ir_ui_view sibling ON sibling.inherit_id = own.inherit_id
            AND sibling.id > own.id AND sibling.mode = 'extension'
        JOIN ir_model_data ref ON ref.model = 'ir.ui.view' AND ref.res_id = sibling.id
            AND ref.module LIKE 'smartship%'
        WHERE own.active AND own.name LIKE 'own %'
        GROUP BY own.id
        """,
    )
    # Ours are newer than theirs, and go before them nonetheless.
    assert sorted(found) == sorted((name, True, True) for name in names)


def test_keys(upgrade):
    """The secrets, to the letter."""
    found = rows(upgrade.database, "SELECT service_secret, license_key, state FROM rakuten_shop")
    assert found == [("SP123456_sandboxSecret0001", "SL123456_sandboxLicense001", "connected")]


def test_open_transfers_are_planned_anew(upgrade):
    """Those that the time of purchase had planned, in the past; the goods' own dates as well."""
    open_ones = """
        FROM stock_picking picking
        JOIN stock_picking_type kind ON kind.id = picking.picking_type_id
        JOIN stock_move move ON move.picking_id = picking.id
            AND move.state NOT IN ('done', 'cancel')
        WHERE picking.rakuten_order_id IS NOT NULL AND picking.state NOT IN ('done', 'cancel')
            AND kind.code != 'incoming'
    """
    past = "< now() AT TIME ZONE 'UTC' - interval '1 day'"
    ((count,),) = rows(upgrade.database, f"SELECT count(*) {open_ones}")
    assert count
    late = f"AND (picking.scheduled_date {past} OR move.date {past})"
    assert rows(upgrade.database, f"SELECT picking.name {open_ones} {late}") == []
    unplanned = "AND picking.rakuten_planned_at IS DISTINCT FROM picking.scheduled_date"
    assert rows(upgrade.database, f"SELECT picking.name {open_ones} {unplanned}") == []


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


def test_doubled_buyer(upgrade):
    """The first contact is found again; the other is there, and found no more."""
    known = rows(
        upgrade.database,
        f"SELECT id FROM res_partner WHERE rakuten_identity = '{upgrade.identity}'",
    )
    (first,) = [
        row["id"]
        for row in upgrade.before["res_partner"][1]
        if row["rakuten_identity"] == upgrade.identity
    ]
    assert known == [(first,)]
    assert rows(
        upgrade.database,
        f"SELECT rakuten_identity FROM res_partner WHERE id = {upgrade.double}",
    ) == [(None,)]


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
    """Its own tests, in the database that came along; but the month, which is to be a shop's only
    one."""
    # They bring a shop of their own with that number.
    with closing(psycopg2.connect(dbname=upgrade.database)) as connection, connection:
        connection.cursor().execute("UPDATE rakuten_shop SET shop_number = '999999'")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            f"--odoo-database={upgrade.database}",
            "-m",
            "not slow",
            "--ignore-glob=*/test_month.py",
            *sorted(GLUE),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
