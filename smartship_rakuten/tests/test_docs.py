"""dev/check_docs.py finds a reference that leads nowhere, and nothing else."""

import importlib.util
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "dev" / "check_docs.py"

SPECIFICATION = """# API
## 1. Transport
### 1.4 Errors
## 9. Pitfalls
| # | pitfall |
| 9.32 | a price of 0 |
| 1.6 | a rate is no section |
"""


class TestDocs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not SCRIPT.exists():
            raise unittest.SkipTest("the scripts are not beside the module")
        spec = importlib.util.spec_from_file_location("check_docs", SCRIPT)
        cls.check = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(cls.check)

    def faults(self, text, **options):
        known = self.check.sections(SPECIFICATION)
        return [sentence for _match, sentence in self.check.section_faults(text, known, **options)]

    def test_sections_are_headings_and_numbered_rows(self):
        self.assertEqual(self.check.sections(SPECIFICATION), ["1", "1.4", "9", "9.32"])

    def test_references_that_are_there(self):
        for text in (
            "see RMS API section 1.4.",
            "(RMS API sections 1, 1.4 and 9.32)",
            "RMS API sections 1 to 9; later section 1.4",
            "#: as RMS API\n#: section 1.4 says",
            "a section of its own, <section t-if='1'>, section 7 of CONTRIBUTING.md",
            "section 3 of [the manual](manual/en/README.md)",
        ):
            self.assertEqual(self.faults(text), [], text)

    def test_references_that_lead_nowhere(self):
        for text, number in (
            ("RMS API section 1.5", "1.5"),
            ("RMS API sections 1.4 and 2", "2"),
            ("RMS API sections 1\n    to 9.33", "9.33"),
            ("# RMS API section\n# 14", "14"),
            ("RMS API section 1, then section 1.6", "1.6"),
        ):
            self.assertEqual(self.faults(text), [f"docs/rms-api.md has no section {number}"], text)

    def test_the_first_reference_says_of_what(self):
        self.assertEqual(
            self.faults("section 1.4"),
            ['the first reference of a file is written "RMS API section …"'],
        )
        self.assertEqual(self.faults("section 1.4", itself=True), [])

    def test_links_and_paths(self):
        page = SCRIPT.parents[1] / "docs" / "page.md"
        text = (
            "[a](rms-api.md) [b](rms-api.md#1) [c](https://x.example) [d](no.md) "
            "`dev/lint` `smartship_rakuten/rms/` `smartship_rakuten/no.py` `a/b`"
        )
        self.assertEqual(
            [sentence for _match, sentence in self.check.path_faults(page, text)],
            ["there is no no.md", "there is no smartship_rakuten/no.py"],
        )

    def test_methods(self):
        faults = self.check.method_faults("`_run`, `_ran`, `run`, `a_b`", {"_run"})
        self.assertEqual([sentence for _match, sentence in faults], ["there is no method _ran"])
