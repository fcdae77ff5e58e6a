"""What the documents and comments name is there.

    python dev/check_docs.py

* A menu between asterisks, ``*Rakuten > Products > SKU Mapping*``, is one of the screen's, in the
  language of the page.
* A numbered section, ``RMS API section 2.3``, ``sections 3.1 and 2.9``, is one of docs/rms-api.md.
  The first reference in a file says "RMS API"; a section of another document is written with its
  file, ``section 2 of CONTRIBUTING.md``.
* A link and a path of the repository between backticks lead to a file, and a method between
  backticks, ``_run``, is one of ours.
* ``rules/__init__.py`` names each of its modules.
"""

import re
import sys
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
    for link in re.finditer(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)\s]*)?\)", text):
        if not (file.parent / link[1]).exists():
            yield link, f"there is no {link[1]}"
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
    faults = [*menu_faults(), *reference_faults(), *rules_faults()]
    print("\n".join(faults), end="\n" if faults else "")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
