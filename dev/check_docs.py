"""What the documents and comments name is there.

    python dev/check_docs.py

* A menu between asterisks, ``*Rakuten > Products > SKU Mapping*``, is one of the screen's, in the
  language of the page.
* What else stands between asterisks in the manual, ``**Try Again**``, is a name on the screen, too:
  a term of our modules, or of Odoo's in Odoo's own Japanese. What is emphasised is a sentence and
  ends as one; the few words that are neither are in ``EMPHASIS``.
* The sentences of the manual's page for troubleshooting are those that the modules say.
* A link leads to a heading that is there.
* A numbered section, ``RMS API section 2.3``, ``sections 3.1 and 2.9``, is one of docs/rms-api.md.
  The first reference in a file says "RMS API"; a section of another document is written with its
  file, ``section 2 of CONTRIBUTING.md``.
* A link and a path of the repository between backticks lead to a file, and a method between
  backticks, ``_run``, is one of ours.
* ``rules/__init__.py`` names each of its modules.
"""

import importlib.util
import re
import sys
import unicodedata
from pathlib import Path

import polib
from lxml import etree

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "smartship_rakuten"
FRAGMENTS = {*ROOT.glob("smartship_rakuten*/readme/*.md")}
JAPANESE = {file for file in FRAGMENTS if file.name.endswith(".ja.md")}
MANUALS = {
    "en": [ROOT / "README.md", *ROOT.glob("docs/manual/en/*.md"), *sorted(FRAGMENTS - JAPANESE)],
    "ja": [ROOT / "README.ja.md", *ROOT.glob("docs/manual/ja/*.md"), *sorted(JAPANESE)],
}
#: Modules of Odoo whose screens the manual names.
NEIGHBOURS = (
    "base web base_import mail sale sale_management stock stock_delivery delivery account".split()
)
#: RMS's own screens, what Rakuten is called, and words.
EMPHASIS = {
    *("Rakuten Ichiba", "楽天市場", "Rakuten Ichiba Connector"),
    *("2-1 アプリ一覧", "2-2 アプリ登録", "利用機能編集", "確認する"),
}
#: So many names at least are found in each language: fewer, and the search is broken.
NAMES_MIN = 150
SENTENCES_MIN = 25
SPAN = re.compile(r"(?<![*\w])(\*{1,2})(?=[^\s*])([^*|]+?)(?<=[^\s*])\1(?!\*)")

SPECIFICATION = ROOT / "docs/rms-api.md"
TOP = ("dev", "docs", "rms_sandbox", "smartship_rakuten*")

# A reference may be broken at the end of a line, also of a comment.
GAP = r"(?:\s|#:?)+"
NUMBER = r"\d+(?:\.\d+)*"
REFERENCE = re.compile(
    rf"(?P<api>RMS{GAP}API{GAP})?\b[Ss]ections?{GAP}"
    rf"(?P<numbers>{NUMBER}(?:(?:,|,?{GAP}(?:and|or|to)){GAP}{NUMBER})*)"
    rf"(?P<other>{GAP}of{GAP}(?:\[|[\w/.-]+\.(?:md|rst)\b))?"
)


def menu_paths(node, above, words):
    """The path of each menu, in the language of the words."""
    for menu in node.iterchildren("menuitem"):
        name = menu.get("name")
        path = [*above, words.get(name) or name]
        yield " > ".join(path)
        yield from menu_paths(menu, path, words)


def menu_faults():
    menus = etree.parse(str(MODULE / "views/menus.xml")).getroot()
    japanese = {entry.msgid: entry.msgstr for entry in polib.pofile(str(MODULE / "i18n/ja.po"))}
    for lang, files in MANUALS.items():
        words = japanese if lang == "ja" else {}
        known = set(menu_paths(menus, [], words))
        top = f"{words.get('Rakuten', 'Rakuten')} > "
        for file in files:
            for written in re.finditer(r"\*+([^*]+)\*+", text := file.read_text()):
                path = " ".join(written[1].split())
                if path.startswith(top) and path not in known:
                    yield f"{place(file, text, written)}: there is no menu {path}"


