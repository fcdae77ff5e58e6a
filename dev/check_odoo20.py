"""The places that a branch for Odoo 20 has to change are those that docs/odoo-20.md counts.

    python dev/check_odoo20.py

Says where code and table differ, in either direction: a new place is written in a way that both
versions know, or counted; one that is gone is taken out of the table. Silent when they agree.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs/odoo-20.md"

MODULES = "smartship_rakuten*/**/"
#: What the table calls it: where it is looked for, and by what. The numbers are the page's rows.
#: What is rewritten a file at a time is counted by files.
SPELLINGS = {
    # 1
    "files of access rows": (MODULES + "ir.model.access.csv", r"\Aid,"),
    "files of `ir.rule`": (MODULES + "*.xml", r'\A[\s\S]*?model="ir\.rule"'),
    # 2
    "version `19.0`": ("smartship_rakuten*/__manifest__.py", r'"version": "19\.0'),
    # 3
    "`product_uom` of a move": (MODULES + "*.py", r"\bproduct_uom\b"),
    "`stock.scrap`": (MODULES + "*.py", r"\bstock\.scrap\b"),
    # 4
    "`stock.return.picking`": (MODULES + "*.py", r"\bstock\.return\.picking\b"),
    # 5
    "`report_file`": (MODULES + "*.xml", r'"report_file"'),
    # 6
    "`datas`": (MODULES + "*.py", r"""["']datas["']|\.datas\b"""),
    "a Binary field read as base64": (MODULES + "*.py", r"\bb64decode\("),
    # 7
    "`clear_cache`": (MODULES + "*.py", r"\bclear_cache\("),
    "`ormcache` of `odoo.tools`": (MODULES + "*.py", r"odoo\.tools import .*\bormcache\b"),
    # 8
    "`get_param`, `set_param`": (MODULES + "*.py", r"\b[gs]et_param\("),
    # 9
    "a list of `_rec_names_search`": (MODULES + "*.py", r"\b_rec_names_search = \["),
    # 10
    "widget `remaining_days`": (MODULES + "*.xml", r'"remaining_days"'),
    # 11
    "files with icons `fa-…`": (MODULES + "*.xml", r"\A[\s\S]*?\bfa-[a-z]"),
    # 12
    "`t-esc`": (MODULES + "*.xml", r"\bt-esc="),
    # 13
    "extensions of Odoo's kanbans": (
        MODULES + "*.xml",
        r'"inherit_id" ref="(?!smart)\w+\.\w*kanban',
    ),
    # 14
    "tracking values": (MODULES + "*.py", r"\btracking_value"),
    # 15
    "`stock_picking_batch`": (MODULES + "*", r"\bstock_picking_batch\b"),
    # 16
    "`read_group`": (MODULES + "*.py", r"\.read_group\("),
    # 20
    "`pytz`": ("dev/requirements.txt", r"^pytz\b"),
    "`import pytz`": (MODULES + "*.py", r"\bimport pytz\b|\bfrom pytz\b"),
    "`odoo.osv`, `toggle_active`": (MODULES + "*", r"\bodoo\.osv\b|\btoggle_active\b"),
}
TEXT = {".py", ".xml", ".csv", ".js", ".txt"}


def places(pattern, expression):
    """:return: list of ``FILE:LINE``, one for each time the expression is found"""
    found = []
    for path in sorted(ROOT.glob(pattern)):
        if path.suffix not in TEXT:
            continue
        # Files of carriers among the tests have their own encodings.
        text = path.read_text(errors="replace")
        for match in re.finditer(expression, text, re.M):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line}")
    return found


def counted(page):
    """:return: dict of what the table on a page calls a spelling to the number of places"""
    section = page.partition("## Places left")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (\d+) \|", section, re.M)
    return {name: int(count) for name, count in rows}


def faults():
    left = counted(TABLE.read_text())
    for name in left.keys() - SPELLINGS.keys():
        yield f"docs/odoo-20.md counts {name}, which nothing looks for"
    for name, (pattern, expression) in SPELLINGS.items():
        found = places(pattern, expression)
        if len(found) != left.get(name, 0):
            yield f"{name}: {left.get(name, 0)} in docs/odoo-20.md, {len(found)} in the code"
            yield from (f"    {place}" for place in found)


if __name__ == "__main__":
    lines = list(faults())
    for line in lines:
        print(line)
    sys.exit(1 if lines else 0)
