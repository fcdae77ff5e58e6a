"""dev/check_docs.py finds a reference that leads nowhere, and nothing else; dev/readme.py a README
that is not made from its fragments."""

import importlib.util
import shutil
import tempfile
import unittest
from pathlib import Path

import yaml

MODULE = Path(__file__).resolve().parents[1]
DEV = MODULE.parent / "dev"
SCRIPT = DEV / "check_docs.py"


def load(name):
    """A script of dev/ as a module."""
    path = DEV / f"{name}.py"
    if not path.exists():
        raise unittest.SkipTest("the scripts are not beside the module")
    spec = importlib.util.spec_from_file_location(name, path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


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
        cls.check = load("check_docs")

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
            "[a](rms-api.md) [b](rms-api.md#0-how-to-read-it) [c](https://x.example) [d](no.md) "
            '<img src="no.png">'
            "`dev/lint` `smartship_rakuten/rms/` `smartship_rakuten/no.py` `a/b`"
        )
        self.assertEqual(
            [sentence for _match, sentence in self.check.path_faults(page, text)],
            ["there is no no.md", "there is no no.png", "there is no smartship_rakuten/no.py"],
        )

    def test_methods(self):
        faults = self.check.method_faults("`_run`, `_ran`, `run`, `a_b`", {"_run"})
        self.assertEqual([sentence for _match, sentence in faults], ["there is no method _ran"])

    def test_headings_that_links_name(self):
        page = DEV.parent / "docs" / "page.md"
        text = "# A page: 2 parts\n[a](#a-page-2-parts) [b](#b) [c](rms-api.md#no-such-heading)"
        self.assertEqual(
            [sentence for _match, sentence in self.check.path_faults(page, text)],
            ["this page has no heading b", "rms-api.md has no heading no-such-heading"],
        )
        self.assertEqual([*self.check.anchors("## 朝、見る")], ["朝見る"])

    def test_names_on_the_screen(self):
        known = {"Try Again", "Rakuten", "Shops", "Settings", "Users"}
        text = (
            "press **Try\nAgain** in *Rakuten > Shops*. **A sentence.** 2 * 3 * 4, `*Code*`; "
            "*Settings > Users*, *Settings > Persons*, **Try Again Later**"
        )
        self.assertEqual(
            [sentence.split(";")[0] for _match, sentence in self.check.name_faults(text, known)],
            ["no screen has Persons", "no screen has Try Again Later"],
        )

    def test_sentences_that_are_said(self):
        text = (
            "| says | do |\n| --- | --- |\n| The key of … ends. | a |\n| The key is lost. | b |\n"
        )
        said = {"The key of %(shop)s ends. Issue a new one."}
        self.assertEqual(
            [sentence for _match, sentence in self.check.sentence_faults(text, said)],
            ["nothing says The key is lost."],
        )


class TestHabits(unittest.TestCase):
    """What the hooks, the workflow and the issue forms of the repository name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = DEV.parent
        if not (cls.root / ".github").exists():
            raise unittest.SkipTest("the repository is not around the module")

    def parsed(self, name):
        return yaml.safe_load((self.root / name).read_text())

    def test_hooks_and_workflow_call_what_is_there(self):
        workflow = self.parsed(".github/workflows/test.yml")
        called = {
            step["run"]
            for job in workflow["jobs"].values()
            for step in job["steps"]
            if step.get("run", "").startswith("dev/")
        }
        self.assertEqual(called, {"dev/lint", "dev/test"})
        self.assertTrue(all("debian" in job["container"] for job in workflow["jobs"].values()))
        pinned = (DEV / "requirements.txt").read_text()
        for hook in self.parsed(".pre-commit-config.yaml")["repos"][0]["hooks"]:
            tool, *arguments = hook["entry"].split()
            name = tool.removeprefix(".dev/venv/bin/")
            if name == "python":
                self.assertTrue((self.root / arguments[0]).exists(), arguments[0])
            else:
                self.assertIn(f"\n{name}==", pinned)

    def test_who_reports_a_fault_is_asked_for_versions_and_for_no_personal_data(self):
        fields = {
            field["id"]: field
            for field in self.parsed(".github/ISSUE_TEMPLATE/bug.yml")["body"]
            if "id" in field
        }
        required = {
            name for name, field in fields.items() if field.get("validations", {}).get("required")
        }
        self.assertEqual(required, {"odoo", "module", "happened"})
        self.assertIn("RMS request id", fields["request"]["attributes"]["label"])
        self.assertTrue(fields["clean"]["attributes"]["options"][0]["required"])


class TestReadme(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.script = load("readme")

    def test_markdown_becomes_restructured_text(self):
        for markdown, rst in (
            ("**楽天市場**に`a_b`を", "**楽天市場**\\ に\\ ``a_b``\\ を"),
            ("[this](https://x.example), *so*", "`this <https://x.example>`__, *so*"),
            ("## 19.0.1.0.0\n\n- one", "19.0.1.0.0\n----------\n\n- one"),
            ("## 日本", "日本\n----"),
            (
                "![A card](../static/description/a.png)",
                ".. image:: static/description/a.png\n    :alt: A card\n    :width: 100%",
            ),
        ):
            self.assertEqual(self.script.to_rst(markdown), rst)

    def test_what_it_does_not_know_is_refused(self):
        for markdown in ("| a | b |", "> said", "```sh", "[a](b.md)"):
            with self.assertRaises(self.script.Fault):
                self.script.to_rst(markdown)

    def test_every_module_is_up_to_date_and_a_fragment_makes_the_difference(self):
        for path, text in self.script.files(MODULE).items():
            self.assertEqual(path.read_text(), text, f"{path} is old: run dev/readme")
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / MODULE.name
            shutil.copytree(MODULE / "readme", copy / "readme")
            shutil.copy(MODULE / "__manifest__.py", copy)
            usage = copy / "readme" / "USAGE.md"
            usage.write_text(usage.read_text() + "\n- **Cook**: nothing.\n")
            for path, text in self.script.files(copy).items():
                self.assertNotEqual((MODULE / path.relative_to(copy)).read_text(), text)
                self.assertIn("Cook", text)
            usage.write_text("a |substitution| that nobody has")
            with self.assertRaises(self.script.Fault):
                self.script.files(copy)
