"""How pytest runs the tests: tags are markers, long files come first, runs can be summed up."""

import json
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

#: Tags of Odoo's tests that pytest selects by (see ``markers`` in pyproject.toml).
MARKERS = {"alone", "slow"}
#: Files that take longest: begun first, the others fill the gaps that they leave on several cores.
LONGEST = [
    "test_stock_model",
    "test_shipping_model",
    "test_newcomer",
    "test_accessibility",
    "test_properties",
]


@contextmanager
def _own_filestore(original, database):
    """In place of pytest-odoo's one filestore for all workers: what one worker's database does not
    know any more, Odoo deletes, and it may be another worker's stylesheet."""
    from odoo.tools import config

    if original == database:
        yield
        return
    source, target = Path(config.filestore(original)), Path(config.filestore(database))
    if source.exists():
        shutil.copytree(source, target, dirs_exist_ok=True)
    try:
        yield
    finally:
        shutil.rmtree(target, ignore_errors=True)


if "pytest_odoo" in sys.modules:
    sys.modules["pytest_odoo"]._shared_filestore = _own_filestore


def pytest_addoption(parser):
    parser.addoption("--longest-first", action="store_true", help="Start with what takes longest.")
    parser.addoption("--report", type=Path, help="File for what dev/summary.py adds up.")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    for item in items:
        for marker in MARKERS & getattr(item.cls, "test_tags", set()):
            item.add_marker(marker)
    if config.getoption("longest_first"):
        items.sort(key=_rank)


def _rank(item):
    name = item.path.stem
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def _reason(report):
    """Why a test was skipped."""
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return why.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter, config):
    path = config.getoption("report")
    if not path:
        return
    stats = terminalreporter.stats
    reports = [report for entries in stats.values() for report in entries]
    path.write_text(
        json.dumps(
            {
                "counts": {what: len(entries) for what, entries in stats.items()},
                "durations": [
                    (report.duration, report.when, report.nodeid)
                    for report in reports
                    if getattr(report, "duration", 0) > 0.1
                ],
                "skipped": [
                    (report.nodeid, _reason(report)) for report in stats.get("skipped", ())
                ],
            }
        )
    )