def terms(lang):
    """Terms of the modules, and those with the terms of Odoo, in a language.

    :rtype: (set, set)
    """
    ours = {*ROOT.glob("smartship_rakuten*/i18n/ja.po")}
    addons = Path(importlib.util.find_spec("odoo").submodule_search_locations[0])
    odoo = {
        file
        for name in NEIGHBOURS
        for folder in (addons / "addons", addons.parent / "addons")
        if (file := folder / name / "i18n/ja.po").exists()
    }
    if len(odoo) != len(NEIGHBOURS):
        raise SystemExit(f"dev/check_docs.py: {NEIGHBOURS} are not all at {addons}")

    def read(files):
        entries = (entry for file in sorted(files) for entry in polib.pofile(str(file)))
        return {
            " ".join(text.split())
            for entry in entries
            if (text := entry.msgstr if lang == "ja" else entry.msgid)
        }

    mine = read(ours)
    return mine, mine | read(odoo)


def names(text):
    """What stands between asterisks in a page and is no sentence: pairs of match and name."""
    plain = re.sub(r"`[^`]*`", lambda code: "`" * len(code[0]), text)
    for span in SPAN.finditer(plain):
        name = " ".join(span[2].split())
        if name[-1] not in ".。:：" and name not in EMPHASIS:
            yield span, name


def name_faults(text, known):
    """Names that no screen has, as pairs of the match and a sentence."""
    for span, name in names(text):
        # A path of menus, of a role, is there if each of its parts is.
        parts = [name] if name in known else re.split(r" [>/] ", name)
        for part in parts:
            if part not in known:
                yield span, f"no screen has {part}; what is no name is a sentence, or bears no star"


def sentences(text):
    """The first cells of the tables of a page, without headings: pairs of match and text."""
    for row in re.finditer(r"^\| (?!---)([^|]+?) \|[^\n]*\n(?!\| ---)", text, re.M):
        yield row, row[1]


def sentence_faults(text, said):
    """Sentences of a page that nothing says, as pairs of the match and a sentence.

    :param said: terms, with ``%(name)s`` for what stands as … in the page
    """
    said = [re.sub(r"%\(\w+\)s", "…", term) for term in said]
    for row, sentence in sentences(text):
        if not any(term.startswith(sentence) for term in said):
            yield row, f"nothing says {sentence}"


def manual_faults():
    for lang, files in MANUALS.items():
        ours, known = terms(lang)
        pages = [file for file in files if ROOT / "docs" in file.parents or file.parent == ROOT]
        count = 0
        for file in pages:
            text = file.read_text()
            count += sum(1 for _name in names(text))
            faults = [*name_faults(text, known)]
            if file.stem == "troubleshooting":
                # What no sentence tells stands under the last heading.
                said = text.rpartition("\n## ")[0]
                if sum(1 for _row in sentences(said)) < SENTENCES_MIN:
                    yield f"{file.relative_to(ROOT)}: fewer than {SENTENCES_MIN} sentences"
                faults += sentence_faults(said, ours)
            for match, sentence in faults:
                yield f"{place(file, text, match)}: {sentence}"
        if count < NAMES_MIN:
            yield f"docs/manual/{lang}: {count} names of screens, fewer than {NAMES_MIN}"


def anchors(text):
    """What the headings of a page are called in links, as GitHub makes it."""
    for heading in re.findall(r"^#+ (.+)$", text, re.M):
        kept = (
            letter
            for letter in heading.strip().lower()
            if letter in " -_" or unicodedata.category(letter)[0] in "LNM"
        )
        yield "".join(kept).replace(" ", "-")


