"""Odoo's own tests, run in a database as it is, and what came out of two such runs compared.

``run DATABASE TAGS FILE`` loads all modules of the database first, so that also tests that Odoo
runs while it installs their module (*at install*) meet the modules that came later. Tests in a
browser are skipped: their outcome depends on how busy the machine is.
"""

import ast
import json
import os
import socket
import sys
from pathlib import Path


def run(database, tags, path):
    """Write the outcome of each test to a file.

    :param str database: in which everything is installed
    :param str tags: as Odoo's ``--test-tags`` takes them
    :param str path: of the file, JSON: ``{"TEST": "passed", "failed" or "skipped"}``
    """
    from odoo.service import server
    from odoo.tests import HttpCase, loader
    from odoo.tests.suite import OdooSuite
    from odoo.tools import config

    outcomes = {}

    class Result(loader.OdooTestResult):
        def startTest(self, test):
            super().startTest(test)
            outcomes.setdefault(test.id(), "passed")

        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            outcomes[test.id()] = "skipped"

        def logError(self, flavour, test, error):
            super().logError(flavour, test, error)
            if not self._soft_fail:
                # A failure within a ``subTest`` is its test's.
                outcomes[getattr(test, "test_case", test).id()] = "failed"

    def skip_browser(self, *args, **kwargs):
        self.skipTest("needs a browser")

    make_suite = loader.make_suite

    def whole_suite(modules, position):
        if position == "at_install":
            # Asked while the modules are loaded one after the other: not yet.
            return OdooSuite()
        return OdooSuite([*make_suite(modules, "at_install"), *make_suite(modules, position)])

    HttpCase.browser_js = skip_browser
    loader.OdooTestResult = Result
    loader.make_suite = whole_suite
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config.parse_config(
        ["-c", os.environ["ODOO_RC"], "-d", database, "--test-tags", tags, "--stop-after-init"]
        + ["--log-level=info", f"--http-port={port}", "--max-cron-threads=0"]
    )
    server.start(preload=[database], stop=True)
    if not outcomes:
        sys.exit(f"no test has the tags {tags}")
    with open(path, "w") as file:
        json.dump(outcomes, file, indent=1, sort_keys=True)


def depends():
    """Print what the module and those beside it need of Odoo."""
    root = Path(__file__).resolve().parents[1]
    manifests = [
        ast.literal_eval(path.read_text())
        for path in root.glob("smartship_rakuten*/__manifest__.py")
    ]
    needed = {name for manifest in manifests for name in manifest["depends"]}
    print(",".join(sorted(name for name in needed if not name.startswith("smartship_"))))


def compare(without, with_module):
    """Print the figures; the exit code is 1 where the outcome of a test differs."""
    runs = []
    for path in (without, with_module):
        with open(path) as file:
            runs.append(json.load(file))
    before, after = runs
    differing = {
        test: (before.get(test, "missing"), after.get(test, "missing"))
        for test in sorted(before.keys() | after.keys())
        if before.get(test) != after.get(test)
    }
    for test, (was, now) in differing.items():
        print(f"{test}: without the module {was}, with it {now}")
    figures = [
        ", ".join(
            f"{list(outcomes.values()).count(outcome)} {outcome}"
            for outcome in ("passed", "failed", "skipped")
        )
        for outcomes in runs
    ]
    print(f"Odoo's tests without | with: {figures[0]} | {figures[1]}; {len(differing)} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    sys.exit({"run": run, "depends": depends, "compare": compare}[command](*arguments))
