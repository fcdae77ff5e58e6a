"""Several runs of pytest as one: the slowest tests, then pytest's closing line.

dev/summary.py SECONDS REPORT…    files that --report has written
"""

import json
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

SLOWEST = 25
#: What the line counts, in pytest's order and words. What one run leaves to another is not told.
WORDS = {
    "failed": "failed",
    "passed": "passed",
    "skipped": "skipped",
    "xfailed": "xfailed",
    "xpassed": "xpassed",
    "warnings": "warnings",
    "error": "errors",
    "subtests passed": "subtests passed",
    "subtests failed": "subtests failed",
    "subtests skipped": "subtests skipped",
}


def closing_line(counts, seconds):
    found = [f"{counts[what]} {word}" for what, word in WORDS.items() if counts[what]]
    return f"{', '.join(found) or 'no tests ran'} in {seconds}.00s ({timedelta(seconds=seconds)})"


def main(seconds, *paths):
    counts, durations, skipped = Counter(), [], set()
    for path in map(Path, paths):
        if not path.exists():
            # It broke off before pytest could report.
            counts["error"] += 1
            continue
        report = json.loads(path.read_text())
        counts.update(report["counts"])
        durations += report["durations"]
        skipped.update(map(tuple, report.get("skipped", ())))
    print(f"slowest {SLOWEST} durations:")
    for duration, when, test in sorted(durations, reverse=True)[:SLOWEST]:
        print(f"{duration:.2f}s {when:<8} {test}")
    for test, why in sorted(skipped):
        print(f"SKIPPED {test}: {why}")
    print(closing_line(counts, int(seconds)))


if __name__ == "__main__":
    main(*sys.argv[1:])
