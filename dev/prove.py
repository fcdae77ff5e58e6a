"""The campaigns: what is proved at length, by which command, and what came out of it.

A campaign is a command that ends with 0 when all holds. It tells its figures by
``smartship_rakuten/tests/campaign.py`` (tests with the tag ``slow``), or in its last line.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOGS = ROOT / ".dev" / "log" / "prove"
TESTS = "smartship_rakuten/tests"
ACCOUNT = "smartship_rakuten_account/tests"


@dataclass(frozen=True)
class Campaign:
    """
    :param str name: a word
    :param str shows: what it proves
    :param int minutes: how long it takes on two cores of a machine that does nothing else
    :param tuple command: from the repository's root
    """

    name: str
    shows: str
    minutes: int
    command: tuple


def slow(*paths):
    """The command that runs the tests with the tag ``slow`` of some files."""
    return ("dev/test", "-m", "slow", *paths)


CAMPAIGNS = [
    Campaign(
        "stock",
        "Three shops on one warehouse, buyers, other channels and faults at random: nobody buys "
        "what is not there, and every number agrees in the end.",
        5,
        slow(f"{TESTS}/test_stock_model.py"),
    ),
    Campaign(
        "shipping",
        "Days of a warehouse at random, with crashes and faults of the line: Rakuten's rows are "
        "the parcels that left.",
        8,
        slow(f"{TESTS}/test_shipping_model.py"),
    ),
    Campaign(
        "first-day",
        "A shop of 300 orders of which 40 have plans, 30 labels, 10 a hyphen and 15 are months "
        "old: nothing is shipped twice, forgotten or held for ever.",
        3,
        slow(f"{TESTS}/test_first_day.py"),
    ),
    Campaign(
        "month",
        "A shop's month, 1,000 orders of every kind with changes, cancellations, returns, closing "
        "days and closed books, goods from the shelf, bought, made or dropshipped to order: every "
        "order is shipped and closed, cancelled, or held with a reason; nothing is bought or made "
        "too often, and twenty deadlines are as counted by hand.",
        20,
        slow("smartship_rakuten_mrp/tests/test_month.py"),
    ),
    Campaign(
        "amounts",
        "Generated and broken orders: what is imported adds up to the yen, all else is held.",
        10,
        slow(f"{TESTS}/test_properties.py"),
    ),
    Campaign(
        "mutation",
        "Every field of a rich order takes every form of noise: no batch fails as a whole, nothing "
        "is lost.",
        10,
        slow(f"{TESTS}/test_mutation.py"),
    ),
    Campaign(
        "any-json",
        "10,000 orders with anything at their keys, each as first and as second reading of an "
        "imported order, and 2,000 catalogues, stocks and lists of sub-statuses: what promises "
        "never to fail does not, none is lost.",
        90,
        slow(f"{TESTS}/test_any_json.py", f"{TESTS}/test_any_json_shop.py"),
    ),
    Campaign(
        "poisoned",
        "A shop of 200 healthy records and 20 that are poisoned in 20 ways, in every job: the "
        "healthy ones end as without them, each poisoned one is named and marked.",
        60,
        slow(f"{TESTS}/test_poisoned_shop.py"),
    ),
    Campaign(
        "settlement",
        "A month of 1,000 orders with cancellations, returns, partial refunds, cash on delivery, "
        "points and coupons, on two statements: three faults are found and nothing else, nothing "
        "is open at the end. A statement of 7,500 orders in seconds, queries and memory.",
        30,
        slow(f"{ACCOUNT}/test_month.py", f"{ACCOUNT}/test_large_statement.py"),
    ),
    Campaign(
        "sandbox-amounts",
        "Thousands of orders of every kind and their combinations: the sandbox's amounts add up.",
        1,
        slow("rms_sandbox/tests/test_amounts.py"),
    ),
    Campaign(
        "accessibility",
        "axe-core looks at every view on a phone in Japanese (on a desk the suite does).",
        5,
        slow(f"{TESTS}/test_accessibility.py"),
    ),
    Campaign(
        "together",
        "1,000 orders arrive while people validate, print, mend and push stock, under two workers "
        "with Odoo's own limits: all are imported, nobody waits long, no worker is killed.",
        8,
        ("dev/together",),
    ),
    Campaign(
        "odoo-suites",
        "Odoo's own tests of what the module extends have the same outcome with the module as "
        "without it.",
        45,
        ("dev/odoo_suites",),
    ),
    Campaign(
        "oca",
        "Beside each of fifteen modules of the OCA from PyPI, a module that recomputes sale orders "
        "as order types do, and all of them: the day of an order holds (docs/neighbours.md).",
        30,
        ("dev/oca",),
    ),
]


def run(campaign):
    """Run a campaign.

    :return: tuple of whether all holds, seconds, and lines of figures
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{campaign.name}.log"
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as told, log.open("w") as output:
        began = time.monotonic()
        done = subprocess.run(
            campaign.command,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PROVE_FIGURES": told.name},
        )
        seconds = time.monotonic() - began
        figures = told.read().splitlines()
    if done.returncode or not figures:
        figures += [line for line in log.read_text().splitlines() if line.strip()][-1:]
    return done.returncode == 0, seconds, figures


def show(campaign, holds, seconds, figures):
    """A campaign's rows of the table."""
    minutes = f"{seconds / 60:.1f} min"
    head = f"{campaign.name:<16} {'holds' if holds else 'FAILED':<7} {minutes:>9}  "
    for line in figures:
        print(head + line)
        head = " " * len(head)
    if not holds:
        print(f"{head}see {(LOGS / campaign.name).relative_to(ROOT)}.log")


def main():
    parser = argparse.ArgumentParser(prog="dev/prove", description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="campaigns; all without one")
    parser.add_argument("--list", action="store_true", help="tell what there is")
    options = parser.parse_args()
    known = {campaign.name: campaign for campaign in CAMPAIGNS}
    for name in options.names:
        if name not in known:
            parser.error(f"there is no campaign {name}: {', '.join(known)}")
    chosen = [known[name] for name in options.names] or CAMPAIGNS
    if options.list:
        for campaign in chosen:
            print(f"{campaign.name:<16} {campaign.minutes} min   {' '.join(campaign.command)}")
            print(textwrap.indent(textwrap.fill(campaign.shows, 84), " " * 17))
        return 0
    results = []
    for campaign in chosen:
        print(f"{campaign.name}: about {campaign.minutes} minutes …", file=sys.stderr)
        results.append((campaign, *run(campaign)))
    for result in results:
        show(*result)
    return 0 if all(holds for _campaign, holds, _seconds, _figures in results) else 1


if __name__ == "__main__":
    sys.exit(main())