def sections(specification):
    """The numbers of its headings, and of the rows of a table that bear the chapter's: ``9.32``."""
    chapter, found = None, []
    for line in specification.splitlines():
        if heading := re.match(rf"#+ ({NUMBER})\.?(?= )", line):
            found.append(heading[1])
            chapter = heading[1].split(".")[0]
        elif (row := re.match(rf"\| ({NUMBER}) \|", line)) and row[1].startswith(f"{chapter}."):
            found.append(row[1])
    return found


def section_faults(text, known, itself=False):
    """References of a text that lead nowhere.

    :param str text: a file
    :param known: numbers of sections
    :param bool itself: the text is the specification, which need not say its name
    :return: pairs of the match and a sentence
    """
    first = not itself
    for reference in REFERENCE.finditer(text):
        if reference["other"]:
            continue
        for number in re.findall(NUMBER, reference["numbers"]):
            if number not in known:
                yield reference, f"docs/rms-api.md has no section {number}"
        if first and not reference["api"]:
            yield reference, 'the first reference of a file is written "RMS API section …"'
        first = False


def path_faults(file, text):
    """Links and paths of a page that lead nowhere, as pairs of the match and a sentence."""
    for link in re.finditer(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)", text):
        target = file.parent / link[1]
        if link[1] and not target.exists():
            yield link, f"there is no {link[1]}"
        elif link[2] and (not link[1] or target.suffix == ".md"):
            if link[2] not in anchors(target.read_text() if link[1] else text):
                yield link, f"{link[1] or 'this page'} has no heading {link[2]}"
    for picture in re.finditer(r'<img src="(?!https?:)([^"]+)"', text):
        if not (file.parent / picture[1]).exists():
            yield picture, f"there is no {picture[1]}"
    tops = "|".join(top.rstrip("*") for top in TOP)
    for path in re.finditer(rf"`((?:{tops})\w*/[\w/.*-]*)`", text):
        if not any(ROOT.glob(path[1].rstrip("/"))):
            yield path, f"there is no {path[1]}"


def method_faults(text, methods):
    """Methods that a page names and that nobody has, as pairs of the match and a sentence."""
    for method in re.finditer(r"`(_\w+)`", text):
        if method[1] not in methods:
            yield method, f"there is no method {method[1]}"


def rules_faults():
    package = MODULE / "rules/__init__.py"
    named = set(re.findall(r":mod:`\.(\w+)`", package.read_text()))
    there = {file.stem for file in package.parent.glob("*.py")} - {"__init__"}
    for name in sorted(named ^ there):
        yield f"{package.relative_to(ROOT)}: {name} is only {'named' if name in named else 'there'}"


def place(file, text, match):
    return f"{file.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"


def reference_faults():
    numbers = sections(SPECIFICATION.read_text())
    for number in {number for number in numbers if numbers.count(number) > 1}:
        yield f"{SPECIFICATION.relative_to(ROOT)}: section {number} is there twice"
    files = [*ROOT.glob("*.md")]
    for top in TOP:
        for suffix in ("py", "xml", "md", "js"):
            files += ROOT.glob(f"{top}/**/*.{suffix}")
    methods = set()
    for file in ROOT.glob("smartship_rakuten*/**/*.py"):
        methods.update(re.findall(r"\bdef (_\w+)\(", file.read_text()))
    for file in sorted(files):
        text = file.read_text()
        faults = [*section_faults(text, numbers, itself=file == SPECIFICATION)]
        if file.suffix == ".md":
            faults += path_faults(file, text)
        if file.parent in (SPECIFICATION.parent, SPECIFICATION.parent / "decisions"):
            # Odoo's own methods are named by the table of what changes in it.
            faults += [] if file.name == "odoo-20.md" else method_faults(text, methods)
        for match, sentence in faults:
            yield f"{place(file, text, match)}: {sentence}"


def main():
    faults = [*menu_faults(), *manual_faults(), *reference_faults(), *rules_faults()]
    print("\n".join(faults), end="\n" if faults else "")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
