"""One act has one word in Japanese, one dialog one name: CONTRIBUTING.md has the glossary."""

import re
import unittest
from pathlib import Path

import polib
from lxml import etree

MODULE = Path(__file__).resolve().parents[1]
CONTRIBUTING = MODULE.parent / "CONTRIBUTING.md"
#: Where terms stand that are pressed, or read as the name of something.
LABELS = re.compile(
    r"model:ir\.(model\.fields,field_desc|model\.fields\.selection|ui\.menu|actions)"
)
#: What opens a dialog to go on with something begun says that.
SAID_OTHERWISE = {"Set Up Step by Step"}
#: Words of RMS for what Rakuten itself looks at.
OF_RMS = ["楽天確認中"]


def glossary(text):
    """:return: list of (English terms, Japanese word) of the table under "Words" """
    table = text.partition("\n## Words\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")]
    return [
        (re.findall(r"\*([^*]+)\*", english), japanese.strip())
        for _act, english, japanese in rows[2:]
    ]


def faults(words, entries, buttons):
    """:return: list of what is said otherwise than the glossary has it"""
    found = []
    word_of = {term: japanese for terms, japanese in words for term in terms}
    allowed = [word for _terms, word in words if "確認" in word] + OF_RMS
    for entry in entries:
        word = word_of.get(entry.msgid)
        if word and word not in entry.msgstr:
            found.append(f"{entry.msgid}: {entry.msgstr} and not {word}")
        label = entry.msgid in buttons or any(LABELS.match(place) for place, _ in entry.occurrences)
        rest = entry.msgstr
        for piece in allowed:
            rest = rest.replace(piece, "")
        if label and "確認" in rest:
            found.append(
                f"{entry.msgid}: {entry.msgstr} says 確認 for an act that has its own word"
            )
    return found


class TestWords(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trees = [
            etree.parse(path)
            for folder in ("views", "wizards", "reports")
            for path in sorted(MODULE.glob(f"{folder}/**/*.xml"))
        ]
        cls.buttons = {
            button.get("string") for tree in cls.trees for button in tree.iter("button")
        } - {None}
        if not CONTRIBUTING.exists():
            raise unittest.SkipTest("the documents are not beside the module")
        cls.words = glossary(CONTRIBUTING.read_text())

    def test_glossary(self):
        files = MODULE.parent.glob("smartship_rakuten*/i18n/ja.po")
        entries = [entry for path in sorted(files) for entry in polib.pofile(path)]
        self.assertEqual(faults(self.words, entries, self.buttons), [])

    def test_words_of_the_glossary_are_used(self):
        entries = {entry.msgid for entry in polib.pofile(MODULE / "i18n" / "ja.po")}
        terms = {term for terms, _word in self.words for term in terms}
        self.assertEqual(terms - entries, set())
        self.assertGreaterEqual(len(terms), 8)

    def test_a_fault_is_found(self):
        words = [(["Preview"], "プレビュー"), (["Confirm at Rakuten"], "注文確認")]
        place = [("model:ir.ui.menu,name:smartship_rakuten.menu", "")]
        for entry, count in (
            (polib.POEntry(msgid="Preview", msgstr="表示"), 1),
            (polib.POEntry(msgid="Look at Them", msgstr="確認する"), 1),
            (polib.POEntry(msgid="Check", msgstr="確認", occurrences=place), 1),
            (polib.POEntry(msgid="Preview", msgstr="再プレビュー"), 0),
            (polib.POEntry(msgid="Confirm at Rakuten", msgstr="楽天で注文確認"), 0),
            (polib.POEntry(msgid="A sentence.", msgstr="確認してください。"), 0),
        ):
            with self.subTest(entry=entry.msgid):
                self.assertEqual(len(faults(words, [entry], {"Look at Them"})), count)

    def test_one_dialog_one_name(self):
        """Its action, the menus and buttons that open it, and how it comes back from a step."""
        dialogs, models, named = {}, {}, {}
        for tree in self.trees:
            for action in tree.iterfind(".//record[@model='ir.actions.act_window']"):
                if action.findtext("field[@name='target']") == "new":
                    name = action.findtext("field[@name='name']")
                    dialogs[action.get("id")] = name
                    models[action.findtext("field[@name='res_model']")] = name
        self.assertGreaterEqual(len(dialogs), 3)
        for tree in self.trees:
            for item in tree.iter("menuitem"):
                # Beside Odoo's own menus it says whose it is.
                label = (item.get("name") or "").removeprefix("Rakuten: ")
                named.setdefault(item.get("action"), set()).add(label)
            for button in tree.iter("button"):
                action = re.fullmatch(
                    r"%\((?:smartship_rakuten\.)?(\w+)\)d", button.get("name", "")
                )
                if action and button.get("string"):
                    named.setdefault(action[1], set()).add(button.get("string"))
        for action, name in dialogs.items():
            self.assertLessEqual(named.get(action, set()) - SAID_OTHERWISE, {name}, action)
        own = r'"name": self\.env\._\("([^"]+)"\),\s+"res_model": self\._name'
        for path in sorted(MODULE.glob("wizards/*.py")):
            for part in path.read_text().split("\nclass ")[1:]:
                model = re.search(r'_name = "([\w.]+)"', part)
                for name in re.findall(own, part):
                    self.assertEqual(name, models.get(model[1], name), path.name)
